/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether two packets in tunnels belong to one connection is decided by their space, a
 * keyed hash of what tunnel_header.space names. It is 32 bits long: nobody on the wire
 * knows the key, so two spaces meet by chance alone, and then still need equal endpoints.
 *
 * Tunnels in use are found by hash; those that hold no flow are in a list by the time of
 * their last packet, whose head is the next to be reported.
 */
#include "flow/carrier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192 /* a power of two, twice CARRIERS_MAX */
#define NOBODY  UINT32_MAX

/* What tells a tunnel from another. Without gaps, since it is hashed and compared. */
struct carrier_key {
	uint64_t parent; /* digest of the tunnel around it; 0: none */
	int64_t id;      /* -1 where it is not part of the identity */
	struct addr low, high;
	uint64_t kind;
};

struct carrier {
	struct flow_tunnel f; /* first: the public pointer is the private one */
	struct carrier_key key;
	uint32_t bucket;
	uint32_t chain;         /* the next in its bucket, or of the free ones */
	uint32_t before, after; /* in the list of idle ones */
	uint32_t holds;         /* flows that are in it, and the packet at hand */
};

struct carriers {
	struct hash_key key;
	uint32_t bucket[BUCKETS];
	uint32_t idle_first, idle_last;
	uint32_t used;   /* never used from there on */
	uint32_t unused; /* chain of those that were */
	struct carrier v[CARRIERS_MAX];
};

static struct carriers *carriers_new(void)
{
	struct carriers *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->key = hash_key_random();
	memset(s->bucket, 0xff, sizeof(s->bucket));
	s->idle_first = s->idle_last = s->unused = NOBODY;
	return s;
}

static void idle_add(struct carriers *s, struct carrier *k)
{
	uint32_t index = (uint32_t)(k - s->v);
	k->before = s->idle_last;
	k->after = NOBODY;
	*(s->idle_last != NOBODY ? &s->v[s->idle_last].after : &s->idle_first) = index;
	s->idle_last = index;
}

static void idle_remove(struct carriers *s, const struct carrier *k)
{
	*(k->before != NOBODY ? &s->v[k->before].after : &s->idle_first) = k->after;
	*(k->after != NOBODY ? &s->v[k->after].before : &s->idle_last) = k->before;
}

static void hold(struct carriers *s, struct carrier *k)
{
	if (k->holds++ == 0)
		idle_remove(s, k);
}

/* Report the tunnel that has been idle for longest, and free its place. */
static void end_oldest(struct flow_table *t)
{
	struct carriers *s = t->carriers;
	uint32_t index = s->idle_first;
	struct carrier *k = &s->v[index];
	if (t->sink.tunnel != NULL)
		t->sink.tunnel(t->sink.ctx, &k->f);
	idle_remove(s, k);
	uint32_t *link = &s->bucket[k->bucket];
	while (*link != index)
		link = &s->v[*link].chain;
	*link = k->chain;
	k->chain = s->unused;
	s->unused = index;
}

/* A free place; NULL when every one holds a tunnel with flows in it. */
static struct carrier *take_place(struct flow_table *t)
{
	struct carriers *s = t->carriers;
	if (s->unused == NOBODY && s->used < CARRIERS_MAX)
		return &s->v[s->used++];
	if (s->unused == NOBODY && s->idle_first != NOBODY)
		end_oldest(t);
	if (s->unused == NOBODY)
		return NULL;
	struct carrier *k = &s->v[s->unused];
	s->unused = k->chain;
	return k;
}

static struct carrier_key key_of(const struct packet *outer,
    const struct tunnel_header *h, const struct flow_tunnel *around)
{
	bool turned = addr_cmp(&outer->src, &outer->dst) > 0;
	return (struct carrier_key){
	    .parent = around != NULL ? around->digest : 0,
	    .id = (h->space & TUNNEL_BY_ID) != 0 ? h->id : -1,
	    .low = turned ? outer->dst : outer->src,
	    .high = turned ? outer->src : outer->dst,
	    .kind = h->kind,
	};
}

/* The space inside: what is known of the one outside goes into it. */
static uint32_t space_of(const struct carriers *s, const struct packet *outer,
    const struct tunnel_header *h, const struct carrier_key *key)
{
	struct carrier_key k = *key;
	k.parent = outer->space;
	if ((h->space & TUNNEL_BY_ENDS) == 0)
		memset(&k.low, 0, sizeof(k.low) + sizeof(k.high));
	return (uint32_t)hash_bytes(&s->key, &k, sizeof(k)) | 1;
}

static void begin(struct carrier *k, const struct packet *outer,
    const struct tunnel_header *h, const struct flow_tunnel *around)
{
	uint64_t digest = hash_bytes(&hash_key_public, &k->key, sizeof(k->key));
	k->holds = 0;
	k->f = (struct flow_tunnel){
	    .kind = h->kind,
	    .id = h->id,
	    .addr = {outer->src, outer->dst},
	    .port = {outer->src_port, outer->dst_port},
	    .proto = outer->proto,
	    .first = outer->ts,
	    .source = outer->source,
	    .offset = outer->offset,
	    .digest = digest,
	};
	snprintf(k->f.name, sizeof(k->f.name), "%s-%016llx", tunnel_name(h->kind),
	    (unsigned long long)digest);
	if (around != NULL)
		memcpy(k->f.parent, around->name, sizeof(k->f.parent));
}

static struct carrier *find(struct flow_table *t, const struct carrier_key *key,
    const struct packet *outer, const struct tunnel_header *h)
{
	struct carriers *s = t->carriers;
	uint32_t bucket =
	    (uint32_t)hash_bytes(&s->key, key, sizeof(*key)) & (BUCKETS - 1);
	for (uint32_t i = s->bucket[bucket]; i != NOBODY; i = s->v[i].chain) {
		if (memcmp(&s->v[i].key, key, sizeof(*key)) == 0)
			return &s->v[i];
	}
	struct carrier *k = take_place(t);
	if (k == NULL)
		return NULL;
	k->key = *key;
	k->bucket = bucket;
	k->chain = s->bucket[bucket];
	s->bucket[bucket] = (uint32_t)(k - s->v);
	begin(k, outer, h, t->inside);
	idle_add(s, k);
	return k;
}

struct flow_tunnel *carrier_for(struct flow_table *t, const struct packet *outer,
    const struct tunnel_header *h, struct packet *inner)
{
	if (t->carriers == NULL)
		t->carriers = carriers_new();
	struct carriers *s = t->carriers;
	if (s == NULL) {
		t->counters.tunnels_refused++;
		return NULL;
	}
	while (s->idle_first != NOBODY &&
	       moment_diff(s->v[s->idle_first].f.last, outer->ts) > CARRIER_IDLE_NS)
		end_oldest(t);
	struct carrier_key key = key_of(outer, h, t->inside);
	inner->space = space_of(s, outer, h, &key);
	struct carrier *k = find(t, &key, outer, h);
	if (k == NULL) {
		t->counters.tunnels_refused++;
		return NULL;
	}
	int side = !addr_equal(&outer->src, &k->f.addr[0]);
	k->f.last = outer->ts;
	k->f.packets[side]++;
	k->f.bytes[side] += inner->ip_bytes;
	hold(s, k);
	return &k->f;
}

void carrier_let_go(struct flow_table *t, struct flow_tunnel *f)
{
	struct carrier *k = (struct carrier *)f;
	if (k != NULL && --k->holds == 0)
		idle_add(t->carriers, k);
}

void carrier_enter(struct flow_table *t, struct conn *c)
{
	struct carrier *k = (struct carrier *)t->inside;
	hold(t->carriers, k);
	k->f.connections++;
	c->f.tunnel = &k->f;
}

void carrier_leave(struct flow_table *t, struct conn *c)
{
	size_t index = (size_t)((const struct carrier *)c->f.tunnel - t->carriers->v);
	c->f.tunnel = NULL;
	carrier_let_go(t, &t->carriers->v[index].f);
}

void carriers_end(struct flow_table *t)
{
	while (t->carriers != NULL && t->carriers->idle_first != NOBODY)
		end_oldest(t);
}
