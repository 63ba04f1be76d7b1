/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define TEXT_BLOCK_BYTES 262144 /* text is allocated in blocks of so many bytes */

_Static_assert(
    sizeof(struct str) == sizeof(duckdb_string_t), "a text changes form in place");
_Static_assert(STAGE_TEXT_MAX < UINT32_MAX, "the length of a string has 32 bits");

struct stage_text {
	struct stage_text *older;
	size_t used, room;
	max_align_t bytes[];
};

/* No table has more fields than there is room for. */
#define F(KIND, name, meaning) +1
#define T(TYPE, type, table, FIELDS, what)                                               \
	_Static_assert((0 FIELDS(F)) <= STAGE_FIELDS_MAX, "too many columns: " table);
RECORD_TABLES(T)
#undef T
#undef F

void stage_init(struct stage *s, enum record_type type)
{
	*s = (struct stage){.info = record_info(type)};
	for (size_t i = 0; i < s->info->field_count; i++) {
		const struct field_info *f = &s->info->fields[i];
		if (f->kind == FIELD_TEXT || f->kind == FIELD_TEXTS ||
		    f->kind == FIELD_INTS)
			s->pointing[s->pointing_count++] = f;
	}
}

static void free_text(struct stage *s, struct stage_text *keep)
{
	while (s->text != NULL) {
		struct stage_text *older = s->text->older;
		if (s->text != keep)
			free(s->text);
		s->text = older;
	}
	s->text = keep;
}

void stage_fini(struct stage *s)
{
	free_text(s, NULL);
	for (size_t i = 0; i < s->block_count; i++)
		free(s->blocks[i]);
	free(s->blocks);
	s->blocks = NULL;
	s->block_count = s->n = s->bytes = 0;
}

void stage_reset(struct stage *s)
{
	free_text(s, s->text);
	if (s->text != NULL) {
		s->text->older = NULL;
		s->text->used = 0;
	}
	s->n = 0;
	s->bytes = 0;
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

duckdb_string_t stage_string(const char *p, size_t n)
{
	duckdb_string_t t = {0};
	t.value.inlined.length = (uint32_t)n;
	if (n <= STAGE_INLINE_MAX) {
		if (n > 0)
			memcpy(t.value.inlined.inlined, p, n);
		return t;
	}
	memcpy(t.value.pointer.prefix, p, sizeof(t.value.pointer.prefix));
	t.value.pointer.ptr = (char *)(uintptr_t)p;
	return t;
}

#define WORD sizeof(uint64_t)

static inline bool is_ascii(const char *p, size_t n)
{
	uint64_t all = 0, word;
	for (size_t i = 0; i + WORD <= n; i += WORD) {
		memcpy(&word, p + i, WORD);
		all |= word;
	}
	if (n >= WORD) { /* the last word, which may overlap the one before */
		memcpy(&word, p + n - WORD, WORD);
		all |= word;
	}
	for (size_t i = 0; n < WORD && i < n; i++)
		all |= (unsigned char)p[i];
	return (all & 0x8080808080808080U) == 0;
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

static int put_text_field(
    struct stage *s, struct str text, const duckdb_string_t *before, duckdb_string_t *out)
{
	if (text.p == NULL) {
		*out = (duckdb_string_t){0};
		out->value.inlined.length = UINT32_MAX;
		return 0;
	}
	if (before != NULL && !stage_text_absent(before) && text.n > STAGE_INLINE_MAX &&
	    str_equal(stage_str(before), text)) {
		*out = *before;
		return 0;
	}
	return put_text(s, text, out);
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
static unsigned char *next_row(struct stage *s)
{
	if (s->n / STAGE_BLOCK_ROWS < s->block_count)
		return stage_row(s, s->n);
	if (s->block_count == STAGE_BLOCKS_MAX)
		return NULL;
	if (s->blocks == NULL)
		s->blocks = calloc(STAGE_BLOCKS_MAX, sizeof(*s->blocks));
	unsigned char *block =
	    s->blocks != NULL ? malloc(STAGE_BLOCK_ROWS * s->info->size) : NULL;
	if (block == NULL)
		return NULL;
	s->blocks[s->block_count++] = block;
	return block;
}

static int put_field(struct stage *s, const struct field_info *f, unsigned char *row,
    const unsigned char *before)
{
	void *at = row + f->offset;
	if (f->kind == FIELD_TEXT) {
		struct str text = *(const field_TEXT *)at;
		return put_text_field(s, text,
		    before != NULL ? (const void *)(before + f->offset) : NULL, at);
	}
	if (f->kind == FIELD_TEXTS)
		return put_texts(s, at);
	if (f->kind == FIELD_INTS)
		return put_ints(s, at);
	return 0;
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

int stage_set(struct stage *s, size_t i, const struct field_info *f, const void *value,
    struct error *e)
{
	unsigned char *row = stage_row(s, i);
	memcpy(row + f->offset, value, size_of_kind(f->kind));
	if (put_field(s, f, row, NULL) == 0)
		return 0;
	return error_set(e, ERR_LIMIT, "%s.%s: more than %u bytes in one row",
	    s->info->table, f->name, STAGE_TEXT_MAX);
}

int stage_put(struct stage *s, const void *record, struct error *e)
{
	unsigned char *row = next_row(s);
	if (row == NULL)
		return error_set(
		    e, ERR_LIMIT, "no memory for rows of %s", s->info->table);
	const unsigned char *before = s->n > 0 ? stage_row(s, s->n - 1) : NULL;
	memcpy(row, record, s->info->size);
	for (size_t i = 0; i < s->pointing_count; i++) {
		const struct field_info *f = s->pointing[i];
		if (put_field(s, f, row, before) < 0)
			return error_set(e, ERR_LIMIT,
			    "%s.%s: more than %u bytes in one row", s->info->table,
			    f->name, STAGE_TEXT_MAX);
	}
	s->n++;
	s->bytes += s->info->size;
	return 0;
}
