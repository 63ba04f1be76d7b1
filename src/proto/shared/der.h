/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of DER (X.690), read out of a bounded cursor.
 *
 *     tag(1) length(1, or 0x80+n and n bytes, n at most 4) content
 *
 * An element is taken out whole before anybody looks inside. Tags above 30 and indefinite
 * lengths are malformed here: certificates have neither. Lengths that are longer than
 * they need be are let through, as other readers do.
 */
#ifndef DWELL_PROTO_DER_H
#define DWELL_PROTO_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/moment.h"
#include "base/str.h"

#define SERIAL_BYTES_MAX 256 /* of a serial number printed; RFC 5280 allows 20 */

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_NUMERIC_STRING = 0x12,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,     /* [n] with plain content */
	DER_CONSTRUCTED = 0xa0, /* [n] with elements inside */
};

struct der {
	uint8_t tag;
	struct bytes content;
	struct bytes whole; /* tag and length included */
};

/* Take the next element out of b; false, and b fails, when none is there whole. */
bool der_next(struct bytes *b, struct der *e);

/* The same if it has that tag; false, and b is left as it was, when it has another. */
bool der_expect(struct bytes *b, uint8_t tag, struct der *e);

/* Whether an element with that tag comes next. */
bool der_peek(const struct bytes *b, uint8_t tag);

/* The magnitude of an INTEGER's content without leading zero bytes; *negative says its
 * sign. A negative one is given as it stands (two's complement). */
struct bytes der_integer(struct bytes content, bool *negative);

/* An INTEGER's content as upper-case hexadecimal of whole bytes, in the arena; a negative
 * serial number (not allowed, but seen) as '-' and its magnitude. Absent: over the limit,
 * or no memory. */
struct str der_serial_text(struct arena *a, struct bytes content);

/* Bits of a number without leading zero bytes. */
size_t der_bits(struct bytes magnitude);

/* Read a UTCTime or GeneralizedTime; MOMENT_NONE when it is none. */
struct moment der_time(const struct der *e);

#endif
