/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ethernet II and IEEE 802.3, the tags between
 * their addresses and their payload, and LLC.
 *
 *     destination 6 | source 6 | [ 8100 tag 2 ]... | type 2, or length <= 1500 | payload
 *                                                    802.3: DSAP SSAP control [ OUI 3 |
 * type 2 ]
 */
#include "decode/unwrap.h"

enum ethertype {
	ETHERTYPE_LENGTH_MAX = 1500, /* up to here it is IEEE 802.3's length */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_BRIDGE = 0x6558, /* a whole Ethernet frame follows */
	ETHERTYPE_VLAN = 0x8100,   /* IEEE 802.1Q */
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UP = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_QINQ = 0x88a8,       /* IEEE 802.1ad */
	ETHERTYPE_MACSEC = 0x88e5,     /* IEEE 802.1AE */
	ETHERTYPE_PBB = 0x88e7,        /* IEEE 802.1ah: instance 4, addresses 12 */
	ETHERTYPE_FABRICPATH = 0x8903, /* Cisco: tree, TTL 2, addresses 12 */
	ETHERTYPE_LLDP = 0x88cc,
	ETHERTYPE_LOOPBACK = 0x9000,
	ETHERTYPE_CMD = 0x8909,   /* Cisco metadata: version, length, option 2, value 2 */
	ETHERTYPE_VNTAG = 0x8926, /* IEEE 802.1BR's forerunner: 4 bytes */
	ETHERTYPE_ETAG = 0x893f,  /* IEEE 802.1BR */
	ETHERTYPE_NSH = 0x894f,   /* RFC 8300 */
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_QINQ_OLDER = 0x9200,
};

enum {
	ETHERNET_ADDRESSES = 12,
	SAP_SNAP = 0xaa,
	SAP_IP = 0x06,
	LLC_UI = 0x03, /* unnumbered information */
};

/* How many bytes stand between this type and the next one; 0: it is no tag. */
static uint32_t tag_bytes(uint16_t type)
{
	switch (type) {
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
	case ETHERTYPE_QINQ_OLDER:
		return 2;
	case ETHERTYPE_VNTAG:
		return 4;
	case ETHERTYPE_CMD:
	case ETHERTYPE_ETAG:
		return 6;
	case ETHERTYPE_FABRICPATH:
		return 2 + ETHERNET_ADDRESSES;
	case ETHERTYPE_PBB:
		return 4 + ETHERNET_ADDRESSES;
	default:
		return 0;
	}
}

static void note_vlan(struct packet *p, uint16_t tag)
{
	if (p->vlan < 0)
		p->vlan = tag & 0xfff;
	else if (p->vlan_inner < 0)
		p->vlan_inner = tag & 0xfff;
}

/* Take off all tags; *type becomes that of the payload. */
static enum decode_outcome tags_decode(struct unwrap *u, uint16_t *type)
{
	uint32_t n;
	while ((n = tag_bytes(*type)) > 0) {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		const uint8_t *tag = unwrap_take(u, n + 2);
		if (tag == NULL)
			return unwrap_short(u);
		if (n == 2)
			note_vlan(u->p, load_be16(tag));
		*type = load_be16(tag + n);
	}
	return DECODE_OK;
}

/* A payload whose type is no tag. */
static enum decode_outcome payload_decode(struct unwrap *u, uint16_t type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		return ipv4_decode(u);
	case ETHERTYPE_IPV6:
		return ipv6_decode(u);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UP:
		return mpls_decode(u);
	case ETHERTYPE_PPPOE:
		return pppoe_decode(u);
	case ETHERTYPE_BRIDGE:
		u->bridged = true;
		return DECODE_OK;
	case ETHERTYPE_NSH:
		return nsh_decode(u);
	case ETHERTYPE_MACSEC:
		return DECODE_UNSUPPORTED;
	default:
		return DECODE_NOT_IP;
	}
}

/* RFC 1042 and IEEE 802.1H: an OUI of zeros, or 00-00-F8, is followed by an EtherType. */
static bool oui_means_ethertype(const uint8_t *oui)
{
	return oui[0] == 0 && oui[1] == 0 && (oui[2] == 0 || oui[2] == 0xf8);
}

enum decode_outcome llc_decode(struct unwrap *u)
{
	const uint8_t *llc = unwrap_take(u, 3);
	if (llc == NULL)
		return unwrap_short(u);
	if (llc[2] != LLC_UI)
		return DECODE_NOT_IP;
	if (llc[0] == SAP_IP && llc[1] == SAP_IP)
		return ipv4_decode(u);
	if (llc[0] != SAP_SNAP || llc[1] != SAP_SNAP)
		return DECODE_NOT_IP;
	const uint8_t *snap = unwrap_take(u, 5);
	if (snap == NULL)
		return unwrap_short(u);
	if (!oui_means_ethertype(snap))
		return DECODE_NOT_IP;
	uint16_t type = load_be16(snap + 3);
	enum decode_outcome outcome = tags_decode(u, &type);
	return outcome == DECODE_OK ? payload_decode(u, type) : outcome;
}

enum decode_outcome ethertype_decode(struct unwrap *u, uint16_t type)
{
	if (type == ETHERTYPE_IPV4)
		return ipv4_decode(u);
	enum decode_outcome outcome = tags_decode(u, &type);
	if (outcome != DECODE_OK)
		return outcome;
	if (type > ETHERTYPE_LENGTH_MAX)
		return payload_decode(u, type);
	unwrap_bind(u, type);
	return llc_decode(u);
}

enum decode_outcome ethernet_decode(struct unwrap *u)
{
	const uint8_t *header = unwrap_take(u, ETHERNET_ADDRESSES + 2);
	if (header == NULL)
		return unwrap_short(u);
	return ethertype_decode(u, load_be16(header + ETHERNET_ADDRESSES));
}

enum decode_outcome unwrap_bridged(struct unwrap *u, enum decode_outcome outcome)
{
	while (outcome == DECODE_OK && u->bridged) {
		u->bridged = false;
		outcome = unwrap_deeper(u) ? ethernet_decode(u) : DECODE_OVER_LIMIT;
	}
	return outcome;
}

bool ethernet_plausible(const struct unwrap *u, uint32_t n)
{
	if (n > u->left || ETHERNET_ADDRESSES + 3 > u->left - n)
		return false;
	const uint8_t *at = u->pos + n + ETHERNET_ADDRESSES;
	switch (load_be16(at)) {
	case ETHERTYPE_IPV4:
		return at[2] >> 4 == 4;
	case ETHERTYPE_IPV6:
		return at[2] >> 4 == 6;
	case ETHERTYPE_ARP:
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_MPLS:
	case ETHERTYPE_PPPOE:
	case ETHERTYPE_LLDP:
	case ETHERTYPE_LOOPBACK:
		return true;
	default: /* IEEE 802.3: the length of what follows */
		return load_be16(at) >= 3 &&
		       load_be16(at) <= u->wire - n - ETHERNET_ADDRESSES - 2;
	}
}
