/* SPDX-License-Identifier: Apache-2.0 */
/* Weighing: rarity by the numbers of C1, ranks that need no tuning, bounded lists. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "detect/suspects.h"
#include "detect/weigh.h"

static struct suspect plain(uint64_t peer_hosts)
{
	struct suspect v = {.peer_hosts = peer_hosts, .fleet = 1, .host_first = 1};
	v.finding.proto = STR("tcp");
	v.finding.peer_port = 443;
	v.stats.name[0] = 'x';
	v.stats.events = v.stats.starts = v.stats.known = v.stats.named = 100;
	return v;
}

static void test_rare(void **state)
{
	(void)state;
	struct context big = {.hosts = 1000}, small = {.hosts = 10}, one = {.hosts = 1};
	struct suspect v = plain(2), w = plain(5), x = plain(6), y = plain(1),
		       z = plain(51);
	assert_true(weigh_rare(&small, &v));
	assert_true(weigh_rare(&big, &w)); /* 0.5 % */
	assert_false(weigh_rare(&big, &x));
	assert_false(weigh_rare(&one, &y)); /* alone, nobody is rare */
	assert_true(weigh_common(&big, &z));
	assert_false(weigh_common(&big, &x));
	assert_false(weigh_common(&small, &v));
}

static void test_service(void **state)
{
	(void)state;
	struct suspect v = plain(1);
	assert_int_equal(weigh_service(&v).n, 0);
	v.finding.peer_port = 123;
	assert_int_equal(weigh_service(&v).n, 0); /* NTP is UDP */
	v.finding.proto = STR("udp");
	assert_true(str_equal(weigh_service(&v), STR("NTP")));
}

static void test_rank(void **state)
{
	(void)state;
	struct context c = {.hosts = 20, .first = 0, .last = INT64_C(86400000000) * 100};
	struct suspect v[10];
	for (size_t i = 0; i < 10; i++)
		v[i] = plain(8);
	weigh_rank(&c, v, 10); /* all the same: nobody stands out */
	for (size_t i = 0; i < 10; i++)
		assert_true(fabs(v[i].finding.rank_p - 0.5) < 1e-9);
	v[3].peer_hosts = 1;
	v[3].period = 14400;
	v[3].jitter = 0.25;
	weigh_rank(&c, v, 10);
	for (size_t i = 0; i < 10; i++)
		assert_true(i == 3 || v[3].finding.rank_p < v[i].finding.rank_p);
	weigh_rank(&c, v, 1); /* a population of one says nothing */
	assert_true(fabs(v[0].finding.rank_p - 0.5) < 1e-9);
	/* What comes from outside is not compared with what goes out. */
	for (size_t i = 0; i < 10; i++)
		v[i].finding.direction = i == 3 ? DIRECTION_INBOUND : DIRECTION_OUTBOUND;
	weigh_rank(&c, v, 10);
	assert_true(fabs(v[3].finding.rank_p - 0.5) < 1e-9);
	weigh_rank(&c, v, 0);
}

static void test_list_is_bounded(void **state)
{
	(void)state;
	struct suspects l;
	suspects_init(&l);
	for (unsigned i = 0; i < 3 * SUSPECTS_MAX; i++) {
		struct series_key key = {.peer = STR("peer"), .proto = STR("tcp")};
		key.port = (uint16_t)i;
		assert_non_null(suspects_add(&l, &key, (double)(i % 1000)));
		assert_true(l.n <= SUSPECTS_MAX);
	}
	assert_int_equal(l.n + l.dropped, 3 * SUSPECTS_MAX);
	suspects_sort(&l);
	assert_true(l.v[0].finding.score >= 999); /* the highest are kept */
	suspects_fini(&l);
}

static void test_sizes(void **state)
{
	(void)state;
	struct series_stats s = {.events = 0};
	for (unsigned i = 0; i < 1000; i++) {
		struct series_event e = {.ts = i * INT64_C(60000000), .start = true};
		e.out = i % 10 < 9 ? 500 : i; /* nine of ten alike */
		e.in = 7;
		stats_add(&s, &e);
	}
	size_t top = stats_top_size(&s);
	assert_int_equal(s.size[top].out, 500);
	assert_in_range(s.size[top].count, 850, 900); /* at least so many, never more */
	assert_int_equal(s.days, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rare),
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_rank),
	    cmocka_unit_test(test_list_is_bounded),
	    cmocka_unit_test(test_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
