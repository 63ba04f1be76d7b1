/* SPDX-License-Identifier: Apache-2.0 */
/* ONC RPC: the port mapper, mount, NFS 2, 3 and 4. */
#include "play.h"

#define NO_AUTH "00000000 00000000 00000000 00000000"
#define UNIX                                                                             \
	"00000001 0000001c 00000000 00000003 70633100 000003e8 00000064 00000001 "       \
	"00000064"
#define VERIFIER " 00000000 00000000 "
#define CALL_(xid, program, version, procedure)                                          \
	xid " 00000000 00000002 " program " " version " " procedure " "
#define REPLY_(xid) xid " 00000001 00000000 " VERIFIER " 00000000 "
#define PORTMAP     "000186a0"
#define NFS         "000186a3"
#define MOUNT       "000186a5"
#define HANDLE3     "00000004 01020304 "

static void test_portmap_and_mount(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 111);
	play_hex(p, 0,
	    CALL_("00000007", PORTMAP, "00000002", "00000003") NO_AUTH
	    "000186a3 00000003 00000006 00000000");
	play_hex(p, 1, REPLY_("00000007") "00000801");
	play_assert(p,
	    "\"proto\":\"udp\",\"xid\":7,\"program\":\"portmap\",\"version\":2,"
	    "\"procedure\":\"getport\",\"auth\":\"none\",\"status\":\"accepted\",\"rtt\":"
	    "0.001000,\"bytes_read\":0,\"bytes_written\":0,\"mapping\":\"nfs 3 tcp\","
	    "\"mapped_port\":2049");
	play_hex(p, 0,
	    CALL_("00000008", PORTMAP, "00000003", "00000003") NO_AUTH
	    "000186a5 00000001 00000003 75647000 00000000 00000000");
	play_hex(p, 1, REPLY_("00000008") "0000000c 31302e302e302e322e342e32");
	play_assert(p, "\"mapping\":\"mount 1 udp\",\"mapped_port\":1026");
	play_hex(p, 0, CALL_("00000009", "00012345", "00000001", "00000009") NO_AUTH);
	play_hex(p, 1, "00000009 00000001 00000001 00000001 00000005");
	play_assert(p, "\"program\":\"74565\",\"version\":1,\"procedure\":\"9\",\"auth\":"
		       "\"none\",\"status\":\"denied\"");
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 700);
	play_hex(p, 0,
	    CALL_("0000000a", MOUNT, "00000003", "00000001") UNIX VERIFIER
	    "00000004 2f737276");
	play_hex(p, 1, REPLY_("0000000a") "0000000d");
	play_close(p);
	play_assert(p,
	    "\"procedure\":\"mnt\",\"auth\":\"unix\",\"machine\":\"pc1\",\"uid\":1000,"
	    "\"gid\":100,\"status\":\"accepted\",\"result\":\"ACCES\",\"rtt\":0.001000,"
	    "\"file\":\"/srv\"");
	play_assert(p, "\"service\":\"rpc,mount\"");
	play_end(p);
}

/* Reads and writes of files, over TCP, in two fragments, cut, with a gap. */
static void test_nfs3(void **state)
{
	(void)state;
	char content[5000] = {0};
	struct play *p = play_start(IP_PROTO_TCP, 2049);
	play_hex(p, 0,
	    "80000048" CALL_("00000001", NFS, "00000003", "00000007") NO_AUTH HANDLE3);
	play_hex(p, 0, "00000000 00001000 00001388 00000001 00001388 00000000");
	play_hex(p, 1, "8000001c" REPLY_("00000001") "00000000");
	play_assert(p,
	    "\"procedure\":\"write\",\"auth\":\"none\",\"status\":\"accepted\","
	    "\"result\":\"OK\"");
	play_assert(p, "\"handle\":\"b63cfbcd\",\"offset\":4096,\"bytes_read\":0,"
		       "\"bytes_written\":5000");
	play_hex(p, 0, "00000028" CALL_("00000002", NFS, "00000003", "00000006") NO_AUTH);
	play_hex(p, 0, "80000014" HANDLE3 "00000000 00000000 00001000");
	play_hex(
	    p, 1, "800013b0" REPLY_("00000002") "00000000 00000000 00001388 00000000");
	play_send(p, 1, content, 3000);
	p->sink.gap(p->sink.ctx, &p->flow, 1, 1900);
	play_send(p, 1, content, 100);
	play_assert(p, "\"procedure\":\"read\"");
	play_assert(p, "\"bytes_read\":5000");
	play_hex(p, 0,
	    "8000004c" CALL_("00000003", NFS, "00000003", "0000000e") NO_AUTH HANDLE3
	    "00000001 61000000" HANDLE3 "00000002 62620000 00000000");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 100);
	play_send(p, 0, content, 10);
	play_hex(p, 0,
	    "80000038" CALL_("00000004", NFS, "00000003", "0000000c") NO_AUTH HANDLE3
	    "00000001 63000000");
	play_close(p);
	play_assert(p, "\"procedure\":\"remove\",\"auth\":\"none\",\"file\":\"c\"");
	assert_int_equal(play_counters(p, "rpc")->truncated, 2);
	play_assert(p, "\"service\":\"rpc,nfs\"");
	play_end(p);
}

static void test_nfs2(void **state)
{
	(void)state;
	static const char handle[] = "0102030405060708090a0b0c0d0e0f10"
				     "1112131415161718191a1b1c1d1e1f20";
	char text[1000];
	struct play *p = play_start(IP_PROTO_UDP, 2049);
	snprintf(text, sizeof(text),
	    CALL_("00000001", NFS, "00000002", "0000000b") NO_AUTH
	    "%s 00000001 61000000 %s 00000002 62620000",
	    handle, handle);
	play_hex(p, 0, text);
	play_hex(p, 1, REPLY_("00000001") "00000046");
	play_assert(p, "\"procedure\":\"rename\",\"auth\":\"none\",\"status\":"
		       "\"accepted\",\"result\":\"STALE\",\"rtt\":0.001000,\"file\":"
		       "\"a\",\"new_name\":\"bb\"");
	snprintf(text, sizeof(text),
	    CALL_("00000002", NFS, "00000002", "00000006") NO_AUTH
	    "%s 00000010 00000400 00000000",
	    handle);
	play_hex(p, 0, text);
	snprintf(text, sizeof(text),
	    REPLY_("00000002") "00000000 %0136d 00000003 61626300", 0);
	play_hex(p, 1, text);
	play_assert(p, "\"offset\":16,\"bytes_read\":3");
	play_close(p);
	play_end(p);
}

static void test_nfs4(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 2049);
	play_hex(p, 0,
	    CALL_("00000001", NFS, "00000004", "00000001") NO_AUTH
	    "00000000 00000000 00000004 "
	    "00000016 00000004 01020304 0000000f 00000001 61000000 "
	    "0000000a 00000009 00000001 00000018");
	play_hex(p, 1, REPLY_("00000001") "00000002 00000000 00000000");
	play_assert(p, "\"version\":4,\"procedure\":\"lookup\",\"operations\":\"putfh "
		       "lookup getfh getattr\"");
	play_assert(p, "\"result\":\"NOENT\"");
	play_hex(p, 0,
	    CALL_("00000002", NFS, "00000004", "00000001") NO_AUTH
	    "00000000 00000001 00000003 "
	    "00000035 00000000000000000000000000000000 00000001 00000000 "
	    "00000000 00000000 00000016 00000004 01020304 00000019 "
	    "00000000000000000000000000000000 00000000 00000200 00000400");
	play_hex(p, 1,
	    REPLY_("00000002") "00000000 00000000 00000003 00000035 00000000 "
			       "000000000000000000000000000000000000000000000000"
			       "000000000000000000000000 00000016 00000000 "
			       "00000019 00000000 00000001 00000003 61626300");
	play_assert(p, "\"procedure\":\"read\",\"operations\":\"sequence putfh read\"");
	play_assert(p, "\"offset\":512,\"bytes_read\":3");
	play_close(p);
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	char text[200];
	struct play *p = play_start(IP_PROTO_UDP, 2049);
	for (int i = 0; i < 300; i++) {
		snprintf(text, sizeof(text),
		    "%08x 00000000 00000002 " NFS " 00000003 00000000 " NO_AUTH, i);
		play_hex(p, 0, text);
	}
	assert_int_equal(play_counters(p, "rpc")->over_limit, 44);
	assert_int_equal(p->records[RECORD_RPC], 44);
	play_close(p);
	assert_int_equal(p->records[RECORD_RPC], 300);
	play_flow(p, IP_PROTO_TCP, 2049);
	play_hex(p, 0, "80000028" CALL_("00000004", NFS, "00000003", "00000000") NO_AUTH);
	play_hex(p, 0, "ffffffff 00");
	assert_int_equal(play_counters(p, "rpc")->over_limit, 45);
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 2049); /* a compound of too many operations */
	snprintf(text, sizeof(text), "00000063");
	play_hex(p, 0,
	    CALL_("00000001", NFS, "00000004", "00000001") NO_AUTH
	    "00000000 00000000 00000063 0000000a 0000000a");
	assert_int_equal(play_counters(p, "rpc")->over_limit, 46);
	play_hex(p, 0, "00000000 00000005");
	assert_int_equal(play_counters(p, "rpc")->malformed, 1);
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 2049);
	play_cuts(p, IP_PROTO_UDP, 2049,
	    CALL_("0000000a", MOUNT, "00000003", "00000001") UNIX VERIFIER
	    "00000004 2f737276");
	play_cuts(p, IP_PROTO_TCP, 2049,
	    "80000038" CALL_("00000004", NFS, "00000003", "0000000c") NO_AUTH HANDLE3
	    "00000001 63000000");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_portmap_and_mount),
	    cmocka_unit_test(test_nfs3),
	    cmocka_unit_test(test_nfs2),
	    cmocka_unit_test(test_nfs4),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("rpc", tests, NULL, NULL);
}
