/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injection: somebody beside the path answers for a server, or speaks for a client. What
 * the wire showed of it are rows of anomaly (rival.h says how they are judged); here
 * those of one client, server and port become one finding about the host of ours that
 * they were meant for.
 *
 * Conflicting bytes alone are not it: evasion tests, broken stacks and files that were
 * edited have them too. High confidence asks for what only two senders explain, TTL,
 * timestamps or a copied IP identification, and for the race that an injector has to win.
 * A box on the path that rewrites much shows by the number of servers that it stands
 * before.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detector.h"
#include "detect/wire/rival.h"

#define PAIRS_MAX     4096       /* clients and servers that are kept, by number */
#define TEXTS_MAX     (4u << 20) /* bytes of their texts */
#define PATH_PEERS    5 /* servers of one host: something on its own path does it */
#define CHRONIC_DAYS  3 /* days on which one server's answers conflict … */
#define CHRONIC_HOSTS 3 /* … for that many hosts: a box before the server */
#define US_PER_DAY    86400000000LL

/* What was seen of one client, server and port. */
struct pair {
	struct addr client, server;
	uint16_t port;
	struct str proto, name; /* in the arena; name absent: none known */
	uint64_t events, told;  /* told: with a mark that alone says two senders */
	uint64_t same, checksum;
	uint64_t days, bytes; /* bytes: of the odd ones */
	int64_t first, last, last_day;
	struct rival best; /* texts in the arena */
	int64_t best_at;
	uint64_t servers;     /* of this client: with findings */
	uint64_t clients;     /* of this server */
	uint64_t server_days; /* most of one client of this server */
};

struct work {
	const struct detection *d;
	struct arena arena;
	struct pair *v; /* PAIRS_MAX */
	size_t n;
	uint64_t dropped; /* pairs beyond PAIRS_MAX */
};

/* ---- reading ---- */

#define KINDS "('tcp_overlap', 'duplicate_synack', 'data_after_end', 'dns_conflict')"

static const char rivals_sql[] =
    "SELECT src_ip, dst_ip, dst_port, proto, ts, kind, detail FROM anomaly "
    "WHERE kind IN " KINDS " ORDER BY src_ip, dst_ip, dst_port, proto, ts, kind, detail";

/* What the server of each pair is called, where connections are not held. */
static const char names_sql[] =
    "WITH a AS MATERIALIZED (SELECT DISTINCT src_ip, dst_ip, dst_port, proto FROM "
    "anomaly "
    "WHERE kind IN " KINDS ") SELECT src_ip, dst_ip, dst_port, proto, min(server_name) "
    "FROM conn SEMI JOIN a USING (src_ip, dst_ip, dst_port, proto) "
    "WHERE server_name IS NOT NULL GROUP BY ALL";

static const char any_sql[] = "SELECT count(*) FROM anomaly WHERE kind IN " KINDS;

static int any(struct store *s, bool *there, struct error *e)
{
	struct store_rows *r = store_sum(s, any_sql, e);
	if (r == NULL)
		return -1;
	*there = store_next(r) && store_int(r, 0) > 0;
	return store_rows_end(r, e);
}

static bool same_pair(const struct pair *a, const struct pair *b)
{
	return addr_equal(&a->client, &b->client) && addr_equal(&a->server, &b->server) &&
	       a->port == b->port && str_equal(a->proto, b->proto);
}

/* The pair of the row: the last one, as rows come by pair, or a new one. */
static struct pair *pair_of(struct work *w, const struct store_rows *r)
{
	struct pair key = {.proto = store_text(r, 3), .best_at = INT64_MAX};
	if (!str_addr(store_text(r, 0), &key.client) ||
	    !str_addr(store_text(r, 1), &key.server) || addr_is_multicast(&key.server))
		return NULL;
	key.port = (uint16_t)store_uint(r, 2);
	if (w->n > 0 && same_pair(&w->v[w->n - 1], &key))
		return &w->v[w->n - 1];
	if (w->n == PAIRS_MAX) {
		w->dropped++;
		return NULL;
	}
	key.proto = str_copy(&w->arena, key.proto);
	key.last_day = INT64_MIN;
	w->v[w->n] = key;
	return &w->v[w->n++];
}

/* Two SYN-ACKs, or data after an end, that nothing else tells apart are ordinary: a
 * handshake tried again, a balancer's time-out. */
static bool worth(const struct rival *r)
{
	if (r->kind == RIVAL_ANSWER || r->kind == RIVAL_BYTES)
		return true;
	return (r->marks & RIVAL_STRONG) != 0 && (r->marks & RIVAL_SAME) == 0;
}

static void pair_add(struct work *w, struct pair *p, const struct store_rows *row)
{
	struct rival r;
	int64_t ts = moment_us(store_time(row, 4));
	int64_t day = ts / US_PER_DAY - (ts % US_PER_DAY < 0);
	if (!rival_read(&r, store_text(row, 5), store_text(row, 6)) || !worth(&r))
		return;
	/* The row is of the second packet; the first of the two began it. */
	int64_t began = r.gap_us > 0 && r.gap_us < US_PER_DAY ? ts - r.gap_us : ts;
	if (p->events++ == 0 || began < p->first)
		p->first = began;
	p->last = ts;
	p->days += day != p->last_day;
	p->last_day = day;
	p->told += (r.marks & RIVAL_STRONG) != 0;
	p->same += (r.marks & RIVAL_SAME) != 0;
	p->checksum += (r.marks & RIVAL_CHECKSUM) != 0;
	p->bytes += r.odd.size > 0 ? (uint64_t)r.odd.size : 0;
	if (p->best_at != INT64_MAX && r.points <= p->best.points)
		return;
	p->best_at = ts;
	p->best = r;
	p->best.query = str_copy(&w->arena, r.query);
	p->best.answer = str_copy(&w->arena, r.answer);
	p->best.answer_other = str_copy(&w->arena, r.answer_other);
}

static int read_rivals(struct work *w, struct error *e)
{
	struct store_rows *r = store_sum(w->d->source->store, rivals_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct pair *p = pair_of(w, r);
		if (p != NULL)
			pair_add(w, p, r);
	}
	return store_rows_end(r, e);
}

/* ---- names ---- */

static void name_pair(struct work *w, const struct pair *key, struct str name)
{
	for (size_t i = 0; i < w->n; i++) {
		struct pair *p = &w->v[i];
		if (same_pair(p, key) &&
		    (p->name.p == NULL || str_cmp(name, p->name) < 0))
			p->name = str_copy(&w->arena, name);
	}
}

/* The ends of pairs as texts of the connections that are held: of the others there is no
 * connection. */
static void mark_ends(const struct work *w, struct conns *c, bool *ends)
{
	for (size_t i = 0; i < w->n; i++) {
		char text[ADDR_TEXT_MAX];
		const struct addr *both[] = {&w->v[i].client, &w->v[i].server};
		for (size_t k = 0; k < 2; k++) {
			size_t n = addr_text(both[k], text);
			ends[conns_find(c, (struct str){text, n})] = true;
		}
	}
	ends[0] = false;
}

static int names_held(struct work *w, struct conns *c, struct error *e)
{
	const struct conns_index *index = conns_index(c, CONNS_PAIR);
	bool *ends = calloc(c->text_count + 1u, sizeof(*ends));
	if (index == NULL || ends == NULL) {
		free(ends);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	mark_ends(w, c, ends);
	for (size_t i = 0; i < index->count; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *first = &c->rows[g->row];
		if (!ends[first->src] || !ends[first->dst])
			continue;
		const struct addr *client = conns_addr(c, first->src);
		const struct addr *server = conns_addr(c, first->dst);
		if (client == NULL || server == NULL)
			continue;
		const struct pair key = {.client = *client,
		    .server = *server,
		    .port = first->port,
		    .proto = c->texts[first->proto].text};
		for (uint32_t k = 0; k < g->n; k++) {
			uint32_t name = c->rows[index->rows[g->first + k]].name;
			if (name != 0)
				name_pair(w, &key, c->texts[name].text);
		}
	}
	free(ends);
	return 0;
}

static int names_asked(struct work *w, struct error *e)
{
	struct store_rows *r = store_sum(w->d->source->store, names_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct pair key = {
		    .port = (uint16_t)store_uint(r, 2), .proto = store_text(r, 3)};
		if (str_addr(store_text(r, 0), &key.client) &&
		    str_addr(store_text(r, 1), &key.server))
			name_pair(w, &key, store_text(r, 4));
	}
	return store_rows_end(r, e);
}

/* ---- what is chronic ---- */

static int by_server(const void *x, const void *y)
{
	const struct pair *a = *(const struct pair *const *)x;
	const struct pair *b = *(const struct pair *const *)y;
	int c = addr_cmp(&a->server, &b->server);
	return c != 0 ? c : addr_cmp(&a->client, &b->client);
}

/* How many of the n pairs at v, which are sorted so, have the end of the first one; and
 * how many other ends they have. */
static size_t group(struct pair *const *v, size_t n, bool server, uint64_t *others)
{
	size_t i = 0;
	*others = 0;
	for (; i < n; i++) {
		const struct addr *end = server ? &v[i]->server : &v[i]->client;
		const struct addr *first = server ? &v[0]->server : &v[0]->client;
		const struct addr *other = server ? &v[i]->client : &v[i]->server;
		if (!addr_equal(end, first))
			break;
		const struct addr *before = i == 0   ? NULL
					    : server ? &v[i - 1]->client
						     : &v[i - 1]->server;
		*others += before == NULL || !addr_equal(other, before);
	}
	return i;
}

/* Pairs come sorted by client. Only what has marks counts: a path does not forge
 * identifications. */
static void count_chronic(struct work *w, struct pair **v)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i].events > 0)
			v[n++] = &w->v[i];
	}
	for (size_t i = 0; i < n;) {
		uint64_t servers;
		size_t m = group(v + i, n - i, false, &servers);
		for (size_t k = 0; k < m; k++)
			v[i + k]->servers = servers;
		i += m;
	}
	if (n > 1)
		qsort(v, n, sizeof(struct pair *), by_server);
	for (size_t i = 0; i < n;) {
		uint64_t clients, days = 0;
		size_t m = group(v + i, n - i, true, &clients);
		for (size_t k = 0; k < m; k++)
			days = v[i + k]->days > days ? v[i + k]->days : days;
		for (size_t k = 0; k < m; k++) {
			v[i + k]->clients = clients;
			v[i + k]->server_days = days;
		}
		i += m;
	}
}

static bool is_path(const struct pair *p)
{
	return p->servers >= PATH_PEERS;
}

static bool is_chronic(const struct pair *p)
{
	return p->clients >= CHRONIC_HOSTS && p->server_days >= CHRONIC_DAYS;
}

/* ---- findings ---- */

/*
 * High: bytes of which only two senders can be the source, raced, with sums that are
 * right; or two answers of DNS with different TTLs. Medium: the same without the race, on
 * a path that does it to everything, or a forged RST or SYN-ACK, which also balancers and
 * firewalls send for others; and bytes whose two senders are only hinted at. Low: nothing
 * but the bytes says so.
 */
static enum confidence confidence(const struct pair *p)
{
	const struct rival *r = &p->best;
	bool against = (r->marks & (RIVAL_SAME | RIVAL_CHECKSUM | RIVAL_LATE)) != 0;
	bool strong = (r->marks & RIVAL_STRONG) != 0 ||
		      (r->kind == RIVAL_ANSWER && (r->marks & RIVAL_TTL_APART) != 0);
	bool hinted = (r->marks & RIVAL_HINTS) != 0 && r->gap_us > 0;
	if (!strong)
		return hinted && !against && r->kind == RIVAL_BYTES ? CONFIDENCE_MEDIUM
								    : CONFIDENCE_LOW;
	if (against)
		return CONFIDENCE_MEDIUM;
	bool content = r->kind == RIVAL_BYTES || r->kind == RIVAL_ANSWER;
	if (!content || !r->odd_first || r->gap_us <= 0 || is_path(p) || is_chronic(p))
		return CONFIDENCE_MEDIUM;
	return CONFIDENCE_HIGH;
}

static void facts_of_kind(struct arena *a, const struct pair *p, struct finding *f)
{
	const struct rival *r = &p->best;
	double gap = (double)r->gap_us / 1e6;
	switch (r->kind) {
	case RIVAL_BYTES:
		finding_add_fact(
		    f, FACT_KEY_RIVAL_BYTES, (double)r->bytes, gap, (double)p->events);
		break;
	case RIVAL_SYNACK:
		finding_add_fact(f, FACT_KEY_RIVAL_SYNACK, gap, (double)p->events, 0);
		break;
	case RIVAL_END:
		finding_add_fact(f, r->reset ? FACT_KEY_RIVAL_RESET : FACT_KEY_RIVAL_FIN,
		    gap, (double)p->events, 0);
		break;
	case RIVAL_ANSWER:
		finding_add_text_fact(f, FACT_KEY_RIVAL_ANSWER,
		    str_format(a, "%.*s: %.*s, %.*s", STR_ARG(r->query),
			STR_ARG(r->answer_other), STR_ARG(r->answer)));
		finding_add_fact(f, FACT_KEY_RIVAL_ANSWERS, gap, (double)p->events, 0);
		break;
	}
}

static void facts_for(const struct pair *p, struct finding *f)
{
	const struct rival *r = &p->best;
	const struct rival_look *o = &r->odd, *t = &r->true_one;
	if (r->marks & RIVAL_TTL)
		finding_add_fact(f, FACT_KEY_RIVAL_TTL, (double)o->ttl, (double)t->ttl,
		    (double)r->ttl_syn);
	if (r->marks & RIVAL_TTL_APART)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_TTL_APART, (double)o->ttl, (double)t->ttl, 0);
	if (r->marks & RIVAL_STAMP)
		finding_add_fact(f, FACT_KEY_RIVAL_STAMP, 0, 0, 0);
	if (r->marks & RIVAL_REFLECTED)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_REFLECTED, (double)o->ip_id, (double)t->ip_id, 0);
	else if (r->marks & RIVAL_IP_ID)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_IP_ID, (double)o->ip_id, (double)t->ip_id, 0);
	if (r->marks & RIVAL_BACK)
		finding_add_fact(f, FACT_KEY_RIVAL_BACK, 0, 0, 0);
	if (r->marks & RIVAL_WINDOW)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_WINDOW, (double)o->window, (double)t->window, 0);
	if (r->marks & RIVAL_SHORTER)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_SHORTER, (double)o->size, (double)t->size, 0);
	if ((r->marks & RIVAL_STRONG) != 0)
		finding_add_fact(
		    f, r->odd_first ? FACT_KEY_RIVAL_WON : FACT_KEY_RIVAL_LOST, 0, 0, 0);
}

static void facts_against(const struct pair *p, struct finding *f)
{
	const struct rival *r = &p->best;
	if (r->marks & RIVAL_SAME)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_SAME, (double)p->same, (double)p->events, 0);
	if (r->marks & RIVAL_CHECKSUM)
		finding_add_fact(f, FACT_KEY_RIVAL_CHECKSUM, (double)p->checksum,
		    (double)p->events, 0);
	if (r->marks & RIVAL_LATE)
		finding_add_fact(
		    f, FACT_KEY_RIVAL_LATE, fabs((double)r->gap_us / 1e6), 0, 0);
	if ((r->marks & (RIVAL_STRONG | RIVAL_TTL_APART)) == 0)
		finding_add_fact(f, FACT_KEY_RIVAL_ALIKE, 0, 0, 0);
	if (is_path(p))
		finding_add_fact(f, FACT_KEY_RIVAL_PATH, (double)p->servers, 0, 0);
	if (is_chronic(p))
		finding_add_fact(f, FACT_KEY_RIVAL_CHRONIC, (double)p->clients,
		    (double)p->server_days, 0);
}

static void facts_of_time(
    const struct context *c, const struct pair *p, struct finding *f)
{
	double watched[3];
	finding_add_fact(f, FACT_KEY_RIVAL_BEST, (double)p->best_at, (double)p->told, 0);
	context_watched(c, p->first, p->last, watched);
	if (c->watch_count > 0)
		finding_add_fact(f, FACT_KEY_WATCHED, watched[0], watched[1], watched[2]);
}

/* Whom it was meant for: who the forger did not claim to be; but the host is ours. */
static void set_ends(const struct work *w, const struct pair *p, struct finding *f)
{
	const struct detect_options *o = w->d->source->options;
	bool client = series_home(o, &p->client), server = series_home(o, &p->server);
	bool server_is_host = server && !client;
	f->host = server_is_host ? p->server : p->client;
	f->direction = client && server ? DIRECTION_INTERNAL
		       : server_is_host ? DIRECTION_INBOUND
					: DIRECTION_OUTBOUND;
}

static void emit(struct work *w, const struct pair *p)
{
	char text[ADDR_TEXT_MAX];
	struct finding f = {.detector = "injection",
	    .peer_port = p->port,
	    .proto = p->proto,
	    .first_seen = moment_from_us(p->first),
	    .last_seen = moment_from_us(p->last),
	    .since = moment_from_us(p->first),
	    .since_kind = SINCE_FIRST_PACKET,
	    .events = p->events,
	    .score = p->best.points,
	    .rank_p = pow(10, -p->best.points),
	    .attack = {"T1557", p->best.kind == RIVAL_BYTES ? "T1189" : NULL}};
	set_ends(w, p, &f);
	const struct addr *peer =
	    f.direction == DIRECTION_INBOUND ? &p->client : &p->server;
	f.peer = str_copy(&w->arena, (struct str){text, addr_text(peer, text)});
	if (f.direction != DIRECTION_INBOUND && p->name.n > 0)
		f.peer = p->name;
	f.bytes_in = p->best.side == 1 ? p->bytes : 0;
	facts_of_kind(&w->arena, p, &f);
	facts_for(p, &f);
	facts_against(p, &f);
	facts_of_time(w->d->context, p, &f);
	f.confidence = confidence(p);
	finding_identify(&f);
	w->d->sink->put(w->d->sink->ctx, &f);
}

static int name_pairs(struct work *w, struct error *e)
{
	struct conns *c = w->d->source->conns;
	if (w->n == 0)
		return 0;
	return c->held ? names_held(w, c, e) : names_asked(w, e);
}

static int find(struct work *w, struct pair **order, struct error *e)
{
	if (read_rivals(w, e) < 0 || name_pairs(w, e) < 0)
		return -1;
	count_chronic(w, order);
	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i].events > 0)
			emit(w, &w->v[i]);
	}
	return 0;
}

static int find_all(struct work *w, struct error *e)
{
	struct pair **order = calloc(PAIRS_MAX, sizeof(struct pair *));
	struct pair *v = calloc(PAIRS_MAX, sizeof(*v));
	int result = -1;
	w->v = v;
	if (order == NULL || v == NULL)
		error_set(e, ERR_SYSTEM, "no memory left");
	else
		result = find(w, order, e);
	free(order);
	free(v);
	return result;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d};
	bool there;
	if (any(d->source->store, &there, e) < 0)
		return -1;
	if (!there)
		return 0;
	arena_init(&w.arena, TEXTS_MAX);
	int result = find_all(&w, e);
	arena_fini(&w.arena);
	return result;
}

static const struct detector_state state[] = {
    {"clients and servers", sizeof(struct pair), PAIRS_MAX},
    {"bytes of texts", 1, TEXTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_injection = {"injection",
    "packets that only somebody beside the path can have sent: conflicting answers", run,
    state};
