/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after RFC 4253 and RFC 4419;
 * the digests were computed with Python's hashlib. */
#include "play.h"

#define SAY(p, side, text) play_send(p, side, text, sizeof(text) - 1)

#define CLIENT_HASSH "fa27f25987b28c7f4750f0339a89b44f"
#define SERVER_HASSH "00391e9d81b3b3394837f94f8151861d"

static const char *const client_lists[10] = {
    "curve25519-sha256,diffie-hellman-group-exchange-sha256,ext-info-c",
    "ssh-ed25519,ssh-rsa", "aes128-ctr,aes256-ctr", "aes256-ctr",
    "hmac-sha2-256,hmac-sha1", "hmac-sha1", "none,zlib", "none", "", ""};
static const char *const server_lists[10] = {
    "diffie-hellman-group-exchange-sha256,curve25519-sha256", "ssh-rsa",
    "aes256-ctr,aes128-ctr", "aes256-gcm@openssh.com", "hmac-sha1,hmac-sha2-256-etm",
    "hmac-md5", "none", "zlib@openssh.com,none", "", ""};

struct msg {
	uint8_t b[40000];
	size_t n;
};

static void put(struct msg *m, const void *p, size_t n)
{
	assert_true(n <= sizeof(m->b) - m->n);
	memcpy(m->b + m->n, p, n);
	m->n += n;
}

static void put32(struct msg *m, size_t v)
{
	put(m,
	    (uint8_t[]){
		(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v},
	    4);
}

/* A binary packet around a payload, with 4 bytes of padding. */
static void put_packet(struct msg *m, const void *payload, size_t n)
{
	put32(m, n + 5);
	put(m, "\4", 1);
	put(m, payload, n);
	put(m, "\0\0\0\0", 4);
}

static void put_kexinit(struct msg *m, const char *const lists[10])
{
	static struct msg payload;
	payload.n = 0;
	put(&payload,
	    "\x14"
	    "0123456789abcdef",
	    17);
	for (int i = 0; i < 10; i++) {
		put32(&payload, strlen(lists[i]));
		put(&payload, lists[i], strlen(lists[i]));
	}
	put(&payload, "\0\0\0\0\0", 5);
	put_packet(m, payload.b, payload.n);
}

/* A reply of that number, whose host key is a fixed blob. */
static void put_reply(struct msg *m, uint8_t number)
{
	static const char rest[] = "\0\0\0\x10\0\0\0\7ssh-rsa-blob\0\0\0\1f\0\0\0\1s";
	uint8_t payload[sizeof(rest)];
	payload[0] = number;
	memcpy(payload + 1, rest, sizeof(rest) - 1);
	put_packet(m, payload, sizeof(payload));
}

static struct play *start(uint16_t port)
{
	return play_start(IP_PROTO_TCP, port);
}

static void handshake(struct play *p, size_t step)
{
	static struct msg c, s;
	c.n = s.n = 0;
	put(&c, "SSH-2.0-OpenSSH_9.7\r\n", 21);
	put_kexinit(&c, client_lists);
	put(&s, "SSH-1.99-srv comment\n", 21);
	put_kexinit(&s, server_lists);
	put_reply(&s, 31);
	put_packet(&s, "\x15", 1);
	for (size_t i = 0; i < c.n; i += step)
		play_send(p, 0, c.b + i, i + step < c.n ? step : c.n - i);
	for (size_t i = 0; i < s.n; i += step)
		play_send(p, 1, s.b + i, i + step < s.n ? step : s.n - i);
}

static void check(struct play *p)
{
	assert_int_equal(p->records[RECORD_SSH], 1);
	play_assert(p, "\"version\":2,\"client\":\"SSH-2.0-OpenSSH_9.7\"");
	play_assert(p, "\"server\":\"SSH-1.99-srv comment\"");
	play_assert(p,
	    "\"cipher\":\"aes128-ctr\",\"mac\":\"hmac-sha1\",\"compression\":\"none\"");
	play_assert(p, "\"kex\":\"curve25519-sha256\",\"host_key_alg\":\"ssh-rsa\"");
	play_assert(
	    p, "\"host_key\":\"01:16:4b:5c:d1:f8:86:7e:e2:65:b7:d5:6d:05:c1:c0\"");
	play_assert(
	    p, "\"hassh\":\"" CLIENT_HASSH "\",\"hassh_server\":\"" SERVER_HASSH "\"");
}

/* On any port, however the bytes are cut; emitted with the client's NEWKEYS. */
static void whole_handshake(void **state)
{
	(void)state;
	for (size_t step = 1; step < 1500; step = step * 3 + 1) {
		struct play *p = start(2222);
		handshake(p, step);
		assert_int_equal(p->records[RECORD_SSH], 0);
		static struct msg m;
		m.n = 0;
		put_packet(&m, "\x15", 1);
		put(&m, "encrypted", 9);
		play_send(p, 0, m.b, m.n);
		check(p);
		SAY(p, 1, "encrypted");
		play_close(p);
		play_assert(p, "\"service\":\"ssh\"");
		assert_int_equal(p->records[RECORD_SSH], 1);
		play_end(p);
	}
}

/* With group exchange, message 31 brings a group and 33 the host key (RFC 4419, 3). */
static void group_exchange(void **state)
{
	(void)state;
	static struct msg m;
	const char *lists[10];
	memcpy(lists, client_lists, sizeof(lists));
	lists[0] = "diffie-hellman-group-exchange-sha256";
	for (int brings = 0; brings < 2; brings++) {
		struct play *p = start(22);
		m.n = 0;
		put(&m, "SSH-2.0-a\r\n", 11);
		put_kexinit(&m, lists);
		play_send(p, 0, m.b, m.n);
		m.n = 0;
		put(&m, "SSH-2.0-b\r\n", 11);
		put_kexinit(&m, server_lists);
		put_reply(&m, brings ? 33 : 31);
		play_send(p, 1, m.b, m.n);
		play_close(p);
		assert_int_equal(play_count(p, "\"host_key\":"), brings);
		play_end(p);
	}
}

static void lines_before_the_banner(void **state)
{
	(void)state;
	struct play *p = start(22);
	SAY(p, 1, "Welcome\r\nAuthorised use ");
	SAY(p, 1, "only\r\nSSH-2.0-x\r\n");
	SAY(p, 0, "SSH-2.0-y\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SSH], 1);
	play_assert(p, "\"client\":\"SSH-2.0-y\",\"server\":\"SSH-2.0-x\"");
	play_end(p);
}

static void check_versions(const char *client, const char *server, const char *wanted)
{
	struct play *p = start(22);
	if (client != NULL)
		play_send(p, 0, client, strlen(client));
	if (server != NULL)
		play_send(p, 1, server, strlen(server));
	play_close(p);
	assert_int_equal(p->records[RECORD_SSH], 1);
	if (wanted != NULL)
		play_assert(p, wanted);
	else
		assert_int_equal(play_count(p, "\"version\""), 0);
	play_end(p);
}

static void versions(void **state)
{
	(void)state;
	check_versions("SSH-1.5-a\n", "SSH-1.5-b\n", "\"version\":1");
	check_versions("SSH-1.5-a\n", "SSH-1.99-b\n", "\"version\":1");
	check_versions("SSH-1.99-a\n", "SSH-2.0-b\n", "\"version\":2");
	check_versions("SSH-2.0-a\n", "SSH-1.5-b\n", NULL);
	check_versions("SSH-2.0-a\n", NULL, NULL);
	check_versions(NULL, "SSH-2.0-a\n", NULL);
}

static const struct proto_counters *counters(const struct play *p)
{
	for (size_t i = 0; i < proto_count(); i++) {
		if (strcmp(proto_name(i), "ssh") == 0)
			return proto_counters(p->proto, i);
	}
	return NULL;
}

static void limits(void **state)
{
	(void)state;
	static char text[20000];
	memset(text, 'x', sizeof(text));
	memcpy(text, "SSH-2.0-", 8);
	struct play *p = start(22); /* a banner is cut */
	play_send(p, 0, text, 1000);
	SAY(p, 0, "\r\n");
	assert_int_equal(counters(p)->over_limit, 1);
	play_close(p);
	assert_true(p->text_n < 1000);
	play_end(p);
	p = start(22); /* one without end is given up */
	for (int i = 0; i < 10; i++)
		play_send(p, 0, text, 1000);
	assert_int_equal(counters(p)->over_limit, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_SSH], 0);
	play_end(p);
	p = start(22); /* a packet longer than any */
	SAY(p, 0, "SSH-2.0-a\r\n\0\1\0\0\4\x14");
	assert_int_equal(counters(p)->malformed, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_SSH], 1);
	play_end(p);
}

/* Lengths that contradict each other: the record of the banners stays. */
static void malformed(void **state)
{
	(void)state;
	static const char *const wrong[] = {"\0\0\0\1\0\x14", "\0\0\0\x0c\x0b\x14",
	    "\0\0\0\x1c\4\x14"
	    "0123456789abcdef\xff\xff\xff\xff\0\0\0\0\0"};
	static const size_t n[] = {6, 6, 32};
	for (size_t i = 0; i < 3; i++) {
		struct play *p = start(22);
		SAY(p, 0, "SSH-2.0-a\r\n");
		play_send(p, 0, wrong[i], n[i]);
		SAY(p, 0, "0123456789abcdef");
		assert_int_equal(counters(p)->malformed, 1);
		play_close(p);
		assert_int_equal(p->records[RECORD_SSH], 1);
		play_end(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_handshake),
	    cmocka_unit_test(group_exchange),
	    cmocka_unit_test(lines_before_the_banner),
	    cmocka_unit_test(versions),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(malformed),
	};
	return cmocka_run_group_tests_name("proto/ssh", tests, NULL, NULL);
}
