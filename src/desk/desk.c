/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/desk.h"

#include <errno.h>
#include <poll.h>

#include "desk/control.h"

enum { STOP, CONTROL, METRICS, PLACES };

/* The page outlives this process, so it gets what came since. */
static void count(struct desk *d)
{
	uint64_t sent = 0, refused = 0, waiting = 0;
	for (size_t i = 0; i < d->deliveries->n; i++) {
		const struct delivery *v = &d->deliveries->v[i];
		sent += v->sent;
		refused += v->refused;
		waiting += v->waiting;
	}
	page_add(d->page, PAGE_messages_sent, sent - d->sent);
	page_add(d->page, PAGE_messages_refused, refused - d->refused);
	page_set(d->page, PAGE_messages_waiting, waiting);
	d->sent = sent;
	d->refused = refused;
}

static void send_messages(struct desk *d)
{
	struct moment now;
	int64_t monotonic;
	if (d->deliveries == NULL)
		return;
	d->clocks(&now, &monotonic);
	(void)deliveries_run(d->deliveries, now, monotonic);
	count(d);
	d->clocks(&now, &monotonic);
	d->look_due = monotonic + DESK_LOOK_MS * NS_PER_MS;
}

/* Milliseconds until it is time to look for messages, however often somebody asks. */
static int wait_for(const struct desk *d)
{
	struct moment now;
	int64_t monotonic;
	if (d->deliveries == NULL)
		return -1;
	d->clocks(&now, &monotonic);
	int64_t left = d->look_due - monotonic;
	return left > 0 ? (int)(left / NS_PER_MS) + 1 : 0;
}

void desk_run(struct desk *d)
{
	struct pollfd p[PLACES] = {{d->stop, POLLIN, 0}, {d->control, POLLIN, 0},
	    {d->metrics != NULL ? metrics_descriptor(d->metrics) : -1, POLLIN, 0}};
	for (;;) {
		int n = poll(p, PLACES, wait_for(d));
		if ((n < 0 && errno != EINTR) || p[STOP].revents != 0)
			break;
		if (n > 0 && p[CONTROL].revents != 0)
			control_answer(d->control, d->page, d->orders);
		if (d->metrics != NULL)
			metrics_run(d->metrics);
		if (wait_for(d) == 0)
			send_messages(d);
	}
	send_messages(d); /* what the last run of the detectors brought */
}
