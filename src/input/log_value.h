/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of a log line as it stands there, and what it means as a record's column.
 * Nothing is copied until a column needs it: a line of twenty values of which ten are
 * kept costs ten conversions.
 *
 * A value that does not have the form its column needs is absent (or 0 for counts); the
 * reader that must not miss it (a time, an address) tests for that.
 */
#ifndef DWELL_INPUT_LOG_VALUE_H
#define DWELL_INPUT_LOG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "record/record.h"

#define VALUE_LIST_MAX 1024 /* elements of a list that are kept */

enum value_form {
	VALUE_ABSENT,
	VALUE_PLAIN,   /* as it stands */
	VALUE_TSV,     /* Zeek's: \xNN and \\; lists joined by set */
	VALUE_STRING,  /* inside JSON's quotes, without a backslash */
	VALUE_ESCAPED, /* the same with backslashes */
	VALUE_NUMBER,  /* JSON */
	VALUE_TRUE,
	VALUE_FALSE,
	VALUE_ARRAY, /* JSON, its brackets included */
	VALUE_OBJECT /* JSON, its braces included */
};

struct log_value {
	const char *p; /* borrowed from the line */
	uint32_t n;
	uint8_t form; /* enum value_form */
	char set;     /* what joins the elements of a list; VALUE_TSV and VALUE_PLAIN */
};

/* Its text, unescaped and clean; absent when it is not there or not a text. */
struct str cell_text(const struct log_value *v, struct arena *a);

/* The same in lower case. */
struct str cell_lower(const struct log_value *v, struct arena *a);

/* Its bytes as they stand, neither unescaped nor cleaned: to compare, to hash. */
static inline struct str cell_raw(const struct log_value *v)
{
	return v->form != VALUE_ABSENT ? (struct str){v->p, v->n} : (struct str){0};
}

/* Whether its bytes are those of the text. */
bool cell_is(const struct log_value *v, struct str text);

/* An address, IPv4 or IPv6; false, with *a unset, when it is none. */
bool cell_addr(const struct log_value *v, struct addr *a);

/* A whole number that is not negative, saturating; 0 when it is none. */
uint64_t cell_count(const struct log_value *v);

/* The same at most 65535. */
uint16_t cell_port(const struct log_value *v);

/* The same; -1 when it is none. */
int64_t cell_int(const struct log_value *v);

/* A number of seconds, not negative; NaN when it is none. */
double cell_seconds(const struct log_value *v);

/* T, true, 1 or F, false, 0; -1 when it is neither. */
int8_t cell_flag(const struct log_value *v);

/* Seconds since 1970 with a fraction, or ISO 8601 with or without a zone (none: UTC),
 * exact to the microsecond; MOMENT_NONE when it is neither. */
struct moment cell_time(const struct log_value *v);

/* Its elements, at most VALUE_LIST_MAX; a value that is no list is a list of itself. */
struct str_list cell_texts(const struct log_value *v, struct arena *a);

/* Its elements as whole seconds (fractions cut off); what is no number is 0. */
struct int_list cell_whole(const struct log_value *v, struct arena *a);

/* Step through the elements of a list: *at is 0 at first, then moved on. False at the
 * end. Elements are not split any further. */
bool cell_next(const struct log_value *v, size_t *at, struct log_value *element);

/* What stands in a decimal number: digits, and up to nine of the fraction. */
struct cell_decimal {
	bool negative;
	uint64_t whole; /* saturating */
	uint32_t nano;  /* billionths */
};

/* Read the n bytes at p as a decimal number, with an exponent or without; false when
 * they are none. */
bool cell_decimal(const char *p, size_t n, struct cell_decimal *d);

#endif
