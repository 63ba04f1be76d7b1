/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878): frames and skippable frames, one after the other. */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "input/codec.h"

#define ZSTD_FRAME_MAGIC     0xfd2fb528U
#define ZSTD_SKIPPABLE_MAGIC 0x184d2a50U /* the lowest four bits are free */

struct zstd {
	ZSTD_DCtx *ctx;
	bool inside; /* a frame has begun and not ended */
};

static bool zstd_probe(const uint8_t *p, size_t n)
{
	if (n < 4)
		return false;
	uint32_t magic = load_le32(p);
	return magic == ZSTD_FRAME_MAGIC || (magic & ~0xfU) == ZSTD_SKIPPABLE_MAGIC;
}

static void *zstd_open(void)
{
	struct zstd *z = calloc(1, sizeof(*z));
	if (z == NULL)
		return NULL;
	z->ctx = ZSTD_createDCtx();
	if (z->ctx == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(
				  z->ctx, ZSTD_d_windowLogMax, CODEC_ZSTD_WINDOW_LOG))) {
		ZSTD_freeDCtx(z->ctx);
		free(z);
		return NULL;
	}
	return z;
}

static enum codec_result zstd_fault(size_t code, struct fault *f)
{
	ZSTD_ErrorCode e = ZSTD_getErrorCode(code);
	if (e == ZSTD_error_frameParameter_windowTooLarge)
		fault_set(f, INPUT_OVER_LIMIT, 0, "its zstd window is larger than %u MiB",
		    1U << (CODEC_ZSTD_WINDOW_LOG - 20));
	else if (e == ZSTD_error_memory_allocation)
		fault_set(f, INPUT_OVER_LIMIT, 0, "no memory left to decompress it");
	else
		fault_set(f, INPUT_MALFORMED, 0, "damaged zstd data: %s",
		    ZSTD_getErrorName(code));
	return CODEC_FAULT;
}

static enum codec_result zstd_step(void *decoder, struct codec_io *io, struct fault *f)
{
	struct zstd *z = decoder;
	if (io->in_left == 0 && io->in_last && !z->inside)
		return CODEC_END;
	ZSTD_inBuffer in = {io->in, io->in_left, 0};
	ZSTD_outBuffer out = {io->out, io->out_left, 0};
	size_t code = ZSTD_decompressStream(z->ctx, &out, &in);
	io->in += in.pos;
	io->in_left -= in.pos;
	io->out += out.pos;
	io->out_left -= out.pos;
	if (ZSTD_isError(code))
		return zstd_fault(code, f);
	if (in.size == 0 && out.pos == 0 && io->in_last && code != 0) {
		fault_set(f, INPUT_TRUNCATED, 0, "the zstd data ends too early");
		return CODEC_FAULT;
	}
	z->inside = code != 0;
	return CODEC_MORE;
}

static size_t zstd_memory(const void *decoder)
{
	const struct zstd *z = decoder;
	return z != NULL ? ZSTD_sizeof_DCtx(z->ctx) : 0;
}

static void zstd_close(void *decoder)
{
	struct zstd *z = decoder;
	if (z == NULL)
		return;
	ZSTD_freeDCtx(z->ctx);
	free(z);
}

const struct codec codec_zstd = {
    .name = "zstd",
    .index = 2,
    .probe = zstd_probe,
    .open = zstd_open,
    .step = zstd_step,
    .memory = zstd_memory,
    .close = zstd_close,
};
