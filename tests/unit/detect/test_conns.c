/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections that are held: what bounds them when everybody is a stranger, and the
 * order of their texts.
 */
#include "memory.h"

#include "detect/conns.h"

#define STRANGERS 1500 /* connections, each of two addresses that come once */

static void strangers(struct memory *m)
{
	for (int i = 0; i < STRANGERS; i++) {
		char src[32], dst[32];
		snprintf(src, sizeof(src), "10.%d.%d.9", i / 250, i % 250);
		snprintf(dst, sizeof(dst), "198.51.%d.%d", i / 250, i % 250 + 1);
		memory_conn(m, (struct memory_conn){.at = i, .src = src, .dst = dst});
	}
}

static bool held(struct memory *m, struct conns *c, size_t max)
{
	struct error e = {.code = ERR_NONE};
	struct past past;
	check(past_open(&past, m->store, &e), &e);
	check(conns_read(c, m->store, &past, max, &e), &e);
	past_fini(&past);
	return c->held;
}

static void strangers_have_too_many_texts(void **state)
{
	(void)state;
	struct error e = {.code = ERR_NONE};
	struct memory m;
	struct conns c;
	memory_begin(&m);
	strangers(&m);
	check(store_commit(m.store, &e), &e);
	/* As many connections as may be held, but more texts than two for each. */
	assert_false(held(&m, &c, STRANGERS));
	assert_null(c.texts);
	conns_fini(&c);
	assert_true(held(&m, &c, 2 * STRANGERS));
	assert_int_equal(c.n, STRANGERS);
	assert_true(c.text_room <= c.text_max);
	conns_fini(&c);
	/* And fewer connections than there are. */
	assert_false(held(&m, &c, STRANGERS - 1));
	conns_fini(&c);
	memory_end(&m);
}

/* What is found of strangers is the same, held or not: memory_detect does both. */
static void strangers_are_judged_alike(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	strangers(&m);
	memory_detect(&m);
	memory_end(&m);
}

static void ranks_are_the_order_of_texts(void **state)
{
	(void)state;
	static const char *const hosts[] = {"10.0.0.1", "10.0.0.10", "10.0.0.2",
	    "2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:2",
	    "2001:db8:aaaa:bbbb:cccc:dddd:0:11"};
	struct error e = {.code = ERR_NONE};
	struct memory m;
	struct conns c;
	memory_begin(&m);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		memory_conn(
		    &m, (struct memory_conn){
			    .at = (double)i, .src = hosts[i], .dst = "192.0.2.1"});
	check(store_commit(m.store, &e), &e);
	assert_true(held(&m, &c, 100) && conns_rank(&c));
	for (uint32_t i = 1; i < c.text_count; i++) {
		for (uint32_t k = 1; k < c.text_count; k++) {
			int order = str_cmp(c.texts[i].text, c.texts[k].text);
			int ranks = (c.texts[i].rank > c.texts[k].rank) -
				    (c.texts[i].rank < c.texts[k].rank);
			assert_int_equal((order > 0) - (order < 0), ranks);
		}
	}
	conns_fini(&c);
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strangers_have_too_many_texts),
	    cmocka_unit_test(strangers_are_judged_alike),
	    cmocka_unit_test(ranks_are_the_order_of_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
