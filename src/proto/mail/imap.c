/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IMAP4 (RFC 3501, RFC 9051).
 *
 *     server: * OK greeting
 *     client: a1 LOGIN jane secret       tag, command, arguments
 *     server: * 12 EXISTS                untagged: what there is
 *             a1 OK done                 tagged: the answer to the command
 *
 * A row of the table login for each logon and one of the table mailbox for each folder
 * that was opened: from SELECT or EXAMINE to the next one, CLOSE or the end. While
 * AUTHENTICATE is open, what the client sends is no command and is read for its name
 * alone.
 */
#include "proto/mail/imap.h"

#include "base/size.h"
#include "proto/mail/mail_box.h"

#define IMAP_PENDING_MAX 32 /* commands whose answers are waited for */
#define IMAP_TAG_MAX     23 /* bytes of a tag; commands with longer ones are not tied */
#define IMAP_STRANGE_MAX 16 /* texts without a meaning after which it is no IMAP */
#define PORT_IMAP        143

enum imap_kind {
	I_SESSION, /* says nothing of mails */
	I_OTHER,
	I_LOGIN,
	I_AUTHENTICATE,
	I_STARTTLS,
	I_COMPRESS,
	I_ID,
	I_SELECT,
	I_EXAMINE,
	I_CLOSE,
	I_APPEND,
};

static const struct {
	const char *word;
	enum imap_kind kind;
} commands[] = {
    {"CAPABILITY", I_SESSION},
    {"NOOP", I_SESSION},
    {"LOGOUT", I_SESSION},
    {"ENABLE", I_SESSION},
    {"NAMESPACE", I_SESSION},
    {"IDLE", I_SESSION},
    {"UNAUTHENTICATE", I_SESSION},
    {"LOGIN", I_LOGIN},
    {"AUTHENTICATE", I_AUTHENTICATE},
    {"STARTTLS", I_STARTTLS},
    {"COMPRESS", I_COMPRESS},
    {"ID", I_ID},
    {"SELECT", I_SELECT},
    {"EXAMINE", I_EXAMINE},
    {"CLOSE", I_CLOSE},
    {"UNSELECT", I_CLOSE},
    {"APPEND", I_APPEND},
    {"FETCH", I_OTHER},
    {"UID", I_OTHER},
    {"STORE", I_OTHER},
    {"SEARCH", I_OTHER},
    {"COPY", I_OTHER},
    {"MOVE", I_OTHER},
    {"EXPUNGE", I_OTHER},
    {"CHECK", I_OTHER},
    {"LIST", I_OTHER},
    {"LSUB", I_OTHER},
    {"XLIST", I_OTHER},
    {"STATUS", I_OTHER},
    {"CREATE", I_OTHER},
    {"DELETE", I_OTHER},
    {"RENAME", I_OTHER},
    {"SUBSCRIBE", I_OTHER},
    {"UNSUBSCRIBE", I_OTHER},
    {"SORT", I_OTHER},
    {"THREAD", I_OTHER},
    {"GETQUOTAROOT", I_OTHER},
    {"GETQUOTA", I_OTHER},
    {"SETQUOTA", I_OTHER},
    {"GETACL", I_OTHER},
    {"SETACL", I_OTHER},
    {"MYRIGHTS", I_OTHER},
    {"GETMETADATA", I_OTHER},
    {"SETMETADATA", I_OTHER},
    {"REPLACE", I_OTHER},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

struct imap_command {
	uint8_t kind;
	uint8_t tag_n;
	char tag[IMAP_TAG_MAX];
	uint64_t literals; /* bytes that came with it */
	struct kept folder;
};

struct imap_state {
	struct imap_text side[2];
	struct imap_command pending[IMAP_PENDING_MAX]; /* oldest first */
	unsigned n;
	struct login logon;
	struct mail_box box; /* of the folder that is open, or of none */
	int64_t exists;      /* told since SELECT was sent; negative: not told */
	bool begun, greeted;
	bool auth; /* what the client sends is no command */
	bool idle; /* until DONE */
	unsigned strange;
};

/* ---- what it looks like ---- */

static size_t command_of(struct str word)
{
	size_t i = 0;
	while (i < COMMANDS && !line_is(word, commands[i].word))
		i++;
	return i;
}

static enum probe probe_client(struct bytes b)
{
	const uint8_t *end = memchr(b.pos, '\n', b.left);
	size_t n = end != NULL ? (size_t)(end - b.pos) : b.left;
	struct str line = {(const char *)b.pos, n};
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	struct str tag = line_word(&line), word = line_word(&line);
	if (tag.n == 0 || tag.n > IMAP_TAG_MAX)
		return PROBE_NO;
	if (end == NULL && word.n < 16 && line.n == 0)
		return PROBE_MORE;
	return command_of(word) < COMMANDS ? PROBE_YES : PROBE_NO;
}

static bool own_port(const struct flow *f)
{
	return f->port[1] == PORT_IMAP;
}

static enum probe imap_probe(const struct flow *f, int side, struct bytes first)
{
	static const char *const words[] = {"* OK", "* PREAUTH", "* BYE"};
	if (side == 0)
		return own_port(f) ? probe_client(first) : PROBE_NO;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		if (memcmp(first.pos, words[i], size_min(n, first.left)) == 0)
			return first.left <= n ? PROBE_MORE : PROBE_YES;
	}
	return PROBE_NO;
}

/* ---- what the client says ---- */

static void client_id(struct parse *x, struct imap_state *s, struct str rest)
{
	struct str name = {0}, version = {0};
	for (int i = 0; i < 16 && rest.n > 0; i++) {
		const char *quote = memchr(rest.p, '"', rest.n);
		if (quote == NULL)
			break;
		rest = (struct str){quote, rest.n - (size_t)(quote - rest.p)};
		struct str key = line_word(&rest);
		if (line_is(key, "NAME"))
			name = line_word(&rest);
		else if (line_is(key, "VERSION"))
			version = line_word(&rest);
		else
			line_word(&rest);
	}
	struct str both =
	    str_format(x->scratch, "%.*s %.*s", STR_ARG(name), STR_ARG(version));
	if (name.n > 0 && both.p != NULL)
		kept_set(
		    x, &s->logon.client, bytes_over(both.p, both.n - (version.n == 0)));
}

static void client_authenticate(struct parse *x, struct imap_state *s, struct str rest)
{
	login_begin(x, &s->logon, line_word(&rest));
	s->auth = true;
	struct str answer = line_word(&rest);
	if (answer.n > 0 && answer.p[0] != '=')
		login_sasl(x, &s->logon, answer);
}

/* What a command means for what follows. */
static void meant(
    struct parse *x, struct imap_state *s, struct imap_command *c, struct str rest)
{
	struct str word;
	switch (c->kind) {
	case I_LOGIN:
		login_begin(x, &s->logon, STR("password"));
		login_user(x, &s->logon, line_word(&rest));
		break;
	case I_AUTHENTICATE:
		client_authenticate(x, s, rest);
		break;
	case I_ID:
		client_id(x, s, rest);
		break;
	case I_SELECT:
	case I_EXAMINE:
		word = line_word(&rest);
		s->exists = -1;
		kept_set(x, &c->folder, bytes_over(word.p, word.n));
		break;
	case I_APPEND:
	case I_OTHER:
		mail_box_touch(x, &s->box, true);
		break;
	default:
		break;
	}
}

static void client_text(struct parse *x, struct imap_state *s, struct str text)
{
	s->auth = s->auth && login_answers(text);
	if (s->auth) {
		login_sasl(x, &s->logon, text);
		return;
	}
	struct str rest = text;
	struct str tag = line_word(&rest), word = line_word(&rest);
	if (s->idle && line_is(tag, "DONE")) {
		s->idle = false;
		return;
	}
	size_t i = command_of(word);
	struct imap_command c = {.literals = s->side[0].literals};
	c.kind = i < COMMANDS ? (uint8_t)commands[i].kind : I_SESSION;
	s->strange += i == COMMANDS;
	s->idle = line_is(word, "IDLE");
	meant(x, s, &c, rest);
	if (tag.n == 0 || tag.n > IMAP_TAG_MAX) {
		x->counters->over_limit++;
		return;
	}
	c.tag_n = (uint8_t)tag.n;
	memcpy(c.tag, tag.p, tag.n);
	if (s->n == IMAP_PENDING_MAX) {
		x->counters->over_limit++;
		s->n--;
		memmove(s->pending, s->pending + 1, s->n * sizeof(s->pending[0]));
	}
	s->pending[s->n++] = c;
}

/* ---- what the server says ---- */

static void folder_open(
    struct parse *x, struct imap_state *s, const struct imap_command *c)
{
	mail_box_emit(x, &s->box, "imap", &s->logon);
	mail_box_touch(x, &s->box, true);
	s->box.folder = c->folder;
	s->box.read_only = c->kind == I_EXAMINE;
	s->box.messages = s->exists;
}

/* The answer to a command; what follows it. */
static enum parse_result answered(struct parse *x, struct imap_state *s,
    const struct imap_command *c, bool good, struct str status)
{
	switch (c->kind) {
	case I_LOGIN:
	case I_AUTHENTICATE:
		s->auth = false;
		login_emit(x, &s->logon, "imap", good, status);
		break;
	case I_STARTTLS:
		return good ? PARSE_DONE : PARSE_OK;
	case I_COMPRESS:
		x->counters->unsupported += good;
		return good ? PARSE_FAILED : PARSE_OK;
	case I_SELECT:
	case I_EXAMINE:
		if (good)
			folder_open(x, s, c);
		break;
	case I_CLOSE:
		if (good)
			mail_box_emit(x, &s->box, "imap", &s->logon);
		break;
	case I_APPEND:
		s->box.stored += good;
		s->box.stored_bytes += good ? c->literals : 0;
		mail_box_touch(x, &s->box, false);
		break;
	default:
		mail_box_touch(x, &s->box, false);
		break;
	}
	return PARSE_OK;
}

/* Whether another folder is being opened: what is told then is told of that one. */
static bool selecting(const struct imap_state *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (s->pending[i].kind == I_SELECT || s->pending[i].kind == I_EXAMINE)
			return true;
	}
	return false;
}

/* "* 12 EXISTS", "* 3 FETCH (…)", and the rest, which does not matter here. */
static void untagged(struct parse *x, struct imap_state *s, struct str rest)
{
	struct str number = line_word(&rest);
	if (!s->greeted) {
		s->greeted = true;
		kept_set(x, &s->logon.server, bytes_over(rest.p, rest.n));
		if (own_port(x->flow))
			parse_confirm(x);
		return;
	}
	struct str word = line_word(&rest);
	if (line_is(word, "EXISTS")) {
		int64_t v = 0;
		for (size_t i = 0; i < number.n && i < 18; i++)
			v = v * 10 + (number.p[i] >= '0' && number.p[i] <= '9'
					     ? number.p[i] - '0'
					     : 0);
		s->exists = v;
		if (s->box.folder.n > 0 && s->box.messages < v && !selecting(s))
			s->box.messages = v;
	} else if (line_is(word, "EXPUNGE")) {
		s->box.deleted++;
	} else if (line_is(word, "FETCH") && s->side[1].bodies > 0) {
		s->box.fetched++;
		s->box.fetched_bytes += s->side[1].bodies;
	}
}

static enum parse_result tagged(
    struct parse *x, struct imap_state *s, struct str tag, struct str rest)
{
	struct str status = rest, word = line_word(&rest);
	bool good = line_is(word, "OK");
	if (!good && !line_is(word, "NO") && !line_is(word, "BAD")) {
		s->strange++;
		return PARSE_OK;
	}
	x->counters->understood++;
	parse_confirm(x);
	while (status.n > 0 && status.p[0] == ' ')
		status = (struct str){status.p + 1, status.n - 1};
	for (unsigned i = 0; i < s->n; i++) {
		struct imap_command c = s->pending[i];
		if (!str_equal(tag, (struct str){c.tag, c.tag_n}))
			continue;
		s->n--;
		memmove(s->pending + i, s->pending + i + 1,
		    (s->n - i) * sizeof(s->pending[0]));
		return answered(x, s, &c, good, status);
	}
	return PARSE_OK;
}

static enum parse_result server_text(
    struct parse *x, struct imap_state *s, struct str text)
{
	struct str rest = text, tag = line_word(&rest);
	if (line_is(tag, "+"))
		return PARSE_OK;
	if (!line_is(tag, "*"))
		return tagged(x, s, tag, rest);
	untagged(x, s, rest);
	return PARSE_OK;
}

/* ---- the flow ---- */

static enum parse_result imap_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct imap_state *s = state;
	x->counters->truncated++;
	imap_skip(&s->side[side], n);
	s->greeted = true;
	if (side == 0)
		s->auth = false;
	return PARSE_OK;
}

/* The server's side: what follows from its last answer in rest, which is in. */
static enum parse_result server_data(
    struct parse *x, struct imap_state *s, struct bytes in)
{
	struct str text;
	while (imap_take(&s->side[1], &in, &text)) {
		enum parse_result result = server_text(x, s, text);
		if (result == PARSE_DONE) {
			login_encrypted(x, &s->logon, "imap", (struct str){0});
			parse_hand_over(x, "ssl", in.left);
		}
		if (result != PARSE_OK)
			return result;
	}
	return PARSE_OK;
}

static enum parse_result imap_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct imap_state *s = state;
	struct bytes in = bytes_over(d->p, d->n);
	struct str text;
	enum parse_result result = PARSE_OK;
	if (!s->begun) {
		mail_box_clear(&s->box);
		s->exists = -1;
		s->greeted = d->side == 0; /* the server speaks first */
		s->begun = true;
	}
	if (d->side == 1)
		result = server_data(x, s, in);
	while (d->side == 0 && imap_take(&s->side[0], &in, &text))
		client_text(x, s, text);
	if (result != PARSE_OK)
		return result;
	if (d->wire > d->n)
		imap_gap(x, s, d->side, d->wire - d->n);
	if (s->strange > IMAP_STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	return PARSE_OK;
}

static void imap_close(struct parse *x, void *state)
{
	struct imap_state *s = state;
	if (s->logon.begun)
		login_emit(x, &s->logon, "imap", -1, (struct str){0});
	mail_box_emit(x, &s->box, "imap", &s->logon);
	imap_free(&s->side[0]);
	imap_free(&s->side[1]);
}

static size_t imap_held(const void *state)
{
	const struct imap_state *s = state;
	return s->side[0].line.room + s->side[1].line.room;
}

const struct proto_parser imap_parser = {
    .name = "imap",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('*', '*'),
    PARSER_PORTS(PORT_IMAP),
    .probe = imap_probe,
    .state_size = sizeof(struct imap_state),
    .data = imap_data,
    .gap = imap_gap,
    .close = imap_close,
    .held = imap_held,
};
