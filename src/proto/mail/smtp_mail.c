/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/smtp_mail.h"

#include <string.h>
#include <strings.h>

#include "base/size.h"

static const struct {
	const char *name;
	enum smtp_field field;
} fields[] = {
    {"date", SMTP_DATE},
    {"from", SMTP_FROM},
    {"to", SMTP_TO},
    {"cc", SMTP_CC},
    {"reply-to", SMTP_REPLY_TO},
    {"message-id", SMTP_MSG_ID},
    {"in-reply-to", SMTP_IN_REPLY_TO},
    {"subject", SMTP_SUBJECT},
    {"x-originating-ip", SMTP_X_ORIGINATING_IP},
    {"user-agent", SMTP_USER_AGENT},
    {"x-mailer", SMTP_USER_AGENT},
    {"x-user-agent", SMTP_USER_AGENT},
};

void smtp_mail_init(struct smtp_mail *m)
{
	arena_init(&m->texts, SMTP_TEXTS_MAX);
	m->open = -1;
}

void smtp_mail_reset(struct smtp_mail *m)
{
	struct arena texts = m->texts;
	arena_reset(&texts);
	*m = (struct smtp_mail){.texts = texts, .open = -1};
}

void smtp_mail_free(struct smtp_mail *m)
{
	arena_fini(&m->texts);
}

#define BLANKS " \t"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* The address after the word and its colon, without angle brackets; empty: none. */
static struct str address_after(const char *word, struct str s)
{
	size_t n = strlen(word);
	if (s.n < n || strncasecmp(s.p, word, n) != 0)
		return (struct str){0};
	s = str_trim((struct str){s.p + n, s.n - n}, BLANKS);
	bool bracket = s.n > 0 && s.p[0] == '<';
	size_t end = bracket ? 1 : 0;
	while (end < s.n && s.p[end] != '>' && (bracket || !is_space(s.p[end])))
		end++;
	return (struct str){s.p + bracket, end - bracket};
}

static struct str keep(struct smtp_mail *m, struct str s)
{
	if (s.n > SMTP_VALUE_MAX)
		s.n = SMTP_VALUE_MAX;
	return s.n > 0 ? str_copy(&m->texts, s) : (struct str){0};
}

void smtp_mail_from(struct smtp_mail *m, struct str argument)
{
	m->active = true;
	m->mailfrom = keep(m, address_after("from:", argument));
}

void smtp_mail_rcpt(struct parse *x, struct smtp_mail *m, struct str argument)
{
	m->active = true;
	struct str address = address_after("to:", argument);
	if (address.n == 0)
		return;
	if (m->rcptto == NULL)
		m->rcptto = arena_alloc(&m->texts, SMTP_RCPT_MAX * sizeof(*m->rcptto));
	if (m->rcptto == NULL || m->rcpts == SMTP_RCPT_MAX) {
		x->counters->over_limit++;
		return;
	}
	struct str copy = keep(m, address);
	if (copy.p != NULL)
		m->rcptto[m->rcpts++] = copy;
}

/* A line that goes on with the field before: one space stands for the fold. */
static void continue_field(struct smtp_mail *m, struct str line)
{
	struct str *f = &m->field[m->open];
	struct str more = str_trim(line, BLANKS);
	size_t room = SMTP_VALUE_MAX - size_min(f->n, SMTP_VALUE_MAX);
	if (more.n == 0 || room <= 1)
		return;
	more.n = size_min(more.n, room - 1);
	struct str whole = str_format(&m->texts, "%.*s %.*s", STR_ARG(*f), STR_ARG(more));
	if (whole.p != NULL)
		*f = whole;
}

void smtp_mail_header(struct parse *x, struct smtp_mail *m, struct str line)
{
	if (line.n > 0 && is_space(line.p[0])) {
		if (m->open >= 0)
			continue_field(m, line);
		return;
	}
	m->open = -1;
	const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
	if (colon == NULL) {
		x->counters->malformed++;
		return;
	}
	struct str name =
	    str_trim((struct str){line.p, (size_t)(colon - line.p)}, BLANKS);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strlen(fields[i].name) != name.n ||
		    strncasecmp(fields[i].name, name.p, name.n) != 0)
			continue;
		size_t at = (size_t)(colon - line.p) + 1;
		m->field[fields[i].field] =
		    keep(m, str_trim((struct str){line.p + at, line.n - at}, BLANKS));
		m->open = (int)fields[i].field;
	}
}
