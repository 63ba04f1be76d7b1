/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pseudonyms: the same thing always becomes the same other thing under a key, and nobody
 * without the key can tell what it was. doc/decisions/pseudonyms.md says what this hides
 * and what it can not hide.
 *
 *     address   Crypto-PAn: addresses of one network stay in one network
 *     name      a token a label, under the public suffix: names of one domain stay in one
 *     text      a token
 *
 * A token is the beginning of HMAC-SHA-256 in base 32.
 */
#ifndef DWELL_STORE_PSEUDONYM_H
#define DWELL_STORE_PSEUDONYM_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define PSEUDONYM_KEY_BYTES   64  /* Crypto-PAn's 32, then 32 for tokens */
#define PSEUDONYM_TOKEN_CHARS 16  /* of a token: 80 bits */
#define PSEUDONYM_LABELS_MAX  127 /* of a name; one with more becomes a single token */

struct pseudonym;

/* Make a new random key in a file that only its owner can read (0600). Negative with *e
 * set; ERR_USAGE when the file is there already: a key that is lost is lost. */
int pseudonym_key_new(const char *path, struct error *e);

/* Read the key. Negative with *e set when it is no key, or when others may read it. */
int pseudonym_key_read(
    const char *path, uint8_t key[static PSEUDONYM_KEY_BYTES], struct error *e);

/* Pseudonyms under a key. NULL with *e set. */
struct pseudonym *pseudonym_new(
    const uint8_t key[static PSEUDONYM_KEY_BYTES], struct error *e);

/* Wipe and free; NULL is fine. */
void pseudonym_free(struct pseudonym *p);

/*
 * The pseudonym of an address. What names no machine stays as it is: 0.0.0.0/8,
 * 127.0.0.0/8, 224.0.0.0/3, ::, ::1, ff00::/8; no other address becomes one of these.
 */
struct addr pseudonym_addr(struct pseudonym *p, const struct addr *a);

/*
 * All of these give a text in the arena (absent for absent, and when the arena is full):
 *
 * place    an address as text, else a name: one token a label, the public suffix kept.
 *          Names under in-addr.arpa and ip6.arpa follow the address they spell.
 * address  an address as text; absent when it is none
 * token    any text as one token
 * answer   data of a DNS answer: an address, a name, numbers and names (MX, SRV, SOA),
 *          else a token
 * word     a word of a protocol that is common knowledge stays, any other is a token
 * facts    a finding's facts (JSON) without their texts
 */
struct str pseudonym_place(struct pseudonym *p, struct str s, struct arena *a);
struct str pseudonym_address(struct pseudonym *p, struct str s, struct arena *a);
struct str pseudonym_token(struct pseudonym *p, struct str s, struct arena *a);
struct str pseudonym_answer(struct pseudonym *p, struct str s, struct arena *a);
struct str pseudonym_word(struct pseudonym *p, struct str s, struct arena *a);
struct str pseudonym_facts(struct pseudonym *p, struct str s, struct arena *a);

#endif
