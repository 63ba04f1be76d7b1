/* SPDX-License-Identifier: Apache-2.0 */
/* What commands that ask for indicators share: reading them, and printing answers. */
#ifndef DWELL_CMD_ASKING_H
#define DWELL_CMD_ASKING_H

#include "cmd/options.h"
#include "feed/feed.h"
#include "report/ask.h"

/* What became of the files that were read. */
struct asking {
	bool issues;      /* a file could not be read in whole */
	uint64_t skipped; /* lines or objects that were of no use */
};

/* Read a file or folder of indicators into the set, with a line on standard error for
 * each file. Negative with *e set when there is none. */
int asking_read(
    struct indicators *set, const char *path, struct asking *a, struct error *e);

/* Up to when rows of connections have decayed, of the span that begins with since;
 * MOMENT_NONE: none have. Negative with *e set. */
int asking_decayed(
    struct store *s, struct moment since, struct moment *decayed, struct error *e);

/* Print what was watched, before the answers are there, in the format that is asked for.
 * Negative with *e set. */
int asking_head(const struct options *o, const struct ask_report *r, struct error *e);

/* Print the answers. */
int asking_body(const struct options *o, const struct ask_report *r, struct error *e);

#endif
