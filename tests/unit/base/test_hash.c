/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-1-3 with the key 00 01 .. 0f over the
 * bytes 00 01 .. (n - 1); the values come from
 *
 *     openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt c-rounds:1 \
 *         -macopt d-rounds:3 -macopt size:8 -in FILE SIPHASH
 *
 * and, with a key of zeros, from CPython 3.11's hash of bytes under PYTHONHASHSEED=0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static void vectors(void **state)
{
	(void)state;
	static const struct {
		size_t n;
		uint64_t want;
	} rows[] = {
	    {0, 0xabac0158050fc4dc},
	    {1, 0xc9f49bf37d57ca93},
	    {7, 0xd3927d989bb11140},
	    {8, 0x369095118d299a8e},
	    {9, 0x25a48eb36c063de4},
	    {15, 0xd320d86d2a519956},
	    {16, 0xcc4fdd1a7d908b66},
	    {63, 0x9d199062b7bbb3a8},
	};
	const struct hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t in[64];
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(hash_bytes(&key, in, rows[i].n), rows[i].want);
	const struct hash_key zero = {0, 0};
	assert_int_equal(hash_bytes(&zero, "a", 1), 0x407448d2b89b1813);
	assert_int_equal(hash_bytes(&zero, "abcdefg", 7), 0x6db12aae9070f506);
	assert_int_equal(hash_bytes(&zero, "abcdefgh", 8), 0x3f7b849c0b8e35ea);
	assert_int_equal(hash_bytes(&zero, "abcdefghi", 9), 0xf89b34a3d11eb6e5);
	assert_int_equal(hash_bytes(&zero, in, 64), 0x75e05fd5bbc870c6);
}

static void keys_differ(void **state)
{
	(void)state;
	struct hash_key a = hash_key_random(), b = hash_key_random();
	assert_true(a.k0 != b.k0 || a.k1 != b.k1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors),
	    cmocka_unit_test(keys_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
