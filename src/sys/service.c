/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/service.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NS_PER_US 1000

static int dial(const char *path)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
	} to = {.un = {.sun_family = AF_UNIX}};
	size_t n = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || n >= sizeof(to.un.sun_path))
		return -1;
	memcpy(to.un.sun_path, path, n);
	if (path[0] == '@') /* a name that is no file */
		to.un.sun_path[0] = '\0';
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (s >= 0 && connect(s, &to.any, length) != 0) {
		close(s);
		s = -1;
	}
	return s;
}

/* Half of what the manager waits: one that comes late is not the end yet. */
static int64_t watchdog_interval(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	if (us == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	long long n = strtoll(us, NULL, 10);
	return n > 0 && n < INT64_MAX / NS_PER_US ? n * NS_PER_US / 2 : 0;
}

void service_open(struct service *s)
{
	const char *path = getenv("NOTIFY_SOCKET");
	*s = (struct service){.socket = path != NULL ? dial(path) : -1};
	s->watchdog = s->socket >= 0 ? watchdog_interval() : 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void service_tell(const struct service *s, const char *state)
{
	/* A manager that does not listen is no reason to wait. */
	if (s->socket >= 0)
		(void)!send(s->socket, state, strlen(state), MSG_NOSIGNAL);
}

void service_alive(const struct service *s)
{
	if (s->watchdog > 0)
		service_tell(s, "WATCHDOG=1");
}

bool service_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void service_close(struct service *s)
{
	if (s->socket >= 0)
		close(s->socket);
	s->socket = -1;
}

int service_signals(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGCHLD};
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaddset(&set, all[i]);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
