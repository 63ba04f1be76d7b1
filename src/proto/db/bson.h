/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BSON (bsonspec.org, 1.1), the documents of MongoDB.
 *
 *     length 4 | type 1 | name \0 | value … | 0        all numbers least byte first
 */
#ifndef DWELL_PROTO_BSON_H
#define DWELL_PROTO_BSON_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

#define BSON_DEPTH_MAX 16 /* documents in documents that are written out */

enum bson_type {
	BSON_DOUBLE = 1,
	BSON_STRING = 2,
	BSON_DOCUMENT = 3,
	BSON_ARRAY = 4,
	BSON_BINARY = 5,
	BSON_OBJECT_ID = 7,
	BSON_BOOL = 8,
	BSON_INT32 = 16,
	BSON_INT64 = 18,
};

struct bson {
	uint8_t type;
	struct str name;    /* borrows the document */
	struct bytes value; /* without the length before it where there is one */
};

/* The elements of a document: what is between its length and its end; of a document that
 * is cut what is there. */
struct bytes bson_open(struct bytes document);

/* Take the next element; false: there is none, or it is cut or of an unknown type. */
bool bson_next(struct bytes *elements, struct bson *e);

/* The element of that name among these; false: none. */
bool bson_find(struct bytes elements, const char *name, struct bson *e);

/* The value as a number: of a double its whole part, of a bool 0 or 1; else -1. */
int64_t bson_number(const struct bson *e);

/* The value as text; absent where it is none. */
struct str bson_text(const struct bson *e);

/* The elements as JSON without quotes around names, at most limit bytes, in the arena;
 * values of names for secrets are REDACTED. */
struct str bson_json(struct arena *a, struct bytes elements, size_t limit);

#endif
