/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SSH key exchange says in clear (RFC 4253, 7.1; RFC 4250, 4.1).
 *
 *     KEXINIT: byte 20, cookie[16], ten name-lists (below), boolean, uint32 0
 *     name-list: uint32 length, names joined by ','
 */
#ifndef DWELL_PROTO_SSH_KEX_H
#define DWELL_PROTO_SSH_KEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/str.h"
#include "proto/shared/digest.h"

#define SSH_FINGERPRINT_MAX 48 /* bytes of an MD5 in hex with colons, and NUL */

/* The lists, in the order in which they are sent.
 * C: client to server, S: server to client. */
enum ssh_list {
	SSH_KEX,
	SSH_HOST_KEY,
	SSH_CIPHER_C,
	SSH_CIPHER_S,
	SSH_MAC_C,
	SSH_MAC_S,
	SSH_COMPRESSION_C,
	SSH_COMPRESSION_S,
	SSH_LANGUAGE_C,
	SSH_LANGUAGE_S,
	SSH_LISTS
};

struct ssh_lists {
	struct str list[SSH_LISTS]; /* borrowed from the message */
};

/* Read the payload of a KEXINIT, message number included; false when it is not one. */
bool ssh_lists_read(struct bytes payload, struct ssh_lists *out);

/* HASSH of a client, or with server HASSHServer: the MD5 of "kex;cipher;mac;compression"
 * in the direction in which the speaker sends. */
void ssh_hassh(
    const struct ssh_lists *lists, bool server, char out[static DIGEST_TEXT_MAX]);

/* The first name of the client's list that the server's has
 * too; absent: none. Of each list only the first 128 names
 * count, so that hostile lists cost no more than long ones. */
struct str ssh_agreed(struct str client, struct str server);

/* Write the MD5 fingerprint of a host key blob, as "aa:bb:…". */
void ssh_fingerprint(struct bytes key, char out[static SSH_FINGERPRINT_MAX]);

#endif
