/* SPDX-License-Identifier: Apache-2.0 */
/* xz (The .xz File Format 1.2.0): streams and stream padding, one after the other. */
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "input/codec.h"

static bool xz_probe(const uint8_t *p, size_t n)
{
	static const uint8_t magic[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
	return n >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0;
}

static void *xz_open(void)
{
	lzma_stream *x = calloc(1, sizeof(*x));
	if (x != NULL &&
	    lzma_stream_decoder(x, CODEC_XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
		free(x);
		return NULL;
	}
	return x;
}

static enum codec_result xz_fault(
    enum input_outcome outcome, const char *text, struct fault *f)
{
	fault_set(f, outcome, 0, "%s", text);
	return CODEC_FAULT;
}

static enum codec_result xz_step(void *decoder, struct codec_io *io, struct fault *f)
{
	lzma_stream *x = decoder;
	x->next_in = io->in;
	x->avail_in = io->in_left;
	x->next_out = io->out;
	x->avail_out = io->out_left;
	lzma_ret code = lzma_code(x, io->in_last ? LZMA_FINISH : LZMA_RUN);
	io->in = x->next_in;
	io->in_left = x->avail_in;
	io->out = x->next_out;
	io->out_left = x->avail_out;
	if (code == LZMA_OK)
		return CODEC_MORE;
	if (code == LZMA_STREAM_END)
		return CODEC_END;
	/* liblzma gives this also once when it merely
	 * could not go on without more input. */
	if (code == LZMA_BUF_ERROR && !(io->in_last && io->in_left == 0))
		return CODEC_MORE;
	if (code == LZMA_BUF_ERROR)
		return xz_fault(INPUT_TRUNCATED, "the xz data ends too early", f);
	if (code == LZMA_MEMLIMIT_ERROR)
		return xz_fault(INPUT_OVER_LIMIT, "its xz dictionary is too large", f);
	if (code == LZMA_MEM_ERROR)
		return xz_fault(INPUT_OVER_LIMIT, "no memory left to decompress it", f);
	if (code == LZMA_OPTIONS_ERROR)
		return xz_fault(INPUT_UNSUPPORTED, "xz options that are not known", f);
	return xz_fault(INPUT_MALFORMED, "damaged xz data", f);
}

static size_t xz_memory(const void *decoder)
{
	return decoder != NULL ? (size_t)lzma_memusage(decoder) : 0;
}

static void xz_close(void *decoder)
{
	if (decoder == NULL)
		return;
	lzma_end(decoder);
	free(decoder);
}

const struct codec codec_xz = {
    .name = "xz",
    .index = 3,
    .probe = xz_probe,
    .open = xz_open,
    .step = xz_step,
    .memory = xz_memory,
    .close = xz_close,
};
