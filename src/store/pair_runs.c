/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pair-days in the order of files, as runs of days, months and years. The rows are sorted
 * once an order by ranks packed into two words; months and years come from neighbours in
 * that order, and the folders of months from a stable distribution of it.
 *
 *     a   src or dst (32) · the other (32)
 *     b   port (16) · proto (10) · name (19) · day (19)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/places.h"
#include "engine/stage.h"
#include "store/pairs.h"
#include "sys/path.h"

#define DAY_US (86400 * INT64_C(1000000))
#define AHEAD  8UL /* rows between one step of fetching and the next */
#define REPEATS_PART                                                                     \
	16              /* a sixteenth of the rows may be of a pair of another row for   \
			   all levels to have the same rows */
#define DAY_BIAS 262144 /* makes days that a moment can name positive */

_Static_assert(PAIRS_PROTO_MAX < 1024 && WORDS_MAX < 1 << 19, "ranks fit their bits");

/* A pair-day with the texts that go to columns. */
struct ready {
	struct pair_day day;
	duckdb_string_t src, dst, name, proto;
};

/* All of a flush. */
struct flush {
	const struct pairs *pairs;
	struct place *order;   /* owned; by key */
	struct place *by_part; /* owned; the same by part */
	struct place *room;    /* owned */
	struct ready *ready;   /* owned; the rows by key */
	size_t n;
};

/* What is being written. */
struct emission {
	const struct flush *flush;
	const struct place *next, *end;
	enum rollup_type level;
	enum run_order order;
};

static void flush_free(struct flush *f)
{
	free(f->order);
	free(f->by_part);
	free(f->room);
	free(f->ready);
}

static int flush_start(struct flush *f, struct pairs *p, struct error *e)
{
	size_t n = p->days.n;
	*f = (struct flush){.pairs = p, .n = n};
	f->order = malloc((n + 1) * sizeof(*f->order));
	f->by_part = malloc((n + 1) * sizeof(*f->by_part));
	f->room = malloc((n + 1) * sizeof(*f->room));
	f->ready = malloc((n + 1) * sizeof(*f->ready));
	if (f->order == NULL || f->by_part == NULL || f->room == NULL ||
	    f->ready == NULL || addresses_rank(&p->addresses) < 0 ||
	    words_rank(&p->names) < 0 || words_rank(&p->protos) < 0)
		return error_set(e, ERR_SYSTEM, "no memory to sort pair-days");
	return 0;
}

static duckdb_string_t word_string(const struct words *w, uint32_t number)
{
	struct str text = words_text(w, number);
	duckdb_string_t absent = {.value.inlined.length = UINT32_MAX};
	return text.p == NULL ? absent : stage_string(text.p, text.n);
}

/* Fetch the row that will be needed a while from now, and the addresses of one that will
 * be needed sooner. */
static void fetch_ahead(const struct flush *f, size_t i)
{
	const struct pairs *p = f->pairs;
	if (i + AHEAD * 2 >= f->n)
		return;
	const struct pair_day *far = keyed_row(&p->days, f->order[i + AHEAD * 2].row);
	const struct pair_day *near = keyed_row(&p->days, f->order[i + AHEAD].row);
	__builtin_prefetch(&far->key);
	__builtin_prefetch(&far->missed_bytes);
	if (near->key.src != 0)
		__builtin_prefetch(addresses_at(&p->addresses, near->key.src));
	if (near->key.dst != 0)
		__builtin_prefetch(addresses_at(&p->addresses, near->key.dst));
	if (near->key.name != 0)
		__builtin_prefetch(words_at(&p->names, near->key.name));
}

/* Put the rows in order, and beside each other: every level goes through them. */
static void flush_sort(struct flush *f, enum run_order order)
{
	const struct pairs *p = f->pairs;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct pair_key *k =
		    &((const struct pair_day *)keyed_row(&p->days, i))->key;
		uint64_t src = addresses_rank_of(&p->addresses, k->src);
		uint64_t dst = addresses_rank_of(&p->addresses, k->dst);
		uint64_t day = (uint64_t)(k->day + DAY_BIAS) & 0x7ffff;
		f->order[i].a =
		    order == RUN_ORDER_SRC ? src << 32 | dst : dst << 32 | src;
		f->order[i].b = (uint64_t)k->port << 48 |
				(uint64_t)words_rank_of(&p->protos, k->proto) << 38 |
				(uint64_t)words_rank_of(&p->names, k->name) << 19 | day;
		f->order[i].row = i;
	}
	places_sort(f->order, f->room, f->n);
	for (uint32_t i = 0; i < f->n; i++) {
		uint32_t row = f->order[i].row;
		struct ready *r = &f->ready[i];
		fetch_ahead(f, i);
		r->day = *(const struct pair_day *)keyed_row(&p->days, row);
		r->src = addresses_string(&p->addresses, r->day.key.src);
		r->dst = addresses_string(&p->addresses, r->day.key.dst);
		r->name = word_string(&p->names, r->day.key.name);
		r->proto = word_string(&p->protos, r->day.key.proto);
		f->order[i].row = i; /* from now on: in ready */
	}
}

/* ---- filling columns ---- */

/* The period of a level that a day is in, as a number that differs between periods. */
static int32_t period_of(enum rollup_type level, int32_t day)
{
	int year;
	unsigned month, ignored;
	if (level == ROLLUP_PAIR_DAY)
		return day;
	civil_from_days(day, &year, &month, &ignored);
	return level == ROLLUP_PAIR_MONTH ? year * 12 + (int32_t)month - 1 : year;
}

/* The first microsecond of a period; it saturates where moments end. */
static int64_t period_start(enum rollup_type level, int32_t period)
{
	int64_t day = period;
	if (level == ROLLUP_PAIR_MONTH) {
		int year = period / 12, month = period % 12;
		if (month < 0) {
			month += 12;
			year--;
		}
		day = days_from_civil(year, (unsigned)month + 1, 1);
	} else if (level == ROLLUP_PAIR_YEAR) {
		day = days_from_civil(period, 1, 1);
	}
	return day * DAY_US;
}

/* Sums and masks of rows that become one. */
struct sum {
	struct pair_day all;
	uint32_t months[12];
	int32_t period;
};

static void sum_day(struct sum *s, const struct pair_day *d, enum rollup_type level)
{
	int year;
	unsigned month, day;
	if (level != ROLLUP_PAIR_DAY) {
		civil_from_days(d->key.day, &year, &month, &day);
		s->months[month - 1] |= UINT32_C(1) << (day - 1);
	}
}

static bool same_pair(const struct place *x, const struct place *y)
{
	return x->a == y->a && x->b >> 19 == y->b >> 19;
}

/* Take the rows of the next pair and period; false at the end. */
static bool next_sum(struct emission *m, struct sum *s)
{
	const struct place *first = m->next;
	if (first == m->end)
		return false;
	const struct ready *ready = m->flush->ready;
	const struct pair_day *d = &ready[first->row].day;
	*s = (struct sum){.all = *d, .period = period_of(m->level, d->key.day)};
	sum_day(s, d, m->level);
	for (m->next++; m->next < m->end && same_pair(first, m->next); m->next++) {
		d = &ready[m->next->row].day;
		if (period_of(m->level, d->key.day) != s->period)
			break;
		pairs_join(&s->all, d);
		sum_day(s, d, m->level);
	}
	return true;
}

static int64_t count(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static void put_masks(
    struct run_columns *c, size_t i, const struct sum *s, enum rollup_type level)
{
	int year;
	unsigned month, day;
	if (level == ROLLUP_PAIR_DAY) {
		run_int(c, COLUMN_pair_day_hours, i, s->all.hours);
	} else if (level == ROLLUP_PAIR_MONTH) {
		civil_from_days(s->all.key.day, &year, &month, &day);
		run_int(c, COLUMN_pair_month_days, i, s->months[month - 1]);
	} else {
		for (size_t k = 0; k < 12; k++)
			run_int(c, COLUMN_pair_year_jan + k, i, s->months[k]);
	}
}

/* The first columns of all three levels are the same. */
static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct emission *m = ctx;
	const struct flush *f = m->flush;
	struct sum s;
	size_t i = 0;
	for (; i < room; i++) {
		const struct place *at = m->next;
		if (!next_sum(m, &s))
			break;
		const struct ready *r = &f->ready[at->row];
		run_string(c, COLUMN_pair_day_src_ip, i, r->src);
		run_string(c, COLUMN_pair_day_dst_ip, i, r->dst);
		((int32_t *)c->data[COLUMN_pair_day_dst_port])[i] = s.all.key.port;
		run_string(c, COLUMN_pair_day_proto, i, r->proto);
		run_string(c, COLUMN_pair_day_server_name, i, r->name);
		run_int(c, COLUMN_pair_day_ts, i, period_start(m->level, s.period));
		run_int(c, COLUMN_pair_day_first_seen, i, s.all.first);
		run_int(c, COLUMN_pair_day_last_seen, i, s.all.last);
		run_int(c, COLUMN_pair_day_connections, i, count(s.all.connections));
		run_int(c, COLUMN_pair_day_unanswered, i, count(s.all.unanswered));
		run_int(c, COLUMN_pair_day_src_bytes, i, count(s.all.src_bytes));
		run_int(c, COLUMN_pair_day_dst_bytes, i, count(s.all.dst_bytes));
		run_int(c, COLUMN_pair_day_missed_bytes, i, count(s.all.missed_bytes));
		put_masks(c, i, &s, m->level);
	}
	return (int)i;
}

/* ---- all levels at once ---- */

/* The rows as they are, for all levels: those of a pair that are of two days are two in
 * each. */
struct rows {
	const struct flush *flush;
	size_t next;
	int32_t day; /* of the row before; what follows says when it began */
	int64_t starts[RUN_LEVELS];
	unsigned month, mday;
};

static void go_to_day(struct rows *r, int32_t day)
{
	int year;
	if (day == r->day && r->next > 0)
		return;
	r->day = day;
	civil_from_days(day, &year, &r->month, &r->mday);
	r->starts[0] = day * DAY_US;
	r->starts[1] = days_from_civil(year, r->month, 1) * DAY_US;
	r->starts[2] = days_from_civil(year, 1, 1) * DAY_US;
}

static void put_ready(struct run_columns *c, size_t i, const struct ready *r)
{
	const struct pair_day *d = &r->day;
	run_string(c, COLUMN_pair_year_src_ip, i, r->src);
	run_string(c, COLUMN_pair_year_dst_ip, i, r->dst);
	((int32_t *)c->data[COLUMN_pair_year_dst_port])[i] = d->key.port;
	run_string(c, COLUMN_pair_year_proto, i, r->proto);
	run_string(c, COLUMN_pair_year_server_name, i, r->name);
	run_int(c, COLUMN_pair_year_first_seen, i, d->first);
	run_int(c, COLUMN_pair_year_last_seen, i, d->last);
	run_int(c, COLUMN_pair_year_connections, i, count(d->connections));
	run_int(c, COLUMN_pair_year_unanswered, i, count(d->unanswered));
	run_int(c, COLUMN_pair_year_src_bytes, i, count(d->src_bytes));
	run_int(c, COLUMN_pair_year_dst_bytes, i, count(d->dst_bytes));
	run_int(c, COLUMN_pair_year_missed_bytes, i, count(d->missed_bytes));
}

static int fill_levels(void *ctx, struct run_columns *c, size_t room)
{
	struct rows *r = ctx;
	const struct flush *f = r->flush;
	size_t i = 0;
	for (; i < room && r->next < f->n; i++) {
		const struct ready *ready = &f->ready[r->next];
		go_to_day(r, ready->day.key.day);
		r->next++;
		put_ready(c, i, ready);
		run_int(c, RUN_LEVELS_DAY, i, r->starts[0]);
		run_int(c, RUN_LEVELS_MONTH, i, r->starts[1]);
		run_int(c, COLUMN_pair_year_ts, i, r->starts[2]);
		run_int(c, RUN_LEVELS_HOURS, i, ready->day.hours);
		run_int(c, RUN_LEVELS_DAYS, i, INT64_C(1) << (r->mday - 1));
		for (unsigned k = 0; k < 12; k++)
			run_int(c, COLUMN_pair_year_jan + k, i,
			    k == r->month - 1 ? INT64_C(1) << (r->mday - 1) : 0);
	}
	return (int)i;
}

/* How many rows are of a pair that is in the row before, too; n: they are of more than
 * one month. */
static size_t count_repeats(const struct flush *f)
{
	size_t repeats = 0;
	int32_t month = 0, day = INT32_MIN;
	for (size_t i = 0; i < f->n; i++) {
		int32_t next = f->ready[i].day.key.day;
		if (next != day) {
			int32_t of = period_of(ROLLUP_PAIR_MONTH, next);
			if (i > 0 && of != month)
				return f->n;
			month = of;
			day = next;
		}
		repeats += i > 0 && same_pair(&f->order[i - 1], &f->order[i]);
	}
	return repeats;
}

/* ---- runs ---- */

static int write_range(struct emission m, struct run_writer *w,
    const struct run_place *place, struct error *e)
{
	struct run_source source = {fill, &m};
	return run_write(w, m.level, &source, place, e);
}

/* Note for each row the folder it goes to, and put the rows
 * in order of these; within each they keep their order. */
static void distribute(struct flush *f, enum run_span span)
{
	enum rollup_type period =
	    span == RUN_SPAN_MONTH ? ROLLUP_PAIR_MONTH : ROLLUP_PAIR_YEAR;
	int32_t day = INT32_MIN, part = 0;
	for (size_t i = 0; i < f->n; i++) {
		int32_t next = f->ready[i].day.key.day;
		if (next != day && span != RUN_SPAN_ALL)
			part = period_of(period, next);
		day = next;
		f->by_part[i] = f->order[i];
		f->by_part[i].part = part;
	}
	places_sort_parts(f->by_part, f->room, f->n);
}

/* The folder of a part, below the set's. */
static int part_folder(enum run_set set, int32_t part, bool named,
    char out[static PATH_MAX], struct error *e)
{
	const struct run_set_info *info = run_set_info(set);
	char text[MOMENT_TEXT_MAX];
	bool month = info->span == RUN_SPAN_MONTH;
	if (info->span == RUN_SPAN_ALL)
		return path_make(out, e, "%s", info->folder);
	if (!named)
		return path_make(
		    out, e, "%s/%s=NULL", info->folder, month ? "month" : "year");
	int64_t us = period_start(month ? ROLLUP_PAIR_MONTH : ROLLUP_PAIR_YEAR, part);
	moment_text_day(moment_from_us(us), text);
	return path_make(out, e, "%s/%s=%.*s", info->folder, month ? "month" : "year",
	    month ? 7 : 4, text);
}

/* Write the sorted rows to the folders of a set. Past the limit of
 * folders (a capture full of random times) the rest shares one. */
static int write_set(struct flush *f, enum run_set set, struct run_writer *w,
    struct run_place place, struct error *e)
{
	char folder[PATH_MAX];
	struct place *p = f->by_part;
	const struct run_set_info *info = run_set_info(set);
	distribute(f, info->span);
	place.folder = folder;
	int parts = 0;
	for (size_t from = 0, end; from < f->n; from = end, parts++) {
		bool named = parts < PAIRS_PARTS_MAX;
		end = named ? from + 1 : f->n;
		while (named && end < f->n && p[end].part == p[from].part)
			end++;
		if (!named)
			places_sort(p + from, f->room, end - from);
		if (part_folder(set, p[from].part, named, folder, e) < 0 ||
		    write_range(
			(struct emission){f, p + from, p + end, info->type, info->order},
			w, &place, e) < 0)
			return -1;
	}
	return 0;
}

/* Write the sorted rows, which are of one month, to the folders of three sets. */
static int write_alike(struct flush *f, const enum run_set sets[static RUN_LEVELS],
    struct run_writer *w, struct run_place place, struct error *e)
{
	char folders[RUN_LEVELS][PATH_MAX];
	struct run_place places[RUN_LEVELS];
	struct rows rows = {.flush = f};
	const struct run_source source = {fill_levels, &rows};
	int32_t day = f->ready[0].day.key.day;
	for (size_t level = 0; level < RUN_LEVELS; level++) {
		enum rollup_type period =
		    level == 0 ? ROLLUP_PAIR_MONTH : ROLLUP_PAIR_YEAR;
		places[level] = place;
		places[level].folder = folders[level];
		if (part_folder(
			sets[level], period_of(period, day), true, folders[level], e) < 0)
			return -1;
	}
	return run_write_levels(w, &source, places, e);
}

static int write_levels(struct flush *f, const enum run_set sets[static RUN_LEVELS],
    struct run_writer *w, struct run_place place, struct error *e)
{
	size_t repeats = count_repeats(f);
	place.repeats = repeats > 0;
	if (f->n > 0 && repeats <= f->n / REPEATS_PART)
		return write_alike(f, sets, w, place, e);
	place.repeats = false;
	for (size_t level = 0; level < RUN_LEVELS; level++) {
		if (write_set(f, sets[level], w, place, e) < 0)
			return -1;
	}
	return 0;
}

int pairs_write(
    struct pairs *p, struct run_writer *w, const struct run_place *place, struct error *e)
{
	static const enum run_set sets[2][RUN_LEVELS] = {
	    {RUNS_PAIR_DAY, RUNS_PAIR_MONTH, RUNS_PAIR_YEAR},
	    {RUNS_PAIR_DAY_BY_DST, RUNS_PAIR_MONTH_BY_DST, RUNS_PAIR_YEAR_BY_DST}};
	struct flush f;
	int status = flush_start(&f, p, e);
	for (int order = 0; order < 2 && status == 0; order++) {
		flush_sort(&f, order == 0 ? RUN_ORDER_SRC : RUN_ORDER_DST);
		status = write_levels(&f, sets[order], w, *place, e);
	}
	flush_free(&f);
	return status;
}
