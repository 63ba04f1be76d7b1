/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One column of the row group that is being collected. Numbers wait as they are, texts
 * as numbers of entries of a dictionary that grows with them; when the group is full the
 * column says how its values are best written.
 */
#ifndef DWELL_ENGINE_PARQUET_COLUMN_H
#define DWELL_ENGINE_PARQUET_COLUMN_H

#include "base/str.h"
#include "engine/parquet.h"
#include "engine/parquet_out.h"

/* Values of one kind, each once as far as a short look can tell: a dictionary may name a
 * value twice, so that whoever chooses texts that collide gains nothing. */
struct dictionary {
	uint64_t *slots;   /* hash << 32 | number + 1; 0: free; owned */
	size_t mask;       /* of slots */
	uint32_t n;        /* entries */
	uint32_t *ends;    /* of texts, in bytes; owned */
	struct str *texts; /* once settled; owned */
	int64_t *numbers;  /* owned */
	struct out bytes;  /* of texts */
};

struct parquet_column {
	enum parquet_kind kind;
	int64_t *numbers;  /* that are present; owned */
	uint32_t *codes;   /* entries of the dictionary, likewise; owned */
	uint64_t *present; /* a bit a row, when sparse; owned */
	size_t rows, n;    /* of the group; those present */
	struct dictionary dictionary;
	bool sparse;             /* present says something */
	bool coded;              /* is written as numbers of entries */
	int64_t least, greatest; /* of numbers */
	struct str least_text, greatest_text;
};

/* A column without values, whose memory, if it has any, is kept. Negative without. */
int column_start(struct parquet_column *c, enum parquet_kind kind);

/* Take n more rows; the group has room for them. Negative without memory. */
int column_put(struct parquet_column *c, const struct parquet_values *v, size_t n);

/* The group is complete: choose how it is written, and find least and greatest. Negative
 * without memory. */
int column_settle(struct parquet_column *c, struct out *room);

/* Put the dictionary's values as a page has them. */
void column_put_dictionary(const struct parquet_column *c, struct out *o);

/* Put the levels and values of rows [from, end), *value being the first of these; it
 * goes on to the next. */
void column_put_page(const struct parquet_column *c, size_t from, size_t end,
    size_t *value, struct out *o, struct out *room);

/* Bytes that the column's texts take in memory. */
static inline size_t column_bytes(const struct parquet_column *c)
{
	return c->dictionary.bytes.n;
}

/* Forget all of the group, keeping the memory. */
void column_reset(struct parquet_column *c);
void column_free(struct parquet_column *c);

#endif
