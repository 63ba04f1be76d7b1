/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB2 and SMB3 in clear (MS-SMB2).
 *
 *     fe 'SMB' | size 2 | credits 2 | status 4 | command 2 | credits 2 | flags 4 | next 4
 * | message 8 | reserved 4, tree 4 (or async 8) | session 8 | signature 16 | body
 *
 * A message may be a chain: next is where the following header stands, and what is
 * "related" means the session, tree and file of the one before. Requests wait for their
 * answer by message number; an answer "pending" leaves them waiting.
 */
#include "base/size.h"
#include "proto/shared/utf16.h"
#include "proto/windows/smb_state.h"
#include "proto/windows/smb_words.h"

#define SMB2_HEADER    64
#define SMB2_CHAIN_MAX 32 /* headers in one message */
#define SMB2_ANSWER    0x1u
#define SMB2_ASYNC     0x2u
#define SMB2_RELATED   0x4u
#define ALL_ONES       UINT64_MAX
#define GUEST          0x1u

enum smb2_command {
	SMB2_NEGOTIATE = 0,
	SMB2_SESSION_SETUP = 1,
	SMB2_LOGOFF = 2,
	SMB2_TREE_CONNECT = 3,
	SMB2_TREE_DISCONNECT = 4,
	SMB2_CREATE = 5,
	SMB2_CLOSE = 6,
	SMB2_READ = 8,
	SMB2_WRITE = 9,
	SMB2_IOCTL = 11,
	SMB2_SET_INFO = 17,
};

enum { INFO_FILE = 1, FILE_RENAME = 10, FILE_DISPOSITION = 13, FILE_DISPOSITION_EX = 64 };

#define FSCTL_PIPE_TRANSCEIVE 0x0011c017u

struct smb2_header {
	uint32_t status, flags, next;
	uint16_t command;
	uint64_t message, session;
	struct smb_key tree;
};

/* What a chain hands on from one header to the next. */
struct chain {
	struct smb2_header last;
	struct smb_key file; /* of the last request in it */
	uint64_t opened_by;  /* the last CREATE, where the file is that one's */
};

static bool read_header(struct bytes b, struct smb2_header *h)
{
	bytes_skip(&b, 8);
	h->status = bytes_le32(&b);
	h->command = bytes_le16(&b);
	bytes_skip(&b, 2);
	h->flags = bytes_le32(&b);
	h->next = bytes_le32(&b);
	h->message = bytes_le64(&b);
	bytes_skip(&b, 4);
	h->tree.b = bytes_le32(&b);
	h->session = h->tree.a = bytes_le64(&b);
	return !b.bad;
}

/* n bytes at that place of the message, as far as they are there. */
static struct bytes part(struct bytes message, size_t at, size_t n)
{
	if (!bytes_skip(&message, at))
		return message;
	return bytes_over(message.pos, size_min(n, message.left));
}

static struct smb_key file_key(struct bytes *b)
{
	struct smb_key k;
	k.a = bytes_le64(b);
	k.b = bytes_le64(b);
	return k;
}

/* The file that a request is about: in a related one all ones mean the one before. */
static void take_file(struct smb_request *q, struct bytes *body, struct chain *c)
{
	struct smb_key k = file_key(body);
	if (k.a == ALL_ONES && k.b == ALL_ONES) {
		q->opened_by = c->opened_by;
		k = c->file;
	} else {
		c->file = k;
		c->opened_by = 0;
	}
	q->file = k;
}

static void request_name(struct parse *x, struct smb_state *st, struct smb_request *q,
    struct bytes message, struct bytes *body)
{
	size_t at = bytes_le16(body);
	size_t n = bytes_le16(body);
	if (body->bad)
		return;
	smb_keep(st, &q->name,
	    utf16_text(x->scratch, n > 0 ? part(message, at, n) : (struct bytes){0}));
}

static void request_session_setup(struct parse *x, struct smb_state *st,
    const struct smb2_header *h, struct bytes message, struct bytes body)
{
	struct smb_session *s = smb_session(x, st, h->session);
	bytes_skip(&body, 10);
	size_t at = bytes_le16(&body);
	size_t n = bytes_le16(&body);
	if (s != NULL && !body.bad)
		smb_token(x, st, s, part(message, at, n));
}

static void request_create(struct parse *x, struct smb_state *st, struct smb_request *q,
    struct bytes message, struct bytes body, struct chain *c)
{
	q->word = "open";
	bytes_skip(&body, 38);
	q->function = bytes_le32(&body) & SMB_DELETE_ON_CLOSE;
	request_name(x, st, q, message, &body);
	c->opened_by = q->id.a;
	c->file = (struct smb_key){0, 0};
}

static void request_write(struct parse *x, struct smb_state *st, struct smb_request *q,
    struct bytes message, struct bytes body, struct chain *c)
{
	size_t at = bytes_le16(&body);
	q->count = bytes_le32(&body);
	uint64_t place = bytes_le64(&body);
	take_file(q, &body, c);
	struct smb_file *f = smb_find(&st->files, q->file);
	struct smb_piece piece = {place, q->count, part(message, at, (size_t)q->count)};
	if (f == NULL || f->pipe)
		smb_pipe(x, st, f, false, piece.here);
	else if (!body.bad)
		smb_content(x, st, f, false, &piece);
}

static void request_ioctl(struct parse *x, struct smb_state *st, struct smb_request *q,
    struct bytes message, struct bytes body, struct chain *c)
{
	bytes_skip(&body, 2);
	q->function = bytes_le32(&body);
	take_file(q, &body, c);
	size_t at = bytes_le32(&body);
	q->count = bytes_le32(&body);
	if (q->function != FSCTL_PIPE_TRANSCEIVE) {
		q->word = "ioctl";
		return;
	}
	struct smb_file *f = smb_find(&st->files, q->file);
	if (!body.bad)
		smb_pipe(x, st, f, false, part(message, at, (size_t)q->count));
}

static void request_set_info(struct parse *x, struct smb_state *st, struct smb_request *q,
    struct bytes message, struct bytes body, struct chain *c)
{
	unsigned type = bytes_u8(&body);
	unsigned class = bytes_u8(&body);
	size_t n = bytes_le32(&body);
	size_t at = bytes_le16(&body);
	bytes_skip(&body, 6);
	take_file(q, &body, c);
	if (body.bad || type != INFO_FILE)
		return;
	struct bytes info = part(message, at, n);
	const struct smb_file *f = smb_find(&st->files, q->file);
	struct str name = str_of(f != NULL ? f->name : NULL);
	if (class == FILE_RENAME) {
		q->word = "rename";
		bytes_skip(&info, 16);
		size_t length = bytes_le32(&info);
		struct bytes text = bytes_sub(&info, size_min(length, info.left));
		smb_keep(st, &q->other, name);
		smb_keep(st, &q->name, utf16_text(x->scratch, text));
	} else if ((class == FILE_DISPOSITION || class == FILE_DISPOSITION_EX) &&
		   (bytes_u8(&info) & 1) != 0) {
		q->word = "delete";
		smb_keep(st, &q->name, name);
	}
}

static void on_request(struct parse *x, struct smb_state *st, const struct smb2_header *h,
    struct bytes message, struct chain *c)
{
	struct smb_request *q = smb_request(x, st, (struct smb_key){h->message, 0});
	if (q == NULL)
		return;
	q->command = h->command;
	q->tree = h->tree;
	q->session = h->session;
	struct bytes body = part(message, SMB2_HEADER + 2, message.left);
	switch (h->command) {
	case SMB2_NEGOTIATE:
		q->word = "negotiate";
		break;
	case SMB2_SESSION_SETUP:
		q->word = "session_setup";
		request_session_setup(x, st, h, message, body);
		break;
	case SMB2_TREE_CONNECT:
		q->word = "tree_connect";
		bytes_skip(&body, 2);
		request_name(x, st, q, message, &body);
		break;
	case SMB2_CREATE:
		request_create(x, st, q, message, body, c);
		break;
	case SMB2_CLOSE:
		bytes_skip(&body, 6);
		take_file(q, &body, c);
		break;
	case SMB2_READ:
		bytes_skip(&body, 6);
		q->place = bytes_le64(&body);
		take_file(q, &body, c);
		break;
	case SMB2_WRITE:
		request_write(x, st, q, message, body, c);
		break;
	case SMB2_IOCTL:
		request_ioctl(x, st, q, message, body, c);
		break;
	case SMB2_SET_INFO:
		request_set_info(x, st, q, message, body, c);
		break;
	default:
		break;
	}
}

/* Requests of the same chain now know which file they were about. */
static void settle(struct smb_state *st, uint64_t opened_by, struct smb_key file)
{
	for (size_t i = 0; i < st->requests.n; i++) {
		struct smb_request *q = smb_at(&st->requests, i);
		if (q->opened_by == opened_by) {
			q->file = file;
			q->opened_by = 0;
		}
	}
}

static void answer_negotiate(struct parse *x, struct smb_state *st, struct smb_request *q,
    uint32_t status, struct bytes message)
{
	struct bytes body = part(message, SMB2_HEADER, message.left);
	bytes_skip(&body, 4);
	unsigned dialect = bytes_le16(&body);
	if (status == SMB_STATUS_OK && !body.bad)
		st->dialect = (uint16_t)dialect;
	struct smb_record r;
	smb_row(x, st, q, status, &r);
	r.command = STR("negotiate");
	parse_emit(x, RECORD_SMB, &r);
}

static void answer_session_setup(struct parse *x, struct smb_state *st,
    struct smb_request *q, const struct smb2_header *h, struct bytes message)
{
	struct smb_session *s = smb_session_named(x, st, q->session, h->session);
	if (s == NULL)
		return;
	struct bytes body = part(message, SMB2_HEADER + 2, message.left);
	bool guest = (bytes_le16(&body) & GUEST) != 0;
	size_t at = bytes_le16(&body);
	size_t n = bytes_le16(&body);
	if (!body.bad)
		smb_token(x, st, s, part(message, at, n));
	if (h->status == SMB_STATUS_MORE_PROCESSING)
		return;
	q->session = h->session;
	smb_session_set_up(x, st, s, q, h->status, guest);
}

static void answer_tree_connect(struct parse *x, struct smb_state *st,
    struct smb_request *q, const struct smb2_header *h, struct bytes message)
{
	struct bytes body = part(message, SMB2_HEADER + 2, message.left);
	unsigned share = bytes_u8(&body);
	struct smb_record r;
	if (h->status == SMB_STATUS_OK) {
		struct smb_tree *t = smb_tree(x, st, h->tree);
		if (t == NULL)
			return;
		smb_keep(st, &t->path, str_of(q->name));
		t->share =
		    share <= SMB_SHARE_PRINT ? (enum smb_share)share : SMB_SHARE_UNKNOWN;
	}
	q->tree = h->tree;
	smb_row(x, st, q, h->status, &r);
	r.path = str_of(q->name);
	r.name = (struct str){0};
	parse_emit(x, RECORD_SMB, &r);
}

static void answer_create(struct parse *x, struct smb_state *st, struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	struct smb_file *f = NULL;
	if (h->status == SMB_STATUS_OK) {
		struct bytes body = part(message, SMB2_HEADER + 8, message.left);
		struct bytes times = bytes_sub(&body, SMB_TIMES_BYTES);
		bytes_skip(&body, 8);
		uint64_t size = bytes_le64(&body);
		bytes_skip(&body, 8);
		struct smb_key key = file_key(&body);
		f = body.bad ? NULL : smb_file(x, st, key);
		if (f == NULL) {
			x->counters->truncated++;
			return;
		}
		smb_opened(st, f, q, times);
		f->size = size;
		settle(st, q->id.a, key);
	}
	smb_row_open(x, st, q, f, h->status);
}

static void answer_close(struct parse *x, struct smb_state *st, struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	struct smb_file *f = smb_find(&st->files, q->file);
	if (f == NULL)
		return;
	struct bytes body = part(message, SMB2_HEADER + 2, message.left);
	bool has_size = (bytes_le16(&body) & 1) != 0;
	bytes_skip(&body, 44);
	uint64_t size = bytes_le64(&body);
	if (has_size && !body.bad && h->status == SMB_STATUS_OK)
		f->size = size;
	smb_closed(x, st, q, f, h->status);
}

static void answer_read(struct parse *x, struct smb_state *st, struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	struct smb_file *f = smb_find(&st->files, q->file);
	if (h->status != SMB_STATUS_OK && h->status != SMB_STATUS_BUFFER_OVERFLOW)
		return;
	struct bytes body = part(message, SMB2_HEADER + 2, message.left);
	size_t at = bytes_u8(&body);
	bytes_skip(&body, 1);
	size_t n = bytes_le32(&body);
	if (body.bad)
		return;
	if (f != NULL) {
		f->read_bytes += n;
		f->touched = true;
	}
	struct smb_piece piece = {q->place, n, part(message, at, n)};
	if (f == NULL || f->pipe)
		smb_pipe(x, st, f, true, piece.here);
	else
		smb_content(x, st, f, true, &piece);
}

static void answer_ioctl(struct parse *x, struct smb_state *st, struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	struct bytes body = part(message, SMB2_HEADER + 32, message.left);
	size_t at = bytes_le32(&body);
	size_t n = bytes_le32(&body);
	struct smb_file *f = smb_find(&st->files, q->file);
	if (q->word != NULL) {
		struct smb_record r;
		smb_row(x, st, q, h->status, &r);
		r.function = smb_fsctl(x->scratch, q->function);
		if (f != NULL)
			r.name = str_of(f->name);
		parse_emit(x, RECORD_SMB, &r);
	} else if (!body.bad && (h->status == SMB_STATUS_OK ||
				    h->status == SMB_STATUS_BUFFER_OVERFLOW)) {
		if (f != NULL) {
			f->write_bytes += q->count;
			f->read_bytes += n;
			f->touched = true;
		}
		smb_pipe(x, st, f, true, part(message, at, n));
	}
}

static void answer_write(struct smb_state *st, const struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	struct smb_file *f = smb_find(&st->files, q->file);
	struct bytes body = part(message, SMB2_HEADER + 4, message.left);
	uint64_t n = bytes_le32(&body);
	if (f == NULL || body.bad || h->status != SMB_STATUS_OK)
		return;
	f->write_bytes += n;
	f->touched = true;
}

static void answer_other(
    struct parse *x, struct smb_state *st, struct smb_request *q, uint32_t status)
{
	if (q->word != NULL)
		smb_row_change(x, st, q, status);
}

static void answer_known(struct parse *x, struct smb_state *st, struct smb_request *q,
    const struct smb2_header *h, struct bytes message)
{
	switch (h->command) {
	case SMB2_NEGOTIATE:
		answer_negotiate(x, st, q, h->status, message);
		break;
	case SMB2_SESSION_SETUP:
		answer_session_setup(x, st, q, h, message);
		break;
	case SMB2_LOGOFF:
		smb_session_drop(x, st, q->session);
		break;
	case SMB2_TREE_CONNECT:
		answer_tree_connect(x, st, q, h, message);
		break;
	case SMB2_TREE_DISCONNECT:
		smb_tree_drop(st, q->tree);
		break;
	case SMB2_CREATE:
		answer_create(x, st, q, h, message);
		break;
	case SMB2_CLOSE:
		answer_close(x, st, q, h, message);
		break;
	case SMB2_READ:
		answer_read(x, st, q, h, message);
		break;
	case SMB2_WRITE:
		answer_write(st, q, h, message);
		break;
	case SMB2_IOCTL:
		answer_ioctl(x, st, q, h, message);
		break;
	default:
		answer_other(x, st, q, h->status);
		break;
	}
}

/* A client that offers both versions asks in SMB1 and may be answered in SMB2. */
static bool take_negotiate(struct smb_state *st, struct smb_request *q)
{
	for (size_t i = 0; i < st->requests.n; i++) {
		const struct smb_request *at = smb_at(&st->requests, i);
		if (at->word != NULL && strcmp(at->word, "negotiate") == 0)
			return smb_request_take(st, at->id, q);
	}
	return false;
}

static void on_answer(struct parse *x, struct smb_state *st, const struct smb2_header *h,
    struct bytes message)
{
	struct smb_request q = {0};
	if (h->status == SMB_STATUS_PENDING && (h->flags & SMB2_ASYNC) != 0)
		return;
	if (smb_request_take(st, (struct smb_key){h->message, 0}, &q) ||
	    (h->command == SMB2_NEGOTIATE && take_negotiate(st, &q))) {
		answer_known(x, st, &q, h, message);
		smb_request_done(st, &q);
	} else if (h->command == SMB2_NEGOTIATE) {
		answer_negotiate(x, st, NULL, h->status, message);
	}
}

void smb2_message(struct parse *x, struct smb_state *st, struct bytes message)
{
	struct chain c = {0};
	st->version = 2;
	for (int i = 0; i < SMB2_CHAIN_MAX; i++) {
		struct smb2_header h;
		if (!read_header(message, &h)) {
			x->counters->truncated++;
			return;
		}
		x->counters->understood++;
		size_t n =
		    h.next >= SMB2_HEADER ? size_min(h.next, message.left) : message.left;
		struct bytes one = bytes_sub(&message, n);
		if ((h.flags & SMB2_ANSWER) != 0) {
			on_answer(x, st, &h, one);
		} else {
			if ((h.flags & SMB2_RELATED) != 0) {
				h.tree = c.last.tree;
				h.session = c.last.session;
			}
			on_request(x, st, &h, one, &c);
		}
		c.last = h;
		if (message.left == 0)
			return;
	}
	x->counters->over_limit++;
}
