/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memcached: lines, or binary messages, over TCP and UDP.
 *
 *     set KEY flags time bytes [noreply]\r\n bytes \r\n     STORED\r\n
 *     get KEY KEY …\r\n                                     VALUE KEY flags bytes …
 * END\r\n 80 | operation | key 2 | extras 1 | 0 | status 2 | body 4 | opaque 4 | cas 8 |
 * … UDP: request 2 | number 2 | datagrams 2 | 0 2 before each
 *
 * Answers come in the order of the commands; binary ones name theirs (opaque), and quiet
 * ones may stay without. Open to the world over UDP it answers a line with a megabyte:
 * the bytes of both are in the row.
 */
#include <ctype.h>
#include <string.h>

#include "base/ip.h"
#include "base/size.h"
#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/shared/line.h"
#include "proto/shared/login.h"

#define MEMCACHED_PORT 11211
#define MEMCACHED_KEPT 1024 /* bytes of a binary message that are read */
#define BINARY_HEAD    24
#define BINARY_MAX     (128U << 20) /* bytes of the longest body: the server's limit */
#define UDP_HEAD       8
#define WORDS_MAX      8 /* of a line, told apart */
#define DIGITS_MAX     10
#define STRANGE_MAX    16 /* lines without a meaning after which it is none */
#define SASL_AUTH      0x21

enum shape {
	ONE_LINE,  /* answered by a line */
	UNTIL_END, /* answered up to END */
	WITH_DATA, /* bytes follow it */
	SILENT,    /* not answered */
};

struct word {
	const char *name;
	enum shape shape;
	unsigned size_at; /* which word is the number of bytes */
};

static const struct word commands[] = {
    {"get", UNTIL_END, 0},
    {"gets", UNTIL_END, 0},
    {"gat", UNTIL_END, 0},
    {"gats", UNTIL_END, 0},
    {"set", WITH_DATA, 4},
    {"add", WITH_DATA, 4},
    {"replace", WITH_DATA, 4},
    {"append", WITH_DATA, 4},
    {"prepend", WITH_DATA, 4},
    {"cas", WITH_DATA, 4},
    {"ms", WITH_DATA, 2},
    {"mg", ONE_LINE, 0},
    {"md", ONE_LINE, 0},
    {"ma", ONE_LINE, 0},
    {"mn", ONE_LINE, 0},
    {"me", ONE_LINE, 0},
    {"delete", ONE_LINE, 0},
    {"incr", ONE_LINE, 0},
    {"decr", ONE_LINE, 0},
    {"touch", ONE_LINE, 0},
    {"stats", UNTIL_END, 0},
    {"version", ONE_LINE, 0},
    {"flush_all", ONE_LINE, 0},
    {"verbosity", ONE_LINE, 0},
    {"slabs", ONE_LINE, 0},
    {"lru", ONE_LINE, 0},
    {"lru_crawler", ONE_LINE, 0},
    {"cache_memlimit", ONE_LINE, 0},
    {"shutdown", SILENT, 0},
    {"quit", SILENT, 0},
};

struct memcached_state {
	struct db db;
	struct db_stream stream; /* of binary messages */
	struct line line[2];
	uint64_t data[2]; /* bytes left of data, its end included */
	bool lost[2];
	bool binary, told;
	unsigned strange;
};

/* A line as words with one blank between; how many there are. */
static size_t split(struct str line, struct str word[WORDS_MAX])
{
	size_t n = 0, i = 0;
	while (n < WORDS_MAX) {
		while (i < line.n && line.p[i] == ' ')
			i++;
		size_t begin = i;
		while (i < line.n && line.p[i] != ' ')
			i++;
		if (i == begin)
			break;
		word[n++] = (struct str){line.p + begin, i - begin};
	}
	return n;
}

static const struct word *find_word(struct str s)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (str_equal(s, str_of(commands[i].name)))
			return &commands[i];
	}
	return NULL;
}

static bool number(struct str s, uint64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (i == DIGITS_MAX || !isdigit((unsigned char)s.p[i]))
			return false;
		*n = *n * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0;
}

static bool is_binary(struct bytes b)
{
	return b.left >= BINARY_HEAD && (b.pos[0] & 0xfe) == 0x80 && b.pos[5] == 0 &&
	       b.pos[4] <= 20 && load_be32(b.pos + 8) <= BINARY_MAX &&
	       load_be32(b.pos + 8) >= (uint32_t)load_be16(b.pos + 2) + b.pos[4];
}

/* A line that begins with a command; storing: and says how many bytes follow. */
static bool is_text(struct bytes b, bool storing)
{
	struct str word[WORDS_MAX];
	uint64_t size;
	const uint8_t *end = b.left > 0 ? memchr(b.pos, '\r', b.left) : NULL;
	if (end == NULL)
		return false;
	size_t n = split((struct str){(const char *)b.pos, (size_t)(end - b.pos)}, word);
	const struct word *w = n > 0 ? find_word(word[0]) : NULL;
	if (w == NULL || !storing)
		return w != NULL;
	return w->shape == WITH_DATA && w->size_at == 4 && n > 4 &&
	       number(word[2], &size) && number(word[3], &size) && number(word[4], &size);
}

/* Whether these may be the first bytes of such a line. */
static bool may_store(struct bytes b)
{
	if (b.left > (size_t)2 * DB_TEXT_MAX ||
	    (b.left > 0 && memchr(b.pos, '\r', b.left) != NULL))
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t n = strlen(commands[i].name);
		if (commands[i].size_at == 4 &&
		    memcmp(b.pos, commands[i].name, size_min(n, b.left)) == 0 &&
		    (b.left <= n || b.pos[n] == ' '))
			return true;
	}
	return false;
}

static bool udp_head(struct bytes *b)
{
	bytes_skip(b, 4);
	unsigned total = bytes_be16(b);
	return bytes_be16(b) == 0 && total > 0 && !b->bad;
}

static enum probe memcached_probe(const struct flow *f, int side, struct bytes first)
{
	bool own = f->port[1] == MEMCACHED_PORT;
	if (f->proto == IP_PROTO_UDP && !udp_head(&first))
		return PROBE_NO;
	if (side == 0 && f->proto == IP_PROTO_TCP && may_store(first))
		return PROBE_MORE;
	if (!own)
		return side == 0 && f->proto == IP_PROTO_TCP && is_text(first, true)
			   ? PROBE_YES
			   : PROBE_NO;
	if (side == 0)
		return is_text(first, false) || is_binary(first) ? PROBE_YES : PROBE_NO;
	return is_binary(first) ||
		       (first.left > 5 && (memcmp(first.pos, "VALUE ", 6) == 0 ||
					      memcmp(first.pos, "STAT ", 5) == 0))
		   ? PROBE_YES
		   : PROBE_NO;
}

/* ---- lines ---- */

static void client_line(struct parse *x, struct memcached_state *s, struct str line)
{
	struct str word[WORDS_MAX];
	uint64_t size = 0;
	size_t n = split(line, word);
	const struct word *w = n > 0 ? find_word(word[0]) : NULL;
	if (w == NULL) {
		s->strange += n > 0;
		return;
	}
	db_begin(x, &s->db, "memcached");
	if (w->shape == WITH_DATA && n > w->size_at && number(word[w->size_at], &size))
		s->data[0] = size + 2;
	struct db_command *c = db_add(x, &s->db, word[0], line.n + 2 + s->data[0]);
	if (c == NULL)
		return;
	c->kind = (int)w->shape;
	bool keys = w->shape == UNTIL_END && word[0].p[0] == 'g';
	size_t from = n > 1 ? (size_t)(word[1].p - line.p) : line.n;
	if (n > 1 && !keys) {
		db_keep(x, &s->db, &c->object, word[1]);
		from = n > 2 ? (size_t)(word[2].p - line.p) : line.n;
	}
	if (from < line.n)
		db_keep_text(
		    x, &s->db, &c->argument, (struct str){line.p + from, line.n - from});
	if (w->shape == SILENT || str_equal(word[n - 1], STR("noreply")))
		db_done(x, &s->db, c);
}

/* What a line says of the command; true: it is the last one of the answer. */
static bool take_answer(struct parse *x, struct memcached_state *s, struct db_command *c,
    const struct str word[], struct str line)
{
	static const char *const refusals[] = {"ERROR", "CLIENT_ERROR", "SERVER_ERROR",
	    "NOT_STORED", "NOT_FOUND", "EXISTS", "BUSY", "BADCLASS", "NF", "NS", "EX",
	    NULL};
	bool row = str_equal(word[0], STR("VALUE")) || str_equal(word[0], STR("VA")) ||
		   str_equal(word[0], STR("STAT"));
	if (row) {
		db_rows(c, 1);
		c->success = 1;
		return str_equal(word[0], STR("VA"));
	}
	if (c->kind == UNTIL_END && str_equal(word[0], STR("END"))) {
		db_rows(c, 0);
		c->success = 1;
		return true;
	}
	size_t i = 0;
	while (refusals[i] != NULL && !str_equal(word[0], str_of(refusals[i])))
		i++;
	c->success = refusals[i] == NULL;
	if (c->success == 0)
		db_keep(x, &s->db, &c->code, word[0]);
	db_keep(x, &s->db, &c->response, line);
	return true;
}

static void server_line(struct parse *x, struct memcached_state *s, struct str line)
{
	struct str word[WORDS_MAX];
	uint64_t size = 0;
	size_t n = split(line, word);
	if (n == 0)
		return;
	size_t size_at = str_equal(word[0], STR("VALUE")) ? 3
			 : str_equal(word[0], STR("VA"))  ? 1
							  : 0;
	if (size_at > 0 && n > size_at && number(word[size_at], &size))
		s->data[1] = size + 2;
	struct db_command *c = s->db.owed == 0 ? db_first(&s->db) : NULL;
	db_answer(x, c, line.n + 2 + s->data[1]);
	if (c != NULL && take_answer(x, s, c, word, line))
		db_done(x, &s->db, c);
	else if (s->db.owed > 0 && !(size_at == 3 || str_equal(word[0], STR("STAT"))))
		s->db.owed--;
}

static void read_lines(
    struct parse *x, struct memcached_state *s, int side, struct bytes in)
{
	struct str line;
	while (in.left > 0) {
		size_t n = s->data[side] < in.left ? (size_t)s->data[side] : in.left;
		bytes_skip(&in, n);
		s->data[side] -= n;
		if (in.left == 0 || !line_take(&s->line[side], &in, &line))
			return;
		if (side == 0)
			client_line(x, s, line);
		else
			server_line(x, s, line);
	}
}

/* ---- binary messages ---- */

static int64_t message_length(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	if (b.left < BINARY_HEAD)
		return 0;
	return is_binary(b) ? (int64_t)load_be32(b.pos + 8) + BINARY_HEAD : -1;
}

static bool message_begins(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	return is_binary(b);
}

static struct str operation(struct arena *a, uint8_t code)
{
	static const char *const names[] = {"get", "set", "add", "replace", "delete",
	    "incr", "decr", "quit", "flush", "getq", "noop", "version", "getk", "getkq",
	    "append", "prepend", "stat", "setq", "addq", "replaceq", "deleteq", "incrq",
	    "decrq", "quitq", "flushq", "appendq", "prependq", "verbosity", "touch",
	    "gat", "gatq", NULL, "sasl_list", "sasl_auth", "sasl_step"};
	if (code < sizeof(names) / sizeof(names[0]) && names[code] != NULL)
		return str_of(names[code]);
	return str_format(a, "operation_%u", code);
}

static void logon(
    struct parse *x, struct memcached_state *s, struct str mechanism, struct bytes value)
{
	char **text = s->db.login.text;
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &text[DB_MECHANISM],
	    str_clean_lower(x->scratch, mechanism.p, mechanism.n));
	struct str user = login_plain_user(value);
	if (user.p != NULL)
		db_keep(x, &s->db, &text[DB_USER], user);
}

static void binary_answer(struct parse *x, struct memcached_state *s, int64_t id,
    unsigned status, struct str words, uint64_t n)
{
	size_t i = 0;
	while (i < s->db.n && db_waiting(&s->db, i)->id != id)
		i++;
	if (i == s->db.n)
		return;
	while (i-- > 0) /* quiet ones before it stay without an answer */
		db_done(x, &s->db, db_first(&s->db));
	struct db_command *c = db_first(&s->db);
	db_answer(x, c, n);
	if (c == NULL)
		return;
	c->success = status == 0;
	if (status != 0) {
		db_keep(x, &s->db, &c->code, str_format(x->scratch, "%u", status));
		db_keep(x, &s->db, &c->response, words);
	}
	if (c->kind == SASL_AUTH)
		db_login_done(x, &s->db, status == 0);
	db_done(x, &s->db, c);
}

static enum db_next message(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct memcached_state *s = state;
	(void)side;
	const uint8_t *head = bytes_take(&m, BINARY_HEAD);
	if (head == NULL)
		return DB_GO_ON;
	int64_t id = load_be32(head + 12);
	bytes_skip(&m, size_min(m.left, head[4]));
	struct bytes key = bytes_sub(&m, size_min(m.left, load_be16(head + 2)));
	struct str name = {key.left > 0 ? (const char *)key.pos : "", key.left};
	db_begin(x, &s->db, "memcached");
	if (head[0] == 0x81) {
		struct str words = {m.left > 0 ? (const char *)m.pos : "", m.left};
		binary_answer(x, s, id, load_be16(head + 6), words, n);
		return DB_GO_ON;
	}
	struct db_command *c = db_add(x, &s->db, operation(x->scratch, head[1]), n);
	if (c == NULL)
		return DB_END;
	c->id = id;
	c->kind = head[1];
	if (name.n > 0)
		db_keep(x, &s->db, &c->object, name);
	if (head[1] == SASL_AUTH)
		logon(x, s, name, m);
	return DB_GO_ON;
}

static const struct db_framing framing = {
    .keep = MEMCACHED_KEPT,
    .length = message_length,
    .begins = message_begins,
    .message = message,
};

/* ---- both ---- */

static enum parse_result datagram(
    struct parse *x, struct memcached_state *s, const struct flow_data *d)
{
	struct bytes b = bytes_over(d->p, d->n);
	unsigned at = b.left > 4 ? load_be16(b.pos + 2) : 0;
	if (!udp_head(&b)) {
		x->counters->malformed++;
		return PARSE_OK;
	}
	if (at > 0) { /* a long answer goes on */
		db_answer(x, db_first(&s->db), d->wire - UDP_HEAD);
		return PARSE_OK;
	}
	s->data[d->side] = 0;
	line_free(&s->line[d->side]);
	if (is_binary(b))
		message(x, s, d->side, b, b.left);
	else
		read_lines(x, s, d->side, b);
	return PARSE_OK;
}

static void lose(struct parse *x, struct memcached_state *s, int side)
{
	line_free(&s->line[side]);
	s->data[side] = 0;
	s->lost[side] = true;
	x->counters->truncated++;
	if (side == 1)
		db_flush(x, &s->db);
}

static void missing(struct parse *x, struct memcached_state *s, int side, uint64_t n)
{
	if (s->data[side] > n)
		s->data[side] -= n;
	else
		lose(x, s, side);
}

static enum parse_result memcached_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct memcached_state *s = state;
	struct bytes b = bytes_over(d->p, d->n);
	if (x->flow->proto == IP_PROTO_UDP)
		return datagram(x, s, d);
	if (!s->told && d->n > 0) {
		s->binary = (d->p[0] & 0xfe) == 0x80;
		s->told = true;
	}
	if (s->binary)
		return db_stream_data(x, &s->stream, &framing, state, d);
	if (s->lost[d->side] && d->side == 0 && !is_text(b, false))
		return PARSE_OK;
	s->lost[d->side] = false;
	read_lines(x, s, d->side, b);
	if (s->strange > STRANGE_MAX) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	if (d->wire > d->n)
		missing(x, s, d->side, d->wire - d->n);
	return PARSE_OK;
}

static enum parse_result memcached_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct memcached_state *s = state;
	if (s->binary)
		db_stream_gap(x, &s->stream, &framing, state, side, n);
	else
		missing(x, s, side, n);
	return PARSE_OK;
}

static void memcached_close(struct parse *x, void *state)
{
	struct memcached_state *s = state;
	db_end(x, &s->db);
	db_stream_end(&s->stream);
	line_free(&s->line[0]);
	line_free(&s->line[1]);
}

static size_t memcached_held(const void *state)
{
	const struct memcached_state *s = state;
	return db_held(&s->db) + db_stream_held(&s->stream) + s->line[0].room +
	       s->line[1].room;
}

const struct proto_parser memcached_parser = {
    .name = "memcached",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST('a', 'a', 'c', 'c', 'p', 'p', 'r', 's'),
    PARSER_PORTS(MEMCACHED_PORT),
    .probe = memcached_probe,
    .state_size = sizeof(struct memcached_state),
    .data = memcached_data,
    .gap = memcached_gap,
    .close = memcached_close,
    .held = memcached_held,
};
