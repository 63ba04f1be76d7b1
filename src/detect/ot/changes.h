/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changed, by host and peer: each rule adds its facts, ot_change.c weighs them. A
 * plant polls for years, so regularity never counts here; news does, and news needs a
 * past: OT_BASELINE_DAYS of the device or of the two. What always is reported is said so
 * at its rule.
 */
#ifndef DWELL_DETECT_OT_CHANGES_H
#define DWELL_DETECT_OT_CHANGES_H

#include "detect/detector.h"
#include "detect/ot/uses.h"

#define OT_BASELINE_DAYS 14.0 /* D: R2 */
#define OT_BASELINE_US   (14 * INT64_C(86400000000))
#define OT_CHANGES_MAX   4096       /* of one memory; later ones are left out */
#define OT_TOLD_MAX      (8u << 20) /* bytes of texts of facts */

enum ot_rule {
	OT_NEW_MASTER,   /* R1 */
	OT_NEW_FUNCTION, /* R2 */
	OT_FIRST_WRITE,  /* R3 */
	OT_ENGINEERING,  /* R4 */
	OT_SWEEP,        /* R5 */
	OT_REFUSAL,      /* R6 */
	OT_RHYTHM,       /* R7 */
	OT_ROLE,         /* R9: a device that asks another */
	OT_CALL,         /* R9: a device that opens connections */
	OT_IT,           /* R10 */
	OT_BORDER,       /* one end is not ours */
	OT_WRITES_AGAIN, /* R8: a sequence of writes comes again */
	OT_READ_AGAIN,   /* R8: what is read comes again */
	OT_COUNTER,      /* R8: numbers of a stream go back */
	OT_NOISE,        /* registers that hold noise */
};

struct ot_change {
	struct suspect v;
	struct str protocol;
	unsigned rules; /* bits by enum ot_rule */
	unsigned grave; /* of these: a past tells that they are new, or beyond doubt */
	bool in_window; /* engineering at its usual hours alone */
	bool outside;   /* the peer, or who asks, is not ours */
	int64_t since;  /* µs since 1970: the first packet of what changed */
};

struct ot_work {
	const struct detection *d;
	struct ot_uses uses;
	struct ot_change *v; /* owned */
	size_t n;
	uint64_t dropped; /* because of OT_CHANGES_MAX */
	struct arena texts;
	bool no_memory;
};

/* The change about two ends, made where there is none; NULL: there is no room, or an end
 * has no address. opener is who acts; since: when what the rule saw began. */
struct ot_change *ot_changed(
    struct ot_work *w, const struct ot_pair *p, enum ot_rule rule, int64_t since);

/* The rules. Negative with *e set. */
void ot_rules_of_pairs(struct ot_work *w);                  /* R1, R2, R3, R6, R9 */
int ot_rules_of_hours(struct ot_work *w, struct error *e);  /* R4 */
int ot_rules_of_sweeps(struct ot_work *w, struct error *e); /* R5 */
int ot_rules_of_days(struct ot_work *w, struct error *e);   /* R6, R7 */
int ot_rules_of_calls(struct ot_work *w, struct error *e);  /* R9, R10 */
int ot_rules_of_again(struct ot_work *w, struct error *e);  /* R8 */
int ot_rules_of_noise(struct ot_work *w, struct error *e);

/* Whether the past of so many µs is enough to call something new. */
static inline bool ot_has_past(int64_t from, int64_t to)
{
	return to - from >= OT_BASELINE_US;
}

#endif
