/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP and DHCPv6: messages made by hand. */
#include "play.h"

#include "proto/net/dhcp.h"

// clang-format off
#define DISCOVER \
	"010106001122334400000000000000000000000000000000000000000200c0ffee0100" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000000063825363350101000c" \
	"076465736b2d37003c084d53465420352e303d07010200c0ffee0137040103060f3204" \
	"0a000009510e0000006465736b2d372e636f7270ff"
#define ACK \
	"020106001122334400000000000000000a000009000000000a0000fe0200c0ffee0100" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000638253633501053604" \
	"0a000001330400000e100f0c636f72702e6578616d706c65ff"
#define OVERLOAD \
	"010106000000000100000000000000000000000000000000000000000200c0ffee0100" \
	"0000000000000000000c08696e2d736e616d65ff000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"000000350108ff00000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000638253633401035111" \
	"04000004686f7374074558414d504c4500ff"
#define CUT_OPTION \
	"010106000000000100000000000000000000000000000000000000000200c0ffee0100" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000638253630cff41"
#define BOOTP \
	"010106000000000500000000000000000000000000000000000000000200c0ffee0100" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"00000000000000000000000000000000000000000000000000000000000000000000"
#define SOLICIT \
	"01abcdef0001000e000100011c39cf880200c0ffee0100060004001700180010000e00" \
	"00013700084d53465420352e300027000e00066c6170746f7004636f727000"
#define REPLY \
	"07abcdef0001000e000100011c39cf880200c0ffee0100030028000000010000000000" \
	"0000000005001820010db800000000000000000000004200000e1000001c200018000e" \
	"04636f7270076578616d706c6500"
#define RELAYED \
	"0c0120010db8000000000000000000000001fe80000000000000000000000000000000" \
	"120004657468300009004201abcdef0001000e000100011c39cf880200c0ffee010006" \
	"0004001700180010000e0000013700084d53465420352e300027000e00066c6170746f" \
	"7004636f727000"
#define PREFIX \
	"0700000100190029000000000000000000000000001a001900000e1000001c20382001" \
	"0db8010000000000000000000000"
// clang-format on

static void test_lease(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 67);
	play_hex(p, 0, DISCOVER);
	play_assert(p, "\"kind\":\"dhcp\",\"message\":\"DISCOVER\",\"id\":287454020,"
		       "\"mac\":\"02:00:c0:ff:ee:01\",\"client_id\":\"010200c0ffee01\"");
	play_assert(p, "\"host_name\":\"desk-7\",\"client_fqdn\":\"desk-7.corp\"");
	play_assert(p, "\"vendor_class\":\"MSFT 5.0\",\"parameters\":[1,3,6,15]");
	play_assert(p, "\"requested_addr\":\"10.0.0.9\"");
	play_hex(p, 1, ACK);
	play_assert(p, "\"message\":\"ACK\"");
	play_assert(p, "\"domain\":\"corp.example\"");
	play_assert(p, "\"assigned_addr\":\"10.0.0.9\",\"server_addr\":\"10.0.0.1\","
		       "\"relay_addr\":\"10.0.0.254\",\"lease_time\":3600");
	play_close(p);
	play_assert(p, "\"service\":\"dhcp\"");
	assert_int_equal(play_counters(p, "dhcp")->understood, 2);
	play_end(p);
}

/* Options in the fields of file and server name; a name in the form of DNS. */
static void test_overload(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 67);
	play_hex(p, 0, OVERLOAD);
	play_assert(p, "\"message\":\"INFORM\"");
	play_assert(p, "\"host_name\":\"in-sname\",\"client_fqdn\":\"host.example\"");
	play_hex(p, 0, BOOTP);
	play_assert(p, "\"message\":\"BOOTREQUEST\",\"id\":5,");
	assert_int_equal(play_counters(p, "dhcp")->understood, 2);
	play_hex(p, 0, CUT_OPTION);
	play_hex(p, 0, "01");
	assert_int_equal(play_counters(p, "dhcp")->malformed, 2);
	play_close(p);
	play_end(p);
}

static void test_version_6(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 547);
	play_hex(p, 0, SOLICIT);
	play_assert(p, "\"kind\":\"dhcp6\",\"message\":\"SOLICIT\",\"id\":11259375,"
		       "\"mac\":\"02:00:c0:ff:ee:01\"");
	play_assert(p, "\"client_fqdn\":\"laptop.corp\",\"vendor_class\":\"MSFT 5.0\","
		       "\"parameters\":[23,24]");
	play_hex(p, 1, REPLY);
	play_assert(p, "\"domain\":\"corp.example\"");
	play_assert(p, "\"assigned_addr\":\"2001:db8::42\",\"lease_time\":7200");
	play_hex(p, 0, RELAYED);
	play_assert(p, "\"relay_addr\":\"2001:db8::1\"");
	play_hex(p, 1, PREFIX);
	play_assert(p, "\"assigned_addr\":\"2001:db8:100::\"");
	assert_int_equal(play_counters(p, "dhcpv6")->understood, 4);
	play_hex(p, 0, "01abcdef 0001 0009 00");
	play_hex(p, 0, "00abcdef");
	assert_int_equal(play_counters(p, "dhcpv6")->malformed, 2);
	play_close(p);
	play_assert(p, "\"service\":\"dhcpv6\"");
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	char text[4096] = "", longer[8192];
	struct play *p = play_start(IP_PROTO_UDP, 547);
	snprintf(text, sizeof(text), "0b000000"); /* an association in one in one */
	for (int i = 3; i > 0; i--)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "0004%04x00000000", 4 * i + 4 * (i - 1));
	play_hex(p, 0, text);
	assert_int_equal(play_counters(p, "dhcpv6")->over_limit, 1);
	snprintf(text, sizeof(text), "0b000001");
	for (int i = 0; i < 10; i++) { /* relays around it */
		size_t n = strlen(text) / 2;
		snprintf(longer, sizeof(longer), "0c00%064d0009%04zx%s", 0, n, text);
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, longer);
	}
	play_hex(p, 0, text);
	assert_int_equal(play_counters(p, "dhcpv6")->over_limit, 2);
	play_close(p);
	play_end(p);
	p = play_start(IP_PROTO_UDP, 67);
	int at = snprintf(longer, sizeof(longer), "%s", DISCOVER) - 2;
	at += snprintf(
	    longer + at, sizeof(longer) - (size_t)at, "37ff"); /* a later list counts */
	for (int k = 0; k < 255; k++)
		at += snprintf(longer + at, sizeof(longer) - (size_t)at, "2a");
	play_hex(p, 0, longer);
	assert_int_equal(play_count(p, "42,"), 254);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 67);
	play_cuts(p, IP_PROTO_UDP, 67, DISCOVER);
	play_cuts(p, IP_PROTO_UDP, 547, SOLICIT);
	play_cuts(p, IP_PROTO_UDP, 547, REPLY);
	play_cuts(p, IP_PROTO_UDP, 547, RELAYED);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lease),
	    cmocka_unit_test(test_overload),
	    cmocka_unit_test(test_version_6),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("dhcp", tests, NULL, NULL);
}
