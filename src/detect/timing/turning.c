/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clockwork with a peer that changes: the series of rotation.h through the same two
 * passes as the plain ones. What a plain series tells of is left out of them, and a
 * rhythm that shows in several projections is told by the one that says most of the peer:
 * its network, its domain, its fingerprint, its sizes, its names in DNS.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "detect/timing/clockwork.h"

#define NEAR_PERIODS 5    /* two series begin together when no further apart … */
#define NEAR_PERIOD  0.25 /* … and have the same rhythm: a key may hold a part of it */
#define CONTEXT_MAX                                                                      \
	256 /* suspects whose peers are asked after; the others count as common */

static const enum projection projections[] = {
    SERIES_NET, SERIES_DOMAIN, SERIES_SIZE, SERIES_PRINT, SERIES_ASKED};

#define TURNING (sizeof(projections) / sizeof(*projections))

static int first_pass(struct test *t, struct error *e)
{
	struct series_visitor visitor = clockwork_first;
	visitor.ctx = t;
	for (size_t i = 0; i < TURNING; i++) {
		const struct rotation_query q = {projections[i], &t->suspects, NULL};
		if (rotation_read(t->d->source, &q, &visitor, &t->left_out, e) < 0)
			return -1;
	}
	return t->no_memory ? error_set(e, ERR_SYSTEM, "no memory left") : 0;
}

static int second_projection(struct test *t, enum projection p, struct error *e)
{
	struct series_visitor visitor = clockwork_second;
	const struct rotation_query q = {p, &t->suspects, &t->turning};
	struct error later = {.code = ERR_NONE};
	char *hosts;
	visitor.ctx = t;
	if (clockwork_hosts(&t->turning, p, &hosts) < 0)
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (hosts == NULL)
		return 0;
	int result = profile_open(&t->profile, t->d->source, p, hosts, e);
	if (result == 0)
		result = rotation_read(t->d->source, &q, &visitor, &t->left_out, e);
	if (profile_close(&t->profile, &later) < 0 && result == 0) {
		*e = later;
		result = -1;
	}
	free(hosts);
	return result;
}

static bool tested_again(const struct suspect *v, const void *ctx)
{
	(void)ctx;
	return v->again;
}

static int second_pass(struct test *t, struct error *e)
{
	suspects_sort_by_key(&t->turning);
	if (context_days(t->d->context) < 7)
		return 0;
	for (size_t i = 0; i < TURNING; i++) {
		if (second_projection(t, projections[i], e) < 0)
			return -1;
	}
	suspects_filter(&t->turning, tested_again, NULL);
	return 0;
}

/* The same rhythm of one host, seen by another key. */
static bool same_rhythm(const struct suspect *a, const struct suspect *b)
{
	double longer = fmax(a->period, b->period);
	double apart = (double)(a->stats.first - b->stats.first) / 1e6;
	return addr_equal(&a->finding.host, &b->finding.host) &&
	       fabs(a->period - b->period) <= NEAR_PERIOD * longer &&
	       fabs(apart) <= NEAR_PERIODS * longer;
}

static bool told_by_other(const struct test *t, size_t i, size_t plain)
{
	const struct suspect *v = &t->turning.v[i];
	for (size_t k = 0; k < t->turning.n; k++) {
		const struct suspect *w = &t->turning.v[k];
		bool before = w->projection < v->projection ||
			      (w->projection == v->projection && k < i &&
				  v->projection == SERIES_SIZE);
		if (k != i && before && same_rhythm(v, w))
			return true;
	}
	for (size_t k = 0; k < plain && v->projection == SERIES_ASKED; k++) {
		const struct suspect *w = &t->suspects.v[k];
		if (w->finding.direction == DIRECTION_OUTBOUND && same_rhythm(v, w))
			return true;
	}
	return false;
}

/* The sizes are what stays the same; where the peer stays too, it is the peer. */
static void name_by_size(struct suspect *v, struct str text)
{
	unsigned long long out = 0, in = 0;
	char z[64];
	snprintf(z, sizeof(z), "%.*s", STR_ARG(text));
	if (sscanf(z, "size:%llu/%llu", &out, &in) != 2)
		return;
	v->by_size = true;
	v->size_out = out;
	v->size_in = in;
}

/* Add a suspect to the plain ones. */
static bool move(struct test *t, const struct suspect *v)
{
	const struct finding *f = &v->finding;
	bool one = v->projection == SERIES_SIZE && v->peers == 1;
	struct series_key key = {
	    v->projection, f->direction, f->host, f->peer, f->peer_port, f->proto};
	if (one) {
		key.projection = SERIES_ADDRESS;
		key.peer = v->first_peers;
	}
	struct suspect *w = suspects_add(&t->suspects, &key, f->score);
	if (w == NULL)
		return false;
	struct finding named = w->finding;
	*w = *v;
	w->finding = named;
	w->projection = key.projection;
	if (v->projection == SERIES_SIZE)
		name_by_size(w, f->peer);
	return true;
}

int turning_test(struct test *t, struct error *e)
{
	t->into = &t->turning;
	suspects_sort_by_key(&t->suspects);
	if (first_pass(t, e) < 0)
		return -1;
	clockwork_keep(&t->turning, clockwork_threshold(t));
	if (second_pass(t, e) < 0)
		return -1;
	double s = clockwork_threshold(t);
	clockwork_keep(&t->turning, s);
	clockwork_keep(&t->suspects, s);
	size_t plain = t->suspects.n;
	for (size_t i = 0; i < t->turning.n; i++) {
		if (!told_by_other(t, i, plain) && !move(t, &t->turning.v[i]))
			return error_set(e, ERR_SYSTEM, "no memory left");
	}
	return 0;
}

/* ---- what is known of such peers ---- */

/* "column = 'peer' OR ends_with(column, '.peer')" */
static void put_below(FILE *out, const char *column, struct str domain)
{
	fprintf(out, "(%s = ", column);
	quote_sql(out, domain);
	fprintf(out, " OR ends_with(%s, '.' || ", column);
	quote_sql(out, domain);
	fputs("))", out);
}

/* dst_ip in a network; that of an IPv4 /24 is the beginning of its text. */
static void put_net(FILE *out, struct str net)
{
	bool v4 = memchr(net.p, ':', net.n) == NULL;
	size_t n = net.n;
	while (v4 && n > 0 && net.p[n - 1] != '.')
		n--;
	fputs(v4 ? "starts_with(dst_ip, " : "in_net(dst_ip, ", out);
	quote_sql(out, (struct str){net.p, n});
	fputc(')', out);
}

/* Any of the first peers. */
static void put_peers(FILE *out, struct str shown)
{
	fputs("dst_ip IN (", out);
	for (size_t from = 0; from < shown.n;) {
		const char *comma = memchr(shown.p + from, ',', shown.n - from);
		size_t end = comma != NULL ? (size_t)(comma - shown.p) : shown.n;
		fputs(from > 0 ? ", " : "", out);
		quote_sql(out, (struct str){shown.p + from, end - from});
		from = end + 2;
	}
	fputc(')', out);
}

/* Who else: a statement that counts our hosts, and says since when. Owned by the caller;
 * NULL without memory. */
static char *prevalence_sql(const struct source *s, const struct suspect *v)
{
	struct str peer = v->finding.peer;
	char *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return NULL;
	fprintf(out, "SELECT count(DISTINCT src_ip), min(ts) FROM %s WHERE ",
	    v->projection == SERIES_PRINT   ? "tls"
	    : v->projection == SERIES_ASKED ? "dns"
					    : s->past->rows);
	if (v->projection == SERIES_NET) {
		put_net(out, peer);
	} else if (v->projection == SERIES_DOMAIN) {
		put_below(out, "server_name", peer);
	} else if (v->projection == SERIES_ASKED) {
		fputs("kind = 'dns' AND ", out);
		put_below(out, "query", peer);
	} else if (v->projection == SERIES_PRINT) {
		fputs(ROTATION_PRINT " = ", out);
		quote_sql(out, peer);
	} else {
		put_peers(out, v->first_peers);
	}
	if (fclose(out) != 0) {
		free(sql);
		return NULL;
	}
	return sql;
}

/* Whether a text is one of a list joined by ", ". */
static bool listed(struct str list, struct str text)
{
	for (size_t from = 0; from < list.n;) {
		const char *comma = memchr(list.p + from, ',', list.n - from);
		size_t end = comma != NULL ? (size_t)(comma - list.p) : list.n;
		if (str_equal((struct str){list.p + from, end - from}, text))
			return true;
		from = end + 2;
	}
	return false;
}

/* Whether a text is the suspect's peer. */
static bool is_peer(
    const struct suspect *v, const struct net *net, const struct conns_text *t)
{
	struct str peer = v->finding.peer, name = t->text;
	if (v->projection == SERIES_NET)
		return t->parsed && net_contains(net, &t->addr);
	if (v->projection == SERIES_SIZE)
		return listed(v->first_peers, t->text);
	return name.n >= peer.n &&
	       str_equal((struct str){name.p + name.n - peer.n, peer.n}, peer) &&
	       (name.n == peer.n || name.p[name.n - peer.n - 1] == '.');
}

/* The same from connections that are held. */
static int count_held(const struct source *s, struct suspect *v, struct error *e)
{
	struct conns *c = s->conns;
	uint8_t *known =
	    calloc(c->text_count, 1); /* 1: the peer, 2: not; 4: host counted */
	struct net net = {.bits = 0};
	char text[ADDR_TEXT_MAX + 8];
	if (known == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	snprintf(text, sizeof(text), "%.*s", STR_ARG(v->finding.peer));
	if (v->projection == SERIES_NET && !net_parse(text, &net))
		net.bits = 128;
	v->peer_hosts = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct conns_row *row = &c->rows[i];
		uint32_t at = v->projection == SERIES_DOMAIN ? row->name : row->dst;
		if ((known[at] & 3) == 0)
			known[at] |= is_peer(v, &net, &c->texts[at]) ? 1 : 2;
		if ((known[at] & 1) == 0)
			continue;
		v->peer_hosts += (known[row->src] & 4) == 0;
		known[row->src] |= 4;
		if (v->peer_first == 0 || row->ts < v->peer_first)
			v->peer_first = row->ts;
	}
	free(known);
	return 0;
}

static int ask_prevalence(const struct source *s, struct suspect *v, struct error *e)
{
	if (s->conns->held && v->projection != SERIES_PRINT &&
	    v->projection != SERIES_ASKED)
		return count_held(s, v, e);
	char *sql = prevalence_sql(s, v);
	if (sql == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_query(s->store, sql, e);
	free(sql);
	if (r == NULL)
		return -1;
	if (store_next(r)) {
		v->peer_hosts = store_uint(r, 0);
		v->peer_first = moment_us(store_time(r, 1));
	}
	return store_rows_end(r, e);
}

/* How much went over the connections whose TLS it is. */
static int ask_bytes(const struct source *s, struct suspect *v, struct error *e)
{
	char host[ADDR_TEXT_MAX], *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	addr_text(&v->finding.host, host);
	fprintf(out,
	    "SELECT coalesce(sum(src_bytes), 0)::BIGINT, coalesce(sum(dst_bytes), "
	    "0)::BIGINT FROM conn SEMI JOIN (SELECT src_ip, src_port, dst_ip, dst_port "
	    "FROM tls WHERE src_ip = '%s' AND " ROTATION_PRINT " = ",
	    host);
	quote_sql(out, v->finding.peer);
	fprintf(out,
	    ") AS k USING (src_ip, src_port, dst_ip, dst_port) WHERE src_ip = '%s'",
	    host);
	if (fclose(out) != 0) {
		free(sql);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	struct store_rows *r = store_query(s->store, sql, e);
	free(sql);
	if (r == NULL)
		return -1;
	v->stats.known = 0; /* sizes of single connections are not known here */
	if (store_next(r)) {
		v->stats.out = store_uint(r, 0);
		v->stats.in = store_uint(r, 1);
	}
	return store_rows_end(r, e);
}

int turning_context(const struct test *t, struct error *e)
{
	size_t asked = 0;
	for (size_t i = 0; i < t->suspects.n; i++) {
		struct suspect *v = &t->suspects.v[i];
		if (v->projection < SERIES_NET)
			continue;
		v->peer_hosts = t->d->context->hosts;
		if (asked++ >= CONTEXT_MAX)
			continue;
		if (ask_prevalence(t->d->source, v, e) < 0 ||
		    (v->projection == SERIES_PRINT && ask_bytes(t->d->source, v, e) < 0))
			return error_add(e, "reading what is known of changing peers");
	}
	return 0;
}
