/* SPDX-License-Identifier: Apache-2.0 */
/* OpenIOC 1.0 and 1.1, and XML that means harm. */
#include "feed_lab.h"

#define ITEM(condition, search, content)                                                 \
	"<IndicatorItem id=\"i\" condition=\"" condition "\"><Context document=\"d\" "   \
	"search=\"" search "\" type=\"mir\"/><Content type=\"string\">" content          \
	"</Content></IndicatorItem>\n"
#define IOC(body)                                                                        \
	"<?xml version=\"1.0\"?>\n<ioc xmlns=\"http://schemas.mandiant.com/2010/ioc\" "  \
	"id=\"ioc-1\"><short_description>A &amp; B</short_description><definition>" body \
	"</definition></ioc>"

static void reads_alternatives(void **state)
{
	struct lab lab;
	struct indicator in;
	(void)state;
	lab_open(&lab);
	lab_read(&lab,
	    IOC("<Indicator operator=\"OR\">" ITEM("is", "FileItem/Md5sum",
		"D41D8CD98F00B204E9800998ECF8427E") ITEM("contains", "Network/DNS",
		"evil.example") ITEM("is", "PortItem/remoteIP", "192.0.2.1")
		    ITEM("is", "Network/UserAgent", " evil agent ")
			ITEM("contains", "UrlHistoryItem/URL", "/gate.php")
			    ITEM("is", "RegistryItem/Path", "HKLM") "</Indicator>"));
	LAB_EXPECT(&lab, "file_md5 d41d8cd98f00b204e9800998ecf8427e",
	    "name %evil.example% LIKE", "address 192.0.2.1", "user_agent evil agent",
	    "url %/gate.php% LIKE");
	indicators_get(lab.set, 2, &in);
	assert_true(str_equal(in.id, STR("ioc-1")));
	assert_true(str_equal(in.note, STR("A & B")));
	assert_int_equal(in.at, 3);
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].count, 1);
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].at, 6);
	lab_close(&lab);
}

/* The operators of a pattern's nodes in their order. */
static void expect_ops(const struct pattern *p, const enum pattern_op *ops, uint32_t n)
{
	assert_int_equal(p->count, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(p->nodes[i].op, ops[i]);
}

static void reads_conjunctions(void **state)
{
	static const enum pattern_op ops[] = {PATTERN_ALL, PATTERN_OBSERVATION,
	    PATTERN_AND, PATTERN_LEAF, PATTERN_LEAF, PATTERN_OBSERVATION, PATTERN_LEAF};
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab, IOC("<Indicator operator=\"OR\">" ITEM("is", "Network/DNS",
			   "a.example") "<Indicator operator=\"AND\">" ITEM("is",
			   "PortItem/remoteIP", "192.0.2.1") ITEM("isnot", "Network/DNS",
			   "b.example") ITEM("is", "PortItem/remotePort",
			   "443") "</Indicator></Indicator>"));
	/* both of PortItem are of one connection, the name may be of another time */
	LAB_EXPECT(&lab, "name a.example", "address 192.0.2.1", "dst port 443",
	    "name b.example");
	assert_int_equal(indicators_pattern_count(lab.set), 1);
	const struct pattern *p = indicators_pattern(lab.set, 0);
	expect_ops(p, ops, sizeof(ops) / sizeof(ops[0]));
	assert_true(p->nodes[6].negated);
	assert_false(p->nodes[3].negated);
	assert_true(str_equal(p->id, STR("ioc-1")));
	lab_close(&lab);
}

static void reads_version_1_1(void **state)
{
	static const enum pattern_op ops[] = {PATTERN_ALL, PATTERN_OBSERVATION,
	    PATTERN_LEAF, PATTERN_NONE_OF, PATTERN_ANY, PATTERN_OBSERVATION, PATTERN_LEAF,
	    PATTERN_OBSERVATION, PATTERN_LEAF};
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab,
	    "<OpenIOC xmlns=\"http://openioc.org/schemas/OpenIOC_1.1\" "
	    "id=\"x\"><metadata>"
	    "<short_description>n</short_description></metadata><criteria>"
	    "<Indicator operator=\"AND\"><IndicatorItem condition=\"ends-with\" "
	    "preserve-case=\"false\" negate=\"true\"><Context "
	    "search=\"DnsEntryItem/RecordName\"/>"
	    "<Content>.Example</Content></IndicatorItem>"
	    "<Indicator operator=\"OR\" negate=\"true\">" ITEM(
		"matches", "Network/URI", "^/[a-z]{8}$")
		ITEM("greater-than", "ProcessItem/PortList/PortItem/remotePort",
		    "1024") "</Indicator></Indicator></criteria></OpenIOC>");
	LAB_EXPECT(
	    &lab, "name %.example LIKE", "uri ^/[a-z]{8}$ REGEX", "dst port 1024 >");
	const struct pattern *p = indicators_pattern(lab.set, 0);
	expect_ops(p, ops, sizeof(ops) / sizeof(ops[0]));
	assert_true(p->nodes[2].negated);
	lab_close(&lab);
}

static void passes_over_empty_groups(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab, IOC("<Indicator operator=\"AND\"><Indicator "
			   "operator=\"OR\"></Indicator>" ITEM("is", "Network/DNS",
			       "a.example") "</Indicator><Indicator operator=\"AND\"/>"));
	LAB_EXPECT(&lab, "name a.example");
	assert_int_equal(indicators_pattern_count(lab.set), 0);
	lab_close(&lab);
}

static void refuses_entities(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab,
	    "<?xml version=\"1.0\"?><!DOCTYPE ioc [<!ENTITY a \"aaaaaaaaaa\">"
	    "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><ioc id=\"x\"><definition>"
	    "<Indicator operator=\"OR\">" ITEM(
		"is", "Network/DNS", "&b;.example") "</Indicator></definition></ioc>");
	assert_int_equal(indicators_count(lab.set), 0);
	assert_true(lab.report.damaged);
	assert_string_equal(
	    lab.report.reason, "it declares entities or the like: refused");
	lab_read(&lab,
	    "<!DOCTYPE ioc [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ioc>&x;</ioc>");
	assert_true(lab.report.damaged);
	lab_close(&lab);
}

static void bounds_depth_and_size(void **state)
{
	struct lab lab;
	size_t n = 0, size = 1U << 20;
	char *text = malloc(size);
	(void)state;
	if (text == NULL)
		abort();
	n = (size_t)snprintf(text, size, "<ioc id=\"x\">");
	while (n + 40 < size)
		n += (size_t)snprintf(text + n, size - n, "<Indicator operator=\"AND\">");
	lab_open(&lab);
	lab_read_bytes(&lab, text, n);
	assert_string_equal(lab.report.reason, "nested too deep");
	/* a content that is too long is counted, what follows is read */
	memset(text, 'x', size);
	n = (size_t)snprintf(text, size, "%s",
	    "<ioc><Indicator operator=\"OR\"><IndicatorItem "
	    "condition=\"is\"><Context search=\"Network/DNS\"/><Content>");
	text[n] = 'x';
	const char rest[] = "</Content></IndicatorItem>" ITEM(
	    "is", "Network/DNS", "a.example") "</Indicator></ioc>";
	memcpy(text + 50000, rest, sizeof(rest));
	lab_read(&lab, text);
	LAB_EXPECT(&lab, "name a.example");
	assert_int_equal(lab.report.skipped[FEED_TOO_LONG].count, 1);
	free(text);
	lab_close(&lab);
}

static void says_where_a_cut_is(void **state)
{
	static const char text[] = IOC("<Indicator operator=\"OR\">" ITEM(
	    "is", "Network/DNS", "a.example") "</Indicator>");
	(void)state;
	for (size_t n = 60; n < sizeof(text) - 1; n += 11) {
		struct lab lab;
		lab_open(&lab);
		lab_read_bytes(&lab, text, n);
		assert_true(lab.report.damaged);
		assert_true(indicators_count(lab.set) <= 1);
		lab_close(&lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_alternatives),
	    cmocka_unit_test(reads_conjunctions),
	    cmocka_unit_test(reads_version_1_1),
	    cmocka_unit_test(passes_over_empty_groups),
	    cmocka_unit_test(refuses_entities),
	    cmocka_unit_test(bounds_depth_and_size),
	    cmocka_unit_test(says_where_a_cut_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
