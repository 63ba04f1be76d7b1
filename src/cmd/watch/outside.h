/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch has to do with the outside: the process that answers at the control socket
 * and for metrics and sends findings (desk/desk.h), and the page that all write to.
 */
#ifndef DWELL_CMD_WATCH_OUTSIDE_H
#define DWELL_CMD_WATCH_OUTSIDE_H

#include <sys/types.h>

#include "cmd/options.h"
#include "desk/desk.h"
#include "store/store.h"

#define OUTSIDE_RETRY_NS (5 * NS_PER_S)  /* before the process starts again */
#define OUTSIDE_LAST_NS  (30 * NS_PER_S) /* for the last messages, at the end */
#define OUTSIDE_RENEW_NS (10 * NS_PER_S) /* for those under way, when targets change */

struct outside {
	const struct options *options; /* borrowed */
	struct page *page;
	struct deliveries *deliveries; /* NULL: no --notify */
	struct metrics *metrics;       /* NULL: no --metrics */
	char *queues;                  /* folder of the messages */
	int control;                   /* listens at the memory's socket */
	int lock;                      /* of the queues; -1: none */
	int orders[2];                 /* what is asked for: read the first */
	int stop[2];                   /* the second closed: it is over */
	pid_t pid;                     /* 0: does not run */
	int64_t due;                   /* monotonic clock, ns: when to start it (again) */
	int64_t end; /* likewise: when to end one that is to make room; 0: none is */
};

/* Open what listens in the memory, whose folder is there, and at ports; read the targets.
 * Negative with *e set; outside_close is due in either case. */
int outside_open(struct outside *o, const struct options *options, struct error *e);

/* In a process of its own that has nothing else open: confine it, and serve. The exit
 * status. */
int outside_serve(struct outside *o);

/* Read the targets anew, and have a new process send to them: files are opened again,
 * too. *list becomes a descriptor of all of them for the writer, -1 where nothing is
 * sent. Negative with *e set: all stays as it was. */
int outside_reload(struct outside *o, int64_t monotonic, int *list, struct error *e);

/* In the writer: take the targets over from such a descriptor, which is closed. */
void outside_take(struct outside *o, int list);

/* Whether the process is to be started now. */
bool outside_due(const struct outside *o, int64_t monotonic);

/* The process ended: it is started again later. */
void outside_ended(struct outside *o, int status, int64_t monotonic);

/* The next thing that was asked for (desk/control.h); 0: nothing. */
char outside_order(const struct outside *o);

/* In the writer: put what was found into the queues. A failure is said, not fatal. */
void outside_tell(struct outside *o, struct store *s);

/* Let it send what waits, for a while, and end it. */
void outside_finish(struct outside *o);

/* Close and free all; in a child too, which has no use for it. */
void outside_close(struct outside *o);

#endif
