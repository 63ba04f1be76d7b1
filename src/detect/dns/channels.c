/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels that hide what is asked or who is talked to: DNS inside TLS, QUIC or HTTPS to
 * resolvers that few here use; Tor; and tunnels (OpenVPN, WireGuard, IPsec …) that a
 * server opens to the outside (B11). The protocol is that of the content (conn.service);
 * for DNS over TLS and QUIC the port will do. Logs without these words tell less.
 */
#include <stdio.h>
#include <stdlib.h>

#include "detect/dns/odd.h"

#define CHANNELS_MAX   2048 /* host, peer, port, class; the first by these */
#define HOSTS_TEXT     (CHANNELS_MAX * (ADDR_TEXT_MAX + 1))
#define CLIENTS_SERVER 3  /* of one port: the host is a server */
#define ASKED_MIN      20 /* questions in clear, before a host can have stopped asking */
#define US_PER_DAY     INT64_C(86400000000)

enum class { CLASS_DNS, CLASS_TOR, CLASS_TUNNEL };

struct channel {
	struct odd odd;
	enum class class;
	char peer[256], host[ADDR_TEXT_MAX], proto[8], what[24];
	bool server;        /* the host serves others */
	uint64_t asked;     /* questions in clear of the host */
	int64_t asked_last; /* µs since 1970 */
};

struct channels {
	struct odd_run *run;
	struct channel *v; /* CHANNELS_MAX; owned */
	size_t n;
};

/* %s: the connections, or what is left of them. A class is its number and its name.
 * Relays of Tor are one peer, as it takes new ones all the time; a resolver goes by its
 * name, where one is known. */
static const char channels_form[] =
    "SELECT src_ip, peer, port, proto, class, min(dst_ip), epoch_us(min(ts)), "
    "epoch_us(max(ts)), count(*), sum(src_bytes), sum(dst_bytes), count(DISTINCT "
    "CAST(ts AS DATE)) FROM (SELECT *, CASE class[1] WHEN '1' THEN 'tor' WHEN '0' THEN "
    "coalesce(server_name, dst_ip) ELSE dst_ip END AS peer, CASE class[1] WHEN '1' THEN "
    "0 "
    "ELSE dst_port END AS port FROM (SELECT *, CASE WHEN dst_port = 853 AND proto = "
    "'tcp' "
    "OR service LIKE '%%dot' THEN '0DNS over TLS' WHEN dst_port = 853 AND proto = 'udp' "
    "OR "
    "service LIKE '%%doq' THEN '0DNS over QUIC' WHEN service IS NULL THEN NULL WHEN "
    "regexp_matches(service, '(^|,)tor(,|$)') THEN '1Tor' WHEN "
    "regexp_matches(service, '(^|,)doh(,|$)') THEN '0DNS over HTTPS' WHEN "
    "regexp_matches(service, '(^|,)openvpn(,|$)') THEN '2OpenVPN' WHEN "
    "regexp_matches(service, '(^|,)wireguard(,|$)') THEN '2WireGuard' WHEN "
    "regexp_matches(service, '(^|,)(ike|ipsec)(,|$)') THEN '2IPsec' WHEN "
    "regexp_matches(service, '(^|,)(pptp|l2tp)(,|$)') THEN '2L2TP or PPTP' END AS class "
    "FROM %s WHERE dst_bytes > 0 AND (service IS NOT NULL OR dst_port = 853)) WHERE "
    "class "
    "IS NOT NULL) GROUP BY src_ip, peer, port, proto, class "
    "ORDER BY src_ip, peer, port, proto, class";

static void copy(char *to, size_t size, struct str s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;
	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static void take_channel(struct channels *c, const struct store_rows *r)
{
	struct channel *v = &c->v[c->n];
	struct addr host, peer;
	struct str class = store_text(r, 4);
	const struct detect_options *o = c->run->d->source->options;
	bool ours = str_addr(store_text(r, 0), &host) && odd_ours(c->run, &host);
	bool out = str_addr(store_text(r, 5), &peer) && !addr_is_multicast(&peer) &&
		   (o->home_count == 0 || !series_home(o, &peer));
	if (!ours || !out || class.n < 2)
		return;
	if (c->n >= CHANNELS_MAX) {
		c->run->dropped++;
		return;
	}
	c->n++;
	*v = (struct channel){.class = (enum class)(class.p[0] - '0')};
	copy(v->host, sizeof(v->host), store_text(r, 0));
	copy(v->peer, sizeof(v->peer), store_text(r, 1));
	copy(v->proto, sizeof(v->proto), store_text(r, 3));
	copy(v->what, sizeof(v->what), (struct str){class.p + 1, class.n - 1});
	bool named = !str_addr(str_of(v->peer), &peer);
	v->odd.key =
	    (struct series_key){.projection = named ? SERIES_NAME : SERIES_ADDRESS,
		.direction = DIRECTION_OUTBOUND,
		.host = host,
		.port = (uint16_t)store_uint(r, 2)};
	v->odd.stats = (struct series_stats){.first = store_int(r, 6),
	    .last = store_int(r, 7),
	    .events = store_uint(r, 8),
	    .starts = store_uint(r, 8),
	    .out = store_uint(r, 9),
	    .in = store_uint(r, 10),
	    .days = store_uint(r, 11)};
	v->odd.score = (double)v->odd.stats.events;
}

/* What else is known of the hosts in $1: how many clients use one port of
 * theirs, how often and until when they asked in clear. %s as above. */
static const char hosts_form[] =
    "WITH h AS (SELECT DISTINCT unnest(string_split($1, chr(10))) AS ip), s AS (SELECT "
    "ip, "
    "max(n) AS clients FROM (SELECT dst_ip AS ip, dst_port, count(DISTINCT src_ip) AS n "
    "FROM %s WHERE dst_ip IN (SELECT ip FROM h) AND dst_bytes > 0 AND proto = 'tcp' "
    "GROUP "
    "BY dst_ip, dst_port) GROUP BY ip), q AS (SELECT src_ip AS ip, count(*) AS n, "
    "max(ts) "
    "AS t FROM dns WHERE kind = 'dns' AND dst_port = 53 AND src_ip IN (SELECT ip FROM h) "
    "GROUP BY src_ip) SELECT h.ip, s.clients, q.n, epoch_us(q.t) FROM h LEFT JOIN s "
    "USING "
    "(ip) LEFT JOIN q USING (ip) ORDER BY h.ip";

static void take_host(struct channels *c, const struct store_rows *r)
{
	struct str host = store_text(r, 0);
	for (size_t i = 0; i < c->n; i++) {
		if (!str_equal(host, str_of(c->v[i].host)))
			continue;
		c->v[i].server = store_uint(r, 1) >= CLIENTS_SERVER;
		c->v[i].asked = store_uint(r, 2);
		c->v[i].asked_last = store_is_null(r, 3) ? 0 : store_int(r, 3);
	}
}

/* Run the statement, which is freed, and take its rows; NULL: no memory left for it. */
static int read_rows(struct channels *c, char *sql, const struct str *param,
    void (*take)(struct channels *c, const struct store_rows *r), struct error *e)
{
	if (sql == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r =
	    store_query_with(c->run->d->source->store, sql, param, param != NULL, e);
	free(sql);
	if (r == NULL)
		return -1;
	while (store_next(r))
		take(c, r);
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

static int read_hosts(struct channels *c, struct error *e)
{
	char *text = malloc(HOSTS_TEXT), *sql = NULL;
	size_t n = 0;
	if (text == NULL || asprintf(&sql, hosts_form, c->run->d->source->past->rows) < 0)
		sql = NULL;
	if (text == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < c->n; i++)
		n += (size_t)snprintf(
		    text + n, HOSTS_TEXT - n, "%s%s", i > 0 ? "\n" : "", c->v[i].host);
	const struct str hosts = {text, n};
	int result = read_rows(c, sql, &hosts, take_host, e);
	free(text);
	return result;
}

/* The host asked in clear, and stopped when this began, for a day at least. */
static bool stopped_asking(const struct channel *v)
{
	const struct series_stats *s = &v->odd.stats;
	return v->asked >= ASKED_MIN && v->asked_last < s->first + US_PER_DAY / 24 &&
	       s->last - s->first >= US_PER_DAY;
}

static bool tell(struct channels *c, struct channel *v)
{
	struct odd *o = &v->odd;
	bool dns = v->class == CLASS_DNS;
	if (v->class == CLASS_TUNNEL && !v->server)
		return true; /* people work through tunnels, servers seldom */
	for (size_t i = 0; v->class == CLASS_TOR && i < c->n; i++)
		o->hosts += c->v[i].class == CLASS_TOR;
	o->key.peer = str_of(v->peer);
	o->key.proto = str_of(v->proto);
	o->confidence =
	    v->server || stopped_asking(v) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	o->attack[0] = dns ? "T1071.004" : v->class == CLASS_TOR ? "T1090.003" : "T1572";
	o->attack[1] = dns ? "T1572" : NULL;
	enum fact_key key = dns ? FACT_KEY_ENCRYPTED_DNS : FACT_KEY_HIDDEN_CHANNEL;
	o->facts[o->fact_count++] = (struct fact){.key = key, .text = str_of(v->what)};
	if (v->server)
		o->facts[o->fact_count++] = (struct fact){.key = FACT_KEY_FROM_SERVER};
	if (dns && stopped_asking(v))
		o->facts[o->fact_count++] = (struct fact){.key = FACT_KEY_STOPPED_ASKING,
		    .value = {(double)v->asked, (double)v->asked_last, 0}};
	return odd_tell(c->run, o);
}

int channels_run(struct odd_run *run, struct error *e)
{
	struct channels c = {.run = run, .v = malloc(CHANNELS_MAX * sizeof(*c.v))};
	char *sql = NULL;
	if (asprintf(&sql, channels_form, run->d->source->past->rows) < 0)
		sql = NULL;
	if (c.v == NULL)
		free(sql);
	int result = c.v == NULL ? error_set(e, ERR_SYSTEM, "no memory left")
				 : read_rows(&c, sql, NULL, take_channel, e);
	if (result == 0 && c.n > 0)
		result = read_hosts(&c, e);
	for (size_t i = 0; result == 0 && i < c.n; i++) {
		if (!tell(&c, &c.v[i]))
			result = error_set(e, ERR_SYSTEM, "no memory left");
	}
	free(c.v);
	return result;
}
