/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside src/proto only: what dispatch (proto.c) keeps, for its neighbours to read.
 *
 * A flow's user pointer holds an analysis, or nothing, in its two low bits which sides
 * have no more use for data, and in the next two which of them began with bytes that look
 * random. Most flows are scans and one-packet exchanges: they never get an analysis, and
 * a flow in which no protocol was recognised costs one test of these bits a packet.
 */
#ifndef DWELL_PROTO_ANALYSIS_H
#define DWELL_PROTO_ANALYSIS_H

#include "base/arena.h"
#include "base/ip.h"
#include "proto/dispatch/candidates.h"
#include "proto/dispatch/held.h"
#include "proto/dispatch/service.h"
#include "proto/expect.h"
#include "proto/names.h"
#include "proto/parser.h"

#define PROTO_HELD_MAX    (64u << 20) /* bytes of all analyses and parser states */
#define PROTO_SCRATCH_MAX (1u << 20)  /* bytes of scratch in one call of a parser */
#define PROBE_BYTES_MAX   2048 /* bytes of a side held until a protocol is recognised */
#define PROBE_CHUNKS_MAX  16   /* pieces in which they arrived, both sides */
#define NOTE_BYTES_MAX    1024 /* bytes of a note; longer ones are cut */
#define SERVICE_WORDS_MAX 4    /* words that parsers add to their names */
#define HAND_OVERS_MAX    8    /* protocols of one flow that follow each other */

#define SIDE_DONE(side)   ((uintptr_t)1 << (side))
#define BOTH_DONE         ((uintptr_t)3)
#define SIDE_RANDOM(side) ((uintptr_t)4 << (side))
#define FLOW_BITS         ((uintptr_t)15)

struct pending; /* bytes of an undecided flow; proto.c */

struct analysis {
	const struct proto_parser *parser; /* recognised; NULL: undecided, or has ended */
	unsigned index;                    /* of parser, in table order */
	struct parser_set services;        /* the protocols that are certain */
	const char *word[SERVICE_WORDS_MAX]; /* further words; NULL: no more */
	const char *guess;                   /* by signature (service.h); NULL: none */
	bool handing;                        /* the parser hands the flow over … */
	int next;                /* … to the parser of this index; -1: probe */
	size_t rest;             /* last bytes of the data that are the next one's */
	uint8_t handed;          /* times that this happened */
	uint64_t ticket;         /* of the announcement that the flow fulfils; 0: none */
	void *state;             /* of parser; owned */
	size_t state_held;       /* bytes that the state says it owns besides */
	struct pending *pending; /* owned; NULL: none */
	struct str note[NOTES];  /* owned */
};

struct proto {
	struct proto_options options;
	struct record_sink sink;
	struct arena scratch;
	struct names *names;
	struct certs *certs;
	struct transfers *transfers; /* NULL: files are not wanted */
	struct expect *expect;
	struct held held;                /* of PROTO_HELD_MAX, unless told otherwise */
	struct pending *oldest, *newest; /* of flows that are undecided */
	struct proto_counters *counters; /* of each parser, in table order; owned */
	const struct traces *traces;
	struct traces *own_traces;         /* owned; NULL: they were given */
	struct header_texts *header_texts; /* owned */
	int icmp; /* the parser of ICMP, by its index; -1: none */
	struct candidates candidates;
	struct services services;
};

/* The analysis of a flow; NULL: it has none. */
static inline struct analysis *analysis_of(const struct flow *f)
{
	return (struct analysis *)((uintptr_t)f->user & ~FLOW_BITS);
}

/* Emit the conn record of a flow; a may be NULL. */
void conn_emit(struct proto *p, const struct flow *f, const struct analysis *a);

/* Emit the record of a tunnel that ended. */
void tunnel_emit(struct proto *p, const struct flow_tunnel *t);

/* Emit the anomaly record of a flow event; f may be NULL. */
void anomaly_emit(struct proto *p, const struct flow *f, const struct flow_event *e);

/* Hold a packet against the traces, and emit a row for each that fits. */
void trace_emit(struct proto *p, const struct trace_view *v);

/* The same for the first bytes of a side, of which d is the last piece; and for a SYN:
 * flow_sink.syn with ctx = struct proto. */
void trace_first(
    struct proto *p, const struct flow *f, struct bytes first, const struct flow_data *d);
void trace_syn(void *ctx, struct flow *f, int side, const struct packet *k);

/* The names of the services of a (NULL: none), joined by ','; in the arena or static. */
struct str services_text(struct arena *arena, const struct analysis *a);

/* The protocol whose port f answers on although another was found there; NULL: none. */
const char *port_owner(
    const struct proto *p, const struct flow *f, const struct analysis *a);

/* Whether nothing was recognised and each side that sent began with random bytes. */
bool looks_encrypted(const struct flow *f, const struct analysis *a);

/* Emit the anomaly that what was found on the port is not what the port is meant for. */
void anomaly_odd_port(
    struct proto *p, const struct flow *f, struct str service, const char *owner);

/* Name of a source (proto_options.source_name), absent without that function. */
struct str source_text(const struct proto *p, uint32_t source);

#endif
