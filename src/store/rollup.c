/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rollup.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/path.h"

void rollup_init(struct rollup *r, const char *root, struct run_writer *writer,
    struct journal_plan *plan, uint32_t *seq, const struct hash_key *key)
{
	*r = (struct rollup){.writer = writer, .root = root, .plan = plan, .seq = seq};
	pairs_init(&r->pairs, key);
	seen_init(&r->seen, key);
	hours_init(&r->hours, key);
}

void rollup_reset(struct rollup *r)
{
	pairs_reset(&r->pairs);
	seen_reset(&r->seen);
	hours_reset(&r->hours);
	r->sensor[0] = '\0';
}

/* ---- writing ---- */

static struct run_place place_of(const struct rollup *r)
{
	return (struct run_place){.root = r->root,
	    .plan = r->plan,
	    .sensor = r->sensor[0] != '\0' ? r->sensor : "dwell",
	    .seq = *r->seq};
}

/* Runs written before the end have a number of their own: more may follow. */
static int count_up(struct rollup *r, int status, struct error *e)
{
	if (status < 0)
		return status;
	if (*r->seq == SEGMENT_SEQ_MAX)
		return error_set(e, ERR_LIMIT, "more than %u segments", SEGMENT_SEQ_MAX);
	++*r->seq;
	return 0;
}

static int write_seen(struct rollup *r, struct error *e)
{
	struct run_place place = place_of(r);
	if (r->seen.rows.n == 0)
		return 0;
	int status = seen_write(&r->seen, r->writer, &place, e);
	seen_reset(&r->seen);
	return status;
}

/* An address in the pair-days of one year. */
struct shown {
	struct addr addr;
	int32_t year;
	uint32_t months[12]; /* masks of days */
	int64_t first, last; /* microseconds since 1970 */
	uint64_t count;
};

static int show_address(struct keyed *all, const struct addr *a, const struct pair_day *d)
{
	int year;
	unsigned month, day;
	bool made;
	struct shown key = {.addr = *a};
	if (addr_is_unset(a))
		return 0;
	civil_from_days(d->key.day, &year, &month, &day);
	key.year = year;
	struct shown *row = keyed_put(all, &key, &made);
	if (row == NULL)
		return -1;
	row->first = made || d->first < row->first ? d->first : row->first;
	row->last = made || d->last > row->last ? d->last : row->last;
	row->months[month - 1] |= UINT32_C(1) << (day - 1);
	row->count += d->connections;
	return 0;
}

/* What is written of the observables when they are full goes under a number of its own.
 */
static int room_in_seen(struct rollup *r, struct error *e)
{
	return seen_full(&r->seen) ? count_up(r, write_seen(r, e), e) : 0;
}

static int show_addresses(struct rollup *r, struct error *e)
{
	struct keyed all;
	int status = 0;
	keyed_init(&all, sizeof(struct shown), offsetof(struct shown, months),
	    &r->pairs.days.key);
	for (uint32_t i = 0; i < r->pairs.days.n && status == 0; i++) {
		const struct pair_day *d = keyed_row(&r->pairs.days, i);
		if (show_address(&all, &d->key.src, d) < 0 ||
		    show_address(&all, &d->key.dst, d) < 0)
			status = error_set(e, ERR_SYSTEM, "no memory for addresses");
	}
	for (uint32_t i = 0; i < all.n && status == 0; i++) {
		const struct shown *a = keyed_row(&all, i);
		char text[ADDR_TEXT_MAX];
		struct seen_row row = {
		    .first = a->first, .last = a->last, .count = a->count};
		row.key = (struct seen_key){
		    .year = (int16_t)a->year, .kind = SEEN_ADDRESS, .via = VIA_CONN};
		memcpy(row.months, a->months, sizeof(row.months));
		size_t n = addr_text(&a->addr, text);
		status = room_in_seen(r, e);
		if (status == 0)
			status = seen_put_row(&r->seen, &row, (struct str){text, n}, e);
	}
	keyed_reset(&all);
	return status;
}

static int show_names(struct rollup *r, struct error *e)
{
	for (uint32_t i = 0; i < r->pairs.days.n; i++) {
		const struct pair_day *d = keyed_row(&r->pairs.days, i);
		struct sighting at = {d->first, d->last, d->key.day, d->connections,
		    d->src_bytes, d->dst_bytes, &d->key.src};
		if (d->key.name == 0)
			continue;
		if (room_in_seen(r, e) < 0 ||
		    seen_put(&r->seen, SEEN_NAME, VIA_SERVER_NAME,
			words_text(&r->pairs.names, d->key.name), &at, e) < 0)
			return -1;
	}
	return 0;
}

/* The addresses and names of pair-days are seen, too. */
static int show_pairs(struct rollup *r, struct error *e)
{
	return show_addresses(r, e) < 0 ? -1 : show_names(r, e);
}

static int write_pairs(struct rollup *r, struct error *e)
{
	struct run_place place = place_of(r);
	if (r->pairs.days.n == 0)
		return 0;
	int status = pairs_write(&r->pairs, r->writer, &place, e);
	pairs_reset(&r->pairs);
	return status;
}

static int write_hours(struct rollup *r, struct error *e)
{
	struct run_place place = place_of(r);
	if (r->hours.rows.n == 0)
		return 0;
	int status = hours_write(&r->hours, r->writer, &place, e);
	hours_reset(&r->hours);
	return status;
}

/* ---- adding ---- */

static int put_conn(struct rollup *r, const struct conn_record *c, struct error *e)
{
	if (pairs_full(&r->pairs) &&
	    (show_pairs(r, e) < 0 || count_up(r, write_pairs(r, e), e) < 0))
		return -1;
	if (r->sensor[0] == '\0')
		run_sensor(c->sensor, r->sensor);
	return pairs_put(&r->pairs, c, e);
}

static int put_watch(struct rollup *r, const struct watch_record *w, struct error *e)
{
	if (hours_full(&r->hours) && count_up(r, write_hours(r, e), e) < 0)
		return -1;
	return hours_put(&r->hours, w, e);
}

int rollup_put(
    struct rollup *r, enum record_type type, const void *record, struct error *e)
{
	if (type == RECORD_CONN)
		return put_conn(r, record, e);
	if (type == RECORD_WATCH)
		return put_watch(r, record, e);
	if (seen_full(&r->seen) && count_up(r, write_seen(r, e), e) < 0)
		return -1;
	return seen_record(&r->seen, type, record, e);
}

int rollup_finish(struct rollup *r, struct error *e)
{
	return show_pairs(r, e) < 0 || write_pairs(r, e) < 0 || write_seen(r, e) < 0 ||
		       write_hours(r, e) < 0
		   ? -1
		   : 0;
}
