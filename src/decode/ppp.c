/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PPP (RFC 1661) as captures hold it: with the HDLC-like address
 * and control (RFC 1662) or without, with its protocol in two
 * bytes or compressed to one, or Cisco's framing instead.
 *
 *     [ ff 03 ] | protocol 2, or 1 when its lowest bit is set | payload
 */
#include "decode/unwrap.h"

enum ppp_protocol {
	PPP_IPV4 = 0x0021,
	PPP_VJ_COMPRESSED = 0x002d, /* RFC 1144 */
	PPP_VJ_UNCOMPRESSED = 0x002f,
	PPP_MULTILINK = 0x003d, /* RFC 1990 */
	PPP_ENCRYPTED = 0x0053,
	PPP_IPV6 = 0x0057,
	PPP_COMPRESSED_LINK = 0x00fb,
	PPP_COMPRESSED = 0x00fd,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
};

enum {
	PPP_ADDRESS = 0xff,
	PPP_CONTROL = 0x03,
	HDLC_UNICAST = 0x0f,
	HDLC_BROADCAST = 0x8f,
};

/* RFC 1661 2: the last byte of the protocol, and no other, is odd. */
static bool take_protocol(struct unwrap *u, uint16_t *protocol)
{
	const uint8_t *first = unwrap_take(u, 1);
	if (first == NULL)
		return false;
	*protocol = first[0];
	if (first[0] & 1)
		return true;
	const uint8_t *second = unwrap_take(u, 1);
	if (second == NULL)
		return false;
	*protocol = load_be16(first);
	return true;
}

enum decode_outcome ppp_decode(struct unwrap *u)
{
	if (2 > u->left)
		return unwrap_short(u);
	if (u->pos[0] == HDLC_UNICAST || u->pos[0] == HDLC_BROADCAST)
		return hdlc_decode(u);
	if (u->pos[0] == PPP_ADDRESS && u->pos[1] == PPP_CONTROL)
		unwrap_take(u, 2);
	return ppp_payload_decode(u);
}

enum decode_outcome ppp_payload_decode(struct unwrap *u)
{
	uint16_t protocol;
	if (!take_protocol(u, &protocol))
		return unwrap_short(u);
	switch (protocol) {
	case PPP_IPV4:
		return ipv4_decode(u);
	case PPP_IPV6:
		return ipv6_decode(u);
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return mpls_decode(u);
	case PPP_VJ_COMPRESSED:
	case PPP_VJ_UNCOMPRESSED:
	case PPP_MULTILINK:
	case PPP_ENCRYPTED:
	case PPP_COMPRESSED_LINK:
	case PPP_COMPRESSED:
		return DECODE_UNSUPPORTED;
	default:
		return DECODE_NOT_IP;
	}
}
