/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that a parser's state owns: each in memory of its own, NUL-terminated, and
 * counted in the bytes that the state holds.
 */
#ifndef DWELL_PROTO_OWNED_H
#define DWELL_PROTO_OWNED_H

#include "base/str.h"

/* Put a copy of text into *slot instead of what is there, its bytes counted in *held; an
 * absent text, or want of memory, leaves NULL. */
void owned_put(size_t *held, char **slot, struct str text);

/* Put at most n bytes of it, cut between characters. */
void owned_put_cut(size_t *held, char **slot, struct str text, size_t n);

#endif
