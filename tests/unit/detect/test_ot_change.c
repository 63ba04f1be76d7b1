/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes in a plant, in memories whose truth is known because the test makes them:
 * a master polls six devices for two months; an engineer comes every Tuesday morning; in
 * the seventh week one thing each is new.
 */
#include <math.h>

#include "memory.h"

#include "detect/ot/uses.h"

#define DAY     86400.0
#define DAYS    60
#define DEVICES 6
#define TURN    45 /* the day on which it changes */
#define MASTER  "10.0.0.1"
#define STATION "10.0.0.2" /* the engineer's */

struct request {
	double at;
	const char *asker, *device, *function, *operation, *status;
	int unit;
};

static void request(struct memory *m, struct request q)
{
	struct ot_record r;
	record_clear(RECORD_OT, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + q.at) * 1e6));
	assert_true(addr_parse(q.asker, &r.src_ip) && addr_parse(q.device, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 502;
	r.proto = STR("tcp");
	r.protocol = STR("modbus");
	r.from_src = 1;
	r.unit = q.unit > 0 ? q.unit : 1;
	r.function = str_of(q.function);
	r.operation = str_of(q.operation);
	r.status = str_of(q.status);
	if (q.status != NULL)
		r.rtt = 0.01;
	r.request_bytes = 12;
	r.answer_bytes = q.status != NULL ? 20 : 0;
	r.source = STR("test");
	record_put(&m->sink, RECORD_OT, &r);
}

static const char *device(unsigned i)
{
	static const char *const names[DEVICES] = {
	    "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4", "10.0.1.5", "10.0.1.6"};
	return names[i];
}

/* Every device every hour; a connection of each, too, so that the memory has a span. */
static void poll_all(struct memory *m, double factor_from, double factor)
{
	for (unsigned h = 0; h < DAYS * 24; h++) {
		for (unsigned i = 0; i < DEVICES; i++) {
			double at = h * 3600 + i;
			unsigned times =
			    i == 5 && at >= factor_from ? (unsigned)factor : 1;
			for (unsigned k = 0; k < times; k++)
				request(
				    m, (struct request){at + k, MASTER, device(i),
					   "read_holding_registers", "read", "ok", 1});
		}
		memory_conn(m, (struct memory_conn){.at = h * 3600,
				   .src = MASTER,
				   .dst = device(h % DEVICES),
				   .port = 502,
				   .service = "modbus",
				   .out = 12,
				   .in = 20});
	}
}

/* Tuesdays at nine. */
static void engineer(struct memory *m, unsigned weeks)
{
	for (unsigned w = 0; w < weeks; w++)
		request(m, (struct request){(7 * w + 1) * DAY + 9 * 3600, STATION,
			       device(0), "program_unity", "program", "ok", 1});
}

static __attribute__((noinline)) const struct finding *change(
    const struct memory *m, const char *host, const char *peer)
{
	const struct finding *f = NULL;
	for (size_t n = 0; (f = memory_find(m, "ot_change", host, n)) != NULL; n++) {
		if (str_equal(f->peer, str_of(peer)))
			return f;
	}
	return NULL;
}

static void expect(const struct memory *m, const char *host, const char *peer,
    enum fact_key key, enum confidence confidence, double since)
{
	const struct finding *f = change(m, host, peer);
	assert_non_null(f);
	assert_non_null(memory_fact(f, key));
	assert_int_equal(f->confidence, confidence);
	assert_true(fabs((double)moment_us(f->since) / 1e6 - MEMORY_BEGIN - since) < DAY);
}

static void test_quiet_plant(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	poll_all(&m, 1e9, 1);
	memory_detect(&m);
	assert_null(memory_find(&m, "ot_change", MASTER, 0));
	for (size_t i = 0; i < m.count; i++) /* regularity alone is explained */
		assert_int_equal(m.findings[i].confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

static void test_engineer(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	poll_all(&m, 1e9, 1);
	engineer(&m, 8);
	memory_detect(&m);
	expect(&m, STATION, device(0), FACT_KEY_IN_WINDOW, CONFIDENCE_LOW, DAY);
	memory_end(&m);
	memory_begin(&m);
	poll_all(&m, 1e9, 1);
	engineer(&m, 8);
	request(&m, (struct request){TURN * DAY + 3 * 3600, STATION, device(0),
			"program_unity", "program", "ok", 1});
	memory_detect(&m);
	expect(&m, STATION, device(0), FACT_KEY_OFF_WINDOW, CONFIDENCE_MEDIUM, DAY);
	memory_end(&m);
}

static void test_news(void **state)
{
	(void)state;
	struct memory m;
	double at = TURN * DAY;
	memory_begin(&m);
	poll_all(&m, (TURN + 1) * DAY, 3);
	/* A new master reads; another one programs; the old one writes, and stops one. */
	request(&m, (struct request){at, "10.0.0.66", device(1), "read_holding_registers",
			"read", "ok", 1});
	request(&m, (struct request){
			at, "10.0.0.67", device(1), "program_unity", "program", "ok", 1});
	request(&m, (struct request){
			at, MASTER, device(2), "write_single_coil", "control", "ok", 1});
	request(&m, (struct request){at, MASTER, device(3), "stop_plc", "mode", "ok", 1});
	/* A device asks another, is refused; a third one calls out. */
	for (unsigned i = 0; i < 200; i++)
		request(
		    &m, (struct request){at + i, device(4), device(1),
			    "read_input_registers", "read", "illegal_data_address", 1});
	memory_conn(&m, (struct memory_conn){.at = at,
			    .src = device(2),
			    .dst = "192.0.2.1",
			    .port = 443,
			    .out = 900,
			    .in = 700});
	memory_conn(&m, (struct memory_conn){.at = at,
			    .src = "10.0.0.70",
			    .dst = device(3),
			    .port = 445,
			    .service = "smb",
			    .out = 900,
			    .in = 700});
	memory_detect(&m);
	expect(&m, "10.0.0.66", device(1), FACT_KEY_NEW_MASTER, CONFIDENCE_MEDIUM, at);
	expect(&m, "10.0.0.67", device(1), FACT_KEY_ENGINEERING, CONFIDENCE_HIGH, at);
	expect(&m, MASTER, device(2), FACT_KEY_FIRST_WRITE, CONFIDENCE_MEDIUM, at);
	expect(&m, MASTER, device(3), FACT_KEY_ENGINEERING, CONFIDENCE_HIGH, at);
	expect(&m, device(4), device(1), FACT_KEY_ROLE_FLIP, CONFIDENCE_MEDIUM, at);
	expect(&m, device(2), "192.0.2.1", FACT_KEY_DEVICE_CALLS, CONFIDENCE_MEDIUM, at);
	expect(&m, "10.0.0.70", device(3), FACT_KEY_IT_PROTOCOL, CONFIDENCE_LOW, at);
	expect(&m, MASTER, device(5), FACT_KEY_RATE_BROKEN, CONFIDENCE_LOW, at + DAY);
	assert_null(change(&m, MASTER, device(0)));
	memory_end(&m);
}

/* Twenty units behind one gateway, none of which answers; and a day of refusals. */
static void test_sweep(void **state)
{
	(void)state;
	struct memory m;
	double at = TURN * DAY;
	memory_begin(&m);
	poll_all(&m, 1e9, 1);
	for (int i = 1; i <= 25; i++)
		request(&m, (struct request){at + i, "10.0.0.66", device(1), "read_coils",
				"read", NULL, i});
	for (unsigned i = 0; i < 40; i++)
		request(&m,
		    (struct request){at + i, MASTER, device(2), "read_holding_registers",
			"read", "gateway_path_unavailable", 1});
	for (unsigned i = 0; i < DEVICES; i++)
		request(&m, (struct request){at + 5 * i, "10.0.0.68", device(i),
				"read_coils", "read", "ok", 1});
	memory_detect(&m);
	expect(&m, "10.0.0.66", device(1), FACT_KEY_SWEEP, CONFIDENCE_MEDIUM, at);
	expect(&m, MASTER, device(2), FACT_KEY_REFUSED_JUMP, CONFIDENCE_MEDIUM, at);
	expect(&m, "10.0.0.68", device(0), FACT_KEY_SWEEP_NEW, CONFIDENCE_MEDIUM, at);
	memory_end(&m);
}

/* Minutes have no past: what is new is no news, a stopped controller is. */
static void test_short(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (unsigned i = 0; i < 60; i++)
		request(&m, (struct request){
				i, MASTER, device(0), "read_coils", "read", "ok", 1});
	request(&m, (struct request){
			30, MASTER, device(0), "write_single_coil", "control", "ok", 1});
	request(&m,
	    (struct request){40, "10.0.0.66", device(0), "read_coils", "read", "ok", 1});
	request(&m,
	    (struct request){50, "10.0.0.67", device(0), "stop_plc", "mode", "ok", 1});
	for (unsigned i = 0; i < 20; i++) /* one that is polled, then written to */
		request(&m, (struct request){
				i, MASTER, device(1), "read_coils", "read", "ok", 1});
	request(&m, (struct request){40, "10.0.0.66", device(1), "write_single_coil",
			"control", "ok", 1});
	request(&m,
	    (struct request){5, "192.0.2.9", device(2), "read_coils", "read", "ok", 1});
	memory_conn(&m, (struct memory_conn){.src = MASTER,
			    .dst = device(0),
			    .port = 502,
			    .seconds = 60,
			    .out = 12,
			    .in = 20});
	memory_detect(&m);
	assert_null(change(&m, MASTER, device(0)));
	assert_null(change(&m, "10.0.0.66", device(0)));
	const struct finding *f = change(&m, "10.0.0.67", device(0));
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(f, FACT_KEY_NO_BASELINE));
	f = change(&m, device(2), "192.0.2.9");
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	f = change(&m, "10.0.0.66", device(1));
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(f, FACT_KEY_NEW_MASTER));
	memory_end(&m);
}

static void test_ends(void **state)
{
	(void)state;
	struct addr a;
	char text[ADDR_TEXT_MAX];
	assert_true(ot_addr(STR("00:1b:1b:01:02:03"), &a));
	addr_text(&a, text);
	assert_string_equal(text, "fe80::21b:1bff:fe01:203");
	assert_false(ot_addr(STR("no address at all"), &a));
	assert_true(ot_is_group(STR("01:0e:cf:00:00:00")));
	assert_true(ot_is_group(STR("224.0.0.1")) && ot_is_group(STR("10.0.0.255")));
	assert_false(
	    ot_is_group(STR("00:1b:1b:01:02:03")) || ot_is_group(STR("10.0.0.1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quiet_plant),
	    cmocka_unit_test(test_engineer),
	    cmocka_unit_test(test_news),
	    cmocka_unit_test(test_sweep),
	    cmocka_unit_test(test_short),
	    cmocka_unit_test(test_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
