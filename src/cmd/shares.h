/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --memory-limit, divided. What may grow with what comes over the wire has a share of its
 * own, so that no flood of one kind takes the room of another:
 *
 *     limit ─┬─ rings of the interfaces, as --ring says
 *            ├─ supervisor and desk, fixed
 *            ├─ writer: what its program takes, the engine, names, detectors
 *            └─ readers, each: what its program takes, and the shares of LIMITS_READER
 *
 * Each share is a limit of the part it is named after, which makes room by its own rule
 * and counts what went; what is freed of one share is not given to another.
 */
#ifndef DWELL_CMD_SHARES_H
#define DWELL_CMD_SHARES_H

#include "base/error.h"
#include "cmd/options.h"
#include "cmd/pipeline.h"

#define LIMITS_DEFAULT   (1ULL << 30) /* of dwell watch with all its processes */
#define LIMITS_READER_MB 16           /* MiB that a reader takes when nothing comes */
#define LIMITS_OTHERS_MB 24           /* of the supervisor and the desk */
#define LIMITS_WRITER_MB 384          /* the least in which all detectors run */
#define LIMITS_WRITER_OF 7 /* sixteenths of the whole for it, where that is more */
#define LIMITS_ENGINE_OF 4 /* part of the writer's that the engine may hold */

#define LIMITS_ASIDE                                                                     \
	(56ULL << 20) /* what threads of a scan hold: frames that were read              \
			 ahead, tables that are being written */

// clang-format off
/* S(name, permille of what a reader may hold beside its program, what it is) */
#define LIMITS_READER(S) \
	S(flows,      285, "connections") \
	S(analyses,   280, "what parsers hold of them") \
	S(outlet,     190, "rows that wait for the writer") \
	S(reassembly, 105, "TCP segments out of order") \
	S(names,      110, "names that led to addresses") \
	S(fragments,   30, "fragments of IP")
// clang-format on

struct limits {
	uint64_t total;
	unsigned readers;
	size_t reader; /* bytes of one */
	size_t writer;
	size_t engine; /* of the writer's, the query engine's */
	size_t outlet; /* of a reader's */
	struct pipeline_limits pipeline;
};

/*
 * Divide total bytes among a writer and so many readers (1 or more), with rings of so
 * many bytes in all. Where *readers are more than there is room for and fewer will do
 * (may_lower), *readers is lowered. Negative with *e set (ERR_USAGE), which says what is
 * needed.
 */
int limits_divide(struct limits *l, uint64_t total, unsigned *readers, bool may_lower,
    uint64_t rings, struct error *e);

/* The same for dwell watch with these options, whose number of readers it may lower. */
int limits_watch(struct limits *l, struct options *o, bool may_lower, struct error *e);

/* The same for dwell scan, which is one process. Where nothing was asked for, the limits
 * are those that each part has by itself, and l->total is 0. */
int limits_scan(struct limits *l, const struct options *o, struct error *e);

#endif
