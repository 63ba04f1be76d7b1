/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/buffer.h"

static void test_whole_messages_are_borrowed(void **state)
{
	(void)state;
	struct buffer b = {0};
	const uint8_t *message = (const uint8_t *)"abcdef";
	assert_true(buffer_put(&b, message, 6, 100));
	assert_ptr_equal(buffer_bytes(&b).pos, message);
	buffer_drop(&b, 6);
	assert_true(buffer_keep(&b));
	assert_null(b.own);
	assert_int_equal(buffer_bytes(&b).left, 0);
	buffer_free(&b);
}

static void test_rest_is_kept(void **state)
{
	(void)state;
	struct buffer b = {0};
	uint8_t piece[4] = "abcd";
	assert_true(buffer_put(&b, piece, 4, 100));
	buffer_drop(&b, 1);
	assert_true(buffer_keep(&b));
	memset(piece, 'x', sizeof(piece)); /* the borrowed bytes go away */
	assert_true(buffer_put(&b, (const uint8_t *)"ef", 2, 100));
	assert_int_equal(buffer_bytes(&b).left, 5);
	assert_memory_equal(buffer_bytes(&b).pos, "bcdef", 5);
	buffer_drop(&b, 2);
	assert_true(buffer_keep(&b));
	assert_true(buffer_put(&b, NULL, 0, 100));
	assert_memory_equal(buffer_bytes(&b).pos, "def", 3);
	buffer_drop(&b, 99); /* at most all */
	assert_int_equal(buffer_bytes(&b).left, 0);
	buffer_free(&b);
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	struct buffer b = {0};
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t byte = (uint8_t)i;
		assert_true(buffer_put(&b, &byte, 1, 3000));
		assert_true(buffer_keep(&b));
	}
	struct bytes all = buffer_bytes(&b);
	assert_int_equal(all.left, 3000);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(bytes_u8(&all), (uint8_t)i);
	uint8_t byte = 0;
	assert_false(buffer_put(&b, &byte, 1, 3000)); /* the limit */
	assert_int_equal(buffer_bytes(&b).left, 0);
	assert_null(b.own);
	assert_true(buffer_put(&b, &byte, 1, 1)); /* may be used again */
	buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole_messages_are_borrowed),
	    cmocka_unit_test(test_rest_is_kept),
	    cmocka_unit_test(test_byte_by_byte),
	};
	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
