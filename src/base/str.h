/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A borrowed piece of text: pointer and length, no NUL. p == NULL
 * means "absent" (NULL in a table), which differs from empty.
 * Text in records is clean: valid UTF-8 without control bytes.
 */
#ifndef DWELL_BASE_STR_H
#define DWELL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/addr.h"
#include "base/arena.h"

struct str {
	const char *p; /* borrowed; NULL: absent */
	size_t n;      /* bytes */
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : ""

/* Borrow a C string; NULL is absent. */
static inline struct str str_of(const char *nul_terminated)
{
	return (struct str){
	    nul_terminated, nul_terminated != NULL ? strlen(nul_terminated) : 0};
}

/* Same bytes; absent equals empty. */
static inline bool str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Order by bytes; absent and empty are equal and come first. */
int str_cmp(struct str a, struct str b);

/*
 * The n bytes from the wire at p as clean text: printable ASCII and valid UTF-8
 * stay, every other byte becomes \xNN (as Zeek writes it). Borrows p when nothing
 * had to change, else lives in the arena. Absent when the arena's limit is reached.
 */
struct str str_clean(struct arena *a, const void *p, size_t n);

/* The same, in lower case (ASCII letters only): host names. */
struct str str_clean_lower(struct arena *a, const void *p, size_t n);

/* A formatted text in the arena; absent when the arena's limit is reached. */
__attribute__((format(printf, 2, 3))) struct str str_format(
    struct arena *a, const char *format, ...);

/* Write character c as UTF-8 (RFC 3629) to o, which has room for four bytes: how many. */
size_t str_put_utf8(char *o, uint32_t c);

/* The first n bytes of s at most, cut between characters of UTF-8. */
struct str str_cut(struct str s, size_t n);

/* s without the characters of blanks at its ends. */
struct str str_trim(struct str s, const char *blanks);

/* The value of a digit of base64 (RFC 4648, section 4); -1: it is none. */
int str_base64_digit(char c);

/* A copy of s in the arena (absent stays absent). */
struct str str_copy(struct arena *a, struct str s);

/* Read an address from text as a table holds it; false, with *a unset, when it is none.
 */
bool str_addr(struct str s, struct addr *a);

/* The n bytes at p as lower-case hexadecimal digits. */
struct str str_hex(struct arena *a, const uint8_t *p, size_t n);

#endif
