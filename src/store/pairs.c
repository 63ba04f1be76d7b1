/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pairs.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US  (86400 * INT64_C(1000000))
#define HOUR_US (3600 * INT64_C(1000000))

_Static_assert(sizeof(struct pair_key) == 20, "a key has no padding: it is hashed");

/* That a pair of addresses and day has a port; port 0: how many it has. */
struct port_row {
	uint32_t src, dst;
	int32_t day;
	uint32_t port;
	uint32_t count; /* distinct ports */
};

void pairs_init(struct pairs *p, const struct hash_key *key)
{
	*p = (struct pairs){0};
	keyed_init(&p->days, sizeof(struct pair_day), sizeof(struct pair_key), key);
	keyed_init(
	    &p->ports, sizeof(struct port_row), offsetof(struct port_row, count), key);
	addresses_init(&p->addresses, key);
	words_init(&p->names, key);
	words_init(&p->protos, key);
}

void pairs_empty(struct pairs *p)
{
	keyed_empty(&p->days);
	keyed_reset(&p->ports);
	if (p->crowds != NULL)
		memset(p->crowds, 0, PAIRS_CROWDS * sizeof(*p->crowds));
	addresses_empty(&p->addresses);
	words_empty(&p->names);
	words_empty(&p->protos);
}

void pairs_reset(struct pairs *p)
{
	keyed_reset(&p->days);
	keyed_reset(&p->ports);
	free(p->crowds);
	p->crowds = NULL;
	addresses_free(&p->addresses);
	words_reset(&p->names);
	words_reset(&p->protos);
}

bool pairs_full(const struct pairs *p)
{
	return p->days.n > PAIRS_ROWS_MAX - PAIRS_DAYS_MAX - 1 ||
	       words_nearly_full(&p->names) || p->protos.n >= PAIRS_PROTO_MAX;
}

/* ---- ports of a scan ---- */

static uint16_t *crowd_of(struct pairs *p, const struct pair_key *k)
{
	uint64_t h = (uint64_t)k->src << 32 ^ (uint64_t)(uint32_t)k->day << 20 ^ k->dst;
	return &p->crowds[h * UINT64_C(0x9e3779b97f4a7c15) >> 48 & (PAIRS_CROWDS - 1)];
}

/* Note the port of the key, unless that would be one too many (then *over). */
static int note_port(struct pairs *p, const struct pair_key *key, bool *over)
{
	bool made;
	struct port_row k = {.src = key->src, .dst = key->dst, .day = key->day};
	struct port_row *all = keyed_put(&p->ports, &k, &made);
	if (all == NULL)
		return -1;
	uint32_t count = all->count;
	k.port = key->port;
	*over = false;
	if (keyed_find(&p->ports, &k) != NULL)
		return 0;
	*over = count >= PAIRS_PORTS_MAX;
	if (*over)
		return 0;
	all->count = count + 1;
	return keyed_put(&p->ports, &k, &made) != NULL ? 0 : -1;
}

/* Note the ports of all rows but the newest that count to a crowd. */
static int note_crowd(struct pairs *p, const uint16_t *crowd)
{
	bool over;
	for (uint32_t i = 0; i + 1 < p->days.n; i++) {
		const struct pair_day *d = keyed_row(&p->days, i);
		if (d->key.port != 0 && crowd_of(p, &d->key) == crowd &&
		    note_port(p, &d->key, &over) < 0)
			return -1;
	}
	return 0;
}

/* Whether the port of the newest row is one too many for its addresses and day. */
static int is_over(struct pairs *p, const struct pair_key *key, bool *over)
{
	*over = false;
	if (key->port == 0)
		return 0;
	if (p->crowds == NULL)
		p->crowds = calloc(PAIRS_CROWDS, sizeof(*p->crowds));
	if (p->crowds == NULL)
		return -1;
	uint16_t *crowd = crowd_of(p, key);
	if (*crowd < PAIRS_PORTS_MAX) {
		++*crowd;
		return 0;
	}
	if (*crowd == PAIRS_PORTS_MAX && note_crowd(p, crowd) < 0)
		return -1;
	*crowd = PAIRS_PORTS_MAX + 1;
	return note_port(p, key, over);
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
	uint32_t src = addresses_put(&p->addresses, &r->src_ip);
	uint32_t dst = addresses_put(&p->addresses, &r->dst_ip);
	if (name == WORDS_FULL || proto == WORDS_FULL ||
	    (src == 0 && !addr_is_unset(&r->src_ip)) ||
	    (dst == 0 && !addr_is_unset(&r->dst_ip)))
		return error_set(e, ERR_SYSTEM, "no memory for the ends of pairs");
	struct pair_day d = {
	    .key = {.src = src,
		.dst = dst,
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
