/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of packets: what both directions share, and what tells flows apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/conn.h"

static struct packet packet_of(
    const char *src, uint16_t src_port, const char *dst, uint16_t dst_port, uint8_t proto)
{
	struct packet p = {.src_port = src_port, .dst_port = dst_port, .proto = proto};
	assert_true(addr_parse(src, &p.src));
	assert_true(addr_parse(dst, &p.dst));
	return p;
}

static struct packet reverse(const struct packet *p)
{
	struct packet r = *p;
	r.src = p->dst;
	r.dst = p->src;
	r.src_port = p->dst_port;
	r.dst_port = p->src_port;
	return r;
}

static const char *const pairs[][2] = {
    {"10.0.0.1", "10.0.0.2"},
    {"10.0.0.2", "10.0.0.1"},
    {"10.0.0.1", "10.0.0.1"},
    {"2001:db8::1", "2001:db8::2"},
    {"2001:db8:1::9", "2001:db8::9"},
    {"2001:db8::1", "10.0.0.1"},
};

#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static void test_both_directions(void **state)
{
	(void)state;
	struct ends_key key = ends_key_random();
	for (size_t i = 0; i < PAIRS; i++) {
		struct packet p = packet_of(pairs[i][0], 1000, pairs[i][1], 80, 6);
		struct packet r = reverse(&p);
		struct ends a, b;
		ends_find(&key, &p, &a);
		ends_find(&key, &r, &b);
		assert_int_equal(a.hash, b.hash);
		assert_int_equal(a.kind, CONN_TCP);
		assert_int_not_equal(a.turned, b.turned);
	}
}

/* An end that talks to itself is one end. */
static void test_equal_ends(void **state)
{
	(void)state;
	struct ends_key key = ends_key_random();
	struct packet p = packet_of("10.0.0.1", 53, "10.0.0.1", 53, 17);
	struct ends e;
	ends_find(&key, &p, &e);
	assert_int_equal(e.kind, CONN_UDP);
	assert_int_equal(e.turned, 0);
}

/* A message of ICMP that has no answer is a flow of its own in each direction. */
static void test_one_way(void **state)
{
	(void)state;
	struct ends_key key = ends_key_random();
	struct packet p = packet_of("10.0.0.2", 3, "10.0.0.1", 1, IP_PROTO_ICMP);
	struct packet q = packet_of("10.0.0.1", 3, "10.0.0.2", 1, IP_PROTO_ICMP);
	struct ends a, b;
	ends_find(&key, &p, &a);
	ends_find(&key, &q, &b);
	assert_int_equal(a.one_way, 1);
	assert_int_equal(a.turned + b.turned, 0);
	assert_int_not_equal(a.hash, b.hash);
	/* An echo request and its reply are one flow, named by their types. */
	p = packet_of("10.0.0.2", 8, "10.0.0.1", 0, IP_PROTO_ICMP);
	q = packet_of("10.0.0.1", 0, "10.0.0.2", 0, IP_PROTO_ICMP);
	ends_find(&key, &p, &a);
	ends_find(&key, &q, &b);
	assert_int_equal(a.one_way, 0);
	assert_int_equal(a.hash, b.hash);
	assert_int_equal(a.dst_port, 0);
	assert_int_equal(b.dst_port, 8);
}

static int by_value(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

/*
 * Ends as an attacker would count them up: among 2^16 of them in 2^32 places 0.5 equal
 * hashes are to be expected; 20 would be a chance of less than 10^-24.
 */
static void test_spread(void **state)
{
	(void)state;
	static uint32_t hashes[65536];
	for (size_t i = 0; i < PAIRS; i += 3) {
		struct ends_key key = ends_key_random();
		struct packet p = packet_of(pairs[i][0], 0, pairs[i][1], 0, 6);
		size_t same = 0;
		for (unsigned n = 0; n < 65536; n++) {
			p.src.b[15] = (uint8_t)n;
			p.src_port = (uint16_t)(n >> 8);
			struct ends e;
			ends_find(&key, &p, &e);
			hashes[n] = e.hash;
		}
		qsort(hashes, 65536, sizeof(hashes[0]), by_value);
		for (size_t n = 1; n < 65536; n++)
			same += hashes[n] == hashes[n - 1];
		assert_true(same < 20);
	}
}

#define MADE    200
#define BUCKETS 4096

/* Who knows the key can make as many flows as he likes fall into one place; under another
 * key they lie apart. So the key is drawn anew in each process, and nothing shows it. */
static void test_made_to_collide(void **state)
{
	(void)state;
	struct ends_key known = ends_key_random(), other = ends_key_random();
	unsigned in_one[BUCKETS] = {0}, most = 0;
	struct packet p = packet_of("10.0.0.1", 1000, "10.0.0.2", 80, 6);
	for (uint32_t made = 0, i = 0; made < MADE; i++) {
		struct ends e;
		memcpy(p.src.b + 12, &i, sizeof(i));
		ends_find(&known, &p, &e);
		if (e.hash % BUCKETS != 7)
			continue;
		made++;
		ends_find(&other, &p, &e);
		unsigned n = ++in_one[e.hash % BUCKETS];
		most = n > most ? n : most;
	}
	assert_true(most < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_directions),
	    cmocka_unit_test(test_equal_ends),
	    cmocka_unit_test(test_one_way),
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_made_to_collide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
