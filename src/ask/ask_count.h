/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a row of a roll-up says, however it was read (ask_fetch.c), counted for the slots
 * that it belongs to: those in ask.matched.
 */
#ifndef DWELL_ASK_ASK_COUNT_H
#define DWELL_ASK_ASK_COUNT_H

#include "ask/ask_plan.h"

#define ASK_SERVICE_MAX 64 /* bytes of "tcp/443" */

/* A row of pairs, and its ends. */
struct ask_pair {
	struct ask_row r; /* host is left out: it is one of the ends */
	struct addr src, dst;
	bool has_src, has_dst;         /* these are addresses */
	struct str src_text, dst_text; /* absent: as the address says */
	struct str proto;
	uint16_t port;
	uint64_t src_bytes, dst_bytes;
	char service[ASK_SERVICE_MAX];
};

/* How a via of seen says that something was seen; ASK_HOW_COUNT: it is none. */
enum ask_how ask_how_of(struct str via);

/* Whether the slot is asked of connections only: of one end of them, or of a port. */
bool ask_of_connections(struct ask *a, uint32_t slot);

/* Say which service the pair's port and proto are. */
void ask_pair_service(struct ask_pair *p);

/* Find out whether the home networks are those of this memory: where they were guessed
 * and nothing lies in them, whoever opens a connection counts as ours. Looked up once.
 * Negative with *e set. */
int ask_know_home(struct ask *a, struct error *e);

/* Count a row of seen, or a pair of which the destination (by_dst) or source is what was
 * looked for, when some of its days are in the span. Negative with *e set. */
int ask_count_seen(struct ask *a, struct ask_row *r, struct error *e);
int ask_count_pair(struct ask *a, struct ask_pair *p, bool by_dst, struct error *e);

#endif
