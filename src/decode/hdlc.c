/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco HDLC:
 *
 *     address 1 (0f unicast, 8f broadcast) | control 1 = 0 | EtherType 2 | payload
 */
#include "decode/unwrap.h"

enum { HDLC_BYTES = 4, HDLC_TYPES = 0x0600 };

enum decode_outcome hdlc_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, HDLC_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	uint16_t type = load_be16(h + 2);
	return type < HDLC_TYPES ? DECODE_NOT_IP : ethertype_decode(u, type);
}
