/* SPDX-License-Identifier: Apache-2.0 */
/* dwell query: SQL over the memory's tables. */
#include "cmd/commands.h"
#include "cmd/options.h"

static const struct command_text text = {"query", "[-m MEMORY] SQL",
    "Run one SQL statement that reads: SELECT, WITH, DESCRIBE, SHOW, SUMMARIZE, "
    "EXPLAIN.\n"
    "SHOW TABLES lists the tables, DESCRIBE conn the columns of one.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_QUIET};

static int query(const struct options *o, struct error *e)
{
	struct store *s = store_open(o->memory, STORE_READ, e);
	if (s == NULL)
		return -1;
	struct store_rows *r = store_query(s, o->rest[0], e);
	int result = r != NULL ? format_rows(r, o->format, stdout, e) : -1;
	store_rows_free(r);
	store_close(s);
	return result;
}

int cmd_query(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	if (o.rest_count != 1)
		return usage_error(&text, "give one SQL statement, in quotes");
	return query(&o, &e) < 0 ? report_error(&e) : 0;
}
