/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logons that were guessed: many refused in a quarter of an hour, and perhaps one that
 * was not; and tickets for services that are suddenly encrypted so that they can be
 * broken.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "detect/inside/paths.h"

#define FAILURES   20 /* in a quarter of an hour: Zeek's for FTP */
#define QUARTER_US (900 * INT64_C(1000000))
#define TIMES_MAX  4096 /* refused logons within it that are counted */
#define NAMES_MAX  64   /* names among them that are told apart */
#define WEAK       3    /* services, from which on weak tickets are told by themselves */

/*
 * Attempts with a name, whose outcome was seen: from where, what is one, and which are
 * refused. Kerberos (RFC 4120, 7.5.9): 6 no such client, 18 revoked, 24 wrong password;
 * 25 only asks for pre-authentication.
 */
static const struct logons {
	const char *table, *service, *user, *ok, *where, *refused;
	const char *carried; /* word of conn.service without which it has no rows */
} logons[] = {
    {"login", "protocol", "user", "success", "success IS NOT NULL", "NOT success", NULL},
    {"ntlm", "carrier", "username", "success",
	"success IS NOT NULL AND username IS NOT NULL",
	"NOT success AND username IS NOT NULL", NULL},
    {"kerberos", "'kerberos'", "client", "coalesce(success, false)",
	"request_type = 'AS' AND (success OR error_code IN (6, 18, 24))",
	"error_code IN (6, 18, 24)", "krb"},
    {"ldap", "'ldap'", "object", "result = 'success'",
	"opcode = 'bind simple' AND result IN ('success', 'invalid credentials')",
	"opcode = 'bind simple' AND result = 'invalid credentials'", "ldap"},
};

#define LOGONS (sizeof(logons) / sizeof(logons[0]))

/*
 * Tickets with RC4 (types 23, 24: RFC 4757) for services, given to a client that had used
 * AES before; and logons that offer nothing else where the realm's own ticket is
 * encrypted with AES (types 17 to 20: RFC 3962, RFC 8009), as one must who has only a
 * password's hash.
 */
static const char tickets_sql[] =
    "WITH k AS (SELECT src_ip, dst_ip, dst_port, ts, client, service_name, request_type "
    "= "
    "'TGS' AS service FROM kerberos WHERE success AND ((request_type = 'TGS' AND cipher "
    "LIKE 'rc4%') OR (request_type = 'AS' AND reply_cipher LIKE 'rc4%' AND cipher LIKE "
    "'aes%' AND len(etypes) > 0 AND NOT list_has_any(etypes, [17, 18, 19, 20])))), aes "
    "AS "
    "(SELECT src_ip, min(ts) AS since FROM kerberos WHERE (request_type <> 'AS' AND "
    "cipher LIKE 'aes%') OR reply_cipher LIKE 'aes%' GROUP BY src_ip) "
    "SELECT k.src_ip, k.dst_ip, min(dst_port), count(*) FILTER (service AND ts > since), "
    "count(DISTINCT service_name) FILTER (service AND ts > since), count(*) FILTER (NOT "
    "service), count(DISTINCT client) FILTER (NOT service), coalesce(bool_or(NOT service "
    "AND ts > since), false), epoch_us(min(ts)), epoch_us(max(ts)) FROM k LEFT JOIN aes "
    "ON "
    "aes.src_ip = k.src_ip GROUP BY k.src_ip, k.dst_ip ORDER BY k.src_ip, k.dst_ip";

/* The attempts of one pair and service. */
struct reader {
	struct paths *all;
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX], service[32];
	uint16_t port;
	int64_t times[TIMES_MAX]; /* of the latest refused ones, as a ring */
	uint64_t refused, oldest, most;
	uint64_t names[NAMES_MAX]; /* hashes */
	size_t name_count;
	int64_t first, last;
	bool guessed;
};

static void set_text(char *to, size_t room, struct str text)
{
	snprintf(to, room, "%.*s", STR_ARG(text));
}

static void end_pair(struct reader *g)
{
	struct addr src, dst;
	if (g->most >= FAILURES && addr_parse(g->src, &src) && addr_parse(g->dst, &dst)) {
		struct path *p = paths_at(g->all, &src, &dst);
		if (p != NULL && g->most > p->failures) { /* of services the worst */
			path_seen(p, g->first, g->last);
			p->port = p->port == 0 ? g->port : p->port;
			p->failures = g->most;
			p->users = g->name_count;
			p->guessed = g->guessed;
			p->guess_service = str_copy(&g->all->texts, str_of(g->service));
		}
	}
	g->refused = g->oldest = g->most = g->name_count = 0;
	g->guessed = false;
}

static void note_name(struct reader *g, struct str name)
{
	uint64_t x = hash_bytes(&hash_key_public, name.p, name.n);
	for (size_t i = 0; i < g->name_count; i++) {
		if (g->names[i] == x)
			return;
	}
	if (g->name_count < NAMES_MAX)
		g->names[g->name_count++] = x;
}

static void take_attempt(struct reader *g, const struct store_rows *r)
{
	int64_t ts = moment_us(store_time(r, 4));
	bool ok = store_bool(r, 6);
	if (!ok) {
		g->first = g->refused == 0 ? ts : g->first;
		g->last = ts;
		g->times[g->refused++ % TIMES_MAX] = ts;
		note_name(g, store_text(r, 5));
	}
	while (
	    g->refused - g->oldest > TIMES_MAX ||
	    (g->oldest < g->refused && ts - g->times[g->oldest % TIMES_MAX] > QUARTER_US))
		g->oldest++;
	uint64_t now = g->refused - g->oldest;
	g->most = now > g->most ? now : g->most;
	if (ok && now >= FAILURES) {
		g->guessed = true;
		g->last = ts;
	}
}

static bool same_pair(const struct reader *g, const struct store_rows *r)
{
	return str_equal(store_text(r, 0), str_of(g->src)) &&
	       str_equal(store_text(r, 1), str_of(g->dst)) &&
	       str_equal(store_text(r, 2), str_of(g->service));
}

static int read_attempts(
    struct reader *g, const struct logons *l, struct store *s, struct error *e)
{
	struct store_rows *r = past_query(s, e,
	    "SELECT src_ip, dst_ip, coalesce(%s, ''), dst_port, ts, %s AS name, %s AS ok "
	    "FROM %s WHERE %s ORDER BY src_ip, dst_ip, 3, ts, ok, name",
	    l->service, l->user, l->ok, l->table, l->where);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		if (!same_pair(g, r)) {
			end_pair(g);
			set_text(g->src, sizeof(g->src), store_text(r, 0));
			set_text(g->dst, sizeof(g->dst), store_text(r, 1));
			set_text(g->service, sizeof(g->service), store_text(r, 2));
			g->port = (uint16_t)store_uint(r, 3);
		}
		take_attempt(g, r);
	}
	end_pair(g);
	g->src[0] = '\0';
	return store_rows_end(r, e);
}

/* How many logons of each kind were refused: mostly too few to look at. */
static int count_refused(
    const struct source *s, uint64_t n[static LOGONS], struct error *e)
{
	char sql[1024];
	size_t at = (size_t)snprintf(sql, sizeof(sql), "SELECT ");
	for (size_t i = 0; i < LOGONS; i++) {
		const struct logons *l = &logons[i];
		bool there = l->carried == NULL || paths_may_have(s->conns, l->carried);
		at += there ? (size_t)snprintf(sql + at, sizeof(sql) - at,
				  "%s(SELECT count(*) FROM %s WHERE %s)",
				  i > 0 ? ", " : "", l->table, l->refused)
			    : (size_t)snprintf(
				  sql + at, sizeof(sql) - at, "%s0", i > 0 ? ", " : "");
	}
	struct store_rows *r = store_sum(s->store, sql, e);
	if (r == NULL)
		return -1;
	if (store_next(r)) {
		for (size_t i = 0; i < LOGONS; i++)
			n[i] = store_uint(r, i);
	}
	return store_rows_end(r, e);
}

static int read_guesses(struct paths *all, const struct source *s, struct error *e)
{
	uint64_t refused[LOGONS] = {0};
	int result = count_refused(s, refused, e);
	struct reader *g = calloc(1, sizeof(*g));
	if (g == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	g->all = all;
	for (size_t i = 0; result == 0 && i < LOGONS; i++) {
		if (refused[i] >= FAILURES)
			result = read_attempts(g, &logons[i], s->store, e);
	}
	free(g);
	return result;
}

static int read_tickets(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_sum(s, tickets_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src, dst;
		uint64_t services = store_uint(r, 4), logons_seen = store_uint(r, 5);
		if ((services < WEAK && logons_seen == 0) ||
		    !str_addr(store_text(r, 0), &src) ||
		    !str_addr(store_text(r, 1), &dst))
			continue;
		struct path *p = paths_at(all, &src, &dst);
		if (p == NULL)
			continue;
		path_seen(p, store_int(r, 8), store_int(r, 9));
		p->port = p->port == 0 ? (uint16_t)store_uint(r, 2) : p->port;
		p->weak_tickets = services >= WEAK ? store_uint(r, 3) : 0;
		p->weak_services = services >= WEAK ? services : 0;
		p->rc4_asked = logons_seen;
		p->rc4_names = store_uint(r, 6);
		p->aes_before = store_bool(r, 7);
	}
	return store_rows_end(r, e);
}

/* Whether any are with RC4: mostly none. */
static int has_rc4(struct store *s, bool *there, struct error *e)
{
	struct store_rows *r = store_sum(s,
	    "SELECT count(*) FROM kerberos WHERE cipher LIKE 'rc4%' OR (reply_cipher "
	    "LIKE "
	    "'rc4%' AND cipher LIKE 'aes%')",
	    e);
	if (r == NULL)
		return -1;
	*there = store_next(r) && store_uint(r, 0) > 0;
	return store_rows_end(r, e);
}

int guesses_read(struct paths *p, const struct detection *d, struct error *e)
{
	struct store *s = d->source->store;
	bool tickets = false;
	int result = read_guesses(p, d->source, e);
	if (result == 0 && paths_may_have(d->source->conns, "krb"))
		result = has_rc4(s, &tickets, e);
	if (result == 0 && tickets)
		result = read_tickets(p, s, e);
	return result < 0 ? error_add(e, "reading logons") : 0;
}
