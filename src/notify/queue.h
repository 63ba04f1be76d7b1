/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is still to be sent to one target, on disk, so that neither a target that is away
 * for days nor a restart loses or doubles anything:
 *
 *     ROOT/KEY/told          what was put ever: a line each, "ID" as given to queue_put
 *     ROOT/KEY/wait/ID       a message that waits: one JSON object
 *
 * A message is put under its id once, for good; one that was sent is removed. Put and
 * told survive a power cut in this order, so that the worst is a message sent twice.
 */
#ifndef DWELL_NOTIFY_QUEUE_H
#define DWELL_NOTIFY_QUEUE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/words.h"
#include "notify/target.h"

#define QUEUE_WAITING_MAX 20000       /* messages that wait for one target */
#define QUEUE_TOLD_MAX    200000      /* ids remembered; more: the oldest are forgotten */
#define QUEUE_MESSAGE_MAX (64U << 10) /* bytes of one message */
#define QUEUE_ID_MAX      64          /* bytes of an id */
#define QUEUE_BATCH_MAX   100         /* messages sent over one connection */
#define QUEUE_TOLD_BYTES  ((size_t)QUEUE_TOLD_MAX * (QUEUE_ID_MAX + 1))

struct queue {
	char folder[PATH_MAX]; /* ROOT/KEY */
	struct words told;     /* in the order in which they were put */
	size_t waiting;
	size_t dropped; /* not put: too many wait, or too long */
	size_t added;   /* put since it was opened */
};

/* Open the queue of a target in the folder root, making both. Negative with *e set;
 * queue_close is due otherwise. */
int queue_open(
    struct queue *q, const char *root, const struct target *t, struct error *e);

/* Put a message under an id of letters, digits and '-', unless it was put before. What
 * does not fit is counted in dropped, and may be put again. Negative with *e set. */
int queue_put(struct queue *q, const char *id, struct str message, struct error *e);

/* Write down what was put. To be called after the last queue_put. Negative with *e set.
 */
int queue_flush(struct queue *q, struct error *e);

/* Free what is in memory. */
void queue_close(struct queue *q);

/* Ids of messages that wait. */
struct queue_batch {
	char ids[QUEUE_BATCH_MAX][QUEUE_ID_MAX + 1];
	size_t n;
	size_t waiting; /* in all */
};

/* List the first that wait, by id. From here on no queue_open is needed, only the folder
 * that it made. Negative with *e set. */
int queue_list(
    const char *root, const struct target *t, struct queue_batch *b, struct error *e);

/* A message, malloc'd, with its bytes in *n; NULL with *e set. */
char *queue_read(
    const char *root, const struct target *t, const char *id, size_t *n, struct error *e);

/* Remove a message that was sent. Negative with *e set. */
int queue_remove(
    const char *root, const struct target *t, const char *id, struct error *e);

#endif
