/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/logon.h"

#include <strings.h>

#include "base/size.h"

void logon_init(struct logon *l, const char *protocol)
{
	l->protocol = protocol;
	l->success = l->encrypted = -1;
}

void logon_mark(struct parse *x, struct logon *l)
{
	if (l->marked)
		return;
	l->marked = true;
	parse_mark(x, l);
}

void logon_emit(struct parse *x, struct logon *l, bool end)
{
	bool none = end && l->rows == 0 && l->marked;
	if (!l->tried && !none)
		return;
	l->tried = false;
	if (l->rows++ >= LOGON_ROWS_MAX) {
		x->counters->over_limit++;
		return;
	}
	struct login_record r;
	record_clear(RECORD_LOGIN, &r);
	r.ts = l->ts;
	parse_endpoints(x, &r);
	r.protocol = str_of(l->protocol);
	r.user = kept_text(&l->user);
	r.mechanism = kept_text(&l->mechanism);
	r.success = l->success;
	r.status = kept_text(&l->status);
	r.client = kept_text(&l->client);
	r.server = kept_text(&l->server);
	r.target = kept_text(&l->target);
	r.encrypted = l->encrypted;
	parse_source_of(x, &r, l);
	parse_emit(x, RECORD_LOGIN, &r);
	x->counters->understood++;
	l->success = -1;
	l->marked = false;
	l->user = l->mechanism = l->status = (struct kept){0};
}

/* Whether the line ends with the word and then only with blanks. */
static bool ends_with(const char *line, size_t n, const char *word)
{
	size_t w = strlen(word);
	while (n > 0 && line[n - 1] == ' ')
		n--;
	return n >= w && strncasecmp(line + n - w, word, w) == 0;
}

static bool holds(const char *line, size_t n, const char *word)
{
	size_t w = strlen(word);
	for (size_t i = 0; i + w <= n; i++) {
		if (strncasecmp(line + i, word, w) == 0)
			return true;
	}
	return false;
}

static bool any_end(const struct logon *l, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (ends_with(l->line, l->line_n, *words))
			return true;
	}
	return false;
}

static bool any_word(const struct logon *l, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (holds(l->line, l->line_n, *words))
			return true;
	}
	return false;
}

/* What the line that the server has written so far asks for. */
static enum logon_expects asked(const struct logon *l)
{
	static const char *const names[] = {
	    "login:", "username:", "user name:", "user:", "userid:", "account:", NULL};
	static const char *const words[] = {
	    "password:", "passwd:", "passcode:", "passphrase:", NULL};
	if (any_end(l, words) || (holds(l->line, l->line_n, "password for") &&
				     ends_with(l->line, l->line_n, ":")))
		return LOGON_PASSWORD;
	if (any_end(l, names) && !holds(l->line, l->line_n, "last login"))
		return LOGON_USER;
	return LOGON_NOTHING;
}

static void outcome(struct parse *x, struct logon *l, bool success)
{
	l->success = success;
	kept_set(x, &l->status, bytes_over(l->line, l->line_n));
	logon_emit(x, l, false);
	l->expects = LOGON_NOTHING;
}

/* A line of the server while its answer is waited for. */
static void judge_line(struct parse *x, struct logon *l)
{
	static const char *const bad[] = {"incorrect", "invalid", "fail", "denied",
	    "refused", "sorry", "unknown user", "bad password", "bad secrets",
	    "not authorized", "unauthorized", "no such user", "locked", "% error", NULL};
	static const char *const good[] = {"last login", "last successful login",
	    "welcome", "logged in", "successful", "terminal recognized", NULL};
	if (l->expects != LOGON_ANSWER || !l->tried)
		return;
	if (holds(l->line, l->line_n, "password required") || any_word(l, bad))
		outcome(x, l, false);
	else if (any_word(l, good))
		outcome(x, l, true);
}

/* The server waits for the client, which begins to type: what was it asked? */
static void prompt(struct parse *x, struct logon *l)
{
	enum logon_expects now = asked(l);
	size_t n = l->line_n;
	while (n > 0 && l->line[n - 1] == ' ')
		n--;
	char last = n > 0 ? l->line[n - 1] : 0;
	bool shell = last == '$' || last == '#' || last == '>' || last == '%';
	if (l->expects == LOGON_ANSWER && l->tried && now == LOGON_USER) {
		l->line_n = 0;
		outcome(x, l, false);
	} else if (l->expects == LOGON_ANSWER && l->tried && now == LOGON_NOTHING &&
		   shell) {
		l->line_n = 0;
		outcome(x, l, true);
	}
	if (now != LOGON_NOTHING)
		l->expects = now;
}

void logon_server(struct parse *x, struct logon *l, struct bytes text)
{
	if (text.left > 0)
		logon_mark(x, l);
	while (text.left > 0) {
		uint8_t c = bytes_u8(&text);
		if (c == '\n' || c == '\r') {
			judge_line(x, l);
			if (l->line_n > 0 && l->server.n == 0 &&
			    asked(l) == LOGON_NOTHING)
				kept_set(x, &l->server, bytes_over(l->line, l->line_n));
			l->line_n = 0;
		} else if (c >= 0x20 && c != 0x7f) {
			if (l->line_n == LOGON_LINE_MAX) { /* its end counts */
				memmove(l->line, l->line + LOGON_LINE_MAX / 2,
				    LOGON_LINE_MAX - LOGON_LINE_MAX / 2);
				l->line_n = LOGON_LINE_MAX - LOGON_LINE_MAX / 2;
			}
			l->line[l->line_n++] = (char)c;
		}
	}
	if (!l->typing)
		prompt(x, l);
}

/* The client has ended a line. */
static void typed(struct parse *x, struct logon *l)
{
	l->typing = false;
	if (l->expects == LOGON_USER && l->typed_n > 0) {
		logon_emit(x, l, false);
		l->marked = false;
		logon_mark(x, l);
		l->user = (struct kept){0};
		kept_set(x, &l->user, bytes_over(l->typed, l->typed_n));
		l->tried = true;
		l->expects = LOGON_ANSWER;
	} else if (l->expects == LOGON_PASSWORD) {
		l->mechanism = (struct kept){0};
		kept_set(x, &l->mechanism, bytes_over("password", 8));
		logon_mark(x, l);
		l->tried = true;
		l->expects = LOGON_ANSWER;
	}
	l->typed_n = 0;
	l->line_n = 0;
}

void logon_client(struct parse *x, struct logon *l, struct bytes text)
{
	while (text.left > 0) {
		uint8_t c = bytes_u8(&text);
		if (c == '\n' || c == '\r') {
			if (l->typing || c == '\r')
				typed(x, l);
		} else if (l->expects == LOGON_PASSWORD) {
			l->typing = true;
		} else if (c == 0x08 || c == 0x7f) {
			l->typed_n = l->typed_n > 0 ? l->typed_n - 1 : 0;
		} else if (c >= 0x20) {
			l->typing = l->expects != LOGON_NOTHING;
			if (l->expects == LOGON_USER && l->typed_n < LOGON_LINE_MAX)
				l->typed[l->typed_n++] = (char)c;
		}
	}
}
