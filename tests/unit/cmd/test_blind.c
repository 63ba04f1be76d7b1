/* SPDX-License-Identifier: Apache-2.0 */
/* Since when nobody watched, by what a memory holds; what rows say of a reader that fell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/watch/blind.h"

#define MINUTE (60 * NS_PER_S)

struct rows {
	size_t anomalies, minutes;
	bool detail;
	struct watch_record minute;
};

static void put(void *ctx, enum record_type type, const void *record)
{
	struct rows *r = ctx;
	if (type == RECORD_WATCH) {
		r->minutes++;
		r->minute = *(const struct watch_record *)record;
		return;
	}
	const struct anomaly_record *a = record;
	assert_int_equal(type, RECORD_ANOMALY);
	r->anomalies++;
	r->detail =
	    str_equal(a->detail, STR("reader=3 signal=9 connections=12 packets=345"));
	assert_true(str_equal(a->kind, STR("reader_fell")));
	assert_true(str_equal(a->sensor, STR("here")));
}

static void test_a_reader_that_fell(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 1, &sink);
	const struct blind_fall f = {.at = {7 * MINUTE + NS_PER_S},
	    .sensor = "here",
	    .reader = 3,
	    .status = SIGKILL,
	    .connections = 12,
	    .lost = 345,
	    .packets = 1000,
	    .bytes = 64000};
	blind_fell(&s, &sink, &f);
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.anomalies, 1);
	assert_true(rows.detail);
	assert_int_equal(rows.minutes, 1);
	assert_int_equal(rows.minute.ts.ns, 7 * MINUTE);
	assert_int_equal(rows.minute.packets, 1000);
	assert_int_equal(rows.minute.bytes, 64000);
	assert_int_equal(rows.minute.drops, 345);
}

/* A file of the memory, last changed at that second. */
static void leave(const char *path, int64_t second)
{
	const struct timespec times[2] = {{second, 0}, {second, 0}};
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void test_since_when(void **state)
{
	(void)state;
	char memory[] = "/tmp/dwell-blind-XXXXXX", journal[64], held[72], waiting[72];
	const struct moment now = {100 * MINUTE + 30 * NS_PER_S};
	assert_non_null(mkdtemp(memory));
	snprintf(journal, sizeof(journal), "%s/journal", memory);
	snprintf(held, sizeof(held), "%s/held", journal);
	snprintf(waiting, sizeof(waiting), "%s/rows", journal);
	assert_int_equal(mkdir(journal, 0700), 0);
	/* Nobody ever did. */
	assert_int_equal(blind_since(memory, now).ns, 100 * MINUTE);
	/* One stopped in order, some minutes ago; or, by a clock that was set, later. */
	leave(held, 97 * 60 + 20);
	assert_int_equal(blind_since(memory, now).ns, 97 * MINUTE + 20 * NS_PER_S);
	leave(held, 200 * 60);
	assert_int_equal(blind_since(memory, now).ns, now.ns);
	/* One was killed: what it counted in its last minute is gone. */
	leave(held, 100 * 60 + 20);
	leave(waiting, 100 * 60 + 20);
	assert_int_equal(blind_since(memory, now).ns, 100 * MINUTE);
	unlink(waiting);
	unlink(held);
	rmdir(journal);
	rmdir(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_reader_that_fell),
	    cmocka_unit_test(test_since_when),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
