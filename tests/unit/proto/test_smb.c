/* SPDX-License-Identifier: Apache-2.0 */
/* SMB2: messages after MS-SMB2, 2.2; NTLM after MS-NLMP, 2.2. */
#include "proto/windows/smb_state.h"
#include "win_play.h"

#define TREE 5
#define ID_A 0x1111
#define OK   0

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 445);
}

/* Begin a frame with a header of SMB2; its length is set by send. */
static void header(
    unsigned command, uint32_t status, uint32_t flags, uint64_t id, uint64_t session)
{
	m.n = 0;
	put_zeros(&m, 4);
	put_hex(&m, "fe534d42 4000 0000");
	put_le(&m, status, 4);
	put_le(&m, command, 2);
	put_le(&m, 1, 2);
	put_le(&m, flags, 4);
	put_le(&m, 0, 4);
	put_le(&m, id, 8);
	put_le(&m, 0, 4);
	put_le(&m, TREE, 4);
	put_le(&m, session, 8);
	put_zeros(&m, 16);
}

static void ask(unsigned command, uint64_t id)
{
	header(command, OK, 0, id, 7);
}

static void answer(unsigned command, uint32_t status, uint64_t id)
{
	header(command, status, 1, id, 7);
}

static void frame_send(struct play *p, int side, size_t step)
{
	size_t n = m.n - 4;
	m.b[1] = (uint8_t)(n >> 16);
	m.b[2] = (uint8_t)(n >> 8);
	m.b[3] = (uint8_t)n;
	send_msg(p, side, &m, step);
}

static void negotiate(struct play *p, size_t step)
{
	header(0, OK, 0, 0, 0);
	put_hex(&m, "2400 0100 0100 0000 00000000");
	put_zeros(&m, 24);
	put_hex(&m, "1103");
	frame_send(p, 0, step);
	header(0, OK, 1, 0, 0);
	put_hex(&m, "4100 0100 1103 0000");
	put_zeros(&m, 56);
	frame_send(p, 1, step);
}

/* A request or answer of a session setup around a token. */
static void setup(struct play *p, int side, uint32_t status, uint64_t id, unsigned type,
    uint64_t session)
{
	static struct msg token;
	token.n = 0;
	if (type != 0)
		put_ntlm(&token, type, "eve");
	header(1, status, side == 1, id, session);
	if (side == 0) {
		put_hex(&m, "1900 00 01 00000000 00000000 5800");
		put_le(&m, token.n, 2);
		put_zeros(&m, 8);
	} else {
		put_hex(&m, "0900 0000 4800");
		put_le(&m, token.n, 2);
	}
	put(&m, token.b, token.n);
	frame_send(p, side, 0);
}

static void log_on(struct play *p, uint32_t status)
{
	setup(p, 0, OK, 1, 1, 0);
	setup(p, 1, SMB_STATUS_MORE_PROCESSING, 1, 2, 7);
	setup(p, 0, OK, 2, 3, 7);
	setup(p, 1, status, 2, 0, 7);
}

static void tree_connect(struct play *p, const char *path, unsigned share, uint64_t id)
{
	ask(3, id);
	put_hex(&m, "0900 0000 4800");
	put_le(&m, 2 * strlen(path), 2);
	put_utf16(&m, path);
	frame_send(p, 0, 0);
	answer(3, OK, id);
	put_hex(&m, "1000");
	put_le(&m, share, 1);
	put_zeros(&m, 13);
	frame_send(p, 1, 0);
}

static void ask_create(const char *name, uint32_t options, uint64_t id)
{
	ask(5, id);
	put_hex(&m, "3900");
	put_zeros(&m, 38);
	put_le(&m, options, 4);
	put_hex(&m, "7800");
	put_le(&m, 2 * strlen(name), 2);
	put_zeros(&m, 8);
	put_utf16(&m, name);
}

static void answer_create(uint64_t file, uint64_t size, uint32_t status, uint64_t id)
{
	answer(5, status, id);
	put_hex(&m, "5900 00 00 01000000");
	for (int i = 0; i < 4; i++) /* 1970-01-01 and i seconds */
		put_le(&m, UINT64_C(116444736000000000) + (uint64_t)i * 10000000, 8);
	put_le(&m, 4096, 8);
	put_le(&m, size, 8);
	put_zeros(&m, 8);
	put_le(&m, file, 8);
	put_le(&m, file, 8);
	put_zeros(&m, 8);
}

static void open_file(struct play *p, const char *name, uint64_t file, uint64_t id)
{
	ask_create(name, 0, id);
	frame_send(p, 0, 0);
	answer_create(file, 100, OK, id);
	frame_send(p, 1, 0);
}

static void put_file(uint64_t file)
{
	put_le(&m, file, 8);
	put_le(&m, file, 8);
}

static void write_file(
    struct play *p, uint64_t file, const void *b, size_t n, uint64_t id)
{
	ask(9, id);
	put_hex(&m, "3100 7000");
	put_le(&m, n, 4);
	put_zeros(&m, 8);
	put_file(file);
	put_zeros(&m, 16);
	put(&m, b, n);
	frame_send(p, 0, 1400);
	answer(9, OK, id);
	put_hex(&m, "1100 0000");
	put_le(&m, n, 4);
	put_zeros(&m, 8);
	frame_send(p, 1, 0);
}

static void read_file(struct play *p, uint64_t file, const void *b, size_t n, uint64_t id)
{
	ask(8, id);
	put_hex(&m, "3100 0000 00000100");
	put_zeros(&m, 8);
	put_file(file);
	put_zeros(&m, 17);
	frame_send(p, 0, 0);
	answer(8, OK, id);
	put_hex(&m, "1100 50 00");
	put_le(&m, n, 4);
	put_zeros(&m, 8);
	put(&m, b, n);
	frame_send(p, 1, 1400);
}

static void close_file(struct play *p, uint64_t file, uint64_t id)
{
	ask(6, id);
	put_hex(&m, "1800 0000 00000000");
	put_file(file);
	frame_send(p, 0, 0);
	answer(6, OK, id);
	put_hex(&m, "3c00");
	put_zeros(&m, 58);
	frame_send(p, 1, 0);
}

static void set_info(struct play *p, uint64_t file, unsigned class, const char *hex,
    const char *text, uint64_t id)
{
	ask(17, id);
	put_hex(&m, "2100 01");
	put_le(&m, class, 1);
	put_hex(&m, "40000000 6000 0000 00000000");
	put_file(file);
	put_hex(&m, hex);
	put_utf16(&m, text);
	frame_send(p, 0, 0);
	answer(17, OK, id);
	put_hex(&m, "0200");
	frame_send(p, 1, 0);
}

/* From the first message to the last, however the bytes are cut. */
static void whole_conversation(void **state)
{
	(void)state;
	static uint8_t bulk[100000];
	for (size_t step = 1; step < 300; step = step * 3 + 1) {
		struct play *p = start();
		negotiate(p, step);
		log_on(p, OK);
		tree_connect(p, "\\\\srv\\data", 1, 3);
		open_file(p, "dir\\a.txt", ID_A, 4);
		write_file(p, ID_A, bulk, sizeof(bulk), 5);
		read_file(p, ID_A, bulk, sizeof(bulk), 6);
		read_file(p, ID_A, "abc", 3, 7);
		set_info(p, ID_A, 10, "0000000000000000 0000000000000000 0a000000",
		    "b.txt", 8);
		set_info(p, ID_A, 13, "01", "", 9);
		close_file(p, ID_A, 10);
		play_close(p);
		play_assert(p, "\"dialect\":\"3.1.1\",\"command\":\"negotiate\"");
		play_assert(p, "\"command\":\"session_setup\",\"user\":\"DOM\\\\eve\","
			       "\"status\":\"SUCCESS\"");
		play_assert(p, "\"carrier\":\"smb\",\"username\":\"eve\",\"hostname\":"
			       "\"HOST\",\"domainname\":\"DOM\","
			       "\"server_nb_computer_name\":\"SRV\","
			       "\"server_dns_computer_name\":\"srv.a\","
			       "\"target_name\":\"DOM\",\"version\":\"NTLMv2\","
			       "\"success\":true");
		play_assert(
		    p, "\"path\":\"\\\\\\\\srv\\\\data\",\"share_type\":\"DISK\"");
		play_assert(p, "\"name\":\"dir\\\\a.txt\",\"status\":\"SUCCESS\","
			       "\"size\":100");
		play_assert(p, "\"modified\":\"1970-01-01T00:00:02.000000Z\"");
		play_assert(p, "\"command\":\"rename\",\"user\":\"DOM\\\\eve\"");
		play_assert(p, "\"name\":\"b.txt\",\"prev_name\":\"dir\\\\a.txt\"");
		play_assert(p, "\"command\":\"delete\"");
		play_assert(p, "\"read_bytes\":100003,\"write_bytes\":100000");
		play_assert(p, "\"service\":\"smb");
		assert_int_equal(counters_of(p, "smb")->malformed, 0);
		play_end(p);
	}
}

static void refused(void **state)
{
	(void)state;
	struct play *p = start();
	negotiate(p, 0);
	log_on(p, 0xc000006d);
	ask_create("x", 0, 4);
	frame_send(p, 0, 0);
	answer(5, 0xc0000022, 4);
	put_hex(&m, "0900 0000 00000000");
	frame_send(p, 1, 0);
	ask_create("unanswered", 0x1000, 5);
	frame_send(p, 0, 0);
	play_close(p);
	play_assert(p, "\"status\":\"LOGON_FAILURE\"");
	play_assert(p, "\"success\":false");
	play_assert(p, "\"name\":\"x\",\"status\":\"ACCESS_DENIED\"");
	play_assert(p, "\"name\":\"unanswered\",\"read_bytes\"");
	play_end(p);
}

/* A chain of CREATE and CLOSE, in which all ones mean the file just opened; the answer
 * "pending" comes first. */
static void chain_and_pending(void **state)
{
	(void)state;
	struct play *p = start();
	ask_create("c", 0x1000, 4);
	put_zeros(&m, 6); /* to a multiple of 8 */
	size_t second = m.n - 4;
	set_le16(&m, 4 + 20, second);
	static struct msg first;
	first = m;
	header(6, OK, 4, 5, UINT64_MAX);
	put_hex(&m, "1800 0000 00000000");
	put_file(UINT64_MAX);
	put(&first, m.b + 4, m.n - 4);
	m = first;
	frame_send(p, 0, 0);
	header(5, SMB_STATUS_PENDING, 3, 4, 7);
	put_hex(&m, "0900 0000 00000000");
	frame_send(p, 1, 0);
	answer_create(ID_A, 0, OK, 4);
	frame_send(p, 1, 0);
	answer(6, OK, 5);
	put_hex(&m, "3c00");
	put_zeros(&m, 58);
	frame_send(p, 1, 0);
	assert_int_equal(play_count(p, "\"command\":\"open\""), 1);
	play_assert(p, "\"command\":\"delete\",\"function\":\"delete_on_close\"");
	play_close(p);
	play_end(p);
}

/* What is deleted in a chain is known when the answers are there. */
static void delete_in_a_chain(void **state)
{
	(void)state;
	static struct msg first;
	struct play *p = start();
	ask_create("gone", 0, 4);
	set_le16(&m, 4 + 20, m.n - 4);
	first = m;
	header(17, OK, 4, 5, UINT64_MAX);
	put_hex(&m, "2100 01 0d 01000000 6000 0000 00000000");
	put_file(UINT64_MAX);
	put_hex(&m, "01");
	put(&first, m.b + 4, m.n - 4);
	m = first;
	frame_send(p, 0, 0);
	answer_create(ID_A, 0, OK, 4);
	frame_send(p, 1, 0);
	answer(17, OK, 5);
	put_hex(&m, "0200");
	frame_send(p, 1, 0);
	play_assert(p, "\"command\":\"delete\",\"name\":\"gone\"");
	play_close(p);
	play_end(p);
}

#define BIND                                                                             \
	"05000b03 10000000 4800 0000 01000000 b810 b810 00000000 01000000 0000 01 00"    \
	"81bb7a36 4498 f135 ad32 98f038001003 02000000"                                  \
	"045d888a eb1c c911 9fe8 08002b104860 02000000"
#define CALL   "05000003 10000000 1c00 0000 02000000 04000000 0000 0f00 00000000"
#define RESULT "05000203 10000000 1c00 0000 02000000 04000000 0000 0000 00000000"

/* A pipe is bound, and one call goes through it written and read. */
static struct play *call_through_pipe(void)
{
	uint8_t b[HEX_MAX];
	struct play *p = start();
	tree_connect(p, "\\\\srv\\IPC$", 2, 3);
	open_file(p, "svcctl", ID_A, 4);
	write_file(p, ID_A, b, unhex(BIND, b), 5);
	write_file(p, ID_A, b, unhex(CALL, b), 6);
	read_file(p, ID_A, b, unhex(RESULT, b), 7);
	return p;
}

/* The same call by a control that writes and reads at once. */
static void call_by_control(struct play *p)
{
	ask(11, 8);
	put_hex(&m, "3900 0000 17c01100");
	put_file(ID_A);
	put_hex(&m,
	    "78000000 1c000000 00000000 00000000 00000000 00000000 01000000 00000000");
	put_hex(&m, CALL);
	frame_send(p, 0, 0);
	answer(11, OK, 8);
	put_hex(&m, "3100 0000 17c01100");
	put_file(ID_A);
	put_hex(&m, "70000000 00000000 70000000 1c000000 00000000 00000000");
	put_hex(&m, RESULT);
	frame_send(p, 1, 0);
}

/* Another control has a row of its own. */
static void other_control(struct play *p)
{
	ask(11, 9);
	put_hex(&m, "3900 0000 94010600");
	put_file(UINT64_MAX);
	put_zeros(&m, 32);
	frame_send(p, 0, 0);
	answer(11, 0xc0000225, 9);
	put_hex(&m, "0900 0000 00000000");
	frame_send(p, 1, 0);
}

static void named_pipe(void **state)
{
	(void)state;
	struct play *p = call_through_pipe();
	play_assert(p, "\"named_pipe\":\"svcctl\",\"uuid\":"
		       "\"367abb81-9844-35f1-ad32-98f038001003\",\"endpoint\":\"svcctl\","
		       "\"opnum\":15,\"operation\":\"OpenSCManagerW\",\"status\":\"ok\"");
	call_by_control(p);
	assert_int_equal(p->records[RECORD_DCE_RPC], 2);
	other_control(p);
	play_assert(p, "\"command\":\"ioctl\",\"function\":\"DFS_GET_REFERRALS\"");
	play_close(p);
	play_assert(p, "\"service\":\"smb,dce_rpc\"");
	play_end(p);
}

/* After a gap reading goes on with the next message; inside of a file's content nothing
 * is lost. */
static void gaps(void **state)
{
	(void)state;
	static uint8_t bulk[90000];
	struct play *p = start();
	open_file(p, "a", ID_A, 4);
	ask(8, 5);
	put_hex(&m, "3100 0000 00000100");
	put_zeros(&m, 8);
	put_file(ID_A);
	put_zeros(&m, 17);
	frame_send(p, 0, 0);
	answer(8, OK, 5);
	put_hex(&m, "1100 50 00");
	put_le(&m, sizeof(bulk), 4);
	put_zeros(&m, 8);
	put(&m, bulk, sizeof(bulk));
	m.b[1] = (uint8_t)((m.n - 4) >> 16);
	m.b[2] = (uint8_t)((m.n - 4) >> 8);
	m.b[3] = (uint8_t)(m.n - 4);
	play_send(p, 1, m.b, 10000);
	lose(p, 1, m.n - 20000);
	play_send(p, 1, m.b + m.n - 10000, 10000);
	assert_int_equal(counters_of(p, "smb")->truncated, 0);
	lose(p, 0, 500);
	assert_int_equal(counters_of(p, "smb")->truncated, 1);
	play_send(p, 0, "the rest of something", 21);
	close_file(p, ID_A, 6);
	play_assert(p, "\"read_bytes\":90000");
	play_close(p);
	play_end(p);
}

/* Each list gives way at its limit, and says so. */
static void limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (uint64_t i = 1; i <= SMB_FILES_MAX + 1; i++) {
		open_file(p, "f", i, i);
		write_file(p, i, "x", 1, i + 1000);
	}
	assert_int_equal(counters_of(p, "smb")->over_limit, 1);
	assert_int_equal(play_count(p, "\"command\":\"close\""), 1);
	for (uint64_t i = 1; i <= SMB_REQUESTS_MAX + 1; i++) {
		ask_create("q", 0, i + 5000);
		frame_send(p, 0, 0);
	}
	assert_int_equal(counters_of(p, "smb")->over_limit, 2);
	for (uint64_t i = 1; i <= SMB_TREES_MAX + 1; i++) {
		header(3, OK, 0, 9000 + i, i);
		put_hex(&m, "0900 0000 4800 0200 6100");
		frame_send(p, 0, 0);
		header(3, OK, 1, 9000 + i, i);
		put_hex(&m, "1000 01");
		put_zeros(&m, 13);
		frame_send(p, 1, 0);
	}
	assert_int_equal(counters_of(p, "smb")->over_limit, 4);
	for (uint64_t i = 1; i <= SMB_SESSIONS_MAX + 1; i++)
		setup(p, 0, OK, 1 + i % 2, 1, i);
	assert_true(counters_of(p, "smb")->over_limit >= 5);
	play_close(p);
	play_end(p);
}

static void malformed(void **state)
{
	(void)state;
	static const char *const wrong[] = {"00000004 fe534d42", /* no header */
	    "00000000 00000008 fe534d42 4000", /* an empty frame; too short */
	    "00000003 000000",                 /* too short for a magic */
	    "77000000 00000000"};              /* no such frame */
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct play *p = start();
		negotiate(p, 0);
		say(p, 0, wrong[i]);
		negotiate(p, 0);
		play_close(p);
		play_assert(p, "\"command\":\"negotiate\"");
		play_end(p);
	}
	struct play *p = start(); /* chains that go nowhere */
	ask_create("c", 0, 4);
	set_le16(&m, 4 + 20, 0xffff);
	frame_send(p, 0, 0);
	ask_create("c", 0, 5);
	set_le16(&m, 4 + 20, 1);
	frame_send(p, 0, 0);
	play_close(p);
	play_end(p);
}

static void dark(void **state)
{
	(void)state;
	struct play *p = start();
	negotiate(p, 0);
	say(p, 0, "00000008 fd534d42 00000000");
	say(p, 1, "00000008 fd534d42 00000000");
	play_close(p);
	assert_int_equal(play_count(p, "\"command\":\"encrypted\""), 1);
	assert_int_equal(counters_of(p, "smb")->unsupported, 2);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(chain_and_pending),
	    cmocka_unit_test(delete_in_a_chain),
	    cmocka_unit_test(named_pipe),
	    cmocka_unit_test(gaps),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(malformed),
	    cmocka_unit_test(dark),
	};
	return cmocka_run_group_tests_name("proto/smb", tests, NULL, NULL);
}
