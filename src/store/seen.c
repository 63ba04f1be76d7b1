/* SPDX-License-Identifier: Apache-2.0 */
#include "store/seen.h"

#include <string.h>

#include "store/named.h"

_Static_assert(sizeof(struct seen_key) == 24, "a key has no padding: it is hashed");

void seen_init(struct seen *s, const struct hash_key *key)
{
	keyed_init(&s->rows, sizeof(struct seen_row), sizeof(struct seen_key), key);
	words_init(&s->words, key);
}

void seen_empty(struct seen *s)
{
	keyed_empty(&s->rows);
	words_empty(&s->words);
}

void seen_reset(struct seen *s)
{
	keyed_reset(&s->rows);
	words_reset(&s->words);
}

bool seen_full(const struct seen *s)
{
	return s->rows.n >= SEEN_ROWS_MAX || words_nearly_full(&s->words);
}

/* ---- names that are addresses ---- */

/* What a word is, as noted in it: an address's note is that of its canonical text. */
enum { NOTE_UNKNOWN, NOTE_NAME, NOTE_ADDRESS };

static bool may_be_address(struct str text)
{
	for (size_t i = 0; i < text.n && i < ADDR_TEXT_MAX; i++) {
		if (strchr("0123456789abcdefABCDEF:.", text.p[i]) == NULL)
			return false;
	}
	return text.n < ADDR_TEXT_MAX;
}

/* Look once at each word that is said to be a name. */
static uint32_t note_word(struct seen *s, uint32_t number)
{
	struct str text = words_text(&s->words, number);
	struct addr a;
	char canonical[ADDR_TEXT_MAX];
	uint32_t note = NOTE_NAME;
	if (may_be_address(text) && str_addr(text, &a)) {
		size_t n = addr_text(&a, canonical);
		uint32_t address = words_put(&s->words, (struct str){canonical, n});
		note = address == WORDS_FULL ? number : address;
		note += NOTE_ADDRESS;
	}
	words_at(&s->words, number)->note = note;
	return note;
}

/* ---- adding ---- */

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;
	return sum < a ? UINT64_MAX : sum;
}

void seen_join(struct seen_row *into, const struct seen_row *row)
{
	into->first = row->first < into->first ? row->first : into->first;
	into->last = row->last > into->last ? row->last : into->last;
	into->count = add(into->count, row->count);
	into->src_bytes = add(into->src_bytes, row->src_bytes);
	into->dst_bytes = add(into->dst_bytes, row->dst_bytes);
	for (size_t m = 0; m < 12; m++)
		into->months[m] |= row->months[m];
}

int seen_put_row(
    struct seen *s, const struct seen_row *row, struct str value, struct error *e)
{
	bool made;
	struct seen_row copy = *row;
	copy.key.value = words_put(&s->words, value);
	struct seen_row *into =
	    copy.key.value != WORDS_FULL ? keyed_put(&s->rows, &copy.key, &made) : NULL;
	if (into == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for what is seen");
	if (made)
		*into = copy;
	else
		seen_join(into, &copy);
	return 0;
}

int seen_put(struct seen *s, enum seen_kind kind, enum seen_via via, struct str value,
    const struct sighting *at, struct error *e)
{
	return value.n == 0
		   ? 0
		   : seen_put_number(s, kind, via, words_put(&s->words, value), at, e);
}

int seen_put_number(struct seen *s, enum seen_kind kind, enum seen_via via,
    uint32_t number, const struct sighting *at, struct error *e)
{
	if (number == WORDS_FULL)
		return error_set(e, ERR_SYSTEM, "no memory for what is seen");
	if (kind == SEEN_NAME) {
		uint32_t note = words_at(&s->words, number)->note;
		note = note == NOTE_UNKNOWN ? note_word(s, number) : note;
		if (note > NOTE_ADDRESS) {
			kind = SEEN_ADDRESS;
			number = note - NOTE_ADDRESS;
		}
	}
	struct seen_row row = {
	    .key = {.value = number, .kind = (uint8_t)kind, .via = (uint8_t)via},
	    .first = at->first,
	    .last = at->last,
	    .count = at->count,
	    .src_bytes = at->src_bytes,
	    .dst_bytes = at->dst_bytes};
	int year;
	unsigned month, day;
	bool made;
	civil_from_days(at->day, &year, &month, &day);
	row.key.year = (int16_t)year;
	row.months[month - 1] = UINT32_C(1) << (day - 1);
	if (at->host != NULL)
		row.key.host = *at->host;
	struct seen_row *into = keyed_put(&s->rows, &row.key, &made);
	if (into == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for what is seen");
	if (made)
		*into = row;
	else
		seen_join(into, &row);
	return 0;
}

/* ---- what records show ---- */

/* The record being taken in. */
struct shown {
	struct seen *seen;
	struct sighting at;
	struct error *e;
	int status;
};

static void show(
    struct shown *r, enum seen_kind kind, enum seen_via via, struct str value)
{
	if (r->status == 0)
		r->status = seen_put(r->seen, kind, via, value, &r->at, r->e);
}

static void show_all(
    struct shown *r, enum seen_kind kind, enum seen_via via, struct str_list values)
{
	for (size_t i = 0; i < values.n; i++)
		show(r, kind, via, values.v[i]);
}

/* Whether the data of an answer is a name or address, by its form: the data of other
 * types has spaces, quotes or no dot. */
static bool is_name(struct str text)
{
	bool dot = false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		dot |= c == '.' || c == ':';
		if (c <= ' ' || strchr("\"\\=;,()<>/@", c) != NULL)
			return false;
	}
	return dot && text.n <= 253;
}

/* ---- machines ---- */

/* A name of a machine at that address. */
static void show_host(
    struct shown *r, enum seen_via via, struct str name, const struct addr *host)
{
	char text[NAMED_HOST_MAX];
	r->at.host = host;
	show(r, SEEN_HOST_NAME, via, (struct str){text, named_host(name, text)});
}

static void show_mac(
    struct shown *r, enum seen_via via, struct str mac, const struct addr *host)
{
	char text[NAMED_MAC];
	r->at.host = host;
	show(r, SEEN_MAC, via, (struct str){text, named_mac(mac, text)});
}

/* Whether it names somebody: neither absent nor 0.0.0.0. */
static bool is_some(const struct addr *a)
{
	static const uint8_t zero[4];
	struct addr nobody = addr_from_v4(zero);
	return !addr_is_unset(a) && !addr_equal(a, &nobody);
}

static void show_dhcp(struct shown *r, const struct dhcp_record *d)
{
	const struct addr *host = is_some(&d->assigned_addr)    ? &d->assigned_addr
				  : is_some(&d->client_addr)    ? &d->client_addr
				  : is_some(&d->requested_addr) ? &d->requested_addr
								: NULL;
	show_mac(r, VIA_DHCP, d->mac, host);
	show_host(r, VIA_DHCP, d->host_name, host);
	show_host(r, VIA_DHCP, d->client_fqdn, host);
}

static void show_ntlm(struct shown *r, const struct ntlm_record *n)
{
	show_host(r, VIA_NTLM, n->hostname, &n->src_ip);
	show_host(r, VIA_NTLM, n->server_nb_computer_name, &n->dst_ip);
	show_host(r, VIA_NTLM, n->server_dns_computer_name, &n->dst_ip);
}

static void show_ot(struct shown *r, const struct ot_record *o)
{
	show_mac(r, VIA_OT, o->src_mac, &o->src_ip);
	show_mac(r, VIA_OT, o->dst_mac, &o->dst_ip);
}

static void show_dns(struct shown *r, const struct dns_record *d)
{
	show(r, SEEN_NAME, VIA_DNS_QUERY, d->query);
	for (size_t i = 0; i < d->answers.n; i++) {
		if (is_name(d->answers.v[i]))
			show(r, SEEN_NAME, VIA_DNS_ANSWER, d->answers.v[i]);
	}
	if (str_equal(d->kind, STR("nbns registration")) ||
	    str_equal(d->kind, STR("nbns refresh")))
		show_host(r, VIA_NBNS, d->query, &d->src_ip);
}

static void show_tls(struct shown *r, const struct tls_record *t)
{
	show(r, SEEN_NAME, VIA_SNI, t->sni);
	show(r, SEEN_JA3, VIA_TLS, t->ja3);
	show(r, SEEN_JA3S, VIA_TLS, t->ja3s);
	show(r, SEEN_JA4, VIA_TLS, t->ja4);
	show(r, SEEN_CERT_SHA256, VIA_TLS, t->cert_sha256);
	/* Else the record of the certificate has them. */
	if (t->cert_sha256.p == NULL)
		show_all(r, SEEN_NAME, VIA_CERT, t->san);
}

static void show_cert(struct shown *r, const struct cert_record *c)
{
	show(r, SEEN_CERT_SHA256, VIA_CERT, c->sha256);
	show_all(r, SEEN_NAME, VIA_CERT, c->san_dns);
	show_all(r, SEEN_NAME, VIA_CERT, c->san_ip);
}

static void show_ssh(struct shown *r, const struct ssh_record *s)
{
	show(r, SEEN_HASSH, VIA_SSH, s->hassh);
	show(r, SEEN_HASSH_SERVER, VIA_SSH, s->hassh_server);
}

/* Names without their folders, which differ from host to host. */
static void show_file(struct shown *r, const struct file_record *f)
{
	struct str name = f->filename;
	size_t n = name.n;
	while (n > 0 && name.p[n - 1] != '/' && name.p[n - 1] != '\\')
		n--;
	show(r, SEEN_FILE_SHA256, VIA_FILE, f->sha256);
	show(r, SEEN_FILE_NAME, VIA_FILE, (struct str){name.p + n, name.n - n});
}

/* Start on a record seen at ts with that client; false when it has no time. */
static bool start(struct shown *r, struct moment ts, const struct addr *host)
{
	if (ts.ns == MOMENT_NONE.ns)
		return false;
	int64_t us = moment_us(ts);
	r->at = (struct sighting){us, us, (int32_t)moment_day(ts), 1, 0, 0, host};
	return true;
}

/* What a record of a table whose rows name machines shows. */
static void show_named(struct shown *r, enum record_type type, const void *record)
{
	if (type == RECORD_DHCP) {
		const struct dhcp_record *d = record;
		if (start(r, d->ts, NULL))
			show_dhcp(r, d);
	} else if (type == RECORD_NTLM) {
		const struct ntlm_record *n = record;
		if (start(r, n->ts, NULL))
			show_ntlm(r, n);
	} else if (type == RECORD_KERBEROS) {
		const struct kerberos_record *k = record;
		if (start(r, k->ts, NULL))
			show_host(r, VIA_KERBEROS, named_machine(k->client), &k->src_ip);
	} else if (type == RECORD_SMB) {
		const struct smb_record *m = record;
		if (start(r, m->ts, NULL))
			show_host(r, VIA_SMB, named_server(m->path), &m->dst_ip);
	} else if (type == RECORD_RADIUS) {
		const struct radius_record *u = record;
		if (start(r, u->ts, NULL))
			show_mac(r, VIA_RADIUS, u->mac, &u->framed_addr);
	} else if (type == RECORD_RDP) {
		const struct rdp_record *d = record;
		if (start(r, d->ts, NULL))
			show_host(r, VIA_RDP, d->client_name, &d->src_ip);
	} else if (type == RECORD_RPC) {
		const struct rpc_record *c = record;
		if (start(r, c->ts, NULL))
			show_host(r, VIA_RPC, c->machine, &c->src_ip);
	} else if (type == RECORD_OT) {
		const struct ot_record *o = record;
		if (start(r, o->ts, NULL))
			show_ot(r, o);
	}
}

int seen_record(
    struct seen *s, enum record_type type, const void *record, struct error *e)
{
	struct shown r = {.seen = s, .e = e};
	if (type == RECORD_DNS) {
		const struct dns_record *d = record;
		if (start(&r, d->ts, &d->src_ip))
			show_dns(&r, d);
	} else if (type == RECORD_TLS) {
		const struct tls_record *t = record;
		if (start(&r, t->ts, &t->src_ip))
			show_tls(&r, t);
	} else if (type == RECORD_CERT) {
		const struct cert_record *c = record;
		if (start(&r, c->ts, &c->src_ip))
			show_cert(&r, c);
	} else if (type == RECORD_HTTP) {
		const struct http_record *h = record;
		if (start(&r, h->ts, &h->src_ip)) {
			show(&r, SEEN_NAME, VIA_HTTP_HOST, h->host);
			show(&r, SEEN_USER_AGENT, VIA_HTTP, h->user_agent);
		}
	} else if (type == RECORD_FILE) {
		const struct file_record *f = record;
		if (start(&r, f->ts, &f->src_ip))
			show_file(&r, f);
	} else if (type == RECORD_SSH) {
		const struct ssh_record *ssh = record;
		if (start(&r, ssh->ts, &ssh->src_ip))
			show_ssh(&r, ssh);
	} else {
		show_named(&r, type, record);
	}
	return r.status;
}
