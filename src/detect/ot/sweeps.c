/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R5, discovery: within ten minutes one host asks five devices, or twenty units behind a
 * gateway, what they are, or asks them and is not answered. And the same over time: five
 * devices that it had never asked, once the memory has a past.
 */
#include "detect/ot/changes.h"

#include <stdlib.h>

#define SWEEP_DEVICES 5         /* D: R5 */
#define SWEEP_UNITS   20        /* D: R5 */
#define SWEEP_US      600000000 /* D: R5 */

/* Of each asker the ten minutes with most, and the first of them. */
static const char sweeps_sql[] =
    "SELECT asker, min(device), protocol, max(devices), max(units), min(first), "
    "max(last), count(*), min(proto), min(port), sum(n) FROM ("
    "SELECT " OT_ASKER " AS asker, min(" OT_DEVICE ") AS device, protocol, "
    "count(DISTINCT " OT_DEVICE ") AS devices, "
    "count(DISTINCT hash(" OT_DEVICE ", unit)) FILTER (unit IS NOT NULL) AS units, "
    "min(ts) AS first, max(ts) AS last, min(proto) AS proto, min(dst_port) AS port, "
    "count(*) AS n FROM ot WHERE ts IS NOT NULL AND operation <> 'report' AND "
    "(operation = 'discovery' OR rtt IS NULL OR " OT_REFUSED ") "
    "GROUP BY asker, protocol, epoch_us(ts) // 600000000 "
    "HAVING asker IS NOT NULL AND device IS NOT NULL AND (devices >= 5 OR units >= 20)) "
    "GROUP BY asker, protocol ORDER BY asker, protocol LIMIT 4096";

static void told_sweep(struct ot_work *w, const struct store_rows *r)
{
	const struct ot_pair p = {
	    .asker = str_copy(&w->texts, store_text(r, 0)),
	    .device = str_copy(&w->texts, store_text(r, 1)),
	    .protocol = str_copy(&w->texts, store_text(r, 2)),
	    .proto = str_copy(&w->texts, store_text(r, 8)),
	    .port = (uint16_t)store_uint(r, 9),
	    .first = moment_us(store_time(r, 5)),
	    .last = moment_us(store_time(r, 6)),
	    .n = store_uint(r, 10),
	};
	double devices = (double)store_uint(r, 3), units = (double)store_uint(r, 4);
	struct ot_change *c = ot_changed(w, &p, OT_SWEEP, p.first);
	if (c != NULL)
		finding_add_fact(&c->v.finding, FACT_KEY_SWEEP, devices, units,
		    (double)store_uint(r, 7));
}

static int by_asker(const void *x, const void *y)
{
	const struct ot_pair *a = *(const struct ot_pair *const *)x,
			     *b = *(const struct ot_pair *const *)y;
	int c = str_cmp(a->asker, b->asker);
	if (c == 0 && a->first != b->first)
		c = a->first < b->first ? -1 : 1;
	return c != 0 ? c : str_cmp(a->device, b->device);
}

/* Pairs of one asker that began in ten minutes; where the first has a past before it. */
static void new_devices(struct ot_work *w, const struct ot_pair *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t count = 1;
		while (i + count < n && str_equal(v[i + count]->asker, v[i]->asker) &&
		       v[i + count]->first - v[i]->first <= SWEEP_US)
			count++;
		if (count < SWEEP_DEVICES ||
		    !ot_has_past(w->d->context->first, v[i]->first))
			continue;
		struct ot_change *c = ot_changed(w, v[i], OT_SWEEP, v[i]->first);
		if (c == NULL)
			return;
		c->grave |= 1u << OT_SWEEP;
		finding_add_fact(&c->v.finding, FACT_KEY_SWEEP_NEW, (double)count, 0, 0);
		i += count - 1;
	}
}

int ot_rules_of_sweeps(struct ot_work *w, struct error *e)
{
	const struct ot_pair **v =
	    malloc((w->uses.pair_count + 1) * sizeof(const struct ot_pair *));
	size_t n = 0;
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < w->uses.pair_count; i++) {
		if (!ot_is_group(w->uses.pairs[i].device))
			v[n++] = &w->uses.pairs[i];
	}
	if (n > 1)
		qsort(v, n, sizeof(const struct ot_pair *), by_asker);
	new_devices(w, v, n);
	free(v);
	struct store_rows *r = store_sum(w->d->source->store, sweeps_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		told_sweep(w, r);
	return store_rows_end(r, e);
}
