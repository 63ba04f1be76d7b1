/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_line.h"

#include <string.h>

#include "base/size.h"

_Static_assert(LOG_LINE_MAX < STREAM_PEEK_MAX, "a line must fit the window");

/* Drop bytes up to the end of a line that is too long. */
static void pass_over(struct stream *s)
{
	do {
		struct bytes b = stream_view(s);
		const uint8_t *end = b.left > 0 ? memchr(b.pos, '\n', b.left) : NULL;
		if (end != NULL) {
			stream_advance(s, (size_t)(end - b.pos) + 1);
			return;
		}
		stream_advance(s, b.left);
	} while (stream_fill(s, 1));
}

/* The place of the line's end in the window, which is filled as far as needed; NULL when
 * the line is too long or the file ends first. */
static const uint8_t *find_end(struct stream *s)
{
	size_t seen = 0;
	for (;;) {
		struct bytes b = stream_view(s);
		const uint8_t *end =
		    b.left > seen ? memchr(b.pos + seen, '\n', b.left - seen) : NULL;
		if (end != NULL || b.left > LOG_LINE_MAX)
			return end;
		seen = b.left;
		if (!stream_fill(s, seen + 1))
			return NULL;
	}
}

bool log_line_next(struct log_file *f, struct log_line *line)
{
	struct stream *s = f->stream;
	for (;;) {
		const uint8_t *end = find_end(s);
		struct bytes b = stream_view(s);
		if (b.left == 0)
			return false;
		size_t n = end != NULL ? (size_t)(end - b.pos) : b.left;
		if (n > LOG_LINE_MAX) {
			log_fault(f, INPUT_OVER_LIMIT, s->offset,
			    "a line is longer than %d bytes", LOG_LINE_MAX);
			pass_over(s);
			continue;
		}
		*line = (struct log_line){(const char *)b.pos, n, s->offset, end == NULL};
		stream_advance(s, n + (end != NULL));
		if (n > 0 && line->p[n - 1] == '\r')
			line->n--;
		if (line->n > 0)
			return true;
	}
}

void log_line_back(struct log_file *f, const struct log_line *line)
{
	f->stream->pos = (const uint8_t *)line->p;
	f->stream->offset = line->offset;
}
