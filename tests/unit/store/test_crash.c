/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9, full disks, obstacles and damage: after each the memory is as before a
 * transaction or as after it, says what is wrong, and goes on.
 */
#include "store_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS      50
#define ROUND_CONNS 400 /* over DAYS days */
#define ROUND_TLS   50
#define DAYS        4

/* ---- kill -9 ---- */

/* One transaction of round i; the pipe says when its commit begins. */
static void write_round(struct store *s, uint64_t i, int ready)
{
	struct error e = {0};
	char id[24];
	if (store_begin(s, &e) < 0)
		_exit(2);
	struct record_sink sink = store_sink(s);
	for (int k = 0; k < ROUND_CONNS; k++) {
		struct conn_record r = lab_conn(k % DAYS, k, 1);
		r.src_bytes = i;
		record_put(&sink, RECORD_CONN, &r);
	}
	for (int k = 0; k < ROUND_TLS; k++) {
		struct tls_record r;
		record_clear(RECORD_TLS, &r);
		r.ts = moment_from(LAB_DAY * 86400LL + k, 0);
		r.cert_count = i;
		record_put(&sink, RECORD_TLS, &r);
	}
	snprintf(id, sizeof(id), "%d", (int)i);
	struct finding_record f;
	record_clear(RECORD_FINDING, &f);
	f.id = str_of(id);
	record_put(&sink, RECORD_FINDING, &f);
	struct store_input in = {{i, 1}, {i, 2}, 1, 1, "capture"};
	if (store_add_input(s, &in, &e) < 0 || write(ready, "c", 1) != 1)
		_exit(2);
	_exit(store_commit(s, &e) < 0 ? 3 : 0);
}

static void wait_ns(long ns)
{
	nanosleep(
	    &(struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000},
	    NULL);
}

static long since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000 + now.tv_nsec - start->tv_nsec;
}

/* Run a round in a child and kill it after ns from the start
 * of its commit; whether it had ended by itself. With negative
 * ns it may end, and *took says how long the commit was. */
static bool run_round(const char *path, uint64_t i, long ns, long *took)
{
	int ready[2], status;
	char c;
	struct timespec start;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error e = {0};
		struct store *s = store_open(path, STORE_WRITE, &e);
		if (s == NULL)
			_exit(4);
		write_round(s, i, ready[1]);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (ns >= 0) {
		wait_ns(ns);
		kill(child, SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	*took = since(&start);
	close(ready[0]);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFEXITED(status);
}

/* How many rows of the round there are in a table. */
static int64_t count_round(
    struct store *s, const char *table, const char *column, uint64_t i)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE %s = %d", table, column,
	    (int)i);
	return lab_number(s, sql);
}

/* All of the round is there or nothing; which. */
static bool check_round(struct store *s, uint64_t i)
{
	const uint64_t whole[2] = {i, 2};
	int64_t conns = count_round(s, "conn", "src_bytes", i);
	int64_t tls = count_round(s, "tls", "cert_count", i);
	assert_true(conns == 0 || conns == ROUND_CONNS);
	assert_int_equal(tls, conns == 0 ? 0 : ROUND_TLS);
	assert_int_equal(store_knows_whole(s, whole), conns != 0);
	return conns != 0;
}

static void killed_at_any_moment_it_is_all_or_nothing(void **state)
{
	(void)state;
	char *path = lab_folder();
	long commit_ns, took;
	unsigned seed = 20;
	assert_true(run_round(path, 1, -1, &commit_ns));
	uint64_t last = 1;
	int64_t rounds = 1, killed = 0;
	for (uint64_t i = 2; i <= ROUNDS + 1; i++) {
		long ns =
		    (long)((double)rand_r(&seed) / RAND_MAX * 1.1 * (double)commit_ns);
		bool ended = run_round(path, i, ns, &took);
		/* A reader must see the same as the writer that comes after the crash. */
		struct store *s = lab_open(path, i % 2 == 0 ? STORE_READ : STORE_WRITE);
		bool there = check_round(s, i);
		assert_true(there || !ended);
		last = there ? i : last;
		rounds += there;
		killed += !there;
		assert_int_equal(count_round(s, "finding", "id::INT", last), 1);
		assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 1);
		assert_int_equal(
		    lab_number(s, "SELECT count(*) FROM conn"), rounds * ROUND_CONNS);
		store_close(s);
	}
	print_message("# %lld of %d rounds were cut off before their commit\n",
	    (long long)killed, ROUNDS);
	lab_done(path);
}

/* A commit file by hand, as doc/format/memory.md describes it:
 * whoever opens next finishes it. */
static void finish_by_hand(enum store_mode mode)
{
	static const char commit[] =
	    "{\"moves\": [[\"a\", \"conn/day=2023-11-14/hq-00000001.parquet\"],"
	    " [\"b\", \"conn/day=2023-11-15/hq-00000001.parquet\"]],"
	    " \"removes\": [\"finding/dwell-00000001.parquet\", \"finding/none\"]}";
	char *path = lab_folder(), *shell;
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 10000, 2, 1); /* enough for a segment a day */
	struct record_sink sink = store_sink(s);
	struct finding_record f;
	record_clear(RECORD_FINDING, &f);
	record_put(&sink, RECORD_FINDING, &f);
	lab_commit(s);
	store_close(s);
	assert_true(
	    asprintf(&shell,
		"cd %s && mkdir journal/tx-00000001 journal/tx-00000002 &&"
		" mv conn/*14/* journal/tx-00000001/a && touch journal/tx-00000002/x",
		path) > 0);
	assert_int_equal(system(shell), 0);
	free(shell);
	assert_true(asprintf(&shell, "%s/journal/commit-00000001.json", path) > 0);
	assert_int_equal(file_replace(shell, commit, sizeof(commit) - 1, NULL), 0);
	s = lab_open(path, mode);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 10000);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 0);
	assert_false(file_exists(shell));
	store_close(s);
	free(shell);
	lab_done(path);
}

static void an_unfinished_commit_is_finished_by_the_next(void **state)
{
	(void)state;
	finish_by_hand(STORE_WRITE);
	finish_by_hand(STORE_READ);
}

/* A commit file that leads out of the memory is not followed. */
static void a_commit_that_leads_outside_is_refused(void **state)
{
	(void)state;
	static const char *const commits[] = {
	    "{\"moves\": [], \"removes\": [\"../letter\"]}",
	    "{\"moves\": [], \"removes\": [\".\"]}",
	    "{\"moves\": [], \"removes\": [\"conn/../../letter\"]}",
	    "{\"moves\": [[\"a\", \"/letter\"]], \"removes\": []}",
	    "{\"moves\": [[\"a\"]]}", "{"};
	char *path = lab_folder(), *memory, *letter, *commit;
	assert_true(asprintf(&memory, "%s/memory", path) > 0);
	assert_true(asprintf(&letter, "%s/letter", path) > 0);
	assert_true(asprintf(&commit, "%s/journal/commit-00000001.json", memory) > 0);
	assert_int_equal(file_replace(letter, "x", 1, NULL), 0);
	store_close(lab_open(memory, STORE_WRITE));
	for (size_t i = 0; i < sizeof(commits) / sizeof(commits[0]); i++) {
		assert_int_equal(
		    file_replace(commit, commits[i], strlen(commits[i]), NULL), 0);
		lab_refused(memory, STORE_WRITE, ERR_MEMORY, "commit-00000001.json");
		assert_true(file_exists(letter));
	}
	free(memory);
	free(letter);
	free(commit);
	lab_done(path);
}

/* ---- no room, no way ---- */

/* Rows that do not compress: n of them take 32 n bytes and more. */
static void put_noise(struct store *s, int n)
{
	struct record_sink sink = store_sink(s);
	uint64_t x = 1;
	for (int i = 0; i < n; i++) {
		struct conn_record r = lab_conn(0, i % 86400, 1);
		char name[40];
		x = x * 6364136223846793005U + 1442695040888963407U;
		snprintf(name, sizeof(name), "%016llx%016llx", (unsigned long long)x,
		    (unsigned long long)(x * x));
		r.server_name = str_of(name);
		record_put(&sink, RECORD_CONN, &r);
	}
}

/* 0 when a transaction too large for what is left
 * fails cleanly and a small one then works. */
static int overfill(const char *path, bool limit_files)
{
	struct error e = {0};
	struct rlimit old, small = {200000, RLIM_INFINITY};
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 100, 2, 1);
	lab_commit(s);
	getrlimit(RLIMIT_FSIZE, &old);
	if (limit_files)
		setrlimit(RLIMIT_FSIZE, &small);
	lab_begin(s);
	put_noise(s, 100000);
	int failed = store_failed(s, &e) || store_commit(s, &e) < 0 ? 0 : 1;
	store_abort(s);
	setrlimit(RLIMIT_FSIZE, &old);
	if (failed != 0 || e.code != ERR_SYSTEM)
		return 1;
	if (lab_number(s, "SELECT count(*) FROM conn") != 100)
		return 2;
	lab_begin(s);
	lab_put_conns(s, 100, 2, 2);
	lab_commit(s);
	store_close(s);
	s = lab_open(path, STORE_READ);
	int64_t n = lab_number(s, "SELECT count(*) FROM conn");
	store_close(s);
	return n == 200 ? 0 : 3;
}

static void a_file_size_limit_loses_nothing(void **state)
{
	(void)state;
	char *path = lab_folder();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(overfill(path, true), 0);
	lab_done(path);
}

#define NOT_PERMITTED 77

/* A real full disk: a small file system of our own, in a mount namespace of our own. */
static void a_full_disk_loses_nothing(void **state)
{
	(void)state;
	char *path = lab_folder();
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWNS) != 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    mount("dwell", path, "tmpfs", 0, "size=1m") != 0)
			_exit(NOT_PERMITTED);
		_exit(overfill(path, false));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	lab_done(path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NOT_PERMITTED) {
		print_message("# skipped: no mount namespaces here\n");
		return;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A file where a folder must be: the commit fails before anything is visible. */
static void an_obstacle_stops_the_whole_commit(void **state)
{
	(void)state;
	char *path = lab_folder(), *file;
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	assert_true(asprintf(&file, "%s/tls", path) > 0);
	assert_int_equal(file_replace(file, "", 0, NULL), 0);
	lab_begin(s);
	lab_put_conns(s, 40, 2, 1);
	struct record_sink sink = store_sink(s);
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	record_put(&sink, RECORD_TLS, &r);
	assert_int_equal(store_commit(s, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "tls"));
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 0);
	assert_int_equal(file_remove_tree(file, NULL), 0);
	lab_begin(s);
	lab_put_conns(s, 40, 2, 1);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 40);
	store_close(s);
	free(file);
	lab_done(path);
}

/* ---- damage ---- */

static void overwrite(const char *file, off_t at, int from, const char *bytes)
{
	int d = open(file, O_WRONLY);
	assert_true(d >= 0);
	assert_true(lseek(d, at, from) >= 0);
	assert_int_equal(write(d, bytes, strlen(bytes)), strlen(bytes));
	close(d);
}

static char *memory_to_damage(char **file)
{
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 20000, 2, 1);
	lab_commit(s);
	store_close(s);
	assert_true(
	    asprintf(file, "%s/conn/day=2023-11-15/hq-00000001.parquet", path) > 0);
	return path;
}

/* A reader finds out when it comes to the file. */
static void refused_when_read(const char *path, const char *what)
{
	struct error e = {0};
	struct store *s = lab_open(path, STORE_READ);
	assert_null(store_query(s, "SELECT count(*) FROM conn", &e));
	assert_int_equal(e.code, ERR_MEMORY);
	if (strstr(e.text, what) == NULL)
		fail_msg("'%s' does not say '%s'", e.text, what);
	assert_null(store_query(s, "SELECT count(*) FROM pair_day", &e));
	assert_int_equal(e.code, ERR_MEMORY);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM dns"), 0);
	store_close(s);
}

static void a_cut_segment_is_named(void **state)
{
	(void)state;
	char *file, *path = memory_to_damage(&file);
	struct stat st;
	assert_int_equal(stat(file, &st), 0);
	const off_t sizes[] = {st.st_size - 1, st.st_size / 2, 11, 0};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(truncate(file, sizes[i]), 0);
		refused_when_read(path, "day=2023-11-15/hq-00000001.parquet");
		lab_refused(
		    path, STORE_WRITE, ERR_MEMORY, "day=2023-11-15/hq-00000001.parquet");
		assert_true(file_exists(file));
	}
	free(file);
	lab_done(path);
}

static void a_segment_with_wrong_ends_is_named(void **state)
{
	(void)state;
	char *file, *path = memory_to_damage(&file);
	overwrite(file, -4, SEEK_END, "PARX");
	refused_when_read(path, "hq-00000001.parquet");
	overwrite(file, -4, SEEK_END, "PAR1");
	overwrite(file, -5, SEEK_END, "\x7f");
	refused_when_read(path, "hq-00000001.parquet");
	free(file);
	lab_done(path);
}

/* Damage inside, which only reading finds: the query fails and the file is named. */
static void damage_within_is_found_by_reading(void **state)
{
	(void)state;
	static const char junk[] =
	    "junk junk junk junk junk junk junk junk junk junk junk junk";
	for (int where = 0; where < 2; where++) {
		char *file, *path = memory_to_damage(&file);
		struct error e = {0};
		overwrite(
		    file, where == 0 ? 40 : -300, where == 0 ? SEEK_SET : SEEK_END, junk);
		struct store *s = lab_open(path, STORE_READ);
		struct store_rows *r =
		    store_query(s, "SELECT max(hash(COLUMNS(*))) FROM conn", &e);
		if (r != NULL) {
			while (store_next(r))
				continue;
			assert_true(store_rows_failed(r, &e));
		}
		assert_int_equal(e.code, ERR_MEMORY);
		if (strstr(e.text, "day=2023-11-15/hq-00000001.parquet") == NULL)
			fail_msg("'%s' does not name the file", e.text);
		store_rows_free(r);
		store_close(s);
		free(file);
		lab_done(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(killed_at_any_moment_it_is_all_or_nothing),
	    cmocka_unit_test(an_unfinished_commit_is_finished_by_the_next),
	    cmocka_unit_test(a_commit_that_leads_outside_is_refused),
	    cmocka_unit_test(a_file_size_limit_loses_nothing),
	    cmocka_unit_test(a_full_disk_loses_nothing),
	    cmocka_unit_test(an_obstacle_stops_the_whole_commit),
	    cmocka_unit_test(a_cut_segment_is_named),
	    cmocka_unit_test(a_segment_with_wrong_ends_is_named),
	    cmocka_unit_test(damage_within_is_found_by_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
