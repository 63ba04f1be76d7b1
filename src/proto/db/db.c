/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/size.h"
#include "proto/shared/owned.h"

void db_begin(struct parse *x, struct db *db, const char *protocol)
{
	db->protocol = protocol;
	parse_confirm(x);
}

struct str db_zero_text(struct bytes *b)
{
	struct bytes text;
	bytes_zero_ended(b, &text);
	if (text.pos == NULL)
		return STR("");
	return (struct str){(const char *)text.pos, text.left};
}

void db_keep(struct parse *x, struct db *db, char **slot, struct str text)
{
	if (text.p != NULL) {
		text = str_cut(text, DB_TEXT_MAX);
		text = str_clean(x->scratch, text.p, text.n);
	}
	owned_put(&db->held, slot, text);
}

void db_keep_text(struct parse *x, struct db *db, char **slot, struct str text)
{
	if (text.p != NULL) {
		text = str_cut(text, DB_ARGUMENT_MAX);
		text = str_clean(x->scratch, text.p, text.n);
	}
	owned_put(&db->held, slot, text);
}

void db_keep_statement(struct parse *x, struct db *db, char **slot, struct str text)
{
	if (text.p != NULL) {
		text = str_cut(text, DB_ARGUMENT_MAX);
		text = db_redact(x->scratch, str_clean(x->scratch, text.p, text.n));
	}
	owned_put(&db->held, slot, text);
}

struct db_command *db_waiting(struct db *db, size_t i)
{
	if (i >= db->n || db->room == 0)
		return NULL;
	return &db->waiting[(db->first + i) % db->room];
}

static void emit(struct parse *x, const struct db *db, const struct db_command *c)
{
	struct db_record r;
	record_clear(RECORD_DB, &r);
	parse_endpoints(x, &r);
	r.ts = c->ts;
	r.proto = ip_proto_word(x->scratch, x->flow->proto);
	r.protocol = str_of(db->protocol);
	r.command = str_of(c->command);
	r.argument = str_of(c->argument);
	r.object = str_of(c->object);
	r.success = c->success;
	r.rows = c->rows;
	r.code = str_of(c->code);
	r.response = str_of(c->response);
	r.request_bytes = c->request_bytes;
	r.response_bytes = c->response_bytes;
	if (c->last.ns != MOMENT_NONE.ns)
		r.rtt = fmax((double)moment_diff(c->ts, c->last) / (double)NS_PER_S, 0);
	parse_source_of(x, &r, c);
	parse_emit(x, RECORD_DB, &r);
	x->counters->understood++;
}

static void forget_texts(struct db *db, struct db_command *c)
{
	owned_put(&db->held, &c->command, (struct str){0});
	owned_put(&db->held, &c->argument, (struct str){0});
	owned_put(&db->held, &c->object, (struct str){0});
	owned_put(&db->held, &c->code, (struct str){0});
	owned_put(&db->held, &c->response, (struct str){0});
}

/* Take the i-th of the ring out. */
static void forget(struct db *db, size_t i)
{
	forget_texts(db, db_waiting(db, i));
	for (; i > 0; i--)
		*db_waiting(db, i) = *db_waiting(db, i - 1);
	db->first = (db->first + 1) % db->room;
	db->n--;
}

void db_forget(struct db *db, struct db_command *c)
{
	size_t at = (size_t)(c - db->waiting);
	forget(db, (at + db->room - db->first) % db->room);
}

void db_done(struct parse *x, struct db *db, struct db_command *c)
{
	emit(x, db, c);
	db_forget(db, c);
}

void db_rows(struct db_command *c, int64_t n)
{
	if (c->rows < 0)
		c->rows = 0;
	if (n > 0 && n <= INT64_MAX - c->rows)
		c->rows += n;
}

void db_answer(struct parse *x, struct db_command *c, uint64_t bytes)
{
	if (c == NULL)
		return;
	c->last = x->ts;
	c->response_bytes += bytes;
}

void db_flush(struct parse *x, struct db *db)
{
	db->owed = 0;
	while (db->n > 0)
		db_done(x, db, db_first(db));
}

/* Room for one more. */
static bool grow(struct db *db)
{
	if (db->n < db->room)
		return true;
	size_t room = db->room > 0 ? 2 * db->room : 2;
	struct db_command *v = calloc(room, sizeof(*v));
	if (v == NULL)
		return false;
	for (size_t i = 0; i < db->n; i++)
		v[i] = *db_waiting(db, i);
	free(db->waiting);
	db->held += (room - db->room) * sizeof(*v);
	db->waiting = v;
	db->first = 0;
	db->room = room;
	return true;
}

struct db_command *db_add(
    struct parse *x, struct db *db, struct str command, uint64_t bytes)
{
	if (db->n == DB_WAITING_MAX) {
		x->counters->over_limit++;
		db_done(x, db, db_first(db));
		db->owed++;
	}
	if (!grow(db))
		return NULL;
	db->n++;
	struct db_command *c = db_waiting(db, db->n - 1);
	*c = (struct db_command){.ts = x->ts,
	    .last = MOMENT_NONE,
	    .source = x->source,
	    .offset = x->offset,
	    .success = -1,
	    .rows = -1,
	    .request_bytes = bytes};
	db_keep(x, db, &c->command, command);
	return c;
}

void db_login_begin(struct parse *x, struct db *db)
{
	struct db_login *l = &db->login;
	if (l->begun)
		return;
	l->begun = true;
	parse_mark(x, l);
}

void db_login_done(struct parse *x, struct db *db, int success)
{
	struct db_login *l = &db->login;
	struct login_record r;
	if (l->begun) {
		record_clear(RECORD_LOGIN, &r);
		parse_endpoints(x, &r);
		r.ts = l->ts;
		r.protocol = str_of(db->protocol);
		r.user = str_of(l->text[DB_USER]);
		r.mechanism = str_of(l->text[DB_MECHANISM]);
		r.success = (int8_t)success;
		r.status = str_of(l->text[DB_STATUS]);
		r.client = str_of(l->text[DB_CLIENT]);
		r.server = str_of(l->text[DB_SERVER]);
		r.target = str_of(l->text[DB_TARGET]);
		r.encrypted = l->encrypted;
		parse_source_of(x, &r, l);
		parse_emit(x, RECORD_LOGIN, &r);
		x->counters->understood++;
	}
	l->begun = false;
	for (int i = 0; i < DB_TEXTS; i++) {
		if (i != DB_SERVER) /* a second logon is of the same server */
			owned_put(&db->held, &l->text[i], (struct str){0});
	}
}

void db_end(struct parse *x, struct db *db)
{
	db_flush(x, db);
	db_login_done(x, db, -1);
	owned_put(&db->held, &db->login.text[DB_SERVER], (struct str){0});
	free(db->waiting);
	db->waiting = NULL;
	db->room = 0;
}

size_t db_held(const struct db *db)
{
	return db->held;
}
