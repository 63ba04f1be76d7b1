/* SPDX-License-Identifier: Apache-2.0 */
/* TLS, HTTP and SSH. The SHA-1 that Suricata writes of a certificate has no column: none
 * of dwell's fingerprints is one. */
#include "input/eve.h"
#include "input/log_words.h"

/* "TLS 1.2", "TLSv1" as dwell's names. */
static struct str tls_version(const struct log_value *v, struct arena *a)
{
	static const char *const pairs[][2] = {{"TLS 1.3", "TLSv13"},
	    {"TLS 1.2", "TLSv12"}, {"TLS 1.1", "TLSv11"}, {"TLSv1", "TLSv10"},
	    {"TLS 1.0", "TLSv10"}, {"UNDETERMINED", NULL}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (cell_is(v, str_of(pairs[i][0])))
			return str_of(pairs[i][1]);
	}
	return cell_text(v, a);
}

static void put_cert(struct eve_event *e, const struct tls_record *t)
{
	struct cert_record r;
	record_clear(RECORD_CERT, &r);
	r.ts = t->ts;
	r.src_ip = t->src_ip;
	r.src_port = t->src_port;
	r.dst_ip = t->dst_ip;
	r.dst_port = t->dst_port;
	r.from_client = 0;
	r.serial =
	    log_hex(cell_text(&e->v[E_SERIAL], e->f->scratch), true, e->f->scratch);
	r.subject = t->subject;
	r.issuer = t->issuer;
	r.not_before = t->not_before;
	r.not_after = t->not_after;
	r.san_dns = t->san;
	/* Not log_put: the scratch arena holds texts of the handshake's row too. */
	r.source = e->f->source;
	r.source_offset = e->offset;
	log_out_put(e->f->out, e->f->format->kind, RECORD_CERT, &r);
	e->f->rows++;
}

static void remember(
    struct eve_event *e, struct str sni, struct str host, struct str ja3, struct str ja4)
{
	struct log_join *j = &e->group->names;
	struct eve_names *n = eve_names_of(e);
	if (n == NULL)
		return;
	if (n->sni.n == 0)
		n->sni = log_join_text(j, sni);
	if (n->host.n == 0)
		n->host = log_join_text(j, host);
	if (n->ja3.n == 0)
		n->ja3 = log_join_text(j, ja3);
	if (n->ja4.n == 0)
		n->ja4 = log_join_text(j, ja4);
}

bool eve_tls(struct eve_event *e)
{
	const struct log_value *v = e->v;
	struct arena *a = e->f->scratch;
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	if (!eve_ends(e, &r.src_ip, &r.src_port, &r.dst_ip, &r.dst_port))
		return false;
	r.ts = e->ts;
	r.version = tls_version(&v[E_TLS_VERSION], a);
	r.sni = log_name(cell_lower(&v[E_SNI], a));
	struct log_value alpn;
	size_t at = 0;
	if (cell_next(&v[E_ALPN], &at, &alpn))
		r.alpn = cell_text(&alpn, a);
	r.resumed = v[E_RESUMED].form == VALUE_TRUE ? 1 : -1;
	r.ja3 = cell_lower(&v[E_JA3], a);
	r.ja3s = cell_lower(&v[E_JA3S], a);
	r.ja4 = cell_text(&v[E_JA4], a);
	r.subject = log_dn(cell_text(&v[E_SUBJECT], a), a);
	r.issuer = log_dn(cell_text(&v[E_ISSUER], a), a);
	r.san = cell_texts(&v[E_SAN], a);
	r.not_before = cell_time(&v[E_NOT_BEFORE]);
	r.not_after = cell_time(&v[E_NOT_AFTER]);
	r.cert_count = r.subject.n > 0;
	if (r.sni.n > 0 || r.ja3.n > 0 || r.ja4.n > 0)
		remember(e, r.sni, (struct str){0}, r.ja3, r.ja4);
	if (r.cert_count > 0)
		put_cert(e, &r);
	log_put(e->f, RECORD_TLS, &r, e->offset);
	return true;
}

bool eve_http(struct eve_event *e)
{
	const struct log_value *v = e->v;
	struct arena *a = e->f->scratch;
	struct http_record r;
	record_clear(RECORD_HTTP, &r);
	if (!eve_ends(e, &r.src_ip, &r.src_port, &r.dst_ip, &r.dst_port))
		return false;
	r.ts = e->ts;
	r.depth = v[E_TX].form != VALUE_ABSENT ? cell_count(&v[E_TX]) + 1 : 0;
	r.method = cell_text(&v[E_METHOD], a);
	r.host = log_host(cell_lower(&v[E_HOST], a));
	r.uri = cell_text(&v[E_URL], a);
	struct str protocol = cell_text(&v[E_HTTP_PROTOCOL], a);
	if (protocol.n > 5 && memcmp(protocol.p, "HTTP/", 5) == 0)
		r.version = (struct str){protocol.p + 5, protocol.n - 5};
	r.user_agent = cell_text(&v[E_USER_AGENT], a);
	r.referrer = cell_text(&v[E_REFERRER], a);
	r.content_type = cell_text(&v[E_CONTENT_TYPE], a);
	r.status = cell_int(&v[E_STATUS]);
	r.response_bytes = cell_count(&v[E_LENGTH]);
	struct str none = {0};
	if (r.host.n > 0)
		remember(e, none, r.host, none, none);
	log_put(e->f, RECORD_HTTP, &r, e->offset);
	return true;
}

static struct str banner(struct eve_event *e, int version, int software)
{
	struct arena *a = e->f->scratch;
	struct str v = cell_text(&e->v[version], a), s = cell_text(&e->v[software], a);
	if (v.p == NULL)
		return (struct str){0};
	return str_format(a, "SSH-%.*s-%.*s", STR_ARG(v), STR_ARG(s));
}

bool eve_ssh(struct eve_event *e)
{
	const struct log_value *v = e->v;
	struct ssh_record r;
	record_clear(RECORD_SSH, &r);
	if (!eve_ends(e, &r.src_ip, &r.src_port, &r.dst_ip, &r.dst_port))
		return false;
	r.ts = e->ts;
	r.client = banner(e, E_CLIENT_VERSION, E_CLIENT_SOFTWARE);
	r.server = banner(e, E_SERVER_VERSION, E_SERVER_SOFTWARE);
	const struct log_value *version =
	    &v[v[E_SERVER_VERSION].form != VALUE_ABSENT ? E_SERVER_VERSION
							: E_CLIENT_VERSION];
	if (version->form != VALUE_ABSENT && version->n > 0)
		r.version = cell_is(version, STR("1.99")) || version->p[0] == '2' ? 2 : 1;
	r.hassh = cell_lower(&v[E_HASSH], e->f->scratch);
	r.hassh_server = cell_lower(&v[E_HASSH_SERVER], e->f->scratch);
	log_put(e->f, RECORD_SSH, &r, e->offset);
	return true;
}
