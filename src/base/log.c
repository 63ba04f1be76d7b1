/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define WARNING 4 /* priorities of syslog */
#define NOTICE  5

static bool log_quiet; /* set once, before any thread starts */

/* Of a service, which has one thread that speaks. */
static struct {
	bool on, journal;
	unsigned left;     /* lines that may come */
	unsigned left_out; /* lines that did not */
	int64_t refilled;  /* monotonic clock, ns; 0: never */
} service;

void log_set_quiet(bool quiet)
{
	log_quiet = quiet;
}

void log_set_service(bool journal)
{
	service.on = true;
	service.journal = journal;
	service.left = LOG_BURST;
}

void log_tick(int64_t now)
{
	int64_t more = (now - service.refilled) / LOG_REFILL_NS;
	if (!service.on || more <= 0)
		return;
	service.refilled =
	    service.refilled == 0 ? now : service.refilled + more * LOG_REFILL_NS;
	unsigned room = LOG_BURST - service.left;
	service.left += more < room ? (unsigned)more : room;
	unsigned out = service.left_out;
	service.left_out = 0;
	if (out > 0)
		log_warn("%u lines were left out here: too many at once", out);
}

static void put(int priority, const char *format, va_list args)
{
	if (service.on && service.left == 0) {
		service.left_out++;
		return;
	}
	service.left -= service.on;
	if (service.journal)
		fprintf(stderr, "<%d>", priority);
	else
		fputs("dwell: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void log_warn(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	put(WARNING, format, args);
	va_end(args);
}

void log_note(const char *format, ...)
{
	if (log_quiet)
		return;
	va_list args;
	va_start(args, format);
	put(NOTICE, format, args);
	va_end(args);
}
