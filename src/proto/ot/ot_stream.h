/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages in a stream or in datagrams, cut by a length that each begins with.
 *
 *     [ message ][ message ][ mess   the rest is held until it is whole
 *
 * Industrial connections last for months, so a gap or damage does not end them: the side
 * is lost, and found again with the first segment that begins with a message, which
 * nearly every segment does.
 */
#ifndef DWELL_PROTO_OT_STREAM_H
#define DWELL_PROTO_OT_STREAM_H

#include <sys/types.h>

#include "proto/buffer.h"
#include "proto/ot/ot.h"
#include "proto/parser.h"

#define OT_LOST_MAX 32 /* segments in a row that begin with no message: then it ends */

/* What a protocol says of its messages. */
struct ot_framing {
	size_t max; /* bytes of the longest message */
	/* Bytes of the message that begins here; 0: more must be read to tell;
	 * negative: no message begins here. Not above max. */
	ssize_t (*length)(struct bytes b);
	/* A whole message of a side. */
	void (*message)(struct parse *x, void *state, int side, struct bytes message);
};

/* Part of a parser's state, zeroed at first. */
struct ot_stream {
	struct buffer in[2];
	bool lost[2];
	unsigned misses; /* segments in a row that began with no message */
};

/* The next bytes of a side, or a datagram, to message with state. */
enum parse_result ot_stream_data(struct parse *x, struct ot_stream *s,
    const struct ot_framing *f, void *state, const struct flow_data *d);

/* Bytes of a side are missing. */
void ot_stream_gap(struct ot_stream *s, int side);

/* Free what it owns. */
void ot_stream_end(struct ot_stream *s);

/* Bytes that it owns. */
size_t ot_stream_held(const struct ot_stream *s);

/* What the state of most parsers of industrial protocols begins with, and the functions
 * of struct proto_parser for those whose state owns nothing else. */
struct ot_state {
	struct ot_stream stream;
	struct ot ot;
};

enum parse_result ot_state_gap(struct parse *x, void *state, int side, uint64_t n);
void ot_state_close(struct parse *x, void *state);
size_t ot_state_held(const void *state);

/* Whether one of the flow's ports is this one. */
static inline bool ot_port(const struct flow *f, uint16_t port)
{
	return f->port[0] == port || f->port[1] == port;
}

#endif
