/* SPDX-License-Identifier: Apache-2.0 */
/* Records through a pipe: all arrive, in order, however little it takes at a time; at its
 * limit the sender waits; what is no frame ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/watch/inlet.h"
#include "cmd/watch/outlet.h"

struct seen {
	uint64_t conns, notes, wrong;
};

static void take(void *ctx, const struct inlet *from, const struct wire_frame *f)
{
	struct seen *s = ctx;
	assert_int_equal(from->reader, 3);
	if (f->kind == RECORD_CONN)
		s->wrong += f->record.as_conn.src_packets != s->conns++;
	else
		s->notes += f->kind == WIRE_NOTE;
}

static void put_conns(struct outlet *o, uint64_t first, uint64_t end, struct str history)
{
	const struct record_sink sink = outlet_sink(o);
	struct conn_record c;
	record_clear(RECORD_CONN, &c);
	c.history = history;
	for (c.src_packets = first; c.src_packets < end; c.src_packets++)
		record_put(&sink, RECORD_CONN, &c);
}

static void open_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
}

static void test_all_arrive_in_order(void **state)
{
	(void)state;
	int ends[2];
	struct outlet o;
	struct inlet in;
	struct arena a;
	struct error e;
	struct seen seen = {0};
	const struct inlet_sink sink = {take, &seen};
	open_pipe(ends);
	arena_init(&a, WIRE_ARENA);
	assert_int_equal(outlet_init(&o, ends[1], OUTLET_MAX_BYTES, &e), 0);
	assert_true(inlet_init(&in, ends[0], 3));
	put_conns(&o, 0, 5000, STR("ShADadFf"));
	outlet_note(&o, WIRE_NOTE, "note", 4);
	while (o.end > o.begin) {
		outlet_push(&o, false);
		assert_true(inlet_read(&in, &a, &sink));
	}
	close(ends[1]);
	assert_false(inlet_read(&in, &a, &sink));
	assert_int_equal(seen.conns, 5000);
	assert_int_equal(seen.notes, 1);
	assert_int_equal(seen.wrong, 0);
	assert_false(in.damaged);
	inlet_fini(&in);
	outlet_fini(&o);
	arena_fini(&a);
}

struct reading {
	struct inlet in;
	struct seen seen;
};

static void *read_to_the_end(void *ctx)
{
	struct reading *r = ctx;
	const struct inlet_sink sink = {take, &r->seen};
	struct arena a;
	arena_init(&a, WIRE_ARENA);
	usleep(200000);
	while (inlet_read(&r->in, &a, &sink))
		;
	arena_fini(&a);
	return NULL;
}

/* Three times what the buffer holds at most, with a reader that comes late. */
static void test_the_limit_waits(void **state)
{
	(void)state;
	int ends[2];
	pthread_t thread;
	struct outlet o;
	struct error e;
	struct reading r = {0};
	static char text[60000];
	memset(text, 'x', sizeof(text));
	open_pipe(ends);
	assert_int_equal(outlet_init(&o, ends[1], OUTLET_MAX_BYTES, &e), 0);
	assert_true(inlet_init(&r.in, ends[0], 3));
	assert_int_equal(pthread_create(&thread, NULL, read_to_the_end, &r), 0);
	put_conns(
	    &o, 0, 3 * OUTLET_MAX_BYTES / sizeof(text), (struct str){text, sizeof(text)});
	outlet_push(&o, true);
	assert_true(o.waits > 0);
	assert_int_equal(o.room, OUTLET_MAX_BYTES);
	assert_int_equal(o.refused, 0);
	close(ends[1]);
	pthread_join(thread, NULL);
	assert_int_equal(r.seen.conns, 3 * OUTLET_MAX_BYTES / sizeof(text));
	assert_int_equal(r.seen.wrong, 0);
	inlet_fini(&r.in);
	outlet_fini(&o);
}

static void test_a_record_that_is_too_large(void **state)
{
	(void)state;
	int ends[2];
	struct outlet o;
	struct error e;
	char *text = calloc(1, WIRE_FRAME_MAX);
	open_pipe(ends);
	assert_int_equal(outlet_init(&o, ends[1], OUTLET_MAX_BYTES, &e), 0);
	put_conns(&o, 0, 1, (struct str){text, WIRE_FRAME_MAX});
	assert_int_equal(o.refused, 1);
	assert_int_equal(o.end, 0);
	put_conns(&o, 0, 1, STR("Sh"));
	assert_true(o.end > 0);
	outlet_fini(&o);
	close(ends[0]);
	close(ends[1]);
	free(text);
}

static void test_no_frame_ends_it(void **state)
{
	(void)state;
	int ends[2];
	struct inlet in;
	struct arena a;
	struct seen seen = {0};
	const struct inlet_sink sink = {take, &seen};
	open_pipe(ends);
	arena_init(&a, WIRE_ARENA);
	assert_true(inlet_init(&in, ends[0], 3));
	assert_int_equal(write(ends[1], "these are twenty byte", 21), 21);
	assert_false(inlet_read(&in, &a, &sink));
	assert_true(in.damaged);
	assert_int_equal(in.fd, -1);
	close(ends[1]);
	inlet_fini(&in);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_arrive_in_order),
	    cmocka_unit_test(test_the_limit_waits),
	    cmocka_unit_test(test_a_record_that_is_too_large),
	    cmocka_unit_test(test_no_frame_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
