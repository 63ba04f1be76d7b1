/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a terminal: columns that a text takes,
 * and where to break it (CJK: two columns). */
#ifndef DWELL_REPORT_WRAP_H
#define DWELL_REPORT_WRAP_H

#include <stdio.h>

#include "base/str.h"

/* Columns that lines on this stream should have: those of its terminal, within reason;
 * elsewhere a usual number. */
size_t wrap_width(FILE *out);

/* Columns of text in a terminal. */
size_t wrap_columns(struct str text);

/*
 * Where to break text so that at most room columns fit on the line: the bytes to print,
 * with the bytes to leave out after them (a space) in *skip. Breaks at spaces and between
 * CJK characters, never before closing or after opening CJK punctuation; a word longer
 * than the line is cut.
 */
size_t wrap_break(struct str text, size_t room, size_t *skip);

/* Print text in lines of width columns, each but the first behind indent spaces; the
 * first starts at column indent. */
void wrap_print(FILE *out, struct str text, size_t indent, size_t width);

#endif
