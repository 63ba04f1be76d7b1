/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in a stream, cut by a length that each begins with, of which only the
 * beginnings are held: results of databases and payloads of brokers are long.
 *
 *     [ message ][ mess ........ passed over ........ ][ message
 *                  keep
 *
 * After a gap a side is lost, and found again with the first segment that surely begins
 * with a message; a gap inside of what is passed over loses nothing.
 */
#ifndef DWELL_PROTO_DB_STREAM_H
#define DWELL_PROTO_DB_STREAM_H

#include "proto/buffer.h"
#include "proto/parser.h"

#define DB_STRANGE_MAX 16 /* segments in a row that begin with no message: it ends */

enum db_next {
	DB_GO_ON,
	DB_TLS, /* the rest of the flow, both sides, is TLS */
	DB_END, /* the rest of the flow is of no interest */
};

/* What a protocol says of its messages. */
struct db_framing {
	size_t keep; /* bytes of a message that are given at most */
	/* Bytes of the message that begins here (at least one of b); 0: more must be read
	 * to tell; negative: no message begins here. */
	int64_t (*length)(const void *state, int side, struct bytes b);
	/* Whether a message surely begins here, in the middle of a stream. */
	bool (*begins)(const void *state, int side, struct bytes b);
	/* The beginning m (all of it, up to keep) of a message of n bytes. */
	enum db_next (*message)(
	    struct parse *x, void *state, int side, struct bytes m, uint64_t n);
	/* Messages of the side are missing; NULL: nothing to be done about it. */
	void (*lost)(struct parse *x, void *state, int side);
};

/* Part of a parser's state, zeroed at first. */
struct db_stream {
	struct db_stream_side {
		struct buffer in;
		uint64_t skip; /* bytes to be passed over */
		bool lost;
	} side[2];
	unsigned strange; /* segments in a row that began with no message */
};

/* The next bytes of a side. */
enum parse_result db_stream_data(struct parse *x, struct db_stream *s,
    const struct db_framing *f, void *state, const struct flow_data *d);

/* n bytes of a side are missing. */
void db_stream_gap(struct parse *x, struct db_stream *s, const struct db_framing *f,
    void *state, int side, uint64_t n);

/* Free what it owns. */
void db_stream_end(struct db_stream *s);

/* Bytes that it owns. */
size_t db_stream_held(const struct db_stream *s);

#endif
