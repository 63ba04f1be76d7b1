/* SPDX-License-Identifier: Apache-2.0 */
/* MISP events, searches and feeds; lists of JSON objects of no standard. */
#include <sys/stat.h>

#include "feed_lab.h"

#define MD5  "d41d8cd98f00b204e9800998ecf8427e"
#define UUID "5a3c0000-0000-4000-8000-000000000001"

#define EVENT                                                                            \
	"{\"Event\":{\"uuid\":\"" UUID "\",\"Attribute\":["                              \
	"{\"uuid\":\"a-1\",\"type\":\"ip-dst\",\"to_ids\":true,\"value\":\"192.0.2.1\"," \
	"\"comment\":\"C2\"},"                                                           \
	"{\"uuid\":\"a-2\",\"type\":\"domain|ip\",\"to_ids\":true,"                      \
	"\"value\":\"evil.example|192.0.2.2\"},"                                         \
	"{\"uuid\":\"a-3\",\"type\":\"hostname|port\",\"to_ids\":true,"                  \
	"\"value\":\"h.example|8080\"},"                                                 \
	"{\"uuid\":\"a-4\",\"type\":\"filename|md5\",\"to_ids\":true,"                   \
	"\"value\":\"a.exe|" MD5 "\"},"                                                  \
	"{\"uuid\":\"a-5\",\"type\":\"link\",\"to_ids\":false,\"value\":\"https://r/"    \
	"\"},"                                                                           \
	"{\"uuid\":\"a-6\",\"type\":\"jarm-fingerprint\",\"to_ids\":true,\"value\":"     \
	"\"2\"},"                                                                        \
	"{\"uuid\":\"a-7\",\"type\":\"new-type\",\"to_ids\":true,\"value\":\"2\"},"      \
	"{\"uuid\":\"a-8\",\"type\":\"ip-src\",\"to_ids\":true,\"value\":\"none\"},"     \
	"{\"uuid\":\"a-9\",\"type\":\"ip-src\",\"deleted\":true,\"value\":\"192.0.2."    \
	"3\"}],"                                                                         \
	"\"Object\":[{\"name\":\"ja3\",\"Attribute\":[{\"uuid\":\"o-1\","                \
	"\"type\":\"ja3-fingerprint-md5\",\"to_ids\":true,\"value\":\"" MD5 "\"},"       \
	"{\"uuid\":\"o-2\",\"type\":\"hassh-md5\",\"to_ids\":true,\"value\":\"" MD5      \
	"\"},"                                                                           \
	"{\"uuid\":\"o-3\",\"type\":\"x509-fingerprint-sha1\",\"to_ids\":true,"          \
	"\"value\":\"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709\"}]}],"                    \
	"\"RelatedEvent\":[{\"Event\":{\"info\":\"other\"}}],\"info\":\"Campaign\"}}"

#define EXPECTED                                                                         \
	"address 192.0.2.1", "name evil.example and below", "address 192.0.2.2",         \
	    "name h.example port 8080", "file_md5 " MD5, "ja3 " MD5, "hassh " MD5,       \
	    "cert_sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709"

static void reads_events(void **state)
{
	struct lab lab;
	struct indicator in;
	(void)state;
	lab_open(&lab);
	lab_read(&lab, EVENT);
	LAB_EXPECT(&lab, EXPECTED);
	indicators_get(lab.set, 0, &in);
	assert_true(str_equal(in.note, STR("Campaign: C2")));
	assert_true(str_equal(in.id, STR("a-1")));
	const struct feed_skipped *s = lab.report.skipped;
	assert_int_equal(s[FEED_NOT_ASKED].count, 1);
	assert_int_equal(s[FEED_UNSUPPORTED].count, 1);
	assert_string_equal(s[FEED_UNKNOWN].example, "new-type 2");
	assert_int_equal(s[FEED_MALFORMED].at, 8);
	assert_int_equal(lab.report.ignored, 1);
	lab_close(&lab);
	lab_open(&lab);
	lab_read(&lab, "{\"response\":[" EVENT "]}");
	LAB_EXPECT(&lab, EXPECTED);
	lab_close(&lab);
}

static void reads_searches_for_attributes(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab, "{\"response\":{\"Attribute\":[{\"type\":\"url\",\"value\":"
		       "\"http://x.example/\",\"to_ids\":\"1\"}]}}");
	LAB_EXPECT(&lab, "url http://x.example/");
	lab_close(&lab);
}

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void reads_the_folder_of_a_feed(void **state)
{
	static const char *const files[] = {
	    "manifest.json", "hashes.csv", UUID ".json", "x.bin"};
	char folder[] = "/tmp/dwell-misp-XXXXXX", path[128];
	struct lab lab;
	struct error e = {0};
	struct feed_sink sink = {lab_report, &lab};
	(void)state;
	assert_non_null(mkdtemp(folder));
	put_file(folder, files[0],
	    "{\"" UUID "\":{\"info\":\"x\",\"Orgc\":{\"name\":\"y\"}}}");
	put_file(folder, files[1], MD5 "," UUID "\n" MD5 "," UUID "\n");
	put_file(folder, files[2], EVENT);
	put_file(folder, files[3], "");
	lab_open(&lab);
	assert_int_equal(feed_read(lab.set, folder, &sink, &e), 0);
	LAB_EXPECT(&lab, EXPECTED); /* no digest of a value was taken for an indicator */
	assert_int_equal(lab.reports, 3);
	lab_close(&lab);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void reads_lists_of_objects(void **state)
{
	struct lab lab;
	(void)state;
	lab_open(&lab);
	lab_read(&lab,
	    "{\"query_status\":\"ok\",\"data\":[{\"id\":\"12\",\"ioc\":\"192.0.2.1:443\","
	    "\"ioc_type\":\"ip:port\",\"malware\":\"Foo\",\"tags\":[\"a.example\"]},"
	    "{\"ioc\":\"b.example\",\"ioc_type\":\"domain\"},"
	    "{\"ioc\":\"" MD5 "\",\"ioc_type\":\"md5_hash\"},{\"other\":1}]}");
	LAB_EXPECT(&lab, "address 192.0.2.1 port 443", "name b.example and below",
	    "file_md5 " MD5);
	assert_int_equal(lab.report.ignored, 1);
	lab_close(&lab);
	lab_open(&lab);
	lab_read(&lab, "[\"192.0.2.1\", \"word\", 5]");
	LAB_EXPECT(&lab, "address 192.0.2.1");
	assert_int_equal(lab.report.skipped[FEED_UNKNOWN].count, 1);
	lab_close(&lab);
}

static void keeps_what_comes_before_a_cut(void **state)
{
	static const char text[] = EVENT;
	size_t last = 0;
	(void)state;
	for (size_t n = sizeof(text) - 2; n > 60; n -= 7) {
		struct lab lab;
		lab_open(&lab);
		lab_read_bytes(&lab, text, n);
		assert_true(lab.report.damaged);
		last = indicators_count(lab.set);
		assert_true(last <= 8);
		lab_close(&lab);
	}
	assert_int_equal(last, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_events),
	    cmocka_unit_test(reads_searches_for_attributes),
	    cmocka_unit_test(reads_the_folder_of_a_feed),
	    cmocka_unit_test(reads_lists_of_objects),
	    cmocka_unit_test(keeps_what_comes_before_a_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
