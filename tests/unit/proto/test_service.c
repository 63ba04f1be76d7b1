/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: each is strict enough, meets what it says, and no random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "base/ip.h"
#include "flow/flow.h"
#include "proto/dispatch/service.h"
#include "proto/parser.h"

static bool matches(const char *pattern, const char *data, size_t n)
{
	return service_matches(pattern, bytes_over(data, n));
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(matches("01 .. 03-05", "\x01\xff\x04", 3));
	assert_false(matches("01 .. 03-05", "\x01\xff\x06", 3));
	assert_false(matches("01 .. 03-05", "\x01\xff", 2));
	assert_true(matches("'AB' 00", "AB\0", 3));
	assert_false(matches("'AB' 00", "AB", 2));
	assert_true(matches("'A' *' x'", "A, b x", 6));
	assert_false(matches("'A' *' x'", "A, b y", 6));
	assert_true(matches("N2", "\x00\x02zz", 4));
	assert_false(matches("N2", "\x00\x03zz", 4));
	assert_true(matches("N2-2 01", "\x00\x04\x01z", 4));
	assert_true(matches("n4+1", "\x01\x00\x00\x00zz", 6));
	assert_false(matches("N4", "\x00\x00", 2));
	assert_true(matches("@2 05 $", "zz\x05", 3));
	assert_false(matches("@2 05 $", "zz\x05z", 4));
	assert_true(matches("01 @-1 09", "\x01zzz\x09", 5));
	assert_false(matches("@9 01", "zz", 2));
	assert_false(matches("@-9 01", "zz", 2));
}

/* A text is looked for within SERVICE_FIND_MAX bytes and no further. */
static void test_find_limit(void **state)
{
	(void)state;
	char data[1 + SERVICE_FIND_MAX + 1];
	memset(data, '.', sizeof(data));
	data[0] = 'A';
	data[SERVICE_FIND_MAX] = 'x';
	assert_true(matches("'A' *'x'", data, sizeof(data)));
	data[SERVICE_FIND_MAX] = '.';
	data[SERVICE_FIND_MAX + 1] = 'x';
	assert_false(matches("'A' *'x'", data, sizeof(data)));
}

static void test_strict(void **state)
{
	(void)state;
	const struct signature *s;
	unsigned n = 0;
	for (; (s = service_signature(n)) != NULL; n++) {
		int least = s->port != 0 ? SERVICE_PORT_BITS : SERVICE_BITS;
		if (service_bits(s->pattern) < least)
			fail_msg("%s: '%s' fixes too little", s->name, s->pattern);
		assert_int_equal(strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789_"),
		    strlen(s->name));
		assert_true(s->transports >= 1 && s->transports <= 3);
	}
	assert_true(n > 200 && n <= SERVICES_MAX);
}

static const char *named(
    const struct services *all, unsigned proto, uint16_t port, const void *data, size_t n)
{
	struct flow f = {.proto = (uint8_t)proto, .port = {50000, port}};
	return service_of(all, &f, bytes_over(data, n));
}

/* A million texts of random bytes, on random ports: signatures for any port are met by
 * hardly any. */
static void test_random(void **state)
{
	(void)state;
	struct services *all = malloc(sizeof(*all));
	assert_non_null(all);
	services_init(all);
	uint64_t seed = 7;
	unsigned met = 0;
	for (int i = 0; i < 1000000; i++) {
		uint64_t data[4];
		for (int k = 0; k < 4; k++)
			data[k] = random_next(&seed);
		uint64_t how = random_next(&seed);
		size_t n = 1 + how % sizeof(data);
		unsigned proto = how >> 32 & 1 ? IP_PROTO_TCP : IP_PROTO_UDP;
		met += named(all, proto, (uint16_t)(how >> 40), data, n) != NULL;
	}
	assert_true(met <= 20);
	free(all);
}

/* What the protocols' own documents give as their beginnings. */
static void test_examples(void **state)
{
	(void)state;
	static const struct {
		const char *name, *data;
		unsigned proto;
		uint16_t port;
		size_t n;
	} examples[] = {
#define E(name, proto, port, data) {name, data, IP_PROTO_##proto, port, sizeof(data) - 1}
	    E("rsync", TCP, 873, "@RSYNCD: 31.0\n"),
	    E("svn", TCP, 3690, "( success ( 2 2 ( ) ( edit-pipeline ) ) ) "),
	    E("git", TCP, 9418, "0032git-upload-pack /a.git\0host=h\0"),
	    E("xmpp", TCP, 5222,
		"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"),
	    E("nntp", TCP, 119, "200 news ready\r\n"),
	    E("rtsp", TCP, 554, "DESCRIBE rtsp://h/a RTSP/1.0\r\n"),
	    E("mgcp", UDP, 2727, "CRCX 12 aaln/1@h MGCP 1.0\r\n"),
	    E("ssdp", UDP, 1900, "M-SEARCH * HTTP/1.1\r\n"),
	    E("nats", TCP, 4222, "INFO {\"server_id\":\"x\"}\r\n"),
	    E("stomp", TCP, 61613, "CONNECT\naccept-version:1.2\n\n\0"),
	    E("zabbix", TCP, 10051, "ZBXD\1\0\0\0\0\0\0\0\0"),
	    E("sflow", UDP, 6343, "\0\0\0\5\0\0\0\1\12\0\0\1"),
	    E("netflow", UDP, 2055, "\0\5\0\1\0\0\0\0\0\0\0\0"),
	    E("zookeeper", TCP, 2181, "\0\0\0\x2d\0\0\0\0\0\0\0\0\0\0\0\0"),
	    E("x11", TCP, 6000, "l\0\x0b\0\0\0\0\0\0\0\0\0"),
	    E("coap", UDP, 5683, "\x40\x01\x12\x34\xb5hello"),
	    E("gtp_c", UDP, 2123, "\x48\x01\x00\x04\0\0\0\0"),
	    E("pfcp", UDP, 8805, "\x20\x01\x00\x04\0\0\1\0"),
	    E("diameter", TCP, 3868, "\1\0\0\x14\x80\0\1\1\0\0\0\0\0\0\0\1\0\0\0\1"),
	    E("elasticsearch", TCP, 9300, "ES\0\0\0\2zz"),
	    E("oracle", TCP, 1521, "\0\x0a\0\0\1\0\0\0zz"),
	    E("bgp", TCP, 179,
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13"
		"\4"),
	    E("knxnet_ip", UDP, 3671, "\6\x10\2\1\0\x0e\x08\1\0\0\0\0\0\0"),
	    E("someip", UDP, 30490, "\xff\xff\x81\0\0\0\0\x08\0\0\0\1\1\1\2\0"),
	    E("wireguard", UDP, 51820, "\4\0\0\0\1\2\3\4\1\0\0\0\0\0\0\0zz"),
#undef E
	};
	struct services *all = malloc(sizeof(*all));
	assert_non_null(all);
	services_init(all);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const char *name = named(all, examples[i].proto, examples[i].port,
		    examples[i].data, examples[i].n);
		if (name == NULL || strcmp(name, examples[i].name) != 0)
			fail_msg(
			    "%s: %s", examples[i].name, name != NULL ? name : "none");
	}
	assert_null(named(all, IP_PROTO_UDP, 2056, "\0\5\0\1\0\0\0\0", 8));
	assert_null(named(all, IP_PROTO_TCP, 873, "", 0));
	free(all);
}

/* The bytes that a pattern asks for, and 0 where it leaves them open; how many. */
static size_t example_of(const char *p, uint8_t *out, size_t size)
{
	size_t n = 0, most = 0, length_at = size, length_n = 0;
	int plus = 0;
	bool little = false;
	memset(out, 0, size);
	for (; *p != '\0'; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ");
		if (*p == '*' || *p == '\'') {
			const char *text = strchr(p, '\'') + 1;
			size_t k = strcspn(text, "'");
			memcpy(out + n, text, k);
			n += k;
			p = text + k + 1;
			most = n > most ? n : most;
			continue;
		}
		if (*p == '@') {
			long at = strtol(p + 1, NULL, 10);
			n = at < 0 ? most + 8 : (size_t)at;
		} else if (*p == 'N' || *p == 'n') {
			length_at = length_at == size ? n : length_at;
			length_n = length_n == 0 ? (size_t)(p[1] - '0') : length_n;
			plus = (int)strtol(p + 2, NULL, 10);
			little = *p == 'n';
			n += (size_t)(p[1] - '0');
		} else if (*p == '.') {
			n++;
		} else if (*p != '$') {
			out[n++] = (uint8_t)strtoul((char[]){p[0], p[1], '\0'}, NULL, 16);
		}
		most = n > most ? n : most;
		p += word;
	}
	if (length_at < size) {
		size_t value = most - length_at - length_n;
		value -= (size_t)plus;
		for (size_t i = 0; i < length_n; i++)
			out[length_at + (little ? i : length_n - 1 - i)] =
			    (uint8_t)(value >> 8 * i);
	}
	return most;
}

/* Each signature can be met, and nothing shorter than it reads beyond its end. */
static void test_reachable(void **state)
{
	(void)state;
	const struct signature *s;
	for (unsigned i = 0; (s = service_signature(i)) != NULL; i++) {
		uint8_t out[2048];
		size_t n = example_of(s->pattern, out, sizeof(out));
		bool two = strstr(s->pattern, "N4 00 01 00 01 N4") != NULL;
		if (!two && strstr(s->pattern, "N") == NULL &&
		    !service_matches(s->pattern, bytes_over(out, n)))
			fail_msg(
			    "%s: '%s' is not met by its own bytes", s->name, s->pattern);
		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *exact = malloc(cut + 1);
			assert_non_null(exact);
			memcpy(exact, out, cut);
			(void)service_matches(s->pattern, bytes_over(exact, cut));
			free(exact);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_find_limit),
	    cmocka_unit_test(test_strict),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_reachable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
