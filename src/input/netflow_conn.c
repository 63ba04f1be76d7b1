/* SPDX-License-Identifier: Apache-2.0 */
/* A connection as exporters know it, in the words of the conn table. */
#include <math.h>

#include "base/ip.h"
#include "input/netflow_join.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER  20
#define UDP_HEADER  8
#define ICMP_HEADER 8

/* The fewest bytes of headers that a packet of this connection has. */
static uint64_t headers(const struct netflow_row *r)
{
	uint64_t n = addr_is_v4(&r->addr[0]) ? IPV4_HEADER : IPV6_HEADER;
	if (r->proto == NETFLOW_PROTO_TCP)
		return n + TCP_HEADER;
	if (r->proto == NETFLOW_PROTO_UDP)
		return n + UDP_HEADER;
	if (r->proto == NETFLOW_PROTO_ICMP || r->proto == NETFLOW_PROTO_ICMPV6)
		return n + ICMP_HEADER;
	return n;
}

/* Payload and IP bytes of a side, each where the exporter does not say it. */
static void count_bytes(
    const struct netflow_row *r, int side, uint64_t *payload, uint64_t *ip)
{
	uint64_t over;
	if (__builtin_mul_overflow(r->packets[side], headers(r), &over))
		over = UINT64_MAX;
	*ip = r->bytes[side];
	*payload = r->bytes[side] > over ? r->bytes[side] - over : 0;
	/* What a SYN has more is options. */
	if ((r->marks & NETFLOW_HAS_FLAGS) != 0 &&
	    (r->flags[side] == NETFLOW_SYN ||
		(r->packets[side] == 1 && (r->flags[side] & NETFLOW_SYN) != 0)))
		*payload = 0;
	if ((r->marks & NETFLOW_HAS_PAYLOAD) == 0)
		return;
	*payload = r->payload[side];
	if (*ip == 0 && __builtin_add_overflow(*payload, over, ip))
		*ip = UINT64_MAX;
}

/* As Zeek's conn_state, of the flags that each side ever set. */
static const char *tcp_state(const struct netflow_conn *c)
{
	const struct netflow_row *r = &c->row;
	if ((r->marks & NETFLOW_HAS_FLAGS) == 0)
		return NULL;
	unsigned o = r->flags[0], a = r->flags[1];
	bool opened = (o & NETFLOW_SYN) != 0, accepted = (a & NETFLOW_SYN) != 0;
	if (r->packets[0] == 0 && c->answered)
		return accepted && (a & NETFLOW_FIN) != 0 ? "SHR"
		       : (a & NETFLOW_RST) != 0           ? "RSTRH"
							  : "OTH";
	if (!c->answered) {
		if (!opened)
			return "OTH";
		return (o & NETFLOW_RST) != 0   ? "RSTOS0"
		       : (o & NETFLOW_FIN) != 0 ? "SH"
						: "S0";
	}
	if ((a & NETFLOW_RST) != 0 && (o & NETFLOW_RST) == 0)
		return opened && !accepted ? "REJ" : "RSTR";
	if ((o & NETFLOW_RST) != 0)
		return "RSTO";
	if ((o & a & NETFLOW_FIN) != 0)
		return "SF";
	if ((o & NETFLOW_FIN) != 0)
		return "S2";
	if ((a & NETFLOW_FIN) != 0)
		return "S3";
	return opened && accepted ? "S1" : "OTH";
}

static struct str state_of(const struct netflow_conn *c)
{
	if (c->row.proto == NETFLOW_PROTO_TCP)
		return str_of(tcp_state(c));
	if (c->row.proto != NETFLOW_PROTO_UDP)
		return STR("OTH");
	if (c->row.packets[0] > 0)
		return c->answered ? STR("SF") : STR("S0");
	return c->answered ? STR("SHR") : STR("OTH");
}

void netflow_conn_record(
    const struct netflow_conn *c, struct arena *scratch, struct conn_record *r)
{
	const struct netflow_row *w = &c->row;
	int64_t lasted = moment_diff(w->first, w->last);
	bool several = w->packets[0] + w->packets[1] != 1 || lasted > 0;
	record_clear(RECORD_CONN, r);
	r->ts = w->first;
	r->duration = several ? (double)lasted / 1e9 : (double)NAN;
	r->src_ip = w->addr[0];
	r->dst_ip = w->addr[1];
	r->src_port = w->port[0];
	r->dst_port = w->port[1];
	r->proto = ip_proto_word(scratch, w->proto);
	count_bytes(w, 0, &r->src_bytes, &r->src_ip_bytes);
	count_bytes(w, 1, &r->dst_bytes, &r->dst_ip_bytes);
	r->src_packets = w->packets[0];
	r->dst_packets = w->packets[1];
	r->state = state_of(c);
	r->vlan = w->vlan;
}
