/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static bool log_quiet; /* set once, before any thread starts */

void log_set_quiet(bool quiet)
{
	log_quiet = quiet;
}

static void put(const char *format, va_list args)
{
	fputs("dwell: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void log_warn(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	put(format, args);
	va_end(args);
}

void log_note(const char *format, ...)
{
	if (log_quiet)
		return;
	va_list args;
	va_start(args, format);
	put(format, args);
	va_end(args);
}
