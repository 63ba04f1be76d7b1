/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fast flux: a name whose addresses change all day, in networks that have nothing to do
 * with each other, with a short life each (B11). Large services answer that way, too;
 * what tells them apart here is that many hosts use them.
 */
#include "detect/dns/odd.h"

/* Ten addresses, five networks of 16 bits, 300 seconds: B11. A day is one by UTC. That
 * they change is seen in three answers, none of which has more than half of them. */
static const char flux_sql[] =
    "SELECT query, count(DISTINCT a) AS n, count(DISTINCT regexp_extract(a, "
    "'^[0-9]+[.][0-9]+')) AS nets, max(ttl), count(DISTINCT src_ip), "
    "epoch_us(min(ts)), epoch_us(max(ts)), first(src_ip ORDER BY ts, src_ip), "
    "count(DISTINCT ts) AS times, max(size) FROM (SELECT query, ts, src_ip, "
    "unnest(answers) AS a, unnest(ttls) AS ttl, len(answers) AS size FROM dns WHERE "
    "kind = 'dns' AND qtype = 'A' AND query IN (SELECT unnest(string_split($1, "
    "chr(10))))) WHERE regexp_matches(a, '^[0-9.]+$') GROUP BY query, CAST(ts AS DATE) "
    "HAVING n >= 10 AND nets >= 5 AND max(ttl) <= 300 AND times >= 3 AND "
    "n >= 2 * max(size) ORDER BY query, n DESC, epoch_us(min(ts))";

#define WIDE_ADDRESSES 20 /* twice the rule: addresses, networks */
#define WIDE_NETWORKS  10

static bool take(struct odd_run *run, const struct store_rows *r)
{
	uint64_t addresses = store_uint(r, 1), networks = store_uint(r, 2);
	uint64_t hosts = store_uint(r, 4);
	struct odd o = {.key = {.projection = SERIES_NAME,
			    .direction = DIRECTION_OUTBOUND,
			    .peer = store_text(r, 0),
			    .port = 53,
			    .proto = STR("udp")},
	    .score = (double)addresses,
	    .confidence = CONFIDENCE_LOW,
	    .attack = {"T1568.001"},
	    .hosts = hosts,
	    .fact_count = 1};
	if (addresses >= WIDE_ADDRESSES && networks >= WIDE_NETWORKS && hosts <= 2)
		o.confidence = CONFIDENCE_MEDIUM;
	if (!str_addr(store_text(r, 7), &o.key.host) || !odd_ours(run, &o.key.host))
		return true;
	o.stats = (struct series_stats){.events = store_uint(r, 8),
	    .starts = store_uint(r, 8),
	    .days = 1,
	    .first = store_int(r, 5),
	    .last = store_int(r, 6)};
	o.facts[0] = (struct fact){.key = FACT_KEY_FAST_FLUX,
	    .value = {(double)addresses, (double)networks, (double)store_uint(r, 3)}};
	return odd_tell(run, &o);
}

static int read_flux(struct odd_run *run, struct str names, struct error *e)
{
	struct store_rows *r =
	    store_query_with(run->d->source->store, flux_sql, &names, 1, e);
	char before[256] = "";
	bool fits = true;
	if (r == NULL)
		return -1;
	while (fits && store_next(r)) {
		struct str name = store_text(r, 0);
		if (name.n >= sizeof(before) || str_equal(name, str_of(before)))
			continue; /* the day with most of them is told */
		memcpy(before, name.p, name.n);
		before[name.n] = '\0';
		fits = take(run, r);
	}
	int result = store_rows_end(r, e);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}

int flux_run(struct odd_run *run, struct error *e)
{
	const struct glance *g = &run->glance;
	if (g->length == 0)
		return 0;
	return read_flux(run, (struct str){g->text, g->length - 1}, e);
}
