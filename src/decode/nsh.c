/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network service header (RFC 8300), between a tunnel or an Ethernet header and the
 * packet that goes along a chain of services.
 *
 *     version 2 bits | O 1 | - 1 | TTL 6 | length in 4 bytes 6 | - 4 | type 4 |
 *     next protocol 8 | path 3 | index 1 | context up to the length
 */
#include "decode/unwrap.h"

enum { NSH_BYTES = 8, NSH_LENGTH = 0x3f };

enum nsh_next {
	NSH_IPV4 = 1,
	NSH_IPV6 = 2,
	NSH_ETHERNET = 3,
	NSH_NSH = 4,
	NSH_MPLS = 5,
};

enum decode_outcome nsh_decode(struct unwrap *u)
{
	uint8_t next;
	do {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		if (NSH_BYTES > u->left)
			return unwrap_short(u);
		const uint8_t *h = u->pos;
		uint32_t n = (h[1] & NSH_LENGTH) * 4u;
		if (h[0] >> 6 != 0 || n < NSH_BYTES)
			return DECODE_MALFORMED;
		next = h[3];
		if (unwrap_take(u, n) == NULL)
			return unwrap_short(u);
	} while (next == NSH_NSH);
	switch (next) {
	case NSH_IPV4:
		return ipv4_decode(u);
	case NSH_IPV6:
		return ipv6_decode(u);
	case NSH_MPLS:
		return mpls_decode(u);
	case NSH_ETHERNET:
		u->bridged = true;
		return DECODE_OK;
	default:
		return DECODE_NOT_IP;
	}
}
