/* SPDX-License-Identifier: Apache-2.0 */
/* One command of a message of SMB1; shared by smb1.c and smb1_answer.c alone. */
#ifndef DWELL_PROTO_SMB1_H
#define DWELL_PROTO_SMB1_H

#include "proto/windows/smb_state.h"

enum smb1_command {
	SMB1_DELETE_DIRECTORY = 0x01,
	SMB1_OPEN = 0x02,
	SMB1_CREATE = 0x03,
	SMB1_CLOSE = 0x04,
	SMB1_DELETE = 0x06,
	SMB1_RENAME = 0x07,
	SMB1_READ = 0x0a,
	SMB1_WRITE = 0x0b,
	SMB1_TRANSACTION = 0x25,
	SMB1_OPEN_ANDX = 0x2d,
	SMB1_READ_ANDX = 0x2e,
	SMB1_WRITE_ANDX = 0x2f,
	SMB1_TRANSACTION2 = 0x32,
	SMB1_TREE_CONNECT = 0x70,
	SMB1_TREE_DISCONNECT = 0x71,
	SMB1_NEGOTIATE = 0x72,
	SMB1_SESSION_SETUP = 0x73,
	SMB1_LOGOFF = 0x74,
	SMB1_TREE_CONNECT_ANDX = 0x75,
	SMB1_NT_TRANSACT = 0xa0,
	SMB1_NT_CREATE = 0xa2,
	SMB1_NONE = 0xff, /* ends a chain */
};

#define SMB1_DATA_HEADER 3 /* before the content in READ and WRITE: format, length */

struct smb1 {
	struct bytes message; /* from the magic on */
	unsigned command;
	bool answer, unicode;
	int64_t status;   /* of answers; SMB_DOS_STATUS and more: an error of DOS */
	uint64_t session; /* UID */
	struct smb_key tree;
	uint64_t id; /* process and multiplex number */
	struct bytes words, data;
};

/* Key of the request of a command; one message may hold several commands. */
static inline struct smb_key smb1_key(const struct smb1 *m)
{
	return (struct smb_key){m->id, 1 + (uint64_t)m->command};
}

/* Key of a file. */
static inline struct smb_key smb1_file(unsigned fid)
{
	return (struct smb_key){fid, UINT64_MAX};
}

/* Take a text out of the data: UTF-16 on an even place of the message, or bytes. */
struct str smb1_text(struct parse *x, const struct smb1 *m, struct bytes *data);

/* n bytes at that place of the message, as far as they are there. */
struct bytes smb1_part(const struct smb1 *m, size_t at, size_t n);

/* An answer to a request that waits, if there is one. */
void smb1_answer(struct parse *x, struct smb_state *st, const struct smb1 *m);

#endif
