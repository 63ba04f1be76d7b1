/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One column of one row group while its values come, and then its bytes:
 *
 *     | head | dictionary | head | levels, values | head | levels, values | …
 *
 * A column of few different values has a dictionary, and values are numbers in it; when
 * too many differ they become what they were.
 */
#ifndef DWELL_PARQUET_COLUMN_H
#define DWELL_PARQUET_COLUMN_H

#include <zstd.h>

#include "base/arena.h"
#include "parquet/dictionary.h"
#include "parquet/out.h"
#include "parquet/parquet.h"

enum parquet_encoding {
	ENCODING_PLAIN = 0,
	ENCODING_RLE = 3,
	ENCODING_DELTA = 5,
	ENCODING_DELTA_TEXTS = 7,
	ENCODING_DICTIONARY = 8,
};

/* Numbers that grow. */
struct levels {
	uint32_t *v; /* owned */
	size_t n, room;
};

/* Texts that are kept. */
struct copies {
	struct arena arena;
	size_t bytes; /* of texts */
};

struct column {
	struct parquet_field field;
	struct copies *copies; /* borrowed; NULL: texts stay where they are */
	size_t rows;           /* put so far */
	size_t count;          /* values put that are there */
	size_t absent;         /* values that are not */
	bool plain;            /* there is no dictionary (any more) */
	bool failed;           /* no memory */
	uint32_t last; /* number of the value that came last; DICTIONARY_NONE: no value */
	struct dictionary dictionary;
	struct levels numbers;    /* of each value that is there, in the dictionary */
	struct levels definition; /* of each value of a list, and of each empty list */
	struct levels repetition;
	uint64_t
	    *present; /* a bit a row, once one is absent; owned; unset behind the rows */
	size_t present_room; /* in words */
	union {
		struct str *texts; /* all values, where there is no dictionary */
		int64_t *ints;
	};
	size_t room; /* for these */
};

/* What the end of the file says of a column chunk. */
struct chunk {
	int64_t dictionary_at, data_at; /* in the file; dictionary_at 0: there is none */
	int64_t plain_bytes, bytes;     /* of its pages, before and after compression */
	int64_t values;                 /* and levels of absent ones */
	int64_t absent;
	int64_t bloom_at; /* 0: there is no filter */
	int64_t bloom_bytes;
	enum parquet_encoding encoding;
	bool compressed;
	bool tried; /* whether compression is worth it */
	bool has_bounds;
	struct out least, greatest; /* as the statistics hold them; owned */
};

/* Where the pages of a file go, and what is needed to make them; owned by the writer. */
struct pages {
	struct out *file;   /* bytes of the file, from base on */
	int64_t base;       /* of the file, that are written already */
	struct out filters; /* Bloom filters of the row group, behind its pages */
	struct out raw, packed;
	ZSTD_CCtx *zstd;
};

/* Up to 64 values; bit i of absent: value i is not there. */
void column_ints(struct column *c, const int64_t *v, uint64_t absent, size_t n);
void column_texts(struct column *c, const struct str *v, uint64_t absent, size_t n);

/* A row of a list of n values begins; the values follow. */
void column_list(struct column *c, size_t n);

/* Write the pages of what came, and empty the column. Negative without memory. */
int column_write(struct column *c, struct pages *p, struct chunk *chunk);

/* Bytes of its Parquet type: 8, 4, 1; 0 for texts. */
size_t column_width(enum parquet_kind kind);

/* Forget all values. */
void column_empty(struct column *c);

/* Make it an empty column of the field, with the memory that it has. */
void column_of(struct column *c, const struct parquet_field *field);
void column_free(struct column *c);

#endif
