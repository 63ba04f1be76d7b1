/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels that hide what is asked or who is talked to: DNS inside TLS, QUIC or HTTPS to
 * resolvers that few here use; Tor; and tunnels (OpenVPN, WireGuard, IPsec …) that a
 * server opens to the outside (B11). The protocol is that of the content (conn.service);
 * for DNS over TLS and QUIC the port will do. Logs without these words tell less.
 *
 * Relays of Tor are one peer, as it takes new ones all the time; a resolver goes by its
 * name where one is known.
 */
#include <stdlib.h>

#include "base/keyed.h"
#include "detect/dns/odd.h"

#define CHANNELS_MAX   2048 /* host, peer, port, class; more are counted only */
#define CLIENTS_SERVER 3    /* of one port: the host is a server */
#define ASKED_MIN      20  /* questions in clear, before a host can have stopped asking */
#define DNS_PORT       853 /* of DNS over TLS (RFC 7858) and QUIC (RFC 9250) */
#define US_PER_DAY     INT64_C(86400000000)

enum class { CLASS_DNS, CLASS_TOR, CLASS_TUNNEL };

struct kind {
	const char *word; /* of conn.service */
	enum class class;
	const char *name;
};

static const struct kind kinds[] = {
    {"dot", CLASS_DNS, "DNS over TLS"},
    {"doq", CLASS_DNS, "DNS over QUIC"},
    {"doh", CLASS_DNS, "DNS over HTTPS"},
    {"tor", CLASS_TOR, "Tor"},
    {"openvpn", CLASS_TUNNEL, "OpenVPN"},
    {"wireguard", CLASS_TUNNEL, "WireGuard"},
    {"ike", CLASS_TUNNEL, "IPsec"},
    {"ipsec", CLASS_TUNNEL, "IPsec"},
    {"pptp", CLASS_TUNNEL, "PPTP"},
    {"l2tp", CLASS_TUNNEL, "L2TP"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct channel {
	struct odd odd;
	const struct kind *kind;
	char peer[256], host[ADDR_TEXT_MAX], proto[8];
	int64_t day; /* since 1970: the last that was counted */
	bool server; /* the host serves others */
};

/* A connection, as both ways of reading give it; texts are borrowed. */
struct talk {
	struct str src, dst, name, proto, service;
	uint16_t port;
	int64_t ts;
	uint64_t out, in;
};

struct channels {
	struct odd_run *run;
	struct channel *v; /* CHANNELS_MAX; owned */
	struct keyed keys; /* digests of those, in their order */
};

/* The kind of a service: that of its first word that has one; NULL: none. */
static const struct kind *kind_of(struct str service, uint16_t port, struct str proto)
{
	if (port == DNS_PORT && str_equal(proto, STR("tcp")))
		return &kinds[0];
	if (port == DNS_PORT && str_equal(proto, STR("udp")))
		return &kinds[1];
	for (size_t from = 0; from < service.n;) {
		struct str word = {service.p + from, service.n - from};
		const char *comma = memchr(word.p, ',', word.n);
		word.n = comma != NULL ? (size_t)(comma - word.p) : word.n;
		for (size_t i = 0; i < KINDS; i++) {
			if (str_equal(word, str_of(kinds[i].word)))
				return &kinds[i];
		}
		from += word.n + 1;
	}
	return NULL;
}

static void copy(char *to, size_t size, struct str s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;
	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static struct str peer_of(const struct talk *t, const struct kind *kind)
{
	if (kind->class == CLASS_TOR)
		return STR("tor");
	return kind->class == CLASS_DNS && t->name.n > 0 ? t->name : t->dst;
}

static uint64_t digest(struct str s)
{
	return hash_bytes(&hash_key_public, s.p, s.n);
}

/* The channel that the connection belongs to, made where it is new; NULL: none. */
static struct channel *channel_of(struct channels *c, const struct talk *t,
    const struct kind *kind, const struct addr *host)
{
	struct str peer = peer_of(t, kind);
	struct addr ignored;
	uint16_t port = kind->class == CLASS_TOR ? 0 : t->port;
	uint64_t key = digest(t->src) * 31 + digest(peer) * 7 + digest(t->proto) * 3 +
		       port * KINDS + (uint64_t)(kind - kinds);
	bool made = false;
	if (c->keys.n >= CHANNELS_MAX && keyed_find(&c->keys, &key) == NULL) {
		c->run->dropped++;
		return NULL;
	}
	uint64_t *row = keyed_put(&c->keys, &key, &made);
	if (row == NULL)
		return NULL;
	struct channel *v = &c->v[row - (uint64_t *)keyed_row(&c->keys, 0)];
	if (!made)
		return v;
	*v = (struct channel){.kind = kind, .day = INT64_MIN};
	copy(v->host, sizeof(v->host), t->src);
	copy(v->peer, sizeof(v->peer), peer);
	copy(v->proto, sizeof(v->proto), t->proto);
	v->odd.key = (struct series_key){
	    .projection = str_addr(peer, &ignored) ? SERIES_ADDRESS : SERIES_NAME,
	    .direction = DIRECTION_OUTBOUND,
	    .host = *host,
	    .port = port};
	return v;
}

/* Connections come in order of time. */
static void take(struct channels *c, const struct talk *t)
{
	const struct kind *kind = kind_of(t->service, t->port, t->proto);
	const struct detect_options *o = c->run->d->source->options;
	struct addr host, peer;
	if (kind == NULL || t->in == 0 || !str_addr(t->src, &host) ||
	    !str_addr(t->dst, &peer) || addr_is_multicast(&peer) ||
	    !odd_ours(c->run, &host) || (o->home_count > 0 && series_home(o, &peer)))
		return;
	struct channel *v = channel_of(c, t, kind, &host);
	if (v == NULL)
		return;
	struct series_stats *s = &v->odd.stats;
	int64_t day = t->ts / US_PER_DAY;
	s->first = s->events == 0 ? t->ts : s->first;
	s->last = t->ts;
	s->events++;
	s->starts++;
	s->out += t->out;
	s->in += t->in;
	s->days += day != v->day;
	v->day = day;
}

static bool read_held(struct channels *c, struct conns *held)
{
	bool *matter = calloc(held->text_count + 1, sizeof(*matter));
	if (matter == NULL)
		return false;
	for (size_t i = 1; i < held->text_count; i++)
		matter[i] = kind_of(held->texts[i].text, 0, STR("")) != NULL;
	for (size_t i = 0; i < held->n; i++) {
		const struct conns_row *row = &held->rows[held->by_time[i]];
		if (row->day || (row->port != DNS_PORT && !matter[row->service]))
			continue;
		take(c, &(struct talk){held->texts[row->src].text,
			    held->texts[row->dst].text, held->texts[row->name].text,
			    held->texts[row->proto].text, held->texts[row->service].text,
			    row->port, row->ts, row->src_bytes, row->dst_bytes});
	}
	free(matter);
	return true;
}

/* The same from a memory that is not held. */
static int read_stored(struct channels *c, struct error *e)
{
	struct store_rows *r = store_sum(c->run->d->source->store,
	    "SELECT src_ip, dst_ip, server_name, proto, service, dst_port, epoch_us(ts), "
	    "src_bytes, dst_bytes FROM conn WHERE dst_bytes > 0 AND (dst_port = 853 OR "
	    "regexp_matches(service, '(dot|doq|doh|tor|openvpn|wireguard|ike|ipsec|pptp|"
	    "l2tp)(,|$)')) ORDER BY ts, src_ip, dst_ip, dst_port, proto, server_name",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		take(c,
		    &(struct talk){store_text(r, 0), store_text(r, 1), store_text(r, 2),
			store_text(r, 3), store_text(r, 4), (uint16_t)store_uint(r, 5),
			store_int(r, 6), store_uint(r, 7), store_uint(r, 8)});
	return store_rows_end(r, e);
}

/* ---- servers ---- */

static void mark_server(struct channels *c, struct str host)
{
	for (size_t i = 0; i < c->keys.n; i++)
		c->v[i].server |= str_equal(host, str_of(c->v[i].host));
}

/* Whether so many clients as a server has got answers from this port. */
static bool has_clients(const struct conns *held, const struct conns_index *index,
    const struct conns_group *g)
{
	uint32_t seen[CLIENTS_SERVER];
	size_t n = 0;
	for (uint32_t i = g->first; i < g->first + g->n && n < CLIENTS_SERVER; i++) {
		const struct conns_row *row = &held->rows[index->rows[i]];
		size_t k = 0;
		while (k < n && seen[k] != row->src)
			k++;
		if (k == n && !row->day && row->dst_bytes > 0)
			seen[n++] = row->src;
	}
	return n == CLIENTS_SERVER;
}

static bool servers_held(struct channels *c, struct conns *held)
{
	const struct conns_index *index = conns_index(held, CONNS_SERVER);
	uint32_t tcp = conns_find(held, STR("tcp"));
	bool *hosts = calloc(held->text_count + 1, sizeof(*hosts));
	if (index == NULL || hosts == NULL) {
		free(hosts);
		return false;
	}
	for (size_t i = 0; i < c->keys.n; i++)
		hosts[conns_find(held, str_of(c->v[i].host))] = true;
	for (size_t i = 0; i < index->count; i++) {
		const struct conns_row *row = &held->rows[index->groups[i].row];
		if (row->dst != 0 && hosts[row->dst] && row->proto == tcp &&
		    has_clients(held, index, &index->groups[i]))
			mark_server(c, held->texts[row->dst].text);
	}
	free(hosts);
	return true;
}

static int servers_stored(struct channels *c, struct error *e)
{
	struct store_rows *r = store_sum(c->run->d->source->store,
	    "SELECT DISTINCT dst_ip FROM (SELECT dst_ip, dst_port FROM conn WHERE "
	    "dst_bytes "
	    "> 0 AND proto = 'tcp' GROUP BY dst_ip, dst_port HAVING count(DISTINCT "
	    "src_ip) "
	    ">= 3)",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		mark_server(c, store_text(r, 0));
	return store_rows_end(r, e);
}

/* ---- telling ---- */

/* The host asked in clear, and stopped when this began, for a day at least. */
static bool stopped_asking(const struct channel *v, const struct asker *a)
{
	const struct series_stats *s = &v->odd.stats;
	return a != NULL && a->asked >= ASKED_MIN &&
	       a->last < s->first + US_PER_DAY / 24 && s->last - s->first >= US_PER_DAY;
}

static bool tell(struct channels *c, struct channel *v)
{
	struct odd *o = &v->odd;
	enum class class = v->kind->class;
	const struct asker *a = glance_asker(&c->run->glance, str_of(v->host));
	bool dns = class == CLASS_DNS, stopped = dns && stopped_asking(v, a);
	if (class == CLASS_TUNNEL && !v->server)
		return true; /* people work through tunnels, servers seldom */
	for (size_t i = 0; class == CLASS_TOR && i < c->keys.n; i++)
		o->hosts += c->v[i].kind->class == CLASS_TOR;
	o->key.peer = str_of(v->peer);
	o->key.proto = str_of(v->proto);
	o->score = (double)o->stats.events;
	o->confidence = v->server || stopped ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	o->attack[0] = dns ? "T1071.004" : class == CLASS_TOR ? "T1090.003" : "T1572";
	o->attack[1] = dns ? "T1572" : NULL;
	o->facts[o->fact_count++] =
	    (struct fact){.key = dns ? FACT_KEY_ENCRYPTED_DNS : FACT_KEY_HIDDEN_CHANNEL,
		.text = str_of(v->kind->name)};
	if (v->server)
		o->facts[o->fact_count++] = (struct fact){.key = FACT_KEY_FROM_SERVER};
	if (stopped)
		o->facts[o->fact_count++] = (struct fact){.key = FACT_KEY_STOPPED_ASKING,
		    .value = {(double)a->asked, (double)a->last, 0}};
	return odd_tell(c->run, o);
}

static int by_key(const void *x, const void *y)
{
	const struct channel *a = x, *b = y;
	int order = addr_cmp(&a->odd.key.host, &b->odd.key.host);
	if (order == 0)
		order = strcmp(a->peer, b->peer);
	if (order == 0)
		order = a->odd.key.port - b->odd.key.port;
	if (order == 0)
		order = strcmp(a->proto, b->proto);
	return order != 0 ? order : (a->kind > b->kind) - (a->kind < b->kind);
}

static int read_all(struct channels *c, struct error *e)
{
	struct conns *held = c->run->d->source->conns;
	if (!held->held) {
		if (read_stored(c, e) < 0)
			return -1;
		return c->keys.n > 0 ? servers_stored(c, e) : 0;
	}
	if (!read_held(c, held) || (c->keys.n > 0 && !servers_held(c, held)))
		return error_set(e, ERR_SYSTEM, "no memory left");
	return 0;
}

int channels_run(struct odd_run *run, struct error *e)
{
	struct channels c = {.run = run, .v = malloc(CHANNELS_MAX * sizeof(*c.v))};
	if (c.v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	const struct hash_key key = hash_key_random();
	keyed_init(&c.keys, sizeof(uint64_t), sizeof(uint64_t), &key);
	int result = read_all(&c, e);
	if (result == 0 && c.keys.n > 0)
		qsort(c.v, c.keys.n, sizeof(*c.v), by_key);
	for (size_t i = 0; result == 0 && i < c.keys.n; i++) {
		if (!tell(&c, &c.v[i]))
			result = error_set(e, ERR_SYSTEM, "no memory left");
	}
	keyed_reset(&c.keys);
	free(c.v);
	return result;
}
