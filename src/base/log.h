/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words to the person at the terminal, on standard error, one line
 * each, with the program's name in front. Only cmd/ and sys/ call
 * these; everything below reports through results and counters.
 */
#ifndef DWELL_BASE_LOG_H
#define DWELL_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_BURST     200         /* lines at once, of a service */
#define LOG_REFILL_NS 300000000LL /* and one more each so many nanoseconds */

/* With quiet, log_note prints nothing; warnings always show. */
void log_set_quiet(bool quiet);

/* Speak as a service does: to the journal each line begins with its priority ("<4>"), and
 * no more than LOG_BURST lines come at once; log_tick gives out more. */
void log_set_service(bool journal);

/* Time goes by, on the monotonic clock in ns: a service calls it now and then. Tells how
 * many lines were left out since. */
void log_tick(int64_t now);

/* "dwell: text": something the user should act on. */
__attribute__((format(printf, 1, 2))) void log_warn(const char *format, ...);

/* "dwell: text" unless quiet: what was done. */
__attribute__((format(printf, 1, 2))) void log_note(const char *format, ...);

#endif
