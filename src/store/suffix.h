/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a name splits by the Public Suffix List (publicsuffix.org), as libpsl has it
 * built in: no file and no network is read, so the same name splits the same way
 * everywhere.
 *
 *     www.bbc.co.uk        bbc.co.uk is registered, co.uk is the public suffix
 *
 * Names are lower case without the final dot, as in every table. The results borrow the
 * end of the name.
 */
#ifndef DWELL_STORE_SUFFIX_H
#define DWELL_STORE_SUFFIX_H

#include "base/hash.h"
#include "base/str.h"

#define SUFFIX_NAME_MAX 253 /* bytes of a name that can be split (RFC 1035) */

/* What was found out of names before: 56 bits of a name's hash under a key of its own,
 * and the bytes of its registered domain. Which names come is up to others, and so is
 * which replace which; no answer is. */
#define SUFFIX_MEMO (1U << 18) /* names */
struct suffix_memo {
	uint64_t *v; /* SUFFIX_MEMO; owned; NULL before the first name */
	struct hash_key key;
};

/* As suffix_registered, with a look into the memo, which is zeroed at first. */
struct str suffix_remember(struct suffix_memo *memo, struct str name);

/* Free what it owns. */
void suffix_memo_free(struct suffix_memo *memo);

/*
 * The part of a name that somebody registered: the public suffix and one label more. A
 * suffix that the list does not have is its last label. Absent for addresses, for public
 * suffixes themselves, for single labels and for what is no name.
 */
struct str suffix_registered(struct str name);

/* The public suffix of a name, only when the list has it; else absent. */
struct str suffix_public(struct str name);

#endif
