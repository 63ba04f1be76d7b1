/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IRC (RFC 1459, 2812; DCC as its clients have it): lines of text, both ways.
 *
 *     [":" who SP] command or three digits *(SP parameter) [SP ":" last parameter] CRLF
 *
 *     NICK anna / USER anna 0 * :Anna    who comes; a row each
 *     JOIN #a,#b key1                    a row a channel, without its key
 *     PRIVMSG bob :^ADCC SEND a.txt 167772161 5555 12^A     a file is offered, from there
 *     STARTTLS, answered by 670          TLS from here on
 *
 * What people (or programs) say to each other is not kept, nor is PASS, OPER, or what is
 * said to a service that asks for passwords.
 */
#include <strings.h>

#include "base/size.h"
#include "proto/shared/datagram.h"
#include "proto/shared/line.h"

#define IRC_ROWS_MAX     1024 /* of one connection */
#define IRC_CHANNELS_MAX 32   /* of one JOIN that get a row */
#define IRC_STRANGE_MAX  16   /* lines without a command after which it is no IRC */
#define IRC_PROBE_MAX    512  /* bytes of a first line (RFC 1459, 2.3) */
#define IRC_COMMAND_MAX  16   /* letters of a command */

struct irc_state {
	struct line line[2];
	bool torn[2]; /* what comes is the rest of a line whose beginning is missing */
	bool wants_tls;
	struct kept nick, user;
	unsigned rows, strange;
};

static bool own_port(const struct flow *f)
{
	return f->port[1] == 194 || (f->port[1] >= 6660 && f->port[1] <= 6669);
}

/* ---- rows ---- */

static struct str cleaned(struct parse *x, struct str s)
{
	return s.n > 0 ? str_clean(x->scratch, s.p, s.n) : (struct str){NULL, 0};
}

/* A row with what is known of the client by now; false: over the limit. */
static bool row_begin(
    struct parse *x, struct irc_state *s, struct irc_record *r, const char *command)
{
	if (s->rows == IRC_ROWS_MAX) {
		x->counters->over_limit++;
		return false;
	}
	s->rows++;
	record_clear(RECORD_IRC, r);
	r->ts = x->ts;
	parse_endpoints(x, r);
	parse_source(x, r);
	r->nick = kept_text(&s->nick);
	r->user = kept_text(&s->user);
	r->command = str_of(command);
	return true;
}

static void keep_now(struct parse *x, struct kept *k, struct str s)
{
	k->n = 0;
	kept_set(x, k, bytes_over(s.p, s.n));
}

/* The next parameter; the last one may begin with a colon and hold blanks. */
static struct str parameter(struct str *rest)
{
	*rest = str_trim(*rest, " ");
	struct str all = *rest;
	if (all.n > 0 && all.p[0] == ':') {
		*rest = (struct str){all.p + all.n, 0};
		return (struct str){all.p + 1, all.n - 1};
	}
	const char *blank = all.n > 0 ? memchr(all.p, ' ', all.n) : NULL;
	size_t n = blank != NULL ? (size_t)(blank - all.p) : all.n;
	*rest = (struct str){all.p + n, all.n - n};
	return (struct str){all.p, n};
}

static void client_nick(struct parse *x, struct irc_state *s, struct str rest)
{
	struct irc_record r;
	struct str nick = parameter(&rest);
	if (nick.n == 0 || !row_begin(x, s, &r, "NICK"))
		return;
	r.value = cleaned(x, nick);
	parse_emit(x, RECORD_IRC, &r);
	keep_now(x, &s->nick, nick);
}

/* USER name, host or mode, server, real name. */
static void client_user(struct parse *x, struct irc_state *s, struct str rest)
{
	struct irc_record r;
	struct str user = parameter(&rest);
	if (user.n == 0 || !row_begin(x, s, &r, "USER"))
		return;
	r.value = cleaned(x, user);
	r.addl = cleaned(x, str_trim(rest, " "));
	parse_emit(x, RECORD_IRC, &r);
	keep_now(x, &s->user, user);
}

static void client_join(struct parse *x, struct irc_state *s, struct str rest)
{
	struct irc_record r;
	struct str channels = parameter(&rest);
	for (unsigned i = 0; channels.n > 0; i++) {
		const char *comma = memchr(channels.p, ',', channels.n);
		size_t n = comma != NULL ? (size_t)(comma - channels.p) : channels.n;
		if (i == IRC_CHANNELS_MAX) {
			x->counters->over_limit++;
			return;
		}
		if (n > 0 && row_begin(x, s, &r, "JOIN")) {
			r.value = cleaned(x, (struct str){channels.p, n});
			parse_emit(x, RECORD_IRC, &r);
		}
		n += comma != NULL;
		channels = (struct str){channels.p + n, channels.n - n};
	}
}

/* A number without sign of at most 18 digits; -1: it is none. */
static int64_t number(struct str s)
{
	int64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i == 18)
			return -1;
		v = 10 * v + (s.p[i] - '0');
	}
	return s.n > 0 ? v : -1;
}

/* ^ADCC SEND name address port bytes^A; the address as one number, or as text. */
static void client_message(struct parse *x, struct irc_state *s, struct str rest)
{
	struct irc_record r;
	parameter(&rest);
	struct str text = str_trim(parameter(&rest), "\1 ");
	if (!line_is(line_word(&text), "DCC") || !line_is(line_word(&text), "SEND"))
		return;
	struct str name = line_word(&text), address = line_word(&text);
	int64_t port = number(line_word(&text)), size = number(line_word(&text));
	int64_t v4 = number(address);
	if (name.n == 0 || port < 0 || port > UINT16_MAX || !row_begin(x, s, &r, "DCC"))
		return;
	r.dcc_file_name = cleaned(x, name);
	r.dcc_file_size = size;
	r.dcc_port = (uint16_t)port;
	if (v4 > 0 && v4 <= UINT32_MAX)
		r.dcc_ip = addr_from_v4((const uint8_t[]){(uint8_t)(v4 >> 24),
		    (uint8_t)(v4 >> 16), (uint8_t)(v4 >> 8), (uint8_t)v4});
	else if (address.n > 0)
		str_addr(address, &r.dcc_ip);
	parse_emit(x, RECORD_IRC, &r);
}

/* ---- lines ---- */

static bool is_command(struct str word)
{
	bool digits = word.n == 3;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		digits = digits && c >= '0' && c <= '9';
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if ((!letter && !digits) || i == IRC_COMMAND_MAX)
			return false;
	}
	return word.n > 0;
}

static void client_line(
    struct parse *x, struct irc_state *s, struct str command, struct str rest)
{
	if (line_is(command, "NICK"))
		client_nick(x, s, rest);
	else if (line_is(command, "USER"))
		client_user(x, s, rest);
	else if (line_is(command, "JOIN"))
		client_join(x, s, rest);
	else if (line_is(command, "PRIVMSG"))
		client_message(x, s, rest);
	else if (line_is(command, "STARTTLS"))
		s->wants_tls = true;
}

/* A line of a side; true: from here on it is TLS. */
static bool one_line(struct parse *x, struct irc_state *s, int side, struct str line)
{
	struct str rest = str_trim(line, " ");
	if (rest.n == 0)
		return false;
	if (rest.p[0] == ':')
		line_word(&rest); /* who says it; of a client that is itself */
	struct str command = line_word(&rest);
	if (!is_command(command)) {
		s->strange++;
		return false;
	}
	x->counters->understood++;
	parse_confirm(x);
	if (side == 1)
		return s->wants_tls && line_is(command, "670");
	client_line(x, s, command, rest);
	return false;
}

/* ---- the flow ---- */

static enum parse_result irc_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct irc_state *s = state;
	(void)n;
	x->counters->truncated++;
	line_free(&s->line[side]);
	s->torn[side] = true;
	return PARSE_OK;
}

static enum parse_result irc_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct irc_state *s = state;
	struct bytes in = bytes_over(d->p, d->n);
	struct str line;
	while (line_take(&s->line[d->side], &in, &line)) {
		if (s->torn[d->side]) {
			s->torn[d->side] = false;
		} else if (one_line(x, s, d->side, line)) {
			parse_hand_over(x, "ssl", in.left);
			return PARSE_DONE;
		}
	}
	if (d->wire > d->n)
		irc_gap(x, s, d->side, d->wire - d->n);
	if (s->strange > IRC_STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	return PARSE_OK;
}

static void irc_close(struct parse *x, void *state)
{
	(void)x;
	struct irc_state *s = state;
	line_free(&s->line[0]);
	line_free(&s->line[1]);
}

static size_t irc_held(const void *state)
{
	const struct irc_state *s = state;
	return s->line[0].room + s->line[1].room;
}

/* ---- the first bytes ---- */

static bool holds(struct str s, const char *text)
{
	return s.p != NULL && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

/* ":server NOTICE …", ":server 001 …", "NOTICE AUTH :…" */
static bool server_greets(const struct flow *f, struct str line)
{
	if (line.p[0] == ':')
		return holds(line, " NOTICE ") || holds(line, " 001 ") ||
		       holds(line, " 020 ");
	return line.n > 7 && memcmp(line.p, "NOTICE ", 7) == 0 &&
	       (own_port(f) || holds(line, " :"));
}

/* USER and PASS are words of FTP and POP3 too: there they have one parameter. */
static bool client_begins(const struct flow *f, struct str line)
{
	struct str rest = line, word = line_word(&rest);
	bool own = own_port(f);
	if (line_is(word, "NICK") || line_is(word, "PRIVMSG"))
		return rest.n > 0;
	if (line_is(word, "CAP")) {
		struct str what = line_word(&rest);
		return line_is(what, "LS") || (line_is(what, "REQ") && rest.n > 0);
	}
	if (line_is(word, "JOIN"))
		return rest.n > 0 && (own || memchr("#&:", rest.p[0], 3) != NULL);
	if (line_is(word, "PASS") || line_is(word, "STARTTLS"))
		return own;
	return line_is(word, "USER") && rest.n > 0 &&
	       (own || (memchr(rest.p, ' ', rest.n) != NULL && holds(rest, " :")));
}

static enum probe irc_probe(const struct flow *f, int side, struct bytes first)
{
	const uint8_t *end = memchr(first.pos, '\n', first.left);
	struct str line = {(const char *)first.pos, first.left};
	if (end != NULL)
		line.n = (size_t)(end - first.pos);
	for (size_t i = 0; i < size_min(line.n, IRC_PROBE_MAX); i++) {
		uint8_t c = first.pos[i];
		if ((c < ' ' && c != '\r' && c != 1) || c == 0x7f)
			return PROBE_NO;
	}
	line = str_trim(line, "\r");
	if (line.n == 0)
		return PROBE_NO;
	if (side == 1 ? server_greets(f, line) : client_begins(f, line))
		return PROBE_YES;
	if (end != NULL || line.n >= IRC_PROBE_MAX)
		return PROBE_NO;
	static const char *const words[] = {"NICK ", "USER ", "CAP ", "PASS ", "JOIN ",
	    "PRIVMSG ", "NOTICE ", ":", "STARTTLS"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = size_min(strlen(words[i]), line.n);
		if (strncasecmp(line.p, words[i], n) == 0)
			return PROBE_MORE;
	}
	return PROBE_NO;
}

const struct proto_parser irc_parser = {
    .name = "irc",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('C', 'C', 'J', 'J', 'N', 'N', 'P', 'P', 'S', 'S', 'U', 'U', ':', ':'),
    PARSER_PORTS(194, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669),
    .probe = irc_probe,
    .state_size = sizeof(struct irc_state),
    .data = irc_data,
    .gap = irc_gap,
    .close = irc_close,
    .held = irc_held,
};
