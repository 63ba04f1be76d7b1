/* SPDX-License-Identifier: Apache-2.0 */
/* Frames without IP, played to the protocols. */
#ifndef DWELL_TEST_PROTO_LINK_PLAY_H
#define DWELL_TEST_PROTO_LINK_PLAY_H

#include "decode/decode.h"
#include "input/linktype.h"
#include "ot_play.h"

/* A frame of a text goes to the protocols, its last cut bytes lost; whether it was read.
 */
static inline bool frame_cut(struct play *p, const char *text, uint32_t cut)
{
	static uint8_t b[HEX_MAX];
	uint32_t n = (uint32_t)unhex(text, b);
	uint8_t *exact = malloc(n - cut);
	assert_non_null(exact);
	memcpy(exact, b, n - cut);
	struct frame f = {.data = exact,
	    .captured = n - cut,
	    .wire = n,
	    .ts = moment_from(1000, 0),
	    .link = LINKTYPE_ETHERNET};
	struct link l;
	bool read = link_read(&f, &l);
	if (read)
		proto_link(p->proto, &l);
	free(exact);
	return read;
}

static inline void frame(struct play *p, const char *text)
{
	assert_true(frame_cut(p, text, 0));
}

#endif
