/* SPDX-License-Identifier: Apache-2.0 */
/* A growing SQL text. Names, paths and values get in only as literals. */
#ifndef DWELL_ENGINE_SQL_H
#define DWELL_ENGINE_SQL_H

#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

struct sql {
	FILE *out; /* NULL: no memory */
	char *text;
	size_t n;
};

/* An empty text. */
struct sql sql_start(void);

/* Append text as it is. */
void sql_put(struct sql *s, const char *text);

/* Append as printf; for numbers and names of ours. */
__attribute__((format(printf, 2, 3))) void sql_format(
    struct sql *s, const char *format, ...);

/* Put text as a string literal (base/quote.h). */
void sql_quote(struct sql *s, const char *text);
void sql_quote_str(struct sql *s, struct str text);

/* The text so far; it lives until sql_free or the next put.
 * NULL with *e set without memory. */
const char *sql_text(struct sql *s, struct error *e);

/* Free the text. */
void sql_free(struct sql *s);

#endif
