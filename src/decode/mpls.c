/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack of MPLS labels (RFC 3032). Nothing in it says what it carries, so IP is known
 * by its version, as in RFC 4928; that rule is why a pseudowire begins with a control
 * word of zero bits (RFC 4385). It may be left out, so an Ethernet pseudowire (RFC 4448)
 * is known by a frame that is plausible behind the word, or else without it.
 *
 *     label 20 bits | traffic class 3 | bottom of stack 1 | TTL 8
 *     [ 0 4 bits | flags, fragmentation, length 12 | sequence 16 ] Ethernet frame
 */
#include "decode/unwrap.h"

enum { LABEL_BYTES = 4, LABEL_BOTTOM = 0x01, CONTROL_WORD = 4 };

/* An IP header that could be one: MAC addresses may begin with a 4 or a 6 as well. */
static bool ip_plausible(const struct unwrap *u)
{
	if (u->pos[0] >> 4 == 4)
		return 4 > u->left ||
		       ((u->pos[0] & 0xf) >= 5 && load_be16(u->pos + 2) <= u->wire);
	return 6 > u->left || load_be16(u->pos + 4) <= u->wire;
}

/* What stands under the last label. */
static enum decode_outcome bottom_decode(struct unwrap *u)
{
	if (u->left == 0)
		return unwrap_short(u);
	unsigned version = u->pos[0] >> 4;
	bool plain = ethernet_plausible(u, 0);
	if ((version == 4 || version == 6) && (ip_plausible(u) || !plain))
		return ip_decode(u);
	bool word = version == 0 && ethernet_plausible(u, CONTROL_WORD);
	if (!word && !plain)
		return DECODE_UNSUPPORTED;
	if (word)
		unwrap_take(u, CONTROL_WORD);
	u->bridged = true;
	return DECODE_OK;
}

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
	return bottom_decode(u);
}
