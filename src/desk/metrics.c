/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/metrics.h"

#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// clang-format off
#define FUNCTIONS(F)                                                                     \
	F(start_daemon) F(stop_daemon) F(get_daemon_info) F(run)                         \
	F(create_response_from_buffer) F(add_response_header) F(queue_response)          \
	F(destroy_response)
// clang-format on

struct metrics {
	const struct page *page;
	struct MHD_Daemon *daemon;
	uint16_t port;
#define F(name) __typeof__(MHD_##name) *name;
	FUNCTIONS(F)
#undef F
};

union place {
	struct sockaddr any;
	struct sockaddr_in in;
};

static bool find(void *library, const char *name, void *function)
{
	void *address = dlsym(library, name);
	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

static int load(struct metrics *m, struct error *e)
{
	bool all = true;
	void *library = dlopen(METRICS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return error_set(e, ERR_SYSTEM,
		    "metrics need " METRICS_LIBRARY
		    " (Debian: libmicrohttpd12), which is not there");
#define F(name) all = all && find(library, "MHD_" #name, &m->name);
	FUNCTIONS(F)
#undef F
	if (all)
		return 0;
	dlclose(library);
	return error_set(e, ERR_SYSTEM, METRICS_LIBRARY " is too old");
}

static enum MHD_Result reply(
    struct metrics *m, struct MHD_Connection *c, unsigned status, char *text, size_t n)
{
	struct MHD_Response *r =
	    m->create_response_from_buffer(n, text, MHD_RESPMEM_MUST_FREE);
	if (r == NULL) {
		free(text);
		return MHD_NO;
	}
	m->add_response_header(r, "Content-Type", "text/plain; version=0.0.4");
	enum MHD_Result result = m->queue_response(c, status, r);
	m->destroy_response(r);
	return result;
}

/* The library says what it is given. */
// NOLINTNEXTLINE(readability-function-size)
static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_bytes,
    void **request)
{
	struct metrics *m = ctx;
	char *text = NULL;
	size_t n = 0;
	(void)version;
	(void)upload;
	(void)upload_bytes;
	(void)request;
	bool get = strcmp(method, "GET") == 0, there = strcmp(url, "/metrics") == 0;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return MHD_NO;
	if (get && there)
		page_metrics(m->page, out);
	else
		fputs("only GET /metrics\n", out);
	if (fclose(out) != 0) {
		free(text);
		return MHD_NO;
	}
	return reply(m, c,
	    !get    ? MHD_HTTP_METHOD_NOT_ALLOWED
	    : there ? MHD_HTTP_OK
		    : MHD_HTTP_NOT_FOUND,
	    text, n);
}

static int listen_at(struct metrics *m, uint16_t port, struct error *e)
{
	union place p = {.in = {.sin_family = AF_INET, .sin_port = htons(port)}};
	socklen_t n = sizeof(p.in);
	const int on = 1;
	p.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(s, &p.any, n) == 0 && listen(s, METRICS_CLIENTS_MAX) == 0 &&
	    getsockname(s, &p.any, &n) == 0) {
		m->port = ntohs(p.in.sin_port);
		return s;
	}
	error_set(e, ERR_SYSTEM, "metrics at port %u: %s", port, strerror(errno));
	if (s >= 0)
		close(s);
	return -1;
}

struct metrics *metrics_open(uint16_t port, const struct page *p, struct error *e)
{
	struct metrics *m = calloc(1, sizeof(*m));
	if (m == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for metrics");
		return NULL;
	}
	m->page = p;
	int s = load(m, e) == 0 ? listen_at(m, port, e) : -1;
	if (s >= 0 && m->start_daemon != NULL)
		m->daemon = m->start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, m,
		    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)s, MHD_OPTION_CONNECTION_LIMIT,
		    (unsigned)METRICS_CLIENTS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		    (unsigned)METRICS_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		    (size_t)METRICS_CLIENT_BYTES, MHD_OPTION_END);
	if (m->daemon != NULL)
		return m;
	if (s >= 0) {
		error_set(e, ERR_SYSTEM, "the server of metrics does not start");
		close(s);
	}
	free(m);
	return NULL;
}

uint16_t metrics_port(const struct metrics *m)
{
	return m->port;
}

int metrics_descriptor(const struct metrics *m)
{
	const union MHD_DaemonInfo *info =
	    m->get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return info != NULL ? info->epoll_fd : -1;
}

void metrics_run(struct metrics *m)
{
	(void)m->run(m->daemon);
}

void metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	m->stop_daemon(m->daemon); /* closes the socket, too */
	free(m);
}
