/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a path stands for, and what is said about those that are not read. */
#include <fcntl.h>
#include <sys/stat.h>

#include "input/walk.h"
#include "make.h"

static void write_capture(const char *name, uint32_t second)
{
	struct blob b = pcap_at(&second, 1);
	write_file(name, b.p, b.n);
	blob_free(&b);
}

static void make_folder(const char *name)
{
	struct error e;
	assert_int_equal(file_make_folders(at(name), &e), 0);
}

static void make_link(const char *to, const char *name)
{
	assert_int_equal(symlink(to, at(name)), 0);
}

static void everything_below_a_folder(void **state)
{
	(void)state;
	make_folder("f/a/b");
	make_folder("f/.hidden");
	make_folder("elsewhere");
	write_capture("f/one.pcap", 1);
	write_capture("f/a/b/two", 2);
	write_capture("f/.hidden/.three", 3);
	write_capture("elsewhere/four", 4);
	write_capture("elsewhere/five", 5);
	make_link("../elsewhere/four", "f/link-to-file");
	make_link("../elsewhere", "f/link-to-folder"); /* not followed */
	make_link("..", "f/a/loop");
	make_link("nowhere", "f/dangling");
	write_file("f/notes.txt", "not a capture", 13);
	write_file("f/empty", "", 0);
	write_file("f/short", "\xd4\xc3", 2);
	assert_int_equal(mkfifo(at("f/fifo"), 0600), 0); /* would block for ever */
	struct run r;
	run_begin(&r);
	input_add(r.in, at("f"));
	input_plan(r.in);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(input_count(r.in), 4);
	assert_int_equal(r.seen.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(r.seen.v[i].ts.ns, (int64_t)(i + 1) * NS_PER_S);
	run_end(&r);
}

/* In a folder, too: what is or may be a capture, and can not be read, is named. */
static void damage_in_a_folder_is_named(void **state)
{
	(void)state;
	make_folder("d");
	write_file("d/head", "\xd4\xc3\xb2\xa1\2\0", 6);
	struct run r;
	run_begin(&r);
	input_add(r.in, at("d"));
	input_plan(r.in);
	assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
	assert_string_equal(r.seen.path, at("d/head"));
	run_end(&r);
	write_file("d/head", "\x1f\x8b\x08\xff garbage", 12);
	run_begin(&r);
	input_add(r.in, at("d"));
	input_plan(r.in);
	assert_int_equal(r.seen.issue_count, 1);
	assert_string_equal(r.seen.path, at("d/head"));
	run_end(&r);
}

static void named_files_are_never_silent(void **state)
{
	(void)state;
	make_folder("n");
	write_file("n/text", "not a capture", 13);
	write_file("n/empty", "", 0);
	static const struct {
		const char *name;
		enum input_outcome outcome;
	} rows[] = {{"n/text", INPUT_UNSUPPORTED}, {"n/empty", INPUT_TRUNCATED},
	    {"n/missing", INPUT_UNREADABLE}, {"n/text/below", INPUT_UNREADABLE}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run r;
		run_begin(&r);
		input_add(r.in, at(rows[i].name));
		input_plan(r.in);
		assert_true(run_sources(&r));
		assert_int_equal(r.seen.issue_count, 1);
		assert_int_equal(r.seen.issues[rows[i].outcome], 1);
		assert_string_equal(r.seen.path, at(rows[i].name));
		assert_int_equal(r.seen.n, 0);
		run_end(&r);
	}
}

static void refused(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("# skipped: root may read everything\n");
		return;
	}
	make_folder("r/closed");
	write_capture("r/secret", 1);
	assert_int_equal(chmod(at("r/secret"), 0), 0);
	assert_int_equal(chmod(at("r/closed"), 0), 0);
	struct run r;
	run_begin(&r);
	input_add(r.in, at("r"));
	input_plan(r.in);
	assert_int_equal(r.seen.issues[INPUT_UNREADABLE], 2);
	run_end(&r);
	assert_int_equal(chmod(at("r/closed"), 0700), 0);
}

static void depth_has_a_limit(void **state)
{
	(void)state;
	make_folder("deep");
	int d = open(at("deep"), O_RDONLY | O_DIRECTORY);
	for (unsigned i = 0; i < WALK_DEPTH_MAX; i++) {
		assert_int_equal(mkdirat(d, "d", 0700), 0);
		int next = openat(d, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(d);
		d = next;
	}
	close(d);
	struct run r;
	run_begin(&r);
	input_add(r.in, at("deep"));
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	run_end(&r);
	run_begin(&r);
	input_add(r.in, at("deep/d"));
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
	assert_int_equal(file_remove_tree(at("deep/d/d/d"), NULL), 0);
}

static void files_have_a_limit(void **state)
{
	(void)state;
	struct run r;
	run_begin(&r);
	for (size_t i = 0; i < LIST_SOURCES_MAX; i++)
		input_add(r.in, "-");
	assert_int_equal(r.seen.issue_count, 0);
	input_add(r.in, "-");
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	assert_int_equal(input_count(r.in), LIST_SOURCES_MAX);
	run_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_below_a_folder),
	    cmocka_unit_test(damage_in_a_folder_is_named),
	    cmocka_unit_test(named_files_are_never_silent),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(depth_has_a_limit),
	    cmocka_unit_test(files_have_a_limit),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
