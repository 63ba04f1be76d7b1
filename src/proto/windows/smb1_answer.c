/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of SMB1 (MS-CIFS, 2.2.4): what became of the requests, and their rows. */
#include "base/size.h"
#include "proto/shared/utf16.h"
#include "proto/windows/smb1.h"
#include "proto/windows/smb_words.h"

#define WORDS_BLOB    4 /* of an answer to a session setup with extended security */
#define ACTION_GUEST  0x1u
#define TRANSACT_PIPE 0x26u

static bool good(int64_t status)
{
	return status == SMB_STATUS_OK || status == SMB_STATUS_BUFFER_OVERFLOW;
}

/* The index-th of the dialects that were offered. */
static struct str dialect(const struct smb_state *st, unsigned index)
{
	struct str rest = str_of(st->offered);
	while (rest.p != NULL) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
		if (index-- == 0)
			return (struct str){rest.p, n};
		if (end == NULL)
			break;
		rest = (struct str){end + 1, rest.n - n - 1};
	}
	return (struct str){0};
}

static void answer_negotiate(struct parse *x, struct smb_state *st,
    const struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	unsigned index = bytes_le16(&words);
	struct smb_record r;
	st->dialect = 0;
	if (!words.bad && m->status == SMB_STATUS_OK)
		smb_keep(st, &st->dialect1, dialect(st, index));
	smb_row(x, st, q, m->status, &r);
	r.command = STR("negotiate");
	parse_emit(x, RECORD_SMB, &r);
}

static void answer_session_setup(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct smb_session *s = smb_session_named(x, st, q->session, m->session);
	if (s == NULL)
		return;
	struct bytes words = m->words, data = m->data;
	bytes_skip(&words, 4);
	unsigned action = bytes_le16(&words);
	size_t n = bytes_le16(&words);
	if (m->words.left / 2 == WORDS_BLOB)
		smb_token(x, st, s, bytes_sub(&data, size_min(n, data.left)));
	if (m->status == SMB_STATUS_MORE_PROCESSING)
		return;
	if (q->other != NULL)
		smb_keep(st, &s->user, str_of(q->other));
	smb_keep(st, &q->other, (struct str){0}); /* not a name before */
	q->session = m->session;
	smb_session_set_up(x, st, s, q, m->status, (action & ACTION_GUEST) != 0);
}

static enum smb_share share_of(struct str service)
{
	if (str_equal(service, STR("IPC")))
		return SMB_SHARE_PIPE;
	if (str_equal(service, STR("A:")))
		return SMB_SHARE_DISK;
	return str_equal(service, STR("LPT1:")) ? SMB_SHARE_PRINT : SMB_SHARE_UNKNOWN;
}

static void answer_tree(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct smb_key id = m->tree;
	if (m->status == SMB_STATUS_OK) {
		struct bytes words = m->words, data = m->data;
		if (m->command == SMB1_TREE_CONNECT) {
			bytes_skip(&words, 2);
			id.b = bytes_le16(&words);
		}
		struct smb_tree *t = smb_tree(x, st, id);
		if (t == NULL)
			return;
		smb_keep(st, &t->path, str_of(q->name));
		if (m->command == SMB1_TREE_CONNECT_ANDX) {
			struct str service = oem_take(x->scratch, &data);
			t->share = share_of(service);
			smb_keep(st, &t->service, service);
			struct str fs = smb1_text(x, m, &data);
			smb_keep(st, &t->fs, fs.n > 0 ? fs : (struct str){0});
		}
	}
	struct smb_record r;
	q->tree = id;
	smb_row(x, st, q, m->status, &r);
	r.path = str_of(q->name);
	r.name = (struct str){0};
	parse_emit(x, RECORD_SMB, &r);
}

/* FID, times and size stand elsewhere in the answer to each way of opening. */
static struct smb_file *opened(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct bytes w = m->words, times = {.bad = true};
	uint64_t size = 0;
	bool nt = m->command == SMB1_NT_CREATE;
	bytes_skip(&w, nt ? 5 : m->command == SMB1_OPEN_ANDX ? 4 : 0);
	unsigned fid = bytes_le16(&w);
	if (w.bad)
		return NULL;
	if (nt) {
		bytes_skip(&w, 4);
		times = bytes_sub(&w, SMB_TIMES_BYTES);
		bytes_skip(&w, 12);
		size = bytes_le64(&w);
	} else if (m->command != SMB1_CREATE) {
		bytes_skip(&w, 6);
		size = bytes_le32(&w);
	}
	struct smb_file *f = smb_file(x, st, smb1_file(fid));
	if (f == NULL)
		return NULL;
	smb_opened(st, f, q, times);
	f->size = size;
	return f;
}

static void answer_open(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct smb_file *f = NULL;
	if (m->status == SMB_STATUS_OK)
		f = opened(x, st, q, m);
	smb_row_open(x, st, q, f, m->status);
}

static void answer_read(struct parse *x, struct smb_state *st,
    const struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	struct smb_file *f = smb_find(&st->files, q->file);
	bytes_skip(&words, m->command == SMB1_READ_ANDX ? 10 : 0);
	uint64_t n = bytes_le16(&words);
	size_t at = bytes_le16(&words);
	if (m->command == SMB1_READ_ANDX)
		n |= (uint64_t)bytes_le16(&words) << 16;
	if (words.bad || !good(m->status))
		return;
	if (f != NULL) {
		f->read_bytes += n;
		f->touched = f->touched || n > 0;
	}
	struct smb_piece piece = {q->place, n, m->data};
	if (m->command == SMB1_READ)
		bytes_skip(&piece.here, SMB1_DATA_HEADER);
	else
		piece.here = smb1_part(m, at, (size_t)n);
	if (f != NULL && !f->pipe)
		smb_content(x, st, f, true, &piece);
	else if (m->command == SMB1_READ_ANDX)
		smb_pipe(x, st, f, true, piece.here);
}

static void answer_write(
    struct smb_state *st, const struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	struct smb_file *f = smb_find(&st->files, q->file);
	bytes_skip(&words, m->command == SMB1_WRITE_ANDX ? 4 : 0);
	uint64_t n = bytes_le16(&words);
	if (m->command == SMB1_WRITE_ANDX) {
		bytes_skip(&words, 2);
		n |= (uint64_t)bytes_le16(&words) << 16;
	}
	if (f == NULL || words.bad || m->status != SMB_STATUS_OK)
		return;
	f->write_bytes += n;
	f->touched = f->touched || n > 0;
}

static void answer_transaction(struct parse *x, struct smb_state *st,
    const struct smb_request *q, const struct smb1 *m)
{
	struct bytes words = m->words;
	struct smb_file *f = smb_find(&st->files, q->file);
	bytes_skip(&words, 12);
	size_t n = bytes_le16(&words);
	size_t at = bytes_le16(&words);
	if (words.bad || !good(m->status))
		return;
	if (f != NULL) {
		f->write_bytes += q->count;
		f->read_bytes += n;
		f->touched = true;
	}
	smb_pipe(x, st, f, true, smb1_part(m, at, n));
}

static void row_transact(struct parse *x, struct smb_state *st,
    const struct smb_request *q, const struct smb1 *m)
{
	struct smb_record r;
	smb_row(x, st, q, m->status, &r);
	if (m->command == SMB1_TRANSACTION2)
		r.function = smb_trans2(x->scratch, q->function);
	else if (m->command == SMB1_NT_TRANSACT)
		r.function = smb_nt_transact(x->scratch, q->function);
	parse_emit(x, RECORD_SMB, &r);
}

static void answer_known(
    struct parse *x, struct smb_state *st, struct smb_request *q, const struct smb1 *m)
{
	struct smb_file *f = smb_find(&st->files, q->file);
	switch (m->command) {
	case SMB1_NEGOTIATE:
		answer_negotiate(x, st, q, m);
		break;
	case SMB1_SESSION_SETUP:
		answer_session_setup(x, st, q, m);
		break;
	case SMB1_TREE_CONNECT:
	case SMB1_TREE_CONNECT_ANDX:
		answer_tree(x, st, q, m);
		break;
	case SMB1_TREE_DISCONNECT:
		smb_tree_drop(st, q->tree);
		break;
	case SMB1_LOGOFF:
		smb_session_drop(x, st, q->session);
		break;
	case SMB1_OPEN:
	case SMB1_CREATE:
	case SMB1_OPEN_ANDX:
	case SMB1_NT_CREATE:
		answer_open(x, st, q, m);
		break;
	case SMB1_CLOSE:
		if (f != NULL)
			smb_closed(x, st, q, f, m->status);
		break;
	case SMB1_READ:
	case SMB1_READ_ANDX:
		answer_read(x, st, q, m);
		break;
	case SMB1_WRITE:
	case SMB1_WRITE_ANDX:
		answer_write(st, q, m);
		break;
	case SMB1_TRANSACTION:
		if (q->word == NULL && q->function == TRANSACT_PIPE)
			answer_transaction(x, st, q, m);
		else if (q->word != NULL)
			row_transact(x, st, q, m);
		break;
	default:
		if (q->word != NULL && strcmp(q->word, "transact") == 0)
			row_transact(x, st, q, m);
		else if (q->word != NULL)
			smb_row_change(x, st, q, m->status);
		break;
	}
}

void smb1_answer(struct parse *x, struct smb_state *st, const struct smb1 *m)
{
	struct smb_request q = {0};
	if (!smb_request_take(st, smb1_key(m), &q)) {
		if (m->command == SMB1_NEGOTIATE)
			answer_negotiate(x, st, NULL, m);
		return;
	}
	answer_known(x, st, &q, m);
	smb_request_done(st, &q);
}
