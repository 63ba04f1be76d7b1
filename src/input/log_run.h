/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the logs of an input, group by group. A group is the logs of one folder that
 * are next to each other in time, up to a limit; what its readers remember dies with it,
 * so any number of whole groups is a transaction that gives the same rows whatever was
 * read before it.
 *
 *     conn.00.log  conn.01.log        lane 7   ──▶┐
 *     dns.00.log   dns.01.log         lane 1   ──▶├─▶ the lane that is furthest behind
 *     ssl.00.log   ssl.01.log         lane 2   ──▶┘   gives the next piece
 *
 * Lower lanes run ahead by LOG_LEAD_S each, so that a name is known before the connection
 * that it belongs to.
 */
#ifndef DWELL_INPUT_LOG_RUN_H
#define DWELL_INPUT_LOG_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "input/log.h"

#define LOG_GROUP_FILES 2048         /* sources of a group */
#define LOG_GROUP_BYTES (1ULL << 30) /* of them on disk */
#define LOG_LEAD_S      60           /* seconds that a lane is read ahead of the next */
#define LOG_MEMORY_MAX  (96U << 20)  /* bytes of decoders of lanes read side by side */

/* The sources first to end - 1 of the input are a group of logs; none when they are
 * equal. at: where the group before ended; 0 for the first. */
struct log_group {
	size_t first, end;
};
struct log_group log_group_next(const struct input *in, size_t at);

/*
 * Read the logs of the group that are not skipped. stop is asked after each piece; true
 * ends the reading and gives false. Issues go to the input's sink.
 */
bool log_group_run(struct input *in, struct log_group g, struct log_out *out,
    bool (*stop)(void *ctx), void *ctx);

#endif
