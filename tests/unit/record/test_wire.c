/* SPDX-License-Identifier: Apache-2.0 */
/* Records as frames: every table goes through unchanged; what is cut, flipped or too much
 * is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "../../random.h"
#include "record/wire.h"

#define ROOM 65536

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, WIRE_ARENA);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static const struct str texts[] = {
    {0}, {"", 0}, {"caf\xc3\xa9", 5}, {"a longer text with words", 24}};
static const int64_t ints[] = {0, -1, 1, INT64_MAX, INT64_MIN, 300};

static void fill(uint64_t *r, enum field_kind kind, void *field)
{
	uint64_t v = random_next(r) % 4 == 0 ? random_next(r) : random_next(r) % 300;
	switch (kind) {
	case FIELD_TIME:
		((struct moment *)field)->ns = (int64_t)v;
		break;
	case FIELD_SECONDS:
	case FIELD_REAL:
		*(double *)field = v % 5 == 0 ? (double)NAN : (double)v / 7;
		break;
	case FIELD_IP:
		for (size_t i = 0; i < sizeof(struct addr); i++)
			((struct addr *)field)->b[i] = (uint8_t)random_next(r);
		break;
	case FIELD_PORT:
		*(uint16_t *)field = (uint16_t)v;
		break;
	case FIELD_COUNT:
		*(uint64_t *)field = v;
		break;
	case FIELD_INT:
		*(int64_t *)field = ints[v % 6];
		break;
	case FIELD_FLAG:
		*(int8_t *)field = (int8_t)(v % 3) - 1;
		break;
	case FIELD_TEXT:
		*(struct str *)field = texts[v % 4];
		break;
	case FIELD_TEXTS:
		*(struct str_list *)field = (struct str_list){texts, v % 5};
		break;
	case FIELD_INTS:
		*(struct int_list *)field = (struct int_list){ints, v % 7};
		break;
	}
}

static void fill_record(uint64_t *r, enum record_type type, union wire_record *out)
{
	const struct record_info *info = record_info(type);
	record_clear(type, out);
	for (size_t i = 0; i < info->field_count; i++)
		fill(r, info->fields[i].kind, (char *)out + info->fields[i].offset);
}

static void same_text(const struct str *a, const struct str *b)
{
	assert_int_equal(a->p == NULL, b->p == NULL);
	assert_true(str_equal(*a, *b));
}

static void same_field(enum field_kind kind, const void *a, const void *b)
{
	static const size_t sizes[] = {[FIELD_TIME] = 8,
	    [FIELD_IP] = 16,
	    [FIELD_PORT] = 2,
	    [FIELD_COUNT] = 8,
	    [FIELD_INT] = 8,
	    [FIELD_FLAG] = 1,
	    [FIELD_INTS] = 0};
	const struct str_list *s = a, *t = b;
	const struct int_list *m = a, *n = b;
	if (kind == FIELD_SECONDS || kind == FIELD_REAL) {
		double x = *(const double *)a, y = *(const double *)b;
		assert_true(isnan(x) ? isnan(y) : x >= y && x <= y);
	} else if (kind == FIELD_TEXT) {
		same_text(a, b);
	} else if (kind == FIELD_TEXTS) {
		assert_int_equal(s->n, t->n);
		for (size_t i = 0; i < s->n; i++)
			same_text(&s->v[i], &t->v[i]);
	} else if (kind == FIELD_INTS) {
		assert_int_equal(m->n, n->n);
		for (size_t i = 0; i < m->n; i++)
			assert_true(m->v[i] == n->v[i]);
	} else {
		assert_memory_equal(a, b, sizes[kind]);
	}
}

static void every_table_goes_through(void **state)
{
	static uint8_t out[ROOM];
	uint64_t seed = 7;
	(void)state;
	for (int round = 0; round < 200 * RECORD_TYPES; round++) {
		enum record_type type = (enum record_type)(round % RECORD_TYPES);
		const struct record_info *info = record_info(type);
		union wire_record record;
		struct wire_frame back;
		fill_record(&seed, type, &record);
		size_t n = wire_put(type, &record, out, sizeof(out));
		assert_int_not_equal(n, 0);
		struct bytes in = bytes_over(out, n);
		assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
		assert_int_equal(in.left, 0);
		assert_int_equal(back.kind, type);
		for (size_t i = 0; i < info->field_count; i++) {
			const struct field_info *f = &info->fields[i];
			same_field(f->kind, (char *)&record + f->offset,
			    (char *)&back.record + f->offset);
		}
		arena_reset(&arena);
	}
}

static size_t a_conn(uint8_t out[static ROOM])
{
	struct conn_record c;
	record_clear(RECORD_CONN, &c);
	c.service = STR("dns");
	size_t n = wire_put(RECORD_CONN, &c, out, ROOM);
	assert_int_not_equal(n, 0);
	return n;
}

static void cut_and_flipped_frames(void **state)
{
	static uint8_t out[ROOM];
	struct wire_frame back;
	size_t n = a_conn(out);
	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		struct bytes in = bytes_over(out, cut);
		assert_int_equal(wire_next(&in, &arena, &back), WIRE_PART);
		assert_int_equal(in.left, cut);
	}
	for (size_t i = 0; i < 8 * n; i++) {
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		struct bytes in = bytes_over(out, n);
		assert_int_not_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
		assert_int_equal(in.left, n);
		out[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void no_room(void **state)
{
	static uint8_t out[ROOM];
	struct conn_record c;
	size_t n = a_conn(out);
	(void)state;
	record_clear(RECORD_CONN, &c);
	c.service = STR("dns");
	for (size_t room = 0; room < n; room++)
		assert_int_equal(wire_put(RECORD_CONN, &c, out, room), 0);
	assert_int_equal(wire_put_note(WIRE_NOTE, "note", 4, out, WIRE_HEAD + 3), 0);
	assert_int_equal(wire_put_note(RECORD_CONN, "note", 4, out, ROOM), 0);
}

/* A text of one byte less than the largest frame allows goes, one byte more does not. */
static void limits(void **state)
{
	struct anomaly_record r;
	struct wire_frame back;
	(void)state;
	char *text = malloc(WIRE_FRAME_MAX);
	uint8_t *out = malloc(2 * WIRE_FRAME_MAX);
	memset(text, 'x', WIRE_FRAME_MAX);
	record_clear(RECORD_ANOMALY, &r);
	r.detail = (struct str){text, WIRE_FRAME_MAX / 2};
	size_t n = wire_put(RECORD_ANOMALY, &r, out, 2 * WIRE_FRAME_MAX);
	assert_int_not_equal(n, 0);
	r.detail.n += WIRE_FRAME_MAX - n;
	n = wire_put(RECORD_ANOMALY, &r, out, 2 * WIRE_FRAME_MAX);
	assert_int_equal(n, WIRE_FRAME_MAX);
	struct bytes in = bytes_over(out, n);
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
	assert_int_equal(back.record.as_anomaly.detail.n, r.detail.n);
	r.detail.n++;
	assert_int_equal(wire_put(RECORD_ANOMALY, &r, out, 2 * WIRE_FRAME_MAX), 0);
	struct str *many = calloc(WIRE_LIST_MAX + 1, sizeof(*many));
	struct dns_record d;
	record_clear(RECORD_DNS, &d);
	d.answers = (struct str_list){many, WIRE_LIST_MAX};
	n = wire_put(RECORD_DNS, &d, out, 2 * WIRE_FRAME_MAX);
	in = bytes_over(out, n);
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
	assert_int_equal(back.record.as_dns.answers.n, WIRE_LIST_MAX);
	d.answers.n++;
	assert_int_equal(wire_put(RECORD_DNS, &d, out, 2 * WIRE_FRAME_MAX), 0);
	free(many);
	free(out);
	free(text);
}

static void texts_are_cleaned(void **state)
{
	static uint8_t out[ROOM];
	struct conn_record c;
	struct wire_frame back;
	(void)state;
	record_clear(RECORD_CONN, &c);
	c.service = STR("a\nb\x1b[2J\xff");
	size_t n = wire_put(RECORD_CONN, &c, out, sizeof(out));
	struct bytes in = bytes_over(out, n);
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
	assert_true(str_equal(back.record.as_conn.service, STR("a\\x0ab\\x1b[2J\\xff")));
}

/* An arena that does not suffice for what the texts become refuses the frame. */
static void arena_over_limit(void **state)
{
	static uint8_t out[ROOM];
	static char text[8192];
	struct arena small;
	struct conn_record c;
	struct wire_frame back;
	(void)state;
	memset(text, '\n', sizeof(text));
	record_clear(RECORD_CONN, &c);
	c.service = (struct str){text, sizeof(text)};
	size_t n = wire_put(RECORD_CONN, &c, out, sizeof(out));
	struct bytes in = bytes_over(out, n);
	arena_init(&small, 4096);
	assert_int_equal(wire_next(&in, &small, &back), WIRE_DAMAGED);
	assert_int_equal(in.left, n);
	arena_fini(&small);
}

static void notes_among_records(void **state)
{
	static uint8_t out[ROOM];
	struct wire_frame back;
	size_t first = a_conn(out);
	size_t n =
	    first + wire_put_note(WIRE_NOTE + 3, "note", 4, out + first, ROOM - first);
	struct bytes in = bytes_over(out, n);
	(void)state;
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
	assert_int_equal(back.kind, RECORD_CONN);
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_FRAME);
	assert_int_equal(back.kind, WIRE_NOTE + 3);
	assert_int_equal(back.note.left, 4);
	assert_memory_equal(back.note.pos, "note", 4);
	assert_int_equal(wire_next(&in, &arena, &back), WIRE_PART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_table_goes_through),
	    cmocka_unit_test(cut_and_flipped_frames),
	    cmocka_unit_test(no_room),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(texts_are_cleaned),
	    cmocka_unit_test(arena_over_limit),
	    cmocka_unit_test(notes_among_records),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
