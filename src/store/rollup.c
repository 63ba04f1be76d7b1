/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rollup.h"

#include <limits.h>
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
	seen_empty(&r->seen);
	return status;
}

/* What is written of the observables when they are full goes under a number of its own;
 * positive when that was so. */
static int room_in_seen(struct rollup *r, struct error *e)
{
	if (!seen_full(&r->seen))
		return 0;
	return count_up(r, write_seen(r, e), e) < 0 ? -1 : 1;
}

/* An address in the pair-days of one year. */
struct shown {
	int32_t year;
	uint32_t months[12]; /* masks of days */
	int64_t first, last; /* microseconds since 1970 */
	uint64_t count;      /* of connections */
	bool any;
};

static int show_address(
    struct rollup *r, uint32_t number, const struct shown *a, struct error *e)
{
	const struct address *address = addresses_at(&r->pairs.addresses, number);
	struct seen_row row = {.first = a->first, .last = a->last, .count = a->count};
	row.key = (struct seen_key){
	    .year = (int16_t)a->year, .kind = SEEN_ADDRESS, .via = VIA_CONN};
	memcpy(row.months, a->months, sizeof(row.months));
	if (room_in_seen(r, e) < 0)
		return -1;
	return seen_put_row(&r->seen, &row, (struct str){address->text, address->n}, e);
}

/* Count a pair-day in to its address; what it had of another year is shown first. */
static int join_address(struct rollup *r, struct shown *all, uint32_t number,
    const struct pair_day *d, struct error *e)
{
	int year;
	unsigned month, day;
	struct shown *a = &all[number];
	if (number == 0)
		return 0;
	civil_from_days(d->key.day, &year, &month, &day);
	if (a->any && a->year != year) {
		if (show_address(r, number, a, e) < 0)
			return -1;
		*a = (struct shown){0};
	}
	a->first = !a->any || d->first < a->first ? d->first : a->first;
	a->last = !a->any || d->last > a->last ? d->last : a->last;
	a->months[month - 1] |= UINT32_C(1) << (day - 1);
	a->count += d->connections;
	a->year = year;
	a->any = true;
	return 0;
}

static int show_addresses(struct rollup *r, struct error *e)
{
	uint32_t n = r->pairs.addresses.table.n;
	struct shown *all = calloc((size_t)n + 1, sizeof(*all)); /* by number */
	int status = 0;
	if (all == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for addresses");
	for (uint32_t i = 0; i < r->pairs.days.n && status == 0; i++) {
		const struct pair_day *d = keyed_row(&r->pairs.days, i);
		status = join_address(r, all, d->key.src, d, e);
		if (status == 0)
			status = join_address(r, all, d->key.dst, d, e);
	}
	for (uint32_t i = 1; i <= n && status == 0; i++) {
		if (all[i].any)
			status = show_address(r, i, &all[i], e);
	}
	free(all);
	return status;
}

/* The number that a name of the pairs has among what is seen, looked up once. */
static uint32_t number_seen(struct rollup *r, uint32_t *numbers, uint32_t name)
{
	if (numbers[name] == 0)
		numbers[name] =
		    words_put(&r->seen.words, words_text(&r->pairs.names, name));
	return numbers[name];
}

static int show_name(
    struct rollup *r, uint32_t *numbers, const struct pair_day *d, struct error *e)
{
	struct sighting at = {d->first, d->last, d->key.day, d->connections, d->src_bytes,
	    d->dst_bytes, NULL};
	if (d->key.name == 0 || words_text(&r->pairs.names, d->key.name).n == 0)
		return 0;
	if (d->key.src != 0)
		at.host = &addresses_at(&r->pairs.addresses, d->key.src)->addr;
	int room = room_in_seen(r, e);
	if (room > 0)
		memset(numbers, 0, ((size_t)r->pairs.names.n + 1) * sizeof(*numbers));
	return room < 0 ? -1
			: seen_put_number(&r->seen, SEEN_NAME, VIA_SERVER_NAME,
			      number_seen(r, numbers, d->key.name), &at, e);
}

static int show_names(struct rollup *r, struct error *e)
{
	uint32_t *numbers = calloc((size_t)r->pairs.names.n + 1, sizeof(*numbers));
	int status = 0;
	if (numbers == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for names");
	for (uint32_t i = 0; i < r->pairs.days.n && status == 0; i++)
		status = show_name(r, numbers, keyed_row(&r->pairs.days, i), e);
	free(numbers);
	return status;
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
	pairs_empty(&r->pairs);
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
