/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as bytes: between the process that reads packets and the one that writes the
 * memory, and in the journal of records. A frame is
 *
 *     0        4        8      10
 *     +--------+--------+------+------------ ... ---------+
 *     |checksum|payload |kind  | payload                  |
 *     +--------+--------+------+------------ ... ---------+
 *
 * all little-endian; the checksum is the low half of XXH3-64 over everything behind it.
 * kind is a record type, or WIRE_NOTE and more: a note, of which only its two ends know
 * the meaning. A record's payload is its fields in the order of record/tables.h:
 *
 *     TIME SECONDS REAL  8 bytes         COUNT  varint            FLAG  1 byte
 *     IP                 16 bytes        INT    varint, zigzag    PORT  2 bytes
 *     TEXT   varint: length + 1, 0 is absent; the bytes
 *     TEXTS  varint: how many; each as TEXT      INTS  likewise, each as INT
 *
 * Nothing says which field it is: who keeps frames keeps wire_layout with them. The
 * decoder trusts nobody: a process that reads hostile packets may have been taken over.
 */
#ifndef DWELL_RECORD_WIRE_H
#define DWELL_RECORD_WIRE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "record/record.h"

#define WIRE_HEAD      10          /* bytes before the payload */
#define WIRE_FRAME_MAX (2U << 20)  /* bytes of a frame, its head included */
#define WIRE_LIST_MAX  65536       /* elements of a list in a record */
#define WIRE_ARENA     (16U << 20) /* what the arena of wire_next is best limited to */
#define WIRE_NOTE      0x8000U     /* kinds of notes: WIRE_NOTE + 0 to 0x7fff */

/* Room for a record of any type. */
#define T(TYPE, type, table, FIELDS, what) struct type##_record as_##type;
union wire_record {
	RECORD_TABLES(T)
};
#undef T

struct wire_frame {
	uint16_t kind;            /* enum record_type, or WIRE_NOTE and more */
	union wire_record record; /* of a record: texts borrowed from input or arena */
	struct bytes note;        /* of a note: its payload, borrowed from the input */
};

enum wire_outcome {
	WIRE_FRAME,   /* one was taken out */
	WIRE_PART,    /* it is not all there: come again with more bytes */
	WIRE_DAMAGED, /* these bytes are no frame; where the next begins is unknown */
};

/* Write a record as a frame to the room bytes at out; its length, or 0 when it does not
 * fit there or into WIRE_FRAME_MAX. */
size_t wire_put(enum record_type type, const void *record, uint8_t *out, size_t room);

/* Write a note of the n bytes at p (kind is WIRE_NOTE or more), likewise. */
size_t wire_put_note(uint16_t kind, const void *p, size_t n, uint8_t *out, size_t room);

/*
 * Take the next frame out of in, which is moved behind it; at any other outcome in stays
 * as it was. Texts are made clean, so that a record holds what record.h promises whoever
 * wrote it. What it needs beside the input comes from the arena, valid until that is
 * reset: a frame for which it does not suffice is damaged.
 */
enum wire_outcome wire_next(struct bytes *in, struct arena *a, struct wire_frame *out);

/* A digest of all tables, columns and kinds: frames can be read where it is the same. */
uint64_t wire_layout(void);

#endif
