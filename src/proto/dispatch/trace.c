/* SPDX-License-Identifier: Apache-2.0 */
/* What fits a published trace, and text in headers, as rows of anomaly. */
#include "record/anomaly.h"

#include "proto/dispatch/analysis.h"
#include "proto/dispatch/header_text.h"
#include "proto/traces.h"

void trace_emit(struct proto *p, const struct trace_view *v)
{
	size_t next = 0;
	for (int i; (i = traces_match(p->traces, v, &next)) >= 0;) {
		const struct flow *f = v->flow;
		const struct anomaly_record r = {
		    .ts = v->ts,
		    .kind = str_of(anomaly_name(ANOMALY_TRACE)),
		    .src_ip = f->addr[0],
		    .src_port = f->port[0],
		    .dst_ip = f->addr[1],
		    .dst_port = f->port[1],
		    .proto = ip_proto_word(&p->scratch, f->proto),
		    .detail = traces_detail(p->traces, i, v, &p->scratch),
		    .sensor = str_of(p->options.sensor),
		    .source = source_text(p, v->source),
		    .source_offset = v->offset,
		};
		record_put(&p->sink, RECORD_ANOMALY, &r);
	}
}

void trace_first(
    struct proto *p, const struct flow *f, struct bytes first, const struct flow_data *d)
{
	enum trace_where where = f->proto == IP_PROTO_TCP ? TRACE_TCP : TRACE_UDP;
	if (first.left == 0 || !traces_may(p->traces, where, first.pos[0]))
		return;
	const struct trace_view v = {
	    where, f, d->side, d->packet, first, d->wire, d->ts, d->source, d->offset};
	trace_emit(p, &v);
	arena_reset(&p->scratch);
}

/* Text in the headers of the SYNs of a pair. */
static void header_text(struct proto *p, const struct flow *f, const struct packet *k)
{
	struct moment since = k->ts;
	struct str detail = header_texts_syn(p->header_texts, k, &since, &p->scratch);
	if (detail.n == 0)
		return;
	const struct anomaly_record r = {
	    .ts = since,
	    .kind = str_of(anomaly_name(ANOMALY_HEADER_TEXT)),
	    .src_ip = f->addr[0],
	    .src_port = f->port[0],
	    .dst_ip = f->addr[1],
	    .dst_port = f->port[1],
	    .proto = ip_proto_word(&p->scratch, f->proto),
	    .detail = detail,
	    .sensor = str_of(p->options.sensor),
	    .source = source_text(p, k->source),
	    .source_offset = k->offset,
	};
	record_put(&p->sink, RECORD_ANOMALY, &r);
}

void trace_syn(void *ctx, struct flow *f, int side, const struct packet *k)
{
	struct proto *p = ctx;
	const struct trace_view v = {
	    (k->tcp_flags & TCP_ACK) != 0 ? TRACE_SYNACK : TRACE_SYN, f, side, k,
	    bytes_over(k->payload, k->captured), k->length, k->ts, k->source, k->offset};
	trace_emit(p, &v);
	if (v.where == TRACE_SYN)
		header_text(p, f, k);
	arena_reset(&p->scratch);
}

void parse_trace(struct parse *x, struct trace_view *v)
{
	v->flow = x->flow;
	parse_mark(x, v);
	trace_emit(x->proto, v);
}
