/* SPDX-License-Identifier: Apache-2.0 */
/* A child gives its privileges up, then tries to have them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/privilege.h"

#define FAILED 1
#define KEPT   2
#define BACK   3

/* The exit status of a child that runs the function. */
static int in_child(int (*run)(void))
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int stays_who_it_is(void)
{
	struct error e;
	if (privilege_drop(NULL, &e) < 0)
		return FAILED;
	return privilege_any() ? KEPT : 0;
}

static int becomes_nobody(void)
{
	struct error e;
	struct privilege_user nobody;
	gid_t groups[2];
	if (privilege_user("nobody", &nobody, &e) < 0 || privilege_drop(&nobody, &e) < 0)
		return FAILED;
	if (privilege_any() || getuid() != nobody.uid || getegid() != nobody.gid ||
	    getgroups(2, groups) != 0)
		return KEPT;
	return setuid(0) == 0 || setresgid(0, 0, 0) == 0 || seteuid(0) == 0 ? BACK : 0;
}

/* Root without capabilities: a program that it starts has none either. */
static int starts_a_program(void)
{
	struct error e;
	if (privilege_drop(NULL, &e) < 0)
		return FAILED;
	execl("/bin/sh", "sh", "-c",
	    "grep -q 'CapEff:.*[^0[:space:]]' /proc/self/status && exit 2; exit 0", NULL);
	return FAILED;
}

static int limited(enum sandbox_profile profile, rlim_t files)
{
	struct error e;
	struct rlimit core, open;
	if (privilege_limit(profile, &e) < 0 || getrlimit(RLIMIT_CORE, &core) != 0 ||
	    getrlimit(RLIMIT_NOFILE, &open) != 0)
		return FAILED;
	if (core.rlim_max != 0 || open.rlim_max > files)
		return KEPT;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

/* Bytes to files have no limit: a parser's standard error may be one. */
static int limits_of_parser(void)
{
	struct rlimit processes;
	if (limited(SANDBOX_PARSER, PRIVILEGE_PARSER_FILES) != 0 ||
	    getrlimit(RLIMIT_NPROC, &processes) != 0)
		return FAILED;
	return processes.rlim_max == 0 ? 0 : KEPT;
}

static int limits_of_writer(void)
{
	return limited(SANDBOX_WRITER, PRIVILEGE_FILES);
}

static void drops(void **state)
{
	(void)state;
	assert_int_equal(in_child(stays_who_it_is), 0);
	assert_int_equal(in_child(starts_a_program), 0);
}

static void drops_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can become somebody else */
	assert_int_equal(in_child(becomes_nobody), 0);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(in_child(limits_of_parser), 0);
	assert_int_equal(in_child(limits_of_writer), 0);
}

static void names_users(void **state)
{
	struct privilege_user user, same;
	struct error e;
	char number[16];
	(void)state;
	assert_int_equal(privilege_user("nobody", &user, &e), 0);
	snprintf(number, sizeof(number), "%u", (unsigned)user.uid);
	assert_int_equal(privilege_user(number, &same, &e), 0);
	assert_true(user.uid == same.uid && user.gid == same.gid);
	assert_int_equal(privilege_user("no such user", &user, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(privilege_user("0x", &user, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drops),
	    cmocka_unit_test(drops_root),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(names_users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
