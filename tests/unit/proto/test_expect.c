/* SPDX-License-Identifier: Apache-2.0 */
/* Announcements: who fulfils them, for how long, and what a full table forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/ip.h"
#include "proto/expect.h"

static struct addr host(uint8_t last)
{
	const uint8_t b[4] = {10, 0, 0, last};
	return addr_from_v4(b);
}

static struct expected to(uint8_t dst, uint16_t port, int64_t s)
{
	return (struct expected){.proto = IP_PROTO_TCP,
	    .dst = host(dst),
	    .port = port,
	    .parser = "ftp-data",
	    .since = moment_from(s, 0)};
}

static struct flow flow(uint8_t src, uint8_t dst, uint16_t port)
{
	return (struct flow){
	    .proto = IP_PROTO_TCP, .addr = {host(src), host(dst)}, .port = {40000, port}};
}

static uint64_t take(struct expect *e, uint8_t src, uint8_t dst, uint16_t port, int64_t s)
{
	struct flow f = flow(src, dst, port);
	return expect_take(e, &f, moment_from(s, 0));
}

static void test_come_true(void **state)
{
	(void)state;
	struct expect *e = expect_new();
	assert_true(expect_empty(e));
	assert_int_equal(take(e, 1, 2, 2000, 1000), 0);
	struct expected what = to(2, 2000, 1000);
	uint64_t ticket = expect_put(e, &what, 0);
	assert_true(ticket > 0);
	assert_false(expect_empty(e));
	assert_int_equal(take(e, 1, 2, 2001, 1001), 0);
	assert_int_equal(take(e, 1, 3, 2000, 1001), 0);
	struct flow f = flow(1, 2, 2000);
	f.space = 7;
	assert_int_equal(expect_take(e, &f, moment_from(1001, 0)), 0);
	f.space = 0;
	f.proto = IP_PROTO_UDP;
	assert_int_equal(expect_take(e, &f, moment_from(1001, 0)), 0);
	assert_int_equal(take(e, 1, 2, 2000, 1001), ticket);
	assert_true(expect_of(e, ticket)->begun);
	assert_int_equal(take(e, 1, 2, 2000, 1002), 0); /* once */
	expect_free(e);
}

/* Either address of two, one opener only, and a flow whose sides are exchanged. */
static void test_addresses(void **state)
{
	(void)state;
	struct expect *e = expect_new();
	struct expected what = to(2, 2000, 1000);
	what.also = host(9);
	what.src = host(1);
	uint64_t ticket = expect_put(e, &what, 0);
	assert_int_equal(take(e, 5, 9, 2000, 1001), 0);
	assert_int_equal(take(e, 1, 9, 2000, 1001), ticket);
	ticket = expect_put(e, &what, ticket);
	struct flow f = {
	    .proto = IP_PROTO_TCP, .addr = {host(2), host(1)}, .port = {2000, 40000}};
	assert_int_equal(expect_take(e, &f, moment_from(1001, 0)), ticket);
	expect_free(e);
}

static void test_time(void **state)
{
	(void)state;
	struct expect *e = expect_new();
	struct expected what = to(2, 2000, 1000);
	uint64_t ticket = expect_put(e, &what, 0);
	assert_int_equal(take(e, 1, 2, 2000, 1001 + EXPECT_SECONDS), 0);
	assert_int_equal(take(e, 1, 2, 2000, 1000 + EXPECT_SECONDS), ticket);
	expect_free(e);
}

/* Who announces again takes the first announcement back, and fills no table. */
static void test_again(void **state)
{
	(void)state;
	struct expect *e = expect_new();
	struct expected what = to(3, 2999, 1000);
	uint64_t other = expect_put(e, &what, 0), ticket = 0;
	for (int i = 0; i < 3 * EXPECT_LIMIT; i++) {
		what = to(2, (uint16_t)(3000 + i), 1000);
		ticket = expect_put(e, &what, ticket);
	}
	assert_int_equal(expect_evicted(e), 0);
	assert_non_null(expect_of(e, other));
	assert_int_equal(take(e, 1, 2, 3000, 1000), 0);
	assert_int_equal(take(e, 1, 2, 3000 + 3 * EXPECT_LIMIT - 1, 1000), ticket);
	what = to(2, 3000, 1000);
	assert_int_not_equal(expect_put(e, &what, ticket), ticket);
	assert_true(expect_of(e, ticket)->begun); /* what came true stays */
	expect_free(e);
}

static void test_limits(void **state)
{
	(void)state;
	struct expect *e = expect_new();
	uint64_t first = 0, ticket = 0;
	for (int i = 0; i <= EXPECT_LIMIT; i++) {
		struct expected what = to((uint8_t)(1 + i % 200), 2000, 1000);
		ticket = expect_put(e, &what, 0);
		first = i == 0 ? ticket : first;
	}
	assert_int_equal(expect_evicted(e), 1);
	assert_null(expect_of(e, first));
	/* All are of one port: only the newest are looked at. */
	assert_int_equal(take(e, 0, 1 + EXPECT_LIMIT % 200, 2000, 1000), ticket);
	assert_int_equal(take(e, 0, 1 + (EXPECT_LIMIT - 100) % 200, 2000, 1000), 0);
	struct expected *what = expect_of(e, ticket);
	char name[2 * EXPECT_NAME_MAX] = {0};
	expect_name(what, (struct str){name, sizeof(name)});
	assert_int_equal(what->name_n, EXPECT_NAME_MAX);
	assert_null(expect_of(e, 0));
	assert_null(expect_of(e, ticket + 1));
	expect_free(e);
	expect_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_come_true),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
