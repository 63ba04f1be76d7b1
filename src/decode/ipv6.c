/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv6 (RFC 8200).
 *
 *      0  version 4 bits | class 8 | flow label 20
 *      4  payload length 2 | next header 1 | hop limit 1
 *      8  source 16
 *     24  destination 16
 *
 * A payload length of 0 is a jumbogram (RFC 2675) or a
 * packet captured before segmentation: then it is all of the
 * frame. Nothing but "no next header" can really be empty.
 */
#include "decode/unwrap.h"

enum { IPV6_BYTES = 40, IPV6_NO_NEXT = 59 };

enum decode_outcome ipv6_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = unwrap_take(u, IPV6_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	if (h[0] >> 4 != 6)
		return DECODE_MALFORMED;
	p->src = addr_from_v6(h + 8);
	p->dst = addr_from_v6(h + 24);
	p->proto = h[6];
	p->ttl = h[7];
	uint32_t length = load_be16(h + 4);
	if (length == 0 && p->proto != IPV6_NO_NEXT)
		length = u->wire;
	p->ip_bytes = IPV6_BYTES + length;
	length = unwrap_told(u, length);
	unwrap_limit(u, length);
	u->wire = length;
	return extension_decode(u);
}
