/* SPDX-License-Identifier: Apache-2.0 */
/* Why a frame gave no packet, for whoever asks what became of a capture. Looks at the
 * frame a second time: not for the packet path. */
#ifndef DWELL_DECODE_REASON_H
#define DWELL_DECODE_REASON_H

#include "input/frame.h"

enum decode_reason {
	REASON_OTHER,           /* none of these */
	REASON_LINK,            /* its link type is not read */
	REASON_WIFI_ENCRYPTED,  /* 802.11 data that only the key's owner could read */
	REASON_WIFI_MANAGEMENT, /* 802.11 management, control, or data without data */
	REASON_ETHERTYPE,       /* another protocol than IP: its EtherType */
	REASON_LLC, /* IEEE 802.3: spanning tree, IS-IS, NetBEUI and the like */
};

struct decode_why {
	enum decode_reason reason;
	uint16_t type; /* EtherType; else 0 */
};

/* Why decode_frame did not give DECODE_OK for this frame. */
struct decode_why decode_why(const struct frame *f);

/* What an EtherType stands for, by its usual short name; static, NULL when it has none
 * here (IEEE registry of EtherTypes). */
const char *ethertype_name(uint16_t type);

#endif
