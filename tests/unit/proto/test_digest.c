/* SPDX-License-Identifier: Apache-2.0 */
/* Digests against the vectors of RFC 1321 (MD5) and FIPS 180-4 (SHA-1, SHA-256). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/shared/digest.h"

static void check(enum digest_kind kind, const char *text, const char *want)
{
	char out[DIGEST_TEXT_MAX];
	assert_int_equal(digest_hex(kind, text, strlen(text), out), strlen(want));
	assert_string_equal(out, want);
}

static void published_vectors(void **state)
{
	(void)state;
	check(DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e");
	check(DIGEST_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0");
	check(DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
	check(DIGEST_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* The kept context carries nothing over from
 * one digest to the next, nor between kinds. */
static void each_digest_stands_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		check(DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72");
		check(DIGEST_SHA256, "",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	}
}

/* RFC 4231, 4.3; a key that is longer than a block is refused. */
static void hmac_of_a_short_key(void **state)
{
	(void)state;
	static const uint8_t want[DIGEST_MAX] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75,
	    0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08,
	    0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	static const char text[] = "what do ya want for nothing?";
	static const uint8_t zeros[DIGEST_KEY_MAX + 1];
	struct digest_key k;
	uint8_t out[DIGEST_MAX];
	assert_true(digest_key_set(&k, bytes_over((const uint8_t *)"Jefe", 4)));
	for (int i = 0; i < 2; i++) {
		digest_hmac(&k, text, strlen(text), out);
		assert_memory_equal(out, want, sizeof(want));
	}
	assert_true(digest_key_set(&k, bytes_over(zeros, DIGEST_KEY_MAX)));
	assert_false(digest_key_set(&k, bytes_over(zeros, sizeof(zeros))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(published_vectors),
	    cmocka_unit_test(each_digest_stands_alone),
	    cmocka_unit_test(hmac_of_a_short_key),
	};
	return cmocka_run_group_tests_name("proto/digest", tests, NULL, NULL);
}
