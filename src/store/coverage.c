/* SPDX-License-Identifier: Apache-2.0 */
#include "store/coverage.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/sql.h"
#include "store/memory.h"

#define NS_PER_HOUR   (3600 * NS_PER_S)
#define NS_PER_MINUTE (60 * NS_PER_S)
#define MINUTES_MASK  ((UINT64_C(1) << 60) - 1)

/* The hours, in order, while they are read: what is watched up to at. */
struct walk {
	struct coverage *c;
	struct moment at; /* end of the last watched minute; MOMENT_NONE: none yet */
	struct coverage_hour hour;    /* all sources so far; ts MOMENT_NONE: none */
	struct coverage_index *index; /* where hours go instead; NULL: nowhere */
	bool no_memory;
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
	bool begins = c->from.ns != MOMENT_NONE.ns, ends = c->to.ns != MOMENT_NONE.ns;
	if ((!begins || c->from.ns <= hour.ns) &&
	    (!ends || c->to.ns - hour.ns >= NS_PER_HOUR))
		return minutes;
	for (int m = 0; m < 60; m++) {
		struct moment at = moment_add(hour, m * NS_PER_MINUTE);
		if ((begins && at.ns < c->from.ns) || (ends && at.ns >= c->to.ns))
			minutes &= ~(UINT64_C(1) << m);
	}
	return minutes;
}

/* Count what is watched of an hour. Within one no gap is long enough to be told, so its
 * first and last minutes say all. */
static void count_hour(struct walk *w, const struct coverage_hour *h)
{
	struct coverage *c = w->c;
	c->packets += h->packets;
	c->bytes += h->bytes;
	c->drops += h->drops;
	c->truncated += h->truncated;
	c->malformed += h->malformed;
	c->unsupported += h->unsupported;
	c->bad_checksum += h->bad_checksum;
	c->connections += h->connections;
	c->one_way += h->one_way;
	c->clock_steps += h->clock_steps;
	c->shed += h->shed;
	c->down += h->down;
	c->fell += h->fell;
	uint64_t minutes = in_span(c, h->ts, h->minutes & MINUTES_MASK);
	if (minutes == 0)
		return;
	struct moment first = moment_add(h->ts, __builtin_ctzll(minutes) * NS_PER_MINUTE);
	struct moment last =
	    moment_add(h->ts, (64 - __builtin_clzll(minutes)) * NS_PER_MINUTE);
	c->hours_watched++;
	c->watched += (uint64_t)__builtin_popcountll(minutes);
	if (w->at.ns == MOMENT_NONE.ns && c->from.ns == MOMENT_NONE.ns)
		c->from = first;
	keep_gap(c, w->at.ns == MOMENT_NONE.ns ? c->from : w->at, first);
	w->at = last;
}

static void keep_hour(struct walk *w, const struct coverage_hour *h)
{
	struct coverage_index *x = w->index;
	if (x->n == COVERAGE_HOURS_MAX)
		return;
	if (x->n == x->room) {
		size_t room = x->room > 0 ? 2 * x->room : 256;
		struct coverage_hour *v = realloc(x->v, room * sizeof(*v));
		if (v == NULL) {
			w->no_memory = true;
			return;
		}
		x->v = v;
		x->room = room;
	}
	x->v[x->n++] = *h;
}

/* An hour whose rows are all read. */
static void end_hour(struct walk *w)
{
	if (w->hour.ts.ns == MOMENT_NONE.ns)
		return;
	if (w->index != NULL)
		keep_hour(w, &w->hour);
	else
		count_hour(w, &w->hour);
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
	HOUR_CLOCK_STEPS,
	HOUR_SHED,
	HOUR_DOWN,
	HOUR_FELL
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
	struct coverage_hour *h = &w->hour;
	struct moment ts = store_time(r, HOUR_TS);
	if (ts.ns != h->ts.ns) {
		end_hour(w);
		*h = (struct coverage_hour){.ts = ts};
	}
	if (w->index == NULL)
		count_kind(w->c, store_text(r, HOUR_KIND));
	h->minutes |= store_uint(r, HOUR_MINUTES);
	h->packets += store_uint(r, HOUR_PACKETS);
	h->bytes += store_uint(r, HOUR_BYTES);
	h->drops += store_uint(r, HOUR_DROPS);
	h->truncated += store_uint(r, HOUR_TRUNCATED);
	h->malformed += store_uint(r, HOUR_MALFORMED);
	h->unsupported += store_uint(r, HOUR_UNSUPPORTED);
	h->bad_checksum += store_uint(r, HOUR_BAD_CHECKSUM);
	h->connections += store_uint(r, HOUR_CONNECTIONS);
	h->one_way += store_uint(r, HOUR_ONE_WAY);
	h->clock_steps += store_uint(r, HOUR_CLOCK_STEPS);
	h->shed += store_uint(r, HOUR_SHED);
	h->down += store_uint(r, HOUR_DOWN);
	h->fell += store_uint(r, HOUR_FELL);
}

/* After the last hour: the end of the span, and its length. */
static void finish(struct walk *w)
{
	struct coverage *c = w->c;
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
	    "unsupported,bad_checksum,connections,one_way,clock_steps,"
	    "shed,down,fell FROM %s WHERE ts IS "
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
	return store_rows_end(r, e);
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

/* Read all hours, from the roll-up or where there is none from the minutes. */
static int read_hours(
    struct store *s, const char *sensor, struct walk *w, struct error *e)
{
	if (read_from(s, false, sensor, w, e) < 0)
		return -1;
	if (w->hour.ts.ns == MOMENT_NONE.ns && read_from(s, true, sensor, w, e) < 0)
		return -1;
	end_hour(w);
	return 0;
}

int coverage_read(struct store *s, struct moment since, struct moment until,
    const char *sensor, struct coverage *c, struct error *e)
{
	struct walk w = {.c = c, .at = MOMENT_NONE, .hour.ts = MOMENT_NONE};
	*c = (struct coverage){.from = since, .to = until};
	if (read_hours(s, sensor, &w, e) < 0)
		return -1;
	finish(&w);
	return 0;
}

int coverage_index_read(struct store *s, struct coverage_index *index, struct error *e)
{
	struct coverage all = {.from = MOMENT_NONE, .to = MOMENT_NONE};
	struct walk w = {.c = &all, .hour.ts = MOMENT_NONE, .index = index};
	*index = (struct coverage_index){0};
	if (read_hours(s, NULL, &w, e) < 0)
		return -1;
	return w.no_memory ? error_set(e, ERR_SYSTEM, "no memory for the hours watched")
			   : 0;
}

void coverage_index_free(struct coverage_index *index)
{
	free(index->v);
	*index = (struct coverage_index){0};
}

/* The start of the minute of a moment. */
static struct moment minute_of(struct moment m)
{
	int64_t over = m.ns % NS_PER_MINUTE;
	return moment_add(m, -(over < 0 ? over + NS_PER_MINUTE : over));
}

/* The first hour that ends after the moment. */
static size_t first_hour(const struct coverage_index *index, struct moment from)
{
	size_t low = 0, high = index->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (moment_add(index->v[mid].ts, NS_PER_HOUR).ns <= from.ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void coverage_of(const struct coverage_index *index, struct moment first,
    struct moment last, struct coverage *c)
{
	struct walk w = {.c = c, .at = MOMENT_NONE};
	*c = (struct coverage){.from = MOMENT_NONE, .to = MOMENT_NONE};
	if (first.ns == MOMENT_NONE.ns || last.ns == MOMENT_NONE.ns || last.ns < first.ns)
		return;
	c->from = minute_of(first);
	c->to = moment_add(minute_of(last), NS_PER_MINUTE);
	for (size_t i = first_hour(index, c->from);
	     i < index->n && index->v[i].ts.ns < c->to.ns; i++)
		count_hour(&w, &index->v[i]);
	finish(&w);
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
