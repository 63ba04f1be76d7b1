/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generic routing encapsulation: version 0 (RFC 2784, 2890, and the source routes of RFC
 * 1701), version 1 as PPTP has it (RFC 2637), NVGRE (RFC 7637), ERSPAN I to III.
 *
 *     C R K S s 3 A 4 | version 3 bits | type 2
 *     version 0:  [C or R: checksum 2, offset 2] [K: key 4] [S: sequence 4] [R: routes]
 *     version 1:  K: length 2, call 2 | [S: sequence 4] [A: acknowledgement 4] | PPP
 *     ERSPAN II:  version 4 bits = 1 | VLAN 12 | - 6 | session 10 | - 12 | port 20
 *     ERSPAN III: version 4 bits = 2 | VLAN 12 | - 6 | session 10 | time 4 | tag 2 |
 *                 P 1 | frame 5 | - 9 | O 1 | [O: 8 bytes]
 *
 * NVGRE is GRE with a key, nothing else, and Ethernet: the key's upper 24 bits are the
 * network. ERSPAN I has no header of its own, and that is what its lacking sequence says.
 */
#include "decode/carry.h"

enum gre_flag {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080, /* version 1 */
	GRE_VERSION = 0x0007,
};

enum gre_type {
	GRE_TYPE_LEAST = 0x0600, /* below it is no EtherType */
	GRE_WCCP = 0x883e,
	GRE_CMD = 0x8909, /* Cisco metadata: type 2, version, length, option 2, value 2 */
	GRE_PPP = 0x880b,
	GRE_BRIDGE = 0x6558,
	GRE_ERSPAN = 0x88be, /* types I and II */
	GRE_ERSPAN3 = 0x22eb,
	GRE_ARUBA = 0x8200, /* 802.11 from an access point, 17 types from here */
	GRE_ARUBA_LAST = 0x8210,
	GRE_ARUBA_ALSO = 0x9000,
};

enum {
	GRE_BYTES = 4,
	WCCP_BYTES = 4,
	CMD_BYTES = 8,
	ERSPAN2_BYTES = 8,
	ERSPAN3_BYTES = 12,
	ERSPAN3_MORE_BYTES = 8,
	ERSPAN_SESSION = 0x3ff,
	ERSPAN3_IP = 2, /* of the frame type: 0 is Ethernet */
	NETWORK_SHIFT = 8,
};

/* Skip n bytes; false when fewer are left. */
static bool skip(struct unwrap *u, uint32_t n)
{
	return n == 0 || unwrap_take(u, n) != NULL;
}

/* Source routes: family 2, offset 1, length 1, that many bytes; zeros end them. */
static enum decode_outcome skip_routes(struct unwrap *u)
{
	const uint8_t *route;
	do {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		route = unwrap_take(u, 4);
		if (route == NULL || !skip(u, route[3]))
			return unwrap_short(u);
	} while (load_be16(route) != 0 || route[3] != 0);
	return DECODE_OK;
}

static enum decode_outcome erspan_decode(
    struct unwrap *u, struct tunnel_header *h, uint32_t header, bool third)
{
	unsigned space = TUNNEL_BY_ENDS | TUNNEL_BY_ID;
	tunnel_is(h, TUNNEL_ERSPAN, space, -1);
	const uint8_t *e = unwrap_take(u, header);
	if (e == NULL)
		return unwrap_short(u);
	if (header > 0)
		tunnel_is(h, TUNNEL_ERSPAN, space, load_be16(e + 2) & ERSPAN_SESSION);
	if (third && (e[11] & 1) != 0 && !skip(u, ERSPAN3_MORE_BYTES))
		return unwrap_short(u);
	if (third && (e[10] >> 2 & 0x1f) == ERSPAN3_IP)
		return ip_decode(u);
	u->bridged = true;
	return DECODE_OK;
}

/* WCCP: a redirect header may stand before the IP packet, which then does not begin with
 * the version of IPv4. */
static enum decode_outcome wccp_decode(struct unwrap *u)
{
	if (u->left > 0 && u->pos[0] >> 4 != 4 && !skip(u, WCCP_BYTES))
		return unwrap_short(u);
	return ipv4_decode(u);
}

static enum decode_outcome cmd_decode(struct unwrap *u)
{
	const uint8_t *cmd = unwrap_take(u, CMD_BYTES);
	if (cmd == NULL)
		return unwrap_short(u);
	uint16_t type = load_be16(cmd);
	return type >= GRE_TYPE_LEAST ? ethertype_decode(u, type) : DECODE_NOT_IP;
}

static enum decode_outcome type_decode(
    struct unwrap *u, struct tunnel_header *h, uint16_t flags, uint16_t type)
{
	switch (type) {
	case GRE_BRIDGE:
		u->bridged = true;
		return DECODE_OK;
	case GRE_ERSPAN:
		return erspan_decode(
		    u, h, (flags & GRE_SEQUENCE) != 0 ? ERSPAN2_BYTES : 0, false);
	case GRE_ERSPAN3:
		return erspan_decode(u, h, ERSPAN3_BYTES, true);
	case GRE_PPP:
		return ppp_decode(u);
	case GRE_WCCP:
		return wccp_decode(u);
	case GRE_CMD:
		return cmd_decode(u);
	default:
		if ((type >= GRE_ARUBA && type <= GRE_ARUBA_LAST) ||
		    type == GRE_ARUBA_ALSO)
			return wifi_decode(u);
		return type >= GRE_TYPE_LEAST ? ethertype_decode(u, type) : DECODE_NOT_IP;
	}
}

static enum decode_outcome version0_decode(
    struct unwrap *u, struct tunnel_header *h, uint16_t flags, uint16_t type)
{
	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0 && !skip(u, 4))
		return unwrap_short(u);
	if ((flags & GRE_KEY) != 0) {
		const uint8_t *key = unwrap_take(u, 4);
		if (key == NULL)
			return unwrap_short(u);
		if (type == GRE_BRIDGE && (flags & ~GRE_KEY) == 0)
			tunnel_is(h, TUNNEL_NVGRE, TUNNEL_BY_ID,
			    load_be32(key) >> NETWORK_SHIFT);
		else
			tunnel_is(
			    h, TUNNEL_GRE, TUNNEL_BY_ENDS | TUNNEL_BY_ID, load_be32(key));
	}
	if ((flags & GRE_SEQUENCE) != 0 && !skip(u, 4))
		return unwrap_short(u);
	if ((flags & GRE_ROUTING) != 0) {
		enum decode_outcome outcome = skip_routes(u);
		if (outcome != DECODE_OK)
			return outcome;
	}
	return type_decode(u, h, flags, type);
}

/* Without a sequence it only acknowledges. The length bounds what PPP says of itself. */
static enum decode_outcome version1_decode(
    struct unwrap *u, struct tunnel_header *h, uint16_t flags, uint16_t type)
{
	if (type != GRE_PPP || (flags & GRE_KEY) == 0)
		return DECODE_MALFORMED;
	const uint8_t *call = unwrap_take(u, 4);
	if (call == NULL)
		return unwrap_short(u);
	uint32_t length = load_be16(call);
	tunnel_is(h, TUNNEL_PPTP, TUNNEL_BY_ENDS, load_be16(call + 2));
	if ((flags & GRE_SEQUENCE) == 0)
		return DECODE_NOT_IP;
	if (!skip(u, 4) || ((flags & GRE_ACK) != 0 && !skip(u, 4)))
		return unwrap_short(u);
	unwrap_limit(u, length);
	return ppp_decode(u);
}

enum decode_outcome gre_decode(struct unwrap *u, struct tunnel_header *h)
{
	tunnel_is(h, TUNNEL_GRE, TUNNEL_BY_ENDS, -1);
	const uint8_t *header = unwrap_take(u, GRE_BYTES);
	if (header == NULL)
		return unwrap_short(u);
	uint16_t flags = load_be16(header), type = load_be16(header + 2);
	switch (flags & GRE_VERSION) {
	case 0:
		return version0_decode(u, h, flags, type);
	case 1:
		return version1_decode(u, h, flags, type);
	default:
		return DECODE_MALFORMED;
	}
}
