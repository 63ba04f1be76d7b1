/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rollup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/path.h"

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

/* The addresses and names of a pair-day are seen, too. */
static int show_pair(struct rollup *r, const struct pair_day *d, struct error *e)
{
	char text[ADDR_TEXT_MAX];
	struct sighting at = {d->first, d->last, d->key.day, d->connections, 0, 0};
	for (int side = 0; side < 2; side++) {
		const struct addr *a = side == 0 ? &d->key.src : &d->key.dst;
		if (addr_is_unset(a))
			continue;
		size_t n = addr_text(a, text);
		if (seen_put(&r->seen, SEEN_ADDRESS, VIA_CONN, (struct str){text, n},
			NULL, &at, e) < 0)
			return -1;
	}
	at.src_bytes = d->src_bytes;
	at.dst_bytes = d->dst_bytes;
	return seen_put(&r->seen, SEEN_NAME, VIA_SERVER_NAME,
	    words_text(&r->pairs.names, d->key.name), &d->key.src, &at, e);
}

static int show_pairs(struct rollup *r, struct error *e)
{
	for (uint32_t i = 0; i < r->pairs.days.n; i++) {
		if (seen_full(&r->seen) && count_up(r, write_seen(r, e), e) < 0)
			return -1;
		if (show_pair(r, keyed_row(&r->pairs.days, i), e) < 0)
			return -1;
	}
	return 0;
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
