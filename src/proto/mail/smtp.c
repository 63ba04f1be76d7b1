/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMTP (RFC 5321), with pipelining (RFC 2920), chunks (RFC 3030), STARTTLS (RFC 3207).
 *
 *     server: 220 greeting                     reply: code 3 | ' ', or '-' when more
 * follow client: EHLO … MAIL FROM: … RCPT TO: …   each line is answered by one reply
 *     client: DATA, server: 354, client: header, empty line, body, "."
 *     client: BDAT n [LAST], n bytes of the same
 *
 * A row a mail, put out with the reply to it, or when the connection ends. Replies are
 * counted against commands, so that the one that matters is known under pipelining too.
 * What clients send to authenticate (RFC 4954) are lines that are no command: they are
 * read for the name alone, of which a row of the table login comes.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "proto/mail/smtp_mail.h"
#include "proto/shared/line.h"
#include "proto/shared/login.h"
#include "proto/shared/mime.h"

#define SMTP_HELO_MAX    255  /* bytes kept of the client's name */
#define SMTP_REPLY_MAX   255  /* bytes kept of a reply */
#define SMTP_PENDING_MAX 1000 /* commands whose replies are waited for */
#define SMTP_STRANGE_MAX 64   /* lines without a meaning after which it is no SMTP */
#define CHUNK_DIGITS_MAX 18   /* of a BDAT length */

enum smtp_mode {
	COMMANDS,
	ASKED, /* DATA: what comes next is the mail, unless it is refused */
	CONTENT,
	CHUNK,
};

struct smtp_state {
	struct line line[2], content;
	struct smtp_mail mail;
	struct mime *files; /* of the mail; owned; NULL: none of it came */
	enum smtp_mode mode;
	struct login login;
	bool auth; /* what the client sends is no command */
	bool body; /* the mail's header is over */
	bool last_chunk;
	bool starttls; /* asked for */
	bool tls;
	uint64_t chunk;   /* bytes left of it */
	unsigned pending; /* replies that are still to come */
	unsigned await;   /* of these, up to and with the one to the mail; 0: none */
	unsigned depth;
	unsigned strange;
	char helo[SMTP_HELO_MAX];
	size_t helo_n;
	char reply[SMTP_REPLY_MAX];
	size_t reply_n;
};

static bool begins(struct bytes b, const char *word)
{
	size_t n = strlen(word);
	return b.left >= n && strncasecmp((const char *)b.pos, word, n) == 0;
}

/* A server's greeting is that of FTP too: it must name SMTP, or stand on its port. */
static enum probe probe_server(const struct flow *f, struct bytes first)
{
	if (!begins(first, "220 ") && !begins(first, "220-"))
		return first.left < 4 ? PROBE_MORE : PROBE_NO;
	const uint8_t *end = memchr(first.pos, '\n', first.left);
	size_t n = end != NULL ? (size_t)(end - first.pos) : first.left;
	for (size_t i = 4; i + 4 <= n; i++) {
		if (strncasecmp((const char *)first.pos + i, "SMTP", 4) == 0)
			return PROBE_YES;
	}
	if (end == NULL && n < SMTP_REPLY_MAX)
		return PROBE_MORE;
	return f->port[1] == 25 || f->port[1] == 587 ? PROBE_YES : PROBE_NO;
}

static enum probe smtp_probe(const struct flow *f, int side, struct bytes first)
{
	if (side == 1)
		return probe_server(f, first);
	if (begins(first, "EHLO ") || begins(first, "HELO ") ||
	    begins(first, "MAIL FROM:"))
		return PROBE_YES;
	static const char *const words[] = {"EHLO ", "HELO ", "MAIL FROM:"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (first.left < strlen(words[i]) &&
		    strncasecmp((const char *)first.pos, words[i], first.left) == 0)
			return PROBE_MORE;
	}
	return PROBE_NO;
}

static void note_begin(struct parse *x, struct smtp_mail *m)
{
	if (m->begun)
		return;
	m->begun = true;
	parse_mark(x, m);
}

static struct str clean(struct parse *x, struct str s)
{
	return s.n > 0 ? str_clean(x->scratch, s.p, s.n) : (struct str){0};
}

/* The row of the mail at hand, where there is one; the next begins. */
static void emit(struct parse *x, struct smtp_state *s)
{
	struct smtp_mail *m = &s->mail;
	struct smtp_record r;
	if (m->active) {
		record_clear(RECORD_SMTP, &r);
		struct str *rcptto =
		    arena_alloc(x->scratch, (m->rcpts + 1) * sizeof(*rcptto));
		for (size_t i = 0; i < m->rcpts && rcptto != NULL; i++)
			rcptto[i] = clean(x, m->rcptto[i]);
		struct str field[SMTP_FIELDS_KEPT];
		for (int i = 0; i < SMTP_FIELDS_KEPT; i++)
			field[i] = clean(x, m->field[i]);
		r.ts = m->ts;
		parse_endpoints(x, &r);
		r.trans_depth = ++s->depth;
		r.helo = clean(x, (struct str){s->helo, s->helo_n});
		r.mailfrom = clean(x, m->mailfrom);
		r.rcptto = (struct str_list){rcptto, rcptto != NULL ? m->rcpts : 0};
		r.date = field[SMTP_DATE];
		r.header_from = field[SMTP_FROM];
		r.header_to = field[SMTP_TO];
		r.cc = field[SMTP_CC];
		r.reply_to = field[SMTP_REPLY_TO];
		r.msg_id = field[SMTP_MSG_ID];
		r.in_reply_to = field[SMTP_IN_REPLY_TO];
		r.subject = field[SMTP_SUBJECT];
		r.x_originating_ip = field[SMTP_X_ORIGINATING_IP];
		r.user_agent = field[SMTP_USER_AGENT];
		r.last_reply = clean(x, (struct str){s->reply, s->reply_n});
		r.tls = s->tls;
		r.mail_bytes = m->bytes;
		parse_source_of(x, &r, m);
		parse_emit(x, RECORD_SMTP, &r);
		x->counters->understood++;
		x->counters->over_limit += m->texts.refused > 0;
	}
	mime_end(x, &s->files, false);
	smtp_mail_reset(m);
	s->await = 0;
}

/* ---- what the client says ---- */

/* The mail is all there: the reply to it is the last that is waited for by now. */
static void mail_over(struct parse *x, struct smtp_state *s)
{
	mime_end(x, &s->files, true);
	s->mode = COMMANDS;
	s->body = false;
	s->await = s->pending;
}

/* The parts of the mail as files; a dot at the front of a line may stand for itself (RFC
 * 5321, 4.5.2). */
static void file_line(struct parse *x, struct smtp_state *s, struct str line)
{
	bool cut = s->mode == CHUNK ? s->content.cut : s->line[0].cut;
	if (s->mail.bytes == 0 && x->transfers != NULL) {
		struct transfer_about about = {
		    .protocol = "smtp", .side = 0, .exchange = s->depth + 1};
		s->files = mime_mail(&about);
	}
	if (s->mode == CONTENT && line.n > 0 && line.p[0] == '.')
		line = (struct str){line.p + 1, line.n - 1};
	mime_line(x, s->files, line, cut);
}

static void content_line(struct parse *x, struct smtp_state *s, struct str line)
{
	file_line(x, s, line);
	s->mail.bytes += line.n + 2;
	if (s->body)
		return;
	if (line.n == 0)
		s->body = true;
	else
		smtp_mail_header(x, &s->mail, line);
}

static bool command_is(struct str line, const char *word, struct str *argument)
{
	size_t n = strlen(word);
	if (line.n < n || strncasecmp(line.p, word, n) != 0 ||
	    (line.n > n && line.p[n] != ' '))
		return false;
	while (n < line.n && line.p[n] == ' ')
		n++;
	*argument = (struct str){line.p + n, line.n - n};
	return true;
}

static void command_bdat(struct parse *x, struct smtp_state *s, struct str argument)
{
	size_t i = 0;
	s->chunk = 0;
	for (; i < argument.n && argument.p[i] >= '0' && argument.p[i] <= '9'; i++) {
		if (i == CHUNK_DIGITS_MAX) {
			x->counters->over_limit++;
			return;
		}
		s->chunk = s->chunk * 10 + (uint64_t)(argument.p[i] - '0');
	}
	if (i == 0) {
		x->counters->malformed++;
		return;
	}
	while (i < argument.n && argument.p[i] == ' ')
		i++;
	bool more = i < argument.n;
	s->last_chunk =
	    argument.n - i == 4 && strncasecmp(argument.p + i, "LAST", 4) == 0;
	if (more && !s->last_chunk)
		x->counters->malformed++; /* refused, and no bytes follow */
	else
		s->mode = CHUNK;
}

static void command_helo(struct parse *x, struct smtp_state *s, struct str name)
{
	s->helo_n = size_min(name.n, SMTP_HELO_MAX);
	if (s->helo_n > 0)
		memcpy(s->helo, name.p, s->helo_n);
	parse_confirm(x);
}

static void command_auth(struct parse *x, struct smtp_state *s, struct str argument)
{
	struct str mechanism = line_word(&argument);
	if (mechanism.n == 0)
		return;
	s->auth = true;
	login_begin(x, &s->login, mechanism);
	struct str answer = line_word(&argument);
	if (answer.n > 0 && answer.p[0] != '=')
		login_sasl(x, &s->login, answer);
}

/* One line, one reply: also those of an authentication, which are no command. */
static void command(struct parse *x, struct smtp_state *s, struct str line)
{
	struct str argument;
	s->pending += s->pending < SMTP_PENDING_MAX;
	s->auth = s->auth && login_answers(line);
	if (s->auth) {
		login_sasl(x, &s->login, line);
	} else if (command_is(line, "AUTH", &argument)) {
		command_auth(x, s, argument);
	} else if (command_is(line, "EHLO", &argument) ||
		   command_is(line, "HELO", &argument)) {
		command_helo(x, s, argument);
	} else if (command_is(line, "MAIL", &argument)) {
		emit(x, s);
		note_begin(x, &s->mail);
		smtp_mail_from(&s->mail, argument);
		parse_confirm(x);
	} else if (command_is(line, "RCPT", &argument)) {
		smtp_mail_rcpt(x, &s->mail, argument);
	} else if (command_is(line, "DATA", &argument)) {
		s->mode = ASKED;
		s->body = false;
	} else if (command_is(line, "BDAT", &argument)) {
		command_bdat(x, s, argument);
	} else if (command_is(line, "STARTTLS", &argument)) {
		s->starttls = true;
	}
}

/* The bytes of a chunk, of which lines are made as of any others. */
static void take_chunk(struct parse *x, struct smtp_state *s, struct bytes *in)
{
	size_t n = s->chunk < in->left ? (size_t)s->chunk : in->left;
	struct bytes piece = bytes_sub(in, n);
	struct str line;
	s->chunk -= n;
	while (line_take(&s->content, &piece, &line))
		content_line(x, s, line);
	if (s->chunk > 0)
		return;
	s->mode = COMMANDS;
	if (s->last_chunk) {
		line_free(&s->content);
		mail_over(x, s);
	}
}

static void client_line(struct parse *x, struct smtp_state *s, struct str line)
{
	note_begin(x, &s->mail);
	if (s->mode == ASKED) /* the reply was not seen */
		s->mode = CONTENT;
	if (s->mode == COMMANDS) {
		command(x, s, line);
	} else if (line.n == 1 && line.p[0] == '.') {
		s->pending += s->pending < SMTP_PENDING_MAX;
		mail_over(x, s);
	} else {
		content_line(x, s, line);
	}
}

static void client_data(struct parse *x, struct smtp_state *s, struct bytes in)
{
	struct str line;
	while (in.left > 0 || (s->mode == CHUNK && s->chunk == 0)) {
		if (s->mode == CHUNK)
			take_chunk(x, s, &in);
		else if (line_take(&s->line[0], &in, &line))
			client_line(x, s, line);
	}
}

/* ---- what the server says ---- */

/* The code of a reply's last line; 0: it goes on; -1: it is none. */
static int reply_code(struct str line)
{
	int code = 0;
	for (size_t i = 0; i < 3; i++) {
		if (i >= line.n || line.p[i] < '0' || line.p[i] > '9')
			return -1;
		code = code * 10 + (line.p[i] - '0');
	}
	return line.n > 3 && line.p[3] == '-' ? 0 : code;
}

/* True: from here on it is TLS. */
static bool reply(struct parse *x, struct smtp_state *s, int code, struct str line)
{
	s->reply_n = size_min(line.n, SMTP_REPLY_MAX);
	memcpy(s->reply, line.p, s->reply_n);
	if (code == 220 && !s->starttls) { /* a greeting answers nothing */
		if (line.n > 4)
			kept_set(x, &s->login.server, bytes_over(line.p + 4, line.n - 4));
		return false;
	}
	s->pending -= s->pending > 0;
	if (s->auth && s->pending == 0 && code != 334) {
		s->auth = false;
		kept_set(x, &s->login.client, bytes_over(s->helo, s->helo_n));
		login_emit(x, &s->login, "smtp", code == 235, line);
	}
	if (s->mode == ASKED && code == 354)
		s->mode = CONTENT;
	else if (s->mode == ASKED && s->pending == 0)
		s->mode = COMMANDS;
	if (s->await > 0 && --s->await == 0)
		emit(x, s);
	if (!s->starttls || s->pending > 0)
		return false;
	s->starttls = false;
	s->tls = code == 220;
	s->mail.active |= s->tls;
	return s->tls;
}

static bool server_data(struct parse *x, struct smtp_state *s, struct bytes in)
{
	struct str line;
	while (line_take(&s->line[1], &in, &line)) {
		note_begin(x, &s->mail);
		int code = reply_code(line);
		if (code > 0 && reply(x, s, code, line)) {
			emit(x, s);
			parse_hand_over(x, "ssl", in.left);
			return true;
		}
		s->strange += code < 0;
	}
	return false;
}

static enum parse_result smtp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct smtp_state *s = state;
	if (s->mail.texts.limit == 0)
		smtp_mail_init(&s->mail);
	if (d->side == 0)
		client_data(x, s, bytes_over(d->p, d->n));
	else if (server_data(x, s, bytes_over(d->p, d->n)))
		return PARSE_DONE;
	if (s->strange > SMTP_STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	return PARSE_OK;
}

/* Bytes missing from a mail are bytes of its body; from a dialogue, the replies that are
 * waited for are not known any more. */
static enum parse_result smtp_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct smtp_state *s = state;
	x->counters->truncated++;
	line_free(&s->line[side]);
	if (side == 0)
		mime_gap(s->files, n);
	if (side == 1) {
		s->pending = s->await = 0;
	} else if (s->mode == CHUNK) {
		s->mail.bytes += n < s->chunk ? n : s->chunk;
		s->body = true;
		s->chunk -= n < s->chunk ? n : s->chunk;
	} else if (s->mode == CONTENT) {
		s->mail.bytes += n;
		s->body = true;
	}
	return PARSE_OK;
}

static void smtp_close(struct parse *x, void *state)
{
	struct smtp_state *s = state;
	if (s->login.begun)
		login_emit(x, &s->login, "smtp", -1, (struct str){0});
	if (s->mail.texts.limit > 0)
		emit(x, s);
	mime_end(x, &s->files, false);
	smtp_mail_free(&s->mail);
	line_free(&s->line[0]);
	line_free(&s->line[1]);
	line_free(&s->content);
}

static size_t smtp_held(const void *state)
{
	const struct smtp_state *s = state;
	return s->mail.texts.held + s->line[0].room + s->line[1].room + s->content.room +
	       mime_held(s->files);
}

const struct proto_parser smtp_parser = {
    .name = "smtp",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('2', '2', 'E', 'E', 'H', 'H', 'M', 'M', 'e', 'e', 'h', 'h', 'm', 'm'),
    PARSER_PORTS(25, 587),
    .probe = smtp_probe,
    .state_size = sizeof(struct smtp_state),
    .data = smtp_data,
    .gap = smtp_gap,
    .close = smtp_close,
    .held = smtp_held,
};
