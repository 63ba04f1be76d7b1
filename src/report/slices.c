/* SPDX-License-Identifier: Apache-2.0 */
#include "report/slices.h"

#define DAY INT64_C(86400)

/* Widths in seconds; beyond the last, whole multiples of it. */
static const int64_t widths[] = {60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600,
    43200, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 28 * DAY};

#define WIDTHS (sizeof(widths) / sizeof(widths[0]))

/* They begin on a multiple of their width, or of a day where they are longer. */
struct slices slices_of(struct moment from, struct moment to)
{
	struct slices s = {.n = 0};
	int64_t last = widths[WIDTHS - 1];
	for (size_t i = 0; s.n == 0; i++) {
		int64_t seconds =
		    i < WIDTHS ? widths[i] : last * (int64_t)(i - WIDTHS + 2);
		s.width = seconds * NS_PER_S;
		int64_t grid = s.width < NS_PER_DAY ? s.width : NS_PER_DAY;
		s.from = moment_add(from, -((from.ns % grid + grid) % grid));
		int64_t n = moment_diff(s.from, to) / s.width + 1;
		if (n <= SLICES_MAX)
			s.n = n > 0 ? (size_t)n : 1;
	}
	return s;
}

size_t slices_index(const struct slices *s, struct moment at)
{
	int64_t i = moment_diff(s->from, at) / s->width;
	return i < 0 ? 0 : (size_t)i >= s->n ? s->n - 1 : (size_t)i;
}

struct moment slices_end(const struct slices *s)
{
	int64_t all;
	if (__builtin_mul_overflow(s->width, (int64_t)s->n, &all))
		all = INT64_MAX;
	return moment_add(s->from, all);
}

double slices_place(const struct slices *s, struct moment at)
{
	double share =
	    (double)moment_diff(s->from, at) / ((double)s->width * (double)s->n);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}
