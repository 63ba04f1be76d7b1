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

/* Say how many of the set are valid for a part of the time only: all are looked for in
 * the whole span. */
void asking_note_validity(const struct indicators *set);

/* One question to an open memory, and what came of it. */
struct asked {
	struct ask *answers; /* owned by who asks */
	struct ask_count count;
};

/* Print what was watched in the span of q, before the answers are looked for: in the
 * format that is asked for. *r is what asking_answer needs besides; its coverage is
 * borrowed, and q->raw is set. Negative with *e set. */
int asking_head(struct store *s, const struct options *o, struct ask_question *q,
    struct coverage *coverage, struct ask_report *r, struct error *e);

/* Ask, and print the answers; asked->answers is to be freed. Negative with *e set. */
int asking_answer(struct store *s, const struct options *o, const struct ask_question *q,
    struct ask_report *r, struct asked *asked, struct error *e);

#endif
