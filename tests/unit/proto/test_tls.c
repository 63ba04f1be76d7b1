/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS parser against OpenSSL: real handshakes are made here
 * in memory, their bytes are played to the parser in several
 * cuts, and what it says must be what OpenSSL says it agreed to.
 */
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tls_play.h"

/* ---- OpenSSL at both ends of a pair of memory buffers */

struct peers {
	SSL_CTX *server, *client;
	SSL_SESSION *session; /* to resume; owned */
	X509 *cert;
};

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
    const unsigned char *in, unsigned in_n, void *arg)
{
	(void)ssl;
	(void)arg;
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, n, ours,
		   sizeof(ours) - 1, in, in_n) == OPENSSL_NPN_NEGOTIATED
		   ? SSL_TLSEXT_ERR_OK
		   : SSL_TLSEXT_ERR_NOACK;
}

static void certificate(struct peers *p)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 42);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME *n = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(
	    n, "CN", MBSTRING_ASC, (const unsigned char *)"server.example", -1, -1, 0);
	X509_set_issuer_name(x, n);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	SSL_CTX_use_certificate(p->server, x);
	SSL_CTX_use_PrivateKey(p->server, key);
	SSL_CTX_use_certificate(p->client, x);
	SSL_CTX_use_PrivateKey(p->client, key);
	EVP_PKEY_free(key);
	p->cert = x;
}

static int accept_any(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

static struct peers peers_new(int version)
{
	struct peers p = {.server = SSL_CTX_new(TLS_server_method()),
	    .client = SSL_CTX_new(TLS_client_method())};
	assert_non_null(p.server);
	SSL_CTX_set_security_level(p.server, 0);
	SSL_CTX_set_security_level(p.client, 0);
	SSL_CTX_set_min_proto_version(p.server, version);
	SSL_CTX_set_max_proto_version(p.server, version);
	SSL_CTX_set_min_proto_version(p.client, TLS1_VERSION);
	SSL_CTX_set_alpn_select_cb(p.server, choose_alpn, NULL);
	static const unsigned char offer[] = "\x08http/1.1\x02h2";
	SSL_CTX_set_alpn_protos(p.client, offer, sizeof(offer) - 1);
	SSL_CTX_set_session_id_context(p.server, (const unsigned char *)"x", 1);
	certificate(&p);
	return p;
}

static void peers_free(struct peers *p)
{
	SSL_CTX_free(p->server);
	SSL_CTX_free(p->client);
	SSL_SESSION_free(p->session);
	X509_free(p->cert);
}

/* Move what one end wrote to the other, and record it. */
static bool move(SSL *from, SSL *to, int side, struct recording *r)
{
	unsigned char buffer[16384];
	int n = BIO_read(SSL_get_wbio(from), buffer, sizeof(buffer));
	if (n <= 0)
		return false;
	record(r, side, buffer, (size_t)n);
	assert_int_equal(BIO_write(SSL_get_rbio(to), buffer, n), n);
	return true;
}

static SSL *end_new(SSL_CTX *ctx)
{
	SSL *s = SSL_new(ctx);
	assert_non_null(s);
	SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	return s;
}

/* A whole conversation: handshake, a line each way. */
static void converse(struct peers *p, struct recording *r)
{
	SSL *client = end_new(p->client);
	SSL *server = end_new(p->server);
	char line[64];
	SSL_set_tlsext_host_name(client, "WWW.Server.Example");
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	if (p->session != NULL)
		SSL_set_session(client, p->session);
	for (int i = 0; i < 20; i++) {
		SSL_do_handshake(client);
		bool moved = move(client, server, 0, r);
		SSL_do_handshake(server);
		moved |= move(server, client, 1, r);
		if (!moved)
			break;
	}
	if (SSL_is_init_finished(client) && SSL_is_init_finished(server)) {
		SSL_write(client, "ping", 4);
		move(client, server, 0, r);
		SSL_read(server, line, sizeof(line));
		SSL_write(server, "pong", 4);
		move(server, client, 1, r);
		SSL_read(client, line, sizeof(line));
		snprintf(r->cipher, sizeof(r->cipher), "%s",
		    SSL_CIPHER_standard_name(SSL_get_current_cipher(client)));
		snprintf(r->version, sizeof(r->version), "%s", SSL_get_version(client));
		r->resumed = SSL_session_reused(client);
		SSL_SESSION_free(p->session);
		p->session = SSL_get1_session(client);
		uint8_t digest[32];
		unsigned n;
		X509_digest(p->cert, EVP_sha256(), digest, &n);
		for (unsigned i = 0; i < n; i++)
			snprintf(r->sha256 + 2 * i, 3, "%02x", digest[i]);
	}
	SSL_shutdown(client);
	SSL_shutdown(server);
	SSL_free(client);
	SSL_free(server);
}

/* "TLSv1.2" of OpenSSL is TLSv12 here; "TLSv1" is TLSv10. */
static void version_is(const struct play *p, const char *openssl)
{
	char v[8] = "TLSv10";
	if (strlen(openssl) == 7)
		v[5] = openssl[6];
	says(p, "version", v);
}

static void agrees(const struct recording *r, size_t step)
{
	struct play *p = played(r, step);
	assert_int_equal(p->records[RECORD_TLS], 1);
	assert_int_equal(p->records[RECORD_CONN], 1);
	version_is(p, r->version);
	says(p, "cipher", r->cipher);
	says(p, "sni", "www.server.example");
	says(p, "server_name", "www.server.example");
	says(p, "service", "ssl");
	says(p, "client_version", "TLSv13");
	play_assert(p, r->resumed ? "\"resumed\":true" : "\"resumed\":false");
	play_assert(p, "\"established\":true");
	assert_int_equal(play_count(p, "\"ja3\":"), 2);
	assert_int_equal(play_count(p, "\"ja4\":\"t13d"), 2);
	if (r->group[0] != '\0')
		says(p, "curve", r->group);
	bool visible = strcmp(r->version, "TLSv1.3") != 0 && !r->resumed;
	assert_int_equal(p->records[RECORD_CERT], visible);
	if (visible) {
		says(p, "cert_sha256", r->sha256);
		says(p, "subject", "CN=server.example");
		says(p, "serial", "2A");
	}
	says(p, "alpn", strcmp(r->version, "TLSv1.3") == 0 ? "http/1.1" : "h2");
	assert_int_equal(p->records[RECORD_ANOMALY], 0);
	play_end(p);
}

static void every_version(void **state)
{
	(void)state;
	static const int versions[] = {
	    TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
	for (size_t i = 0; i < 4; i++) {
		struct peers peers = peers_new(versions[i]);
		if (versions[i] < TLS1_2_VERSION)
			SSL_CTX_set_cipher_list(peers.client, "ALL:@SECLEVEL=0");
		/* The first conversation is full, the second resumes. */
		for (int again = 0; again < 2; again++) {
			struct recording r = {.n = 0};
			converse(&peers, &r);
			assert_int_equal(r.resumed, again);
			for (size_t s = 0; s < STEPS; s++)
				agrees(&r, steps[s]);
			forget(&r);
		}
		peers_free(&peers);
	}
}

static void session_ids_without_tickets(void **state)
{
	(void)state;
	struct peers peers = peers_new(TLS1_2_VERSION);
	SSL_CTX_set_options(peers.server, SSL_OP_NO_TICKET);
	for (int again = 0; again < 2; again++) {
		struct recording r = {.n = 0};
		converse(&peers, &r);
		assert_int_equal(r.resumed, again);
		agrees(&r, 1460);
		forget(&r);
	}
	peers_free(&peers);
}

/* The server wants a group for which the client sent no share (RFC 8446, 4.1.4). */
static void hello_retry(void **state)
{
	(void)state;
	struct peers peers = peers_new(TLS1_3_VERSION);
	SSL_CTX_set1_groups_list(peers.client, "X25519:P-384");
	SSL_CTX_set1_groups_list(peers.server, "P-384");
	struct recording r = {.group = "secp384r1"};
	converse(&peers, &r);
	for (size_t s = 0; s < STEPS; s++)
		agrees(&r, steps[s]);
	forget(&r);
	peers_free(&peers);
}

static void group_of_the_key_exchange(void **state)
{
	(void)state;
	struct peers peers = peers_new(TLS1_2_VERSION);
	SSL_CTX_set1_groups_list(peers.server, "P-521");
	struct recording r = {.group = "secp521r1"};
	converse(&peers, &r);
	agrees(&r, 1460);
	forget(&r);
	peers_free(&peers);
}

static void client_certificate(void **state)
{
	(void)state;
	struct peers peers = peers_new(TLS1_2_VERSION);
	SSL_CTX_set_verify(
	    peers.server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	struct recording r = {.n = 0};
	converse(&peers, &r);
	struct play *p = played(&r, 100);
	assert_int_equal(p->records[RECORD_CERT], 2);
	assert_int_equal(play_count(p, "\"from_client\":true"), 1);
	assert_int_equal(play_count(p, "\"from_client\":false"), 1);
	play_assert(p, "\"cert_count\":1");
	play_end(p);
	forget(&r);
	peers_free(&peers);
}

static void refused_with_an_alert(void **state)
{
	(void)state;
	struct peers peers = peers_new(TLS1_2_VERSION);
	SSL_CTX_set_min_proto_version(peers.client, TLS1_3_VERSION);
	struct recording r = {.n = 0};
	converse(&peers, &r);
	struct play *p = played(&r, 1);
	says(p, "alert", "protocol_version");
	says(p, "service", "ssl");
	play_assert(p, "\"established\":false");
	assert_int_equal(play_count(p, "\"cipher\""), 0);
	play_end(p);
	forget(&r);
	peers_free(&peers);
}

/* ---- what is missing or damaged */

static struct recording *conversation(int version)
{
	struct recording *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	struct peers peers = peers_new(version);
	converse(&peers, r);
	peers_free(&peers);
	return r;
}

static void conversation_free(struct recording *r)
{
	forget(r);
	free(r);
}

/* Without the server's side nothing is agreed, and nothing proves that it was not. */
static void gap_in_a_handshake(void **state)
{
	(void)state;
	struct recording *r = conversation(TLS1_2_VERSION);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 0, r->v[0].p, r->v[0].n);
	play_send(p, 1, r->v[1].p, 200);
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	play_send(p, 1, r->v[1].p + 300, r->v[1].n - 300);
	for (size_t i = 2; i < r->n; i++)
		play_send(p, r->v[i].side, r->v[i].p, r->v[i].n);
	play_close(p);
	version_is(p, "TLSv1.2");
	assert_int_equal(play_count(p, "\"established\""), 0);
	assert_int_equal(p->records[RECORD_CERT], 0);
	play_end(p);
	conversation_free(r);
}

/* A segment that the snap length cut counts as a gap behind what is there. */
static void cut_segment(void **state)
{
	(void)state;
	struct recording *r = conversation(TLS1_2_VERSION);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 0, r->v[0].p, r->v[0].n);
	struct flow_data d = {
	    .p = r->v[1].p, .n = 150, .wire = r->v[1].n, .side = 1, .ts = p->flow.last};
	p->sink.data(p->sink.ctx, &p->flow, &d);
	play_close(p);
	version_is(p, "TLSv1.2");
	says(p, "service", "ssl");
	assert_int_equal(play_count(p, "\"established\""), 0);
	play_end(p);
	conversation_free(r);
}

static void gap_in_application_data(void **state)
{
	(void)state;
	static const uint8_t data[] = {23, 3, 3, 1, 0};
	struct recording *r = conversation(TLS1_3_VERSION);
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_send(p, 0, r->v[0].p, r->v[0].n);
	struct recording early = {.n = 0};
	/* The server hello, then a record of 256 bytes of which 200 are missing. */
	size_t hello = 5 + (size_t)(r->v[1].p[3] << 8 | r->v[1].p[4]);
	play_send(p, 1, r->v[1].p, hello);
	play_send(p, 1, data, sizeof(data));
	p->sink.gap(p->sink.ctx, &p->flow, 1, 200);
	uint8_t rest[56] = {0};
	play_send(p, 1, rest, sizeof(rest));
	play_send(p, 0, data, sizeof(data));
	play_close(p);
	play_assert(p, "\"established\":true");
	play_end(p);
	forget(&early);
	conversation_free(r);
}

static void answer_of_another_protocol(void **state)
{
	(void)state;
	struct recording *r = conversation(TLS1_2_VERSION);
	struct play *p = play_start(IP_PROTO_TCP, 80);
	play_send(p, 0, r->v[0].p, r->v[0].n);
	play_send(p, 1, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	play_close(p);
	assert_int_equal(p->records[RECORD_TLS], 1);
	assert_int_equal(play_count(p, "\"service\""), 0);
	play_assert(p, "answer is not TLS");
	play_end(p);
	conversation_free(r);
}

/* Every byte of the plain part changed, in turn: no crash, at most one tls record. */
static void every_byte_changed(void **state)
{
	(void)state;
	struct recording *r = conversation(TLS1_2_VERSION);
	for (size_t i = 0; i < 3 && i < r->n; i++) {
		for (size_t at = 0; at < r->v[i].n; at += 3) {
			r->v[i].p[at] ^= 0xff;
			struct play *p = played(r, 1460);
			assert_true(p->records[RECORD_TLS] <= 1);
			assert_int_equal(p->records[RECORD_CONN], 1);
			play_end(p);
			r->v[i].p[at] ^= 0xff;
		}
	}
	conversation_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_version),
	    cmocka_unit_test(session_ids_without_tickets),
	    cmocka_unit_test(hello_retry),
	    cmocka_unit_test(group_of_the_key_exchange),
	    cmocka_unit_test(client_certificate),
	    cmocka_unit_test(refused_with_an_alert),
	    cmocka_unit_test(gap_in_a_handshake),
	    cmocka_unit_test(cut_segment),
	    cmocka_unit_test(gap_in_application_data),
	    cmocka_unit_test(answer_of_another_protocol),
	    cmocka_unit_test(every_byte_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
