/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STIX: patterns by the grammar of the standard (STIX 2.1, part 9), with its own examples
 * in other words, and bundles.
 */
#include "feed_lab.h"

/* The tree of a pattern as text: "(a & (b | !c))". */
static void render(
    struct lab *lab, const struct pattern *p, uint32_t at, char *out, size_t size)
{
	static const char *const joins[] = {[PATTERN_AND] = " & ",
	    [PATTERN_OR] = " | ",
	    [PATTERN_ALL] = " AND ",
	    [PATTERN_ANY] = " OR ",
	    [PATTERN_FOLLOWED] = " -> "};
	const struct pattern_node *n = &p->nodes[at];
	char text[1024];
	size_t used = strlen(out);
#define PUT(...) snprintf(out + strlen(out), size - strlen(out), __VA_ARGS__)
	assert_true(used < size);
	if (n->op == PATTERN_LEAF) {
		PUT("%s%s", n->negated ? "!" : "", lab_text(lab, n->leaf, text));
		return;
	}
	PUT("%s", n->op == PATTERN_OBSERVATION ? "["
		  : n->op == PATTERN_NONE_OF   ? "!("
					       : "(");
	for (uint32_t c = n->first; c != PATTERN_NONE; c = p->nodes[c].next) {
		if (c != n->first)
			PUT("%s", joins[n->op]);
		render(lab, p, c, out, size);
	}
	PUT("%s", n->op == PATTERN_OBSERVATION ? "]" : ")");
	if (n->op == PATTERN_WITHIN)
		PUT(" within %llu ms", (unsigned long long)(n->span / 1000000));
	if (n->op == PATTERN_REPEATS)
		PUT(" times %u", n->repeats);
	if (n->op == PATTERN_BETWEEN)
		PUT(" from %lld to %lld", (long long)(n->start.ns / NS_PER_S),
		    (long long)(n->stop.ns / NS_PER_S));
#undef PUT
}

/* A bundle with one indicator of this pattern (no quotes or backslashes in it). */
static void read_pattern(struct lab *lab, const char *pattern)
{
	char text[8192];
	lab_open(lab);
	snprintf(text, sizeof(text),
	    "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[{\"type\":"
	    "\"indicator\","
	    "\"id\":\"indicator--1\",\"name\":\"n\",\"pattern_type\":\"stix\","
	    "\"pattern\":"
	    "\"%s\"}]}",
	    pattern);
	lab_read(lab, text);
}

static const struct {
	const char *pattern, *tree;
} trees[] = {
    {"[ipv4-addr:value = '192.0.2.1' AND domain-name:value = 'a.example']",
	"[address 192.0.2.1 & name a.example]"},
    /* AND binds closer than OR, within observations and between them */
    {"[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a.example' AND "
     "url:value = 'http://b.example/']",
	"[(address 192.0.2.1 | (name a.example & url http://b.example/))]"},
    {"[(ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a.example') AND "
     "url:value = 'http://b.example/']",
	"[((address 192.0.2.1 | name a.example) & url http://b.example/)]"},
    {"[ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2'] FOLLOWEDBY "
     "[ipv4-addr:value = '192.0.2.3'] OR [ipv4-addr:value = '192.0.2.4']",
	"(([address 192.0.2.1] AND [address 192.0.2.2]) -> ([address 192.0.2.3] OR "
	"[address "
	"192.0.2.4]))"},
    /* a qualifier belongs to the observation before it */
    {"[ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2'] WITHIN 5 "
     "SECONDS",
	"([address 192.0.2.1] AND ([address 192.0.2.2]) within 5000 ms)"},
    {"([ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']) "
     "WITHIN "
     "0.5 SECONDS",
	"(([address 192.0.2.1] -> [address 192.0.2.2])) within 500 ms"},
    {"[domain-name:value = 'a.example'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
	"(([name a.example]) times 5) within 1800000 ms"},
    {"[domain-name:value = 'a.example'] START t'2016-06-01T00:00:00Z' STOP "
     "t'2016-07-01T00:00:00Z'",
	"([name a.example]) from 1464739200 to 1467331200"},
    {"[ipv4-addr:value != '192.0.2.1' AND network-traffic:dst_port > 1024]",
	"[!address 192.0.2.1 & dst port 1024 >]"},
    {"[ipv4-addr:value NOT IN ('192.0.2.1', '192.0.2.2') AND url:value LIKE "
     "'http://%.example/_'  ]",
	"[((!address 192.0.2.1 & !address 192.0.2.2) & url http://%.example/_ LIKE)]"},
    {"[ipv4-addr:value NOT != '192.0.2.1' AND domain-name:value NOT LIKE '%.Example']",
	"[address 192.0.2.1 & !name %.example LIKE]"},
    {"[network-traffic:src_ref.value ISSUBSET '10.0.0.0/8' AND "
     "network-traffic:dst_ref.value NOT ISSUBSET '10.0.0.0/8' AND "
     "network-traffic:protocols[*] = 'tcp']",
	"[src network 10.0.0.0/8 & !dst network 10.0.0.0/8 & proto tcp]"},
    {"[ipv6-addr:value ISSUPERSET '2001:db8::/64' AND user-account:user_id = 'root']",
	"[network 2001:db8::/64 SUPERSET & other user-account:user_id = 'root']"},
    {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' MATCHES "
     "'^evil' AND EXISTS file:name]",
	"[user_agent ^evil REGEX & other EXISTS file:name]"},
    {"[file:hashes.'SHA-256' = "
     "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' "
     "AND file:size > 25 AND file:created = t'2016-01-01T00:00:00Z']",
	"[file_sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 & "
	"other file:size > 25 & other file:created = t'2016-01-01T00:00:00Z']"},
    /* a comment, and an end of a connection that is a name */
    {"[network-traffic:dst_ref.value = 'a.example' /* c2 */ AND network-traffic:dst_port "
     "IN (443, 8443)]",
	"[dst name a.example & (dst port 443 | dst port 8443)]"},
};

static void builds_the_tree_of_the_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		struct lab lab;
		char text[4096] = "";
		read_pattern(&lab, trees[i].pattern);
		if (indicators_pattern_count(lab.set) != 1)
			fail_msg("%s: no pattern", trees[i].pattern);
		const struct pattern *p = indicators_pattern(lab.set, 0);
		render(&lab, p, 0, text, sizeof(text));
		/* one observation of several tests is written without the inner brackets
		 */
		assert_true(str_equal(p->text, str_of(trees[i].pattern)));
		assert_true(str_equal(p->id, STR("indicator--1")));
		if (strcmp(text, trees[i].tree) != 0) {
			char plain[4096];
			size_t n = strlen(text);
			assert_true(n > 4);
			snprintf(plain, sizeof(plain), "[%.*s]", (int)n - 4, text + 2);
			assert_string_equal(plain, trees[i].tree);
		}
		assert_false(feed_has_issues(&lab.report));
		lab_close(&lab);
	}
}

static void makes_choices_indicators(void **state)
{
	struct lab lab;
	(void)state;
	read_pattern(&lab,
	    "[ipv4-addr:value = '198.51.100.0/24' OR domain-name:value IN "
	    "('a.example','B.example')] OR [url:value = 'https://c.example']");
	LAB_EXPECT(&lab, "network 198.51.100.0/24", "name a.example", "name b.example",
	    "url https://c.example/");
	assert_int_equal(indicators_pattern_count(lab.set), 0);
	struct indicator in;
	indicators_get(lab.set, 3, &in);
	assert_true(str_equal(in.id, STR("indicator--1")));
	assert_false(in.leaf);
	lab_close(&lab);
	/* as MISP writes an address with its port */
	read_pattern(&lab, "[network-traffic:dst_ref.type = 'ipv4-addr' AND "
			   "network-traffic:dst_ref.value = '192.0.2.1' AND "
			   "network-traffic:dst_port = 8080]");
	LAB_EXPECT(&lab, "dst address 192.0.2.1 port 8080");
	lab_close(&lab);
	/* what can not be answered is counted, the rest is asked */
	read_pattern(&lab, "[process:name = 'x.exe' OR ipv4-addr:value = '192.0.2.1']");
	LAB_EXPECT(&lab, "address 192.0.2.1");
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].count, 1);
	assert_string_equal(
	    lab.report.skipped[FEED_UNSUPPORTED].example, "process:name = 'x.exe'");
	lab_close(&lab);
}

static void refuses_what_is_no_pattern(void **state)
{
	static const char *const bad[] = {"", "[", "[]", "ipv4-addr:value = '1.2.3.4'",
	    "[ipv4-addr:value = '1.2.3.4'", "[ipv4-addr:value '1.2.3.4']",
	    "[ipv4-addr = '1.2.3.4']", "[ipv4-addr:value = ]", "[ipv4-addr:value IN ()]",
	    "[ipv4-addr:value IN ('1.2.3.4']", "[ipv4-addr:value = '1.2.3.4] OR",
	    "[ipv4-addr:value = '1.2.3.4'] [ipv4-addr:value = '1.2.3.4']",
	    "[ipv4-addr:value = '1.2.3.4'] WITHIN SECONDS",
	    "[ipv4-addr:value = '1.2.3.4'] WITHIN 5 TIMES",
	    "[ipv4-addr:value = '1.2.3.4'] REPEATS -1 TIMES",
	    "[ipv4-addr:value = '1.2.3.4'] START 'x' STOP 'y'",
	    "[NOT ipv4-addr:value = '1']", "[ipv4-addr:value = '1.2.3.4'] # [a:b = 'c']",
	    "[a:b[x] = 'c']", "[a:b. = 'c']"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct lab lab;
		read_pattern(&lab, bad[i]);
		if (indicators_count(lab.set) != 0)
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(lab.report.skipped[FEED_MALFORMED].count, 1);
		lab_close(&lab);
	}
}

static void limits_nesting_and_size(void **state)
{
	struct lab lab;
	char text[400], brackets[PATTERN_DEPTH_MAX + 2] = "";
	(void)state;
	memset(brackets, '(', PATTERN_DEPTH_MAX + 1);
	size_t n = (size_t)snprintf(
	    text, sizeof(text), "[%sipv4-addr:value = '1.2.3.4'", brackets);
	memset(brackets, ')', PATTERN_DEPTH_MAX + 1);
	snprintf(text + n, sizeof(text) - n, "%s]", brackets);
	read_pattern(&lab, text);
	assert_int_equal(lab.report.skipped[FEED_MALFORMED].count, 1);
	assert_string_equal(
	    lab.report.skipped[FEED_MALFORMED].why, "a pattern nested too deep");
	lab_close(&lab);
}

/* A pattern of n tests that is no choice, as a document of its own. */
static char *long_pattern(size_t n)
{
	size_t size = 200 + n * 48;
	char *text = malloc(size);
	assert_non_null(text);
	size_t used = (size_t)snprintf(text, size,
	    "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"["
	    "url:value = 'http://a.example/' AND domain-name:value IN ('x.example'");
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, size - used, ",'%zu.example'", i);
	snprintf(text + used, size - used, ")]\"}");
	return text;
}

static void counts_patterns_that_are_too_long(void **state)
{
	struct lab lab;
	(void)state;
	char *text =
	    long_pattern(PATTERN_NODES_MAX - 5); /* root, and, or, url, x.example */
	lab_open(&lab);
	lab_read(&lab, text);
	assert_int_equal(indicators_pattern_count(lab.set), 1);
	lab_close(&lab);
	free(text);
	text = long_pattern(PATTERN_NODES_MAX - 4);
	lab_open(&lab);
	lab_read(&lab, text);
	assert_int_equal(indicators_pattern_count(lab.set), 0);
	assert_int_equal(lab.report.skipped[FEED_OVER_LIMIT].count, 1);
	assert_int_equal(indicators_count(lab.set), 0);
	lab_close(&lab);
	free(text);
	text = long_pattern(PATTERN_TEXT_MAX / 10);
	lab_open(&lab);
	lab_read(&lab, text);
	assert_int_equal(lab.report.skipped[FEED_MALFORMED].count, 1);
	lab_close(&lab);
	free(text);
}

#define INDICATOR(id, rest)                                                              \
	"{\"type\":\"indicator\",\"id\":\"indicator--" id "\"," rest "}"

static void reads_bundles(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab, "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": "
		       "[\n" INDICATOR("1",
			   "\"name\":\"bad \\u00e4\\n\",\"pattern\":\"[ipv4-addr:value = "
			   "'192.0.2.1']\","
			   "\"pattern_type\":\"stix\",\"valid_from\":\"2016-01-01T00:00:"
			   "00Z\","
			   "\"valid_until\":\"2017-01-01T00:00:00.5Z\"") ",\n" INDICATOR("2",
			   "\"pattern\":\"alert tcp any any\",\"pattern_type\":\"snort\"") ",\n" INDICATOR("3",
			   "\"pattern\":\"[url:value = 'http://x.example/it\\\\'s']\"") ",\n" INDICATOR("4",
			   "\"pattern\":\"[url:value = "
			   "'http://y.example']\",\"revoked\":true") ",{\"type\":"
								     "\"sighting\","
								     "\"id\":\"sighting--"
								     "1\"},"
								     "{\"type\":\"ipv4-"
								     "addr\",\"id\":"
								     "\"ipv4-addr--1\","
								     "\"value\":\"192.0."
								     "2.9\"}]}");
	LAB_EXPECT(&lab, "address 192.0.2.1", "url http://x.example/it's");
	struct indicator in;
	char text[MOMENT_TEXT_MAX], where[INDICATOR_WHERE_MAX];
	indicators_get(lab.set, 0, &in);
	assert_true(str_equal(in.note, STR("bad \xc3\xa4\\x0a")));
	moment_text(in.valid_until, text);
	assert_string_equal(text, "2017-01-01T00:00:00.500000Z");
	indicators_where(lab.set, 1, where);
	assert_non_null(strstr(where, ": object 3"));
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].count, 1);
	assert_string_equal(lab.report.skipped[FEED_UNSUPPORTED].example,
	    "snort pattern of indicator--2");
	assert_int_equal(lab.report.skipped[FEED_NOT_ASKED].count, 1);
	assert_int_equal(lab.report.ignored, 2);
	lab_close(&lab);
}

static void reads_observables_that_stand_alone(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab,
	    "[{\"type\":\"domain-name\",\"spec_version\":\"2.1\",\"id\":\"domain-name--"
	    "1\","
	    "\"value\":\"A.example\"},{\"type\":\"file\",\"id\":\"file--1\",\"hashes\":{"
	    "\"MD5\":\"d41d8cd98f00b204e9800998ecf8427e\",\"SSDEEP\":\"x\"}},"
	    "{\"type\":\"x509-certificate\",\"id\":\"x509-certificate--1\",\"hashes\":{"
	    "\"SHA-1\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"}},"
	    "{\"type\":\"process\",\"id\":\"process--1\"}]");
	LAB_EXPECT(&lab, "name a.example", "file_md5 d41d8cd98f00b204e9800998ecf8427e",
	    "cert_sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_int_equal(lab.report.ignored, 1);
	lab_close(&lab);
}

static void keeps_what_comes_before_a_cut(void **state)
{
	static const char text[] = "{\"type\":\"bundle\",\"objects\":[" INDICATOR(
	    "1", "\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\"") "," INDICATOR("2",
	    "\"pattern\":\"[ipv4-addr:value = '192.0.2.2']\"") "]}";
	const char *second = strstr(text, "indicator--2");
	size_t end_of_first =
	    (size_t)(second - text) - strlen(",{\"type\":\"indicator\",\"id\":\"");
	(void)state;
	for (size_t n = 40; n < sizeof(text) - 2; n++) {
		struct lab lab;
		lab_open(&lab);
		lab_read_bytes(&lab, text, n);
		size_t count = indicators_count(lab.set);
		assert_int_equal(count, n < end_of_first       ? 0
					: n < sizeof(text) - 3 ? 1
							       : 2);
		assert_true(lab.report.damaged);
		lab_close(&lab);
	}
}

static void refuses_deep_nesting(void **state)
{
	struct lab lab;
	size_t n = 1U << 20;
	char *text = malloc(n);
	(void)state;
	assert_non_null(text);
	memset(text, '[', n);
	memcpy(text, "{\"type\":\"bundle\",\"x\":", 21);
	lab_open(&lab);
	lab_read_bytes(&lab, text, n);
	assert_true(lab.report.damaged);
	lab_close(&lab);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builds_the_tree_of_the_grammar),
	    cmocka_unit_test(makes_choices_indicators),
	    cmocka_unit_test(refuses_what_is_no_pattern),
	    cmocka_unit_test(limits_nesting_and_size),
	    cmocka_unit_test(counts_patterns_that_are_too_long),
	    cmocka_unit_test(reads_bundles),
	    cmocka_unit_test(reads_observables_that_stand_alone),
	    cmocka_unit_test(keeps_what_comes_before_a_cut),
	    cmocka_unit_test(refuses_deep_nesting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
