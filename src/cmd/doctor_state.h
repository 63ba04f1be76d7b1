/* SPDX-License-Identifier: Apache-2.0 */
/* dwell doctor --detectors: what each detector holds in memory at most. */
#ifndef DWELL_CMD_DOCTOR_STATE_H
#define DWELL_CMD_DOCTOR_STATE_H

#include "base/error.h"
#include "cmd/format.h"

/* Print a row for each kind of state of each detector, and of what they share. Negative
 * with *e set. */
int doctor_print_state(enum format format, struct error *e);

#endif
