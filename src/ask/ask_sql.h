/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL of questions: conditions on sorted columns, and where the rows come from. */
#ifndef DWELL_ASK_ASK_SQL_H
#define DWELL_ASK_ASK_SQL_H

#include "ask/ask_plan.h"
#include "base/moment.h"
#include "engine/sql.h"

/* The columns of days, in order. */
#define ASK_MONTHS "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,\"dec\""

/* Tables that have the columns of the roll-up. S(ENUMERATOR, "view") */
/* clang-format off */
#define ASK_SOURCES(S) \
	S(YEAR,         "pair_year") \
	S(YEAR_BY_DST,  "pair_year_by_dst") \
	S(MONTH,        "pair_month") \
	S(MONTH_BY_DST, "pair_month_by_dst") \
	S(DAY,          "pair_day") \
	S(DAY_BY_DST,   "pair_day_by_dst") \
	S(SEEN,         "seen")

enum ask_source {
#define S(ENUMERATOR, view) ASK_SOURCE_##ENUMERATOR,
	ASK_SOURCES(S)
#undef S
	ASK_SOURCE_COUNT
};
/* clang-format on */

/* The name of a kind in the table seen; static. */
const char *ask_kind_name(enum ask_kind kind);

/* Put a table to read from; raw: made of the plain rows. */
void ask_sql_source(struct sql *sql, enum ask_source source, bool raw);

/* The names of the tables that such a source reads; static. */
const char *ask_sql_tables(enum ask_source source, bool raw);

/* Put any text as a literal. */
void ask_sql_literal(struct sql *sql, struct str text);

/* Put " AND …" for the values of a pick, of a list those numbered [from, end). */
void ask_sql_pick(struct sql *sql, const char *column, const struct ask_pick *pick,
    size_t from, size_t end);

/* Put before and the moment as a literal. */
void ask_sql_time(struct sql *sql, const char *before, struct moment m);

/* Put the years of the span as a condition on ts. */
void ask_sql_years(struct sql *sql, const struct ask_question *q);

#endif
