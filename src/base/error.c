/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

int error_set(struct error *e, enum error_code code, const char *format, ...)
{
	if (e == NULL)
		return -1;
	va_list args;
	va_start(args, format);
	e->code = code;
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -1;
}

int error_add(struct error *e, const char *context_format, ...)
{
	if (e == NULL)
		return -1;
	char old[ERROR_TEXT_MAX];
	memcpy(old, e->text, sizeof(old));
	va_list args;
	va_start(args, context_format);
	int n = vsnprintf(e->text, sizeof(e->text), context_format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(e->text))
		return -1;
	size_t room = sizeof(e->text) - (size_t)n;
	if (snprintf(e->text + n, room, ": %.*s", (int)room, old) < 0)
		e->text[n] = '\0';
	return -1;
}

int error_exit_status(const struct error *e)
{
	switch (e->code) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_SYSTEM:
	case ERR_MEMORY:
	case ERR_ENGINE:
	case ERR_LIMIT:
		return 4;
	}
	return 4;
}
