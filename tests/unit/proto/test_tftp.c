/* SPDX-License-Identifier: Apache-2.0 */
/* TFTP: requests, and transfers in the flows that they announce. */
#include "play.h"

/* What the server sends from a port of its own, and the client there: beside p's flow. */
static struct flow answer(const struct play *p)
{
	struct flow f = {
	    .addr = {p->flow.addr[1], p->flow.addr[0]},
	    .port = {50000, 40000},
	    .proto = IP_PROTO_UDP,
	    .first = p->flow.last,
	    .last = p->flow.last,
	    .vlan = -1,
	};
	p->sink.open(p->sink.ctx, &f);
	return f;
}

static void send_in(
    struct play *p, struct flow *f, int side, const uint8_t *bytes, size_t n)
{
	f->last = moment_add(f->last, NS_PER_MS);
	f->side[side].packets++;
	f->side[side].bytes += n;
	struct flow_data d = {.p = bytes, .n = n, .wire = n, .side = side, .ts = f->last};
	p->sink.data(p->sink.ctx, f, &d);
}

static void hex_in(struct play *p, struct flow *f, int side, const char *text)
{
	uint8_t bytes[600];
	send_in(p, f, side, bytes, play_unhex(text, bytes, sizeof(bytes)));
}

static void block_in(struct play *p, struct flow *f, int side, uint8_t number, size_t n)
{
	uint8_t block[600] = {0, 3, 0, number};
	send_in(p, f, side, block, 4 + n);
}

static void test_read(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 69);
	play_hex(p, 0, "0001 612e747874 00 6f63746574 00 7473697a65 00 30 00");
	play_hex(p, 0, "0001 612e747874 00 6f63746574 00 7473697a65 00 30 00");
	struct flow f = answer(p);
	hex_in(p, &f, 0, "0006 7473697a65 00 363030 00");
	hex_in(p, &f, 1, "0004 0000");
	block_in(p, &f, 0, 1, 512);
	block_in(p, &f, 0, 1, 512); /* again */
	hex_in(p, &f, 1, "0004 0001");
	block_in(p, &f, 0, 2, 88);
	play_close(p); /* the request's own flow leaves it to the other one */
	assert_int_equal(p->records[RECORD_FTP], 0);
	p->sink.close(p->sink.ctx, &f, FLOW_CLOSED);
	play_assert(p,
	    "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,\"dst_ip\":\"10.0.0.2\","
	    "\"dst_port\":69,\"protocol\":\"tftp\",\"command\":\"RRQ\",\"arg\":\"a.txt\","
	    "\"mode\":\"octet\",\"file_size\":600,\"data_bytes\":600");
	assert_int_equal(p->records[RECORD_FTP], 1);
	play_end(p);
}

static void test_write_and_error(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 69);
	play_hex(p, 0, "0002 62 00 6e65746173636969 00 626c6b73697a65 00 38 00");
	struct flow f = answer(p);
	hex_in(p, &f, 0, "0006 626c6b73697a65 00 38 00");
	block_in(p, &f, 1, 1, 8);
	block_in(p, &f, 1, 3, 8); /* one is missing */
	hex_in(p, &f, 0, "0005 0003 66756c6c 00");
	p->sink.close(p->sink.ctx, &f, FLOW_CLOSED);
	play_close(p);
	play_assert(p, "\"command\":\"WRQ\",\"arg\":\"b\",\"mode\":\"netascii\","
		       "\"data_bytes\":16,\"reply_code\":3,\"reply_msg\":\"full\"");
	assert_int_equal(p->records[RECORD_FTP], 1);
	play_flow(p, IP_PROTO_UDP, 69); /* a server that answers from its port */
	play_hex(p, 0, "0001 63 00 6f63746574 00");
	play_hex(p, 1, "0003 0001 616263");
	play_close(p);
	play_assert(p, "\"arg\":\"c\",\"mode\":\"octet\",\"data_bytes\":3");
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	char text[100];
	struct play *p = play_start(IP_PROTO_UDP, 69);
	for (int i = 0; i < 1030; i++) {
		snprintf(
		    text, sizeof(text), "0001 %08x 00 6f63746574 00", 0x61616161 + i);
		play_hex(p, 0, text);
	}
	play_close(p);
	assert_true(play_counters(p, "tftp")->over_limit >= 5);
	play_flow(p, IP_PROTO_UDP, 69);
	play_hex(p, 0, "0001 63 00 6f63746574 00");
	play_hex(p, 0, "0009");
	play_hex(p, 0, "00");
	play_hex(p, 1, "0005 00");
	assert_int_equal(play_counters(p, "tftp")->malformed, 3);
	play_cuts(
	    p, IP_PROTO_UDP, 69, "0001 612e747874 00 6f63746574 00 7473697a65 00 30 00");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_write_and_error),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("tftp", tests, NULL, NULL);
}
