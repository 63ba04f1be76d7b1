/* SPDX-License-Identifier: Apache-2.0 */
/* Reading all sources as one stream of frames in time order. */
#ifndef DWELL_INPUT_MERGE_H
#define DWELL_INPUT_MERGE_H

#include "input/list.h"

#define MERGE_OPEN_MAX   128          /* sources open at once */
#define MERGE_MEMORY_MAX (160U << 20) /* bytes of all decoders but the first */

/* Deliver the frames of all sources that are not skipped;
 * false when the sink stopped it. */
bool merge_run(struct input *in, const struct frame_sink *sink);

#endif
