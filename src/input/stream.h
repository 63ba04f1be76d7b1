/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decompressed bytes of one file or pipe, through a sliding
 * window. Files are read, not mapped: a mapping would count as
 * our memory and a file that shrinks would kill us (SIGBUS).
 *
 *     front                    block
 *     [            ####rest####|######### new bytes #########      ]
 *                  ^pos                                     ^end
 *
 * What is left over from the last block is moved in front of the next one, so reads
 * always go to the same aligned place, which stays in the cache. A record that was taken
 * from the window is valid until the next stream_fill or stream_skip.
 */
#ifndef DWELL_INPUT_STREAM_H
#define DWELL_INPUT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "input/codec.h"
#include "input/fault.h"
#include "input/input.h"

#define STREAM_READ_BYTES  262144 /* asked from the operating system at once */
#define STREAM_SHOW_BYTES  32768  /* brought into the window at once */
#define STREAM_FIRST_BYTES 81920  /* the first time: enough for the prefix digest */
#define STREAM_PEEK_MAX    327680 /* most bytes in the window: the largest record */

/* More plain bytes than this times the compressed ones, past the first bytes: a bomb. */
#define STREAM_RATIO_MAX  2000
#define STREAM_RATIO_FREE (64ULL << 20)

struct stream {
	const uint8_t *pos, *end; /* the window */
	const uint8_t *ready;     /* from end to there: read, but not in the window yet */
	uint64_t offset;          /* of pos, in decompressed bytes */
	bool eof;                 /* nothing comes after the window */
	struct fault fault;       /* why it ended early; set only together with eof */

	const struct codec *codec; /* NULL: plain */
	uint64_t disk;             /* bytes taken from the operating system */
	uint64_t total;            /* decompressed bytes so far, the window included */
	struct digest prefix; /* of INPUT_PREFIX_BYTES; valid once total reached it */

	int descriptor;
	bool owned;      /* close the descriptor */
	uint8_t *buffer; /* front and block */
	uint8_t *raw;    /* compressed bytes; NULL when plain */
	const uint8_t *raw_pos;
	size_t raw_left;
	bool raw_last;
	void *decoder;
	void *hash; /* XXH3_state_t */
};

/*
 * Start reading the descriptor from where it stands; with owned,
 * stream_close closes it. The secret is borrowed until stream_close.
 * NULL without memory (the descriptor is closed then too, when
 * owned). Reads the first bytes, so eof and fault may be set at once.
 */
struct stream *stream_open(
    int descriptor, bool owned, const uint8_t secret[static INPUT_SECRET_BYTES]);

/* The bytes in the window now. */
static inline struct bytes stream_view(const struct stream *s)
{
	return bytes_over(s->pos, (size_t)(s->end - s->pos));
}

/* Drop the first n bytes of the window, n at most what is in it; frames stay valid. */
static inline void stream_advance(struct stream *s, size_t n)
{
	s->pos += n;
	s->offset += n;
}

/* Get at least want bytes (at most STREAM_PEEK_MAX) into the window; false at the end. */
bool stream_fill(struct stream *s, size_t want);

/* Drop the next n bytes, in the window or not; false when there are fewer. */
bool stream_skip(struct stream *s, uint64_t n);

/* Drop everything to the end, so that the digest covers it. */
void stream_drain(struct stream *s);

/* The digest of all bytes read so far. */
struct digest stream_digest(const struct stream *s);

/* Memory that the decoder holds, in bytes. */
size_t stream_memory(const struct stream *s);

/* End it; NULL is fine. */
void stream_close(struct stream *s);

#endif
