/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user plane of mobile networks: GTP-U (3GPP TS 29.281).
 *
 *     version 3 bits = 1 | PT 1 = 1 | - | E S PN | type 1 | length 2 | endpoint 4 |
 *     [ any of E S PN: sequence 2 | N-PDU 1 | next extension 1 ]
 *     extension: length in 4 bytes 1 | ... | next extension 1
 *
 * Only type 255 carries a packet. Endpoint ids differ by direction, so they do not tell
 * connections apart. The length covers all after the first 8 bytes, and must.
 */
#include "decode/carry.h"

enum {
	GTP_BYTES = 8,
	GTP_VERSION_PT = 0xf0, /* of the flags */
	GTP_VERSION_1 = 0x30,
	GTP_OPTIONAL = 0x07, /* any of E, S and PN */
	GTP_EXTENSION = 0x04,
	GTP_OPTIONAL_BYTES = 4,
	GTP_PACKET = 255,
};

/* The header's optional part and the extensions behind it. */
static enum decode_outcome skip_optional(struct unwrap *u, uint8_t flags)
{
	const uint8_t *optional = unwrap_take(u, GTP_OPTIONAL_BYTES);
	if (optional == NULL)
		return DECODE_MALFORMED;
	uint8_t next = (flags & GTP_EXTENSION) != 0 ? optional[3] : 0;
	while (next != 0) {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		if (u->left == 0 || u->pos[0] == 0)
			return DECODE_MALFORMED;
		uint32_t n = u->pos[0] * 4u;
		const uint8_t *extension = unwrap_take(u, n);
		if (extension == NULL)
			return DECODE_MALFORMED;
		next = extension[n - 1];
	}
	return DECODE_OK;
}

enum decode_outcome gtpu_decode(struct unwrap *u, struct tunnel_header *h)
{
	uint32_t wire = u->wire;
	const uint8_t *g = unwrap_take(u, GTP_BYTES);
	if (g == NULL || (g[0] & GTP_VERSION_PT) != GTP_VERSION_1 || g[1] != GTP_PACKET ||
	    load_be16(g + 2) != wire - GTP_BYTES)
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_GTPV1, TUNNEL_BY_ENDS, load_be32(g + 4));
	if ((g[0] & GTP_OPTIONAL) != 0) {
		enum decode_outcome outcome = skip_optional(u, g[0]);
		if (outcome != DECODE_OK)
			return outcome;
	}
	return ip_decode(u);
}
