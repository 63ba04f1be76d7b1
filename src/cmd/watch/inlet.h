/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of an outlet: frames out of a pipe, of a process that nobody trusts. */
#ifndef DWELL_CMD_WATCH_INLET_H
#define DWELL_CMD_WATCH_INLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "record/wire.h"

#define INLET_BYTES ((size_t)2 * WIRE_FRAME_MAX) /* so that a frame of any size fits */

struct inlet {
	int fd;          /* owned; -1: at its end */
	unsigned reader; /* whose it is */
	uint8_t *p;      /* owned; INLET_BYTES */
	size_t n;        /* bytes in it */
	bool damaged;    /* what came was no frame: nothing more is taken */
};

/* Who takes frames. */
struct inlet_sink {
	void (*frame)(void *ctx, const struct inlet *from, const struct wire_frame *f);
	void *ctx;
};

/* Start; the descriptor is the inlet's from then on, and does not block. False without
 * memory. */
bool inlet_init(struct inlet *in, int fd, unsigned reader);

/* Read what the pipe has now, up to INLET_BYTES, and give its frames to the sink; texts
 * that need it live in the arena, which is emptied. False: it is at its end, or damaged;
 * it is closed then. */
bool inlet_read(struct inlet *in, struct arena *a, const struct inlet_sink *sink);

/* Close and free. */
void inlet_fini(struct inlet *in);

#endif
