/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of tunnels, said once. */
#ifndef DWELL_DECODE_TUNNEL_KIND_H
#define DWELL_DECODE_TUNNEL_KIND_H

/* K(NAME, "name"): the name is that of Zeek's tunnel.log where it has one. */
// clang-format off
#define TUNNEL_KINDS_TABLE(K) \
	K(NONE,     "") \
	K(IP,       "ip")      /* IPv4 or IPv6 in either (RFC 2003, 2473, 4213) */ \
	K(GRE,      "gre")     /* RFC 2784, 2890 */ \
	K(NVGRE,    "nvgre")   /* RFC 7637 */ \
	K(ERSPAN,   "erspan")  /* Cisco, types I to III: a mirrored port */ \
	K(PPTP,     "pptp")    /* GRE version 1 (RFC 2637) */ \
	K(ETHERIP,  "etherip") /* RFC 3378 */ \
	K(MPLS,     "mpls")    /* over IP (RFC 4023) or UDP (RFC 7510) */ \
	K(L2TP,     "l2tp")    /* version 2 (RFC 2661) and 3 (RFC 3931) */ \
	K(VXLAN,    "vxlan")   /* RFC 7348, and its generic extension */ \
	K(GENEVE,   "geneve")  /* RFC 8926 */ \
	K(GTPV1,    "gtpv1")   /* user plane, 3GPP TS 29.281 */ \
	K(TEREDO,   "teredo")  /* RFC 4380 */ \
	K(AYIYA,    "ayiya")   /* draft-massar-v6ops-ayiya-02 */ \
	K(TZSP,     "tzsp")    /* TaZmen: a sniffer's copy of a port */ \
	K(CAPWAP,   "capwap")  /* RFC 5415: from an access point to its controller */
// clang-format on

enum tunnel_kind {
#define K(NAME, name) TUNNEL_##NAME,
	TUNNEL_KINDS_TABLE(K)
#undef K
	    TUNNEL_KINDS
};

/* The name of a kind; static. */
const char *tunnel_name(enum tunnel_kind kind);

#endif
