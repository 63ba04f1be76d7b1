/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFS 2 (RFC 1094) and 3 (RFC 1813): which file, and how much of it.
 *
 *     2  handle 32 | arguments         3  n 4 handle n | arguments
 */
#include "proto/remote/rpc_call.h"

#define NFS2_HANDLE 32
#define NFS3_HANDLE 64   /* at most */
#define NFS_NAME    1024 /* bytes of a name or path, at most */
#define NFS2_ATTR   68
#define NFS3_ATTR   84

enum nfs2 {
	NFS2_LOOKUP = 4,
	NFS2_READ = 6,
	NFS2_WRITE = 8,
	NFS2_CREATE = 9,
	NFS2_REMOVE = 10,
	NFS2_RENAME = 11,
	NFS2_LINK = 12,
	NFS2_SYMLINK = 13,
	NFS2_MKDIR = 14,
	NFS2_RMDIR = 15,
};

enum nfs3 {
	NFS3_LOOKUP = 3,
	NFS3_READ = 6,
	NFS3_WRITE = 7,
	NFS3_CREATE = 8,
	NFS3_MKDIR = 9,
	NFS3_SYMLINK = 10,
	NFS3_MKNOD = 11,
	NFS3_REMOVE = 12,
	NFS3_RMDIR = 13,
	NFS3_RENAME = 14,
	NFS3_LINK = 15,
	NFS3_COMMIT = 21,
};

/* What both versions call differently, but read alike. */
enum form { NO_FORM, NAME, NAMES, LINK, SYMLINK, READ, WRITE, COMMIT };

static enum form form_of(const struct rpc_call *c)
{
	static const uint8_t two[] = {[NFS2_LOOKUP] = NAME,
	    [NFS2_READ] = READ,
	    [NFS2_WRITE] = WRITE,
	    [NFS2_CREATE] = NAME,
	    [NFS2_REMOVE] = NAME,
	    [NFS2_RENAME] = NAMES,
	    [NFS2_LINK] = LINK,
	    [NFS2_SYMLINK] = SYMLINK,
	    [NFS2_MKDIR] = NAME,
	    [NFS2_RMDIR] = NAME};
	static const uint8_t three[] = {[NFS3_LOOKUP] = NAME,
	    [NFS3_READ] = READ,
	    [NFS3_WRITE] = WRITE,
	    [NFS3_CREATE] = NAME,
	    [NFS3_MKDIR] = NAME,
	    [NFS3_SYMLINK] = SYMLINK,
	    [NFS3_MKNOD] = NAME,
	    [NFS3_REMOVE] = NAME,
	    [NFS3_RMDIR] = NAME,
	    [NFS3_RENAME] = NAMES,
	    [NFS3_LINK] = LINK,
	    [NFS3_COMMIT] = COMMIT};
	if (c->version == 2)
		return c->procedure < sizeof(two) ? two[c->procedure] : NO_FORM;
	return c->procedure < sizeof(three) ? three[c->procedure] : NO_FORM;
}

static struct bytes handle(const struct rpc_call *c, struct bytes *b)
{
	return c->version == 2 ? bytes_sub(b, NFS2_HANDLE) : xdr_opaque(b, NFS3_HANDLE);
}

/* sattr3: each value with a word that says whether it is there. */
static void skip_attributes3(struct bytes *b)
{
	static const uint8_t value[] = {4, 4, 4, 8};
	for (int i = 0; i < 4; i++) {
		if (bytes_be32(b) != 0)
			bytes_skip(b, value[i]);
	}
	for (int i = 0; i < 2; i++) {
		if (bytes_be32(b) == 2)
			bytes_skip(b, 8);
	}
}

static void name(struct parse *x, struct kept *into, struct bytes *b)
{
	struct bytes text = xdr_opaque(b, NFS_NAME);
	if (!text.bad)
		kept_set(x, into, text);
}

/* The bytes that a call asks to write, as it says; those beyond the head are not held. */
static void write_call(struct rpc_call *c, struct bytes b)
{
	if (c->version == 2) {
		bytes_skip(&b, 4);
		c->at = bytes_be32(&b);
		bytes_skip(&b, 4);
		c->bytes_written = bytes_be32(&b);
	} else {
		c->at = (int64_t)(bytes_be64(&b) & INT64_MAX);
		bytes_skip(&b, 8);
		c->bytes_written = bytes_be32(&b);
	}
	if (b.bad)
		c->at = -1;
}

static void read_call(struct rpc_call *c, struct bytes b)
{
	c->at = c->version == 2 ? bytes_be32(&b) : (int64_t)(bytes_be64(&b) & INT64_MAX);
	if (b.bad)
		c->at = -1;
}

void nfs_call(struct parse *x, struct rpc_call *c, struct bytes b)
{
	if (c->procedure == 0 || (c->version == 2 && c->procedure == 3))
		return;
	rpc_handle(c, handle(c, &b));
	switch (form_of(c)) {
	case NAME:
		name(x, &c->file, &b);
		break;
	case NAMES:
		name(x, &c->file, &b);
		handle(c, &b);
		name(x, &c->new_name, &b);
		break;
	case LINK:
		handle(c, &b);
		name(x, &c->file, &b);
		break;
	case SYMLINK:
		name(x, &c->file, &b);
		if (c->version == 3)
			skip_attributes3(&b);
		name(x, &c->new_name, &b);
		break;
	case WRITE:
		write_call(c, b);
		break;
	case READ:
	case COMMIT:
		read_call(c, b);
		break;
	case NO_FORM:
		break;
	}
}

void nfs_reply(struct rpc_call *c, struct bytes b)
{
	if (c->procedure == 0)
		return;
	uint32_t status = bytes_be32(&b);
	if (b.bad)
		return;
	c->result = status;
	if (status != 0 || form_of(c) != READ)
		return;
	if (c->version == 2)
		bytes_skip(&b, NFS2_ATTR);
	else if (bytes_be32(&b) != 0)
		bytes_skip(&b, NFS3_ATTR);
	c->bytes_read = bytes_be32(&b);
}
