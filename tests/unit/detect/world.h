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
#include "finding/case.h"
#include "memory.h"

#define DAY   86400.0
#define BEGIN MEMORY_BEGIN
#define SPAN  (130 * DAY)

static inline void world_begin(struct memory *w, uint64_t seed)
{
	memory_begin(w);
	w->seed = seed;
}

struct peer {
	const char *src, *dst, *name, *proto, *service;
	uint16_t port;
	uint64_t out, in;
	double seconds;
};

static inline void talk_exactly(struct memory *w, const struct peer *p, double t)
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
static inline void talk(struct memory *w, const struct peer *p, double t)
{
	struct peer q = *p;
	q.out += (uint64_t)(random_unit(&w->seed) * 20);
	q.in += (uint64_t)(random_unit(&w->seed) * 20);
	talk_exactly(w, &q, t);
}

/* An attempt that nobody answers. */
static inline void fail_at(struct memory *w, const struct peer *p, double t)
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
    struct memory *w, const struct peer *p, double from, double period, double scatter)
{
	for (double t = BEGIN + from; t < BEGIN + SPAN;
	     t += period * (1 + scatter * (2 * random_unit(&w->seed) - 1)))
		talk(w, p, t);
}

/* Visits of a person: so many a working hour. */
static inline void habit(
    struct memory *w, const struct peer *p, double from, double an_hour)
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
    const struct memory *w, const char *detector, const char *peer)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		if (strcmp(f->detector, detector) == 0 &&
		    str_equal(f->peer, str_of(peer)))
			return f;
	}
	return NULL;
}

#endif
