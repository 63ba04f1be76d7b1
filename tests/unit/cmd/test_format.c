/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as table, CSV (RFC 4180) and JSON, against lines written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/format.h"
#include "sys/file.h"

struct lab {
	char *path;
	struct store *store;
};

static int open_memory(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct error e = {0};
	assert_true(asprintf(&lab->path, "%s/dwell-format-XXXXXX", P_tmpdir) > 0);
	assert_non_null(mkdtemp(lab->path));
	lab->store = store_open(lab->path, STORE_WRITE, &e);
	*state = lab;
	return lab->store != NULL ? 0 : -1;
}

static int close_memory(void **state)
{
	struct lab *lab = *state;
	store_close(lab->store);
	int status = file_remove_tree(lab->path, NULL);
	free(lab->path);
	free(lab);
	return status;
}

static void prints(void **state, const char *sql, enum format f, const char *text)
{
	struct lab *lab = *state;
	struct error e = {0};
	char *out = NULL;
	size_t n;
	FILE *stream = open_memstream(&out, &n);
	struct store_rows *r = store_query(lab->store, sql, &e);
	if (r == NULL)
		fail_msg("%s: %s", sql, e.text);
	if (format_rows(r, f, stream, &e) < 0)
		fail_msg("%s: %s", sql, e.text);
	fclose(stream);
	assert_string_equal(out, text);
	free(out);
	store_rows_free(r);
}

#define ODD                                                                              \
	"SELECT * FROM (VALUES (1, 'a,b', NULL), (20, 'say \"x\"', ''), (300, "          \
	"E'two\\nlines', 'é'))"                                                         \
	" t(n, \"the text\", z)"

static void csv_is_quoted_where_it_must_be(void **state)
{
	prints(state, ODD, FORMAT_CSV,
	    "n,the text,z\r\n1,\"a,b\",\r\n20,\"say "
	    "\"\"x\"\"\",\"\"\r\n300,\"two\nlines\",é\r\n");
}

static void json_is_one_object_a_line(void **state)
{
	prints(state, ODD, FORMAT_JSON,
	    "{\"n\":1,\"the text\":\"a,b\",\"z\":null}\n"
	    "{\"n\":20,\"the text\":\"say \\\"x\\\"\",\"z\":\"\"}\n"
	    "{\"n\":300,\"the text\":\"two\\u000alines\",\"z\":\"é\"}\n");
}

/* Numbers to the right, text to the left,
 * control characters never, widths by character. */
static void a_table_is_aligned(void **state)
{
	prints(state, ODD, FORMAT_TABLE,
	    "  n  the text      z\n"
	    "---  ------------  -\n"
	    "  1  a,b           \n"
	    " 20  say \"x\"       \n"
	    "300  two\\x0alines  é\n");
	prints(state, "SELECT '漢字' AS a, 'é' AS b, chr(27) || '[31m' AS c, 1.5 AS d",
	    FORMAT_TABLE,
	    "a     b  c           d\n----  -  --------  ---\n漢字  é  \\x1b[31m  1.5\n");
}

static void no_rows_leave_the_head(void **state)
{
	prints(state, "SELECT 1 AS a WHERE false", FORMAT_TABLE, "a\n-\n");
	prints(state, "SELECT 1 AS a WHERE false", FORMAT_CSV, "a\r\n");
	prints(state, "SELECT 1 AS a WHERE false", FORMAT_JSON, "");
}

/* Beyond the rows that decide the widths lines still come, each once and in order. */
static void many_rows_come_once_each(void **state)
{
	struct lab *lab = *state;
	struct error e = {0};
	char line[64];
	FILE *out = tmpfile();
	assert_non_null(out);
	struct store_rows *r =
	    store_query(lab->store, "SELECT i FROM range(5000) t(i)", &e);
	assert_non_null(r);
	assert_int_equal(format_rows(r, FORMAT_TABLE, out, &e), 0);
	store_rows_free(r);
	rewind(out);
	for (int i = -2; fgets(line, sizeof(line), out) != NULL; i++) {
		if (i >= 0)
			assert_int_equal(atoi(line), i);
		if (i == 4999)
			assert_null(fgets(line, sizeof(line), out));
	}
	fclose(out);
}

/* A full device is an error with the system's words, not silence. */
static void what_can_not_be_written_is_an_error(void **state)
{
	struct lab *lab = *state;
	const enum format all[] = {FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON};
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL) {
		print_message("# skipped: no /dev/full here\n");
		return;
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct error e = {0};
		struct store_rows *r =
		    store_query(lab->store, "SELECT i FROM range(100000) t(i)", &e);
		assert_non_null(r);
		assert_int_equal(format_rows(r, all[i], full, &e), -1);
		assert_int_equal(e.code, ERR_SYSTEM);
		store_rows_free(r);
		clearerr(full);
	}
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csv_is_quoted_where_it_must_be),
	    cmocka_unit_test(json_is_one_object_a_line),
	    cmocka_unit_test(a_table_is_aligned),
	    cmocka_unit_test(no_rows_leave_the_head),
	    cmocka_unit_test(many_rows_come_once_each),
	    cmocka_unit_test(what_can_not_be_written_is_an_error),
	};
	return cmocka_run_group_tests(tests, open_memory, close_memory);
}
