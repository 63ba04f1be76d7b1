/* SPDX-License-Identifier: Apache-2.0 */
/* The traces that a scan looks for: those that dwell knows, and those of files. */
#ifndef DWELL_CMD_TRACES_FILES_H
#define DWELL_CMD_TRACES_FILES_H

#include "base/error.h"
#include "proto/traces.h"

#define TRACES_OF_MEMORY "traces.txt" /* in a memory's folder: in force for all scans */

/* What dwell knows, then the memory's file where there is one, then file (NULL: none).
 * NULL with *e set; free with traces_free. */
struct traces *traces_files(const char *memory, const char *file, struct error *e);

#endif
