/* SPDX-License-Identifier: Apache-2.0 */
/* SMB1: messages after MS-CIFS, 2.2.4, and MS-SMB, 2.2.4. */
#include "proto/windows/smb_state.h"
#include "win_play.h"

static struct msg m;
static bool unicode;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 139);
}

/* Begin a frame with a header; words and bytes follow. */
static void header(unsigned command, uint32_t status, bool answer, unsigned tree)
{
	m.n = 0;
	put_zeros(&m, 4);
	put_hex(&m, "ff534d42");
	put_le(&m, command, 1);
	put_le(&m, status, 4);
	put_le(&m, answer ? 0x88 : 0x08, 1);
	put_le(&m, unicode ? 0xc001 : 0x4001, 2);
	put_zeros(&m, 12);
	put_le(&m, tree, 2);
	put_hex(&m, "3412 6400 0100"); /* process, user, multiplex */
}

static void frame_send(struct play *p, int side, size_t step)
{
	m.b[2] = (uint8_t)((m.n - 4) >> 8);
	m.b[3] = (uint8_t)(m.n - 4);
	send_msg(p, side, &m, step);
}

static void say_words(struct play *p, int side, unsigned command, uint32_t status,
    unsigned tree, const char *hex)
{
	header(command, status, side == 1, tree);
	put_hex(&m, hex);
	frame_send(p, side, 0);
}

/* The bytes of a command: their count, and a text on an even place. */
static void put_name(const char *before, const char *name)
{
	size_t at = m.n;
	put_le(&m, 0, 2);
	put_hex(&m, before);
	if (unicode && (m.n - 4) % 2 != 0)
		put_zeros(&m, 1);
	if (unicode)
		put_utf16(&m, name);
	else
		put_text(&m, name);
	put_zeros(&m, unicode ? 2 : 1);
	set_le16(&m, at, m.n - at - 2);
}

static void negotiate(struct play *p)
{
	header(0x72, 0, false, 0);
	put_hex(&m, "00 1b00 02");
	put_text(&m, "LANMAN1.0");
	put_hex(&m, "00 02");
	put_text(&m, "NT LM 0.12");
	put_hex(&m, "00");
	set_le16(&m, 37, m.n - 39);
	frame_send(p, 0, 0);
	header(0x72, 0, true, 0);
	put_hex(&m, "11 0100");
	put_zeros(&m, 34);
	frame_send(p, 1, 0);
}

static void log_on(struct play *p)
{
	header(0x73, 0, false, 0);
	put_hex(&m, "0d ff00 0000 0040 0200 0100 00000000 0100 0100 00000000 00000000");
	size_t at = m.n;
	put_hex(&m, "0000 78 79");
	if (unicode && (m.n - 4) % 2 != 0)
		put_zeros(&m, 1);
	static const char *const texts[] = {"eve", "DOM"};
	for (int i = 0; i < 2; i++) {
		if (unicode)
			put_utf16(&m, texts[i]);
		else
			put_text(&m, texts[i]);
		put_zeros(&m, unicode ? 2 : 1);
	}
	set_le16(&m, at, m.n - at - 2);
	frame_send(p, 0, 0);
	say_words(p, 1, 0x73, 0, 0, "03 ff00 0000 0100 0000");
}

static void tree_connect(struct play *p, const char *path, const char *service)
{
	header(0x75, 0, false, 0);
	put_hex(&m, "04 ff00 0000 0800 0100");
	put_name("00", path);
	frame_send(p, 0, 0);
	header(0x75, 0, true, 5);
	put_hex(&m, "03 ff00 0000 0100 0000");
	size_t n = m.n;
	put_text(&m, service);
	put_zeros(&m, 1);
	if (unicode && (m.n - 4) % 2 != 0)
		put_zeros(&m, 1);
	if (unicode)
		put_utf16(&m, "NTFS");
	else
		put_text(&m, "NTFS");
	put_zeros(&m, 2);
	set_le16(&m, n - 2, m.n - n);
	frame_send(p, 1, 0);
}

static void open_file(struct play *p, const char *name, size_t step)
{
	header(0xa2, 0, false, 5);
	put_hex(&m, "18 ff00 0000 00 0000");
	put_zeros(&m, 41);
	put_name("", name);
	frame_send(p, 0, step);
	header(0xa2, 0, true, 5);
	put_hex(&m, "22 ff00 0000 00 0140 01000000");
	for (int i = 0; i < 4; i++)
		put_le(&m, UINT64_C(116444736000000000) + (uint64_t)i * 10000000, 8);
	put_hex(&m, "80000000 0000000000000000 4400000000000000 0000 0000 00 0000");
	frame_send(p, 1, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct play *p = start();
		unicode = i % 2 == 0;
		m.n = 0;
		put_hex(&m, "81000044");
		for (int name = 0; name < 2; name++) {
			put_text(&m, " CACACACACACACACACACACACACACACACA");
			put_zeros(&m, 1);
		}
		send_msg(p, 0, &m, 0);
		say(p, 1, "82000000");
		negotiate(p);
		log_on(p);
		tree_connect(p, "\\\\srv\\data", "A:");
		open_file(p, "\\eicar", i < 2 ? 0 : (size_t)i);
		say_words(p, 0, 0x2f, 0, 5,
		    "0e ff00 0000 0140 00000000 ffffffff 0000 0000 0000 0400 3f00 "
		    "00000000"
		    "0400 61626364");
		say_words(p, 1, 0x2f, 0, 5, "06 ff00 0000 0400 0000 0000 0000 0000");
		say_words(p, 0, 0x2e, 0, 5,
		    "0c ff00 0000 0140 00000000 0010 0010 00000000 0000 00000000 0000");
		say_words(p, 1, 0x2e, 0, 5,
		    "0c ff00 0000 0000 0000 0000 0700 3b00 0000 0000000000000000 0700"
		    "61626364656667");
		say_words(p, 0, 0x04, 0, 5, "03 0140 00000000 0000");
		say_words(p, 1, 0x04, 0, 5, "00 0000");
		say(p, 0, "85000000");
		play_close(p);
		play_assert(p, "\"version\":\"SMB1\",\"dialect\":\"NT LM 0.12\","
			       "\"command\":\"negotiate\"");
		play_assert(p, "\"command\":\"session_setup\",\"function\":\"guest\","
			       "\"user\":\"DOM\\\\eve\"");
		play_assert(p, "\"path\":\"\\\\\\\\srv\\\\data\",\"share_type\":\"DISK\","
			       "\"service\":\"A:\",\"native_file_system\":\"NTFS\"");
		play_assert(
		    p, "\"name\":\"\\\\eicar\",\"status\":\"SUCCESS\",\"size\":68");
		play_assert(p, "\"read_bytes\":7,\"write_bytes\":4");
		assert_int_equal(counters_of(p, "smb")->malformed, 0);
		play_end(p);
	}
}

/* Deleting and renaming, by name and by handle; an error of DOS. */
static void changes(void **state)
{
	(void)state;
	unicode = false;
	struct play *p = start();
	header(0x06, 0, false, 5);
	put_hex(&m, "01 0600");
	put_name("04", "\\gone");
	frame_send(p, 0, 0);
	header(0x06, 0x00020001, true, 5);
	set_le16(&m, 4 + 10, 0x0001);
	put_hex(&m, "00 0000");
	frame_send(p, 1, 0);
	play_assert(
	    p, "\"command\":\"delete\",\"name\":\"\\\\gone\",\"status\":\"ERRDOS 2\"");
	header(0x07, 0, false, 5);
	put_hex(&m, "01 0600 0b00 04 5c61 00 04 5c6263 00");
	frame_send(p, 0, 0);
	say_words(p, 1, 0x07, 0, 5, "00 0000");
	play_assert(
	    p, "\"command\":\"rename\",\"name\":\"\\\\bc\",\"prev_name\":\"\\\\a\"");
	open_file(p, "\\f", 0);
	say_words(p, 0, 0x32, 0, 5,
	    "0f 0600 0100 0200 0000 00 00 0000 00000000 0000 0600 4100 0100 4700 01 00 "
	    "0800"
	    "0700 01400201 0000 01");
	say_words(p, 1, 0x32, 0, 5, "00 0000");
	assert_int_equal(play_count(p, "\"command\":\"delete\""), 2);
	play_close(p);
	play_end(p);
}

/* What no ordinary client asks: a sign of an implant that answers it. */
static void odd_transactions(void **state)
{
	(void)state;
	unicode = false;
	struct play *p = start();
	say_words(p, 0, 0x32, 0, 5,
	    "0f 0c00 0000 0100 0000 00 00 0000 00000000 0000 0c00 4100 0000 4d00 01 00 "
	    "0e00"
	    "0d00 00 000000000000000000000000");
	say_words(p, 1, 0x32, 0xc0000002, 5, "00 0000");
	play_assert(p, "\"command\":\"transact\",\"function\":\"TRANS2_SESSION_SETUP\"");
	play_assert(p, "\"status\":\"NOT_IMPLEMENTED\"");
	say_words(p, 0, 0xa0, 0, 5,
	    "14 00 0000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"
	    "00000000 01 0000 0000 0000");
	say_words(p, 1, 0xa0, 0, 5, "00 0000");
	play_assert(p, "\"function\":\"0x00000000\"");
	header(0x25, 0, false, 5);
	put_hex(&m, "10 0000 0000 0000 0000 00 00 0000 00000000 0000 0000 0000 0000 0000 "
		    "02 00 5300 0000");
	put_name("", "\\PIPE\\x");
	frame_send(p, 0, 0);
	say_words(p, 1, 0x25, 0, 5, "00 0000");
	play_assert(p, "\"name\":\"\\\\PIPE\\\\x\"");
	play_close(p);
	play_end(p);
}

/* Commands in one message; the chain may only go forward. */
static void chains(void **state)
{
	(void)state;
	unicode = false;
	struct play *p = start();
	header(0x73, 0, false, 0);
	put_hex(&m, "0d 7500 4000 0040 0200 0100 00000000 0000 0000 00000000 00000000"
		    "0300 610000");
	assert_int_equal(m.n, 4 + 0x40);
	put_hex(&m, "04 ff00 0000 0000 0000");
	put_name("", "\\\\s\\t");
	frame_send(p, 0, 0);
	header(0x73, 0, true, 9);
	put_hex(&m, "03 7500 2900 0000 0000 04 ff00 0000 0000 0000 0000 0000 0000");
	frame_send(p, 1, 0);
	play_assert(p, "\"command\":\"session_setup\",\"user\":\"a\"");
	header(0x73, 0, false, 0);
	put_hex(
	    &m, "0d 7300 2000 0040 0200 0100 00000000 0000 0000 00000000 00000000 0000");
	frame_send(p, 0, 0);
	say(p, 0,
	    "00000020 ff534d42 73 00000000 08 0140 0000 0000000000000000 0000 0500 3412"
	    "6400 0100");
	assert_int_equal(counters_of(p, "smb")->truncated, 1);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(changes),
	    cmocka_unit_test(odd_transactions),
	    cmocka_unit_test(chains),
	};
	return cmocka_run_group_tests_name("proto/smb1", tests, NULL, NULL);
}
