/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences that come again, while rule R8 looks for them. */
#ifndef DWELL_DETECT_OT_AGAIN_H
#define DWELL_DETECT_OT_AGAIN_H

#include "detect/ot/changes.h"
#include "detect/ot/echo.h"

#define OT_AGAIN_MAX 1024 /* of one memory; later ones are left out */

/* The oddest run between two ends. */
struct ot_again {
	struct ot_pair pair;
	enum ot_rule rule;
	struct str original; /* who had made the same writes; empty: the same */
	bool states;         /* of two values or few */
	bool stranger;       /* who makes them is new to a device with a past */
	struct echo_run run;
};

#endif
