/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay in a plant: sequences of writes and readings that come again, in memories whose
 * truth is known because the test makes them; and what repeats itself by right, which
 * must stay silent: values that stand still, cycles, schedules, states.
 */
#include "memory.h"

#include "base/hash.h"
#include "detect/ot/echo.h"

#define DAY    86400.0
#define MASTER "10.0.0.1"
#define DEVICE "10.0.1.1"

/* Numbers that are the same each time (Knuth's MMIX generator). */
static unsigned draw(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % below;
}

static struct ot_record row(const char *asker, const char *device, double at)
{
	struct ot_record r;
	record_clear(RECORD_OT, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(asker, &r.src_ip) && addr_parse(device, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 502;
	r.proto = STR("tcp");
	r.protocol = STR("modbus");
	r.from_src = 1;
	r.unit = 1;
	r.request_bytes = 12;
	r.answer_bytes = 20;
	r.rtt = 0.01;
	r.status = STR("ok");
	r.source = STR("test");
	return r;
}

static void reads(struct memory *m, const char *device, double at, unsigned value)
{
	struct ot_record r = row(MASTER, device, at);
	r.function = STR("read_holding_registers");
	r.operation = STR("read");
	r.object = STR("holding_register");
	r.address = 0;
	r.count = 10;
	r.digest = (int64_t)(value * 2654435761u % UINT32_MAX);
	record_put(&m->sink, RECORD_OT, &r);
}

static void writes(struct memory *m, const char *asker, double at, unsigned value)
{
	struct ot_record r = row(asker, DEVICE, at);
	r.function = STR("write_single_register");
	r.operation = STR("write");
	r.object = STR("holding_register");
	r.address = (int64_t)(value % 4);
	r.count = 1;
	r.digest = value;
	record_put(&m->sink, RECORD_OT, &r);
}

static void conn(struct memory *m, const char *device, double at)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = MASTER,
			   .dst = device,
			   .port = 502,
			   .service = "modbus",
			   .seconds = 3600,
			   .out = 12,
			   .in = 20});
}

/* What ot_change says of the two with that fact; NULL: nothing. */
static __attribute__((noinline)) const struct finding *told(
    const struct memory *m, const char *host, enum fact_key key)
{
	const struct finding *f = NULL;
	for (size_t n = 0; (f = memory_find(m, "ot_change", host, n)) != NULL; n++) {
		if (memory_fact(f, key) != NULL)
			return f;
	}
	return NULL;
}

/* ---- sequences ---- */

struct runs {
	struct echo_run best;
	unsigned who, n;
};

static void on_run(void *ctx, unsigned who, const struct echo_run *r)
{
	struct runs *all = ctx;
	all->n++;
	if (r->n > all->best.n) {
		all->best = *r;
		all->who = who;
	}
}

static void test_echo(void **state)
{
	(void)state;
	struct runs all = {.n = 0};
	struct echo *e = echo_new(1, (struct echo_sink){&all, on_run});
	assert_non_null(e);
	for (unsigned i = 0; i < 300; i++) { /* each twice: that is no step */
		assert_true(echo_step(e, 0, i, i));
		assert_true(echo_step(e, 0, i, i));
	}
	for (unsigned i = 0; i < 30; i++) /* 100 … 129 again */
		assert_true(echo_step(e, 0, 100 + i, 400 + i));
	for (unsigned i = 0; i < 5; i++)
		assert_true(echo_step(e, 0, 1000 + i, 500 + i));
	for (unsigned i = 0; i < 8; i++) /* somebody else: 200 … 207 */
		assert_true(echo_step(e, 3, 200 + i, 600 + i));
	echo_end(e);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.best.n, 29);
	assert_int_equal(all.best.distinct, 29);
	assert_int_equal(all.best.before, 100);
	assert_int_equal(all.best.usual, 0);
	assert_int_equal(all.best.loop, 200);
	assert_int_equal(all.best.source, 100);
	assert_int_equal(all.best.first, 400);
	assert_int_equal(all.best.last, 429);
	/* log10 of the product of (i + 1/2) / (101 + i), i below 29. */
	assert_true(all.best.decades > 29.0 && all.best.decades < 31.0);
	/* A new sequence knows nothing of the one before. */
	all = (struct runs){.n = 0};
	for (unsigned i = 0; i < 300; i++)
		assert_true(echo_step(e, 0, i, i));
	echo_end(e);
	assert_int_equal(all.n, 0);
	echo_free(e);
}

/* The limit of what is kept: the last contexts are known, the first ones forgotten. */
static void test_limit(void **state)
{
	(void)state;
	struct runs all = {.n = 0};
	struct echo *e = echo_new(1, (struct echo_sink){&all, on_run});
	assert_non_null(e);
	for (unsigned i = 0; i < 2 * ECHO_CONTEXTS_MAX + 100; i++)
		assert_true(echo_step(e, 0, i, i));
	assert_int_equal(echo_forgotten(e), ECHO_CONTEXTS_MAX);
	for (unsigned i = 2 * ECHO_CONTEXTS_MAX - 50; i < 2 * ECHO_CONTEXTS_MAX + 99; i++)
		assert_true(echo_step(e, 0, i, 1000000 + i));
	for (unsigned i = 3 * ECHO_CONTEXTS_MAX; i < 3 * ECHO_CONTEXTS_MAX + 20; i++)
		assert_true(echo_step(e, 0, i, 2000000 + i));
	for (unsigned i = 20; i < 200; i++) /* forgotten */
		assert_true(echo_step(e, 0, i, 3000000 + i));
	echo_end(e);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.best.n, 148);
	echo_free(e);
}

/* ---- readings ---- */

/* A tank's level as it is measured: it wanders, and scatters. */
static void levels(unsigned *v, size_t n, uint64_t seed)
{
	unsigned level = 30000;
	for (size_t i = 0; i < n; i++) {
		level += draw(&seed, 41) - 20;
		v[i] = level + draw(&seed, 30);
	}
}

static void test_readings(void **state)
{
	(void)state;
	enum { N = 4000, FROM = 3000, LOOP = 60 };
	static unsigned v[N];
	struct memory m;
	memory_begin(&m);
	levels(v, N, 7);
	for (unsigned i = 0; i < 300; i++) /* five times the same minutes */
		v[FROM + i] = v[2000 + i % LOOP];
	for (unsigned i = 0; i < N; i++)
		reads(&m, DEVICE, i * 5, v[i]);
	for (unsigned i = 0; i * 3600 < N * 5; i++)
		conn(&m, DEVICE, i * 3600);
	memory_detect(&m);
	const struct finding *f = told(&m, MASTER, FACT_KEY_READINGS_AGAIN);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	const struct fact *fact = memory_fact(f, FACT_KEY_READINGS_AGAIN);
	assert_true(fact->value[0] > 230 && fact->value[0] < 300);
	assert_true(fact->value[1] > (MEMORY_BEGIN + 9900) * 1e6 &&
		    fact->value[1] < (MEMORY_BEGIN + 10300) * 1e6);
	assert_non_null(memory_fact(f, FACT_KEY_AGAIN_ODDS));
	double since = (double)moment_us(f->since) / 1e6 - MEMORY_BEGIN;
	assert_true(since > 14900 && since < 15100);
	memory_end(&m);
}

/* What repeats itself by right: each of these devices has its own kind of it. */
static void test_quiet(void **state)
{
	(void)state;
	enum { N = 3000, KINDS = 6, WANDERERS = 40 };
	static unsigned v[N];
	struct memory m;
	memory_begin(&m);
	uint64_t seed = 1;
	for (unsigned i = 0; i < N; i++) {
		double at = i * 10;
		reads(&m, "10.0.2.1", at, 5);               /* stands still */
		reads(&m, "10.0.2.2", at, i % 100);         /* a ramp, again and again */
		reads(&m, "10.0.2.3", at, draw(&seed, 2));  /* on and off */
		reads(&m, "10.0.2.4", at, draw(&seed, 12)); /* a few levels, by chance */
		reads(&m, "10.0.2.5", at, i / 40 % 20);     /* a program of steps */
		reads(&m, "10.0.2.6", at,
		    i % 500 < 40 ? i % 500 : 1000 + i); /* a start-up */
	}
	char name[24];
	for (unsigned k = 0; k < WANDERERS; k++) { /* coarse enough to meet again */
		snprintf(name, sizeof(name), "10.0.3.%u", k + 1);
		levels(v, 600, k);
		for (unsigned i = 0; i < 600; i++)
			reads(&m, name, i * 10, v[i] / (20 + k));
	}
	for (unsigned i = 0; i < 9; i++)
		conn(&m, DEVICE, i * 3600);
	memory_detect(&m);
	assert_null(told(&m, MASTER, FACT_KEY_READINGS_AGAIN));
	memory_end(&m);
}

/* ---- writes ---- */

static void test_writes(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	uint64_t seed = 3;
	unsigned v[400];
	for (unsigned i = 0; i < 400; i++) { /* set-points as somebody needs them */
		v[i] = draw(&seed, 5000);
		writes(&m, MASTER, i * 600, v[i]);
	}
	for (unsigned i = 0; i < 10; i++)
		writes(&m, "10.0.0.66", 2.5 * DAY + i, v[200 + i]);
	for (unsigned i = 0; i < 5; i++) /* one who writes what it likes */
		writes(&m, "10.0.0.67", 2.6 * DAY + i, 10000 + i);
	for (unsigned i = 0; i < 20; i++) /* the master's address again */
		writes(&m, MASTER, 2.8 * DAY + i, v[300 + i]);
	for (unsigned i = 0; i < 3 * 24; i++)
		conn(&m, DEVICE, i * 3600);
	memory_detect(&m);
	const struct finding *f = told(&m, "10.0.0.66", FACT_KEY_WRITES_OF);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(memory_fact(f, FACT_KEY_WRITES_AGAIN)->value[0] > 8.5);
	f = told(&m, MASTER, FACT_KEY_WRITES_AGAIN);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_null(memory_fact(f, FACT_KEY_WRITES_OF));
	assert_null(told(&m, "10.0.0.67", FACT_KEY_WRITES_AGAIN));
	memory_end(&m);
}

/* The same set-points each day, at the same hours, by two masters that take turns. */
static void test_schedule(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (unsigned d = 0; d < 20; d++) {
		for (unsigned h = 0; h < 24; h++) {
			writes(&m, d % 5 == 4 ? "10.0.0.2" : MASTER, d * DAY + h * 3600,
			    100 + h * 7);
			conn(&m, DEVICE, d * DAY + h * 3600);
		}
	}
	memory_detect(&m);
	const struct finding *f = told(&m, MASTER, FACT_KEY_WRITES_AGAIN);
	assert_null(f);
	f = told(&m, "10.0.0.2", FACT_KEY_WRITES_AGAIN);
	assert_true(f == NULL || f->confidence == CONFIDENCE_LOW);
	memory_end(&m);
}

/* ---- GOOSE ---- */

static void frame(struct memory *m, const char *mac, double at, unsigned st, unsigned sq)
{
	struct ot_record r;
	char text[48];
	record_clear(RECORD_OT, &r);
	snprintf(text, sizeof(text), "IED1/LLN0$GO$trip state=%u", st);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	r.protocol = STR("goose");
	r.function = STR("goose");
	r.operation = STR("report");
	r.src_mac = str_of(mac);
	r.dst_mac = STR("01:0c:cd:01:00:01");
	r.from_src = 1;
	r.unit = 1;
	r.id = sq;
	r.detail = str_of(text);
	r.request_bytes = 150;
	r.source = STR("test");
	record_put(&m->sink, RECORD_OT, &r);
}

static void test_goose(void **state)
{
	(void)state;
	static const char good[] = "00:1b:1b:00:00:01", bad[] = "00:1b:1b:00:00:02";
	struct memory m;
	memory_begin(&m);
	for (unsigned i = 0; i < 200; i++) {
		frame(&m, good, i, 1 + i / 50, i % 50);
		frame(&m, bad, i, 1 + i / 50, i % 50);
	}
	for (unsigned i = 0; i < 10; i++)
		frame(&m, good, 200 + i, 1, i); /* it was restarted */
	frame(&m, bad, 180.5, 2, 7);            /* an old frame */
	memory_detect(&m);
	const struct finding *f =
	    told(&m, "fe80::21b:1bff:fe00:2", FACT_KEY_COUNTER_BACK);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(memory_fact(f, FACT_KEY_COUNTER_BACK)->value[0] < 1.5);
	assert_null(told(&m, "fe80::21b:1bff:fe00:1", FACT_KEY_COUNTER_BACK));
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_readings),
	    cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_writes),
	    cmocka_unit_test(test_schedule),
	    cmocka_unit_test(test_goose),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
