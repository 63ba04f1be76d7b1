/* SPDX-License-Identifier: Apache-2.0 */
/* Flow events to anomaly records: the facts go into detail as name=value. */
#include "record/anomaly.h"

#include <inttypes.h>
#include <string.h>

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

/*
 * A detail in the making. An attack makes many of them, so names and numbers are put by
 * hand: printf's ways take ten times as long.
 */
struct detail {
	size_t n;
	char p[1024]; /* more than all names and values below take */
};

/* Put a name, which brings its blank and its "=", and what it stands for. */
static void put_word(struct detail *d, const char *name, const char *word)
{
	size_t name_n = strlen(name), n = strlen(word);
	if (name_n + n > sizeof(d->p) - d->n)
		return;
	memcpy(d->p + d->n, name, name_n);
	memcpy(d->p + d->n + name_n, word, n);
	d->n += name_n + n;
}

static void put_number(struct detail *d, const char *name, int64_t v)
{
	char digits[24] = "", *at = digits + sizeof(digits) - 1;
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	*at = '\0';
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (v < 0)
		*--at = '-';
	put_word(d, name, at);
}

static void put_timestamp(struct detail *d, const char *name, const struct flow_look *l)
{
	if ((l->marks & LOOK_TIMESTAMP) == 0)
		put_word(d, name, "-");
	else
		put_number(d, name, l->timestamp);
}

/* The two segments side by side: this one, the other, and what the connection's own
 * handshake says of the side that both claim to come from. */
static void put_looks(struct detail *d, const struct flow_event *e)
{
	char flags[9];
	const struct flow_look *l = &e->look, *o = &e->other;
	put_number(d, " gap_us=", (int64_t)(e->since_other / NS_PER_US));
	put_number(d, " side=", e->side);
	put_number(d, " ttl=", l->ttl);
	put_number(d, " ttl_other=", o->ttl);
	if (e->syn_ttl > 0)
		put_number(d, " ttl_syn=", e->syn_ttl);
	else
		put_word(d, " ttl_syn=", "-");
	put_number(d, " ip_id=", l->ip_id);
	put_number(d, " ip_id_other=", o->ip_id);
	put_number(d, " reflected=", e->reflected);
	put_number(d, " window=", l->window);
	put_number(d, " window_other=", o->window);
	put_word(d, " flags=", flags_text(l->tcp_flags, flags));
	put_word(d, " flags_other=", flags_text(o->tcp_flags, flags));
	put_timestamp(d, " timestamp=", l);
	put_timestamp(d, " timestamp_other=", o);
	put_number(d, " timestamp_syn=", e->syn_timestamp);
	put_number(d, " size=", e->packet->length);
	put_number(d, " size_other=", e->other_length);
	put_number(d, " bad_checksum=",
	    (l->marks & LOOK_BAD_CHECKSUM ? 1 : 0) |
		(o->marks & LOOK_BAD_CHECKSUM ? 2 : 0));
}

/* A number of this event, another under its name, and both segments. */
static struct str sequence_text(struct arena *a, uint32_t seq, const char *name,
    uint32_t other, const struct flow_event *e)
{
	struct detail d;
	d.n = 0;
	put_number(&d, "seq=", seq);
	put_number(&d, name, other);
	put_looks(&d, e);
	return str_copy(a, (struct str){d.p, d.n});
}

static struct str detail_text(struct arena *a, const struct flow_event *e)
{
	const struct packet *k = e->packet;
	char letters[9];
	switch (e->kind) {
	case FLOW_TCP_OVERLAP:
		return sequence_text(a, e->seq, " len=", e->length, e);
	case FLOW_SYN_DATA:
		return str_format(a, "len=%" PRIu32 " fast_open=%d", k->length,
		    packet_fast_open(k) ? 1 : 0);
	case FLOW_DUPLICATE_SYNACK:
	case FLOW_DATA_AFTER_END:
		return sequence_text(a, k->seq, " seq_other=", e->other_seq, e);
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
