/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks around: scans of ports and of networks, fast, slow, pinged; and who only
 * seems to. */
#include "memory.h"

#include "detect/inside/walk.h"

#define DAY 86400.0

static void dead(
    struct memory *m, double at, const char *src, const char *dst, uint16_t port)
{
	memory_conn(
	    m, (struct memory_conn){
		   .at = at, .src = src, .dst = dst, .port = port, .state = "S0"});
}

static void live(
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

/* Two weeks of a user who meets a dead target once a day. */
static void user(struct memory *m, const char *src)
{
	for (int day = 0; day < 14; day++) {
		char dst[24];
		for (int i = 0; i < 12; i++) {
			snprintf(dst, sizeof(dst), "198.51.100.%d", i + 10);
			live(m, day * DAY + 30000 + i * 900, src, dst, 443);
		}
		snprintf(dst, sizeof(dst), "203.0.113.%d", day + 1);
		dead(m, day * DAY + 41000, src, dst, 443);
	}
}

static void test_ports(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	user(&m, "10.0.0.1");
	for (int i = 0; i < 300; i++)
		dead(&m, 5 * DAY + i * 0.1, "10.0.0.2", "10.0.0.9", (uint16_t)(i + 20));
	live(&m, 5 * DAY + 7.77, "10.0.0.2", "10.0.0.9", 8443);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "discovery", "10.0.0.2", 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INTERNAL);
	assert_true(str_equal(f->peer, STR("10.0.0.9")));
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 5 * DAY) * 1e6));
	const struct fact *fact = memory_fact(f, FACT_KEY_PROBED);
	assert_true(fact != NULL && fact->value[0] == 300);
	fact = memory_fact(f, FACT_KEY_PROBED_OPEN);
	assert_true(fact != NULL && fact->value[0] == 1);
	assert_null(memory_find(&m, "discovery", "10.0.0.1", 0));
	assert_null(memory_find(&m, "discovery", "10.0.0.2", 1));
	memory_end(&m);
}

/* A network on one port; from outside the same is told of ours, and with less confidence.
 */
static void test_networks(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	user(&m, "10.0.0.1");
	for (int i = 0; i < 40; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "10.0.3.%d", i + 1);
		dead(&m, 3 * DAY + i, "10.0.0.2", dst, 445);
		dead(&m, 4 * DAY + i, "192.0.2.66", dst, 3389);
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "discovery", "10.0.0.2", 0);
	assert_non_null(f);
	assert_true(str_equal(f->peer, STR("10.0.3.0/24")));
	assert_int_equal(f->peer_port, 445);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	const struct fact *fact = memory_fact(f, FACT_KEY_PROBED_PORT);
	assert_true(fact != NULL && str_equal(fact->text, STR("tcp/445")));
	f = memory_find(&m, "discovery", "10.0.3.1", 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR("192.0.2.66")));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* Two dead targets a day, of those whom nobody else knows: no burst, but a walk. */
static void test_slow(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	user(&m, "10.0.0.1");
	for (int i = 0; i < 28; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "10.0.4.%d", i + 1);
		dead(&m, i * DAY / 2 + 777, "10.0.0.2", dst, 22);
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "discovery", "10.0.0.2", 0);
	assert_non_null(f);
	const struct fact *fact = memory_fact(f, FACT_KEY_PROBED_SLOWLY);
	assert_true(fact != NULL && fact->value[0] == 28 && fact->value[1] == 14 &&
		    fact->value[2] == 2);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* What speaks against it: it does so every day; each address at a port of its own; all
 * from one port of its own. */
static void test_against(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int day = 0; day < 6; day++) {
		for (int i = 0; i < 300; i++)
			dead(&m, day * DAY + i * 0.5, "10.0.0.2", "10.0.0.9",
			    (uint16_t)(i + 20));
	}
	for (int i = 0; i < 60; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "198.51.100.%d", i + 1);
		dead(&m, DAY + i, "10.0.0.3", dst, (uint16_t)(20000 + 7 * i));
		memory_conn(&m, (struct memory_conn){.at = DAY + i,
				    .src = "10.0.0.4",
				    .dst = "10.0.0.7",
				    .proto = "udp",
				    .state = "S0",
				    .src_port = 1900,
				    .port = (uint16_t)(40000 + i)});
	}
	memory_detect(&m);
	static const struct {
		const char *host;
		enum fact_key key;
	} wanted[] = {{"10.0.0.2", FACT_KEY_USUAL_PROBER},
	    {"10.0.0.3", FACT_KEY_PEER_TO_PEER}, {"10.0.0.4", FACT_KEY_ANSWERING}};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		const struct finding *f = memory_find(&m, "discovery", wanted[i].host, 0);
		assert_non_null(f);
		assert_non_null(memory_fact(f, wanted[i].key));
		assert_int_equal(f->confidence, CONFIDENCE_LOW);
	}
	memory_end(&m);
}

/* A network that is pinged, and answers. */
static void test_pings(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	user(&m, "10.0.0.1");
	for (int i = 0; i < 40; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "10.0.5.%d", i + 1);
		memory_conn(&m, (struct memory_conn){.at = 2 * DAY + i * 0.01,
				    .src = "10.0.0.2",
				    .dst = dst,
				    .proto = "icmp",
				    .state = "OTH",
				    .src_port = 8,
				    .out = 56,
				    .in = i % 2 == 0 ? 56 : 0});
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "discovery", "10.0.0.2", 0);
	assert_non_null(f);
	const struct fact *fact = memory_fact(f, FACT_KEY_SWEPT);
	assert_true(fact != NULL && fact->value[0] == 40 && fact->value[2] == 20);
	assert_true(str_equal(f->peer, STR("10.0.5.0/24")));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	memory_end(&m);
}

/* The sum as Jung et al. write it: log10(4) up, as much down, never below 0. */
static void test_walk(void **state)
{
	(void)state;
	struct contact v[8] = {{.first = 0, .dead = true}, {.first = 1}, {.first = 2},
	    {.first = 3, .dead = true}, {.first = 4, .dead = true},
	    {.first = 2 * WALK_WINDOW_US, .dead = true},
	    {.first = 2 * WALK_WINDOW_US + 1},
	    {.first = 2 * WALK_WINDOW_US + 2, .dead = true}};
	struct walk w;
	walk_over(&w, v, 8);
	assert_true(w.best > 1.8061 && w.best < 1.8063); /* 3 log10(4) */
	assert_int_equal(w.from, 3);
	assert_int_equal(w.to, 5);
	assert_int_equal(w.dead, 5);
	assert_int_equal(w.burst, 3);
	assert_int_equal(w.burst_first, 0);
	assert_int_equal(w.burst_last, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ports),
	    cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_slow),
	    cmocka_unit_test(test_against),
	    cmocka_unit_test(test_pings),
	    cmocka_unit_test(test_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
