/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/sandbox_calls.h"

/* What libraries of every process look at when they are first used. OpenSSL refuses to
 * work when its configuration is there and can not be read. */
static const char *const system_files[] = {
    "/etc/ssl/openssl.cnf",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",
    "/dev/urandom",
    "/dev/null",
#ifdef SANDBOX_SANITIZED
    "/proc",
    "/proc/self/exe",
#endif
};

/* What finding a name and checking a certificate take. */
static const char *const network_files[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/lib",
    "/lib",
    "/etc/ld.so.cache",
};

static int allow_all(
    struct sandbox *s, const char *const *paths, size_t n, struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		if (landlock_allow(&s->fence, paths[i], LANDLOCK_READ, e) < 0)
			return -1;
	}
	return 0;
}

int sandbox_open(struct sandbox *s, enum sandbox_profile profile, struct error *e)
{
	*s = (struct sandbox){.profile = profile, .fence.ruleset = -1};
	/* A fence is inherited: it would be that of all its children together. */
	if (profile == SANDBOX_SUPERVISOR)
		return 0;
	int result = landlock_open(&s->fence, profile != SANDBOX_PARSER, e);
	if (result == 0 && profile != SANDBOX_PARSER)
		result = allow_all(
		    s, system_files, sizeof(system_files) / sizeof(system_files[0]), e);
	if (result == 0 && profile == SANDBOX_NOTIFIER)
		result = allow_all(s, network_files,
		    sizeof(network_files) / sizeof(network_files[0]), e);
	if (result == 0 && profile == SANDBOX_NOTIFIER)
		result = landlock_allow_port(&s->fence, 53, e);
	if (result < 0)
		landlock_close(&s->fence);
	return result;
}

int sandbox_allow(
    struct sandbox *s, const char *path, enum landlock_access access, struct error *e)
{
	return landlock_allow(&s->fence, path, access, e);
}

int sandbox_allow_port(struct sandbox *s, uint16_t port, struct error *e)
{
	return landlock_allow_port(&s->fence, port, e);
}

/* ---- system calls ---- */

static int add(scmp_filter_ctx filter, const struct sandbox_call *c, uint32_t action)
{
	return seccomp_rule_add_array(filter, action, c->call, c->tests, c->test);
}

static int fill(scmp_filter_ctx filter, enum sandbox_profile profile)
{
	size_t n;
	const struct sandbox_call *calls = sandbox_calls(&n);
	for (size_t i = 0; i < n; i++) {
		uint32_t action;
		if (!sandbox_action(&calls[i], profile, &action))
			continue;
		int status = add(filter, &calls[i], action);
		if (status < 0)
			return status;
	}
	if (profile == SANDBOX_SUPERVISOR)
		return 0;
	/* raise() and abort() of our own, and no signal to others. */
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self);
}

/* 1: loaded; 0: the kernel has no filters; negative with *e set. */
static int filter_calls(enum sandbox_profile profile, struct error *e)
{
	scmp_filter_ctx filter = seccomp_init(sandbox_default(profile));
	if (filter == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the filter of calls");
	/* Threads that run already, too. Not the guard against speculative stores that
	 * old kernels add: it is for processes that run code of others, and costs a
	 * third. */
	int status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (status == 0)
		status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (status == 0)
		status = seccomp_attr_set(
		    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (status == 0)
		status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (status == 0)
		status = fill(filter, profile);
	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	if (status == 0)
		return 1;
	if (status == -EINVAL || status == -ENOSYS)
		return 0;
	return error_set(e, ERR_SYSTEM, "filter of system calls: %s", strerror(-status));
}

int sandbox_enter(struct sandbox *s, struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		landlock_close(&s->fence);
		return error_set(
		    e, ERR_SYSTEM, "giving up new privileges: %s", strerror(errno));
	}
	s->files = s->fence.ruleset >= 0;
	s->ports = s->files && s->fence.ports != 0;
	if (landlock_enter(&s->fence, e) < 0)
		return -1;
	int filtered = filter_calls(s->profile, e);
	s->calls = filtered > 0;
	return filtered < 0 ? -1 : 0;
}

void sandbox_missing(const struct sandbox *s, char out[static SANDBOX_MISSING_MAX])
{
	const char *calls = s->calls ? "" : "no filter of system calls (seccomp)";
	const char *fence = "";
	if (s->profile != SANDBOX_SUPERVISOR && !s->files)
		fence = s->fence.abi == 0 ? "no Landlock"
					  : "a Landlock that is too old (Linux 5.19)";
	else if (!s->ports && s->profile == SANDBOX_NOTIFIER)
		fence = "no fence of TCP ports (Linux 6.7)";
	snprintf(out, SANDBOX_MISSING_MAX, "%s%s%s", calls,
	    calls[0] != '\0' && fence[0] != '\0' ? ", and " : "", fence);
}
