/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words to the person at the terminal, on standard error, one line
 * each, with the program's name in front. Only cmd/ and sys/ call
 * these; everything below reports through results and counters.
 */
#ifndef DWELL_BASE_LOG_H
#define DWELL_BASE_LOG_H

#include <stdbool.h>

/* With quiet, log_note prints nothing; warnings always show. */
void log_set_quiet(bool quiet);

/* "dwell: text": something the user should act on. */
__attribute__((format(printf, 1, 2))) void log_warn(const char *format, ...);

/* "dwell: text" unless quiet: what was done. */
__attribute__((format(printf, 1, 2))) void log_note(const char *format, ...);

#endif
