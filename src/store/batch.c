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

/* Put in place of each address its number. */
static int collect(struct addresses *t, const struct stage *s, const struct plan *p)
{
	for (size_t row = 0; row < s->n; row++) {
		char *at = stage_row(s, row);
		for (size_t i = 0; i < p->ips; i++) {
			const struct addr *a = (const void *)(at + p->ip_offset[i]);
			bool unset = addr_is_unset(a);
			uint32_t number = addresses_put(t, a);
			if (number == 0 && !unset)
				return -1;
			memcpy(at + p->ip_offset[i], &number, sizeof(number));
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

static int by_order(const void *a, const void *b)
{
	const struct batch_row *x = a, *y = b;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->src != y->src)
		return x->src < y->src ? -1 : 1;
	if (x->dst != y->dst)
		return x->dst < y->dst ? -1 : 1;
	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
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
static void sort_by_span(struct batch *b)
{
	size_t n = b->stage->n;
	qsort(b->rows, n, sizeof(*b->rows), by_order);
	while (b->span < BATCH_YEAR && n / BATCH_SEGMENT_ROWS < count_spans(b, b->span))
		b->span++;
	if (b->span == BATCH_DAY)
		return;
	for (size_t i = 0; i < n; i++)
		b->rows[i].day = span_start(b->rows[i].day, b->span);
	qsort(b->rows, n, sizeof(*b->rows), by_order);
}

int batch_sort(
    struct batch *b, struct stage *s, const struct hash_key *key, struct error *e)
{
	struct plan p = plan_of(s->info);
	*b = (struct batch){.stage = s};
	addresses_init(&b->addresses, key);
	b->rows = malloc((s->n + 1) * sizeof(*b->rows));
	if (b->rows == NULL || collect(&b->addresses, s, &p) < 0 ||
	    addresses_rank(&b->addresses) < 0) {
		batch_free(b);
		return error_set(
		    e, ERR_SYSTEM, "no memory to sort rows of %s", s->info->table);
	}
	fill(b, &b->addresses, &p);
	if (p.ts != NULL)
		sort_by_span(b);
	return 0;
}

void batch_free(struct batch *b)
{
	free(b->rows);
	addresses_free(&b->addresses);
	*b = (struct batch){0};
}
