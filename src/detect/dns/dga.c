/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains that a program makes up: within an hour a host asks for ten and more registered
 * domains that do not exist (B11), and their labels are not like those of the names that
 * exist for this site. Each label has a p-value against the site's own (bigrams.h); as
 * e = 1 / (2 sqrt p) it has a mean of 1 at most while it is like them, so that the sum of
 * log10 e, less that of the hosts tested, is a number of decades against chance.
 */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/keyed.h"
#include "detect/dns/bigrams.h"
#include "detect/dns/names.h"
#include "detect/dns/odd.h"

#define BURST_DOMAINS 10 /* B11: registered domains in an hour */
#define HOUR_US       INT64_C(3600000000)
#define DOMAINS_MAX   16384      /* of one host that do not exist; the first of them */
#define TEXT_MAX      (2u << 20) /* bytes of them */
#define KNOWN_MAX     (1u << 18) /* labels that exist; more are counted repeatedly */
#define TESTS_MAX     65536      /* labels that others are held against */
#define TESTS_TEXT    (4u << 20) /* bytes of them */
#define TESTED_MIN    100        /* labels that a p-value rests on */
#define DECADES       6.0 /* the evidence that makes a finding: as S >= 6 of the clock */
#define DECADES_HIGH  12.0
#define DOMAINS_HIGH  50

struct missing {
	struct str domain;
	int64_t ts;
};

struct burst {
	struct addr host, server;
	size_t from, n; /* of the host's missing domains */
	int64_t first, last;
	uint64_t all;
};

struct host {
	char text[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
	struct missing *v; /* DOMAINS_MAX; owned */
	size_t n;
	uint64_t over; /* because of DOMAINS_MAX */
	struct keyed known;
	struct arena texts;
};

struct dga {
	struct odd_run *run;
	struct host host;
	struct bigrams *bigrams; /* owned; NULL: not learned yet */
	uint64_t hosts;          /* that asked for ten such names at all */
};

/* The label that somebody chose: the first of the registered domain. */
static struct str chosen_label(struct str domain)
{
	return names_first_label(domain);
}

/* ---- what exists ---- */

/* The label that somebody chose, without a look into the list of public suffixes, which
 * takes long for all names there are: before the last one, and before a short one that
 * stands there for a country's second level (co.uk). */
static struct str quick_label(struct str name)
{
	struct str key = names_key(name), second = names_first_label(key);
	if (key.n == 0 || second.n > 3 || key.n == name.n)
		return second;
	const char *dot = memrchr(name.p, '.', name.n - key.n - 1);
	const char *from = dot != NULL ? dot + 1 : name.p;
	return (struct str){from, (size_t)(key.p - from) - 1};
}

/* The labels of the half that tests, until the other half has taught. */
struct half {
	struct arena texts;
	struct str *v; /* TESTS_MAX; owned */
	size_t n;
	uint64_t over; /* because of TESTS_MAX */
};

static bool learn_row(
    struct dga *g, struct half *half, struct keyed *known, struct str name)
{
	struct str label = quick_label(name);
	uint64_t digest = hash_bytes(&hash_key_public, label.p, label.n);
	bool made = true;
	if (label.n == 0)
		return true;
	if (known->n < KNOWN_MAX && keyed_put(known, &digest, &made) == NULL)
		return false;
	if (!made)
		return true;
	if (bigrams_teaches(label)) {
		bigrams_teach(g->bigrams, label);
		return true;
	}
	struct str copy =
	    half->n < TESTS_MAX ? str_copy(&half->texts, label) : (struct str){NULL, 0};
	if (copy.p != NULL)
		half->v[half->n++] = copy;
	else
		half->over++;
	return true;
}

static int learn_rows(struct dga *g, struct half *half, struct error *e)
{
	struct store_rows *r = store_sum(g->run->d->source->store,
	    "SELECT query FROM dns WHERE kind = 'dns' AND rcode = 'NOERROR' AND "
	    "len(answers) > 0 AND qtype <> 'PTR'",
	    e);
	struct keyed known;
	bool fits = true;
	if (r == NULL)
		return -1;
	const struct hash_key key = hash_key_random();
	keyed_init(&known, sizeof(uint64_t), sizeof(uint64_t), &key);
	while (fits && store_next(r))
		fits = learn_row(g, half, &known, store_text(r, 0));
	int result = store_rows_end(r, e);
	keyed_reset(&known);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}

/* Learn how names that were answered are made, one label once. */
static int learn(struct dga *g, struct error *e)
{
	struct half half = {.v = malloc(TESTS_MAX * sizeof(*half.v))};
	g->bigrams = calloc(1, sizeof(*g->bigrams));
	if (g->bigrams == NULL || half.v == NULL) {
		free(half.v);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	arena_init(&half.texts, TESTS_TEXT);
	int result = learn_rows(g, &half, e);
	for (size_t i = 0; result == 0 && i < half.n; i++)
		bigrams_test(g->bigrams, half.v[i]);
	arena_fini(&half.texts);
	free(half.v);
	return result;
}

/* ---- what does not ---- */

/* The hour with most of them. */
static struct burst densest(const struct host *h)
{
	struct burst b = {.n = 0};
	for (size_t from = 0, to = 0; to < h->n; to++) {
		while (h->v[to].ts - h->v[from].ts > HOUR_US)
			from++;
		if (to - from + 1 > b.n)
			b = (struct burst){.from = from, .n = to - from + 1};
	}
	return b;
}

static double evidence(const struct dga *g, const struct burst *b)
{
	double sum = 0;
	for (size_t i = b->from; i < b->from + b->n; i++) {
		double p = bigrams_p(g->bigrams, chosen_label(g->host.v[i].domain));
		sum -= log10(2 * sqrt(p));
	}
	return sum - log10((double)(g->hosts > 0 ? g->hosts : 1));
}

static bool tell(struct dga *g, const struct burst *b, double decades)
{
	struct host *h = &g->host;
	struct odd o = {.key = {.projection = SERIES_ADDRESS,
			    .direction = DIRECTION_OUTBOUND,
			    .peer = str_of(h->server),
			    .port = 53,
			    .proto = STR("udp")},
	    .score = decades,
	    .confidence = decades >= DECADES_HIGH && b->n >= DOMAINS_HIGH
			      ? CONFIDENCE_HIGH
			      : CONFIDENCE_MEDIUM,
	    .attack = {"T1568.002", "T1071.004"},
	    .hosts = 1,
	    .fact_count = 2};
	struct addr server;
	str_addr(str_of(h->text), &o.key.host);
	if (str_addr(str_of(h->server), &server) &&
	    series_home(g->run->d->source->options, &server))
		o.key.direction = DIRECTION_INTERNAL;
	o.stats = (struct series_stats){.events = h->n,
	    .starts = h->n,
	    .days = 1,
	    .first = h->v[b->from].ts,
	    .last = h->v[h->n - 1].ts};
	struct str sample = h->v[b->from + b->n / 2].domain;
	o.facts[0] = (struct fact){.key = FACT_KEY_DGA_BURST,
	    .value = {(double)b->n, (double)h->v[b->from].ts, (double)h->n}};
	o.facts[1] = (struct fact){.key = FACT_KEY_DGA_ODDNESS,
	    .value = {decades, (double)g->bigrams->tested, 0}};
	o.facts[2] = (struct fact){.key = FACT_KEY_DNS_SAMPLE, .text = sample};
	o.fact_count = 3;
	return !odd_ours(g->run, &o.key.host) || odd_tell(g->run, &o);
}

static int close_host(struct dga *g, struct error *e)
{
	struct burst b = densest(&g->host);
	if (b.n < BURST_DOMAINS)
		return 0;
	if (g->bigrams == NULL && learn(g, e) < 0)
		return -1;
	if (g->bigrams->tested < TESTED_MIN)
		return 0;
	double decades = evidence(g, &b);
	if (decades < DECADES || tell(g, &b, decades))
		return 0;
	return error_set(e, ERR_SYSTEM, "no memory left");
}

static int open_host(struct dga *g, struct str host, struct str server, struct error *e)
{
	struct host *h = &g->host;
	int result = close_host(g, e);
	if (host.n >= sizeof(h->text) || server.n >= sizeof(h->server))
		host = server = STR("");
	if (host.n > 0)
		memcpy(h->text, host.p, host.n);
	if (server.n > 0)
		memcpy(h->server, server.p, server.n);
	h->text[host.n] = h->server[server.n] = '\0';
	h->n = 0;
	h->over = 0;
	keyed_empty(&h->known);
	arena_reset(&h->texts);
	return result;
}

/* A name that does not exist, in order of time: its domain counts once. */
static int take_missing(struct dga *g, struct str name, int64_t ts, struct error *e)
{
	struct host *h = &g->host;
	struct str domain = names_domain(name);
	if (domain.n == 0)
		return 0;
	uint64_t digest = hash_bytes(&hash_key_public, domain.p, domain.n);
	bool made;
	if (h->n >= DOMAINS_MAX) {
		h->over++;
		return 0;
	}
	if (keyed_put(&h->known, &digest, &made) == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct str copy = made ? str_copy(&h->texts, domain) : (struct str){NULL, 0};
	if (copy.p != NULL)
		h->v[h->n++] = (struct missing){copy, ts};
	return 0;
}

/* Names of hosts that asked for ten and more that do not exist, in order of host and
 * time, each with the server that was asked first. */
static const char missing_sql[] =
    "SELECT src_ip, query, epoch_us(min(ts)) AS t, first(dst_ip ORDER BY ts, dst_ip) "
    "FROM dns WHERE rcode = 'NXDOMAIN' AND kind = 'dns' AND qtype <> 'PTR' "
    "GROUP BY src_ip, query QUALIFY count(*) OVER (PARTITION BY src_ip) >= 10 "
    "ORDER BY src_ip, t, query";

static int read_missing(struct dga *g, struct error *e)
{
	struct store_rows *r = store_sum(g->run->d->source->store, missing_sql, e);
	if (r == NULL)
		return -1;
	int result = 0;
	while (result == 0 && store_next(r)) {
		struct str host = store_text(r, 0);
		if (host.n > 0 && !str_equal(host, str_of(g->host.text)))
			result = open_host(g, host, store_text(r, 3), e);
		if (result == 0 && host.n > 0)
			result = take_missing(g, store_text(r, 1), store_int(r, 2), e);
	}
	if (store_rows_end(r, e) < 0)
		result = -1;
	return result < 0 ? -1 : close_host(g, e);
}

int dga_run(struct odd_run *run, struct error *e)
{
	struct dga g = {.run = run};
	if (!run->glance.missing)
		return 0;
	g.host.v = calloc(DOMAINS_MAX, sizeof(*g.host.v));
	if (g.host.v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (uint32_t i = 0; i < run->glance.askers.n; i++) {
		const struct asker *a = keyed_row(&run->glance.askers, i);
		g.hosts += a->missing >= MISSING_MIN;
	}
	const struct hash_key key = hash_key_random();
	keyed_init(&g.host.known, sizeof(uint64_t), sizeof(uint64_t), &key);
	arena_init(&g.host.texts, TEXT_MAX);
	int result = read_missing(&g, e);
	keyed_reset(&g.host.known);
	arena_fini(&g.host.texts);
	free(g.host.v);
	free(g.bigrams);
	return result;
}
