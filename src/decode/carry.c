/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tunnels whose header is hardly one.
 *
 *     EtherIP (RFC 3378):  version 4 bits = 3 | - 12 | frame
 *     AYIYA (draft-massar-v6ops-ayiya-02):
 *         log2 of the identity's bytes 4 bits, its type 4 | signature in 4 bytes 4, hash
 *         4 | authentication 4, operation 4 | next header 1 | time 4 | identity |
 *         signature | packet
 *     TZSP:  version 1 = 1 | type 1 | encapsulation 2 | tags: type 1, length 1, data |
 *         frame; tags 0 (padding) and 1 (the end) have no length
 *     CAPWAP data (RFC 5415, 5416):  version, type 1 = 0 | length in 4 bytes 5 bits |
 * radio 5 | binding 5 | T F L W M K 6, - 3 | fragment 4 | optional fields | frame: T says
 *         that it is the radio's own
 */
#include "decode/carry.h"

enum { ETHERIP_BYTES = 2, ETHERIP_VERSION = 0x30 };

enum {
	AYIYA_BYTES = 8,
	AYIYA_FORWARD = 1,
	AYIYA_FORWARD_ECHO = 3,
};

enum {
	TZSP_BYTES = 4,
	TZSP_VERSION = 1,
	TZSP_SENT = 1,
	TZSP_ETHERNET = 1,
	TZSP_WIFI = 18,
	TAG_PADDING = 0,
	TAG_END = 1,
	TAGS_MAX = 64, /* read of one packet; a sniffer writes about ten */
};

enum {
	CAPWAP_BYTES = 8,
	CAPWAP_LENGTH_SHIFT = 19, /* of the 3 bytes after the first */
	CAPWAP_BINDING_SHIFT = 9,
	CAPWAP_NATIVE = 1 << 8,
	CAPWAP_FRAGMENT = 1 << 7,
	CAPWAP_KEEP_ALIVE = 1 << 3,
	CAPWAP_WIFI = 1, /* binding */
};

enum decode_outcome etherip_decode(struct unwrap *u, struct tunnel_header *h)
{
	tunnel_is(h, TUNNEL_ETHERIP, TUNNEL_BY_ENDS, -1);
	const uint8_t *e = unwrap_take(u, ETHERIP_BYTES);
	if (e == NULL)
		return unwrap_short(u);
	if (e[0] != ETHERIP_VERSION || e[1] != 0)
		return DECODE_MALFORMED;
	u->bridged = true;
	return DECODE_OK;
}

enum decode_outcome ayiya_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *a = unwrap_take(u, AYIYA_BYTES);
	if (a == NULL)
		return DECODE_MALFORMED;
	unsigned operation = a[2] & 0xf;
	if ((operation != AYIYA_FORWARD && operation != AYIYA_FORWARD_ECHO) ||
	    unwrap_take(u, (1u << (a[0] >> 4)) + (a[1] >> 4) * 4u) == NULL)
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_AYIYA, TUNNEL_BY_ENDS, -1);
	switch (a[3]) {
	case IP_PROTO_IPV4:
		return ipv4_decode(u);
	case IP_PROTO_IPV6:
		return ipv6_decode(u);
	default:
		return DECODE_MALFORMED;
	}
}

/* Skip the tags; false when they do not end. */
static bool skip_tags(struct unwrap *u)
{
	for (int i = 0; i < TAGS_MAX; i++) {
		const uint8_t *tag = unwrap_take(u, 1);
		if (tag == NULL)
			return false;
		if (tag[0] == TAG_END)
			return true;
		if (tag[0] == TAG_PADDING)
			continue;
		const uint8_t *length = unwrap_take(u, 1);
		if (length == NULL || unwrap_take(u, length[0]) == NULL)
			return false;
	}
	return false;
}

enum decode_outcome tzsp_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *z = unwrap_take(u, TZSP_BYTES);
	if (z == NULL || z[0] != TZSP_VERSION || z[1] > TZSP_SENT || !skip_tags(u))
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_TZSP, TUNNEL_BY_ENDS, -1);
	switch (load_be16(z + 2)) {
	case TZSP_ETHERNET:
		if (!ethernet_plausible(u, 0))
			return DECODE_MALFORMED;
		u->bridged = true;
		return DECODE_OK;
	case TZSP_WIFI:
		return wifi_decode(u);
	default:
		return DECODE_MALFORMED;
	}
}

enum decode_outcome capwap_decode(struct unwrap *u, struct tunnel_header *h)
{
	if (CAPWAP_BYTES > u->left || u->pos[0] != 0)
		return DECODE_MALFORMED;
	uint32_t word = load_be32(u->pos); /* its first byte is 0 */
	uint32_t n = (word >> CAPWAP_LENGTH_SHIFT) * 4;
	if (n < CAPWAP_BYTES || (word & (CAPWAP_FRAGMENT | CAPWAP_KEEP_ALIVE)) != 0 ||
	    unwrap_take(u, n) == NULL)
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_CAPWAP, TUNNEL_BY_ENDS, -1);
	if ((word & CAPWAP_NATIVE) != 0)
		return (word >> CAPWAP_BINDING_SHIFT & 0x1f) == CAPWAP_WIFI
			   ? wifi_capwap_decode(u)
			   : DECODE_MALFORMED;
	if (!ethernet_plausible(u, 0))
		return DECODE_MALFORMED;
	u->bridged = true;
	return DECODE_OK;
}
