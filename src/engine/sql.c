/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sql.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"

struct sql sql_start(void)
{
	return (struct sql){0};
}

/* The stream points into s, so it is opened at
 * first use, when s has its final address. */
static FILE *stream(struct sql *s)
{
	if (s->out == NULL)
		s->out = open_memstream(&s->text, &s->n);
	return s->out;
}

void sql_put(struct sql *s, const char *text)
{
	if (stream(s) != NULL)
		fputs(text, s->out);
}

void sql_format(struct sql *s, const char *format, ...)
{
	if (stream(s) == NULL)
		return;
	va_list args;
	va_start(args, format);
	vfprintf(s->out, format, args);
	va_end(args);
}

void sql_quote(struct sql *s, const char *text)
{
	sql_quote_str(s, str_of(text));
}

void sql_quote_str(struct sql *s, struct str text)
{
	if (stream(s) != NULL)
		quote_sql(s->out, text);
}

const char *sql_text(struct sql *s, struct error *e)
{
	if (stream(s) == NULL || fflush(s->out) != 0 || ferror(s->out)) {
		error_set(e, ERR_SYSTEM, "no memory for a query");
		return NULL;
	}
	return s->text;
}

void sql_free(struct sql *s)
{
	if (s->out != NULL)
		fclose(s->out);
	free(s->text);
	*s = (struct sql){0};
}
