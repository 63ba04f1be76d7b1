/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/names.h"

static struct addr address(uint32_t i)
{
	uint8_t b[4] = {
	    (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
	return addr_from_v4(b);
}

static void learn(
    struct names *n, uint32_t client, uint32_t addr, struct str name, int64_t s)
{
	struct addr c = address(client), a = address(addr);
	names_learn(n, &c, &a, name, moment_from(s, 0));
}

static struct str find(struct names *n, uint32_t client, uint32_t addr, int64_t s)
{
	struct addr c = address(client), a = address(addr);
	return names_find(n, &c, &a, moment_from(s, 0));
}

static void test_learn_and_find(void **state)
{
	(void)state;
	struct names *n = names_new(NAMES_LIMIT, NAMES_BYTES_MAX);
	assert_non_null(n);
	assert_null(find(n, 1, 2, 10).p);
	learn(n, 1, 2, STR("WWW.Example.COM."), 10);
	assert_true(str_equal(find(n, 1, 2, 10), STR("www.example.com")));
	assert_null(find(n, 1, 2, 9).p);  /* not told yet */
	assert_null(find(n, 3, 2, 10).p); /* somebody else */
	assert_null(find(n, 2, 1, 10).p);
	learn(n, 1, 2, STR(""), 11);
	learn(n, 1, 2, STR("."), 11);
	assert_true(str_equal(find(n, 1, 2, 12), STR("www.example.com")));
	names_free(n);
	names_free(NULL);
}

/* A connection asks when it ends, for the name as it was when it began. */
static void test_the_name_of_that_time(void **state)
{
	(void)state;
	struct names *n = names_new(NAMES_LIMIT, NAMES_BYTES_MAX);
	learn(n, 1, 2, STR("first"), 10);
	learn(n, 1, 2, STR("second"), 20);
	learn(n, 1, 2, STR("second"), 25);
	learn(n, 1, 2, STR("third"), 30);
	assert_true(str_equal(find(n, 1, 2, 15), STR("first")));
	assert_true(str_equal(find(n, 1, 2, 20), STR("second")));
	assert_true(str_equal(find(n, 1, 2, 99), STR("third")));
	learn(n, 1, 2, STR("fourth"), 40);
	assert_null(find(n, 1, 2, 15).p); /* three are kept */
	assert_true(str_equal(find(n, 1, 2, 20), STR("second")));
	names_free(n);
}

static void test_limit_of_pairs(void **state)
{
	(void)state;
	struct names *n = names_new(NAMES_LIMIT, NAMES_BYTES_MAX);
	for (uint32_t i = 0; i < NAMES_LIMIT; i++)
		learn(n, 1, i, STR("name.example"), 10);
	assert_non_null(find(n, 1, 0, 10).p); /* used: now it is the newest */
	learn(n, 1, NAMES_LIMIT, STR("one.more"), 10);
	assert_non_null(find(n, 1, 0, 10).p);
	assert_null(find(n, 1, 1, 10).p); /* the one used longest ago */
	assert_non_null(find(n, 1, 2, 10).p);
	assert_true(str_equal(find(n, 1, NAMES_LIMIT, 10), STR("one.more")));
	for (uint32_t i = 0; i < 3 * NAMES_LIMIT; i++)
		learn(n, 2, i, STR("name.example"), 10);
	assert_null(find(n, 1, 0, 10).p);
	assert_non_null(find(n, 2, 3 * NAMES_LIMIT - 1, 10).p);
	names_free(n);
}

static void test_limit_of_bytes(void **state)
{
	(void)state;
	struct names *n = names_new(NAMES_LIMIT, NAMES_BYTES_MAX);
	char name[1000];
	memset(name, 'a', sizeof(name));
	/* 16 MiB of texts are kept at most: some 16,777 names of this length. */
	for (uint32_t i = 0; i < 20000; i++)
		learn(n, 1, i, (struct str){name, sizeof(name)}, 10);
	assert_null(find(n, 1, 0, 10).p);
	assert_null(find(n, 1, 20000 - 16800, 10).p);
	assert_non_null(find(n, 1, 20000 - 16700, 10).p);
	char longer[1025];
	memset(longer, 'b', sizeof(longer));
	learn(n, 7, 7, (struct str){longer, sizeof(longer)}, 10);
	assert_null(find(n, 7, 7, 10).p);
	names_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_learn_and_find),
	    cmocka_unit_test(test_the_name_of_that_time),
	    cmocka_unit_test(test_limit_of_pairs),
	    cmocka_unit_test(test_limit_of_bytes),
	};
	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
