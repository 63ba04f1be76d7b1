/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POP3 (RFC 1939; 2449 for CAPA, 2595 for STLS, 5034 for AUTH).
 *
 *     server: +OK greeting                     a command is answered by +OK or -ERR …
 *     client: USER name / PASS password
 *     client: RETR 1 / +OK … / lines … / "."   … and some by lines after it, until "."
 *
 * Answers come in the order of the commands. A row of the table login for each logon, and
 * one of the table mailbox for what was done after it. While AUTH is open, what the
 * client sends is no command and is read for its name alone.
 */
#include "base/size.h"
#include "proto/mail/mail_box.h"
#include "proto/shared/line.h"

#include <strings.h>

#define POP3_PENDING_MAX 128 /* commands whose answers are waited for */
#define POP3_STRANGE_MAX 16  /* lines without a meaning after which it is no POP3 */
#define PORT_POP3        110

enum pop3_kind {
	P_OTHER, /* answered by one line */
	P_LINES, /* whose answer has lines after it */
	P_STAT,
	P_LIST,
	P_RETR,
	P_DELE,
	P_USER,
	P_PASS,
	P_APOP,
	P_AUTH,
	P_STLS,
};

static const struct {
	const char *word;
	enum pop3_kind kind;
	bool bare; /* with an argument it is P_OTHER */
	bool box;  /* does something with the mails */
} commands[] = {
    {"USER", P_USER, false, false},
    {"PASS", P_PASS, false, false},
    {"APOP", P_APOP, false, false},
    {"AUTH", P_AUTH, false, false},
    {"STLS", P_STLS, false, false},
    {"CAPA", P_LINES, false, false},
    {"STAT", P_STAT, false, true},
    {"LIST", P_LIST, true, true},
    {"UIDL", P_LINES, true, true},
    {"RETR", P_RETR, false, true},
    {"TOP", P_RETR, false, true},
    {"DELE", P_DELE, false, true},
    {"RSET", P_OTHER, false, true},
    {"LAST", P_OTHER, false, true},
    {"NOOP", P_OTHER, false, false},
    {"QUIT", P_OTHER, false, false},
    {"UTF8", P_OTHER, false, false},
    {"LANG", P_LINES, true, false},
    {"XTND", P_OTHER, false, false},
    {"XSENDER", P_OTHER, false, false},
};

struct pop3_state {
	struct line line[2];
	uint8_t pending[POP3_PENDING_MAX]; /* enum pop3_kind, oldest first */
	unsigned n;
	struct login logon;
	struct mail_box box;
	bool begun;
	bool greeted;
	bool auth;           /* what the client sends is no command */
	enum pop3_kind body; /* of the answer whose lines come; P_OTHER: none */
	bool torn;           /* bytes were missing since it began */
	unsigned strange;
};

static bool begins(struct bytes b, const char *word)
{
	size_t n = strlen(word);
	return b.left >= n && strncasecmp((const char *)b.pos, word, n) == 0;
}

/* Redis answers +OK too, and says nothing after it. */
static enum probe pop3_probe(const struct flow *f, int side, struct bytes first)
{
	static const char *const words[] = {
	    "USER ", "CAPA\r\n", "AUTH", "APOP ", "STLS\r\n"};
	bool own = f->port[1] == PORT_POP3;
	if (side == 1) {
		if (first.left < 4)
			return memcmp(first.pos, "+OK ", first.left) == 0 ? PROBE_MORE
									  : PROBE_NO;
		bool word = memcmp(first.pos, "+OK ", 4) == 0;
		return word || (own && memcmp(first.pos, "+OK", 3) == 0) ? PROBE_YES
									 : PROBE_NO;
	}
	for (size_t i = 0; own && i < sizeof(words) / sizeof(words[0]); i++) {
		if (begins(first, words[i]))
			return PROBE_YES;
		if (first.left < strlen(words[i]) &&
		    strncasecmp((const char *)first.pos, words[i], first.left) == 0)
			return PROBE_MORE;
	}
	return PROBE_NO;
}

/* ---- what the client says ---- */

static void client_auth(struct parse *x, struct pop3_state *s, struct str rest)
{
	struct str mechanism = line_word(&rest);
	if (mechanism.n == 0)
		return;
	s->auth = true;
	login_begin(x, &s->logon, mechanism);
	struct str answer = line_word(&rest);
	if (answer.n > 0 && answer.p[0] != '=')
		login_sasl(x, &s->logon, answer);
}

static void client_logon(
    struct parse *x, struct pop3_state *s, enum pop3_kind kind, struct str rest)
{
	if (kind == P_USER) {
		login_begin(x, &s->logon, (struct str){0});
		login_user(x, &s->logon, rest);
	} else if (kind == P_PASS) {
		login_begin(x, &s->logon, STR("password"));
	} else if (kind == P_APOP) {
		login_begin(x, &s->logon, STR("apop"));
		login_user(x, &s->logon, line_word(&rest));
	} else if (kind == P_AUTH) {
		client_auth(x, s, rest);
	}
}

static void client_line(struct parse *x, struct pop3_state *s, struct str line)
{
	s->auth = s->auth && login_answers(line);
	if (s->auth) {
		login_sasl(x, &s->logon, line);
		return;
	}
	struct str rest = line, word = line_word(&rest);
	enum pop3_kind kind = P_OTHER;
	size_t i = 0, known = sizeof(commands) / sizeof(commands[0]);
	while (i < known && !line_is(word, commands[i].word))
		i++;
	if (i < known) {
		kind = commands[i].kind;
		if (commands[i].bare && rest.n > 0)
			kind = P_OTHER;
		if (kind == P_AUTH && rest.n == 0)
			kind = P_LINES;
	} else {
		s->strange++;
	}
	if (s->n == POP3_PENDING_MAX) {
		x->counters->over_limit++;
		s->n = 0;
	}
	s->pending[s->n++] = (uint8_t)kind;
	client_logon(x, s, kind, rest);
	if (i < known && commands[i].box)
		mail_box_touch(x, &s->box, true);
}

/* ---- what the server says ---- */

static int64_t number_at(struct str s)
{
	int64_t v = 0;
	size_t n = 0;
	for (; n < s.n && n < 18 && s.p[n] >= '0' && s.p[n] <= '9'; n++)
		v = v * 10 + (s.p[n] - '0');
	return n > 0 ? v : -1;
}

static void begin_body(struct pop3_state *s, enum pop3_kind kind)
{
	s->body = kind;
	s->torn = false;
	if (kind == P_LIST)
		s->box.messages = 0;
}

/* The answer to a command; true: from here on it is TLS. */
static bool answered(struct parse *x, struct pop3_state *s, enum pop3_kind kind,
    bool good, struct str line)
{
	struct str rest = line;
	switch (kind) {
	case P_USER:
		if (!good)
			login_emit(x, &s->logon, "pop3", 0, line);
		break;
	case P_PASS:
	case P_APOP:
	case P_AUTH:
		s->auth = false;
		login_emit(x, &s->logon, "pop3", good, line);
		break;
	case P_STLS:
		return good;
	case P_STAT:
		line_word(&rest);
		if (good)
			s->box.messages = number_at(line_word(&rest));
		break;
	case P_DELE:
		s->box.deleted += good;
		break;
	case P_RETR:
		s->box.fetched += good;
		if (good)
			begin_body(s, kind);
		break;
	case P_LIST:
	case P_LINES:
		if (good)
			begin_body(s, kind);
		break;
	case P_OTHER:
		break;
	}
	return false;
}

/* A line of an answer that has several. */
static void body_line(struct parse *x, struct pop3_state *s, struct str line)
{
	bool good = line.n >= 3 && memcmp(line.p, "+OK", 3) == 0;
	bool over = line.n == 1 && line.p[0] == '.';
	if (over || (s->torn && good)) {
		x->counters->understood++;
		s->body = P_OTHER;
	} else if (s->body == P_RETR) {
		s->box.fetched_bytes += line.n + 2;
	} else if (s->body == P_LIST) {
		s->box.messages++;
	}
	if (s->body != P_LINES)
		mail_box_touch(x, &s->box, false);
}

static bool server_line(struct parse *x, struct pop3_state *s, struct str line)
{
	if (s->body != P_OTHER) {
		body_line(x, s, line);
		return false;
	}
	bool good = line.n >= 3 && memcmp(line.p, "+OK", 3) == 0;
	bool bad = line.n >= 4 && memcmp(line.p, "-ERR", 4) == 0;
	if (!good && !bad) {
		bool challenge = s->auth && line.n > 0 && line.p[0] == '+';
		s->strange += !challenge;
		return false;
	}
	bool first = !s->greeted;
	s->greeted = true;
	if (first) {
		struct str rest = line;
		line_word(&rest);
		kept_set(x, &s->logon.server, bytes_over(rest.p, rest.n));
		return false;
	}
	if (s->n == 0)
		return false;
	parse_confirm(x);
	x->counters->understood++;
	enum pop3_kind kind = s->pending[0];
	s->n--;
	memmove(s->pending, s->pending + 1, s->n);
	return answered(x, s, kind, good, line);
}

/* ---- the flow ---- */

static enum parse_result pop3_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct pop3_state *s = state;
	x->counters->truncated++;
	line_free(&s->line[side]);
	s->greeted = true;
	if (side == 1 && s->body != P_OTHER) {
		s->torn = true;
		if (s->body == P_RETR)
			s->box.fetched_bytes += n;
	} else {
		s->n = 0; /* which answer is whose is not known any more */
		s->auth = false;
	}
	return PARSE_OK;
}

static enum parse_result pop3_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct pop3_state *s = state;
	struct bytes in = bytes_over(d->p, d->n);
	struct str line;
	if (!s->begun) {
		mail_box_clear(&s->box);
		s->greeted = d->side == 0; /* the server speaks first */
	}
	s->begun = true;
	while (line_take(&s->line[d->side], &in, &line)) {
		if (d->side == 0) {
			client_line(x, s, line);
		} else if (server_line(x, s, line)) {
			login_encrypted(x, &s->logon, "pop3", line);
			parse_hand_over(x, "ssl", in.left);
			return PARSE_DONE;
		}
	}
	if (d->wire > d->n)
		pop3_gap(x, s, d->side, d->wire - d->n);
	if (s->strange > POP3_STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	return PARSE_OK;
}

static void pop3_close(struct parse *x, void *state)
{
	struct pop3_state *s = state;
	if (s->logon.begun)
		login_emit(x, &s->logon, "pop3", -1, (struct str){0});
	mail_box_emit(x, &s->box, "pop3", &s->logon);
	line_free(&s->line[0]);
	line_free(&s->line[1]);
}

static size_t pop3_held(const void *state)
{
	const struct pop3_state *s = state;
	return s->line[0].room + s->line[1].room;
}

const struct proto_parser pop3_parser = {
    .name = "pop3",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('+', '+'),
    PARSER_PORTS(PORT_POP3),
    .probe = pop3_probe,
    .state_size = sizeof(struct pop3_state),
    .data = pop3_data,
    .gap = pop3_gap,
    .close = pop3_close,
    .held = pop3_held,
};
