/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that a finding rests on, as SQL that anybody can run again. */
#ifndef DWELL_REPORT_EVIDENCE_H
#define DWELL_REPORT_EVIDENCE_H

#include "base/arena.h"
#include "finding/finding.h"

/* The table in which they are; static. */
const char *evidence_table(const struct finding *f);

/*
 * The SQL condition on that table that selects them: "src_ip = '…' AND …". Texts from the
 * wire are written so that neither SQL nor a shell can take them for anything else. In
 * the arena.
 */
struct str evidence_condition(const struct finding *f, struct arena *a);

/* The command that lists them, to be pasted into a shell. memory: as in struct
 * report_options. In the arena. */
struct str evidence_query_line(
    const struct finding *f, const char *memory, struct arena *a);

/* " -m MEMORY" quoted for a shell, or nothing for NULL. In the arena. */
struct str evidence_memory_argument(const char *memory, struct arena *a);

#endif
