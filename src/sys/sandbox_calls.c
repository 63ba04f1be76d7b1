/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One letter a profile, in the order PARSER, WRITER, NOTIFIER, SUPERVISOR:
 *
 *     A  allowed
 *     E  refused (EPERM): a library may try it, and lives without
 *     N  as if the kernel had no such call (ENOSYS): the C library goes another way
 *     K  the process is killed: nothing of ours asks for it
 *     .  as what is not in the table: killed in a PARSER, else refused
 *
 * Where SUPERVISOR has no letter, it may what any of the others may, as they are its
 * children and a filter is inherited; what it may beside is at the end of the table.
 *
 * What a call's arguments point to can not be looked at, only numbers; so whether a file
 * may be opened is for the fence of sandbox.h to say.
 */
#include "sys/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifdef SANDBOX_SANITIZED
#define LEAKS "A"
#else
#define LEAKS "K"
#endif

// clang-format off
#define CALL(name, letters)                                                              \
	{.call = SCMP_SYS(name), .action = (letters)}
/* When argument n, of which the bits of mask count, is value. */
#define MASK(name, letters, n, mask, value)                                              \
	{.call = SCMP_SYS(name), .action = (letters), .tests = 1,                        \
	    .test = {{n, SCMP_CMP_MASKED_EQ, mask, value}}}
#define WHEN(name, letters, n, value)                                                    \
	{.call = SCMP_SYS(name), .action = (letters), .tests = 1,                        \
	    .test = {{n, SCMP_CMP_EQ, value, 0}}}

static const struct sandbox_call calls[] = {
	/* memory: nothing becomes code, but libraries that a NOTIFIER loads */
	CALL(brk, "AAA"), CALL(munmap, "AAA"), CALL(mremap, "AAA"), CALL(madvise, "AAA"),
	MASK(mmap, "AA.", 2, PROT_EXEC, 0),
	MASK(mmap, "..A", 2, PROT_EXEC, 0),
	MASK(mmap, "..A", 2, PROT_EXEC | PROT_WRITE, PROT_EXEC),
	MASK(mprotect, "AAA", 2, PROT_EXEC, 0),
	CALL(membarrier, "AAA"), CALL(mincore, ".A."),

	/* what is open already */
	CALL(read, "AAA"), CALL(write, "AAA"), CALL(readv, "AAA"), CALL(writev, "AAA"),
	CALL(close, "AAA"), CALL(lseek, "AAA"), CALL(fstat, "AAA"),
	MASK(newfstatat, "A..", 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
	MASK(newfstatat, "E..", 3, AT_EMPTY_PATH, 0),
	CALL(newfstatat, ".AA"),
	CALL(poll, "AAA"), CALL(ppoll, "AAA"), CALL(select, "AAA"), CALL(pselect6, "AAA"),
	CALL(epoll_wait, "AAA"), CALL(epoll_pwait, "AAA"), CALL(epoll_ctl, "AAA"),
	CALL(epoll_create1, ".AA"), CALL(eventfd2, ".AA"), CALL(pipe2, ".AA"),
	CALL(timerfd_create, ".AA"), CALL(timerfd_settime, "AAA"), CALL(signalfd4, ".AA"),
	CALL(dup, ".AA"), CALL(dup2, ".AA"), CALL(dup3, ".AA"),
	WHEN(fcntl, "AAA", 1, F_GETFL), WHEN(fcntl, "AAA", 1, F_SETFL),
	WHEN(fcntl, "AAA", 1, F_GETFD), WHEN(fcntl, "AAA", 1, F_SETFD),
	WHEN(fcntl, ".AA", 1, F_DUPFD), WHEN(fcntl, ".AA", 1, F_DUPFD_CLOEXEC),
	WHEN(fcntl, ".AA", 1, F_SETLK), WHEN(fcntl, ".AA", 1, F_SETLKW),
	WHEN(fcntl, ".AA", 1, F_OFD_SETLK), WHEN(fcntl, ".AA", 1, F_OFD_SETLKW),
	WHEN(fcntl, ".AA", 1, F_OFD_GETLK),
	/* whether it is a terminal, and how wide: not to type into it */
	WHEN(ioctl, "AAA", 1, TCGETS), WHEN(ioctl, ".AA", 1, TIOCGWINSZ),
	WHEN(ioctl, ".AA", 1, FIONREAD), WHEN(ioctl, ".AA", 1, FIONBIO),

	/* sockets that it was given */
	CALL(sendmsg, "AAA"), CALL(recvmsg, "AAA"), CALL(recvfrom, "AAA"),
	WHEN(sendto, "AA.", 4, 0), CALL(sendto, "..A"),
	CALL(recvmmsg, "AAA"), CALL(sendmmsg, "..A"),
	CALL(getsockopt, "AAA"), CALL(shutdown, "AAA"),
	CALL(accept4, ".AA"), CALL(accept, ".AA"), CALL(setsockopt, "..A"),
	CALL(getsockname, "EAA"), CALL(getpeername, "EAA"),
	/* and those that only a NOTIFIER makes */
	WHEN(socket, "..A", 0, AF_INET), WHEN(socket, "..A", 0, AF_INET6),
	CALL(connect, "..A"), CALL(socketpair, "..A"),

	/* files */
	CALL(open, "EAA"), CALL(openat, "EAA"), CALL(stat, "EAA"), CALL(lstat, "EAA"),
	CALL(statx, "EAA"), CALL(access, "EAA"), CALL(faccessat, "EAA"),
	CALL(faccessat2, "EAA"), CALL(readlink, "EAA"), CALL(readlinkat, "EAA"),
	CALL(statfs, "EAA"), CALL(getcwd, "EAA"),
	CALL(pread64, "AAA"), CALL(pwrite64, "EAA"), CALL(preadv, ".A."), CALL(pwritev, ".A."),
	CALL(fstatfs, ".AA"), CALL(getdents64, ".AA"), CALL(getdents, ".AA"), CALL(fadvise64, ".AA"),
	CALL(fsync, ".AA"), CALL(fdatasync, ".AA"), CALL(syncfs, ".AA"),
	CALL(sync_file_range, ".A."), CALL(ftruncate, ".AA"), CALL(fallocate, ".AA"),
	CALL(flock, ".AA"), CALL(mkdir, ".AA"), CALL(mkdirat, ".AA"), CALL(rmdir, ".AA"),
	CALL(unlink, ".AA"), CALL(unlinkat, ".AA"), CALL(rename, ".AA"),
	CALL(renameat, ".AA"), CALL(renameat2, ".AA"), CALL(link, ".A."), CALL(linkat, ".A."),
	CALL(umask, ".AA"), CALL(copy_file_range, ".A."), CALL(sendfile, ".A."),
	CALL(utimensat, ".A."), CALL(fchmod, ".A."), CALL(chdir, ".A."), CALL(fchdir, ".A."),

	/* threads; a new process never */
	MASK(clone, "KAA", 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM),
	CALL(clone3, "KNN"),
	CALL(futex, "AAA"), CALL(set_robust_list, "AAA"), CALL(rseq, "AAA"),
	CALL(set_tid_address, "AAA"), CALL(sched_yield, "AAA"),
	CALL(sched_getaffinity, "AAA"), CALL(sched_getparam, "EAA"),
	CALL(sched_getscheduler, "EAA"), CALL(sched_setaffinity, ".E."),
	CALL(getpid, "AAA"), CALL(gettid, "AAA"), CALL(getppid, "AAA"), CALL(getcpu, "AAA"),
	CALL(getuid, "AAA"), CALL(geteuid, "AAA"), CALL(getgid, "AAA"), CALL(getegid, "AAA"),
	CALL(exit, "AAA"), CALL(exit_group, "AAA"), CALL(restart_syscall, "AAA"),

	/* time, signals to itself, the machine */
	CALL(clock_gettime, "AAA"), CALL(clock_getres, "AAA"), CALL(gettimeofday, "AAA"),
	CALL(time, "AAA"), CALL(nanosleep, "AAA"), CALL(clock_nanosleep, "AAA"),
	CALL(alarm, ".AA"), CALL(setitimer, ".AA"),
	CALL(rt_sigaction, "AAA"), CALL(rt_sigprocmask, "AAA"), CALL(rt_sigreturn, "AAA"),
	CALL(rt_sigtimedwait, ".AA"), CALL(sigaltstack, "AAA"),
	CALL(getrandom, "AAA"), CALL(uname, "EAA"), CALL(sysinfo, "EAA"),
	CALL(getrusage, "AAA"), CALL(times, "AAA"), CALL(wait4, ".AA"), CALL(waitid, ".AA"),
	WHEN(prlimit64, "..A", 2, 0), WHEN(prlimit64, ".A.", 2, 0), /* to read them */
	CALL(getrlimit, "EAA"),
	WHEN(prctl, "AAA", 0, PR_SET_NAME),

	/* what no innocent code asks for */
	CALL(execve, "KKK"), CALL(execveat, "KKK"), CALL(fork, "KKK"), CALL(vfork, "KKK"),
	CALL(ptrace, "K" LEAKS "K"), CALL(process_vm_readv, "K" LEAKS "K"),
	CALL(process_vm_writev, "KKK"), CALL(pidfd_getfd, "KKK"), CALL(kcmp, "KKK"),
	CALL(bpf, "KKK"), CALL(perf_event_open, "KKK"), CALL(userfaultfd, "KKK"),
	CALL(io_uring_setup, "KKK"), CALL(keyctl, "KKK"), CALL(add_key, "KKK"),
	CALL(request_key, "KKK"), CALL(mount, "KKK"), CALL(umount2, "KKK"),
	CALL(move_mount, "KKK"), CALL(open_tree, "KKK"), CALL(fsopen, "KKK"),
	CALL(pivot_root, "KKK"), CALL(chroot, "KKK"), CALL(setns, "KKK"),
	CALL(unshare, "KKK"), CALL(open_by_handle_at, "KKK"), CALL(init_module, "KKK"),
	CALL(finit_module, "KKK"), CALL(delete_module, "KKK"), CALL(kexec_load, "KKK"),
	CALL(reboot, "KKK"), CALL(swapon, "KKK"), CALL(acct, "KKK"), CALL(mknod, "KKK"),
	CALL(mknodat, "KKK"), CALL(iopl, "KKK"), CALL(ioperm, "KKK"),
	CALL(modify_ldt, "KKK"), CALL(memfd_create, "KKKA"), CALL(setuid, "KKK"),
	CALL(setresuid, "KKK"), CALL(setgid, "KKK"), CALL(setresgid, "KKK"),
	CALL(setgroups, "KKK"), CALL(capset, "KKK"), CALL(bind, "KK."), CALL(listen, "KK."),
	CALL(clock_settime, "KKK"), CALL(settimeofday, "KKK"), CALL(adjtimex, "KKK"),

	/* only the one that starts the others, and confines them */
	CALL(clone, "...A"), CALL(kill, "...A"), CALL(tgkill, "...A"), CALL(prctl, "...A"),
	CALL(seccomp, "...A"), CALL(landlock_create_ruleset, "...A"),
	CALL(landlock_add_rule, "...A"), CALL(landlock_restrict_self, "...A"),
	CALL(setrlimit, "...A"), CALL(prlimit64, "...A"), CALL(capget, "...A"),
	WHEN(fcntl, "...A", 1, F_SETPIPE_SZ),
	WHEN(ioctl, "...A", 1, SIOCGIFINDEX), WHEN(ioctl, "...A", 1, SIOCGIFHWADDR),
	WHEN(ioctl, "...A", 1, SIOCGIFFLAGS),
#ifdef SANDBOX_SANITIZED
	CALL(clone, ".A."), CALL(prctl, ".A."), CALL(kill, ".A."),
#endif
};
// clang-format on

const struct sandbox_call *sandbox_calls(size_t *n)
{
	*n = sizeof(calls) / sizeof(calls[0]);
	return calls;
}

static char letter(const char *letters, enum sandbox_profile profile)
{
	if (strlen(letters) > (size_t)profile)
		return letters[profile];
	static const char order[] = "ANE";
	for (const char *o = order; *o != '\0'; o++) {
		if (strchr(letters, *o) != NULL)
			return *o;
	}
	return strspn(letters, "K") == strlen(letters) ? 'K' : '.';
}

bool sandbox_action(
    const struct sandbox_call *c, enum sandbox_profile profile, uint32_t *action)
{
	switch (letter(c->action, profile)) {
	case 'A':
		*action = SCMP_ACT_ALLOW;
		return true;
	case 'E':
		*action = SCMP_ACT_ERRNO(EPERM);
		break;
	case 'N':
		*action = SCMP_ACT_ERRNO(ENOSYS);
		break;
	case 'K':
		*action = SCMP_ACT_KILL_PROCESS;
		break;
	default:
		return false;
	}
	/* The library refuses a rule that changes nothing. */
	return *action != sandbox_default(profile);
}

uint32_t sandbox_default(enum sandbox_profile profile)
{
	return profile == SANDBOX_PARSER ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM);
}
