/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB1 (MS-CIFS, MS-SMB): messages and requests.
 *
 *     ff 'SMB' | command 1 | status 4 | flags 1 | flags2 2 | pid 2 | signature 8 | 2 |
 *     tree 2 | pid 2 | user 2 | multiplex 2 | words: 1 + 2n | bytes: 2 + n
 *
 * Commands whose name ends in ANDX hold, in their words, where the next command of the
 * same message begins. Each waits for its answer by itself.
 */
#include "proto/windows/smb1.h"
#include "proto/traces.h"

#include "base/size.h"
#include "proto/shared/utf16.h"

#define SMB1_HEADER    32
#define SMB1_CHAIN_MAX 8 /* commands in one message */
#define FLAG_ANSWER    0x80u
#define FLAGS2_NT      0x4000u
#define FLAGS2_UNICODE 0x8000u
#define DIALECTS_MAX   32 /* of one request */
#define TRANSACT_PIPE  0x26u

enum { WORDS_BLOB = 12, WORDS_ACCOUNT = 13, WORDS_LANMAN = 10 };
enum {
	SET_FILE_INFO = 8,
	SET_DISPOSITION = 0x102,
	PASS_DISPOSITION = 1013,
	PASS_RENAME = 1010
};
enum { TRANS2_SESSION_SETUP = 0x0e, NT_NOTIFY = 4, NT_QUERY_SECURITY = 6 };

struct str smb1_text(struct parse *x, const struct smb1 *m, struct bytes *data)
{
	if (!m->unicode)
		return oem_take(x->scratch, data);
	if (data->left > 0 && (data->pos - m->message.pos) % 2 != 0)
		bytes_skip(data, 1);
	return utf16_take(x->scratch, data);
}

struct bytes smb1_part(const struct smb1 *m, size_t at, size_t n)
{
	struct bytes b = m->message;
	if (!bytes_skip(&b, at))
		return b;
	return bytes_over(b.pos, size_min(n, b.left));
}

/* A text behind a byte that says its format (04: text). */
static struct str marked_text(struct parse *x, const struct smb1 *m, struct bytes *data)
{
	bytes_skip(data, 1);
	return smb1_text(x, m, data);
}

static void request_negotiate(struct parse *x, struct smb_state *st, const struct smb1 *m)
{
	struct bytes data = m->data;
	struct str all = {0};
	for (int i = 0; i < DIALECTS_MAX && data.left > 0; i++) {
		bytes_skip(&data, 1);
		struct str one = oem_take(x->scratch, &data);
		all = all.p == NULL ? one
				    : str_format(x->scratch, "%.*s\n%.*s", STR_ARG(all),
					  STR_ARG(one));
	}
	smb_keep(st, &st->offered, all);
}

/* DOMAIN\user, or user. */
static struct str account(struct parse *x, const struct smb1 *m, struct bytes *data)
{
	struct str user = smb1_text(x, m, data);
	struct str domain = smb1_text(x, m, data);
	if (user.n == 0)
		return (struct str){0};
	if (domain.n == 0)
		return user;
	return str_format(x->scratch, "%.*s\\%.*s", STR_ARG(domain), STR_ARG(user));
}

static void request_session_setup(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words, data = m->data;
	size_t n = words.left / 2;
	bytes_skip(&words, 14);
	size_t first = bytes_le16(&words);
	if (n == WORDS_BLOB) {
		struct smb_session *s = smb_session(x, st, m->session);
		if (s != NULL)
			smb_token(x, st, s, bytes_sub(&data, size_min(first, data.left)));
		return;
	}
	size_t second = n == WORDS_ACCOUNT ? bytes_le16(&words) : 0;
	if ((n != WORDS_ACCOUNT && n != WORDS_LANMAN) || words.bad)
		return;
	bytes_skip(&data, first);
	bytes_skip(&data, second);
	smb_keep(st, &q->other, account(x, m, &data));
}

static void request_tree(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words, data = m->data;
	if (m->command == SMB1_TREE_CONNECT) {
		smb_keep(st, &q->name, marked_text(x, m, &data));
		return;
	}
	bytes_skip(&words, 6);
	bytes_skip(&data, bytes_le16(&words));
	smb_keep(st, &q->name, smb1_text(x, m, &data));
}

static void request_create(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words, data = m->data;
	q->word = "open";
	if (m->command == SMB1_NT_CREATE) {
		bytes_skip(&words, 39);
		q->function = bytes_le32(&words) & SMB_DELETE_ON_CLOSE;
	} else if (m->command != SMB1_OPEN_ANDX) {
		bytes_skip(&data, 1);
	}
	smb_keep(st, &q->name, smb1_text(x, m, &data));
}

static void request_write(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	if (m->command == SMB1_WRITE) {
		q->file = smb1_file(bytes_le16(&words));
		q->count = bytes_le16(&words);
		struct smb_piece piece = {bytes_le32(&words), q->count, m->data};
		bytes_skip(&piece.here, SMB1_DATA_HEADER);
		if (!words.bad)
			smb_content(x, st, smb_find(&st->files, q->file), false, &piece);
		return;
	}
	bytes_skip(&words, 4);
	q->file = smb1_file(bytes_le16(&words));
	uint64_t place = bytes_le32(&words);
	bytes_skip(&words, 8);
	uint64_t high = bytes_le16(&words);
	q->count = high << 16 | bytes_le16(&words);
	size_t at = bytes_le16(&words);
	struct smb_file *f = smb_find(&st->files, q->file);
	if (words.bad)
		return;
	place |= (uint64_t)bytes_le32(&words) << 32; /* 0 in the short form */
	struct smb_piece piece = {place, q->count, smb1_part(m, at, (size_t)q->count)};
	if (f == NULL || f->pipe)
		smb_pipe(x, st, f, false, piece.here);
	else
		smb_content(x, st, f, false, &piece);
}

/* What all kinds of transactions have: where parameters and data stand, and the setup. */
struct transaction {
	struct bytes parameters, data, setup;
	uint64_t data_n;
};

static struct transaction transaction(const struct smb1 *m)
{
	struct transaction t = {0};
	struct bytes w = m->words;
	bytes_skip(&w, 18);
	size_t parameter_n = bytes_le16(&w);
	size_t parameter_at = bytes_le16(&w);
	t.data_n = bytes_le16(&w);
	size_t data_at = bytes_le16(&w);
	bytes_skip(&w, 2);
	t.setup = w;
	if (!w.bad) {
		t.parameters = smb1_part(m, parameter_at, parameter_n);
		t.data = smb1_part(m, data_at, (size_t)t.data_n);
	}
	return t;
}

static void request_transaction(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct transaction t = transaction(m);
	struct bytes data = m->data;
	q->function = bytes_le16(&t.setup);
	if (!t.setup.bad && q->function == TRANSACT_PIPE) {
		q->file = smb1_file(bytes_le16(&t.setup));
		q->count = t.data_n;
		smb_pipe(x, st, smb_find(&st->files, q->file), false, t.data);
		return;
	}
	q->word = "transact";
	smb_keep(st, &q->name, smb1_text(x, m, &data));
}

/* Deleting and renaming by a handle, and what ordinary clients never ask. */
static void request_transaction2(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct transaction t = transaction(m);
	q->function = bytes_le16(&t.setup);
	if (q->function == TRANS2_SESSION_SETUP)
		q->word = "transact";
	if (t.setup.bad || q->function != SET_FILE_INFO)
		return;
	q->file = smb1_file(bytes_le16(&t.parameters));
	unsigned level = bytes_le16(&t.parameters);
	const struct smb_file *f = smb_find(&st->files, q->file);
	struct str name = str_of(f != NULL ? f->name : NULL);
	if ((level == SET_DISPOSITION || level == PASS_DISPOSITION) &&
	    (bytes_u8(&t.data) & 1) != 0) {
		q->word = "delete";
		smb_keep(st, &q->name, name);
	} else if (level == PASS_RENAME) {
		q->word = "rename";
		bytes_skip(&t.data, 8);
		size_t n = bytes_le32(&t.data);
		struct bytes text = bytes_sub(&t.data, size_min(n, t.data.left));
		smb_keep(st, &q->other, name);
		smb_keep(st, &q->name, utf16_text(x->scratch, text));
	}
}

static void request_nt_transact(struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	bytes_skip(&words, 36);
	q->function = bytes_le16(&words);
	if (!words.bad && q->function != NT_NOTIFY && q->function != NT_QUERY_SECURITY)
		q->word = "transact";
}

static void request_rename(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes data = m->data;
	q->word = "rename";
	smb_keep(st, &q->other, marked_text(x, m, &data));
	smb_keep(st, &q->name, marked_text(x, m, &data));
}

static void request_file(struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	if (m->command == SMB1_READ_ANDX)
		bytes_skip(&words, 4);
	q->file = smb1_file(bytes_le16(&words));
	if (m->command == SMB1_READ) {
		bytes_skip(&words, 2);
		q->place = bytes_le32(&words);
	} else if (m->command == SMB1_READ_ANDX) {
		q->place = bytes_le32(&words);
		bytes_skip(&words, 10);
		q->place |= (uint64_t)bytes_le32(&words) << 32;
	}
}

/* Commands that name a file or use one. */
static void request_on_file(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes data = m->data;
	switch (m->command) {
	case SMB1_OPEN:
	case SMB1_CREATE:
	case SMB1_OPEN_ANDX:
	case SMB1_NT_CREATE:
		request_create(x, st, q, m);
		break;
	case SMB1_CLOSE:
	case SMB1_READ:
	case SMB1_READ_ANDX:
		request_file(q, m);
		break;
	case SMB1_WRITE:
	case SMB1_WRITE_ANDX:
		request_write(x, st, q, m);
		break;
	case SMB1_DELETE:
	case SMB1_DELETE_DIRECTORY:
		q->word = "delete";
		smb_keep(st, &q->name, marked_text(x, m, &data));
		break;
	case SMB1_RENAME:
		request_rename(x, st, q, m);
		break;
	default:
		break;
	}
}

static void on_request(struct parse *x, struct smb_state *st, const struct smb1 *m)
{
	struct smb_request *q = smb_request(x, st, smb1_key(m));
	if (q == NULL)
		return;
	q->command = (uint16_t)m->command;
	q->session = m->session;
	q->tree = m->tree;
	switch (m->command) {
	case SMB1_NEGOTIATE:
		q->word = "negotiate";
		request_negotiate(x, st, m);
		break;
	case SMB1_SESSION_SETUP:
		q->word = "session_setup";
		request_session_setup(x, st, q, m);
		break;
	case SMB1_TREE_CONNECT:
	case SMB1_TREE_CONNECT_ANDX:
		q->word = "tree_connect";
		request_tree(x, st, q, m);
		break;
	case SMB1_TRANSACTION:
		request_transaction(x, st, q, m);
		break;
	case SMB1_TRANSACTION2:
		request_transaction2(x, st, q, m);
		break;
	case SMB1_NT_TRANSACT:
		request_nt_transact(q, m);
		break;
	default:
		request_on_file(x, st, q, m);
		break;
	}
}

static bool is_andx(unsigned command)
{
	switch (command) {
	case SMB1_OPEN_ANDX:
	case SMB1_READ_ANDX:
	case SMB1_WRITE_ANDX:
	case SMB1_SESSION_SETUP:
	case SMB1_LOGOFF:
	case SMB1_TREE_CONNECT_ANDX:
	case SMB1_NT_CREATE:
		return true;
	default:
		return false;
	}
}

static bool read_header(struct bytes b, struct smb1 *m)
{
	m->message = b;
	bytes_skip(&b, 4);
	m->command = bytes_u8(&b);
	uint32_t status = bytes_le32(&b);
	m->answer = (bytes_u8(&b) & FLAG_ANSWER) != 0;
	unsigned flags2 = bytes_le16(&b);
	m->unicode = (flags2 & FLAGS2_UNICODE) != 0;
	m->status = status;
	if ((flags2 & FLAGS2_NT) == 0 && status != 0)
		m->status += SMB_DOS_STATUS;
	uint64_t high = bytes_le16(&b);
	bytes_skip(&b, 10);
	m->tree = (struct smb_key){UINT64_MAX, bytes_le16(&b)};
	uint64_t low = bytes_le16(&b);
	m->session = bytes_le16(&b);
	m->id = high << 32 | low << 16 | bytes_le16(&b);
	return !b.bad;
}

/* Words and bytes of the command at that place; what is cut off is left out. */
static bool read_block(struct smb1 *m, size_t at)
{
	struct bytes b = m->message;
	bytes_skip(&b, at);
	size_t words = bytes_u8(&b);
	if (b.bad)
		return false;
	m->words = bytes_sub(&b, 2 * words);
	size_t n = bytes_le16(&b);
	if (m->words.bad)
		return false;
	m->data = bytes_over(b.pos, b.bad ? 0 : size_min(n, b.left));
	return true;
}

void smb1_message(struct parse *x, struct smb_state *st, struct bytes message)
{
	struct smb1 m = {0};
	size_t at = SMB1_HEADER;
	st->version = 1;
	if (!read_header(message, &m)) {
		x->counters->truncated++;
		return;
	}
	struct trace_view v = {
	    .where = TRACE_SMB1, .side = m.answer, .data = message, .wire = message.left};
	parse_trace(x, &v);
	for (int i = 0; i < SMB1_CHAIN_MAX; i++) {
		if (!read_block(&m, at)) {
			x->counters->truncated++;
			return;
		}
		x->counters->understood++;
		struct bytes words = m.words;
		unsigned next = bytes_u8(&words);
		bytes_skip(&words, 1);
		size_t next_at = bytes_le16(&words);
		bool more = is_andx(m.command) && !words.bad && next != SMB1_NONE;
		if (m.answer)
			smb1_answer(x, st, &m);
		else
			on_request(x, st, &m);
		if (!more || next_at <= at)
			return;
		m.command = next;
		at = next_at;
	}
	x->counters->over_limit++;
}
