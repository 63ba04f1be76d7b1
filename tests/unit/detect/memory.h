/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory that a test fills row by row, and what the detectors find in it: through the
 * connections that are held and through SQL, which must tell the same.
 */
#ifndef DWELL_TEST_DETECT_MEMORY_H
#define DWELL_TEST_DETECT_MEMORY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#include "detect/detect.h"

#define MEMORY_FINDINGS_MAX 400
#define MEMORY_BEGIN        1672617600.0 /* Monday 2023-01-02 00:00 UTC */

struct memory {
	char dir[64];
	struct store *store;
	struct record_sink sink;
	struct arena texts;
	const char *only;         /* the detector whose findings are kept; NULL: of all */
	struct finding *findings; /* MEMORY_FINDINGS_MAX */
	size_t count;
	uint64_t seed; /* of what is random in it */
};

static inline void memory_begin(struct memory *m)
{
	struct error e = {.code = ERR_NONE};
	char path[80];
	*m = (struct memory){
	    .findings = calloc(MEMORY_FINDINGS_MAX, sizeof(*m->findings))};
	assert_non_null(m->findings);
	snprintf(m->dir, sizeof(m->dir), "/tmp/dwell-memory-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	snprintf(path, sizeof(path), "%s/memory", m->dir);
	m->store = store_open(path, STORE_WRITE, &e);
	assert_non_null(m->store);
	check(store_begin(m->store, &e), &e);
	m->sink = store_sink(m->store);
	arena_init(&m->texts, 1 << 24);
}

static inline void memory_end(struct memory *m)
{
	char command[96];
	store_close(m->store);
	arena_fini(&m->texts);
	free(m->findings);
	snprintf(command, sizeof(command), "rm -rf %s", m->dir);
	assert_int_equal(system(command), 0);
}

/* A connection; state as Zeek's, service may be NULL. */
struct memory_conn {
	double at; /* s after MEMORY_BEGIN */
	const char *src, *dst, *proto, *state, *service;
	uint16_t src_port, port;
	uint64_t out, in;
	double seconds;
};

static inline void memory_conn(struct memory *m, struct memory_conn c)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + c.at) * 1e6));
	r.duration = c.seconds;
	assert_true(addr_parse(c.src, &r.src_ip) && addr_parse(c.dst, &r.dst_ip));
	r.src_port = c.src_port != 0 ? c.src_port : 40000;
	r.dst_port = c.port;
	r.proto = str_of(c.proto != NULL ? c.proto : "tcp");
	r.service = str_of(c.service);
	r.src_bytes = c.out;
	r.dst_bytes = c.in;
	r.src_packets = 1;
	r.dst_packets = c.in > 0;
	r.state = str_of(c.state != NULL ? c.state : "SF");
	r.source = STR("test");
	record_put(&m->sink, RECORD_CONN, &r);
}

static inline void memory_keep(void *ctx, const struct finding *f)
{
	struct memory *m = ctx;
	if (m->only != NULL && strcmp(f->detector, m->only) != 0)
		return;
	assert_true(m->count < MEMORY_FINDINGS_MAX);
	struct finding *g = &m->findings[m->count++];
	*g = *f;
	g->peer = str_copy(&m->texts, f->peer);
	g->proto = str_copy(&m->texts, f->proto);
	for (size_t i = 0; i < g->fact_count; i++)
		g->facts[i].text = str_copy(&m->texts, f->facts[i].text);
}

static inline void memory_same(const struct finding *a, const struct finding *b)
{
	assert_string_equal(a->id, b->id);
	assert_true(str_equal(a->peer, b->peer));
	assert_int_equal(a->events, b->events);
	assert_int_equal(a->bytes_out, b->bytes_out);
	assert_int_equal(a->since.ns, b->since.ns);
	assert_int_equal(a->last_seen.ns, b->last_seen.ns);
	assert_int_equal(a->confidence, b->confidence);
	assert_memory_equal(&a->score, &b->score, sizeof(a->score));
	assert_memory_equal(&a->rank_p, &b->rank_p, sizeof(a->rank_p));
	assert_int_equal(a->fact_count, b->fact_count);
	for (size_t i = 0; i < a->fact_count; i++) {
		assert_int_equal(a->facts[i].key, b->facts[i].key);
		assert_memory_equal(
		    a->facts[i].value, b->facts[i].value, sizeof(a->facts[i].value));
		assert_true(str_equal(a->facts[i].text, b->facts[i].text));
	}
}

/* Run all detectors with 10.0.0.0/8 at home. */
static inline void memory_detect(struct memory *m)
{
	struct error e = {.code = ERR_NONE};
	struct net home;
	struct memory other = {.only = m->only,
	    .findings = calloc(MEMORY_FINDINGS_MAX, sizeof(*m->findings))};
	struct finding_sink sink = {memory_keep, m}, other_sink = {memory_keep, &other};
	assert_non_null(other.findings);
	assert_true(net_parse("10.0.0.0/8", &home));
	struct detect_options o = {&home, 1, 0.1, 0};
	check(store_commit(m->store, &e), &e);
	check(detect_run(m->store, &o, &sink, &e), &e);
	arena_init(&other.texts, 1 << 24);
	o.held_max = 1;
	check(detect_run(m->store, &o, &other_sink, &e), &e);
	assert_int_equal(other.count, m->count);
	for (size_t i = 0; i < m->count; i++)
		memory_same(&other.findings[i], &m->findings[i]);
	arena_fini(&other.texts);
	free(other.findings);
}

/* The n-th finding (from 0) of a detector about a host, or NULL. */
static __attribute__((noinline, unused)) const struct finding *memory_find(
    const struct memory *m, const char *detector, const char *host, size_t n)
{
	struct addr a;
	assert_true(addr_parse(host, &a));
	for (size_t i = 0; i < m->count; i++) {
		const struct finding *f = &m->findings[i];
		if (strcmp(f->detector, detector) == 0 && addr_equal(&f->host, &a) &&
		    n-- == 0)
			return f;
	}
	return NULL;
}

/* Its fact of that key, or NULL. */
static __attribute__((noinline, unused)) const struct fact *memory_fact(
    const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

#endif
