/* SPDX-License-Identifier: Apache-2.0 */
/* Cases: joined by host and peer, most sure and most
 * rare first, never by youth, bytes counted once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "finding/case.h"

static struct finding make(uint8_t host, const char *peer, enum confidence c, double p)
{
	struct finding f = {.detector = "clockwork", .confidence = c, .rank_p = p};
	f.host.b[15] = host;
	f.peer = str_of(peer);
	f.peer_port = 443;
	f.proto = STR("tcp");
	f.score = 9;
	f.bytes_out = 100;
	f.missed = 10;
	f.since = f.first_seen = moment_from(1700000000, 0);
	f.last_seen = moment_from(1700001000, 0);
	finding_identify(&f);
	return f;
}

static void test_order(void **state)
{
	(void)state;
	struct arena a;
	size_t n;
	arena_init(&a, 1 << 20);
	struct finding v[] = {
	    make(1, "ordinary", CONFIDENCE_LOW, 0.001),
	    make(2, "rare", CONFIDENCE_HIGH, 0.01),
	    make(3, "less", CONFIDENCE_HIGH, 0.2),
	    make(2, "rare", CONFIDENCE_LOW, 0.5),
	    make(4, "middle", CONFIDENCE_MEDIUM, 0.0001),
	};
	v[3].detector = "presence";
	finding_identify(&v[3]);
	v[2].since = moment_from(1600000000, 0); /* older is neither more nor less */
	struct dwell_case *c = cases_build(v, 5, NULL, &a, &n);
	assert_int_equal(n, 4);
	static const uint8_t hosts[] = {2, 3, 4, 1};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(c[i].host.b[15], hosts[i]);
		assert_int_equal(c[i].rank, i + 1);
	}
	assert_int_equal(c[0].finding_count, 2);
	assert_true(str_equal(c[0].findings[0]->peer, STR("rare")));
	arena_fini(&a);
}

/* Scores of two detectors are in units of their own. */
static void test_channel_first(void **state)
{
	(void)state;
	struct arena a;
	size_t n;
	arena_init(&a, 1 << 20);
	struct finding v[] = {
	    make(1, "both", CONFIDENCE_HIGH, 0.5), make(1, "both", CONFIDENCE_HIGH, 0.5)};
	v[0].detector = "upload";
	v[0].score = 400;
	finding_identify(&v[0]);
	struct dwell_case *c = cases_build(v, 2, NULL, &a, &n);
	assert_int_equal(n, 1);
	assert_string_equal(c[0].findings[0]->detector, "clockwork");
	arena_fini(&a);
}

static void test_same_whatever_the_order(void **state)
{
	(void)state;
	struct arena a;
	size_t n, m;
	arena_init(&a, 1 << 20);
	struct finding v[] = {make(1, "a", CONFIDENCE_LOW, 0.1),
	    make(2, "b", CONFIDENCE_LOW, 0.1), make(3, "c", CONFIDENCE_LOW, 0.1)};
	struct finding w[] = {v[2], v[0], v[1]};
	struct dwell_case *c = cases_build(v, 3, NULL, &a, &n),
			  *d = cases_build(w, 3, NULL, &a, &m);
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(c[i].id, d[i].id);
	arena_fini(&a);
}

static void test_date_and_bytes(void **state)
{
	(void)state;
	struct arena a;
	size_t n;
	arena_init(&a, 1 << 20);
	struct finding v[] = {make(1, "x", CONFIDENCE_HIGH, 0.1),
	    make(1, "x", CONFIDENCE_HIGH, 0.2), make(1, "x", CONFIDENCE_HIGH, 0.3),
	    make(1, "x", CONFIDENCE_LOW, 0.3), make(1, "y", CONFIDENCE_LOW, 0.3)};
	v[1].detector = "presence"; /* the same port: the same bytes */
	v[2].peer_port = 8443;
	v[1].since = moment_from(1690000000, 0);
	v[1].since_kind = SINCE_BEFORE_MEMORY;
	v[2].last_seen = moment_from(1800000000, 0);
	v[3].since =
	    moment_from(1500000000, 0); /* less sure: listed, but dates nothing */
	for (size_t i = 0; i < 5; i++)
		finding_identify(&v[i]);
	struct dwell_case *c = cases_build(v, 5, NULL, &a, &n);
	assert_int_equal(n, 2); /* another peer is another case */
	assert_int_equal(c->finding_count, 4);
	assert_int_equal(c->bytes_out_low, 200);
	assert_int_equal(c->bytes_out_high, 220);
	assert_true(c->since.ns == moment_from(1690000000, 0).ns);
	assert_int_equal(c->since_kind, SINCE_BEFORE_MEMORY);
	assert_true(c->last_seen.ns == moment_from(1800000000, 0).ns);
	struct case_record r;
	case_to_record(c, STR("words"), &a, &r);
	assert_int_equal(r.findings.n, 4);
	assert_true(str_equal(r.findings.v[0], str_of(c->findings[0]->id)));
	assert_int_equal(r.rank, 1);
	arena_fini(&a);
}

static size_t count_of(
    const struct finding *v, size_t n, const struct case_aliases *aliases)
{
	struct arena a;
	size_t count;
	arena_init(&a, 1 << 20);
	cases_build(v, n, aliases, &a, &count);
	arena_fini(&a);
	return count;
}

/* Several hosts and one peer that few use are one story; what many use is none. */
static void test_join_by_peer(void **state)
{
	(void)state;
	struct finding v[] = {make(1, "x.example", CONFIDENCE_HIGH, 0.1),
	    make(2, "x.example", CONFIDENCE_MEDIUM, 0.1),
	    make(3, "x.example", CONFIDENCE_LOW, 0.1),
	    make(4, "203.0.113.9", CONFIDENCE_MEDIUM, 0.1)};
	struct alias led[] = {{STR("other.example"), STR("203.0.113.9")},
	    {STR("x.example"), STR("203.0.113.9")}};
	const struct case_aliases aliases = {led, 2};
	assert_int_equal(count_of(v, 4, NULL), 3);
	assert_int_equal(count_of(v, 4, &aliases), 2);
	finding_add_fact(&v[1], FACT_KEY_COMMON_PEER, 30, 40, 0);
	assert_int_equal(count_of(v, 4, NULL), 4);
}

/* A path inside, and what its other end does soon after; not a year later. */
static void test_join_inside(void **state)
{
	(void)state;
	struct finding v[] = {make(1, "10.0.0.2", CONFIDENCE_MEDIUM, 0.1),
	    make(2, "x.example", CONFIDENCE_MEDIUM, 0.1)};
	v[0].detector = "admin_path";
	v[0].direction = DIRECTION_INTERNAL;
	assert_true(addr_parse("10.0.0.2", &v[1].host));
	assert_int_equal(count_of(v, 2, NULL), 1);
	v[1].since = moment_from(1700000000 + 400 * 86400, 0);
	v[1].last_seen = v[1].since;
	assert_int_equal(count_of(v, 2, NULL), 2);
	v[1].since = v[1].last_seen = v[0].since;
	v[0].direction = DIRECTION_OUTBOUND;
	assert_int_equal(count_of(v, 2, NULL), 2);
}

/* A channel that is sure and data that leave elsewhere meanwhile; two rhythms are two. */
static void test_join_by_host(void **state)
{
	(void)state;
	struct arena a;
	size_t n;
	struct finding v[] = {make(1, "x.example", CONFIDENCE_HIGH, 0.1),
	    make(1, "y.example", CONFIDENCE_MEDIUM, 0.1),
	    make(1, "z.example", CONFIDENCE_MEDIUM, 0.1)};
	v[1].detector = "upload";
	arena_init(&a, 1 << 20);
	const struct dwell_case *c = cases_build(v, 3, NULL, &a, &n);
	assert_int_equal(n, 2);
	assert_int_equal(c->finding_count, 2);
	assert_int_equal(c->bytes_out_low, 100); /* what the sure one counts */
	assert_int_equal(c->bytes_out_high, 220);
	arena_fini(&a);
	v[0].confidence = CONFIDENCE_MEDIUM;
	assert_int_equal(count_of(v, 3, NULL), 3);
}

/* What a case costs a budget: one, unless it is sure and its test has a rate. */
static void test_false(void **state)
{
	(void)state;
	struct finding f = make(1, "x", CONFIDENCE_HIGH, 0.1);
	const struct finding *list = &f;
	struct dwell_case c = {
	    .confidence = CONFIDENCE_HIGH, .findings = &list, .finding_count = 1};
	assert_float_equal(case_false(&c), 1, 0);
	finding_add_fact(&f, FACT_KEY_FALSE_ALARM, 9, 0.25, 100);
	assert_float_equal(case_false(&c), 0.25, 0);
	c.confidence = f.confidence = CONFIDENCE_MEDIUM;
	assert_float_equal(case_false(&c), 1, 0);
}

static void test_none(void **state)
{
	(void)state;
	struct arena a;
	size_t n = 7;
	arena_init(&a, 1 << 20);
	assert_null(cases_build(NULL, 0, NULL, &a, &n));
	assert_int_equal(n, 0);
	arena_fini(&a);
	arena_init(&a, 16); /* and no memory for them */
	struct finding f = make(1, "x", CONFIDENCE_LOW, 0.1);
	assert_null(cases_build(&f, 1, NULL, &a, &n));
	assert_int_equal(n, 0);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_channel_first),
	    cmocka_unit_test(test_same_whatever_the_order),
	    cmocka_unit_test(test_date_and_bytes),
	    cmocka_unit_test(test_join_by_peer),
	    cmocka_unit_test(test_join_inside),
	    cmocka_unit_test(test_join_by_host),
	    cmocka_unit_test(test_false),
	    cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
