/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS silence: a host that connects to many servers by name, and asks nobody for any of
 * these names where all its peers do (B11). Either it resolves in a way that is not seen,
 * or its questions pass by the sensor; which of them, its peers tell: the rule holds only
 * where 99 of 100 of them, and ten at least, are heard asking.
 */
#include "detect/dns/odd.h"

#define PEERS_MIN  10   /* hosts that connect to named servers and ask */
#define SILENT_MAX 0.01 /* of such hosts may be silent: the 99th percentile (B11) */
#define NAMES_MIN  20   /* different names that a host connects to */

/* Hosts that connect to named servers on the web's ports: with how many names, from when
 * to when, and whether they are ever heard asking. %s: the connections that are left. */
static const char silence_form[] =
    "SELECT src_ip, count(DISTINCT server_name) AS names, epoch_us(min(ts)), "
    "epoch_us(max(ts)), count(*), sum(src_bytes), sum(dst_bytes), count(DISTINCT "
    "CAST(ts AS DATE)), src_ip IN (SELECT src_ip FROM dns WHERE kind = 'dns' AND src_ip "
    "IS NOT NULL) FROM %s WHERE server_name IS NOT NULL AND proto = 'tcp' AND dst_port "
    "IN "
    "(80, 443) AND dst_bytes > 0 GROUP BY src_ip HAVING names >= 20 ORDER BY src_ip";

static int count_hosts(
    struct odd_run *run, uint64_t *asking, uint64_t *silent, struct error *e)
{
	struct store_rows *r = past_query(
	    run->d->source->store, e, silence_form, run->d->source->past->rows);
	*asking = *silent = 0;
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr host;
		if (!str_addr(store_text(r, 0), &host) || !odd_ours(run, &host))
			continue;
		*asking += store_bool(r, 8);
		*silent += !store_bool(r, 8);
	}
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

static bool take(struct odd_run *run, const struct store_rows *r, uint64_t asking)
{
	struct odd o = {.key = {.projection = SERIES_NAME,
			    .direction = DIRECTION_OUTBOUND,
			    .peer = STR("dns"),
			    .proto = STR("udp")},
	    .score = (double)store_uint(r, 1),
	    .confidence = CONFIDENCE_LOW,
	    .attack = {"T1071.004", "T1572"},
	    .hosts = 1,
	    .fact_count = 1};
	if (!str_addr(store_text(r, 0), &o.key.host) || !odd_ours(run, &o.key.host) ||
	    store_bool(r, 8))
		return true;
	o.stats = (struct series_stats){.first = store_int(r, 2),
	    .last = store_int(r, 3),
	    .events = store_uint(r, 4),
	    .starts = store_uint(r, 4),
	    .out = store_uint(r, 5),
	    .in = store_uint(r, 6),
	    .days = store_uint(r, 7)};
	o.facts[0] = (struct fact){.key = FACT_KEY_DNS_SILENCE,
	    .value = {(double)store_uint(r, 1), (double)asking, 0}};
	return odd_tell(run, &o);
}

int silence_run(struct odd_run *run, struct error *e)
{
	uint64_t asking, silent;
	bool fits = true;
	if (count_hosts(run, &asking, &silent, e) < 0)
		return -1;
	double most = SILENT_MAX * (double)(asking + silent);
	if (silent == 0 || asking < PEERS_MIN || (double)silent > (most > 1 ? most : 1))
		return 0;
	struct store_rows *r = past_query(
	    run->d->source->store, e, silence_form, run->d->source->past->rows);
	if (r == NULL)
		return -1;
	while (fits && store_next(r))
		fits = take(run, r, asking);
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}
