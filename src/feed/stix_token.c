/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/stix.h"

#include <string.h>

static const char *const keywords[] = {
#define T(enumerator, word) word,
    STIX_TOKENS(T)
#undef T
};

#define TOKENS (sizeof(keywords) / sizeof(keywords[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void step(struct stix_lexer *x, size_t n)
{
	x->rest.p += n;
	x->rest.n -= n;
}

/* Over a comment at the start of the rest; false when there is none. */
static bool comment(struct stix_lexer *x)
{
	if (!feed_starts(x->rest, "/*") && !feed_starts(x->rest, "//"))
		return false;
	bool line = x->rest.p[1] == '/';
	const char *end = line ? memchr(x->rest.p, '\n', x->rest.n)
			       : memmem(x->rest.p + 2, x->rest.n - 2, "*/", 2);
	size_t n = end != NULL ? (size_t)(end - x->rest.p) + (line ? 1 : 2) : x->rest.n;
	step(x, n);
	return true;
}

static void skip_space(struct stix_lexer *x)
{
	for (;;) {
		while (x->rest.n > 0 && strchr(" \t\r\n\f\v", *x->rest.p) != NULL &&
		       *x->rest.p != '\0')
			step(x, 1);
		if (!comment(x))
			return;
	}
}

static struct stix_token word(struct stix_lexer *x)
{
	size_t n = 1;
	while (n < x->rest.n &&
	       (is_letter(x->rest.p[n]) || is_digit(x->rest.p[n]) || x->rest.p[n] == '-'))
		n++;
	struct stix_token t = {STIX_WORD, {x->rest.p, n}, ""};
	for (size_t i = 0; i < TOKENS; i++) {
		if (keywords[i] != NULL && str_equal(t.text, str_of(keywords[i])))
			t.kind = (enum stix_token_kind)i;
	}
	step(x, n);
	return t;
}

/* 'text' with the quote at place at of the rest. */
static struct stix_token quoted(
    struct stix_lexer *x, size_t at, enum stix_token_kind kind)
{
	size_t n = at + 1;
	while (n < x->rest.n && x->rest.p[n] != '\'')
		n += x->rest.p[n] == '\\' ? 2 : 1;
	if (n >= x->rest.n)
		return (struct stix_token){STIX_BAD, x->rest, ""};
	struct stix_token t = {kind, {x->rest.p + at + 1, n - at - 1}, ""};
	step(x, n + 1);
	return t;
}

static struct stix_token number(struct stix_lexer *x)
{
	size_t n = 1;
	while (n < x->rest.n && (is_digit(x->rest.p[n]) || x->rest.p[n] == '.' ||
				    x->rest.p[n] == 'e' || x->rest.p[n] == 'E'))
		n++;
	struct stix_token t = {STIX_NUMBER, {x->rest.p, n}, ""};
	step(x, n);
	return t;
}

static struct stix_token symbol(struct stix_lexer *x)
{
	static const char *const two[] = {"!=", "<>", "<=", ">=", "=="};
	struct stix_token t = {STIX_SYMBOL, {x->rest.p, 1}, ""};
	t.symbol[0] = *x->rest.p;
	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++) {
		if (!feed_starts(x->rest, two[i]))
			continue;
		memcpy(t.symbol, two[i], 2);
		t.text.n = 2;
	}
	if (strcmp(t.symbol, "<>") == 0)
		memcpy(t.symbol, "!=", 2);
	if (strcmp(t.symbol, "==") == 0)
		t.symbol[1] = '\0';
	if (*x->rest.p == '\0' || strchr("=!<>:.,()[]*", *x->rest.p) == NULL ||
	    strcmp(t.symbol, "!") == 0)
		t.kind = STIX_BAD;
	step(x, t.text.n);
	return t;
}

struct stix_token stix_next(struct stix_lexer *x)
{
	skip_space(x);
	x->start = x->rest.p;
	if (x->rest.n == 0)
		return (struct stix_token){STIX_END, {x->rest.p, 0}, ""};
	char c = x->rest.p[0], next = x->rest.n > 1 ? x->rest.p[1] : '\0';
	if (c == '\'')
		return quoted(x, 0, STIX_STRING);
	if (next == '\'' && c == 't')
		return quoted(x, 1, STIX_TIMESTAMP);
	if (next == '\'' && (c == 'h' || c == 'b'))
		return quoted(x, 1, STIX_BYTES);
	if (is_letter(c))
		return word(x);
	if (is_digit(c) || ((c == '-' || c == '+') && is_digit(next)))
		return number(x);
	return symbol(x);
}

struct str stix_unescape(struct arena *arena, struct str quoted)
{
	if (quoted.n == 0 || memchr(quoted.p, '\\', quoted.n) == NULL)
		return quoted;
	char *o = arena_alloc(arena, quoted.n);
	size_t n = 0;
	for (size_t i = 0; o != NULL && i < quoted.n; i++) {
		if (quoted.p[i] == '\\' && i + 1 < quoted.n)
			i++;
		o[n++] = quoted.p[i];
	}
	return o != NULL ? (struct str){o, n} : (struct str){0};
}
