/* SPDX-License-Identifier: Apache-2.0 */
#include "record/rollup.h"

#define R(RULE, KIND, name, meaning) {#name, meaning, RULE_##RULE, FIELD_##KIND},
#define T(TYPE, type, table, FIELDS, what)                                               \
	static const struct rollup_field type##_fields[] = {FIELDS(R)};                  \
	_Static_assert(                                                                  \
	    sizeof(type##_fields) <= ROLLUP_FIELDS_MAX * sizeof(struct rollup_field),    \
	    "too many columns: " table);
ROLLUP_TABLES(T)
#undef T
#undef R

#define KEY_COUNT_KEY +1
#define KEY_COUNT_MIN
#define KEY_COUNT_MAX
#define KEY_COUNT_SUM
#define KEY_COUNT_OR
#define R(RULE, KIND, name, meaning) KEY_COUNT_##RULE
static const struct rollup_info infos[ROLLUP_TYPES] = {
#define T(TYPE, type, table, FIELDS, what)                                               \
	[ROLLUP_##TYPE] = {table, what, type##_fields,                                   \
	    sizeof(type##_fields) / sizeof(type##_fields[0]), 0 FIELDS(R)},
    ROLLUP_TABLES(T)
#undef T
};
#undef R

const struct rollup_info *rollup_info(enum rollup_type type)
{
	return &infos[type];
}
