/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked for, in a form that a row is quickly held against: a hash table of exact
 * values by kind, and of networks by length and prefix. A slot is where an answer grows;
 * several may look for the same value.
 *
 * Names are held by their labels from the last to the first (com.example.www), so that
 * every name above a name is a prefix of it that ends before a dot.
 */
#ifndef DWELL_ASK_ASK_MATCH_H
#define DWELL_ASK_ASK_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"

#define ASK_LABELS_MAX 128 /* labels of a name that are looked at */

/* The kinds of the table seen. K(ENUMERATOR, "kind") */
/* clang-format off */
#define ASK_KINDS(K) \
	K(ADDRESS,      "address") \
	K(NAME,         "name") \
	K(JA3,          "ja3") \
	K(JA3S,         "ja3s") \
	K(JA4,          "ja4") \
	K(HASSH,        "hassh") \
	K(HASSH_SERVER, "hassh_server") \
	K(CERT_SHA256,  "cert_sha256") \
	K(FILE_SHA256,  "file_sha256") \
	K(FILE_NAME,    "file_name") \
	K(USER_AGENT,   "user_agent") \
	K(MAC,          "mac") \
	K(HOST_NAME,    "host_name")

enum ask_kind {
#define K(ENUMERATOR, kind) ASK_KIND_##ENUMERATOR,
	ASK_KINDS(K)
#undef K
	ASK_KIND_COUNT
};
/* clang-format on */

struct ask_entry {
	struct str value; /* borrowed; names from the last label to the first */
	struct net net;   /* of a network; else unset */
	uint32_t slot;
	uint32_t next; /* in its bucket: 1 + index; 0: none */
	uint8_t kind;
	bool below; /* names below it count too */
	bool is_net;
};

struct ask_match {
	struct ask_entry *entries; /* owned */
	size_t n, room;
	uint32_t *buckets; /* 1 + index of an entry; owned; made by ask_match_ready */
	size_t mask;
	uint64_t *bits; /* a bit for the hash of each entry: most values need no more than
			   a look here; owned */
	size_t bit_mask;
	struct hash_key key;
	size_t count[ASK_KIND_COUNT]; /* exact values by kind */
	size_t nets, below;
	bool lengths[129]; /* lengths of the networks */
	bool always; /* every row belongs to the slot only: the query has tested it */
	uint32_t only;
};

/* Slots that a row belongs to. */
struct ask_slots {
	uint32_t *v; /* owned */
	size_t n, room;
};

/* Start an empty one. */
void ask_match_init(struct ask_match *m);

/* Look for a value. Texts are borrowed. Negative with *e set without memory. */
int ask_match_add(struct ask_match *m, enum ask_kind kind, struct str value, bool below,
    uint32_t slot, struct error *e);

/* Look for the addresses in a network. */
int ask_match_add_net(
    struct ask_match *m, const struct net *net, uint32_t slot, struct error *e);

/* Make it ready to be asked, after the last was added. */
int ask_match_ready(struct ask_match *m, struct error *e);

/* The slots of a row of that kind; sort is its value, for names from the last label to
 * the first. Negative with *e set without memory. */
int ask_match_row(const struct ask_match *m, enum ask_kind kind, struct str sort,
    struct ask_slots *out, struct error *e);

/* Whether v4 and v6 agree and the network holds the address: ::/0 holds no IPv4. */
bool ask_net_holds(const struct net *net, const struct addr *a);

/* The labels of a name from the last to the first; in the arena, absent when it is
 * full. */
struct str ask_reversed(struct arena *a, struct str name);

/*
 * Two texts between which (from <= text < to) every address of the network lies as text,
 * NUL-terminated; both empty when nothing can be said.
 */
void ask_net_range(const struct net *net, char from[static ADDR_TEXT_MAX],
    char to[static ADDR_TEXT_MAX]);

/* Free what it owns. */
void ask_match_free(struct ask_match *m);
void ask_slots_free(struct ask_slots *s);

#endif
