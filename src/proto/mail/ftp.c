/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control connection of FTP (RFC 959; 2228 for AUTH, 2428 for EPRT and EPSV, 3659 for
 * SIZE, 4217 for TLS).
 *
 *     client: VERB SP argument                     reply: code 3 | ' ' text, or
 *     PASV / 227 … (h1,h2,h3,h4,p1,p2)             code '-' … lines … code ' ' text
 *     RETR name / 150 … / [data connection] / 226
 *
 * A row a command. Replies of 2xx and more answer the commands in their order; 1xx come
 * before them. A row waits until the next command or the end, so that it knows what went
 * over the data connection, and takes a second reply (426 and 226) as the last one.
 * What follows PASS, and whatever else may hold a password, is not kept at all.
 */
#include "proto/mail/ftp.h"

#include <stdlib.h>
#include <strings.h>

#include "base/ip.h"
#include "base/size.h"
#include "proto/shared/line.h"
#include "proto/shared/login.h"

#define FTP_PENDING_MAX 20   /* commands whose replies are waited for */
#define FTP_ARG_MAX     1024 /* bytes kept of what follows a command */
#define FTP_VERB_MAX    12   /* of the command itself */
#define FTP_CWD_MAX     1024 /* of the working folder */
#define FTP_STRANGE_MAX 64   /* lines without a meaning after which it is no FTP */
#define CODE_LENGTH     3
#define INTERIM_LEAST   14 /* of a line that ends a reply which began with another code */

#define PORT_FTP     21
#define PORT_GRIDFTP 2811

/* A data connection as it was announced. */
struct channel {
	uint64_t ticket; /* 0: none */
	bool passive;
	struct addr src, dst;
	uint16_t port;
};

struct ftp_command {
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	uint8_t verb_n;
	char verb[FTP_VERB_MAX]; /* upper case */
	char *arg;               /* owned; NULL: none, or not to be kept */
	size_t arg_n;
	int64_t code; /* last reply; negative: none yet */
	struct kept reply;
	int64_t size;           /* negative: not told */
	struct channel channel; /* that it announces or uses */
};

struct ftp_state {
	struct line line[2];
	struct ftp_command pending[FTP_PENDING_MAX]; /* oldest first */
	unsigned n;
	struct ftp_command last; /* answered, not yet a row; verb_n 0: none */
	struct login logon;
	struct channel channel; /* announced last */
	bool sized;             /* the next one is set */
	int64_t size;           /* answer to SIZE, for the transfer that follows */
	int multi;              /* code of the reply whose lines follow; 0: none */
	bool greeted, asked;
	const char *type; /* of TYPE; NULL: not told */
	char type_letter; /* asked for */
	char *cwd;        /* owned: FTP_CWD_MAX; NULL: not known */
	size_t cwd_n;
	size_t held; /* bytes of all arguments */
	unsigned strange;
};

/* ---- what it looks like ---- */

static bool own_port(const struct flow *f)
{
	return f->port[1] == PORT_FTP || f->port[1] == PORT_GRIDFTP;
}

/* A greeting is that of SMTP too: FTP must be named, or the port be its own. */
static enum probe probe_server(const struct flow *f, struct bytes b)
{
	if (b.left <= CODE_LENGTH)
		return PROBE_MORE;
	if ((memcmp(b.pos, "220", 3) != 0 && memcmp(b.pos, "120", 3) != 0) ||
	    (b.pos[3] != ' ' && b.pos[3] != '-'))
		return PROBE_NO;
	if (own_port(f))
		return PROBE_YES;
	for (size_t i = CODE_LENGTH; i + 3 <= b.left; i++) {
		if (strncasecmp((const char *)b.pos + i, "FTP", 3) == 0)
			return PROBE_YES;
	}
	return memchr(b.pos, '\n', b.left) == NULL && b.left < 512 ? PROBE_MORE
								   : PROBE_NO;
}

/* USER is a word of POP3 and IRC too: these have other ports, and IRC more words. */
static enum probe probe_user(const struct flow *f, struct bytes b)
{
	const uint8_t *end = memchr(b.pos, '\n', b.left);
	size_t n = end != NULL ? (size_t)(end - b.pos) : b.left;
	size_t at = size_min(5, n);
	if (strncasecmp((const char *)b.pos, "USER ", at) != 0 || f->port[1] == 110 ||
	    (f->port[1] >= 6660 && f->port[1] <= 6669) ||
	    memchr(b.pos + at, ' ', n - at) != NULL)
		return PROBE_NO;
	if (end == NULL)
		return n < FTP_ARG_MAX ? PROBE_MORE : PROBE_NO;
	return n > 6 ? PROBE_YES : PROBE_NO;
}

static enum probe probe_client(const struct flow *f, struct bytes b)
{
	static const char *const words[] = {"USER ", "PASS ", "AUTH ", "FEAT\r\n",
	    "SYST\r\n", "OPTS ", "PASV\r\n", "EPSV", "PORT ", "EPRT ", "TYPE ", "CWD ",
	    "PWD\r\n", "LIST", "NLST", "SIZE ", "RETR ", "STOR ", "QUIT\r\n"};
	if (!own_port(f))
		return probe_user(f, b);
	enum probe answer = PROBE_NO;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		if (strncasecmp((const char *)b.pos, words[i], size_min(n, b.left)) == 0)
			answer = b.left < n ? PROBE_MORE : PROBE_YES;
	}
	return answer;
}

static enum probe ftp_probe(const struct flow *f, int side, struct bytes first)
{
	return side == 1 ? probe_server(f, first) : probe_client(f, first);
}

/* ---- rows ---- */

static bool verb_is(const struct ftp_command *c, const char *word)
{
	return c->verb_n == strlen(word) && memcmp(c->verb, word, c->verb_n) == 0;
}

static bool verb_in(const struct ftp_command *c, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (verb_is(c, *words))
			return true;
	}
	return false;
}

static bool is_upload(const struct ftp_command *c)
{
	static const char *const words[] = {"STOR", "STOU", "APPE", NULL};
	return verb_in(c, words);
}

/* Those that move bytes over a data connection. */
static bool is_transfer(const struct ftp_command *c)
{
	static const char *const words[] = {"RETR", "LIST", "NLST", "MLSD", NULL};
	return verb_in(c, words) || is_upload(c);
}

static struct str arg_of(const struct ftp_command *c)
{
	return (struct str){c->arg, c->arg_n};
}

static struct str clean(struct parse *x, struct str s)
{
	return s.n > 0 ? str_clean(x->scratch, s.p, s.n) : (struct str){0};
}

static void command_free(struct ftp_state *s, struct ftp_command *c)
{
	s->held -= c->arg != NULL ? c->arg_n : 0;
	free(c->arg);
	*c = (struct ftp_command){0};
}

static void fill_data(struct parse *x, struct ftp_record *r, const struct ftp_command *c)
{
	const struct channel *data = &c->channel;
	const struct expected *what = parse_expected(x, data->ticket);
	if (data->ticket > 0) {
		r->data_passive = data->passive;
		r->data_src_ip = data->src;
		r->data_dst_ip = data->dst;
		r->data_dst_port = data->port;
	}
	if (what == NULL || !is_transfer(c))
		return;
	r->data_bytes = what->bytes[0] + what->bytes[1];
	r->mime_type = str_of(what->mime);
}

/* The row of a command, which is then free. */
static void emit(struct parse *x, struct ftp_state *s, struct ftp_command *c)
{
	struct ftp_record r;
	if (c->verb_n == 0)
		return;
	record_clear(RECORD_FTP, &r);
	r.ts = c->ts;
	parse_endpoints(x, &r);
	r.protocol = STR("ftp");
	r.user = kept_text(&s->logon.user);
	r.command = clean(x, (struct str){c->verb, c->verb_n});
	r.arg = clean(x, arg_of(c));
	r.cwd = clean(x, (struct str){s->cwd, s->cwd_n});
	r.mode = str_of(s->type);
	r.file_size = c->size;
	r.reply_code = c->code;
	r.reply_msg = kept_text(&c->reply);
	fill_data(x, &r, c);
	parse_source_of(x, &r, c);
	parse_emit(x, RECORD_FTP, &r);
	x->counters->understood++;
	command_free(s, c);
}

/* The oldest command, answered or not, leaves the queue and waits to be a row. */
static void oldest_out(struct parse *x, struct ftp_state *s)
{
	emit(x, s, &s->last);
	s->last = s->pending[0];
	s->n--;
	memmove(s->pending, s->pending + 1, s->n * sizeof(s->pending[0]));
}

static void all_out(struct parse *x, struct ftp_state *s)
{
	while (s->n > 0)
		oldest_out(x, s);
	emit(x, s, &s->last);
}

/* ---- data connections ---- */

/* Announce what PORT, EPRT, 227 or 229 says; c is the command. */
static void announce(struct parse *x, struct ftp_state *s, struct ftp_command *c,
    const struct addr *where, uint16_t port, bool passive)
{
	const struct flow *f = x->flow;
	const struct addr *own = &f->addr[passive ? 1 : 0];
	struct expected what = {
	    .proto = IP_PROTO_TCP,
	    .dst = addr_is_unset(where) ? *own : *where,
	    .also = *own,
	    .port = port,
	    .src = f->addr[passive ? 0 : 1],
	    .parser = FTP_DATA_NAME,
	};
	s->channel = (struct channel){
	    .ticket = parse_expect(x, &what, s->channel.ticket),
	    .passive = passive,
	    .src = what.src,
	    .dst = what.dst,
	    .port = port,
	};
	c->channel = s->channel;
}

/* A command that moves a file says which, to the connection on which it comes. */
static void use_channel(struct parse *x, struct ftp_state *s, struct ftp_command *c)
{
	struct expected *what = parse_expected(x, s->channel.ticket);
	c->channel = s->channel;
	if (what == NULL)
		return;
	what->upload = is_upload(c);
	static const char *const listings[] = {"LIST", "NLST", "MLSD", NULL};
	if (!verb_in(c, listings))
		expect_name(what, arg_of(c));
}

/* ---- what the client says ---- */

/* Whether what follows the command may be a password, or a key. */
static bool is_secret(const struct ftp_command *c, struct str arg)
{
	static const char *const words[] = {
	    "PASS", "ACCT", "ADAT", "MIC", "CONF", "ENC", NULL};
	return verb_in(c, words) || (verb_is(c, "SITE") && arg.n >= 4 &&
					(strncasecmp(arg.p, "PSWD", 4) == 0 ||
					    strncasecmp(arg.p, "PASS", 4) == 0 ||
					    strncasecmp(arg.p, "GPAS", 4) == 0));
}

static bool set_verb(struct ftp_command *c, struct str *line)
{
	size_t n = 0;
	for (; n < line->n && line->p[n] != ' '; n++) {
		char ch = line->p[n];
		if (ch >= 'a' && ch <= 'z')
			ch = (char)(ch - 32);
		if (ch < 'A' || ch > 'Z')
			return false;
		if (n < FTP_VERB_MAX)
			c->verb[n] = ch;
	}
	c->verb_n = (uint8_t)size_min(n, FTP_VERB_MAX);
	while (n < line->n && line->p[n] == ' ')
		n++;
	*line = (struct str){line->p + n, line->n - n};
	return c->verb_n > 0;
}

/* What a command means for what follows. */
static void meant(struct parse *x, struct ftp_state *s, struct ftp_command *c)
{
	struct addr where;
	uint16_t port;
	struct str arg = arg_of(c);
	if (verb_is(c, "USER")) {
		login_begin(x, &s->logon, (struct str){0});
		login_user(x, &s->logon, arg);
	} else if (verb_is(c, "PASS")) {
		login_begin(x, &s->logon, STR("password"));
	} else if (verb_is(c, "CLNT")) {
		kept_set(x, &s->logon.client, bytes_over(arg.p, arg.n));
	} else if (verb_is(c, "TYPE") && arg.n > 0) {
		s->type_letter = arg.p[0];
	} else if ((verb_is(c, "PORT") && ftp_ends_port(arg, &where, &port)) ||
		   (verb_is(c, "EPRT") && ftp_ends_extended(arg, &where, &port))) {
		announce(x, s, c, &where, port, false);
	} else if (is_transfer(c)) {
		use_channel(x, s, c);
	}
}

static void client_line(struct parse *x, struct ftp_state *s, struct str line)
{
	struct ftp_command c = {.ts = x->ts,
	    .source = x->source,
	    .offset = x->offset,
	    .code = -1,
	    .size = -1};
	/* ABOR comes behind the signals of Telnet (RFC 959, 4.1.3). */
	while (line.n > 0 && ((uint8_t)line.p[0] >= 0xf0 || line.p[0] == ' '))
		line = (struct str){line.p + 1, line.n - 1};
	if (!set_verb(&c, &line)) {
		s->strange += line.n > 0;
		return;
	}
	s->asked = true;
	if (own_port(x->flow))
		parse_confirm(x);
	emit(x, s, &s->last);
	if (s->n == FTP_PENDING_MAX) {
		x->counters->over_limit++;
		oldest_out(x, s);
	}
	if (line.n > 0 && !is_secret(&c, line)) {
		c.arg_n = size_min(line.n, FTP_ARG_MAX);
		c.arg = malloc(c.arg_n);
		if (c.arg == NULL)
			c.arg_n = 0;
		else
			memcpy(c.arg, line.p, c.arg_n);
		s->held += c.arg_n;
	}
	meant(x, s, &c);
	s->pending[s->n++] = c;
}

/* ---- what the server says ---- */

/* The first number in the text; negative: none. */
static int64_t number_in(struct str s)
{
	size_t i = 0;
	while (i < s.n && (s.p[i] < '0' || s.p[i] > '9'))
		i++;
	if (i == s.n)
		return -1;
	int64_t v = 0;
	for (size_t k = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, k++) {
		if (k == 18)
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

/* "… (1234 bytes)" in the reply 150. */
static int64_t size_in(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '(' || s.p[i + 1] < '0' || s.p[i + 1] > '9')
			continue;
		struct str rest = {s.p + i + 1, s.n - i - 1};
		size_t n = 0;
		while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
			n++;
		if (rest.n >= n + 5 && strncasecmp(rest.p + n, " byte", 5) == 0)
			return number_in(rest);
	}
	return -1;
}

static const char *type_word(char letter)
{
	switch (letter) {
	case 'A':
	case 'a':
		return "ascii";
	case 'I':
	case 'i':
		return "image";
	case 'E':
	case 'e':
		return "ebcdic";
	case 'L':
	case 'l':
		return "local";
	default:
		return NULL;
	}
}

static void set_cwd(struct ftp_state *s, const struct ftp_command *c, struct str reply)
{
	static const char *const asks[] = {"PWD", "XPWD", NULL};
	static const char *const up[] = {"CDUP", "XCUP", NULL};
	static const char *const down[] = {"CWD", "XCWD", NULL};
	struct str path = {0};
	if (verb_in(c, asks) && c->code == 257) {
		const char *open = reply.n > 0 ? memchr(reply.p, '"', reply.n) : NULL;
		if (open == NULL)
			return;
		size_t left = reply.n - (size_t)(open - reply.p) - 1;
		const char *end = left > 0 ? memchr(open + 1, '"', left) : NULL;
		path = (struct str){open + 1, end != NULL ? (size_t)(end - open) - 1 : 0};
	} else if (verb_in(c, up) && c->code >= 200 && c->code < 300) {
		path = STR("..");
	} else if (verb_in(c, down) && c->code == 250) {
		path = arg_of(c);
	}
	if (path.n == 0)
		return;
	if (s->cwd == NULL)
		s->cwd = malloc(FTP_CWD_MAX);
	if (s->cwd != NULL)
		s->cwd_n = ftp_path(s->cwd, s->cwd_n, FTP_CWD_MAX, path);
}

/* Whether the logon is over by this reply, and how. */
static void login_reply(
    struct parse *x, struct ftp_state *s, const struct ftp_command *c, struct str line)
{
	bool user = verb_is(c, "USER");
	if (!user && !verb_is(c, "PASS") && !verb_is(c, "ACCT"))
		return;
	bool good = c->code == 230 || c->code == 232 || c->code == 202;
	if (user && c->code >= 200)
		login_user(x, &s->logon, arg_of(c)); /* another may have followed it */
	if (c->code < 200 || c->code == 331 || c->code == 332 || c->code == 334)
		return;
	if (user && good)
		login_begin(x, &s->logon, STR("none"));
	login_emit(x, &s->logon, "ftp", good, line);
}

/* The reply to a command, all of it; true: from here on it is TLS. */
static bool answered(struct parse *x, struct ftp_state *s, struct ftp_command *c,
    int code, struct str line)
{
	struct str text = {line.p + size_min(line.n, 4), line.n - size_min(line.n, 4)};
	struct addr where;
	uint16_t port;
	c->code = code;
	c->reply.n = 0;
	kept_set(x, &c->reply, bytes_over(text.p, text.n));
	if (is_transfer(c) && code == 150) {
		c->size = size_in(text);
		if (c->size < 0 && s->sized)
			c->size = s->size;
		s->sized = false;
	} else if (verb_is(c, "SIZE") && code == 213) {
		c->size = s->size = number_in(text);
		s->sized = true;
	} else if ((code == 227 && ftp_ends_port(text, &where, &port)) ||
		   (code == 229 && ftp_ends_extended(text, &where, &port))) {
		announce(x, s, c, &where, port, true);
	} else if (verb_is(c, "TYPE") && code == 200) {
		s->type = type_word(s->type_letter);
	}
	set_cwd(s, c, text);
	login_reply(x, s, c, line);
	return code == 234 && verb_is(c, "AUTH") && c->arg_n >= 3 &&
	       (strncasecmp(c->arg, "TLS", 3) == 0 || strncasecmp(c->arg, "SSL", 3) == 0);
}

/* A reply, by its last line. */
static bool reply(struct parse *x, struct ftp_state *s, int code, struct str line)
{
	bool first = !s->greeted;
	s->greeted = true;
	if (first && (code == 220 || code == 120 || code == 421)) {
		s->greeted = code != 120;
		if (line.n > 4)
			kept_set(x, &s->logon.server, bytes_over(line.p + 4, line.n - 4));
		return false;
	}
	if (s->asked)
		parse_confirm(x);
	if (s->n == 0 && s->last.verb_n > 0)
		return answered(x, s, &s->last, code, line);
	if (s->n == 0)
		return false;
	bool tls = answered(x, s, &s->pending[0], code, line);
	if (code >= 200)
		oldest_out(x, s);
	return tls;
}

/* The code at the beginning of the line; -1: none. */
static int code_of(struct str line)
{
	int code = 0;
	for (size_t i = 0; i < CODE_LENGTH; i++) {
		if (i >= line.n || line.p[i] < '0' || line.p[i] > '9')
			return -1;
		code = code * 10 + (line.p[i] - '0');
	}
	return code >= 100 && code < 700 ? code : -1;
}

/* A line of the server; true: from here on it is TLS. */
static bool server_line(struct parse *x, struct ftp_state *s, struct str line)
{
	int code = code_of(line);
	bool last = code > 0 && (line.n == CODE_LENGTH || line.p[CODE_LENGTH] != '-');
	if (s->multi == 0) {
		s->strange += code < 0;
		if (code < 0 && s->n == 1) /* a reply without a code is one too */
			oldest_out(x, s);
		if (code > 0 && !last)
			s->multi = code;
		return last && reply(x, s, code, line);
	}
	if (!last || (code != s->multi && line.n < INTERIM_LEAST))
		return false;
	s->multi = 0;
	return reply(x, s, code, line);
}

/* ---- the flow ---- */

static enum parse_result ftp_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct ftp_state *s = state;
	(void)n;
	x->counters->truncated++;
	line_free(&s->line[side]);
	s->multi = 0;
	s->greeted = true;
	while (s->n > 0) /* which reply is whose is not known any more */
		oldest_out(x, s);
	emit(x, s, &s->last);
	return PARSE_OK;
}

static enum parse_result ftp_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct ftp_state *s = state;
	struct bytes in = bytes_over(d->p, d->n);
	struct str line;
	while (line_take(&s->line[d->side], &in, &line)) {
		if (s->line[d->side].cut)
			x->counters->over_limit++;
		if (d->side == 0) {
			client_line(x, s, line);
		} else if (server_line(x, s, line)) {
			login_encrypted(x, &s->logon, "ftp", line);
			parse_hand_over(x, "ssl", in.left);
			return PARSE_DONE;
		}
	}
	if (d->wire > d->n)
		ftp_gap(x, s, d->side, d->wire - d->n);
	if (s->strange > FTP_STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	return PARSE_OK;
}

static void ftp_close(struct parse *x, void *state)
{
	struct ftp_state *s = state;
	if (s->logon.begun)
		login_emit(x, &s->logon, "ftp", -1, (struct str){0});
	all_out(x, s);
	free(s->cwd);
	line_free(&s->line[0]);
	line_free(&s->line[1]);
}

static size_t ftp_held(const void *state)
{
	const struct ftp_state *s = state;
	return s->held + s->line[0].room + s->line[1].room +
	       (s->cwd != NULL ? FTP_CWD_MAX : 0);
}

const struct proto_parser ftp_parser = {
    .name = "ftp",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('1', '2', 'U', 'U', 'u', 'u'),
    PARSER_PORTS(PORT_FTP, PORT_GRIDFTP),
    .probe = ftp_probe,
    .state_size = sizeof(struct ftp_state),
    .data = ftp_data,
    .gap = ftp_gap,
    .close = ftp_close,
    .held = ftp_held,
};
