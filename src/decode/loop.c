/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP): four bytes with the
 * address family, in the byte order of the machine that captured
 * or in network order; no family is the reverse of another.
 */
#include "decode/unwrap.h"

/* AF_INET is 2 everywhere; AF_INET6 is what each system chose. */
enum family {
	FAMILY_IPV4 = 2,
	FAMILY_IPV6_LINUX = 10,
	FAMILY_IPV6_WINDOWS = 23,
	FAMILY_IPV6_BSD = 24,
	FAMILY_IPV6_FREEBSD = 28,
	FAMILY_IPV6_DARWIN = 30,
};

enum decode_outcome loop_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, 4);
	if (h == NULL)
		return unwrap_short(u);
	uint32_t family = load_be32(h);
	if (family > 0xffff)
		family = load_le32(h);
	switch (family) {
	case FAMILY_IPV4:
		return ipv4_decode(u);
	case FAMILY_IPV6_LINUX:
	case FAMILY_IPV6_WINDOWS:
	case FAMILY_IPV6_BSD:
	case FAMILY_IPV6_FREEBSD:
	case FAMILY_IPV6_DARWIN:
		return ipv6_decode(u);
	default:
		return DECODE_NOT_IP;
	}
}
