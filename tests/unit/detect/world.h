/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memories whose truth is known because the test makes them: hosts, rhythms and habits of
 * people over 130 days, and the findings that come of them.
 */
#ifndef DWELL_TEST_DETECT_WORLD_H
#define DWELL_TEST_DETECT_WORLD_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#include "../../random.h"
#include "detect/detect.h"
#include "finding/case.h"

#define DAY          86400.0
#define BEGIN        1672617600.0 /* Monday 2023-01-02 00:00 UTC */
#define SPAN         (130 * DAY)
#define FINDINGS_MAX 200

struct world {
	char dir[64];
	struct store *store;
	struct record_sink sink;
	uint64_t seed;
	struct arena texts;
	struct finding *findings; /* FINDINGS_MAX */
	size_t count;
};

static inline void world_begin(struct world *w, uint64_t seed)
{
	struct error e = {.code = ERR_NONE};
	*w = (struct world){.seed = seed};
	w->findings = calloc(FINDINGS_MAX, sizeof(*w->findings));
	assert_non_null(w->findings);
	snprintf(w->dir, sizeof(w->dir), "/tmp/dwell-detect-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	char path[80];
	snprintf(path, sizeof(path), "%s/memory", w->dir);
	w->store = store_open(path, STORE_WRITE, &e);
	assert_non_null(w->store);
	check(store_begin(w->store, &e), &e);
	w->sink = store_sink(w->store);
	arena_init(&w->texts, 1 << 24);
}

static inline void keep(void *ctx, const struct finding *f)
{
	struct world *w = ctx;
	assert_true(w->count < FINDINGS_MAX);
	struct finding *g = &w->findings[w->count++];
	*g = *f;
	g->peer = str_copy(&w->texts, f->peer);
	g->proto = str_copy(&w->texts, f->proto);
	for (size_t i = 0; i < g->fact_count; i++)
		g->facts[i].text = str_copy(&w->texts, g->facts[i].text);
}

static inline void same_finding(const struct finding *a, const struct finding *b)
{
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->events, b->events);
	assert_int_equal(a->bytes_out, b->bytes_out);
	assert_int_equal(a->since.ns, b->since.ns);
	assert_int_equal(a->confidence, b->confidence);
	assert_memory_equal(&a->score, &b->score, sizeof(a->score));
	assert_memory_equal(&a->rank_p, &b->rank_p, sizeof(a->rank_p));
	assert_int_equal(a->fact_count, b->fact_count);
	for (size_t i = 0; i < a->fact_count; i++) {
		assert_int_equal(a->facts[i].key, b->facts[i].key);
		assert_memory_equal(
		    a->facts[i].value, b->facts[i].value, sizeof(a->facts[i].value));
	}
}

/* A memory too large to be held is read through SQL, which tells the same. */
static inline void detect_unheld(struct world *w, struct detect_options o)
{
	struct error e = {.code = ERR_NONE};
	struct world other = {.findings = calloc(FINDINGS_MAX, sizeof(struct finding))};
	struct finding_sink sink = {keep, &other};
	assert_non_null(other.findings);
	arena_init(&other.texts, 1 << 24);
	o.held_max = 1;
	check(detect_run(w->store, &o, &sink, &e), &e);
	assert_int_equal(other.count, w->count);
	for (size_t i = 0; i < w->count; i++)
		same_finding(&other.findings[i], &w->findings[i]);
	arena_fini(&other.texts);
	free(other.findings);
}

static inline void world_detect(struct world *w)
{
	struct error e = {.code = ERR_NONE};
	struct net home;
	assert_true(net_parse("10.0.0.0/8", &home));
	struct detect_options o = {&home, 1, 0.1, 0};
	struct finding_sink sink = {keep, w};
	check(store_commit(w->store, &e), &e);
	check(detect_run(w->store, &o, &sink, &e), &e);
	detect_unheld(w, o);
}

static inline void world_end(struct world *w)
{
	char command[96];
	store_close(w->store);
	arena_fini(&w->texts);
	free(w->findings);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
}

struct peer {
	const char *src, *dst, *name, *proto, *service;
	uint16_t port;
	uint64_t out, in;
	double seconds;
};

static inline void talk_exactly(struct world *w, const struct peer *p, double t)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)(t * 1e6));
	r.duration = p->seconds;
	assert_true(addr_parse(p->src, &r.src_ip) && addr_parse(p->dst, &r.dst_ip));
	r.src_port = (uint16_t)(32768 + random_unit(&w->seed) * 20000);
	r.dst_port = p->port;
	r.proto = str_of(p->proto);
	r.service = str_of(p->service);
	r.server_name = str_of(p->name);
	r.src_bytes = p->out;
	r.dst_bytes = p->in;
	r.src_packets = r.dst_packets = 5;
	r.state = STR("SF");
	r.sensor = STR("test");
	r.source = STR("test");
	record_put(&w->sink, RECORD_CONN, &r);
}

/* The same, sizes up to 20 bytes larger. */
static inline void talk(struct world *w, const struct peer *p, double t)
{
	struct peer q = *p;
	q.out += (uint64_t)(random_unit(&w->seed) * 20);
	q.in += (uint64_t)(random_unit(&w->seed) * 20);
	talk_exactly(w, &q, t);
}

/* An attempt that nobody answers. */
static inline void fail_at(struct world *w, const struct peer *p, double t)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)(t * 1e6));
	assert_true(addr_parse(p->src, &r.src_ip) && addr_parse(p->dst, &r.dst_ip));
	r.dst_port = p->port;
	r.proto = str_of(p->proto);
	r.src_packets = 3;
	r.state = STR("S0");
	r.sensor = r.source = STR("test");
	record_put(&w->sink, RECORD_CONN, &r);
}

/* period, one-sided or symmetric scatter as shares of it. */
static inline void rhythm(
    struct world *w, const struct peer *p, double from, double period, double scatter)
{
	for (double t = BEGIN + from; t < BEGIN + SPAN;
	     t += period * (1 + scatter * (2 * random_unit(&w->seed) - 1)))
		talk(w, p, t);
}

/* Visits of a person: so many a working hour. */
static inline void habit(
    struct world *w, const struct peer *p, double from, double an_hour)
{
	for (double t = BEGIN + from; t < BEGIN + SPAN;
	     t -= 3600 / an_hour * log(random_unit(&w->seed))) {
		double hour = fmod(t / 3600, 24), day = fmod(floor(t / DAY) + 3, 7);
		if (hour >= 8 && hour < 18 && day < 5)
			talk(w, p, t);
	}
}

/* Kept out of line, so that no compiler takes an assertion for a missing test of NULL. */
static __attribute__((unused, noinline)) const struct finding *find(
    const struct world *w, const char *detector, const char *peer)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		if (strcmp(f->detector, detector) == 0 &&
		    str_equal(f->peer, str_of(peer)))
			return f;
	}
	return NULL;
}

static __attribute__((unused, noinline)) const struct fact *fact_of(
    const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

#endif
