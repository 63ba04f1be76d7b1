/* SPDX-License-Identifier: Apache-2.0 */
/* Findings to cases: joined by host and peer, ranked by how rare and how sure they are,
 * never by youth. Why not by host alone: doc/decisions/cases.md. */
#ifndef DWELL_FINDING_CASE_H
#define DWELL_FINDING_CASE_H

#include "base/arena.h"
#include "finding/finding.h"

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

/*
 * Join n findings into cases, best first. The cases and their
 * lists live in the arena, the findings stay the caller's and
 * must outlive them. The order depends on the findings alone.
 */
struct dwell_case *cases_build(
    const struct finding *v, size_t n, struct arena *a, size_t *case_count);

/* The row of a case; summary as in finding_to_record. */
void case_to_record(const struct dwell_case *c, struct str summary, struct arena *a,
    struct case_record *r);

#endif
