/* SPDX-License-Identifier: Apache-2.0 */
/* A desk in a process of its own, confined as in a watch; the test is who asks. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "desk/control.h"
#include "desk/desk.h"
#include "sys/file.h"
#include "sys/sandbox.h"

#define ANSWER 16384
#define LONG                                                                             \
	"/a-name-of-a-folder-that-alone-is-longer-than-half-of-what-a-socket-may-have"

struct world {
	char memory[512];
	struct page *page;
	struct metrics *metrics;
	int stop[2], orders[2];
	pid_t desk;
};

static void no_clocks(struct moment *now, int64_t *monotonic)
{
	*now = moment_from(1000000000, 0);
	*monotonic = 0;
}

static int serve(struct world *w, int control)
{
	struct sandbox s;
	struct error e;
	struct desk d = {.page = w->page,
	    .metrics = w->metrics,
	    .control = control,
	    .orders = w->orders[1],
	    .stop = w->stop[0],
	    .clocks = no_clocks};
	close(w->stop[1]);
	if (sandbox_open(&s, SANDBOX_NOTIFIER, &e) < 0 || sandbox_enter(&s, &e) < 0)
		return 1;
	desk_run(&d);
	return 0;
}

static int start(void **state)
{
	struct error e;
	struct world *w = calloc(1, sizeof(*w));
	char root[] = "/tmp/test_desk.XXXXXX";
	assert_non_null(w);
	assert_non_null(mkdtemp(root));
	snprintf(w->memory, sizeof(w->memory), "%s" LONG LONG, root);
	assert_int_equal(file_make_folders(w->memory, &e), 0);
	w->page = page_new();
	w->metrics = metrics_open(0, w->page, &e);
	assert_non_null(w->metrics);
	int control = control_listen(w->memory, &e);
	assert_true(control >= 0);
	assert_int_equal(pipe2(w->stop, O_CLOEXEC), 0);
	assert_int_equal(pipe2(w->orders, O_CLOEXEC | O_NONBLOCK), 0);
	fflush(NULL);
	w->desk = fork();
	if (w->desk == 0)
		_exit(serve(w, control));
	close(w->stop[0]);
	close(control);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	struct error e;
	int status;
	close(w->stop[1]);
	assert_int_equal(waitpid(w->desk, &status, 0), w->desk);
	assert_int_equal(status, 0);
	control_remove(w->memory);
	metrics_close(w->metrics);
	page_free(w->page);
	close(w->orders[0]);
	close(w->orders[1]);
	w->memory[sizeof("/tmp/test_desk.XXXXXX") - 1] = '\0';
	file_remove_tree(w->memory, &e);
	free(w);
	return 0;
}

static void tells_status(void **state)
{
	struct world *w = *state;
	struct error e;
	page_set(w->page, PAGE_packets, 4294967296);
	page_add(w->page, PAGE_drops, 3);
	page_add(w->page, PAGE_drops, 4);
	char *line = control_ask(w->memory, "status", &e);
	assert_non_null(line);
	assert_non_null(strstr(line, "\"packets\":4294967296,"));
	assert_non_null(strstr(line, "\"drops\":7,"));
	free(line);
}

static void passes_orders(void **state)
{
	struct world *w = *state;
	struct error e;
	char got[2] = {0};
	char *line = control_ask(w->memory, "judge", &e);
	assert_string_equal(line, "{\"done\":\"judge\"}");
	free(line);
	line = control_ask(w->memory, "reload", &e);
	assert_string_equal(line, "{\"done\":\"reload\"}");
	free(line);
	assert_int_equal(read(w->orders[0], got, 2), 2);
	assert_true(got[0] == CONTROL_JUDGE && got[1] == CONTROL_RELOAD);
	line = control_ask(w->memory, "more", &e);
	assert_non_null(strstr(line, "\"error\""));
	free(line);
	line = control_ask(w->memory, "\",[", &e); /* no JSON */
	assert_non_null(strstr(line, "\"error\""));
	free(line);
}

static void socket_is_for_its_user(void **state)
{
	struct world *w = *state;
	struct error e;
	struct stat st;
	char path[600];
	snprintf(path, sizeof(path), "%s/" CONTROL_NAME, w->memory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(control_listen(w->memory, &e), -1); /* one watch at a time */
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(control_ask("/tmp", "status", &e));
	assert_int_equal(e.code, ERR_USAGE);
}

static void stale_socket_is_replaced(void **state)
{
	struct world *w = *state;
	struct error e;
	char other[560];
	snprintf(other, sizeof(other), "%s/other", w->memory);
	assert_int_equal(file_make_folders(other, &e), 0);
	int killed = control_listen(other, &e);
	close(killed); /* and its name stays */
	int next = control_listen(other, &e);
	assert_true(next >= 0);
	close(next);
}

/* What the loopback answers to the text of a request. */
static void request(const struct world *w, const char *text, char got[static ANSWER])
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} to = {
	    .in = {.sin_family = AF_INET, .sin_port = htons(metrics_port(w->metrics))}};
	to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(s, &to.any, sizeof(to.in)), 0);
	assert_int_equal(send(s, text, strlen(text), 0), strlen(text));
	size_t n = 0;
	for (ssize_t more; n < ANSWER - 1; n += (size_t)more) {
		more = recv(s, got + n, ANSWER - 1 - n, 0);
		if (more <= 0)
			break;
	}
	got[n] = '\0';
	close(s);
}

static void shows_metrics(void **state)
{
	struct world *w = *state;
	char got[ANSWER];
	page_set(w->page, PAGE_cases, 12);
	request(w, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", got);
	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_non_null(strstr(got, "\n# TYPE dwell_cases gauge\ndwell_cases 12\n"));
	assert_non_null(strstr(got, "\n# TYPE dwell_packets_total counter\n"));
	request(w, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", got);
	assert_non_null(strstr(got, " 404 "));
	request(w,
	    "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n",
	    got);
	assert_non_null(strstr(got, " 405 "));
	request(w, "nonsense\r\n\r\n", got); /* and the next one is answered again */
	request(w, "GET /metrics HTTP/1.0\r\n\r\n", got);
	assert_non_null(strstr(got, " 200 "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(tells_status, start, stop),
	    cmocka_unit_test_setup_teardown(passes_orders, start, stop),
	    cmocka_unit_test_setup_teardown(socket_is_for_its_user, start, stop),
	    cmocka_unit_test_setup_teardown(stale_socket_is_replaced, start, stop),
	    cmocka_unit_test_setup_teardown(shows_metrics, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
