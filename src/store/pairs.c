/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US  (86400 * INT64_C(1000000))
#define HOUR_US (3600 * INT64_C(1000000))

_Static_assert(sizeof(struct pair_key) == 44, "a key has no padding: it is hashed");

void pairs_init(struct pairs *p, const struct hash_key *key)
{
	*p = (struct pairs){0};
	keyed_init(&p->days, sizeof(struct pair_day), sizeof(struct pair_key), key);
	keyed_init(&p->ports, sizeof(uint64_t) * 2, sizeof(uint64_t), key);
	words_init(&p->names, key);
	words_init(&p->protos, key);
}

void pairs_reset(struct pairs *p)
{
	keyed_reset(&p->days);
	keyed_reset(&p->ports);
	words_reset(&p->names);
	words_reset(&p->protos);
}

bool pairs_full(const struct pairs *p)
{
	return p->days.n > PAIRS_ROWS_MAX - PAIRS_DAYS_MAX - 1 ||
	       words_nearly_full(&p->names) || p->protos.n >= PAIRS_PROTO_MAX;
}

/* ---- ports of a scan ---- */

/* A pair of addresses and day, and one with a port, by their hash. */
struct ports_of {
	uint64_t id;
	uint32_t count; /* distinct ports */
	uint32_t first; /* of them, which needs no entry of its own */
};

_Static_assert(sizeof(struct ports_of) == 16, "as pairs_init says");

static uint64_t id_of(const struct pairs *p, const struct pair_key *key, uint16_t port)
{
	struct pair_key k = *key;
	k.name = 0;
	k.proto = 0;
	k.port = port;
	return hash_bytes(&p->days.key, &k, sizeof(k)) << 1 | (port != 0);
}

/* Whether the key's port is one too many for its addresses and day. */
static int is_over(struct pairs *p, const struct pair_key *key, bool *over)
{
	bool made;
	*over = false;
	if (key->port == 0)
		return 0;
	uint64_t id = id_of(p, key, 0);
	struct ports_of *all = keyed_put(&p->ports, &id, &made);
	if (all == NULL)
		return -1;
	if (made) {
		all->count = 1;
		all->first = key->port;
	}
	if (all->first == key->port)
		return 0;
	uint32_t count = all->count;
	uint64_t with_port = id_of(p, key, key->port);
	if (keyed_find(&p->ports, &with_port) != NULL)
		return 0;
	*over = count >= PAIRS_PORTS_MAX;
	if (*over)
		return 0;
	all->count = count + 1;
	return keyed_put(&p->ports, &with_port, &made) != NULL ? 0 : -1;
}

/* ---- adding ---- */

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;
	return sum < a ? UINT64_MAX : sum;
}

void pairs_join(struct pair_day *into, const struct pair_day *d)
{
	into->hours |= d->hours;
	into->first = d->first < into->first ? d->first : into->first;
	into->last = d->last > into->last ? d->last : into->last;
	into->connections = add(into->connections, d->connections);
	into->unanswered = add(into->unanswered, d->unanswered);
	into->src_bytes = add(into->src_bytes, d->src_bytes);
	into->dst_bytes = add(into->dst_bytes, d->dst_bytes);
	into->missed_bytes = add(into->missed_bytes, d->missed_bytes);
}

static int put_day(struct pairs *p, const struct pair_day *day, struct error *e)
{
	bool made, over;
	struct pair_day *row = keyed_put(&p->days, &day->key, &made);
	if (row == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for pair-days");
	if (!made) {
		pairs_join(row, day);
		return 0;
	}
	if (is_over(p, &day->key, &over) < 0)
		return error_set(e, ERR_SYSTEM, "no memory for pair-days");
	if (!over) {
		*row = *day;
		return 0;
	}
	/* The row just made is the newest: it is taken back by becoming port 0's. */
	struct pair_day folded = *day;
	folded.key.port = 0;
	p->folded++;
	keyed_undo(&p->days);
	row = keyed_put(&p->days, &folded.key, &made);
	if (row == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for pair-days");
	if (made)
		*row = folded;
	else
		pairs_join(row, &folded);
	return 0;
}

/* Bits of the hours from first to last, both in microseconds of the same day. */
static uint32_t hours_between(int64_t first, int64_t last)
{
	unsigned from = (unsigned)(first / HOUR_US), to = (unsigned)(last / HOUR_US);
	return (uint32_t)((UINT64_C(2) << to) - (UINT64_C(1) << from));
}

static int64_t day_of(int64_t us)
{
	return us / DAY_US - (us % DAY_US < 0);
}

static int64_t end_of(const struct conn_record *r, int64_t first)
{
	double us = round(r->duration * 1e6);
	int64_t last;
	if (!(us > 0))
		return first;
	if (us > 9e17 || __builtin_add_overflow(first, (int64_t)us, &last) ||
	    last > INT64_MAX / NS_PER_US)
		return INT64_MAX / NS_PER_US;
	return last;
}

/* A row for each day after the first on which the connection was open. */
static int put_later_days(struct pairs *p, struct pair_day d, struct error *e)
{
	int64_t last_day = day_of(d.last);
	d.connections = d.unanswered = 0;
	d.src_bytes = d.dst_bytes = d.missed_bytes = 0;
	for (int i = 0; i < PAIRS_DAYS_MAX && d.key.day < last_day; i++) {
		d.key.day++;
		d.first = d.key.day * DAY_US;
		d.hours = hours_between(
		    0, d.key.day == last_day ? d.last - d.first : DAY_US - 1);
		if (put_day(p, &d, e) < 0)
			return -1;
	}
	return 0;
}

/* What has a code in place of a port. */
static bool is_icmp(struct str proto)
{
	return str_equal(proto, STR("icmp")) || str_equal(proto, STR("icmp6")) ||
	       str_equal(proto, STR("ipv6-icmp"));
}

int pairs_put(struct pairs *p, const struct conn_record *r, struct error *e)
{
	if (r->ts.ns == MOMENT_NONE.ns) {
		p->undated++;
		return 0;
	}
	int64_t first = moment_us(r->ts), last = end_of(r, first), day = day_of(first);
	uint32_t name = words_put(&p->names, r->server_name);
	uint32_t proto = words_put(&p->protos, r->proto);
	if (name == WORDS_FULL || proto == WORDS_FULL)
		return error_set(e, ERR_SYSTEM, "no memory for the names of pairs");
	struct pair_day d = {
	    .key = {.src = r->src_ip,
		.dst = r->dst_ip,
		.name = name,
		.day = (int32_t)day,
		.port = is_icmp(r->proto) ? 0 : r->dst_port,
		.proto = (uint16_t)proto},
	    .first = first,
	    .last = last,
	    .connections = 1,
	    .unanswered = r->dst_packets == 0,
	    .src_bytes = r->src_bytes,
	    .dst_bytes = r->dst_bytes,
	    .missed_bytes = r->missed_bytes,
	};
	int64_t in_day = last - day * DAY_US;
	d.hours =
	    hours_between(first - day * DAY_US, in_day < DAY_US ? in_day : DAY_US - 1);
	if (put_day(p, &d, e) < 0)
		return -1;
	return in_day < DAY_US ? 0 : put_later_days(p, d, e);
}
