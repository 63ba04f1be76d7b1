/* SPDX-License-Identifier: Apache-2.0 */
#include "input/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#ifdef HAVE_XXH_DISPATCH
#include <xxh_x86dispatch.h> /* the widest vectors that the processor has */
#endif

#include "base/size.h"

#define PROBE_BYTES 6 /* the longest magic number of a codec */

static uint8_t *block_start(const struct stream *s)
{
	return s->buffer + STREAM_PEEK_MAX;
}

/* read(2) that is not disturbed by signals; 0 at the end or with a fault. */
static size_t read_some(struct stream *s, uint8_t *p, size_t n)
{
	ssize_t got;
	do
		got = read(s->descriptor, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		fault_set(&s->fault, INPUT_UNREADABLE, s->total, "%s", strerror(errno));
		return 0;
	}
	s->disk += (size_t)got;
	return (size_t)got;
}

static struct digest hash_now(const struct stream *s)
{
	XXH128_hash_t h = XXH3_128bits_digest(s->hash);
	return (struct digest){h.high64, h.low64};
}

/* Account for n new plain bytes at p, which are in the cache now. */
static void took(struct stream *s, const uint8_t *p, size_t n)
{
	if (s->total < INPUT_PREFIX_BYTES && n >= INPUT_PREFIX_BYTES - s->total) {
		size_t head = (size_t)(INPUT_PREFIX_BYTES - s->total);
		XXH3_128bits_update(s->hash, p, head);
		s->prefix = hash_now(s);
		s->total += head;
		p += head;
		n -= head;
	}
	XXH3_128bits_update(s->hash, p, n);
	s->total += n;
}

static bool refill_raw(struct stream *s)
{
	if (s->raw_left > 0 || s->raw_last)
		return true;
	s->raw_pos = s->raw;
	s->raw_left = read_some(s, s->raw, STREAM_FIRST_BYTES);
	s->raw_last = s->raw_left == 0;
	return !s->fault.set;
}

/* One step of the decoder into p; false at the end. */
static bool decode_step(struct stream *s, uint8_t *p, size_t room, size_t *given)
{
	*given = 0;
	if (!refill_raw(s))
		return false;
	struct codec_io io = {s->raw_pos, s->raw_left, s->raw_last, p, room};
	struct fault f = {0};
	enum codec_result result = s->codec->step(s->decoder, &io, &f);
	*given = room - io.out_left;
	s->raw_pos = io.in;
	s->raw_left = io.in_left;
	uint64_t now = s->total + *given;
	if (result == CODEC_FAULT)
		return fault_set(&s->fault, f.outcome, now, "%s", f.reason);
	if (now > STREAM_RATIO_FREE && now / STREAM_RATIO_MAX > s->disk)
		return fault_set(&s->fault, INPUT_OVER_LIMIT, now,
		    "it expands more than %d times", STREAM_RATIO_MAX);
	if (result == CODEC_END && s->raw_left > 0)
		return fault_set(&s->fault, INPUT_MALFORMED, now,
		    "other bytes follow the %s data", s->codec->name);
	return result != CODEC_END;
}

/* Up to n plain bytes to p; 0 at the end. */
static size_t produce(struct stream *s, uint8_t *p, size_t n)
{
	if (s->codec == NULL)
		return read_some(s, p, n);
	size_t given;
	do {
		if (!decode_step(s, p, n, &given)) {
			s->eof = true;
			break;
		}
	} while (given == 0);
	return given;
}

/*
 * Read up to n more bytes to where the last ones ended; there is room for them. Of a file
 * as it is, only to the next multiple of STREAM_READ_BYTES: the kernel holds files in
 * blocks of powers of two, and pieces of two of them take it 0.5 ns a packet longer.
 */
static void append(struct stream *s, size_t n)
{
	if (s->codec == NULL)
		n = size_min(n, STREAM_READ_BYTES - s->disk % STREAM_READ_BYTES);
	uint8_t *at = block_start(s) + (s->ready - block_start(s));
	size_t got = produce(s, at, n);
	if (got == 0)
		s->eof = true;
	s->ready += got;
}

/* Bring n of the bytes that were read into the window, or as many as there are. */
static void show(struct stream *s, size_t n)
{
	n = size_min(n, (size_t)(s->ready - s->end));
	took(s, s->end, n);
	s->end += n;
}

bool stream_fill(struct stream *s, size_t want)
{
	size_t left = (size_t)(s->end - s->pos);
	if (left < want && s->end < s->ready)
		show(s, size_max(want - left, STREAM_SHOW_BYTES));
	left = (size_t)(s->end - s->pos);
	if (left >= want)
		return true;
	if (s->eof || want > STREAM_PEEK_MAX)
		return false;
	memmove(block_start(s) - left, s->pos, left);
	s->pos = block_start(s) - left;
	s->end = s->ready = block_start(s);
	for (; left < want && !s->eof; left = (size_t)(s->end - s->pos)) {
		size_t room = STREAM_PEEK_MAX - (size_t)(s->end - block_start(s));
		append(s, size_min(room, STREAM_READ_BYTES));
		show(s, size_max(want - left, STREAM_SHOW_BYTES));
	}
	return left >= want;
}

bool stream_skip(struct stream *s, uint64_t n)
{
	for (;;) {
		size_t left = (size_t)(s->end - s->pos);
		size_t step = n < left ? (size_t)n : left;
		stream_advance(s, step);
		n -= step;
		if (n == 0)
			return true;
		if (!stream_fill(s, 1))
			return false;
	}
}

void stream_drain(struct stream *s)
{
	do
		stream_advance(s, (size_t)(s->end - s->pos));
	while (stream_fill(s, 1));
}

struct digest stream_digest(const struct stream *s)
{
	return hash_now(s);
}

size_t stream_memory(const struct stream *s)
{
	return s->codec != NULL ? s->codec->memory(s->decoder) : 0;
}

/* The bytes that were read to look at are compressed ones: let the decoder have them. */
static bool start_codec(struct stream *s, size_t n)
{
	s->raw = malloc(STREAM_FIRST_BYTES);
	s->decoder = s->codec->open();
	if (s->raw == NULL || s->decoder == NULL)
		return false;
	memcpy(s->raw, block_start(s), n);
	s->raw_pos = s->raw;
	s->raw_left = n;
	s->raw_last = s->eof;
	s->eof = false;
	append(s, STREAM_READ_BYTES);
	show(s, STREAM_READ_BYTES);
	return true;
}

/* Read the first bytes and find out whether they are compressed. */
static bool start(struct stream *s)
{
	size_t n = 0;
	s->pos = s->end = s->ready = block_start(s);
	while (n < PROBE_BYTES && !s->eof) {
		size_t got = read_some(s, block_start(s) + n, STREAM_FIRST_BYTES - n);
		n += got;
		s->eof = got == 0;
	}
	s->codec = codec_of(block_start(s), n);
	if (s->codec != NULL)
		return start_codec(s, n);
	s->ready += n;
	show(s, n);
	return true;
}

struct stream *stream_open(
    int descriptor, bool owned, const uint8_t secret[static INPUT_SECRET_BYTES])
{
	struct stream *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		if (owned)
			close(descriptor);
		return NULL;
	}
	s->descriptor = descriptor;
	s->owned = owned;
	s->buffer = aligned_alloc(4096, 2 * (size_t)STREAM_PEEK_MAX);
	s->hash = XXH3_createState();
	if (s->buffer == NULL || s->hash == NULL ||
	    XXH3_128bits_reset_withSecret(s->hash, secret, INPUT_SECRET_BYTES) !=
		XXH_OK ||
	    !start(s)) {
		stream_close(s);
		return NULL;
	}
	return s;
}

void stream_close(struct stream *s)
{
	if (s == NULL)
		return;
	if (s->codec != NULL)
		s->codec->close(s->decoder);
	if (s->owned)
		close(s->descriptor);
	XXH3_freeState(s->hash);
	free(s->raw);
	free(s->buffer);
	free(s);
}
