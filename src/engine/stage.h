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

#define STAGE_BLOCK_ROWS 1024        /* rows are held in blocks of so many */
#define STAGE_BLOCKS_MAX 4096        /* blocks of rows a stage may hold */
#define STAGE_TEXT_MAX   (16U << 20) /* bytes of one text, or of one list's elements */
#define STAGE_FIELDS_MAX 64          /* of a table that point to something */

#define STAGE_INLINE_MAX 12 /* bytes of a text that stand in the string itself */

struct stage_text;

struct stage {
	const struct record_info *info;
	const struct field_info *pointing[STAGE_FIELDS_MAX]; /* the fields that change */
	size_t pointing_count;
	unsigned char **blocks;  /* of rows; owned */
	size_t block_count;      /* blocks that exist: kept when the stage is emptied */
	size_t n;                /* rows held */
	struct stage_text *text; /* newest block of text; owned */
	size_t bytes;            /* held by rows and text in use */
};

/* An empty stage for rows of a type. */
void stage_init(struct stage *s, enum record_type type);
void stage_fini(struct stage *s);

/* Copy a record in. Negative with *e set without memory or over a limit. */
int stage_put(struct stage *s, const void *record, struct error *e);

/* Set a field of the i-th row to a value in the form of records. Negative with *e set. */
int stage_set(struct stage *s, size_t i, const struct field_info *f, const void *value,
    struct error *e);

/* Forget all rows, keeping the memory for the next ones. */
void stage_reset(struct stage *s);

/* The i-th row: the record's struct with the fields above changed. */
static inline void *stage_row(const struct stage *s, size_t i)
{
	return s->blocks[i / STAGE_BLOCK_ROWS] + i % STAGE_BLOCK_ROWS * s->info->size;
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
