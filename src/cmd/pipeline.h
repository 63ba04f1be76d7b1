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
	uint64_t truncated, bad_checksum;
	uint64_t records[RECORD_TYPES];
};

/*
 * A pipeline that puts records into sink (copied). sensor and traces are borrowed (NULL:
 * the traces that dwell knows); sources are named through in, which must outlive it. stop
 * (may be NULL) is asked after each batch: true ends the reading. NULL only without
 * memory.
 */
struct pipeline *pipeline_new(const struct input *in, const char *sensor,
    const struct traces *traces, const struct record_sink *sink, bool (*stop)(void *ctx),
    void *stop_ctx);

/* Where frames go in. */
struct frame_sink pipeline_frame_sink(struct pipeline *p);

/* No more frames: close all flows, emit what is open. */
void pipeline_finish(struct pipeline *p);

/* What the stages counted; borrowed, valid until pipeline_free. */
const struct pipeline_counters *pipeline_counters(const struct pipeline *p);
const struct flow_counters *pipeline_flow_counters(const struct pipeline *p);
const struct proto_counters *pipeline_proto_counters(const struct pipeline *p, size_t i);

/* Free all stages; NULL is fine. */
void pipeline_free(struct pipeline *p);

#endif
