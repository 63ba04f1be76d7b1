/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets that another program writes to a pipe as they come, in the format of pcap
 * (tcpdump -w -): standard input, or a pipe by name.
 *
 *     pipe ─▶ [ held | waits | part of a record ]      a buffer of PIPED_BYTES
 *             begin  next    …                  end
 *
 * Opened by who may open files, read by who may not, and who must not wait. Buffer and
 * positions are in memory that outlives a reader that falls; the next one goes on behind
 * what it was working on. A pipe by name never ends: who writes to it next begins with
 * another file header.
 */
#ifndef DWELL_LIVE_PIPED_H
#define DWELL_LIVE_PIPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "input/frame.h"

#define PIPED_BYTES      (8U << 20)
#define PIPED_RECORD_MAX (1U << 20) /* captured bytes of a packet; more is damage */

struct piped;

/* Whether that is such a place rather than an interface: "-", or a path. */
bool piped_is(const char *name);

/* Open it; nothing is read yet. NULL with *e set: ERR_USAGE where it is no pipe. */
struct piped *piped_open(const char *name, struct error *e);

/* As piped_open, from a descriptor, which becomes its own. */
struct piped *piped_from(int fd, struct error *e);

/* The time of the next packet; MOMENT_NONE: none is there whole. */
struct moment piped_next(struct piped *p);

/* As ring_take, ring_release, ring_resume and ring_stop (live/ring.h). */
size_t piped_take(
    struct piped *p, struct frame *v, size_t n, struct moment until, uint32_t source);
void piped_release(struct piped *p);
uint32_t piped_resume(struct piped *p);
void piped_stop(struct piped *p);

/* The descriptor to poll for reading. */
int piped_descriptor(const struct piped *p);

/* Whether no more comes, and all was taken; *why is then what was wrong (static; NULL:
 * nothing). */
bool piped_over(struct piped *p, const char **why);

/* Close and free; NULL is fine. */
void piped_close(struct piped *p);

#endif
