/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols on ports on which the site speaks another one: memories whose truth the test
 * makes, and the words of conn.service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#include "detect/detect.h"
#include "detect/tls/spoken.h"

#define DAY    86400.0
#define BEGIN  1672617600.0 /* Monday 2023-01-02 00:00 UTC */
#define SERVER "10.0.0.5"

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(spoken_words(STR("ssl")), SPOKEN_BIT(SSL));
	assert_int_equal(spoken_words(STR("tls")), SPOKEN_BIT(SSL));
	assert_int_equal(
	    spoken_words(STR("smtp,ssl")), SPOKEN_BIT(SMTP) | SPOKEN_BIT(SSL));
	assert_int_equal(
	    spoken_words(STR("gopher,dns,")), SPOKEN_BIT(DNS) | SPOKEN_BIT(OTHER));
	assert_int_equal(spoken_words(STR("")), 0);
	assert_int_equal(spoken_words((struct str){NULL, 0}), 0);
	assert_int_equal(spoken_registered(443, false), SPOKEN_SSL);
	assert_int_equal(spoken_registered(443, true), SPOKEN_QUIC);
	assert_int_equal(spoken_registered(993, false), SPOKEN_SSL);
	assert_int_equal(spoken_registered(4500, true), SPOKEN_IKE);
	assert_int_equal(spoken_registered(0, false), SPOKEN_WORD_COUNT);
	assert_int_equal(spoken_registered(40000, false), SPOKEN_WORD_COUNT);
	assert_string_equal(spoken_name(SPOKEN_SSL), "ssl");
	assert_string_equal(spoken_name(SPOKEN_OTHER), "other");
}

static void begin(struct memory *m)
{
	memory_begin(m);
	m->only = "odd_service";
}

struct talk {
	const char *src, *dst, *name, *service, *history;
	uint16_t port;
};

static void talk(struct memory *w, const struct talk *k, double t)
{
	struct conn_record c;
	record_clear(RECORD_CONN, &c);
	c.ts = moment_from_us((int64_t)(t * 1e6));
	assert_true(addr_parse(k->src, &c.src_ip) && addr_parse(k->dst, &c.dst_ip));
	c.dst_port = k->port;
	c.proto = STR("tcp");
	c.service = str_of(k->service);
	c.server_name = str_of(k->name);
	c.history = str_of(k->history != NULL ? k->history : "ShADadFf");
	c.duration = 20;
	c.src_bytes = 9000;
	c.dst_bytes = 4000;
	c.state = STR("SF");
	c.sensor = STR("test");
	c.source = STR("test");
	record_put(&w->sink, RECORD_CONN, &c);
}

/* Six machines and forty servers of the web; forty of a service of the site's own. */
static void ordinary(struct memory *w)
{
	for (unsigned i = 0; i < 40; i++) {
		char dst[24], name[32], src[16];
		snprintf(dst, sizeof(dst), "198.51.100.%u", i + 1);
		snprintf(name, sizeof(name), "www%u.example.org", i);
		snprintf(src, sizeof(src), "10.0.1.%u", i % 6 + 1);
		const struct talk tls = {src, dst, name, "ssl", NULL, 443};
		const struct talk own = {src, dst, name, "mqtt", NULL, 9500};
		for (double t = i * 997; t < 60 * DAY; t += 9 * DAY) {
			talk(w, &tls, BEGIN + t);
			talk(w, &own, BEGIN + t + 5);
		}
	}
}

static const struct finding no_finding;

static const struct finding *find(const struct memory *w, const char *peer)
{
	for (size_t i = 0; i < w->count; i++) {
		if (str_equal(w->findings[i].peer, str_of(peer)))
			return &w->findings[i];
	}
	return &no_finding;
}

static bool has(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return true;
	}
	return false;
}

/* A shell on the port of the web, late, without a name, for days: high. What has another
 * name or only one visit is less; the site's own port has its habit as well. */
static void test_shell(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w);
	const struct talk usual = {
	    SERVER, "198.51.100.1", "www0.example.org", "ssl", NULL, 443};
	const struct talk shell = {SERVER, "203.0.113.9", NULL, "ssh", NULL, 443};
	const struct talk once = {SERVER, "203.0.113.10", NULL, "ssh", NULL, 9500};
	const struct talk web = {SERVER, "203.0.113.11", NULL, "http", NULL, 443};
	talk(&w, &usual, BEGIN + 60);
	for (unsigned i = 0; i < 40; i++)
		talk(&w, &shell, BEGIN + 35 * DAY + i * 10800);
	talk(&w, &once, BEGIN + 2 * DAY);
	talk(&w, &web, BEGIN + 2 * DAY);
	memory_detect(&w);
	const struct finding *f = find(&w, "203.0.113.9");
	assert_true(f != &no_finding);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->events, 40);
	assert_int_equal(f->since_kind, SINCE_FIRST_PACKET);
	assert_true(has(f, FACT_KEY_PORT_HABIT) && has(f, FACT_KEY_SPOKEN));
	f = find(&w, "203.0.113.10");
	assert_true(f != &no_finding && f->confidence != CONFIDENCE_HIGH);
	assert_true(find(&w, "203.0.113.11") == &no_finding);
	assert_int_equal(w.count, 2);
	memory_end(&w);
}

/* Bytes without a protocol where TLS belongs; but not from the middle of a connection. */
static void test_random(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w);
	const struct talk begun = {SERVER, "203.0.113.20", NULL, "encrypted", NULL, 443};
	const struct talk middle = {
	    SERVER, "203.0.113.21", NULL, "encrypted", "DadA", 443};
	talk(&w, &begun, BEGIN + 20 * DAY);
	talk(&w, &middle, BEGIN + 20 * DAY);
	memory_detect(&w);
	const struct finding *f = find(&w, "203.0.113.20");
	assert_true(has(f, FACT_KEY_RANDOM_BYTES));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(w.count, 1);
	memory_end(&w);
}

/* Where a port has no habit nothing is odd: not on a young site, nor on a mixed port; but
 * a port that is registered lends it one. HTTP to a bare address is told as low. */
static void test_young(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	for (unsigned i = 0; i < 12; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "198.51.100.%u", i + 1);
		const struct talk mixed = {
		    SERVER, dst, "a.example", i % 3 > 0 ? "mqtt" : "ssh", NULL, 9500};
		talk(&w, &mixed, BEGIN + i);
	}
	const struct talk shell = {SERVER, "203.0.113.9", NULL, "ssh", NULL, 53};
	const struct talk bare = {SERVER, "203.0.113.30", NULL, "http", NULL, 7080};
	const struct talk named = {
	    SERVER, "203.0.113.31", "x.example", "http", NULL, 7080};
	talk(&w, &shell, BEGIN + 100);
	talk(&w, &bare, BEGIN + 200);
	talk(&w, &named, BEGIN + 300);
	memory_detect(&w);
	assert_true(has(find(&w, "203.0.113.9"), FACT_KEY_PORT_REGISTERED));
	assert_int_equal(find(&w, "203.0.113.9")->confidence, CONFIDENCE_MEDIUM);
	assert_true(has(find(&w, "203.0.113.30"), FACT_KEY_BARE_WEB));
	assert_int_equal(find(&w, "203.0.113.30")->confidence, CONFIDENCE_LOW);
	assert_int_equal(w.count, 2);
	memory_end(&w);
}

/* What others do on the port as well is told against it, and lowers the share. */
static void test_others(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w);
	const struct talk a = {"10.0.1.1", "203.0.113.40", NULL, "ssh", NULL, 443};
	const struct talk b = {"10.0.1.2", "203.0.113.41", NULL, "ssh", NULL, 443};
	talk(&w, &a, BEGIN + 100);
	talk(&w, &b, BEGIN + 100);
	memory_detect(&w);
	assert_int_equal(w.count, 2);
	assert_true(has(find(&w, "203.0.113.40"), FACT_KEY_PORT_OTHERS));
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_shell),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_young),
	    cmocka_unit_test(test_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
