/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tunnel a marked packet may be: by its IP protocol, else by its UDP ports, else,
 * as Teredo, by its form. Over UDP a tunnel is believed only when what is inside reads as
 * an IP packet, or as something that a network carries beside it.
 */
#include "decode/tunnel.h"

#include "decode/carry.h"

/* Each port at the place where udp_may_carry() looks for it. */
const uint16_t tunnel_ports[16] = {
    [13] = 1701, /* L2TP */
    [4] = 2152,  /* GTP-U */
    [2] = 3544,  /* Teredo servers */
    [12] = 4754, /* GRE in UDP (RFC 8086) */
    [8] = 4789,  /* VXLAN */
    [11] = 4790, /* VXLAN GPE */
    [6] = 5072,  /* AYIYA */
    [5] = 5247,  /* CAPWAP data */
    [1] = 6081,  /* Geneve */
    [7] = 6635,  /* MPLS in UDP (RFC 7510) */
    [10] = 8472, /* VXLAN, as Linux had it first */
    [9] = 37008, /* TZSP */
};

typedef enum decode_outcome (*carry_decode)(struct unwrap *u, struct tunnel_header *h);

static enum decode_outcome ip_in_ip_decode(struct unwrap *u, struct tunnel_header *h)
{
	tunnel_is(h, TUNNEL_IP, TUNNEL_BY_ENDS, -1);
	return ip_decode(u);
}

static enum decode_outcome mpls_in_ip_decode(struct unwrap *u, struct tunnel_header *h)
{
	tunnel_is(h, TUNNEL_MPLS, TUNNEL_BY_ENDS, -1);
	return mpls_decode(u);
}

static carry_decode by_proto(uint8_t proto)
{
	switch (proto) {
	case IP_PROTO_IPV4:
	case IP_PROTO_IPV6:
	case IP_PROTO_IPIP:
		return ip_in_ip_decode;
	case IP_PROTO_GRE:
		return gre_decode;
	case IP_PROTO_ETHERIP:
		return etherip_decode;
	case IP_PROTO_L2TP:
		return l2tp_ip_decode;
	case IP_PROTO_MPLS:
		return mpls_in_ip_decode;
	default:
		return NULL;
	}
}

static carry_decode by_port(uint16_t port)
{
	switch (port) {
	case 1701:
		return l2tp_udp_decode;
	case 2152:
		return gtpu_decode;
	case 3544:
		return teredo_decode;
	case 4754:
		return gre_decode;
	case 4789:
	case 8472:
		return vxlan_decode;
	case 4790:
		return vxlan_gpe_decode;
	case 5072:
		return ayiya_decode;
	case 5247:
		return capwap_decode;
	case 6081:
		return geneve_decode;
	case 6635:
		return mpls_in_ip_decode;
	case 37008:
		return tzsp_decode;
	default:
		return NULL;
	}
}

static void inner_begin(struct packet *inner, const struct packet *outer)
{
	const struct frame f = {.ts = outer->ts,
	    .wire = outer->wire,
	    .source = outer->source,
	    .offset = outer->offset};
	packet_begin(inner, &f);
	packet_clear(inner);
	inner->level = (uint16_t)(outer->level + 1);
}

static enum decode_outcome try(carry_decode decode, const struct packet *outer,
    struct tunnel_header *h, struct packet *inner)
{
	struct unwrap u = {
	    outer->payload, outer->captured, outer->length, 0, true, false, inner};
	inner_begin(inner, outer);
	*h = (struct tunnel_header){.kind = TUNNEL_NONE, .id = -1};
	return unwrap_bridged(&u, decode(&u, h));
}

/* As try, but wrong guesses are no tunnels. */
static enum decode_outcome try_udp(carry_decode decode, const struct packet *outer,
    struct tunnel_header *h, struct packet *inner)
{
	enum decode_outcome outcome = try(decode, outer, h, inner);
	if (outcome != DECODE_OK && outcome != DECODE_NOT_IP)
		h->kind = TUNNEL_NONE;
	return outcome;
}

static enum decode_outcome udp_tunnel_decode(
    const struct packet *outer, struct tunnel_header *h, struct packet *inner)
{
	carry_decode by_dst = by_port(outer->dst_port), by_src = by_port(outer->src_port);
	enum decode_outcome outcome = DECODE_MALFORMED;
	if (by_dst != NULL)
		outcome = try_udp(by_dst, outer, h, inner);
	if (h->kind == TUNNEL_NONE && by_src != NULL && by_src != by_dst)
		outcome = try_udp(by_src, outer, h, inner);
	if (h->kind == TUNNEL_NONE)
		outcome = try_udp(teredo_peer_decode, outer, h, inner);
	return outcome;
}

/* 6to4 (RFC 3056): the way back goes through another relay. */
static bool is_6to4(const struct addr *a)
{
	return a->b[0] == 0x20 && a->b[1] == 0x02;
}

enum decode_outcome tunnel_decode(
    const struct packet *outer, struct tunnel_header *h, struct packet *inner)
{
	*h = (struct tunnel_header){.kind = TUNNEL_NONE, .id = -1};
	if (outer->level >= TUNNEL_DEPTH_MAX)
		return DECODE_OVER_LIMIT;
	if (outer->proto == IP_PROTO_UDP)
		return udp_tunnel_decode(outer, h, inner);
	carry_decode decode = by_proto(outer->proto);
	if (decode == NULL)
		return DECODE_UNSUPPORTED;
	enum decode_outcome outcome = try(decode, outer, h, inner);
	if (outcome == DECODE_OK && h->kind == TUNNEL_IP &&
	    (is_6to4(&inner->src) || is_6to4(&inner->dst)))
		h->space = 0;
	return outcome;
}

const char *tunnel_name(enum tunnel_kind kind)
{
	static const char *const names[] = {
#define K(NAME, name) name,
	    TUNNEL_KINDS_TABLE(K)
#undef K
	};
	return names[kind];
}
