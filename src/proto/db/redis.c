/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redis: commands, pipelined, and their answers in the same order (redis_read.h).
 *
 * Three things break that order: CLIENT REPLY takes answers away, subscriptions bring
 * messages that nobody asked for, and so does MONITOR. Passwords (AUTH, HELLO … AUTH,
 * CONFIG SET requirepass, ACL SETUSER >…) never leave the reader; contents do not either.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "proto/db/db.h"
#include "proto/db/redis_read.h"

#define REDIS_PORT     6379
#define REDIS_NAME_MAX 32 /* bytes of the longest name of a command */
#define REDIS_BAD_MAX  8  /* segments that are no RESP after which it ends */

enum kind { PLAIN, LOGON, SUBSCRIBE, SILENT };

struct redis_state {
	struct db db;
	struct redis_reader side[2];
	bool lost[2];
	bool off;      /* CLIENT REPLY OFF */
	unsigned skip; /* commands that are not answered */
	bool monitor;  /* lines nobody asked for may come */
	unsigned bad;
};

static bool is(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* Whether word stands somewhere in s. */
static bool holds(struct str s, const char *word)
{
	size_t n = strlen(word), i = 0;
	while (i + n <= s.n && strncasecmp(s.p + i, word, n) != 0)
		i++;
	return i + n <= s.n;
}

static bool is_one_of(struct str s, const char *const *words)
{
	while (*words != NULL && !is(s, *words))
		words++;
	return *words != NULL;
}

/* Commands whose first argument is the key that they are about. */
static const char *const keyed[] = {"APPEND", "BITCOUNT", "DECR", "DECRBY", "DUMP",
    "EXPIRE", "EXPIREAT", "GET", "GETDEL", "GETEX", "GETRANGE", "GETSET", "HDEL",
    "HEXISTS", "HGET", "HGETALL", "HINCRBY", "HKEYS", "HLEN", "HMGET", "HMSET", "HSCAN",
    "HSET", "HSETNX", "HVALS", "INCR", "INCRBY", "INCRBYFLOAT", "LINDEX", "LINSERT",
    "LLEN", "LPOP", "LPUSH", "LPUSHX", "LRANGE", "LREM", "LSET", "LTRIM", "PERSIST",
    "PEXPIRE", "PSETEX", "PTTL", "PUBLISH", "RENAME", "RESTORE", "RPOP", "RPUSH",
    "RPUSHX", "SADD", "SCARD", "SET", "SETBIT", "SETEX", "SETNX", "SETRANGE", "SISMEMBER",
    "SMEMBERS", "SPOP", "SREM", "SSCAN", "STRLEN", "TTL", "TYPE", "XADD", "XDEL", "XLEN",
    "XRANGE", "XTRIM", "ZADD", "ZCARD", "ZINCRBY", "ZRANGE", "ZRANK", "ZREM", "ZSCAN",
    "ZSCORE", NULL};

static const char *const subscribing[] = {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE",
    "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", NULL};

static bool is_command(struct bytes b)
{
	if (b.left < 4 || b.pos[0] != '*' || !isdigit(b.pos[1]))
		return false;
	const uint8_t *end = memchr(b.pos, '\n', b.left);
	return end != NULL && end - b.pos <= 12 && end[-1] == '\r' &&
	       (end + 1 == b.pos + b.left || end[1] == '$');
}

static bool is_answer(struct bytes b)
{
	return b.left > 2 && strchr("+-:$*%", b.pos[0]) != NULL && b.pos[0] != 0 &&
	       memchr(b.pos, '\r', b.left) != NULL;
}

/* A word alone or with arguments in one line. */
static bool is_inline(struct bytes b)
{
	size_t n = 0;
	while (n < b.left && isalpha(b.pos[n]))
		n++;
	return n > 1 && n <= REDIS_NAME_MAX && b.left > n + 1 &&
	       (b.pos[n] == ' ' || b.pos[n] == '\r') && b.pos[b.left - 1] == '\n';
}

static enum probe redis_probe(const struct flow *f, int side, struct bytes first)
{
	bool own = f->port[1] == REDIS_PORT;
	if (side == 1)
		return own && is_answer(first) ? PROBE_YES : PROBE_NO;
	if (is_command(first))
		return first.left > 4 && memchr(first.pos, '$', first.left) != NULL
			   ? PROBE_YES
			   : PROBE_MORE;
	if (first.left > 0 && first.pos[0] == '*' && first.left < 14)
		return PROBE_MORE;
	return own && is_inline(first) ? PROBE_YES : PROBE_NO;
}

/* ---- what the client says ---- */

/* Whether what follows argument i of a command is a secret. */
static size_t secrets_after(const struct redis_reader *r, size_t i)
{
	struct str name = redis_arg(r, 0), word = redis_arg(r, i);
	if (is(name, "AUTH") && i == 0)
		return REDIS_ARGS_MAX;
	if (is(name, "HELLO") && is(word, "AUTH"))
		return 2; /* user and password */
	if (is(word, "AUTH2"))
		return 2;
	if (is(word, "AUTH") && i > 0)
		return 1;
	if (is(name, "CONFIG") && i > 1)
		return holds(word, "pass") || holds(word, "auth");
	return 0;
}

/* The arguments from the i-th on, blanks between. */
static struct str joined(struct arena *a, const struct redis_reader *r, size_t from)
{
	struct str hidden = STR("REDACTED");
	char *out = arena_alloc(a, REDIS_KEPT + REDIS_ARGS_MAX * (hidden.n + 1));
	size_t n = 0, secret = 0;
	bool rules = is(redis_arg(r, 0), "ACL");
	for (size_t i = 0; i < r->args && out != NULL; i++) {
		struct str word = redis_arg(r, i);
		bool hide = secret > 0 ||
			    (rules && word.n > 1 && strchr("><#!", word.p[0]) != NULL);
		secret = size_max(secret > 0 ? secret - 1 : 0, secrets_after(r, i));
		if (i < from)
			continue;
		word = hide ? hidden : word;
		if (n > 0)
			out[n++] = ' ';
		if (word.n > 0)
			memcpy(out + n, word.p, word.n);
		n += word.n;
	}
	return (struct str){out, n};
}

/* AUTH [user] password, HELLO version AUTH user password: the user. */
static void logon(struct parse *x, struct redis_state *s, const struct redis_reader *r)
{
	struct str user = {0};
	if (is(redis_arg(r, 0), "HELLO"))
		user = redis_arg(r, 3);
	else if (r->all > 2)
		user = redis_arg(r, 1);
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &s->db.login.text[DB_USER], user);
	db_keep(x, &s->db, &s->db.login.text[DB_MECHANISM], STR("password"));
}

/* What CLIENT REPLY does to the answers; whether the command itself has one. */
static bool is_answered(struct redis_state *s, const struct redis_reader *r)
{
	bool reply = is(redis_arg(r, 0), "CLIENT") && is(redis_arg(r, 1), "REPLY");
	struct str how = reply ? redis_arg(r, 2) : (struct str){0};
	if (reply && is(how, "ON")) {
		s->off = false;
		s->skip = 0;
		return true;
	}
	if (reply && is(how, "OFF"))
		s->off = true;
	else if (reply && is(how, "SKIP") && !s->off)
		s->skip = 2;
	bool answered = !s->off && s->skip == 0;
	s->skip -= s->skip > 0;
	return answered;
}

/* Put out those that nobody answers, as soon as all before them are answered. */
static void pass_silent(struct parse *x, struct redis_state *s)
{
	struct db_command *c;
	while ((c = db_first(&s->db)) != NULL && c->kind == SILENT)
		db_done(x, &s->db, c);
}

static void command(struct parse *x, struct redis_state *s, const struct redis_reader *r)
{
	char name[REDIS_NAME_MAX];
	struct str word = redis_arg(r, 0);
	if (word.n == 0 || word.n > sizeof(name))
		return;
	for (size_t i = 0; i < word.n; i++)
		name[i] = (char)toupper((unsigned char)word.p[i]);
	db_begin(x, &s->db, "redis");
	struct db_command *c = db_add(x, &s->db, (struct str){name, word.n}, r->bytes);
	if (c == NULL)
		return;
	bool key = r->all > 1 && is_one_of(word, keyed);
	if (key)
		db_keep(x, &s->db, &c->object, redis_arg(r, 1));
	if (r->all > 1 + (uint64_t)key)
		db_keep_text(x, &s->db, &c->argument, joined(x->scratch, r, 1 + key));
	if (is(word, "AUTH") || (is(word, "HELLO") && is(redis_arg(r, 2), "AUTH"))) {
		c->kind = LOGON;
		logon(x, s, r);
	} else if (is_one_of(word, subscribing)) {
		c->kind = SUBSCRIBE;
		c->id = (int64_t)size_max(1, (size_t)r->all - 1);
	} else if (is(word, "MONITOR")) {
		s->monitor = true;
	}
	if (!is_answered(s, r))
		c->kind = SILENT;
	pass_silent(x, s);
}

/* ---- what the server says ---- */

/* Whether an item is a message that no command asked for. */
static bool unasked(struct redis_state *s, const struct redis_reader *r)
{
	static const char *const messages[] = {"message", "pmessage", "smessage", NULL};
	struct db_command *c = db_first(&s->db);
	struct str word = redis_arg(r, 0);
	if (s->monitor && r->type == '+' && word.n > 0 &&
	    isdigit((unsigned char)word.p[0]))
		return true;
	if (r->type != '*' && r->type != '>')
		return false;
	if (is_one_of(word, messages))
		return true;
	if (is_one_of(word, subscribing))
		return c == NULL || c->kind != SUBSCRIBE;
	return r->type == '>';
}

/* The version in the answer to HELLO. */
static void read_version(
    struct parse *x, struct redis_state *s, const struct redis_reader *r)
{
	for (size_t i = 0; i + 1 < r->args; i++) {
		if (is(redis_arg(r, i), "version"))
			db_keep(
			    x, &s->db, &s->db.login.text[DB_SERVER], redis_arg(r, i + 1));
	}
}

/* What an answer says besides its content. */
static void keep_answer(struct parse *x, struct redis_state *s, struct db_command *c,
    const struct redis_reader *r)
{
	struct str words = redis_arg(r, 0);
	c->success = r->type != '-' && r->type != '!';
	if (c->success == 0) {
		size_t n = 0;
		while (n < words.n && words.p[n] != ' ')
			n++;
		db_keep(x, &s->db, &c->code, (struct str){words.p, n});
	}
	if (strchr("+-!:", r->type) != NULL)
		db_keep(x, &s->db, &c->response, words);
	else if (strchr("*~%", r->type) != NULL)
		db_rows(c, r->count);
	else if (strchr("$=_", r->type) != NULL)
		db_rows(c, r->type != '_' && r->count >= 0);
}

static void answer(struct parse *x, struct redis_state *s, const struct redis_reader *r)
{
	if (unasked(s, r))
		return;
	if (s->db.owed > 0) {
		s->db.owed--;
		return;
	}
	struct db_command *c = db_first(&s->db);
	if (c == NULL)
		return;
	db_answer(x, c, r->bytes);
	keep_answer(x, s, c, r);
	if (c->kind == LOGON) {
		read_version(x, s, r);
		if (c->success == 0)
			db_keep(x, &s->db, &s->db.login.text[DB_STATUS], redis_arg(r, 0));
		db_login_done(x, &s->db, c->success);
	}
	if (c->kind == SUBSCRIBE && c->success == 1 && --c->id > 0)
		return; /* one for each channel */
	db_done(x, &s->db, c);
	pass_silent(x, s);
}

static void lose(struct parse *x, struct redis_state *s, int side)
{
	redis_reset(&s->side[side]);
	s->lost[side] = true;
	x->counters->truncated++;
	if (side == 1)
		db_flush(x, &s->db);
}

static enum parse_result redis_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct redis_state *s = state;
	struct redis_reader *r = &s->side[d->side];
	struct bytes in = bytes_over(d->p, d->n);
	enum redis_outcome outcome;
	s->side[0].inline_too = true;
	if (s->lost[d->side] && !(d->side == 0 ? is_command(in) : is_answer(in)))
		return PARSE_OK;
	s->lost[d->side] = false;
	while ((outcome = redis_read(r, &in)) == REDIS_ITEM) {
		if (d->side == 0)
			command(x, s, r);
		else
			answer(x, s, r);
	}
	if (outcome == REDIS_BAD) {
		x->counters->malformed++;
		lose(x, s, d->side);
		return ++s->bad > REDIS_BAD_MAX ? PARSE_FAILED : PARSE_OK;
	}
	if (d->wire > d->n && !redis_gap(r, d->wire - d->n))
		lose(x, s, d->side);
	return PARSE_OK;
}

static enum parse_result redis_missing(struct parse *x, void *state, int side, uint64_t n)
{
	struct redis_state *s = state;
	if (!redis_gap(&s->side[side], n))
		lose(x, s, side);
	return PARSE_OK;
}

static void redis_close(struct parse *x, void *state)
{
	struct redis_state *s = state;
	db_end(x, &s->db);
	redis_free(&s->side[0]);
	redis_free(&s->side[1]);
}

static size_t redis_bytes_held(const void *state)
{
	const struct redis_state *s = state;
	return db_held(&s->db) + redis_held(&s->side[0]) + redis_held(&s->side[1]);
}

const struct proto_parser redis_parser = {
    .name = "redis",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('*', '*'),
    PARSER_PORTS(REDIS_PORT),
    .probe = redis_probe,
    .state_size = sizeof(struct redis_state),
    .data = redis_data,
    .gap = redis_missing,
    .close = redis_close,
    .held = redis_bytes_held,
};
