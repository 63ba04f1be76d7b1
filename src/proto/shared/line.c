/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"

#define LINE_STEP 256 /* own grows from this by doubling, up to LINE_KEPT_MAX */

/* Append to own as much as is kept. */
static void keep(struct line *l, const void *p, size_t n)
{
	size_t more = size_min(n, LINE_KEPT_MAX - l->n);
	if (more < n)
		l->cut = true;
	if (more == 0)
		return;
	size_t room = size_max(l->room, LINE_STEP);
	while (room < l->n + more)
		room *= 2; /* ends: l->n + more <= LINE_KEPT_MAX */
	if (room > l->room) {
		char *own = realloc(l->own, room);
		if (own == NULL) {
			l->cut = true;
			return;
		}
		l->own = own;
		l->room = room;
	}
	memcpy(l->own + l->n, p, more);
	l->n += more;
}

bool line_take(struct line *l, struct bytes *in, struct str *line)
{
	const uint8_t *end = in->left > 0 ? memchr(in->pos, '\n', in->left) : NULL;
	size_t n = end != NULL ? (size_t)(end - in->pos) : in->left;
	const uint8_t *p = bytes_take(in, n);

	if (!l->begun) {
		l->n = 0;
		l->cut = false;
	}
	if (end == NULL || l->begun) {
		keep(l, p, n);
		l->begun = true;
	}
	if (end == NULL)
		return false;
	bytes_skip(in, 1);
	if (l->begun) {
		*line = (struct str){l->own, l->n};
	} else {
		l->cut = n > LINE_KEPT_MAX;
		*line = (struct str){(const char *)p, size_min(n, LINE_KEPT_MAX)};
	}
	l->begun = false;
	if (!l->cut && line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

void line_free(struct line *l)
{
	free(l->own);
	*l = (struct line){0};
}

bool line_is(struct str word, const char *upper)
{
	return word.n == strlen(upper) && strncasecmp(word.p, upper, word.n) == 0;
}

struct str line_word(struct str *s)
{
	while (s->n > 0 && s->p[0] == ' ')
		*s = (struct str){s->p + 1, s->n - 1};
	bool quoted = s->n > 0 && s->p[0] == '"';
	if (quoted)
		*s = (struct str){s->p + 1, s->n - 1};
	size_t n = 0;
	while (n < s->n && s->p[n] != (quoted ? '"' : ' '))
		n += quoted && s->p[n] == '\\' && n + 1 < s->n ? 2 : 1;
	struct str word = {s->p, n};
	size_t used = n < s->n ? n + 1 : n;
	*s = (struct str){s->p + used, s->n - used};
	return word;
}
