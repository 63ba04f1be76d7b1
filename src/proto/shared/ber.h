/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of BER (X.690) as industrial protocols send them: tags of any number, definite
 * lengths of at most 4 bytes. (der.h reads the stricter kind that certificates are made
 * of.)
 */
#ifndef DWELL_PROTO_BER_H
#define DWELL_PROTO_BER_H

#include "base/bytes.h"

/* A tag: class and form in the top three bits of the first byte, and its number. */
struct ber {
	uint8_t first;   /* class 0xc0, constructed 0x20, low bits of the number */
	uint32_t number; /* below 31: in the first byte */
	struct bytes content;
};

enum { BER_CONSTRUCTED = 0x20, BER_CONTEXT = 0x80, BER_LONG = 0x1f };

/* Take the next element out of b; false, and b fails, when none is there whole. */
bool ber_next(struct bytes *b, struct ber *e);

/* The content of the first element of b whose first byte is this; bad: none. */
struct bytes ber_child(struct bytes b, uint8_t first);

/* The content of the first element under path, a text of first bytes from the outside
 * in; bad: there is none. */
struct bytes ber_at(struct bytes b, const uint8_t *path, size_t n);

/* An unsigned integer's content of at most 8 bytes; more: its last 8. */
uint64_t ber_number(struct bytes content);

#endif
