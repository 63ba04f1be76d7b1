/* SPDX-License-Identifier: Apache-2.0 */
/* Traces that a reader takes over while it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/watch/traces_page.h"

static const char own[] =
    "own_one where=tcp bytes=0:41424344 alone=low source=https://a.example/\n";

static bool has(const struct traces *t, const char *name)
{
	for (size_t i = 0; i < traces_count(t); i++) {
		if (strcmp(traces_name(t, i), name) == 0)
			return true;
	}
	return false;
}

static void takes_over(void **state)
{
	(void)state;
	struct error e;
	struct traces_taken k;
	struct traces *first = traces_new(), *second = traces_new();
	struct traces_page *p = traces_page_new();
	assert_non_null(p);
	assert_int_equal(traces_add(second, "f", own, strlen(own), &e), 0);
	assert_true(traces_taken_init(&k, p, first));
	assert_false(traces_page_take(p, &k)); /* nothing came */
	traces_page_put(p, second);
	assert_true(traces_page_take(p, &k));
	assert_true(has(k.live, "own_one"));
	assert_false(traces_page_take(p, &k)); /* once */
	traces_page_put(p, first);
	assert_true(traces_page_take(p, &k));
	assert_false(has(k.live, "own_one"));
	traces_taken_fini(&k);
	/* One that starts later begins with what it is given. */
	assert_true(traces_taken_init(&k, p, second));
	assert_false(traces_page_take(p, &k));
	assert_true(has(k.live, "own_one"));
	traces_taken_fini(&k);
	traces_free(first);
	traces_free(second);
	traces_page_free(p);
}

/* Written again and again by another process, a copy is never half of each. */
static void never_torn(void **state)
{
	(void)state;
	struct error e;
	struct traces_taken k;
	struct traces *many = traces_new(), *one = traces_new();
	struct traces_page *p = traces_page_new();
	assert_int_equal(traces_add(many, "f", own, strlen(own), &e), 0);
	assert_true(traces_taken_init(&k, p, one));
	pid_t writer = fork();
	if (writer == 0) {
		for (int i = 0; i < 20000; i++)
			traces_page_put(p, i % 2 == 0 ? many : one);
		_exit(0);
	}
	assert_true(writer > 0);
	for (int i = 0; i < 20000; i++) {
		if (traces_page_take(p, &k))
			assert_int_equal(has(k.live, "own_one"),
			    traces_count(k.live) == traces_count(many));
	}
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	traces_page_take(p, &k);
	assert_int_equal(traces_count(k.live), traces_count(one));
	traces_taken_fini(&k);
	traces_free(many);
	traces_free(one);
	traces_page_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_over),
	    cmocka_unit_test(never_torn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
