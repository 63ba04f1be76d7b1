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
	struct dwell_case *c = cases_build(v, 5, &a, &n);
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

static void test_same_whatever_the_order(void **state)
{
	(void)state;
	struct arena a;
	size_t n, m;
	arena_init(&a, 1 << 20);
	struct finding v[] = {make(1, "a", CONFIDENCE_LOW, 0.1),
	    make(2, "b", CONFIDENCE_LOW, 0.1), make(3, "c", CONFIDENCE_LOW, 0.1)};
	struct finding w[] = {v[2], v[0], v[1]};
	struct dwell_case *c = cases_build(v, 3, &a, &n), *d = cases_build(w, 3, &a, &m);
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
	struct dwell_case *c = cases_build(v, 5, &a, &n);
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

static void test_none(void **state)
{
	(void)state;
	struct arena a;
	size_t n = 7;
	arena_init(&a, 1 << 20);
	assert_null(cases_build(NULL, 0, &a, &n));
	assert_int_equal(n, 0);
	arena_fini(&a);
	arena_init(&a, 16); /* and no memory for them */
	struct finding f = make(1, "x", CONFIDENCE_LOW, 0.1);
	assert_null(cases_build(&f, 1, &a, &n));
	assert_int_equal(n, 0);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_same_whatever_the_order),
	    cmocka_unit_test(test_date_and_bytes),
	    cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
