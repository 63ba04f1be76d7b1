/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell watch: packets of network interfaces and flow exports into the memory, as they
 * come, until it is told to stop. Processes by trust:
 *
 *     interface ─ring─▶ reader ─┐ records as frames, a pipe each
 *     interface ─ring─▶ reader ─┼──▶ writer ──▶ the memory
 *     flow exports ───▶ reader ─┘       ▲
 *            supervisor: opens sockets, starts all, ── orders ─┘ starts again what fell
 *
 * Readers see hostile bytes and have nothing else; the writer has the memory and sees
 * only records. The supervisor sees neither.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/confine.h"
#include "cmd/options.h"
#include "cmd/shares.h"
#include "cmd/traces_files.h"
#include "cmd/watch/clocks.h"
#include "cmd/watch/exports.h"
#include "cmd/watch/notes.h"
#include "cmd/watch/outside.h"
#include "cmd/watch/reader.h"
#include "cmd/watch/traces_page.h"
#include "cmd/watch/writer.h"
#include "desk/control.h"
#include "input/netflow_udp.h"
#include "live/filter.h"
#include "live/interface.h"
#include "live/piped.h"
#include "live/ring.h"
#include "proto/traces.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/privilege.h"
#include "sys/process.h"
#include "sys/service.h"

#define PIPE_BYTES   (1 << 20) /* asked of the kernel for each reader */
#define LOOK_MS      1000      /* between two looks at the interfaces and the readers */
#define HUNG_NS      (60 * NS_PER_S) /* without a beat; then a reader is ended */
#define RESTART_NS   NS_PER_S        /* before a reader that fell at once starts again */
#define RESTART_MOST (30 * NS_PER_S)
#define STEADY_NS    (60 * NS_PER_S) /* it ran well for so long: the next wait is short */
#define MIB          ((size_t)1 << 20)

static const struct command_text text = {"watch",
    "[-m MEMORY] [-i IFACE]... [--listen udp:[ADDR:]PORT]...",
    "Capture packets from network interfaces, and receive flow exports (NetFlow v5, v9 "
    "and\n"
    "IPFIX, of any number of exporters), into the memory until it is stopped (SIGINT,\n"
    "SIGTERM). What was seen can be asked for seconds later; the detectors run each "
    "hour,\n"
    "at SIGUSR1, and at the end.",
    OPTION_MEMORY | OPTION_SENSOR | OPTION_HOME | OPTION_KEEP | OPTION_QUIET |
	OPTION_TRACES | OPTION_NOTIFY | OPTION_LISTEN | OPTION_LIMIT};

/* A process that reads: all of --listen's, or a share of the packets. */
struct crew {
	pid_t pid; /* 0: none runs */
	bool exports;
	struct ring *rings[SOURCES_MAX]; /* owned; of packets */
	struct reader_page *page;        /* owned */
	struct traces_page *traces;      /* owned */
	uint64_t beats;                  /* when last looked at */
	int64_t beaten;                  /* monotonic clock, ns: when they last grew */
	int64_t started, due;            /* likewise: when it is to start again */
	int64_t wait;                    /* before the next start */
};

struct watch {
	struct options options;
	struct limits limits;
	struct traces *traces;
	char *names[SOURCES_MAX]; /* of the interfaces, as rows hold them; owned */
	bool up[SOURCES_MAX];
	struct crew crew[READERS_MAX];
	size_t crew_count;
	pid_t writer;
	int orders;  /* socket to the writer */
	int stop[2]; /* pipe that nobody writes to: closed, all readers stop */
	int signals;
	struct netflow_udp *udp; /* owned; NULL: no --listen */
	struct outside outside;
	struct service service;
	struct privilege_user user;
	int64_t end; /* monotonic clock, ns; INT64_MAX: no --once */
	int status;
	bool stopping;
	int64_t alive_due; /* monotonic clock, ns */
};

/* ---- sockets ---- */

static void warn_of(const char *name)
{
	struct interface i;
	unsigned joins = interface_joins(name);
	if (piped_is(name))
		return;
	if (joins != 0)
		log_warn(
		    "%s joins packets before they are captured (%s%s%s): their sizes "
		    "and times are not those of the wire; turn it off: ethtool -K %s "
		    "gro off lro off",
		    name, joins & JOINS_GRO ? "GRO" : "",
		    joins == (JOINS_GRO | JOINS_LRO) ? ", " : "",
		    joins & JOINS_LRO ? "LRO" : "", name);
	if (interface_find(name, &i, NULL) == 0 && !i.up)
		log_warn("%s is down: its packets are taken as soon as it is up", name);
}

static int open_interface(struct watch *w, size_t source, struct error *e)
{
	const struct watch_options *o = &w->options.watch;
	const char *name = o->interfaces[source];
	struct sock_filter *filter = NULL;
	size_t readers = o->threads, n = 0;
	uint16_t group = 0;
	int result = 0;
	struct ring_options ring = {.interface = name,
	    .source = (uint32_t)source,
	    .bytes = o->ring_mib * MIB / readers,
	    .hardware_time = o->hardware_time};
	if (piped_is(name) && (o->filter != NULL || o->hardware_time))
		return error_set(e, ERR_USAGE, "%.64s: %s is for who writes to the pipe",
		    name, o->filter != NULL ? "--filter" : "--hardware-time");
	for (size_t i = 0; i < readers && result == 0; i++) {
		ring.idle = i > 0;
		struct ring *r = w->crew[i].rings[source] = ring_open(&ring, e);
		if (r == NULL || (readers > 1 && ring_join(r, &group, e) < 0))
			result = -1;
	}
	if (result == 0 && o->hardware_time)
		result = interface_stamp(name, e);
	if (result == 0 && o->filter != NULL) {
		struct interface at;
		result = interface_find(name, &at, e);
		if (result == 0)
			filter = filter_compile(name, at.cooked, o->filter, &n, e);
		result = filter == NULL ? -1 : 0;
	}
	for (size_t i = 0; i < readers && result == 0; i++)
		result = ring_start(w->crew[i].rings[source], filter, n, e);
	free(filter);
	if (result == 0 && asprintf(&w->names[source], "live:%s", name) < 0)
		return error_set(e, ERR_SYSTEM, "no memory to capture");
	return result;
}

static int open_all(struct watch *w, struct error *e)
{
	struct watch_options *o = &w->options.watch;
	struct interface any;
	for (size_t i = 0; i < o->count; i++) {
		any.up = true;
		if (!piped_is(o->interfaces[i]) &&
		    interface_find(o->interfaces[i], &any, e) < 0)
			return -1;
		w->up[i] = any.up;
	}
	/* Here, as ports below 1024 take a right that is given up then; and what comes
	 * while the process that receives is down waits in the socket. */
	if (w->options.listen_count > 0 && (w->udp = netflow_udp_open(w->options.listen,
						w->options.listen_count, e)) == NULL)
		return -1;
	for (size_t i = 0; i < o->count; i++) {
		if (open_interface(w, i, e) < 0)
			return -1;
		warn_of(o->interfaces[i]);
	}
	w->crew_count = o->count > 0 ? o->threads : 0;
	if (w->options.listen_count > 0)
		w->crew[w->crew_count++].exports = true;
	for (size_t i = 0; i < w->crew_count; i++) {
		void *page = mmap(NULL, sizeof(struct reader_page),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			return error_set(e, ERR_SYSTEM, "no memory to capture");
		w->crew[i].page = page;
		w->crew[i].traces = traces_page_new();
		if (w->crew[i].traces == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for traces");
	}
	return 0;
}

/* ---- starting ---- */

/* Tell the writer; a descriptor may go along (-1: none). */
static void order(
    struct watch *w, enum order_kind kind, size_t reader, int status, int fd)
{
	const struct order o = {kind, (uint32_t)reader, status};
	order_send(w->orders, &o, fd);
}

/* In the reader's process: keep its own rings and the two pipes, nothing else. */
static int be_reader(struct watch *w, size_t which, int out)
{
	struct crew *self = &w->crew[which];
	struct reader_plan plan = {.sensor = w->options.sensor,
	    .names = (const char *const *)w->names,
	    .rings = self->rings,
	    .count = w->options.watch.count,
	    .traces = w->traces,
	    .traces_page = self->traces,
	    .limits = &w->limits,
	    .page = self->page,
	    .out = out,
	    .stop = w->stop[0]};
	char name[16];
	snprintf(name, sizeof(name), "dwell-read-%zu", which);
	(void)prctl(PR_SET_NAME, name);
	close(w->orders);
	close(w->stop[1]);
	close(w->signals);
	for (size_t i = 0; i < w->crew_count; i++) {
		for (size_t k = 0; i != which && k < w->options.watch.count; k++)
			ring_close(w->crew[i].rings[k]);
	}
	outside_close(&w->outside);
	service_close(&w->service);
	if (self->exports)
		return exports_run(&w->options, &w->limits, w->udp, out, w->stop[0]);
	netflow_udp_close(w->udp);
	return reader_run(&plan);
}

static int start_reader(struct watch *w, size_t which, struct error *e)
{
	struct crew *c = &w->crew[which];
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
	(void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	c->pid = fork();
	if (c->pid == 0) {
		close(ends[0]);
		_exit(be_reader(w, which, ends[1]));
	}
	close(ends[1]);
	if (c->pid < 0) {
		c->pid = 0;
		close(ends[0]);
		return error_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
	}
	c->started = c->beaten = clock_ns(CLOCK_MONOTONIC);
	c->due = INT64_MAX;
	order(w, ORDER_READER, which, 0, ends[0]);
	close(ends[0]);
	return 0;
}

/* What the supervisor holds and another process must not: captures, and the ends by which
 * others learn that it is over. */
static void let_go(struct watch *w)
{
	close(w->stop[0]);
	close(w->stop[1]);
	close(w->signals);
	service_close(&w->service);
	for (size_t i = 0; i < w->crew_count; i++)
		for (size_t k = 0; k < w->options.watch.count; k++)
			ring_close(w->crew[i].rings[k]);
	netflow_udp_close(w->udp);
}

static int start_desk(struct watch *w, int64_t now, struct error *e)
{
	struct outside *o = &w->outside;
	if (!outside_due(o, now))
		return 0;
	o->pid = fork();
	if (o->pid == 0) {
		close(w->orders);
		let_go(w);
		_exit(outside_serve(o));
	}
	if (o->pid > 0)
		return 0;
	o->pid = 0;
	return error_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
}

static int start_writer(struct watch *w, struct error *e)
{
	int ends[2];
	char ready = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(e, ERR_SYSTEM, "socketpair: %s", strerror(errno));
	w->orders = ends[0];
	w->writer = fork();
	if (w->writer == 0) {
		close(ends[0]);
		let_go(w);
		(void)prctl(PR_SET_NAME, "dwell-write");
		_exit(writer_run(&w->options, &w->limits, ends[1], &w->outside));
	}
	close(ends[1]);
	if (w->writer < 0)
		return error_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
	/* At its end without a word it has said what is wrong itself. */
	if (read(w->orders, &ready, 1) != 1)
		w->stopping = true;
	return 0;
}

/* ---- watching over them ---- */

static void stop_all(struct watch *w)
{
	if (w->stopping)
		return;
	w->stopping = true;
	for (size_t i = 0; i < w->crew_count; i++) {
		for (size_t k = 0; k < w->options.watch.count; k++)
			if (w->crew[i].rings[k] != NULL)
				ring_stop(w->crew[i].rings[k]);
	}
	service_tell(&w->service, "STOPPING=1");
	close(w->stop[1]);
	w->stop[1] = -1;
}

/* A reader ended. What it fell over is behind the next one; one that falls again at once
 * has to wait longer each time. */
static void reader_ended(struct watch *w, size_t which, int status)
{
	struct crew *c = &w->crew[which];
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	c->pid = 0;
	if (w->stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
		/* It has said why, and would again. */
		w->status = WEXITSTATUS(status);
		stop_all(w);
		return;
	}
	order(w, ORDER_FELL, which, status, -1);
	page_add(w->outside.page, PAGE_readers_fallen, 1);
	if (w->stopping)
		return;
	bool steady = now - c->started > STEADY_NS;
	c->wait = steady || c->wait == 0 ? RESTART_NS : 2 * c->wait;
	c->wait = c->wait < RESTART_MOST ? c->wait : RESTART_MOST;
	c->due = now + (steady ? 0 : c->wait);
}

static void collect(struct watch *w)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid == w->outside.pid)
			outside_ended(&w->outside, status, clock_ns(CLOCK_MONOTONIC));
		if (pid == w->writer) {
			w->writer = 0;
			if (WIFSIGNALED(status))
				log_warn("the writer was ended by signal %d (%s)",
				    WTERMSIG(status), strsignal(WTERMSIG(status)));
			int own = WIFEXITED(status) ? WEXITSTATUS(status) : 4;
			w->status = own != 0 ? own : w->status;
			stop_all(w);
		}
		for (size_t i = 0; i < w->crew_count; i++) {
			if (w->crew[i].pid == pid)
				reader_ended(w, i, status);
		}
	}
}

static void look_at_interfaces(struct watch *w)
{
	const struct watch_options *o = &w->options.watch;
	for (size_t i = 0; i < o->count; i++) {
		struct interface now = {0};
		if (piped_is(o->interfaces[i]))
			continue;
		bool there = interface_find(o->interfaces[i], &now, NULL) == 0;
		if ((there && now.up) == w->up[i])
			continue;
		w->up[i] = !w->up[i];
		log_warn("%s %s", o->interfaces[i],
		    w->up[i] ? "is up again" : "went down: nothing is seen there");
		order(w, ORDER_LINK, i, w->up[i], -1);
	}
}

/* Readers that hang are ended, those whose time has come are started. */
static int look_at_readers(struct watch *w, struct error *e)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	size_t over = 0;
	for (size_t i = 0; i < w->crew_count; i++) {
		struct crew *c = &w->crew[i];
		if (c->pid != 0 && !c->exports) {
			uint64_t beats = c->page->beats;
			if (beats != c->beats)
				c->beaten = now;
			over += c->page->over;
			c->beats = beats;
			if (now - c->beaten > HUNG_NS)
				(void)kill(c->pid, SIGABRT);
		}
		if (c->pid == 0 && now >= c->due && !w->stopping &&
		    start_reader(w, i, e) < 0)
			return -1;
	}
	/* Where all is read from pipes that ended, it is done. */
	if (over > 0 && over == w->crew_count)
		stop_all(w);
	return 0;
}

static void reload_failed(struct watch *w, const char *what, const struct error *why)
{
	page_add(w->outside.page, PAGE_reload_errors, 1);
	log_warn("reload: %s: %s; what was read before holds", what, why->text);
}

/* Read files anew, each by itself. Mutes and hunts are read whenever detectors run. */
static void reload(struct watch *w)
{
	struct error e = {0};
	int list;
	struct traces *fresh = traces_files(w->options.memory, w->options.traces, &e);
	if (fresh == NULL) {
		reload_failed(w, "traces", &e);
	} else {
		traces_free(w->traces);
		w->traces = fresh;
	}
	for (size_t i = 0; fresh != NULL && i < w->crew_count; i++)
		traces_page_put(w->crew[i].traces, fresh);
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (outside_reload(&w->outside, now, &list, &e) < 0)
		reload_failed(w, "--notify", &e);
	if (list >= 0) {
		order(w, ORDER_TARGETS, 0, 0, list);
		close(list);
	}
	order(w, ORDER_JUDGE, 0, 0, -1);
	page_add(w->outside.page, PAGE_reloads, 1);
	log_note("files are read anew");
}

static void take_signals(struct watch *w)
{
	struct signalfd_siginfo s;
	while (read(w->signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo == SIGINT || s.ssi_signo == SIGTERM)
			stop_all(w);
		else if (s.ssi_signo == SIGUSR1)
			order(w, ORDER_JUDGE, 0, 0, -1);
		else if (s.ssi_signo == SIGHUP)
			reload(w);
	}
}

/* Memory of all processes, and of the rings, which belong to none. */
static void report_memory(struct watch *w)
{
	const struct watch_options *o = &w->options.watch;
	struct page *p = w->outside.page;
	uint64_t sum = o->count * (uint64_t)o->ring_mib * MIB + process_memory(getpid());
	sum += w->writer > 0 ? process_memory(w->writer) : 0;
	sum += w->outside.pid > 0 ? process_memory(w->outside.pid) : 0;
	for (size_t i = 0; i < w->crew_count; i++)
		sum += w->crew[i].pid > 0 ? process_memory(w->crew[i].pid) : 0;
	page_set(p, PAGE_memory, sum);
	page_set(p, PAGE_memory_limit, w->limits.total);
	if (sum > page_get(p, PAGE_memory_most))
		page_set(p, PAGE_memory_most, sum);
}

/* How it goes: to the page, to the service manager, and what was asked for. */
static void report(struct watch *w, int64_t now)
{
	uint64_t readers = 0, down = 0;
	for (size_t i = 0; i < w->crew_count; i++)
		readers += w->crew[i].pid != 0;
	for (size_t i = 0; i < w->options.watch.count; i++)
		down += !w->up[i];
	page_set(w->outside.page, PAGE_readers, readers);
	page_set(w->outside.page, PAGE_interfaces_down, down);
	report_memory(w);
	log_tick(now);
	if (now >= w->alive_due) {
		w->alive_due = now + w->service.watchdog;
		service_alive(&w->service);
	}
	for (char asked; (asked = outside_order(&w->outside)) != 0;) {
		if (asked == CONTROL_RELOAD)
			reload(w);
		else
			order(w, ORDER_JUDGE, 0, 0, -1);
	}
}

static bool any_reader(const struct watch *w)
{
	for (size_t i = 0; i < w->crew_count; i++) {
		if (w->crew[i].pid != 0)
			return true;
	}
	return false;
}

/* Until all are at their end. */
static int supervise(struct watch *w, struct error *e)
{
	bool told = false;
	while (w->writer != 0 || any_reader(w)) {
		struct pollfd p = {w->signals, POLLIN, 0};
		if (w->stopping && !told && !any_reader(w)) {
			order(w, ORDER_STOP, 0, 0, -1);
			told = true;
		}
		if (poll(&p, 1, LOOK_MS) < 0 && errno != EINTR)
			return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
		take_signals(w);
		collect(w);
		int64_t now = clock_ns(CLOCK_MONOTONIC);
		report(w, now);
		if (w->stopping)
			continue;
		if (start_desk(w, now, e) < 0)
			return -1;
		look_at_interfaces(w);
		if (now >= w->end)
			stop_all(w);
		if (look_at_readers(w, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the command ---- */

static void say_what_is_watched(const struct watch *w)
{
	const struct watch_options *o = &w->options.watch;
	for (size_t i = 0; i < o->count; i++)
		log_note("watching %s with %u reader%s; stop with SIGINT or SIGTERM",
		    o->interfaces[i], o->threads, o->threads == 1 ? "" : "s");
}

/* All is open: from here on nobody needs to be root. */
static int drop(struct watch *w, struct error *e)
{
	const struct options *o = &w->options;
	bool other = o->watch.user != NULL;
	char config[PATH_MAX];
	if (store_make(o->memory, e) < 0 ||
	    path_make(config, e, "%s/dwell.json", o->memory) < 0)
		return -1;
	/* A memory that is in use belongs to somebody already. */
	if (other && !file_exists(config) &&
	    chown(o->memory, w->user.uid, w->user.gid) != 0)
		return error_set(e, ERR_SYSTEM, "%.200s: %s", o->memory, strerror(errno));
	if (!other && getuid() == 0)
		log_note("running as root, without its powers: --user NAME is better");
	return privilege_drop(other ? &w->user : NULL, e);
}

static int run(struct watch *w, struct error *e)
{
	const struct watch_options *o = &w->options.watch;
	service_open(&w->service);
	if (service_journal())
		log_set_service(true);
	w->signals = service_signals();
	if (w->signals < 0 || pipe2(w->stop, O_CLOEXEC) < 0)
		return error_set(e, ERR_SYSTEM, "signals: %s", strerror(errno));
	if (o->user != NULL && privilege_user(o->user, &w->user, e) < 0)
		return -1;
	if (open_all(w, e) < 0 || drop(w, e) < 0 ||
	    outside_open(&w->outside, &w->options, e) < 0 || start_writer(w, e) < 0 ||
	    confine_supervising(e) < 0)
		return -1;
	for (size_t i = 0; i < w->crew_count && !w->stopping; i++) {
		if (start_reader(w, i, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < o->count; i++) {
		if (!w->up[i])
			order(w, ORDER_LINK, i, 0, -1);
	}
	/* Who is told that we are ready may ask at once. */
	if (!w->stopping && start_desk(w, clock_ns(CLOCK_MONOTONIC), e) < 0)
		return -1;
	if (!w->stopping) {
		say_what_is_watched(w);
		service_tell(&w->service, "READY=1");
	}
	w->end = o->once_ns > 0 ? clock_ns(CLOCK_MONOTONIC) + o->once_ns : INT64_MAX;
	return supervise(w, e);
}

/* When something failed here: nothing may be left behind. */
static void end_all(struct watch *w)
{
	stop_all(w);
	for (size_t i = 0; i < w->crew_count; i++) {
		if (w->crew[i].pid > 0)
			(void)kill(w->crew[i].pid, SIGKILL);
	}
	if (w->orders >= 0)
		close(w->orders);
	w->orders = -1;
	outside_finish(&w->outside);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static int check_options(struct watch *w)
{
	struct watch_options *o = &w->options.watch;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	bool may_lower = o->threads == 0;
	struct error e = {0};
	if (w->options.rest_count > 0)
		return usage_error(&text, "it reads no files: '%.100s' (dwell scan does)",
		    w->options.rest[0]);
	if (w->options.listen_count + o->count == 0)
		return usage_error(&text,
		    "say what to watch: an interface with -i (ip link shows them), or "
		    "--listen udp:2055");
	if (o->threads == 0)
		o->threads = cores < 1             ? 1
			     : cores < THREADS_MAX ? (unsigned)cores
						   : THREADS_MAX;
	return limits_watch(&w->limits, &w->options, may_lower, &e) < 0
		   ? usage_error(&text, "%s", e.text)
		   : 0;
}

int cmd_watch(int argc, char **argv)
{
	struct error e = {0};
	int status = 0;
	struct watch *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return 4;
	w->service.socket = w->outside.control = w->outside.lock = -1;
	w->outside.stop[1] = -1;
	w->orders = w->stop[0] = w->stop[1] = w->signals = -1;
	if (options_parse(&w->options, &text, argc, argv, &status) &&
	    (status = check_options(w)) == 0) {
		w->traces = traces_files(w->options.memory, w->options.traces, &e);
		if (w->traces == NULL)
			status = usage_error(&text, "traces: %s", e.text);
		else if (run(w, &e) < 0)
			status = report_error(&e);
		else
			status = w->status;
		end_all(w);
		outside_close(&w->outside);
		service_close(&w->service);
	}
	for (size_t i = 0; i < READERS_MAX; i++) {
		for (size_t k = 0; k < SOURCES_MAX; k++)
			ring_close(w->crew[i].rings[k]);
		if (w->crew[i].page != NULL)
			munmap(w->crew[i].page, sizeof(*w->crew[i].page));
		traces_page_free(w->crew[i].traces);
	}
	for (size_t i = 0; i < SOURCES_MAX; i++)
		free(w->names[i]);
	traces_free(w->traces);
	netflow_udp_close(w->udp);
	free(w);
	return status;
}
