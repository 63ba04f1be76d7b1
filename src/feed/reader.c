/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"

#define DOCUMENT_FIRST (1U << 16) /* bytes asked for at first; doubles */

struct str feed_trim(struct str text)
{
	return str_trim(text, " \t\r\n");
}

bool feed_starts(struct str text, const char *prefix)
{
	size_t n = strlen(prefix);
	return text.n >= n && strncasecmp(text.p, prefix, n) == 0;
}

bool feed_same(struct str text, const char *word)
{
	return text.n == strlen(word) && (text.n == 0 || feed_starts(text, word));
}

bool feed_head_line(struct str *head, struct str *line)
{
	if (head->n == 0)
		return false;
	const char *end = memchr(head->p, '\n', head->n);
	size_t n = end != NULL ? (size_t)(end - head->p) : head->n;
	size_t step = end != NULL ? n + 1 : n;
	*line = (struct str){head->p, n > 0 && head->p[n - 1] == '\r' ? n - 1 : n};
	head->p += step;
	head->n -= step;
	return true;
}

/* The stream's own end: damage where it has a fault. */
static void end_of_stream(struct feed_reader *r)
{
	const struct fault *f = &r->stream->fault;
	if (f->set)
		feed_damage(r, f->offset, "%s", f->reason);
}

/* Find the end of the line in the window; what lies before from has been looked at. */
static const uint8_t *line_end(struct feed_reader *r, size_t *from)
{
	for (;;) {
		struct bytes view = stream_view(r->stream);
		const uint8_t *end =
		    view.left > *from ? memchr(view.pos + *from, '\n', view.left - *from)
				      : NULL;
		*from = view.left;
		if (end != NULL || view.left > FEED_LINE_MAX ||
		    !stream_fill(r->stream, view.left + 1))
			return end;
	}
}

/* Pass over the rest of a line that is too long. */
static void drop_line(struct feed_reader *r)
{
	struct bytes view = stream_view(r->stream);
	feed_skip(r, FEED_TOO_LONG, (struct str){(const char *)view.pos, 80}, NULL);
	do {
		view = stream_view(r->stream);
		const uint8_t *end =
		    view.left > 0 ? memchr(view.pos, '\n', view.left) : NULL;
		stream_advance(
		    r->stream, end != NULL ? (size_t)(end - view.pos) + 1 : view.left);
		if (end != NULL)
			return;
	} while (stream_fill(r->stream, 1));
}

bool feed_line(struct feed_reader *r, struct str *line)
{
	for (;;) {
		size_t n = 0;
		arena_reset(&r->arena);
		const uint8_t *end = line_end(r, &n);
		struct bytes view = stream_view(r->stream);
		if (view.left == 0 || r->full) {
			end_of_stream(r);
			return false;
		}
		r->at++;
		size_t length = end != NULL ? (size_t)(end - view.pos) : view.left;
		if (length > FEED_LINE_MAX) {
			drop_line(r);
			continue;
		}
		stream_advance(r->stream, end != NULL ? length + 1 : length);
		if (length > 0 && view.pos[length - 1] == '\r')
			length--;
		*line = (struct str){(const char *)view.pos, length};
		return true;
	}
}

/* Append the window to the n bytes at p, which has room bytes; the new p, or NULL. */
static char *append(struct stream *s, char *p, size_t *n, size_t *room)
{
	struct bytes view = stream_view(s);
	while (*room - *n < view.left)
		*room *= 2;
	char *more = realloc(p, *room);
	if (more == NULL) {
		free(p);
		return NULL;
	}
	memcpy(more + *n, view.pos, view.left);
	*n += view.left;
	stream_advance(s, view.left);
	return more;
}

char *feed_document(struct feed_reader *r, size_t *n)
{
	size_t room = DOCUMENT_FIRST;
	char *p = malloc(room);
	*n = 0;
	while (p != NULL && stream_fill(r->stream, 1)) {
		if (stream_view(r->stream).left > FEED_DOCUMENT_MAX - *n) {
			feed_damage(r, 0, "a document of more than %u MiB: not read",
			    FEED_DOCUMENT_MAX >> 20);
			free(p);
			return NULL;
		}
		p = append(r->stream, p, n, &room);
	}
	if (p == NULL)
		feed_damage(r, 0, "no memory for the document");
	else
		end_of_stream(r);
	return p;
}

bool feed_put(struct feed_reader *r, struct indicator *in, uint32_t *index)
{
	in->file = r->file;
	in->at = r->at;
	enum indicator_outcome outcome = indicators_add(r->set, in, index);
	if (outcome == INDICATOR_OVER_LIMIT) {
		feed_skip(r, FEED_OVER_LIMIT, in->value, NULL);
		r->full = true;
		return false;
	}
	if (in->leaf)
		return true;
	r->report.broad += in->broad;
	if (outcome == INDICATOR_MERGED)
		r->report.merged++;
	else
		r->report.indicators++;
	return true;
}

void feed_skip(
    struct feed_reader *r, enum feed_skip skip, struct str text, const char *why)
{
	struct feed_skipped *s = &r->report.skipped[skip];
	if (s->count++ > 0)
		return;
	struct arena arena;
	arena_init(&arena, 1 << 16);
	size_t n = size_min(text.n, FEED_EXAMPLE_MAX / 2);
	struct str clean = str_clean(&arena, text.p, n);
	snprintf(s->example, sizeof(s->example), "%.*s%s", (int)size_min(clean.n, 100),
	    clean.p != NULL ? clean.p : "", text.n > n ? "..." : "");
	s->at = r->at;
	s->why = why;
	arena_fini(&arena);
}

void feed_damage(struct feed_reader *r, uint64_t offset, const char *format, ...)
{
	if (r->report.damaged)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(r->report.reason, sizeof(r->report.reason), format, args);
	va_end(args);
	r->report.damaged = true;
	r->report.offset = offset;
}

enum feed_skip feed_skip_of(const char *why)
{
	if (strcmp(why, "too long") == 0)
		return FEED_TOO_LONG;
	return strncmp(why, "no indicator", 12) == 0 || strncmp(why, "one word", 8) == 0
		   ? FEED_UNKNOWN
		   : FEED_MALFORMED;
}
