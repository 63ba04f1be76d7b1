/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames to records: decode, flow table and protocols wired in a row,
 * with a row of watch for each minute in which something was seen.
 *
 *     frame_sink ─▶ decode ─▶ flow table ─▶ protocols ─▶ record_sink
 *                      └────────── minutes ────────────────▲
 */
#ifndef DWELL_CMD_PIPELINE_H
#define DWELL_CMD_PIPELINE_H

#include "decode/decode.h"
#include "flow/flow.h"
#include "input/input.h"
#include "proto/proto.h"
#include "record/record.h"

struct pipeline;

struct pipeline_counters {
	uint64_t frames;
	uint64_t decoded[DECODE_OUTCOMES];
	uint64_t shed; /* pieces of payload that a rule left out */
	uint64_t records[RECORD_TYPES];
};

/* What one pipeline may hold. */
struct pipeline_limits {
	struct flow_limits flow;
	struct proto_limits proto;
};

struct pipeline_options {
	const char *sensor; /* borrowed, as all here */
	/* Sources are named by the input that gives them (NULL: none does) … */
	const struct input *in;
	const char *const *names;             /* … else so, by their numbers */
	const struct traces *traces;          /* NULL: those that dwell knows */
	const struct pipeline_limits *limits; /* NULL: the default ones */
	/* Asked after each batch: true ends the reading. NULL: never. */
	bool (*stop)(void *ctx);
	void *stop_ctx;
};

/*
 * How much is left out when packets come faster than they can be read. What a rule leaves
 * out is payload for the parsers, never a packet of a connection's record.
 */
enum pipeline_shed {
	SHED_NOTHING,
	SHED_ELEPHANTS, /* payload of flows that carried SHED_ELEPHANT_BYTES */
	SHED_LARGE,     /* of flows that carried SHED_LARGE_BYTES */
	SHED_ALL,       /* of all flows */
	SHED_LEVELS
};

#define SHED_ELEPHANT_BYTES (1U << 20)
#define SHED_LARGE_BYTES    (64U << 10)

/* A pipeline that puts records into sink (copied). NULL only without memory. */
struct pipeline *pipeline_new(
    const struct pipeline_options *o, const struct record_sink *sink);

/* Where frames go in. */
struct frame_sink pipeline_frame_sink(struct pipeline *p);

/* Frames that somebody else has decoded, at most FRAME_BATCH_MAX. */
struct pipeline_batch {
	const struct frame *frames;
	const enum decode_outcome *outcomes; /* of each */
	size_t n;
	struct packet *packets; /* of those with DECODE_OK, one after the other */
};

/* Put them in, as the sink above does once it has decoded them; how many packets they
 * had. Asks nobody whether to stop: pipeline_stops does. */
size_t pipeline_put(struct pipeline *p, const struct pipeline_batch *b);
bool pipeline_stops(const struct pipeline *p);

/* It is now: flows end whose time is over, and minutes without packets are told as well.
 * For whoever captures; no frame that comes later should be older. */
void pipeline_time(struct pipeline *p, struct moment now);

/* The source says that it lost n packets, in the minute of the newest frame. */
void pipeline_drops(struct pipeline *p, uint64_t n);

/* Leave out so much from here on. */
void pipeline_set_shed(struct pipeline *p, enum pipeline_shed level);

/* What is open in the flow table: it has no rows of its own yet. */
struct pipeline_open {
	uint64_t connections;
	uint64_t packets; /* in these, at most: fragments that wait are among them */
};
struct pipeline_open pipeline_open(const struct pipeline *p);

/* No more frames: close all flows, emit what is open. */
void pipeline_finish(struct pipeline *p);

/* What the stages counted; borrowed, valid until pipeline_free. */
const struct pipeline_counters *pipeline_counters(const struct pipeline *p);
const struct flow_counters *pipeline_flow_counters(const struct pipeline *p);
const struct proto_counters *pipeline_proto_counters(const struct pipeline *p, size_t i);

/* How often the limits of the protocols told. */
struct proto_pressure pipeline_pressure(const struct pipeline *p);

/* Free all stages; NULL is fine. */
void pipeline_free(struct pipeline *p);

#endif
