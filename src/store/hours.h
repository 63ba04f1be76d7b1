/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of watching in memory: minutes go in, a run of watch_hour comes out. */
#ifndef DWELL_STORE_HOURS_H
#define DWELL_STORE_HOURS_H

#include "base/keyed.h"
#include "base/words.h"
#include "record/record.h"
#include "store/run_write.h"

#define HOURS_ROWS_MAX 32768 /* rows held; then they are written */

struct hours {
	struct keyed rows;
	struct words words; /* sensors and kinds */
};

/* No hours. */
void hours_init(struct hours *h, const struct hash_key *key);

/* Whether it is time to write. */
bool hours_full(const struct hours *h);

/* Add a minute. Negative with *e set without memory. */
int hours_put(struct hours *h, const struct watch_record *r, struct error *e);

/* Write all as one run. */
int hours_write(struct hours *h, struct run_writer *w, const struct run_place *place,
    struct error *e);

/* Forget all and free the memory. */
void hours_reset(struct hours *h);

#endif
