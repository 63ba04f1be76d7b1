/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as Windows sends it: UTF-16, least byte first, with or without a zero at its end.
 * Halves of surrogate pairs that stand alone become U+FFFD, control characters \xNN as
 * in every text of a record.
 */
#ifndef DWELL_PROTO_UTF16_H
#define DWELL_PROTO_UTF16_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

/* The text up to its first zero or its end, in the arena; absent over its limit. */
struct str utf16_text(struct arena *a, struct bytes b);

/* The same of a text of bytes in an unknown code page: up to its first zero. */
struct str oem_text(struct arena *a, struct bytes b);

/* Take a text that a zero ends out of b; the rest of b where no zero comes. */
struct str utf16_take(struct arena *a, struct bytes *b);
struct str oem_take(struct arena *a, struct bytes *b);

#endif
