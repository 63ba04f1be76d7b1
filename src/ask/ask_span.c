/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask_span.h"

static int64_t day_of(struct moment m)
{
	return moment_day(m);
}

static struct moment moment_of_day(int64_t day)
{
	return moment_from(day * 86400, 0);
}

/* The first day of the month or year at or after a day. */
static int64_t round_up(int64_t day, enum ask_level level)
{
	int y;
	unsigned m, d;
	civil_from_days(day, &y, &m, &d);
	if (level == ASK_LEVEL_MONTH && d > 1) {
		y += m == 12;
		m = m % 12 + 1;
	} else if (level == ASK_LEVEL_YEAR && (d > 1 || m > 1)) {
		y++;
		m = 1;
	}
	return level == ASK_LEVEL_DAY ? day : days_from_civil(y, m, 1);
}

/* The first day of the month or year that holds a day. */
static int64_t round_down(int64_t day, enum ask_level level)
{
	int y;
	unsigned m, d;
	civil_from_days(day, &y, &m, &d);
	return level == ASK_LEVEL_DAY
		   ? day
		   : days_from_civil(y, level == ASK_LEVEL_YEAR ? 1 : m, 1);
}

#define DAY_FIRST INT64_C(-106752) /* the days that a moment can be in */
#define DAY_LAST  INT64_C(106751)

/* Cut a span into whole years where they fit, then months, then days. */
size_t ask_span_cut(
    const struct ask_question *q, struct ask_piece out[static ASK_PIECES_MAX])
{
	size_t n = 0;
	bool begins = q->since.ns != MOMENT_NONE.ns, ends = q->until.ns != MOMENT_NONE.ns;
	int64_t at = begins ? day_of(q->since) : DAY_FIRST;
	int64_t to = ends ? day_of(q->until) : DAY_LAST;
	if (!begins && !ends) {
		out[n++] = (struct ask_piece){ASK_LEVEL_YEAR, MOMENT_NONE, MOMENT_NONE};
		return n;
	}
	for (int level = begins ? ASK_LEVEL_DAY : ASK_LEVEL_YEAR; level > ASK_LEVEL_YEAR;
	     level--) {
		int64_t next = round_up(at, (enum ask_level)(level - 1));
		if (next > to)
			break; /* no whole month or year is left */
		if (next > at)
			out[n++] = (struct ask_piece){(enum ask_level)level,
			    moment_of_day(at), moment_of_day(next)};
		at = next;
	}
	for (int level = ASK_LEVEL_YEAR; level <= ASK_LEVEL_DAY && at < to; level++) {
		int64_t next = ends ? round_down(to, (enum ask_level)level) : to;
		if (next <= at)
			continue;
		out[n++] = (struct ask_piece){(enum ask_level)level,
		    at == DAY_FIRST ? MOMENT_NONE : moment_of_day(at),
		    next == DAY_LAST ? MOMENT_NONE : moment_of_day(next)};
		at = next;
	}
	return n;
}

/* ---- days ---- */

/* The days of a month that lie in the span. */
static uint32_t span_mask(const struct ask_question *q, int year, unsigned month)
{
	uint32_t mask = 0x7fffffff;
	int64_t first = days_from_civil(year, month, 1);
	if (q->since.ns != MOMENT_NONE.ns) {
		int64_t skip = day_of(q->since) - first;
		mask &= skip <= 0   ? mask
			: skip > 31 ? 0
				    : (uint32_t)(0xffffffffU << skip);
	}
	if (q->until.ns != MOMENT_NONE.ns) {
		int64_t keep = day_of(q->until) - first;
		mask &= keep <= 0 ? 0 : keep >= 31 ? mask : (uint32_t)((1U << keep) - 1);
	}
	return mask;
}

static bool has_days(const struct ask_year *days)
{
	uint32_t any = 0;
	for (unsigned i = 0; i < 12; i++)
		any |= days->mask[i];
	return any != 0;
}

/* Keep the days of the span; whether any is left. */
bool ask_span_clip_days(const struct ask_question *q, struct ask_year *days)
{
	uint32_t any = 0;
	if (q->since.ns == MOMENT_NONE.ns && q->until.ns == MOMENT_NONE.ns)
		return has_days(days);
	for (unsigned i = 0; i < 12; i++)
		any |= days->mask[i] &= span_mask(q, days->year, i + 1);
	return any != 0;
}

/* The first or last day that is set. */
static int64_t end_day(const struct ask_year *days, bool last)
{
	for (unsigned i = 0; i < 12; i++) {
		unsigned month = last ? 11 - i : i;
		uint32_t mask = days->mask[month];
		if (mask == 0)
			continue;
		int bit = last ? 31 - __builtin_clz(mask) : __builtin_ctz(mask);
		return days_from_civil(days->year, month + 1, 1) + bit;
	}
	return 0;
}

/* Where a row of a year reaches out of the span, say what is known of it by the day. */
void ask_span_clip(const struct ask_question *q, struct ask_row *r)
{
	bool before = q->since.ns != MOMENT_NONE.ns && r->first.ns < q->since.ns;
	bool after = q->until.ns != MOMENT_NONE.ns && r->last.ns >= q->until.ns;
	if (before)
		r->first = moment_of_day(end_day(&r->days, false));
	if (after)
		r->last =
		    moment_add(moment_of_day(end_day(&r->days, true) + 1), -NS_PER_US);
	r->coarse = before || after;
}
