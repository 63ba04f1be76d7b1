/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own failures (a full disk, a damaged memory, no memory left): a code and a text to
 * which each level on the way up adds where it stood. Bad input is not an error of this
 * kind: it is an outcome that is counted and reported beside the result (input/issue.h).
 */
#ifndef DWELL_BASE_ERROR_H
#define DWELL_BASE_ERROR_H

#include <stdarg.h>

#define ERROR_TEXT_MAX 512

enum error_code {
	ERR_NONE = 0,
	ERR_USAGE,  /* what the user asked for can not be: exit 2 */
	ERR_SYSTEM, /* the operating system refused: exit 4 */
	ERR_MEMORY, /* the memory folder is damaged or of another version: exit 4 */
	ERR_ENGINE, /* the query engine refused: exit 4 */
	ERR_LIMIT,  /* a named limit was reached: exit 4 */
};

struct error {
	enum error_code code;
	char text[ERROR_TEXT_MAX]; /* NUL-terminated, one line, no trailing newline */
};

/* Fill in e (which may be NULL) and give -1,
 * so that a function can end in return error_set(). */
__attribute__((format(printf, 3, 4))) int error_set(
    struct error *e, enum error_code code, const char *format, ...);

/* Put "context: " before the text of e and give -1. */
__attribute__((format(printf, 2, 3))) int error_add(
    struct error *e, const char *context_format, ...);

/* The exit status that a code leads to (2 or 4; 0 for ERR_NONE). */
int error_exit_status(const struct error *e);

#endif
