/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/imap.h"

#include <strings.h>

#include "base/size.h"

#define DIGITS_MAX 18 /* of a literal's length */

static void append(struct imap_text *t, const char *p, size_t n)
{
	size_t more = size_min(n, IMAP_TEXT_MAX - t->n);
	t->cut |= more < n;
	if (more > 0)
		memcpy(t->text + t->n, p, more);
	t->n += more;
}

/* The length of the literal that a line ends in, "{12}" or "{12+}" (RFC 7888), which is
 * taken off; negative: none. */
static int64_t literal_of(struct str *line)
{
	size_t end = line->n;
	if (end < 3 || line->p[end - 1] != '}')
		return -1;
	end -= line->p[end - 2] == '+' ? 2 : 1;
	size_t at = end;
	while (at > 0 && line->p[at - 1] >= '0' && line->p[at - 1] <= '9')
		at--;
	if (at == end || end - at > DIGITS_MAX || at == 0 || line->p[at - 1] != '{')
		return -1;
	int64_t v = 0;
	for (size_t i = at; i < end; i++)
		v = v * 10 + (line->p[i] - '0');
	line->n = at - 1;
	return v;
}

static bool ends_in(struct str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && strncasecmp(s.p + s.n - n, word, n) == 0;
}

static bool has(struct str s, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++) {
		if (strncasecmp(s.p + i, word, n) == 0)
			return true;
	}
	return false;
}

/* Whether what stands before a literal is an item of FETCH that is a mail or a part of
 * one, and not its header: RFC822, RFC822.TEXT, BODY[], BODY[1.2]<0>, BINARY[1]. */
static bool is_body(struct str before)
{
	while (before.n > 0 &&
	       (before.p[before.n - 1] == ' ' || before.p[before.n - 1] == '~'))
		before.n--;
	if (ends_in(before, "RFC822") || ends_in(before, "RFC822.TEXT"))
		return true;
	if (before.n > 0 && before.p[before.n - 1] == '>') {
		while (before.n > 0 && before.p[before.n - 1] != '<')
			before.n--;
		before.n -= before.n > 0;
	}
	if (before.n == 0 || before.p[before.n - 1] != ']')
		return false;
	size_t open = before.n - 1;
	while (open > 0 && before.p[open] != '[')
		open--;
	struct str item = {before.p, open};
	struct str section = {before.p + open, before.n - open};
	return (ends_in(item, "BODY") || ends_in(item, "BINARY")) &&
	       !has(section, "HEADER") && !has(section, "MIME");
}

/* Bytes of a literal that arrived. */
static void take_literal(struct imap_text *t, struct bytes *in)
{
	size_t n = t->left < in->left ? (size_t)t->left : in->left;
	const uint8_t *p = bytes_take(in, n);
	t->left -= n;
	for (size_t i = 0; t->shown && i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			append(t, "\\", 1);
		append(t, (const char *)p + i, 1);
	}
	if (t->left == 0 && t->shown)
		append(t, "\"", 1);
}

static void begin(struct imap_text *t)
{
	if (t->open)
		return;
	t->open = true;
	t->n = 0;
	t->cut = false;
	t->literals = t->bodies = 0;
}

/* A line: true when the text is whole with it. */
static bool take_line(struct imap_text *t, struct str line)
{
	int64_t literal = t->line.cut ? -1 : literal_of(&line);
	t->cut |= t->line.cut;
	append(t, line.p, line.n);
	if (literal < 0) {
		t->open = false;
		return true;
	}
	t->left = (uint64_t)literal;
	t->literals += t->left;
	t->bodies += is_body(line) ? t->left : 0;
	t->shown = t->left <= IMAP_LITERAL_MAX;
	append(
	    t, t->shown && t->left > 0 ? "\"" : "\"\"", t->shown && t->left > 0 ? 1 : 2);
	return false;
}

bool imap_take(struct imap_text *t, struct bytes *in, struct str *text)
{
	struct str line;
	while (in->left > 0) {
		begin(t);
		if (t->left > 0) {
			take_literal(t, in);
			continue;
		}
		if (!line_take(&t->line, in, &line))
			return false;
		if (take_line(t, line)) {
			*text = (struct str){t->text, t->n};
			return true;
		}
	}
	return false;
}

void imap_skip(struct imap_text *t, uint64_t n)
{
	uint64_t literal = n < t->left ? n : t->left;
	t->left -= literal;
	if (literal > 0 && t->left == 0 && t->shown)
		append(t, "\"", 1);
	if (literal == n)
		return;
	line_free(&t->line);
	t->open = false;
	t->left = 0;
}

void imap_free(struct imap_text *t)
{
	line_free(&t->line);
}
