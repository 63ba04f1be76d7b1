/* SPDX-License-Identifier: Apache-2.0 */
/* What ended the reading of one source before its end:
 * kind, place and a line for people. */
#ifndef DWELL_INPUT_FAULT_H
#define DWELL_INPUT_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "input/input.h"

#define FAULT_REASON_MAX 160

struct fault {
	bool set; /* the other fields count only then */
	enum input_outcome outcome;
	uint64_t offset; /* in decompressed bytes */
	char reason[FAULT_REASON_MAX];
};

/* Fill in f unless it is set already (the first
 * fault is the cause); always gives false. */
__attribute__((format(printf, 4, 5))) bool fault_set(struct fault *f,
    enum input_outcome outcome, uint64_t offset, const char *format, ...);

#endif
