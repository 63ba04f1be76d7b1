/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/volume/pair_tests.h"

#include <math.h>

#define DRIP_DAYS_MIN 4 /* with fewer than that it is no drip */
#define DAYS_A_YEAR   365.25

static double ratio(double out, double in, double days)
{
	return (out + LEDGER_SLACK * days) / (in + LEDGER_SLACK * days);
}

bool producer_test(const struct ledger *l, const struct pair *p, struct producer *out)
{
	double sent = 0, received = 0;
	*out = (struct producer){.usual = NAN};
	for (size_t i = 0; i < p->n; i++) {
		const struct pair_day *d = &p->days[i];
		if (d->out < PRODUCER_BYTES ||
		    ratio((double)d->out, (double)d->in, 1) < PRODUCER_RATIO)
			continue;
		if (out->days == 0)
			out->first = d->first;
		out->days++;
		sent += (double)d->out;
		received += (double)d->in;
	}
	if (out->days == 0)
		return false;
	out->out = (uint64_t)fmin(sent, 1e19);
	out->in = (uint64_t)fmin(received, 1e19);
	out->ratio = ratio(sent, received, out->days);
	out->usual = ledger_usual_ratio(l, p, &out->usual_days);
	return !(out->usual >= 1);
}

/* A CUSUM while it runs, and its highest point. */
struct run {
	double level, peak;
	size_t from, peak_from, peak_to;
};

static void run_add(struct run *r, double gain, size_t i)
{
	if (r->level <= 0) {
		r->level = 0;
		r->from = i;
	}
	r->level += gain;
	if (r->level > r->peak) {
		r->peak = r->level;
		r->peak_from = r->from;
		r->peak_to = i;
	}
}

static struct run drip_run(const struct ledger *l, const struct pair *p)
{
	struct run r = {.level = 0};
	uint32_t own[LEDGER_LEVELS] = {0};
	for (size_t i = 0; i < p->n; i++)
		own[ledger_level(p->days[i].out)]++;
	for (size_t i = 0; i < p->n; i++) {
		double above, all, silent = 0;
		ledger_rank(l, p, p->days[i].out, own, &above, &all);
		if (i > 0)
			silent = (double)(p->days[i].day - p->days[i - 1].day - 1);
		/* A silent day has rank 1: e = 1/2. */
		r.level = fmax(0, r.level - silent * M_LN2);
		double e = 0.5 / sqrt((1 + fmax(above, 0)) / (1 + fmax(all, 0)));
		run_add(&r, log(fmax(e, 0.5)), i);
	}
	return r;
}

bool drip_test(const struct ledger *l, const struct pair *p, struct drip *out)
{
	unsigned by_name = p->key.projection == SERIES_NAME;
	const struct ledger_host *h = keyed_find(&l->hosts, &p->key.host);
	if (p->n < DRIP_DAYS_MIN || h == NULL)
		return false;
	double alarm = DRIP_YEARS * DAYS_A_YEAR * (double)h->pairs[by_name];
	struct run r = drip_run(l, p);
	if (r.peak < log(alarm))
		return false;
	double sent = 0, received = 0;
	for (size_t i = r.peak_from; i <= r.peak_to; i++) {
		sent += (double)p->days[i].out;
		received += (double)p->days[i].in;
	}
	double active = (double)(r.peak_to - r.peak_from + 1);
	*out = (struct drip){
	    .decades = r.peak / M_LN10,
	    .alarm = log10(alarm),
	    .days = (double)(p->days[r.peak_to].day - p->days[r.peak_from].day + 1),
	    .active = active,
	    .out = (uint64_t)fmin(sent, 1e19),
	    .first = p->days[r.peak_from].first,
	};
	/* It sends more than it gets, and more than a handshake is worth. */
	return active >= DRIP_DAYS_MIN && sent >= received &&
	       sent >= LEDGER_SLACK * active;
}
