/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beacons whose peer changes with each check-in, which no series of one address shows:
 * over a network, over names below a domain, by sizes alone, by the TLS handshake alone,
 * by DNS alone, through a proxy. And what is told by a plain series is not told again.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define HOST "10.0.0.5"

/* People who surf, so that there is something to look between. */
static void people(struct memory *w)
{
	for (unsigned i = 0; i < 6; i++) {
		char src[16], dst[20], name[32];
		snprintf(src, sizeof(src), "10.0.1.%u", i + 1);
		for (unsigned k = 0; k < 5; k++) {
			snprintf(dst, sizeof(dst), "198.51.%u.%u", 100 + k, 80 + i);
			snprintf(name, sizeof(name), "www%u.shop%u.example", i, k);
			struct peer p = {
			    src, dst, name, "tcp", "tls", 443, 800 + 90 * k, 60000, 2};
			habit(w, &p, 40 * i + k, 0.4);
		}
	}
}

/* The k-th address of a set. */
typedef void address_form(char out[static 32], unsigned k);

static void one_net(char out[static 32], unsigned k)
{
	snprintf(out, 32, "203.0.113.%u", 11 * k + 3);
}

static void one_net6(char out[static 32], unsigned k)
{
	snprintf(out, 32, "2001:db8:7:%x::%x", 11 * k + 3, 7 * k + 2);
}

static void anywhere(char out[static 32], unsigned k)
{
	snprintf(out, 32, "203.%u.%u.9", 11 * k + 3, 7 * k + 2);
}

/* Check-ins every ten minutes, with one-sided jitter, at one of n peers at random. */
static void random_peer(struct memory *w, struct peer p, address_form *form, unsigned n)
{
	char dst[32];
	p.dst = dst;
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w->seed))) {
		form(dst, (unsigned)(random_unit(&w->seed) * n));
		talk(w, &p, t);
	}
}

static const struct finding *only(struct memory *w, enum fact_key key, const char *peer)
{
	const struct finding *f = find(w, "clockwork", peer);
	assert_non_null(f);
	assert_non_null(memory_fact(f, key));
	size_t of_host = 0;
	struct addr host;
	addr_parse(HOST, &host);
	for (size_t i = 0; i < w->count; i++)
		of_host += addr_equal(&w->findings[i].host, &host) &&
			   strcmp(w->findings[i].detector, "clockwork") == 0;
	assert_int_equal(of_host, 1);
	assert_true(fabs(f->facts[0].value[0] - 540) < 60);
	assert_true(fabs((double)moment_us(f->since) / 1e6 - BEGIN - 20 * DAY) < 3600);
	return f;
}

static void test_net(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 11);
	people(&w);
	struct peer p = {HOST, NULL, NULL, "tcp", "tls", 443, 900, 700, 1};
	random_peer(&w, p, one_net, 8);
	memory_detect(&w);
	const struct finding *f = only(&w, FACT_KEY_SAME_NET, "203.0.113.0/24");
	const struct fact *peers = memory_fact(f, FACT_KEY_CHANGING_PEERS);
	assert_non_null(peers);
	assert_true(peers->value[0] >= 7 && peers->value[0] <= 8);
	assert_int_not_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&w);
}

static void test_net6(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 12);
	people(&w);
	struct peer p = {HOST, NULL, NULL, "tcp", "tls", 443, 900, 700, 1};
	random_peer(&w, p, one_net6, 10);
	memory_detect(&w);
	only(&w, FACT_KEY_SAME_NET, "2001:db8:7::/48");
	memory_end(&w);
}

static void test_domain(void **state)
{
	(void)state;
	struct memory w;
	char name[40], dst[20];
	world_begin(&w, 13);
	people(&w);
	struct peer p = {HOST, dst, name, "tcp", "tls", 443, 900, 700, 1};
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w.seed))) {
		unsigned k = (unsigned)(random_unit(&w.seed) * 9);
		snprintf(name, sizeof(name), "node%u.fleet.example", k);
		snprintf(dst, sizeof(dst), "203.%u.113.9", k + 1);
		talk(&w, &p, t);
	}
	memory_detect(&w);
	only(&w, FACT_KEY_SAME_DOMAIN, "fleet.example");
	memory_end(&w);
}

static void test_size(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 14);
	people(&w);
	struct peer p = {HOST, NULL, NULL, "tcp", "tls", 443, 896, 704, 1};
	random_peer(&w, p, anywhere, 10);
	memory_detect(&w);
	const struct finding *f = only(&w, FACT_KEY_SAME_TEMPLATE, "size:896/704");
	assert_int_not_equal(f->confidence, CONFIDENCE_HIGH);
	memory_end(&w);
}

/* All that a host does goes to a proxy: as often as the beacon, at moments of people. */
static void test_proxy(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 15);
	people(&w);
	struct peer p = {HOST, "203.0.113.80", NULL, "tcp", "http", 8080, 896, 704, 1};
	struct peer other = p;
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w.seed)))
		talk(&w, &p, t);
	for (double t = BEGIN; t < BEGIN + 30 * DAY;
	     t -= 120 * log(random_unit(&w.seed))) {
		other.out = 2000 + (uint64_t)(30000 * random_unit(&w.seed));
		other.in = 4000 + (uint64_t)(90000 * random_unit(&w.seed));
		talk(&w, &other, t);
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", "203.0.113.80");
	assert_non_null(f);
	assert_non_null(memory_fact(f, FACT_KEY_ONE_TEMPLATE));
	memory_end(&w);
}

static void handshake(struct memory *w, const char *src, const char *dst, double t,
    const char *ja4, const char *ja3s)
{
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	r.ts = moment_from_us((int64_t)(t * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.src_port = (uint16_t)(32768 + random_unit(&w->seed) * 20000);
	r.dst_port = 443;
	r.ja4 = str_of(ja4);
	r.ja3s = str_of(ja3s);
	r.sensor = r.source = STR("test");
	record_put(&w->sink, RECORD_TLS, &r);
}

/* Sizes and networks change as well: only the handshake stays. */
static void test_print(void **state)
{
	(void)state;
	struct memory w;
	char dst[20];
	world_begin(&w, 16);
	people(&w);
	struct peer p = {HOST, dst, NULL, "tcp", "tls", 443, 0, 0, 1};
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w.seed))) {
		unsigned k = (unsigned)(random_unit(&w.seed) * 10);
		snprintf(dst, sizeof(dst), "203.%u.113.9", k + 1);
		p.out = 500 + (uint64_t)(9000 * random_unit(&w.seed));
		p.in = 500 + (uint64_t)(9000 * random_unit(&w.seed));
		talk(&w, &p, t);
		handshake(&w, HOST, dst, t + 0.1, "t13d190900_9dc949149365_97f8aa674fd9",
		    "0f2f1f6f4d5a9a3b7c8d9e0f1a2b3c4d");
	}
	memory_detect(&w);
	only(&w, FACT_KEY_SAME_PRINT,
	    "ja4:t13d190900_9dc949149365_97f8aa674fd9 "
	    "ja3s:0f2f1f6f4d5a9a3b7c8d9e0f1a2b3c4d");
	memory_end(&w);
}

static void ask(
    struct memory *w, const char *src, const char *name, const char *rcode, double t)
{
	struct dns_record r;
	record_clear(RECORD_DNS, &r);
	r.ts = moment_from_us((int64_t)(t * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse("10.0.0.1", &r.dst_ip));
	r.src_port = (uint16_t)(32768 + random_unit(&w->seed) * 20000);
	r.dst_port = 53;
	r.proto = STR("udp");
	r.kind = STR("dns");
	r.query = str_of(name);
	r.qtype = STR("A");
	r.rcode = str_of(rcode);
	r.query_bytes = 60;
	r.answer_bytes = 60;
	r.sensor = r.source = STR("test");
	record_put(&w->sink, RECORD_DNS, &r);
}

/* A domain that does not exist any more, or whose names carry what is to be said. */
static void test_asked(void **state)
{
	(void)state;
	struct memory w;
	char name[64];
	world_begin(&w, 17);
	people(&w);
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w.seed))) {
		snprintf(name, sizeof(name), "x%08x.dead.example",
		    (unsigned)(random_unit(&w.seed) * 4e9));
		ask(&w, HOST, name, "NXDOMAIN", t);
	}
	memory_detect(&w);
	const struct finding *f = only(&w, FACT_KEY_ONLY_ASKED, "dead.example");
	assert_non_null(memory_fact(f, FACT_KEY_FAILING));
	memory_end(&w);
}

/* One address, one name, one size, asked for each time: the plain series says it all. */
static void test_told_once(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 18);
	people(&w);
	struct peer p = {
	    HOST, "203.0.113.9", "c2.plain.example", "tcp", "tls", 443, 900, 700, 1};
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 24 * DAY;
	     t += 600 * (1 - 0.2 * random_unit(&w.seed))) {
		ask(&w, HOST, "c2.plain.example", "NOERROR", t - 0.2);
		talk(&w, &p, t);
		handshake(&w, HOST, "203.0.113.9", t + 0.1, "t13d_plain", "abcd");
	}
	memory_detect(&w);
	struct addr host;
	addr_parse(HOST, &host);
	size_t n = 0;
	for (size_t i = 0; i < w.count; i++)
		n += addr_equal(&w.findings[i].host, &host) &&
		     strcmp(w.findings[i].detector, "clockwork") == 0;
	assert_int_equal(n, 1);
	assert_non_null(find(&w, "clockwork", "c2.plain.example"));
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_net),
	    cmocka_unit_test(test_net6),
	    cmocka_unit_test(test_domain),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_proxy),
	    cmocka_unit_test(test_print),
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
