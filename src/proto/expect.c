/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of entries, each in the chain of its port's bucket. The key of the hash is the
 * port with its protocol and network alone, because an announcement may be good for two
 * addresses; a chain is walked EXPECT_CHAIN_MAX entries deep, newest first, so that
 * nobody makes a flow expensive by announcing the same port over and over.
 */
#include "proto/expect.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/size.h"

#define BUCKETS 1024 /* a power of two */
#define NONE    UINT32_MAX

_Static_assert((BUCKETS & (BUCKETS - 1)) == 0, "the mask needs a power of two");

struct entry {
	struct expected what;
	uint64_t ticket; /* 0: empty, or taken back */
	uint32_t bucket;
	uint32_t chain; /* next of the bucket, older */
};

struct expect {
	struct hash_key key;
	struct entry *entry; /* owned; EXPECT_LIMIT of them; NULL: none was put yet */
	uint32_t bucket[BUCKETS];
	uint64_t last; /* number of the newest ticket: its place is last % EXPECT_LIMIT */
	uint64_t evicted;
};

struct expect *expect_new(void)
{
	struct expect *e = calloc(1, sizeof(*e));
	if (e == NULL)
		return NULL;
	e->key = hash_key_random();
	memset(e->bucket, 0xff, sizeof(e->bucket));
	return e;
}

static uint32_t bucket_of(
    const struct expect *e, uint8_t proto, uint32_t space, uint16_t port)
{
	const uint32_t key[3] = {proto, space, port};
	return (uint32_t)(hash_bytes(&e->key, key, sizeof(key)) & (BUCKETS - 1));
}

static bool still_good(const struct expected *w, struct moment when)
{
	int64_t age = moment_diff(w->since, when);
	return !w->begun && age >= -EXPECT_SECONDS * NS_PER_S &&
	       age <= EXPECT_SECONDS * NS_PER_S;
}

static void unchain(struct expect *e, uint32_t i)
{
	uint32_t *at = &e->bucket[e->entry[i].bucket];
	while (*at != i)
		at = &e->entry[*at].chain;
	*at = e->entry[i].chain;
	e->entry[i].ticket = 0;
}

struct expected *expect_of(struct expect *e, uint64_t ticket)
{
	if (e->entry == NULL || ticket == 0)
		return NULL;
	struct entry *one = &e->entry[ticket % EXPECT_LIMIT];
	return one->ticket == ticket ? &one->what : NULL;
}

/* The ticket for a place in the table: that of the announcement that is taken back, else
 * the one after the newest, whose holder goes. */
static uint64_t next_ticket(
    struct expect *e, const struct expected *what, uint64_t before)
{
	const struct expected *old = expect_of(e, before);
	if (old != NULL && !old->begun) {
		unchain(e, (uint32_t)(before % EXPECT_LIMIT));
		return before;
	}
	const struct entry *one = &e->entry[++e->last % EXPECT_LIMIT];
	if (one->ticket != 0) {
		e->evicted += still_good(&one->what, what->since);
		unchain(e, (uint32_t)(one->ticket % EXPECT_LIMIT));
	}
	return e->last;
}

uint64_t expect_put(struct expect *e, const struct expected *what, uint64_t before)
{
	if (e->entry == NULL)
		e->entry = calloc(EXPECT_LIMIT, sizeof(*e->entry));
	if (e->entry == NULL)
		return 0;
	uint64_t ticket = next_ticket(e, what, before);
	uint32_t i = (uint32_t)(ticket % EXPECT_LIMIT);
	struct entry *one = &e->entry[i];
	one->what = *what;
	one->ticket = ticket;
	one->bucket = bucket_of(e, what->proto, what->space, what->port);
	one->chain = e->bucket[one->bucket];
	e->bucket[one->bucket] = i;
	return ticket;
}

/* Whether src opened what was announced to be answered by dst. */
static bool fits(const struct expected *w, const struct addr *src, const struct addr *dst)
{
	if (!addr_equal(&w->dst, dst) &&
	    (addr_is_unset(&w->also) || !addr_equal(&w->also, dst)))
		return false;
	return addr_is_unset(&w->src) || addr_equal(&w->src, src);
}

/* The place of what was announced on the port of that side; NONE. */
static uint32_t find(
    const struct expect *e, const struct flow *f, int side, struct moment when)
{
	uint32_t i = e->bucket[bucket_of(e, f->proto, f->space, f->port[side])];
	for (int k = 0; i != NONE && k < EXPECT_CHAIN_MAX; k++) {
		const struct expected *w = &e->entry[i].what;
		if (w->proto == f->proto && w->space == f->space &&
		    w->port == f->port[side] && still_good(w, when) &&
		    fits(w, &f->addr[1 - side], &f->addr[side]))
			return i;
		i = e->entry[i].chain;
	}
	return NONE;
}

uint64_t expect_take(struct expect *e, const struct flow *f, struct moment when)
{
	if (e->entry == NULL)
		return 0;
	/* The side that opened is not known for sure where the capture began later. */
	uint32_t i = find(e, f, 1, when);
	if (i == NONE)
		i = find(e, f, 0, when);
	if (i == NONE)
		return 0;
	e->entry[i].what.begun = true;
	return e->entry[i].ticket;
}

bool expect_empty(const struct expect *e)
{
	return e->entry == NULL;
}

uint64_t expect_evicted(const struct expect *e)
{
	return e->evicted;
}

void expect_name(struct expected *to, struct str name)
{
	to->name_n = (uint8_t)size_min(name.n, EXPECT_NAME_MAX);
	if (to->name_n > 0)
		memcpy(to->name, name.p, to->name_n);
}

void expect_free(struct expect *e)
{
	if (e == NULL)
		return;
	free(e->entry);
	free(e);
}
