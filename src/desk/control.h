/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket of a watch: MEMORY/control, a Unix socket for its user and root
 * alone. Who connects sends one line, an object of JSON, and gets one line back:
 *
 *     {"ask":"status"}   the page (page.h) as an object
 *     {"ask":"judge"}    {"done":"judge"}: the detectors are to run now
 *     {"ask":"reload"}   {"done":"reload"}: files are to be read anew
 *     else               {"error":"…"}
 */
#ifndef DWELL_DESK_CONTROL_H
#define DWELL_DESK_CONTROL_H

#include <stddef.h>

#include "base/error.h"
#include "desk/page.h"

#define CONTROL_NAME      "control"
#define CONTROL_LINE_MAX  256    /* bytes of a question */
#define CONTROL_WAIT_MS   2000   /* for a question to come, or an answer to go */
#define CONTROL_REPLY_MAX 65536u /* bytes of an answer */

/* What the watch is to do, a byte each to whoever gives orders. */
#define CONTROL_JUDGE  'j'
#define CONTROL_RELOAD 'h'

/* Listen at the memory's socket; one that a killed watch left is replaced. The
 * descriptor, or negative with *e set. */
int control_listen(const char *memory, struct error *e);

/* Remove the socket's name. */
void control_remove(const char *memory);

/* Answer one who waits at the descriptor; orders go to the pipe (-1: nobody takes any).
 */
void control_answer(int listener, const struct page *p, int orders);

/* Ask the watch of a memory; the answer's line, malloc'd. NULL with *e set: ERR_USAGE
 * when none watches. */
char *control_ask(const char *memory, const char *what, struct error *e);

#endif
