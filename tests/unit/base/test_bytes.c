/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor: values in both byte orders, and a failure that sticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/size.h"

static const uint8_t in[] = {0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88};

static void both_orders(void **state)
{
	(void)state;
	struct bytes b = bytes_over(in, 8);
	assert_int_equal(bytes_be64(&b), 0x8182838485868788);
	b = bytes_over(in, 8);
	assert_int_equal(bytes_le64(&b), 0x8887868584838281);
	b = bytes_over(in, 8);
	assert_int_equal(bytes_u8(&b), 0x81);
	assert_int_equal(bytes_be16(&b), 0x8283);
	assert_int_equal(bytes_le16(&b), 0x8584);
	assert_int_equal(bytes_be24(&b), 0x868788);
	assert_int_equal(b.left, 0);
	assert_false(b.bad);
	b = bytes_over(in, 8);
	assert_int_equal(bytes_be32(&b), 0x81828384);
	assert_int_equal(bytes_le32(&b), 0x88878685);
}

static void failure_sticks(void **state)
{
	(void)state;
	struct bytes b = bytes_over(in, 3);
	assert_int_equal(bytes_be32(&b), 0);
	assert_true(b.bad);
	/* Three bytes were there, yet nothing is read after the failure. */
	assert_int_equal(bytes_u8(&b), 0);
	assert_int_equal(bytes_le64(&b), 0);
	assert_null(bytes_take(&b, 1));
	uint8_t out[2] = {1, 1};
	assert_false(bytes_copy(&b, out, 2));
	assert_int_equal(out[0] | out[1], 0);
	b = bytes_over(in, 3);
	assert_false(bytes_skip(&b, SIZE_MAX));
	assert_true(b.bad);
}

static void parts(void **state)
{
	(void)state;
	struct bytes b = bytes_over(in, 8);
	struct bytes sub = bytes_sub(&b, 2);
	assert_int_equal(b.left, 6);
	assert_int_equal(bytes_be16(&sub), 0x8182);
	assert_int_equal(bytes_u8(&sub), 0); /* its end is its own */
	assert_true(sub.bad);
	assert_false(b.bad);
	sub = bytes_sub(&b, 7);
	assert_true(sub.bad && b.bad);
	assert_int_equal(sub.left, 0);
	b = bytes_over(NULL, 0);
	sub = bytes_sub(&b, 0);
	assert_false(sub.bad || b.bad);
	assert_true(bytes_skip(&b, 0));
	assert_true(bytes_copy(&b, NULL, 0));
}

static void zero_ended(void **state)
{
	(void)state;
	struct bytes b = bytes_over("ab\0\0rest", 8), text;
	assert_true(bytes_zero_ended(&b, &text));
	assert_int_equal(text.left, 2);
	assert_memory_equal(text.pos, "ab", 2);
	assert_true(bytes_zero_ended(&b, &text)); /* an empty one */
	assert_int_equal(text.left, 0);
	assert_false(bytes_zero_ended(&b, &text));
	assert_int_equal(text.left, 4);
	assert_int_equal(b.left, 0);
	assert_false(b.bad || text.bad);
	b = bytes_over(NULL, 0);
	assert_false(bytes_zero_ended(&b, &text));
	assert_false(b.bad || text.bad);
}

static void sizes(void **state)
{
	(void)state;
	size_t n = 1;
	assert_true(size_add(SIZE_MAX - 1, 1, &n));
	assert_int_equal(n, SIZE_MAX);
	assert_false(size_add(SIZE_MAX, 1, &n));
	assert_int_equal(n, 0);
	assert_true(size_mul(SIZE_MAX / 2, 2, &n));
	assert_int_equal(n, SIZE_MAX - 1);
	assert_false(size_mul(SIZE_MAX / 2 + 1, 2, &n));
	assert_int_equal(n, 0);
	assert_int_equal(size_min(3, 4), 3);
	assert_int_equal(size_max(3, 4), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_orders),
	    cmocka_unit_test(failure_sticks),
	    cmocka_unit_test(parts),
	    cmocka_unit_test(zero_ended),
	    cmocka_unit_test(sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
