/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/crew.h"

#define JOBS 1000

struct count {
	atomic_uint *done;
	unsigned times, worker;
};

static void count(void *ctx, unsigned worker)
{
	struct count *c = ctx;
	c->times++;
	c->worker = worker;
	atomic_fetch_add(c->done, 1);
}

static void each_job_is_done_once(void **state)
{
	static struct count jobs[JOBS];
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		atomic_uint done = 0;
		struct crew *crew = crew_new(workers);
		assert_non_null(crew);
		assert_int_equal(crew_workers(crew), workers);
		for (size_t i = 0; i < JOBS; i++)
			jobs[i] = (struct count){.done = &done};
		crew_each(crew, count, jobs, sizeof(jobs[0]), JOBS);
		assert_int_equal(done, JOBS);
		for (size_t i = 0; i < JOBS; i++) {
			assert_int_equal(jobs[i].times, 1);
			assert_true(jobs[i].worker < workers);
		}
		crew_free(crew);
	}
}

/* Jobs that wait for each other's turn end only if they are begun in order. */
struct turn {
	atomic_uint *next;
	unsigned number;
};

static void wait_for_turn(void *ctx, unsigned worker)
{
	struct turn *t = ctx;
	(void)worker;
	while (atomic_load(t->next) != t->number)
		usleep(10);
	atomic_fetch_add(t->next, 1);
}

static void jobs_are_begun_in_order(void **state)
{
	struct turn turns[3 * CREW_QUEUE_MAX];
	atomic_uint next = 0;
	struct crew *crew = crew_new(3);
	(void)state;
	for (unsigned i = 0; i < 3 * CREW_QUEUE_MAX; i++)
		turns[i] = (struct turn){&next, i};
	crew_each(crew, wait_for_turn, turns, sizeof(turns[0]), 3 * CREW_QUEUE_MAX);
	assert_int_equal(next, 3 * CREW_QUEUE_MAX);
	crew_free(crew);
}

static void none_is_a_crew_of_one(void **state)
{
	atomic_uint done = 0;
	struct count job = {.done = &done};
	(void)state;
	assert_int_equal(crew_workers(NULL), 1);
	crew_put(NULL, (struct crew_job){count, &job});
	assert_int_equal(done, 1);
	crew_wait(NULL, 0);
	crew_free(NULL);
}

static void there_are_no_more_than_the_limit(void **state)
{
	struct crew *crew = crew_new(CREW_MAX + 9);
	(void)state;
	assert_int_equal(crew_workers(crew), CREW_MAX);
	crew_free(crew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_job_is_done_once),
	    cmocka_unit_test(jobs_are_begun_in_order),
	    cmocka_unit_test(none_is_a_crew_of_one),
	    cmocka_unit_test(there_are_no_more_than_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
