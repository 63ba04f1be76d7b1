/* SPDX-License-Identifier: Apache-2.0 */
/* The file: row groups as they come, then what they hold and where (parquet.thrift). */
#include "engine/parquet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "engine/parquet_column.h"

#define LEVEL      1  /* of zstd */
#define WORTH_PCT  95 /* of its bytes that a page may keep to be worth compressing */
#define MAGIC      "PAR1"
#define CREATED_BY "dwell version 1 (build 1)"

/* Numbers of the format. */
enum { TYPE_INT32 = 1, TYPE_INT64 = 2, TYPE_BYTE_ARRAY = 6 };
enum {
	PLAIN = 0,
	RLE = 3,
	DELTA_BINARY_PACKED = 5,
	DELTA_BYTE_ARRAY = 7,
	RLE_DICTIONARY = 8
};
enum { CODEC_NONE = 0, CODEC_ZSTD = 6 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };

struct parquet {
	const struct parquet_field *fields; /* borrowed */
	size_t count;
	struct parquet_column columns[PARQUET_COLUMNS_MAX];
	ZSTD_CCtx *zstd;
	int fd;      /* negative: no file */
	uint64_t at; /* bytes written */
	size_t rows; /* of the group */
	uint64_t all_rows;
	size_t groups;
	struct out body;       /* of a group, to be written */
	struct out page, room; /* scratch */
	struct out ends;       /* descriptions of all groups */
};

struct parquet *parquet_new(void)
{
	struct parquet *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->fd = -1;
	p->zstd = ZSTD_createCCtx();
	if (p->zstd != NULL && !ZSTD_isError(ZSTD_CCtx_setParameter(
				   p->zstd, ZSTD_c_compressionLevel, LEVEL)))
		return p;
	parquet_free(p);
	return NULL;
}

void parquet_abandon(struct parquet *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void parquet_free(struct parquet *p)
{
	if (p == NULL)
		return;
	parquet_abandon(p);
	for (size_t i = 0; i < PARQUET_COLUMNS_MAX; i++)
		column_free(&p->columns[i]);
	ZSTD_freeCCtx(p->zstd);
	out_free(&p->body);
	out_free(&p->page);
	out_free(&p->room);
	out_free(&p->ends);
	free(p);
}

static int no_memory(struct error *e)
{
	return error_set(e, ERR_SYSTEM, "no memory to write rows");
}

/* ---- bytes ---- */

static int write_all(struct parquet *p, const struct out *o, struct error *e)
{
	for (size_t done = 0; done < o->n;) {
		ssize_t n = write(p->fd, o->p + done, o->n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(e, ERR_SYSTEM, "writing rows: %s",
			    strerror(n < 0 ? errno : ENOSPC));
		done += (size_t)n;
	}
	p->at += o->n;
	return 0;
}

int parquet_start(struct parquet *p, const char *path, const struct parquet_field *fields,
    size_t n, struct error *e)
{
	parquet_abandon(p);
	p->fields = fields;
	p->count = n;
	p->at = p->rows = p->all_rows = p->groups = 0;
	p->body.n = p->ends.n = 0;
	for (size_t i = 0; i < n; i++) {
		if (column_start(&p->columns[i], fields[i].kind) < 0)
			return no_memory(e);
	}
	p->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (p->fd < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	out_put(&p->body, MAGIC, 4);
	return 0;
}

/* ---- pages ---- */

/* What is known of a column of a group once it is written. */
struct chunk {
	int codec;
	uint64_t dictionary_at, data_at; /* 0: no dictionary */
	uint64_t raw, packed;            /* bytes, with the heads of pages */
};

static void put_page_head(
    struct out *o, int type, size_t raw, size_t packed, size_t values, int encoding)
{
	struct thrift t = thrift_start(o);
	thrift_int(&t, 1, THRIFT_I32, type);
	thrift_int(&t, 2, THRIFT_I32, (int64_t)raw);
	thrift_int(&t, 3, THRIFT_I32, (int64_t)packed);
	struct thrift head = thrift_struct(&t, type == PAGE_DATA ? 5 : 7);
	thrift_int(&head, 1, THRIFT_I32, (int64_t)values);
	thrift_int(&head, 2, THRIFT_I32, encoding);
	if (type == PAGE_DATA) {
		thrift_int(&head, 3, THRIFT_I32, RLE);
		thrift_int(&head, 4, THRIFT_I32, RLE);
	}
	thrift_stop(&head);
	thrift_stop(&t);
}

/* Put what is in p->page as a page of that kind, compressed by the chunk's codec; the
 * first page of packed numbers decides whether that is worth it. */
static void put_page(
    struct parquet *p, struct chunk *k, int type, size_t values, int encoding)
{
	size_t raw = p->page.n, packed = raw, bound = ZSTD_compressBound(raw);
	const uint8_t *bytes = p->page.p;
	p->room.n = 0;
	if (k->codec == CODEC_ZSTD && out_reserve(&p->room, bound)) {
		packed = ZSTD_compress2(p->zstd, p->room.p, p->room.room, p->page.p, raw);
		bytes = p->room.p;
		p->body.failed |= ZSTD_isError(packed) != 0;
		bool first = k->packed == 0 && encoding == DELTA_BINARY_PACKED;
		if (first && packed > raw / 100 * WORTH_PCT) {
			k->codec = CODEC_NONE;
			packed = raw;
			bytes = p->page.p;
		}
	}
	p->body.failed |= p->page.failed || p->room.failed;
	if (p->body.failed)
		return;
	size_t from = p->body.n;
	put_page_head(&p->body, type, raw, packed, values, encoding);
	k->raw += p->body.n - from + raw;
	k->packed += p->body.n - from + packed;
	out_put(&p->body, bytes, packed);
}

static int encoding_of(const struct parquet_column *c)
{
	if (c->coded)
		return RLE_DICTIONARY;
	return c->kind == PARQUET_TEXT ? DELTA_BYTE_ARRAY : DELTA_BINARY_PACKED;
}

static struct chunk put_chunk(struct parquet *p, struct parquet_column *c)
{
	struct chunk k = {.codec = CODEC_ZSTD};
	size_t value = 0;
	if (c->coded) {
		k.dictionary_at = p->at + p->body.n;
		p->page.n = 0;
		column_put_dictionary(c, &p->page);
		put_page(p, &k, PAGE_DICTIONARY, c->dictionary.n, PLAIN);
	}
	k.data_at = p->at + p->body.n;
	for (size_t from = 0; from < c->rows; from += PARQUET_PAGE_ROWS) {
		size_t end = from + PARQUET_PAGE_ROWS;
		end = end < c->rows ? end : c->rows;
		p->page.n = 0;
		column_put_page(c, from, end, &value, &p->page, &p->room);
		put_page(p, &k, PAGE_DATA, end - from, encoding_of(c));
	}
	return k;
}

/* ---- descriptions ---- */

static int type_of(enum parquet_kind kind)
{
	static const int types[] = {[PARQUET_TEXT] = TYPE_BYTE_ARRAY,
	    [PARQUET_INT] = TYPE_INT32,
	    [PARQUET_LONG] = TYPE_INT64,
	    [PARQUET_TIME] = TYPE_INT64};
	return types[kind];
}

/* A least or greatest, exact; long texts are not noted. */
static void put_bound(struct thrift *t, int number, const struct parquet_column *c,
    int64_t v, struct str text)
{
	int32_t narrow = (int32_t)v;
	if (c->kind == PARQUET_TEXT)
		thrift_binary(t, number, text.p, text.n);
	else if (c->kind == PARQUET_INT)
		thrift_binary(t, number, &narrow, sizeof(narrow));
	else
		thrift_binary(t, number, &v, sizeof(v));
}

static void put_statistics(struct thrift *meta, const struct parquet_column *c)
{
	struct thrift t = thrift_struct(meta, 12);
	thrift_int(&t, 3, THRIFT_I64, (int64_t)(c->rows - c->n));
	bool bounded = c->n > 0;
	if (bounded && c->kind == PARQUET_TEXT)
		bounded = c->least_text.n <= PARQUET_TEXT_MAX &&
			  c->greatest_text.n <= PARQUET_TEXT_MAX;
	if (bounded) {
		put_bound(&t, 5, c, c->greatest, c->greatest_text);
		put_bound(&t, 6, c, c->least, c->least_text);
		thrift_field(&t, 7, THRIFT_TRUE);
		thrift_field(&t, 8, THRIFT_TRUE);
	}
	thrift_stop(&t);
}

static void put_encodings(struct thrift *meta, const struct parquet_column *c)
{
	thrift_list(meta, 2, THRIFT_I32, c->coded ? 3 : 2);
	if (c->coded)
		out_varint(meta->out, zigzag(PLAIN));
	out_varint(meta->out, zigzag(RLE));
	out_varint(meta->out, zigzag(encoding_of(c)));
}

static void put_chunk_end(
    struct parquet *p, const struct parquet_column *c, const struct chunk *k)
{
	const char *name = p->fields[c - p->columns].name;
	struct thrift t = thrift_start(&p->ends);
	thrift_int(&t, 2, THRIFT_I64,
	    (int64_t)(k->dictionary_at != 0 ? k->dictionary_at : k->data_at));
	struct thrift meta = thrift_struct(&t, 3);
	thrift_int(&meta, 1, THRIFT_I32, type_of(c->kind));
	put_encodings(&meta, c);
	thrift_list(&meta, 3, THRIFT_BINARY, 1);
	out_varint(&p->ends, strlen(name));
	out_put(&p->ends, name, strlen(name));
	thrift_int(&meta, 4, THRIFT_I32, k->codec);
	thrift_int(&meta, 5, THRIFT_I64, (int64_t)c->rows);
	thrift_int(&meta, 6, THRIFT_I64, (int64_t)k->raw);
	thrift_int(&meta, 7, THRIFT_I64, (int64_t)k->packed);
	thrift_int(&meta, 9, THRIFT_I64, (int64_t)k->data_at);
	if (k->dictionary_at != 0)
		thrift_int(&meta, 11, THRIFT_I64, (int64_t)k->dictionary_at);
	put_statistics(&meta, c);
	thrift_stop(&meta);
	thrift_stop(&t);
}

static int put_group(struct parquet *p, struct error *e)
{
	uint64_t raw = 0, packed = 0, from = p->at + p->body.n;
	struct thrift t = thrift_start(&p->ends);
	thrift_list(&t, 1, THRIFT_STRUCT, p->count);
	for (size_t i = 0; i < p->count; i++) {
		struct parquet_column *c = &p->columns[i];
		if (column_settle(c, &p->room) < 0)
			return no_memory(e);
		struct chunk k = put_chunk(p, c);
		put_chunk_end(p, c, &k);
		raw += k.raw;
		packed += k.packed;
		column_reset(c);
	}
	thrift_int(&t, 2, THRIFT_I64, (int64_t)raw);
	thrift_int(&t, 3, THRIFT_I64, (int64_t)p->rows);
	thrift_int(&t, 5, THRIFT_I64, (int64_t)from);
	thrift_int(&t, 6, THRIFT_I64, (int64_t)packed);
	thrift_stop(&t);
	p->groups++;
	p->all_rows += p->rows;
	p->rows = 0;
	if (p->body.failed || p->ends.failed)
		return no_memory(e);
	int status = write_all(p, &p->body, e);
	p->body.n = 0;
	return status;
}

/* ---- the whole ---- */

int parquet_put(
    struct parquet *p, const struct parquet_values *values, size_t n, struct error *e)
{
	bool full = p->rows + n > PARQUET_GROUP_ROWS;
	for (size_t i = 0; i < p->count; i++)
		full |= column_bytes(&p->columns[i]) > PARQUET_GROUP_BYTES;
	if (full && p->rows > 0 && put_group(p, e) < 0)
		return -1;
	for (size_t i = 0; i < p->count; i++) {
		if (column_put(&p->columns[i], &values[i], n) < 0)
			return no_memory(e);
	}
	p->rows += n;
	return 0;
}

static void put_logical_type(struct thrift *t, enum parquet_kind kind)
{
	struct thrift type = thrift_struct(t, 10);
	if (kind == PARQUET_TEXT) {
		struct thrift text = thrift_struct(&type, 1);
		thrift_stop(&text);
	} else {
		struct thrift time = thrift_struct(&type, 8);
		thrift_field(&time, 1, THRIFT_FALSE); /* not adjusted to UTC */
		struct thrift unit = thrift_struct(&time, 2);
		struct thrift micros = thrift_struct(&unit, 2);
		thrift_stop(&micros);
		thrift_stop(&unit);
		thrift_stop(&time);
	}
	thrift_stop(&type);
}

static void put_schema(struct parquet *p, struct out *o)
{
	/* INT_32, INT_64, UTF8 and TIMESTAMP_MICROS, for readers that know no logical
	 * types. */
	static const int converted[] = {[PARQUET_TEXT] = 0,
	    [PARQUET_INT] = 17,
	    [PARQUET_LONG] = 18,
	    [PARQUET_TIME] = 10};
	struct thrift root = thrift_start(o);
	thrift_int(&root, 3, THRIFT_I32, 0);
	thrift_binary(&root, 4, "dwell", 5);
	thrift_int(&root, 5, THRIFT_I32, (int64_t)p->count);
	thrift_stop(&root);
	for (size_t i = 0; i < p->count; i++) {
		const struct parquet_field *f = &p->fields[i];
		struct thrift t = thrift_start(o);
		thrift_int(&t, 1, THRIFT_I32, type_of(f->kind));
		thrift_int(&t, 3, THRIFT_I32, 1); /* optional */
		thrift_binary(&t, 4, f->name, strlen(f->name));
		thrift_int(&t, 6, THRIFT_I32, converted[f->kind]);
		if (f->kind == PARQUET_TEXT || f->kind == PARQUET_TIME)
			put_logical_type(&t, f->kind);
		thrift_stop(&t);
	}
}

static void put_end(struct parquet *p)
{
	struct out *o = &p->body;
	size_t from = o->n;
	struct thrift t = thrift_start(o);
	thrift_int(&t, 1, THRIFT_I32, 1);
	thrift_list(&t, 2, THRIFT_STRUCT, p->count + 1);
	put_schema(p, o);
	thrift_int(&t, 3, THRIFT_I64, (int64_t)p->all_rows);
	thrift_list(&t, 4, THRIFT_STRUCT, p->groups);
	out_put(o, p->ends.p, p->ends.n);
	thrift_binary(&t, 6, CREATED_BY, strlen(CREATED_BY));
	/* Least and greatest are by the order of each column's type. */
	thrift_list(&t, 7, THRIFT_STRUCT, p->count);
	for (size_t i = 0; i < p->count; i++) {
		struct thrift order = thrift_start(o);
		struct thrift by_type = thrift_struct(&order, 1);
		thrift_stop(&by_type);
		thrift_stop(&order);
	}
	thrift_stop(&t);
	uint32_t length = (uint32_t)(o->n - from);
	out_put(o, &length, sizeof(length));
	out_put(o, MAGIC, 4);
}

int parquet_end(struct parquet *p, struct error *e)
{
	if (p->rows > 0 && put_group(p, e) < 0)
		return -1;
	put_end(p);
	if (p->body.failed || p->ends.failed)
		return no_memory(e);
	int status = write_all(p, &p->body, e);
	p->body.n = 0;
	if (close(p->fd) != 0 && status == 0)
		status = error_set(e, ERR_SYSTEM, "writing rows: %s", strerror(errno));
	p->fd = -1;
	return status;
}
