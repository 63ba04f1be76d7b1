/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk through a JSON document (RFC 8259) that is in memory, one step at a time and
 * without a tree of it: lists of a million objects are handed out as pieces of the text,
 * and only a piece (at most FEED_OBJECT_MAX) goes to the JSON library. So a cut document
 * gives all objects before the cut, and memory does not depend on its length.
 *
 *     {"type":"bundle","objects":[ {…} , {…} , {…
 *     └ enter '{'                │ └ cursor_next, cursor_value: a piece
 *                cursor_key      └ enter '['
 */
#ifndef DWELL_FEED_CURSOR_H
#define DWELL_FEED_CURSOR_H

#include <jansson.h>

#include "feed/reader.h"

#define FEED_OBJECT_MAX (1U << 20) /* bytes of one object */

struct cursor {
	const char *base, *pos, *end; /* borrowed */
	bool bad; /* it is no JSON from here on, or cut, or nested over FEED_DEPTH_MAX */
};

/* A cursor at the start of the text. */
struct cursor cursor_over(struct str text);

/* The first byte of the value at the cursor, or 0 at the end. */
char cursor_peek(struct cursor *c);

/* Step into the object or array ('{' or '[') at the cursor; false when there is none. */
bool cursor_enter(struct cursor *c, char bracket);

/* To the next member of an object: its name as written, the cursor at its value. False
 * when there is none; the cursor is behind the object then, or bad. */
bool cursor_key(struct cursor *c, struct str *key);

/* To the next element of an array; false when there is none. */
bool cursor_next(struct cursor *c);

/* Step over the value at the cursor and give its text; false when it is bad. */
bool cursor_value(struct cursor *c, struct str *text);

/* Where the cursor stands, in bytes from the start. */
uint64_t cursor_offset(const struct cursor *c);

/* Whether the value's text is the JSON string of this word (no escapes in it). */
bool cursor_is(struct str text, const char *word);

/* A member of the object whose text this is, as text; p is NULL when it has none. */
struct str cursor_member(struct str object, const char *name);

/* The tree of one object, freed with json_decref; NULL when it is bad or over
 * FEED_OBJECT_MAX, which is counted at r->at. */
json_t *feed_object(struct feed_reader *r, struct str text);

/* A string member as clean text in r->arena; absent when there is none. */
struct str feed_member(struct feed_reader *r, const json_t *object, const char *name);

/* Whether the head begins with a JSON object or array. */
bool feed_is_json(struct str head);

/* Whether the head has "name": "value" (value NULL: any value) somewhere. */
bool feed_has_member(struct str head, const char *name, const char *value);

#endif
