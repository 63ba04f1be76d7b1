/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the parsers of ONC RPC: a call that waits for its answer, and what the programs
 * (portmap, mount, NFS 2, 3, 4) take out of arguments and results. All are XDR (RFC
 * 4506): big-endian words, texts and opaque bytes with their length, padded to four.
 */
#ifndef DWELL_PROTO_RPC_CALL_H
#define DWELL_PROTO_RPC_CALL_H

#include "proto/shared/datagram.h"

enum rpc_program {
	PROGRAM_PORTMAP = 100000,
	PROGRAM_NFS = 100003,
	PROGRAM_MOUNT = 100005,
};

#define NFS4_OPS_MAX 32 /* operations read of a compound */

struct rpc_call {
	struct rpc_call *next;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	uint32_t xid, program, version, procedure;
	uint32_t flavour, uid, gid;
	bool known;     /* the call was seen */
	bool unix_auth; /* uid and gid are set */
	bool wrapped;   /* results lie in a wrapper of integrity (RFC 2203) */
	bool sealed;    /* arguments and results are encrypted */
	/* what the programs set */
	bool has_handle;
	uint32_t handle; /* CRC-32 */
	int64_t at;      /* place in the file; -1: none */
	uint64_t bytes_read, bytes_written;
	int64_t result; /* status; -1: none */
	int64_t port;   /* -1: none */
	uint32_t map[3];
	bool mapping;
	uint8_t ops, main; /* of a compound: how many, and which matters */
	uint8_t op[NFS4_OPS_MAX];
	struct kept machine, file, new_name;
};

/* Take a text or opaque bytes with its padding out of b; bad where it is longer than max.
 */
static inline struct bytes xdr_opaque(struct bytes *b, uint32_t max)
{
	uint32_t n = bytes_be32(b);
	if (n > max)
		bytes_fail(b);
	struct bytes v = bytes_sub(b, b->bad ? 1 : n);
	bytes_skip(b, (4 - n % 4) % 4);
	return v;
}

/* Remember a file handle by its CRC-32; the first one stays. */
void rpc_handle(struct rpc_call *c, struct bytes handle);

/* The arguments of a call, and the results of one that was accepted. b may be cut short
 * (what is beyond the head of a long message is not held). */
void portmap_call(struct parse *x, struct rpc_call *c, struct bytes b);
void portmap_reply(struct rpc_call *c, struct bytes b);
void mount_call(struct parse *x, struct rpc_call *c, struct bytes b);
void nfs_call(struct parse *x, struct rpc_call *c, struct bytes b);
void nfs_reply(struct rpc_call *c, struct bytes b);
void nfs4_call(struct parse *x, struct rpc_call *c, struct bytes b);
void nfs4_reply(struct rpc_call *c, struct bytes b);

/* Names for the row; in the scratch arena or static. */
struct str rpc_program_text(struct parse *x, uint32_t program);
struct str rpc_procedure_text(struct parse *x, const struct rpc_call *c);
struct str rpc_operations_text(struct parse *x, const struct rpc_call *c);
struct str rpc_flavour_text(struct parse *x, uint32_t flavour);
struct str rpc_result_text(struct parse *x, const struct rpc_call *c);

#endif
