/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Geneve (RFC 8926).
 *
 *     version 2 bits = 0 | length of the options in 4 bytes 6 | O C - 6 | type 2 |
 *     network 3 | - 1 | options: class 2, type 1, - 3 bits, length in 4 bytes 5, data
 *
 * Its type is an EtherType, most often that of a whole frame (6558). The options must
 * fill their length exactly: that, and what follows, tells it from other datagrams.
 */
#include "decode/carry.h"

enum {
	GENEVE_BYTES = 8,
	GENEVE_OPTIONS = 0x3f,
	OPTION_BYTES = 4,
	OPTION_LENGTH = 0x1f,
	GENEVE_BRIDGE = 0x6558,
	GENEVE_IPV4 = 0x0800,
	GENEVE_IPV6 = 0x86dd,
};

static bool options_fill(const uint8_t *options, uint32_t n)
{
	struct bytes b = bytes_over(options, n);
	while (b.left > 0) {
		const uint8_t *option = bytes_take(&b, OPTION_BYTES);
		if (option == NULL ||
		    !bytes_skip(&b, (size_t)(option[3] & OPTION_LENGTH) * 4))
			return false;
	}
	return true;
}

enum decode_outcome geneve_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *g = unwrap_take(u, GENEVE_BYTES);
	if (g == NULL || g[0] >> 6 != 0)
		return DECODE_MALFORMED;
	uint32_t n = (g[0] & GENEVE_OPTIONS) * 4u;
	const uint8_t *options = unwrap_take(u, n);
	if (options == NULL || !options_fill(options, n))
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_GENEVE, TUNNEL_BY_ID, load_be32(g + 4) >> 8);
	switch (load_be16(g + 2)) {
	case GENEVE_IPV4:
		return ipv4_decode(u);
	case GENEVE_IPV6:
		return ipv6_decode(u);
	case GENEVE_BRIDGE:
		if (!ethernet_plausible(u, 0))
			return DECODE_MALFORMED;
		u->bridged = true;
		return DECODE_OK;
	default:
		return DECODE_MALFORMED;
	}
}
