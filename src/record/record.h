/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The narrow waist: typed records, produced from packets or from
 * logs, consumed by the store and the detectors. record/tables.h says
 * the columns once; here they become C structs (struct conn_record,
 * struct dns_record, …) and a description that generic code walks.
 */
#ifndef DWELL_RECORD_RECORD_H
#define DWELL_RECORD_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"
#include "base/str.h"
#include "record/tables.h"

struct str_list {
	const struct str *v; /* borrowed */
	size_t n;
};

struct int_list {
	const int64_t *v; /* borrowed */
	size_t n;
};

/* The C type of each kind; what "absent" (NULL in the table) is, in brackets. */
typedef struct moment field_TIME;    /* UTC, stored in microseconds [MOMENT_NONE] */
typedef double field_SECONDS;        /* [NaN] */
typedef double field_REAL;           /* [NaN] */
typedef struct addr field_IP;        /* stored as text [all zero] */
typedef uint16_t field_PORT;         /* never absent */
typedef uint64_t field_COUNT;        /* never absent */
typedef int64_t field_INT;           /* [negative] */
typedef int8_t field_FLAG;           /* 0 or 1 [negative] */
typedef struct str field_TEXT;       /* clean UTF-8 [p == NULL] */
typedef struct str_list field_TEXTS; /* an empty list is not NULL */
typedef struct int_list field_INTS;

enum field_kind {
	FIELD_TIME,
	FIELD_SECONDS,
	FIELD_REAL,
	FIELD_IP,
	FIELD_PORT,
	FIELD_COUNT,
	FIELD_INT,
	FIELD_FLAG,
	FIELD_TEXT,
	FIELD_TEXTS,
	FIELD_INTS,
};

// clang-format off
enum record_type {
#define T(TYPE, type, table, FIELDS, what) RECORD_##TYPE,
	RECORD_TABLES(T)
#undef T
	RECORD_TYPES
};
// clang-format on

#define F(KIND, name, meaning) field_##KIND name;
#define T(TYPE, type, table, FIELDS, what)                                               \
	struct type##_record {                                                           \
		FIELDS(F)                                                                \
	};
RECORD_TABLES(T)
#undef T
#undef F

struct field_info {
	const char *name;
	const char *meaning;
	enum field_kind kind;
	size_t offset; /* in the record's struct */
};

struct record_info {
	const char *table;               /* name of the table and of its folder */
	const char *what;                /* what a row is */
	const struct field_info *fields; /* in column order */
	size_t field_count;
	size_t size; /* bytes of the record's struct */
};

/* The description of a record type; static, never NULL for type < RECORD_TYPES. */
const struct record_info *record_info(enum record_type type);

/* Set every field of the record of that type at
 * *record to absent, counts and ports to 0. */
void record_clear(enum record_type type, void *record);

/*
 * Where records go. The record and all it points to is borrowed
 * until the call returns. There is no result: a sink that fails
 * remembers its error, stops accepting, and its owner asks it.
 */
struct record_sink {
	void (*put)(void *ctx, enum record_type type, const void *record);
	void *ctx;
};

/* Give a record to the sink. */
static inline void record_put(
    const struct record_sink *sink, enum record_type type, const void *record)
{
	sink->put(sink->ctx, type, record);
}

#endif
