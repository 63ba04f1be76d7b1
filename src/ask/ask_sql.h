/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL of questions: conditions on sorted columns, and where the rows come from. */
#ifndef DWELL_ASK_ASK_SQL_H
#define DWELL_ASK_ASK_SQL_H

#include "ask/ask_plan.h"
#include "base/moment.h"
#include "engine/sql.h"

/* The columns of days, in order. */
#define ASK_MONTHS "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,\"dec\""

/* The name of a kind in the table seen; static. */
const char *ask_kind_name(enum ask_kind kind);

/* Put a source made of the plain rows. */
void ask_sql_raw(struct sql *sql, enum ask_source source);

/* The names of the views that a source reads: the plain tables' if raw, else none, since
 * ask_put_from names the files; static. */
const char *ask_sql_tables(enum ask_source source, bool raw);

/* Put " AND …" for the values of a pick, of a list those numbered [from, end). */
void ask_sql_pick(struct sql *sql, const char *column, const struct ask_pick *pick,
    size_t from, size_t end);

/* Put before and the moment as a literal. */
void ask_sql_time(struct sql *sql, const char *before, struct moment m);

/* Put the years of the span as a condition on ts. */
void ask_sql_years(struct sql *sql, const struct ask_question *q);

#endif
