/* SPDX-License-Identifier: Apache-2.0 */
#include "store/coverage.h"

#include <stdio.h>

#include "store/memory.h"
#include "store/sql.h"

#define NS_PER_HOUR   (3600 * NS_PER_S)
#define NS_PER_MINUTE (60 * NS_PER_S)
#define MINUTES_MASK  ((UINT64_C(1) << 60) - 1)

/* The hours, in order, while they are read: what is watched up to at. */
struct walk {
	struct coverage *c;
	struct moment at; /* end of the last watched minute; MOMENT_NONE: none yet */
	struct moment hour;
	uint64_t minutes; /* of that hour, by all sources */
};

static void keep_gap(struct coverage *c, struct moment from, struct moment to)
{
	int64_t minutes = moment_diff(from, to) / NS_PER_MINUTE;
	if (minutes < COVERAGE_GAP_LEAST)
		return;
	c->gaps_all++;
	c->gap_minutes += (uint64_t)minutes;
	size_t i = c->gap_count;
	while (i > 0 && moment_diff(c->gaps[i - 1].from, c->gaps[i - 1].to) <
			    moment_diff(from, to))
		i--;
	if (i == COVERAGE_GAPS_MAX)
		return;
	if (c->gap_count < COVERAGE_GAPS_MAX)
		c->gap_count++;
	for (size_t k = c->gap_count - 1; k > i; k--)
		c->gaps[k] = c->gaps[k - 1];
	c->gaps[i] = (struct coverage_gap){from, to};
}

/* The minutes of an hour that lie in the span. */
static uint64_t in_span(const struct coverage *c, struct moment hour, uint64_t minutes)
{
	for (int m = 0; m < 60; m++) {
		struct moment at = moment_add(hour, m * NS_PER_MINUTE);
		if ((c->from.ns != MOMENT_NONE.ns && at.ns < c->from.ns) ||
		    (c->to.ns != MOMENT_NONE.ns && at.ns >= c->to.ns))
			minutes &= ~(UINT64_C(1) << m);
	}
	return minutes;
}

/* Count an hour whose rows are all read. */
static void end_hour(struct walk *w)
{
	struct coverage *c = w->c;
	uint64_t minutes = in_span(c, w->hour, w->minutes & MINUTES_MASK);
	if (w->hour.ns == MOMENT_NONE.ns || minutes == 0)
		return;
	c->hours_watched++;
	c->watched += (uint64_t)__builtin_popcountll(minutes);
	for (int m = 0; m < 60; m++) {
		struct moment at = moment_add(w->hour, m * NS_PER_MINUTE);
		if ((minutes >> m & 1) == 0)
			continue;
		if (w->at.ns == MOMENT_NONE.ns && c->from.ns == MOMENT_NONE.ns)
			c->from = at;
		keep_gap(c, w->at.ns == MOMENT_NONE.ns ? c->from : w->at, at);
		w->at = moment_add(at, NS_PER_MINUTE);
	}
}

enum {
	HOUR_TS,
	HOUR_KIND,
	HOUR_MINUTES,
	HOUR_PACKETS,
	HOUR_BYTES,
	HOUR_DROPS,
	HOUR_TRUNCATED,
	HOUR_MALFORMED,
	HOUR_UNSUPPORTED,
	HOUR_BAD_CHECKSUM,
	HOUR_CONNECTIONS,
	HOUR_ONE_WAY,
	HOUR_CLOCK_STEPS
};

static void count_kind(struct coverage *c, struct str kind)
{
	size_t i = 0;
	if (kind.p == NULL)
		kind = STR("packets");
	while (i < c->kind_count && !str_equal(str_of(c->kinds[i].name), kind))
		i++;
	if (i == COVERAGE_KINDS_MAX)
		return;
	if (i == c->kind_count) {
		snprintf(
		    c->kinds[i].name, sizeof(c->kinds[i].name), "%.*s", STR_ARG(kind));
		c->kind_count++;
	}
	c->kinds[i].hours++;
}

static void take_row(struct walk *w, const struct store_rows *r)
{
	struct coverage *c = w->c;
	struct moment ts = store_time(r, HOUR_TS);
	if (ts.ns != w->hour.ns) {
		end_hour(w);
		w->hour = ts;
		w->minutes = 0;
	}
	w->minutes |= store_uint(r, HOUR_MINUTES);
	count_kind(c, store_text(r, HOUR_KIND));
	c->packets += store_uint(r, HOUR_PACKETS);
	c->bytes += store_uint(r, HOUR_BYTES);
	c->drops += store_uint(r, HOUR_DROPS);
	c->truncated += store_uint(r, HOUR_TRUNCATED);
	c->malformed += store_uint(r, HOUR_MALFORMED);
	c->unsupported += store_uint(r, HOUR_UNSUPPORTED);
	c->bad_checksum += store_uint(r, HOUR_BAD_CHECKSUM);
	c->connections += store_uint(r, HOUR_CONNECTIONS);
	c->one_way += store_uint(r, HOUR_ONE_WAY);
	c->clock_steps += store_uint(r, HOUR_CLOCK_STEPS);
}

/* After the last row: the end of the span, and its length. */
static void finish(struct walk *w)
{
	struct coverage *c = w->c;
	end_hour(w);
	if (c->to.ns == MOMENT_NONE.ns && w->at.ns != MOMENT_NONE.ns)
		c->to = w->at;
	if (c->from.ns == MOMENT_NONE.ns || c->to.ns == MOMENT_NONE.ns ||
	    c->to.ns <= c->from.ns)
		return;
	keep_gap(c, w->at.ns == MOMENT_NONE.ns ? c->from : w->at, c->to);
	c->minutes = (uint64_t)(moment_diff(c->from, c->to) / NS_PER_MINUTE);
	int64_t first = c->from.ns / NS_PER_HOUR - (c->from.ns % NS_PER_HOUR < 0);
	int64_t last = (c->to.ns - 1) / NS_PER_HOUR - ((c->to.ns - 1) % NS_PER_HOUR < 0);
	c->hours = (uint64_t)(last - first + 1);
}

/* Rows by the hour; of an older memory that has no such roll-up, by the minute. */
static void put_query(struct sql *sql, bool raw, struct moment since, struct moment until,
    const char *sensor)
{
	char text[MOMENT_TEXT_MAX];
	sql_format(sql,
	    "SELECT %s AS ts,kind,%s AS minutes,packets,bytes,drops,truncated,malformed,"
	    "unsupported,bad_checksum,connections,one_way,clock_steps FROM %s WHERE ts "
	    "IS "
	    "NOT NULL",
	    raw ? "date_trunc('hour',ts)::TIMESTAMP" : "ts",
	    raw ? "1::BIGINT<<minute(ts)" : "minutes", raw ? "watch" : "watch_hour");
	if (since.ns != MOMENT_NONE.ns) {
		size_t n = moment_text(since, text);
		text[n - 1] = '\0';
		sql_format(sql, " AND ts>=date_trunc('hour',TIMESTAMP '%s')", text);
	}
	if (until.ns != MOMENT_NONE.ns) {
		size_t n = moment_text(until, text);
		text[n - 1] = '\0';
		sql_format(sql, " AND ts<TIMESTAMP '%s'", text);
	}
	if (sensor != NULL) {
		sql_put(sql, " AND sensor=");
		sql_quote(sql, sensor);
	}
	sql_put(sql, " ORDER BY 1");
}

static int read_rows(
    struct store *s, const char *table, const char *sql, struct walk *w, struct error *e)
{
	struct store_rows *r = memory_query(s, table, sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		take_row(w, r);
	int status = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return status;
}

static int read_from(
    struct store *s, bool raw, const char *sensor, struct walk *w, struct error *e)
{
	struct sql sql = sql_start();
	put_query(&sql, raw, w->c->from, w->c->to, sensor);
	const char *text = sql_text(&sql, e);
	int status =
	    text != NULL ? read_rows(s, raw ? "watch" : "watch_hour", text, w, e) : -1;
	sql_free(&sql);
	return status;
}

int coverage_read(struct store *s, struct moment since, struct moment until,
    const char *sensor, struct coverage *c, struct error *e)
{
	struct walk w = {.c = c, .at = MOMENT_NONE, .hour = MOMENT_NONE};
	*c = (struct coverage){.from = since, .to = until};
	if (read_from(s, false, sensor, &w, e) < 0)
		return -1;
	if (w.hour.ns == MOMENT_NONE.ns && read_from(s, true, sensor, &w, e) < 0)
		return -1;
	finish(&w);
	return 0;
}

double coverage_share(const struct coverage *c)
{
	return c->minutes > 0 ? (double)c->watched / (double)c->minutes : 0;
}

double coverage_loss(const struct coverage *c)
{
	double all = (double)c->packets + (double)c->drops;
	return all > 0 ? (double)c->drops / all : 0;
}
