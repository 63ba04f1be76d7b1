/* SPDX-License-Identifier: Apache-2.0 */
/* A line of progress with rate and time left, on a terminal only. */
#ifndef DWELL_CMD_PROGRESS_H
#define DWELL_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "input/input.h"

struct progress {
	bool on;
	bool shown;       /* a line is on the screen */
	unsigned calls;   /* since the clock was last read */
	int64_t began_ns; /* monotonic */
	int64_t shown_ns;
};

/* Start; nothing is ever printed when quiet or when standard error is no terminal. */
void progress_init(struct progress *p, bool quiet);

/* Maybe print the line anew. Cheap: call it for every batch of frames. */
void progress_tick(struct progress *p, const struct input *in, uint64_t frames);

/* Wipe the line. */
void progress_end(struct progress *p);

#endif
