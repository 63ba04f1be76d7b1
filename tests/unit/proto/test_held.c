/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of flows: blocks come zeroed, whoever had them before, and end at the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/dispatch/held.h"

#define LIMIT (64u << 10)

static void blocks_come_zeroed(void **state)
{
	(void)state;
	static const uint8_t zeros[HELD_SIZES * HELD_STEP + 1];
	struct held h = {.limit = LIMIT};
	for (size_t n = 1; n <= sizeof(zeros); n += 31) {
		for (int i = 0; i < 2; i++) {
			void *p = held_alloc(&h, n);
			assert_non_null(p);
			assert_memory_equal(p, zeros, n);
			assert_int_equal(h.n, n);
			memset(p, 0xff, n);
			held_free(&h, p, n);
			assert_int_equal(h.n, 0);
		}
	}
	held_free(&h, NULL, 1);
	assert_int_equal(h.n, 0);
	held_fini(&h);
}

/* At the limit there is no more, until some comes back; not all of that is kept. */
static void limit_is_kept(void **state)
{
	(void)state;
	struct held h = {.limit = LIMIT};
	void *v[LIMIT / 1024];
	for (size_t i = 0; i < LIMIT / 1024; i++)
		assert_non_null(v[i] = held_alloc(&h, 1024));
	assert_null(held_alloc(&h, 1));
	for (size_t i = 0; i < LIMIT / 1024; i++)
		held_free(&h, v[i], 1024);
	assert_int_equal(h.n, 0);
	assert_true(h.spare_n[1023 / HELD_STEP] <= HELD_SPARE_N);
	assert_null(held_alloc(&h, LIMIT + 1));
	void *whole = held_alloc(&h, LIMIT);
	assert_non_null(whole);
	held_free(&h, whole, LIMIT);
	held_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_come_zeroed),
	    cmocka_unit_test(limit_is_kept),
	};
	return cmocka_run_group_tests_name("proto/held", tests, NULL, NULL);
}
