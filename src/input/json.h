/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Picking known members out of one JSON text (RFC 8259), without building a tree of it.
 * What is asked for is compiled once into a small tree of names; a line is then walked
 * once, members that nobody asked for are stepped over. Lines of one log have their
 * members in one order, so the search for a name starts at the one after the last.
 *
 * Lenient where it does no harm: numbers and words are not checked until they are used.
 * An unterminated string, brackets that do not match and what follows the end are faults.
 */
#ifndef DWELL_INPUT_JSON_H
#define DWELL_INPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "input/log.h"
#include "input/log_value.h"

#define JSON_NODES_MAX 160 /* names in one tree */
#define JSON_DEPTH_MAX 64  /* brackets in brackets that are stepped over */

struct json_node {
	const char *name; /* static */
	uint32_t n;
	int16_t slot;         /* where the value goes; -1: nowhere */
	uint16_t child, next; /* 0: none; node 0 is the root */
};

struct json_tree {
	struct json_node v[JSON_NODES_MAX];
	uint16_t count;
};

/* An empty tree. */
void json_tree_init(struct json_tree *t);

/* Ask for the member at path ("flow.start", static) into that slot. With whole, the path
 * is one name although it has dots in it. False when the tree is full. */
bool json_tree_add(struct json_tree *t, const char *path, int16_t slot, bool whole);

/*
 * Walk the object that the n bytes at p are and put what was asked for into v, which the
 * caller has cleared (VALUE_ABSENT); null leaves a slot as it is. The last of equal names
 * wins. False when it is no JSON object; some slots may be set then.
 */
bool json_pick(const struct json_tree *t, const char *p, size_t n, struct log_value *v);

/* The first line of a head that begins as a line of JSON does; absent: it does not. */
struct str json_first_line(const struct log_head *head);

/* Step through the members of the object that the n bytes at p are: *at is 0 at first.
 * False at the end, and where it is no object. */
bool json_member(
    const char *p, size_t n, size_t *at, struct log_value *name, struct log_value *value);

/* The next element of a VALUE_ARRAY, as cell_next. */
bool json_element(const struct log_value *array, size_t *at, struct log_value *element);

/* The text inside a string's quotes, its escapes undone, not clean; absent when the
 * arena's limit is reached. An escape that is none stays as it is. */
struct str json_unescape(const char *p, size_t n, struct arena *a);

#endif
