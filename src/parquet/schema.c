/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/schema.h"

#include "parquet/thrift.h"

/* How each kind is said in a schema. */
struct kind_info {
	int physical;  /* type */
	int converted; /* -1: it has none */
};

static const struct kind_info kind_infos[] = {
    [PARQUET_TIME] = {2, 10}, /* INT64, TIMESTAMP_MICROS */
    [PARQUET_DECIMAL] = {2, 5},
    [PARQUET_REAL] = {5, -1},  /* DOUBLE */
    [PARQUET_INT32] = {1, 17}, /* INT32, INT_32 */
    [PARQUET_INT64] = {2, 18}, /* INT64, INT_64 */
    [PARQUET_FLAG] = {0, -1},  /* BOOLEAN */
    [PARQUET_TEXT] = {6, 0},   /* BYTE_ARRAY, UTF8 */
};

enum { REQUIRED = 0, OPTIONAL = 1, REPEATED = 2 };

#define CONVERTED_LIST    3
#define DECIMAL_SCALE     6
#define DECIMAL_PRECISION 18

int schema_physical(enum parquet_kind kind)
{
	return kind_infos[kind].physical;
}

static void put_logical(struct out *o, int *last, enum parquet_kind kind)
{
	int type = 0, inner = 0, unit = 0;
	if (kind != PARQUET_TIME && kind != PARQUET_DECIMAL && kind != PARQUET_TEXT)
		return;
	thrift_field(o, last, 10, THRIFT_STRUCT);
	if (kind == PARQUET_TEXT) {
		thrift_empty(o, &type, 1);
	} else if (kind == PARQUET_DECIMAL) {
		thrift_field(o, &type, 5, THRIFT_STRUCT);
		thrift_int(o, &inner, 1, THRIFT_I32, DECIMAL_SCALE);
		thrift_int(o, &inner, 2, THRIFT_I32, DECIMAL_PRECISION);
		thrift_end(o);
	} else { /* a timestamp that is not adjusted, in microseconds */
		thrift_field(o, &type, 8, THRIFT_STRUCT);
		thrift_flag(o, &inner, 1, false);
		thrift_field(o, &inner, 2, THRIFT_STRUCT);
		thrift_empty(o, &unit, 2);
		thrift_end(o);
		thrift_end(o);
	}
	thrift_end(o);
}

/* A leaf of the schema. */
static void put_leaf(struct out *o, const char *name, enum parquet_kind kind)
{
	int last = 0;
	const struct kind_info *k = &kind_infos[kind];
	thrift_int(o, &last, 1, THRIFT_I32, k->physical);
	thrift_int(o, &last, 3, THRIFT_I32, OPTIONAL);
	thrift_field(o, &last, 4, THRIFT_BINARY);
	thrift_text(o, name);
	if (k->converted >= 0)
		thrift_int(o, &last, 6, THRIFT_I32, k->converted);
	if (kind == PARQUET_DECIMAL) {
		thrift_int(o, &last, 7, THRIFT_I32, DECIMAL_SCALE);
		thrift_int(o, &last, 8, THRIFT_I32, DECIMAL_PRECISION);
	}
	put_logical(o, &last, kind);
	thrift_end(o);
}

/* A node of the schema that has others; repetition and converted -1: it says none. */
static void put_node(
    struct out *o, const char *name, size_t children, int repetition, int converted)
{
	int last = 0;
	thrift_int(o, &last, 3, THRIFT_I32, repetition);
	thrift_field(o, &last, 4, THRIFT_BINARY);
	thrift_text(o, name);
	thrift_int(o, &last, 5, THRIFT_I32, (int64_t)children);
	if (converted >= 0)
		thrift_int(o, &last, 6, THRIFT_I32, converted);
	thrift_end(o);
}

int schema_put(struct out *o, const struct parquet_field *fields, size_t n)
{
	int last = 0;
	size_t lists = 0;
	for (size_t i = 0; i < n; i++)
		lists += fields[i].list;
	thrift_int(o, &last, 1, THRIFT_I32, 1); /* version */
	thrift_list(o, &last, 2, THRIFT_STRUCT, 1 + n + 2 * lists);
	put_node(o, "schema", n, REQUIRED, -1);
	for (size_t i = 0; i < n; i++) {
		const struct parquet_field *f = &fields[i];
		if (f->list) {
			put_node(o, f->name, 1, OPTIONAL, CONVERTED_LIST);
			put_node(o, "list", 1, REPEATED, -1);
		}
		put_leaf(o, f->list ? "element" : f->name, f->kind);
	}
	return last;
}
