/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child a case enters a profile and then tries what an attacker in it would: each try
 * is allowed (A), refused with an errno (E), or the end of the child (K).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/file.h"
#include "sys/sandbox.h"
#include "sys/sandbox_calls.h"

#ifdef SANDBOX_SANITIZED
#define IN_FLAVOUR(plain, sanitized) sanitized
#else
#define IN_FLAVOUR(plain, sanitized) plain
#endif

#define PATH_BYTES 256

static char root[64];
static int given[2];                 /* a pair of sockets made before */
static uint16_t port_good, port_bad; /* that somebody listens at */
static pid_t parent;

static const char *at(const char *name)
{
	static char path[PATH_BYTES];
	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

union place {
	struct sockaddr any;
	struct sockaddr_in in;
};

/* A port, in network order, of this machine. */
static union place loopback(uint16_t port)
{
	union place p = {.in = {.sin_family = AF_INET, .sin_port = port}};
	p.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return p;
}

/* ---- what is tried: 0 or above, it worked ---- */

static int nothing(void)
{
	return 0;
}

static int heap(void)
{
	char *volatile p = malloc(64U << 20);
	if (p == NULL)
		return -1;
	memset(p, 1, 64U << 20);
	free(p);
	return 0;
}

static int given_socket(void)
{
	struct iovec part = {(char[]){1}, 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	char byte;
	if (send(given[0], "x", 1, 0) != 1 || recv(given[1], &byte, 1, 0) != 1)
		return -1;
	return sendmsg(given[0], &m, 0) == 1 && read(given[1], &byte, 1) == 1 ? 0 : -1;
}

static void *thread_main(void *unused)
{
	return unused;
}

static int thread(void)
{
	pthread_t t;
	int status = pthread_create(&t, NULL, thread_main, NULL);
	if (status != 0) {
		errno = status;
		return -1;
	}
	return pthread_join(t, NULL);
}

static int read_inside(void)
{
	return open(at("in/file"), O_RDONLY | O_CLOEXEC);
}

static int write_inside(void)
{
	int d = open(at("in/new"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return d >= 0 && write(d, "x", 1) == 1 ? fsync(d) : -1;
}

static int move_inside(void)
{
	char from[PATH_BYTES];
	snprintf(from, sizeof(from), "%s", at("in/moves"));
	return rename(from, at("in/sub/moved"));
}

static int move_out(void)
{
	char from[PATH_BYTES];
	snprintf(from, sizeof(from), "%s", at("in/file"));
	return rename(from, at("out/moved"));
}

static int read_outside(void)
{
	return open(at("out/file"), O_RDONLY | O_CLOEXEC);
}

static int read_passwords(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int write_outside(void)
{
	return open(at("out/new"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int truncate_outside(void)
{
	return open(at("out/file"), O_WRONLY | O_TRUNC | O_CLOEXEC);
}

static int remove_outside(void)
{
	return unlink(at("out/file"));
}

static int list_outside(void)
{
	return open(at("out"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int link_to_outside(void)
{
	return symlink("/etc", at("in/link"));
}

static int device(void)
{
	return mknod(at("in/device"), S_IFCHR | 0600, 259);
}

static int socket_inet(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int socket_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int socket_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int socket_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int connect_to(uint16_t port)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union place to = loopback(port);
	return s < 0 ? -1 : connect(s, &to.any, sizeof(to.in));
}

static int connect_good(void)
{
	return connect_to(port_good);
}

static int connect_bad(void)
{
	return connect_to(port_bad);
}

static int bind_given(void)
{
	union place here = loopback(0);
	return bind(given[0], &here.any, sizeof(here.in));
}

static int program(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	return execve("/bin/true", arguments, NULL);
}

static int process(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return child;
}

static int process_vfork(void)
{
	return (int)syscall(SYS_fork);
}

static int trace_parent(void)
{
	return (int)ptrace(PTRACE_SEIZE, parent, NULL, NULL);
}

static int read_parent(void)
{
	char bytes[8];
	struct iovec here = {bytes, sizeof(bytes)}, there = {root, sizeof(bytes)};
	return (int)syscall(SYS_process_vm_readv, parent, &here, 1, &there, 1, 0);
}

static int write_parent(void)
{
	char bytes[8] = {0};
	struct iovec here = {bytes, sizeof(bytes)}, there = {root, sizeof(bytes)};
	return (int)syscall(SYS_process_vm_writev, parent, &here, 1, &there, 1, 0);
}

static int signal_parent(void)
{
	return kill(parent, 0);
}

static int signal_thread(void)
{
	return (int)syscall(SYS_tgkill, parent, parent, 0);
}

static int mounts(void)
{
	return mount("none", at("in"), "tmpfs", 0, NULL);
}

static int loads_bpf(void)
{
	return (int)syscall(SYS_bpf, 0, NULL, 0);
}

static int uses_keys(void)
{
	return (int)syscall(SYS_keyctl, 0, -3, 0, 0, 0);
}

static int uses_uring(void)
{
	char parameters[120] = {0};
	return (int)syscall(SYS_io_uring_setup, 4, parameters);
}

static int uses_faults(void)
{
	return (int)syscall(SYS_userfaultfd, 0);
}

static int watches_cpu(void)
{
	return (int)syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
}

static int by_handle(void)
{
	return (int)syscall(SYS_open_by_handle_at, -100, NULL, 0);
}

static int new_namespace(void)
{
	return (int)syscall(SYS_unshare, 0x10000000);
}

static int new_root(void)
{
	return chroot(at("in"));
}

static int module(void)
{
	return (int)syscall(SYS_init_module, NULL, 0UL, "");
}

static int file_of_memory(void)
{
	return (int)syscall(SYS_memfd_create, "x", 0);
}

static int becomes_root(void)
{
	return (int)syscall(SYS_setuid, 0);
}

static int takes_capabilities(void)
{
	uint32_t head[2] = {0x20080522, 0}, all[6] = {UINT32_MAX, UINT32_MAX};
	return (int)syscall(SYS_capset, head, all);
}

static int sets_clock(void)
{
	return (int)syscall(SYS_clock_settime, 0, NULL);
}

static int code_of_file(void)
{
	int d = open("/usr/lib/os-release", O_RDONLY | O_CLOEXEC);
	if (d < 0)
		return -1;
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, d, 0);
	return p == MAP_FAILED ? -1 : 0;
}

static int code_writable(void)
{
	void *p =
	    mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? -1 : 0;
}

static int code_later(void)
{
	void *p =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int types_into_terminal(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static int becomes_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int raises_limit(void)
{
	struct rlimit r = {1U << 20, 1U << 20};
	return setrlimit(RLIMIT_CORE, &r);
}

static int unknown_call(void)
{
	return (int)syscall(9999);
}

#ifdef __x86_64__
/* The same numbers mean other calls to the other two ABIs of the machine. */
static int calls_of_32_bits(void)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	return (int)result;
}

static int calls_of_x32(void)
{
	return (int)syscall(0x40000000 | SYS_getpid);
}
#endif

// clang-format off
static const struct attempt {
	const char *name;
	int (*call)(void);
	const char *result; /* PARSER, WRITER, NOTIFIER */
} attempts[] = {
	{"nothing", nothing, "AAA"},
	{"64 MiB of heap", heap, "AAA"},
	{"a socket that was given", given_socket, "AAA"},
	{"a thread", thread, "KAA"},
	{"read a file inside", read_inside, "EAA"},
	{"write a file inside", write_inside, "EAA"},
	{"move a file inside", move_inside, "KAA"},
	{"move a file out", move_out, "KEE"},
	{"read a file outside", read_outside, "EEE"},
	{"read the list of users", read_passwords, "EEE"},
	{"write a file outside", write_outside, "EEE"},
	{"truncate a file outside", truncate_outside, "EEE"},
	{"remove a file outside", remove_outside, "KEE"},
	{"list a folder outside", list_outside, "EEE"},
	{"a symbolic link to the outside", link_to_outside, "KEE"},
	{"a device", device, "KKK"},
	{"a socket of IP", socket_inet, "KEA"},
	{"a socket of this machine", socket_unix, "KEE"},
	{"a netlink socket", socket_netlink, "KEE"},
	{"a packet socket", socket_packet, "KEE"},
	{"connect to a port that is allowed", connect_good, "KEA"},
	{"connect to another port", connect_bad, "KEE"},
	{"bind", bind_given, "KKE"},
	{"execve", program, "KKK"},
	{"fork", process, IN_FLAVOUR("KEE", "KAE")},
	{"the old call of fork", process_vfork, "KKK"},
	{"ptrace", trace_parent, IN_FLAVOUR("KKK", "KEK")},
	{"read the parent's memory", read_parent, IN_FLAVOUR("KKK", "KEK")},
	{"write the parent's memory", write_parent, "KKK"},
	{"a signal to the parent", signal_parent, "KEE"},
	{"a signal to a thread of the parent", signal_thread, "KEE"},
	{"mount", mounts, "KKK"},
	{"bpf", loads_bpf, "KKK"},
	{"keyctl", uses_keys, "KKK"},
	{"io_uring_setup", uses_uring, "KKK"},
	{"userfaultfd", uses_faults, "KKK"},
	{"perf_event_open", watches_cpu, "KKK"},
	{"open_by_handle_at", by_handle, "KKK"},
	{"unshare", new_namespace, "KKK"},
	{"chroot", new_root, "KKK"},
	{"init_module", module, "KKK"},
	{"memfd_create", file_of_memory, "KKK"},
	{"setuid", becomes_root, "KKK"},
	{"capset", takes_capabilities, "KKK"},
	{"set the clock", sets_clock, "KKK"},
	{"code from a library", code_of_file, "EEA"},
	{"code that can be written", code_writable, "KEE"},
	{"data that becomes code", code_later, "KEE"},
	{"type into the terminal", types_into_terminal, "KEE"},
	{"become dumpable", becomes_dumpable, IN_FLAVOUR("KEE", "KAE")},
	{"raise a limit", raises_limit, "KEE"},
	{"a call that does not exist", unknown_call, "KEE"},
#ifdef __x86_64__
	{"a call of the ABI of 32 bits", calls_of_32_bits, "KKK"},
	{"a call of x32", calls_of_x32, "KKK"},
#endif
};
// clang-format on

#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* ---- the world ---- */

static void put_file(const char *name)
{
	struct error e;
	assert_int_equal(file_replace(at(name), "x", 1, &e), 0);
}

static uint16_t listener(void)
{
	union place here = loopback(0);
	socklen_t n = sizeof(here.in);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s, &here.any, n), 0);
	assert_int_equal(listen(s, 64), 0);
	assert_int_equal(getsockname(s, &here.any, &n), 0);
	return here.in.sin_port;
}

static int make_world(void **state)
{
	struct error e;
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_sandbox.XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(file_make_folders(at("in/sub"), &e), 0);
	assert_int_equal(file_make_folders(at("out"), &e), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, given), 0);
	port_good = listener();
	port_bad = listener();
	parent = getpid();
	return 0;
}

static int end_world(void **state)
{
	struct error e;
	(void)state;
	return file_remove_tree(root, &e);
}

static int enter(enum sandbox_profile profile, struct sandbox *s)
{
	struct error e;
	if (sandbox_open(s, profile, &e) < 0)
		return -1;
	if (profile != SANDBOX_PARSER &&
	    sandbox_allow(s, at("in"), LANDLOCK_WRITE, &e) < 0)
		return -1;
	if (profile == SANDBOX_NOTIFIER &&
	    sandbox_allow_port(s, ntohs(port_good), &e) < 0)
		return -1;
	return sandbox_enter(s, &e);
}

#define NOT_ENTERED 254
#define MISSING     255

static char attempt_in_child(enum sandbox_profile profile, const struct attempt *a)
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct sandbox s;
		if (enter(profile, &s) < 0)
			_exit(NOT_ENTERED);
		if (!s.calls || !s.files ||
		    (profile == SANDBOX_NOTIFIER && (!s.ports || s.fence.abi < 6)))
			_exit(MISSING);
		errno = 0;
		_exit(a->call() >= 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? 'K' : '!';
	switch (WEXITSTATUS(status)) {
	case 0:
		return 'A';
	case 1:
		return 'E';
	case MISSING:
		return '-';
	default:
		return '?';
	}
}

static void profile(enum sandbox_profile which)
{
	size_t wrong = 0;
	for (size_t i = 0; i < ATTEMPTS; i++) {
		const struct attempt *a = &attempts[i];
		put_file("in/file");
		put_file("in/moves");
		put_file("out/file");
		char got = attempt_in_child(which, a);
		if (got == '-')
			skip(); /* the kernel lacks a part: nothing to hold it against */
		if (got != a->result[which]) {
			print_error("%s: %c, not %c\n", a->name, got, a->result[which]);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void parser(void **state)
{
	(void)state;
	profile(SANDBOX_PARSER);
}

static void writer(void **state)
{
	(void)state;
	profile(SANDBOX_WRITER);
}

static void notifier(void **state)
{
	(void)state;
	profile(SANDBOX_NOTIFIER);
}

/* A process that finds a broken invariant still says so and ends by SIGABRT. */
static void aborts(void **state)
{
	(void)state;
	for (int p = 0; p < SANDBOX_PROFILES; p++) {
		int status;
		fflush(NULL);
		pid_t child = fork();
		if (child == 0) {
			struct sandbox s;
			signal(SIGABRT, SIG_DFL);
			if (enter((enum sandbox_profile)p, &s) == 0)
				abort();
			_exit(NOT_ENTERED);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

static void says_what_is_missing(void **state)
{
	char text[SANDBOX_MISSING_MAX];
	struct sandbox s = {.profile = SANDBOX_WRITER};
	(void)state;
	sandbox_missing(&s, text);
	assert_string_equal(text, "no filter of system calls (seccomp), and no Landlock");
	s.calls = true;
	s.fence.abi = 1;
	sandbox_missing(&s, text);
	assert_string_equal(text, "a Landlock that is too old (Linux 5.19)");
	s.files = true;
	sandbox_missing(&s, text);
	assert_string_equal(text, "");
	s.profile = SANDBOX_NOTIFIER;
	sandbox_missing(&s, text);
	assert_string_equal(text, "no fence of TCP ports (Linux 6.7)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parser),
	    cmocka_unit_test(writer),
	    cmocka_unit_test(notifier),
	    cmocka_unit_test(aborts),
	    cmocka_unit_test(says_what_is_missing),
	};
	return cmocka_run_group_tests(tests, make_world, end_world);
}
