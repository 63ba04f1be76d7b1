/* SPDX-License-Identifier: Apache-2.0 */
/* Flow events to anomaly records: the facts go into detail as name=value. */
#include "record/anomaly.h"

#include <inttypes.h>

#include "proto/dispatch/analysis.h"
#include "proto/traces.h"

static const enum anomaly_kind kinds[] = {
    [FLOW_TCP_OVERLAP] = ANOMALY_TCP_OVERLAP,
    [FLOW_SYN_DATA] = ANOMALY_SYN_DATA,
    [FLOW_DUPLICATE_SYNACK] = ANOMALY_DUPLICATE_SYNACK,
    [FLOW_BAD_FLAGS] = ANOMALY_BAD_FLAGS,
    [FLOW_ODD_HEADER] = ANOMALY_ODD_HEADER,
    [FLOW_ODD_OPTIONS] = ANOMALY_ODD_OPTIONS,
    [FLOW_FRAGMENT_OVERLAP] = ANOMALY_FRAGMENT_OVERLAP,
    [FLOW_FRAGMENT_LIMIT] = ANOMALY_FRAGMENT_LIMIT,
    [FLOW_DATA_AFTER_END] = ANOMALY_DATA_AFTER_END,
};

/* The letters of TCP flags, in the order of their bits from FIN on, into text. */
static const char *flags_text(uint8_t flags, char text[static 9])
{
	static const char letters[] = "FSRPAUEC";
	size_t n = 0;
	for (unsigned i = 0; i < 8; i++) {
		if ((flags >> i & 1) != 0)
			text[n++] = letters[i];
	}
	text[n] = '\0';
	return n > 0 ? text : "none";
}

static struct str timestamp_text(struct arena *a, const struct flow_look *l)
{
	if ((l->marks & LOOK_TIMESTAMP) == 0)
		return STR("-");
	return str_format(a, "%" PRIu32, l->timestamp);
}

/* The two segments side by side: this one, the other, and what the connection's own
 * handshake says of the side that both claim to come from. */
static struct str looks_text(struct arena *a, const struct flow_event *e)
{
	char flags[9], flags_other[9];
	const struct flow_look *l = &e->look, *o = &e->other;
	unsigned bad = (l->marks & LOOK_BAD_CHECKSUM ? 1u : 0u) |
		       (o->marks & LOOK_BAD_CHECKSUM ? 2u : 0u);
	struct str shake = STR("-");
	if (e->syn_ttl > 0)
		shake = str_format(a, "%u", e->syn_ttl);
	return str_format(a,
	    "gap_us=%" PRId64 " side=%d ttl=%u ttl_other=%u ttl_syn=%.*s ip_id=%" PRIu32
	    " ip_id_other=%" PRIu32 " reflected=%u window=%u window_other=%u flags=%s "
	    "flags_other=%s timestamp=%.*s timestamp_other=%.*s timestamp_syn=%d "
	    "size=%" PRIu32 " size_other=%" PRIu32 " bad_checksum=%u",
	    (int64_t)(e->since_other / NS_PER_US), e->side, l->ttl, o->ttl,
	    STR_ARG(shake), l->ip_id, o->ip_id, e->reflected, l->window, o->window,
	    flags_text(l->tcp_flags, flags), flags_text(o->tcp_flags, flags_other),
	    STR_ARG(timestamp_text(a, l)), STR_ARG(timestamp_text(a, o)),
	    e->syn_timestamp, e->packet->length, e->other_length, bad);
}

static struct str detail_text(struct arena *a, const struct flow_event *e)
{
	const struct packet *k = e->packet;
	char letters[9];
	switch (e->kind) {
	case FLOW_TCP_OVERLAP:
		return str_format(a, "seq=%" PRIu32 " len=%" PRIu32 " %.*s", e->seq,
		    e->length, STR_ARG(looks_text(a, e)));
	case FLOW_SYN_DATA:
		return str_format(a, "len=%" PRIu32 " fast_open=%d", k->length,
		    packet_fast_open(k) ? 1 : 0);
	case FLOW_DUPLICATE_SYNACK:
	case FLOW_DATA_AFTER_END:
		return str_format(a, "seq=%" PRIu32 " seq_other=%" PRIu32 " %.*s", k->seq,
		    e->other_seq, STR_ARG(looks_text(a, e)));
	case FLOW_BAD_FLAGS:
		return str_format(a, "flags=%s", flags_text(k->tcp_flags, letters));
	case FLOW_ODD_HEADER:
		return str_format(a, "ack=%" PRIu32 " urgent=%u", k->ack, k->urgent);
	case FLOW_ODD_OPTIONS:
		return str_format(a, "len=%" PRIu32 " protocol=%u", e->length, k->proto);
	case FLOW_FRAGMENT_OVERLAP:
		return str_format(a, "id=%" PRIu32 " offset=%u len=%" PRIu32, k->ip_id,
		    k->fragment_offset, e->length);
	case FLOW_FRAGMENT_LIMIT:
		return str_format(a, "id=%" PRIu32 " held=%" PRIu32, k->ip_id, e->length);
	}
	return (struct str){0};
}

void anomaly_emit(struct proto *p, const struct flow *f, const struct flow_event *e)
{
	const struct packet *k = e->packet;
	if (k == NULL)
		return; /* nothing to date it or to name its hosts by */
	struct anomaly_record r = {
	    .ts = e->ts,
	    .kind = str_of(anomaly_name(kinds[e->kind])),
	    .src_ip = f != NULL ? f->addr[0] : k->src,
	    .src_port = f != NULL ? f->port[0] : k->src_port,
	    .dst_ip = f != NULL ? f->addr[1] : k->dst,
	    .dst_port = f != NULL ? f->port[1] : k->dst_port,
	    .proto = ip_proto_word(&p->scratch, k->proto),
	    .detail = detail_text(&p->scratch, e),
	    .sensor = str_of(p->options.sensor),
	    .source = source_text(p, e->source),
	    .source_offset = e->offset,
	};
	record_put(&p->sink, RECORD_ANOMALY, &r);
	arena_reset(&p->scratch);
}

void anomaly_odd_port(
    struct proto *p, const struct flow *f, struct str service, const char *owner)
{
	struct anomaly_record r = {
	    .ts = f->first,
	    .kind = str_of(anomaly_name(ANOMALY_ODD_PORT)),
	    .src_ip = f->addr[0],
	    .src_port = f->port[0],
	    .dst_ip = f->addr[1],
	    .dst_port = f->port[1],
	    .proto = ip_proto_word(&p->scratch, f->proto),
	    .detail = str_format(
		&p->scratch, "service=%.*s meant_for=%s", STR_ARG(service), owner),
	    .sensor = str_of(p->options.sensor),
	    .source = source_text(p, f->source),
	    .source_offset = f->offset,
	};
	record_put(&p->sink, RECORD_ANOMALY, &r);
}
