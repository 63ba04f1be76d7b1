/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decompression, one file a format. A codec is fed pieces of the compressed bytes and
 * gives pieces of the plain ones; concatenated members or frames are one run of bytes, as
 * the tools of each format read them. Each has a limit on the memory it takes, because
 * that is chosen by whoever wrote the file.
 */
#ifndef DWELL_INPUT_CODEC_H
#define DWELL_INPUT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/fault.h"

#define CODEC_XZ_MEMORY_MAX   (66U << 20) /* bytes; "xz -9" needs 65 MiB */
#define CODEC_ZSTD_WINDOW_LOG 27          /* 128 MiB, what "zstd --long" asks for */
#define CODEC_GZIP_MEMORY     49152       /* a window of 32 KiB and inflate's tables */

enum codec_result {
	CODEC_MORE, /* took or gave something */
	CODEC_END, /* the compressed data is over; what is left in io is not part of it */
	CODEC_FAULT, /* the fault says what */
};

struct codec_io {
	const uint8_t *in; /* borrowed; moves on */
	size_t in_left;
	bool in_last; /* nothing comes after these */
	uint8_t *out; /* borrowed; moves on */
	size_t out_left;
};

struct codec {
	const char *name; /* "gzip" */
	unsigned index;   /* 1-based place in the names of a format (input/reader.h) */

	/* Whether the n bytes at p begin such data. */
	bool (*probe)(const uint8_t *p, size_t n);

	/* A new decoder; NULL without memory. */
	void *(*open)(void);

	/* Decode some; f (offset left 0) is set with CODEC_FAULT. */
	enum codec_result (*step)(void *decoder, struct codec_io *io, struct fault *f);

	/* Bytes of memory that the decoder holds, as far as known by now. */
	size_t (*memory)(const void *decoder);

	void (*close)(void *decoder);
};

extern const struct codec codec_gzip, codec_zstd, codec_xz;

/* The codec of data that begins with the n bytes at p; NULL when it is not compressed. */
const struct codec *codec_of(const uint8_t *p, size_t n);

#endif
