/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/volume/ledger.h"

#include <math.h>
#include <string.h>

#define US_PER_DAY 86400000000LL
#define SENDER_BYTES                                                                     \
	1000000    /* from one of our hosts on a day: it takes part in staging */
#define FEW_DAYS 3 /* of other pairs: enough to say what is usual on a port */

struct peer_key {
	uint64_t peer; /* digest of its name or address */
	uint32_t host;
	int32_t none;
};

struct peer_row {
	struct peer_key key;
	int64_t day; /* the first */
};

_Static_assert(sizeof(struct peer_row) == LEDGER_PEER_BYTES, "said by dwell doctor");

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static int64_t day_of(int64_t us)
{
	return us / US_PER_DAY - (us % US_PER_DAY < 0);
}

void ledger_init(struct ledger *l, int64_t last_day)
{
	const struct hash_key key = hash_key_random();
	*l = (struct ledger){.last_day = last_day};
	keyed_init(&l->hosts, sizeof(struct ledger_host), sizeof(struct addr), &key);
	keyed_init(&l->days, sizeof(struct host_day), 8, &key);
	keyed_init(&l->ports, sizeof(struct ledger_port), 8, &key);
	keyed_init(&l->peers, sizeof(struct peer_row), sizeof(struct peer_key), &key);
}

void ledger_fini(struct ledger *l)
{
	keyed_reset(&l->hosts);
	keyed_reset(&l->days);
	keyed_reset(&l->ports);
	keyed_reset(&l->peers);
}

/* The row with that key, made where there is room for one more; NULL: there is none. */
static void *row(struct ledger *l, struct keyed *k, const void *key, uint32_t max)
{
	bool made;
	if (k->n >= max) {
		void *found = keyed_find(k, key);
		l->over_limit += found == NULL;
		return found;
	}
	void *found = keyed_put(k, key, &made);
	l->no_memory = l->no_memory || found == NULL;
	return found;
}

uint32_t ledger_host(struct ledger *l, const struct addr *a)
{
	const unsigned char *h = row(l, &l->hosts, a, LEDGER_HOSTS_MAX);
	if (h == NULL)
		return UINT32_MAX;
	return (uint32_t)((size_t)(h - l->hosts.rows) / l->hosts.row_bytes);
}

/* ---- one pair ---- */

void pair_begin(struct pair *p, const struct series_key *key)
{
	p->key = *key;
	p->stats = (struct series_stats){.events = 0};
	p->n = 0;
}

void pair_event(struct pair *p, const struct series_event *v)
{
	int64_t day = day_of(v->ts);
	stats_add(&p->stats, v);
	if (p->n == 0 || p->days[p->n - 1].day != day) {
		if (p->n == PAIR_DAYS_MAX) {
			p->dropped++;
			return;
		}
		p->days[p->n++] =
		    (struct pair_day){.day = day, .first = v->ts, .last = v->ts};
	}
	struct pair_day *d = &p->days[p->n - 1];
	d->out = add_sat(d->out, v->out);
	d->in = add_sat(d->in, v->in);
	d->last = v->ts;
}

/* ---- whom a host knows ---- */

static bool peer_key(struct ledger *l, const struct series_key *key,
    const struct series_event *v, struct peer_key *out)
{
	struct str peer = v->name.n > 0 ? v->name : key->peer;
	*out = (struct peer_key){.peer = hash_bytes(&l->peers.key, peer.p, peer.n),
	    .host = ledger_host(l, &key->host)};
	return out->host != UINT32_MAX;
}

void ledger_meet(
    struct ledger *l, const struct series_key *key, const struct series_event *v)
{
	struct peer_key k;
	if (!peer_key(l, key, v, &k))
		return;
	struct peer_row *r = row(l, &l->peers, &k, LEDGER_PEERS_MAX);
	int64_t day = day_of(v->ts);
	if (r != NULL && (r->day == 0 || day < r->day))
		r->day = day;
}

bool ledger_is_fresh(
    struct ledger *l, const struct series_key *key, const struct series_event *v)
{
	struct peer_key k;
	if (!peer_key(l, key, v, &k))
		return false;
	const struct peer_row *r = keyed_find(&l->peers, &k);
	return r != NULL && day_of(v->ts) - r->day < LEDGER_FRESH_DAYS;
}

/* ---- learning ---- */

static struct host_day *host_day(struct ledger *l, uint32_t host, int64_t day)
{
	struct host_day key = {.host = host, .day = (int32_t)day};
	return row(l, &l->days, &key, LEDGER_DAYS_MAX);
}

static void learn_inside(struct ledger *l, uint32_t host, const struct pair_day *d,
    uint64_t bytes, uint64_t other)
{
	if (host == UINT32_MAX || bytes == 0)
		return;
	struct host_day *h = host_day(l, host, d->day);
	if (h == NULL)
		return;
	h->inside = add_sat(h->inside, bytes);
	if (bytes >= SENDER_BYTES)
		h->senders |= UINT64_C(1) << (other % 64);
}

/* Within our own network both ends receive. */
static void learn_internal(struct ledger *l, const struct pair *p)
{
	struct addr peer;
	if (!str_addr(p->key.peer, &peer))
		return;
	uint64_t from = hash_bytes(&hash_key_public, &p->key.host, sizeof(p->key.host));
	uint64_t to = hash_bytes(&hash_key_public, &peer, sizeof(peer));
	uint32_t host = ledger_host(l, &p->key.host), other = ledger_host(l, &peer);
	for (size_t i = 0; i < p->n; i++) {
		learn_inside(l, host, &p->days[i], p->days[i].in, to);
		learn_inside(l, other, &p->days[i], p->days[i].out, from);
	}
}

static void learn_port(struct ledger *l, uint32_t host, const struct pair *p)
{
	struct ledger_port key = {.host = host,
	    .port = p->key.port,
	    .proto =
		(uint16_t)hash_bytes(&hash_key_public, p->key.proto.p, p->key.proto.n)};
	struct ledger_port *r = row(l, &l->ports, &key, LEDGER_PORTS_MAX);
	if (r == NULL)
		return;
	for (size_t i = 0; i < p->n; i++) {
		r->out = add_sat(r->out, p->days[i].out);
		r->in = add_sat(r->in, p->days[i].in);
	}
	r->days += p->n;
}

size_t ledger_level(uint64_t bytes)
{
	double level = floor(2 * log2(1 + (double)bytes));
	return level < LEDGER_LEVELS ? (size_t)level : LEDGER_LEVELS - 1;
}

static void learn_levels(struct ledger *l, uint32_t host, const struct pair *p)
{
	struct ledger_host *h = keyed_row(&l->hosts, host);
	unsigned by_name = p->key.projection == SERIES_NAME;
	h->pairs[by_name]++;
	h->pair_days[by_name] += (uint64_t)(l->last_day - p->days[0].day + 1);
	for (size_t i = 0; i < p->n; i++)
		h->level[by_name][ledger_level(p->days[i].out)]++;
}

void ledger_learn(struct ledger *l, const struct pair *p)
{
	if (p->n == 0)
		return;
	if (p->key.direction == DIRECTION_INTERNAL) {
		if (p->key.projection == SERIES_ADDRESS)
			learn_internal(l, p);
		return;
	}
	uint32_t host = ledger_host(l, &p->key.host);
	if (host == UINT32_MAX)
		return;
	bool inbound = p->key.direction == DIRECTION_INBOUND;
	if (!inbound)
		learn_levels(l, host, p);
	if (p->key.projection == SERIES_NAME)
		return;
	if (!inbound) {
		learn_port(l, host, p);
		learn_port(l, LEDGER_SITE, p);
	}
	for (size_t i = 0; i < p->n; i++) {
		struct host_day *d = host_day(l, host, p->days[i].day);
		enum flow flow = inbound ? FLOW_SERVED : FLOW_OUT;
		if (d != NULL)
			d->bytes[flow] = add_sat(d->bytes[flow], p->days[i].out);
	}
}

void ledger_learn_fresh(struct ledger *l, const struct pair *p)
{
	uint32_t host = ledger_host(l, &p->key.host);
	for (size_t i = 0; i < p->n && host != UINT32_MAX; i++) {
		if (p->days[i].fresh == 0)
			continue;
		struct host_day *d = host_day(l, host, p->days[i].day);
		if (d == NULL)
			continue;
		d->bytes[FLOW_FRESH] = add_sat(d->bytes[FLOW_FRESH], p->days[i].fresh);
		d->peers++;
	}
}

/* ---- asking ---- */

/* The port's ratio without the pair's own days; NaN where too few are left. */
static double others(
    const struct ledger *l, uint32_t host, const struct pair *p, double *days)
{
	struct ledger_port key = {.host = host,
	    .port = p->key.port,
	    .proto =
		(uint16_t)hash_bytes(&hash_key_public, p->key.proto.p, p->key.proto.n)};
	const struct ledger_port *r = keyed_find(&l->ports, &key);
	*days = 0;
	if (r == NULL || r->days < p->n + FEW_DAYS)
		return NAN;
	double out = (double)r->out, in = (double)r->in;
	for (size_t i = 0; i < p->n; i++) {
		out -= (double)p->days[i].out;
		in -= (double)p->days[i].in;
	}
	*days = (double)(r->days - p->n);
	return (fmax(out, 0) + LEDGER_SLACK * *days) /
	       (fmax(in, 0) + LEDGER_SLACK * *days);
}

double ledger_usual_ratio(const struct ledger *l, const struct pair *p, double *days)
{
	const unsigned char *h = keyed_find(&l->hosts, &p->key.host);
	*days = 0;
	if (h == NULL)
		return NAN;
	uint32_t host = (uint32_t)((size_t)(h - l->hosts.rows) / l->hosts.row_bytes);
	double own = others(l, host, p, days);
	return isnan(own) ? others(l, LEDGER_SITE, p, days) : own;
}

void ledger_rank(const struct ledger *l, const struct pair *p, uint64_t bytes,
    const uint32_t own[static LEDGER_LEVELS], double *above, double *all)
{
	unsigned by_name = p->key.projection == SERIES_NAME;
	const struct ledger_host *h = keyed_find(&l->hosts, &p->key.host);
	*above = *all = 0;
	if (h == NULL || p->n == 0)
		return;
	for (size_t i = ledger_level(bytes); i < LEDGER_LEVELS; i++)
		*above += (double)h->level[by_name][i] - (double)own[i];
	*all = (double)h->pair_days[by_name] - (double)(l->last_day - p->days[0].day + 1);
}
