/* SPDX-License-Identifier: Apache-2.0 */
/* Includes the source: each of its sums is tested, whichever the processor would take. */
#include "decode/checksum.c"

#include "frame_text.h"

/* RFC 1071 3: 0001 f203 f4f5 f6f7 sum up to ddf2. */
static void test_rfc1071(void **state)
{
	(void)state;
	static const uint8_t b[] = {0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7};
	assert_int_equal(
	    __builtin_bswap16(checksum_fold(checksum_sum(b, sizeof(b)))), 0xddf2);
}

/* RFC 1071 1, word by word in network order, carries added at the end. */
static uint16_t plain_sum(const uint8_t *p, uint32_t n)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void check_length(uint32_t n, uint32_t salt)
{
	uint8_t *b = malloc(n > 0 ? n : 1);
	assert_non_null(b);
	for (uint32_t i = 0; i < n; i++)
		b[i] = salt == 0 ? 0xff : (uint8_t)((i + salt) * 2654435761u >> 24);
	uint16_t sum = __builtin_bswap16(plain_sum(b, n));
	assert_int_equal(checksum_fold(checksum_sum(b, n)), sum);
	assert_int_equal(
	    checksum_fold(n < VECTOR ? short_sum(b, n) : long_sum(b, n)), sum);
#if defined(__x86_64__)
	if (n >= VECTOR && __builtin_cpu_supports("avx2"))
		assert_int_equal(checksum_fold(long_sum_avx2(b, n)), sum);
#endif
	free(b);
}

static void test_lengths(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 200; n++) {
		for (uint32_t salt = 0; salt < 5; salt++)
			check_length(n, salt);
	}
	check_length(65535, 0);
	check_length(65535, 9);
}

/* Pieces of even length may be added up (RFC 1071 2). */
static void test_pieces(void **state)
{
	(void)state;
	uint8_t b[77];
	for (uint32_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i * 37);
	uint64_t sum =
	    checksum_sum(b, 6) + checksum_sum(b + 6, 40) + checksum_sum(b + 46, 31);
	assert_int_equal(checksum_fold(sum), checksum_fold(checksum_sum(b, sizeof(b))));
	assert_int_equal(checksum_fold(checksum_number(0x1234)),
	    checksum_fold(checksum_sum((const uint8_t[]){0x12, 0x34}, 2)));
}

/* RFC 3720 B.4: the vectors of CRC-32C. */
static void test_crc32c(void **state)
{
	(void)state;
	uint8_t b[32] = {0};
	assert_int_equal(checksum_crc32c(b, 32, 32), 0x8a9136aa);
	memset(b, 0xff, sizeof(b));
	assert_int_equal(checksum_crc32c(b, 32, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		b[i] = (uint8_t)i;
	assert_int_equal(checksum_crc32c(b, 32, 32), 0x46dd794e);
	memset(b, 0, sizeof(b));
	memset(b + 8, 0x77, 4);
	assert_int_equal(checksum_crc32c(b, 32, 8), 0x8a9136aa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc1071),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_crc32c),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
