/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MySQL and MariaDB: the client/server protocol, versions 9 and 10.
 *
 *     packet: length 3 (least byte first) | sequence 1 | payload; of ffffff bytes: more
 *     server: greeting       client: answer       both: what proves it, until OK or ERR
 *     client: command 1 | …  server: OK 00 | ERR ff | columns, EOF fe, rows, EOF
 *
 * A command is answered before the next one is sent. Which sides leave out the EOF behind
 * the columns is told by the packets themselves, so that a capture may begin anywhere. A
 * client that asks for TLS goes over to it; compressed connections are not read.
 */
#include "proto/db/mysql.h"

#include <string.h>

#include "base/size.h"
#include "proto/db/db_stream.h"

#define MYSQL_PORT   3306
#define MYSQL_KEPT   8192 /* bytes of a packet that are read */
#define PACKET_HEAD  4
#define PACKET_FULL  0xffffff /* bytes of a packet that goes on in the next one */
#define EOF_MAX      9        /* a packet of less with fe is an EOF, not a row */
#define GREETING_MAX 512      /* bytes of the longest greeting that is looked for */

#define STATE_MORE_RESULTS 8    /* SERVER_MORE_RESULTS_EXISTS */
#define STATE_CURSOR       0x40 /* SERVER_STATUS_CURSOR_EXISTS */

enum command {
	COM_QUIT = 1,
	COM_INIT_DB = 2,
	COM_QUERY = 3,
	COM_FIELD_LIST = 4,
	COM_CREATE_DB = 5,
	COM_DROP_DB = 6,
	COM_STATISTICS = 9,
	COM_CHANGE_USER = 17,
	COM_BINLOG_DUMP = 18,
	COM_STMT_PREPARE = 22,
	COM_STMT_EXECUTE = 23,
	COM_STMT_SEND_LONG_DATA = 24,
	COM_STMT_CLOSE = 25,
	COM_STMT_RESET = 26,
	COM_STMT_FETCH = 28,
	COM_BINLOG_DUMP_GTID = 30,
	COM_LAST = 32
};

enum phase { GREETING, ANSWER, PROOF, COMMANDS, FILE_DATA };

/* What comes next of an answer. */
enum reply { FIRST, COLUMNS, COLUMNS_END, ROWS, FIELDS, PREPARED };

struct mysql_state {
	struct db db;
	struct db_stream stream;
	enum phase phase;
	enum reply reply;
	uint64_t left;         /* columns or definitions still to come */
	uint32_t server, both; /* capabilities */
	bool more[2];          /* the packet of a side goes on in its next one */
};

static bool is_greeting(struct bytes b)
{
	return b.left > 5 && load_le16(b.pos) <= GREETING_MAX && b.pos[2] == 0 &&
	       b.pos[3] == 0 && (b.pos[4] == 10 || b.pos[4] == 9) && b.pos[5] >= '0' &&
	       b.pos[5] <= '9';
}

/* A refusal in place of a greeting: ff, a code from 1000 on. */
static bool is_refusal(struct bytes b)
{
	return b.left > 7 && load_le16(b.pos) <= GREETING_MAX && b.pos[2] == 0 &&
	       b.pos[3] == 0 && b.pos[4] == 0xff && load_le16(b.pos + 5) >= 1000 &&
	       load_le16(b.pos + 5) < 5000;
}

/* A command alone in its segment. */
static bool is_command(struct bytes b)
{
	return b.left > PACKET_HEAD && b.pos[3] == 0 && b.pos[4] <= COM_LAST &&
	       b.pos[4] > 0 && b.pos[2] == 0 &&
	       b.left == (size_t)load_le16(b.pos) + PACKET_HEAD;
}

static bool is_answer(struct bytes b)
{
	return b.left > 36 && b.pos[3] == 1 && b.pos[2] == 0 && (b.pos[5] & 2) != 0 &&
	       b.left >= (size_t)load_le16(b.pos) + PACKET_HEAD && b.pos[30] == 0 &&
	       b.pos[31] == 0;
}

static enum probe mysql_probe(const struct flow *f, int side, struct bytes first)
{
	if (first.left > 2 && first.pos[2] != 0)
		return PROBE_NO;
	if (side == 0)
		return f->port[1] == MYSQL_PORT && (is_command(first) || is_answer(first))
			   ? PROBE_YES
			   : PROBE_NO;
	if (first.left < 8)
		return PROBE_MORE;
	return is_greeting(first) || (f->port[1] == MYSQL_PORT && is_refusal(first))
		   ? PROBE_YES
		   : PROBE_NO;
}

static int64_t packet_length(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	if (b.left < PACKET_HEAD)
		return 0;
	return (int64_t)(load_le16(b.pos) | (uint32_t)b.pos[2] << 16) + PACKET_HEAD;
}

/* Code and words of an ERR packet, without its first byte. */
static void read_error(
    struct parse *x, struct bytes b, struct str *code, struct str *words)
{
	*code = str_format(x->scratch, "%u", bytes_le16(&b));
	if (b.left > 5 && b.pos[0] == '#')
		bytes_skip(&b, 6); /* SQLSTATE */
	*words = (struct str){b.left > 0 ? (const char *)b.pos : "", b.left};
}

static void set_error(
    struct parse *x, struct mysql_state *s, struct db_command *c, struct bytes b)
{
	struct str code, words;
	read_error(x, b, &code, &words);
	c->success = 0;
	db_keep(x, &s->db, &c->code, code);
	db_keep(x, &s->db, &c->response, words);
}

/* ---- what the client says ---- */

static void keep_names(
    struct parse *x, struct mysql_state *s, const struct mysql_answer *a)
{
	char **text = s->db.login.text;
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &text[DB_USER], a->user);
	if (a->database.n > 0)
		db_keep(x, &s->db, &text[DB_TARGET], a->database);
	if (a->client.n > 0)
		db_keep(x, &s->db, &text[DB_CLIENT], a->client);
	if (a->plugin.n > 0)
		db_keep(x, &s->db, &text[DB_MECHANISM], a->plugin);
}

static enum db_next client_answer(struct parse *x, struct mysql_state *s, struct bytes b)
{
	struct mysql_answer a;
	if (!mysql_answer_read(x->scratch, b, &a)) {
		x->counters->malformed++;
		return DB_END;
	}
	db_begin(x, &s->db, "mysql");
	s->both = a.capabilities & (s->server != 0 ? s->server : a.capabilities);
	s->db.login.begun = false; /* it begins with the client's words, not before */
	db_login_begin(x, &s->db);
	if (a.ssl) {
		s->db.login.encrypted = true;
		return DB_TLS;
	}
	keep_names(x, s, &a);
	s->phase = PROOF;
	return DB_GO_ON;
}

/* A command's argument into its columns. */
static void keep_argument(
    struct parse *x, struct mysql_state *s, struct db_command *c, struct bytes b)
{
	struct mysql_answer a;
	switch (c->kind) {
	case COM_QUERY:
		if ((s->both & MYSQL_QUERY_ATTRIBUTES) != 0)
			mysql_skip_attributes(&b);
		__attribute__((fallthrough));
	case COM_INIT_DB:
	case COM_CREATE_DB:
	case COM_DROP_DB:
	case COM_STMT_PREPARE:
		db_keep_statement(x, &s->db, &c->argument,
		    (struct str){b.left > 0 ? (const char *)b.pos : "", b.left});
		break;
	case COM_FIELD_LIST:
		db_keep(x, &s->db, &c->argument, mysql_zero_text(&b));
		break;
	case COM_STMT_EXECUTE:
	case COM_STMT_FETCH:
	case COM_STMT_CLOSE:
	case COM_STMT_RESET:
	case COM_STMT_SEND_LONG_DATA:
		db_keep(
		    x, &s->db, &c->object, str_format(x->scratch, "%u", bytes_le32(&b)));
		break;
	case COM_CHANGE_USER:
		if (!mysql_change_user_read(x->scratch, b, s->both, &a))
			break;
		keep_names(x, s, &a);
		db_keep(x, &s->db, &c->argument, a.user);
		s->phase = PROOF;
		break;
	default:
		break;
	}
}

static enum db_next client_command(
    struct parse *x, struct mysql_state *s, struct bytes b, uint64_t n)
{
	uint8_t kind = bytes_u8(&b);
	struct str name = mysql_command(kind);
	if (b.bad || name.p == NULL) {
		x->counters->malformed++;
		return DB_GO_ON;
	}
	db_begin(x, &s->db, "mysql");
	if (s->db.n == 0)
		s->reply = FIRST;
	struct db_command *c = db_add(x, &s->db, name, n);
	if (c == NULL)
		return DB_END;
	c->kind = kind;
	keep_argument(x, s, c, b);
	/* nobody answers these */
	if (kind == COM_QUIT || kind == COM_STMT_CLOSE || kind == COM_STMT_SEND_LONG_DATA)
		db_done(x, &s->db, c);
	return DB_GO_ON;
}

static enum db_next client(
    struct parse *x, struct mysql_state *s, uint8_t sequence, struct bytes b, uint64_t n)
{
	if (s->phase == GREETING)
		s->phase = sequence == 0 ? COMMANDS : ANSWER;
	switch (s->phase) {
	case ANSWER:
		return client_answer(x, s, b);
	case COMMANDS:
		return client_command(x, s, b, n);
	case FILE_DATA:
		if (n == PACKET_HEAD)
			s->phase = COMMANDS;
		return DB_GO_ON;
	case GREETING:
	case PROOF:
		break;
	}
	return DB_GO_ON;
}

/* ---- what the server says ---- */

static enum db_next greeting(struct parse *x, struct mysql_state *s, struct bytes b)
{
	struct mysql_greeting g;
	struct str code, words;
	if (mysql_greeting_read(b, &g)) {
		s->server = g.capabilities;
		db_begin(x, &s->db, "mysql");
		db_login_begin(x, &s->db);
		db_keep(x, &s->db, &s->db.login.text[DB_SERVER], g.server);
		s->phase = ANSWER;
		return DB_GO_ON;
	}
	if (bytes_u8(&b) != 0xff) {
		x->counters->malformed++;
		return DB_END;
	}
	read_error(x, b, &code, &words);
	db_begin(x, &s->db, "mysql");
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &s->db.login.text[DB_STATUS], words);
	db_login_done(x, &s->db, 0);
	return DB_END;
}

/* What the server makes of the client's proof. */
static enum db_next verdict(
    struct parse *x, struct mysql_state *s, struct bytes b, uint64_t n)
{
	struct db_command *c = db_first(&s->db); /* change_user */
	uint8_t kind = bytes_u8(&b);
	struct str code, words;
	db_answer(x, c, n);
	if (kind == 0xfe && b.left > 0) { /* another way of proving it */
		db_keep(x, &s->db, &s->db.login.text[DB_MECHANISM], mysql_zero_text(&b));
		return DB_GO_ON;
	}
	if (kind != 0 && kind != 0xff)
		return DB_GO_ON;
	s->phase = COMMANDS;
	if (kind == 0xff) {
		read_error(x, b, &code, &words);
		db_keep(x, &s->db, &s->db.login.text[DB_STATUS], words);
		if (c != NULL)
			set_error(x, s, c, b);
	} else if (c != NULL) {
		c->success = 1;
	}
	db_login_done(x, &s->db, kind == 0);
	if (c != NULL)
		db_done(x, &s->db, c);
	if (kind == 0 && (s->both & (MYSQL_COMPRESS | MYSQL_ZSTD)) != 0) {
		x->counters->unsupported++;
		return DB_END;
	}
	return DB_GO_ON;
}

/* The end of a result: whether another one follows is in its state. */
static void result_end(
    struct parse *x, struct mysql_state *s, struct db_command *c, unsigned state)
{
	s->reply = FIRST;
	c->success = 1;
	if ((state & STATE_MORE_RESULTS) == 0)
		db_done(x, &s->db, c);
}

/* The state in an EOF packet, or in an OK packet, without their first byte. */
static unsigned state_of(struct bytes b, bool ok, int64_t *changed)
{
	bool null;
	if (!ok && b.left < EOF_MAX - 4) {
		bytes_skip(&b, 2); /* warnings */
		return bytes_le16(&b);
	}
	uint64_t rows = mysql_number(&b, &null);
	mysql_number(&b, &null); /* the last id */
	if (!b.bad && rows <= INT64_MAX)
		*changed = (int64_t)rows;
	return bytes_le16(&b);
}

static void prepared(
    struct parse *x, struct mysql_state *s, struct db_command *c, struct bytes b)
{
	uint32_t id = bytes_le32(&b);
	s->left = bytes_le16(&b);
	s->left += bytes_le16(&b);
	c->success = 1;
	db_keep(x, &s->db, &c->object, str_format(x->scratch, "%u", id));
	s->reply = PREPARED;
	if (s->left == 0)
		result_end(x, s, c, 0);
}

/* The first packet of an answer, or of another result of the same one. */
static void first_reply(
    struct parse *x, struct mysql_state *s, struct db_command *c, struct bytes b)
{
	bool null;
	struct bytes all = b;
	uint8_t kind = bytes_u8(&b);
	int64_t changed = 0;
	if (kind == 0xff) {
		set_error(x, s, c, b);
		db_done(x, &s->db, c);
	} else if (kind == 0 && c->kind == COM_STMT_PREPARE) {
		prepared(x, s, c, b);
	} else if (kind == 0 || kind == 0xfe) {
		unsigned state = state_of(b, kind == 0, &changed);
		db_rows(c, changed);
		result_end(x, s, c, state);
	} else if (kind == 0xfb) { /* LOAD DATA LOCAL INFILE */
		db_keep(x, &s->db, &c->object, (struct str){(const char *)b.pos, b.left});
		s->phase = FILE_DATA;
	} else {
		s->left = mysql_number(&all, &null);
		s->reply = COLUMNS;
		db_rows(c, 0);
	}
}

static void next_reply(struct parse *x, struct mysql_state *s, struct db_command *c,
    struct bytes b, bool end)
{
	int64_t changed = 0;
	unsigned state = end && s->reply != PREPARED ? state_of(b, false, &changed) : 0;
	switch (s->reply) {
	case COLUMNS:
	case PREPARED:
		s->left -= s->left > 0 && !end;
		if (s->left == 0 && s->reply == PREPARED)
			result_end(x, s, c, 0);
		else if (s->left == 0)
			s->reply = COLUMNS_END;
		break;
	case COLUMNS_END:
		s->reply = ROWS;
		if (end && b.left < EOF_MAX - 3) { /* of the columns */
			if ((state & STATE_CURSOR) != 0)
				result_end(x, s, c, 0);
			break;
		}
		__attribute__((fallthrough));
	case ROWS:
		if (end)
			result_end(x, s, c, state);
		else
			db_rows(c, 1);
		break;
	case FIELDS:
		if (end)
			result_end(x, s, c, state);
		break;
	case FIRST:
		break;
	}
}

static void reply(struct parse *x, struct mysql_state *s, struct bytes b, uint64_t n)
{
	struct db_command *c = db_first(&s->db);
	if (c == NULL || b.left == 0)
		return;
	db_answer(x, c, n);
	bool end = b.pos[0] == 0xfe && n < PACKET_FULL;
	if (s->reply == FIRST && c->kind == COM_FIELD_LIST && b.pos[0] != 0xff)
		s->reply = FIELDS;
	if (s->reply == FIRST && c->kind == COM_STMT_FETCH && b.pos[0] != 0xff)
		s->reply = ROWS;
	bool plain = c->kind == COM_STATISTICS || c->kind == COM_BINLOG_DUMP ||
		     c->kind == COM_BINLOG_DUMP_GTID;
	if (plain && b.pos[0] != 0xff) {
		c->success = 1;
		db_done(x, &s->db, c);
	} else if (s->reply == FIRST) {
		first_reply(x, s, c, b);
	} else if (b.pos[0] == 0xff) {
		bytes_skip(&b, 1);
		set_error(x, s, c, b);
		s->reply = FIRST;
		db_done(x, &s->db, c);
	} else {
		bytes_skip(&b, 1);
		next_reply(x, s, c, b, end);
	}
}

static enum db_next packet(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct mysql_state *s = state;
	bool goes_on = s->more[side];
	s->more[side] = n == PACKET_FULL + PACKET_HEAD;
	uint8_t sequence = m.pos[3];
	bytes_skip(&m, PACKET_HEAD);
	if (goes_on) {
		struct db_command *c = db_first(&s->db);
		if (side == 1)
			db_answer(x, c, n);
		else if (c != NULL)
			c->request_bytes += n;
		return DB_GO_ON;
	}
	if (side == 0)
		return client(x, s, sequence, m, n);
	if (s->phase == GREETING)
		return greeting(x, s, m);
	if (s->phase == PROOF)
		return verdict(x, s, m, n);
	if (s->phase == COMMANDS)
		reply(x, s, m, n);
	return DB_GO_ON;
}

static bool packet_begins(const void *state, int side, struct bytes b)
{
	const struct mysql_state *s = state;
	if (side == 0)
		return is_command(b);
	return s->db.n > 0 && b.left > PACKET_HEAD && b.pos[3] == 1;
}

static void packets_lost(struct parse *x, void *state, int side)
{
	struct mysql_state *s = state;
	db_flush(x, &s->db);
	s->reply = FIRST;
	s->more[side] = false;
	if (s->phase != COMMANDS)
		db_login_done(x, &s->db, -1);
	s->phase = COMMANDS;
}

static const struct db_framing framing = {
    .keep = MYSQL_KEPT,
    .length = packet_length,
    .begins = packet_begins,
    .message = packet,
    .lost = packets_lost,
};

static enum parse_result mysql_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(
	    x, &((struct mysql_state *)state)->stream, &framing, state, d);
}

static enum parse_result mysql_gap(struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(
	    x, &((struct mysql_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void mysql_close(struct parse *x, void *state)
{
	struct mysql_state *s = state;
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t mysql_held(const void *state)
{
	const struct mysql_state *s = state;
	return db_held(&s->db) + db_stream_held(&s->stream);
}

const struct proto_parser mysql_parser = {
    .name = "mysql",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(0x14, 0xff),
    PARSER_PORTS(MYSQL_PORT),
    .probe = mysql_probe,
    .state_size = sizeof(struct mysql_state),
    .data = mysql_data,
    .gap = mysql_gap,
    .close = mysql_close,
    .held = mysql_held,
};
