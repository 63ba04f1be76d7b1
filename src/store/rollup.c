/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rollup.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/path.h"
#include "sys/file.h"

#define NOTE_BYTES_MAX 4096

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
	r->levels = false;
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

static int write_pairs(struct rollup *r, bool to_tail, struct error *e)
{
	struct run_place place = place_of(r);
	if (r->pairs.days.n == 0)
		return 0;
	int status = to_tail ? pairs_write_tail(&r->pairs, r->writer, &place, e)
			     : pairs_write_levels(&r->pairs, r->writer, &place, e);
	r->levels |= !to_tail;
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
	    (show_pairs(r, e) < 0 || count_up(r, write_pairs(r, false, e), e) < 0))
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

int rollup_put_day(struct rollup *r, const struct pair_day *day, struct error *e)
{
	if (pairs_full(&r->pairs) && count_up(r, write_pairs(r, false, e), e) < 0)
		return -1;
	return pairs_put_day(&r->pairs, day, e);
}

int rollup_finish(struct rollup *r, struct error *e)
{
	bool to_tail = !r->levels && r->pairs.days.n < PAIRS_TAIL_ROWS;
	return show_pairs(r, e) < 0 || write_pairs(r, to_tail, e) < 0 ||
		       write_seen(r, e) < 0 || write_hours(r, e) < 0
		   ? -1
		   : 0;
}

/* ---- the note ---- */

int rollup_noted(const char *root, uint32_t *seq, struct error *e)
{
	char path[PATH_MAX];
	*seq = 0;
	if (path_make(path, e, "%s/" ROLLUP_NOTE, root) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	size_t n;
	char *text = file_read(path, NOTE_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	json_t *json = json_loadb(text, n, 0, NULL);
	json_int_t value = json_integer_value(json_object_get(json, "seq"));
	json_decref(json);
	free(text);
	if (value < 1 || value > (json_int_t)SEGMENT_SEQ_MAX)
		return error_set(e, ERR_MEMORY, "%s is damaged", path);
	*seq = (uint32_t)value;
	return 0;
}

int rollup_note(
    const char *root, struct journal_plan *plan, uint32_t seq, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/journal/tx-%08u/rolled", root, plan->seq) < 0)
		return -1;
	FILE *out = fopen(path, "we");
	bool bad = out == NULL || fprintf(out, "{\"seq\": %u}\n", seq) < 0;
	if ((out != NULL && fclose(out) != 0) || bad)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return journal_move(plan, "rolled", ROLLUP_NOTE, e);
}
