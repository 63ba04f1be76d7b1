/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define TEXT_BLOCK_BYTES 262144 /* text is allocated in blocks of so many bytes */
#define STAGE_STRING     16     /* bytes of a string */

_Static_assert(
    sizeof(struct str) == sizeof(duckdb_string_t), "a text changes form in place");
_Static_assert(sizeof(duckdb_string_t) == STAGE_STRING, "a string has two words");
_Static_assert(STAGE_TEXT_MAX < UINT32_MAX, "the length of a string has 32 bits");

struct stage_text {
	struct stage_text *older;
	size_t used, room;
	max_align_t bytes[];
};

/* No table has more fields, or larger rows, than there is room for. */
#define F(KIND, name, meaning) +1
#define T(TYPE, type, table, FIELDS, what)                                               \
	_Static_assert((0 FIELDS(F)) <= STAGE_FIELDS_MAX, "too many columns: " table);   \
	_Static_assert(sizeof(struct type##_record) <= STAGE_BLOCK_BYTES,                \
	    "a row does not fit a block: " table);
RECORD_TABLES(T)
#undef T
#undef F

void stage_init(struct stage *s, enum record_type type)
{
	*s = (struct stage){.info = record_info(type)};
	while (s->info->size << (s->block_bits + 1) <= STAGE_BLOCK_BYTES)
		s->block_bits++;
	for (size_t i = 0; i < s->info->field_count; i++) {
		const struct field_info *f = &s->info->fields[i];
		if (f->kind == FIELD_TEXT)
			s->texts[s->text_count++] = f;
		if (f->kind == FIELD_TEXTS || f->kind == FIELD_INTS)
			s->lists[s->list_count++] = f;
	}
}

static void free_text(struct stage *s)
{
	while (s->text != NULL) {
		struct stage_text *older = s->text->older;
		free(s->text);
		s->text = older;
	}
}

void stage_fini(struct stage *s)
{
	free_text(s);
	for (size_t i = 0; i < s->block_count; i++)
		free(s->blocks[i]);
	free(s->blocks);
	s->blocks = NULL;
	s->block_count = s->n = s->bytes = 0;
}

/* n bytes aligned for any type, valid until the stage is emptied; NULL without memory. */
static void *text_alloc(struct stage *s, size_t n)
{
	size_t step =
	    (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	struct stage_text *t = s->text;
	if (t == NULL || step > t->room - t->used) {
		size_t room = size_max(TEXT_BLOCK_BYTES, step);
		t = malloc(sizeof(*t) + room);
		if (t == NULL)
			return NULL;
		*t = (struct stage_text){.older = s->text, .room = room};
		s->text = t;
	}
	void *p = (char *)t->bytes + t->used;
	t->used += step;
	s->bytes += step;
	return p;
}

struct str stage_str(const duckdb_string_t *t)
{
	uint32_t n = t->value.inlined.length;
	return (struct str){
	    n <= STAGE_INLINE_MAX ? t->value.inlined.inlined : t->value.pointer.ptr, n};
}

/* Up to STAGE_INLINE_MAX bytes at p as two words that the string begins and goes on with:
 * length (4), bytes, zeros. */
static inline void inline_words(const char *p, size_t n, char out[static STAGE_STRING])
{
	uint32_t length = (uint32_t)n;
	memset(out, 0, STAGE_STRING);
	memcpy(out, &length, sizeof(length));
	out += sizeof(length);
	if (n >= 8) {
		memcpy(out, p, 8);
		memcpy(out + n - 4, p + n - 4, 4);
	} else if (n >= 4) {
		memcpy(out, p, 4);
		memcpy(out + n - 4, p + n - 4, 4);
	} else if (n > 0) {
		out[0] = p[0];
		out[n / 2] = p[n / 2];
		out[n - 1] = p[n - 1];
	}
}

duckdb_string_t stage_string(const char *p, size_t n)
{
	duckdb_string_t t = {0};
	if (n <= STAGE_INLINE_MAX) {
		inline_words(p, n, (char *)&t);
		return t;
	}
	t.value.pointer.length = (uint32_t)n;
	memcpy(t.value.pointer.prefix, p, sizeof(t.value.pointer.prefix));
	t.value.pointer.ptr = (char *)(uintptr_t)p;
	return t;
}

#define WORD      sizeof(uint64_t)
#define TOP_BITS  UINT64_C(0x8080808080808080)
#define HALF_WORD sizeof(uint32_t)

static inline bool is_ascii(const char *p, size_t n)
{
	uint64_t all = 0, word;
	if (n < WORD) {
		uint32_t first = 0, last = 0;
		if (n >= HALF_WORD) { /* two halves, which may overlap */
			memcpy(&first, p, HALF_WORD);
			memcpy(&last, p + n - HALF_WORD, HALF_WORD);
		} else if (n > 0) {
			first = (unsigned char)p[0] | (unsigned char)p[n / 2];
			last = (unsigned char)p[n - 1];
		}
		return ((first | last) & (uint32_t)TOP_BITS) == 0;
	}
	for (size_t i = 0; i + WORD <= n; i += WORD) {
		memcpy(&word, p + i, WORD);
		all |= word;
	}
	/* the last word, which may overlap the one before */
	memcpy(&word, p + n - WORD, WORD);
	return ((all | word) & TOP_BITS) == 0;
}

static int put_clean(struct stage *s, struct str text, duckdb_string_t *out)
{
	if (text.n <= STAGE_INLINE_MAX) {
		*out = stage_string(text.p, text.n);
		return 0;
	}
	char *copy = text.n <= STAGE_TEXT_MAX ? text_alloc(s, text.n) : NULL;
	if (copy == NULL)
		return -1;
	memcpy(copy, text.p, text.n);
	*out = stage_string(copy, text.n);
	return 0;
}

/*
 * Text is clean by contract; a producer's mistake must not cost the transaction, since
 * DuckDB refuses strings that are no UTF-8, so what is not ASCII is cleaned once more.
 */
static int put_text(struct stage *s, struct str text, duckdb_string_t *out)
{
	if (is_ascii(text.p, text.n))
		return put_clean(s, text, out);
	if (text.n > STAGE_TEXT_MAX)
		return -1;
	struct arena a;
	arena_init(&a, (size_t)STAGE_TEXT_MAX * 4 + 4096);
	struct str clean = str_clean(&a, text.p, text.n);
	int status = clean.p != NULL ? put_clean(s, clean, out) : -1;
	arena_fini(&a);
	return status;
}

/* Put the text that at holds as a record does in the stage's form in its place; before is
 * that of the row before, or NULL. */
static inline int put_text_field(struct stage *s, char *at, const char *before)
{
	struct str text;
	duckdb_string_t out;
	memcpy(&text, at, sizeof(text));
	if (text.p == NULL) {
		static const duckdb_string_t absent = {
		    .value.inlined.length = UINT32_MAX};
		memcpy(at, &absent, sizeof(absent));
		return 0;
	}
	if (text.n <= STAGE_INLINE_MAX && is_ascii(text.p, text.n)) {
		inline_words(text.p, text.n, at);
		return 0;
	}
	if (before != NULL && str_equal(stage_field(before), text)) {
		memcpy(at, before, sizeof(out));
		return 0;
	}
	if (put_text(s, text, &out) < 0)
		return -1;
	memcpy(at, &out, sizeof(out));
	return 0;
}

static int put_texts(struct stage *s, field_TEXTS *list)
{
	size_t bytes;
	if (list->n == 0)
		return 0;
	if (!size_mul(list->n, sizeof(duckdb_string_t), &bytes) || bytes > STAGE_TEXT_MAX)
		return -1;
	duckdb_string_t *copy = text_alloc(s, bytes);
	if (copy == NULL)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct str element = list->v[i].p != NULL ? list->v[i] : STR("");
		if (put_text(s, element, &copy[i]) < 0)
			return -1;
	}
	list->v = (const struct str *)(const void *)copy;
	return 0;
}

static int put_ints(struct stage *s, field_INTS *list)
{
	size_t bytes;
	if (list->n == 0)
		return 0;
	if (!size_mul(list->n, sizeof(int64_t), &bytes) || bytes > STAGE_TEXT_MAX)
		return -1;
	int64_t *copy = text_alloc(s, bytes);
	if (copy == NULL)
		return -1;
	memcpy(copy, list->v, bytes);
	list->v = copy;
	return 0;
}

/* Room for one more row, or NULL. */
static char *next_row(struct stage *s)
{
	if (s->n >> s->block_bits < s->block_count)
		return stage_row(s, s->n);
	if (s->block_count == STAGE_BLOCKS_MAX)
		return NULL;
	if (s->blocks == NULL)
		s->blocks = calloc(STAGE_BLOCKS_MAX, sizeof(*s->blocks));
	char *block = s->blocks != NULL ? malloc(s->info->size << s->block_bits) : NULL;
	if (block == NULL)
		return NULL;
	s->blocks[s->block_count++] = block;
	return block;
}

static int put_list(struct stage *s, const struct field_info *f, char *row)
{
	void *at = row + f->offset;
	return f->kind == FIELD_TEXTS ? put_texts(s, at) : put_ints(s, at);
}

static size_t size_of_kind(enum field_kind kind)
{
	static const size_t sizes[] = {[FIELD_TIME] = sizeof(field_TIME),
	    [FIELD_SECONDS] = sizeof(field_SECONDS),
	    [FIELD_REAL] = sizeof(field_REAL),
	    [FIELD_IP] = sizeof(field_IP),
	    [FIELD_PORT] = sizeof(field_PORT),
	    [FIELD_COUNT] = sizeof(field_COUNT),
	    [FIELD_INT] = sizeof(field_INT),
	    [FIELD_FLAG] = sizeof(field_FLAG),
	    [FIELD_TEXT] = sizeof(field_TEXT),
	    [FIELD_TEXTS] = sizeof(field_TEXTS),
	    [FIELD_INTS] = sizeof(field_INTS)};
	return sizes[kind];
}

static int too_long(const struct stage *s, const struct field_info *f, struct error *e)
{
	return error_set(e, ERR_LIMIT, "%s.%s: more than %u bytes in one row",
	    s->info->table, f->name, STAGE_TEXT_MAX);
}

int stage_set(struct stage *s, size_t i, const struct field_info *f, const void *value,
    struct error *e)
{
	char *row = stage_row(s, i);
	int status = 0;
	memcpy(row + f->offset, value, size_of_kind(f->kind));
	if (f->kind == FIELD_TEXT)
		status = put_text_field(s, row + f->offset, NULL);
	else if (f->kind == FIELD_TEXTS || f->kind == FIELD_INTS)
		status = put_list(s, f, row);
	return status == 0 ? 0 : too_long(s, f, e);
}

int stage_put(struct stage *s, const void *record, struct error *e)
{
	char *row = next_row(s);
	if (row == NULL)
		return error_set(
		    e, ERR_LIMIT, "no memory for rows of %s", s->info->table);
	const char *before = s->n > 0 ? stage_row(s, s->n - 1) : NULL;
	memcpy(row, record, s->info->size);
	for (size_t i = 0; i < s->text_count; i++) {
		size_t offset = s->texts[i]->offset;
		if (put_text_field(
			s, row + offset, before != NULL ? before + offset : NULL) < 0)
			return too_long(s, s->texts[i], e);
	}
	for (size_t i = 0; i < s->list_count; i++) {
		if (put_list(s, s->lists[i], row) < 0)
			return too_long(s, s->lists[i], e);
	}
	s->n++;
	s->bytes += s->info->size;
	return 0;
}
