/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of a network interface, from a ring of blocks that the kernel fills and hands
 * over (AF_PACKET, TPACKET_V3: packet(7), packet_mmap in the kernel's documentation).
 *
 *     kernel ──▶ [block][block][block][block] ──▶ ring_take ─▶ frames
 *                 ready  ready  being   free
 *                               filled
 *
 * A socket is opened by who may (CAP_NET_RAW) and read by who may nothing: ring_open,
 * fork, ring_take. Several rings of one interface share its packets by a fan-out group
 * (live/fanout.h); each begins with a filter that takes nothing, so that the group is
 * whole before the first packet is shared: ring_start.
 *
 * A reader that falls leaves its ring as it is. What it was working on is told by its
 * struct ring_place; the next reader goes on behind that, so that one packet can not fell
 * every reader in turn.
 */
#ifndef DWELL_LIVE_RING_H
#define DWELL_LIVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "input/frame.h"

#define RING_BLOCK_BYTES  (512U << 10)
#define RING_BLOCKS_LEAST 4
#define RING_BLOCKS_MOST  8192 /* 4 GiB */
#define RING_RETIRE_MS    50   /* after which a block is handed over that is not full */

struct sock_filter;

struct ring_options {
	const char
	    *interface;  /* or a pipe (live/piped.h); borrowed until ring_open returns */
	bool idle;       /* of a pipe, which another ring reads: it gives nothing */
	uint32_t source; /* the number that its frames bear */
	size_t bytes;    /* of the ring; rounded to blocks within their limits */
	bool hardware_time; /* take the time from the interface where it gives it */
};

/* What the kernel counted since it was asked last. */
struct ring_counts {
	uint64_t packets; /* that came, those lost included */
	uint64_t drops;   /* that found no room in the ring */
};

/* Where a reader is; in memory that outlives it. */
struct ring_place {
	uint64_t block; /* number of the block it reads, as the kernel counts; 0: none */
	uint32_t taken; /* packets of it that were taken out */
	uint32_t held;  /* packets that are being worked on: taken out, not released */
};

struct ring;

/* Open and bind a socket on an interface that is there; it takes no packet before
 * ring_start. NULL with *e set: ERR_USAGE where there is no such interface or it is of a
 * kind whose frames are not read, ERR_SYSTEM where the system refuses. */
struct ring *ring_open(const struct ring_options *o, struct error *e);

/* Join the fan-out group of the interface (*group 0: a new one, whose number is then
 * there), in which the packets of a pair of addresses all go to one of the members.
 * Negative with *e set. */
int ring_join(struct ring *r, uint16_t *group, struct error *e);

/* Take packets from here on: those that the filter takes (n instructions, borrowed), or
 * all (n 0). Negative with *e set. */
int ring_start(
    struct ring *r, const struct sock_filter *filter, size_t n, struct error *e);

/* Take no more packets; those in the ring can still be read. */
void ring_stop(struct ring *r);

/* The descriptor to poll for reading. */
int ring_descriptor(const struct ring *r);

/* Keep where the reader is in *place from here on (borrowed), and go on where the one
 * before it left off, if that says so. The number of packets that are given up: those it
 * was working on. */
uint32_t ring_resume(struct ring *r, struct ring_place *place);

/*
 * Take out at most n frames with a time until that moment, in order; how many. They stay
 * valid until ring_release. A VLAN tag that the interface took off is put back.
 */
size_t ring_take(struct ring *r, struct frame *v, size_t n, struct moment until);

/* The time of the next frame; MOMENT_NONE: none is there. */
struct moment ring_next(struct ring *r);

/* What was taken out is done with. */
void ring_release(struct ring *r);

/* Whether it is at the end of a pipe; *why is then what was wrong there (static; NULL:
 * nothing). Of an idle ring too, never of an interface. */
bool ring_over(struct ring *r, const char **why);

/* Why the interface does not work, as errno says it (ENETDOWN); 0: it does, or it was
 * asked before. Polling shows POLLERR until it is asked. */
int ring_error(struct ring *r);

/* What share of the ring is waiting to be read, 0 to 1. */
double ring_fill(const struct ring *r);

/* What was counted since the last call. */
struct ring_counts ring_count(struct ring *r);

/* Close and unmap; NULL is fine. */
void ring_close(struct ring *r);

#endif
