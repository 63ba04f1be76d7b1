/* SPDX-License-Identifier: Apache-2.0 */
/* The records that a TLS connection becomes:
 * one of tls, one of cert for each certificate. */
#include <stdlib.h>
#include <string.h>

#include "proto/tls/certs.h"
#include "proto/tls/tls_names.h"
#include "proto/tls/tls_state.h"
#include "proto/tls/tls_words.h"

/* Keep the server's own certificate until the tls record is written. */
static void keep_certificate(struct parse *x, struct tls *t, struct bytes der)
{
	if (t->cert.pos != NULL)
		return;
	uint8_t *copy = malloc(der.left);
	if (copy == NULL) {
		x->counters->over_limit++;
		return;
	}
	memcpy(copy, der.pos, der.left);
	t->cert = bytes_over(copy, der.left);
}

static void count_certificate(struct parse *x, const struct certificate *c)
{
	if (c->result == X509_MALFORMED)
		x->counters->malformed++;
	else if (!c->complete || c->result == X509_OVER_LIMIT)
		x->counters->over_limit++;
	else
		x->counters->understood++;
}

void tls_certificate(
    struct parse *x, struct tls *t, int side, size_t position, struct bytes der)
{
	bool from_client = side == t->client;
	if (!from_client)
		t->cert_count++;
	if (t->side[side].certs == TLS_CERTS_MAX || der.left > TLS_CERT_BYTES_MAX ||
	    der.left == 0) {
		x->counters->over_limit += der.left > 0;
		return;
	}
	t->side[side].certs++;
	const struct certificate *c = certs_read(x->certs, x->scratch, der);
	count_certificate(x, c);
	struct cert_record r = c->record;
	r.ts = x->ts;
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.from_client = from_client;
	r.position = position;
	parse_emit(x, RECORD_CERT, &r);
	if (from_client || position > 0 || t->cert.pos != NULL)
		return;
	memcpy(t->cert_sha256, c->sha256, sizeof(c->sha256));
	keep_certificate(x, t, der);
}

void tls_chain(struct parse *x, struct tls *t, int side, struct bytes list)
{
	size_t n = bytes_be24(&list);
	struct bytes certs = bytes_sub(&list, n);
	if (list.bad) {
		x->counters->malformed++;
		return;
	}
	if (side != t->client)
		t->cert_count = 0;
	for (size_t i = 0; certs.left > 0; i++) {
		struct bytes der = bytes_sub(&certs, bytes_be24(&certs));
		if (der.bad || certs.bad) {
			x->counters->malformed++;
			return;
		}
		tls_certificate(x, t, side, i, der);
	}
}

static struct str text_of(const char *s)
{
	return s[0] != '\0' ? str_of(s) : (struct str){0};
}

/* The columns that come from the server's certificate. */
static void certificate_columns(
    struct parse *x, const struct tls *t, struct tls_record *r)
{
	r->cert_count = t->cert_count;
	r->cert_sha256 = text_of(t->cert_sha256);
	if (t->cert.pos == NULL)
		return;
	const struct cert_record *c = &certs_read(x->certs, x->scratch, t->cert)->record;
	r->subject = c->subject;
	r->issuer = c->issuer;
	r->not_before = c->not_before;
	r->not_after = c->not_after;
	size_t n = c->san_dns.n + c->san_ip.n;
	struct str *v = n > 0 ? arena_alloc(x->scratch, n * sizeof(*v)) : NULL;
	if (v == NULL)
		return;
	if (c->san_dns.n > 0)
		memcpy(v, c->san_dns.v, c->san_dns.n * sizeof(*v));
	if (c->san_ip.n > 0)
		memcpy(v + c->san_dns.n, c->san_ip.v, c->san_ip.n * sizeof(*v));
	r->san = (struct str_list){v, n};
}

void tls_emit(struct parse *x, const struct tls *t)
{
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	r.ts = t->ts;
	parse_endpoints(x, &r);
	if (t->version != TLS_VERSION_NONE)
		r.version = tls_version_text(x->scratch, t->version);
	if (t->client_version != TLS_VERSION_NONE)
		r.client_version = tls_version_text(x->scratch, t->client_version);
	if (t->cipher >= 0)
		r.cipher = tls_cipher_text(x->scratch, (uint32_t)t->cipher);
	if (t->group != 0)
		r.curve = tls_group_text(x->scratch, t->group);
	r.sni = t->sni;
	r.alpn = t->alpn;
	r.resumed = t->resumed;
	r.established = t->established;
	/* Where bytes of a side are missing, not to have seen it proves nothing. */
	if (!t->established && (t->side[0].lost || t->side[1].lost))
		r.established = -1;
	r.ja3 = text_of(t->ja3);
	r.ja3s = text_of(t->ja3s);
	r.ja4 = text_of(t->ja4);
	if (t->alert >= 0)
		r.alert = tls_alert_text(x->scratch, (uint8_t)t->alert);
	certificate_columns(x, t, &r);
	tls_words(x, &r);
	parse_source_of(x, &r, t);
	parse_emit(x, RECORD_TLS, &r);
}
