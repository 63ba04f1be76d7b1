/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats of TLS that read memory, told from rows; and what only looks like them. */
#include "memory.h"

static void beat(
    struct memory *m, double at, const char *src, const char *dst, const char *detail)
{
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	r.kind = STR("heartbeat");
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 443;
	r.proto = STR("tcp");
	r.detail = str_of(detail);
	r.source = STR("test");
	record_put(&m->sink, RECORD_ANOMALY, &r);
}

#define ANSWERED                                                                         \
	"claims=2 claimed=16384 carried=40 answers=2 answered=16400 encrypted=0 side=0"

static void test_confidence(void **state)
{
	(void)state;
	static const struct {
		const char *detail;
		enum confidence confidence;
		enum fact_key key;
	} cases[] = {
	    {ANSWERED, CONFIDENCE_HIGH, FACT_KEY_HEART_ANSWERED},
	    /* all of the payload is there, only the padding is not */
	    {"claims=1 claimed=100 carried=103 answers=1 answered=119 encrypted=0 side=0",
		CONFIDENCE_MEDIUM, FACT_KEY_HEART_ANSWERED},
	    {"claims=3 claimed=16384 carried=40 answers=0 answered=0 encrypted=0 side=0",
		CONFIDENCE_LOW, FACT_KEY_HEART_SILENT},
	    {"claims=1 claimed=0 carried=48 answers=1 answered=4000 encrypted=1 side=0",
		CONFIDENCE_MEDIUM, FACT_KEY_HEART_LONGER},
	    {"claims=1 claimed=0 carried=32 answers=1 answered=48 encrypted=1 side=0",
		CONFIDENCE_LOW, FACT_KEY_HEART_LONGER},
	    {"claims=x", CONFIDENCE_LOW, FACT_KEY_HEART_SILENT},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct memory m;
		memory_begin(&m);
		beat(&m, 10, "203.0.113.1", "10.0.0.5", cases[i].detail);
		memory_detect(&m);
		const struct finding *f = memory_find(&m, "tls_odd", "10.0.0.5", 0);
		assert_non_null(f);
		assert_int_equal(f->confidence, cases[i].confidence);
		assert_non_null(memory_fact(f, cases[i].key));
		assert_int_equal(f->direction, DIRECTION_INBOUND);
		assert_true(str_equal(f->peer, STR("203.0.113.1")));
		assert_int_equal(f->peer_port, 443);
		assert_string_equal(f->attack[1], "T1190");
		memory_end(&m);
	}
}

/* One finding a pair, of all its connections; who is asked is the host where both are
 * ours, and the one of ours elsewhere. */
static void test_ends(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 3; i++)
		beat(&m, 10 + i, "10.0.0.9", "10.0.0.5", ANSWERED);
	beat(&m, 20, "10.0.0.9", "203.0.113.1",
	    "claims=1 claimed=16384 carried=40 answers=1 answered=90 encrypted=0 side=1");
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "tls_odd", "10.0.0.5", 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INTERNAL);
	assert_int_equal(f->events, 3);
	assert_true(memory_fact(f, FACT_KEY_HEART_CLAIMED)->value[0] == 6);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 10) * 1e6));
	f = memory_find(&m, "tls_odd", "10.0.0.9", 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	assert_true(str_equal(f->peer, STR("203.0.113.1")));
	assert_null(memory_find(&m, "tls_odd", "10.0.0.5", 1));
	assert_null(memory_find(&m, "tls_odd", "10.0.0.9", 1));
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_confidence),
	    cmocka_unit_test(test_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
