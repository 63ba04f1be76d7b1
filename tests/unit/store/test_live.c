/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory that is written live: what store_live_sync acknowledged is in it once,
 * whatever happens to the process and to the disk; what could not be kept is counted.
 */
#include "store_lab.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store/live.h"
#include "store/rowlog.h"

#define KILLS     100
#define BATCH     37 /* rows between two acknowledgements */
#define NOT_THERE 77

/* Put rows from *next on; each has its number. */
static void put_rows(const struct record_sink *sink, uint64_t *next, int n)
{
	for (int i = 0; i < n; i++, ++*next) {
		struct conn_record r = lab_conn((int)(*next % 3), (int64_t)*next, 1);
		char name[32];
		snprintf(name, sizeof(name), "n%llu.example", (unsigned long long)*next);
		r.src_bytes = *next;
		r.server_name = str_of(name);
		record_put(sink, RECORD_CONN, &r);
	}
}

static void put(struct store *s, uint64_t *next, int n)
{
	struct record_sink sink = store_sink(s);
	put_rows(&sink, next, n);
}

static void go_live(struct store *s)
{
	struct error e = {0};
	if (store_live(s, &e) < 0)
		fail_msg("live: %s", e.text);
}

static void sync_live(struct store *s)
{
	struct error e = {0};
	if (store_live_sync(s, &e) < 0)
		fail_msg("sync: %s", e.text);
}

/* How many rows there are: each once, from 0 on without a hole. */
static int64_t rows_there(struct store *s)
{
	int64_t n = lab_number(s, "SELECT count(*) FROM conn");
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT src_bytes) FROM conn"), n);
	assert_int_equal(
	    lab_number(s, "SELECT coalesce(max(src_bytes)+1,0) FROM conn"), n);
	return n;
}

static bool journal_is_there(const char *path)
{
	char name[PATH_MAX];
	snprintf(name, sizeof(name), "%s/" ROWLOG_NAME, path);
	return file_exists(name);
}

static void commits_empty_the_journal(void **state)
{
	(void)state;
	char *path = lab_folder();
	uint64_t next = 0;
	struct store *s = lab_open(path, STORE_WRITE);
	go_live(s);
	assert_true(journal_is_there(path));
	for (int i = 0; i < 5; i++) {
		lab_begin(s);
		put(s, &next, 1000);
		sync_live(s);
		lab_commit(s);
		put(s, &next, 10); /* between two transactions */
	}
	lab_begin(s);
	lab_commit(s);
	assert_int_equal(rows_there(s), 5050);
	struct store_live_counts c = store_live_counted(s);
	assert_int_equal(c.put, 5050);
	assert_int_equal(c.lost, 0);
	assert_int_equal(c.replayed, 50);
	store_close(s);
	assert_false(journal_is_there(path));
	lab_done(path);
}

static void every_field_comes_back(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	const struct str texts[] = {STR("198.51.100.7"), {0}, STR("näme")};
	struct dns_record d;
	record_clear(RECORD_DNS, &d);
	d.ts = moment_from(LAB_DAY * 86400LL, 5000);
	d.src_ip = lab_v4(10, 0, 0, 1);
	d.query = STR("a.example");
	d.rtt = 0.25;
	d.answers = (struct str_list){texts, 3};
	go_live(s);
	struct record_sink sink = store_sink(s);
	record_put(&sink, RECORD_DNS, &d); /* no transaction: the journal alone */
	store_close(s);
	assert_true(journal_is_there(path));
	s = lab_open(path, STORE_WRITE);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM dns WHERE query='a.example' AND "
			  "src_ip='10.0.0.1' AND rtt=0.25 AND answers[3]='näme' AND "
			  "len(answers)=3 AND dst_ip IS NULL AND epoch_us(ts)%1000000=5"),
	    1);
	store_close(s);
	assert_false(journal_is_there(path));
	lab_done(path);
}

/* ---- kill -9 ---- */

/* Write until killed; say after each acknowledgement how many rows there are. */
static void write_until_killed(const char *path, int out, unsigned seed)
{
	struct error e = {0};
	const struct policy small = {.disk = 32U << 20}; /* and so a small journal */
	struct store *s = store_open(path, STORE_WRITE, &e);
	if (s == NULL || store_set_policy(s, &small, &e) < 0 || store_live(s, &e) < 0 ||
	    store_begin(s, &e) < 0)
		_exit(2);
	uint64_t next = (uint64_t)rows_there(s);
	struct record_sink sink = store_sink(s);
	for (;;) {
		put_rows(&sink, &next, BATCH);
		if (store_live_sync(s, &e) < 0 ||
		    write(out, &next, sizeof(next)) != sizeof(next))
			_exit(3);
		if (rand_r(&seed) % 4 != 0)
			continue;
		if (store_commit(s, &e) < 0 || store_tidy_step(s, &e) < 0 ||
		    store_begin(s, &e) < 0)
			_exit(4);
	}
}

static void killed_at_any_moment_it_keeps_what_it_acknowledged(void **state)
{
	(void)state;
	char *path = lab_quick_folder();
	unsigned seed = 7;
	uint64_t acknowledged = 0, all = 0;
	for (int i = 0; i < KILLS; i++) {
		int pipes[2], status;
		uint64_t n;
		assert_int_equal(pipe(pipes), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			write_until_killed(path, pipes[1], (unsigned)i);
		close(pipes[1]);
		assert_int_equal(read(pipes[0], &n, sizeof(n)), sizeof(n));
		nanosleep(&(struct timespec){.tv_nsec = rand_r(&seed) % 40000000}, NULL);
		kill(child, SIGKILL);
		acknowledged = n;
		while (read(pipes[0], &n, sizeof(n)) == sizeof(n))
			acknowledged = n;
		close(pipes[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		if (i % 8 != 0)
			continue; /* the next child takes over */
		struct store *s = lab_open(path, STORE_WRITE);
		all = (uint64_t)rows_there(s);
		assert_true(all >= acknowledged);
		store_close(s);
	}
	print_message("# %llu rows after %d kills\n", (unsigned long long)all, KILLS);
	lab_done(path);
}

/* ---- the disk ---- */

/* In a child with a disk of its own of that many MiB, mounted at path; its result. */
static int on_small_disk(const char *path, const char *size, int (*run)(const char *path))
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWNS) != 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    mount("dwell", path, "tmpfs", 0, size) != 0)
			_exit(NOT_THERE);
		_exit(run(path));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NOT_THERE)
		print_message("# skipped: no mount namespaces here\n");
	return WEXITSTATUS(status) == NOT_THERE ? 0 : WEXITSTATUS(status);
}

/* Fill the disk with a file beside the memory, up to the last byte. */
static char *fill_disk(const char *path)
{
	static const char zeros[4096];
	char *file;
	assert_true(asprintf(&file, "%s/filler", path) > 0);
	int d = open(file, O_WRONLY | O_CREAT, 0600);
	while (write(d, zeros, sizeof(zeros)) > 0)
		continue;
	close(d);
	return file;
}

static int outlive_full_disk(const char *path)
{
	struct error e = {0};
	char *memory;
	uint64_t next = 0, kept;
	assert_true(asprintf(&memory, "%s/memory", path) > 0);
	struct store *s = lab_open(memory, STORE_WRITE);
	go_live(s);
	lab_begin(s);
	put(s, &next, 1000);
	lab_commit(s);
	char *filler = fill_disk(path);
	int failed = 0;
	for (int i = 0; i < 20; i++) {
		if (store_begin(s, &e) == 0) {
			put(s, &next, 500);
			failed += store_commit(s, &e) < 0;
			store_abort(s);
		}
		put(s, &next, 500);
		sync_live(s); /* the journal has its room */
	}
	if (failed == 0)
		return 1;
	if (rows_there(s) >= (int64_t)next)
		return 2;
	unlink(filler);
	lab_begin(s);
	put(s, &next, 500);
	lab_commit(s);
	kept = (uint64_t)rows_there(s);
	struct store_live_counts c = store_live_counted(s);
	store_close(s);
	free(filler);
	free(memory);
	return kept == next && c.lost == 0 && c.replayed > 0 ? 0 : 3;
}

static void a_full_disk_loses_nothing_while_the_journal_has_room(void **state)
{
	(void)state;
	char *path = lab_folder();
	assert_int_equal(on_small_disk(path, "size=96m", outlive_full_disk), 0);
	lab_done(path);
}

/* A disk so small that the journal takes part of its budget, and that is passed. */
static int outlast_journal(const char *path)
{
	struct error e = {0};
	char *memory;
	uint64_t next = 0;
	struct policy policy = {.disk = 32U << 20}; /* a journal of 4 MiB */
	assert_true(asprintf(&memory, "%s/memory", path) > 0);
	struct store *s = lab_open(memory, STORE_WRITE);
	if (store_set_policy(s, &policy, &e) < 0)
		return 1;
	go_live(s);
	lab_begin(s);
	put(s, &next, 1000);
	lab_commit(s);
	char *filler = fill_disk(path);
	while (store_live_counted(s).lost < 5000 && next < 1000000)
		put(s, &next, 1000);
	if (store_live_sync(s, &e) == 0 || e.code != ERR_LIMIT)
		return 2;
	unlink(filler);
	lab_begin(s);
	lab_commit(s);
	struct store_live_counts c = store_live_counted(s);
	int64_t n = lab_number(s, "SELECT count(*) FROM conn");
	if (c.lost < 5000 || n != (int64_t)(next - c.lost) ||
	    lab_number(s, "SELECT count(DISTINCT src_bytes) FROM conn") != n)
		return 3;
	lab_begin(s);
	put(s, &next, 1000);
	lab_commit(s);
	int64_t more = lab_number(s, "SELECT count(*) FROM conn");
	sync_live(s);
	store_close(s);
	free(filler);
	free(memory);
	return more == n + 1000 ? 0 : 4;
}

static void what_the_full_journal_does_not_take_is_counted(void **state)
{
	(void)state;
	char *path = lab_folder();
	assert_int_equal(on_small_disk(path, "size=24m", outlast_journal), 0);
	lab_done(path);
}

/* No write at all succeeds for a while: as on a disk that became read-only. */
static void a_disk_that_refuses_all_writes_comes_back(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct rlimit old, none = {0, RLIM_INFINITY};
	uint64_t next = 0;
	signal(SIGXFSZ, SIG_IGN);
	struct store *s = lab_open(path, STORE_WRITE);
	go_live(s);
	lab_begin(s);
	put(s, &next, 1000);
	lab_commit(s);
	put(s, &next, 700); /* waits in the journal */
	sync_live(s);
	getrlimit(RLIMIT_FSIZE, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	for (int i = 0; i < 3; i++) {
		if (store_begin(s, &e) == 0) {
			put(s, &next, 20000);
			assert_int_equal(store_live_sync(s, &e), -1);
			assert_int_equal(store_commit(s, &e), -1);
			store_abort(s);
		}
	}
	setrlimit(RLIMIT_FSIZE, &old);
	lab_begin(s);
	lab_commit(s);
	struct store_live_counts c = store_live_counted(s);
	int64_t n = lab_number(s, "SELECT count(*) FROM conn");
	assert_true(c.lost > 0);
	assert_int_equal(n, next - c.lost);
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT src_bytes) FROM conn"), n);
	assert_true(n >= 1700);
	lab_begin(s);
	put(s, &next, 100);
	sync_live(s);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), n + 100);
	store_close(s);
	lab_done(path);
}

/* ---- what is read back ---- */

/* A journal with n acknowledged rows, whose writer is gone. */
static char *left_behind(uint64_t n)
{
	char *path = lab_folder();
	uint64_t next = 0;
	struct store *s = lab_open(path, STORE_WRITE);
	go_live(s);
	while (next < n) {
		put(s, &next, 100);
		sync_live(s);
	}
	store_close(s);
	return path;
}

static void change(const char *path, off_t at, const void *bytes, size_t n)
{
	char name[PATH_MAX];
	snprintf(name, sizeof(name), "%s/" ROWLOG_NAME, path);
	int d = open(name, O_WRONLY);
	assert_true(d >= 0);
	assert_int_equal(pwrite(d, bytes, n, at), n);
	close(d);
}

static void what_was_not_acknowledged_may_be_torn(void **state)
{
	(void)state;
	static const char junk[] = "torn";
	/* In the first of ten blocks, and in the head of the file. */
	for (int i = 0; i < 2; i++) {
		char *path = left_behind(1000);
		change(path, i == 0 ? 100 : 20, junk, sizeof(junk));
		struct store *s = lab_open(path, STORE_WRITE);
		assert_int_equal(rows_there(s), 0);
		store_close(s);
		lab_done(path);
	}
}

static void rows_of_another_layout_are_refused(void **state)
{
	(void)state;
	char *path = left_behind(100), name[PATH_MAX];
	struct error e = {0};
	struct rowlog l;
	uint8_t secret[STORE_SECRET_BYTES];
	struct store *s = NULL;
	snprintf(name, sizeof(name), "%s/" ROWLOG_NAME, path);
	/* Another secret: not a journal of this memory, so it is as if it were new. */
	memset(secret, 7, sizeof(secret));
	assert_int_equal(rowlog_open(&l, name, secret, 0, 0, &e), 0);
	assert_false(rowlog_waits(&l));
	rowlog_close(&l);
	s = lab_open(path, STORE_WRITE);
	assert_int_equal(rows_there(s), 0);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commits_empty_the_journal),
	    cmocka_unit_test(every_field_comes_back),
	    cmocka_unit_test(killed_at_any_moment_it_keeps_what_it_acknowledged),
	    cmocka_unit_test(a_full_disk_loses_nothing_while_the_journal_has_room),
	    cmocka_unit_test(what_the_full_journal_does_not_take_is_counted),
	    cmocka_unit_test(a_disk_that_refuses_all_writes_comes_back),
	    cmocka_unit_test(what_was_not_acknowledged_may_be_torn),
	    cmocka_unit_test(rows_of_another_layout_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
