/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEEE 802.11 data frames in clear, and the radiotap header (radiotap.org) that says how
 * they were received. Fields are little endian, those of radiotap aligned to their size.
 *
 *     control 2 | duration 2 | address 6+6+6 | sequence 2 | [address 6] [QoS 2] [HT 4] |
 * LLC
 *
 * Management and control frames and encrypted data are no IP that
 * anyone could read. Frames that hold several packets (A-MSDU) or
 * a piece of one that does not begin it are unsupported.
 */
#include "decode/unwrap.h"

enum {
	WIFI_BYTES = 24,
	WIFI_VERSION = 0x03, /* of byte 0: there is none but 0 */
	WIFI_TYPE = 0x0c,    /* likewise */
	WIFI_TYPE_DATA = 0x08,
	WIFI_SUBTYPE_NULL = 0x40, /* a data subtype without data */
	WIFI_SUBTYPE_QOS = 0x80,
	WIFI_TO_AND_FROM = 0x03, /* of byte 1: both set, a fourth address */
	WIFI_PROTECTED = 0x40,
	WIFI_ORDER = 0x80,    /* in QoS frames: HT control follows */
	WIFI_FRAGMENT = 0x0f, /* of byte 22 */
	QOS_AMSDU = 0x80,     /* of the first byte of QoS */
	AMSDU_BYTES = 14,     /* destination 6, source 6, length 2 (big endian) */
};

enum {
	RADIOTAP_BYTES = 8, /* version, pad, length 2, present 4 */
	RADIOTAP_TSFT = 1 << 0,
	RADIOTAP_FLAGS = 1 << 1,
	RADIOTAP_FLAG_FCS = 0x10,
	RADIOTAP_FLAG_PAD = 0x20, /* padding between header and payload to 4 bytes */
	RADIOTAP_FLAG_BAD_FCS = 0x40,
};
#define RADIOTAP_MORE 0x80000000u /* another word of presence bits follows */

/* An A-MSDU of one packet is read like any other;
 * more do not fit into one struct packet. */
static enum decode_outcome amsdu_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, AMSDU_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	uint32_t length = load_be16(h + 12);
	if (u->wire > length && u->wire - length > AMSDU_BYTES)
		return DECODE_UNSUPPORTED;
	unwrap_limit(u, length);
	return llc_decode(u);
}

/* swapped: the two bytes of the control are exchanged. */
static enum decode_outcome data_decode(struct unwrap *u, bool padded, bool swapped)
{
	const uint8_t *h = unwrap_take(u, 2);
	if (h == NULL)
		return unwrap_short(u);
	uint8_t kind = h[swapped], flags = h[!swapped];
	if ((kind & WIFI_TYPE) != WIFI_TYPE_DATA || (kind & WIFI_SUBTYPE_NULL) != 0)
		return DECODE_NOT_IP;
	if ((flags & WIFI_PROTECTED) != 0)
		return DECODE_NOT_IP;
	bool qos = (kind & WIFI_SUBTYPE_QOS) != 0;
	uint32_t length = WIFI_BYTES;
	if ((flags & WIFI_TO_AND_FROM) == WIFI_TO_AND_FROM)
		length += 6;
	uint32_t qos_at = length;
	if (qos)
		length += (flags & WIFI_ORDER) != 0 ? 6 : 2;
	if (padded)
		length = (length + 3) & ~3u;
	if (unwrap_take(u, length - 2) == NULL)
		return unwrap_short(u);
	if ((h[WIFI_BYTES - 2 + swapped] & WIFI_FRAGMENT) != 0)
		return DECODE_UNSUPPORTED;
	if (qos && (h[qos_at] & QOS_AMSDU) != 0)
		return amsdu_decode(u);
	return llc_decode(u);
}

enum decode_outcome wifi_decode(struct unwrap *u)
{
	return data_decode(u, false, false);
}

enum decode_outcome wifi_capwap_decode(struct unwrap *u)
{
	return data_decode(u, false, u->left > 0 && (u->pos[0] & WIFI_VERSION) != 0);
}

/* The flags of a radiotap header of n bytes; 0 when there are none. */
static uint8_t radiotap_flags(const uint8_t *h, uint32_t n)
{
	/* at stays below n: it grows by 4 where 4 more were tested to be there. */
	uint32_t at = 4, present = load_le32(h + at);
	for (uint32_t word = present; (word & RADIOTAP_MORE) != 0;
	     word = load_le32(h + at)) {
		at += 4;
		if (4 > n - at)
			return 0;
	}
	at += 4;
	if ((present & RADIOTAP_FLAGS) == 0)
		return 0;
	if ((present & RADIOTAP_TSFT) != 0)
		at = ((at + 7) & ~7u) + 8;
	return at < n ? h[at] : 0;
}

enum decode_outcome radiotap_decode(struct unwrap *u)
{
	if (RADIOTAP_BYTES > u->left)
		return unwrap_short(u);
	uint16_t length = load_le16(u->pos + 2);
	if (u->pos[0] != 0 || length < RADIOTAP_BYTES)
		return DECODE_MALFORMED;
	const uint8_t *h = unwrap_take(u, length);
	if (h == NULL)
		return unwrap_short(u);
	uint8_t flags = radiotap_flags(h, length);
	if ((flags & RADIOTAP_FLAG_BAD_FCS) != 0)
		return DECODE_MALFORMED;
	if ((flags & RADIOTAP_FLAG_FCS) != 0)
		unwrap_limit(u, u->wire > 4 ? u->wire - 4 : 0);
	return data_decode(u, (flags & RADIOTAP_FLAG_PAD) != 0, false);
}
