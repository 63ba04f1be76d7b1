/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the store share: a folder of their own, rows, and short questions. */
#ifndef DWELL_TESTS_STORE_LAB_H
#define DWELL_TESTS_STORE_LAB_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"
#include "sys/file.h"

#define LAB_DAY 19675 /* 2023-11-14, counted from 1970-01-01 */

/* A new folder; its name is malloc'd. */
static inline char *lab_folder(void)
{
	char *path;
	assert_true(asprintf(&path, "%s/dwell-store-XXXXXX", P_tmpdir) > 0);
	assert_non_null(mkdtemp(path));
	return path;
}

/* The same in memory where there is such a place, for tests that commit often: what is
 * made durable there costs nothing. */
static inline char *lab_quick_folder(void)
{
	char *path;
	assert_true(asprintf(&path, "/dev/shm/dwell-store-XXXXXX") > 0);
	if (mkdtemp(path) != NULL)
		return path;
	free(path);
	return lab_folder();
}

/* Remove it. */
static inline void lab_done(char *path)
{
	assert_int_equal(file_remove_tree(path, NULL), 0);
	free(path);
}

static inline struct store *lab_open(const char *path, enum store_mode mode)
{
	struct error e = {0};
	struct store *s = store_open(path, mode, &e);
	if (s == NULL)
		fail_msg("%s: %s", path, e.text);
	return s;
}

/* Opening must fail with that code, naming what. */
static inline void lab_refused(
    const char *path, enum store_mode mode, enum error_code code, const char *what)
{
	struct error e = {0};
	assert_null(store_open(path, mode, &e));
	assert_int_equal(e.code, code);
	if (strstr(e.text, what) == NULL)
		fail_msg("'%s' does not say '%s'", e.text, what);
}

/* The one whole number that the query gives. */
static inline int64_t lab_number(struct store *s, const char *sql)
{
	struct error e = {0};
	struct store_rows *r = store_query(s, sql, &e);
	if (r == NULL)
		fail_msg("%s: %s", sql, e.text);
	if (!store_next(r))
		fail_msg("%s: no row: %s", sql, store_rows_failed(r, &e) ? e.text : "");
	int64_t n = store_int(r, 0);
	assert_false(store_next(r));
	assert_false(store_rows_failed(r, &e));
	store_rows_free(r);
	return n;
}

static inline struct addr lab_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t p[4] = {a, b, c, d};
	return addr_from_v4(p);
}

/* A connection of the given day (from LAB_DAY) and second, from host 10.0.0.HOST. */
static inline struct conn_record lab_conn(int day, int64_t second, uint8_t host)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from((LAB_DAY + (int64_t)day) * 86400 + second, 250000);
	r.src_ip = lab_v4(10, 0, 0, host);
	r.dst_ip = lab_v4(198, 51, 100, (uint8_t)(second % 200));
	r.src_port = 40000;
	r.dst_port = 443;
	r.proto = STR("tcp");
	r.state = STR("SF");
	r.sensor = STR("hq");
	r.source = STR("a capture with a long name.pcap");
	r.source_offset = (uint64_t)second;
	return r;
}

static inline void lab_begin(struct store *s)
{
	struct error e = {0};
	if (store_begin(s, &e) < 0)
		fail_msg("begin: %s", e.text);
}

static inline void lab_commit(struct store *s)
{
	struct error e = {0};
	if (store_failed(s, &e) || store_commit(s, &e) < 0)
		fail_msg("commit: %s", e.text);
}

/* Put n connections, evenly over days. */
static inline void lab_put_conns(struct store *s, int n, int days, uint8_t host)
{
	struct record_sink sink = store_sink(s);
	for (int i = 0; i < n; i++) {
		struct conn_record r = lab_conn(i % days, i / days, host);
		record_put(&sink, RECORD_CONN, &r);
	}
}

#endif
