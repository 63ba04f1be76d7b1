/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "detect/past.h"
#include "detect/tls/cert.h"
#include "detect/tls/elsewhere.h"
#include "detect/tls/pairs_keep.h"
#include "detect/tls/ports.h"

#define FEW_SERVERS  3  /* servers on a port that make TLS there a habit of the site */
#define MANY_ISSUERS 20 /* seen, before one's being alone tells anything */
#define ISSUERS_MAX  ((size_t)65536) /* remembered; with more none is told as alone */
#define CHANGE_DAYS  30              /* B8: one issuer for as long */
#define NEW_DAYS     14 /* after the host's first handshake a fingerprint is new to it */
#define ROLE_DAYS    30
#define RARE_HOSTS   2  /* B8 */
#define SERVER_KINDS 3  /* fingerprints of a machine whose programs are few (B8) */
#define CLIENT_KINDS 20 /* with more the host is no one that fingerprints tell of */
#define DAY_US       86400000000LL
#define CERTS_MAX    ((size_t)16384) /* whose names are remembered, not read anew */
#define SCRATCH_MAX  (1u << 20)      /* bytes of the names of a certificate as text */

/* The ends of a row, whose first columns they are; false: of no use, or not ours. */
static bool read_ends(
    const struct pairs_reader *r, const struct store_rows *rows, struct tls_pair *p)
{
	const struct detect_options *o = r->source->options;
	*p = (struct tls_pair){.port = (uint16_t)store_uint(rows, 2),
	    .udp = store_bool(rows, 3),
	    .not_before = INT64_MIN,
	    .not_after = INT64_MIN};
	if (!str_addr(store_text(rows, 0), &p->host) ||
	    !str_addr(store_text(rows, 1), &p->server) || addr_is_unset(&p->host) ||
	    addr_is_unset(&p->server) || addr_is_multicast(&p->server))
		return false;
	p->inside = series_home(o, &p->server);
	return !p->inside || series_home(o, &p->host);
}

/* ---- how many servers ---- */

static const char servers_sql[] =
    "SELECT dst_ip, count(*) FROM (SELECT DISTINCT dst_ip, dst_port, false FROM tls "
    "UNION ALL SELECT DISTINCT dst_ip, dst_port, true FROM quic) GROUP BY dst_ip";

static int count_servers(struct pairs_reader *r, struct error *e)
{
	struct store_rows *rows = store_sum(r->source->store, servers_sql, e);
	if (rows == NULL)
		return -1;
	while (store_next(rows)) {
		struct addr a;
		if (!str_addr(store_text(rows, 0), &a))
			continue;
		bool inside = series_home(r->source->options, &a);
		r->l->odds[inside].servers += store_uint(rows, 1);
	}
	return store_rows_end(rows, e);
}

/* ---- handshakes ---- */

/*
 * Handshakes in which something may be odd: a server answered, and the client asked for
 * no name, or the certificate is visible, or the port is not one of TLS. The names are
 * handed over as the list that they are, and whether a hello was seen is a column: in the
 * engine array_to_string and one more condition took three times as long as all the rest.
 */
#define TLS_SQL                                                                          \
	"SELECT src_ip, dst_ip, dst_port, version LIKE 'DTLS%' AS udp, sni, ts, ja4 IS " \
	"NOT NULL OR source_kind IS NOT NULL, false, subject, issuer, not_before, "      \
	"not_after, san, cert_sha256 FROM tls WHERE version IS NOT NULL AND (subject "   \
	"IS NOT NULL OR "                                                                \
	"sni IS NULL OR dst_port NOT IN (" PORTS_TLS_SQL "))"

#define QUIC_SQL                                                                         \
	"SELECT src_ip, dst_ip, dst_port, true, server_name, ts, true, true FROM quic "  \
	"WHERE ja4 IS NOT NULL AND (server_name IS NULL OR dst_port NOT IN "             \
	"(" PORTS_TLS_SQL ", 80))"

/* In any order, and in one. */
static const char *const sessions_sql[2][2] = {
    {TLS_SQL, QUIC_SQL},
    {TLS_SQL " ORDER BY dst_ip, dst_port, udp, src_ip, ts, sni, subject, issuer, "
	     "not_before, not_after",
	QUIC_SQL " ORDER BY dst_ip, dst_port, src_ip, ts, server_name"},
};

enum session_column {
	SESSION_SNI = 4,
	SESSION_TS,
	SESSION_HELLO,
	SESSION_QUIC,
	SESSION_SUBJECT, /* and what follows: of TLS alone */
	SESSION_ISSUER,
	SESSION_NOT_BEFORE,
	SESSION_NOT_AFTER,
	SESSION_NAMES,
	SESSION_CERT,
};

static int64_t time_at(const struct store_rows *rows, size_t column)
{
	return store_is_null(rows, column) ? INT64_MIN
					   : moment_us(store_time(rows, column));
}

static bool is_others_port(const struct tls_pair *p)
{
	for (size_t i = 0; i < sizeof(ports_of_others) / sizeof(*ports_of_others); i++) {
		if (ports_of_others[i] == p->port)
			return true;
	}
	return false;
}

static bool is_tls_port(unsigned port)
{
	static const unsigned short list[] = {PORTS_TLS};
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		if (list[i] == port)
			return true;
	}
	return false;
}

static unsigned name_level(unsigned marks, bool named)
{
	unsigned known = CERT_SELF_SIGNED | CERT_NAMELESS | CERT_DEFAULTS;
	if (!named)
		return 1;
	if ((marks & known) != 0 || (marks & CERT_OTHER_NAME) == 0)
		return 0; /* such a certificate names nobody: it is told already */
	return 2;
}

/* The names of a certificate as text, which takes longest of all: once for each. */
static struct str names_of_row(struct pairs_reader *r, const struct store_rows *rows)
{
	struct str cert = store_text(rows, SESSION_CERT);
	if (cert.n == 0)
		return store_show(rows, SESSION_NAMES, &r->scratch);
	uint64_t key = hash_bytes(&r->key, cert.p, cert.n) | 1;
	size_t at = key & (2 * CERTS_MAX - 1);
	while (r->certs[at].key != 0 && r->certs[at].key != key)
		at = (at + 1) & (2 * CERTS_MAX - 1);
	if (r->certs[at].key == key)
		return r->certs[at].names;
	struct str names = store_show(rows, SESSION_NAMES, &r->scratch);
	struct str copy = str_copy(&r->names, names);
	if (r->cert_count < CERTS_MAX && (copy.p != NULL || names.p == NULL)) {
		r->certs[at].key = key;
		r->certs[at].names = copy;
		r->cert_count++;
	}
	return names;
}

/* What the row says of the pair; texts are borrowed from it. Media over DTLS come with
 * certificates of their own making, without a name, on any port: their fingerprint was
 * agreed upon elsewhere (RFC 5763, 8827). Of UDP only ports of others tell. */
static void read_session(
    struct pairs_reader *r, const struct store_rows *rows, struct tls_pair *p)
{
	struct cert_view c = {.not_before = INT64_MIN, .not_after = INT64_MIN};
	bool quic = store_bool(rows, SESSION_QUIC);
	p->name = store_text(rows, SESSION_SNI);
	p->sessions = 1;
	p->nameless = p->name.p == NULL && store_bool(rows, SESSION_HELLO);
	p->cert_first = time_at(rows, SESSION_TS);
	if (!quic && !store_is_null(rows, SESSION_SUBJECT)) {
		c.subject = store_text(rows, SESSION_SUBJECT);
		c.issuer = store_text(rows, SESSION_ISSUER);
		c.not_before = time_at(rows, SESSION_NOT_BEFORE);
		c.not_after = time_at(rows, SESSION_NOT_AFTER);
		c.names = names_of_row(r, rows);
	}
	p->marks = cert_judge(&c, p->name, p->cert_first);
	p->subject = c.subject;
	p->issuer = c.issuer;
	p->not_before = c.not_before;
	p->not_after = c.not_after;
	if (!p->udp || quic) {
		tls_pairs_raise(p, ODDS_CERT, cert_level(p->marks));
		tls_pairs_raise(p, ODDS_NAME, name_level(p->marks, p->nameless == 0));
	}
	if (is_others_port(p) && !(p->udp && p->port == 80)) /* HTTP/3 was there, too */
		tls_pairs_raise(p, ODDS_PORT, 2);
	else if (!p->udp && !is_tls_port(p->port))
		tls_pairs_raise(p, ODDS_PORT, 1);
}

static size_t issuer_slot(const struct pairs_reader *r, uint64_t key)
{
	size_t at = key & (2 * ISSUERS_MAX - 1);
	while (r->issuers[at].key != 0 && r->issuers[at].key != key)
		at = (at + 1) & (2 * ISSUERS_MAX - 1);
	return at;
}

static uint64_t issuer_key(const struct pairs_reader *r, struct str issuer)
{
	return hash_bytes(&r->key, issuer.p, issuer.n) | 1;
}

/* Remember on how many servers an issuer's certificates are. */
static void note_issuer(struct pairs_reader *r, const struct tls_pair *p)
{
	if (p->issuer.n == 0 || r->certified >= ISSUERS_MAX)
		return;
	uint64_t server = tls_pairs_server_key(p);
	struct issuer *i = &r->issuers[issuer_slot(r, issuer_key(r, p->issuer))];
	if (i->key == 0) {
		*i = (struct issuer){issuer_key(r, p->issuer), server, false};
		r->certified++;
	} else if (i->server != server) {
		i->many = true;
	}
}

/* Whether no other server shows this issuer, of many. */
static bool is_sole(const struct pairs_reader *r, struct str issuer)
{
	if (issuer.n == 0 || r->certified < MANY_ISSUERS || r->certified >= ISSUERS_MAX)
		return false;
	const struct issuer *i = &r->issuers[issuer_slot(r, issuer_key(r, issuer))];
	return i->key != 0 && !i->many;
}

static void take_session(struct pairs_reader *r, const struct store_rows *rows)
{
	struct tls_pair p;
	if (!read_ends(r, rows, &p))
		return;
	arena_reset(&r->scratch);
	read_session(r, rows, &p);
	note_issuer(r, &p);
	if (tls_pairs_weight(&p) > 0)
		tls_pairs_put(r, &p);
}

static int read_all(struct pairs_reader *r, const char *sql,
    void (*take)(struct pairs_reader *, const struct store_rows *), struct error *e)
{
	struct store_rows *rows = store_sum(r->source->store, sql, e);
	if (rows == NULL)
		return -1;
	while (!r->again && store_next(rows))
		take(r, rows);
	return store_rows_end(rows, e);
}

/* In any order, which is quicker; in one order where not all are kept, so that it is the
 * same ones each time. */
static int read_sessions(struct pairs_reader *r, struct error *e)
{
	int result = read_all(r, sessions_sql[0][0], take_session, e);
	if (result == 0)
		result = read_all(r, sessions_sql[0][1], take_session, e);
	if (result < 0 || !r->again)
		return result;
	r->again = false;
	r->ordered = true;
	r->certified = 0;
	memset(r->issuers, 0, 2 * ISSUERS_MAX * sizeof(*r->issuers));
	memset(r->slots, 0, PAIRS_SLOTS * sizeof(*r->slots));
	arena_reset(&r->l->texts);
	r->l->n = 0;
	result = read_all(r, sessions_sql[1][0], take_session, e);
	return result < 0 ? result : read_all(r, sessions_sql[1][1], take_session, e);
}

/* ---- clients ---- */

/* Fingerprints that came to a host long after its first handshake, and that hardly any
 * other host has, with each server they met first. JA3 differs from one connection to the
 * next where a client shuffles its extensions; JA4 does not. */
static const char clients_sql[] =
    "WITH t AS (SELECT src_ip, dst_ip, dst_port, version LIKE 'DTLS%' AS udp, "
    "coalesce(ja4, ja3) AS fp, ts FROM tls WHERE coalesce(ja4, ja3) IS NOT NULL UNION "
    "ALL SELECT src_ip, dst_ip, dst_port, true, ja4, ts FROM quic WHERE ja4 IS NOT "
    "NULL), p AS (SELECT src_ip, dst_ip, dst_port, udp, fp, min(ts) AS ts FROM t GROUP "
    "BY ALL), h AS (SELECT src_ip, fp, min(ts) AS first FROM p GROUP BY ALL), w AS "
    "(SELECT *, min(first) OVER (PARTITION BY src_ip) AS begin, count(*) OVER "
    "(PARTITION BY src_ip) AS kinds, count(*) OVER (PARTITION BY fp) AS hosts FROM h), "
    "s AS (SELECT dst_ip, dst_port, udp, min(ts) AS ts FROM p GROUP BY ALL) "
    "SELECT p.src_ip, p.dst_ip, p.dst_port, p.udp, p.fp, w.hosts, w.kinds - 1, "
    "epoch(w.first) - epoch(w.begin) AS after FROM p JOIN w ON p.src_ip = w.src_ip AND "
    "p.fp = w.fp JOIN s ON p.dst_ip = s.dst_ip AND p.dst_port = s.dst_port AND p.udp = "
    "s.udp WHERE w.hosts <= 2 AND w.kinds <= 20 AND epoch(w.first) - epoch(w.begin) >= "
    "14 * 86400 AND s.ts >= w.first ORDER BY p.dst_ip, p.dst_port, p.udp, p.src_ip, p.fp";

_Static_assert(RARE_HOSTS == 2 && CLIENT_KINDS == 20 && NEW_DAYS == 14, "as in the SQL");

static void take_client(struct pairs_reader *r, const struct store_rows *rows)
{
	struct tls_pair p;
	if (!read_ends(r, rows, &p))
		return;
	p.client = store_text(rows, 4);
	p.client_hosts = store_uint(rows, 5);
	p.client_known = store_uint(rows, 6);
	p.client_after = store_real(rows, 7);
	bool role =
	    p.client_known <= SERVER_KINDS && p.client_after >= ROLE_DAYS * 86400.0;
	tls_pairs_raise(&p, ODDS_CLIENT, role ? 2 : 1);
	tls_pairs_put(r, &p);
}

/* ---- issuers ---- */

/* A server (and name) whose certificates came from one issuer for a month or more, and
 * then from another; and all hosts of ours that saw the new one. */
static const char changes_sql[] =
    "WITH i AS (SELECT dst_ip, dst_port, version LIKE 'DTLS%' AS udp, sni, issuer, "
    "min(ts) AS first, max(ts) AS last FROM tls WHERE issuer <> '' GROUP BY ALL), "
    "n AS (SELECT *, row_number() OVER w AS place, lag(issuer) OVER w AS old, "
    "epoch(least(lag(last) OVER w, first)) - epoch(lag(first) OVER w) AS span, "
    "count(*) OVER (PARTITION BY issuer) AS bearers FROM i WINDOW w AS (PARTITION BY "
    "dst_ip, dst_port, udp, sni ORDER BY first, issuer)) "
    "SELECT DISTINCT t.src_ip, n.dst_ip, n.dst_port, n.udp, n.old, n.span, n.bearers, "
    "n.issuer, n.first FROM n JOIN tls t ON t.dst_ip = n.dst_ip AND t.dst_port = "
    "n.dst_port AND "
    "t.issuer = n.issuer AND t.sni IS NOT DISTINCT FROM n.sni WHERE n.place = 2 AND "
    "n.span >= 30 * 86400 ORDER BY n.dst_ip, n.dst_port, n.udp, t.src_ip, n.issuer";

_Static_assert(CHANGE_DAYS == 30, "as in the SQL");

static void take_change(struct pairs_reader *r, const struct store_rows *rows)
{
	struct tls_pair p;
	if (!read_ends(r, rows, &p))
		return;
	p.old_issuer = store_text(rows, 4);
	p.old_span = store_real(rows, 5);
	p.issuer = store_text(rows, 7);
	p.changed = time_at(rows, 8);
	tls_pairs_raise(&p, ODDS_CHANGE, store_uint(rows, 6) <= 1 ? 2 : 1);
	tls_pairs_put(r, &p);
}

/* ---- names ---- */

/* Names that DNS leads elsewhere; only of servers outside. */
static int read_elsewhere(struct pairs_reader *r, struct error *e)
{
	struct elsewhere_site site;
	int result = elsewhere_read(&site, r->source, e);
	r->ordered = true; /* as all that is still to come */
	for (size_t i = 0; result == 0 && i < site.n; i++) {
		const struct elsewhere *v = &site.v[i];
		struct tls_pair p = {.host = v->host,
		    .server = v->server,
		    .port = v->port,
		    .udp = v->udp,
		    .not_before = INT64_MIN,
		    .not_after = INT64_MIN,
		    .cert_first = INT64_MIN,
		    .elsewhere = v->name,
		    .addresses = v->addresses};
		tls_pairs_raise(&p, ODDS_NAME, 3);
		tls_pairs_put(r, &p);
	}
	r->l->led = site.agree;
	elsewhere_fini(&site);
	return result;
}

/* ---- all ---- */

/* In order of server; ports that turned out to be a habit count no more. */
static void settle(struct pairs_reader *r)
{
	struct tls_pairs *l = r->l;
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), tls_pairs_by_server);
	for (size_t i = 0; i < l->n; i++) {
		struct tls_pair *p = &l->v[i];
		if (i == 0 || !tls_pairs_same_server(p, p - 1))
			r->servers_on[p->port] += p->level[ODDS_PORT] > 0;
		if (is_sole(r, p->issuer))
			p->marks |= CERT_SOLE_ISSUER;
	}
	for (size_t i = 0; i < l->n; i++) {
		if (r->servers_on[l->v[i].port] >= FEW_SERVERS)
			l->v[i].level[ODDS_PORT] = 0;
	}
}

/* Each server once, with the highest levels that any host met there. */
static void count_odds(struct tls_pairs *l)
{
	for (size_t i = 0; i < l->n;) {
		struct tls_pair server = l->v[i];
		for (; i < l->n && tls_pairs_same_server(&l->v[i], &server); i++) {
			for (size_t f = 0; f < ODDS_FAMILIES; f++)
				tls_pairs_raise(
				    &server, (enum odds_family)f, l->v[i].level[f]);
		}
		odds_count(&l->odds[server.inside], server.level);
	}
}

static void reader_free(struct pairs_reader *r)
{
	if (r != NULL) {
		free(r->issuers);
		free(r->slots);
		free(r->certs);
		arena_fini(&r->scratch);
		arena_fini(&r->names);
	}
	free(r);
}

int tls_pairs_read(
    struct tls_pairs *l, const struct source *s, const struct context *c, struct error *e)
{
	*l = (struct tls_pairs){.n = 0};
	arena_init(&l->texts, PAIRS_TEXTS_MAX);
	struct pairs_reader *r = calloc(1, sizeof(*r));
	if (r != NULL) {
		r->key = hash_key_random();
		arena_init(&r->scratch, SCRATCH_MAX);
		arena_init(&r->names, PAIRS_TEXTS_MAX);
		r->certs = calloc(2 * CERTS_MAX, sizeof(*r->certs));
		r->issuers = calloc(2 * ISSUERS_MAX, sizeof(*r->issuers));
		r->slots = calloc(PAIRS_SLOTS, sizeof(*r->slots));
	}
	if (r == NULL || r->issuers == NULL || r->slots == NULL || r->certs == NULL) {
		reader_free(r);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	r->l = l;
	r->source = s;
	int result = count_servers(r, e);
	bool any = l->odds[0].servers + l->odds[1].servers > 0;
	double days = (double)(c->last - c->first) / (double)DAY_US;
	if (result == 0 && any)
		result = read_sessions(r, e);
	if (result == 0 && any)
		result = read_elsewhere(r, e);
	if (result == 0 && any && days >= NEW_DAYS)
		result = read_all(r, clients_sql, take_client, e);
	if (result == 0 && any && days >= CHANGE_DAYS)
		result = read_all(r, changes_sql, take_change, e);
	if (result == 0 && r->no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0 && any) {
		settle(r);
		count_odds(l);
	}
	reader_free(r);
	return result < 0 ? error_add(e, "reading handshakes") : 0;
}

void tls_pairs_fini(struct tls_pairs *l)
{
	free(l->v);
	arena_fini(&l->texts);
	*l = (struct tls_pairs){.n = 0};
}
