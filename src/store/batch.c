/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(
    sizeof(struct addr) == sizeof(duckdb_string_t), "an address changes in place");

#define IP_COLUMNS_MAX 8 /* of a table */

/* Where the columns that give the order are in a record. */
struct plan {
	size_t ip_offset[IP_COLUMNS_MAX]; /* every IP column */
	size_t ips;
	const struct field_info *src, *dst, *ts; /* NULL: no such column */
};

static struct plan plan_of(const struct record_info *info)
{
	struct plan p = {0};
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		if (f->kind == FIELD_IP) {
			assert(p.ips < IP_COLUMNS_MAX);
			p.ip_offset[p.ips++] = f->offset;
		}
		if (f->kind == FIELD_IP && strcmp(f->name, "src_ip") == 0)
			p.src = f;
		if (f->kind == FIELD_IP && strcmp(f->name, "dst_ip") == 0)
			p.dst = f;
		if (f->kind == FIELD_TIME && strcmp(f->name, "ts") == 0)
			p.ts = f;
	}
	return p;
}

/* An address that a column had last, and its number. */
struct last {
	struct addr addr;
	uint32_t number;
};

/* Put in place of each address its number: often that of the row before. */
static int collect(struct addresses *t, const struct stage *s, const struct plan *p)
{
	struct last last[IP_COLUMNS_MAX] = {0};
	for (size_t row = 0; row < s->n; row++) {
		char *at = stage_row(s, row);
		for (size_t i = 0; i < p->ips; i++) {
			struct last *l = &last[i];
			struct addr a;
			memcpy(&a, at + p->ip_offset[i], sizeof(a));
			if (!addr_equal(&a, &l->addr))
				*l = (struct last){a, addresses_put(t, &a)};
			if (l->number == 0 && !addr_is_unset(&a))
				return -1;
			memcpy(at + p->ip_offset[i], &l->number, sizeof(l->number));
		}
	}
	return 0;
}

/* Put in place of the number at at the address's text; its rank. */
static uint32_t replace(const struct addresses *t, char *at)
{
	uint32_t number;
	memcpy(&number, at, sizeof(number));
	duckdb_string_t text = addresses_string(t, number);
	memcpy(at, &text, sizeof(text));
	return addresses_rank_of(t, number);
}

static void fill(struct batch *b, const struct addresses *t, const struct plan *p)
{
	for (size_t i = 0; i < b->stage->n; i++) {
		char *at = stage_row(b->stage, i);
		struct batch_row *r = &b->rows[i];
		*r = (struct batch_row){.day = BATCH_NO_DAY, .row = (uint32_t)i};
		for (size_t k = 0; k < p->ips; k++) {
			uint32_t rank = replace(t, at + p->ip_offset[k]);
			if (p->src != NULL && p->ip_offset[k] == p->src->offset)
				r->src = rank;
			if (p->dst != NULL && p->ip_offset[k] == p->dst->offset)
				r->dst = rank;
		}
		if (p->ts == NULL)
			continue;
		struct moment ts;
		memcpy(&ts, at + p->ts->offset, sizeof(ts));
		r->us = moment_us(ts);
		if (ts.ns != MOMENT_NONE.ns)
			r->day = (int32_t)moment_day(ts);
	}
}

/* The parts of the order, least significant first; each as a number that sorts so. */
enum part { PART_TIME, PART_DST, PART_SRC, PART_DAY, PARTS };

static inline uint64_t part_of(const struct batch_row *r, enum part part)
{
	switch (part) {
	case PART_TIME:
		return (uint64_t)r->us ^ UINT64_C(1) << 63;
	case PART_DST:
		return r->dst;
	case PART_SRC:
		return r->src;
	case PART_DAY:
		return (uint32_t)r->day ^ UINT32_C(1) << 31;
	case PARTS:
	default:
		return 0;
	}
}

#define DIGIT_BITS 11 /* sorted at a time */
#define DIGITS     (1U << DIGIT_BITS)

/* Move rows to other in the order of one digit of a part, equals as they are. */
static inline void sort_digit(const struct batch_row *rows, struct batch_row *other,
    size_t n, enum part part, const uint64_t least_and_shift[static 2])
{
	size_t place[DIGITS + 1] = {0};
	uint64_t least = least_and_shift[0], shift = least_and_shift[1];
	for (size_t i = 0; i < n; i++)
		place[((part_of(&rows[i], part) - least) >> shift) % DIGITS + 1]++;
	for (size_t i = 1; i < DIGITS; i++)
		place[i] += place[i - 1];
	for (size_t i = 0; i < n; i++) {
		uint64_t v = (part_of(&rows[i], part) - least) >> shift;
		other[place[v % DIGITS]++] = rows[i];
	}
}

/* Sort by all digits in which the rows differ; the rows and the room change places. */
static inline void sort_part(
    struct batch_row **rows, struct batch_row **other, size_t n, enum part part)
{
	uint64_t least = UINT64_MAX, greatest = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t v = part_of(&(*rows)[i], part);
		least = v < least ? v : least;
		greatest = v > greatest ? v : greatest;
	}
	for (unsigned shift = 0; n > 0 && shift < 64 && (greatest - least) >> shift > 0;
	     shift += DIGIT_BITS) {
		sort_digit(*rows, *other, n, part, (const uint64_t[]){least, shift});
		struct batch_row *swap = *rows;
		*rows = *other;
		*other = swap;
	}
}

/* Sort by day, source, destination and time (LSD radix sort; stable, so equals stay in
 * the order in which they came). Negative without memory. */
static int sort_rows(struct batch *b)
{
	size_t n = b->stage->n;
	struct batch_row *other = malloc((n + 1) * sizeof(*other));
	if (other == NULL)
		return -1;
	sort_part(&b->rows, &other, n, PART_TIME);
	sort_part(&b->rows, &other, n, PART_DST);
	sort_part(&b->rows, &other, n, PART_SRC);
	sort_part(&b->rows, &other, n, PART_DAY);
	free(other);
	return 0;
}

/* The first day of the span that holds a day. */
static int32_t span_start(int32_t day, enum batch_span span)
{
	int year;
	unsigned month, ignored;
	if (span == BATCH_DAY || day == BATCH_NO_DAY)
		return day;
	civil_from_days(day, &year, &month, &ignored);
	return (int32_t)days_from_civil(year, span == BATCH_YEAR ? 1 : month, 1);
}

/* How many segments the rows, in order of days, would make. */
static size_t count_spans(const struct batch *b, enum batch_span span)
{
	size_t n = 0;
	int32_t before = 0;
	for (size_t i = 0; i < b->stage->n; i++) {
		int32_t day = b->rows[i].day;
		if (i > 0 && day == b->rows[i - 1].day)
			continue;
		int32_t start = span_start(day, span);
		n += i == 0 || start != before;
		before = start;
	}
	return n;
}

/* Sort, by the finest span whose segments are not too small. */
static int sort_by_span(struct batch *b, enum batch_span coarsest)
{
	size_t n = b->stage->n;
	if (sort_rows(b) < 0)
		return -1;
	while (b->span < coarsest && n / BATCH_SEGMENT_ROWS < count_spans(b, b->span))
		b->span++;
	if (b->span == BATCH_DAY)
		return 0;
	for (size_t i = 0; i < n; i++)
		b->rows[i].day = span_start(b->rows[i].day, b->span);
	return sort_rows(b);
}

int batch_sort(struct batch *b, struct stage *s, const struct hash_key *key,
    enum batch_span finest, enum batch_span coarsest, struct error *e)
{
	struct plan p = plan_of(s->info);
	*b = (struct batch){.stage = s, .span = finest};
	addresses_init(&b->addresses, key);
	b->rows = malloc((s->n + 1) * sizeof(*b->rows));
	int status = b->rows == NULL || collect(&b->addresses, s, &p) < 0 ||
			     addresses_rank(&b->addresses) < 0
			 ? -1
			 : 0;
	if (status == 0) {
		fill(b, &b->addresses, &p);
		status = p.ts != NULL ? sort_by_span(b, coarsest) : 0;
	}
	if (status == 0)
		return 0;
	batch_free(b);
	return error_set(e, ERR_SYSTEM, "no memory to sort rows of %s", s->info->table);
}

void batch_free(struct batch *b)
{
	free(b->rows);
	addresses_free(&b->addresses);
	*b = (struct batch){0};
}
