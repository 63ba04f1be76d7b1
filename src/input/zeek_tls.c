/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl.log and x509.log. A handshake names its certificates by the ids of files (up to
 * Zeek 4) or by fingerprints (since); x509.log holds each under that id, later versions
 * only once a day. So a certificate is kept until it falls out of the table, and each
 * handshake that refers to it makes a row of cert, as from packets.
 */
#include "input/log_words.h"
#include "input/zeek_join.h"
#include "input/zeek_rows.h"

#define SHA256_DIGITS 64

bool zeek_x509_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct cert_record r;
	record_clear(RECORD_CERT, &r);
	struct str id = cell_raw(&v[Z_CERT_ID]), print = cell_raw(&v[Z_FINGERPRINT]);
	if (id.n == 0 && print.n == 0)
		return false;
	r.ts = l->ts;
	if (print.n == SHA256_DIGITS)
		r.sha256 = cell_lower(&v[Z_FINGERPRINT], a);
	r.from_client = cell_flag(&v[Z_CLIENT_CERT]) == 1;
	r.version = cell_int(&v[Z_CERT_VERSION]);
	r.serial = log_hex(cell_text(&v[Z_SERIAL], a), true, a);
	r.subject = cell_text(&v[Z_CERT_SUBJECT], a);
	r.issuer = cell_text(&v[Z_CERT_ISSUER], a);
	r.not_before = cell_time(&v[Z_NOT_BEFORE]);
	r.not_after = cell_time(&v[Z_NOT_AFTER]);
	r.key_alg = cell_text(&v[Z_KEY_ALG], a);
	r.sig_alg = cell_text(&v[Z_SIG_ALG], a);
	r.key_type = cell_text(&v[Z_KEY_TYPE], a);
	r.key_bits = cell_int(&v[Z_KEY_BITS]);
	r.exponent = cell_int(&v[Z_EXPONENT]);
	r.curve = cell_text(&v[Z_CERT_CURVE], a);
	r.is_ca = cell_flag(&v[Z_IS_CA]);
	r.san_dns = cell_texts(&v[Z_SAN_DNS], a);
	r.san_ip = cell_texts(&v[Z_SAN_IP], a);
	r.san_email = cell_texts(&v[Z_SAN_EMAIL], a);
	r.san_uri = cell_texts(&v[Z_SAN_URI], a);
	r.source = l->f->source;
	r.source_offset = l->offset;
	zeek_cert_learn(l->group, id.n > 0 ? id : print, &r);
	arena_reset(a);
	return true;
}

/* A list of ids in two versions of the log: that which is there. */
static const struct log_value *chain(
    const struct zeek_line *l, int16_t fingerprints, int16_t files)
{
	const struct log_value *v = &l->v[fingerprints];
	return v->form != VALUE_ABSENT ? v : &l->v[files];
}

/* What the end entity's certificate says of the handshake. */
static void describe(struct tls_record *t, const struct cert_record *c, struct arena *a)
{
	t->cert_sha256 = c->sha256;
	if (t->subject.n == 0)
		t->subject = c->subject;
	if (t->issuer.n == 0)
		t->issuer = c->issuer;
	t->not_before = c->not_before;
	t->not_after = c->not_after;
	size_t n = c->san_dns.n + c->san_ip.n;
	struct str *san = n > 0 ? arena_alloc(a, n * sizeof(*san)) : NULL;
	if (san == NULL)
		return;
	if (c->san_dns.n > 0)
		memcpy(san, c->san_dns.v, c->san_dns.n * sizeof(*san));
	if (c->san_ip.n > 0)
		memcpy(san + c->san_dns.n, c->san_ip.v, c->san_ip.n * sizeof(*san));
	t->san = (struct str_list){san, n};
}

/* Look at the server's chain: how long it is, and what its first one is. */
static void look_at_chain(struct zeek_line *l, struct tls_record *t)
{
	const struct log_value *list = chain(l, Z_CHAIN_FPS, Z_CHAIN);
	struct log_value id;
	for (size_t at = 0;
	     t->cert_count < VALUE_LIST_MAX && cell_next(list, &at, &id);) {
		if (t->cert_count++ > 0)
			continue;
		const struct zeek_cert *c = zeek_cert_find(l->group, cell_raw(&id));
		if (c != NULL)
			describe(t, &c->record, l->f->scratch);
		if (t->cert_sha256.n == 0 && id.n == SHA256_DIGITS)
			t->cert_sha256 = cell_lower(&id, l->f->scratch);
	}
}

static void put_chain(struct zeek_line *l, const struct tls_record *t,
    const struct log_value *list, bool from_client)
{
	struct log_value id;
	uint64_t position = 0;
	for (size_t at = 0; position < VALUE_LIST_MAX && cell_next(list, &at, &id);
	     position++) {
		struct zeek_cert *c = zeek_cert_find(l->group, cell_raw(&id));
		if (c == NULL)
			continue;
		struct cert_record r = c->record;
		c->used = true;
		r.ts = l->ts;
		r.src_ip = t->src_ip;
		r.dst_ip = t->dst_ip;
		r.src_port = t->src_port;
		r.dst_port = t->dst_port;
		r.from_client = from_client;
		r.position = position;
		log_put(l->f, RECORD_CERT, &r, l->offset);
	}
}

static void remember_names(struct zeek_line *l, const struct tls_record *r)
{
	if (r->sni.n == 0 && r->ja3.n == 0 && r->ja4.n == 0)
		return;
	struct zeek_names *n = zeek_names_of(l->group, &l->v[Z_UID]);
	struct log_join *j = &l->group->by_uid;
	if (n == NULL)
		return;
	if (n->sni.n == 0)
		n->sni = log_join_text(j, r->sni);
	if (n->ja3.n == 0)
		n->ja3 = log_join_text(j, r->ja3);
	if (n->ja4.n == 0)
		n->ja4 = log_join_text(j, r->ja4);
}

bool zeek_ssl_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	if (!cell_addr(&v[Z_SRC], &r.src_ip) || !cell_addr(&v[Z_DST], &r.dst_ip))
		return false;
	r.ts = l->ts;
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.version = cell_text(&v[Z_VERSION], a);
	r.cipher = cell_text(&v[Z_CIPHER], a);
	r.curve = cell_text(&v[Z_CURVE], a);
	r.sni = log_name(cell_lower(&v[Z_SNI], a));
	r.alpn = cell_text(&v[Z_ALPN], a);
	r.resumed = cell_flag(&v[Z_RESUMED]);
	r.established = cell_flag(&v[Z_ESTABLISHED]);
	r.ja3 = cell_lower(&v[Z_JA3], a);
	r.ja3s = cell_lower(&v[Z_JA3S], a);
	r.ja4 = cell_text(&v[Z_JA4], a);
	r.alert = cell_text(&v[Z_ALERT], a);
	r.subject = cell_text(&v[Z_SUBJECT], a);
	r.issuer = cell_text(&v[Z_ISSUER], a);
	look_at_chain(l, &r);
	remember_names(l, &r);
	/* log_put empties the scratch arena, but endpoints are all that is used after. */
	log_put(l->f, RECORD_TLS, &r, l->offset);
	put_chain(l, &r, chain(l, Z_CHAIN_FPS, Z_CHAIN), false);
	put_chain(l, &r, chain(l, Z_CLIENT_CHAIN_FPS, Z_CLIENT_CHAIN), true);
	return true;
}
