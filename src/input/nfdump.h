/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of nfdump, in the layouts 1 (nfdump 1.6) and 2 (1.7), as a little-endian machine
 * writes them: a header, then blocks of records, each compressed by itself.
 *
 *     layout 1   | 0xa50c | 1 | flags | blocks | ident 128 | statistics 136 | block ...
 *     layout 2   | 0xa50c | 2 | version | created | compression ... (40 bytes) | block
 * ... block      | records | size | type | flags | size bytes of records record     |
 * type | size | ...
 */
#ifndef DWELL_INPUT_NFDUMP_H
#define DWELL_INPUT_NFDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "input/netflow_row.h"

#define NFDUMP_BLOCK_MAX (8U << 20) /* bytes of a block, as it lies and decompressed */
#define NFDUMP_MAPS_MAX  4096       /* extension maps of one file (layout 1) */
#define NFDUMP_MAP_MAX   64         /* extensions in one */

#define NFDUMP_HEADER_1 276
#define NFDUMP_HEADER_2 40

enum nfdump_compression {
	NFDUMP_PLAIN,
	NFDUMP_LZO,
	NFDUMP_BZIP2,
	NFDUMP_LZ4,
	NFDUMP_ZSTD,
	NFDUMP_COMPRESSIONS
};

/* Which extensions follow a record's fixed part, in what order (layout 1). */
struct nfdump_map {
	uint16_t id;
	uint16_t count;
	uint16_t extension[NFDUMP_MAP_MAX];
};

struct nfdump_maps {
	struct nfdump_map *v; /* owned by the caller of nfdump_record */
	size_t count, room;
	uint32_t *by_id; /* 65536: place in v, plus 1; owned as v */
};

enum nfdump_result {
	NFDUMP_ROW,     /* *row is set, but for exporter's number and place */
	NFDUMP_OTHER,   /* a record of another kind */
	NFDUMP_BROKEN,  /* its lengths contradict each other */
	NFDUMP_NO_MAP,  /* its extension map was not met */
	NFDUMP_TOO_MANY /* extension maps */
};

/* Read one record (its own header included): layout 1 keeps maps in m. */
enum nfdump_result nfdump_record(
    struct bytes record, struct nfdump_maps *m, struct netflow_row *row);

/* Decompress the n bytes at p to at most room bytes at out; the number of bytes, negative
 * when the data is damaged or would need more room. */
ptrdiff_t nfdump_unpack(
    enum nfdump_compression how, const uint8_t *p, size_t n, uint8_t *out, size_t room);

/* The same of one LZO1X stream, … */
ptrdiff_t nfdump_unpack_lzo(const uint8_t *p, size_t n, uint8_t *out, size_t room);

/* … and of one LZ4 block. */
ptrdiff_t nfdump_unpack_lz4(const uint8_t *p, size_t n, uint8_t *out, size_t room);

#endif
