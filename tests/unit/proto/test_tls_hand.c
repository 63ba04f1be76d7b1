/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS parser against bytes made by hand after the specifications: what OpenSSL does
 * not send any more (SSLv2, drafts of 1.3), every limit, captures that begin late, and
 * what looks like TLS.
 */
#include "tls_play.h"

/* Two whole records of application data on a side: TLS that began before the capture. */
static void late_capture(void **state)
{
	(void)state;
	static const uint8_t data[] = {23, 3, 3, 0, 2, 9, 9, 23, 3, 3, 0, 2, 9, 9};
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 0, data, sizeof(data));
	play_close(p);
	assert_int_equal(p->records[RECORD_TLS], 0);
	says(p, "service", "ssl");
	play_end(p);
}

/* ---- built by hand */

struct bytes_out {
	uint8_t b[400000];
	size_t n;
};

static void put(struct bytes_out *o, const void *p, size_t n)
{
	assert_true(n <= sizeof(o->b) - o->n);
	memcpy(o->b + o->n, p, n);
	o->n += n;
}

static void put_u24(struct bytes_out *o, size_t v)
{
	uint8_t b[3] = {(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	put(o, b, 3);
}

/* A handshake message, in records of at most 16384 bytes. */
static void put_message(struct bytes_out *o, uint8_t type, const uint8_t *body, size_t n)
{
	struct bytes_out *m = calloc(1, sizeof(*m));
	assert_non_null(m);
	put(m, &type, 1);
	put_u24(m, n);
	put(m, body, n);
	for (size_t at = 0; at < m->n; at += 16384) {
		size_t piece = m->n - at < 16384 ? m->n - at : 16384;
		uint8_t head[5] = {22, 3, 3, (uint8_t)(piece >> 8), (uint8_t)piece};
		put(o, head, 5);
		put(o, m->b + at, piece);
	}
	free(m);
}

static const uint8_t server_hello[] = {3, 3, [34] = 0, 0xc0, 0x2f, 0};

/* SSLv2's format of a client hello, answered by TLS 1.0 (RFC 5246, E.2). */
static void ssl2_hello_for_tls(void **state)
{
	(void)state;
	static const uint8_t hello[] = {0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16, 0, 0,
	    0x2f, 0, 0, 0x35, 0, 0, 5, 0, 0, 4, 1, 0, 0x80, 7, 0, 0xc0, 0, 0, 0x0a, 1, 2,
	    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t answer[] = {
	    22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, [43] = 0, 0, 0x2f, 0};
	for (size_t s = 0; s < STEPS; s++) {
		struct recording r = {.n = 0};
		record(&r, 0, hello, sizeof(hello));
		record(&r, 1, answer, sizeof(answer));
		struct play *p = played(&r, steps[s]);
		says(p, "version", "TLSv10");
		says(p, "client_version", "TLSv10");
		says(p, "cipher", "TLS_RSA_WITH_AES_128_CBC_SHA");
		says(p, "service", "ssl");
		assert_int_equal(play_count(p, "\"ja3\""), 0);
		assert_int_equal(play_count(p, "\"ja4\""), 0);
		play_end(p);
		forget(&r);
	}
}

/* SSLv2 to the end (Hickman 1995): hello, hello with a certificate, master key. */
static void ssl2_throughout(void **state)
{
	(void)state;
	static const uint8_t hello[] = {0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80,
	    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t answer[] = {0x80, 35, 4, 0, 1, 0, 2, 0, 5, 0, 3, 0, 16, 0x30,
	    3, 1, 2, 3, 1, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	    16};
	static const uint8_t key[] = {0x80, 10, 2, 1, 0, 0x80, 0, 0, 0, 0, 0, 0};
	struct recording r = {.n = 0};
	record(&r, 0, hello, sizeof(hello));
	record(&r, 1, answer, sizeof(answer));
	record(&r, 0, key, sizeof(key));
	for (size_t s = 0; s < STEPS; s++) {
		struct play *p = played(&r, steps[s]);
		says(p, "version", "SSLv2");
		says(p, "cipher", "SSL_CK_RC4_128_WITH_MD5");
		play_assert(p, "\"established\":true");
		assert_int_equal(p->records[RECORD_CERT], 1);
		play_end(p);
	}
	forget(&r);
}

/* A server hello of a draft of TLS 1.3: no session id, no compression method. */
static void draft_server_hello(void **state)
{
	(void)state;
	static const uint8_t body[] = {
	    0x7f, 18, [33] = 0, 0x13, 0x01, 0, 6, 0, 40, 0, 2, 0, 29};
	struct bytes_out *o = calloc(1, sizeof(*o));
	assert_non_null(o);
	put_message(o, 2, body, sizeof(body));
	struct recording r = {.n = 0};
	record(&r, 1, o->b, o->n);
	struct play *p = played(&r, 1460);
	says(p, "version", "TLSv13-draft18");
	says(p, "cipher", "TLS_AES_128_GCM_SHA256");
	says(p, "curve", "x25519");
	play_end(p);
	forget(&r);
	free(o);
}

/* ---- limits */

/* A chain that is too long, sent twice: the limit is that of the side. */
static void chain_limit(void **state)
{
	(void)state;
	struct bytes_out *chain = calloc(1, sizeof(*chain));
	struct bytes_out *o = calloc(1, sizeof(*o));
	assert_non_null(chain);
	assert_non_null(o);
	put_u24(chain, (TLS_CERTS_MAX + 1) * 5);
	for (int i = 0; i <= TLS_CERTS_MAX; i++)
		put(chain, "\0\0\2\x30\0", 5);
	put_message(o, 2, server_hello, sizeof(server_hello));
	put_message(o, 11, chain->b, chain->n);
	put_message(o, 11, chain->b, chain->n);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 1, o->b, o->n);
	play_close(p);
	assert_int_equal(p->records[RECORD_CERT], TLS_CERTS_MAX);
	play_assert(p, "\"cert_count\":17");
	for (size_t i = 0; i < proto_count(); i++) {
		if (strcmp(proto_name(i), "ssl") == 0)
			assert_int_equal(proto_counters(p->proto, i)->over_limit,
			    1 + TLS_CERTS_MAX + 1);
	}
	play_end(p);
	free(chain);
	free(o);
}

static void certificate_bytes_limit(void **state)
{
	(void)state;
	struct bytes_out *chain = calloc(1, sizeof(*chain));
	struct bytes_out *o = calloc(1, sizeof(*o));
	assert_non_null(chain);
	assert_non_null(o);
	size_t n = TLS_CERT_BYTES_MAX + 1;
	put_u24(chain, n + 3);
	put_u24(chain, n);
	chain->n += n;
	put_message(o, 2, server_hello, sizeof(server_hello));
	put_message(o, 11, chain->b, chain->n);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	for (size_t at = 0; at < o->n; at += 1000)
		play_send(p, 1, o->b + at, o->n - at < 1000 ? o->n - at : 1000);
	play_close(p);
	assert_int_equal(p->records[RECORD_CERT], 0);
	play_assert(p, "\"cert_count\":1");
	play_end(p);
	free(chain);
	free(o);
}

/* A message that says it is longer than the limit
 * ends its side at once, and holds nothing. */
static void message_limit(void **state)
{
	(void)state;
	uint8_t long_message[] = {22, 3, 3, 0, 4, 11, 4, 0, 0};
	struct bytes_out *o = calloc(1, sizeof(*o));
	assert_non_null(o);
	put_message(o, 2, server_hello, sizeof(server_hello));
	put(o, long_message, sizeof(long_message));
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 1, o->b, o->n);
	play_close(p);
	play_assert(p, "bad handshake message");
	assert_int_equal(play_count(p, "\"established\""), 0);
	play_end(p);
	free(o);
}

static void long_server_name(void **state)
{
	(void)state;
	enum { NAME = 2 * TLS_TEXT_MAX };
	struct bytes_out *o = calloc(1, sizeof(*o));
	struct bytes_out *body = calloc(1, sizeof(*body));
	assert_non_null(o);
	assert_non_null(body);
	static const uint8_t head[] = {3, 3, [34] = 0, 0, 2, 0x13, 0x01, 1, 0};
	put(body, head, sizeof(head));
	uint8_t sizes[] = {(NAME + 9) >> 8, (NAME + 9) & 0xff, 0, 0, (NAME + 5) >> 8,
	    (NAME + 5) & 0xff, (NAME + 3) >> 8, (NAME + 3) & 0xff, 0, NAME >> 8,
	    NAME & 0xff};
	put(body, sizes, sizeof(sizes));
	for (int i = 0; i < NAME; i++)
		put(body, "A", 1);
	put_message(o, 1, body->b, body->n);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 0, o->b, o->n);
	play_close(p);
	char wanted[TLS_TEXT_MAX + 16];
	memset(wanted, 'a', sizeof(wanted));
	memcpy(wanted, "\"sni\":\"", 7);
	memcpy(wanted + 7 + TLS_TEXT_MAX, "\"", 2);
	play_assert(p, wanted);
	play_end(p);
	free(o);
	free(body);
}

/* ---- heartbeats (RFC 6520) */

/* A record of n bytes, of which the first ones are given. */
static void put_record(
    struct bytes_out *o, uint8_t type, const void *head, size_t head_n, size_t n)
{
	uint8_t record[5] = {type, 3, 3, (uint8_t)(n >> 8), (uint8_t)n};
	static const uint8_t zeros[2048];
	put(o, record, sizeof(record));
	put(o, head, head_n);
	put(o, zeros, n - head_n);
}

static void put_beat(struct bytes_out *o, uint8_t type, size_t payload, size_t n)
{
	const uint8_t head[] = {type, (uint8_t)(payload >> 8), (uint8_t)payload};
	put_record(o, 24, head, sizeof(head), n);
}

/* Both hellos, then these bytes of either side, one after the other. */
static struct play *beaten(
    const struct bytes_out *asked, const struct bytes_out *back, size_t step)
{
	static const uint8_t client[] = {
	    22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, [43] = 0, 0, 2, 0, 0x2f, 1, 0};
	struct bytes_out *o = calloc(1, sizeof(*o));
	struct recording r = {.n = 0};
	assert_non_null(o);
	put_message(o, 2, server_hello, sizeof(server_hello));
	record(&r, 0, client, sizeof(client));
	record(&r, 1, o->b, o->n);
	record(&r, 0, asked->b, asked->n);
	if (back->n > 0)
		record(&r, 1, back->b, back->n);
	struct play *p = played(&r, step);
	forget(&r);
	free(o);
	return p;
}

/* Claims more than it carries, and is answered; the same in any pieces. */
static void heartbeat_answered(void **state)
{
	(void)state;
	struct bytes_out *asked = calloc(1, sizeof(*asked));
	struct bytes_out *back = calloc(1, sizeof(*back));
	assert_true(asked != NULL && back != NULL);
	put_beat(asked, 1, 16384, 3);
	put_beat(back, 2, 1000, 1019);
	for (size_t s = 0; s < STEPS; s++) {
		struct play *p = beaten(asked, back, steps[s]);
		play_assert(p, "claims=1 claimed=16384 carried=3 answers=1 answered=1019 "
			       "encrypted=0 side=0");
		assert_int_equal(play_count(p, "\"heartbeat\""), 1);
		play_end(p);
	}
	free(asked);
	free(back);
}

/* As long as it says, with its padding: nothing to tell. And one too long, in vain. */
static void heartbeat_honest(void **state)
{
	(void)state;
	struct bytes_out *asked = calloc(1, sizeof(*asked));
	struct bytes_out *back = calloc(1, sizeof(*back));
	assert_true(asked != NULL && back != NULL);
	put_beat(asked, 1, 40, 3 + 40 + 16);
	put_beat(back, 2, 40, 3 + 40 + 16);
	struct play *p = beaten(asked, back, 7);
	assert_int_equal(play_count(p, "\"heartbeat\""), 0);
	play_end(p);
	asked->n = back->n = 0;
	put_beat(asked, 1, 41, 3 + 40 + 16);
	p = beaten(asked, back, 7);
	play_assert(p, "claims=1 claimed=41 carried=59 answers=0 answered=0");
	play_end(p);
	free(asked);
	free(back);
}

/* Behind ChangeCipherSpec the lengths of the records are all there is; and the handshake
 * counts as done whatever follows it. */
static void heartbeat_encrypted(void **state)
{
	(void)state;
	for (size_t longer = 0; longer < 2; longer++) {
		struct bytes_out *asked = calloc(1, sizeof(*asked));
		struct bytes_out *back = calloc(1, sizeof(*back));
		assert_true(asked != NULL && back != NULL);
		put_record(asked, 20, "\1", 1, 1);
		put_record(asked, 22, "", 0, 40);
		put_record(back, 20, "\1", 1, 1);
		put_record(back, 22, "", 0, 40);
		put_record(asked, 24, "", 0, 48);
		put_record(back, 24, "", 0, longer != 0 ? 1000 : 48);
		struct play *p = beaten(asked, back, 1460);
		assert_int_equal(play_count(p, "\"heartbeat\""), longer);
		play_assert(p, "\"established\":true");
		if (longer != 0)
			play_assert(p, "claims=1 claimed=0 carried=48 answers=1 "
				       "answered=1000 encrypted=1 side=0");
		play_end(p);
		free(asked);
		free(back);
	}
}

/* ---- which bytes look like TLS */

extern const struct proto_parser tls_parser;

static enum probe probe(const void *p, size_t n)
{
	struct flow f = {.proto = IP_PROTO_TCP};
	return tls_parser.probe(&f, 0, bytes_over(p, n));
}

static void probes(void **state)
{
	(void)state;
	static const uint8_t hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
	for (size_t n = 0; n < sizeof(hello); n++)
		assert_int_equal(probe(hello, n), PROBE_MORE);
	assert_int_equal(probe(hello, sizeof(hello)), PROBE_YES);
	assert_int_equal(probe("\x15\x03\x01\x00\x02\x02\x28", 7), PROBE_YES);
	assert_int_equal(probe("\x15\x03\x01\x00\x02\x03\x28", 7), PROBE_NO);
	assert_int_equal(probe("\x16\x04", 2), PROBE_NO);
	assert_int_equal(probe("GET / HTTP/1.1", 14), PROBE_NO);
	assert_int_equal(probe("SSH-2.0-x", 9), PROBE_NO);
	assert_int_equal(probe("\x16\x03\x01\xff\xff", 5), PROBE_NO);
	assert_int_equal(probe("\x80\x2e\x01\x03\x01", 5), PROBE_MORE);
	assert_int_equal(probe("\x80\x2e\x03", 3), PROBE_NO);
	/* Lengths that do not add up. */
	assert_int_equal(probe("\x80\x2f\x01\x03\x01\0\x15\0\0\0\x10\0\0", 13), PROBE_NO);
	assert_int_equal(
	    probe("\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10\0\0", 13), PROBE_YES);
	assert_int_equal(probe("\x17\x03\x03\0\x02\0\0", 7), PROBE_YES);
	assert_int_equal(probe("\x17\x03\x03\0\x02\0\0\x17\x03\x09\0\0", 12), PROBE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(late_capture),
	    cmocka_unit_test(ssl2_hello_for_tls),
	    cmocka_unit_test(ssl2_throughout),
	    cmocka_unit_test(draft_server_hello),
	    cmocka_unit_test(chain_limit),
	    cmocka_unit_test(certificate_bytes_limit),
	    cmocka_unit_test(message_limit),
	    cmocka_unit_test(long_server_name),
	    cmocka_unit_test(heartbeat_answered),
	    cmocka_unit_test(heartbeat_honest),
	    cmocka_unit_test(heartbeat_encrypted),
	    cmocka_unit_test(probes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
