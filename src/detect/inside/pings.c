/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/pings.h"

#include <math.h>
#include <stdlib.h>

#include "detect/inside/poisson.h"
#include "detect/inside/walk.h"

#define STRING(x)  STRING_(x)
#define STRING_(x) #x

/* A pair of ICMP: who first sent when. */
struct first {
	uint32_t src;
	int64_t ts;
};

static int by_source_and_time(const void *x, const void *y)
{
	const struct first *a = x, *b = y;
	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	return a->ts != b->ts ? (a->ts < b->ts ? -1 : 1) : 0;
}

/* Whether any source began enough pairs within the window: else no query is worth it. The
 * port of ICMP is the code, which is 0 for echo requests. */
static bool may_ping(struct conns *c)
{
	uint32_t icmp = conns_find(c, STR("icmp"));
	const struct conns_index *index = icmp != 0 ? conns_index(c, CONNS_PAIR) : NULL;
	size_t n = 0;
	struct first *v = NULL;
	if (!c->held)
		return true;
	if (index != NULL)
		v = malloc((index->count + 1) * sizeof(*v));
	for (size_t i = 0; v != NULL && i < index->count; i++) {
		const struct conns_row *r = &c->rows[index->rows[index->groups[i].first]];
		if (r->proto == icmp && r->port == 0 && !r->day)
			v[n++] = (struct first){r->src, r->ts};
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), by_source_and_time);
	bool may = false;
	for (size_t i = CONTACTS_DEAD - 1; i < n && !may; i++) {
		const struct first *from = &v[i - (CONTACTS_DEAD - 1)];
		may = from->src == v[i].src && v[i].ts - from->ts <= WALK_WINDOW_US;
	}
	free(v);
	return may;
}

/* Types of echo requests: RFC 792, RFC 4443. */
static const char sql[] =
    "WITH t AS MATERIALIZED (SELECT src_ip, dst_ip, epoch_us(min(ts)) AS first, "
    "epoch_us(max(ts)) AS last, bool_and(coalesce(dst_packets, 0) = 0) AS dead, "
    "count(*) AS n, sum(src_bytes) AS sent, sum(dst_bytes) AS got FROM conn WHERE proto "
    "= 'icmp' AND src_port IN (8, 128) GROUP BY src_ip, dst_ip) "
    "SELECT t.* FROM t SEMI JOIN (SELECT src_ip FROM t GROUP BY src_ip HAVING count(*) "
    ">= " STRING(CONTACTS_DEAD) ") AS k ON k.src_ip = t.src_ip "
				"ORDER BY src_ip, first, dst_ip";

static bool read_row(const struct store_rows *r, struct addr *src, struct contact *c)
{
	*c = (struct contact){.first = store_int(r, 2),
	    .last = store_int(r, 3),
	    .proto = 'i',
	    .dead = store_bool(r, 4),
	    .connections = store_uint(r, 5),
	    .out = store_uint(r, 6),
	    .in = store_uint(r, 7)};
	return str_addr(store_text(r, 0), src) && !addr_is_unset(src) &&
	       !addr_is_multicast(src) && str_addr(store_text(r, 1), &c->dst) &&
	       !addr_is_unset(&c->dst) && !addr_is_multicast(&c->dst);
}

int pings_read(
    const struct source *s, const struct pings_visitor *visitor, struct error *e)
{
	if (!may_ping(s->conns))
		return 0;
	struct contact *v = malloc(CONTACTS_MAX * sizeof(*v)), c;
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_sum(s->store, sql, e);
	struct addr src, before = {{0}};
	size_t n = 0;
	while (r != NULL && store_next(r)) {
		if (!read_row(r, &src, &c))
			continue;
		if (n > 0 && !addr_equal(&src, &before)) {
			visitor->source(visitor->ctx, &before, v, n);
			n = 0;
		}
		before = src;
		if (n < CONTACTS_MAX)
			v[n++] = c;
	}
	if (n > 0)
		visitor->source(visitor->ctx, &before, v, n);
	bool failed = r == NULL || store_rows_failed(r, e);
	store_rows_free(r);
	free(v);
	return failed ? error_add(e, "reading who was pinged") : 0;
}

double pings_decades(const struct context *c, size_t n, uint64_t burst)
{
	double windows = fmax(1, (double)(c->last - c->first) / (double)WALK_WINDOW_US);
	double mean = ((double)n - (double)burst + 0.5) / windows;
	return burst == 0
		   ? 0
		   : fmax(0, poisson_decades(fmax(mean, 0.5), burst) - log10(windows));
}
