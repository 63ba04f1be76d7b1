/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and cases in words, for people:
 * terminal, JSON, one HTML page; English and Chinese. */
#ifndef DWELL_REPORT_REPORT_H
#define DWELL_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "finding/case.h"
#include "finding/finding.h"
#include "store/mute.h"
#include "store/store.h"

enum language { LANGUAGE_EN, LANGUAGE_ZH, LANGUAGES };

/* "en" or "zh"; false for anything else. */
bool language_from_name(const char *name, enum language *l);

struct report_options {
	enum language language;
	bool colour;               /* the stream is a terminal that wants colours */
	size_t most;               /* cases to print; 0: all */
	const char *memory;        /* the folder for -m in printed commands; NULL: none */
	const struct mutes *mutes; /* what is muted; NULL: nothing. Borrowed */
	int64_t today;             /* days since 1970-01-01: mutes run out */
	bool muted;                /* show what is muted too, and say why */
	double budget; /* false cases a day that may be shown (report/budget.h); 0: no
			  limit */
};

/* One sentence that says all: who, what, with whom, since when. In the arena. */
struct str finding_summary(const struct finding *f, enum language l, struct arena *a);
struct str case_summary(const struct dwell_case *c, enum language l, struct arena *a);

/* The sentence of one fact. In the arena. */
struct str fact_sentence(const struct fact *f, enum language l, struct arena *a);

/* Write the ranked cases of the memory (read from
 * its tables), as text or one JSON object a line. */
int report_cases_text(
    struct store *s, const struct report_options *o, FILE *out, struct error *e);
int report_cases_json(
    struct store *s, const struct report_options *o, FILE *out, struct error *e);

/* Write one case or finding with all its facts and its timeline. ERR_USAGE when there is
 * no such id. */
int report_show_text(struct store *s, const char *id, const struct report_options *o,
    FILE *out, struct error *e);
int report_show_json(struct store *s, const char *id, const struct report_options *o,
    FILE *out, struct error *e);

/* Write one self-contained HTML page. */
int report_html(
    struct store *s, const struct report_options *o, FILE *out, struct error *e);

#endif
