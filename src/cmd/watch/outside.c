/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/confine.h"
#include "cmd/notices.h"
#include "cmd/watch/clocks.h"
#include "desk/control.h"
#include "sys/file.h"
#include "sys/path.h"

#define LAST_LOOK_MS 50

/* ---- targets ---- */

/* All targets that the options name, a line each; those of files as they are now. NULL
 * with *e set. */
static char *list_targets(const struct notify_options *n, size_t *bytes, struct error *e)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);
	bool good = out != NULL;
	for (size_t i = 0; good && i < n->target_count; i++) {
		const char *url = n->targets[i];
		size_t size;
		char *lines =
		    url[0] == '@' ? file_read(url + 1, DELIVER_LIST_MAX, &size, e) : NULL;
		good = url[0] != '@' || lines != NULL;
		if (good)
			fprintf(out, "%s\n", lines != NULL ? lines : url);
		free(lines);
	}
	if (out == NULL || fclose(out) != 0 || !good) {
		if (good)
			error_set(e, ERR_SYSTEM, "no memory for targets");
		free(text);
		return NULL;
	}
	return text;
}

/* A file in memory that holds the text; negative with *e set. */
static int put_aside(const char *text, size_t n, struct error *e)
{
	int fd = memfd_create("targets", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, text, n) == (ssize_t)n)
		return fd;
	error_set(e, ERR_SYSTEM, "targets: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Read them and put them in force; list (may be NULL) as outside_reload gives it. */
static int set_targets(struct outside *o, int *list, struct error *e)
{
	size_t n;
	int aside = -1;
	char *text = list_targets(&o->options->notify, &n, e);
	if (text == NULL)
		return -1;
	int result = list != NULL && (aside = put_aside(text, n, e)) < 0
			 ? -1
			 : deliveries_set(o->deliveries, text, n, e);
	free(text);
	if (result < 0 && aside >= 0)
		close(aside);
	else if (list != NULL)
		*list = aside;
	return result;
}

static int read_targets(struct outside *o, struct error *e)
{
	char path[PATH_MAX];
	if (o->options->notify.target_count == 0)
		return 0;
	o->deliveries = calloc(1, sizeof(*o->deliveries));
	if (o->deliveries == NULL ||
	    asprintf(&o->queues, "%s/" NOTICES_FOLDER, o->options->memory) < 0)
		return error_set(e, ERR_SYSTEM, "no memory for messages");
	if (deliveries_init(o->deliveries, o->queues, e) < 0)
		return -1;
	if (set_targets(o, NULL, e) < 0)
		return error_add(e, "--notify");
	size_t none;
	if (file_make_folders(o->queues, e) < 0 ||
	    deliveries_put(o->deliveries, NULL, 0, &none, e) < 0 ||
	    path_make(path, e, "%s/lock", o->queues) < 0)
		return -1;
	o->lock = file_lock(path, e);
	return o->lock < 0 ? -1 : 0;
}

/* The process ends when it has sent what it is at; the next one has other ends. */
static int renew(struct outside *o, int64_t monotonic, struct error *e)
{
	int stop[2];
	if (pipe2(stop, O_CLOEXEC) < 0)
		return error_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
	close(o->stop[0]);
	close(o->stop[1]);
	o->stop[0] = stop[0];
	o->stop[1] = stop[1];
	o->due = monotonic;
	o->end = o->pid > 0 ? monotonic + OUTSIDE_RENEW_NS : 0;
	return 0;
}

int outside_reload(struct outside *o, int64_t monotonic, int *list, struct error *e)
{
	*list = -1;
	if (o->deliveries == NULL)
		return 0;
	if (set_targets(o, list, e) < 0)
		return -1;
	if (renew(o, monotonic, e) < 0) {
		close(*list);
		*list = -1;
		return -1;
	}
	return 0;
}

void outside_take(struct outside *o, int list)
{
	struct error e = {0};
	off_t n = list >= 0 ? lseek(list, 0, SEEK_END) : -1;
	char *text = n >= 0 ? malloc((size_t)n + 1) : NULL;
	if (text != NULL && o->deliveries != NULL &&
	    pread(list, text, (size_t)n, 0) == n &&
	    deliveries_set(o->deliveries, text, (size_t)n, &e) < 0)
		log_warn("--notify: %s", e.text);
	free(text);
	if (list >= 0)
		close(list);
}

int outside_open(struct outside *o, const struct options *options, struct error *e)
{
	*o = (struct outside){.options = options,
	    .control = -1,
	    .lock = -1,
	    .orders = {-1, -1},
	    .stop = {-1, -1}};
	o->page = page_new();
	if (o->page == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for a page");
	if (pipe2(o->orders, O_CLOEXEC | O_NONBLOCK) < 0 || pipe2(o->stop, O_CLOEXEC) < 0)
		return error_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
	o->control = control_listen(options->memory, e);
	if (o->control < 0)
		return -1;
	page_set(o->page, PAGE_started, (uint64_t)(clock_ns(CLOCK_REALTIME) / NS_PER_S));
	if (options->watch.metrics != 0 &&
	    (o->metrics = metrics_open(options->watch.metrics, o->page, e)) == NULL)
		return -1;
	return read_targets(o, e);
}

/* ---- the process ---- */

static void both_clocks(struct moment *now, int64_t *monotonic)
{
	now->ns = clock_ns(CLOCK_REALTIME);
	*monotonic = clock_ns(CLOCK_MONOTONIC);
}

int outside_serve(struct outside *o)
{
	struct error e = {0};
	struct desk d = {.page = o->page,
	    .deliveries = o->deliveries,
	    .metrics = o->metrics,
	    .control = o->control,
	    .orders = o->orders[1],
	    .stop = o->stop[0],
	    .clocks = both_clocks};
	(void)prctl(PR_SET_NAME, "dwell-desk");
	close(o->stop[1]);
	if ((o->deliveries != NULL && deliveries_open(o->deliveries, &e) < 0) ||
	    confine_sending(o->deliveries, &e) < 0)
		return report_error(&e);
	desk_run(&d);
	return 0;
}

bool outside_due(const struct outside *o, int64_t monotonic)
{
	if (o->pid > 0 && o->end != 0 && monotonic > o->end)
		(void)kill(o->pid, SIGKILL); /* what it had not sent waits on disk */
	return o->pid == 0 && monotonic >= o->due;
}

void outside_ended(struct outside *o, int status, int64_t monotonic)
{
	bool wanted = o->end != 0;
	o->pid = 0;
	o->end = 0;
	o->due = monotonic + (wanted ? 0 : OUTSIDE_RETRY_NS);
	if (wanted)
		return;
	if (WIFSIGNALED(status))
		log_warn("the desk was ended by signal %d (%s): it is started again",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
}

char outside_order(const struct outside *o)
{
	char order;
	return read(o->orders[0], &order, 1) == 1 ? order : 0;
}

void outside_tell(struct outside *o, struct store *s)
{
	struct error e;
	size_t dropped = 0;
	if (o->deliveries == NULL)
		return;
	if (notices_put(s, o->deliveries, o->options->notify.low, &dropped, &e) < 0)
		log_warn("messages: %s", e.text);
	if (dropped > 0)
		log_warn("%zu messages had no room: %d wait at most for a target",
		    dropped, QUEUE_WAITING_MAX);
}

void outside_finish(struct outside *o)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + OUTSIDE_LAST_NS;
	if (o->stop[1] >= 0)
		close(o->stop[1]);
	o->stop[1] = -1;
	while (o->pid > 0 && waitpid(o->pid, NULL, WNOHANG) == 0) {
		if (clock_ns(CLOCK_MONOTONIC) > end)
			(void)kill(o->pid, SIGKILL); /* what is left waits on disk */
		(void)poll(NULL, 0, LAST_LOOK_MS);
	}
	o->pid = 0;
	if (o->control >= 0)
		control_remove(o->options->memory);
}

void outside_close(struct outside *o)
{
	const int all[] = {
	    o->control, o->orders[0], o->orders[1], o->stop[0], o->stop[1]};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i] >= 0)
			close(all[i]);
	}
	if (o->lock >= 0)
		file_unlock(o->lock);
	metrics_close(o->metrics);
	if (o->deliveries != NULL)
		deliveries_fini(o->deliveries);
	free(o->deliveries);
	free(o->queues);
	page_free(o->page);
	*o = (struct outside){.control = -1, .lock = -1};
}
