/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which roll-ups tell of a span of whole days: those of years where they fit, of months
 * and days at its ends.
 *
 *     since                                                until
 *       | days | months |        years        | months | days |
 */
#ifndef DWELL_ASK_ASK_SPAN_H
#define DWELL_ASK_ASK_SPAN_H

#include "ask/ask_answer.h"

#define ASK_PIECES_MAX 5

enum ask_level { ASK_LEVEL_YEAR, ASK_LEVEL_MONTH, ASK_LEVEL_DAY };

/* A part of the span, read from one level; no moment: open. */
struct ask_piece {
	enum ask_level level;
	struct moment from, to;
};

/* Cut a span into whole years where they fit, then months, then days; how many. */
size_t ask_span_cut(
    const struct ask_question *q, struct ask_piece out[static ASK_PIECES_MAX]);

/* Keep the days of the span; whether any is left. */
bool ask_span_clip_days(const struct ask_question *q, struct ask_year *days);

/* Where a row reaches out of the span, say what is known of it by the day. */
void ask_span_clip(const struct ask_question *q, struct ask_row *r);

#endif
