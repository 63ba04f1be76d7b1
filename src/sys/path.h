/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in the memory's folder (doc/format/memory.md says what lies where). */
#ifndef DWELL_SYS_PATH_H
#define DWELL_SYS_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define SEGMENT_SUFFIX  ".parquet"
#define SEGMENT_SEQ_MAX 99999999U /* eight digits */

/* Format a path. Negative with *e set when it is too long. */
__attribute__((format(printf, 3, 4))) int path_make(
    char out[static PATH_MAX], struct error *e, const char *format, ...);

/* Bytes of the file at path in the memory at root; 0: it is gone. */
uint64_t path_bytes(const char *root, const char *path);

/* Whether name ends in suffix. */
bool path_ends_in(const char *name, const char *suffix);

/* The SEQ in a file name of the form PREFIXSEQSUFFIX where PREFIX ends in '-' or is
 * empty; 0 when there is none. */
uint32_t path_seq(const char *name, const char *suffix);

#endif
