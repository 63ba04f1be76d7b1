/* SPDX-License-Identifier: Apache-2.0 */
/* Echo that carries something, and pings that do not; types that nothing uses. */
#include "play.h"

/* A message of that type from a side, with n bytes of data of which some were captured.
 */
static void message(
    struct play *p, int side, unsigned type, uint32_t word, const void *data, size_t n)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);
	assert_non_null(exact);
	if (n > 0)
		memcpy(exact, data, n);
	p->flow.last = moment_add(p->flow.last, NS_PER_MS);
	const struct packet k = {.src_port = (uint16_t)type,
	    .proto = p->flow.proto,
	    .seq = word,
	    .payload = exact,
	    .captured = (uint32_t)n,
	    .length = (uint32_t)n};
	const struct flow_data d = {.p = exact,
	    .n = n,
	    .wire = n,
	    .side = side,
	    .ts = p->flow.last,
	    .packet = &k};
	p->sink.data(p->sink.ctx, &p->flow, &d);
	free(exact);
}

static const char *ended(struct play *p)
{
	play_close(p);
	return p->text;
}

/* A ping of 56 bytes: a time stamp that changes, then the pattern. */
static void ping(struct play *p, uint32_t seq, const char *pattern)
{
	uint8_t data[56] = {(uint8_t)seq, 1, 2, 3};
	memcpy(data + 16, pattern, strlen(pattern));
	message(p, 0, 8, seq, data, sizeof(data));
	message(p, 1, 0, seq, data, sizeof(data));
}

static void test_pings(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	for (uint32_t i = 0; i < 100; i++)
		ping(p, i, "abcdefgh");
	assert_null(strstr(ended(p), "echo_odd"));
	play_end(p);
}

/* Bytes that count up, from another number each time. */
static void test_counting(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	for (uint32_t i = 0; i < 30; i++) {
		uint8_t data[300];
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = (uint8_t)(i + k);
		message(p, 0, 8, i, data, sizeof(data));
		message(p, 1, 0, i, data, sizeof(data));
	}
	assert_null(strstr(ended(p), "echo_odd"));
	play_end(p);
}

/* Replies may come late, twice, cut short, or not at all. */
static void test_poor_pings(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	uint8_t data[600] = {1};
	for (uint32_t i = 0; i < 40; i++) {
		message(p, 0, 8, i, data, i % 2 == 0 ? 56 : 600);
		if (i >= 3 && i % 5 != 0)
			message(p, 1, 0, i - 3, data, (i - 3) % 2 == 0 ? 56 : 68);
		if (i == 20)
			message(p, 1, 0, i - 3, data, 68);
	}
	assert_null(strstr(ended(p), "echo_odd"));
	play_end(p);
}

static void test_tunnel(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	for (uint32_t i = 0; i < 30; i++) {
		uint8_t data[400];
		memset(data, (int)i, sizeof(data));
		message(p, 0, 8, 7, data, 64 + i);
		memset(data, 200 + (int)i, sizeof(data));
		message(p, 1, 0, 7, data, 100);
	}
	const char *text = ended(p);
	assert_non_null(strstr(text, "\"kind\":\"echo_odd\""));
	assert_non_null(strstr(text, "requests=30 replies=30 changed=30 unasked=0"));
	assert_non_null(strstr(text, "sizes=8 least=64 most=93"));
	play_end(p);
}

/* The same numbers again and again with other bytes; answered as a stack answers. */
static void test_numbers(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	ping(p, 1234, "one");
	ping(p, 1234, "two");
	ping(p, 1234, "three");
	ping(p, 1234, "four");
	assert_non_null(strstr(ended(p), "changed=0 unasked=0 same=3 tails=3"));
	play_end(p);
}

static void test_unasked(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMPV6, 0);
	message(p, 0, 128, 1, "abc", 3);
	message(p, 1, 129, 2, "abc", 3);
	message(p, 1, 129, 1, "abd", 3);
	assert_non_null(strstr(ended(p), "requests=1 replies=2 changed=1 unasked=1"));
	play_end(p);
}

static void test_types(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	p->flow.port[0] = 77;
	message(p, 0, 77, 0, "secret", 6);
	message(p, 0, 77, 0, "secret", 6);
	message(p, 0, 3, 0, "an error", 8);
	message(p, 0, 13, 0, "a time", 6);
	const char *text = ended(p);
	assert_non_null(strstr(text, "\"kind\":\"icmp_odd\""));
	assert_int_equal(play_count(p, "type=77 code=0 packets=2 bytes=12"), 1);
	assert_null(strstr(text, "echo_odd"));
	play_end(p);
}

/* A message that fits a trace, and one of which the capture cut the end off. */
static void test_trace(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_ICMP, 0);
	message(p, 0, 8, 1, "\x72\x55 wake up", 10);
	assert_non_null(strstr(p->text, "trace=bpfdoor_icmp where=icmp side=0 len=10"));
	const struct packet k = {.src_port = 8, .captured = 2, .length = 500, .seq = 1};
	const struct flow_data d = {
	    .p = (const uint8_t *)"ab", .n = 2, .wire = 500, .packet = &k};
	p->sink.data(p->sink.ctx, &p->flow, &d);
	play_send(p, 0, "no packet", 9);
	assert_null(strstr(ended(p), "echo_odd"));
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pings),
	    cmocka_unit_test(test_poor_pings),
	    cmocka_unit_test(test_counting),
	    cmocka_unit_test(test_tunnel),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_unasked),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_trace),
	};
	return cmocka_run_group_tests_name("icmp", tests, NULL, NULL);
}
