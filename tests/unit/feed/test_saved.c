/* SPDX-License-Identifier: Apache-2.0 */
/* A set that is kept: all of it comes back, a part of it too; damage is noticed. */
#include "feed/saved.h"

#include "feed/set.h"
#include "feed_lab.h"

/* The set as text, malloc'd. */
static char *written(const struct indicators *set)
{
	char *text = NULL;
	size_t n = 0;
	struct error e = {0};
	FILE *out = open_memstream(&text, &n);
	assert_int_equal(saved_write(set, out, &e), 0);
	fclose(out);
	return text;
}

static struct indicators *read_back(const char *text, struct error *e)
{
	FILE *in = fmemopen((char *)(uintptr_t)text, strlen(text), "r");
	assert_non_null(in);
	struct indicators *set = saved_read(in, "f.tsv", e);
	fclose(in);
	return set;
}

static const char stix[] =
    "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000001\","
    "\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--00000000-0000-4000-8000-"
    "000000000002\",\"name\":\"tab\\tin it, back\\\\slash\",\"pattern_type\":\"stix\","
    "\"pattern\":\"[ipv4-addr:value = '192.0.2.1' AND (domain-name:value = 'a.example' "
    "OR "
    "domain-name:value LIKE '%b%')] FOLLOWEDBY [url:value = 'http://c.example/x'] WITHIN "
    "300 SECONDS\",\"valid_from\":\"2020-01-01T00:00:00Z\"}]}";

static void open_filled(struct lab *lab)
{
	const char *why;
	lab_open(lab);
	assert_true(indicators_add_word(lab->set, "198.51.100.0/24", &why));
	lab_read(
	    lab, "value,type,note\n192.0.2.9,ip,first\nevil.example,domain,GROUP X\n");
	lab_read(lab, stix);
	assert_true(indicators_count(lab->set) >= 7);
	assert_int_equal(indicators_pattern_count(lab->set), 1);
}

static void same(struct str a, struct str b)
{
	assert_true(str_equal(a, b));
	assert_true((a.p == NULL) == (b.p == NULL));
}

static void all_of_it_comes_back(void **state)
{
	struct lab lab;
	struct error e = {0};
	(void)state;
	open_filled(&lab);
	char *text = written(lab.set);
	struct indicators *back = read_back(text, &e);
	if (back == NULL)
		fail_msg("%s\n%s", e.text, text);
	assert_int_equal(indicators_count(back), indicators_count(lab.set));
	for (size_t i = 0; i < indicators_count(back); i++) {
		struct indicator a, b;
		char at[INDICATOR_WHERE_MAX], bt[INDICATOR_WHERE_MAX];
		indicators_get(lab.set, i, &a);
		indicators_get(back, i, &b);
		assert_int_equal(a.kind, b.kind);
		assert_int_equal(a.match, b.match);
		assert_int_equal(a.role, b.role);
		assert_int_equal(a.leaf, b.leaf);
		assert_int_equal(a.broad, b.broad);
		assert_int_equal(a.port, b.port);
		assert_int_equal(a.valid_from.ns, b.valid_from.ns);
		assert_int_equal(a.valid_until.ns, b.valid_until.ns);
		same(a.value, b.value);
		same(a.id, b.id);
		same(a.note, b.note);
		indicators_where(lab.set, i, at);
		indicators_where(back, i, bt);
		assert_string_equal(at, bt);
	}
	const struct pattern *p = indicators_pattern(lab.set, 0);
	const struct pattern *q = indicators_pattern(back, 0);
	assert_int_equal(p->count, q->count);
	same(p->text, q->text);
	same(p->note, q->note);
	same(p->file, q->file);
	for (uint32_t i = 0; i < p->count; i++)
		assert_memory_equal(&p->nodes[i].first, &q->nodes[i].first,
		    sizeof(struct pattern_node) - offsetof(struct pattern_node, first));
	/* Once more gives the same bytes. */
	char *again = written(back);
	assert_string_equal(again, text);
	free(again);
	free(text);
	indicators_free(back);
	lab_close(&lab);
}

static void a_part_has_the_parts_of_its_patterns(void **state)
{
	struct lab lab;
	struct error e = {0};
	(void)state;
	open_filled(&lab);
	const uint32_t some[] = {2}, pattern = 0;
	struct indicators *part = saved_part(lab.set, some, 1, &pattern, 1, &e);
	assert_non_null(part);
	const struct pattern *p = indicators_pattern(lab.set, 0);
	const struct pattern *q = indicators_pattern(part, 0);
	size_t leaves = 0;
	for (uint32_t i = 0; i < p->count; i++) {
		struct indicator a, b;
		if (p->nodes[i].op != PATTERN_LEAF)
			continue;
		indicators_get(lab.set, p->nodes[i].leaf, &a);
		indicators_get(part, q->nodes[i].leaf, &b);
		same(a.value, b.value);
		leaves++;
	}
	assert_int_equal(indicators_count(part), 1 + leaves);
	struct indicator in;
	indicators_get(part, 0, &in);
	assert_true(str_equal(in.value, STR("evil.example")));
	indicators_free(part);
	part = saved_part(lab.set, NULL, 0, NULL, 0, &e);
	assert_int_equal(indicators_count(part), 0);
	indicators_free(part);
	lab_close(&lab);
}

static void a_cut_anywhere_is_damage(void **state)
{
	struct lab lab;
	(void)state;
	open_filled(&lab);
	char *text = written(lab.set);
	for (size_t n = strlen(text) - 1; n > 0; n--) {
		struct error e = {0};
		text[n] = '\0';
		assert_null(read_back(text, &e));
		assert_int_equal(e.code, ERR_MEMORY);
		assert_non_null(strstr(e.text, "f.tsv"));
	}
	free(text);
	lab_close(&lab);
}

static void refuses_what_it_never_wrote(void **state)
{
	static const char *const bad[] = {
	    "dwell-indicators\t2\nE\t0\t0\n", /* a newer version */
	    "dwell-indicators\t1\nE\t1\t0\n", /* one is missing */
	    "dwell-indicators\t1\nI\taddress\t0\t0\t4\t0\t1\t0\t0\t192.0.2."
	    "1\t\t\nE\t1\t0\n",
	    "dwell-indicators\t1\nI\tnonsense\t0\t0\t0\t0\t1\t0\t0\tx\t\t\nE\t1\t0\n",
	    "dwell-indicators\t1\nI\tname\t99\t0\t0\t0\t1\t0\t0\tx\t\t\nE\t1\t0\n",
	    "dwell-indicators\t1\nI\tname\t0\t0\t0\t0\t1\t0\t0\t\t\t\nE\t1\t0\n",
	    /* A part that is not there; a child before its parent. */
	    "dwell-indicators\t1\nP\t1\t0\t1\t0\t0\t0\t\t\t\n"
	    "N\t0\t0\t0\t4294967295\t4294967295\t0\t0\t0\t0\nE\t0\t1\n",
	    "dwell-indicators\t1\nP\t2\t0\t1\t0\t0\t0\t\t\t\n"
	    "N\t1\t0\t0\t0\t4294967295\t0\t0\t0\t0\nE\t0\t1\n",
	    "dwell-indicators\t1\nE\t0\t0\nE\t0\t0\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = {0};
		if (read_back(bad[i], &e) != NULL)
			fail_msg("number %zu was read", i);
		assert_int_equal(e.code, ERR_MEMORY);
	}
	struct error e = {0};
	struct indicators *empty = read_back("dwell-indicators\t1\nE\t0\t0\n", &e);
	assert_non_null(empty);
	indicators_free(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it_comes_back),
	    cmocka_unit_test(a_part_has_the_parts_of_its_patterns),
	    cmocka_unit_test(a_cut_anywhere_is_damage),
	    cmocka_unit_test(refuses_what_it_never_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
