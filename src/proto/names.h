/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which name led a client to an address: answers of DNS, kept
 * per client and address, newest first out of a bounded table.
 * Fed by the dns parser, asked when a conn record is written.
 */
#ifndef DWELL_PROTO_NAMES_H
#define DWELL_PROTO_NAMES_H

#include <stddef.h>

#include "base/addr.h"
#include "base/moment.h"
#include "base/str.h"

#define NAMES_LIMIT     65536 /* pairs (client, address); the longest unused goes first */
#define NAMES_BYTES_MAX (16u << 20) /* of all texts together; over it the oldest go */

struct names;

/* An empty table of so many pairs, and so many bytes of names; NULL only without memory.
 */
struct names *names_new(size_t pairs, size_t bytes);

/* The client was told that name has this address. The name is copied, lower case,
 * no final dot; of a CNAME chain it is the name that was asked for. */
void names_learn(struct names *n, const struct addr *client, const struct addr *address,
    struct str name, struct moment when);

/* The name last told to the client for the address at or before when;
 * absent if none. Borrowed until the next names_learn. */
struct str names_find(struct names *n, const struct addr *client,
    const struct addr *address, struct moment when);

/* How many pairs were forgotten for want of room. */
uint64_t names_forgotten(const struct names *n);

/* Free the table; NULL is fine. */
void names_free(struct names *n);

#endif
