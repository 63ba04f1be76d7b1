/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knocks: calls back, doors, services that are not themselves, devices that act on their
 * own; and what is ordinary. All of it is made here after what was published: synthetic.
 */
#include "memory.h"

#define DAY     86400.0
#define SERVER  "10.0.0.5"
#define OUTSIDE "203.0.113.9"

static void touch(struct memory *m, double at, const char *src, const char *dst,
    uint16_t port, const char *proto)
{
	bool udp = strcmp(proto, "udp") == 0;
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = port,
			   .proto = proto,
			   .state = udp ? "S0" : "REJ",
			   .out = udp ? 20 : 0});
}

static void talk(
    struct memory *m, double at, const char *src, const char *dst, uint16_t port)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = port,
			   .out = 500,
			   .in = 9000,
			   .seconds = 1});
}

/* A server of the web for ten days, which opens to its mirror now and then, and which
 * the whole world scans: a touch every ten minutes. */
static void exposed(struct memory *m)
{
	for (int i = 0; i < 240; i++) {
		char src[24];
		snprintf(src, sizeof(src), "198.51.100.%d", i % 50 + 1);
		talk(m, i * 3600.0, src, SERVER, 443);
		if (i % 24 == 0)
			talk(m, i * 3600.0 + 77, SERVER, "192.0.2.10", 443);
	}
	for (int i = 0; i < 1440; i++) {
		char src[24];
		snprintf(src, sizeof(src), "100.%d.%d.7", 64 + i % 60, i / 60);
		touch(
		    m, i * 600.0 + 13, src, SERVER, (uint16_t)(i * 37 % 9000 + 1), "tcp");
	}
}

static const struct finding *only(struct memory *m, const char *host)
{
	assert_null(memory_find(m, "knock", host, 1));
	return memory_find(m, "knock", host, 0);
}

static void test_call_back(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	exposed(&m);
	touch(&m, 5 * DAY, OUTSIDE, SERVER, 9999, "udp");
	talk(&m, 5 * DAY + 40, SERVER, OUTSIDE, 443);
	talk(&m, 6 * DAY, SERVER, OUTSIDE, 443);
	memory_detect(&m);
	const struct finding *f = only(&m, SERVER);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR(OUTSIDE)));
	assert_int_equal(f->peer_port, 9999);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 5 * DAY) * 1e6));
	assert_int_equal(f->bytes_out, 1000);
	const struct fact *fact = memory_fact(f, FACT_KEY_KNOCK_BACK);
	assert_true(fact->value[0] > 39 && fact->value[0] < 41);
	assert_string_equal(f->attack[0], "T1205");
	memory_end(&m);
}

/* What is said against it: late, not answered, known before, both ways, a habit. */
static void test_explained(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	exposed(&m);
	touch(&m, 5 * DAY, "203.0.113.1", "10.0.0.1", 9999, "tcp");
	talk(&m, 5 * DAY + 2000, "10.0.0.1", "203.0.113.1", 443);
	touch(&m, 5 * DAY, "203.0.113.2", "10.0.0.2", 9999, "tcp");
	touch(&m, 5 * DAY + 10, "10.0.0.2", "203.0.113.2", 443, "tcp");
	talk(&m, 5 * DAY + 600, "10.0.0.2", "203.0.113.2", 443);
	talk(&m, 4 * DAY, "203.0.113.3", "10.0.0.3", 80);
	touch(&m, 5 * DAY, "203.0.113.3", "10.0.0.3", 9999, "tcp");
	talk(&m, 5 * DAY + 10, "10.0.0.3", "203.0.113.3", 443);
	touch(&m, 5 * DAY, "203.0.113.4", "10.0.0.4", 25, "tcp");
	talk(&m, 5 * DAY + 10, "10.0.0.4", "203.0.113.4", 25);
	/* Its own: it opened there before, or nobody touched it, or one of ours did. */
	talk(&m, 4 * DAY, "10.0.0.6", "203.0.113.6", 443);
	touch(&m, 5 * DAY, "203.0.113.6", "10.0.0.6", 9999, "tcp");
	talk(&m, 5 * DAY + 10, "10.0.0.6", "203.0.113.6", 443);
	touch(&m, 5 * DAY, "10.0.0.9", "10.0.0.7", 9999, "tcp");
	talk(&m, 5 * DAY + 10, "10.0.0.7", "10.0.0.9", 443);
	talk(&m, 5 * DAY + 10, "10.0.0.8", "203.0.113.8", 443);
	memory_detect(&m);
	static const struct {
		const char *host;
		enum fact_key against;
	} cases[] = {{"10.0.0.1", FACT_KEY_KNOCK_LATE},
	    {"10.0.0.2", FACT_KEY_KNOCK_FAILED}, {"10.0.0.3", FACT_KEY_KNOCK_TALKED},
	    {"10.0.0.4", FACT_KEY_KNOCK_SAME_SERVICE}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct finding *f = only(&m, cases[i].host);
		assert_non_null(f);
		assert_int_equal(f->confidence, CONFIDENCE_LOW);
		assert_non_null(memory_fact(f, cases[i].against));
	}
	assert_null(only(&m, "10.0.0.6"));
	assert_null(only(&m, "10.0.0.7"));
	assert_null(only(&m, "10.0.0.8"));
	assert_null(only(&m, SERVER)); /* all those scans, and none called back */
	memory_end(&m);
}

/* A program whose peers find each other this way. */
static void test_habit(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 40; i++) {
		char peer[24];
		snprintf(peer, sizeof(peer), "203.0.113.%d", i + 1);
		touch(&m, i * 5000.0, peer, "10.0.0.1", 51413, "udp");
		talk(&m, i * 5000.0 + 5, "10.0.0.1", peer, 6881);
	}
	memory_detect(&m);
	for (size_t i = 0; i < 40; i++) {
		const struct finding *f = memory_find(&m, "knock", "10.0.0.1", i);
		assert_non_null(f);
		assert_int_equal(f->confidence, CONFIDENCE_LOW);
		assert_non_null(memory_fact(f, FACT_KEY_KNOCK_HABIT));
	}
	memory_end(&m);
}

/* ---- a call to another address ---- */

/* A server that ten addresses use and that opens to its mirror, for ten days. */
static void quiet(struct memory *m, const char *host)
{
	for (int i = 0; i < 240; i++) {
		char src[24];
		snprintf(src, sizeof(src), "198.51.100.%d", i % 10 + 1);
		talk(m, i * 3600.0, src, host, 443);
		if (i % 24 == 0)
			talk(m, i * 3600.0 + 77, host, "192.0.2.10", 443);
	}
}

#define OTHER "203.0.113.77"

static void test_elsewhere(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	quiet(&m, SERVER);
	touch(&m, 5 * DAY, OUTSIDE, SERVER, 9999, "udp");
	touch(&m, 5 * DAY + 1, OUTSIDE, SERVER, 9998, "udp");
	talk(&m, 5 * DAY + 31, SERVER, OTHER, 443);
	talk(&m, 6 * DAY, SERVER, OTHER, 443);
	memory_detect(&m);
	const struct finding *f = only(&m, SERVER);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	assert_true(str_equal(f->peer, STR(OTHER)));
	assert_int_equal(f->bytes_out, 1000);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 5 * DAY) * 1e6));
	const struct fact *fact = memory_fact(f, FACT_KEY_ELSEWHERE);
	assert_true(fact != NULL && str_equal(fact->text, STR(OUTSIDE)));
	assert_true(fact->value[1] > 29 && fact->value[1] < 31);
	fact = memory_fact(f, FACT_KEY_ELSEWHERE_TOUCHED);
	assert_true(fact->value[0] == 2 && fact->value[1] == 2);
	/* 1 new address, 2 touches, 30 s of 9 days, 1 host. */
	fact = memory_fact(f, FACT_KEY_ELSEWHERE_CHANCE);
	assert_true(fact->value[1] > 6e-5 && fact->value[1] < 9e-5);
	memory_end(&m);
}

/* Late, not answered, by a name, where others go; a host that is scanned, and one that
 * meets somebody new all the time; its first day. */
static void test_not_elsewhere(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 1; i <= 7; i++) {
		char host[24];
		snprintf(host, sizeof(host), "10.0.0.%d", i);
		quiet(&m, host);
		touch(&m, i == 7 ? 4000 : 5 * DAY, OUTSIDE, host, 9999, "udp");
	}
	talk(&m, 5 * DAY + 200, "10.0.0.1", "203.0.113.71", 443);
	touch(&m, 5 * DAY + 30, "10.0.0.2", "203.0.113.72", 443, "tcp");
	talk(&m, 5 * DAY + 30, "10.0.0.3", "203.0.113.73", 443);
	talk(&m, 7 * DAY, "10.0.0.9", "203.0.113.73", 443);
	for (int i = 0; i < 2000; i++)
		touch(&m, 2 * DAY + i * 300.0, OUTSIDE, "10.0.0.4", 9999, "udp");
	talk(&m, 5 * DAY + 30, "10.0.0.4", "203.0.113.74", 443);
	for (int i = 0; i < 2000; i++) {
		char peer[24];
		snprintf(peer, sizeof(peer), "100.64.%d.%d", i / 200, i % 200 + 1);
		talk(&m, 2 * DAY + i * 300.0 + 30, "10.0.0.5", peer, 443);
	}
	talk(&m, 4030, "10.0.0.7", "203.0.113.75", 443);
	memory_detect(&m);
	for (int i = 1; i <= 7; i++) {
		char host[24];
		snprintf(host, sizeof(host), "10.0.0.%d", i);
		const struct finding *f = memory_find(&m, "knock", host, 0);
		if (i != 3) {
			assert_null(f);
			continue;
		}
		assert_non_null(f);
		assert_int_equal(f->confidence, CONFIDENCE_LOW);
		assert_non_null(memory_fact(f, FACT_KEY_ELSEWHERE_OTHERS));
	}
	memory_end(&m);
}

static void knock(struct memory *m, double at, const char *src)
{
	static const uint16_t ports[] = {7000, 8000, 9000};
	for (int i = 0; i < 3; i++)
		touch(m, at + i, src, SERVER, ports[i], "tcp");
	talk(m, at + 5, src, SERVER, 2222);
}

static void test_door(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	exposed(&m);
	touch(&m, DAY, "198.51.100.77", SERVER, 2222, "tcp");
	knock(&m, 3 * DAY, OUTSIDE);
	knock(&m, 4 * DAY, OUTSIDE);
	/* Another server answers a scan, and a client that tries some ports. */
	for (int port = 20; port < 90; port++)
		touch(&m, 2 * DAY + port, OUTSIDE, "10.0.0.6", (uint16_t)port, "tcp");
	talk(&m, 2 * DAY + 91, OUTSIDE, "10.0.0.6", 443);
	touch(&m, 2 * DAY + 95, "203.0.113.44", "10.0.0.6", 443, "tcp");
	touch(&m, 6 * DAY, "203.0.113.44", "10.0.0.7", 8443, "tcp");
	touch(&m, 6 * DAY + 1, "203.0.113.44", "10.0.0.7", 8080, "tcp");
	talk(&m, 6 * DAY + 2, "203.0.113.44", "10.0.0.7", 80);
	memory_detect(&m);
	const struct finding *f = only(&m, SERVER);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->peer_port, 2222);
	assert_int_equal(f->events, 2);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 3 * DAY) * 1e6));
	assert_true(str_equal(memory_fact(f, FACT_KEY_DOOR_KNOCKS)->text,
	    STR("tcp/7000 tcp/8000 tcp/9000")));
	assert_non_null(memory_fact(f, FACT_KEY_DOOR_SAME));
	assert_null(only(&m, "10.0.0.6"));
	assert_null(only(&m, "10.0.0.7"));
	memory_end(&m);
}

/* Once it opened to somebody who had not knocked it is no door. */
static void test_open_door(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	touch(&m, DAY, "198.51.100.77", SERVER, 2222, "tcp");
	knock(&m, 3 * DAY, OUTSIDE);
	talk(&m, 4 * DAY, "198.51.100.77", SERVER, 2222);
	memory_detect(&m);
	assert_null(only(&m, SERVER));
	memory_end(&m);
}

static void speak(struct memory *m, double at, const char *src, const char *dst,
    uint16_t port, const char *service)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = port,
			   .service = service,
			   .out = 3000,
			   .in = 9000,
			   .seconds = 20});
}

static void test_hijack(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 100; i++) {
		char src[24];
		snprintf(src, sizeof(src), "198.51.100.%d", i % 40 + 1);
		speak(&m, i * 3600.0, src, SERVER, 443, "ssl");
		speak(&m, i * 3600.0, src, "10.0.0.6", 8080, i % 2 ? "http" : NULL);
		speak(&m, i * 3600.0, src, "10.0.0.7", 80, "http,ntlm");
		speak(&m, i * 3600.0, src, "10.0.0.8", 22, "ssh");
	}
	speak(&m, 3 * DAY, OUTSIDE, SERVER, 443, NULL);
	speak(&m, 3 * DAY, OUTSIDE, "10.0.0.7", 80, "http");
	/* A scanner's nonsense is answered by a line. */
	memory_conn(&m, (struct memory_conn){.at = 3 * DAY,
			    .src = OUTSIDE,
			    .dst = "10.0.0.8",
			    .port = 22,
			    .out = 40,
			    .in = 60,
			    .seconds = 1});
	memory_detect(&m);
	const struct finding *f = only(&m, SERVER);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(str_equal(memory_fact(f, FACT_KEY_HIJACK_USUAL)->text, STR("ssl")));
	assert_int_equal(f->bytes_out, 9000);
	assert_null(only(&m, "10.0.0.6"));
	assert_null(only(&m, "10.0.0.7"));
	assert_null(only(&m, "10.0.0.8"));
	memory_end(&m);
}

static void test_device(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 240; i++) {
		memory_conn(&m, (struct memory_conn){.at = i * 3600.0,
				    .src = "10.0.0.100",
				    .dst = "10.0.0.1",
				    .port = 161,
				    .proto = "udp",
				    .out = 40,
				    .in = 80});
		talk(&m, i * 3600.0, "10.0.0.100", "10.0.0.2", 443);
	}
	talk(&m, 9 * DAY, "10.0.0.1", OUTSIDE, 443);
	talk(&m, 9 * DAY, "10.0.0.2", OUTSIDE, 443); /* a server, no device */
	talk(&m, DAY, "10.0.0.3", "10.0.0.100", 443);
	memory_conn(&m, (struct memory_conn){.at = 9 * DAY,
			    .src = "10.0.0.11", /* nobody knew it before */
			    .dst = OUTSIDE,
			    .proto = "gre",
			    .state = "OTH",
			    .out = 500});
	memory_conn(&m, (struct memory_conn){.at = 9 * DAY,
			    .src = "10.0.0.3",
			    .dst = OUTSIDE,
			    .proto = "gre",
			    .state = "OTH",
			    .out = 500});
	memory_conn(&m, (struct memory_conn){.at = DAY,
			    .src = "10.0.0.4",
			    .dst = OUTSIDE,
			    .proto = "gre",
			    .state = "OTH",
			    .out = 500});
	talk(&m, 9 * DAY, OUTSIDE, "10.0.0.9", 4786);
	memory_detect(&m);
	const struct finding *f = only(&m, "10.0.0.1");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(f, FACT_KEY_DEVICE_ROLE));
	assert_true(
	    str_equal(memory_fact(f, FACT_KEY_DEVICE_ROLE)->text, STR("udp/161")));
	assert_null(only(&m, "10.0.0.2"));
	assert_non_null(memory_fact(only(&m, "10.0.0.3"), FACT_KEY_DEVICE_TUNNEL));
	assert_null(only(&m, "10.0.0.4"));
	assert_null(only(&m, "10.0.0.11"));
	assert_non_null(memory_fact(only(&m, "10.0.0.9"), FACT_KEY_DEVICE_WRITE));
	memory_end(&m);
}

/* A server that opened nothing to the outside for weeks, and then did: low, once. Not one
 * that always had, nor one that opens to many, nor one that hardly anybody asks. */
static void test_server(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 700; i++) {
		char src[16];
		snprintf(src, sizeof(src), "10.0.1.%d", i % 5 + 1);
		for (int server = 5; server < 8; server++) {
			char dst[16];
			snprintf(dst, sizeof(dst), "10.0.0.%d", server);
			talk(&m, i * 3600.0, src, dst, 443);
		}
		talk(&m, i * 3600.0 + 5, "10.0.1.1", "10.0.0.8", 443); /* one client */
	}
	talk(&m, 3600, "10.0.0.5", "10.0.0.6", 5432); /* inside counts for nothing */
	talk(&m, 20 * DAY, "10.0.0.5", OUTSIDE, 443);
	talk(&m, 21 * DAY, "10.0.0.5", OUTSIDE, 443);
	talk(&m, DAY, "10.0.0.6", "198.51.100.4", 443);
	talk(&m, 20 * DAY, "10.0.0.6", OUTSIDE, 443);
	for (int i = 1; i <= 17; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "198.51.100.%d", i + 10);
		talk(&m, 20 * DAY + i, "10.0.0.7", dst, 443);
	}
	talk(&m, 20 * DAY, "10.0.0.8", OUTSIDE, 443);
	memory_detect(&m);
	const struct finding *f = only(&m, "10.0.0.5");
	assert_non_null(f);
	const struct fact *k = memory_fact(f, FACT_KEY_SERVER_OPENS);
	assert_non_null(k);
	assert_true(k->value[0] == 20 * DAY && k->value[2] == 5);
	assert_true(
	    str_equal(memory_fact(f, FACT_KEY_SERVER_ROLE)->text, STR("tcp/443")));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_null(only(&m, "10.0.0.6"));
	assert_null(only(&m, "10.0.0.7"));
	assert_null(only(&m, "10.0.0.8"));
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_call_back),
	    cmocka_unit_test(test_explained),
	    cmocka_unit_test(test_habit),
	    cmocka_unit_test(test_elsewhere),
	    cmocka_unit_test(test_not_elsewhere),
	    cmocka_unit_test(test_door),
	    cmocka_unit_test(test_open_door),
	    cmocka_unit_test(test_hijack),
	    cmocka_unit_test(test_device),
	    cmocka_unit_test(test_server),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
