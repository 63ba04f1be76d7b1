/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of MySQL's messages, for mysql.c. */
#ifndef DWELL_PROTO_MYSQL_H
#define DWELL_PROTO_MYSQL_H

#include "proto/db/db.h"

/* Capabilities of both sides; those of MariaDB's own are not of interest. */
enum mysql_capability {
	MYSQL_CONNECT_WITH_DB = 1 << 3,
	MYSQL_COMPRESS = 1 << 5,
	MYSQL_PROTOCOL_41 = 1 << 9,
	MYSQL_SSL = 1 << 11,
	MYSQL_SECURE_CONNECTION = 1 << 15,
	MYSQL_PLUGIN_AUTH = 1 << 19,
	MYSQL_CONNECT_ATTRS = 1 << 20,
	MYSQL_AUTH_LENENC = 1 << 21,
	MYSQL_DEPRECATE_EOF = 1 << 24,
	MYSQL_ZSTD = 1 << 26,
	MYSQL_QUERY_ATTRIBUTES = 1 << 27,
};

/* The first packet of a server; texts borrow its bytes. */
struct mysql_greeting {
	int version; /* of the protocol: 9, 10 */
	struct str server;
	struct str plugin;
	uint32_t capabilities;
};

/* The first packet of a client; texts borrow its bytes. */
struct mysql_answer {
	uint32_t capabilities;
	bool ssl; /* it asks for TLS, and nothing follows */
	struct str user, database, plugin, client;
};

/* A number in 1, 3, 4 or 9 bytes (lenenc); *null: it stands for NULL. */
uint64_t mysql_number(struct bytes *b, bool *null);

/* A text with its length as such a number before it; bad when it does not fit. */
struct str mysql_text(struct bytes *b);

/* A text that a zero ends. */
struct str mysql_zero_text(struct bytes *b);

/* Read a greeting without its packet's head; false: it is none. */
bool mysql_greeting_read(struct bytes b, struct mysql_greeting *g);

/* Read a client's answer to a greeting; a.client lives in the arena. False: it is none.
 */
bool mysql_answer_read(struct arena *arena, struct bytes b, struct mysql_answer *a);

/* Read COM_CHANGE_USER's argument with these capabilities. */
bool mysql_change_user_read(
    struct arena *arena, struct bytes b, uint32_t capabilities, struct mysql_answer *a);

/* Skip the attributes before the text of a query (CLIENT_QUERY_ATTRIBUTES). */
void mysql_skip_attributes(struct bytes *b);

/* The name of a command, as Zeek has it; static; absent: unknown. */
struct str mysql_command(uint8_t command);

#endif
