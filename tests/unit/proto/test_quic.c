/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUIC: the sample packets of RFC 9001 and RFC 9369, and conversations that are sealed
 * here with the same keys: pieces out of order, Retry, negotiation, damage, limits.
 */
#include "play.h"

#include <openssl/evp.h>

#include "proto/shared/digest.h"
#include "proto/tls/quic.c" /* NOLINT: its static functions */

#define PACKET_MAX 4096

static void assert_hex(const uint8_t *p, size_t n, const char *text)
{
	char have[200];
	for (size_t i = 0; i < n; i++)
		snprintf(have + 2 * i, 3, "%02x", p[i]);
	assert_string_equal(have, text);
}

/* RFC 9001, A.1, and RFC 9369, A.1. */
static void test_keys_of_the_standards(void **state)
{
	(void)state;
	static const uint8_t cid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
	struct quic_version v;
	struct quic_keys k;
	uint8_t secret[QUIC_SECRET_BYTES];
	assert_true(quic_version_of(1, &v));
	assert_true(quic_secret(&v, bytes_over(cid, sizeof(cid)), secret));
	assert_true(quic_keys(&v, secret, false, &k));
	assert_hex(k.key, 16, "1f369613dd76d5467730efcbe3b1a22d");
	assert_hex(k.iv, 12, "fa044b2f42a3fd3b46fb255c");
	assert_hex(k.hp, 16, "9f50449e04a0e810283a1e9933adedd2");
	assert_true(quic_keys(&v, secret, true, &k));
	assert_hex(k.key, 16, "cf3a5331653c364c88f0f379b6067e37");
	assert_hex(k.iv, 12, "0ac1493ca1905853b0bba03e");
	assert_hex(k.hp, 16, "c206b8d9b9f0f37644430b490eeaa314");
	assert_true(quic_version_of(0x6b3343cf, &v));
	assert_true(quic_secret(&v, bytes_over(cid, sizeof(cid)), secret));
	assert_true(quic_keys(&v, secret, false, &k));
	assert_hex(k.key, 16, "8b1a0bc121284290a29e0971b5cd045d");
	assert_hex(k.iv, 12, "91f73e2351d8fa91660e909f");
	assert_hex(k.hp, 16, "45b95e15235d6f45a6b19cbcb0294ba9");
}

/* RFC 9001, A.3: the server's Initial, with an ACK and its hello. */
static void test_packet_of_the_standard(void **state)
{
	(void)state;
	static const uint8_t cid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
	uint8_t raw[200], secret[QUIC_SECRET_BYTES];
	size_t n =
	    play_unhex("cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac40"
		       "6a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a18"
		       "39b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb"
		       "19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c27"
		       "6456cbc42158407dd074ee",
		raw, sizeof(raw));
	struct bytes datagram = bytes_over(raw, n), payload;
	struct quic_packet p;
	struct quic_keys k;
	struct arena a;
	arena_init(&a, 1 << 16);
	quic_packet_read(&datagram, &p);
	assert_int_equal(p.form, QUIC_LONG);
	assert_int_equal(p.type, QUIC_INITIAL);
	assert_int_equal(p.number_at, 18);
	assert_int_equal(datagram.left, 0);
	assert_true(quic_secret(&p.kind, bytes_over(cid, sizeof(cid)), secret));
	assert_true(quic_keys(&p.kind, secret, true, &k));
	assert_true(quic_open(&k, p.whole, p.number_at, &a, &payload));
	static const uint8_t begin[] = {2, 0, 0, 0, 0, 6, 0, 0x40, 0x5a, 2, 0, 0, 0x56};
	assert_memory_equal(payload.pos, begin, sizeof(begin));
	raw[n - 1] ^= 1; /* one bit, and it is no packet of this connection */
	assert_false(quic_open(&k, p.whole, p.number_at, &a, &payload));
	arena_fini(&a);
}

/* ---- packets made here */

struct sender {
	uint32_t version;
	uint8_t dcid[8], scid[4]; /* of the client's first packet */
	uint8_t number;
};

static const struct sender client_1 = {1, "client-0", "cli", 0};

struct out {
	uint8_t p[PACKET_MAX];
	size_t n;
};

static void put(struct out *o, const void *p, size_t n)
{
	assert_true(n <= sizeof(o->p) - o->n);
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void put_be(struct out *o, uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		uint8_t b = (uint8_t)(v >> 8 * bytes);
		put(o, &b, 1);
	}
}

static void seal(const struct quic_keys *k, uint8_t *packet, size_t at, uint8_t number,
    const struct out *clear)
{
	uint8_t nonce[12], mask[16], *body = packet + at + 1;
	int n = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	assert_non_null(c);
	memcpy(nonce, k->iv, sizeof(nonce));
	nonce[11] ^= number;
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, k->key, nonce);
	EVP_EncryptUpdate(c, NULL, &n, packet, (int)at + 1);
	EVP_EncryptUpdate(c, body, &n, clear->p, (int)clear->n);
	EVP_EncryptFinal_ex(c, body + n, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, body + clear->n);
	EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, k->hp, NULL);
	EVP_EncryptUpdate(c, mask, &n, packet + at + 4, 16);
	packet[0] ^= mask[0] & 0x0f;
	packet[at] ^= mask[1];
	EVP_CIPHER_CTX_free(c);
}

/* Append an Initial with these frames, sent by the client or the server of s. */
static void put_initial(
    struct out *o, struct sender *s, bool server, const struct out *frames)
{
	struct quic_version v;
	struct quic_keys k;
	uint8_t secret[QUIC_SECRET_BYTES];
	size_t start = o->n;
	assert_true(quic_version_of(s->version, &v));
	assert_true(quic_secret(&v, bytes_over(s->dcid, sizeof(s->dcid)), secret));
	assert_true(quic_keys(&v, secret, server, &k));
	put_be(o, v.second ? 0xd0 : 0xc0, 1);
	put_be(o, s->version, 4);
	put_be(o, server ? 4 : 8, 1);
	put(o, server ? s->scid : s->dcid, server ? 4 : 8);
	put_be(o, server ? 2 : 4, 1);
	put(o, server ? (const void *)"sv" : s->scid, server ? 2 : 4);
	put_be(o, 0, 1);
	put_be(o, 0x4000 | (1 + frames->n + QUIC_TAG_BYTES), 2);
	size_t at = o->n - start;
	put_be(o, ++s->number, 1);
	uint8_t *packet = o->p + start;
	o->n += frames->n + QUIC_TAG_BYTES;
	assert_true(o->n <= sizeof(o->p));
	seal(&k, packet, at, s->number, frames);
}

static void put_crypto(struct out *frames, size_t offset, const void *p, size_t n)
{
	put_be(frames, FRAME_CRYPTO, 1);
	put_be(frames, 0x80000000u | offset, 4);
	put_be(frames, 0x4000 | n, 2);
	put(frames, p, n);
}

/* A client hello with a server name and ALPN, a server hello of TLS 1.3. */
static struct out client_hello_bytes(void)
{
	static const char tail[] = "\x00\x00\x02\x13\x01\x01\x00\x00\x2b"
				   "\x00\x00\x00\x11\x00\x0f\x00\x00\x0cWWW.Example."
				   "\x00\x10\x00\x0b\x00\x09\x02h3\x05h3-29"
				   "\x00\x2b\x00\x03\x02\x03\x04";
	struct out o = {.n = 0};
	uint8_t random[32] = {7};
	put_be(&o, 0x01000000u | (2 + 32 + sizeof(tail) - 1), 4);
	put_be(&o, 0x0303, 2);
	put(&o, random, sizeof(random));
	put(&o, tail, sizeof(tail) - 1);
	return o;
}

static struct out server_hello_bytes(void)
{
	static const char tail[] = "\x00\x13\x01\x00\x00\x06\x00\x2b\x00\x02\x03\x04";
	struct out o = {.n = 0};
	uint8_t random[32] = {9};
	put_be(&o, 0x02000000u | (2 + 32 + sizeof(tail) - 1), 4);
	put_be(&o, 0x0303, 2);
	put(&o, random, sizeof(random));
	put(&o, tail, sizeof(tail) - 1);
	return o;
}

/* A datagram of one Initial with one CRYPTO frame. */
static void send_crypto(struct play *p, struct sender *s, bool server, size_t offset,
    const uint8_t *bytes, size_t n)
{
	struct out frames = {.n = 0}, o = {.n = 0};
	put_crypto(&frames, offset, bytes, n);
	put_initial(&o, s, server, &frames);
	play_send(p, server, o.p, o.n);
}

/* Both hellos, their packets beside others, until both sides are done. */
static void converse(struct play *p, uint32_t version)
{
	struct sender s = client_1;
	s.version = version;
	struct out hello = client_hello_bytes(), answer = server_hello_bytes();
	send_crypto(p, &s, false, 40, hello.p + 40, hello.n - 40);
	send_crypto(p, &s, false, 20, hello.p + 20, 40); /* overlaps */
	send_crypto(p, &s, false, 0, hello.p, 20);
	struct out frames = {.n = 0}, o = {.n = 0};
	put(&frames, "\x02\x00\x00\x00\x00\x01", 6); /* ACK, PING */
	put_crypto(&frames, 0, answer.p, answer.n);
	put_initial(&o, &s, true, &frames);
	put_be(&o, version == 1 ? 0xe0 : 0xf0, 1); /* a Handshake behind it */
	put_be(&o, version, 4);
	put(&o,
	    "\x04"
	    "cli\0"
	    "\x02"
	    "sv"
	    "\x40\x20",
	    10);
	put(&o, "0123456789abcdef0123456789abcdef", 32);
	put(&o, "\x40 short", 7);
	play_send(p, 1, o.p, o.n);
	play_send(p, 0, "\x41 short", 7);
}

static void test_conversation(void **state)
{
	(void)state;
	static const uint32_t versions[] = {1, 0x6b3343cf};
	for (size_t i = 0; i < 2; i++) {
		struct play *p = play_start(IP_PROTO_UDP, 443);
		converse(p, versions[i]);
		assert_int_equal(p->records[RECORD_QUIC], 1); /* written at once: done */
		play_send(p, 0, "\x41 more", 6);
		play_close(p);
		play_assert(p, i == 0 ? "\"version\":\"1\"" : "\"version\":\"quicv2\"");
		play_assert(p, "\"client_initial_dcid\":\"636c69656e742d30\"");
		play_assert(p, "\"client_scid\":\"636c6900\",\"server_scid\":\"7376\"");
		play_assert(
		    p, "\"server_name\":\"www.example\",\"client_protocol\":\"h3\"");
		play_assert(p, "\"history\":\"IIISishoO\"");
		play_assert(p, "\"table\":\"tls\"");
		play_assert(p, "\"version\":\"TLSv13\"");
		play_assert(p, "\"established\":true");
		play_assert(p, "\"ja4\":\"q13d0103h3_");
		play_assert(p, "\"service\":\"quic,ssl\"");
		assert_int_equal(play_counters(p, "quic")->understood, 2);
		assert_int_equal(play_counters(p, "quic")->malformed, 0);
		play_end(p);
	}
}

/* After a Retry the client takes another id, and with it other keys. */
static void test_retry_and_negotiation(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 443);
	struct sender s = client_1, again = {1, "server-1", "cli", 1};
	struct out hello = client_hello_bytes(), answer = server_hello_bytes();
	send_crypto(p, &s, false, 0, hello.p, 30);
	play_send(p, 1, "\xf0\0\0\0\1\4cli\0\10server-1token0123456789abcdef", 39);
	send_crypto(p, &again, false, 30, hello.p + 30, hello.n - 30);
	send_crypto(p, &again, true, 0, answer.p, answer.n);
	play_close(p);
	play_assert(p, "\"history\":\"IrISis\"");
	play_assert(p, "\"client_initial_dcid\":\"636c69656e742d30\"");
	play_flow(p, IP_PROTO_UDP, 443);
	uint8_t grease[QUIC_INITIAL_MIN] = "\xc0\x1a\x2a\x3a\x4a\10client-0\4cli\0";
	play_send(p, 0, grease, sizeof(grease));
	play_send(p, 1, "\x80\0\0\0\0\4cli\0\10client-0\0\0\0\1", 24);
	s = client_1;
	send_crypto(p, &s, false, 0, hello.p, hello.n);
	play_close(p);
	play_assert(p, "\"history\":\"UIS\"");
	/* The server may go on in version 2 with the ids of version 1 (RFC 9368). */
	play_flow(p, IP_PROTO_UDP, 443);
	s = client_1;
	send_crypto(p, &s, false, 0, hello.p, hello.n);
	s.version = 0x6b3343cf;
	send_crypto(p, &s, true, 0, answer.p, answer.n);
	play_close(p);
	play_assert(p, "\"version\":\"quicv2\"");
	play_end(p);
}

static void test_damage(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 443);
	struct sender s = client_1;
	struct out frames = {.n = 0}, o = {.n = 0};
	put(&frames, "\x1f no such frame in an Initial", 30);
	put_initial(&o, &s, false, &frames);
	play_send(p, 0, o.p, o.n);
	assert_int_equal(play_counters(p, "quic")->malformed, 1);
	frames.n = o.n = 0;
	put(&frames, "\x1c\x00\x00\x00 closed for this test", 26);
	put_initial(&o, &s, false, &frames);
	play_send(p, 0, o.p, o.n);
	o.p[o.n - 1] ^= 1;
	play_send(p, 0, o.p, o.n);
	assert_int_equal(play_counters(p, "quic")->unsupported, 1);
	frames.n = o.n = 0; /* a message that is none ends its side */
	put_crypto(&frames, 0, "\x77\0\0\1x0123456789", 15);
	put_initial(&o, &s, false, &frames);
	play_send(p, 0, o.p, o.n);
	assert_int_equal(play_counters(p, "quic")->malformed, 2);
	play_close(p);
	play_assert(p, "\"history\":\"IICII\"");
	assert_int_equal(p->records[RECORD_TLS], 0);
	for (size_t n = 0; n < o.n; n++) { /* cut anywhere, nothing is over-read */
		play_flow(p, IP_PROTO_UDP, 443);
		play_send(p, 0, o.p, n);
		play_close(p);
	}
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	struct quic_stream s = {0};
	for (uint32_t i = 0; i < QUIC_PIECES_MAX; i++)
		assert_true(quic_stream_put(&s, 2 * i + 2, bytes_over("x", 1)));
	assert_false(quic_stream_put(&s, 2 * QUIC_PIECES_MAX + 2, bytes_over("x", 1)));
	assert_int_equal(quic_stream_bytes(&s).left, 0);
	for (uint32_t i = 0; i <= QUIC_PIECES_MAX; i++)
		assert_true(quic_stream_put(&s, 2 * i + 1, bytes_over("y", 1)));
	assert_true(quic_stream_put(&s, 0, bytes_over("z", 1)));
	assert_int_equal(s.pieces, 1);
	assert_int_equal(quic_stream_bytes(&s).left, 2 * QUIC_PIECES_MAX + 2);
	assert_true(quic_stream_put(&s, QUIC_CRYPTO_MAX - 1, bytes_over("x", 1)));
	assert_false(quic_stream_put(&s, QUIC_CRYPTO_MAX, bytes_over("x", 1)));
	assert_false(quic_stream_put(&s, UINT64_MAX, bytes_over("x", 1)));
	quic_stream_free(&s);

	struct play *p = play_start(IP_PROTO_UDP, 443);
	struct sender wrong = client_1;
	struct out frames = {.n = 0}, o = {.n = 0};
	put_crypto(&frames, QUIC_CRYPTO_MAX, "xxxxxxxx", 8);
	put_initial(&o, &wrong, false, &frames);
	play_send(p, 0, o.p, o.n);
	assert_int_equal(play_counters(p, "quic")->over_limit, 1);
	for (int i = 0; i < 2 * QUIC_SECRETS_MAX; i++) { /* ids that open nothing */
		o.p[6]++;
		play_send(p, 0, o.p, o.n);
	}
	assert_int_equal(play_counters(p, "quic")->unsupported, 2 * QUIC_SECRETS_MAX);
	for (int i = 0; i < QUIC_DATAGRAMS_MAX; i++) { /* two packets each */
		uint8_t two[] = "\xf0\0\0\0\1\0\0r";
		play_send(p, 1, two, sizeof(two));
	}
	assert_int_equal(play_counters(p, "quic")->over_limit, 2);
	assert_int_equal(p->records[RECORD_QUIC], 1);
	play_close(p);
	play_end(p);
	p = play_start(IP_PROTO_UDP, 443); /* a history of more letters than are kept */
	struct out many = {.n = 0};
	for (int i = 0; i <= QUIC_HISTORY_MAX; i++)
		put(&many, "\xe0\0\0\0\1\0\0\x01h", 9);
	play_send(p, 0, many.p, many.n);
	play_close(p);
	assert_int_equal(play_count(p, "HHHHHHHHHH"), QUIC_HISTORY_MAX - 9);
	play_end(p);
}

/* Google's own handshake, in clear. */
static void test_google(void **state)
{
	(void)state;
	static const char hello[] = "\x09"
				    "01234567"
				    "Q043"
				    "\x01"
				    "hash-of-12-b"
				    "\xa0\x01\x00\x00"
				    "CHLO"
				    "\x02\x00\x00\x00"
				    "PAD\0"
				    "\x03\x00\x00\x00"
				    "SNI\0"
				    "\x0e\x00\x00\x00"
				    "---"
				    "www.Example";
	struct play *p = play_start(IP_PROTO_UDP, 443);
	play_send(p, 0, hello, sizeof(hello) - 1);
	play_close(p);
	play_assert(p, "\"version\":\"Q043\"");
	play_assert(p, "\"server_name\":\"www.example\"");
	play_assert(p, "\"history\":\"IS\"");
	play_assert(p, "\"service\":\"quic\"");
	play_flow(p, IP_PROTO_UDP, 443); /* the value ends behind the datagram */
	play_send(p, 0, hello, sizeof(hello) - 3);
	play_close(p);
	assert_int_equal(play_count(p, "www.example"), 2); /* quic and conn, once */
	play_end(p);
}

static void test_names_of_versions(void **state)
{
	(void)state;
	static const struct {
		uint32_t number;
		bool known;
		const char *text;
	} cases[] = {{1, true, "1"}, {0x6b3343cf, true, "quicv2"},
	    {0x709a50c4, true, "quicv2-draft"}, {0xff000016, true, "draft-22"},
	    {0xff000017, true, "draft-23"}, {0xff00001d, true, "draft-29"},
	    {0xff000022, true, "draft-34"}, {0xff000023, false, "draft-35"},
	    {0xff000001, false, "draft-1"}, {0xfaceb001, true, "mvfst-1"},
	    {0xfaceb00e, true, "mvfst-e"}, {0x51303436, true, "Q046"},
	    {0x51303530, true, "Q050"}, {0x54303531, true, "T051"},
	    {0x51414243, false, "unknown-51414243"},
	    {0x1a2a3a4a, false, "unknown-1a2a3a4a"}};
	struct arena a;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quic_version v;
		assert_int_equal(quic_version_of(cases[i].number, &v), cases[i].known);
		struct str text = quic_version_text(&a, cases[i].number);
		assert_true(str_equal(text, str_of(cases[i].text)));
	}
	assert_true(quic_version_reserved(0x1a2a3a4a));
	assert_false(quic_version_reserved(1));
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_of_the_standards),
	    cmocka_unit_test(test_packet_of_the_standard),
	    cmocka_unit_test(test_conversation),
	    cmocka_unit_test(test_retry_and_negotiation),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_google),
	    cmocka_unit_test(test_names_of_versions),
	};
	return cmocka_run_group_tests_name("quic", tests, NULL, NULL);
}
