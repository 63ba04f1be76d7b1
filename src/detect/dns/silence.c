/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS silence: a host that connects to many servers by name, and asks nobody for any of
 * these names where all its peers do (B11). Either it resolves in a way that is not seen,
 * or its questions pass by the sensor; which of them, its peers tell: the rule holds only
 * where 99 of 100 of them, and ten at least, are heard asking.
 */
#include <stdlib.h>

#include "detect/dns/odd.h"

#define PEERS_MIN  10   /* hosts that connect to named servers and ask */
#define SILENT_MAX 0.01 /* of such hosts may be silent: the 99th percentile (B11) */
#define NAMES_MIN  20   /* different names that a host connects to */
#define HOSTS_MAX  4096 /* that connect to so many names; of more nothing is told */

struct browser {
	struct addr host;
	struct series_stats stats;
	uint64_t names;
	bool asks;
};

struct browsers {
	struct browser *v; /* HOSTS_MAX; owned */
	size_t n;
	uint64_t over; /* because of HOSTS_MAX */
};

static bool is_web(const struct conns_row *row, uint32_t tcp)
{
	return !row->day && row->proto == tcp && row->dst_bytes > 0 &&
	       (row->port == 80 || row->port == 443);
}

/* Add the connections of one host and name. */
static void add_group(struct browser *b, const struct conns *c,
    const struct conns_index *index, size_t group, uint32_t tcp)
{
	const struct conns_group *g = &index->groups[group];
	bool any = false;
	for (uint32_t i = g->first; i < g->first + g->n; i++) {
		const struct conns_row *row = &c->rows[index->rows[i]];
		struct series_stats *s = &b->stats;
		if (!is_web(row, tcp))
			continue;
		any = true;
		s->first = s->events == 0 || row->ts < s->first ? row->ts : s->first;
		s->last = s->events == 0 || row->ts > s->last ? row->ts : s->last;
		s->events++;
		s->out += row->src_bytes;
		s->in += row->dst_bytes;
	}
	b->names += any;
}

/* Keep a host that is ours and connects to enough names. */
static void keep(struct browsers *l, const struct odd_run *run, struct str text,
    const struct browser *b)
{
	struct addr host;
	if (b->names < NAMES_MIN || !str_addr(text, &host) || !odd_ours(run, &host))
		return;
	if (l->n >= HOSTS_MAX) {
		l->over++;
		return;
	}
	l->v[l->n] = *b;
	l->v[l->n].host = host;
	l->v[l->n++].asks = glance_asker(&run->glance, text) != NULL;
}

/* Only texts that are hosts with names have a browser: most are not. */
static bool read_held(struct browsers *l, const struct odd_run *run, struct conns *c)
{
	const struct conns_index *index = conns_index(c, CONNS_NAME);
	uint32_t *number = calloc(c->text_count + 1, sizeof(*number)), hosts = 0;
	for (size_t i = 0; index != NULL && number != NULL && i < index->count; i++) {
		uint32_t src = c->rows[index->groups[i].row].src;
		number[src] = number[src] > 0 ? number[src] : ++hosts;
	}
	struct browser *all = calloc((size_t)hosts + 1, sizeof(*all));
	uint32_t tcp = conns_find(c, STR("tcp"));
	bool fits = index != NULL && number != NULL && all != NULL;
	for (size_t i = 0; fits && i < index->count; i++) {
		uint32_t src = c->rows[index->groups[i].row].src;
		add_group(&all[number[src]], c, index, i, tcp);
	}
	for (size_t i = 1; fits && i < c->text_count; i++) {
		if (number[i] > 0)
			keep(l, run, c->texts[i].text, &all[number[i]]);
	}
	free(all);
	free(number);
	return fits;
}

/* The same from a memory that is not held. */
static int read_stored(struct browsers *l, const struct odd_run *run, struct error *e)
{
	struct store_rows *r = store_sum(run->d->source->store,
	    "SELECT src_ip, count(DISTINCT server_name) AS names, epoch_us(min(ts)), "
	    "epoch_us(max(ts)), count(*), sum(src_bytes), sum(dst_bytes) FROM conn WHERE "
	    "server_name IS NOT NULL AND proto = 'tcp' AND dst_port IN (80, 443) AND "
	    "dst_bytes > 0 GROUP BY src_ip HAVING names >= 20",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		const struct browser b = {.names = store_uint(r, 1),
		    .stats = {.first = store_int(r, 2),
			.last = store_int(r, 3),
			.events = store_uint(r, 4),
			.out = store_uint(r, 5),
			.in = store_uint(r, 6)}};
		keep(l, run, store_text(r, 0), &b);
	}
	return store_rows_end(r, e);
}

static bool tell(struct odd_run *run, const struct browser *b, uint64_t asking)
{
	struct odd o = {.key = {.projection = SERIES_NAME,
			    .direction = DIRECTION_OUTBOUND,
			    .host = b->host,
			    .peer = STR("dns"),
			    .proto = STR("udp")},
	    .stats = b->stats,
	    .score = (double)b->names,
	    .confidence = CONFIDENCE_LOW,
	    .attack = {"T1071.004", "T1572"},
	    .hosts = 1,
	    .fact_count = 1};
	o.stats.starts = o.stats.events;
	o.facts[0] = (struct fact){
	    .key = FACT_KEY_DNS_SILENCE, .value = {(double)b->names, (double)asking, 0}};
	return odd_tell(run, &o);
}

static int by_host(const void *x, const void *y)
{
	return addr_cmp(
	    &((const struct browser *)x)->host, &((const struct browser *)y)->host);
}

/* The rule, once all hosts are known. False: no memory left. */
static bool tell_silent(struct odd_run *run, struct browsers *l)
{
	uint64_t asking = 0;
	bool fits = true;
	for (size_t i = 0; i < l->n; i++)
		asking += l->v[i].asks;
	double silent = (double)(l->n - asking), most = SILENT_MAX * (double)l->n;
	if (l->over > 0 || asking < PEERS_MIN || silent > (most > 1 ? most : 1))
		return true;
	qsort(l->v, l->n, sizeof(*l->v), by_host);
	for (size_t i = 0; fits && i < l->n; i++)
		fits = l->v[i].asks || tell(run, &l->v[i], asking);
	return fits;
}

int silence_run(struct odd_run *run, struct error *e)
{
	struct conns *held = run->d->source->conns;
	struct browsers l = {.v = malloc(HOSTS_MAX * sizeof(*l.v))};
	int result = 0;
	bool fits = l.v != NULL;
	if (fits && held->held)
		fits = read_held(&l, run, held);
	else if (fits)
		result = read_stored(&l, run, e);
	if (fits && result == 0)
		fits = tell_silent(run, &l);
	free(l.v);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}
