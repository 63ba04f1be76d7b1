/* SPDX-License-Identifier: Apache-2.0 */
/* The set: what goes in comes out, the same is merged, limits hold. */
#include "feed/set.h"

#include "feed_lab.h"

static struct indicator name(const char *value)
{
	return (struct indicator){.kind = INDICATOR_NAME,
	    .value = str_of(value),
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE};
}

static void keeps_every_field(void **state)
{
	struct indicators *set = indicators_new();
	struct indicator in = name("a.example"), out;
	char where[INDICATOR_WHERE_MAX];
	(void)state;
	in.match = MATCH_BELOW;
	in.role = ROLE_DST;
	in.port = 443;
	in.id = STR("indicator--1");
	in.note = STR("a note");
	in.valid_from = moment_from(1, 2);
	in.valid_until = moment_from(3, 4);
	in.file = STR("x.csv");
	in.at = 17;
	assert_true(set_file_add(set, "x.csv", "line"));
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	indicators_get(set, 0, &out);
	assert_int_equal(out.kind, INDICATOR_NAME);
	assert_int_equal(out.match, MATCH_BELOW);
	assert_int_equal(out.role, ROLE_DST);
	assert_int_equal(out.port, 443);
	assert_true(str_equal(out.value, STR("a.example")));
	assert_true(str_equal(out.id, STR("indicator--1")));
	assert_true(str_equal(out.note, STR("a note")));
	assert_true(str_equal(out.file, STR("x.csv")));
	assert_int_equal(out.valid_from.ns, NS_PER_S + 2);
	assert_int_equal(out.valid_until.ns, 3 * NS_PER_S + 4);
	indicators_where(set, 0, where);
	assert_string_equal(where, "x.csv:17");
	indicators_free(set);
}

static void merges_the_same(void **state)
{
	struct indicators *set = indicators_new();
	struct indicator in = name("a.example");
	uint32_t place = 9;
	(void)state;
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	in.note = STR("another note");
	assert_int_equal(indicators_add(set, &in, &place), INDICATOR_MERGED);
	assert_int_equal(place, 0);
	in.id = STR("another id");
	assert_int_equal(indicators_add(set, &in, &place), INDICATOR_ADDED);
	assert_int_equal(place, 1);
	in.port = 80;
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	in.leaf = true;
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	in.kind = INDICATOR_URI;
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	assert_int_equal(indicators_count(set), 5);
	indicators_free(set);
}

static void holds_many(void **state)
{
	struct indicators *set = indicators_new();
	struct indicator in, out;
	char text[64], note[64];
	const uint32_t n = 300000; /* several chunks of each kind */
	(void)state;
	for (int twice = 0; twice < 2; twice++) {
		for (uint32_t i = 0; i < n; i++) {
			snprintf(text, sizeof(text), "host-%u.example.org", i);
			snprintf(note, sizeof(note), "note %u", i / 3);
			in = name(text);
			in.note = str_of(note);
			uint32_t place;
			assert_int_equal(indicators_add(set, &in, &place),
			    twice == 0 ? INDICATOR_ADDED : INDICATOR_MERGED);
			assert_int_equal(place, i);
		}
	}
	for (uint32_t i = 0; i < n; i += 7) {
		snprintf(text, sizeof(text), "host-%u.example.org", i);
		snprintf(note, sizeof(note), "note %u", i / 3);
		indicators_get(set, i, &out);
		assert_true(str_equal(out.value, str_of(text)));
		assert_true(str_equal(out.note, str_of(note)));
	}
	indicators_free(set);
}

static void never_holds_more_than_it_may(void **state)
{
	const size_t limit = 6U << 20;
	struct indicators *set = set_new(limit);
	char text[64];
	enum indicator_outcome outcome = INDICATOR_ADDED;
	(void)state;
	for (uint32_t i = 0; i < 1000000 && outcome == INDICATOR_ADDED; i++) {
		snprintf(text, sizeof(text), "host-%u.a-longer-name.example.org", i);
		struct indicator in = name(text);
		outcome = indicators_add(set, &in, NULL);
		assert_true(indicators_bytes(set) <= limit);
	}
	assert_int_equal(outcome, INDICATOR_OVER_LIMIT);
	assert_true(indicators_count(set) > 10000);
	indicators_free(set);
}

static void cuts_long_notes_and_refuses_long_values(void **state)
{
	struct indicators *set = indicators_new();
	char *text = malloc(INDICATOR_VALUE_MAX + 2);
	struct indicator in = name("a.example"), out;
	(void)state;
	assert_non_null(text);
	memset(text, 'x', INDICATOR_VALUE_MAX + 1);
	memcpy(text + INDICATOR_NOTE_MAX - 1, "\xc3\xbc", 2); /* over the cut */
	in.note = (struct str){text, 1000};
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	indicators_get(set, 0, &out);
	assert_int_equal(out.note.n, INDICATOR_NOTE_MAX - 1);
	in.value = (struct str){text, INDICATOR_VALUE_MAX + 1};
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_OVER_LIMIT);
	in.value.n--;
	assert_int_equal(indicators_add(set, &in, NULL), INDICATOR_ADDED);
	free(text);
	indicators_free(set);
}

static void takes_words(void **state)
{
	struct indicators *set = indicators_new();
	const char *why = NULL;
	char where[INDICATOR_WHERE_MAX];
	(void)state;
	assert_true(indicators_add_word(set, "192.0.2.1", &why));
	assert_true(indicators_add_word(set, "192.0.2[.]1", &why));
	assert_false(indicators_add_word(set, "nonsense", &why));
	assert_non_null(why);
	assert_int_equal(indicators_count(set), 1);
	indicators_where(set, 0, where);
	assert_string_equal(where, "command line");
	indicators_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_every_field),
	    cmocka_unit_test(merges_the_same),
	    cmocka_unit_test(holds_many),
	    cmocka_unit_test(never_holds_more_than_it_may),
	    cmocka_unit_test(cuts_long_notes_and_refuses_long_values),
	    cmocka_unit_test(takes_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
