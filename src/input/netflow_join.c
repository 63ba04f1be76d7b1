/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table: an open-addressed index of entries under a keyed hash of both ends in
 * canonical order; entries in a slab; three lists of them, each in the order in
 * which they were touched, for what is over and for the two times of silence. The oldest
 * of a list is due first, so looking at the three heads is enough.
 */
#include "input/netflow_join.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/ip.h"

#define NONE        UINT32_MAX
#define FIRST_SLOTS 1024 /* of the index; a power of two */
#define CLOCK_BACK  (3600 * NS_PER_S)
#define CLOCK_MAX   (INT64_MAX / 2) /* so that no difference overflows */

#define ICMP_ECHO_REPLY   0
#define ICMP_ECHO         8
#define ICMPV6_ECHO       128
#define ICMPV6_ECHO_REPLY 129

enum list { LIST_ENDED, LIST_OTHER, LIST_TCP, LISTS };

struct key {
	struct addr addr[2]; /* the lower end first */
	uint16_t port[2];
	uint32_t exporter;
	uint32_t proto;
};

struct entry {
	struct key key;
	struct netflow_row sum; /* sides as in key */
	uint64_t out[2][2]; /* packets and bytes that a side is said to have sent … */
	struct moment from[2]; /* the earliest of each side; MOMENT_NONE: not seen */
	uint32_t hash;
	uint32_t next, prev; /* in its list; next chains the free ones */
	int64_t touched;
	uint8_t list;   /* enum list */
	uint8_t opener; /* 0 or 1 as the exporter says; 2: it does not */
};

/* The hash is here too, so that looking for one entry touches no others. */
struct slot {
	uint32_t hash;
	uint32_t entry; /* NONE: empty */
};

struct netflow_join {
	void (*give)(void *ctx, const struct netflow_conn *c);
	void *ctx;
	struct netflow_join_counters counters;
	struct hash_key hash;
	struct entry *entries;
	struct slot *index;
	uint32_t mask, max, high, unused;
	uint32_t first[LISTS], last[LISTS];
	int64_t now, lag;
	bool begun;
};

struct netflow_join *netflow_join_new(
    size_t max, void (*give)(void *ctx, const struct netflow_conn *c), void *ctx)
{
	struct netflow_join *j = calloc(1, sizeof(*j));
	if (j == NULL)
		return NULL;
	*j = (struct netflow_join){.give = give,
	    .ctx = ctx,
	    .hash = hash_key_random(),
	    .entries = malloc(max * sizeof(struct entry)),
	    .index = malloc(FIRST_SLOTS * sizeof(struct slot)),
	    .mask = FIRST_SLOTS - 1,
	    .max = (uint32_t)max,
	    .unused = NONE,
	    .lag = NETFLOW_LAG_MIN};
	for (int i = 0; i < LISTS; i++)
		j->first[i] = j->last[i] = NONE;
	if (j->entries == NULL || j->index == NULL) {
		netflow_join_free(j);
		return NULL;
	}
	memset(j->index, 0xff, FIRST_SLOTS * sizeof(struct slot));
	return j;
}

/* ---- lists ---- */

static void unlink_entry(struct netflow_join *j, struct entry *e)
{
	*(e->prev != NONE ? &j->entries[e->prev].next : &j->first[e->list]) = e->next;
	*(e->next != NONE ? &j->entries[e->next].prev : &j->last[e->list]) = e->prev;
}

static void link_entry(struct netflow_join *j, struct entry *e, enum list list)
{
	uint32_t i = (uint32_t)(e - j->entries);
	e->list = (uint8_t)list;
	e->next = NONE;
	e->prev = j->last[list];
	*(e->prev != NONE ? &j->entries[e->prev].next : &j->first[list]) = i;
	j->last[list] = i;
	e->touched = j->now;
}

/* ---- index ---- */

static struct slot *slot_of(struct netflow_join *j, const struct key *key, uint32_t hash)
{
	uint32_t i = hash & j->mask;
	while (j->index[i].entry != NONE) {
		if (j->index[i].hash == hash &&
		    memcmp(&j->entries[j->index[i].entry].key, key, sizeof(*key)) == 0)
			break;
		i = (i + 1) & j->mask;
	}
	return &j->index[i];
}

/* Take an entry out, closing the gap, so that no chain of probes is broken. */
static void remove_slot(struct netflow_join *j, const struct entry *e)
{
	const uint32_t entry = (uint32_t)(e - j->entries);
	uint32_t gap = e->hash & j->mask;
	while (j->index[gap].entry != entry)
		gap = (gap + 1) & j->mask;
	for (uint32_t i = (gap + 1) & j->mask; j->index[i].entry != NONE;
	     i = (i + 1) & j->mask) {
		uint32_t home = j->index[i].hash & j->mask;
		if (((i - home) & j->mask) >= ((i - gap) & j->mask)) {
			j->index[gap] = j->index[i];
			gap = i;
		}
	}
	j->index[gap].entry = NONE;
}

/* Twice as many slots; without memory the table stays as large as it is. */
static void grow_index(struct netflow_join *j)
{
	size_t slots = 2 * ((size_t)j->mask + 1);
	struct slot *grown = malloc(slots * sizeof(*grown));
	if (grown == NULL) {
		j->max = j->high;
		return;
	}
	memset(grown, 0xff, slots * sizeof(*grown));
	for (uint32_t k = 0; k <= j->mask; k++) {
		if (j->index[k].entry == NONE)
			continue;
		uint32_t i = j->index[k].hash & (uint32_t)(slots - 1);
		while (grown[i].entry != NONE)
			i = (i + 1) & (uint32_t)(slots - 1);
		grown[i] = j->index[k];
	}
	free(j->index);
	j->index = grown;
	j->mask = (uint32_t)(slots - 1);
}

/* ---- who opened ---- */

/* Whether a connection of which this was the first side seen was opened by the other, by
 * what the flow table goes by when it saw no SYN. */
static bool turned(const struct netflow_row *s, int side)
{
	uint16_t from = s->port[side], to = s->port[!side];
	if (s->proto == NETFLOW_PROTO_UDP)
		return port_likely_server(s->proto, from) &&
		       !port_likely_server(s->proto, to) &&
		       !addr_is_multicast(&s->addr[!side]);
	if (s->proto != NETFLOW_PROTO_TCP)
		return false;
	bool both = s->packets[0] > 0 && s->packets[1] > 0;
	if (s->packets[side] == 1 && !both && (s->marks & NETFLOW_HAS_FLAGS) != 0 &&
	    (s->flags[side] & NETFLOW_SYN) != 0)
		return (s->flags[side] & NETFLOW_ACK) != 0;
	if (both && (s->flags[side] & NETFLOW_SYN) != 0)
		return false;
	return port_likely_server(s->proto, from) &&
	       (!port_likely_server(s->proto, to) || from < to);
}

/* Both sides began at once: the likelier server answered, else the lower port. */
static int opener_by_port(const struct netflow_row *s)
{
	bool likely[2] = {port_likely_server(s->proto, s->port[0]),
	    port_likely_server(s->proto, s->port[1])};
	if (likely[0] != likely[1])
		return likely[0] ? 1 : 0;
	return s->port[0] < s->port[1] ? 1 : 0;
}

static int opener_of(const struct entry *e)
{
	const struct netflow_row *s = &e->sum;
	if (e->opener < 2)
		return e->opener;
	for (int i = 0; i < 2; i++) {
		if ((s->initial[i] & (NETFLOW_SYN | NETFLOW_ACK)) == NETFLOW_SYN)
			return i;
		if ((s->initial[i] & (NETFLOW_SYN | NETFLOW_ACK)) ==
		    (NETFLOW_SYN | NETFLOW_ACK))
			return !i;
	}
	if (s->proto == NETFLOW_PROTO_ICMP || s->proto == NETFLOW_PROTO_ICMPV6)
		return e->from[0].ns == MOMENT_NONE.ns ||
			       (e->from[1].ns != MOMENT_NONE.ns &&
				   e->from[1].ns < e->from[0].ns)
			   ? 1
			   : 0;
	if (e->from[0].ns == e->from[1].ns)
		return opener_by_port(s);
	int side = e->from[0].ns == MOMENT_NONE.ns || (e->from[1].ns != MOMENT_NONE.ns &&
							  e->from[1].ns < e->from[0].ns)
		       ? 1
		       : 0;
	return turned(s, side) ? !side : side;
}

/* ---- giving ---- */

static void give(struct netflow_join *j, struct entry *e)
{
	struct netflow_conn c = {.row = e->sum};
	int o = opener_of(e);
	/* … count where it was not seen itself. */
	for (int i = 0; i < 2; i++) {
		if (e->from[i].ns != MOMENT_NONE.ns)
			continue;
		e->sum.packets[i] = e->out[i][0];
		e->sum.bytes[i] = e->out[i][1];
	}
	for (int i = 0; i < 2; i++) {
		c.row.addr[i] = e->sum.addr[i ^ o];
		c.row.port[i] = e->sum.port[i ^ o];
		c.row.flags[i] = e->sum.flags[i ^ o];
		c.row.initial[i] = e->sum.initial[i ^ o];
		c.row.packets[i] = e->sum.packets[i ^ o];
		c.row.bytes[i] = e->sum.bytes[i ^ o];
		c.row.payload[i] = e->sum.payload[i ^ o];
	}
	/* Type and code belong to the message, whoever sent it. */
	if (c.row.proto == NETFLOW_PROTO_ICMP || c.row.proto == NETFLOW_PROTO_ICMPV6) {
		c.row.port[0] = e->sum.port[0];
		c.row.port[1] = e->sum.port[1];
	}
	c.answered = c.row.packets[1] > 0 || c.row.bytes[1] > 0 || c.row.payload[1] > 0;
	j->counters.connections++;
	j->give(j->ctx, &c);
}

static void close_entry(struct netflow_join *j, struct entry *e)
{
	give(j, e);
	remove_slot(j, e);
	unlink_entry(j, e);
	e->next = j->unused;
	j->unused = (uint32_t)(e - j->entries);
}

static void expire(struct netflow_join *j)
{
	const int64_t wait[LISTS] = {[LIST_ENDED] = NETFLOW_WAIT_ENDED,
	    [LIST_OTHER] = NETFLOW_IDLE_OTHER + j->lag,
	    [LIST_TCP] = NETFLOW_IDLE_TCP + j->lag};
	for (int i = 0; i < LISTS; i++) {
		while (j->first[i] != NONE) {
			struct entry *e = &j->entries[j->first[i]];
			if (j->now - e->touched <= wait[i])
				break;
			close_entry(j, e);
		}
	}
}

/* An export of that time has come. */
static void set_clock(struct netflow_join *j, struct moment seen)
{
	int64_t t = seen.ns;
	if (t < 0 || t > CLOCK_MAX)
		t = t < 0 ? 0 : CLOCK_MAX;
	if (j->begun && t < j->now - CLOCK_BACK)
		j->counters.clock_back++;
	if (!j->begun || t > j->now || t < j->now - CLOCK_BACK)
		j->now = t;
	j->begun = true;
	expire(j);
}

/* ---- taking ---- */

static struct entry *new_entry(struct netflow_join *j)
{
	if (j->unused == NONE && j->high == j->max) {
		uint32_t oldest = NONE;
		for (int i = 0; i < LISTS && oldest == NONE; i++)
			oldest = j->first[i];
		j->counters.evicted++;
		close_entry(j, &j->entries[oldest]);
	}
	if (j->unused == NONE)
		return &j->entries[j->high++];
	struct entry *e = &j->entries[j->unused];
	j->unused = e->next;
	return e;
}

/* The ends in canonical order; *low is the row's side that is side 0 of the key. The
 * type of an echo's answer is that of its request, so that both meet. */
static struct key key_of(const struct netflow_row *r, int *low)
{
	struct key k;
	memset(&k, 0, sizeof(k));
	int order = addr_cmp(&r->addr[0], &r->addr[1]);
	bool icmp = r->proto == NETFLOW_PROTO_ICMP || r->proto == NETFLOW_PROTO_ICMPV6;
	*low = order < 0 || (order == 0 && (icmp || r->port[0] <= r->port[1])) ? 0 : 1;
	for (int i = 0; i < 2; i++) {
		k.addr[i] = r->addr[*low ^ i];
		k.port[i] = r->port[icmp ? i : *low ^ i];
	}
	if (r->proto == NETFLOW_PROTO_ICMP && k.port[0] == ICMP_ECHO_REPLY)
		k.port[0] = ICMP_ECHO;
	if (r->proto == NETFLOW_PROTO_ICMPV6 && k.port[0] == ICMPV6_ECHO_REPLY)
		k.port[0] = ICMPV6_ECHO;
	k.exporter = r->exporter;
	k.proto = r->proto;
	return k;
}

static bool is_echo_reply(const struct netflow_row *r)
{
	return (r->proto == NETFLOW_PROTO_ICMP && r->port[0] == ICMP_ECHO_REPLY) ||
	       (r->proto == NETFLOW_PROTO_ICMPV6 && r->port[0] == ICMPV6_ECHO_REPLY);
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static void begin(struct entry *e, const struct netflow_row *r, const struct key *key)
{
	*e = (struct entry){.key = *key, .sum = *r, .opener = 2};
	struct netflow_row *s = &e->sum;
	for (int i = 0; i < 2; i++) {
		s->addr[i] = key->addr[i];
		s->port[i] = key->port[i];
		s->packets[i] = s->bytes[i] = s->payload[i] = 0;
		s->flags[i] = s->initial[i] = 0;
		e->from[i] = MOMENT_NONE;
	}
	s->marks = 0;
}

/* Add a row whose side low is side 0 of the entry. */
static void add(struct entry *e, const struct netflow_row *r, int low)
{
	struct netflow_row *s = &e->sum;
	for (int i = 0; i < 2; i++) {
		int from = low ^ i;
		bool spoke = r->packets[from] > 0 || r->bytes[from] > 0 ||
			     r->payload[from] > 0 || from == 0;
		s->packets[i] = plus(s->packets[i], r->packets[from]);
		s->bytes[i] = plus(s->bytes[i], r->bytes[from]);
		s->payload[i] = plus(s->payload[i], r->payload[from]);
		s->flags[i] |= r->flags[from];
		bool earlier =
		    e->from[i].ns == MOMENT_NONE.ns || r->first.ns < e->from[i].ns;
		if (spoke && earlier) {
			e->from[i] = r->first;
			s->initial[i] = r->initial[from];
		}
	}
	e->out[low ^ 1][0] = plus(e->out[low ^ 1][0], r->out_packets);
	e->out[low ^ 1][1] = plus(e->out[low ^ 1][1], r->out_bytes);
	if (r->first.ns < s->first.ns)
		s->first = r->first;
	if (r->last.ns > s->last.ns)
		s->last = r->last;
	if (s->vlan < 0)
		s->vlan = r->vlan;
	s->marks |= r->marks;
	if ((r->marks & (NETFLOW_SRC_OPENED | NETFLOW_DST_OPENED)) != 0)
		e->opener = (uint8_t)(low ^ ((r->marks & NETFLOW_SRC_OPENED) == 0));
	else if (is_echo_reply(r))
		e->opener = (uint8_t)(low ^ 1);
}

static bool is_over(const struct netflow_row *s)
{
	return (s->marks & NETFLOW_ENDED) != 0 ||
	       ((s->flags[0] | s->flags[1]) & (NETFLOW_FIN | NETFLOW_RST)) != 0;
}

/* Whether the row is of another connection of the same ends. */
static bool is_another(const struct entry *e, const struct netflow_row *r, int low)
{
	const struct netflow_row *s = &e->sum;
	int64_t idle =
	    r->proto == NETFLOW_PROTO_TCP ? NETFLOW_IDLE_TCP : NETFLOW_IDLE_OTHER;
	if (moment_diff(s->last, r->first) > idle ||
	    moment_diff(r->last, s->first) > idle)
		return true;
	return r->proto == NETFLOW_PROTO_TCP && is_over(s) && r->first.ns > s->last.ns &&
	       (r->flags[0] & NETFLOW_SYN) != 0 && e->from[low].ns != MOMENT_NONE.ns;
}

static void note_lag(struct netflow_join *j, const struct netflow_row *r)
{
	int64_t lasted = moment_diff(r->first, r->last);
	if (lasted > NETFLOW_LAG_MAX)
		lasted = NETFLOW_LAG_MAX;
	if (lasted > j->lag)
		j->lag = lasted;
}

void netflow_join_put(struct netflow_join *j, const struct netflow_row *row)
{
	int low;
	j->counters.rows++;
	set_clock(j, row->seen);
	note_lag(j, row);
	struct key key = key_of(row, &low);
	uint32_t hash = (uint32_t)hash_bytes(&j->hash, &key, sizeof(key));
	const struct slot *slot = slot_of(j, &key, hash);
	struct entry *e = slot->entry != NONE ? &j->entries[slot->entry] : NULL;
	if (e != NULL && is_another(e, row, low)) {
		close_entry(j, e);
		e = NULL;
	}
	if (e != NULL) {
		bool both = e->from[low].ns == MOMENT_NONE.ns;
		*(both ? &j->counters.joined : &j->counters.slices) += 1;
		unlink_entry(j, e);
	} else {
		if (j->high > j->mask / 2 && j->high < j->max)
			grow_index(j);
		e = new_entry(j);
		begin(e, row, &key);
		e->hash = hash;
		*slot_of(j, &key, hash) = (struct slot){hash, (uint32_t)(e - j->entries)};
	}
	add(e, row, low);
	enum list list = is_over(&e->sum)                  ? LIST_ENDED
			 : row->proto == NETFLOW_PROTO_TCP ? LIST_TCP
							   : LIST_OTHER;
	link_entry(j, e, list);
}

void netflow_join_tick(struct netflow_join *j, struct moment now)
{
	set_clock(j, now);
}

void netflow_join_finish(struct netflow_join *j)
{
	for (int i = 0; i < LISTS; i++) {
		while (j->first[i] != NONE)
			close_entry(j, &j->entries[j->first[i]]);
	}
}

const struct netflow_join_counters *netflow_join_counters(const struct netflow_join *j)
{
	return &j->counters;
}

void netflow_join_free(struct netflow_join *j)
{
	if (j == NULL)
		return;
	free(j->entries);
	free(j->index);
	free(j);
}
