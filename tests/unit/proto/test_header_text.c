/* SPDX-License-Identifier: Apache-2.0 */
/* Text in the headers of SYNs; and what stacks put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dispatch/header_text.h"

static struct arena arena;
static struct header_texts *texts;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 16);
	texts = header_texts_new();
	assert_non_null(texts);
	return 0;
}

static int end(void **state)
{
	(void)state;
	header_texts_free(texts);
	arena_fini(&arena);
	return 0;
}

static struct str syn(unsigned pair, unsigned at, uint32_t seq, uint32_t id)
{
	struct packet k;
	struct moment since = {0};
	memset(&k, 0, sizeof(k));
	k.ts = moment_from_us(1000000 * (int64_t)at);
	k.src.b[15] = (uint8_t)pair;
	k.src.b[14] = (uint8_t)(pair >> 8);
	k.dst.b[15] = 9;
	k.seq = seq;
	k.ip_id = id;
	struct str detail = header_texts_syn(texts, &k, &since, &arena);
	if (detail.n > 0)
		assert_int_equal(moment_us(since), 0);
	return detail;
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8 ^ *seed << 24;
}

static const char words[] = "Meet me at the bridge at nine.";

static void test_text(void **state)
{
	(void)state;
	uint32_t seed = 5;
	for (unsigned i = 0; i < HEADER_TEXT_SYNS; i++) {
		struct str id = syn(1, i, next(&seed), (uint32_t)words[i] << 8);
		struct str seq =
		    syn(2, i, (uint32_t)words[i] << 24, next(&seed) & 0xffff);
		assert_true((id.n > 0) == (i + 1 == HEADER_TEXT_SYNS));
		assert_true((seq.n > 0) == (i + 1 == HEADER_TEXT_SYNS));
		if (id.n == 0)
			continue;
		assert_true(str_equal(id, STR("field=ip_id byte=0 packets=24 values=12 "
					      "text=Meet_me_at_the_bridge_at")));
		assert_non_null(memmem(seq.p, seq.n, "field=seq byte=0 ", 17));
	}
	/* told once */
	assert_true(syn(1, 30, 7, 'x' << 8).n == 0);
}

/* Random numbers, counters, one number for all, retransmissions. */
static void test_ordinary(void **state)
{
	(void)state;
	uint32_t seed = 11;
	for (unsigned i = 0; i < 400; i++) {
		for (unsigned pair = 1; pair < 200; pair++)
			assert_true(
			    syn(pair, i, next(&seed), next(&seed) & 0xffff).n == 0);
		assert_true(syn(300, i, 0x41424344, 0x4142).n == 0);
		assert_true(syn(301, i, 0x30000000 + i * 64000, 0x4100 + i).n == 0);
		assert_true(syn(302, i, 0x20202020 + (i << 24), 0).n == 0);
	}
	for (unsigned i = 0; i < 2 * HEADER_TEXT_SYNS; i++)
		assert_true(syn(303, i, (uint32_t)words[i / 4] << 24, 0).n == 0);
}

/* A pair loses its place to another one, and begins anew. */
static void test_limit(void **state)
{
	(void)state;
	uint32_t seed = 3;
	size_t told = 0;
	for (unsigned i = 0; i < HEADER_TEXT_SYNS; i++) {
		for (unsigned pair = 0; pair < 4 * HEADER_TEXT_PAIRS; pair++)
			told += syn(pair, i, next(&seed), (uint32_t)words[i] << 8).n > 0;
	}
	assert_true(told < HEADER_TEXT_PAIRS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_text, begin, end),
	    cmocka_unit_test_setup_teardown(test_ordinary, begin, end),
	    cmocka_unit_test_setup_teardown(test_limit, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
