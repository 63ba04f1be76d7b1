/* SPDX-License-Identifier: Apache-2.0 */
/* MongoDB: messages after its wire protocol, documents after BSON 1.1. */
#include "proto/db/bson.h"
#include "proto/db/db.h"
#include "win_play.h"

static struct msg m; /* the elements of a document, and then the whole message */

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 27018);
}

static void put_name(unsigned type, const char *name)
{
	put_le(&m, type, 1);
	put(&m, name, strlen(name) + 1);
}

static void put_string(const char *name, const char *text)
{
	put_name(2, name);
	put_le(&m, strlen(text) + 1, 4);
	put(&m, text, strlen(text) + 1);
}

static void put_int(const char *name, uint32_t n)
{
	put_name(16, name);
	put_le(&m, n, 4);
}

static void put_double(const char *name, double d)
{
	put_name(1, name);
	put(&m, &d, 8);
}

/* Begin a document in the one at hand; where it begins. */
static size_t open_document(unsigned type, const char *name)
{
	put_name(type, name);
	put_le(&m, 0, 4);
	return m.n - 4;
}

static void close_document(size_t at)
{
	put_le(&m, 0, 1);
	m.b[at] = (uint8_t)(m.n - at);
	m.b[at + 1] = (uint8_t)((m.n - at) >> 8);
}

/* Send the elements at hand as a message: a head of hexadecimal digits before them. */
static void message(struct play *p, int side, uint32_t ids[2], uint32_t operation,
    const char *head, size_t step)
{
	static struct msg out;
	uint8_t h[HEX_MAX];
	size_t n = unhex(head, h);
	out.n = 0;
	put_le(&out, 16 + n + 5 + m.n, 4);
	put_le(&out, ids[0], 4);
	put_le(&out, ids[1], 4);
	put_le(&out, operation, 4);
	put(&out, h, n);
	put_le(&out, m.n + 5, 4);
	put(&out, m.b, m.n);
	put_le(&out, 0, 1);
	m.n = 0;
	send_msg(p, side, &out, step);
}

static void ask(struct play *p, uint32_t id, size_t step)
{
	put_string("$db", "sales");
	message(p, 0, (uint32_t[]){id, 0}, 2013, "00000000 00", step);
}

static void tell(struct play *p, uint32_t id, size_t step)
{
	message(p, 1, (uint32_t[]){9, id}, 2013, "00000000 00", step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 3; step < 400; step *= 11) {
		struct play *p = start();
		put_int("hello", 1);
		size_t client = open_document(3, "client");
		size_t driver = open_document(3, "driver");
		put_string("name", "drv");
		put_string("version", "1.2");
		close_document(driver);
		close_document(client);
		ask(p, 1, step);
		put_double("ok", 1);
		tell(p, 1, step);
		put_int("saslStart", 1);
		put_string("mechanism", "SCRAM-SHA-256");
		put_name(5, "payload");
		put_le(&m, 15, 4);
		put_le(&m, 0, 1);
		put_text(&m, "n,,n=bob,r=tops");
		ask(p, 2, step);
		put_double("ok", 1);
		put_name(8, "done");
		put_le(&m, 1, 1);
		tell(p, 2, step);
		put_string("find", "users");
		size_t filter = open_document(3, "filter");
		put_string("name", "a\"b");
		put_string("pwd", "topsy");
		size_t in = open_document(4, "n");
		put_int("0", 5);
		put_name(10, "1");
		close_document(in);
		close_document(filter);
		ask(p, 3, step);
		size_t cursor = open_document(3, "cursor");
		size_t batch = open_document(4, "firstBatch");
		put_int("0", 1);
		put_int("1", 1);
		close_document(batch);
		close_document(cursor);
		put_int("ok", 1);
		tell(p, 3, step);
		put_string("drop", "x");
		ask(p, 4, step);
		put_double("ok", 0);
		put_string("errmsg", "ns not found");
		put_int("code", 26);
		put_string("codeName", "NamespaceNotFound");
		tell(p, 4, step);
		play_close(p);
		play_assert(p, "\"user\":\"bob\",\"mechanism\":\"scram-sha-256\","
			       "\"success\":true,\"client\":\"drv 1.2\",\"target\":"
			       "\"sales\"");
		play_assert(p, "\"command\":\"find\",\"argument\":\"{filter: {name: "
			       "\\\"a\\\\\\\"b\\\", pwd: REDACTED, n: [5, null]}, $db: "
			       "\\\"sales\\\"}\",\"object\":\"sales.users\",\"success\":"
			       "true,\"rows\":2");
		play_assert(p,
		    "\"command\":\"drop\",\"argument\":\"{$db: "
		    "\\\"sales\\\"}\",\"object\":\"sales.x\",\"success\":false,"
		    "\"code\":\"NamespaceNotFound\",\"response\":"
		    "\"ns not found\"");
		assert_int_equal(play_count(p, "tops"), 0);
		play_assert(p, "\"service\":\"mongodb\"");
		play_end(p);
	}
}

static void old_operations(void **state)
{
	(void)state;
	struct play *p = start();
	put_int("buildInfo", 1);
	message(p, 0, (uint32_t[]){1, 0}, 2004,
	    "00000000 61646d696e2e24636d6400 00000000 ffffffff", 0);
	put_string("version", "3.6.1");
	put_int("ok", 1);
	message(p, 1, (uint32_t[]){9, 1}, 1,
	    "00000000 0000000000000000 00000000 01000000", 0);
	put_int("a", 1);
	message(p, 0, (uint32_t[]){2, 0}, 2004, "00000000 782e7900 00000000 05000000", 0);
	message(p, 1, (uint32_t[]){9, 2}, 1,
	    "00000000 0000000000000000 00000000 07000000", 0);
	put_int("b", 2);
	message(p, 0, (uint32_t[]){3, 0}, 2002, "00000000 782e7900", 0);
	put_int("authenticate", 1);
	put_string("user", "al");
	put_string("key", "topsy");
	message(p, 0, (uint32_t[]){4, 0}, 2004,
	    "00000000 782e24636d6400 00000000 ffffffff", 0);
	put_int("ok", 0);
	put_string("errmsg", "auth failed");
	message(p, 1, (uint32_t[]){9, 4}, 1,
	    "00000000 0000000000000000 00000000 01000000", 0);
	message(p, 0, (uint32_t[]){5, 0}, 2012, "dd070000 00000000 02", 0);
	play_close(p);
	play_assert(p, "\"command\":\"query\",\"argument\":\"{a: 1}\",\"object\":\"x.y\","
		       "\"success\":true,\"rows\":7");
	play_assert(
	    p, "\"command\":\"insert\",\"argument\":\"{b: 2}\",\"object\":\"x.y\"");
	play_assert(p, "\"user\":\"al\",\"success\":false,\"status\":\"auth failed\","
		       "\"server\":\"3.6.1\",\"target\":\"x\"");
	assert_int_equal(play_count(p, "topsy"), 0);
	assert_int_equal(play_counters(p, "mongodb")->unsupported, 1);
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (uint32_t i = 0; i < DB_WAITING_MAX + 1; i++) {
		put_int("ping", 1);
		ask(p, 10 + i, 0);
	}
	assert_int_equal(play_counters(p, "mongodb")->over_limit, 1);
	put_double("ok", 1);
	tell(p, 12, 0); /* not in order */
	assert_int_equal(play_count(p, "\"success\":true"), 1);
	p->sink.gap(p->sink.ctx, &p->flow, 1, 3);
	assert_int_equal(p->records[RECORD_DB], DB_WAITING_MAX + 1);
	/* more documents in documents than are written out */
	size_t at[BSON_DEPTH_MAX + 4];
	put_int("find", 1);
	for (int i = 0; i < BSON_DEPTH_MAX + 4; i++)
		at[i] = open_document(3, "d");
	for (int i = BSON_DEPTH_MAX + 3; i >= 0; i--)
		close_document(at[i]);
	ask(p, 90, 0);
	put_double("ok", 1);
	tell(p, 90, 0);
	play_assert(p, "d: {d: ?}");
	for (int i = 0; i < 20; i++)
		play_send(p, 0, "no message at all", 17);
	play_close(p);
	assert_true(play_counters(p, "mongodb")->malformed > 0);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 27017,
	    "2f000000 01000000 00000000 dd070000 00000000 00 1a000000 02 66696e6400 "
	    "0200000061000b 2f00612f00 08 62 00 01 00");
	play_close(p);
	play_end(p);
}

static void values(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 16);
	m.n = 0;
	put_hex(
	    &m, "07 6100 000102030405060708090a0b 08 6200 00 09 6300 0500000000000000");
	put_hex(&m, "0b 6400 78 00 69 00 0d 6500 02000000 7a00 12 6600 ffffffffffffffff");
	put_hex(&m,
	    "05 6700 02000000 00 0102 ff 6800 13 6900 00112233445566778899aabbccddeeff");
	put_double("j", 0.5);
	struct str s = bson_json(&a, bytes_over(m.b, m.n), 1000);
	const char *wanted =
	    "{a: 000102030405060708090a0b, b: false, c: 5, d: /x/, e: \"z\","
	    " f: -1, g: <2 bytes>, h: ?, i: ?, j: 0.5}";
	if (!str_equal(s, str_of(wanted)))
		fail_msg("%.*s", STR_ARG(s));
	for (size_t i = 0; i < m.n; i++)
		bson_json(&a, bytes_over(m.b, i), 20);
	struct bson e;
	assert_false(bson_find(bytes_over("\x20\0", 2), "a", &e)); /* no such type */
	assert_int_equal(bson_open(bytes_over("\4\0\0\0", 4)).left, 0);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(old_operations),
	    cmocka_unit_test(gaps_and_limits),
	    cmocka_unit_test(values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
