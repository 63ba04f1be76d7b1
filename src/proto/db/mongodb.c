/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MongoDB's wire protocol.
 *
 *     length 4 | request 4 | response to 4 | operation 4 | …   least byte first
 *     2013 OP_MSG: flags 4 | kind 0: a document; kind 1: length, name, documents
 *     2004 OP_QUERY, 1 OP_REPLY and others: before MongoDB 5.1
 *
 * A command is a document whose first name says what is asked for. Its answer names the
 * request. Compressed messages are counted as unsupported.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "proto/db/bson.h"
#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/shared/login.h"

#define MONGODB_PORT 27017
#define MONGODB_KEPT 16384       /* bytes of a message that are read */
#define MONGODB_MAX  (48U << 20) /* bytes of the longest message (the server's limit) */
#define MONGODB_HEAD 16
#define SECTIONS_MAX 8 /* of a message, looked at */

enum operation {
	OP_REPLY = 1,
	OP_UPDATE = 2001,
	OP_INSERT = 2002,
	OP_QUERY = 2004,
	OP_GET_MORE = 2005,
	OP_DELETE = 2006,
	OP_KILL_CURSORS = 2007,
	OP_COMPRESSED = 2012,
	OP_MSG = 2013,
};

enum flag { MORE_TO_COME = 2, QUERY_FAILURE = 2 };

enum kind { PLAIN, LOGON };

struct mongodb_state {
	struct db db;
	struct db_stream stream;
};

static bool is_message(struct bytes b)
{
	if (b.left < MONGODB_HEAD)
		return false;
	uint32_t n = load_le32(b.pos), operation = load_le32(b.pos + 12);
	bool known = operation == OP_REPLY ||
		     (operation >= OP_UPDATE && operation <= OP_KILL_CURSORS) ||
		     operation == OP_COMPRESSED || operation == OP_MSG;
	return known && n > MONGODB_HEAD && n <= MONGODB_MAX;
}

static enum probe mongodb_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	if (first.left > 3 && first.pos[3] > 2)
		return PROBE_NO;
	if (first.left < MONGODB_HEAD)
		return PROBE_MORE;
	return is_message(first) ? PROBE_YES : PROBE_NO;
}

static int64_t message_length(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	if (b.left < MONGODB_HEAD)
		return 0;
	return is_message(b) ? (int64_t)load_le32(b.pos) : -1;
}

static bool message_begins(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	return is_message(b);
}

/* The document of a message of OP_MSG; empty: none. */
static struct bytes body(struct bytes b)
{
	for (int i = 0; i < SECTIONS_MAX && b.left > 4; i++) {
		uint8_t kind = bytes_u8(&b);
		if (kind == 0)
			return bson_open(b);
		if (b.left < 4 || kind != 1)
			break;
		bytes_skip(&b, size_max(4, load_le32(b.pos)));
	}
	return (struct bytes){0};
}

static bool is(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static struct str text_of(struct bytes elements, const char *name)
{
	struct bson e;
	return bson_find(elements, name, &e) ? bson_text(&e) : (struct str){0};
}

/* ---- who it is ---- */

/* The user in what a client proves itself with: SCRAM's n=USER (RFC 5802), or PLAIN's. */
static struct str sasl_user(struct str mechanism, struct bytes payload)
{
	struct str s = {(const char *)payload.pos, payload.left};
	if (is(mechanism, "PLAIN"))
		return login_plain_user(payload);
	const char *at = s.n > 0 ? memmem(s.p, s.n, "n=", 2) : NULL;
	at = at != NULL ? at + 2 : NULL;
	const char *end = at != NULL ? memchr(at, ',', s.n - (size_t)(at - s.p)) : NULL;
	return end != NULL ? (struct str){at, (size_t)(end - at)} : (struct str){0};
}

/* saslStart, or authenticate. */
static void logon(
    struct parse *x, struct mongodb_state *s, struct bytes elements, struct str database)
{
	char **text = s->db.login.text;
	struct bson e;
	struct str mechanism = text_of(elements, "mechanism");
	struct str user = text_of(elements, "user");
	db_login_begin(x, &s->db);
	if (bson_find(elements, "payload", &e) &&
	    (e.type == BSON_BINARY || e.type == BSON_STRING))
		user = sasl_user(mechanism, e.value);
	if (user.n > 0)
		db_keep(x, &s->db, &text[DB_USER], user);
	if (mechanism.n > 0)
		db_keep(x, &s->db, &text[DB_MECHANISM],
		    str_clean_lower(x->scratch, mechanism.p, mechanism.n));
	if (database.n > 0)
		db_keep(x, &s->db, &text[DB_TARGET], database);
}

/* What a client tells of itself when it says hello. */
static void hello(struct parse *x, struct mongodb_state *s, struct bytes elements)
{
	struct bson client, e;
	if (bson_find(elements, "speculativeAuthenticate", &e) &&
	    e.type == BSON_DOCUMENT) {
		struct bytes in = bson_open(e.value);
		logon(x, s, in, text_of(in, "db"));
	}
	if (!bson_find(elements, "client", &client) || client.type != BSON_DOCUMENT)
		return;
	struct bytes in = bson_open(client.value);
	struct str name = {0}, version = {0};
	if (bson_find(in, "driver", &e) && e.type == BSON_DOCUMENT) {
		name = text_of(bson_open(e.value), "name");
		version = text_of(bson_open(e.value), "version");
	}
	if (bson_find(in, "application", &e) && e.type == BSON_DOCUMENT &&
	    text_of(bson_open(e.value), "name").n > 0) {
		name = text_of(bson_open(e.value), "name");
		version = (struct str){0};
	}
	if (name.n > 0)
		db_keep(x, &s->db, &s->db.login.text[DB_CLIENT],
		    str_format(x->scratch, "%.*s%s%.*s", STR_ARG(name),
			version.n > 0 ? " " : "", STR_ARG(version)));
}

/* ---- what the client asks ---- */

/* A command in a document; database: from outside of it, or absent. */
static struct db_command *command(struct parse *x, struct mongodb_state *s,
    struct bytes elements, struct str database, uint64_t n)
{
	struct bson first;
	struct bytes rest = elements;
	if (!bson_next(&rest, &first))
		return NULL;
	struct str collection = bson_text(&first);
	if (database.p == NULL)
		database = text_of(elements, "$db");
	struct db_command *c = db_add(x, &s->db, first.name, n);
	if (c == NULL)
		return NULL;
	if (database.n + collection.n > 0)
		db_keep(x, &s->db, &c->object,
		    str_format(x->scratch, "%.*s%s%.*s", STR_ARG(database),
			collection.n > 0 ? "." : "", STR_ARG(collection)));
	db_keep_text(
	    x, &s->db, &c->argument, bson_json(x->scratch, rest, DB_ARGUMENT_MAX));
	if (is(first.name, "hello") || is(first.name, "isMaster"))
		hello(x, s, elements);
	if (is(first.name, "saslStart") || is(first.name, "authenticate"))
		logon(x, s, elements, database);
	if (is(first.name, "saslStart") || is(first.name, "saslContinue") ||
	    is(first.name, "authenticate"))
		c->kind = LOGON;
	return c;
}

/* An operation from before OP_MSG: its collection, and the document behind it. */
static struct db_command *old_operation(struct parse *x, struct mongodb_state *s,
    enum operation operation, struct bytes b, uint64_t n)
{
	static const char *const names[] = {
	    "update", "insert", NULL, "query", "getMore", "delete", "killCursors"};
	struct str dot = STR(".$cmd");
	bytes_skip(&b, 4); /* flags, or zero */
	struct str name =
	    operation != OP_KILL_CURSORS ? db_zero_text(&b) : (struct str){0};
	if (operation == OP_QUERY || operation == OP_GET_MORE)
		bytes_skip(&b, 8);
	else if (operation == OP_UPDATE || operation == OP_DELETE)
		bytes_skip(&b, 4);
	struct bytes elements = bson_open(b);
	if (operation == OP_QUERY && name.p != NULL && name.n > dot.n &&
	    memcmp(name.p + name.n - dot.n, dot.p, dot.n) == 0)
		return command(x, s, elements, (struct str){name.p, name.n - dot.n}, n);
	size_t which = (size_t)operation - OP_UPDATE;
	if (which >= sizeof(names) / sizeof(names[0]))
		return NULL;
	struct db_command *c = db_add(x, &s->db, str_of(names[which]), n);
	if (c == NULL)
		return NULL;
	if (name.n > 0)
		db_keep(x, &s->db, &c->object, name);
	if (elements.left > 0 && operation != OP_GET_MORE)
		db_keep_text(x, &s->db, &c->argument,
		    bson_json(x->scratch, elements, DB_ARGUMENT_MAX));
	return c;
}

/* ---- what the server answers ---- */

/* Elements of an array. */
static int64_t elements_of(struct bytes elements)
{
	struct bson e;
	int64_t n = 0;
	while (elements.left > 0 && bson_next(&elements, &e))
		n++;
	return n;
}

/* Rows of an answer: the batch of a cursor, or the number that it tells. */
static void answer_rows(struct db_command *c, struct bytes elements)
{
	struct bson e, batch;
	if (bson_find(elements, "cursor", &e) && e.type == BSON_DOCUMENT) {
		struct bytes in = bson_open(e.value);
		if ((bson_find(in, "firstBatch", &batch) ||
			bson_find(in, "nextBatch", &batch)) &&
		    batch.type == BSON_ARRAY)
			db_rows(c, elements_of(bson_open(batch.value)));
	} else if (bson_find(elements, "n", &e) && bson_number(&e) >= 0) {
		db_rows(c, bson_number(&e));
	}
}

static void logon_answer(
    struct parse *x, struct mongodb_state *s, struct db_command *c, struct bytes elements)
{
	struct bson done;
	if (c->success == 0)
		db_keep(
		    x, &s->db, &s->db.login.text[DB_STATUS], text_of(elements, "errmsg"));
	bool over = c->success == 0 || is(str_of(c->command), "authenticate") ||
		    (bson_find(elements, "done", &done) && bson_number(&done) == 1);
	if (over)
		db_login_done(x, &s->db, c->success);
}

/* The document of an answer. */
static void answer(
    struct parse *x, struct mongodb_state *s, struct db_command *c, struct bytes elements)
{
	struct bson e;
	if (bson_find(elements, "ok", &e))
		c->success = bson_number(&e) == 1;
	else if (bson_find(elements, "$err", &e))
		c->success = 0;
	answer_rows(c, elements);
	if (c->success == 0) {
		struct str words = text_of(elements, "errmsg");
		struct str name = text_of(elements, "codeName");
		if (name.n == 0 && bson_find(elements, "code", &e))
			name = str_format(x->scratch, "%lld", (long long)bson_number(&e));
		db_keep(x, &s->db, &c->code, name);
		db_keep(x, &s->db, &c->response,
		    words.p != NULL ? words : text_of(elements, "$err"));
	}
	if (is(str_of(c->command), "buildInfo"))
		db_keep(x, &s->db, &s->db.login.text[DB_SERVER],
		    text_of(elements, "version"));
	if (c->kind == LOGON)
		logon_answer(x, s, c, elements);
}

static void reply(struct parse *x, struct mongodb_state *s, uint32_t to,
    enum operation operation, struct bytes b, uint64_t n)
{
	struct db_command *c = NULL;
	for (size_t i = 0; i < s->db.n && c == NULL; i++) {
		c = db_waiting(&s->db, i);
		c = c->id == (int64_t)to ? c : NULL;
	}
	if (c == NULL)
		return;
	db_answer(x, c, n);
	if (operation == OP_MSG) {
		bytes_skip(&b, 4);
		answer(x, s, c, body(b));
	} else if (operation == OP_REPLY) {
		bool failed = (bytes_le32(&b) & QUERY_FAILURE) != 0;
		bytes_skip(&b, 12); /* cursor, start */
		int64_t rows = bytes_le32(&b);
		bool query =
		    is(str_of(c->command), "query") || is(str_of(c->command), "getMore");
		if (!query || failed)
			answer(x, s, c, bson_open(b));
		else
			db_rows(c, rows);
		if (query)
			c->success = !failed;
	}
	db_done(x, &s->db, c);
}

static enum db_next message(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct mongodb_state *s = state;
	bytes_skip(&m, 4);
	uint32_t id = bytes_le32(&m), to = bytes_le32(&m);
	enum operation operation = (enum operation)bytes_le32(&m);
	struct db_command *c = NULL;
	bool answered = true;
	db_begin(x, &s->db, "mongodb");
	if (operation == OP_COMPRESSED) {
		x->counters->unsupported++;
	} else if (side == 1) {
		reply(x, s, to, operation, m, n);
	} else if (operation == OP_MSG) {
		answered = (bytes_le32(&m) & MORE_TO_COME) == 0;
		c = command(x, s, body(m), (struct str){0}, n);
	} else if (operation != OP_REPLY) {
		answered = operation == OP_QUERY || operation == OP_GET_MORE;
		c = old_operation(x, s, operation, m, n);
	}
	if (c != NULL)
		c->id = id;
	if (c != NULL && !answered)
		db_done(x, &s->db, c);
	return DB_GO_ON;
}

static void messages_lost(struct parse *x, void *state, int side)
{
	struct mongodb_state *s = state;
	if (side == 1)
		db_flush(x, &s->db);
}

static const struct db_framing framing = {
    .keep = MONGODB_KEPT,
    .length = message_length,
    .begins = message_begins,
    .message = message,
    .lost = messages_lost,
};

static enum parse_result mongodb_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(
	    x, &((struct mongodb_state *)state)->stream, &framing, state, d);
}

static enum parse_result mongodb_gap(struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(
	    x, &((struct mongodb_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void mongodb_close(struct parse *x, void *state)
{
	struct mongodb_state *s = state;
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t mongodb_held(const void *state)
{
	const struct mongodb_state *s = state;
	return db_held(&s->db) + db_stream_held(&s->stream);
}

const struct proto_parser mongodb_parser = {
    .name = "mongodb",
    .transports = TRANSPORT_TCP,
    .probe = mongodb_probe,
    PARSER_FIRST(0x15, 0xff),
    PARSER_PORTS(MONGODB_PORT),
    .state_size = sizeof(struct mongodb_state),
    .data = mongodb_data,
    .gap = mongodb_gap,
    .close = mongodb_close,
    .held = mongodb_held,
};
