/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that was taken over: preloaded into dwell, it stands in for zlib's inflate
 * and OpenSSL's EVP_DigestUpdate, which parsers call with bytes of strangers, and for
 * scandir, by which a sender looks for what waits. At their first call it tries what
 * $DWELL_ATTACK names (one after the other, with a comma between), says on standard error
 * what came of it, and ends the process. Built with LIVE it stands in for poll instead,
 * in that process of a watch that calls itself $DWELL_ATTACK_IN, once it has run for a
 * while. Nothing of this is in dwell.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENDED      77
#define IN_WATCH_S 2 /* after which all are confined */

struct dirent;

int inflate(void *stream, int flush);
int EVP_DigestUpdate(void *digest, const void *p, size_t n);
int scandir64(const char *folder, struct dirent ***v, int (*some)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **));

static int read_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int write_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int remove_file(const char *path)
{
	return unlink(path);
}

static int make_socket(const char *unused)
{
	(void)unused;
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int connect_to_web(const char *unused)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} to = {.in = {.sin_family = AF_INET, .sin_port = htons(80)}};
	to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int s = make_socket(unused);
	return s < 0 ? -1 : connect(s, &to.any, sizeof(to.in));
}

static int run_program(const char *path)
{
	return execl(path, path, NULL);
}

static int trace_parent(const char *unused)
{
	(void)unused;
	return (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static int signal_parent(const char *unused)
{
	(void)unused;
	return kill(getppid(), SIGCONT);
}

static int map_code(const char *unused)
{
	(void)unused;
	void *p =
	    mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? -1 : 0;
}

static int become_root(const char *unused)
{
	(void)unused;
	return (int)syscall(SYS_setresuid, 0, 0, 0);
}

static const struct {
	const char *name;
	int (*run)(const char *path);
} attacks[] = {
    {"read", read_file},
    {"write", write_file},
    {"remove", remove_file},
    {"socket", make_socket},
    {"connect", connect_to_web},
    {"execve", run_program},
    {"ptrace", trace_parent},
    {"kill", signal_parent},
    {"code", map_code},
    {"root", become_root},
};

static void attempt(const char *name, const char *path)
{
	char said[128];
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(name, attacks[i].name) != 0)
			continue;
		int result = attacks[i].run(path);
		int n = snprintf(said, sizeof(said), "attack %s: %s\n", name,
		    result >= 0 ? "worked" : strerror(errno));
		(void)!write(STDERR_FILENO, said, (size_t)n);
	}
}

static void attack(void)
{
	const char *names = getenv("DWELL_ATTACK"), *path = getenv("DWELL_ATTACK_PATH");
	char list[128], *rest = list;
	snprintf(list, sizeof(list), "%s", names != NULL ? names : "");
	for (char *name; (name = strsep(&rest, ",")) != NULL;)
		attempt(name, path != NULL ? path : "");
	_exit(ENDED);
}

#ifdef LIVE

/* What the process calls itself, as it says by prctl. */
static char own_name[32] = "dwell";
static time_t begun;

int prctl(int option, ...)
{
	unsigned long v[4];
	va_list list;
	va_start(list, option);
	for (size_t i = 0; i < 4; i++)
		v[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_NAME) {
		snprintf(own_name, sizeof(own_name), "%s", (const char *)v[0]);
		begun = 0;
	}
	return (int)syscall(SYS_prctl, option, v[0], v[1], v[2], v[3]);
}

int poll(struct pollfd *p, nfds_t n, int wait)
{
	const char *in = getenv("DWELL_ATTACK_IN");
	time_t now = time(NULL);
	begun = begun == 0 ? now : begun;
	if (in != NULL && strcmp(in, own_name) == 0 && now > begun + IN_WATCH_S)
		attack();
	return (int)syscall(SYS_poll, p, n, wait);
}

#else

int inflate(void *stream, int flush)
{
	(void)stream;
	(void)flush;
	attack();
	return 0;
}

int EVP_DigestUpdate(void *digest, const void *p, size_t n)
{
	(void)digest;
	(void)p;
	(void)n;
	attack();
	return 0;
}

int scandir64(const char *folder, struct dirent ***v, int (*some)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **))
{
	(void)folder;
	(void)v;
	(void)some;
	(void)order;
	attack();
	return -1;
}

#endif
