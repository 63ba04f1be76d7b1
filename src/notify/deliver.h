/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits for the targets, sent: a batch a connection, and after a failure again and
 * again, ever more seldom. Nothing is given up but what a target says it will never take.
 */
#ifndef DWELL_NOTIFY_DELIVER_H
#define DWELL_NOTIFY_DELIVER_H

#include "notify/queue.h"
#include "notify/send.h"

#define DELIVER_TARGETS_MAX 16
#define DELIVER_LIST_MAX    (1U << 20) /* bytes of a file of URLs */
#define DELIVER_RETRY_S     1 /* after the first failure; twice as long after each more */
#define DELIVER_RETRY_MAX_S 300

struct delivery {
	struct target target;
	struct sender *sender;
	unsigned failures; /* in a row */
	int64_t due;       /* monotonic clock, ns: not before */
	uint64_t sent, refused;
	size_t waiting;   /* after the last look */
	struct error why; /* of the last failure */
};

struct deliveries {
	struct delivery v[DELIVER_TARGETS_MAX];
	size_t n;
	struct web web;
	const char *root; /* of the queues; borrowed */
	char host[256];   /* this machine's name */
};

/* Nothing to deliver to yet; queues lie in the folder root (borrowed). Libraries start
 * here: to be called once, before there are threads. Negative with *e set;
 * deliveries_fini is due in either case. */
int deliveries_init(struct deliveries *d, const char *root, struct error *e);

/* Add a target, or those of a file of URLs, a line each ("@FILE"; '#' begins a comment
 * line). Negative with *e set. */
int deliveries_add(struct deliveries *d, const char *url, struct error *e);

/* As the lines of such a file, n bytes, say: in place of the targets that there are,
 * whose connections are closed. Negative with *e set: these stay. */
int deliveries_set(struct deliveries *d, const char *list, size_t n, struct error *e);

/* Put a message for all targets, under its id, and write down that it was put. Counted in
 * *dropped: (target, message) for which there was no room. Negative with *e set. */
struct delivery_message {
	const char *id;
	struct str text;
};
int deliveries_put(struct deliveries *d, const struct delivery_message *v, size_t n,
    size_t *dropped, struct error *e);

/* Open what must be open before the process is confined. Negative with *e set. */
int deliveries_open(struct deliveries *d, struct error *e);

/* Send what is due at the two clocks. Gives the ns until something may be due again;
 * negative: nothing waits. */
int64_t deliveries_run(struct deliveries *d, struct moment now, int64_t monotonic);

/* Close and free everything. */
void deliveries_fini(struct deliveries *d);

#endif
