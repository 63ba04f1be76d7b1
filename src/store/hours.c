/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hours.h"

#include <stdlib.h>

#include "engine/stage.h"

#define HOUR_US   (3600 * INT64_C(1000000))
#define MINUTE_US (60 * INT64_C(1000000))

/* The counts of a watch record, in the order of the roll-up's columns. */
enum { COUNTS = watch_hour_COLUMNS - COLUMN_watch_hour_packets };

struct hour_key {
	int64_t hour; /* since 1970 */
	uint32_t sensor, kind;
};

struct hour_row {
	struct hour_key key;
	uint64_t minutes;
	uint64_t counts[COUNTS];
};

void hours_init(struct hours *h, const struct hash_key *key)
{
	keyed_init(&h->rows, sizeof(struct hour_row), sizeof(struct hour_key), key);
	words_init(&h->words, key);
}

void hours_reset(struct hours *h)
{
	keyed_reset(&h->rows);
	words_reset(&h->words);
}

bool hours_full(const struct hours *h)
{
	return h->rows.n >= HOURS_ROWS_MAX || words_nearly_full(&h->words);
}

int hours_put(struct hours *h, const struct watch_record *r, struct error *e)
{
	const uint64_t counts[COUNTS] = {r->packets, r->bytes, r->drops, r->truncated,
	    r->malformed, r->unsupported, r->bad_checksum, r->connections, r->one_way,
	    r->clock_steps, r->shed, r->down, r->fell};
	if (r->ts.ns == MOMENT_NONE.ns)
		return 0;
	int64_t us = moment_us(r->ts);
	bool made;
	struct hour_key key = {us / HOUR_US - (us % HOUR_US < 0),
	    words_put(&h->words, r->sensor),
	    words_put(&h->words, r->kind.p != NULL ? r->kind : STR("packets"))};
	struct hour_row *row = keyed_put(&h->rows, &key, &made);
	if (row == NULL || key.sensor == WORDS_FULL || key.kind == WORDS_FULL)
		return error_set(e, ERR_SYSTEM, "no memory for hours of watching");
	row->minutes |= UINT64_C(1) << (us - key.hour * HOUR_US) / MINUTE_US;
	for (size_t i = 0; i < COUNTS; i++) {
		uint64_t sum = row->counts[i] + counts[i];
		row->counts[i] = sum < counts[i] ? UINT64_MAX : sum;
	}
	return 0;
}

/* ---- writing ---- */

struct flush {
	const struct hours *hours;
	const struct hour_row **order;
	size_t next;
};

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct words *w = ctx;
	const struct hour_row *const *x = a, *const *y = b;
	uint32_t sx = words_rank_of(w, (*x)->key.sensor);
	uint32_t sy = words_rank_of(w, (*y)->key.sensor);
	if (sx != sy)
		return sx < sy ? -1 : 1;
	if ((*x)->key.hour != (*y)->key.hour)
		return (*x)->key.hour < (*y)->key.hour ? -1 : 1;
	uint32_t kx = words_rank_of(w, (*x)->key.kind);
	uint32_t ky = words_rank_of(w, (*y)->key.kind);
	return kx < ky ? -1 : kx > ky;
}

static duckdb_string_t word_string(const struct words *w, uint32_t number)
{
	struct str text = words_text(w, number);
	duckdb_string_t absent = {.value.inlined.length = UINT32_MAX};
	return text.p == NULL ? absent : stage_string(text.p, text.n);
}

static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct flush *f = ctx;
	size_t i = 0;
	for (; i < room && f->next < f->hours->rows.n; i++) {
		const struct hour_row *r = f->order[f->next++];
		run_string(c, COLUMN_watch_hour_sensor, i,
		    word_string(&f->hours->words, r->key.sensor));
		run_int(c, COLUMN_watch_hour_ts, i, r->key.hour * HOUR_US);
		run_string(c, COLUMN_watch_hour_kind, i,
		    word_string(&f->hours->words, r->key.kind));
		run_int(c, COLUMN_watch_hour_minutes, i, (int64_t)r->minutes);
		for (size_t k = 0; k < COUNTS; k++) {
			uint64_t v = r->counts[k];
			run_int(c, COLUMN_watch_hour_packets + k, i,
			    v > INT64_MAX ? INT64_MAX : (int64_t)v);
		}
	}
	return (int)i;
}

int hours_write(
    struct hours *h, struct run_writer *w, const struct run_place *place, struct error *e)
{
	struct run_place here = *place;
	struct flush f = {.hours = h};
	struct run_source source = {fill, &f};
	here.folder = run_set_info(RUNS_WATCH_HOUR)->folder;
	f.order = malloc((h->rows.n + 1) * sizeof(*f.order));
	if (f.order == NULL || words_rank(&h->words) < 0) {
		free(f.order);
		return error_set(e, ERR_SYSTEM, "no memory to sort hours of watching");
	}
	for (uint32_t i = 0; i < h->rows.n; i++)
		f.order[i] = keyed_row(&h->rows, i);
	qsort_r(f.order, h->rows.n, sizeof(*f.order), by_key, &h->words);
	int status = run_write(w, ROLLUP_WATCH_HOUR, &source, &here, e);
	free(f.order);
	return status;
}
