/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Polling by the day, where a memory is long enough: R6, a day on which a device refuses
 * far more than before; R7, a day on which a poll that always came as often comes twice
 * or half as often, or not at all while the sensor watched. Within a day nothing is
 * looked at: the rows are summed up day by day.
 */
#include "detect/ot/changes.h"

#include <math.h>
#include <stdlib.h>

#define US_PER_DAY   86400000000LL
#define PAST_DAYS    28  /* at most; at least OT_BASELINE_DAYS */
#define STEADY_SHARE 0.1 /* of its median: a poll scatters no more than that (MAD) */
#define RATE_FACTOR  2.0 /* D: R7 */
#define JUMP_DECADES 6.0 /* R6: of the binomial's tail */
#define JUMP_FACTOR  5.0 /* R6: and as many times the share before */
#define WATCHED      20  /* hours of a day: it was watched */

static const char days_sql[] =
    "SELECT " OT_ASKER " AS asker, " OT_DEVICE " AS device, protocol, "
    "epoch_us(ts) // 86400000000 AS day_number, count(*), count(*) FILTER (" OT_REFUSED
    "), "
    "min(ts), max(ts), min(proto), min(dst_port) FROM ot WHERE operation <> 'report' AND "
    "ts IS NOT NULL GROUP BY asker, device, protocol, day_number "
    "HAVING asker IS NOT NULL AND device IS NOT NULL "
    "ORDER BY asker, device, protocol, day_number";

struct poll_day {
	int64_t day, first;
	double n, errors;
};

/* The pair in work, and the days before the one that is read. */
struct poll {
	struct ot_work *w;
	struct ot_pair pair;
	struct poll_day past[PAST_DAYS]; /* a ring */
	size_t n;                        /* days read */
	bool told_rate, told_errors, told_silence;
};

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

/* The median of the days before, and whether they scatter little about it. */
static bool steady(const struct poll *p, double *median)
{
	double v[PAST_DAYS], off[PAST_DAYS];
	size_t n = p->n < PAST_DAYS ? p->n : PAST_DAYS;
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		v[i] = p->past[i].n;
	qsort(v, n, sizeof(*v), by_value);
	*median = v[n / 2];
	for (size_t i = 0; i < n; i++)
		off[i] = fabs(v[i] - *median);
	qsort(off, n, sizeof(*off), by_value);
	return off[n / 2] <= STEADY_SHARE * *median;
}

/* log10 of a bound on P(at least k of n at share q) (Chernoff). */
static double tail(double k, double n, double q)
{
	double a = k / n;
	if (a <= q)
		return 0;
	double d = a * log(a / q) + (a < 1 ? (1 - a) * log((1 - a) / (1 - q)) : 0);
	return n * d / M_LN10;
}

static void test_errors(struct poll *p, const struct poll_day *d)
{
	double n = 0, errors = 0;
	size_t days = p->n < PAST_DAYS ? p->n : PAST_DAYS;
	for (size_t i = 0; i < days; i++) {
		n += p->past[i].n;
		errors += p->past[i].errors;
	}
	double before = (errors + 1) / (n + 2), now = d->errors / d->n;
	if (p->told_errors || now < JUMP_FACTOR * before ||
	    tail(d->errors, d->n, before) < JUMP_DECADES)
		return;
	struct ot_change *c = ot_changed(p->w, &p->pair, OT_REFUSAL, d->first);
	p->told_errors = true;
	if (c == NULL)
		return;
	c->grave |= 1u << OT_REFUSAL;
	finding_add_fact(&c->v.finding, FACT_KEY_REFUSED_JUMP, now, errors / n,
	    (double)(d->day * US_PER_DAY));
}

static void test_rate(struct poll *p, const struct poll_day *d)
{
	double median;
	int64_t last = p->w->d->context->last / US_PER_DAY;
	if (p->told_rate || d->day >= last || !steady(p, &median))
		return; /* the memory's last day is not over */
	if (d->n < RATE_FACTOR * median && d->n * RATE_FACTOR > median)
		return;
	struct ot_change *c = ot_changed(p->w, &p->pair, OT_RHYTHM, d->first);
	p->told_rate = true;
	if (c == NULL)
		return;
	c->grave |= 1u << OT_RHYTHM;
	finding_add_fact(&c->v.finding, FACT_KEY_RATE_BROKEN, d->n, median,
	    (double)(d->day * US_PER_DAY));
}

/* Days that were watched, and on which it did not come. */
static void test_silence(struct poll *p, const struct poll_day *d)
{
	const struct poll_day *before = &p->past[(p->n - 1) % PAST_DAYS];
	double median;
	int64_t from = before->day + 1, silent = 0;
	if (p->told_silence || d->day <= from || !steady(p, &median))
		return;
	for (int64_t day = from; day < d->day && day < from + PAST_DAYS; day++)
		silent += context_hours(p->w->d->context, day * US_PER_DAY,
			      (day + 1) * US_PER_DAY - 1) >= WATCHED;
	if (silent == 0)
		return;
	struct ot_change *c = ot_changed(p->w, &p->pair, OT_RHYTHM, from * US_PER_DAY);
	p->told_silence = true;
	if (c == NULL)
		return;
	c->grave |= 1u << OT_RHYTHM;
	finding_add_fact(&c->v.finding, FACT_KEY_POLL_SILENT, (double)silent,
	    (double)(from * US_PER_DAY), median);
}

static void read_day(struct poll *p, const struct store_rows *r)
{
	struct ot_pair *pair = &p->pair;
	if (p->n == 0 || !str_equal(pair->asker, store_text(r, 0)) ||
	    !str_equal(pair->device, store_text(r, 1)) ||
	    !str_equal(pair->protocol, store_text(r, 2))) {
		struct ot_work *w = p->w;
		*p = (struct poll){.w = w,
		    .pair = {.asker = str_copy(&w->texts, store_text(r, 0)),
			.device = str_copy(&w->texts, store_text(r, 1)),
			.protocol = str_copy(&w->texts, store_text(r, 2)),
			.proto = str_copy(&w->texts, store_text(r, 8)),
			.port = (uint16_t)store_uint(r, 9),
			.first = moment_us(store_time(r, 6))}};
	}
	const struct poll_day d = {store_int(r, 3), moment_us(store_time(r, 6)),
	    (double)store_uint(r, 4), (double)store_uint(r, 5)};
	pair->n += store_uint(r, 4);
	pair->errors += store_uint(r, 5);
	pair->last = moment_us(store_time(r, 7));
	if ((double)p->n >= OT_BASELINE_DAYS) {
		test_errors(p, &d);
		test_rate(p, &d);
		test_silence(p, &d);
	}
	p->past[p->n++ % PAST_DAYS] = d;
}

int ot_rules_of_days(struct ot_work *w, struct error *e)
{
	if (context_days(w->d->context) <= OT_BASELINE_DAYS)
		return 0;
	struct store_rows *r = store_sum(w->d->source->store, days_sql, e);
	if (r == NULL)
		return -1;
	struct poll p = {.w = w};
	while (store_next(r))
		read_day(&p, r);
	return store_rows_end(r, e);
}
