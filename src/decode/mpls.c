/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack of MPLS labels (RFC 3032). Nothing in it says what it carries, so IP is known
 * by its version, as in RFC 4928; that rule is why a pseudowire begins with a control
 * word of zero bits (RFC 4385), which is told apart but not looked into.
 *
 *     label 20 bits | traffic class 3 | bottom of stack 1 | TTL 8
 */
#include "decode/unwrap.h"

enum { LABEL_BYTES = 4, LABEL_BOTTOM = 0x01 };

enum decode_outcome mpls_decode(struct unwrap *u)
{
	const uint8_t *label;
	do {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		label = unwrap_take(u, LABEL_BYTES);
		if (label == NULL)
			return unwrap_short(u);
	} while ((label[2] & LABEL_BOTTOM) == 0);
	if (u->left == 0)
		return unwrap_short(u);
	unsigned version = u->pos[0] >> 4;
	return version == 4 || version == 6 ? ip_decode(u) : DECODE_UNSUPPORTED;
}
