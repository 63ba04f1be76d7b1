/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PPP over Ethernet, session stage (RFC 2516).
 * Its length tells the payload from the padding.
 *
 *     version 4 bits = 1 | type 4 bits = 1 | code 1 = 0 | session 2 | length 2 | PPP
 */
#include "decode/unwrap.h"

enum { PPPOE_BYTES = 6, PPPOE_VERSION_TYPE = 0x11 };

enum decode_outcome pppoe_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, PPPOE_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	if (h[0] != PPPOE_VERSION_TYPE)
		return DECODE_MALFORMED;
	if (h[1] != 0)
		return DECODE_NOT_IP;
	unwrap_bind(u, load_be16(h + 4));
	return ppp_payload_decode(u);
}
