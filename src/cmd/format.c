/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows as people and programs want them. A table's columns must be as wide as their
 * widest value, yet rows stream: the first rows decide, and a later value that is wider
 * moves its line. NULL is an empty cell, in CSV too, where an empty text is "".
 */
#include "cmd/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/json.h"

#define AHEAD_ROWS     1000         /* rows that decide how wide columns are … */
#define AHEAD_BYTES    (4U << 20)   /* … and how much of them is held, about */
#define ROW_BYTES_MAX  (256U << 20) /* bytes of one row as text */
#define TERMINAL_WIDTH 60           /* characters of a cell that a terminal shows */

/* ---- cells of a table ---- */

/* Bytes of the UTF-8 sequence that begins with c; text of the store is valid. */
static size_t sequence(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Whether the character at p takes two columns:
 * the CJK blocks, Hangul and full-width forms. */
static bool is_wide(const unsigned char *p, size_t n)
{
	if (n < 3)
		return false;
	if (n == 4)
		return p[0] == 0xf0 && p[1] >= 0x9f;
	unsigned c = (p[0] & 15U) << 12 | (p[1] & 63U) << 6 | (p[2] & 63U);
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60);
}

/* Columns that the text takes; stops before the first character that goes beyond most,
 * and says in *bytes how much of the text that is. */
static size_t width_of(struct str s, size_t most, size_t *bytes)
{
	size_t width = 0, at = 0;
	while (at < s.n) {
		size_t n = sequence((unsigned char)s.p[at]);
		if (n > s.n - at)
			n = s.n - at;
		size_t w = is_wide((const unsigned char *)s.p + at, n) ? 2 : 1;
		if (width + w > most)
			break;
		width += w;
		at += n;
	}
	*bytes = at;
	return width;
}

struct table {
	const struct format_source *rows; /* borrowed */
	FILE *out;                        /* borrowed */
	size_t columns;
	size_t *widths;    /* owned */
	struct str *ahead; /* the first rows, cell by cell; owned */
	size_t ahead_rows;
	struct arena arena;
	size_t most; /* columns of a cell that are shown */
};

/* A value as one line without control characters, which a terminal might obey. */
static struct str cell(struct table *t, size_t column)
{
	struct str s = t->rows->show(t->rows->ctx, column, &t->arena);
	return s.p != NULL ? str_clean(&t->arena, s.p, s.n) : s;
}

static bool is_number(const struct table *t, size_t column)
{
	return t->rows->number(t->rows->ctx, column);
}

static struct str name_of(const struct format_source *s, size_t column)
{
	return str_of(s->name(s->ctx, column));
}

static void pad(FILE *out, size_t n)
{
	while (n-- > 0)
		fputc(' ', out);
}

static void print_cell(const struct table *t, size_t column, struct str s)
{
	size_t bytes, width = width_of(s, SIZE_MAX, &bytes);
	bool last = column + 1 == t->columns;
	bool cut = width > t->most;
	if (cut)
		width = width_of(s, t->most - 1, &bytes) + 1;
	size_t fill = width < t->widths[column] ? t->widths[column] - width : 0;
	if (is_number(t, column))
		pad(t->out, fill);
	fwrite(s.p != NULL ? s.p : "", 1, bytes, t->out);
	if (cut)
		fputs("…", t->out);
	if (!is_number(t, column) && !last)
		pad(t->out, fill);
	fputs(last ? "\n" : "  ", t->out);
}

static void print_head(const struct table *t)
{
	for (size_t c = 0; c < t->columns; c++)
		print_cell(t, c, name_of(t->rows, c));
	for (size_t c = 0; c < t->columns; c++) {
		for (size_t i = 0; i < t->widths[c]; i++)
			fputc('-', t->out);
		fputs(c + 1 == t->columns ? "\n" : "  ", t->out);
	}
}

/* Widen a column for a text that stands in it. */
static void widen(struct table *t, size_t column, struct str s)
{
	size_t bytes, width = width_of(s, SIZE_MAX, &bytes);
	if (width > t->most)
		width = t->most;
	if (width > t->widths[column])
		t->widths[column] = width;
}

static void look_ahead(struct table *t)
{
	for (size_t c = 0; c < t->columns; c++)
		widen(t, c, name_of(t->rows, c));
	while (t->ahead_rows < AHEAD_ROWS && t->arena.held < AHEAD_BYTES &&
	       t->rows->next(t->rows->ctx)) {
		struct str *row = t->ahead + t->ahead_rows * t->columns;
		for (size_t c = 0; c < t->columns; c++) {
			row[c] = cell(t, c);
			widen(t, c, row[c]);
		}
		t->ahead_rows++;
	}
}

static void print_table(struct table *t)
{
	look_ahead(t);
	print_head(t);
	for (size_t i = 0; i < t->ahead_rows; i++) {
		for (size_t c = 0; c < t->columns; c++)
			print_cell(t, c, t->ahead[i * t->columns + c]);
	}
	while (!ferror(t->out) && t->rows->next(t->rows->ctx)) {
		arena_reset(&t->arena);
		for (size_t c = 0; c < t->columns; c++)
			print_cell(t, c, cell(t, c));
	}
}

static int format_table(const struct format_source *r, FILE *out, struct error *e)
{
	struct table t = {.rows = r, .out = out, .columns = r->columns};
	t.most = isatty(fileno(out)) ? TERMINAL_WIDTH : SIZE_MAX;
	t.widths = calloc(t.columns, sizeof(*t.widths));
	t.ahead = calloc(t.columns * AHEAD_ROWS, sizeof(*t.ahead));
	arena_init(&t.arena, ROW_BYTES_MAX);
	int status = 0;
	if (t.widths == NULL || t.ahead == NULL)
		status = error_set(e, ERR_SYSTEM, "no memory for a table");
	else
		print_table(&t);
	if (t.arena.refused > 0 && status == 0)
		status = error_set(
		    e, ERR_LIMIT, "a row has more than %u bytes as text", ROW_BYTES_MAX);
	arena_fini(&t.arena);
	free(t.widths);
	free(t.ahead);
	return status;
}

/* ---- CSV and JSON ---- */

static void csv_cell(FILE *out, struct str s)
{
	if (s.p == NULL)
		return;
	bool plain = s.n > 0;
	for (size_t i = 0; i < s.n && plain; i++)
		plain = strchr(",\"\r\n", s.p[i]) == NULL;
	if (plain) {
		fwrite(s.p, 1, s.n, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			fputc('"', out);
		fputc(s.p[i], out);
	}
	fputc('"', out);
}

static void csv_row(const struct format_source *r, FILE *out, struct arena *a)
{
	for (size_t c = 0; c < r->columns; c++) {
		if (c > 0)
			fputc(',', out);
		csv_cell(out, r->show(r->ctx, c, a));
	}
	fputs("\r\n", out);
}

static void json_row(const struct format_source *r, FILE *out, struct arena *a)
{
	fputc('{', out);
	for (size_t c = 0; c < r->columns; c++) {
		struct str value = r->json(r->ctx, c, a);
		if (c > 0)
			fputc(',', out);
		json_put_string(out, name_of(r, c));
		fputc(':', out);
		fwrite(value.p != NULL ? value.p : "", 1, value.n, out);
	}
	fputs("}\n", out);
}

static int format_lines(const struct format_source *r, FILE *out,
    void (*row)(const struct format_source *, FILE *, struct arena *), struct error *e)
{
	struct arena a;
	arena_init(&a, ROW_BYTES_MAX);
	while (!ferror(out) && a.refused == 0 && r->next(r->ctx)) {
		row(r, out, &a);
		arena_reset(&a);
	}
	bool refused = a.refused > 0;
	arena_fini(&a);
	if (refused)
		return error_set(
		    e, ERR_LIMIT, "a row has more than %u bytes as text", ROW_BYTES_MAX);
	return 0;
}

static int format_csv(const struct format_source *r, FILE *out, struct error *e)
{
	for (size_t c = 0; c < r->columns; c++) {
		if (c > 0)
			fputc(',', out);
		csv_cell(out, name_of(r, c));
	}
	fputs("\r\n", out);
	return format_lines(r, out, csv_row, e);
}

int format_source(
    const struct format_source *s, enum format f, FILE *out, struct error *e)
{
	int status = 0;
	errno = 0;
	switch (f) {
	case FORMAT_TABLE:
		status = format_table(s, out, e);
		break;
	case FORMAT_CSV:
		status = format_csv(s, out, e);
		break;
	case FORMAT_JSON:
		status = format_lines(s, out, json_row, e);
		break;
	}
	if (status < 0)
		return status;
	if (fflush(out) != 0 || ferror(out))
		return error_set(
		    e, ERR_SYSTEM, "can not write the rows: %s", strerror(errno));
	return 0;
}

/* ---- rows of the store ---- */

static const char *store_name(void *ctx, size_t column)
{
	return store_column_name(ctx, column);
}

static bool store_number(void *ctx, size_t column)
{
	switch (store_column_type(ctx, column)) {
	case STORE_INT:
	case STORE_UINT:
	case STORE_REAL:
		return true;
	case STORE_BOOL:
	case STORE_TIME:
	case STORE_TEXT:
	case STORE_OTHER:
		return false;
	}
	return false;
}

static bool store_more(void *ctx)
{
	return store_next(ctx);
}

static struct str store_cell(void *ctx, size_t column, struct arena *a)
{
	return store_show(ctx, column, a);
}

static struct str store_value(void *ctx, size_t column, struct arena *a)
{
	return store_json(ctx, column, a);
}

int format_rows(struct store_rows *r, enum format f, FILE *out, struct error *e)
{
	struct format_source s = {store_columns(r), store_name, store_number, store_more,
	    store_cell, store_value, r};
	int status = format_source(&s, f, out, e);
	if (status == 0 && store_rows_failed(r, e))
		return -1;
	return status;
}
