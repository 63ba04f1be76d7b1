/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighing suspects: what speaks for and against each, as facts, and how ordinary each is
 * among the suspects of its kind on this site. Nothing is ever whitelisted: what speaks
 * against stands beside what speaks for, and both are shown.
 */
#ifndef DWELL_DETECT_WEIGH_H
#define DWELL_DETECT_WEIGH_H

#include "detect/context.h"

/* Whether few of our hosts use the peer (C1: at most 2 or 0.5 %, and a minority). */
bool weigh_rare(const struct context *c, const struct suspect *v);

/* Whether many do: more than 2, and more than 5 % of all. */
bool weigh_common(const struct context *c, const struct suspect *v);

/* A service whose clients are clockwork everywhere; absent: none. Static. */
struct str weigh_service(const struct suspect *v);

/* Whether the series came late in the host's life: after a week; in a shorter life in its
 * last two thirds, and after a day. */
bool weigh_late(const struct context *c, const struct suspect *v);

/* Whether 9 of 10 attempts or more had no answer. */
bool weigh_failing(const struct suspect *v);

/*
 * How many marks of an implant the suspect has, rarity aside: scattered period, late
 * peer, no name, a self-signed certificate, more sent than received, same sizes, active
 * in quiet hours, no answers.
 */
unsigned weigh_marks(const struct context *c, const struct suspect *v);

/* Add the facts that hold for any detector. */
void weigh_facts(const struct context *c, struct suspect *v);

/* Of these the ones about time alone: since when, whether it ended, what was watched. The
 * suspect's finding is dated already. */
void weigh_time(const struct context *c, struct suspect *v);

/*
 * Set rank_p of n suspects: for each feature the percentile among the suspects of the
 * same direction, joined by the Cauchy rule, which holds whatever the features'
 * dependence (Liu and Xie 2020).
 */
void weigh_rank(const struct context *c, struct suspect *v, size_t n);

#endif
