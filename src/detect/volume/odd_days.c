/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/volume/odd_days.h"

#include <math.h>
#include <stdlib.h>

#define HISTORY_DAYS 90   /* B2 (a) */
#define MAD_FLOOR    0.25 /* B0: octaves */
#define SPLIT_PEERS  3    /* to fewer it is not spread */
#define STAGE_Q      0.95

struct work {
	const struct ledger *l;
	struct host_day *days; /* by host and day; owned */
	double (*p)[FLOWS];    /* own p of each day; NaN: no history; owned */
	double (*z)[FLOWS];    /* robust z of each day; NaN: not asked for yet; owned */
	double (*octaves)[FLOWS + 1]; /* of each day's bytes, and what came in; owned */
	uint32_t *by_day;             /* numbers of days, by day and host; owned */
	struct odd_days *out;
};

static int by_host(const void *x, const void *y)
{
	const struct host_day *a = x, *b = y;
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return a->day < b->day ? -1 : a->day > b->day;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static int by_day(const void *x, const void *y, void *ctx)
{
	const struct host_day *d = ctx;
	const struct host_day *a = &d[*(const uint32_t *)x],
			      *b = &d[*(const uint32_t *)y];
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->host < b->host ? -1 : a->host > b->host;
}

static bool weekend(int64_t day)
{
	int64_t of_week =
	    (day % 7 + 7 + 3) % 7; /* 1970-01-01 was a Thursday; 0: Monday */
	return of_week >= 5;
}

/* The past of a day. */
struct past_days {
	double v[HISTORY_DAYS];
	size_t n;
};

static void fill_octaves(struct work *w)
{
	for (size_t i = 0; i < w->l->days.n; i++) {
		const struct host_day *d = &w->days[i];
		for (unsigned f = 0; f < FLOWS; f++)
			w->octaves[i][f] = log2(1 + (double)d->bytes[f]);
		w->octaves[i][FLOWS] = log2(1 + (double)d->inside);
	}
}

/* Of the host's days before day i those of its kind, or all where they are few; v is
 * made of bytes in octaves. */
static void past_of(
    const struct work *w, size_t i, enum flow flow, struct past_days *past)
{
	const struct host_day *d = &w->days[i];
	for (int kind = 1; kind >= 0; kind--) {
		past->n = 0;
		for (size_t k = i; k-- > 0 && past->n < HISTORY_DAYS;) {
			const struct host_day *b = &w->days[k];
			if (b->host != d->host || d->day - b->day > HISTORY_DAYS)
				break;
			if (kind == 0 || weekend(b->day) == weekend(d->day))
				past->v[past->n++] = w->octaves[k][flow];
		}
		if (past->n >= ODD_HISTORY)
			return;
	}
}

static double conformal(const struct past_days *past, double x)
{
	double above = 0;
	for (size_t i = 0; i < past->n; i++)
		above += past->v[i] >= x;
	return (1 + above) / ((double)past->n + 1);
}

/* Robust z of x; *median is set, v is sorted. */
static double robust_z(struct past_days *past, double x, double *median)
{
	double off[HISTORY_DAYS];
	*median = x;
	if (past->n == 0)
		return 0;
	qsort(past->v, past->n, sizeof(*past->v), by_value);
	*median = past->v[past->n / 2];
	for (size_t i = 0; i < past->n; i++)
		off[i] = fabs(past->v[i] - *median);
	qsort(off, past->n, sizeof(*off), by_value);
	return 0.6745 * (x - *median) / fmax(off[past->n / 2], MAD_FLOOR);
}

static double z_of(const struct work *w, size_t i, enum flow flow)
{
	struct past_days past;
	double median;
	if (isnan(w->z[i][flow])) {
		past_of(w, i, flow, &past);
		w->z[i][flow] = robust_z(&past, w->octaves[i][flow], &median);
	}
	return w->z[i][flow];
}

/* Among the other hosts of that day, how many had as odd a one, by z: p alone has many
 * ties. *others: how many there
 * are that have a past. */
static double peer_p(const struct work *w, size_t i, enum flow flow, double *others)
{
	const struct host_day *d = &w->days[i];
	size_t low = 0, high = w->l->days.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (w->days[w->by_day[middle]].day < d->day)
			low = middle + 1;
		else
			high = middle;
	}
	double as_odd = 0;
	*others = 0;
	for (; low < w->l->days.n && w->days[w->by_day[low]].day == d->day; low++) {
		size_t k = w->by_day[low];
		if (w->days[k].host == d->host || isnan(w->p[k][flow]))
			continue;
		*others += 1;
		as_odd += z_of(w, k, flow) >= z_of(w, i, flow);
	}
	return (1 + as_odd) / (1 + *others);
}

static void put(struct work *w, uint32_t host, enum rule rule, const struct odd_day *odd)
{
	if (w->out->n == ODD_MAX)
		w->out->dropped++;
	else
		w->out->v[w->out->n++] = (struct odd_found){host, rule, *odd, 0};
}

static bool spread(const struct host_day *d, enum flow flow)
{
	return flow != FLOW_FRESH || d->peers >= SPLIT_PEERS;
}

/* A day that stands out by itself. */
static void test_day(struct work *w, size_t i, enum flow flow)
{
	const struct host_day *d = &w->days[i];
	struct past_days past;
	double others, median;
	if (d->bytes[flow] < ODD_BYTES || !(w->p[i][flow] <= ODD_P) || !spread(d, flow))
		return;
	past_of(w, i, flow, &past);
	double z = robust_z(&past, w->octaves[i][flow], &median);
	double p = peer_p(w, i, flow, &others);
	bool few = 1 / (1 + others) > ODD_P; /* p can not say it: then z has to */
	if (few ? z < ODD_Z || p > 1 / (1 + others) : p > ODD_P)
		return;
	const struct odd_day odd = {.flow = flow,
	    .day = d->day,
	    .days = 1,
	    .bytes = d->bytes[flow],
	    .usual = exp2(median) - 1,
	    .p_own = w->p[i][flow],
	    .p_peer = others > 0 ? p : (double)NAN,
	    .history = (double)past.n,
	    .decades = -log10(w->p[i][flow]) - (others > 0 ? log10(p) : 0),
	    .z = z,
	    .peers = d->peers};
	put(w, d->host, flow == FLOW_FRESH ? RULE_SPLIT : RULE_BURST, &odd);
}

/* A run of days of one host that stands out as a whole. */
struct run {
	double level;
	size_t from;
	uint64_t bytes;
	double peers;
	bool told;
};

static void test_run(struct work *w, struct run *r, size_t i, enum flow flow)
{
	const struct host_day *d = &w->days[i];
	bool other = i == 0 || w->days[i - 1].host != d->host;
	if (other || r->level <= 0)
		*r = (struct run){.from = i};
	if (isnan(w->p[i][flow]))
		return;
	double silent = other ? 0 : (double)(d->day - w->days[i - 1].day - 1);
	r->level += -log(2 * sqrt(w->p[i][flow])) - silent * M_LN2;
	r->bytes += d->bytes[flow];
	r->peers += d->peers;
	bool enough = r->level >= ODD_DECADES * M_LN10 && r->bytes >= ODD_BYTES &&
		      (flow != FLOW_FRESH || r->peers >= SPLIT_PEERS);
	if (r->told || !enough)
		return;
	struct past_days past;
	double median;
	past_of(w, r->from, flow, &past);
	robust_z(&past, 0, &median);
	const struct odd_day odd = {.flow = flow,
	    .day = w->days[r->from].day,
	    .days = d->day - w->days[r->from].day + 1,
	    .bytes = r->bytes,
	    .usual = exp2(median) - 1,
	    .p_own = NAN,
	    .p_peer = NAN,
	    .history = (double)past.n,
	    .decades = r->level / M_LN10,
	    .z = ODD_Z,
	    .peers = r->peers};
	put(w, d->host, flow == FLOW_FRESH ? RULE_SPLIT : RULE_BURST, &odd);
	r->told = true;
}

static void test_staging(struct work *w, size_t i)
{
	const struct host_day *d = &w->days[i];
	struct past_days past;
	if (d->inside < ODD_BYTES || __builtin_popcountll(d->senders) < STAGE_HOSTS)
		return;
	past_of(w, i, FLOWS, &past);
	if (past.n < ODD_HISTORY)
		return;
	qsort(past.v, past.n, sizeof(*past.v), by_value);
	double q = exp2(past.v[(size_t)(STAGE_Q * (double)(past.n - 1))]) - 1;
	if ((double)d->inside < STAGE_FACTOR * q)
		return;
	uint64_t out = 0;
	int64_t last = d->day;
	for (size_t k = i; k < w->l->days.n && w->days[k].host == d->host &&
			   w->days[k].day <= d->day + STAGE_DAYS;
	     k++) {
		out += w->days[k].bytes[FLOW_OUT];
		if (w->days[k].bytes[FLOW_OUT] > 0)
			last = w->days[k].day;
	}
	if ((double)out < STAGE_SHARE * (double)d->inside)
		return;
	const struct odd_day odd = {.flow = FLOW_OUT,
	    .day = d->day,
	    .days = last - d->day + 1,
	    .bytes = out,
	    .usual = q,
	    .p_own = NAN,
	    .p_peer = NAN,
	    .history = (double)past.n,
	    .decades = log10((double)d->inside / fmax(q, 1)),
	    .gathered = (double)d->inside,
	    .senders = __builtin_popcountll(d->senders)};
	put(w, d->host, RULE_STAGED, &odd);
}

static void fill_p(struct work *w)
{
	for (size_t i = 0; i < w->l->days.n; i++) {
		for (unsigned f = 0; f < FLOWS; f++) {
			struct past_days past;
			past_of(w, i, (enum flow)f, &past);
			w->z[i][f] = (double)NAN;
			w->p[i][f] = past.n < ODD_HISTORY
					 ? (double)NAN
					 : conformal(&past, w->octaves[i][f]);
		}
	}
}

int odd_days_find(struct odd_days *o, const struct ledger *l, struct error *e)
{
	size_t n = l->days.n;
	struct work w = {.l = l, .out = o};
	*o = (struct odd_days){.v = malloc(ODD_MAX * sizeof(*o->v))};
	w.days = malloc((n + 1) * sizeof(*w.days));
	w.p = malloc((n + 1) * sizeof(*w.p));
	w.z = malloc((n + 1) * sizeof(*w.z));
	w.octaves = malloc((n + 1) * sizeof(*w.octaves));
	w.by_day = malloc((n + 1) * sizeof(*w.by_day));
	bool fits = o->v != NULL && w.days != NULL && w.p != NULL && w.z != NULL &&
		    w.octaves != NULL && w.by_day != NULL;
	for (uint32_t i = 0; fits && i < n; i++) {
		w.days[i] = *(const struct host_day *)keyed_row(&l->days, i);
		w.by_day[i] = i;
	}
	if (fits && n > ODD_HISTORY) {
		qsort(w.days, n, sizeof(*w.days), by_host);
		qsort_r(w.by_day, n, sizeof(*w.by_day), by_day, w.days);
		fill_octaves(&w);
		fill_p(&w);
		for (unsigned f = 0; f < FLOWS; f++) {
			struct run r = {.level = 0};
			for (size_t i = 0; i < n; i++) {
				test_day(&w, i, (enum flow)f);
				test_run(&w, &r, i, (enum flow)f);
			}
		}
		for (size_t i = 0; i < n; i++)
			test_staging(&w, i);
	}
	free(w.days);
	free(w.p);
	free(w.z);
	free(w.octaves);
	free(w.by_day);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

void odd_days_fini(struct odd_days *o)
{
	free(o->v);
	*o = (struct odd_days){.v = NULL};
}
