/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The detectors on memories whose truth is known because the test makes them: a
 * headquarters server with ten ordinary rhythms and one implant; the same alone; a
 * channel that never ends.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

#define IMPLANT "203.0.113.77"
#define SERVER  "10.0.0.5"

static const struct peer implant = {
    SERVER, IMPLANT, "sync.cdn-status.example", "tcp", "tls", 443, 900, 700, 1.5};

static void server_rhythms(struct memory *w)
{
	static const struct peer peers[] = {
	    {SERVER, "192.0.2.123", NULL, "udp", "ntp", 123, 48, 48, 0.02},
	    {SERVER, "192.0.2.124", NULL, "udp", "ntp", 123, 48, 48, 0.02},
	    {SERVER, "10.0.0.1", NULL, "udp", "dns", 53, 40, 120, 0.01},
	    {SERVER, "198.51.100.10", "deb.mirror.example", "tcp", "http", 80, 2000,
		900000, 9},
	    {SERVER, "198.51.100.25", "relay.mail.example", "tcp", "smtp", 25, 90000,
		1200, 4},
	    {SERVER, "198.51.100.30", "crl.ca.example", "tcp", "http", 80, 300, 20000,
		0.3},
	    {"10.0.0.9", SERVER, NULL, "tcp", "http", 8080, 200, 4000, 0.1},
	    {SERVER, "10.0.0.20", NULL, "tcp", NULL, 1514, 5000, 100, 1},
	};
	static const double periods[] = {
	    4096, 8192, 3600, DAY, 7200, 7 * DAY, 3600, 6 * 3600};
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
		rhythm(w, &peers[i], 100 + (double)i, periods[i], i == 3 ? 0.02 : 0.001);
}

static void expect_implant_first(struct memory *w, double from, enum since_kind kind)
{
	size_t n;
	const struct dwell_case *c =
	    cases_build(w->findings, w->count, NULL, &w->texts, &n);
	assert_true(n >= 1);
	struct addr server;
	addr_parse(SERVER, &server);
	assert_true(addr_equal(&c[0].host, &server));
	const struct finding *f = c[0].findings[0];
	assert_string_equal(f->detector, "clockwork");
	assert_true(str_equal(f->peer, str_of(implant.name)));
	assert_int_equal(f->since_kind, kind);
	assert_true(fabs((double)moment_us(f->since) / 1e6 - BEGIN - from) < 2);
	assert_int_equal(f->facts[0].key, FACT_KEY_RHYTHM);
	assert_true(fabs(f->facts[0].value[0] - 14400) < 720);
	assert_true(f->facts[0].value[1] >= 0.08 && f->facts[0].value[1] <= 0.25);
}

/* Ten rhythms, twelve people, one implant from day 60 on:
 * it is the first case, and dated. */
static void test_headquarters(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 1);
	server_rhythms(&w);
	for (unsigned i = 0; i < 12; i++) {
		char src[16];
		snprintf(src, sizeof(src), "10.0.1.%u", i + 1);
		struct peer web = {src, "198.51.100.80", "news.example", "tcp", "tls",
		    443, 800, 60000, 2};
		struct peer mail = {src, "198.51.100.81", "office.example", "tcp", "tls",
		    443, 900, 9000, 2};
		struct peer clock = {
		    src, "192.0.2.123", NULL, "udp", "ntp", 123, 48, 48, 0.02};
		habit(&w, &web, 40 * i, 0.3);
		habit(&w, &mail, 70 * i, 0.2);
		rhythm(&w, &clock, 10 * i, 6 * 3600, 0.001);
	}
	rhythm(&w, &implant, 60 * DAY, 14400, 0.2);
	memory_detect(&w);
	expect_implant_first(&w, 60 * DAY, SINCE_FIRST_PACKET);
	const struct finding *f = find(&w, "clockwork", implant.name);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_true(f->bytes_out > 400 * 900);
	f = find(&w, "clockwork", "192.0.2.123");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	for (size_t i = 0; i < w.count; i++) /* nobody else is accused with confidence */
		assert_true(w.findings[i].confidence != CONFIDENCE_HIGH ||
			    str_equal(w.findings[i].peer, str_of(implant.name)));
	assert_null(find(&w, "clockwork", "news.example"));
	assert_null(find(&w, "clockwork", "office.example"));
	memory_end(&w);
}

/* One machine alone, the implant older than the memory: nobody to compare with. */
static void test_alone(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 2);
	server_rhythms(&w);
	rhythm(&w, &implant, 3000, 14400, 0.2);
	memory_detect(&w);
	expect_implant_first(&w, 3000, SINCE_BEFORE_MEMORY);
	memory_end(&w);
}

/* An old habit that turns into a rhythm is dated to the turn. */
static void test_onset(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 3);
	server_rhythms(&w);
	for (double t = BEGIN + 20 * DAY; t < BEGIN + 60 * DAY;
	     t -= 2 * DAY * log(random_unit(&w.seed)))
		talk(&w, &implant, t);
	rhythm(&w, &implant, 60 * DAY, 14400, 0.1);
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", implant.name);
	assert_non_null(f);
	assert_int_equal(f->since_kind, SINCE_ONSET);
	assert_true(fabs((double)moment_us(f->since) / 1e6 - BEGIN - 60 * DAY) < 4 * DAY);
	memory_end(&w);
}

/* A knock from outside by the clock; what goes to a group has no remote end. */
static void test_inbound_and_groups(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 4);
	struct peer knock = {
	    "198.51.100.200", SERVER, NULL, "tcp", "ssh", 22, 50, 0, 0.2};
	struct peer group = {
	    SERVER, "224.0.0.251", NULL, "udp", "mdns", 5353, 50, 0, 0.2};
	rhythm(&w, &knock, 5, 3600, 0.05);
	rhythm(&w, &group, 5, 3600, 0.05);
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", "198.51.100.200");
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_int_equal(f->peer_port, 22);
	assert_true(f->confidence != CONFIDENCE_HIGH);
	assert_null(find(&w, "clockwork", "224.0.0.251"));
	memory_end(&w);
}

/* Days in pieces of 5 minutes with breaks of 2, and one connection of 40 hours. */
static void test_presence(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 5);
	struct peer piece = {
	    SERVER, "203.0.113.5", NULL, "tcp", "tls", 443, 90000, 500, 300};
	struct peer whole = {
	    SERVER, "203.0.113.6", NULL, "tcp", NULL, 22, 90000, 500, 40 * 3600.0};
	struct peer day = {
	    SERVER, "203.0.113.7", NULL, "tcp", "tls", 443, 9000, 500, 300};
	for (double t = BEGIN + 100 * DAY; t < BEGIN + 110 * DAY;
	     t += 420 + 20 * random_unit(&w.seed))
		talk(&w, &piece, t);
	talk(&w, &whole, BEGIN + 3 * DAY);
	for (double t = BEGIN; t < BEGIN + 120 * DAY;
	     t += 8 * 3600 * random_unit(&w.seed))
		talk(&w, &day, t); /* often there, not always */
	memory_detect(&w);
	const struct finding *f = find(&w, "presence", "203.0.113.5");
	assert_non_null(f);
	assert_true(f->facts[0].value[0] >= 0.99);
	f = find(&w, "presence", "203.0.113.6");
	assert_non_null(f);
	assert_int_equal(f->facts[1].key, FACT_KEY_LONG_CHANNEL);
	assert_true(fabs(f->facts[1].value[0] - 40 * 3600) < 1);
	assert_null(find(&w, "presence", "203.0.113.7"));
	size_t n;
	const struct dwell_case *c = cases_build(w.findings, w.count, NULL, &w.texts, &n);
	size_t pieces = 0;
	for (size_t i = 0; i < n; i++) { /* one host and one peer, one case */
		const struct dwell_case *d = &c[i];
		for (size_t j = 0; j < d->finding_count; j++)
			assert_true(
			    str_equal(d->findings[j]->peer, d->findings[0]->peer));
		if (str_equal(d->findings[0]->peer, str_of("203.0.113.5"))) {
			pieces++; /* what clockwork, presence and upload say, together */
			assert_int_equal(d->finding_count, 3);
		}
	}
	assert_int_equal(pieces, 1);
	memory_end(&w);
}

/* Seven hours, kept open by a hundred bytes a minute, are told; not seven hours of work,
 * of silence or of one side, nor five. */
static void test_kept_alive(void **state)
{
	(void)state;
	static const struct peer peers[] = {
	    {SERVER, "203.0.113.1", NULL, "tcp", "tls", 443, 21000, 21000, 7 * 3600.0},
	    {SERVER, "203.0.113.2", NULL, "tcp", "tls", 443, 90000, 9000, 7 * 3600.0},
	    {SERVER, "203.0.113.3", NULL, "tcp", "tls", 443, 0, 0, 7 * 3600.0},
	    {SERVER, "203.0.113.4", NULL, "tcp", "tls", 443, 21000, 0, 7 * 3600.0},
	    {SERVER, "203.0.113.5", NULL, "tcp", "tls", 443, 15000, 15000, 5 * 3600.0},
	};
	struct memory w;
	world_begin(&w, 6);
	server_rhythms(&w);
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
		talk_exactly(&w, &peers[i], BEGIN + (20 + (double)i) * DAY);
	memory_detect(&w);
	const struct finding *f = find(&w, "presence", "203.0.113.1");
	assert_non_null(f);
	const struct fact *k = memory_fact(f, FACT_KEY_KEPT_ALIVE);
	assert_non_null(k);
	assert_true(fabs(k->value[0] - 100) < 1e-9);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	for (size_t i = 1; i < sizeof(peers) / sizeof(*peers); i++)
		assert_null(find(&w, "presence", peers[i].dst));
	memory_end(&w);
}

static void test_empty(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 6);
	memory_detect(&w);
	assert_int_equal(w.count, 0);
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headquarters),
	    cmocka_unit_test(test_alone),
	    cmocka_unit_test(test_onset),
	    cmocka_unit_test(test_inbound_and_groups),
	    cmocka_unit_test(test_presence),
	    cmocka_unit_test(test_kept_alive),
	    cmocka_unit_test(test_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
