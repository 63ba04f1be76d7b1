/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch did not see although the interface was there, as rows: the time in which
 * none ran, and what a reader had in its hands when it fell.
 */
#ifndef DWELL_CMD_WATCH_BLIND_H
#define DWELL_CMD_WATCH_BLIND_H

#include "base/moment.h"
#include "cmd/watch/minute_sum.h"
#include "record/record.h"

/* A reader that ended before its time. */
struct blind_fall {
	struct moment at;
	const char *sensor;
	unsigned reader;
	int status;           /* as wait(2) gives it */
	uint64_t connections; /* that were open: they get no row, or only of their rest */
	uint64_t lost;        /* packets in them, at most */
	uint64_t packets, bytes; /* that it read and had not yet told of */
};

/* The moment since which nobody has watched into this memory, before the one who asks
 * opens it: after an orderly end that one, after another the begin of now's minute, as
 * what was counted of it is gone. Never before that minute but after an orderly end. */
struct moment blind_since(const char *memory, struct moment now);

/* A row of anomaly that says so goes to the sink, its packets to the minute. */
void blind_fell(
    struct minute_sum *s, const struct record_sink *to, const struct blind_fall *f);

#endif
