/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much names can say: an upper bound of the information that whoever answers for a
 * domain received in a day (Paxson et al. 2013), by lossless compression of what was
 * asked for the first time and by the entropy of its characters, whichever is less.
 *
 * Order must not matter to the caller: names are given sorted.
 */
#ifndef DWELL_DETECT_DNS_INFORMATION_H
#define DWELL_DETECT_DNS_INFORMATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define INFORMATION_DEFLATE_MAX                                                          \
	(1u << 20) /* bytes compressed; the rest goes by entropy */

struct information; /* a compressor that is used over and over */

/* NULL: no memory left. */
struct information *information_new(void);
void information_free(struct information *m);

/* Begin anew. */
void information_reset(struct information *m);

/* One name more, without its domain. Bytes that the tables write as \xHH count as one. */
void information_add(struct information *m, struct str sub);

/* Bytes added so far, after \xHH became one byte. */
uint64_t information_length(const struct information *m);

/* The bound for what was added, in bytes. Nothing can be added until it is reset. */
double information_bytes(struct information *m);

#endif
