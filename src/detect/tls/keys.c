/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of servers that stand where they should not. A server keeps its key for years, and
 * nobody else has it; so three things are worth a look:
 *
 *     changed   an SSH server shows another host key than ever before. While others are
 *               still shown the old one, somebody stands between (T1557).
 *     abroad    an address outside shows the key of a server of ours: it is passed on to
 *               that server, or has its key (T1090, T1552.004).
 *     shared    strangers in different networks show one key, or one certificate that
 *               only itself vouches for: one operator's machines (T1008).
 *
 * Read are the tables ssh and tls; a key is its fingerprint there.
 */
#include <stdio.h>
#include <string.h>

#include "detect/detector.h"
#include "detect/measure.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define KEYS_MAX     256 /* findings of one run, in the order in which they come */
#define HOLDERS_MAX  64  /* addresses of one key that are looked at */
#define SHARED_MANY  8   /* addresses: more have a service of many machines */
#define NAMED_MAX    4   /* addresses that a finding names */
#define OLD_MIN      "5" /* connections that were shown the old key */
#define OLD_DAYS     "7" /* from its first one to the new key */
#define DAY_US       86400000000.0
#define KNOWN_DAYS   7.0 /* that a key of ours is known before it shows abroad */
#define TEXTS_MAX    (1u << 20)
#define LINE_MAX_LEN 256

struct keys {
	const struct detection *d;
	struct suspects found;
	struct arena texts; /* of what they say; lives until they are emitted */
	uint64_t dropped;   /* beyond KEYS_MAX */
	bool no_memory;
};

// clang-format off
/* RSA has one key and three names of signatures (RFC 8332). A key counts as new when it is
 * the next one of this server, port and kind. */
static const char changed_sql[] =
	"WITH k AS MATERIALIZED (SELECT dst_ip, dst_port, CASE WHEN host_key_alg LIKE "
	"'rsa-sha2-%' THEN 'ssh-rsa' ELSE host_key_alg END AS alg, host_key AS key, "
	"min(ts) AS first, max(ts) AS last, count(*) AS n, count(DISTINCT src_ip) AS clients, "
	"arg_min(src_ip, (ts, src_ip)) AS client, arg_max(server, (ts, server)) AS program "
	"FROM ssh WHERE host_key IS NOT NULL GROUP BY ALL), "
	"o AS (SELECT *, lag(first) OVER w AS old_first, "
	"lag(n) OVER w AS old_n, lag(last) OVER w AS old_last, lag(program) OVER w AS "
	"old_program, lag(clients) OVER w AS old_clients FROM k WINDOW w AS (PARTITION BY dst_ip, dst_port, alg ORDER BY first, key)) "
	"SELECT o.client, o.dst_ip, o.dst_port, o.key, o.first, o.old_first, o.old_n, "
	"o.clients, o.program, o.old_program, o.old_last, o.old_clients FROM o WHERE o.old_n >= " OLD_MIN " AND o.first >= o.old_first + INTERVAL " OLD_DAYS
	" DAY ORDER BY o.first, o.dst_ip, o.dst_port, o.key";

#define HOLDERS(table, key, condition) \
	"WITH k AS MATERIALIZED (SELECT " key " AS key, dst_ip, min(ts) AS first, " \
	"count(*) AS n, arg_min(src_ip, (ts, src_ip)) AS client, " \
	"arg_min(dst_port, (ts, dst_port)) AS port FROM " table " WHERE " condition \
	" GROUP BY ALL) SELECT key, dst_ip, port, client, first, n FROM k " \
	"WHERE key IN (SELECT key FROM k GROUP BY key HAVING count(*) > 1) " \
	"ORDER BY key, first, dst_ip"

static const char hosts_sql[] = HOLDERS("ssh", "host_key", "host_key IS NOT NULL");
static const char certs_sql[] = HOLDERS("tls", "cert_sha256", "cert_sha256 IS NOT NULL AND "
	"issuer = subject");
// clang-format on

/* A new suspect of one of ours and a server; NULL: there is one, or too many. */
static struct suspect *add(struct keys *k, const struct addr *client,
    const struct addr *server, uint16_t port, double score)
{
	const struct detect_options *o = k->d->source->options;
	char text[ADDR_TEXT_MAX];
	bool inside = series_home(o, server), ours = series_home(o, client);
	const struct addr *host = inside && !ours ? server : client;
	const struct addr *peer = host == server ? client : server;
	const struct series_key key = {
	    .projection = host == server ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = host == server   ? DIRECTION_INBOUND
			 : inside && ours ? DIRECTION_INTERNAL
					  : DIRECTION_OUTBOUND,
	    .host = *host,
	    .peer = {text, addr_text(peer, text)},
	    .port = port,
	    .proto = STR("tcp")};
	for (size_t i = 0; i < k->found.n; i++) {
		const struct finding *f = &k->found.v[i].finding;
		if (addr_equal(&f->host, host) && f->peer_port == port &&
		    str_equal(f->peer, key.peer))
			return NULL;
	}
	if (k->found.n == KEYS_MAX) {
		k->dropped++;
		return NULL;
	}
	struct suspect *v = suspects_add(&k->found, &key, score);
	if (v == NULL)
		k->no_memory = true;
	return v;
}

/* ---- changed ---- */

static void add_changed(struct keys *k, const struct store_rows *r)
{
	struct addr client, server;
	if (!str_addr(store_text(r, 0), &client) || !str_addr(store_text(r, 1), &server))
		return;
	double known =
	    (double)(moment_us(store_time(r, 4)) - moment_us(store_time(r, 5)));
	struct suspect *v =
	    add(k, &client, &server, (uint16_t)store_uint(r, 2), known / DAY_US);
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	struct str program = store_text(r, 8);
	int64_t old_last = moment_us(store_time(r, 10));
	bool beside = old_last > moment_us(store_time(r, 4));
	v->onset = moment_us(store_time(r, 4)) / 1000000;
	v->tag = (uint32_t)(moment_us(store_time(r, 4)) % 1000000);
	f->attack[0] = "T1557";
	finding_add_text_fact(
	    f, FACT_KEY_KEY_CHANGED, str_copy(&k->texts, store_text(r, 3)));
	f->facts[f->fact_count - 1].value[1] = known / 1e6;
	f->facts[f->fact_count - 1].value[2] = (double)store_uint(r, 6);
	if (beside)
		finding_add_fact(f, FACT_KEY_KEY_BESIDE, (double)old_last,
		    (double)store_uint(r, 11), 0);
	else
		finding_add_fact(f, FACT_KEY_KEY_GONE, (double)store_uint(r, 7), 0, 0);
	if (program.n > 0 && !str_equal(program, store_text(r, 9)))
		finding_add_text_fact(
		    f, FACT_KEY_KEY_PROGRAM, str_copy(&k->texts, program));
	f->rank_p = beside ? 0.01 : 0.2;
	f->confidence = beside ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* ---- one key at several addresses ---- */

/* Who shows one key, in order of their first time. */
struct holders {
	struct str key; /* in the arena of texts */
	struct holder {
		struct addr server, client;
		uint16_t port;
		int64_t first; /* µs since 1970 */
		uint64_t n;
		bool home;
	} v[HOLDERS_MAX];
	size_t n;
	uint64_t outside, networks; /* of those outside */
};

static bool same_network(const struct addr *a, const struct addr *b)
{
	return addr_is_v4(a) == addr_is_v4(b) &&
	       memcmp(a->b, b->b, addr_is_v4(a) ? 14 : 4) == 0;
}

static void count_networks(struct holders *h)
{
	for (size_t i = 0; i < h->n; i++) {
		bool other = !h->v[i].home;
		h->outside += other;
		for (size_t j = 0; j < i && other; j++)
			other = h->v[j].home ||
				!same_network(&h->v[i].server, &h->v[j].server);
		h->networks += other;
	}
}

/* The addresses that a finding names, joined by ", ". */
static struct str names_of(
    struct keys *k, const struct holders *h, const struct holder *without)
{
	char line[LINE_MAX_LEN], text[ADDR_TEXT_MAX];
	size_t n = 0, named = 0;
	for (size_t i = 0; i < h->n && named < NAMED_MAX; i++) {
		if (&h->v[i] == without || h->v[i].home)
			continue;
		addr_text(&h->v[i].server, text);
		int put = snprintf(
		    line + n, sizeof(line) - n, "%s%s", named++ > 0 ? ", " : "", text);
		if (put < 0 || (size_t)put >= sizeof(line) - n)
			break;
		n += (size_t)put;
	}
	return str_copy(&k->texts, (struct str){line, n});
}

static void add_abroad(struct keys *k, const struct holders *h, const struct holder *own)
{
	char text[ADDR_TEXT_MAX];
	for (size_t i = 0; i < h->n; i++) {
		const struct holder *other = &h->v[i];
		if (other->home)
			continue;
		double known = (double)(other->first - own->first);
		struct suspect *v =
		    add(k, &other->client, &other->server, other->port, 1);
		if (v == NULL)
			continue;
		struct finding *f = &v->finding;
		f->attack[0] = "T1090";
		f->attack[1] = "T1552.004";
		size_t n = addr_text(&own->server, text);
		finding_add_text_fact(
		    f, FACT_KEY_KEY_ABROAD, str_copy(&k->texts, (struct str){text, n}));
		f->facts[f->fact_count - 1].value[1] = known > 0 ? known / 1e6 : 0;
		finding_add_text_fact(f, FACT_KEY_KEY_SAME, h->key);
		finding_add_fact(f, FACT_KEY_KEY_OWN_OUTSIDE, 0, 0, 0);
		f->rank_p = 0.05;
		f->confidence =
		    known >= KNOWN_DAYS * DAY_US ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	}
}

/* The one that is talked to most stands for all. */
static void add_shared(struct keys *k, const struct holders *h)
{
	const struct holder *most = NULL;
	for (size_t i = 0; i < h->n; i++) {
		if (!h->v[i].home && (most == NULL || h->v[i].n > most->n))
			most = &h->v[i];
	}
	struct suspect *v = most != NULL ? add(k, &most->client, &most->server,
					       most->port, (double)h->outside)
					 : NULL;
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	f->attack[0] = "T1008";
	finding_add_text_fact(f, FACT_KEY_KEY_SHARED, names_of(k, h, most));
	f->facts[f->fact_count - 1].value[1] = (double)h->outside;
	f->facts[f->fact_count - 1].value[2] = (double)h->networks;
	finding_add_text_fact(f, FACT_KEY_KEY_SAME, h->key);
	if (h->outside > SHARED_MANY)
		finding_add_fact(f, FACT_KEY_KEY_MANY, (double)h->outside, 0, 0);
	f->rank_p = h->outside > SHARED_MANY ? 0.5 : 0.05;
	f->confidence = h->outside > SHARED_MANY ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

static void judge(struct keys *k, struct holders *h)
{
	const struct holder *own = NULL;
	count_networks(h);
	for (size_t i = 0; i < h->n && own == NULL; i++)
		own = h->v[i].home ? &h->v[i] : NULL;
	if (own != NULL && h->outside > 0)
		add_abroad(k, h, own);
	else if (h->networks > 1)
		add_shared(k, h);
}

static void holder(struct keys *k, struct holders *h, const struct store_rows *r)
{
	const struct detect_options *o = k->d->source->options;
	struct holder v = {.port = (uint16_t)store_uint(r, 2),
	    .first = moment_us(store_time(r, 4)),
	    .n = store_uint(r, 5)};
	if (h->n == HOLDERS_MAX || !str_addr(store_text(r, 1), &v.server) ||
	    !str_addr(store_text(r, 3), &v.client) || addr_is_multicast(&v.server))
		return;
	v.home = series_home(o, &v.server);
	if (v.home || series_home(o, &v.client) || o->home_count == 0)
		h->v[h->n++] = v;
}

static int read_holders(struct keys *k, const char *sql, struct error *e)
{
	struct store_rows *r = store_sum(k->d->source->store, sql, e);
	if (r == NULL)
		return -1;
	struct holders h = {.n = 0};
	while (store_next(r)) {
		struct str key = store_text(r, 0);
		if (h.key.n == 0 || !str_equal(h.key, key)) {
			judge(k, &h);
			h = (struct holders){.key = str_copy(&k->texts, key)};
		}
		holder(k, &h, r);
	}
	judge(k, &h);
	return store_rows_end(r, e);
}

static int read_changed(struct keys *k, struct error *e)
{
	const struct context *c = k->d->context;
	if ((double)(c->last - c->first) < KNOWN_DAYS * DAY_US)
		return 0;
	struct store_rows *r = store_sum(k->d->source->store, changed_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		add_changed(k, r);
	return store_rows_end(r, e);
}

/* ---- the finding ---- */

/* A key that strangers share is worth a look where few use them, and by address. */
static void weigh(const struct context *c, struct suspect *v)
{
	struct finding *f = &v->finding;
	bool shared = finding_has(f, FACT_KEY_KEY_SHARED);
	bool rare = weigh_rare(c, v) || v->peer_hosts <= 1;
	if (shared && (!rare || stats_name(&v->stats).n > 0))
		f->confidence = CONFIDENCE_LOW;
	if (finding_has(f, FACT_KEY_KEY_ABROAD) && !rare)
		f->confidence = CONFIDENCE_LOW;
}

static bool was_seen(const struct suspect *v, const void *ctx)
{
	(void)ctx;
	return v->stats.events > 0;
}

static int emit(struct keys *k, struct error *e)
{
	const struct context *c = k->d->context;
	int result = suspects_measure(&k->found, k->d->source, e);
	if (result < 0)
		return result;
	suspects_filter(&k->found, was_seen, NULL);
	if (context_fill(k->d->source, k->found.v, k->found.n, e) < 0)
		return -1;
	suspects_sort(&k->found);
	for (size_t i = 0; i < k->found.n; i++) {
		struct suspect *v = &k->found.v[i];
		struct finding *f = &v->finding;
		f->detector = "keys";
		context_date(c, v);
		if (f->since_kind == SINCE_ONSET) /* to the packet */
			f->since = moment_from_us(v->onset * 1000000 + v->tag);
		weigh_facts(c, v);
		weigh(c, v);
		struct str name = stats_name(&v->stats);
		if (name.n > 0)
			f->peer = name; /* as clockwork calls the same peer */
		finding_identify(f);
		k->d->sink->put(k->d->sink->ctx, f);
	}
	return 0;
}

static int run(const struct detection *d, struct error *e)
{
	struct keys k = {.d = d};
	suspects_init(&k.found);
	arena_init(&k.texts, TEXTS_MAX);
	int result = read_changed(&k, e);
	if (result == 0)
		result = read_holders(&k, hosts_sql, e);
	if (result == 0)
		result = read_holders(&k, certs_sql, e);
	if (result == 0 && k.no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = emit(&k, e);
	arena_fini(&k.texts);
	suspects_fini(&k.found);
	return result;
}

static const struct detector_state state[] = {
    {"findings", sizeof(struct suspect), KEYS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_keys = {"keys",
    "keys of servers that change, show abroad, or are shared by strangers", run, state};
