/* SPDX-License-Identifier: Apache-2.0 */
/* The roll-ups of record/tables.h as a description that generic code walks. */
#ifndef DWELL_RECORD_ROLLUP_H
#define DWELL_RECORD_ROLLUP_H

#include "record/record.h"

#define ROLLUP_FIELDS_MAX 32 /* columns of a roll-up */

// clang-format off
enum rollup_type {
#define T(TYPE, type, table, FIELDS, what) ROLLUP_##TYPE,
	ROLLUP_TABLES(T)
#undef T
	ROLLUP_TYPES
};

/* The columns by number: COLUMN_pair_day_src_ip, ... */
#define T(TYPE, type, table, FIELDS, what) \
	enum type##_column { FIELDS(type) type##_COLUMNS };
#define pair_day(RULE, KIND, name, meaning) COLUMN_pair_day_##name,
#define pair_month(RULE, KIND, name, meaning) COLUMN_pair_month_##name,
#define pair_year(RULE, KIND, name, meaning) COLUMN_pair_year_##name,
#define seen(RULE, KIND, name, meaning) COLUMN_seen_##name,
#define watch_hour(RULE, KIND, name, meaning) COLUMN_watch_hour_##name,
ROLLUP_TABLES(T)
#undef pair_day
#undef pair_month
#undef pair_year
#undef seen
#undef watch_hour
#undef T
// clang-format on

/* How rows of the same key are joined. */
enum rollup_rule { RULE_KEY, RULE_MIN, RULE_MAX, RULE_SUM, RULE_OR };

struct rollup_field {
	const char *name;
	const char *meaning;
	enum rollup_rule rule;
	enum field_kind kind;
};

struct rollup_info {
	const char *table;                 /* name of the view */
	const char *what;                  /* what a row is */
	const struct rollup_field *fields; /* in column order: the keys come first */
	size_t field_count;
	size_t key_count;
};

/* The description of a roll-up; static, never NULL for type < ROLLUP_TYPES. */
const struct rollup_info *rollup_info(enum rollup_type type);

#endif
