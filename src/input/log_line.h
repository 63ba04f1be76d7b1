/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream: what every log of text begins with. */
#ifndef DWELL_INPUT_LOG_LINE_H
#define DWELL_INPUT_LOG_LINE_H

#include "input/log.h"

#define LOG_LINE_MAX 262144 /* bytes of the longest line that is read */

struct log_line {
	const char *p; /* without its end, LF or CR LF; valid until the next line */
	size_t n;
	uint64_t offset; /* of its first byte, decompressed */
	bool cut;        /* the file ends before the line does */
};

/* The next line that is not empty; false at the end. Lines over LOG_LINE_MAX are counted
 * in f's faults and passed over. */
bool log_line_next(struct log_file *f, struct log_line *line);

/* Put back the line that was taken last; it will be the next again. */
void log_line_back(struct log_file *f, const struct log_line *line);

#endif
