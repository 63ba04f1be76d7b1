/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL, protocol 3 (its manual, "Frontend/Backend Protocol").
 *
 *     client: length 4 | version or request 4 | name\0 value\0 … \0     the first one
 *     server: 'S' or 'N' to a request for TLS, 'G' or 'N' to one for GSSAPI
 *     then both: type 1 | length 4 (its own bytes, too) | content
 *
 * A simple query is answered up to 'Z'. Parse and execute are pipelined and answered in
 * their order; after an error all up to the next sync stay without one, so a sync waits
 * in the queue, too, and 'Z' ends all that stands before it.
 */
#include <ctype.h>
#include <string.h>

#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/windows/kerberos.h"
#include "proto/windows/ntlm.h"
#include "proto/windows/spnego.h"

#define PG_PORT 5432
#define PG_KEPT 8192 /* bytes of a message that are read */
#define PG_STARTUP_MAX                                                                   \
	10000 /* bytes of the longest first message, as its server has it */
#define PG_FIELDS_MAX                                                                    \
	64 /* names in a first message, or fields of an error, looked at                 \
	    */
#define PG_HEAD 5

enum request {
	PG_CANCEL = 80877102,
	PG_SSL = 80877103,
	PG_GSS = 80877104,
	PG_VERSION = 3, /* in the upper two bytes */
};

/* Of the server's 'R'. */
enum authentication {
	AUTH_OK = 0,
	AUTH_KERBEROS = 2,
	AUTH_CLEAR = 3,
	AUTH_MD5 = 5,
	AUTH_GSS = 7,
	AUTH_SSPI = 9,
	AUTH_SASL = 10,
};

struct pg_state {
	struct db db;
	struct db_stream stream;
	struct ntlm ntlm;
	bool started; /* the first message was seen */
	bool asked;   /* for TLS or GSSAPI: one byte is the answer */
	bool sasl;    /* the next proof begins with its mechanism */
	bool known;   /* the server knows who it is */
	char *bound;  /* the prepared statement last bound; owned */
};

/* A name begins where the parameters of a startup message do, unless it has none. A
 * request of Kafka may have the same length and version in front. */
static bool names_follow(struct bytes b, uint32_t n)
{
	return n == 9 || b.left < 9 || b.pos[8] >= 'A';
}

/* Bytes of a first message; 0: none begins here, or more must be read. */
static uint32_t startup_length(struct bytes b)
{
	if (b.left < 8)
		return 0;
	uint32_t n = load_be32(b.pos), code = load_be32(b.pos + 4);
	bool known = (n == 8 && (code == PG_SSL || code == PG_GSS)) ||
		     (n >= 16 && code == PG_CANCEL) ||
		     (n > 8 && code >> 16 == PG_VERSION && (code & 0xffff) <= 2 &&
			 names_follow(b, n));
	return known && n <= PG_STARTUP_MAX ? n : 0;
}

static bool is_type(int side, uint8_t c)
{
	return c != 0 && strchr(side == 0 ? "BCDEFHPQSXcdfp" : "123ACDEGHIKNRSTVWZcdnstv",
			     c) != NULL;
}

static bool message_begins(const void *state, int side, struct bytes b)
{
	(void)state;
	return b.left >= PG_HEAD && is_type(side, b.pos[0]) && b.pos[1] == 0 &&
	       load_be32(b.pos + 1) >= 4 && load_be32(b.pos + 1) <= b.left - 1;
}

static enum probe pg_probe(const struct flow *f, int side, struct bytes first)
{
	if (side == 0 && first.left < 8)
		return first.left == 0 || first.pos[0] == 0 ? PROBE_MORE : PROBE_NO;
	if (side == 0 && startup_length(first) > 0)
		return PROBE_YES;
	return f->port[1] == PG_PORT && message_begins(NULL, side, first) ? PROBE_YES
									  : PROBE_NO;
}

static int64_t message_length(const void *state, int side, struct bytes b)
{
	const struct pg_state *s = state;
	if (side == 0 && !s->started && b.pos[0] == 0) {
		if (b.left < 8)
			return 0;
		uint32_t n = startup_length(b);
		return n > 0 ? (int64_t)n : -1;
	}
	if (side == 1 && s->asked && b.pos[0] != 'E')
		return 1;
	if (!is_type(side, b.pos[0]))
		return -1;
	if (b.left < PG_HEAD)
		return 0;
	uint32_t n = load_be32(b.pos + 1);
	return n >= 4 && n <= INT32_MAX ? (int64_t)n + 1 : -1;
}

/* ---- who it is ---- */

static enum db_next startup(
    struct parse *x, struct pg_state *s, struct bytes b, uint64_t n)
{
	char **text = s->db.login.text;
	bytes_skip(&b, 4);
	uint32_t code = bytes_be32(&b);
	db_begin(x, &s->db, "postgresql");
	if (code == PG_SSL || code == PG_GSS) {
		s->asked = true;
		return DB_GO_ON;
	}
	s->started = true;
	if (code == PG_CANCEL) {
		struct db_command *c = db_add(x, &s->db, STR("cancel"), n);
		if (c != NULL)
			db_done(x, &s->db, c);
		return DB_END;
	}
	db_login_begin(x, &s->db);
	for (int i = 0; i < PG_FIELDS_MAX && b.left > 1; i++) {
		struct str name = db_zero_text(&b), value = db_zero_text(&b);
		if (str_equal(name, STR("user")))
			db_keep(x, &s->db, &text[DB_USER], value);
		else if (str_equal(name, STR("database")))
			db_keep(x, &s->db, &text[DB_TARGET], value);
		else if (str_equal(name, STR("application_name")))
			db_keep(x, &s->db, &text[DB_CLIENT], value);
	}
	return DB_GO_ON;
}

/* The answer to a request for TLS or GSSAPI. */
static enum db_next secured(struct parse *x, struct pg_state *s, uint8_t answer)
{
	s->asked = false;
	if (answer != 'S' && answer != 'G')
		return DB_GO_ON;
	db_login_begin(x, &s->db);
	s->db.login.encrypted = true;
	if (answer == 'S')
		return DB_TLS;
	x->counters->unsupported++;
	return DB_END;
}

static void authentication(struct parse *x, struct pg_state *s, struct bytes b)
{
	char **mechanism = &s->db.login.text[DB_MECHANISM];
	struct spnego token;
	switch (bytes_be32(&b)) {
	case AUTH_OK:
		s->known = true;
		if (*mechanism == NULL)
			db_keep(x, &s->db, mechanism, STR("none"));
		ntlm_done(x, &s->ntlm, 1, "postgresql");
		break;
	case AUTH_KERBEROS:
	case AUTH_GSS:
		db_keep(x, &s->db, mechanism, STR("gssapi"));
		break;
	case AUTH_CLEAR:
		db_keep(x, &s->db, mechanism, STR("password"));
		break;
	case AUTH_MD5:
		db_keep(x, &s->db, mechanism, STR("md5"));
		break;
	case AUTH_SSPI:
		db_keep(x, &s->db, mechanism, STR("sspi"));
		break;
	case AUTH_SASL:
		s->sasl = true;
		break;
	default: /* a step of one of these */
		token = spnego_read(b);
		if (token.ntlm.left > 0)
			ntlm_token(x, &s->ntlm, token.ntlm, "postgresql");
		break;
	}
}

/* What the client proves itself with: only the name of the way is kept. */
static void proof(struct parse *x, struct pg_state *s, struct bytes b)
{
	if (s->sasl) {
		struct str name = db_zero_text(&b);
		db_keep(x, &s->db, &s->db.login.text[DB_MECHANISM],
		    str_clean_lower(x->scratch, name.p, name.n));
		s->sasl = false;
		return;
	}
	struct spnego token = spnego_read(b);
	if (token.ntlm.left > 0)
		ntlm_token(x, &s->ntlm, token.ntlm, "postgresql");
	if (token.kerberos.left > 0)
		kerberos_inside(x, token.kerberos, "postgresql");
}

/* ---- what the client asks ---- */

static void client(
    struct parse *x, struct pg_state *s, char type, struct bytes b, uint64_t n)
{
	static const char *const names[128] = {['Q'] = "query",
	    ['P'] = "parse",
	    ['E'] = "execute",
	    ['F'] = "function_call",
	    ['S'] = "sync"};
	if (type == 'p')
		proof(x, s, b);
	if (type == 'B') {
		db_zero_text(&b); /* portal */
		db_keep(x, &s->db, &s->bound, db_zero_text(&b));
	}
	if (names[(unsigned char)type & 127] == NULL)
		return;
	db_begin(x, &s->db, "postgresql");
	struct db_command *c =
	    db_add(x, &s->db, str_of(names[(unsigned char)type & 127]), n);
	if (c == NULL)
		return;
	c->kind = (unsigned char)type;
	if (type == 'P' || type == 'E') {
		struct str name = db_zero_text(&b);
		if (type == 'E' && name.n == 0)
			name = str_of(s->bound);
		if (name.n > 0)
			db_keep(x, &s->db, &c->object, name);
	}
	if (type == 'Q' || type == 'P')
		db_keep_statement(x, &s->db, &c->argument, db_zero_text(&b));
	if (type == 'F')
		db_keep(
		    x, &s->db, &c->object, str_format(x->scratch, "%u", bytes_be32(&b)));
}

/* ---- what the server answers ---- */

/* A sync leaves no row. */
static void finish(struct parse *x, struct pg_state *s, struct db_command *c)
{
	if (c->kind == 'S')
		db_forget(&s->db, c);
	else
		db_done(x, &s->db, c);
}

/* Fields of an error: a letter and its text each. */
static void error(
    struct parse *x, struct pg_state *s, struct db_command *c, struct bytes b)
{
	struct str code = {0}, words = {0};
	for (int i = 0; i < PG_FIELDS_MAX && b.left > 1; i++) {
		uint8_t field = bytes_u8(&b);
		struct str value = db_zero_text(&b);
		if (field == 'C')
			code = value;
		else if (field == 'M')
			words = value;
	}
	if (s->db.login.begun) {
		db_keep(x, &s->db, &s->db.login.text[DB_STATUS], words);
		ntlm_done(x, &s->ntlm, 0, "postgresql");
		db_login_done(x, &s->db, 0);
	} else if (c != NULL && c->kind != 'S') {
		c->success = 0;
		db_keep(x, &s->db, &c->code, code);
		db_keep(x, &s->db, &c->response, words);
		if (c->kind != 'Q')
			db_done(x, &s->db, c);
	}
}

/* The number at the end of a tag ("INSERT 0 5"); negative: none. */
static int64_t tag_rows(struct str tag)
{
	int64_t n = 0;
	size_t at = tag.n;
	while (at > 0 && isdigit((unsigned char)tag.p[at - 1]))
		at--;
	if (at == tag.n || tag.n - at > 18 || at == 0 || tag.p[at - 1] != ' ')
		return -1;
	for (; at < tag.n; at++)
		n = n * 10 + (tag.p[at] - '0');
	return n;
}

/* A statement is done: of a simple query several may be. */
static void complete(
    struct parse *x, struct pg_state *s, struct db_command *c, struct bytes b)
{
	int64_t rows = tag_rows(db_zero_text(&b));
	if (c->success < 0)
		c->success = 1;
	if (rows < 0 && c->id > 0) /* without a number: those that were seen */
		rows = c->id;
	c->id = 0;
	if (rows >= 0)
		db_rows(c, rows);
	if (c->kind != 'Q')
		db_done(x, &s->db, c);
}

/* 'Z': all up to the query or sync that it answers is over. */
static void ready(struct parse *x, struct pg_state *s, uint64_t n)
{
	if (s->db.login.begun)
		db_login_done(x, &s->db, s->known);
	struct db_command *c;
	while ((c = db_first(&s->db)) != NULL) {
		bool last = c->kind == 'Q' || c->kind == 'S';
		if (c->kind == 'Q')
			db_answer(x, c, n);
		if (c->kind == 'Q' && c->success < 0)
			c->success = 1; /* an empty one */
		finish(x, s, c);
		if (last)
			return;
	}
}

static void parameter(struct parse *x, struct pg_state *s, struct bytes b)
{
	struct str name = db_zero_text(&b);
	if (str_equal(name, STR("server_version")))
		db_keep(x, &s->db, &s->db.login.text[DB_SERVER], db_zero_text(&b));
}

static void server(
    struct parse *x, struct pg_state *s, char type, struct bytes b, uint64_t n)
{
	struct db_command *c = db_first(&s->db);
	if (type != 'Z' && c != NULL && c->kind != 'S')
		db_answer(x, c, n);
	switch (type) {
	case 'R':
		db_begin(x, &s->db, "postgresql");
		db_login_begin(x, &s->db);
		authentication(x, s, b);
		break;
	case 'D':
		if (c != NULL && c->kind != 'S')
			c->id += c->id < INT64_MAX;
		break;
	case 'S':
		parameter(x, s, b);
		break;
	case 'E':
		s->asked = false;
		error(x, s, c, b);
		break;
	case '1':
		if (c != NULL && c->kind == 'P') {
			c->success = 1;
			db_done(x, &s->db, c);
		}
		break;
	case 'C':
	case 'I':
	case 's':
	case 'V':
		if (c != NULL && c->kind != 'S' && c->kind != 'P')
			complete(x, s, c, type == 'C' ? b : (struct bytes){0});
		break;
	case 'Z':
		ready(x, s, n);
		break;
	default:
		break;
	}
}

static enum db_next message(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct pg_state *s = state;
	if (side == 0 && !s->started && m.pos[0] == 0)
		return startup(x, s, m, n);
	s->started = true;
	if (side == 1 && s->asked && m.pos[0] != 'E') {
		s->started = false;
		return secured(x, s, m.pos[0]);
	}
	char type = (char)bytes_u8(&m);
	bytes_skip(&m, 4);
	if (side == 0)
		client(x, s, type, m, n);
	else
		server(x, s, type, m, n);
	return DB_GO_ON;
}

static void messages_lost(struct parse *x, void *state, int side)
{
	struct pg_state *s = state;
	(void)side;
	s->started = true;
	s->asked = false;
	struct db_command *c;
	while ((c = db_first(&s->db)) != NULL)
		finish(x, s, c);
}

static const struct db_framing framing = {
    .keep = PG_KEPT,
    .length = message_length,
    .begins = message_begins,
    .message = message,
    .lost = messages_lost,
};

static enum parse_result postgresql_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(x, &((struct pg_state *)state)->stream, &framing, state, d);
}

static enum parse_result postgresql_gap(
    struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(x, &((struct pg_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void postgresql_close(struct parse *x, void *state)
{
	struct pg_state *s = state;
	messages_lost(x, s, 0);
	if (s->known)
		db_login_done(x, &s->db, 1);
	ntlm_done(x, &s->ntlm, -1, "postgresql");
	ntlm_free(&s->ntlm);
	db_keep(x, &s->db, &s->bound, (struct str){0});
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t postgresql_held(const void *state)
{
	const struct pg_state *s = state;
	return db_held(&s->db) + db_stream_held(&s->stream) + s->ntlm.held;
}

const struct proto_parser postgresql_parser = {
    .name = "postgresql",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(0, 0),
    PARSER_PORTS(PG_PORT),
    .probe = pg_probe,
    .state_size = sizeof(struct pg_state),
    .data = postgresql_data,
    .gap = postgresql_gap,
    .close = postgresql_close,
    .held = postgresql_held,
};
