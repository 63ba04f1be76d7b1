/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the protocols of databases share: commands that wait for their answers, a row of
 * the table db for each, and the logon, a row of the table login.
 *
 *     db_add ─▶ waiting commands, oldest first ─▶ db_first: what an answer is for
 *                                              ─▶ db_done: its row
 *
 * Passwords are never kept: statements go through db_redact, and of a logon only names.
 */
#ifndef DWELL_PROTO_DB_H
#define DWELL_PROTO_DB_H

#include "proto/parser.h"

#define DB_WAITING_MAX  64   /* commands of one flow without their answers */
#define DB_ARGUMENT_MAX 2048 /* bytes kept of a statement */
#define DB_TEXT_MAX     512  /* bytes kept of any other text */

/* A command and what is known of its answer. Texts are owned, NULL where absent. */
struct db_command {
	struct moment ts, last;
	uint32_t source;
	uint64_t offset;
	int64_t id;     /* what ties it to its answer, where that is not the order */
	int kind;       /* of the parser's own */
	int8_t success; /* negative: not known */
	int64_t rows;   /* negative: not told */
	char *command, *argument, *object, *code, *response;
	uint64_t request_bytes, response_bytes;
};

/* The texts of a logon. */
enum db_text {
	DB_USER,
	DB_MECHANISM,
	DB_CLIENT,
	DB_SERVER,
	DB_TARGET,
	DB_STATUS,
	DB_TEXTS
};

struct db_login {
	bool begun;
	bool encrypted;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	char *text[DB_TEXTS]; /* owned */
};

/* Part of a parser's state, zeroed at first. */
struct db {
	const char *protocol;       /* static; set by the first db_begin */
	struct db_command *waiting; /* owned: a ring of room commands */
	size_t first, n, room;
	uint64_t owed; /* answers still to come to commands whose rows are out already */
	size_t held;   /* bytes owned */
	struct db_login login;
};

/* Set the protocol's name (static) and the confirmation of the flow. */
void db_begin(struct parse *x, struct db *db, const char *protocol);

/* A command of that many bytes stands here. When DB_WAITING_MAX are waiting, the row of
 * the oldest goes out, and its answer is owed. NULL without memory. */
struct db_command *db_add(
    struct parse *x, struct db *db, struct str command, uint64_t bytes);

/* The i-th of the waiting commands, the oldest being 0; NULL: none. */
struct db_command *db_waiting(struct db *db, size_t i);

/* The oldest command, NULL: none waits. */
static inline struct db_command *db_first(struct db *db)
{
	return db_waiting(db, 0);
}

/* Count bytes of an answer that belong to a command; it may be NULL. */
void db_answer(struct parse *x, struct db_command *c, uint64_t bytes);

/* Put out the row of a waiting command, and forget it. The answer ends here. */
void db_done(struct parse *x, struct db *db, struct db_command *c);

/* Forget a waiting command without a row. */
void db_forget(struct db *db, struct db_command *c);

/* Add rows to those of a command's answer. */
void db_rows(struct db_command *c, int64_t n);

/* Put out all that wait, as they are. */
void db_flush(struct parse *x, struct db *db);

/* Take the text before the next zero, and the zero, out of b: all that is left where none
 * comes. Borrowed, never absent. */
struct str db_zero_text(struct bytes *b);

/* Keep a text, cleaned, in a slot that db counts; an absent one frees it. */
void db_keep(struct parse *x, struct db *db, char **slot, struct str text);

/* The same of a text of DB_ARGUMENT_MAX bytes. */
void db_keep_text(struct parse *x, struct db *db, char **slot, struct str text);

/* Keep a statement: cut, cleaned, its passwords taken out. */
void db_keep_statement(struct parse *x, struct db *db, char **slot, struct str text);

/* The statement with what follows the words for secrets taken out: from such a word on,
 * each literal in quotes of that statement becomes 'REDACTED'. In the arena; borrows
 * what had not to be changed. */
struct str db_redact(struct arena *a, struct str sql);

/* The logon begins here, unless it has begun already. */
void db_login_begin(struct parse *x, struct db *db);

/* Put out the row of the logon, if one has begun; success: 1, 0, negative: not known. */
void db_login_done(struct parse *x, struct db *db, int success);

/* Put out all that is open, and free all. */
void db_end(struct parse *x, struct db *db);

/* Bytes that it owns. */
size_t db_held(const struct db *db);

#endif
