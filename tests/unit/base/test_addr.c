/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as text (RFC 5952, 4 and 5), their kinds, and networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"

static void check_text(const char *in, const char *out)
{
	struct addr a;
	char text[ADDR_TEXT_MAX];
	assert_true(addr_parse(in, &a));
	assert_int_equal(addr_text(&a, text), strlen(out));
	assert_string_equal(text, out);
}

static void text_is_canonical(void **state)
{
	(void)state;
	check_text("0.0.0.0", "0.0.0.0");
	check_text("255.255.255.255", "255.255.255.255");
	check_text("10.9.100.99", "10.9.100.99");
	/* RFC 5952: 4.1 leading zeros, 4.2.2 one field is not shortened, 4.2.3 the
	 * longest run, the first of equal ones, 4.3 lower case. */
	check_text("2001:0db8::0001", "2001:db8::1");
	check_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	check_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	check_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	check_text("2001:DB8::ABCD", "2001:db8::abcd");
	check_text("::", "::");
	/* IPv4-mapped is how IPv4 is kept. */
	check_text("::ffff:192.0.2.1", "192.0.2.1");
}

static void no_address(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1",
	    "1.2.3.4 ", "::1::", "g::", "example.com", "1:2:3:4:5:6:7:8:9", "01.2.3.4"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct addr a;
		memset(&a, 0xaa, sizeof(a));
		assert_false(addr_parse(bad[i], &a));
		assert_true(addr_is_unset(&a));
	}
}

static struct addr addr(const char *text)
{
	struct addr a;
	assert_true(addr_parse(text, &a));
	return a;
}

static void kinds(void **state)
{
	(void)state;
	static const char *const groups[] = {
	    "224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::fb"};
	static const char *const hosts[] = {
	    "223.255.255.255", "240.0.0.1", "255.255.255.254", "fe80::1", "::1"};
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct addr a = addr(groups[i]);
		assert_true(addr_is_multicast(&a));
	}
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct addr a = addr(hosts[i]);
		assert_false(addr_is_multicast(&a));
	}
	struct addr four = addr_from_v4((const uint8_t[]){192, 0, 2, 1});
	struct addr same = addr("192.0.2.1"), six = addr("2001:db8::1");
	assert_true(addr_is_v4(&four));
	assert_false(addr_is_v4(&six));
	assert_true(addr_equal(&four, &same));
	assert_true(addr_cmp(&four, &six) < 0);
	struct addr wire = addr_from_v6(six.b);
	assert_true(addr_equal(&wire, &six));
}

static void check_net(const char *net, const char *inside, const char *outside)
{
	struct net n;
	assert_true(net_parse(net, &n));
	struct addr in = addr(inside), out = addr(outside);
	assert_true(net_contains(&n, &in));
	assert_false(net_contains(&n, &out));
}

static void networks(void **state)
{
	(void)state;
	check_net("10.0.0.0/8", "10.255.255.255", "11.0.0.0");
	check_net("172.16.0.0/12", "172.31.255.255", "172.32.0.0");
	check_net("192.0.2.128/25", "192.0.2.128", "192.0.2.127");
	check_net("192.0.2.1", "192.0.2.1", "192.0.2.2");
	check_net("0.0.0.0/0", "255.255.255.255", "::1");
	check_net("fc00::/7", "fdff::1", "fe00::");
	check_net("2001:db8::/127", "2001:db8::1", "2001:db8::2");
	check_net("2001:db8::1", "2001:db8::1", "2001:db8::");
	static const char *const bad[] = {"10.0.0.0/33", "::/129", "10.0.0.0/",
	    "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "/8", "10.0.0.0/ 8",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/8"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct net n;
		assert_false(net_parse(bad[i], &n));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_canonical),
	    cmocka_unit_test(no_address),
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(networks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
