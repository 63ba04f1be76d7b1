/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFS 4 (RFC 7530, 8881): a compound is a list of operations, of which one matters.
 *
 *     call   tag | minor version | n | operation, arguments …
 *     reply  status | tag | n | operation, status, result …
 *
 * Arguments have no length: an operation whose form is not known here ends the reading.
 */
#include "proto/remote/rpc_call.h"

#define TAG_MAX    1024
#define NAME_MAX_  1024
#define OPAQUE_MAX 4096
#define HANDLE_MAX 128
#define BITMAP_MAX 8 /* words */
#define STATEID    16
#define SESSION    36 /* the result of SEQUENCE */

enum op {
	ACCESS = 3,
	CLOSE = 4,
	COMMIT = 5,
	CREATE = 6,
	DELEGPURGE = 7,
	DELEGRETURN = 8,
	GETATTR = 9,
	GETFH = 10,
	LINK = 11,
	LOCK = 12,
	LOCKT = 13,
	LOCKU = 14,
	LOOKUP = 15,
	LOOKUPP = 16,
	NVERIFY = 17,
	OPEN = 18,
	OPENATTR = 19,
	OPEN_CONFIRM = 20,
	OPEN_DOWNGRADE = 21,
	PUTFH = 22,
	PUTPUBFH = 23,
	PUTROOTFH = 24,
	READ = 25,
	READDIR = 26,
	READLINK = 27,
	REMOVE = 28,
	RENAME = 29,
	RENEW = 30,
	RESTOREFH = 31,
	SAVEFH = 32,
	SECINFO = 33,
	SETATTR = 34,
	SETCLIENTID = 35,
	SETCLIENTID_CONFIRM = 36,
	VERIFY = 37,
	WRITE = 38,
	RELEASE_LOCKOWNER = 39,
	DESTROY_SESSION = 44,
	FREE_STATEID = 45,
	SECINFO_NO_NAME = 52,
	SEQUENCE = 53,
	DESTROY_CLIENTID = 57,
	RECLAIM_COMPLETE = 58,
	OP_MAX = 75,
};

/* How little an operation says about what a compound is for. */
static int tier(uint8_t op)
{
	switch (op) {
	case ACCESS:
	case VERIFY:
	case NVERIFY:
		return 2;
	case GETATTR:
	case GETFH:
		return 3;
	case PUTFH:
	case PUTPUBFH:
	case PUTROOTFH:
		return 4;
	case SAVEFH:
	case RESTOREFH:
	case SEQUENCE:
		return 5;
	default:
		return 1;
	}
}

static void name(struct parse *x, struct kept *into, struct bytes *b)
{
	struct bytes text = xdr_opaque(b, NAME_MAX_);
	if (text.bad)
		return;
	*into = (struct kept){0}; /* of several LOOKUPs the last one */
	kept_set(x, into, text);
}

static void skip_bitmap(struct bytes *b)
{
	uint32_t words = bytes_be32(b);
	if (words > BITMAP_MAX)
		bytes_fail(b);
	bytes_skip(b, 4 * (size_t)words);
}

static void skip_attributes(struct bytes *b)
{
	skip_bitmap(b);
	xdr_opaque(b, OPAQUE_MAX);
}

static void create(struct parse *x, struct rpc_call *c, struct bytes *b)
{
	enum { BLOCK = 3, CHARACTER = 4, SYMLINK = 5 };
	uint32_t type = bytes_be32(b);
	if (type == SYMLINK)
		name(x, &c->new_name, b);
	else if (type == BLOCK || type == CHARACTER)
		bytes_skip(b, 8);
	name(x, &c->file, b);
	skip_attributes(b);
}

/* RFC 7530, 16.16: seqid, access, deny, owner, how, claim. */
static void open_file(struct parse *x, struct rpc_call *c, struct bytes *b)
{
	enum { CREATE_ = 1, EXCLUSIVE = 2, EXCLUSIVE_1 = 3 };
	bytes_skip(b, 12 + 8);
	xdr_opaque(b, OPAQUE_MAX);
	if (bytes_be32(b) == CREATE_) {
		uint32_t mode = bytes_be32(b);
		if (mode == EXCLUSIVE || mode == EXCLUSIVE_1)
			bytes_skip(b, 8);
		if (mode != EXCLUSIVE)
			skip_attributes(b);
	}
	switch (bytes_be32(b)) {
	case 0: /* by name */
	case 3: /* previous delegation, by name */
		name(x, &c->file, b);
		break;
	case 1: /* previous, with the kind of delegation */
		bytes_skip(b, 4);
		break;
	case 2: /* a delegation, and the name */
		bytes_skip(b, STATEID);
		name(x, &c->file, b);
		break;
	case 4: /* by handle */
	case 6:
		break;
	default:
		bytes_fail(b);
	}
}

static void lock(struct bytes *b)
{
	bytes_skip(b, 4 + 4 + 8 + 8);
	if (bytes_be32(b) != 0) { /* a new owner */
		bytes_skip(b, 4 + STATEID + 4 + 8);
		xdr_opaque(b, OPAQUE_MAX);
	} else {
		bytes_skip(b, STATEID + 4);
	}
}

static void place(struct rpc_call *c, struct bytes *b)
{
	uint64_t at = bytes_be64(b);
	if (!b->bad)
		c->at = (int64_t)(at & INT64_MAX);
}

static void set_client(struct bytes *b)
{
	bytes_skip(b, 8);
	xdr_opaque(b, OPAQUE_MAX);
	bytes_skip(b, 4);
	xdr_opaque(b, OPAQUE_MAX);
	xdr_opaque(b, OPAQUE_MAX);
	bytes_skip(b, 4);
}

/* Bytes of the arguments that are the same in all cases; -1: they are not. */
static int fixed_size(uint8_t op)
{
	static const struct {
		uint8_t op;
		int8_t bytes;
	} sizes[] = {{ACCESS, 4}, {CLOSE, 4 + STATEID}, {DELEGPURGE, 8},
	    {DELEGRETURN, STATEID}, {GETFH, 0}, {LOCKU, 8 + STATEID + 16}, {LOOKUPP, 0},
	    {OPENATTR, 4}, {OPEN_CONFIRM, STATEID + 4}, {OPEN_DOWNGRADE, STATEID + 12},
	    {PUTPUBFH, 0}, {PUTROOTFH, 0}, {READLINK, 0}, {RENEW, 8}, {RESTOREFH, 0},
	    {SAVEFH, 0}, {SETCLIENTID_CONFIRM, 16}, {DESTROY_SESSION, 16},
	    {FREE_STATEID, STATEID}, {SECINFO_NO_NAME, 4}, {SEQUENCE, 32},
	    {DESTROY_CLIENTID, 8}, {RECLAIM_COMPLETE, 4}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i].op == op)
			return sizes[i].bytes;
	}
	return -1;
}

/* Reads and writes; false: it is none. */
static bool transfer(struct rpc_call *c, uint8_t op, struct bytes *b)
{
	switch (op) {
	case READ:
		bytes_skip(b, STATEID);
		place(c, b);
		bytes_skip(b, 4);
		return true;
	case WRITE:
		bytes_skip(b, STATEID);
		place(c, b);
		bytes_skip(b, 4);
		if (b->left >= 4)
			c->bytes_written += load_be32(b->pos);
		xdr_opaque(b, UINT32_MAX);
		return true;
	case COMMIT:
		place(c, b);
		bytes_skip(b, 4);
		return true;
	case READDIR:
		bytes_skip(b, 8 + 8 + 4 + 4);
		skip_bitmap(b);
		return true;
	default:
		return false;
	}
}

static void arguments(struct parse *x, struct rpc_call *c, uint8_t op, struct bytes *b)
{
	int size = fixed_size(op);
	if (size >= 0) {
		bytes_skip(b, (size_t)size);
		return;
	}
	if (transfer(c, op, b))
		return;
	switch (op) {
	case PUTFH:
		rpc_handle(c, xdr_opaque(b, HANDLE_MAX));
		break;
	case LINK:
	case LOOKUP:
	case REMOVE:
	case SECINFO:
		name(x, &c->file, b);
		break;
	case RENAME:
		name(x, &c->file, b);
		name(x, &c->new_name, b);
		break;
	case CREATE:
		create(x, c, b);
		break;
	case OPEN:
		open_file(x, c, b);
		break;
	case GETATTR:
		skip_bitmap(b);
		break;
	case SETATTR:
		bytes_skip(b, STATEID);
		skip_attributes(b);
		break;
	case VERIFY:
	case NVERIFY:
		skip_attributes(b);
		break;
	case LOCK:
		lock(b);
		break;
	case LOCKT:
		bytes_skip(b, 4 + 16 + 8);
		xdr_opaque(b, OPAQUE_MAX);
		break;
	case RELEASE_LOCKOWNER:
		bytes_skip(b, 8);
		xdr_opaque(b, OPAQUE_MAX);
		break;
	case SETCLIENTID:
		set_client(b);
		break;
	default:
		bytes_fail(b);
	}
}

void nfs4_call(struct parse *x, struct rpc_call *c, struct bytes b)
{
	if (c->procedure != 1)
		return;
	xdr_opaque(&b, TAG_MAX);
	bytes_skip(&b, 4);
	uint32_t n = bytes_be32(&b);
	if (n > NFS4_OPS_MAX) {
		x->counters->over_limit++;
		n = NFS4_OPS_MAX;
	}
	for (uint32_t i = 0; i < n && !b.bad; i++) {
		uint32_t op = bytes_be32(&b);
		if (b.bad || op < ACCESS || op > OP_MAX)
			return;
		c->op[c->ops++] = (uint8_t)op;
		if (c->main == 0 || tier((uint8_t)op) <= tier(c->main))
			c->main = (uint8_t)op;
		arguments(x, c, (uint8_t)op, &b);
	}
}

void nfs4_reply(struct rpc_call *c, struct bytes b)
{
	if (c->procedure != 1)
		return;
	uint32_t status = bytes_be32(&b);
	if (b.bad)
		return;
	c->result = status;
	xdr_opaque(&b, TAG_MAX);
	uint32_t n = bytes_be32(&b);
	for (uint32_t i = 0; i < n && i < NFS4_OPS_MAX && !b.bad; i++) {
		uint32_t op = bytes_be32(&b);
		if (bytes_be32(&b) != 0)
			return;
		switch (op) {
		case PUTFH:
		case PUTROOTFH:
		case SAVEFH:
		case RESTOREFH:
		case LOOKUP:
			break;
		case SEQUENCE:
			bytes_skip(&b, SESSION);
			break;
		case ACCESS:
			bytes_skip(&b, 8);
			break;
		case READ:
			bytes_skip(&b, 4);
			c->bytes_read += bytes_be32(&b);
			return;
		default:
			return;
		}
	}
}
