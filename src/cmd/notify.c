/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell notify: what is found and was not told yet, to whoever is to be told; for a
 * timer, or after a scan. First everything is put into queues on disk, then the memory is
 * closed, and only then, by a process that is confined to the queues and the network, is
 * anything sent.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/confine.h"
#include "cmd/notices.h"
#include "sys/file.h"
#include "sys/path.h"

static const struct command_text text = {"notify", "[-m MEMORY] --notify TARGET...",
    "Send each finding that was not sent yet, once, as an object of JSON: to a file, a "
    "web\n"
    "hook, a syslog receiver or by mail. What can not be delivered waits in the memory "
    "for\n"
    "the next run.",
    OPTION_MEMORY | OPTION_NOTIFY | OPTION_WAIT | OPTION_QUIET};

static int64_t clock_ns(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return moment_from(t.tv_sec, t.tv_nsec).ns;
}

static int fill(const struct options *o, struct deliveries *d, struct error *e)
{
	size_t dropped = 0;
	struct store *s = store_open(o->memory, STORE_READ, e);
	int result = s != NULL ? notices_put(s, d, o->notify.low, &dropped, e) : -1;
	store_close(s);
	if (dropped > 0)
		log_warn("%zu messages had no room: %d wait at most for a target",
		    dropped, QUEUE_WAITING_MAX);
	return result;
}

/* Until nothing waits, or the time is over. */
static void send_all(struct deliveries *d, unsigned seconds)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC), end = now + (int64_t)seconds * NS_PER_S;
	for (;;) {
		int64_t next =
		    deliveries_run(d, (struct moment){clock_ns(CLOCK_REALTIME)}, now);
		now = clock_ns(CLOCK_MONOTONIC);
		if (next < 0 || now + next >= end)
			return;
		poll(NULL, 0, (int)(next / NS_PER_MS) + 1);
		now = clock_ns(CLOCK_MONOTONIC);
	}
}

static int say_what_was_done(const struct deliveries *d)
{
	int status = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct delivery *v = &d->v[i];
		log_note("%s: sent %" PRIu64, v->target.shown, v->sent);
		if (v->refused > 0)
			log_warn("%s: refused %" PRIu64 " for good: %s", v->target.shown,
			    v->refused, v->why.text);
		if (v->waiting > 0)
			log_warn(
			    "%zu wait for the next run: %s", v->waiting, v->why.text);
		if (v->waiting > 0)
			status = 4;
	}
	return status;
}

/* The process that sends; its exit status. */
static int send_process(const struct options *o, struct deliveries *d)
{
	struct error e = {0};
	if (deliveries_open(d, &e) < 0 || confine_sending(d, &e) < 0)
		return report_error(&e);
	send_all(d, o->notify.wait);
	return say_what_was_done(d);
}

static int send_in_child(
    const struct options *o, struct deliveries *d, int *status, struct error *e)
{
	int how = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* who stops us stops it */
		*status = send_process(o, d);
		fflush(NULL);
		_exit(*status);
	}
	while (child > 0 && waitpid(child, &how, 0) < 0) {
		if (errno != EINTR)
			child = -1;
	}
	if (child < 0)
		return error_set(
		    e, ERR_SYSTEM, "starting the sender: %s", strerror(errno));
	if (!WIFEXITED(how))
		return error_set(e, ERR_SYSTEM, "the sender was killed by signal %d%s",
		    WTERMSIG(how),
		    WTERMSIG(how) == SIGSYS ? ", for asking what it must not" : "");
	*status = WEXITSTATUS(how);
	return 0;
}

static int run(
    const struct options *o, struct deliveries *d, int *status, struct error *e)
{
	char lock[PATH_MAX];
	for (size_t i = 0; i < o->notify.target_count; i++) {
		if (deliveries_add(d, o->notify.targets[i], e) < 0)
			return error_add(e, "--notify");
	}
	if (fill(o, d, e) < 0 || path_make(lock, e, "%s/lock", d->root) < 0)
		return -1;
	int held = file_lock(lock, e); /* nobody else sends what we do */
	if (held < 0)
		return -1;
	int result = send_in_child(o, d, status, e);
	file_unlock(held);
	return result;
}

int cmd_notify(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	char root[PATH_MAX];
	int status = 0;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	if (o.rest_count > 0)
		return usage_error(&text, "'%s' is too much", o.rest[0]);
	if (o.notify.target_count == 0)
		return usage_error(&text, "say with --notify where to");
	if (path_make(root, &e, "%s/" NOTICES_FOLDER, o.memory) < 0)
		return report_error(&e);
	struct deliveries *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return 4;
	if (deliveries_init(d, root, &e) < 0 || run(&o, d, &status, &e) < 0)
		status = report_error(&e);
	deliveries_fini(d);
	free(d);
	return status;
}
