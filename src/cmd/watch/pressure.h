/* SPDX-License-Identifier: Apache-2.0 */
/* How often the limits of the readers told, all together: what a flood costs. */
#ifndef DWELL_CMD_WATCH_PRESSURE_H
#define DWELL_CMD_WATCH_PRESSURE_H

#include "base/bytes.h"
#include "cmd/watch/notes.h"
#include "desk/page.h"

#define PRESSURE_SAY_NS (60 * NS_PER_S) /* between two words about it */

struct pressure {
	struct reader_pressure reader[READERS_MAX]; /* as they told last */
	struct reader_pressure past;                /* of those that fell */
	struct reader_pressure said;
	int64_t said_at; /* monotonic clock, ns; 0: never */
};

/* A reader's note; one that is not whole is passed over. */
void pressure_take(struct pressure *p, unsigned reader, struct bytes note);

/* A reader fell: the next one counts from nothing. */
void pressure_fell(struct pressure *p, unsigned reader);

/* The sums so far, to the page. */
void pressure_show(const struct pressure *p, struct page *page);

/* Say, once in a while, what was closed, dropped or not read since it was last said. */
void pressure_say(struct pressure *p, int64_t monotonic);

#endif
