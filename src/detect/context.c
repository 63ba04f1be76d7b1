/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/context.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define US_PER_HOUR     3600000000LL
#define US_PER_DAY      (24 * US_PER_HOUR)
#define ONSET_GAPS      5 /* of its periods: the behaviour came with the first packet */
#define WATCH_HOURS_MAX (1u << 20) /* 120 years */
#define PART_ROWS       250000 /* connections whose ends surely fit the engine's memory */

static int64_t hour_of(int64_t us)
{
	return us / US_PER_HOUR - (us % US_PER_HOUR < 0);
}

/* From the connections that are held. */
static void outline_held(
    struct context *c, struct conns *held, const struct detect_options *o)
{
	uint64_t home = 0, openers = 0;
	size_t n = held->n;
	while (n > 0 && held->rows[held->by_time[n - 1]].ts == moment_us(MOMENT_NONE))
		n--;
	if (n > 0) {
		c->first = held->rows[held->by_time[0]].ts;
		c->last = held->rows[held->by_time[n - 1]].ts;
		if (held->last > (double)c->last && held->last < 9e18)
			c->last = (int64_t)held->last;
	}
	for (uint32_t i = 1; i < held->text_count; i++) {
		const struct conns_text *t = &held->texts[i];
		if (!t->src && !t->dst)
			continue;
		const struct addr *a = conns_addr(held, i);
		if (a == NULL || t->multicast)
			continue;
		home += series_home_text(o, held, i);
		openers += t->src;
	}
	c->hosts = home > 0 ? home : openers;
}

static int load_span(struct context *c, const struct source *s, struct error *e)
{
	struct store_rows *r = past_query(s->store, e,
	    "SELECT min(ts), max(ts), max(%sepoch_us(ts) + duration * 1e6%s) FROM %s",
	    s->past->decayed ? "coalesce(epoch_us(day_last)::DOUBLE, " : "",
	    s->past->decayed ? ")" : "", s->past->rows);
	if (r == NULL)
		return -1;
	if (store_next(r) && !store_is_null(r, 0)) {
		c->first = moment_us(store_time(r, 0));
		c->last = moment_us(store_time(r, 1));
		double end = store_real(r, 2);
		if (end > (double)c->last && end < 9e18)
			c->last = (int64_t)end;
	}
	return store_rows_end(r, e);
}

/* Those of the addresses whose hash falls into one part. */
static int load_part(const struct source *s, uint64_t part, uint64_t parts,
    uint64_t *home, uint64_t *openers, struct error *e)
{
	struct store_rows *r = past_query(s->store, e,
	    "SELECT ip, bool_or(opened) FROM (SELECT src_ip AS ip, true AS opened FROM "
	    "%s UNION ALL SELECT dst_ip, false FROM %s) WHERE hash(ip) %% %" PRIu64
	    " = %" PRIu64 " GROUP BY ip",
	    s->past->rows, s->past->rows, parts, part);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr a;
		if (!str_addr(store_text(r, 0), &a) || addr_is_unset(&a) ||
		    addr_is_multicast(&a))
			continue;
		*home += series_home(s->options, &a);
		*openers += store_bool(r, 1);
	}
	return store_rows_end(r, e);
}

/* Our hosts: the addresses at home; where there is none, all that opened a connection. In
 * parts, since each connection may be of two strangers. */
static int load_hosts(struct context *c, const struct source *s, struct error *e)
{
	uint64_t rows, home = 0, openers = 0;
	if (past_count(s->past, s->store, &rows, e) < 0)
		return -1;
	uint64_t parts = rows / PART_ROWS + 1;
	for (uint64_t i = 0; i < parts; i++) {
		if (load_part(s, i, parts, &home, &openers, e) < 0)
			return -1;
	}
	c->hosts = home > 0 ? home : openers;
	return 0;
}

static int load_watch(struct context *c, struct store *s, struct error *e)
{
	struct store_rows *r = store_sum(s,
	    "SELECT epoch_us(ts) // 3600000000 AS hour, "
	    "bit_count(bit_or(1::BIGINT << minute(ts))), sum(drops), sum(truncated) "
	    "FROM watch WHERE packets > 0 GROUP BY hour ORDER BY hour",
	    e);
	if (r == NULL)
		return -1;
	size_t room = 0;
	int result = 0;
	while (result == 0 && store_next(r) && c->watch_count < WATCH_HOURS_MAX) {
		if (c->watch_count == room) {
			room = room == 0 ? 64 : 2 * room;
			struct watched_hour *w = realloc(c->watch, room * sizeof(*w));
			if (w == NULL) {
				result = error_set(e, ERR_SYSTEM, "no memory left");
				break;
			}
			c->watch = w;
		}
		c->watch[c->watch_count++] = (struct watched_hour){store_int(r, 0),
		    (uint32_t)store_uint(r, 1), store_uint(r, 2), store_uint(r, 3)};
	}
	if (result == 0 && store_rows_failed(r, e))
		result = -1;
	store_rows_free(r);
	return result;
}

int context_open(struct context *c, const struct source *s, struct error *e)
{
	*c = (struct context){.horizon = s->past->horizon};
	int result = 0;
	if (s->conns->held)
		outline_held(c, s->conns, s->options);
	else if (load_span(c, s, e) < 0 || load_hosts(c, s, e) < 0)
		result = -1;
	if (result < 0 || load_watch(c, s->store, e) < 0)
		return error_add(e, "reading the memory's outline");
	return 0;
}

void context_fini(struct context *c)
{
	free(c->watch);
	*c = (struct context){.watch = NULL};
}

double context_days(const struct context *c)
{
	return fmax(1, (double)(c->last - c->first) / (double)US_PER_DAY);
}

double context_days_left(const struct context *c)
{
	int64_t from = c->first > c->horizon ? c->first : c->horizon;
	return fmax(1, (double)(c->last - from) / (double)US_PER_DAY);
}

/*
 * Where days are all that is left of a time, an onset may only be where they end, or a
 * break after which the clock started anew: then the series is as old as the days go back
 * without a silence of more than a week.
 */
static int64_t onset_of(const struct context *c, const struct suspect *v)
{
	const struct series_stats *s = &v->stats;
	double onset = (double)v->onset * 1e6;
	double near = ONSET_GAPS * v->period * 1e6 + US_PER_DAY;
	bool at_horizon = onset >= (double)c->horizon &&
			  onset - (double)c->horizon <= near &&
			  c->horizon - s->steady_last <= SERIES_STEADY_DAYS * US_PER_DAY;
	bool restarted = onset < (double)c->horizon && v->period <= 2 * 86400;
	if (v->onset == 0 || s->steady == 0 || (double)s->steady > onset)
		return v->onset;
	return at_horizon || restarted ? s->steady / 1000000 : v->onset;
}

/*
 * Since when. With the first packet when the behaviour began within a few of its gaps
 * from it. Older than the memory when, had it run before, no packet would have been due
 * earlier: within one and a half periods of the memory's begin, or 1 % of its span, but
 * never beyond a tenth of it.
 */
void context_date(const struct context *c, struct suspect *v)
{
	struct finding *f = &v->finding;
	double span = (double)(c->last - c->first);
	double slack = fmin(fmax(0.01 * span, 1.5e6 * v->period), 0.1 * span);
	f->first_seen = moment_from_us(v->stats.first);
	f->last_seen = moment_from_us(v->stats.last);
	f->events = v->stats.events;
	f->bytes_out = v->stats.out;
	f->bytes_in = v->stats.in;
	f->missed = v->stats.missed;
	f->since = f->first_seen;
	f->since_kind = SINCE_FIRST_PACKET;
	int64_t onset = onset_of(c, v);
	double late = (double)onset - floor((double)v->stats.first / 1e6);
	if (onset != 0 && late > ONSET_GAPS * v->period + 1) {
		f->since = moment_from(onset, 0);
		f->since_kind = SINCE_ONSET;
	} else if ((double)(v->stats.first - c->first) <= slack) {
		f->since_kind = SINCE_BEFORE_MEMORY;
	}
}

void context_watched(
    const struct context *c, int64_t first, int64_t last, double out[static 3])
{
	double minutes = 0;
	out[1] = out[2] = 0;
	for (size_t i = 0; i < c->watch_count; i++) {
		const struct watched_hour *w = &c->watch[i];
		if (w->hour < hour_of(first) || w->hour > hour_of(last))
			continue;
		minutes += w->minutes;
		out[1] += (double)w->drops;
		out[2] += (double)w->truncated;
	}
	out[0] = fmin(1, minutes / (floor((double)(last - first) / 60e6) + 1));
}

uint64_t context_hours(const struct context *c, int64_t first, int64_t last)
{
	uint64_t hours = 0;
	if (c->watch_count == 0)
		return (uint64_t)(hour_of(last) - hour_of(first)) + 1;
	for (size_t i = 0; i < c->watch_count; i++)
		hours += c->watch[i].hour >= hour_of(first) &&
			 c->watch[i].hour <= hour_of(last);
	return hours > 0 ? hours : 1;
}
