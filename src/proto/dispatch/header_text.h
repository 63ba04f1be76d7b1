/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in headers: who opens connection after connection to one machine can say a letter
 * with each, in a field that nobody reads (Rowland, "Covert Channels in the TCP/IP
 * Protocol Suite", First Monday 1997: the IP identification, the sequence number).
 *
 *     SYN id 0x4800 seq 0x51a3…     'H'
 *     SYN id 0x6900 seq 0x07c4…     'i'
 *
 * Stacks fill these fields with counters, hashes or random numbers (RFC 6528, RFC 6864).
 * A byte that is random is printable with chance 98/256: 24 times in a row with 10^-10.
 * One that counts goes up; text goes up and down. So a byte of either field that was
 * printable in each of HEADER_TEXT_SYNS connections of a pair, took several values, and
 * fell as well as rose, becomes a row of anomaly (header_text): six bytes are looked at,
 * which gives one false row in 1.6 * 10^9 pairs with random fields.
 */
#ifndef DWELL_PROTO_DISPATCH_HEADER_TEXT_H
#define DWELL_PROTO_DISPATCH_HEADER_TEXT_H

#include "base/arena.h"
#include "base/str.h"
#include "flow/flow.h"

#define HEADER_TEXT_PAIRS 1024 /* that are held; a new one takes the place of another */
#define HEADER_TEXT_SYNS  24   /* of a pair, from which it is told, once */

struct header_texts;

/* An empty table; NULL: no memory. Freed by the caller. */
struct header_texts *header_texts_new(void);
void header_texts_free(struct header_texts *t);

/* Count the first packet of a connection. What a byte says, as a detail of anomaly, when
 * the pair has enough of them now, and in *since when the first of them came; else
 * absent. Lives in the arena. */
struct str header_texts_syn(struct header_texts *t, const struct packet *k,
    struct moment *since, struct arena *arena);

#endif
