/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders in a scratch folder; a limit on file sizes stands for a full disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static char root[] = "/tmp/dwell-file-XXXXXX";
static char name[256];

static const char *at(const char *relative)
{
	assert_true(
	    snprintf(name, sizeof(name), "%s/%s", root, relative) < (int)sizeof(name));
	return name;
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return file_remove_tree(root, NULL);
}

static void check_content(const char *path, const char *want)
{
	struct error e = {0};
	size_t n;
	char *text = file_read(path, 1 << 20, &n, &e);
	assert_non_null(text);
	assert_int_equal(n, strlen(want));
	assert_string_equal(text, want);
	free(text);
}

static void folders(void **state)
{
	(void)state;
	struct error e = {0};
	assert_int_equal(file_make_folders(at("a/b//c/"), &e), 0);
	assert_int_equal(file_make_folders(at("a/b/c"), &e), 0);
	assert_true(file_exists(at("a/b/c")));
	assert_int_equal(file_make_folders("/", &e), 0);
	assert_int_equal(file_replace(at("a/file"), "x", 1, &e), 0);
	assert_int_equal(file_make_folders(at("a/file/sub"), &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "a/file"));
	assert_non_null(strstr(e.text, "Not a directory"));
	assert_int_equal(file_make_folders("", &e), -1);
}

static void replace(void **state)
{
	(void)state;
	struct error e = {0};
	assert_int_equal(file_replace(at("r"), "one", 3, &e), 0);
	check_content(at("r"), "one");
	/* What a killed run left behind is in nobody's way. */
	FILE *left = fopen(at("r.tmp"), "w");
	assert_non_null(left);
	fputs("much longer than what comes", left);
	fclose(left);
	assert_int_equal(file_replace(at("r"), "two", 3, &e), 0);
	check_content(at("r"), "two");
	assert_false(file_exists(at("r.tmp")));
	assert_int_equal(file_replace(at("r"), "", 0, &e), 0);
	check_content(at("r"), "");
	assert_int_equal(file_replace(at("none/r"), "x", 1, &e), -1);
	assert_non_null(strstr(e.text, "none/r"));
	assert_non_null(strstr(e.text, "No such file"));
}

/* Beyond RLIMIT_FSIZE write gives a part and then EFBIG, as a full disk gives ENOSPC. */
static int replace_too_much(void)
{
	struct error e = {0};
	struct rlimit limit = {4096, 4096};
	char big[10000];
	memset(big, 'x', sizeof(big));
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	if (file_replace(at("full"), big, sizeof(big), &e) != -1)
		return 1;
	if (strstr(e.text, "full.tmp") == NULL ||
	    strstr(e.text, "File too large") == NULL)
		return 2;
	return file_exists(at("full.tmp")) ? 3 : 0;
}

static void full_disk_keeps_the_old_file(void **state)
{
	(void)state;
	struct error e = {0};
	assert_int_equal(file_replace(at("full"), "old", 3, &e), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(replace_too_much());
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	check_content(at("full"), "old");
}

static void move(void **state)
{
	(void)state;
	struct error e = {0};
	char from[256];
	assert_int_equal(file_replace(at("m"), "m", 1, &e), 0);
	memcpy(from, name, sizeof(from));
	assert_int_equal(file_move(from, at("deep/er/m"), &e), 0);
	assert_false(file_exists(from));
	check_content(at("deep/er/m"), "m");
	assert_int_equal(file_move(from, at("m2"), &e), -1);
	assert_non_null(strstr(e.text, from));
}

static void sync_calls(void **state)
{
	(void)state;
	struct error e = {0};
	assert_int_equal(file_replace(at("s"), "s", 1, &e), 0);
	assert_int_equal(file_sync(at("s"), &e), 0);
	assert_int_equal(file_sync(root, &e), 0);
	assert_int_equal(file_sync_all(root, &e), 0);
	assert_int_equal(file_sync(at("missing"), &e), -1);
	assert_int_equal(file_sync_all(at("missing"), &e), -1);
	assert_non_null(strstr(e.text, "missing"));
}

static void reading(void **state)
{
	(void)state;
	struct error e = {0};
	size_t n = 9;
	/* Around the sizes at which the buffer grows. */
	static const size_t sizes[] = {0, 1, 4094, 4095, 4096, 4097, 8191, 8192, 100000};
	char *in = malloc(100000);
	assert_non_null(in);
	memset(in, 'r', 100000);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(file_replace(at("big"), in, sizes[i], &e), 0);
		char *text = file_read(at("big"), sizes[i], &n, &e);
		assert_non_null(text);
		assert_int_equal(n, sizes[i]);
		assert_int_equal(strlen(text), sizes[i]);
		free(text);
		if (sizes[i] == 0)
			continue;
		assert_null(file_read(at("big"), sizes[i] - 1, &n, &e));
		assert_int_equal(e.code, ERR_LIMIT);
		assert_int_equal(n, 0);
	}
	free(in);
	assert_null(file_read(at("missing"), 10, &n, &e));
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_null(file_read(root, 10, &n, &e));
	assert_non_null(strstr(e.text, "Is a directory"));
	/* A device that never ends is stopped by the limit. */
	assert_null(file_read("/dev/zero", 100000, &n, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void remove_tree(void **state)
{
	(void)state;
	struct error e = {0};
	assert_int_equal(file_make_folders(at("t/1/2/3"), &e), 0);
	assert_int_equal(file_replace(at("t/1/f"), "f", 1, &e), 0);
	assert_int_equal(file_replace(at("stays"), "s", 1, &e), 0);
	/* A link is removed, what it leads to is not. */
	assert_int_equal(symlink("..", at("t/1/up")), 0);
	assert_int_equal(symlink("../../stays", at("t/1/link")), 0);
	assert_int_equal(file_remove_tree(at("t"), &e), 0);
	assert_false(file_exists(at("t")));
	check_content(at("stays"), "s");
	assert_int_equal(file_remove_tree(at("t"), &e), 0);
	assert_int_equal(file_remove_tree(at("stays"), &e), 0);
	assert_false(file_exists(at("stays")));
}

static void remove_tree_has_a_limit(void **state)
{
	(void)state;
	struct error e = {0};
	int d = open(root, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 70; i++) {
		assert_int_equal(mkdirat(d, "d", 0700), 0);
		int next = openat(d, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(d);
		d = next;
	}
	close(d);
	assert_int_equal(file_remove_tree(at("d"), &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	/* From below the limit it goes. */
	assert_int_equal(file_remove_tree(at("d/d/d/d/d/d/d/d/d/d"), &e), 0);
	assert_int_equal(file_remove_tree(at("d"), &e), 0);
}

static void lock(void **state)
{
	(void)state;
	struct error e = {0};
	int d = file_lock(at("lock"), &e);
	assert_true(d >= 0);
	pid_t child = fork();
	if (child == 0) {
		struct error other = {0};
		bool refused = file_lock(at("lock"), &other) < 0;
		_exit(refused && strstr(other.text, "another") != NULL ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(file_lock(at("lock"), &e) < 0);
	file_unlock(d);
	d = file_lock(at("lock"), &e);
	assert_true(d >= 0);
	file_unlock(d);
	file_unlock(-1);
	assert_true(file_lock(at("none/lock"), &e) < 0);
	assert_non_null(strstr(e.text, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(folders),
	    cmocka_unit_test(replace),
	    cmocka_unit_test(full_disk_keeps_the_old_file),
	    cmocka_unit_test(move),
	    cmocka_unit_test(sync_calls),
	    cmocka_unit_test(reading),
	    cmocka_unit_test(remove_tree),
	    cmocka_unit_test(remove_tree_has_a_limit),
	    cmocka_unit_test(lock),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
