/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pipeline.h"

#include <stdlib.h>

#include "base/arena.h"
#include "cmd/minutes.h"

#define NAME_SHOWN_MAX (64u << 10) /* bytes of a source's name as rows hold it */

struct pipeline {
	struct pipeline_options options;
	struct record_sink out;     /* the caller's */
	struct record_sink counted; /* counts, then hands on to out */
	struct proto *proto;
	struct flow_sink to_proto;
	struct flow_table *flows;
	struct minutes minutes;
	uint64_t closed_packets; /* in flows that were closed */
	enum pipeline_shed shed;
	struct pipeline_counters counters;
	struct arena names; /* of the name below */
	const char *name;   /* of the last source that was asked for, as rows hold it */
	uint32_t named;     /* its number */
	struct packet packets[FRAME_BATCH_MAX];
};

static void count_record(void *ctx, enum record_type type, const void *record)
{
	struct pipeline *p = ctx;
	p->counters.records[type]++;
	record_put(&p->out, type, record);
}

/* A file's name may come from anywhere, so rows hold it clean, as they hold all text. */
static const char *source_name(void *ctx, uint32_t i)
{
	struct pipeline *p = ctx;
	if (p->name == NULL || p->named != i) {
		const struct input *in = p->options.in;
		const char *path =
		    in != NULL ? input_source(in, i)->path : p->options.names[i];
		arena_reset(&p->names);
		struct str clean = str_clean(&p->names, path, strlen(path));
		p->name = str_format(&p->names, "%.*s", STR_ARG(clean)).p;
		p->named = i;
	}
	return p->name;
}

static void flow_opened(void *ctx, struct flow *f)
{
	struct pipeline *p = ctx;
	p->to_proto.open(p->to_proto.ctx, f);
}

/* Whether the flow is one whose payload is left out now. */
static bool is_shed(const struct pipeline *p, const struct flow *f)
{
	static const uint64_t least[SHED_LEVELS] = {[SHED_NOTHING] = UINT64_MAX,
	    [SHED_ELEPHANTS] = SHED_ELEPHANT_BYTES,
	    [SHED_LARGE] = SHED_LARGE_BYTES,
	    [SHED_ALL] = 0};
	return f->side[0].ip_bytes + f->side[1].ip_bytes >= least[p->shed];
}

/* To a parser of a stream what is left out is like bytes that were not captured. */
static void shed(struct pipeline *p, struct flow *f, const struct flow_data *d)
{
	p->counters.shed++;
	minutes_shed(&p->minutes);
	if (d->packet == NULL)
		p->to_proto.gap(p->to_proto.ctx, f, d->side, d->wire);
}

static void flow_has_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	struct pipeline *p = ctx;
	if (p->shed != SHED_NOTHING && is_shed(p, f)) {
		shed(p, f, d);
		return;
	}
	p->to_proto.data(p->to_proto.ctx, f, d);
}

static void flow_has_gap(void *ctx, struct flow *f, int side, uint64_t n)
{
	struct pipeline *p = ctx;
	p->to_proto.gap(p->to_proto.ctx, f, side, n);
}

static void flow_has_event(void *ctx, struct flow *f, const struct flow_event *e)
{
	struct pipeline *p = ctx;
	p->to_proto.event(p->to_proto.ctx, f, e);
}

static void flow_has_syn(void *ctx, struct flow *f, int side, const struct packet *packet)
{
	struct pipeline *p = ctx;
	p->to_proto.syn(p->to_proto.ctx, f, side, packet);
}

static void flow_closed(void *ctx, struct flow *f, enum flow_close why)
{
	struct pipeline *p = ctx;
	p->closed_packets += f->side[0].packets + f->side[1].packets;
	minutes_flow(&p->minutes, f, why);
	p->to_proto.close(p->to_proto.ctx, f, why);
}

static void tunnel_ended(void *ctx, const struct flow_tunnel *t)
{
	struct pipeline *p = ctx;
	p->to_proto.tunnel(p->to_proto.ctx, t);
}

struct pipeline *pipeline_new(
    const struct pipeline_options *o, const struct record_sink *sink)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->options = *o;
	p->out = *sink;
	p->counted = (struct record_sink){count_record, p};
	arena_init(&p->names, NAME_SHOWN_MAX);
	minutes_init(&p->minutes, o->sensor, &p->counted);
	struct proto_options options = {o->sensor, source_name, p, o->traces,
	    o->limits != NULL ? &o->limits->proto : NULL};
	p->proto = proto_new(&options, &p->counted);
	if (p->proto == NULL)
		goto out;
	p->to_proto = proto_flow_sink(p->proto);
	struct flow_sink flows = {flow_opened, flow_has_data, flow_has_gap,
	    flow_has_event, flow_closed, tunnel_ended, flow_has_syn, p};
	p->flows = flow_table_new(
	    o->limits != NULL ? &o->limits->flow : &flow_limits_default, &flows);
	if (p->flows == NULL)
		goto out;
	return p;
out:
	pipeline_free(p);
	return NULL;
}

/* A frame without IP may be of an industrial protocol. */
static void take_link(struct pipeline *p, const struct frame *f)
{
	struct link l;
	if (link_read(f, &l))
		proto_link(p->proto, &l);
}

/* Flows that end count in the minute of the packet that ends them, wherever a batch
 * begins: so what is held goes to the flows before the minute changes. */
size_t pipeline_put(struct pipeline *p, const struct pipeline_batch *b)
{
	size_t packets = 0, given = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct frame *f = &b->frames[i];
		enum decode_outcome outcome = b->outcomes[i];
		struct packet *packet =
		    outcome == DECODE_OK ? &b->packets[packets] : NULL;
		if (packets > given && !minutes_holds(&p->minutes, f->ts)) {
			flow_table_packets(p->flows, b->packets + given, packets - given);
			given = packets;
		}
		p->counters.decoded[outcome]++;
		if (packet != NULL && f->unfinished)
			packet->marks &=
			    (uint8_t) ~(PACKET_BAD_CHECKSUM | PACKET_BAD_IP_CHECKSUM);
		minutes_frame(&p->minutes, f, outcome, packet);
		packets += packet != NULL;
		if (outcome == DECODE_NOT_IP)
			take_link(p, f);
	}
	p->counters.frames += b->n;
	if (packets > given)
		flow_table_packets(p->flows, b->packets + given, packets - given);
	return packets;
}

bool pipeline_stops(const struct pipeline *p)
{
	return p->options.stop != NULL && p->options.stop(p->options.stop_ctx);
}

static bool take_frames(void *ctx, const struct frame *v, size_t n)
{
	struct pipeline *p = ctx;
	enum decode_outcome outcomes[FRAME_BATCH_MAX];
	size_t packets = 0;
	for (size_t i = 0; i < n; i++) {
		outcomes[i] = decode_frame(&v[i], &p->packets[packets]);
		packets += outcomes[i] == DECODE_OK;
	}
	struct pipeline_batch batch = {v, outcomes, n, p->packets};
	pipeline_put(p, &batch);
	return !pipeline_stops(p);
}

struct frame_sink pipeline_frame_sink(struct pipeline *p)
{
	return (struct frame_sink){take_frames, p};
}

void pipeline_time(struct pipeline *p, struct moment now)
{
	flow_table_time(p->flows, now);
	minutes_time(&p->minutes, now);
}

void pipeline_drops(struct pipeline *p, uint64_t n)
{
	minutes_drops(&p->minutes, n);
}

void pipeline_set_shed(struct pipeline *p, enum pipeline_shed level)
{
	p->shed = level;
}

struct pipeline_open pipeline_open(const struct pipeline *p)
{
	const struct flow_counters *c = flow_table_counters(p->flows);
	uint64_t open = c->flows - c->closed;
	return (struct pipeline_open){open, open > 0 && c->packets > p->closed_packets
						? c->packets - p->closed_packets
						: 0};
}

void pipeline_finish(struct pipeline *p)
{
	const struct input *in = p->options.in;
	flow_table_finish(p->flows);
	for (size_t i = 0; in != NULL && i < input_count(in); i++)
		minutes_drops(&p->minutes, input_source(in, i)->drops);
	minutes_finish(&p->minutes);
}

const struct pipeline_counters *pipeline_counters(const struct pipeline *p)
{
	return &p->counters;
}

const struct flow_counters *pipeline_flow_counters(const struct pipeline *p)
{
	return flow_table_counters(p->flows);
}

const struct proto_counters *pipeline_proto_counters(const struct pipeline *p, size_t i)
{
	return proto_counters(p->proto, i);
}

struct proto_pressure pipeline_pressure(const struct pipeline *p)
{
	return proto_pressure(p->proto);
}

void pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	flow_table_free(p->flows);
	proto_free(p->proto);
	arena_fini(&p->names);
	free(p);
}
