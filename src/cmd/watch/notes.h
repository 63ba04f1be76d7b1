/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of dwell watch tell each other, beside records.
 *
 *     supervisor ── order ──▶ writer ◀── records, notes ── readers
 *         └────────────────── starts, watches over ──────────▲
 *
 * All are forks of one program, so the structs go as they are.
 */
#ifndef DWELL_CMD_WATCH_NOTES_H
#define DWELL_CMD_WATCH_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "live/ring.h"
#include "record/wire.h"

#define SOURCES_MAX 16 /* interfaces on one command line */
#define READERS_MAX 65 /* processes that read: packets, and one for flow exports */

/* Kinds of notes of a reader to the writer. */
enum { NOTE_COUNTS = WIRE_NOTE, NOTE_PRESSURE };

/* What a reader has counted at an interface since it was started. */
struct reader_counts {
	uint32_t source;         /* number of the interface on the command line */
	uint32_t shed;           /* enum pipeline_shed, at present */
	uint64_t packets, bytes; /* that it read */
	uint64_t drops;          /* that the ring had no room for */
	uint64_t given_up;       /* that felled the reader before it */
	uint64_t connections;    /* of all its interfaces */
	uint64_t open;         /* connections without a row yet, of all its interfaces */
	uint64_t open_packets; /* in these, at most */
};

/* S(name, "what it is"): how often the limits of a reader told since it was started. */
// clang-format off
#define PRESSURE_LIST(S) \
	S(evicted,           "connections that were closed early for want of room") \
	S(segments_dropped,  "TCP segments out of order that found no room") \
	S(fragments_dropped, "IP fragments that became no datagram") \
	S(unread,            "times that a connection was not read for want of room") \
	S(names_forgotten,   "names of addresses that were forgotten for want of room") \
	S(waits,             "times that a reader waited for the writer") \
	S(shed,              "pieces of payload that were left out under load")
// clang-format on

struct reader_pressure {
#define S(name, about) uint64_t name;
	PRESSURE_LIST(S)
#undef S
};

/* The supervisor to the writer. */
enum order_kind {
	ORDER_READER,  /* a reader was started: its pipe comes along */
	ORDER_FELL,    /* a reader fell and is started again */
	ORDER_LINK,    /* an interface went down or came up */
	ORDER_JUDGE,   /* run the detectors now */
	ORDER_TARGETS, /* send findings elsewhere: a list comes along (outside_take) */
	ORDER_STOP,    /* when all pipes are at their end, it is over */
};

struct order {
	enum order_kind kind;
	uint32_t reader; /* number of the reader, or of the interface */
	int32_t status;  /* as wait(2) gives it; of ORDER_LINK: whether it is up */
};

/* Tell the writer, at the other end of the socket; a descriptor may go along (-1: none).
 */
void order_send(int to, const struct order *o, int fd);

/* The order that waits, and the descriptor that comes along (-1: none); false: none does.
 * *gone: the supervisor is. */
bool order_take(int from, struct order *o, int *fd, bool *gone);

/* What a reader keeps where it outlives it. Nobody trusts it. */
struct reader_page {
	struct ring_place place[SOURCES_MAX];
	uint64_t beats; /* grows while the reader is alive */
	bool over;      /* all that it reads is at its end */
};

#endif
