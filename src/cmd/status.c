/* SPDX-License-Identifier: Apache-2.0 */
/* dwell status: ask the dwell watch that is at work on a memory how it is. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/commands.h"
#include "desk/control.h"

static const struct command_text text = {"status", "[-m MEMORY] [judge|reload]",
    "Tell how the dwell watch that is at work on the memory does; or have it run the\n"
    "detectors now (judge), or read its files anew (reload).",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_QUIET};

/* A name that tells a Unix time, as a time. */
static void print_value(const char *name, int64_t n)
{
	static const char *const times[] = {
	    "started", "last_packet", "last_commit", "last_judged"};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char when[MOMENT_TEXT_MAX] = "never";
		if (strcmp(name, times[i]) != 0)
			continue;
		if (n > 0)
			moment_text_minute(moment_from(n, 0), when);
		printf("%-18s %s\n", name, when);
		return;
	}
	printf("%-18s %" PRId64 "\n", name, n);
}

static void print_csv(const json_t *status)
{
	const char *name;
	json_t *value;
	const char *comma = "";
	/* jansson keeps the order in which they came */
	json_object_foreach((json_t *)(uintptr_t)status, name, value)
	{
		printf("%s%s", comma, name);
		comma = ",";
	}
	printf("\r\n");
	comma = "";
	json_object_foreach((json_t *)(uintptr_t)status, name, value)
	{
		printf("%s%" JSON_INTEGER_FORMAT, comma, json_integer_value(value));
		comma = ",";
	}
	printf("\r\n");
}

static void print_table(const json_t *status)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)status, name, value)
	{
		print_value(name, json_integer_value(value));
	}
}

static int print(const char *line, enum format format, struct error *e)
{
	json_t *answer = json_loads(line, 0, NULL);
	const char *wrong = json_string_value(json_object_get(answer, "error"));
	int result = 0;
	if (!json_is_object(answer))
		result = error_set(e, ERR_SYSTEM, "the watch's answer is not understood");
	else if (wrong != NULL)
		result = error_set(e, ERR_SYSTEM, "the watch says: %.200s", wrong);
	else if (json_object_get(answer, "done") != NULL)
		;
	else if (format == FORMAT_JSON)
		puts(line);
	else if (format == FORMAT_CSV)
		print_csv(answer);
	else
		print_table(answer);
	json_decref(answer);
	return result;
}

int cmd_status(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status = 0;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	const char *what = o.rest_count > 0 ? o.rest[0] : "status";
	if (o.rest_count > 1 ||
	    (strcmp(what, "status") != 0 && strcmp(what, "judge") != 0 &&
		strcmp(what, "reload") != 0))
		return usage_error(&text, "what is to be asked is judge or reload");
	char *line = control_ask(o.memory, what, &e);
	if (line == NULL || print(line, o.format, &e) < 0)
		status = report_error(&e);
	free(line);
	return status;
}
