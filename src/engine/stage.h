/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of one table that wait in memory to be written. A record is copied as it is; only
 * what it points to changes form on the way in, in the same 16 bytes, so that writing
 * needs no second copy:
 *
 *     field_TEXT  {pointer, length}  becomes  duckdb_string_t, up to 12 bytes inline
 *
 *     field_TEXTS {pointer, count}   keeps its form, over an array of duckdb_string_t
 *
 * Text that equals the same field of the row before
 * (sensor, source, proto) is shared with it.
 */
#ifndef DWELL_ENGINE_STAGE_H
#define DWELL_ENGINE_STAGE_H

#include <duckdb.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "record/record.h"

#define STAGE_BLOCK_BYTES (128U << 10) /* rows are held in blocks of at most so many */
#define STAGE_BLOCKS_MAX  1024         /* blocks of rows a stage may hold */
#define STAGE_TEXT_MAX    (16U << 20)  /* bytes of one text, or of one list's elements */
#define STAGE_FIELDS_MAX  64           /* of a table that point to something */

#define STAGE_INLINE_MAX 12 /* bytes of a text that stand in the string itself */

struct stage_text;

struct stage {
	const struct record_info *info;
	const struct field_info *texts[STAGE_FIELDS_MAX]; /* the fields that change */
	const struct field_info *lists[STAGE_FIELDS_MAX];
	size_t text_count, list_count;
	unsigned block_bits; /* a block has 1 << block_bits rows */
	char **blocks;       /* owned */
	size_t block_count;
	size_t n;                /* rows held */
	struct stage_text *text; /* newest block of text; owned */
	size_t bytes;            /* held by rows and text in use */
};

/* An empty stage for rows of a type. */
void stage_init(struct stage *s, enum record_type type);

/* Forget all rows; the stage may take others. What they took is free for whatever comes
 * next, so that all stages together take little more than the rows there are. */
void stage_fini(struct stage *s);

/* Copy a record in. Negative with *e set without memory or over a limit. */
int stage_put(struct stage *s, const void *record, struct error *e);

/* Set a field of the i-th row to a value in the form of records. Negative with *e set. */
int stage_set(struct stage *s, size_t i, const struct field_info *f, const void *value,
    struct error *e);

/* The i-th row: the record's struct with the fields above changed. */
static inline void *stage_row(const struct stage *s, size_t i)
{
	size_t at = i & (((size_t)1 << s->block_bits) - 1);
	return s->blocks[i >> s->block_bits] + at * s->info->size;
}

/* Whether a text field in a staged row is absent. */
static inline bool stage_text_absent(const duckdb_string_t *t)
{
	return t->value.inlined.length == UINT32_MAX;
}

/* The text of a field of a staged row, whose place is aligned as the record's field is
 * and not as a DuckDB string; absent: p is NULL. Borrowed from the row. */
static inline struct str stage_field(const void *field)
{
	const char *at = field;
	uint32_t n;
	memcpy(&n, at + offsetof(duckdb_string_t, value.inlined.length), sizeof(n));
	if (n == UINT32_MAX)
		return (struct str){0};
	if (n <= STAGE_INLINE_MAX)
		return (struct str){
		    at + offsetof(duckdb_string_t, value.inlined.inlined), n};
	const char *p;
	memcpy(&p, at + offsetof(duckdb_string_t, value.pointer.ptr), sizeof(p));
	return (struct str){p, n};
}

/* The text of a string in a staged row or in a DuckDB vector. */
struct str stage_str(const duckdb_string_t *t);

/* A DuckDB string over n bytes at p, which it borrows when there are more than 12. */
duckdb_string_t stage_string(const char *p, size_t n);

#endif
