/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few threads that take jobs in the order in which they were given. Whoever gives them
 * takes part: it takes jobs itself when too many wait, and while it waits for the last.
 *
 *     crew_put ──▶ | job | job | job | ──▶ threads 1 … n-1
 *                    └───────────────────▶ 0: whoever waits
 *
 * A crew of one has no thread: each job is done at once, where it is given. What a job
 * may touch is its own affair; which worker has it is told, for what each has of its own.
 */
#ifndef DWELL_BASE_CREW_H
#define DWELL_BASE_CREW_H

#include <stddef.h>

#define CREW_MAX       64 /* workers, whoever gives the jobs included */
#define CREW_QUEUE_MAX 64 /* jobs that wait; then whoever gives one takes one */

struct crew;

/* A piece of work; worker is less than crew_workers. */
struct crew_job {
	void (*run)(void *ctx, unsigned worker);
	void *ctx;
};

/* A crew of so many workers (1 to CREW_MAX), the caller being one of them; fewer where no
 * more threads can be started. NULL without memory. */
struct crew *crew_new(unsigned workers);

/* How many there are; of NULL: one. */
unsigned crew_workers(const struct crew *c);

/* Let a job be done. Of one thread, which is not in a job; c may be NULL: a crew of one.
 */
void crew_put(struct crew *c, struct crew_job job);

/* Have at most most jobs that are waiting or in work: take part until it is so. */
void crew_wait(struct crew *c, size_t most);

/* Do n jobs of one kind with contexts at v, size bytes apart, and wait for all given. */
void crew_each(struct crew *c, void (*run)(void *ctx, unsigned worker), void *v,
    size_t size, size_t n);

/* End the threads, when all jobs are done. NULL is fine. */
void crew_free(struct crew *c);

#endif
