/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SMB1 and SMB2 keep of a connection: sessions, trees, open files, and requests that
 * wait for their answer. Each list holds the oldest first; over its limit the oldest
 * gives way, is emitted as far as it is known, and is counted.
 */
#ifndef DWELL_PROTO_SMB_STATE_H
#define DWELL_PROTO_SMB_STATE_H

#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/windows/ntlm.h"

#define SMB_SESSIONS_MAX 32 /* of one connection, likewise the next three */
#define SMB_TREES_MAX    64
#define SMB_FILES_MAX    256
#define SMB_REQUESTS_MAX 256
#define SMB_NAME_MAX     1024  /* bytes kept of a path */
#define SMB_HEAD_KEPT    4096  /* of a message too long to be held: its head */
#define SMB_MESSAGE_KEPT 66560 /* bytes of the longest message that is read whole */

struct dcerpc;

enum smb_share { SMB_SHARE_UNKNOWN, SMB_SHARE_DISK, SMB_SHARE_PIPE, SMB_SHARE_PRINT };

/* What names a thing on this connection: (session, tree), a file's id, a message's. */
struct smb_key {
	uint64_t a, b;
};

struct smb_session {
	struct smb_key id;
	struct ntlm ntlm;
	char *user; /* owned; NULL: not known */
};

struct smb_tree {
	struct smb_key id;
	char *path, *service, *fs; /* owned */
	enum smb_share share;
};

/* What goes one way of a file: written (0) or read (1). */
struct smb_flow {
	struct transfer *file; /* owned; NULL: nothing, or refused */
	bool begun;
	uint64_t place; /* in the file, of the next byte of the message at hand */
	uint64_t next;  /* behind all that was had */
};

struct smb_file {
	struct smb_key id, tree;
	char *name; /* owned */
	uint64_t read_bytes, write_bytes, size;
	bool pipe;
	bool touched; /* something was read or written */
	bool doomed;  /* deleted when it is closed */
	struct moment modified, accessed, created, changed;
	struct dcerpc *rpc; /* owned; NULL: no bytes of a pipe were seen */
	struct smb_flow flow[2];
};

struct smb_request {
	struct smb_key id; /* of the message; b: place in a chain */
	struct smb_key tree, file;
	uint64_t session;
	struct moment ts; /* and where it stands */
	uint32_t source;
	uint64_t offset;
	uint16_t command;
	uint32_t function; /* what of the command, as it needs */
	uint64_t count;    /* bytes to write */
	uint64_t place;    /* in the file, of a read */
	uint64_t
	    opened_by;    /* SMB2: the message whose answer will say the file; 0: known */
	const char *word; /* of its row; NULL: it has none */
	char *name, *other; /* owned: a path, the one before a renaming */
};

/* A list of any of these; size is that of an element, which begins with its key. */
struct smb_list {
	void *v; /* owned */
	size_t n, room, size;
};

struct smb_side {
	struct buffer in;
	uint64_t skip;    /* bytes of a message that are passed over */
	uint64_t content; /* of them, those at the front that are a file's content */
	struct smb_key content_of;
	bool lost; /* where in a message we are is not known */
};

struct smb_state {
	struct smb_list sessions, trees, files, requests;
	struct smb_side side[2];
	struct dcerpc *spare; /* of pipes without a name */
	size_t held;          /* bytes owned */
	char *offered;        /* SMB1: the client's dialects, joined by '\n'; owned */
	char *dialect1;       /* SMB1: the agreed one; owned */
	uint16_t dialect;     /* SMB2: agreed; 0: not known */
	bool unicode;         /* SMB1: of the message at hand */
	bool dark;            /* an encrypted or compressed message was seen and said */
	unsigned version;     /* 1 or 2: of the message at hand */
};

/* The lists, empty. */
void smb_state_init(struct smb_state *st);

/* The i-th element, oldest first. */
void *smb_at(const struct smb_list *l, size_t i);

/* The element with that key; NULL: none. Valid until the next change of the list. */
void *smb_find(const struct smb_list *l, struct smb_key id);

/* The same, added and zeroed where there was none; NULL without memory. */
struct smb_session *smb_session(struct parse *x, struct smb_state *st, uint64_t id);
/* The session that the answer names, which takes over what the request said under
 * another number (0: the server had not given one yet). */
struct smb_session *smb_session_named(
    struct parse *x, struct smb_state *st, uint64_t asked, uint64_t answered);
struct smb_tree *smb_tree(struct parse *x, struct smb_state *st, struct smb_key id);
struct smb_file *smb_file(struct parse *x, struct smb_state *st, struct smb_key id);

/* A new request, with its time and place set. NULL without memory. */
struct smb_request *smb_request(struct parse *x, struct smb_state *st, struct smb_key id);

/* Move the request with that key to *q, whose texts the caller frees by
 * smb_request_done; false: there is none. */
bool smb_request_take(struct smb_state *st, struct smb_key id, struct smb_request *q);
void smb_request_done(struct smb_state *st, struct smb_request *q);

/* Forget a tree, a file (with a row of its closing) or a session. */
void smb_tree_drop(struct smb_state *st, struct smb_key id);
void smb_file_drop(struct parse *x, struct smb_state *st, struct smb_key id);
void smb_session_drop(struct parse *x, struct smb_state *st, uint64_t id);

/* Keep a copy of text at *slot, in place of what was there. */
void smb_keep(struct smb_state *st, char **slot, struct str text);

/* Give the bytes that went through a pipe to DCE/RPC. */
void smb_pipe(struct parse *x, struct smb_state *st, struct smb_file *f, bool answer,
    struct bytes b);

/* Content of a file in a message: n bytes from place on, of which some may come later. */
struct smb_piece {
	uint64_t place, n;
	struct bytes here; /* its first ones, as far as the message is held */
};

/* A file is read (answer) or written; f may be NULL. */
void smb_content(struct parse *x, struct smb_state *st, struct smb_file *f, bool answer,
    const struct smb_piece *piece);

/* The next n bytes of a message behind its head; p NULL: they are missing. */
void smb_content_rest(
    struct parse *x, struct smb_state *st, bool answer, const uint8_t *p, uint64_t n);

/* Emit the rows of what was read and written. */
void smb_content_end(struct parse *x, struct smb_file *f, bool closed);

/* The columns that every row of a request shares; q may be NULL (an answer without one).
 * status is negative where there was no answer. */
void smb_row(struct parse *x, struct smb_state *st, const struct smb_request *q,
    int64_t status, struct smb_record *r);

/* A tree's columns, from its key. */
void smb_row_tree(const struct smb_state *st, struct smb_key tree, struct smb_record *r);

/* Emit a row of closing: bytes read and written. q as above. */
void smb_row_close(struct parse *x, struct smb_state *st, const struct smb_request *q,
    const struct smb_file *f, int64_t status);

/* A file was opened by that request; times are created, accessed, written, changed. */
void smb_opened(struct smb_state *st, struct smb_file *f, const struct smb_request *q,
    struct bytes times);

/* Emit a row of opening; f is NULL where it failed. */
void smb_row_open(struct parse *x, struct smb_state *st, const struct smb_request *q,
    const struct smb_file *f, int64_t status);

/* Emit a row of renaming or deleting, and keep the new name. */
void smb_row_change(
    struct parse *x, struct smb_state *st, const struct smb_request *q, int64_t status);

/* A file was closed: its rows, and forget it. */
void smb_closed(struct parse *x, struct smb_state *st, const struct smb_request *q,
    struct smb_file *f, int64_t status);

/* Take a security token of a session setup. */
void smb_token(
    struct parse *x, struct smb_state *st, struct smb_session *s, struct bytes blob);

/* The session's setup has ended with that status; its row. */
void smb_session_set_up(struct parse *x, struct smb_state *st, struct smb_session *s,
    const struct smb_request *q, int64_t status, bool guest);

/* Emit what is open, free all. */
void smb_state_end(struct parse *x, struct smb_state *st);

/* A time of Windows: 100 ns since 1601; MOMENT_NONE for 0. */
struct moment smb_time(uint64_t filetime);

/* The agreed dialect's name; absent: not known. */
struct str smb_dialect(struct parse *x, const struct smb_state *st);

#define SMB_TIMES_BYTES            32                 /* four times of Windows */
#define SMB_DOS_STATUS             (INT64_C(1) << 32) /* added to an error of DOS: class, code */
#define SMB_DELETE_ON_CLOSE        0x1000u            /* option of opening */
#define SMB_NO_STATUS              (-1)
#define SMB_STATUS_OK              0
#define SMB_STATUS_PENDING         0x103u
#define SMB_STATUS_BUFFER_OVERFLOW 0x80000005u
#define SMB_STATUS_MORE_PROCESSING 0xc0000016u

/* smb1.c, smb2.c: a message from its four bytes of magic on, or its head. */
void smb1_message(struct parse *x, struct smb_state *st, struct bytes message);
void smb2_message(struct parse *x, struct smb_state *st, struct bytes message);

#endif
