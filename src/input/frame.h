/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame as captured, and where frames go. Frames come in batches so that the consumer
 * can fetch their flows from memory ahead of use: all frames of a batch stay valid until
 * the sink returns, and not longer.
 */
#ifndef DWELL_INPUT_FRAME_H
#define DWELL_INPUT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"

#define FRAME_BATCH_MAX 64

struct frame {
	const uint8_t *data; /* captured bytes, from the link header on; borrowed */
	uint32_t captured;   /* how many */
	uint32_t wire;       /* length on the wire, never below captured */
	struct moment ts;    /* when it was captured */
	uint64_t offset;     /* where it stands in its source, in decompressed bytes */
	uint32_t source;     /* number of its source: input_source() */
	uint16_t link;       /* LINKTYPE_ value (input/linktype.h) */
	bool unfinished; /* captured where it was sent: its checksums are not filled in */
	uint8_t fcs;     /* bytes of frame check sequence at the end of data, mostly 0 */
};

struct frame_sink {
	/* n is 1 to FRAME_BATCH_MAX. False: stop reading (the owner knows why). */
	bool (*frames)(void *ctx, const struct frame *v, size_t n);
	void *ctx;
};

#endif
