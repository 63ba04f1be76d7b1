/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip (RFC 1952): members one after the other. Zero bytes after a member are padding of
 * tapes and block devices; anything else after it is an error in the file.
 */
#define ZLIB_CONST

#include <stdlib.h>
#include <zlib.h>

#include "base/size.h"
#include "input/codec.h"

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window, gzip wrapper only */
#define STEP_MAX         (1U << 30)

struct gzip {
	z_stream z;
	bool between; /* a member has ended, the next has not begun */
};

static bool gzip_probe(const uint8_t *p, size_t n)
{
	return n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

static void *gzip_open(void)
{
	struct gzip *g = calloc(1, sizeof(*g));
	if (g != NULL && inflateInit2(&g->z, GZIP_WINDOW_BITS) != Z_OK) {
		free(g);
		return NULL;
	}
	return g;
}

/* Between members: skip padding; true when another member follows or may follow. */
static bool gzip_next_member(struct gzip *g, struct codec_io *io)
{
	while (io->in_left > 0 && io->in[0] == 0) {
		io->in++;
		io->in_left--;
	}
	if (io->in_left == 0)
		return !io->in_last;
	if (io->in[0] != 0x1f || inflateReset(&g->z) != Z_OK)
		return false;
	g->between = false;
	return true;
}

static enum codec_result gzip_result(struct gzip *g, int code, struct fault *f)
{
	switch (code) {
	case Z_STREAM_END:
		g->between = true;
		return CODEC_MORE;
	case Z_OK:
	case Z_BUF_ERROR:
		return CODEC_MORE;
	case Z_MEM_ERROR:
		fault_set(f, INPUT_OVER_LIMIT, 0, "no memory left to decompress it");
		return CODEC_FAULT;
	default:
		fault_set(f, INPUT_MALFORMED, 0, "damaged gzip data: %s",
		    g->z.msg != NULL ? g->z.msg : "no member begins here");
		return CODEC_FAULT;
	}
}

static enum codec_result gzip_step(void *decoder, struct codec_io *io, struct fault *f)
{
	struct gzip *g = decoder;
	if (g->between && !gzip_next_member(g, io))
		return CODEC_END;
	if (g->between)
		return CODEC_MORE;
	if (io->in_left == 0 && io->in_last) {
		fault_set(f, INPUT_TRUNCATED, 0, "the gzip data ends too early");
		return CODEC_FAULT;
	}
	uInt in = (uInt)size_min(io->in_left, STEP_MAX);
	uInt out = (uInt)size_min(io->out_left, STEP_MAX);
	g->z.next_in = io->in;
	g->z.avail_in = in;
	g->z.next_out = io->out;
	g->z.avail_out = out;
	int code = inflate(&g->z, Z_NO_FLUSH);
	io->in += in - g->z.avail_in;
	io->in_left -= in - g->z.avail_in;
	io->out += out - g->z.avail_out;
	io->out_left -= out - g->z.avail_out;
	return gzip_result(g, code, f);
}

static size_t gzip_memory(const void *decoder)
{
	return decoder != NULL ? CODEC_GZIP_MEMORY : 0;
}

static void gzip_close(void *decoder)
{
	struct gzip *g = decoder;
	if (g == NULL)
		return;
	inflateEnd(&g->z);
	free(g);
}

const struct codec codec_gzip = {
    .name = "gzip",
    .index = 1,
    .probe = gzip_probe,
    .open = gzip_open,
    .step = gzip_step,
    .memory = gzip_memory,
    .close = gzip_close,
};
