/* SPDX-License-Identifier: Apache-2.0 */
/* Findings to cases: joined by host, peer and infrastructure (finding/join.h), ranked by
 * how rare and how sure they are, never by youth. */
#ifndef DWELL_FINDING_CASE_H
#define DWELL_FINDING_CASE_H

#include "base/arena.h"
#include "finding/finding.h"
#include "finding/join.h"

struct dwell_case {
	char id[20];
	uint64_t rank; /* from 1 */
	struct addr host;
	struct moment since, last_seen;
	enum since_kind since_kind;
	enum confidence confidence;
	uint64_t bytes_out_low, bytes_out_high;
	const struct finding **findings; /* the most telling first; borrowed */
	size_t finding_count;
};

/* Which names led to which addresses, as far as the findings' peers go. */
struct case_aliases {
	struct alias *v; /* borrowed */
	size_t n;
};

/*
 * Join n findings into cases, best first; aliases may be NULL. The cases and their
 * lists live in the arena, the findings stay the caller's and
 * must outlive them. The order depends on the findings alone.
 */
struct dwell_case *cases_build(const struct finding *v, size_t n,
    const struct case_aliases *aliases, struct arena *a, size_t *case_count);

/* How many false cases one like it stands for: where it is sure, the least that one of
 * its findings as sure has from theory (fact false_alarm: what chance gives in this
 * memory); else 1, as what speaks against it may explain it. */
double case_false(const struct dwell_case *c);

/* The row of a case; summary as in finding_to_record. */
void case_to_record(const struct dwell_case *c, struct str summary, struct arena *a,
    struct case_record *r);

#endif
