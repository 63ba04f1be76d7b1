/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L2TP: version 2 over UDP carries PPP (RFC 2661), version 3 over UDP or IP any link
 * layer (RFC 3931, 4719). Control messages are no tunnelled packets.
 *
 *     version 2:  T L - - S - O P - - - - | version 4 bits | [L: length 2] | tunnel 2 |
 *                 session 2 | [S: Ns 2, Nr 2] | [O: size 2, padding] | PPP
 *     version 3:  [UDP: T 1 bit, - 11, version 4 | - 2] | session 4 | [cookie 4 or 8] |
 *                 [sublayer 4] | frame
 *
 * Cookie and sublayer of version 3 are agreed on by control messages, and the frame does
 * not say where it begins: the first place at which one is plausible is taken.
 */
#include "decode/carry.h"

enum l2tp_flag {
	L2TP_CONTROL = 0x8000,
	L2TP_LENGTH = 0x4000,
	L2TP_SEQUENCE = 0x0800,
	L2TP_OFFSET = 0x0200,
	L2TP_RESERVED = 0x34f0,
	L2TP_VERSION = 0x000f,
	L2TP_3_RESERVED = 0x7ff0,
};

enum {
	FRAME_OFFSET_MAX = 12, /* a cookie of 8 and a sublayer of 4 */
	PPP_ADDRESS_CONTROL = 0xff03,
};

static enum decode_outcome version2_decode(
    struct unwrap *u, struct tunnel_header *h, uint16_t flags)
{
	uint32_t wire = u->wire + 2;
	if ((flags & (L2TP_CONTROL | L2TP_RESERVED)) != 0)
		return DECODE_MALFORMED;
	if ((flags & L2TP_LENGTH) != 0) {
		const uint8_t *length = unwrap_take(u, 2);
		if (length == NULL || load_be16(length) != wire)
			return DECODE_MALFORMED;
	}
	const uint8_t *ids = unwrap_take(u, 4);
	if (ids == NULL || load_be32(ids) == 0)
		return DECODE_MALFORMED;
	if ((flags & L2TP_SEQUENCE) != 0 && unwrap_take(u, 4) == NULL)
		return DECODE_MALFORMED;
	if ((flags & L2TP_OFFSET) != 0) {
		const uint8_t *size = unwrap_take(u, 2);
		if (size == NULL || unwrap_take(u, load_be16(size)) == NULL)
			return DECODE_MALFORMED;
	}
	tunnel_is(h, TUNNEL_L2TP, TUNNEL_BY_ENDS, load_be32(ids));
	return ppp_decode(u);
}

enum decode_outcome l2tp_ip_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *session = unwrap_take(u, 4);
	if (session == NULL || load_be32(session) == 0)
		return DECODE_NOT_IP; /* session 0 is that of control messages */
	tunnel_is(h, TUNNEL_L2TP, TUNNEL_BY_ENDS, load_be32(session));
	for (uint32_t n = 0; n <= FRAME_OFFSET_MAX; n += 4) {
		if (ethernet_plausible(u, n)) {
			unwrap_take(u, n);
			u->bridged = true;
			return DECODE_OK;
		}
		if (n + 4 <= u->left && load_be16(u->pos + n) == PPP_ADDRESS_CONTROL) {
			unwrap_take(u, n);
			return ppp_decode(u);
		}
	}
	return DECODE_UNSUPPORTED;
}

enum decode_outcome l2tp_udp_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *first = unwrap_take(u, 2);
	if (first == NULL)
		return DECODE_MALFORMED;
	uint16_t flags = load_be16(first);
	switch (flags & L2TP_VERSION) {
	case 2:
		return version2_decode(u, h, flags);
	case 3: {
		const uint8_t *reserved = unwrap_take(u, 2);
		if ((flags & (L2TP_CONTROL | L2TP_3_RESERVED)) != 0 || reserved == NULL ||
		    load_be16(reserved) != 0)
			return DECODE_MALFORMED;
		return l2tp_ip_decode(u, h);
	}
	default:
		return DECODE_MALFORMED;
	}
}
