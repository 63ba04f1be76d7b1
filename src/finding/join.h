/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which strands belong to one story. A strand is what the detectors say of one host and
 * one peer; strands are joined
 *
 *     same peer     A ─▶ X ◀─ B     several of our hosts, one peer that few use; a name
 *                                   and an address that it led to are one peer
 *     inside        A ─▶ B ─▶ X     a path inside the network, and what its other end
 * does same host     A ─▶ X, Y       a channel, and data that leave elsewhere meanwhile
 *
 * and never across what many use, or what a service explains: a server with ten rhythms
 * is ten strands. Why not by host alone: doc/decisions/cases.md.
 */
#ifndef DWELL_FINDING_JOIN_H
#define DWELL_FINDING_JOIN_H

#include "finding/finding.h"

/* A name that led to an address, both as finding.peer has them. Borrowed. */
struct alias {
	struct str name, address;
};

/* The findings of one host and one peer, the most telling first. */
struct strand {
	const struct finding **findings; /* borrowed */
	size_t n;
	size_t parent; /* of a forest: the same root, the same case */
};

/* What a detector's finding is in the course of an intrusion. */
enum stage { STAGE_CHANNEL, STAGE_LEAVING, STAGE_INSIDE, STAGE_PROCESS };

enum stage finding_stage(const struct finding *f);

/* Join n strands, which are in order of host, then peer: afterwards strand_root tells the
 * same number of two exactly when they belong together. scratch takes n numbers. */
void strands_join(struct strand *v, size_t n, const struct alias *aliases,
    size_t alias_count, size_t *scratch);

size_t strand_root(struct strand *v, size_t i);

#endif
