/* SPDX-License-Identifier: Apache-2.0 */
/* What an arena promises: alignment, zeroes,
 * its limit with a counter, reuse after a reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>

#include "base/arena.h"

static void aligned_and_zeroed(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 3000; n += 7) {
		unsigned char *p = arena_alloc(&a, n);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	assert_true(a.held <= a.limit);
	arena_fini(&a);
}

static void limit_is_counted(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 20000);
	assert_non_null(arena_alloc(&a, 5000));
	assert_null(arena_alloc(&a, 20000));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 20));
	assert_int_equal(a.refused, 3);
	assert_non_null(arena_alloc(&a, 100)); /* what fits still does */
	assert_true(a.held <= 20000);
	arena_fini(&a);
	arena_init(&a, 0);
	assert_null(arena_alloc(&a, 1));
	assert_int_equal(a.refused, 1);
	arena_fini(&a);
}

static void reset_keeps_one_block(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
	char *copy = arena_copy(&a, "abc", 4);
	assert_string_equal(copy, "abc");
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&a, 8000));
	size_t most = a.held;
	arena_reset(&a);
	assert_true(a.held > 0 && a.held < most / 50);
	/* The bytes of before are gone, also where memory is used again. */
	unsigned char *p = arena_alloc(&a, 4000);
	for (size_t i = 0; i < 4000; i++)
		assert_int_equal(p[i], 0);
	arena_fini(&a);
	assert_int_equal(a.held, 0);
	arena_reset(&a);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aligned_and_zeroed),
	    cmocka_unit_test(limit_is_counted),
	    cmocka_unit_test(reset_keeps_one_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
