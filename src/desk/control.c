/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/control.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/path.h"

union place {
	struct sockaddr any;
	struct sockaddr_un un;
};

/* A socket's name has room for 107 bytes, a memory's path may be longer: it is reached
 * through the descriptor of its folder, which is to be closed. Negative with *e set. */
static int name_socket(const char *memory, union place *p, struct error *e)
{
	int folder = open(memory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return error_set(e, ERR_USAGE, "%.200s: %s", memory, strerror(errno));
	*p = (union place){.un = {.sun_family = AF_UNIX}};
	snprintf(p->un.sun_path, sizeof(p->un.sun_path), "/proc/self/fd/%d/" CONTROL_NAME,
	    folder);
	return folder;
}

static int connect_to(const union place *p)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s >= 0 && connect(s, &p->any, sizeof(p->un)) != 0) {
		int why = errno;
		close(s);
		errno = why;
		return -1;
	}
	return s;
}

int control_listen(const char *memory, struct error *e)
{
	union place p;
	int folder = name_socket(memory, &p, e);
	if (folder < 0)
		return -1;
	int other = connect_to(&p);
	if (other >= 0) {
		close(other);
		close(folder);
		return error_set(e, ERR_USAGE, "%.200s is watched already", memory);
	}
	if (errno == ECONNREFUSED)
		unlinkat(folder, CONTROL_NAME, 0);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0177);
	if (s < 0 || bind(s, &p.any, sizeof(p.un)) != 0 || listen(s, 8) != 0) {
		error_set(e, ERR_SYSTEM, "%.200s/" CONTROL_NAME ": %s", memory,
		    strerror(errno));
		if (s >= 0)
			close(s);
		s = -1;
	}
	umask(before);
	close(folder);
	return s;
}

void control_remove(const char *memory)
{
	char path[PATH_MAX];
	if (path_make(path, NULL, "%s/" CONTROL_NAME, memory) == 0)
		unlink(path);
}

/* ---- answering ---- */

/* The kernel says who asks; the socket's mode alone would let in whoever got its name
 * changed. */
static bool may_ask(int s)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	return getsockopt(s, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

/* Read a line, without its end, within a time; false when none comes. */
static bool read_line(int s, char *line, size_t room)
{
	size_t n = 0;
	for (;;) {
		struct pollfd p = {s, POLLIN, 0};
		if (poll(&p, 1, CONTROL_WAIT_MS) <= 0)
			return false;
		ssize_t got = recv(s, line + n, room - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		line[n] = '\0';
		char *end = memchr(line, '\n', n);
		if (end != NULL) {
			*end = '\0';
			return true;
		}
		if (n + 1 == room)
			return false;
	}
}

static void do_order(FILE *out, const char *what, char order, int orders)
{
	if (orders >= 0 && write(orders, &order, 1) == 1)
		fprintf(out, "{\"done\":\"%s\"}", what);
	else
		fputs("{\"error\":\"nobody takes orders\"}", out);
}

static void answer_line(FILE *out, const char *line, const struct page *p, int orders)
{
	json_t *question = json_loads(line, 0, NULL);
	const char *what = json_string_value(json_object_get(question, "ask"));
	if (what == NULL)
		fputs("{\"error\":\"no question: {\\\"ask\\\":\\\"status\\\"}\"}", out);
	else if (strcmp(what, "status") == 0)
		page_json(p, out);
	else if (strcmp(what, "judge") == 0)
		do_order(out, what, CONTROL_JUDGE, orders);
	else if (strcmp(what, "reload") == 0)
		do_order(out, what, CONTROL_RELOAD, orders);
	else
		fputs("{\"error\":\"status, judge or reload can be asked for\"}", out);
	fputc('\n', out);
	json_decref(question);
}

static void answer(int s, const struct page *p, int orders)
{
	char line[CONTROL_LINE_MAX], *text = NULL;
	size_t n = 0;
	if (!may_ask(s) || !read_line(s, line, sizeof(line)))
		return;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return;
	answer_line(out, line, p, orders);
	/* A page's answer fits a socket's buffer: nobody can make us wait. */
	if (fclose(out) == 0)
		(void)!send(s, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
}

void control_answer(int listener, const struct page *p, int orders)
{
	int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (s < 0)
		return;
	answer(s, p, orders);
	close(s);
}

/* ---- asking ---- */

char *control_ask(const char *memory, const char *what, struct error *e)
{
	union place p;
	char line[CONTROL_LINE_MAX], *text = NULL;
	int folder = name_socket(memory, &p, e);
	if (folder < 0)
		return NULL;
	int s = connect_to(&p);
	close(folder);
	if (s < 0) {
		bool none = errno == ENOENT || errno == ECONNREFUSED;
		error_set(e, none ? ERR_USAGE : ERR_SYSTEM, "%.200s: %s", memory,
		    none ? "no dwell watch is at work there" : strerror(errno));
		return NULL;
	}
	int n = snprintf(line, sizeof(line), "{\"ask\":\"%s\"}\n", what);
	text = malloc(CONTROL_REPLY_MAX);
	if (text == NULL || send(s, line, (size_t)n, MSG_NOSIGNAL) != n ||
	    !read_line(s, text, CONTROL_REPLY_MAX)) {
		error_set(e, ERR_SYSTEM, "%.200s: the watch does not answer", memory);
		free(text);
		text = NULL;
	}
	close(s);
	return text;
}
