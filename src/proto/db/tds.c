/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDS 7 and 8: Microsoft SQL Server (MS-TDS).
 *
 *     type 1 | status 1 (bit 0: last packet) | length 2 | session 2 | number 1 | window 1
 *     type 1 SQL batch, 3 call, 4 answer, 16 LOGIN7, 17 SSPI, 18 PRELOGIN
 *
 * Of a request its first packet is read. An answer is tokens, of which the rows can only
 * be skipped with their description; so it is read up to that and again from its end,
 * where it says how many rows there were:   … ff status rows | 79 … | fe status rows
 *
 * TLS comes inside of PRELOGIN packets and then without them; with "login only" it ends
 * after the logon. Both are passed over, and the logon is noted as encrypted.
 */
#include <string.h>

#include "base/size.h"
#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/db/tds_read.h"
#include "proto/shared/utf16.h"
#include "proto/windows/kerberos.h"
#include "proto/windows/ntlm.h"
#include "proto/windows/spnego.h"

#define TDS_PORT   1433
#define TDS_MAX    32768 /* bytes of the longest packet */
#define TDS_HEAD   8
#define TDS_TAIL   128 /* bytes of an answer's end in which these tokens are looked for */
#define TLS_HEAD   5
#define DONE_LONG  13 /* bytes of the token since TDS 7.2 */
#define DONE_SHORT 9

enum packet_type {
	BATCH = 1,
	OLD_LOGIN = 2,
	CALL = 3,
	ANSWER = 4,
	ATTENTION = 6,
	BULK = 7,
	FEDERATED = 8,
	TRANSACTION = 14,
	LOGIN = 16,
	SSPI = 17,
	PRELOGIN = 18,
};

enum token {
	RETURN_STATUS = 0x79,
	TABLE_NAME = 0xa4,
	COLUMN_INFO = 0xa5,
	ORDER = 0xa9,
	ERROR = 0xaa,
	INFO = 0xab,
	LOGIN_ACK = 0xad,
	RETURN_VALUE = 0xac,
	ENV_CHANGE = 0xe3,
	SSPI_TOKEN = 0xed,
	DONE = 0xfd,
	DONE_PROC = 0xfe,
	DONE_IN_PROC = 0xff,
};

enum done { DONE_MORE = 0x01, DONE_ERROR = 0x02, DONE_COUNT = 0x10 };

struct tds_state {
	struct db db;
	struct db_stream stream;
	struct ntlm ntlm;
	bool inside[2];         /* the next packet of a side goes on with a message */
	bool walked;            /* all of an answer's tokens were read so far */
	bool versions;          /* the next answer is that to a PRELOGIN */
	bool refused;           /* an answer to the logon holds an error */
	uint8_t tail[TDS_TAIL]; /* of the answer at hand */
	size_t tail_n;
};

static bool is_tls(struct bytes b)
{
	return b.left > 1 && b.pos[0] >= 0x14 && b.pos[0] <= 0x17 && b.pos[1] == 3;
}

static bool is_packet(struct bytes b)
{
	static const uint8_t types[] = {BATCH, CALL, ANSWER, ATTENTION, BULK, FEDERATED,
	    TRANSACTION, LOGIN, SSPI, PRELOGIN};
	return b.left >= TDS_HEAD && memchr(types, b.pos[0], sizeof(types)) != NULL &&
	       b.pos[1] <= 0x1f && load_be16(b.pos + 2) >= TDS_HEAD &&
	       load_be16(b.pos + 2) <= TDS_MAX && b.pos[7] == 0;
}

static enum probe tds_probe(const struct flow *f, int side, struct bytes first)
{
	if (side == 0 && first.left < TDS_HEAD + 4)
		return PROBE_MORE;
	if (!is_packet(first))
		return PROBE_NO;
	const uint8_t *p = first.pos + TDS_HEAD;
	size_t n = load_be16(first.pos + 2);
	if (side == 0 && first.pos[0] == PRELOGIN && n > TDS_HEAD + 6)
		return p[0] == 0 && p[1] == 0 && p[2] < n ? PROBE_YES : PROBE_NO;
	if (side == 0 && first.pos[0] == LOGIN && load_le32(p) + TDS_HEAD == n)
		return PROBE_YES;
	return f->port[1] == TDS_PORT && (side == 1) == (first.pos[0] == ANSWER)
		   ? PROBE_YES
		   : PROBE_NO;
}

static int64_t packet_length(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	if (b.left < TDS_HEAD)
		return b.left > 0 && b.pos[0] > PRELOGIN && !(b.left == 1 || is_tls(b))
			   ? -1
			   : 0;
	if (is_tls(b))
		return (int64_t)load_be16(b.pos + 3) + TLS_HEAD;
	return is_packet(b) ? load_be16(b.pos + 2) : -1;
}

static bool packet_begins(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	return is_packet(b) && b.left >= load_be16(b.pos + 2);
}

/* ---- who it is ---- */

static void security_token(struct parse *x, struct tds_state *s, struct bytes b)
{
	struct spnego token = spnego_read(b);
	char **mechanism = &s->db.login.text[DB_MECHANISM];
	if (token.ntlm.left > 0) {
		ntlm_token(x, &s->ntlm, token.ntlm, "tds");
		db_keep(x, &s->db, mechanism, STR("ntlm"));
	}
	if (token.kerberos.left > 0) {
		kerberos_inside(x, token.kerberos, "tds");
		db_keep(x, &s->db, mechanism, STR("kerberos"));
	}
}

static void logon(struct parse *x, struct tds_state *s, struct bytes b)
{
	struct tds_login l;
	char **text = s->db.login.text;
	if (!tds_login_read(x->scratch, b, &l)) {
		x->counters->malformed++;
		return;
	}
	s->db.login.begun = false; /* it begins here, and not with the PRELOGIN */
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &text[DB_USER], l.user);
	db_keep(x, &s->db, &text[DB_TARGET], l.database);
	if (l.app.n > 0 && l.host.n > 0)
		l.app = str_format(
		    x->scratch, "%.*s on %.*s", STR_ARG(l.app), STR_ARG(l.host));
	db_keep(x, &s->db, &text[DB_CLIENT], l.app.n > 0 ? l.app : l.host);
	if (l.user.n > 0)
		db_keep(x, &s->db, &text[DB_MECHANISM], STR("password"));
	if (l.sspi.left > 0)
		security_token(x, s, l.sspi);
}

static void logon_over(struct parse *x, struct tds_state *s, int success)
{
	if (s->db.login.begun && s->db.login.text[DB_USER] == NULL)
		db_keep(x, &s->db, &s->db.login.text[DB_USER],
		    ntlm_account(x->scratch, &s->ntlm));
	ntlm_done(x, &s->ntlm, success, "tds");
	db_login_done(x, &s->db, success);
}

/* ---- what the client asks ---- */

static void request(
    struct parse *x, struct tds_state *s, uint8_t type, struct bytes b, uint64_t n)
{
	static const char *const names[PRELOGIN + 1] = {[BATCH] = "batch",
	    [CALL] = "call",
	    [ATTENTION] = "attention",
	    [BULK] = "bulk",
	    [TRANSACTION] = "transaction"};
	struct tds_call call;
	if (type > PRELOGIN || names[type] == NULL)
		return;
	struct db_command *c = db_add(x, &s->db, str_of(names[type]), n);
	if (c == NULL)
		return;
	if (type == BATCH || type == CALL)
		tds_skip_headers(&b);
	if (type == BATCH)
		db_keep_statement(x, &s->db, &c->argument, utf16_text(x->scratch, b));
	if (type == CALL && tds_call_read(x->scratch, b, &call)) {
		db_keep(x, &s->db, &c->object, call.name);
		db_keep_statement(x, &s->db, &c->argument, call.statement);
	}
}

static void client(
    struct parse *x, struct tds_state *s, uint8_t type, struct bytes b, uint64_t n)
{
	if (s->inside[0]) { /* of a message its first packet is read */
		struct db_command *c = db_waiting(&s->db, s->db.n - 1);
		if (c != NULL)
			c->request_bytes += n;
		return;
	}
	switch (type) {
	case PRELOGIN:
		db_login_begin(x, &s->db);
		s->db.login.encrypted |= is_tls(b);
		s->versions = !s->db.login.encrypted;
		break;
	case LOGIN:
		logon(x, s, b);
		break;
	case SSPI:
		security_token(x, s, b);
		break;
	default:
		request(x, s, type, b, n);
		break;
	}
}

/* ---- what the server answers ---- */

static void error_token(struct parse *x, struct tds_state *s, struct bytes b)
{
	struct db_command *c = db_first(&s->db);
	uint32_t number = bytes_le32(&b);
	bytes_skip(&b, 2); /* state, class */
	size_t n = bytes_le16(&b);
	struct bytes text = bytes_sub(&b, 2 * n);
	if (text.bad)
		return;
	struct str words = utf16_text(x->scratch, text);
	if (c != NULL) {
		c->success = 0;
		db_keep(x, &s->db, &c->code, str_format(x->scratch, "%u", number));
		db_keep(x, &s->db, &c->response, words);
	} else if (s->db.login.begun) {
		s->refused = true;
		db_keep(x, &s->db, &s->db.login.text[DB_STATUS], words);
	}
}

/* Name and version of the server. */
static void ack_token(struct parse *x, struct tds_state *s, struct bytes b)
{
	bytes_skip(&b, 5); /* interface, version of TDS */
	size_t n = bytes_u8(&b);
	struct bytes name = bytes_sub(&b, 2 * n);
	unsigned major = bytes_u8(&b), minor = bytes_u8(&b), build = bytes_be16(&b);
	if (!b.bad) {
		struct str text = utf16_text(x->scratch, name);
		db_keep(x, &s->db, &s->db.login.text[DB_SERVER],
		    str_format(
			x->scratch, "%.*s %u.%u.%u", STR_ARG(text), major, minor, build));
	}
	logon_over(x, s, 1);
}

static void length_token(
    struct parse *x, struct tds_state *s, uint8_t token, struct bytes *b)
{
	struct bytes in = bytes_sub(b, bytes_le16(b));
	if (in.bad)
		return;
	if (token == ERROR)
		error_token(x, s, in);
	else if (token == LOGIN_ACK)
		ack_token(x, s, in);
	else if (token == SSPI_TOKEN)
		security_token(x, s, in);
}

/* Read tokens from the beginning of an answer; false: what follows needs columns. */
static bool walk(struct parse *x, struct tds_state *s, struct bytes b)
{
	while (b.left > 0) {
		uint8_t token = bytes_u8(&b);
		switch (token) {
		case TABLE_NAME:
		case COLUMN_INFO:
		case ORDER:
		case ERROR:
		case INFO:
		case LOGIN_ACK:
		case ENV_CHANGE:
		case SSPI_TOKEN:
			length_token(x, s, token, &b);
			break;
		case RETURN_STATUS:
			bytes_skip(&b, 4);
			break;
		case DONE:
		case DONE_PROC:
		case DONE_IN_PROC:
		case RETURN_VALUE:
		default: /* those that end it are read from the end */
			return false;
		}
	}
	return !b.bad;
}

/* The token DONE at p: its state and rows go to c. */
static void done_token(struct db_command *c, const uint8_t *p, size_t size)
{
	unsigned status = load_le16(p + 1);
	uint64_t rows = size == DONE_LONG ? load_le64(p + 5) : load_le32(p + 5);
	if ((status & DONE_ERROR) != 0)
		c->success = 0;
	else if (c->success < 0)
		c->success = 1;
	if ((status & DONE_COUNT) != 0 && rows <= INT64_MAX)
		db_rows(c, (int64_t)rows);
}

static bool is_done(const uint8_t *p, size_t left, size_t size, bool last)
{
	return left >= size && p[left - size] >= DONE &&
	       (load_le16(p + left - size + 1) & ~0x3f7U) == 0 &&
	       (load_le16(p + left - size + 1) & DONE_MORE) == (last ? 0 : DONE_MORE);
}

/* The end of an answer: DONE; or DONE IN PROC, RETURN STATUS, maybe RETURN VALUEs, and
 * DONE PROC. */
static void answer_end(struct db_command *c, const uint8_t *p, size_t n)
{
	size_t size = is_done(p, n, DONE_LONG, true)    ? DONE_LONG
		      : is_done(p, n, DONE_SHORT, true) ? DONE_SHORT
							: 0;
	if (size == 0)
		return;
	done_token(c, p + n - size, size);
	if (p[n - size] != DONE_PROC)
		return;
	for (size_t at = n - size; at-- > size;) {
		bool status = p[at] == RETURN_STATUS && at + 5 <= n - size &&
			      (at + 5 == n - size || p[at + 5] == RETURN_VALUE);
		if (status && is_done(p, at, size, false)) {
			done_token(c, p + at - size, size);
			return;
		}
	}
}

static void keep_tail(struct tds_state *s, struct bytes b)
{
	size_t more = size_min(b.left, TDS_TAIL);
	size_t old = size_min(s->tail_n, TDS_TAIL - more);
	memmove(s->tail, s->tail + s->tail_n - old, old);
	if (more > 0)
		memcpy(s->tail + old, b.pos + b.left - more, more);
	s->tail_n = old + more;
}

static void server(
    struct parse *x, struct tds_state *s, bool last, struct bytes b, uint64_t n)
{
	if (s->versions && b.left > 0 && b.pos[0] == 0) {
		s->versions = false;
		db_keep(x, &s->db, &s->db.login.text[DB_SERVER],
		    tds_prelogin_version(x->scratch, b));
		return;
	}
	if (is_tls(b))
		return;
	if (!s->inside[1]) {
		s->walked = true;
		s->refused = false;
		s->tail_n = 0;
	}
	s->walked = s->walked && walk(x, s, b);
	keep_tail(s, b);
	struct db_command *c = db_first(&s->db);
	db_answer(x, c, n);
	if (!last)
		return;
	if (s->refused && s->db.login.begun)
		logon_over(x, s, 0);
	if (c != NULL) {
		answer_end(c, s->tail, s->tail_n);
		db_done(x, &s->db, c);
	}
}

static enum db_next packet(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct tds_state *s = state;
	if (is_tls(m)) {
		s->db.login.encrypted = true;
		return DB_GO_ON;
	}
	db_begin(x, &s->db, "tds");
	uint8_t type = m.pos[0];
	bool last = (m.pos[1] & 1) != 0;
	bytes_skip(&m, TDS_HEAD);
	if (side == 0)
		client(x, s, type, m, n);
	else if (type == ANSWER || type == PRELOGIN)
		server(x, s, last, m, n);
	s->inside[side] = !last;
	return DB_GO_ON;
}

static void packets_lost(struct parse *x, void *state, int side)
{
	struct tds_state *s = state;
	s->inside[side] = false;
	db_flush(x, &s->db);
}

static const struct db_framing framing = {
    .keep = TDS_MAX,
    .length = packet_length,
    .begins = packet_begins,
    .message = packet,
    .lost = packets_lost,
};

static enum parse_result tds_data(struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(
	    x, &((struct tds_state *)state)->stream, &framing, state, d);
}

static enum parse_result tds_gap(struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(x, &((struct tds_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void tds_close(struct parse *x, void *state)
{
	struct tds_state *s = state;
	logon_over(x, s, -1);
	ntlm_free(&s->ntlm);
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t tds_held(const void *state)
{
	const struct tds_state *s = state;
	return db_held(&s->db) + db_stream_held(&s->stream) + s->ntlm.held;
}

const struct proto_parser tds_parser = {
    .name = "tds",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(LOGIN, PRELOGIN),
    PARSER_PORTS(TDS_PORT),
    .probe = tds_probe,
    .state_size = sizeof(struct tds_state),
    .data = tds_data,
    .gap = tds_gap,
    .close = tds_close,
    .held = tds_held,
};
