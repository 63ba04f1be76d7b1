/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/timing/rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/timing/rotation_group.h"
#include "store/suffix.h"

/* Rows of other tables as if they were connections (columns.h), what their key needs in
 * server_name or service. */
#define TLS_ROWS                                                                         \
	"(SELECT src_ip, dst_ip, dst_port, 'tcp' AS proto, ts, NULL::DOUBLE AS "         \
	"duration, 0::BIGINT AS src_bytes, 0::BIGINT AS dst_bytes, 0::BIGINT AS "        \
	"missed_bytes, NULL::VARCHAR AS state, sni AS server_name, " ROTATION_PRINT      \
	" AS service FROM tls WHERE " ROTATION_PRINT " IS NOT NULL)"
#define DNS_ROWS                                                                         \
	"(SELECT src_ip, dst_ip, dst_port, proto, ts, NULL::DOUBLE AS duration, "        \
	"query_bytes AS src_bytes, CASE WHEN rcode IN ('NXDOMAIN', 'SERVFAIL', "         \
	"'REFUSED') THEN 0 ELSE answer_bytes END AS dst_bytes, 0::BIGINT AS "            \
	"missed_bytes, CASE WHEN rcode IN ('NXDOMAIN', 'SERVFAIL', 'REFUSED') THEN "     \
	"'REJ' END AS state, query AS server_name, NULL::VARCHAR AS service FROM dns "   \
	"WHERE kind = 'dns' AND contains(query, '.') AND NOT ends_with(query, '.arpa'))"

struct reading {
	const struct source *source;
	const struct rotation_query *q;
	const struct series_visitor *visitor;
	uint64_t *left_out;
	struct conns *conns; /* what is being read */
	struct rotation_groups groups;
	uint32_t host;               /* text whose suspects were looked up */
	size_t told_first, told_end; /* of them, in q->told */
};

/* ---- what was told already ---- */

static void find_told(struct reading *r, uint32_t host)
{
	const struct suspects *l = r->q->told;
	const struct addr *a = conns_addr(r->conns, host);
	size_t low = 0, high = l != NULL ? l->n : 0;
	if (r->host == host)
		return;
	r->host = host;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (addr_cmp(&l->v[middle].finding.host, a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	r->told_first = r->told_end = low;
	while (l != NULL && r->told_end < l->n &&
	       addr_equal(&l->v[r->told_end].finding.host, a))
		r->told_end++;
}

static bool told(const struct reading *r, const struct conns_row *row)
{
	const struct conns_text *t = r->conns->texts;
	for (size_t i = r->told_first; i < r->told_end; i++) {
		const struct suspect *v = &r->q->told->v[i];
		const struct finding *f = &v->finding;
		if (v->projection == SERIES_NAME &&
		    str_equal(f->peer, t[row->name].text) && row->name != 0)
			return true;
		if (v->projection == SERIES_ADDRESS && f->peer_port == row->port &&
		    str_equal(f->peer, t[row->dst].text) &&
		    str_equal(f->proto, t[row->proto].text))
			return true;
	}
	return false;
}

/* Whether a plain series goes to a name below the domain: then asking for it is no news.
 */
static bool domain_told(const struct reading *r, struct str domain)
{
	for (size_t i = r->told_first; i < r->told_end; i++) {
		const struct suspect *v = &r->q->told->v[i];
		struct str name = v->projection == SERIES_NAME ? v->finding.peer
							       : str_of(v->stats.name);
		if (name.n > 0 && str_equal(suffix_registered(name), domain))
			return true;
	}
	return false;
}

/* ---- visiting ---- */

static bool key_of(
    struct reading *r, const struct rotation_group *g, struct series_key *k)
{
	const struct conns *c = r->conns;
	const struct conns_row *first = &c->rows[r->groups.rows[g->first]];
	*k = (struct series_key){
	    .projection = r->q->projection,
	    .direction = DIRECTION_OUTBOUND,
	    .host = *conns_addr(r->conns, g->src),
	    .peer = rotation_text(&r->groups, c, g, r->q->projection),
	    .port = first->port,
	    .proto = c->texts[first->proto].text,
	};
	if (k->proto.p == NULL)
		k->proto = STR("");
	return k->peer.p != NULL;
}

static struct str peer_of(const struct reading *r, const struct conns_row *row)
{
	const struct conns_text *t = r->conns->texts;
	return t[rotation_peer(row, r->q->projection)].text;
}

static void visit(struct reading *r, const struct rotation_group *g)
{
	const struct conns *c = r->conns;
	const struct conns_text *t = c->texts;
	bool logged = r->q->projection >= SERIES_PRINT && r->q->projection != SERIES_SIZE;
	struct series_key key;
	if (!key_of(r, g, &key) ||
	    (r->q->again != NULL && suspects_find(r->q->again, &key) == NULL))
		return;
	find_told(r, g->src);
	if (r->q->projection == SERIES_ASKED && domain_told(r, key.peer))
		return;
	r->visitor->begin(r->visitor->ctx, &key);
	for (uint32_t i = 0; i < g->n; i++) {
		const struct conns_row *row = &c->rows[r->groups.rows[g->first + i]];
		if (told(r, row))
			continue;
		struct series_event v = {.ts = row->ts,
		    .seconds = row->seconds,
		    .out = row->src_bytes,
		    .in = row->dst_bytes,
		    .missed = row->missed,
		    .failed = row->failed && row->dst_bytes == 0,
		    .host = key.host,
		    .name = t[row->name].text,
		    .peer = peer_of(r, row)};
		v.start = logged || v.failed || v.out > 0 || v.in > 0;
		if (r->q->projection != SERIES_PRINT)
			v.service = t[row->service].text;
		r->visitor->event(r->visitor->ctx, &v);
	}
	r->visitor->end(r->visitor->ctx, &key);
}

static int visit_all(struct reading *r, struct conns *c, struct error *e)
{
	r->conns = c;
	r->host = 0;
	int result =
	    rotation_groups_read(&r->groups, c, r->source->options, r->q->projection, e);
	for (size_t i = 0; result == 0 && i < r->groups.n; i++)
		visit(r, &r->groups.v[i]);
	rotation_groups_fini(&r->groups);
	return result;
}

/* ---- where rows come from ---- */

/* What stands behind FROM. Owned by the caller; NULL without memory. */
static char *rows_of(const struct reading *r)
{
	const struct past *past = r->source->past;
	char *sql = NULL;
	int n;
	if (r->q->projection == SERIES_PRINT)
		return strdup(TLS_ROWS);
	if (r->q->projection == SERIES_ASKED)
		return strdup(DNS_ROWS);
	n = asprintf(&sql,
	    past->decayed ? "(SELECT * FROM %s WHERE day_last IS NULL)" : "%s",
	    past->rows);
	return n >= 0 ? sql : NULL;
}

/* The rows for which the condition holds. 1: all were visited; 0: there are too many. */
static int read_where(
    struct reading *r, const char *rows, const char *condition, struct error *e)
{
	struct past part = {.horizon = INT64_MIN};
	struct conns c;
	if (asprintf(&part.rows, "(SELECT * FROM %s AS all_rows WHERE %s) AS part", rows,
		condition) < 0)
		return error_set(e, ERR_SYSTEM, "no memory left");
	int result = conns_read(&c, r->source->store, &part, ROTATION_PART_MAX, e);
	bool held = c.held;
	if (result >= 0 && held)
		result = visit_all(r, &c, e);
	conns_fini(&c);
	free(part.rows);
	return result < 0 ? -1 : held;
}

static int read_counted(
    struct reading *r, const char *rows, const char *condition, struct error *e)
{
	int result = read_where(r, rows, condition, e);
	*r->left_out += result == 0;
	return result < 0 ? -1 : 0;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(x, y);
}

/* Only the hosts of the suspects that are visited again, in order of their text. */
static int read_hosts(struct reading *r, const char *rows, struct error *e)
{
	char(*hosts)[ADDR_TEXT_MAX] = calloc(ROTATION_HOSTS_MAX, sizeof(*hosts));
	const struct addr *before = NULL;
	size_t n = 0;
	int result = 0;
	if (hosts == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < r->q->again->n; i++) {
		const struct suspect *v = &r->q->again->v[i];
		bool same = v->projection != r->q->projection ||
			    (before != NULL && addr_equal(before, &v->finding.host));
		before = same ? before : &v->finding.host;
		if (n == ROTATION_HOSTS_MAX && !same)
			++*r->left_out;
		else if (!same)
			addr_text(&v->finding.host, hosts[n++]);
	}
	if (n > 0)
		qsort(hosts, n, sizeof(*hosts), by_text);
	for (size_t i = 0; result == 0 && i < n; i++) {
		char condition[ADDR_TEXT_MAX + 16];
		snprintf(condition, sizeof(condition), "src_ip = '%s'", hosts[i]);
		result = read_counted(r, rows, condition, e);
	}
	free(hosts);
	return result;
}

/* All at once, as most memories can be; else in parts, each with all of some hosts. */
static int read_parts(struct reading *r, const char *rows, struct error *e)
{
	int result = read_where(r, rows, "true", e);
	if (result != 0)
		return result < 0 ? -1 : 0;
	struct store_rows *q =
	    past_query(r->source->store, e, "SELECT count(*) FROM %s AS all_rows", rows);
	if (q == NULL)
		return -1;
	uint64_t n = store_next(q) ? store_uint(q, 0) : 0, parts = n / ROTATION_PART + 2;
	result = store_rows_failed(q, e) ? -1 : 0;
	store_rows_free(q);
	for (uint64_t i = 0; result == 0 && i < parts; i++) {
		char condition[64];
		snprintf(condition, sizeof(condition), "hash(src_ip) %% %llu = %llu",
		    (unsigned long long)parts, (unsigned long long)i);
		result = read_counted(r, rows, condition, e);
	}
	return result;
}

int rotation_read(const struct source *s, const struct rotation_query *q,
    const struct series_visitor *visitor, uint64_t *left_out, struct error *e)
{
	struct reading r = {
	    .source = s, .q = q, .visitor = visitor, .left_out = left_out};
	bool held = s->conns->held && q->projection != SERIES_PRINT &&
		    q->projection != SERIES_ASKED;
	if (q->again != NULL && q->again->n == 0)
		return 0;
	if (held)
		return visit_all(&r, s->conns, e);
	char *rows = rows_of(&r);
	if (rows == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	int result = q->again != NULL ? read_hosts(&r, rows, e) : read_parts(&r, rows, e);
	free(rows);
	return result < 0 ? error_add(e, "reading peers that change") : 0;
}

/* ---- peers ---- */

void rotation_peers_add(struct rotation_peers *p, struct str peer)
{
	uint64_t hash = hash_bytes(&hash_key_public, peer.p, peer.n);
	for (size_t i = 0; i < p->n; i++) {
		if (p->hash[i] == hash)
			return;
	}
	if (peer.n == 0 || p->n == ROTATION_PEERS_MAX)
		return;
	p->hash[p->n++] = hash;
	size_t at = strlen(p->shown);
	if (p->n <= ROTATION_SHOWN && at + peer.n + 3 <= sizeof(p->shown))
		snprintf(p->shown + at, sizeof(p->shown) - at, "%s%.*s",
		    at > 0 ? ", " : "", STR_ARG(peer));
}
