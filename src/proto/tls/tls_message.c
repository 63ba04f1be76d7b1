/* SPDX-License-Identifier: Apache-2.0 */
/* What handshake messages say (RFC 5246, 7.4; RFC 8446, 4; for SSLv2, Hickman 1995). */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/shared/ocsp.h"
#include "proto/tls/tls_names.h"
#include "proto/tls/tls_state.h"

enum handshake {
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2,
	HANDSHAKE_VERIFY_REQUEST = 3, /* of DTLS: say it again, with this cookie */
	HANDSHAKE_RETRY_DRAFT = 6,    /* hello retry request until draft 21 of TLS 1.3 */
	HANDSHAKE_CERTIFICATE = 11,
	HANDSHAKE_SERVER_KEY_EXCHANGE = 12,
	HANDSHAKE_CLIENT_KEY_EXCHANGE = 16,
	HANDSHAKE_CERTIFICATE_STATUS = 22,
	HANDSHAKE_COMPRESSED_CERTIFICATE = 25,
	HANDSHAKE_LAST = 26,
	HANDSHAKE_MESSAGE_HASH = 254,
};

enum { CURVE_TYPE_NAMED = 3 };                   /* RFC 8422, 5.4 */
enum { STATUS_OCSP = 1, STATUS_OCSP_MULTI = 2 }; /* RFC 6066, 8; 6961, 2.2 */

void tls_begin(struct tls *t, char transport)
{
	t->transport = transport;
	t->cipher = t->alert = -1;
}

void tls_free(struct tls *t)
{
	for (int i = 0; i < 2; i++)
		buffer_free(&t->side[i].messages);
	free((void *)(uintptr_t)t->sni.p);
	free((void *)(uintptr_t)t->alpn.p);
	free((void *)(uintptr_t)t->cert.pos);
}

size_t tls_owned(const struct tls *t)
{
	return t->side[0].messages.own_room + t->side[1].messages.own_room + t->sni.n +
	       t->alpn.n + t->cert.left;
}

void tls_seen(struct parse *x, struct tls *t)
{
	if (t->messages++ > 0)
		return;
	parse_mark(x, t);
}

static void count(struct parse *x, enum tls_parse result)
{
	if (result == TLS_PARSED)
		x->counters->understood++;
	else if (result == TLS_MALFORMED)
		x->counters->malformed++;
	else
		x->counters->over_limit++;
}

/* An own copy of a text from the wire, clean and in lower case if asked for. */
static void keep_text(struct parse *x, struct str *out, struct bytes b, bool lower)
{
	if (b.left > TLS_TEXT_MAX) {
		x->counters->over_limit++;
		b.left = TLS_TEXT_MAX;
	}
	struct str s = lower ? str_clean_lower(x->scratch, b.pos, b.left)
			     : str_clean(x->scratch, b.pos, b.left);
	char *copy = s.p != NULL && s.n > 0 ? malloc(s.n) : NULL;
	if (copy == NULL)
		return;
	memcpy(copy, s.p, s.n);
	free((void *)(uintptr_t)out->p);
	*out = (struct str){copy, s.n};
}

static struct bytes without_final_dot(struct bytes name)
{
	if (name.left > 1 && name.pos[name.left - 1] == '.')
		name.left--;
	return name;
}

static void keep_session(struct tls *t, struct bytes id)
{
	static const uint8_t zero[TLS_SESSION_MAX];
	t->session_n = 0;
	if (id.left == 0 || id.left > sizeof(t->session))
		return;
	if (id.left == sizeof(zero) && memcmp(id.pos, zero, sizeof(zero)) == 0)
		return;
	t->session_n = (uint8_t)id.left;
	memcpy(t->session, id.pos, id.left);
}

/* Of several client hellos (after a retry) the first one makes the fingerprints. */
static void client_hello(
    struct parse *x, struct tls *t, const struct tls_hello *h, enum tls_parse result)
{
	bool first = !t->client_hello;
	t->client_hello = true;
	t->client_version = tls_hello_highest(h);
	t->pre_shared_key = h->pre_shared_key;
	keep_session(t, h->session_id);
	t->ticket = h->ticket && t->session_n == 0;
	if (!first)
		return;
	keep_text(x, &t->sni, without_final_dot(h->sni), true);
	if (!t->alpn_chosen)
		keep_text(x, &t->alpn, h->alpn, false);
	if (t->sni.p != NULL)
		parse_note(x, NOTE_SNI, t->sni);
	if (result != TLS_PARSED)
		return;
	if (ja3_client(h, t->ja3))
		parse_note(x, NOTE_JA3, str_of(t->ja3));
	if (ja4_client(h, t->transport, t->ja4))
		parse_note(x, NOTE_JA4, str_of(t->ja4));
}

static void server_hello(
    struct parse *x, struct tls *t, const struct tls_hello *h, enum tls_parse result)
{
	bool retry = tls_hello_is_retry(h);
	t->version = tls_hello_agreed(h);
	t->cipher = load_be16(h->ciphers.pos);
	if (h->group != 0)
		t->group = h->group;
	if (h->alpn.left > 0) {
		keep_text(x, &t->alpn, h->alpn, false);
		t->alpn_chosen = true;
	}
	if (h->pre_shared_key && t->pre_shared_key)
		t->resumed = true;
	if (!tls_is_13(t->version) && t->session_n > 0 &&
	    h->session_id.left == t->session_n &&
	    memcmp(h->session_id.pos, t->session, t->session_n) == 0)
		t->resumed = true;
	if (result == TLS_PARSED && !retry && !t->server_hello)
		ja3_server(h, t->ja3s);
	t->server_hello |= !retry;
}

/* The group of an ephemeral elliptic-curve exchange (RFC 8422, 5.4; RFC 5489 puts an
 * identity hint in front). */
static void server_key_exchange(struct parse *x, struct tls *t, struct bytes b)
{
	if (t->cipher < 0)
		return;
	struct str cipher = tls_cipher_text(x->scratch, (uint32_t)t->cipher);
	if (cipher.n < 13 || (memcmp(cipher.p, "TLS_ECDHE_", 10) != 0 &&
				 memcmp(cipher.p, "TLS_ECDH_anon", 13) != 0))
		return;
	if (memcmp(cipher.p, "TLS_ECDHE_PSK", 13) == 0)
		bytes_skip(&b, bytes_be16(&b));
	uint8_t type = bytes_u8(&b);
	uint16_t group = bytes_be16(&b);
	if (!b.bad && type == CURVE_TYPE_NAMED)
		t->group = group;
}

/* A hello whose head could not be read says nothing. */
static bool hello(
    struct parse *x, struct tls *t, int side, bool client, struct bytes body)
{
	struct tls_hello h;
	enum tls_parse result =
	    client ? tls_client_hello_parse(body, t->transport == 'd', &h)
		   : tls_server_hello_parse(body, &h);
	count(x, result);
	if (h.ciphers.left < 2)
		return false;
	t->client = client ? side : !side;
	if (client)
		client_hello(x, t, &h, result);
	else
		server_hello(x, t, &h, result);
	return true;
}

/* type(1) n(3) answer: RFC 6066, 8; of the type for several (RFC 6961) n and an answer
 * follow each other inside. */
static void certificate_status(struct parse *x, struct bytes b)
{
	uint8_t type = bytes_u8(&b);
	struct bytes list = bytes_sub(&b, bytes_be24(&b));
	bool good = !b.bad && list.left <= OCSP_BYTES_MAX;
	if (type == STATUS_OCSP) {
		good = good && ocsp_emit(x, "ssl", list);
	} else if (type == STATUS_OCSP_MULTI) {
		for (int i = 0; good && list.left > 0 && i < TLS_CERTS_MAX; i++) {
			struct bytes one = bytes_sub(&list, bytes_be24(&list));
			good = !list.bad && (one.left == 0 || ocsp_emit(x, "ssl", one));
		}
	}
	count(x, good ? TLS_PARSED : TLS_MALFORMED);
}

bool tls_message(
    struct parse *x, struct tls *t, int side, uint8_t type, struct bytes body)
{
	if (type > HANDSHAKE_LAST && type != HANDSHAKE_MESSAGE_HASH) {
		x->counters->malformed++;
		return false;
	}
	tls_seen(x, t);
	switch (type) {
	case HANDSHAKE_CLIENT_HELLO:
		return hello(x, t, side, true, body);
	case HANDSHAKE_SERVER_HELLO:
		return hello(x, t, side, false, body);
	case HANDSHAKE_RETRY_DRAFT:
		x->counters->unsupported++;
		return true;
	case HANDSHAKE_CERTIFICATE:
		tls_chain(x, t, side, body);
		return true;
	case HANDSHAKE_CERTIFICATE_STATUS:
		certificate_status(x, body);
		return true;
	case HANDSHAKE_COMPRESSED_CERTIFICATE:
		x->counters->unsupported++;
		return true;
	case HANDSHAKE_SERVER_KEY_EXCHANGE:
		server_key_exchange(x, t, body);
		return true;
	case HANDSHAKE_CLIENT_KEY_EXCHANGE:
		t->key_exchange = true;
		return true;
	default:
		return true;
	}
}

/* version(2) n_ciphers(2) n_session(2) n_challenge(2) ciphers session challenge */
bool tls_ssl2_client_hello(struct parse *x, struct tls *t, int side, struct bytes body)
{
	struct tls_hello h = {.ssl2 = true};
	h.version = bytes_be16(&body);
	size_t ciphers = bytes_be16(&body);
	size_t session = bytes_be16(&body);
	bytes_skip(&body, 2);
	h.ciphers = bytes_sub(&body, ciphers);
	h.session_id = bytes_sub(&body, session);
	if (body.bad) {
		x->counters->malformed++;
		return false;
	}
	x->counters->understood++;
	tls_seen(x, t);
	t->client = side;
	client_hello(x, t, &h, TLS_PARSED);
	return true;
}

/* hit(1) cert_type(1) version(2) n_cert(2) n_ciphers(2) n_id(2) cert ciphers id */
bool tls_ssl2_server_hello(struct parse *x, struct tls *t, int side, struct bytes body)
{
	uint8_t hit = bytes_u8(&body);
	bytes_skip(&body, 1);
	uint16_t version = bytes_be16(&body);
	size_t cert = bytes_be16(&body);
	size_t ciphers = bytes_be16(&body);
	bytes_skip(&body, 2);
	struct bytes der = bytes_sub(&body, cert);
	struct bytes list = bytes_sub(&body, ciphers);
	if (body.bad || version != TLS_SSL2) {
		x->counters->malformed++;
		return false;
	}
	x->counters->understood++;
	tls_seen(x, t);
	t->client = !side;
	t->server_hello = true;
	t->version = version;
	t->resumed = hit != 0;
	if (list.left >= 3)
		t->cipher = (int32_t)bytes_be24(&list);
	if (der.left > 0)
		tls_certificate(x, t, side, 0, der);
	return true;
}
