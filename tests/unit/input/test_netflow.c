/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams made byte by byte as RFC 3954, RFC 7011 and Cisco's NetFlow v5 say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/netflow.h"

#define ROWS_MAX 64
#define T0       1700000000U
#define UPTIME   100000U

struct lab {
	struct netflow *n;
	struct netflow_row rows[ROWS_MAX];
	size_t count;
	uint64_t lost, orphans;
	uint8_t b[4096];
	size_t at;
};

static void keep(void *ctx, const struct netflow_row *row)
{
	struct lab *l = ctx;
	if (l->count < ROWS_MAX)
		l->rows[l->count] = *row;
	l->count++;
}

static void lose(void *ctx, uint8_t version, struct moment seen, uint64_t n)
{
	(void)version, (void)seen;
	((struct lab *)ctx)->lost += n;
}

static void orphan(void *ctx, uint32_t source, uint64_t offset, uint16_t id)
{
	(void)source, (void)offset, (void)id;
	((struct lab *)ctx)->orphans++;
}

static int start(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct netflow_sink sink = {keep, lose, l};
	l->n = netflow_new(&sink);
	*state = l;
	return 0;
}

static int stop(void **state)
{
	struct lab *l = *state;
	netflow_free(l->n);
	free(l);
	return 0;
}

static void put(struct lab *l, uint64_t value, size_t n)
{
	for (size_t i = n; i-- > 0; value >>= 8)
		l->b[l->at + i] = (uint8_t)value;
	l->at += n;
}

static void put_bytes(struct lab *l, const void *p, size_t n)
{
	memcpy(l->b + l->at, p, n);
	l->at += n;
}

static size_t open_set(struct lab *l, uint16_t id)
{
	size_t at = l->at;
	put(l, id, 2);
	put(l, 0, 2);
	return at;
}

static void close_set(struct lab *l, size_t at)
{
	size_t end = l->at;
	l->at = at + 2;
	put(l, end - at, 2);
	l->at = end;
}

static void begin_v9(struct lab *l, uint32_t sequence)
{
	l->at = 0;
	put(l, 9, 2);
	put(l, 1, 2);
	put(l, UPTIME, 4);
	put(l, T0, 4);
	put(l, sequence, 4);
	put(l, 7, 4);
}

static void begin_ipfix(struct lab *l, uint32_t sequence)
{
	l->at = 0;
	put(l, 10, 2);
	put(l, 0, 2);
	put(l, T0, 4);
	put(l, sequence, 4);
	put(l, 7, 4);
}

static enum netflow_verdict send_from(struct lab *l, const char *name, uint32_t source)
{
	struct netflow_origin o = {.name = name, .source = source, .offset = 1000};
	if (l->b[1] == 10) {
		size_t end = l->at;
		l->at = 2;
		put(l, end, 2);
		l->at = end;
	}
	/* An exact copy, so that a sanitizer sees a read beyond it. */
	uint8_t *copy = memcpy(malloc(l->at), l->b, l->at);
	enum netflow_verdict v = netflow_datagram(l->n, &o, bytes_over(copy, l->at));
	free(copy);
	return v;
}

static enum netflow_verdict send(struct lab *l)
{
	return send_from(l, NULL, 0);
}

/* A template of src, dst, ports, protocol, bytes, packets. */
static void put_template(struct lab *l, uint16_t set, uint16_t id, size_t bytes_length)
{
	static const uint16_t elements[] = {8, 12, 7, 11, 4};
	static const uint16_t lengths[] = {4, 4, 2, 2, 1};
	size_t at = open_set(l, set);
	put(l, id, 2);
	put(l, 7, 2);
	for (int i = 0; i < 5; i++) {
		put(l, elements[i], 2);
		put(l, lengths[i], 2);
	}
	put(l, 1, 2);
	put(l, bytes_length, 2);
	put(l, 2, 2);
	put(l, 4, 2);
	close_set(l, at);
}

static void put_record(struct lab *l, uint8_t host, uint64_t bytes, size_t bytes_length)
{
	put(l, 0x0a000000U | host, 4);
	put(l, 0xc0000201U, 4);
	put(l, 40000, 2);
	put(l, 443, 2);
	put(l, 6, 1);
	put(l, bytes, bytes_length);
	put(l, 3, 4);
}

static void is_addr(const struct addr *a, const char *text)
{
	char shown[ADDR_TEXT_MAX];
	addr_text(a, shown);
	assert_string_equal(shown, text);
}

/* Times are before the export by what uptime says, across the wrap of 2^32 ms too. */
static void test_v5(void **state)
{
	struct lab *l = *state;
	const uint64_t values[] = {0x0a000001, 0xc0000207, 0, 1, 2, 5, 700, 0xfffffffb,
	    UPTIME - 1000, 50000, 22, 0, 0x1b, 6, 0, 0, 0, 24, 24, 0};
	const size_t lengths[] = {
	    4, 4, 4, 2, 2, 4, 4, 4, 4, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 2};
	put(l, 5, 2);
	put(l, 1, 2);
	put(l, UPTIME, 4);
	put(l, T0, 4);
	put(l, 500000000, 4);
	put(l, 10, 4);
	put(l, 0, 2);
	put(l, 0x4000 | 10, 2); /* one of 10 */
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		put(l, values[i], lengths[i]);
	assert_int_equal(l->at, 24 + 48);
	assert_int_equal(send(l), NETFLOW_READ);
	assert_int_equal(l->count, 1);
	const struct netflow_row *r = &l->rows[0];
	is_addr(&r->addr[0], "10.0.0.1");
	is_addr(&r->addr[1], "192.0.2.7");
	assert_int_equal(r->port[0], 50000);
	assert_int_equal(r->packets[0], 50);
	assert_int_equal(r->bytes[0], 7000);
	assert_true((r->marks & NETFLOW_SAMPLED) != 0);
	assert_int_equal(r->flags[0], 0x1b);
	assert_true(r->last.ns == moment_from(T0 - 1, 500000000).ns);
	/* 0xfffffffb is 5 ms before boot: 100.005 s before the export. */
	assert_true(r->first.ns == moment_from(T0 - 100, 495000000).ns);
	assert_int_equal(r->offset, 1000 + 24);
}

static void test_v5_cut(void **state)
{
	struct lab *l = *state;
	test_v5(state);
	l->b[3] = 2; /* two records, but one is there */
	l->count = 0;
	assert_int_equal(send(l), NETFLOW_CUT);
	assert_int_equal(l->count, 1);
}

static void test_v9(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	put_template(l, 0, 256, 4);
	size_t at = open_set(l, 256);
	put_record(l, 1, 100, 4);
	put_record(l, 2, 200, 4);
	put(l, 0, 2); /* padding */
	close_set(l, at);
	assert_int_equal(send(l), NETFLOW_READ);
	assert_int_equal(l->count, 2);
	is_addr(&l->rows[1].addr[0], "10.0.0.2");
	assert_int_equal(l->rows[1].bytes[0], 200);
	assert_int_equal(l->rows[1].packets[0], 3);
	/* Without any time in the record it is that of the export. */
	assert_true(l->rows[1].last.ns == moment_from(T0, 0).ns);
}

/* RFC 7011, 6.2: 3 bytes where the element has 8. */
static void test_reduced_size(void **state)
{
	struct lab *l = *state;
	begin_ipfix(l, 0);
	put_template(l, 2, 256, 3);
	size_t at = open_set(l, 256);
	put_record(l, 1, 0x010203, 3);
	close_set(l, at);
	assert_int_equal(send(l), NETFLOW_READ);
	assert_int_equal(l->rows[0].bytes[0], 0x010203);
}

/* Data before its template waits; another exporter's template does not serve it. */
static void test_template_later(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	size_t at = open_set(l, 256);
	put_record(l, 1, 100, 4);
	close_set(l, at);
	assert_int_equal(send_from(l, "a1.dat", 1), NETFLOW_READ);
	assert_int_equal(l->count, 0);
	begin_v9(l, 1);
	put_template(l, 0, 256, 4);
	send_from(l, "b1.dat", 2);
	assert_int_equal(l->count, 0);
	send_from(l, "a2.dat", 3);
	assert_int_equal(l->count, 1);
	assert_int_equal(l->rows[0].source, 1);
	assert_int_equal(l->rows[0].offset, 1000 + 20 + 4);
}

/* At the end the template of the file whose name is most alike is taken. */
static void test_template_elsewhere(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	put_template(l, 0, 256, 8);
	send_from(l, "router_b_tpl.dat", 1);
	begin_v9(l, 1);
	put_template(l, 0, 256, 4);
	send_from(l, "router_a_tpl.dat", 2);
	begin_v9(l, 1);
	size_t at = open_set(l, 256);
	put_record(l, 1, 100, 4);
	close_set(l, at);
	at = open_set(l, 999);
	put(l, 0, 4);
	close_set(l, at);
	send_from(l, "router_a_data.dat", 3);
	assert_int_equal(l->count, 0);
	netflow_finish(l->n, orphan, l);
	assert_int_equal(l->count, 1);
	assert_int_equal(l->rows[0].bytes[0], 100);
	assert_int_equal(l->orphans, 1);
}

static void test_held_limit(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	size_t at = open_set(l, 300);
	put(l, 1, 4);
	close_set(l, at);
	for (int i = 0; i < NETFLOW_HELD_SETS_MAX + 5; i++)
		send(l);
	assert_int_equal(netflow_counters(l->n)->held, NETFLOW_HELD_SETS_MAX);
	assert_int_equal(netflow_counters(l->n)->orphans, 5);
}

/* RFC 7011, 8.1: a template without fields takes the old one back. */
static void test_withdrawal(void **state)
{
	struct lab *l = *state;
	begin_ipfix(l, 0);
	put_template(l, 2, 256, 4);
	size_t at = open_set(l, 2);
	put(l, 256, 2);
	put(l, 0, 2);
	close_set(l, at);
	at = open_set(l, 256);
	put_record(l, 1, 100, 4);
	close_set(l, at);
	send(l);
	assert_int_equal(l->count, 0);
	assert_int_equal(netflow_counters(l->n)->withdrawn, 1);
	assert_int_equal(netflow_counters(l->n)->held, 1);
}

/* Variable length (one byte, and three), reverse elements, milliseconds, IPv6. */
static void test_ipfix(void **state)
{
	struct lab *l = *state;
	static const uint8_t six[2][16] = {{0x20, 1, [15] = 1}, {0x20, 1, [15] = 2}};
	static const uint16_t fields[][2] = {
	    {27, 16}, {28, 16}, {96, 65535}, {4, 1}, {1, 8}, {152, 8}, {153, 8}};
	begin_ipfix(l, 0);
	size_t at = open_set(l, 2);
	put(l, 300, 2);
	put(l, 8, 2);
	for (size_t i = 0; i < 7; i++) {
		put(l, fields[i][0], 2);
		put(l, fields[i][1], 2);
	}
	put(l, 0x8000 | 2, 2); /* reverse packetDeltaCount */
	put(l, 2, 2);
	put(l, 29305, 4);
	close_set(l, at);
	at = open_set(l, 300);
	for (int i = 0; i < 2; i++) {
		put_bytes(l, six, 32);
		if (i == 0)
			put(l, 3, 1);
		else
			put(l, 255, 1), put(l, 3, 2);
		put_bytes(l, "dns", 3);
		put(l, 17, 1);
		put(l, 500, 8);
		put(l, T0 * 1000ULL + 250, 8);
		put(l, T0 * 1000ULL + 750, 8);
		put(l, 9, 2);
	}
	close_set(l, at);
	assert_int_equal(send(l), NETFLOW_READ);
	assert_int_equal(l->count, 2);
	for (int i = 0; i < 2; i++) {
		is_addr(&l->rows[i].addr[1], "2001::2");
		assert_int_equal(l->rows[i].proto, 17);
		assert_int_equal(l->rows[i].packets[1], 9);
		assert_true(l->rows[i].first.ns == moment_from(T0, 250 * NS_PER_MS).ns);
		assert_true(l->rows[i].last.ns == moment_from(T0, 750 * NS_PER_MS).ns);
	}
}

/* RFC 5477: options data give the interval of a selector; 1 taken, 99 passed over. */
static void test_sampling(void **state)
{
	struct lab *l = *state;
	begin_ipfix(l, 0);
	size_t at = open_set(l, 3);
	put(l, 400, 2);
	put(l, 3, 2);
	put(l, 1, 2);
	for (uint16_t i = 0; i < 3; i++) {
		static const uint16_t options[] = {302, 305, 306};
		put(l, options[i], 2);
		put(l, 4, 2);
	}
	close_set(l, at);
	at = open_set(l, 400);
	put(l, 5, 4);
	put(l, 1, 4);
	put(l, 99, 4);
	close_set(l, at);
	put_template(l, 2, 256, 4);
	at = open_set(l, 256);
	put_record(l, 1, 100, 4);
	close_set(l, at);
	send(l);
	assert_int_equal(l->count, 1);
	assert_int_equal(l->rows[0].bytes[0], 10000);
	assert_int_equal(l->rows[0].packets[0], 300);
	assert_int_equal(netflow_counters(l->n)->options, 1);
}

/* v9 counts datagrams; a gap is a loss, a number from before is none. */
static void test_sequence(void **state)
{
	struct lab *l = *state;
	static const uint32_t numbers[] = {10, 11, 14, 13, 15};
	for (size_t i = 0; i < 5; i++) {
		begin_v9(l, numbers[i]);
		put_template(l, 0, 256, 4);
		send(l);
	}
	assert_int_equal(l->lost, 2);
}

/* Sets that lie about their length, templates without bytes, and too many fields. */
static void test_bad(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	put(l, 0, 2);
	put(l, 3, 2);
	assert_int_equal(send(l), NETFLOW_BROKEN);
	begin_v9(l, 2);
	put(l, 0, 2);
	put(l, 400, 2);
	assert_int_equal(send(l), NETFLOW_CUT);
	begin_v9(l, 3);
	size_t at = open_set(l, 0);
	put(l, 256, 2);
	put(l, 1, 2);
	put(l, 1, 2);
	put(l, 0, 2);
	close_set(l, at);
	assert_int_equal(send(l), NETFLOW_BROKEN);
	begin_v9(l, 4);
	at = open_set(l, 0);
	put(l, 256, 2);
	put(l, 60000, 2);
	put(l, 1, 4);
	close_set(l, at);
	assert_int_equal(send(l), NETFLOW_BROKEN);
	l->b[1] = 8;
	assert_int_equal(send(l), NETFLOW_OTHER);
	assert_int_equal(l->count, 0);
}

static void test_domains_limit(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	put_template(l, 0, 256, 4);
	for (uint32_t i = 0; i <= NETFLOW_DOMAINS_MAX; i++) {
		size_t end = l->at;
		l->at = 16;
		put(l, i, 4);
		l->at = end;
		assert_int_equal(
		    send(l), i < NETFLOW_DOMAINS_MAX ? NETFLOW_READ : NETFLOW_LIMIT);
	}
}

static void test_templates_limit(void **state)
{
	struct lab *l = *state;
	for (uint32_t i = 0; i <= NETFLOW_TEMPLATES_MAX; i++) {
		begin_v9(l, i);
		put_template(l, 0, (uint16_t)(256 + i), 4);
		assert_int_equal(
		    send(l), i < NETFLOW_TEMPLATES_MAX ? NETFLOW_READ : NETFLOW_LIMIT);
	}
}

/* Where a v9 datagram ends in a file: before the next header, zeros between or not. */
static void test_measure(void **state)
{
	struct lab *l = *state;
	begin_v9(l, 1);
	put_template(l, 0, 256, 4);
	size_t length = l->at;
	uint8_t two[512] = {0};
	memcpy(two, l->b, length);
	memcpy(two + length, l->b, length);
	assert_int_equal(netflow_measure(two, 2 * length, true), length);
	memset(two + length, 0, length);
	memcpy(two + length + 16, l->b, length);
	assert_int_equal(netflow_measure(two, 2 * length + 16, true), length + 16);
	assert_true(netflow_measure(two, length - 1, false) > length - 1);
	assert_true(netflow_looks(two, length));
	two[8] = 0; /* 1970, but a template */
	assert_true(netflow_looks(two, length));
	two[21] = 5;
	assert_false(netflow_looks(two, length));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(test_##name, start, stop)
	const struct CMUnitTest tests[] = {T(v5), T(v5_cut), T(v9), T(reduced_size),
	    T(template_later), T(template_elsewhere), T(held_limit), T(withdrawal),
	    T(ipfix), T(sampling), T(sequence), T(bad), T(domains_limit),
	    T(templates_limit), T(measure)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
