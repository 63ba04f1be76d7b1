/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/around.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/dns/names.h"

#define KEYS_TEXT_MAX ((size_t)OUTSTANDING_MAX * (ADDR_TEXT_MAX + 2 * LEDGER_TEXT + 4))

/* The ledgers as a table f(c, d, k) of clients, domains and keys, out of $1; and q, what
 * these clients asked for under these keys. */
#define LEDGERS_SQL                                                                      \
	"WITH f AS MATERIALIZED (SELECT split_part(x, ' ', 1) AS c, split_part(x, ' ', " \
	"2) AS d, split_part(x, ' ', 3) AS k FROM (SELECT unnest(string_split($1, "      \
	"chr(10))) AS x)), p AS MATERIALIZED (SELECT src_ip, dst_ip, query, qtype, "     \
	"answers FROM dns WHERE kind = 'dns' AND query <> '' AND src_ip IN (SELECT c "   \
	"FROM f)), q AS MATERIALIZED (SELECT f.c, f.d, p.* FROM p JOIN f ON p.src_ip = " \
	"f.c AND (ends_with(query, '.' || f.d) OR (f.k = f.d AND f.k = (" NAMES_KEY_SQL  \
	")))) "

bool around_init(struct around *a)
{
	*a = (struct around){.v = calloc(OUTSTANDING_MAX, sizeof(*a->v))};
	return a->v != NULL;
}

void around_fini(struct around *a)
{
	free(a->v);
	*a = (struct around){.v = NULL};
}

void around_add(struct around *a, const struct ledger *l)
{
	size_t at = a->n;
	if (a->n < OUTSTANDING_MAX) {
		a->n++;
	} else {
		a->dropped++;
		at = 0;
		for (size_t i = 1; i < a->n; i++) {
			if (a->v[i].l.all_bytes < a->v[at].l.all_bytes)
				at = i;
		}
		if (a->v[at].l.all_bytes >= l->all_bytes)
			return;
	}
	a->v[at] = (struct outstanding){.l = *l};
	addr_text(&l->client, a->v[at].client);
}

/* The ledgers as text: "CLIENT DOMAIN KEY" a line. NULL: no memory left. Owned. */
static char *keys_text(const struct around *a, size_t *length)
{
	char *text = malloc(KEYS_TEXT_MAX);
	size_t n = 0;
	for (size_t i = 0; text != NULL && i < a->n; i++) {
		const struct ledger *l = &a->v[i].l;
		const char *at = l->direct ? "@" : "";
		struct str domain = str_of(l->domain);
		struct str key = l->direct ? domain : names_key(domain);
		n += (size_t)snprintf(text + n, KEYS_TEXT_MAX - n, "%s%s %s%.*s %s%.*s",
		    i > 0 ? "\n" : "", a->v[i].client, at, STR_ARG(domain), at,
		    STR_ARG(key));
	}
	*length = n;
	return text;
}

static bool is_domain(const struct outstanding *o, struct str domain)
{
	if (o->l.direct && domain.n > 0 && domain.p[0] == '@')
		domain = (struct str){domain.p + 1, domain.n - 1};
	return str_equal(domain, str_of(o->l.domain));
}

/* Who asks for a domain with more labels than its key, since when. */
static void take_client(struct around *a, const struct store_rows *r)
{
	struct str domain = store_text(r, 0);
	int64_t first = store_int(r, 2);
	for (size_t i = 0; i < a->n; i++) {
		struct outstanding *o = &a->v[i];
		if (!is_domain(o, domain))
			continue;
		o->hosts += !tallies_serves(a->tallies, store_text(r, 1));
		if (first < o->domain_first)
			o->domain_first = first;
	}
}

static struct outstanding *find(struct around *a, struct str client, struct str domain)
{
	for (size_t i = 0; i < a->n; i++) {
		if (str_equal(client, str_of(a->v[i].client)) &&
		    is_domain(&a->v[i], domain))
			return &a->v[i];
	}
	return NULL;
}

static void take_answers(struct around *a, const struct store_rows *r)
{
	struct outstanding *o = find(a, store_text(r, 0), store_text(r, 1));
	if (o == NULL)
		return;
	o->answers = store_uint(r, 2);
	o->contacted = store_uint(r, 3);
	o->loopback = store_uint(r, 4);
}

static int each_row(struct around *a, struct store *s, const char *sql, struct str keys,
    void (*take)(struct around *a, const struct store_rows *r), struct error *e)
{
	struct store_rows *r = store_query_with(s, sql, &keys, 1, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		take(a, r);
	return store_rows_end(r, e);
}

static const char clients_sql[] =
    "WITH f AS (SELECT DISTINCT split_part(x, ' ', 2) AS d, split_part(x, ' ', 3) AS k "
    "FROM (SELECT unnest(string_split($1, chr(10))) AS x) WHERE k <> d) SELECT f.d, "
    "src_ip, epoch_us(min(ts)) FROM dns JOIN f ON ends_with(query, '.' || f.d) WHERE "
    "kind "
    "= 'dns' AND src_ip IS NOT NULL GROUP BY f.d, src_ip ORDER BY f.d, src_ip";

/* %s: the connections, or what is left of them. */
static const char answers_form[] = LEDGERS_SQL
    ", a AS MATERIALIZED (SELECT DISTINCT c, d, unnest(answers) AS a FROM q WHERE qtype "
    "IN "
    "('A', 'AAAA')), n AS MATERIALIZED (SELECT DISTINCT src_ip || ' ' || dst_ip AS pair "
    "FROM %s WHERE src_ip IN (SELECT c FROM a)) SELECT c, d, count(*), count(*) FILTER "
    "(c "
    "|| ' ' || a IN (SELECT pair FROM n)), count(*) FILTER (a LIKE '127.%%') FROM a "
    "WHERE "
    "regexp_matches(a, '^([0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*)$') GROUP BY c, d ORDER BY c, "
    "d";

static bool asked(const struct ledger *l, const char *server)
{
	for (size_t i = 0; i < l->server_count; i++) {
		if (strcmp(l->server[i], server) == 0)
			return true;
	}
	return false;
}

static void find_forwarders(struct around *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct outstanding *o = &a->v[i];
		for (size_t j = 0; j < a->n && !o->forwards; j++)
			o->forwards = j != i &&
				      strcmp(a->v[j].l.domain, o->l.domain) == 0 &&
				      asked(&a->v[j].l, o->client);
	}
}

/* What the tally tells of the clients; true where it takes a statement to tell. */
static bool count_clients(struct outstanding *o, const struct tallies *t)
{
	const struct ledger *l = &o->l;
	struct str domain = str_of(l->domain);
	struct str key = l->direct ? domain : names_key(domain);
	o->serves = tallies_serves(t, str_of(o->client));
	o->domain_first = INT64_MAX;
	if (!str_equal(key, domain))
		return true;
	o->hosts = tallies_clients(t, key, l->direct, &o->domain_first);
	return false;
}

/* Answers that can be contacted: somebody asked for addresses. */
static bool asks_addresses(const struct around *a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].l.address_queries > 0)
			return true;
	}
	return false;
}

int around_fill(
    struct around *a, const struct tallies *t, const struct source *s, struct error *e)
{
	size_t length;
	bool ask = false;
	if (a->n == 0)
		return 0;
	a->tallies = t;
	for (size_t i = 0; i < a->n; i++)
		ask |= count_clients(&a->v[i], t);
	char *text = keys_text(a, &length), *answers_sql = NULL;
	if (text == NULL || asprintf(&answers_sql, answers_form, s->past->rows) < 0) {
		free(text);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	struct str keys = {text, length};
	int result = 0;
	if (ask)
		result = each_row(a, s->store, clients_sql, keys, take_client, e);
	if (result == 0 && asks_addresses(a))
		result = each_row(a, s->store, answers_sql, keys, take_answers, e);
	if (result == 0)
		find_forwarders(a);
	free(answers_sql);
	free(text);
	return result;
}
