/* SPDX-License-Identifier: Apache-2.0 */
/* A process of dwell watch that reads packets: rings to records. It opens nothing. */
#ifndef DWELL_CMD_WATCH_READER_H
#define DWELL_CMD_WATCH_READER_H

#include "cmd/watch/notes.h"
#include "live/ring.h"

struct limits;
struct traces;
struct traces_page;

struct reader_plan {
	const char *sensor;
	const char *const *names; /* of the sources, as rows hold them */
	struct ring *const *rings;
	size_t count;                          /* of names and rings */
	const struct traces *traces;           /* to begin with */
	const struct traces_page *traces_page; /* and those that come later */
	const struct limits *limits;
	struct reader_page *page;
	int out;  /* pipe to the writer */
	int stop; /* readable, or at its end, when it is time to stop */
};

/* Read until it is time to stop; the exit status of the process. All is borrowed. */
int reader_run(const struct reader_plan *plan);

#endif
