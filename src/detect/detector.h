/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a detector is. It reads series from the memory (detect/series.h), or rows with
 * SQL, makes suspects of what stands out (detect/suspects.h), lets context.h say what is
 * known about host and peer, and puts findings into the sink. It is a file in the folder
 * of its family, a line of detect_table.h, facts in finding/fact_table.h with their
 * sentences and headlines in report/sentences_*.h, a page in doc/detect, and tests.
 */
#ifndef DWELL_DETECT_DETECTOR_H
#define DWELL_DETECT_DETECTOR_H

#include "detect/carry.h"
#include "detect/context.h"
#include "detect/detect.h"
#include "detect/detect_table.h"

/* One run of all detectors over one memory. */
struct detection {
	const struct source *source;
	const struct context *context;   /* of the whole memory: spans, hosts, coverage */
	const struct finding_sink *sink; /* borrowed */
	struct carry *carry; /* borrowed: what was said of a time that has decayed */
};

/* What a detector holds at a time, whatever the memory's size; dwell doctor prints it. */
struct detector_state {
	const char *what; /* NULL: the end of the list */
	size_t bytes;     /* of one */
	uint64_t most;    /* of them; what comes beyond is counted and left out */
};

struct detector {
	const char *name;  /* as in finding.detector */
	const char *about; /* one line */
	int (*run)(const struct detection *d, struct error *e);
	const struct detector_state *state;
};

#define D(name) extern const struct detector detector_##name;
DETECT_TABLE(D)
#undef D

#endif
