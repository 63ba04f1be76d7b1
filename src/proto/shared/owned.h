/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that a parser's state owns: each in memory of its own, NUL-terminated, and
 * counted in the bytes that the state holds.
 */
#ifndef DWELL_PROTO_OWNED_H
#define DWELL_PROTO_OWNED_H

#include <stdbool.h>

#include "base/str.h"

/* Put a copy of text into *slot instead of what is there, its bytes counted in *held; an
 * absent text, or want of memory, leaves NULL. */
void owned_put(size_t *held, char **slot, struct str text);

/* Room for one more element behind the n of an owned array *v of *room elements of that
 * size, its bytes counted in *held: it grows by doubling. False without memory. */
bool owned_grow(size_t *held, void **v, size_t *room, size_t n, size_t size);

/* Put at most n bytes of it, cut between characters. */
void owned_put_cut(size_t *held, char **slot, struct str text, size_t n);

#endif
