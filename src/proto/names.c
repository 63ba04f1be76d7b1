/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table with chains by index, and a list in order of last use through the same
 * entries. Each entry remembers the last few names with the moment from which each was
 * told, because a connection asks when it closes for what was known when it began.
 */
#include "proto/names.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/size.h"

#define NAME_BYTES_MAX 1024 /* of one name; longer ones are not kept */
#define NAMES_HISTORY  3    /* names kept for one pair */
#define NONE           UINT32_MAX

struct told {
	char *text; /* owned; NULL: empty */
	size_t n;
	struct moment since; /* first told without another name in between */
};

struct entry {
	struct addr pair[2];             /* client, address */
	struct told told[NAMES_HISTORY]; /* newest first */
	uint32_t chain;                  /* next of the bucket */
	uint32_t newer, older;           /* in order of use */
};

struct names {
	struct hash_key key;
	uint32_t *bucket;    /* owned; buckets of them, a power of two */
	struct entry *entry; /* owned; limit of them */
	size_t buckets, limit, bytes_max;
	uint64_t forgotten;
	uint32_t used;   /* entries ever taken: the first so many */
	uint32_t unused; /* of those, given back: a list by chain */
	uint32_t newest, oldest;
	size_t bytes; /* of all texts */
};

struct names *names_new(size_t pairs, size_t bytes)
{
	struct names *n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->key = hash_key_random();
	n->limit = size_min(size_max(pairs, 1), NONE - 1);
	n->bytes_max = size_max(bytes, NAME_BYTES_MAX);
	for (n->buckets = 2; n->buckets < 2 * n->limit;)
		n->buckets *= 2;
	n->newest = n->oldest = n->unused = NONE;
	return n;
}

/* The memory of the table, taken with the first name. */
static bool table_ready(struct names *n)
{
	if (n->bucket != NULL)
		return true;
	if (n->entry == NULL)
		n->entry = calloc(n->limit, sizeof(*n->entry));
	uint32_t *bucket = malloc(n->buckets * sizeof(*bucket));
	if (n->entry == NULL || bucket == NULL) {
		free(bucket);
		return false;
	}
	memset(bucket, 0xff, n->buckets * sizeof(*bucket));
	n->bucket = bucket;
	return true;
}

static uint32_t *bucket_of(struct names *n, const struct addr pair[2])
{
	return &n->bucket[hash_bytes(&n->key, pair, 2 * sizeof(*pair)) &
			  (n->buckets - 1)];
}

static uint32_t find(struct names *n, const struct addr pair[2])
{
	uint32_t i = *bucket_of(n, pair);
	while (i != NONE && memcmp(n->entry[i].pair, pair, 2 * sizeof(*pair)) != 0)
		i = n->entry[i].chain;
	return i;
}

static void list_remove(struct names *n, uint32_t i)
{
	const struct entry *e = &n->entry[i];
	if (e->newer != NONE)
		n->entry[e->newer].older = e->older;
	else
		n->newest = e->older;
	if (e->older != NONE)
		n->entry[e->older].newer = e->newer;
	else
		n->oldest = e->newer;
}

static void list_put(struct names *n, uint32_t i)
{
	struct entry *e = &n->entry[i];
	e->newer = NONE;
	e->older = n->newest;
	if (n->newest != NONE)
		n->entry[n->newest].newer = i;
	else
		n->oldest = i;
	n->newest = i;
}

static void chain_remove(struct names *n, uint32_t i)
{
	uint32_t *at = bucket_of(n, n->entry[i].pair);
	while (*at != i)
		at = &n->entry[*at].chain;
	*at = n->entry[i].chain;
}

static void told_free(struct names *n, struct told *t)
{
	n->bytes -= t->n;
	free(t->text);
	*t = (struct told){0};
}

static void texts_free(struct names *n, uint32_t i)
{
	for (int k = 0; k < NAMES_HISTORY; k++)
		told_free(n, &n->entry[i].told[k]);
}

/* Give an entry back. */
static void forget(struct names *n, uint32_t i)
{
	n->forgotten++;
	list_remove(n, i);
	chain_remove(n, i);
	texts_free(n, i);
	n->entry[i].chain = n->unused;
	n->unused = i;
}

/* Forget what was used longest ago until n bytes more fit. */
static void make_room(struct names *n, size_t more)
{
	while (n->oldest != NONE && more > n->bytes_max - n->bytes)
		forget(n, n->oldest);
}

/* A new entry for the pair. */
static uint32_t take(struct names *n, const struct addr pair[2])
{
	if (n->unused == NONE && n->used == n->limit)
		forget(n, n->oldest);
	uint32_t i = n->unused;
	if (i != NONE)
		n->unused = n->entry[i].chain;
	else
		i = n->used++;
	struct entry *e = &n->entry[i];
	memcpy(e->pair, pair, 2 * sizeof(*pair));
	uint32_t *bucket = bucket_of(n, pair);
	e->chain = *bucket;
	*bucket = i;
	list_put(n, i);
	return i;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Whether t is this name, whatever the case of its letters. */
static bool is_name(const struct told *t, struct str name)
{
	if (t->text == NULL || t->n != name.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (t->text[i] != lower(name.p[i]))
			return false;
	}
	return true;
}

void names_learn(struct names *n, const struct addr *client, const struct addr *address,
    struct str name, struct moment when)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > NAME_BYTES_MAX || !table_ready(n))
		return;
	make_room(n, name.n);
	const struct addr pair[2] = {*client, *address};
	uint32_t i = find(n, pair);
	if (i == NONE) {
		i = take(n, pair);
	} else {
		list_remove(n, i);
		list_put(n, i);
	}
	struct told *told = n->entry[i].told;
	if (is_name(&told[0], name))
		return;
	char *text = malloc(name.n);
	if (text == NULL)
		return;
	for (size_t k = 0; k < name.n; k++)
		text[k] = lower(name.p[k]);
	told_free(n, &told[NAMES_HISTORY - 1]);
	memmove(told + 1, told, (NAMES_HISTORY - 1) * sizeof(*told));
	told[0] = (struct told){text, name.n, when};
	n->bytes += name.n;
}

struct str names_find(struct names *n, const struct addr *client,
    const struct addr *address, struct moment when)
{
	const struct addr pair[2] = {*client, *address};
	uint32_t i = n->used > 0 ? find(n, pair) : NONE;
	if (i == NONE)
		return (struct str){0};
	const struct told *told = n->entry[i].told;
	for (int k = 0; k < NAMES_HISTORY; k++) {
		if (told[k].text == NULL || told[k].since.ns > when.ns)
			continue;
		list_remove(n, i);
		list_put(n, i);
		return (struct str){told[k].text, told[k].n};
	}
	return (struct str){0};
}

uint64_t names_forgotten(const struct names *n)
{
	return n->forgotten;
}

void names_free(struct names *n)
{
	if (n == NULL)
		return;
	for (uint32_t i = 0; n->entry != NULL && i < n->used; i++)
		texts_free(n, i);
	free(n->bucket);
	free(n->entry);
	free(n);
}
