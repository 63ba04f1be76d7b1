/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bencoding (BEP 3): i42e, 4:text, l…e, d…e. A value is taken out whole, without
 * recursion, so that no depth costs anything; what is inside is then read the same way.
 */
#ifndef DWELL_PROTO_BENCODE_H
#define DWELL_PROTO_BENCODE_H

#include "base/bytes.h"

enum bencode_kind { BENCODE_NONE, BENCODE_INT, BENCODE_TEXT, BENCODE_LIST, BENCODE_DICT };

struct bencode {
	enum bencode_kind kind;
	int64_t number;       /* of INT */
	struct bytes content; /* of TEXT; of LIST and DICT what is inside */
};

/* Take the next value out of b; kind NONE, and b fails, when there is no whole one. */
struct bencode bencode_take(struct bytes *b);

/* The value of that key in a dictionary's content; kind NONE: it has none. */
struct bencode bencode_find(struct bytes dict, const char *key);

#endif
