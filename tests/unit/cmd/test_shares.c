/* SPDX-License-Identifier: Apache-2.0 */
/* --memory-limit, divided: the shares never make more than the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/shares.h"

#define MIB ((uint64_t)1 << 20)

static uint64_t of_reader(const struct limits *l)
{
	const struct pipeline_limits *p = &l->pipeline;
	uint64_t sum = LIMITS_READER_MB * MIB + l->outlet;
	sum += p->flow.flows * UINT64_C(544) + p->flow.reassembly_bytes;
	sum += p->flow.fragment_bytes + p->proto.analyses;
	return sum + p->proto.names * UINT64_C(256) + p->proto.name_bytes;
}

static void test_the_parts_are_the_whole(void **state)
{
	(void)state;
	struct error e = {0};
	static const uint64_t totals[] = {1024, 640, 2048, 16384, 65536};
	for (size_t t = 0; t < sizeof(totals) / sizeof(totals[0]); t++) {
		for (unsigned n = 1; n <= 64; n++) {
			struct limits l;
			unsigned readers = n;
			if (limits_divide(
				&l, totals[t] * MIB, &readers, true, 64 * MIB, &e) < 0)
				continue;
			assert_true(readers >= 1 && readers <= n);
			assert_true(of_reader(&l) <= l.reader);
			assert_true(l.writer >= l.engine + 200 * MIB);
			assert_true(l.writer + readers * (uint64_t)l.reader + 64 * MIB +
					LIMITS_OTHERS_MB * MIB <=
				    totals[t] * MIB);
			assert_true(l.pipeline.flow.reassembly_flow <=
				    l.pipeline.flow.reassembly_bytes);
		}
	}
}

/* What a scan has by itself, each reader of a watch on two cores has nearly as well. */
static void test_the_default(void **state)
{
	(void)state;
	struct error e = {0};
	struct limits l;
	unsigned readers = 2;
	assert_int_equal(
	    limits_divide(&l, LIMITS_DEFAULT, &readers, false, 64 * MIB, &e), 0);
	assert_true(l.pipeline.flow.flows > 120000);
	assert_true(l.pipeline.proto.analyses > 60 * MIB);
	assert_true(l.pipeline.flow.reassembly_bytes > 22 * MIB);
	assert_true(l.outlet > 40 * MIB);
	assert_true(l.engine >= 112 * MIB);
}

static void test_too_little(void **state)
{
	(void)state;
	struct error e = {0};
	struct limits l;
	unsigned readers = 8;
	assert_int_equal(limits_divide(&l, 256 * MIB, &readers, true, 64 * MIB, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(limits_divide(&l, 640 * MIB, &readers, false, 64 * MIB, &e), -1);
	assert_non_null(strstr(e.text, "8 readers"));
	assert_int_equal(limits_divide(&l, 640 * MIB, &readers, true, 64 * MIB, &e), 0);
	assert_true(readers < 8);
	/* What it says is needed is enough, and a MiB less is not. */
	readers = 3;
	uint64_t need = 0;
	assert_int_equal(limits_divide(&l, MIB, &readers, false, 64 * MIB, &e), -1);
	const char *number = strstr(e.text, "need ");
	assert_non_null(number);
	for (number += 5; *number >= '0' && *number <= '9'; number++)
		need = 10 * need + (uint64_t)(*number - '0');
	assert_int_equal(limits_divide(&l, need * MIB, &readers, false, 64 * MIB, &e), 0);
	assert_int_equal(
	    limits_divide(&l, (need - 1) * MIB, &readers, false, 64 * MIB, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_parts_are_the_whole),
	    cmocka_unit_test(test_the_default),
	    cmocka_unit_test(test_too_little),
	};
	return cmocka_run_group_tests_name("cmd/shares", tests, NULL, NULL);
}
