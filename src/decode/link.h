/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ethernet frames of industrial protocols that go without IP: where decode_frame says
 * DECODE_NOT_IP, link_read may still find something to read.
 *
 *     destination 6 | source 6 | { tag } ... | EtherType 2 | payload
 */
#ifndef DWELL_DECODE_LINK_H
#define DWELL_DECODE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"

#define LINK_TAGS_MAX 4 /* tags before the EtherType */

enum link_type { LINK_PROFINET = 0x8892, LINK_GOOSE = 0x88b8 };

struct link {
	struct moment ts;
	const uint8_t *dst,
	    *src;      /* 6 bytes each; borrowed from the frame, as payload is */
	uint16_t type; /* enum link_type */
	const uint8_t *payload;
	uint32_t captured; /* bytes of it that are there */
	uint32_t wire;     /* bytes of it on the wire, padding included */
	uint32_t source;   /* the frame's */
	uint64_t offset;
};

#endif
