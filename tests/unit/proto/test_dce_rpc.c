/* SPDX-License-Identifier: Apache-2.0 */
/* DCE/RPC over TCP: PDUs after C706, 12.6. */
#include "proto/windows/dcerpc.h"
#include "win_play.h"

#define SVCCTL "81bb7a36 4498 f135 ad32 98f038001003 02000000"
#define NDR    "045d888a eb1c c911 9fe8 08002b104860 02000000"
#define BIND                                                                             \
	"05000b03 10000000 4800 0000 01000000 b810 b810 00000000 01000000 0000 01 "      \
	"00" SVCCTL NDR
#define BIND_ACK                                                                         \
	"05000c03 10000000 3e00 0000 01000000 b810 b810 34120000 0400 31333500 0000 "    \
	"01000000 0000 0000" NDR "0000"

static struct play *start(uint16_t port)
{
	return play_start(IP_PROTO_TCP, port);
}

/* Both byte orders, cut anywhere. */
static void calls(void **state)
{
	(void)state;
	for (size_t step = 1; step < 60; step += 7) {
		struct play *p = start(49152);
		send_cut(p, 0, BIND, step);
		send_cut(p, 1, BIND_ACK, step);
		send_cut(p, 0,
		    "05000003 10000000 1f00 0000 02000000 04000000 0000 0c00 00000000 "
		    "010203",
		    step);
		send_cut(p, 1,
		    "05000203 10000000 1c00 0000 02000000 04000000 0000 0000 00000000",
		    step);
		play_assert(p, "\"named_pipe\":\"135\",\"uuid\":"
			       "\"367abb81-9844-35f1-ad32-98f038001003\",\"endpoint\":"
			       "\"svcctl\",\"opnum\":12,\"operation\":\"CreateServiceW\","
			       "\"status\":\"ok\"");
		send_cut(p, 0,
		    "05000003 00000000 001c 0000 00000003 00000004 0000 0002 00000000",
		    step);
		send_cut(p, 1,
		    "05000303 10000000 2000 0000 03000000 04000000 0000 0000 0200011c "
		    "00000000",
		    step);
		play_assert(p, "\"operation\":\"DeleteService\",\"status\":"
			       "\"fault 0x1c010002\"");
		play_close(p);
		play_assert(p, "\"service\":\"dce_rpc\"");
		assert_int_equal(counters_of(p, "dce_rpc")->malformed, 0);
		play_end(p);
	}
}

/* Interfaces by numbers in the other byte order; names that are not known. */
static void interfaces(void **state)
{
	(void)state;
	const char *operation;
	struct play *p = start(49152);
	say(p, 0,
	    "05000b03 00000000 0048 0000 00000001 10b8 10b8 00000000 01000000 0007 01 00"
	    "367abb81 9844 35f1 ad32 98f038001003 00000002" NDR);
	say(p, 0, "05000003 00000000 0018 0000 00000002 00000000 0007 0fff");
	say(p, 0, "05000003 00000000 0018 0000 00000004 00000000 0009 0001");
	play_close(p);
	play_assert(p, "\"endpoint\":\"svcctl\",\"opnum\":4095,\"sensor\"");
	assert_int_equal(play_count(p, "\"opnum\":1,\"sensor\""), 1);
	play_end(p);
	static const uint8_t none[16] = {1};
	assert_null(dcerpc_interface(none, 0, &operation));
}

static void bind_with_ntlm(struct play *p, unsigned type, unsigned pdu)
{
	static struct msg token, m;
	token.n = m.n = 0;
	put_ntlm(&token, type, "eve");
	put_hex(&m, "0500");
	put_le(&m, pdu, 1);
	put_hex(&m, "03 10000000");
	size_t body = pdu == 16 ? 4 : pdu == 12 ? 46 : 56;
	put_le(&m, 16 + body + 8 + token.n, 2);
	put_le(&m, token.n, 2);
	put_hex(&m, "01000000");
	if (pdu == 11)
		put_hex(&m, "b810 b810 00000000 01000000 0000 01 00" SVCCTL NDR);
	else if (pdu == 12)
		put_hex(&m, "b810 b810 34120000 0400 31333500 0000 01000000 0000 0000" NDR
			    "0000");
	else
		put_zeros(&m, 4);
	put_hex(&m, "0a 05 00 00 00000000");
	put(&m, token.b, token.n);
	send_msg(p, pdu == 12, &m, 50);
}

static void authentication(void **state)
{
	(void)state;
	struct play *p = start(135);
	bind_with_ntlm(p, 1, 11);
	bind_with_ntlm(p, 2, 12);
	bind_with_ntlm(p, 3, 16);
	play_close(p);
	play_assert(
	    p, "\"carrier\":\"dce_rpc\",\"username\":\"eve\",\"hostname\":\"HOST\"");
	play_assert(p, "\"service\":\"dce_rpc,ntlm\"");
	play_end(p);
}

static void gaps_and_nonsense(void **state)
{
	(void)state;
	struct play *p = start(135);
	say(p, 0, BIND);
	lose(p, 0, 100);
	say(p, 0, "0102030405060708090a0b0c0d0e0f10");
	say(p, 0, "05000003 10000000 1c00 0000 02000000 04000000 0000 0c00 00000000");
	play_close(p);
	assert_int_equal(p->records[RECORD_DCE_RPC], 1);
	play_end(p);
	p = start(135); /* lengths that contradict each other */
	say(p, 0, BIND);
	say(p, 0, "05000003 10000000 0800 0000 02000000 04000000 0000 0c00 00000000");
	assert_int_equal(counters_of(p, "dce_rpc")->malformed, 1);
	play_close(p);
	play_end(p);
}

static void limits(void **state)
{
	(void)state;
	static struct msg m;
	struct play *p = start(135);
	say(p, 0, BIND);
	for (unsigned i = 0; i <= DCERPC_CALLS_MAX; i++) {
		m.n = 0;
		put_hex(&m, "05000003 10000000 1c00 0000");
		put_le(&m, i, 4);
		put_hex(&m, "04000000 0000 0c00 00000000");
		send_msg(p, 0, &m, 0);
	}
	assert_int_equal(counters_of(p, "dce_rpc")->over_limit, 1);
	assert_int_equal(p->records[RECORD_DCE_RPC], 1);
	for (unsigned i = 1; i <= DCERPC_CONTEXTS_MAX; i++) {
		m.n = 0;
		put_hex(&m,
		    "05000e03 10000000 4800 0000 01000000 b810 b810 00000000 01000000");
		put_le(&m, i, 2);
		put_hex(&m, "01 00" SVCCTL NDR);
		send_msg(p, 0, &m, 0);
	}
	assert_int_equal(counters_of(p, "dce_rpc")->over_limit, 2);
	play_close(p);
	assert_int_equal(p->records[RECORD_DCE_RPC], DCERPC_CALLS_MAX + 1);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls),
	    cmocka_unit_test(interfaces),
	    cmocka_unit_test(authentication),
	    cmocka_unit_test(gaps_and_nonsense),
	    cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests_name("proto/dce_rpc", tests, NULL, NULL);
}
