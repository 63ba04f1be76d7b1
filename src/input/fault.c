/* SPDX-License-Identifier: Apache-2.0 */
#include "input/fault.h"

#include <stdarg.h>
#include <stdio.h>

bool fault_set(
    struct fault *f, enum input_outcome outcome, uint64_t offset, const char *format, ...)
{
	if (f->set)
		return false;
	va_list args;
	va_start(args, format);
	if (vsnprintf(f->reason, sizeof(f->reason), format, args) < 0)
		f->reason[0] = '\0';
	va_end(args);
	f->set = true;
	f->outcome = outcome;
	f->offset = offset;
	return false;
}
