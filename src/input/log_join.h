/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one line says for another: a table by a 64-bit keyed hash, bounded by forgetting.
 * Entries live in two generations; when the young one is full the old one is dropped and
 * the young one becomes old. So the last LOG_JOIN_MAX entries are always there, up to
 * twice as many sometimes, and nothing is ever searched for what to drop.
 */
#ifndef DWELL_INPUT_LOG_JOIN_H
#define DWELL_INPUT_LOG_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

#define LOG_JOIN_MAX   65536       /* entries of a generation */
#define LOG_JOIN_BYTES (12U << 20) /* bytes of a generation's entries and texts */

struct log_join_item {
	uint64_t key;
	void *entry; /* in the generation's arena */
};

/* Entries are told of in the order in which they were added: the hash has a key of its
 * own in each run, and the same lines must give the same rows. */
struct log_generation {
	struct log_join_item *items; /* LOG_JOIN_MAX, owned; NULL before the first */
	uint32_t *slots;             /* 2 * LOG_JOIN_MAX, owned: 1 + an item, 0: none */
	uint32_t used;
	struct arena arena;
};

struct log_join {
	struct hash_key key;
	struct log_generation young, old;
	uint64_t dropped;                       /* entries that were forgotten */
	void (*forget)(void *ctx, void *entry); /* told of each; may be NULL */
	void *ctx;
};

/* Start; takes no memory until something is added. */
void log_join_init(struct log_join *j);

/* A key of the n bytes at p. */
uint64_t log_join_key(const struct log_join *j, const void *p, size_t n);

/* The entry, valid until the next log_join_add; NULL when there is none. */
void *log_join_find(const struct log_join *j, uint64_t key);

/* The entry, made zeroed when there is none; NULL without memory. size is always the
 * same in one table. */
void *log_join_add(struct log_join *j, uint64_t key, size_t size);

/* A copy of the text that lives at least as long as the entry added last; absent when
 * there is no room for it. */
struct str log_join_text(struct log_join *j, struct str s);

/* Whether nothing is in it. */
static inline bool log_join_empty(const struct log_join *j)
{
	return j->young.used == 0 && j->old.used == 0;
}

/* Forget everything and free it. */
void log_join_fini(struct log_join *j);

#endif
