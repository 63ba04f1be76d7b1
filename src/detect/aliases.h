/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the findings' peers are one machine: names, and the addresses they led to. */
#ifndef DWELL_DETECT_ALIASES_H
#define DWELL_DETECT_ALIASES_H

#include "base/arena.h"
#include "finding/case.h"
#include "store/store.h"

#define ALIASES_NAMES_MAX                                                                \
	1000 /* names that are looked up; the first in order of text                     \
	      */
#define ALIASES_MAX 10000

/* Read the aliases among the peers of n findings that are worth a look, from what is kept
 * for good; texts live in the arena. Negative with *e set. */
int aliases_read(struct case_aliases *out, struct store *s, const struct finding *v,
    size_t n, struct arena *a, struct error *e);

#endif
