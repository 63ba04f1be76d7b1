/* SPDX-License-Identifier: Apache-2.0 */
/* Traces of implants: the form of their lines, what fits them, and their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/traces.h"

static const uint8_t attacker[4] = {192, 0, 2, 1}, server[4] = {10, 0, 0, 2};

struct
try {
	struct traces *t;
	struct flow flow;
	struct packet packet;
	uint8_t *exact;
	struct arena arena;
};

static void try_begin(struct try *x)
{
	*x = (struct try){.t = traces_new()};
	assert_non_null(x->t);
	arena_init(&x->arena, 1 << 16);
	x->flow = (struct flow){
	    .addr = {addr_from_v4(attacker), addr_from_v4(server)}, .port = {4000, 80}};
	x->packet = (struct packet){.src_port = 4000, .dst_port = 80};
}

static void try_end(struct try *x)
{
	traces_free(x->t);
	arena_fini(&x->arena);
}

/* The name of the first trace that n bytes fit, from side 0 unless told; NULL: none. */
static const char *first_fit(
    struct try *x, enum trace_where where, int side, const void *p, size_t n)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);
	assert_non_null(exact);
	if (n > 0)
		memcpy(exact, p, n);
	const struct trace_view v = {.where = where,
	    .flow = &x->flow,
	    .side = side,
	    .packet = &x->packet,
	    .data = bytes_over(exact, n),
	    .wire = n};
	size_t next = 0;
	int i = traces_match(x->t, &v, &next);
	if (n > 0 && i >= 0)
		assert_true(traces_may(x->t, where, exact[0]));
	if (i >= 0) {
		struct str detail = traces_detail(x->t, i, &v, &x->arena);
		assert_non_null(detail.p);
		assert_int_equal(strncmp(detail.p, "trace=", 6), 0);
	}
	free(exact);
	return i >= 0 ? traces_name(x->t, (size_t)i) : NULL;
}

static void fits(struct try *x, enum trace_where where, int side, const void *p, size_t n,
    const char *name)
{
	const char *found = first_fit(x, where, side, p, n);
	if (name == NULL)
		assert_null(found);
	else
		assert_string_equal(found != NULL ? found : "none", name);
}

static void test_built_in(void **state)
{
	(void)state;
	struct try x;
	try_begin(&x);
	uint8_t ping[1100] = "X:";
	fits(&x, TRACE_TCP, 0, "\x52\x93 anything", 11, "bpfdoor_tcp");
	fits(&x, TRACE_TCP, 1, "\x52\x93 anything", 11, NULL);
	fits(&x, TRACE_TCP, 0, "\x52", 1, NULL);
	fits(&x, TRACE_UDP, 0, "\x72\x55", 2, "bpfdoor_udp");
	fits(&x, TRACE_UDP, 0, "\x72\x56", 2, NULL);
	fits(&x, TRACE_UDP, 0, "{\"a\":1}", 7, "sliver_trigger");
	fits(&x, TRACE_UDP, 0, "{\"a\":1} ", 8, NULL);
	fits(&x, TRACE_TCP, 0, "\0\0\0\2\0\0\0\0", 8, "facefish_hello");
	fits(&x, TRACE_TCP, 0, "\0\0\0\2\0\0\0\0\0", 9, NULL);
	x.packet.src_port = 8;
	x.packet.seq = 7u << 16 | 1234;
	fits(&x, TRACE_ICMP, 0, ping, 60, "bpfdoor_icmp_1234");
	x.packet.seq = 7u << 16 | 0xd204;
	fits(&x, TRACE_ICMP, 0, ping, 788, "pingback_1234");
	fits(&x, TRACE_ICMP, 0, ping, 789, NULL);
	x.packet.src_port = 0;
	fits(&x, TRACE_ICMP, 0, ping, 788, NULL);
	try_end(&x);
}

/* SYNful Knock, from the numbers that were published: SYN and SYN-ACK. */
static void test_handshake(void **state)
{
	(void)state;
	struct try x;
	try_begin(&x);
	x.packet.seq = 5;
	x.packet.ack = 5u - 0xc123du;
	fits(&x, TRACE_SYN, 0, "", 0, "synful_knock");
	x.packet.ack--;
	fits(&x, TRACE_SYN, 0, "", 0, NULL);
	x.packet.seq = 0xfffffff0u;
	x.packet.ack = x.packet.seq + 0xc123eu;
	fits(&x, TRACE_SYNACK, 1, "", 0, "synful_knock_answer");
	x.packet.ack++;
	fits(&x, TRACE_SYNACK, 1, "", 0, NULL);
	x.packet.ack = 0;
	uint8_t data[264] = {0};
	static const uint8_t fast_open[] = {34, 2, 1, 1};
	fits(&x, TRACE_SYN, 0, data, 264, "bvp47_syn");
	fits(&x, TRACE_SYN, 0, data, 99, NULL);
	x.packet.tcp_options = fast_open;
	x.packet.tcp_options_len = sizeof(fast_open);
	fits(&x, TRACE_SYN, 0, data, 264, NULL);
	try_end(&x);
}

static int add(struct try *x, const char *text, struct error *e)
{
	*e = (struct error){.code = ERR_NONE};
	return traces_add(x->t, "my.txt", text, strlen(text), e);
}

static void test_files(void **state)
{
	(void)state;
	struct try x;
	struct error e;
	try_begin(&x);
	size_t before = traces_count(x.t);
	assert_int_equal(
	    add(&x,
		"# mine\n\nknock where=syn options=020405b4 window=100-200 side=0 "
		"alone=low source=here # why\r\nbpfdoor_udp off\n"
		"tail where=udp bytes=-2:0d0a/ff0f bytes=1:AB dport=80 sport=4000 "
		"callback=high source=x.example",
		&e),
	    0);
	assert_int_equal(traces_count(x.t), before + 1);
	fits(&x, TRACE_UDP, 0, "\x72\x55", 2, NULL);
	fits(&x, TRACE_UDP, 0, "a\xab..\x0d\xfa", 6, "tail");
	fits(&x, TRACE_UDP, 1, "a\xab..\x0d\xfa", 6, NULL);
	fits(&x, TRACE_UDP, 0, "\xab", 1, NULL);
	static const uint8_t options[] = {2, 4, 5, 0xb4, 1};
	x.packet.tcp_options = options;
	x.packet.tcp_options_len = 4;
	x.packet.window = 150;
	fits(&x, TRACE_SYN, 0, "", 0, "knock");
	x.packet.tcp_options_len = 5;
	fits(&x, TRACE_SYN, 0, "", 0, NULL);
	x.packet.tcp_options_len = 4;
	x.packet.window = 201;
	fits(&x, TRACE_SYN, 0, "", 0, NULL);
	try_end(&x);
}

/* Each wrong line is told by its number and what is wrong; nothing of its file holds. */
static void test_wrong(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
	    {"Big where=udp len=1 alone=low source=a", "name"},
	    {"a where=udp len=1 alone=low", "source"},
	    {"a where=udp alone=low source=a", "condition"},
	    {"a where=udp len=1 source=a", "never tells"},
	    {"a len=1 alone=low source=a", "where"},
	    {"a where=ip len=1 alone=low source=a", "where"},
	    {"a where=udp len=2-1 alone=low source=a", "NUMBER"},
	    {"a where=udp len=4294967296 alone=low source=a", "NUMBER"},
	    {"a where=udp len= alone=low source=a", "NUMBER"},
	    {"a where=udp bytes=0:1 alone=low source=a", "bytes"},
	    {"a where=udp bytes=-0:11 alone=low source=a", "bytes"},
	    {"a where=udp bytes=0:11/1122 alone=low source=a", "bytes"},
	    {"a where=udp bytes=5000:11 alone=low source=a", "bytes"},
	    {"a where=udp bytes=0:000102030405060708090a0b0c0d0e0f10 alone=low source=a",
		"bytes"},
	    {"a where=syn options=xx alone=low source=a", "options"},
	    {"a where=udp len=1 alone=sure source=a", "low, medium"},
	    {"a where=udp len=1 with=low source=a", "with"},
	    {"a where=udp len=1 alone=low source=", "source"},
	    {"a where=udp len=1 alone=low colour=red source=a", "unknown key"},
	    {"a where=udp len=1 alone=low source=a odd", "KEY=VALUE"},
	    {"a where=udp len=1 len=1 len=1 len=1 len=1 len=1 len=1 len=1 len=1 len=1 "
	     "len=1 len=1 len=1 alone=low source=a",
		"too many"},
	};
	struct try x;
	struct error e;
	try_begin(&x);
	size_t before = traces_count(x.t);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
		    "good where=udp len=1 alone=low source=a\n%s\n", wrong[i][0]);
		assert_int_equal(add(&x, text, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		if (strstr(e.text, wrong[i][1]) == NULL ||
		    strstr(e.text, "my.txt:2:") == NULL)
			fail_msg("%s: %s", wrong[i][0], e.text);
		assert_int_equal(traces_count(x.t), before);
	}
	try_end(&x);
}

static void test_limits(void **state)
{
	(void)state;
	struct try x;
	struct error e;
	char text[TRACE_LINE_MAX + 64];
	try_begin(&x);
	while (traces_count(x.t) < TRACES_MAX) {
		snprintf(text, sizeof(text), "t%zu where=udp len=1 alone=low source=a",
		    traces_count(x.t));
		assert_int_equal(add(&x, text, &e), 0);
	}
	assert_int_equal(add(&x, "more where=udp len=1 alone=low source=a", &e), -1);
	assert_non_null(strstr(e.text, "too many"));
	assert_int_equal(
	    add(&x, "bpfdoor_udp where=udp len=3 alone=low source=a", &e), 0);
	memset(text, ' ', sizeof(text));
	assert_int_equal(traces_add(x.t, "f", text, TRACE_LINE_MAX, &e), 0);
	assert_int_equal(traces_add(x.t, "f", text, TRACE_LINE_MAX + 1, &e), -1);
	char *large = calloc(1, TRACE_FILE_MAX + 1);
	assert_non_null(large);
	memset(large, '\n', TRACE_FILE_MAX + 1);
	assert_int_equal(traces_add(x.t, "f", large, TRACE_FILE_MAX, &e), 0);
	assert_int_equal(traces_add(x.t, "f", large, TRACE_FILE_MAX + 1, &e), -1);
	free(large);
	try_end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_built_in),
	    cmocka_unit_test(test_handshake),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("traces", tests, NULL, NULL);
}
