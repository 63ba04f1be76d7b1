/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logons that were guessed: many refused in a quarter of an hour, and perhaps one that
 * was not; and tickets for services that are suddenly encrypted so that they can be
 * broken.
 */
#include "detect/inside/paths.h"

#define STRING(x)  STRING_(x)
#define STRING_(x) #x
#define FAILURES   20          /* in a quarter of an hour: Zeek's threshold for FTP */
#define QUARTER    "900000000" /* µs */
#define WEAK       3 /* services, from which on weak tickets are told by themselves */

/*
 * Attempts with a name, whose outcome was seen. Kerberos (RFC 4120, 7.5.9): 6 no such
 * client, 18 revoked, 24 wrong password; 25 only asks for pre-authentication.
 */
#define ATTEMPTS                                                                         \
	"SELECT src_ip, dst_ip, dst_port, ts, protocol AS service, user, success AS ok " \
	"FROM login WHERE success IS NOT NULL UNION ALL "                                \
	"SELECT src_ip, dst_ip, dst_port, ts, carrier, username, success FROM ntlm "     \
	"WHERE success IS NOT NULL AND username IS NOT NULL UNION ALL "                  \
	"SELECT src_ip, dst_ip, dst_port, ts, 'kerberos', client, success FROM "         \
	"kerberos WHERE request_type = 'AS' AND (success OR error_code IN (6, 18, 24)) " \
	"UNION ALL SELECT src_ip, dst_ip, dst_port, ts, 'ldap', object, "                \
	"result = 'success' FROM ldap WHERE opcode = 'bind simple' AND result IN "       \
	"('success', 'invalid credentials') UNION ALL "                                  \
	"SELECT src_ip, dst_ip, dst_port, ts, 'http', username, status <> 401 FROM "     \
	"http WHERE username IS NOT NULL AND status IS NOT NULL"

static const char guesses_sql[] =
    "WITH a AS MATERIALIZED (" ATTEMPTS "), b AS (SELECT a.*, count(*) FILTER (NOT a.ok) "
    "OVER (PARTITION BY a.src_ip, a.dst_ip, a.service ORDER BY epoch_us(a.ts) RANGE "
    "BETWEEN " QUARTER " PRECEDING AND CURRENT ROW) AS failed FROM a SEMI JOIN (SELECT "
    "src_ip, dst_ip, service FROM a WHERE NOT ok GROUP BY src_ip, dst_ip, service HAVING "
    "count(*) >= " STRING(
	FAILURES) ") AS k ON k.src_ip = a.src_ip AND k.dst_ip = "
		  "a.dst_ip AND k.service = a.service) SELECT src_ip, dst_ip, service, "
		  "min(dst_port), "
		  "max(failed), count(DISTINCT user) FILTER (NOT ok), epoch_us(min(ts) "
		  "FILTER (NOT "
		  "ok)), epoch_us(max(ts)), coalesce(bool_or(ok AND failed >= " STRING(
		      FAILURES) "), "
				"false) FROM b GROUP BY src_ip, dst_ip, service HAVING "
				"max(failed) >= " STRING(
				    FAILURES) " ORDER BY src_ip, dst_ip, service";

static const char weak_sql[] =
    "WITH aes AS (SELECT src_ip, client, min(ts) AS since FROM kerberos WHERE success "
    "AND "
    "cipher LIKE 'aes%' GROUP BY src_ip, client) SELECT k.src_ip, k.dst_ip, count(*), "
    "count(DISTINCT k.service_name), epoch_us(min(k.ts)), epoch_us(max(k.ts)), "
    "min(k.dst_port) FROM kerberos AS k JOIN aes ON aes.src_ip = k.src_ip AND aes.client "
    "= k.client WHERE k.request_type = 'TGS' AND k.success AND k.cipher LIKE 'rc4%' AND "
    "k.ts > aes.since GROUP BY k.src_ip, k.dst_ip ORDER BY k.src_ip, k.dst_ip";

/*
 * Logons that offer RC4 alone (23, 24: RFC 4757) where the realm's own ticket is
 * encrypted with AES: so asks who has the hash of a password only. Types 17 to 20 are AES
 * (RFC 3962, RFC 8009).
 */
static const char rc4_sql[] =
    "WITH aes AS (SELECT src_ip, min(ts) AS since FROM kerberos WHERE "
    "list_has_any(etypes, "
    "[17, 18, 19, 20]) OR (request_type <> 'AS' AND cipher LIKE 'aes%') GROUP BY src_ip) "
    "SELECT k.src_ip, k.dst_ip, count(*), count(DISTINCT k.client), epoch_us(min(k.ts)), "
    "epoch_us(max(k.ts)), min(k.dst_port), coalesce(bool_or(aes.since < k.ts), false) "
    "FROM "
    "kerberos AS k LEFT JOIN aes ON aes.src_ip = k.src_ip WHERE k.request_type = 'AS' "
    "AND "
    "k.success AND list_has_any(k.etypes, [23, 24]) AND NOT list_has_any(k.etypes, [17, "
    "18, 19, 20]) AND k.cipher LIKE 'aes%' GROUP BY k.src_ip, k.dst_ip ORDER BY "
    "k.src_ip, "
    "k.dst_ip";

static struct path *path_of(
    struct paths *all, const struct store_rows *r, int64_t first, int64_t last)
{
	struct addr src, dst;
	if (!str_addr(store_text(r, 0), &src) || !str_addr(store_text(r, 1), &dst))
		return NULL;
	struct path *p = paths_at(all, &src, &dst);
	if (p != NULL)
		path_seen(p, first, last);
	return p;
}

static int read_guesses(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s, guesses_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct path *p = path_of(all, r, store_int(r, 6), store_int(r, 7));
		if (p == NULL || store_uint(r, 4) <= p->failures)
			continue; /* of several services the one with most */
		if (p->port == 0)
			p->port = (uint16_t)store_uint(r, 3);
		p->failures = store_uint(r, 4);
		p->users = store_uint(r, 5);
		p->guessed = store_bool(r, 8);
		p->guess_service = str_copy(&all->texts, store_text(r, 2));
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static int read_weak(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s, weak_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct path *p = store_uint(r, 3) >= WEAK
				     ? path_of(all, r, store_int(r, 4), store_int(r, 5))
				     : NULL;
		if (p == NULL)
			continue;
		if (p->port == 0)
			p->port = (uint16_t)store_uint(r, 6);
		p->weak_tickets = store_uint(r, 2);
		p->weak_services = store_uint(r, 3);
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static int read_rc4(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s, rc4_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct path *p = path_of(all, r, store_int(r, 4), store_int(r, 5));
		if (p == NULL)
			continue;
		if (p->port == 0)
			p->port = (uint16_t)store_uint(r, 6);
		p->rc4_asked = store_uint(r, 2);
		p->rc4_names = store_uint(r, 3);
		p->aes_before = store_bool(r, 7);
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

/* Whether the table has rows: most memories have none, and joins are not for nothing. */
static int has_tickets(struct store *s, bool *there, struct error *e)
{
	struct store_rows *r = store_query(s,
	    "SELECT 1 FROM kerberos WHERE cipher LIKE 'rc4%' OR reply_cipher LIKE 'rc4%' "
	    "LIMIT 1",
	    e);
	if (r == NULL)
		return -1;
	*there = store_next(r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

int guesses_read(struct paths *p, const struct detection *d, struct error *e)
{
	struct store *s = d->source->store;
	bool tickets = false;
	int result = read_guesses(p, s, e);
	if (result == 0)
		result = has_tickets(s, &tickets, e);
	if (result == 0 && tickets)
		result = read_weak(p, s, e);
	if (result == 0 && tickets)
		result = read_rc4(p, s, e);
	return result < 0 ? error_add(e, "reading logons") : 0;
}
