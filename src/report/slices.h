/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A span of time in at most SLICES_MAX equal slices of a width that people know: minutes,
 * hours, days, weeks. Widths are whole, so that a rhythm slower than a slice does not
 * beat against it.
 */
#ifndef DWELL_REPORT_SLICES_H
#define DWELL_REPORT_SLICES_H

#include <stddef.h>

#include "base/moment.h"

#define SLICES_MAX 120

struct slices {
	struct moment from; /* begin of the first slice */
	int64_t width;      /* ns; positive */
	size_t n;           /* 1..SLICES_MAX */
};

/* Slices that hold from and to, and everything between. */
struct slices slices_of(struct moment from, struct moment to);

/* The slice of a moment; the nearest one for moments outside. */
size_t slices_index(const struct slices *s, struct moment at);

/* The end of the last slice. */
struct moment slices_end(const struct slices *s);

/* Where between the first slice's begin (0) and the last one's end (1) a moment lies. */
double slices_place(const struct slices *s, struct moment at);

#endif
