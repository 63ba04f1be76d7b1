/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords out of statements of SQL, in whatever dialect:
 *
 *     CREATE USER a IDENTIFIED BY 'x'     ALTER ROLE a PASSWORD 'x'    SECRET = 'x'
 *     SET PASSWORD FOR 'a'@'b' = 'x'      WITH PASSWORD = 0x0200… HASHED
 *
 * No grammar is read: from a word for secrets on, each literal of the same statement
 * goes, up to its ';'. Where such a word stands inside of a literal, the quotes may have
 * been taken wrongly (comments, backslashes), and all that follows goes. Rather a name
 * too many than a password.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "proto/db/db.h"

static const char hidden[] = "'REDACTED'";

struct redact {
	struct str in;
	char *out; /* NULL until the first literal was taken out */
	size_t n, room;
	bool armed;
	bool doubt; /* the rest goes */
};

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

/* Whether a name is, or ends or begins with, a word for secrets. */
static bool secret_word(struct str w)
{
	static const char *const words[] = {
	    "password", "passwd", "passphrase", "identified", "secret", "pwd"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		for (size_t at = 0; at + n <= w.n && at <= DB_TEXT_MAX; at++) {
			if (strncasecmp(w.p + at, words[i], n) == 0)
				return true;
		}
	}
	return false;
}

/* The end of what is quoted from i on, behind its last quote; the end of all without
 * one. A quote twice, or behind a backslash, is part of it. */
static size_t quoted_end(struct str s, size_t i)
{
	char quote = s.p[i++];
	while (i < s.n) {
		bool escaped = s.p[i] == '\\' && quote != '`';
		bool twice = s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote;
		if (s.p[i] == quote && !twice)
			return i + 1;
		i += escaped || twice ? 2 : 1;
	}
	return s.n;
}

/* The end of a literal $tag$ … $tag$ (PostgreSQL) that begins at i; i: none does. */
static size_t dollar_end(struct str s, size_t i)
{
	size_t tag = i + 1;
	while (tag < s.n && word_char(s.p[tag]))
		tag++;
	if (tag == s.n || s.p[tag] != '$')
		return i;
	size_t n = tag + 1 - i;
	const char *end = memmem(s.p + tag + 1, s.n - tag - 1, s.p + i, n);
	return end != NULL ? (size_t)(end - s.p) + n : s.n;
}

static void put(struct redact *r, const char *p, size_t n)
{
	if (r->out == NULL || n > r->room - r->n)
		return;
	memcpy(r->out + r->n, p, n);
	r->n += n;
}

/* Whether what stands in quotes is a plain name. */
static bool quoted_name(struct str s)
{
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (!word_char(s.p[i]))
			return false;
	}
	return s.p[0] != '\'';
}

/* What is in quotes from i on: its end; *literal: it may hold a secret. */
static size_t quoted(struct redact *r, size_t i, bool *literal)
{
	size_t end = quoted_end(r->in, i);
	struct str text = {r->in.p + i, end - i};
	*literal = text.p[0] != '`';
	if (!secret_word(text))
		return end;
	if (!quoted_name(text)) {
		*literal = r->armed = r->doubt = true;
	} else if (!r->armed) {
		r->armed = true;
		*literal = false;
	}
	return end;
}

/* The token from i on: its end; *literal: it may hold a secret. */
static size_t token(struct redact *r, size_t i, bool *literal)
{
	struct str s = r->in;
	char c = s.p[i];
	size_t end = i + 1;
	if (c == '\'' || c == '"' || c == '`')
		return quoted(r, i, literal);
	if (c == '$') {
		size_t close = dollar_end(s, i);
		*literal = close > i;
		end = close > i ? close : end;
	} else if (word_char(c)) {
		while (end < s.n && word_char(s.p[end]))
			end++;
		*literal = end - i > 2 && c == '0' && (s.p[i + 1] | 0x20) == 'x';
		r->armed = r->armed || secret_word((struct str){s.p + i, end - i});
	} else if (c == ';') {
		r->armed = false;
	}
	return end;
}

struct str db_redact(struct arena *a, struct str sql)
{
	struct redact r = {.in = sql};
	for (size_t i = 0; i < sql.n && !r.doubt;) {
		bool literal = false;
		size_t end = token(&r, i, &literal);
		bool hide = literal && r.armed;
		if (hide && r.out == NULL) {
			r.room = (sizeof(hidden) + 1) * sql.n;
			r.out = arena_alloc(a, r.room);
			if (r.out == NULL)
				return (struct str){0};
			put(&r, sql.p, i);
		}
		if (hide)
			put(&r, hidden, sizeof(hidden) - 1);
		else
			put(&r, sql.p + i, end - i);
		i = end;
	}
	return r.out != NULL ? (struct str){r.out, r.n} : sql;
}
