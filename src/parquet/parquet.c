/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/parquet.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "parquet/column.h"
#include "parquet/schema.h"
#include "parquet/thrift.h"

#define LEVEL      1 /* of zstd */
#define CODEC_ZSTD 6
#define MAGIC      "PAR1"
#define CREATED_BY "dwell version 1 (build 1)"
#define FILE_MODE  0640 /* what a network did is not for every user to read */

struct parquet_writer {
	size_t group_rows; /* of a row group, at most */
	bool copies;       /* texts are copied: */
	struct copies texts;
	struct column columns[PARQUET_COLUMNS_MAX];
	struct chunk chunks[PARQUET_COLUMNS_MAX]; /* of the row group that is written */
	size_t n;                                 /* columns */
	size_t rows;                              /* in the row group */
	int64_t all_rows;
	size_t group_count;
	struct out file;   /* what is not written yet */
	struct out groups; /* what the end will say of row groups */
	struct pages pages;
	struct parquet_writer *followers[PARQUET_FOLLOWERS_MAX]; /* borrowed */
	size_t follower_count;
	size_t
	    leads[PARQUET_COLUMNS_MAX]; /* of a follower: whose bytes each column has */
	char path[PATH_MAX];
	int fd; /* -1: there is no file */
};

struct parquet_writer *parquet_new(size_t group_rows, bool copies)
{
	struct parquet_writer *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->fd = -1;
	w->group_rows = group_rows;
	w->copies = copies;
	arena_init(&w->texts.arena, SIZE_MAX);
	w->pages.zstd = ZSTD_createCCtx();
	if (w->pages.zstd == NULL) {
		free(w);
		return NULL;
	}
	ZSTD_CCtx_setParameter(w->pages.zstd, ZSTD_c_compressionLevel, LEVEL);
	return w;
}

static void drop_chunk(struct chunk *c)
{
	out_free(&c->least);
	out_free(&c->greatest);
	*c = (struct chunk){0};
}

void parquet_drop(struct parquet_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	for (size_t i = 0; i < w->n; i++) {
		column_empty(&w->columns[i]);
		drop_chunk(&w->chunks[i]);
	}
	arena_reset(&w->texts.arena);
	w->texts.bytes = 0;
	w->file.n = w->groups.n = w->pages.filters.n = 0;
	w->file.failed = w->groups.failed = w->pages.filters.failed = false;
	w->pages.raw.failed = w->pages.packed.failed = false;
	w->n = w->rows = w->group_count = w->follower_count = 0;
	w->all_rows = 0;
}

void parquet_free(struct parquet_writer *w)
{
	if (w == NULL)
		return;
	parquet_drop(w);
	for (size_t i = 0; i < PARQUET_COLUMNS_MAX; i++)
		column_free(&w->columns[i]);
	arena_fini(&w->texts.arena);
	out_free(&w->file);
	out_free(&w->groups);
	out_free(&w->pages.filters);
	out_free(&w->pages.raw);
	out_free(&w->pages.packed);
	ZSTD_freeCCtx(w->pages.zstd);
	free(w);
}

int parquet_begin(struct parquet_writer *w, const char *path,
    const struct parquet_field *fields, size_t n, struct error *e)
{
	parquet_drop(w);
	if (n > PARQUET_COLUMNS_MAX || strlen(path) >= sizeof(w->path))
		return error_set(
		    e, ERR_LIMIT, "%.200s: too many columns, or too long a path", path);
	memcpy(w->path, path, strlen(path) + 1);
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (w->fd < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < n; i++) {
		struct column *c = &w->columns[i];
		column_of(c, &fields[i]);
		c->copies = w->copies ? &w->texts : NULL;
		w->leads[i] = PARQUET_OWN;
	}
	w->n = n;
	w->pages.file = &w->file;
	w->pages.base = 0;
	out_put(&w->file, MAGIC, 4);
	return 0;
}

void parquet_follow(
    struct parquet_writer *follower, struct parquet_writer *leader, const size_t *of)
{
	assert(leader->follower_count < PARQUET_FOLLOWERS_MAX);
	leader->followers[leader->follower_count++] = follower;
	memcpy(follower->leads, of, follower->n * sizeof(*of));
}

void parquet_ints(
    struct parquet_writer *w, size_t column, const int64_t *v, uint64_t absent, size_t n)
{
	column_ints(&w->columns[column], v, absent, n);
}

void parquet_texts(struct parquet_writer *w, size_t column, const struct str *v,
    uint64_t absent, size_t n)
{
	column_texts(&w->columns[column], v, absent, n);
}

void parquet_list(struct parquet_writer *w, size_t column, size_t n)
{
	column_list(&w->columns[column], n);
}

/* ---- row groups ---- */

static int no_memory(const struct parquet_writer *w, struct error *e)
{
	return error_set(e, ERR_SYSTEM, "no memory to write %s", w->path);
}

/* Write what is ready, and go on behind it. */
static int flush(struct parquet_writer *w, struct error *e)
{
	const uint8_t *p = w->file.p;
	size_t left = w->file.n;
	if (w->file.failed || w->groups.failed)
		return no_memory(w, e);
	while (left > 0) {
		ssize_t n = write(w->fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(e, ERR_SYSTEM, "writing %s: %s", w->path,
			    strerror(n < 0 ? errno : ENOSPC));
		p += n;
		left -= (size_t)n;
	}
	w->pages.base += (int64_t)w->file.n;
	w->file.n = 0;
	return 0;
}

static void put_bounds(struct out *o, int *last, const struct chunk *c)
{
	int inner = 0;
	thrift_field(o, last, 12, THRIFT_STRUCT);
	thrift_int(o, &inner, 3, THRIFT_I64, c->absent);
	if (c->has_bounds) {
		thrift_field(o, &inner, 5, THRIFT_BINARY);
		thrift_bytes(o, c->greatest.p, c->greatest.n);
		thrift_field(o, &inner, 6, THRIFT_BINARY);
		thrift_bytes(o, c->least.p, c->least.n);
		thrift_flag(o, &inner, 7, true);
		thrift_flag(o, &inner, 8, true);
	}
	thrift_end(o);
}

/* The encodings of a chunk: of its levels, of a dictionary's values, of its values. */
static void put_encodings(struct out *o, int *last, const struct chunk *c)
{
	bool entries = c->encoding == ENCODING_DICTIONARY;
	thrift_list(o, last, 2, THRIFT_I32, entries ? 3 : 2);
	out_zigzag(o, ENCODING_RLE);
	if (entries)
		out_zigzag(o, ENCODING_PLAIN);
	out_zigzag(o, c->encoding);
}

static int64_t chunk_start(const struct chunk *c)
{
	return c->dictionary_at > 0 ? c->dictionary_at : c->data_at;
}

/* What the end says of a column chunk. */
static void put_chunk(struct out *o, const struct parquet_field *f, const struct chunk *c)
{
	int outer = 0, last = 0;
	thrift_int(o, &outer, 2, THRIFT_I64, chunk_start(c));
	thrift_field(o, &outer, 3, THRIFT_STRUCT);
	thrift_int(o, &last, 1, THRIFT_I32, schema_physical(f->kind));
	put_encodings(o, &last, c);
	thrift_list(o, &last, 3, THRIFT_BINARY, f->list ? 3 : 1);
	thrift_text(o, f->name);
	if (f->list) {
		thrift_text(o, "list");
		thrift_text(o, "element");
	}
	thrift_int(o, &last, 4, THRIFT_I32, c->compressed ? CODEC_ZSTD : 0);
	thrift_int(o, &last, 5, THRIFT_I64, c->values);
	thrift_int(o, &last, 6, THRIFT_I64, c->plain_bytes);
	thrift_int(o, &last, 7, THRIFT_I64, c->bytes);
	thrift_int(o, &last, 9, THRIFT_I64, c->data_at);
	if (c->dictionary_at > 0)
		thrift_int(o, &last, 11, THRIFT_I64, c->dictionary_at);
	put_bounds(o, &last, c);
	if (c->bloom_at > 0) {
		thrift_int(o, &last, 14, THRIFT_I64, c->bloom_at);
		thrift_int(o, &last, 15, THRIFT_I32, c->bloom_bytes);
	}
	thrift_end(o);
	thrift_end(o);
}

/* What the end says of the row group. */
static void put_group(struct parquet_writer *w)
{
	struct out *o = &w->groups;
	int last = 0;
	int64_t bytes = 0, packed = 0;
	thrift_list(o, &last, 1, THRIFT_STRUCT, w->n);
	for (size_t i = 0; i < w->n; i++) {
		put_chunk(o, &w->columns[i].field, &w->chunks[i]);
		bytes += w->chunks[i].plain_bytes;
		packed += w->chunks[i].bytes;
	}
	thrift_int(o, &last, 2, THRIFT_I64, bytes);
	thrift_int(o, &last, 3, THRIFT_I64, (int64_t)w->rows);
	thrift_int(o, &last, 5, THRIFT_I64, chunk_start(&w->chunks[0]));
	thrift_int(o, &last, 6, THRIFT_I64, packed);
	thrift_end(o);
	w->group_count++;
}

/* Copy what the leader, which has not written its bytes yet, has as a column. */
static void copy_column(
    struct parquet_writer *w, size_t i, const struct parquet_writer *leader)
{
	struct chunk *c = &w->chunks[i];
	const struct chunk *from = &leader->chunks[w->leads[i]];
	const uint8_t *bytes = leader->file.p;
	int64_t start = chunk_start(from);
	int64_t shift = w->pages.base + (int64_t)w->file.n - start;
	*c = *from;
	c->least = c->greatest = (struct out){0};
	out_put(&c->least, from->least.p, from->least.n);
	out_put(&c->greatest, from->greatest.p, from->greatest.n);
	out_put(&w->file, bytes + (start - leader->pages.base), (size_t)from->bytes);
	c->dictionary_at += from->dictionary_at > 0 ? shift : 0;
	c->data_at += shift;
	if (from->bloom_at > 0) {
		c->bloom_at = (int64_t)w->pages.filters.n + 1;
		out_put(&w->pages.filters, bytes + (from->bloom_at - leader->pages.base),
		    (size_t)from->bloom_bytes);
	}
}

/* Make ready the bytes of a row group, whose filters follow its columns. */
static bool make_group(struct parquet_writer *w, const struct parquet_writer *leader)
{
	w->pages.filters.n = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (leader != NULL && w->leads[i] != PARQUET_OWN)
			copy_column(w, i, leader);
		else if (column_write(&w->columns[i], &w->pages, &w->chunks[i]) < 0)
			return false;
	}
	int64_t filters_at = w->pages.base + (int64_t)w->file.n;
	for (size_t i = 0; i < w->n; i++) {
		if (w->chunks[i].bloom_at > 0)
			w->chunks[i].bloom_at += filters_at - 1;
	}
	out_put(&w->file, w->pages.filters.p, w->pages.filters.n);
	put_group(w);
	return !w->file.failed && !w->pages.filters.failed;
}

static void end_group(struct parquet_writer *w)
{
	for (size_t i = 0; i < w->n; i++)
		drop_chunk(&w->chunks[i]);
	w->all_rows += (int64_t)w->rows;
	w->rows = 0;
	arena_reset(&w->texts.arena);
	w->texts.bytes = 0;
}

static int write_group(struct parquet_writer *w, struct error *e)
{
	bool made = make_group(w, NULL);
	int status = 0;
	for (size_t i = 0; i < w->follower_count && made && status == 0; i++) {
		struct parquet_writer *f = w->followers[i];
		f->rows = w->rows;
		made = make_group(f, w);
		end_group(f);
		status = made ? flush(f, e) : 0;
	}
	end_group(w);
	return status < 0 ? -1 : made ? flush(w, e) : no_memory(w, e);
}

int parquet_rows(struct parquet_writer *w, size_t n, struct error *e)
{
	w->rows += n;
	if (w->rows + PARQUET_AT_ONCE <= w->group_rows && w->texts.bytes < PARQUET_COPIES)
		return 0;
	return write_group(w, e);
}

/* ---- the end ---- */

static void put_end(struct parquet_writer *w)
{
	struct out *o = &w->file;
	int last = 0;
	size_t from = o->n;
	struct parquet_field fields[PARQUET_COLUMNS_MAX];
	for (size_t i = 0; i < w->n; i++)
		fields[i] = w->columns[i].field;
	last = schema_put(o, fields, w->n);
	thrift_int(o, &last, 3, THRIFT_I64, w->all_rows);
	thrift_list(o, &last, 4, THRIFT_STRUCT, w->group_count);
	out_put(o, w->groups.p, w->groups.n);
	thrift_field(o, &last, 6, THRIFT_BINARY);
	thrift_text(o, CREATED_BY);
	thrift_list(o, &last, 7, THRIFT_STRUCT, w->n);
	for (size_t i = 0; i < w->n; i++) { /* in the order of its type */
		int inner = 0;
		thrift_empty(o, &inner, 1);
		thrift_end(o);
	}
	thrift_end(o);
	out_le(o, o->n - from, 4);
	out_put(o, MAGIC, 4);
}

int parquet_end(struct parquet_writer *w, struct error *e)
{
	int status = w->rows > 0 ? write_group(w, e) : 0;
	if (status == 0) {
		put_end(w);
		status = flush(w, e);
	}
	int fd = w->fd;
	w->fd = -1;
	if (close(fd) != 0 && status == 0)
		status = error_set(e, ERR_SYSTEM, "%s: %s", w->path, strerror(errno));
	parquet_drop(w);
	return status;
}
