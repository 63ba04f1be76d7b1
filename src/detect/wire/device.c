/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that act on their own. A router, a management board or a printer answers for
 * years; when it opens its first connection to the outside, or has a tunnel with somebody
 * new, whoever runs it did that, or somebody who took it over (T1601, T1542.005). The
 * role comes from the memory, not from a list of devices: it answered on ports that only
 * devices have, and opened nothing for a week or more. Any other server that never
 * opened to the outside in two weeks and then does is told as well, with less.
 *
 * And who reaches for a device's configuration from outside: Smart Install, SNMP's set
 * and TFTP need no logon worth the name.
 */
#include <math.h>

#include "detect/wire/knock.h"

#define DAY_US        86400000000LL
#define WEEK_US       (7 * DAY_US) /* without history there is no role */
#define ANSWERS_MIN   "20"         /* connections answered in that role */
#define SMART_INSTALL 4786
#define SNMP          161
#define FIRST_PEERS   "3" /* of a device that begins to open, so many */
#define SERVER_DAYS   14  /* without a connection to the outside: a server's role */
#define SERVER_PEERS  16  /* whoever opens to more is no silent server */

// clang-format off
/* Ports that only devices answer on: Telnet, TFTP, SNMP, LPD, IPMI, IPP, NETCONF, Smart
 * Install, Winbox, raw printing. */
#define DEVICE_PORTS                                                                     \
	"((proto = 'tcp' AND dst_port IN (23, 515, 631, 830, 4786, 8291, 9100)) "        \
	"OR (proto = 'udp' AND dst_port IN (69, 161, 623)))"

static const char roles_sql[] =
	"WITH asked AS MATERIALIZED (SELECT dst_ip AS ip, min(ts) AS since, count(*) AS n, "
	"count(DISTINCT src_ip) AS clients, arg_min(proto || '/' || dst_port, (ts, dst_port)) AS "
	"service FROM conn WHERE dst_bytes > 0 AND " DEVICE_PORTS " GROUP BY dst_ip "
	"HAVING count(*) >= " ANSWERS_MIN "), "
	"opened AS MATERIALIZED (SELECT src_ip AS ip, dst_ip AS peer, dst_port AS port, "
	"min(ts) AS first, max(ts) AS last, count(*) AS n, sum(src_bytes) AS sent, "
	"sum(dst_bytes) AS got FROM conn SEMI JOIN asked ON src_ip = ip "
	"WHERE proto = 'tcp' AND dst_bytes > 0 GROUP BY ALL), "
	"began AS (SELECT ip, min(first) AS first FROM opened GROUP BY ip) "
	"SELECT o.ip, o.peer, o.port, o.first, o.last, o.n, o.sent, o.got, a.since, a.n, "
	"a.clients, a.service FROM opened o JOIN began b USING (ip) JOIN asked a USING (ip) "
	"WHERE b.first >= a.since + INTERVAL 7 DAY "
	"QUALIFY row_number() OVER (PARTITION BY o.ip ORDER BY o.first, o.peer, o.port) <= "
	FIRST_PEERS " ORDER BY o.ip, o.first, o.peer, o.port";

/* The same of any port, with all that a server of 100 answers to three clients opened. */
static const char servers_sql[] =
	"WITH asked AS MATERIALIZED (SELECT dst_ip AS ip, min(ts) AS since, count(*) AS n, "
	"count(DISTINCT src_ip) AS clients, arg_min(proto || '/' || dst_port, (ts, dst_port)) AS "
	"service FROM conn WHERE proto = 'tcp' AND dst_bytes > 0 GROUP BY dst_ip "
	"HAVING count(*) >= 100 AND count(DISTINCT src_ip) >= 3), "
	"opened AS (SELECT src_ip AS ip, dst_ip AS peer, arg_min(dst_port, (ts, dst_port)) AS "
	"port, min(ts) AS first, max(ts) AS last, count(*) AS n, sum(src_bytes) AS sent, "
	"sum(dst_bytes) AS got FROM conn SEMI JOIN asked ON src_ip = ip "
	"WHERE proto = 'tcp' AND dst_bytes > 0 GROUP BY ALL) "
	"SELECT o.ip, o.peer, o.port, o.first, o.last, o.n, o.sent, o.got, a.since, a.n, "
	"a.clients, a.service FROM opened o JOIN asked a USING (ip) "
	"ORDER BY o.ip, o.first, o.peer";

/* The last two columns: since when the memory knows either end. */
static const char tunnels_sql[] =
	"WITH t AS MATERIALIZED (SELECT src_ip, dst_ip, proto, min(ts) AS first, max(ts) AS last, "
	"count(*) AS n, sum(src_ip_bytes) AS a, sum(dst_ip_bytes) AS b FROM conn "
	"WHERE proto IN ('gre', 'esp', 'ip', 'ipv6', 'ipip', 'etherip', 'l2tp') GROUP BY ALL), "
	"ends AS (SELECT src_ip AS ip FROM t UNION SELECT dst_ip FROM t), "
	"known AS MATERIALIZED (SELECT ip, min(ts) AS since FROM (SELECT src_ip AS ip, ts FROM conn "
	"SEMI JOIN ends ON src_ip = ip UNION ALL SELECT dst_ip, ts FROM conn "
	"SEMI JOIN ends ON dst_ip = ip) GROUP BY ip) "
	"SELECT t.src_ip, t.dst_ip, t.proto, t.first, t.last, t.n, t.a, t.b, x.since, y.since "
	"FROM t JOIN known x ON x.ip = t.src_ip JOIN known y ON y.ip = t.dst_ip "
	"ORDER BY t.src_ip, t.dst_ip, t.proto";

static const char install_sql[] =
	"SELECT src_ip, dst_ip, dst_port, 'tcp' AS proto, min(ts), max(ts), count(*), "
	"sum(dst_bytes), sum(src_bytes), 'Smart Install' FROM conn WHERE proto = 'tcp' "
	"AND dst_port = 4786 AND src_bytes > 0 AND dst_bytes > 0 "
	"GROUP BY src_ip, dst_ip, dst_port ORDER BY ALL";

static const char set_sql[] =
	"SELECT src_ip, dst_ip, dst_port, 'udp', min(ts), max(ts), "
	"sum(set_requests)::UBIGINT, 0, 0, 'SNMP set' FROM snmp WHERE set_requests > 0 "
	"GROUP BY src_ip, dst_ip, dst_port ORDER BY ALL";
// clang-format on

/* Read the ends of a row; false: not one at home and one outside. */
static bool ends(const struct knock *k, const struct store_rows *r, struct addr v[2])
{
	const struct detect_options *o = k->d->source->options;
	return str_addr(store_text(r, 0), &v[0]) && str_addr(store_text(r, 1), &v[1]) &&
	       !addr_is_multicast(&v[1]) &&
	       series_home(o, &v[0]) != series_home(o, &v[1]);
}

static struct suspect *add(struct knock *k, const struct wire_pair *p, uint16_t port,
    struct str proto, double score)
{
	struct suspect *v = knock_suspect(k, p, port, proto, score);
	if (v == NULL)
		return NULL;
	v->stats.days = 1;
	v->finding.confidence = CONFIDENCE_LOW;
	return v;
}

/* A host that only answered and opens now, as roles_sql tells it; the fact says what it
 * was before. */
static struct finding *add_opener(
    struct knock *k, const struct store_rows *r, enum fact_key fact)
{
	struct addr v[2];
	struct wire_pair p;
	if (!ends(k, r, v) || !wire_orient(k->d->source->options, &v[0], &v[1], &p) ||
	    !p.host_opened)
		return NULL;
	double quiet =
	    (double)(moment_us(store_time(r, 3)) - moment_us(store_time(r, 8)));
	double answers = (double)store_uint(r, 9);
	struct suspect *s =
	    add(k, &p, (uint16_t)store_uint(r, 2), STR("tcp"), log10(1 + answers));
	if (s == NULL)
		return NULL;
	struct finding *f = &s->finding;
	s->stats.first = moment_us(store_time(r, 3));
	s->stats.last = moment_us(store_time(r, 4));
	s->stats.events = store_uint(r, 5);
	s->stats.out = store_uint(r, 6);
	s->stats.in = store_uint(r, 7);
	finding_add_fact(f, fact, quiet / 1e6, answers, (double)store_uint(r, 10));
	return f;
}

static void add_role(struct knock *k, const struct store_rows *r)
{
	struct finding *f = add_opener(k, r, FACT_KEY_DEVICE_OPENS);
	if (f == NULL)
		return;
	f->attack[0] = "T1601";
	finding_add_text_fact(
	    f, FACT_KEY_DEVICE_ROLE, str_copy(&k->texts, store_text(r, 11)));
	f->confidence = CONFIDENCE_MEDIUM;
}

/* A tunnel of a host that the memory has known for a week without one to that address. */
static void add_tunnel(struct knock *k, const struct store_rows *r)
{
	struct addr v[2];
	struct wire_pair p;
	int64_t first = moment_us(store_time(r, 3));
	if (!ends(k, r, v) || !wire_orient(k->d->source->options, &v[0], &v[1], &p))
		return;
	int64_t begin = moment_us(store_time(r, p.host_opened ? 8 : 9));
	if (first - begin < WEEK_US)
		return;
	struct str proto = store_text(r, 2);
	struct suspect *s = add(k, &p, 0, proto, 1);
	if (s == NULL)
		return;
	bool out = p.host_opened;
	struct finding *f = &s->finding;
	s->stats.first = first;
	s->stats.last = moment_us(store_time(r, 4));
	s->stats.events = store_uint(r, 5);
	s->stats.out = store_uint(r, out ? 6 : 7);
	s->stats.in = store_uint(r, out ? 7 : 6);
	f->attack[0] = "T1572";
	finding_add_fact(f, FACT_KEY_DEVICE_TUNNEL, (double)(first - begin) / 1e6, 0, 0);
	f->confidence = p.host_opened ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void add_write(struct knock *k, const struct store_rows *r)
{
	struct addr v[2];
	struct wire_pair p;
	if (!ends(k, r, v) || !wire_orient(k->d->source->options, &v[0], &v[1], &p) ||
	    p.host_opened)
		return;
	struct suspect *s = add(k, &p, (uint16_t)store_uint(r, 2), store_text(r, 3), 1);
	if (s == NULL)
		return;
	struct finding *f = &s->finding;
	s->stats.first = moment_us(store_time(r, 4));
	s->stats.last = moment_us(store_time(r, 5));
	s->stats.events = store_uint(r, 6);
	s->stats.out = store_uint(r, 7);
	s->stats.in = store_uint(r, 8);
	f->attack[0] = "T1601";
	f->attack[1] = "T1542.005";
	finding_add_text_fact(
	    f, FACT_KEY_DEVICE_WRITE, str_copy(&k->texts, store_text(r, 9)));
	f->confidence = CONFIDENCE_MEDIUM;
}

/* The first connection to the outside of a server, and how many it has had since. */
struct opener {
	struct addr host;
	struct finding *finding; /* NULL: none, or there were some before */
	uint64_t peers;
};

/* Whoever opens to many is no silent server, whenever that began. */
static void end_opener(struct knock *k, const struct opener *o)
{
	if (o->finding != NULL && o->peers > SERVER_PEERS)
		k->found.n--;
}

static int read_servers(struct knock *k, struct error *e)
{
	struct store_rows *r = store_sum(k->d->source->store, servers_sql, e);
	if (r == NULL)
		return -1;
	struct opener o = {.peers = 0};
	struct addr v[2];
	while (store_next(r)) {
		int64_t quiet = moment_us(store_time(r, 3)) - moment_us(store_time(r, 8));
		if (!ends(k, r, v) || !series_home(k->d->source->options, &v[0]))
			continue;
		if (!addr_equal(&o.host, &v[0])) {
			end_opener(k, &o);
			o = (struct opener){.host = v[0]};
		}
		if (o.peers++ > 0 || quiet < SERVER_DAYS * DAY_US)
			continue;
		o.finding = add_opener(k, r, FACT_KEY_SERVER_OPENS);
		if (o.finding != NULL) {
			o.finding->attack[0] = "T1071";
			finding_add_text_fact(o.finding, FACT_KEY_SERVER_ROLE,
			    str_copy(&k->texts, store_text(r, 11)));
		}
	}
	end_opener(k, &o);
	return store_rows_end(r, e);
}

static int each(struct knock *k, const char *sql,
    void (*put)(struct knock *k, const struct store_rows *r), struct error *e)
{
	struct store_rows *r = store_sum(k->d->source->store, sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		put(k, r);
	return store_rows_end(r, e);
}

/* Whether a connection that is held goes to the port; true where none is held. */
static bool any_to(struct conns *c, uint16_t port)
{
	const struct conns_index *index = c->held ? conns_index(c, CONNS_SERVER) : NULL;
	for (size_t i = 0; index != NULL && i < index->count; i++) {
		if (c->rows[index->groups[i].row].port == port)
			return true;
	}
	return index == NULL;
}

/* Whether a connection that is held is of a device, or of a protocol of tunnels, as the
 * statements ask; true where none is held. */
static bool any_device(struct conns *c)
{
	static const uint16_t ports[] = {
	    23, 515, 631, 830, 4786, 8291, 9100, 69, 161, 623};
	const struct conns_index *index = c->held ? conns_index(c, CONNS_SERVER) : NULL;
	for (size_t i = 0; index != NULL && i < index->count; i++) {
		for (size_t k = 0; k < sizeof(ports) / sizeof(*ports); k++) {
			if (c->rows[index->groups[i].row].port == ports[k] &&
			    index->groups[i].n > 0)
				return true;
		}
	}
	return index == NULL;
}

static bool any_tunnel(const struct conns *c)
{
	static const char *const protocols[] = {
	    "gre", "esp", "ip", "ipv6", "ipip", "etherip", "l2tp"};
	for (size_t i = 0; c->held && i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (conns_find(c, str_of(protocols[i])) != 0)
			return true;
	}
	return !c->held;
}

int knock_devices(struct knock *k, struct error *e)
{
	const struct context *c = k->d->context;
	struct conns *held = k->d->source->conns;
	if ((any_to(held, SMART_INSTALL) && each(k, install_sql, add_write, e) < 0) ||
	    (any_to(held, SNMP) && each(k, set_sql, add_write, e) < 0))
		return -1;
	if (c->last - c->first < WEEK_US)
		return 0;
	if (any_device(held) && each(k, roles_sql, add_role, e) < 0)
		return -1;
	if (any_tunnel(held) && each(k, tunnels_sql, add_tunnel, e) < 0)
		return -1;
	return c->last - c->first < 2 * WEEK_US ? 0 : read_servers(k, e);
}
