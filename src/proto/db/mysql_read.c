/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What begins a connection of MySQL, and how its numbers and texts are written:
 *
 *     0..250 the number itself | 251 NULL | 252 and 2 bytes | 253 and 3 | 254 and 8
 */
#include "proto/db/mysql.h"

#include "base/size.h"

#define ATTRIBUTES_MAX 1000 /* attributes of a query, or of a connection, looked at */
#define SSL_REQUEST    32   /* bytes of a client's answer that only asks for TLS */

uint64_t mysql_number(struct bytes *b, bool *null)
{
	uint8_t first = bytes_u8(b);
	*null = first == 251;
	switch (first) {
	case 251:
		return 0;
	case 252:
		return bytes_le16(b);
	case 253: {
		uint32_t low = bytes_le16(b);
		return low | (uint32_t)bytes_u8(b) << 16;
	}
	case 254:
		return bytes_le64(b);
	case 255:
		bytes_fail(b);
		return 0;
	default:
		return first;
	}
}

static struct str text_of(struct bytes *b, uint64_t n)
{
	if (n > b->left) {
		bytes_fail(b);
		return (struct str){0};
	}
	const uint8_t *p = bytes_take(b, (size_t)n);
	return (struct str){p != NULL ? (const char *)p : "", (size_t)n};
}

struct str mysql_text(struct bytes *b)
{
	bool null;
	uint64_t n = mysql_number(b, &null);
	return b->bad ? (struct str){NULL, 0} : text_of(b, n);
}

struct str mysql_zero_text(struct bytes *b)
{
	struct bytes text;
	if (!bytes_zero_ended(b, &text)) {
		bytes_fail(b);
		return (struct str){0};
	}
	return text_of(&text, text.left);
}

/* A text up to a zero, or all of it. */
static struct str last_text(struct bytes *b)
{
	struct bytes text;
	bytes_zero_ended(b, &text);
	return text_of(&text, text.left);
}

bool mysql_greeting_read(struct bytes b, struct mysql_greeting *g)
{
	*g = (struct mysql_greeting){.version = bytes_u8(&b)};
	if (g->version != 9 && g->version != 10)
		return false;
	g->server = mysql_zero_text(&b);
	bytes_skip(&b, 4); /* thread */
	if (g->version == 9)
		return !b.bad;
	bytes_skip(&b, 9); /* challenge, its end */
	if (b.bad)
		return false;
	g->capabilities = bytes_le16(&b);
	if (b.left == 0)
		return true;
	bytes_skip(&b, 3); /* character set, state */
	g->capabilities |= (uint32_t)bytes_le16(&b) << 16;
	size_t challenge = bytes_u8(&b);
	bytes_skip(&b, 10);
	if ((g->capabilities & MYSQL_SECURE_CONNECTION) != 0)
		bytes_skip(&b, size_min(b.left, size_max(13, challenge) - 8));
	if (!b.bad && (g->capabilities & MYSQL_PLUGIN_AUTH) != 0)
		g->plugin = last_text(&b);
	return true;
}

/* What the client tells of itself: name and value, all of them behind a length. */
static void read_attributes(struct arena *arena, struct bytes *b, struct mysql_answer *a)
{
	bool null;
	struct str program = {0}, name = {0}, version = {0};
	uint64_t n = mysql_number(b, &null);
	struct bytes in = bytes_sub(b, n < b->left ? (size_t)n : b->left);
	for (int i = 0; i < ATTRIBUTES_MAX && in.left > 0; i++) {
		struct str key = mysql_text(&in), value = mysql_text(&in);
		if (in.bad)
			break;
		if (str_equal(key, STR("program_name")))
			program = value;
		else if (str_equal(key, STR("_client_name")))
			name = value;
		else if (str_equal(key, STR("_client_version")))
			version = value;
	}
	a->client = program.n > 0 ? program : name;
	if (a->client.n > 0 && version.n > 0)
		a->client =
		    str_format(arena, "%.*s %.*s", STR_ARG(a->client), STR_ARG(version));
}

/* Before protocol 4.1: two bytes of capabilities, three of a size. */
static bool read_old_answer(struct bytes b, struct mysql_answer *a)
{
	bytes_skip(&b, 5);
	a->user = last_text(&b);
	if ((a->capabilities & MYSQL_CONNECT_WITH_DB) != 0 && b.left > 0) {
		mysql_zero_text(&b); /* response */
		if (!b.bad)
			a->database = last_text(&b);
	}
	return a->user.p != NULL;
}

static void skip_response(struct bytes *b, uint32_t capabilities)
{
	if ((capabilities & MYSQL_AUTH_LENENC) != 0)
		mysql_text(b);
	else if ((capabilities & MYSQL_SECURE_CONNECTION) != 0)
		bytes_skip(b, bytes_u8(b));
	else
		mysql_zero_text(b);
}

bool mysql_answer_read(struct arena *arena, struct bytes b, struct mysql_answer *a)
{
	*a = (struct mysql_answer){0};
	if (b.left < 6)
		return false;
	a->capabilities = load_le16(b.pos);
	if ((a->capabilities & MYSQL_PROTOCOL_41) == 0) {
		a->ssl = (a->capabilities & MYSQL_SSL) != 0 && b.left <= 5;
		return read_old_answer(b, a);
	}
	a->capabilities = bytes_le32(&b);
	bytes_skip(&b, SSL_REQUEST - 4); /* size, character set, 23 zeros */
	if (b.bad)
		return false;
	a->ssl = (a->capabilities & MYSQL_SSL) != 0 && b.left == 0;
	if (a->ssl)
		return true;
	a->user = mysql_zero_text(&b);
	if (b.bad)
		return false;
	skip_response(&b, a->capabilities);
	if ((a->capabilities & MYSQL_CONNECT_WITH_DB) != 0 && b.left > 0)
		a->database = last_text(&b);
	if ((a->capabilities & MYSQL_PLUGIN_AUTH) != 0 && b.left > 0)
		a->plugin = last_text(&b);
	if ((a->capabilities & MYSQL_CONNECT_ATTRS) != 0 && b.left > 0)
		read_attributes(arena, &b, a);
	return true;
}

bool mysql_change_user_read(
    struct arena *arena, struct bytes b, uint32_t capabilities, struct mysql_answer *a)
{
	*a = (struct mysql_answer){.capabilities = capabilities};
	a->user = mysql_zero_text(&b);
	if (b.bad)
		return false;
	skip_response(&b, capabilities & ~(uint32_t)MYSQL_AUTH_LENENC);
	if (b.left > 0)
		a->database = last_text(&b);
	bytes_skip(&b, size_min(b.left, 2)); /* character set */
	if ((capabilities & MYSQL_PLUGIN_AUTH) != 0 && b.left > 0)
		a->plugin = last_text(&b);
	if ((capabilities & MYSQL_CONNECT_ATTRS) != 0 && b.left > 0)
		read_attributes(arena, &b, a);
	return true;
}

/* Skip a value of the binary protocol of that type. */
static void skip_value(struct bytes *b, uint16_t type)
{
	switch (type & 0xff) {
	case 1: /* TINY */
		bytes_skip(b, 1);
		break;
	case 2:  /* SHORT */
	case 13: /* YEAR */
		bytes_skip(b, 2);
		break;
	case 3: /* LONG */
	case 4: /* FLOAT */
	case 9: /* INT24 */
		bytes_skip(b, 4);
		break;
	case 5: /* DOUBLE */
	case 8: /* LONGLONG */
		bytes_skip(b, 8);
		break;
	case 6: /* NULL */
		break;
	case 7:  /* TIMESTAMP */
	case 10: /* DATE */
	case 11: /* TIME */
	case 12: /* DATETIME */
		bytes_skip(b, bytes_u8(b));
		break;
	default: /* texts, decimals, blobs */
		mysql_text(b);
		break;
	}
}

void mysql_skip_attributes(struct bytes *b)
{
	bool null;
	uint64_t n = mysql_number(b, &null);
	mysql_number(b, &null); /* sets of parameters, always 1 */
	if (n == 0 || n > ATTRIBUTES_MAX)
		return;
	struct bytes nulls = bytes_sub(b, (size_t)(n + 7) / 8);
	uint16_t types[ATTRIBUTES_MAX];
	if (bytes_u8(b) != 1) /* types follow */
		return;
	for (size_t i = 0; i < n; i++) {
		types[i] = bytes_le16(b);
		mysql_text(b);
	}
	for (size_t i = 0; i < n && !b->bad; i++) {
		if ((nulls.pos[i / 8] >> i % 8 & 1) == 0)
			skip_value(b, types[i]);
	}
}

struct str mysql_command(uint8_t command)
{
	static const char *const names[] = {"sleep", "quit", "init_db", "query",
	    "field_list", "create_db", "drop_db", "refresh", "shutdown", "statistics",
	    "process_info", "connect", "process_kill", "debug", "ping", "time",
	    "delayed_insert", "change_user", "binlog_dump", "table_dump", "connect_out",
	    "register_slave", "stmt_prepare", "stmt_execute", "stmt_send_long_data",
	    "stmt_close", "stmt_reset", "set_option", "stmt_fetch", "daemon",
	    "binlog_dump_gtid", "reset_connection", "clone"};
	return command < sizeof(names) / sizeof(names[0]) ? str_of(names[command])
							  : (struct str){0};
}
