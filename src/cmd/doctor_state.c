/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/doctor_state.h"

#include <inttypes.h>

#include "detect/detect.h"

static const char *const columns[] = {
    "detector", "state", "bytes_each", "most", "bytes_most"};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* The row in print: the k-th state of detector i. */
struct cursor {
	size_t i, k;
	bool begun;
	struct detect_state state;
};

static const char *name(void *ctx, size_t column)
{
	(void)ctx;
	return columns[column];
}

static bool number(void *ctx, size_t column)
{
	(void)ctx;
	return column >= 2;
}

static bool next(void *ctx)
{
	struct cursor *c = ctx;
	c->k += c->begun;
	c->begun = true;
	while (!detect_state(c->i, c->k, &c->state)) {
		if (c->i == detect_count()) /* stays at the end, however often asked */
			return false;
		c->i++;
		c->k = 0;
	}
	return true;
}

static struct str show(void *ctx, size_t column, struct arena *a)
{
	const struct cursor *c = ctx;
	const uint64_t numbers[] = {
	    c->state.bytes, c->state.most, c->state.bytes * c->state.most};
	if (column == 0)
		return c->i < detect_count() ? str_of(detect_name(c->i)) : STR("all");
	if (column == 1)
		return str_of(c->state.what);
	return str_format(a, "%" PRIu64, numbers[column - 2]);
}

/* Texts here are ours and hold nothing that JSON would escape. */
static struct str json(void *ctx, size_t column, struct arena *a)
{
	struct str s = show(ctx, column, a);
	return number(ctx, column) ? s : str_format(a, "\"%.*s\"", STR_ARG(s));
}

int doctor_print_state(enum format format, struct error *e)
{
	struct cursor c = {.i = 0};
	struct format_source rows = {COLUMNS, name, number, next, show, json, &c};
	return format_source(&rows, format, stdout, e);
}
