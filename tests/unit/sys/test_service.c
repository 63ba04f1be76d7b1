/* SPDX-License-Identifier: Apache-2.0 */
/* A service manager of our own hears what is told; and the log counts what it leaves out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "sys/service.h"

#define TEXT 256

/* A datagram socket at a name of its own; '@' is one that is no file. */
static int manager(char name[static TEXT], char first)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
	} at = {.un = {.sun_family = AF_UNIX}};
	snprintf(name, TEXT, "%c/tmp/test_service.%ld", first, (long)getpid());
	const char *path = first == '@' ? name : name + 1;
	size_t n = strlen(path);
	memcpy(at.un.sun_path, path, n);
	if (first == '@')
		at.un.sun_path[0] = '\0';
	else
		memmove(name, path, n + 1);
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	assert_int_equal(bind(s, &at.any, length), 0);
	return s;
}

static void expect(int s, const char *text)
{
	char got[TEXT] = {0};
	ssize_t n = recv(s, got, sizeof(got) - 1, 0);
	assert_int_equal(n, strlen(text));
	assert_string_equal(got, text);
}

static void tells_manager(char first)
{
	char name[TEXT], pid[TEXT];
	struct service service;
	int s = manager(name, first);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "3000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	service_open(&service);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(service.watchdog, 1500000000);
	service_tell(&service, "READY=1\nSTATUS=here");
	expect(s, "READY=1\nSTATUS=here");
	service_alive(&service);
	expect(s, "WATCHDOG=1");
	service_close(&service);
	close(s);
	if (first != '@')
		unlink(name);
}

static void tells(void **state)
{
	(void)state;
	tells_manager('f');
	tells_manager('@');
}

static void tells_nobody(void **state)
{
	struct service s;
	(void)state;
	service_open(&s);
	assert_int_equal(s.socket, -1);
	assert_int_equal(s.watchdog, 0);
	service_tell(&s, "READY=1");
	service_alive(&s);
	service_close(&s);
	setenv("NOTIFY_SOCKET", "relative", 1);
	service_open(&s);
	assert_int_equal(s.socket, -1);
	setenv("NOTIFY_SOCKET", "/tmp/there/is/no/such/socket", 1);
	service_open(&s);
	assert_int_equal(s.socket, -1);
}

/* What another process of ours is to watch is not for us. */
static void watchdog_of_another(void **state)
{
	char name[TEXT];
	struct service service;
	(void)state;
	int s = manager(name, '@');
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "3000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	service_open(&service);
	assert_int_equal(service.watchdog, 0);
	service_close(&service);
	close(s);
}

static void finds_the_journal(void **state)
{
	struct stat st;
	char stream[TEXT];
	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(service_journal());
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(service_journal());
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_false(service_journal());
}

/* In a child, whose standard error is a pipe. */
static void log_much(int out)
{
	dup2(out, STDERR_FILENO);
	log_set_service(true);
	log_tick(1);
	for (int i = 0; i < LOG_BURST + 50; i++)
		log_warn("line %d", i);
	log_tick(1 + 2 * LOG_REFILL_NS);
	log_note("after");
	log_note("too much again");
}

static void log_is_limited(void **state)
{
	int ends[2], status, lines = 0;
	char line[TEXT], last[2][TEXT] = {{0}};
	(void)state;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		log_much(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	FILE *in = fdopen(ends[0], "r");
	while (fgets(line, sizeof(line), in) != NULL) {
		assert_true(strncmp(line, "<4>", 3) == 0 || strncmp(line, "<5>", 3) == 0);
		memcpy(last[0], last[1], TEXT);
		memcpy(last[1], line, TEXT);
		lines++;
	}
	fclose(in);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(lines, LOG_BURST + 2);
	assert_string_equal(
	    last[0], "<4>50 lines were left out here: too many at once\n");
	assert_string_equal(last[1], "<5>after\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells),
	    cmocka_unit_test(tells_nobody),
	    cmocka_unit_test(watchdog_of_another),
	    cmocka_unit_test(finds_the_journal),
	    cmocka_unit_test(log_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
