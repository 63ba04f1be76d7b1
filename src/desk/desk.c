/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/desk.h"

#include <errno.h>
#include <poll.h>

#include "desk/control.h"

enum { STOP, CONTROL, METRICS, PLACES };

static void count(const struct desk *d)
{
	uint64_t sent = 0, refused = 0, waiting = 0;
	for (size_t i = 0; i < d->deliveries->n; i++) {
		const struct delivery *v = &d->deliveries->v[i];
		sent += v->sent;
		refused += v->refused;
		waiting += v->waiting;
	}
	page_set(d->page, PAGE_messages_sent, sent);
	page_set(d->page, PAGE_messages_refused, refused);
	page_set(d->page, PAGE_messages_waiting, waiting);
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
}

void desk_run(struct desk *d)
{
	struct pollfd p[PLACES] = {{d->stop, POLLIN, 0}, {d->control, POLLIN, 0},
	    {d->metrics != NULL ? metrics_descriptor(d->metrics) : -1, POLLIN, 0}};
	for (;;) {
		int n = poll(p, PLACES, DESK_LOOK_MS);
		if ((n < 0 && errno != EINTR) || p[STOP].revents != 0)
			break;
		if (n > 0 && p[CONTROL].revents != 0)
			control_answer(d->control, d->page, d->orders);
		if (d->metrics != NULL)
			metrics_run(d->metrics);
		if (n == 0)
			send_messages(d);
	}
	send_messages(d); /* what the last run of the detectors brought */
}
