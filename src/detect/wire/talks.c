/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/wire/talks.h"

#include <math.h>
#include <stdlib.h>

struct reading {
	const struct talks_query *q;
	void (*visit)(void *ctx, const struct talk *t);
	void *ctx;
};

static int by_addr(const void *x, const void *y)
{
	return addr_cmp(x, y);
}

size_t talks_openers(struct addr *v, size_t n)
{
	size_t kept = 0;
	if (n > 0)
		qsort(v, n, sizeof(*v), by_addr);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !addr_equal(&v[i], &v[kept - 1]))
			v[kept++] = v[i];
	}
	return kept;
}

/* Which texts of the held connections are openers; owned by the caller. */
static bool *mark(struct conns *c, const struct talks_query *q)
{
	bool *marks = calloc(c->text_count + 1, sizeof(*marks));
	for (size_t i = 0; marks != NULL && i < q->n; i++) {
		char text[ADDR_TEXT_MAX];
		size_t n = addr_text(&q->openers[i], text);
		marks[conns_find(c, (struct str){text, n})] = true;
	}
	if (marks != NULL)
		marks[0] = false; /* the absent text */
	return marks;
}

static int read_held(struct reading *x, struct conns *c, struct error *e)
{
	bool *marks = mark(c, x->q);
	if (marks == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		if (!marks[r->src] || r->day)
			continue;
		const struct addr *src = conns_addr(c, r->src);
		const struct addr *dst = conns_addr(c, r->dst);
		if (src == NULL || dst == NULL)
			continue;
		const struct talk t = {*src, *dst, r->port, c->texts[r->proto].text,
		    c->texts[r->service].text, r->ts, r->seconds, r->src_bytes,
		    r->dst_bytes, r->failed};
		x->visit(x->ctx, &t);
	}
	free(marks);
	return 0;
}

static void read_row(struct reading *x, const struct store_rows *r)
{
	struct talk t = {.port = (uint16_t)store_uint(r, 2)};
	if (!str_addr(store_text(r, 0), &t.src) || !str_addr(store_text(r, 1), &t.dst) ||
	    bsearch(&t.src, x->q->openers, x->q->n, sizeof(t.src), by_addr) == NULL)
		return;
	double seconds = store_real(r, 5);
	t.proto = store_text(r, 3);
	t.ts = moment_us(store_time(r, 4));
	t.seconds = isfinite(seconds) && seconds > 0 ? seconds : 0;
	t.src_bytes = store_uint(r, 6);
	t.dst_bytes = store_uint(r, 7);
	t.failed = store_bool(r, 8);
	t.service = store_text(r, 9);
	x->visit(x->ctx, &t);
}

static int read_sql(struct reading *x, const struct source *s, struct error *e)
{
	struct store_rows *r = past_query(s->store, e,
	    "SELECT src_ip, dst_ip, dst_port, proto, ts, duration, src_bytes, dst_bytes, "
	    "coalesce(state IN ('S0', 'REJ', 'RSTOS0', 'SH'), false), service FROM conn "
	    "WHERE src_ip IN (SELECT src_ip FROM anomaly WHERE kind IN (%s) "
	    "UNION SELECT dst_ip FROM anomaly WHERE kind IN (%s))",
	    x->q->kinds, x->q->kinds);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_row(x, r);
	return store_rows_end(r, e);
}

int talks_read(const struct source *s, const struct talks_query *q,
    void (*visit)(void *ctx, const struct talk *t), void *ctx, struct error *e)
{
	struct reading x = {q, visit, ctx};
	if (q->n == 0)
		return 0;
	return s->conns->held ? read_held(&x, s->conns, e) : read_sql(&x, s, e);
}
