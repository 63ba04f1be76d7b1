/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ahead: a thread of its own reads captures, inflates and merges them and decodes
 * the headers of their frames, while the caller's takes what is decoded, in the same
 * order and the same batches as without it.
 *
 *     input ─▶ copy, decode ─▶ | block | block | … | ─▶ pipeline
 *     '------ thread -------'                          '-caller-'
 */
#ifndef DWELL_CMD_AHEAD_H
#define DWELL_CMD_AHEAD_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/pipeline.h"
#include "input/input.h"

#define AHEAD_BLOCKS 12           /* that hold what is read and not taken yet */
#define AHEAD_BYTES  (256U << 10) /* of frames in a block; more where one batch has */
#define AHEAD_FRAMES 512          /* in a block */

/* Asked in the reading thread after each batch, of so many frames so far. */
struct ahead_ticker {
	void (*tick)(void *ctx, uint64_t frames);
	void *ctx;
};

/* Read all captures of the input into the pipeline, as input_run does, until the
 * pipeline stops. Negative with *e set where there is no memory or no thread for it. */
int ahead_run(struct input *in, struct pipeline *p, const struct ahead_ticker *ticker,
    struct error *e);

#endif
