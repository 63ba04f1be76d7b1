/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records on their way out of a process that reads, as frames (record/wire.h) through a
 * pipe. What the pipe does not take at once waits in a buffer that grows to a limit, so
 * that the writer may be busy for a while; then whoever puts a record waits, and the
 * capture's ring takes up what comes meanwhile.
 */
#ifndef DWELL_CMD_WATCH_OUTLET_H
#define DWELL_CMD_WATCH_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"

#define OUTLET_FIRST_BYTES (4U << 20)
#define OUTLET_MAX_BYTES   (64U << 20) /* unless told otherwise */

struct outlet {
	int fd;     /* borrowed; does not block */
	uint8_t *p; /* owned */
	size_t begin, end, room, most;
	uint64_t *beats;  /* borrowed: grows while it waits; NULL: nobody looks */
	uint64_t refused; /* records too large for a frame */
	uint64_t waits;   /* times that the buffer was at its limit */
	bool broken;      /* nobody reads any more: what is put is dropped */
};

/* Start, with the writing end of a pipe and a buffer of most bytes at most, at least
 * OUTLET_FIRST_BYTES. Negative with *e set. */
int outlet_init(struct outlet *o, int fd, size_t most, struct error *e);

/* Where records go in. */
struct record_sink outlet_sink(struct outlet *o);

/* Put a note (record/wire.h). */
void outlet_note(struct outlet *o, uint16_t kind, const void *p, size_t n);

/* Give the pipe what it takes now; with wait, all of it. */
void outlet_push(struct outlet *o, bool wait);

/* Free the buffer. */
void outlet_fini(struct outlet *o);

#endif
