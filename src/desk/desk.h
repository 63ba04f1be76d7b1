/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of a watch that deals with the outside: it answers at the control socket
 * and for metrics, and sends findings. It has the page and the queues of messages, not
 * the memory; the sockets at which it listens were opened before it was confined.
 */
#ifndef DWELL_DESK_DESK_H
#define DWELL_DESK_DESK_H

#include "desk/metrics.h"
#include "desk/page.h"
#include "notify/deliver.h"

#define DESK_LOOK_MS 2000 /* between two looks for new messages */

struct desk {
	struct page *page;
	struct deliveries *deliveries; /* NULL: nothing is sent */
	struct metrics *metrics;       /* NULL: none are shown */
	int control;                   /* listens; -1: none */
	int orders;             /* pipe to whoever does what is asked; -1: nobody */
	int stop;               /* readable, or at its end, when it is over */
	int64_t look_due;       /* monotonic clock, ns: the next look for messages */
	uint64_t sent, refused; /* on the page already */
	void (*clocks)(struct moment *now, int64_t *monotonic);
};

/* Serve until it is time to stop. */
void desk_run(struct desk *d);

#endif
