/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/walk.h"

#include <math.h>
#include <stdlib.h>

#define FAILS_SCANNER 0.8 /* Jung et al. 2004 */
#define FAILS_USER    0.2

static void step(struct walk *w, double *sum, size_t *from, size_t i, bool dead)
{
	double bet = log10(FAILS_SCANNER / FAILS_USER);
	if (*sum <= 0)
		*from = i;
	*sum = fmax(0, *sum + (dead ? bet : -bet));
	if (*sum > w->best) {
		w->best = *sum;
		w->from = *from;
		w->to = i;
	}
}

void walk_over(struct walk *w, const struct contact *v, size_t n)
{
	double sum = 0;
	size_t from = 0, tail = 0;
	uint64_t inside = 0;
	*w = (struct walk){.best = 0};
	for (size_t i = 0; i < n; i++) {
		step(w, &sum, &from, i, v[i].dead);
		w->dead += v[i].dead;
		inside += v[i].dead;
		while (v[i].first - v[tail].first > WALK_WINDOW_US)
			inside -= v[tail++].dead;
		if (!v[i].dead || inside <= w->burst)
			continue;
		while (!v[tail].dead)
			tail++;
		w->burst = inside;
		w->burst_first = v[tail].first;
		w->burst_last = v[i].first;
	}
}

static int by_addr(const void *x, const void *y)
{
	return addr_cmp(x, y);
}

size_t walk_addresses(
    const struct contact *v, size_t n, bool dead_only, struct addr *scratch)
{
	size_t count = 0, different = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].dead || !dead_only)
			scratch[count++] = v[i].dst;
	}
	if (count > 0)
		qsort(scratch, count, sizeof(*scratch), by_addr);
	for (size_t i = 0; i < count; i++)
		different += i == 0 || !addr_equal(&scratch[i - 1], &scratch[i]);
	return different;
}
