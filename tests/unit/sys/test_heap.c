/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of malloc holds: blocks come from one piece that never moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/heap.h"

#define HEAP  (16u << 20)
#define BLOCK (1u << 20)

static void grows_once(void **state)
{
	(void)state;
	heap_prepare(HEAP);
	const char *end = sbrk(0);
	char *blocks[HEAP / BLOCK / 2];
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		blocks[i] = malloc(BLOCK);
		assert_non_null(blocks[i]);
		memset(blocks[i], (int)i, BLOCK);
	}
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		assert_int_equal(blocks[i][BLOCK - 1], i);
		free(blocks[i]);
	}
	assert_ptr_equal(end, sbrk(0));
}

static void more_than_there_can_be(void **state)
{
	(void)state;
	heap_prepare(SIZE_MAX); /* is refused, and all works as before */
	char *p = malloc(BLOCK);
	assert_non_null(p);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows_once),
	    cmocka_unit_test(more_than_there_can_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
