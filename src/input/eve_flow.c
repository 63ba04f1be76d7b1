/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows. Suricata counts frames with their link header and no payload; src_ip_bytes is
 * what it counted, less Ethernet's 14 bytes a packet; src_bytes is that less the shortest
 * headers of IP and above, and for TCP only where both sides opened the connection:
 * an estimate that is a little too large, never used where an exact count is known.
 */
#include <math.h>

#include "input/eve.h"
#include "input/log_words.h"

#define ETHERNET_HEADER 14
#define TCP_FIN         0x01
#define TCP_SYN         0x02
#define TCP_RST         0x04

/* The flags of all packets one way, as "1b"; 0 when the flow is not TCP. */
static unsigned flags_of(const struct log_value *v)
{
	unsigned value = 0;
	for (uint32_t i = 0; v->form != VALUE_ABSENT && i < v->n && i < 4; i++) {
		char c = v->p[i];
		unsigned digit =
		    c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20) - 'a' + 10;
		value = value << 4 | (digit & 15);
	}
	return value;
}

/* Zeek's state of a TCP connection, as far as the flags of each side tell. */
static const char *tcp_state(unsigned ts, unsigned tc, bool answered)
{
	bool opened = (ts & TCP_SYN) != 0, accepted = (tc & TCP_SYN) != 0;
	if (opened && accepted) {
		if ((ts & TCP_RST) != 0)
			return "RSTO";
		if ((tc & TCP_RST) != 0)
			return "RSTR";
		if ((ts & tc & TCP_FIN) != 0)
			return "SF";
		if ((ts & TCP_FIN) != 0)
			return "S2";
		return (tc & TCP_FIN) != 0 ? "S3" : "S1";
	}
	if (opened && !answered) {
		if ((ts & TCP_RST) != 0)
			return "RSTOS0";
		return (ts & TCP_FIN) != 0 ? "SH" : "S0";
	}
	if (opened)
		return (tc & TCP_RST) != 0 ? "REJ" : "OTH";
	if (accepted && (tc & TCP_RST) != 0)
		return "RSTRH";
	if (accepted && (tc & TCP_FIN) != 0)
		return "SHR";
	return "OTH";
}

static struct str state_of(const struct eve_event *e, const struct conn_record *r)
{
	if (str_equal(r->proto, STR("tcp"))) {
		if (e->v[E_FLAGS_TS].form == VALUE_ABSENT)
			return (struct str){0};
		return str_of(tcp_state(flags_of(&e->v[E_FLAGS_TS]),
		    flags_of(&e->v[E_FLAGS_TC]), r->dst_packets > 0));
	}
	if (str_equal(r->proto, STR("udp")))
		return str_of(r->dst_packets == 0   ? "S0"
			      : r->src_packets == 0 ? "SHR"
						    : "SF");
	return STR("OTH");
}

/* "IPv6-ICMP" and "ICMP" are both icmp for us; other names are IANA's. */
static struct str proto_of(const struct eve_event *e)
{
	struct str proto = cell_lower(&e->v[E_PROTO], e->f->scratch);
	return str_equal(proto, STR("ipv6-icmp")) ? STR("icmp") : proto;
}

static uint64_t less(uint64_t bytes, uint64_t packets, uint64_t each)
{
	uint64_t headers;
	if (__builtin_mul_overflow(packets, each, &headers) || headers > bytes)
		return 0;
	return bytes - headers;
}

static void set_bytes(struct conn_record *r, uint64_t src, uint64_t dst, bool open)
{
	uint64_t ip = addr_is_v4(&r->src_ip) ? 20 : 40;
	bool tcp = str_equal(r->proto, STR("tcp"));
	r->src_ip_bytes = less(src, r->src_packets, ETHERNET_HEADER);
	r->dst_ip_bytes = less(dst, r->dst_packets, ETHERNET_HEADER);
	if (tcp && !open)
		return;
	/* TCP: with its time stamps, which nearly everybody sends. */
	uint64_t above = tcp ? 32 : 8;
	r->src_bytes = less(r->src_ip_bytes, r->src_packets, ip + above);
	r->dst_bytes = less(r->dst_ip_bytes, r->dst_packets, ip + above);
}

static void set_times(
    struct conn_record *r, const struct log_value *start, const struct log_value *end)
{
	struct moment first = cell_time(start), last = cell_time(end);
	if (first.ns != MOMENT_NONE.ns)
		r->ts = first;
	if (first.ns != MOMENT_NONE.ns && last.ns > first.ns)
		r->duration = (double)moment_diff(first, last) / 1e9;
}

static int64_t vlan_of(const struct log_value *v)
{
	struct log_value first;
	size_t at = 0;
	return cell_next(v, &at, &first) ? cell_int(&first) : -1;
}

static void give_names(struct eve_event *e, struct conn_record *r)
{
	const struct log_join *j = &e->group->names;
	if (e->v[E_FLOW_ID].form == VALUE_ABSENT || log_join_empty(j))
		return;
	const struct eve_names *n = log_join_find(j, eve_flow_key(e, j));
	if (n == NULL)
		return;
	r->server_name = n->sni.n > 0 ? n->sni : n->host;
	r->ja3 = n->ja3;
	r->ja4 = n->ja4;
}

static bool begin(struct eve_event *e, struct conn_record *r)
{
	record_clear(RECORD_CONN, r);
	if (!eve_ends(e, &r->src_ip, &r->src_port, &r->dst_ip, &r->dst_port))
		return false;
	r->ts = e->ts;
	r->proto = proto_of(e);
	r->service = log_services(&e->v[E_APP], e->f->scratch);
	r->vlan = vlan_of(&e->v[E_VLAN]);
	return true;
}

bool eve_flow(struct eve_event *e)
{
	const struct log_value *v = e->v;
	struct conn_record r;
	if (!begin(e, &r))
		return false;
	set_times(&r, &v[E_START], &v[E_END]);
	r.src_packets = cell_count(&v[E_PKTS_TS]);
	r.dst_packets = cell_count(&v[E_PKTS_TC]);
	bool open = (flags_of(&v[E_FLAGS_TS]) & flags_of(&v[E_FLAGS_TC]) & TCP_SYN) != 0;
	set_bytes(&r, cell_count(&v[E_BYTES_TS]), cell_count(&v[E_BYTES_TC]), open);
	r.state = state_of(e, &r);
	give_names(e, &r);
	log_put(e->f, RECORD_CONN, &r, e->offset);
	return true;
}

/* ---- netflow: one record each way ---- */

void eve_forget_half(void *ctx, void *entry)
{
	struct eve_group *g = ctx;
	struct eve_half *half = entry;
	if (!half->put && g->out != NULL)
		log_out_put(g->out, "eve", RECORD_CONN, &half->record);
}

static void keep_texts(struct log_join *j, struct conn_record *r, struct str source)
{
	r->proto = log_join_text(j, r->proto);
	r->service = log_join_text(j, r->service);
	r->server_name = log_join_text(j, r->server_name);
	r->ja3 = log_join_text(j, r->ja3);
	r->ja4 = log_join_text(j, r->ja4);
	r->source = log_join_text(j, source);
}

/* Both halves: the way to the server is written first. */
static void put_joined(
    struct eve_event *e, struct eve_half *half, const struct conn_record *back)
{
	struct conn_record r = half->record;
	double end = r.duration > 0 ? r.duration : 0;
	double other = (double)moment_diff(r.ts, back->ts) / 1e9 +
		       (back->duration > 0 ? back->duration : 0);
	r.dst_packets = back->src_packets;
	r.dst_ip_bytes = back->src_ip_bytes;
	r.dst_bytes = back->src_bytes;
	if (fmax(end, other) > 0)
		r.duration = fmax(end, other);
	half->put = true;
	log_put(e->f, RECORD_CONN, &r, half->record.source_offset);
}

bool eve_netflow(struct eve_event *e)
{
	const struct log_value *v = e->v;
	struct log_join *j = &e->group->halves;
	struct conn_record r;
	if (!begin(e, &r))
		return false;
	set_times(&r, &v[E_NF_START], &v[E_NF_END]);
	r.src_packets = cell_count(&v[E_NF_PKTS]);
	set_bytes(&r, cell_count(&v[E_NF_BYTES]), 0, true);
	give_names(e, &r);
	uint64_t key = eve_flow_key(e, j);
	struct eve_half *half = v[E_FLOW_ID].form != VALUE_ABSENT && !log_join_empty(j)
				    ? log_join_find(j, key)
				    : NULL;
	if (half != NULL && !half->put && addr_equal(&half->record.src_ip, &r.dst_ip) &&
	    addr_equal(&half->record.dst_ip, &r.src_ip)) {
		put_joined(e, half, &r);
		return true;
	}
	half = v[E_FLOW_ID].form != VALUE_ABSENT && half == NULL
		   ? log_join_add(j, key, sizeof(*half))
		   : NULL;
	if (half == NULL) {
		log_put(e->f, RECORD_CONN, &r, e->offset);
		return true;
	}
	half->record = r;
	half->record.source_offset = e->offset;
	keep_texts(j, &half->record, e->f->source);
	arena_reset(e->f->scratch);
	return true;
}

bool eve_stats(struct eve_event *e)
{
	struct eve_group *g = e->group;
	const struct log_value *v = &e->v[E_KERNEL_DROPS];
	if (v->form == VALUE_ABSENT)
		return true;
	/* A count since the start of Suricata: less than before is a new start. */
	uint64_t drops = cell_count(v);
	uint64_t before = g->has_drops && drops >= g->drops ? g->drops : 0;
	log_out_drops(e->f->out, e->f->format->kind, e->ts, drops - before);
	g->drops = drops;
	g->has_drops = true;
	return true;
}
