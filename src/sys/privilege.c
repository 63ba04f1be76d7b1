/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY_MAX                                                                   \
	63 /* the sets have 64 bits; the kernel refuses what it has not                  \
	    */

/* Nobody becomes root's equal by being or becoming user 0, ever again. */
#define NO_ROOT                                                                          \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                 \
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |                    \
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static int refused(struct error *e, const char *what)
{
	return error_set(e, ERR_SYSTEM, "%s: %s", what, strerror(errno));
}

int privilege_user(const char *name, struct privilege_user *user, struct error *e)
{
	char *end;
	const struct passwd *p = getpwnam(name);
	if (p == NULL && name[0] >= '0' && name[0] <= '9') {
		unsigned long n = strtoul(name, &end, 10);
		p = *end == '\0' && n < UINT32_MAX ? getpwuid((uid_t)n) : NULL;
	}
	if (p == NULL)
		return error_set(e, ERR_USAGE, "there is no user '%.100s'", name);
	*user = (struct privilege_user){p->pw_uid, p->pw_gid};
	return 0;
}

/* The bounding set: what a program that is started could get at most. Without the right
 * to make it smaller there is nothing in it that this process could hand on. */
static void empty_bounds(void)
{
	for (int c = 0; c <= CAPABILITY_MAX; c++) {
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	}
	(void)prctl(PR_SET_SECUREBITS, NO_ROOT, 0, 0, 0);
}

static int become(const struct privilege_user *user, struct error *e)
{
	if (getuid() == user->uid && getgid() == user->gid && geteuid() == user->uid)
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		return refused(e, "becoming another user");
	return 0;
}

static int set_capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	return (int)syscall(SYS_capset, &head, none);
}

bool privilege_any(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3] = {{0}};
	if (syscall(SYS_capget, &head, has) != 0)
		return true;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		if ((has[i].effective | has[i].permitted | has[i].inheritable) != 0)
			return true;
	}
	for (int c = 0; c <= CAPABILITY_MAX; c++) {
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, c, 0, 0) == 1)
			return true;
	}
	return false;
}

int privilege_drop(const struct privilege_user *user, struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return refused(e, "giving up new privileges");
	empty_bounds();
	if (user != NULL && become(user, e) < 0)
		return -1;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (set_capabilities() != 0)
		return refused(e, "giving up capabilities");
	if (privilege_any() || (user != NULL && user->uid != 0 && setuid(0) == 0))
		return error_set(e, ERR_SYSTEM, "privileges could be had back");
	return 0;
}

static int limit(__rlimit_resource_t what, rlim_t most, const char *name, struct error *e)
{
	struct rlimit r;
	if (getrlimit(what, &r) != 0)
		return refused(e, name);
	r.rlim_max = r.rlim_max < most ? r.rlim_max : most;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) == 0 ? 0 : refused(e, name);
}

int privilege_limit(enum sandbox_profile profile, struct error *e)
{
	bool parser = profile == SANDBOX_PARSER;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return refused(e, "forbidding core dumps");
	if (limit(RLIMIT_CORE, 0, "limit of core dumps", e) < 0 ||
	    limit(RLIMIT_NOFILE, parser ? PRIVILEGE_PARSER_FILES : PRIVILEGE_FILES,
		"limit of files", e) < 0)
		return -1;
	/* Bytes to files have no limit: standard error may be one. No other is open. */
	return parser ? limit(RLIMIT_NPROC, 0, "limit of processes", e) : 0;
}
