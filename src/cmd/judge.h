/* SPDX-License-Identifier: Apache-2.0 */
/* The memory to judged cases: run the detectors, join their findings, store both. */
#ifndef DWELL_CMD_JUDGE_H
#define DWELL_CMD_JUDGE_H

#include "cmd/home.h"
#include "store/store.h"

struct judgement {
	size_t findings, cases;
	size_t over_limit; /* findings beyond FINDINGS_MAX */
};

/* Replace the memory's findings and cases by those
 * of its present rows. Negative with *e set. */
int judge(struct store *s, const struct home *home, struct judgement *j, struct error *e);

#endif
