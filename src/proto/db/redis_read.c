/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/redis_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define BULK_MAX                                                                         \
	(UINT64_C(512) << 20)         /* bytes of the longest text (Redis' own limit)    \
				       */
#define COUNT_MAX  (INT64_C(1) << 31) /* elements of the longest list */
#define DIGITS_MAX 11
#define LINE_END   2 /* bytes of \r\n */

struct str redis_arg(const struct redis_reader *r, size_t i)
{
	if (i >= r->args)
		return (struct str){0};
	size_t begin = i > 0 ? r->end[i - 1] : 0;
	return (struct str){r->text + begin, r->end[i] - begin};
}

/* Bytes more of the text at hand. */
static void keep(struct redis_reader *r, const void *p, size_t n)
{
	if (r->args == REDIS_ARGS_MAX)
		return;
	if (r->text == NULL)
		r->text = malloc(REDIS_KEPT);
	size_t room = r->text != NULL ? REDIS_KEPT - r->n : 0;
	size_t here = size_min(n, room);
	if (here > 0)
		memcpy(r->text + r->n, p, here);
	r->n += here;
	r->cut += n - here;
}

/* The text at hand ends. */
static void end_text(struct redis_reader *r)
{
	r->all++;
	r->cut = 0;
	if (r->args < REDIS_ARGS_MAX && r->text != NULL)
		r->end[r->args++] = r->n;
}

static void begin_item(struct redis_reader *r)
{
	r->pending = 1;
	r->attributes = false;
	r->n = r->args = 0;
	r->all = r->cut = r->bytes = 0;
	r->count = 0;
	r->type = 0;
}

/* The number of a line, behind its type. */
static bool number(struct str line, int64_t *n)
{
	size_t i = 1;
	bool minus = line.n > 1 && line.p[1] == '-';
	i += minus;
	*n = 0;
	if (i == line.n || line.n - i > DIGITS_MAX)
		return false;
	for (; i < line.n; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return false;
		*n = *n * 10 + (line.p[i] - '0');
	}
	*n = minus ? -*n : *n;
	return true;
}

static void inline_command(struct redis_reader *r, struct str line)
{
	r->pending = 0;
	r->type = '*';
	for (size_t i = 0; i < line.n;) {
		while (i < line.n && line.p[i] == ' ')
			i++;
		size_t begin = i;
		while (i < line.n && line.p[i] != ' ')
			i++;
		if (i > begin) {
			keep(r, line.p + begin, i - begin);
			end_text(r);
		}
	}
	r->count = (int64_t)r->all;
}

enum class { NO_CLASS, SIMPLE, BULK, AGGREGATE };

/* What kind of element a type's letter begins (RESP3). */
static enum class class_of(char type) {
	switch (type){
		case '+' : case '-' : case ':' : case '_' : case '#' : case ',' :
		    case '(' : return SIMPLE;
		case '$' : case '=' : case '!' : return BULK;
		case '*' : case '~' : case '>' : case '%' : case '|' : return AGGREGATE;
		default : return NO_CLASS;
	}
}

/* A line that begins an element; false: it is none. */
static bool element(struct redis_reader *r, struct str line)
{
	int64_t n;
	char type = line.n > 0 ? line.p[0] : 0;
	bool first = r->type == 0 && (!r->attributes || r->pending == 1);
	if (first && r->attributes) {
		r->attributes = false;
		r->n = r->args = 0;
		r->all = 0;
	}
	if (first && r->inline_too && type != '*') {
		inline_command(r, line);
		return true;
	}
	if (type == 0)
		return false;
	if (first)
		r->type = type;
	enum class class = class_of(type);
	if (class == SIMPLE) {
		keep(r, line.p + 1, line.n - 1);
		end_text(r);
		r->pending--;
		return true;
	}
	if (class == NO_CLASS || !number(line, &n) || n > COUNT_MAX)
		return false;
	if (first)
		r->count = n;
	if (n < 0) {
		end_text(r);
		r->pending--;
	} else if (class == BULK) {
		if ((uint64_t)n > BULK_MAX)
			return false;
		r->bulk = (uint64_t)n + LINE_END;
	} else {
		uint64_t more = (uint64_t)n * (type == '%' || type == '|' ? 2 : 1);
		r->pending +=
		    more - (type == '|' ? 0 : 1); /* | comes before an element */
		if (type == '|' && first) {
			r->type = 0;
			r->attributes = n > 0;
		}
	}
	return r->pending < UINT64_MAX / 2;
}

/* Bytes of a text with a length. */
static void bulk(struct redis_reader *r, struct bytes *in)
{
	size_t n = r->bulk < in->left ? (size_t)r->bulk : in->left;
	uint64_t content = r->bulk > LINE_END ? r->bulk - LINE_END : 0;
	size_t here = content < n ? (size_t)content : n;
	if (here > 0)
		keep(r, in->pos, here);
	bytes_skip(in, n);
	r->bytes += n;
	r->bulk -= n;
	if (r->bulk == 0) {
		end_text(r);
		r->pending--;
	}
}

enum redis_outcome redis_read(struct redis_reader *r, struct bytes *in)
{
	struct str line;
	if (r->pending == 0)
		begin_item(r);
	while (in->left > 0) {
		if (r->bulk > 0) {
			bulk(r, in);
		} else {
			size_t before = in->left;
			bool whole = line_take(&r->line, in, &line);
			r->bytes += before - in->left;
			if (!whole)
				return REDIS_MORE;
			if (!element(r, line))
				return REDIS_BAD;
		}
		if (r->pending == 0)
			return REDIS_ITEM;
	}
	return REDIS_MORE;
}

bool redis_gap(struct redis_reader *r, uint64_t n)
{
	if (r->bulk <= n)
		return false;
	r->bulk -= n;
	r->bytes += n;
	return true;
}

void redis_reset(struct redis_reader *r)
{
	line_free(&r->line);
	r->bulk = r->pending = 0;
}

void redis_free(struct redis_reader *r)
{
	redis_reset(r);
	free(r->text);
	r->text = NULL;
}

size_t redis_held(const struct redis_reader *r)
{
	return r->line.room + (r->text != NULL ? REDIS_KEPT : 0);
}
