/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to one target: opened, fed with messages, closed. By libcurl, which may
 * only speak what target.h lists, follows no redirection, takes no proxy from the
 * environment, and gives up after a while.
 */
#ifndef DWELL_NOTIFY_SEND_H
#define DWELL_NOTIFY_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/moment.h"
#include "notify/target.h"
#include "notify/web.h"

#define SEND_CONNECT_S  10   /* seconds that connecting may take */
#define SEND_TOTAL_S    30   /* and one message in all */
#define SEND_ANSWER_MAX 4096 /* bytes of an answer that are read */

enum send_result {
	SEND_DONE,    /* it was taken */
	SEND_LATER,   /* the target is not there, or busy: try again */
	SEND_REFUSED, /* this message will never be taken */
};

struct sender;

/* Prepare to send to a target (borrowed) by a library that is loaded. A file is opened
 * here, the rest on use; to be called before the process is confined. host is this
 * machine's name, borrowed. NULL with *e set. */
struct sender *sender_new(
    const struct target *t, const struct web *web, const char *host, struct error *e);

/* Send a message: n bytes of a JSON object, NUL-terminated, without a line's end. What is
 * not done is told in *e. */
enum send_result sender_put(
    struct sender *s, struct moment now, const char *message, size_t n, struct error *e);

/* End a batch: close the connection. Before it is DONE, what sender_put took may be lost
 * when sender_collects. */
enum send_result sender_flush(struct sender *s, struct moment now, struct error *e);
bool sender_collects(const struct sender *s);

/* Close and free; NULL is fine. */
void sender_free(struct sender *s);

#endif
