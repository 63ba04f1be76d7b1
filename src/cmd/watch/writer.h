/* SPDX-License-Identifier: Apache-2.0 */
/* The process of dwell watch that has the memory: records of all readers into it. */
#ifndef DWELL_CMD_WATCH_WRITER_H
#define DWELL_CMD_WATCH_WRITER_H

#include "cmd/options.h"
#include "cmd/shares.h"
#include "cmd/watch/outside.h"

/* What the writer says to the supervisor, a byte each. */
#define WRITER_READY 'r' /* the memory is open: readers may start */

/*
 * Open the memory, take records until the supervisor says that no more come, commit and
 * judge. control is a socket to the supervisor (cmd/watch/notes.h). The exit status of
 * the process; what is wrong is said. What it counts goes to outside's page, what is
 * found to its queues.
 */
int writer_run(const struct options *o, const struct limits *limits, int control,
    struct outside *outside);

#endif
