/* SPDX-License-Identifier: Apache-2.0 */
/* The conn record of a flow: what the flow table counted and what the parsers left. */
#include <math.h>
#include <stdlib.h>

#include "proto/dispatch/analysis.h"

struct str source_text(const struct proto *p, uint32_t source)
{
	if (p->options.source_name == NULL)
		return (struct str){0};
	return str_of(p->options.source_name(p->options.source_ctx, source));
}

static struct str server_name(
    const struct proto *p, const struct flow *f, const struct analysis *a)
{
	if (a != NULL && a->note[NOTE_SNI].p != NULL)
		return a->note[NOTE_SNI];
	if (a != NULL && a->note[NOTE_HOST].p != NULL)
		return a->note[NOTE_HOST];
	return names_find(p->names, &f->addr[0], &f->addr[1], f->first);
}

/* From the first packet to the last, in seconds; NaN for one packet. Where the capture's
 * clock went back in between, the last packet's time can be the earlier one: 0. */
static double duration(const struct flow *f)
{
	if (f->side[0].packets + f->side[1].packets <= 1)
		return (double)NAN;
	int64_t ns = moment_diff(f->first, f->last);
	return ns > 0 ? (double)ns / 1e9 : 0;
}

bool looks_encrypted(const struct flow *f, const struct analysis *a)
{
	if (a != NULL)
		return false;
	bool any = false;
	for (int i = 0; i < 2; i++) {
		bool random = ((uintptr_t)f->user & SIDE_RANDOM(i)) != 0;
		if (f->side[i].bytes > 0 && !random)
			return false;
		any |= random;
	}
	return any;
}

/* The services of a flow, and the tunnel that it carries. */
static struct str with_tunnel(struct proto *p, const struct flow *f, struct str services)
{
	const char *kind = tunnel_name((enum tunnel_kind)f->carries);
	return services.p == NULL
		   ? str_of(kind)
		   : str_format(&p->scratch, "%.*s,%s", STR_ARG(services), kind);
}

void conn_emit(struct proto *p, const struct flow *f, const struct analysis *a)
{
	struct str service = services_text(&p->scratch, a);
	const char *owner = port_owner(p, f, a);
	if (owner != NULL)
		anomaly_odd_port(p, f, service, owner);
	if (looks_encrypted(f, a))
		service = STR("encrypted");
	if (f->carries != TUNNEL_NONE)
		service = with_tunnel(p, f, service);
	struct conn_record r = {
	    .ts = f->first,
	    .duration = duration(f),
	    .src_ip = f->addr[0],
	    .src_port = f->port[0],
	    .dst_ip = f->addr[1],
	    .dst_port = f->port[1],
	    .proto = ip_proto_word(&p->scratch, f->proto),
	    .service = service,
	    .src_bytes = f->side[0].bytes,
	    .dst_bytes = f->side[1].bytes,
	    .src_packets = f->side[0].packets,
	    .dst_packets = f->side[1].packets,
	    .src_ip_bytes = f->side[0].ip_bytes,
	    .dst_ip_bytes = f->side[1].ip_bytes,
	    .missed_bytes = f->side[0].missed + f->side[1].missed,
	    .state = str_of(flow_state(f)),
	    .history = str_of(flow_history(f)),
	    .server_name = server_name(p, f, a),
	    .ja3 = a != NULL ? a->note[NOTE_JA3] : (struct str){0},
	    .ja4 = a != NULL ? a->note[NOTE_JA4] : (struct str){0},
	    .vlan = f->vlan,
	    .tunnel = f->tunnel != NULL ? str_of(f->tunnel->name) : (struct str){0},
	    .sensor = str_of(p->options.sensor),
	    .source = source_text(p, f->source),
	    .source_offset = f->offset,
	};
	record_put(&p->sink, RECORD_CONN, &r);
	arena_reset(&p->scratch);
}

void tunnel_emit(struct proto *p, const struct flow_tunnel *t)
{
	struct tunnel_record r = {
	    .ts = t->first,
	    .duration = (double)moment_diff(t->first, t->last) / 1e9,
	    .src_ip = t->addr[0],
	    .src_port = t->port[0],
	    .dst_ip = t->addr[1],
	    .dst_port = t->port[1],
	    .proto = ip_proto_word(&p->scratch, t->proto),
	    .kind = str_of(tunnel_name(t->kind)),
	    .id = t->id,
	    .name = str_of(t->name),
	    .tunnel = t->parent[0] != '\0' ? str_of(t->parent) : (struct str){0},
	    .connections = t->connections,
	    .src_packets = t->packets[0],
	    .dst_packets = t->packets[1],
	    .src_bytes = t->bytes[0],
	    .dst_bytes = t->bytes[1],
	    .sensor = str_of(p->options.sensor),
	    .source = source_text(p, t->source),
	    .source_offset = t->offset,
	};
	if (r.duration < 0)
		r.duration = 0; /* the capture's clock went back */
	record_put(&p->sink, RECORD_TUNNEL, &r);
	arena_reset(&p->scratch);
}
