/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VXLAN (RFC 7348), also with Cisco's group policy (draft-smith-vxlan-group-policy), and
 * the generic extension (draft-ietf-nvo3-vxlan-gpe), which says what it carries.
 *
 *     flags 1: G - - - I P - - | - 3 (G: - 1, group 2; P: - 2, next protocol 1) |
 *     network 3 | - 1
 *
 * Reserved bits are to be ignored, so they are no test. What is: I is set, and what
 * follows looks like Ethernet.
 */
#include "decode/carry.h"

enum {
	VXLAN_BYTES = 8,
	VXLAN_NETWORK = 0x08, /* the network is valid */
	VXLAN_NEXT = 0x04,    /* GPE: the next protocol is valid */
};

enum vxlan_next {
	VXLAN_IPV4 = 1,
	VXLAN_IPV6 = 2,
	VXLAN_ETHERNET = 3,
	VXLAN_NSH = 4,
	VXLAN_MPLS = 5,
};

static const uint8_t *header_take(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *v = unwrap_take(u, VXLAN_BYTES);
	if (v == NULL || (v[0] & VXLAN_NETWORK) == 0)
		return NULL;
	tunnel_is(h, TUNNEL_VXLAN, TUNNEL_BY_ID, load_be32(v + 4) >> 8);
	return v;
}

static enum decode_outcome frame_follows(struct unwrap *u)
{
	if (!ethernet_plausible(u, 0))
		return DECODE_MALFORMED;
	u->bridged = true;
	return DECODE_OK;
}

enum decode_outcome vxlan_decode(struct unwrap *u, struct tunnel_header *h)
{
	return header_take(u, h) != NULL ? frame_follows(u) : DECODE_MALFORMED;
}

enum decode_outcome vxlan_gpe_decode(struct unwrap *u, struct tunnel_header *h)
{
	const uint8_t *v = header_take(u, h);
	if (v == NULL)
		return DECODE_MALFORMED;
	if ((v[0] & VXLAN_NEXT) == 0)
		return frame_follows(u);
	switch (v[3]) {
	case VXLAN_IPV4:
		return ipv4_decode(u);
	case VXLAN_IPV6:
		return ipv6_decode(u);
	case VXLAN_ETHERNET:
		return frame_follows(u);
	case VXLAN_NSH:
		return nsh_decode(u);
	case VXLAN_MPLS:
		return mpls_decode(u);
	default:
		return DECODE_MALFORMED;
	}
}
