/* SPDX-License-Identifier: Apache-2.0 */
#include "store/value.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/stage.h"
#include "record/json.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 wider;

struct value_column value_column_of(duckdb_logical_type logical)
{
	return (struct value_column){
	    .logical = logical, .type = duckdb_get_type_id(logical)};
}

void value_column_set(struct value_column *c, duckdb_vector vector)
{
	c->vector = vector;
	c->data = duckdb_vector_get_data(vector);
	c->validity = duckdb_vector_get_validity(vector);
}

/* ---- kinds of types ---- */

/* What family a type belongs to: the functions below switch over these few. */
enum family { WHOLE, REAL, STAMP, TEXT, NESTED, SCALAR, UNKNOWN };

static const uint8_t families[] = {
    [DUCKDB_TYPE_INVALID] = UNKNOWN,
    [DUCKDB_TYPE_BOOLEAN] = SCALAR,
    [DUCKDB_TYPE_TINYINT] = WHOLE,
    [DUCKDB_TYPE_SMALLINT] = WHOLE,
    [DUCKDB_TYPE_INTEGER] = WHOLE,
    [DUCKDB_TYPE_BIGINT] = WHOLE,
    [DUCKDB_TYPE_UTINYINT] = WHOLE,
    [DUCKDB_TYPE_USMALLINT] = WHOLE,
    [DUCKDB_TYPE_UINTEGER] = WHOLE,
    [DUCKDB_TYPE_UBIGINT] = WHOLE,
    [DUCKDB_TYPE_HUGEINT] = WHOLE,
    [DUCKDB_TYPE_UHUGEINT] = WHOLE,
    [DUCKDB_TYPE_FLOAT] = REAL,
    [DUCKDB_TYPE_DOUBLE] = REAL,
    [DUCKDB_TYPE_DECIMAL] = REAL,
    [DUCKDB_TYPE_TIMESTAMP] = STAMP,
    [DUCKDB_TYPE_TIMESTAMP_TZ] = STAMP,
    [DUCKDB_TYPE_TIMESTAMP_S] = STAMP,
    [DUCKDB_TYPE_TIMESTAMP_MS] = STAMP,
    [DUCKDB_TYPE_TIMESTAMP_NS] = STAMP,
    [DUCKDB_TYPE_DATE] = STAMP,
    [DUCKDB_TYPE_VARCHAR] = TEXT,
    [DUCKDB_TYPE_TIME] = SCALAR,
    [DUCKDB_TYPE_INTERVAL] = SCALAR,
    [DUCKDB_TYPE_BLOB] = SCALAR,
    [DUCKDB_TYPE_UUID] = SCALAR,
    [DUCKDB_TYPE_ENUM] = SCALAR,
    [DUCKDB_TYPE_SQLNULL] = SCALAR,
    [DUCKDB_TYPE_LIST] = NESTED,
    [DUCKDB_TYPE_ARRAY] = NESTED,
    [DUCKDB_TYPE_STRUCT] = NESTED,
    [DUCKDB_TYPE_MAP] = NESTED,
    [DUCKDB_TYPE_UNION] = UNKNOWN,
    [DUCKDB_TYPE_BIT] = UNKNOWN,
    [DUCKDB_TYPE_TIME_TZ] = UNKNOWN,
    [DUCKDB_TYPE_ANY] = UNKNOWN,
    [DUCKDB_TYPE_BIGNUM] = UNKNOWN,
    [DUCKDB_TYPE_STRING_LITERAL] = UNKNOWN,
    [DUCKDB_TYPE_INTEGER_LITERAL] = UNKNOWN,
    [DUCKDB_TYPE_TIME_NS] = UNKNOWN,
};

static enum family family_of(duckdb_type type)
{
	return (size_t)type < sizeof(families) ? (enum family)families[type] : UNKNOWN;
}

bool value_is_shown(duckdb_type type)
{
	return family_of(type) != UNKNOWN;
}

enum store_type value_store_type(duckdb_type type)
{
	switch (family_of(type)) {
	case WHOLE:
		return type == DUCKDB_TYPE_UBIGINT ? STORE_UINT : STORE_INT;
	case REAL:
		return STORE_REAL;
	case STAMP:
		return STORE_TIME;
	case TEXT:
		return STORE_TEXT;
	case SCALAR:
		return type == DUCKDB_TYPE_BOOLEAN ? STORE_BOOL : STORE_OTHER;
	case NESTED:
	case UNKNOWN:
		break;
	}
	return STORE_OTHER;
}

/* ---- numbers ---- */

static wide from_huge(duckdb_hugeint v)
{
	return (wide)((wider)(uint64_t)v.upper << 64 | v.lower);
}

/* Any whole number but UHUGEINT. */
static wide whole(duckdb_type type, const void *data, size_t row)
{
	switch ((int)type) {
	case DUCKDB_TYPE_BOOLEAN:
		return ((const bool *)data)[row];
	case DUCKDB_TYPE_TINYINT:
		return ((const int8_t *)data)[row];
	case DUCKDB_TYPE_SMALLINT:
		return ((const int16_t *)data)[row];
	case DUCKDB_TYPE_INTEGER:
		return ((const int32_t *)data)[row];
	case DUCKDB_TYPE_BIGINT:
		return ((const int64_t *)data)[row];
	case DUCKDB_TYPE_UTINYINT:
		return ((const uint8_t *)data)[row];
	case DUCKDB_TYPE_USMALLINT:
		return ((const uint16_t *)data)[row];
	case DUCKDB_TYPE_UINTEGER:
		return ((const uint32_t *)data)[row];
	case DUCKDB_TYPE_UBIGINT:
		return ((const uint64_t *)data)[row];
	case DUCKDB_TYPE_HUGEINT:
		return from_huge(((const duckdb_hugeint *)data)[row]);
	default:
		return 0;
	}
}

static wider uhuge(const void *data, size_t row)
{
	duckdb_uhugeint v = ((const duckdb_uhugeint *)data)[row];
	return (wider)v.upper << 64 | v.lower;
}

int64_t value_int(const struct value_column *c, size_t row)
{
	if (c->type == DUCKDB_TYPE_UHUGEINT) {
		wider v = uhuge(c->data, row);
		return v > INT64_MAX ? INT64_MAX : (int64_t)v;
	}
	wide v = whole(c->type, c->data, row);
	if (v > INT64_MAX)
		return INT64_MAX;
	return v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

uint64_t value_uint(const struct value_column *c, size_t row)
{
	if (c->type == DUCKDB_TYPE_UHUGEINT) {
		wider v = uhuge(c->data, row);
		return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
	}
	wide v = whole(c->type, c->data, row);
	if (v < 0)
		return 0;
	return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

/* The unscaled digits of a DECIMAL: it is stored in the smallest whole type that fits. */
static wide decimal_digits(const struct value_column *c, size_t row)
{
	return whole(duckdb_decimal_internal_type(c->logical), c->data, row);
}

double value_real(const struct value_column *c, size_t row)
{
	switch ((int)c->type) {
	case DUCKDB_TYPE_FLOAT:
		return (double)((const float *)c->data)[row];
	case DUCKDB_TYPE_DOUBLE:
		return ((const double *)c->data)[row];
	case DUCKDB_TYPE_DECIMAL:
		return (double)decimal_digits(c, row) /
		       pow(10, duckdb_decimal_scale(c->logical));
	case DUCKDB_TYPE_UHUGEINT:
		return (double)uhuge(c->data, row);
	default:
		break;
	}
	return family_of(c->type) == WHOLE ? (double)whole(c->type, c->data, row)
					   : (double)NAN;
}

/* ---- time ---- */

/* Microseconds since 1970 of any point in time, saturating. */
static int64_t micros(const struct value_column *c, size_t row)
{
	int64_t v = c->type == DUCKDB_TYPE_DATE ? ((const int32_t *)c->data)[row]
						: ((const int64_t *)c->data)[row];
	int64_t factor = 1, us;
	if (c->type == DUCKDB_TYPE_TIMESTAMP_NS)
		return moment_us((struct moment){v});
	if (c->type == DUCKDB_TYPE_TIMESTAMP_MS)
		factor = 1000;
	if (c->type == DUCKDB_TYPE_TIMESTAMP_S)
		factor = 1000000;
	if (c->type == DUCKDB_TYPE_DATE)
		factor = 86400 * 1000000LL;
	if (__builtin_mul_overflow(v, factor, &us))
		return v < 0 ? INT64_MIN : INT64_MAX;
	return us;
}

struct moment value_time(const struct value_column *c, size_t row)
{
	if (family_of(c->type) != STAMP)
		return MOMENT_NONE;
	return moment_from_us(micros(c, row));
}

static void show_stamp(FILE *out, const struct value_column *c, size_t row)
{
	duckdb_timestamp t = {micros(c, row)};
	if (!duckdb_is_finite_timestamp(t)) {
		fputs(t.micros < 0 ? "-infinity" : "infinity", out);
		return;
	}
	duckdb_timestamp_struct v = duckdb_from_timestamp(t);
	fprintf(out, "%04d-%02d-%02d", v.date.year, v.date.month, v.date.day);
	if (c->type != DUCKDB_TYPE_DATE)
		fprintf(out, "T%02d:%02d:%02d.%06dZ", v.time.hour, v.time.min, v.time.sec,
		    v.time.micros);
}

static void show_clock(FILE *out, int64_t us)
{
	uint64_t v = us < 0 ? -(uint64_t)us : (uint64_t)us;
	fprintf(out, "%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%06" PRIu64,
	    us < 0 ? "-" : "", v / 3600000000U, v / 60000000U % 60, v / 1000000U % 60,
	    v % 1000000U);
}

static void show_interval(FILE *out, duckdb_interval v)
{
	if (v.months != 0)
		fprintf(out, "%d months ", v.months);
	if (v.days != 0)
		fprintf(out, "%d days ", v.days);
	show_clock(out, v.micros);
}

/* ---- text ---- */

static void show_wider(FILE *out, wider v, bool minus, unsigned scale)
{
	char digits[48];
	size_t at = sizeof(digits);
	for (unsigned i = 0; v != 0 || i <= scale; i++) {
		if (i > 0 && i == scale)
			digits[--at] = '.';
		digits[--at] = (char)('0' + (int)(v % 10));
		v /= 10;
	}
	fprintf(out, "%s%.*s", minus ? "-" : "", (int)(sizeof(digits) - at), digits + at);
}

static void show_wide(FILE *out, wide v, unsigned scale)
{
	show_wider(out, v < 0 ? -(wider)v : (wider)v, v < 0, scale);
}

/* The shortest of three precisions that reads back as the same number. */
static void show_real(FILE *out, double v, bool single)
{
	char text[40];
	int least = single ? FLT_DIG : DBL_DIG;
	for (int digits = least; digits <= least + 2 + single; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		double back = strtod(text, NULL);
		if (single ? (float)back >= (float)v && (float)back <= (float)v
			   : back >= v && back <= v)
			break;
	}
	fputs(text, out);
}

static void show_uuid(FILE *out, duckdb_hugeint v)
{
	/* Kept with the top bit turned over, so that they sort as numbers. */
	uint64_t high = (uint64_t)v.upper ^ UINT64_C(1) << 63;
	fprintf(out,
	    "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
	    high >> 32, high >> 16 & 0xffff, high & 0xffff, v.lower >> 48,
	    v.lower & UINT64_C(0xffffffffffff));
}

static void show_blob(FILE *out, const duckdb_string_t *blob)
{
	struct str s = stage_str(blob);
	for (size_t i = 0; i < s.n; i++)
		fprintf(out, "%02x", (unsigned char)s.p[i]);
}

static void show_enum(FILE *out, const struct value_column *c, size_t row)
{
	wide index = whole(duckdb_enum_internal_type(c->logical), c->data, row);
	char *text = duckdb_enum_dictionary_value(c->logical, (idx_t)index);
	fputs(text != NULL ? text : "", out);
	duckdb_free(text);
}

static void show_scalar(FILE *out, const struct value_column *c, size_t row)
{
	switch ((int)c->type) {
	case DUCKDB_TYPE_BOOLEAN:
		fputs(((const bool *)c->data)[row] ? "true" : "false", out);
		break;
	case DUCKDB_TYPE_TIME:
		show_clock(out, ((const int64_t *)c->data)[row]);
		break;
	case DUCKDB_TYPE_INTERVAL:
		show_interval(out, ((const duckdb_interval *)c->data)[row]);
		break;
	case DUCKDB_TYPE_BLOB:
		show_blob(out, (const duckdb_string_t *)c->data + row);
		break;
	case DUCKDB_TYPE_UUID:
		show_uuid(out, ((const duckdb_hugeint *)c->data)[row]);
		break;
	case DUCKDB_TYPE_ENUM:
		show_enum(out, c, row);
		break;
	default:
		break;
	}
}

static void show_number(FILE *out, const struct value_column *c, size_t row)
{
	if (c->type == DUCKDB_TYPE_DECIMAL)
		show_wide(out, decimal_digits(c, row), duckdb_decimal_scale(c->logical));
	else if (c->type == DUCKDB_TYPE_UHUGEINT)
		show_wider(out, uhuge(c->data, row), false, 0);
	else if (family_of(c->type) == WHOLE)
		show_wide(out, whole(c->type, c->data, row), 0);
	else
		show_real(out, value_real(c, row), c->type == DUCKDB_TYPE_FLOAT);
}

void value_show(FILE *out, const struct value_column *c, size_t row)
{
	struct str text;
	switch (family_of(c->type)) {
	case WHOLE:
	case REAL:
		show_number(out, c, row);
		break;
	case STAMP:
		show_stamp(out, c, row);
		break;
	case TEXT:
		text = stage_str((const duckdb_string_t *)c->data + row);
		fwrite(text.p, 1, text.n, out);
		break;
	case NESTED:
		value_json(out, c, row, 0);
		break;
	case SCALAR:
		show_scalar(out, c, row);
		break;
	case UNKNOWN:
		break;
	}
}

/* ---- JSON ---- */

static struct value_column child_of(duckdb_logical_type logical, duckdb_vector vector)
{
	struct value_column child = value_column_of(logical);
	value_column_set(&child, vector);
	return child;
}

static void json_list(
    FILE *out, struct value_column *child, size_t from, size_t n, int depth)
{
	fputc('[', out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputc(',', out);
		value_json(out, child, from + i, depth);
	}
	fputc(']', out);
	duckdb_destroy_logical_type(&child->logical);
}

static void json_struct(FILE *out, const struct value_column *c, size_t row, int depth)
{
	idx_t n = duckdb_struct_type_child_count(c->logical);
	fputc('{', out);
	for (idx_t i = 0; i < n; i++) {
		char *name = duckdb_struct_type_child_name(c->logical, i);
		struct value_column child =
		    child_of(duckdb_struct_type_child_type(c->logical, i),
			duckdb_struct_vector_get_child(c->vector, i));
		if (i > 0)
			fputc(',', out);
		json_put_string(out, str_of(name));
		fputc(':', out);
		value_json(out, &child, row, depth);
		duckdb_destroy_logical_type(&child.logical);
		duckdb_free(name);
	}
	fputc('}', out);
}

static void json_nested(FILE *out, const struct value_column *c, size_t row, int depth)
{
	struct value_column child;
	if (c->type == DUCKDB_TYPE_STRUCT) {
		json_struct(out, c, row, depth);
	} else if (c->type == DUCKDB_TYPE_ARRAY) {
		size_t n = duckdb_array_type_array_size(c->logical);
		child = child_of(duckdb_array_type_child_type(c->logical),
		    duckdb_array_vector_get_child(c->vector));
		json_list(out, &child, row * n, n, depth);
	} else {
		/* A map is a list of structs of key and value. */
		duckdb_list_entry entry = ((const duckdb_list_entry *)c->data)[row];
		child = child_of(duckdb_list_type_child_type(c->logical),
		    duckdb_list_vector_get_child(c->vector));
		json_list(out, &child, entry.offset, entry.length, depth);
	}
}

static void json_quoted(FILE *out, const struct value_column *c, size_t row)
{
	char *text = NULL;
	size_t n = 0;
	FILE *shown = open_memstream(&text, &n);
	if (shown == NULL) {
		fputs("null", out);
		return;
	}
	value_show(shown, c, row);
	fclose(shown);
	json_put_string(out, (struct str){text, n});
	free(text);
}

void value_json(FILE *out, const struct value_column *c, size_t row, int depth)
{
	if (value_is_null(c, row) || depth == VALUE_DEPTH_MAX) {
		fputs("null", out);
		return;
	}
	switch (family_of(c->type)) {
	case REAL:
		if (!isfinite(value_real(c, row))) {
			fputs("null", out);
			break;
		}
		show_number(out, c, row);
		break;
	case WHOLE:
		show_number(out, c, row);
		break;
	case TEXT:
		json_put_string(out, stage_str((const duckdb_string_t *)c->data + row));
		break;
	case NESTED:
		json_nested(out, c, row, depth + 1);
		break;
	case SCALAR:
		if (c->type == DUCKDB_TYPE_BOOLEAN)
			show_scalar(out, c, row);
		else
			json_quoted(out, c, row);
		break;
	case STAMP:
		json_quoted(out, c, row);
		break;
	case UNKNOWN:
		fputs("null", out);
		break;
	}
}
