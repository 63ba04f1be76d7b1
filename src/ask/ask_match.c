/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask_match.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM_FIRST     64
#define BITS_OF_BUCKET 8

void ask_match_init(struct ask_match *m)
{
	*m = (struct ask_match){.key = hash_key_random()};
}

static int add_entry(struct ask_match *m, const struct ask_entry *new, struct error *e)
{
	if (m->n == m->room) {
		size_t room = m->room == 0 ? ROOM_FIRST : m->room * 2;
		struct ask_entry *v = realloc(m->entries, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the indicators");
		m->entries = v;
		m->room = room;
	}
	m->entries[m->n++] = *new;
	return 0;
}

int ask_match_add(struct ask_match *m, enum ask_kind kind, struct str value, bool below,
    uint32_t slot, struct error *e)
{
	struct ask_entry new = {
	    .value = value, .slot = slot, .kind = (uint8_t)kind, .below = below};
	m->count[kind]++;
	m->below += below;
	return add_entry(m, &new, e);
}

/* The network without what is behind its length. */
static struct addr masked(const struct addr *a, unsigned bits)
{
	struct addr out = *a;
	for (unsigned i = 0; i < sizeof(out.b); i++) {
		if (i * 8 >= bits)
			out.b[i] = 0;
		else if (bits - i * 8 < 8)
			out.b[i] &= (uint8_t)(0xff << (8 - (bits - i * 8)));
	}
	return out;
}

int ask_match_add_net(
    struct ask_match *m, const struct net *net, uint32_t slot, struct error *e)
{
	struct ask_entry new = {.net = {masked(&net->addr, net->bits), net->bits},
	    .slot = slot,
	    .kind = ASK_KIND_ADDRESS,
	    .is_net = true};
	m->nets++;
	m->lengths[net->bits] = true;
	return add_entry(m, &new, e);
}

static uint64_t hash_value(const struct ask_match *m, enum ask_kind kind, struct str s)
{
	struct hash_key key = {m->key.k0 ^ (uint64_t)kind, m->key.k1};
	return hash_bytes(&key, s.p, s.n);
}

static uint64_t hash_net(const struct ask_match *m, const struct addr *a, unsigned bits)
{
	struct hash_key key = {m->key.k0 ^ 0x100U ^ bits, m->key.k1};
	return hash_bytes(&key, a->b, sizeof(a->b));
}

/* Of other bits of the hash than the bucket is. */
static size_t bit_of(const struct ask_match *m, uint64_t h)
{
	return h >> 32 & m->bit_mask;
}

static bool may_be(const struct ask_match *m, uint64_t h)
{
	return (m->bits[bit_of(m, h) / 64] >> bit_of(m, h) % 64 & 1) != 0;
}

int ask_match_ready(struct ask_match *m, struct error *e)
{
	size_t size = 64;
	while (size < m->n * 2)
		size *= 2;
	m->buckets = calloc(size, sizeof(*m->buckets));
	m->bits = calloc(size * BITS_OF_BUCKET / 64, sizeof(*m->bits));
	if (m->buckets == NULL || m->bits == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the indicators");
	m->mask = size - 1;
	m->bit_mask = size * BITS_OF_BUCKET - 1;
	for (size_t i = 0; i < m->n; i++) {
		struct ask_entry *it = &m->entries[i];
		uint64_t h = it->is_net
				 ? hash_net(m, &it->net.addr, it->net.bits)
				 : hash_value(m, (enum ask_kind)it->kind, it->value);
		m->bits[bit_of(m, h) / 64] |= UINT64_C(1) << bit_of(m, h) % 64;
		it->next = m->buckets[h & m->mask];
		m->buckets[h & m->mask] = (uint32_t)i + 1;
	}
	return 0;
}

static int put(struct ask_slots *out, uint32_t slot, struct error *e)
{
	if (out->n == out->room) {
		size_t room = out->room == 0 ? 16 : out->room * 2;
		uint32_t *v = realloc(out->v, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the indicators");
		out->v = v;
		out->room = room;
	}
	out->v[out->n++] = slot;
	return 0;
}

/* Put the slots that look for the value; whole: it is all of the row's value. */
static int put_value(const struct ask_match *m, enum ask_kind kind, struct str value,
    bool whole, struct ask_slots *out, struct error *e)
{
	uint64_t h = hash_value(m, kind, value);
	if (!may_be(m, h))
		return 0;
	for (uint32_t at = m->buckets[h & m->mask]; at != 0;) {
		const struct ask_entry *it = &m->entries[at - 1];
		if (!it->is_net && it->kind == kind && (whole || it->below) &&
		    str_equal(it->value, value) && put(out, it->slot, e) < 0)
			return -1;
		at = it->next;
	}
	return 0;
}

/* Whether every bit of the address behind a length below that of IPv4's prefix counts as
 * IPv6's. */
static bool same_family(const struct net *net, const struct addr *a)
{
	return net->bits >= 96 || !addr_is_v4(a);
}

bool ask_net_holds(const struct net *net, const struct addr *a)
{
	return same_family(net, a) && net_contains(net, a);
}

static int put_nets(
    const struct ask_match *m, struct str text, struct ask_slots *out, struct error *e)
{
	struct addr a;
	if (m->nets == 0 || !str_addr(text, &a))
		return 0;
	for (unsigned bits = addr_is_v4(&a) ? 96 : 0; bits <= 128; bits++) {
		if (!m->lengths[bits])
			continue;
		struct addr prefix = masked(&a, bits);
		uint64_t h = hash_net(m, &prefix, bits);
		for (uint32_t at = m->buckets[h & m->mask]; at != 0;) {
			const struct ask_entry *it = &m->entries[at - 1];
			if (it->is_net && it->net.bits == bits &&
			    addr_equal(&it->net.addr, &prefix) &&
			    put(out, it->slot, e) < 0)
				return -1;
			at = it->next;
		}
	}
	return 0;
}

/* A name belongs to those who look for it, and to those who look for all below a name
 * above it. */
static int put_name(
    const struct ask_match *m, struct str sort, struct ask_slots *out, struct error *e)
{
	size_t labels = 0;
	for (size_t i = 0; m->below > 0 && i < sort.n && labels < ASK_LABELS_MAX; i++) {
		if (sort.p[i] != '.')
			continue;
		labels++;
		if (put_value(m, ASK_KIND_NAME, (struct str){sort.p, i}, false, out, e) <
		    0)
			return -1;
	}
	return put_value(m, ASK_KIND_NAME, sort, true, out, e);
}

int ask_match_row(const struct ask_match *m, enum ask_kind kind, struct str sort,
    struct ask_slots *out, struct error *e)
{
	out->n = 0;
	if (m->always)
		return put(out, m->only, e);
	if (kind == ASK_KIND_NAME)
		return put_name(m, sort, out, e);
	if (kind == ASK_KIND_ADDRESS && put_nets(m, sort, out, e) < 0)
		return -1;
	return m->count[kind] > 0 ? put_value(m, kind, sort, true, out, e) : 0;
}

struct str ask_reversed(struct arena *a, struct str name)
{
	char *out = arena_alloc(a, name.n + 1);
	if (out == NULL)
		return (struct str){0};
	size_t to = name.n;
	for (size_t from = 0; from <= name.n;) {
		size_t end = from;
		while (end < name.n && name.p[end] != '.')
			end++;
		to -= end - from;
		memcpy(out + to, name.p + from, end - from);
		if (to > 0)
			out[--to] = '.';
		from = end + 1;
	}
	return (struct str){out, name.n};
}

/*
 * The text that all addresses of a network begin with ends at a separator before the
 * first octet or group that varies. With IPv6 it ends before the first group of zeros as
 * well, since which zeros the text leaves out depends on the rest of the address.
 */
static size_t common_text(const struct net *net, char *out)
{
	size_t n = 0;
	if (net->bits >= 96 && addr_is_v4(&net->addr)) {
		for (unsigned i = 0; i < (net->bits - 96) / 8 && i < 3; i++)
			n += (size_t)snprintf(
			    out + n, ADDR_TEXT_MAX - n, "%u.", net->addr.b[12 + i]);
		return n;
	}
	for (unsigned i = 0; i < net->bits / 16 && i < 7; i++) {
		unsigned group =
		    (unsigned)net->addr.b[i + i] << 8 | net->addr.b[i + i + 1];
		if (group == 0)
			break;
		n += (size_t)snprintf(out + n, ADDR_TEXT_MAX - n, "%x:", group);
	}
	return n;
}

void ask_net_range(
    const struct net *net, char from[static ADDR_TEXT_MAX], char to[static ADDR_TEXT_MAX])
{
	from[0] = to[0] = '\0';
	size_t n = common_text(net, from);
	if (n == 0)
		return;
	memcpy(to, from, n + 1);
	to[n - 1]++; /* the character after '.' or ':' */
}

void ask_match_free(struct ask_match *m)
{
	free(m->entries);
	free(m->buckets);
	free(m->bits);
	*m = (struct ask_match){0};
}

void ask_slots_free(struct ask_slots *s)
{
	free(s->v);
	*s = (struct ask_slots){0};
}
