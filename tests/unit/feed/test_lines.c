/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats of lines. The files are made by hand after what their makers publish: Zeek's
 * intelligence framework, Suricata's datasets, MISP's CSV export, abuse.ch's lists,
 * RFC 4180.
 */
#include <zlib.h>

#include "feed_lab.h"

#define READ(...)                                                                        \
	struct lab lab;                                                                  \
	(void)state;                                                                     \
	lab_open(&lab);                                                                  \
	lab_read(&lab, __VA_ARGS__)

static void reads_plain_lists(void **state)
{
	READ("\xef\xbb\xbf# a list\r\n192.0.2.1\r\n\r\n; no\n// "
	     "no\n192.0.2.0/24\tcampaign x\n"
	     "evil.example # why\nhxxp://evil[.]example/a,b\n192.0.2.1\nword\n");
	LAB_EXPECT(&lab, "address 192.0.2.1", "network 192.0.2.0/24",
	    "name evil.example and below", "url http://evil.example/a,b");
	struct indicator in;
	char where[INDICATOR_WHERE_MAX];
	indicators_get(lab.set, 1, &in);
	assert_true(str_equal(in.note, STR("campaign x")));
	indicators_where(lab.set, 1, where);
	assert_non_null(strstr(where, ":6"));
	assert_string_equal(lab.report.format, "list");
	assert_int_equal(lab.report.merged, 1);
	assert_int_equal(lab.report.skipped[FEED_UNKNOWN].count, 1);
	assert_int_equal(lab.report.skipped[FEED_UNKNOWN].at, 10);
	assert_string_equal(lab.report.skipped[FEED_UNKNOWN].example, "word");
	lab_close(&lab);
}

static void reads_hosts_files(void **state)
{
	READ(
	    "127.0.0.1 localhost\n0.0.0.0 ads.example\n0.0.0.0 t.example # x\n::1 ip6\n");
	LAB_EXPECT(&lab, "name ads.example and below", "name t.example and below");
	lab_close(&lab);
}

static void reads_csv_by_its_header(void **state)
{
	READ("uuid,type,value,comment,to_ids\n"
	     "1,ip-dst|port,192.0.2.1|8080,\"a \"\"C2\"\", it seems\",1\n"
	     "2,filename|md5,\"a,b.exe|d41d8cd98f00b204e9800998ecf8427e\",,1\n"
	     "3,domain,evil.example,\"two\nlines\",1\n"
	     "4,domain,good.example,,0\n"
	     "5,regkey,HKLM\\x,,1\n"
	     "6,ip-dst,300.1.1.1,,1\n");
	LAB_EXPECT(&lab, "address 192.0.2.1 port 8080",
	    "file_md5 d41d8cd98f00b204e9800998ecf8427e", "name evil.example and below");
	struct indicator in;
	indicators_get(lab.set, 0, &in);
	assert_true(str_equal(in.note, STR("a \"C2\", it seems")));
	assert_true(str_equal(in.id, STR("1")));
	indicators_get(lab.set, 2, &in);
	assert_true(str_equal(in.note, STR("two lines")));
	assert_int_equal(in.at, 4);
	assert_int_equal(lab.report.skipped[FEED_NOT_ASKED].count, 1);
	assert_int_equal(lab.report.skipped[FEED_NOT_ASKED].at, 6);
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].at, 7);
	assert_int_equal(lab.report.skipped[FEED_MALFORMED].at, 8);
	lab_close(&lab);
}

static void reads_a_header_in_a_comment(void **state)
{
	READ("# blocklist\n# \"first_seen_utc\",\"dst_ip\",\"dst_port\",\"malware\"\n"
	     "\"2024-01-02 03:04:05\",\"192.0.2.1\",\"443\",\"Foo\"\n"
	     "\"2024-01-02 03:04:05\",\"192.0.2.2\",\"8443\",\"Foo\"\n");
	LAB_EXPECT(&lab, "address 192.0.2.1 port 443", "address 192.0.2.2 port 8443");
	lab_close(&lab);
}

static void reads_csv_without_a_header(void **state)
{
	READ("2024-01-02;192.0.2.1;Foo;https://reports.example/1\n"
	     "2024-01-02;192.0.2.2;Bar;https://reports.example/2\n");
	LAB_EXPECT(&lab, "address 192.0.2.1", "address 192.0.2.2");
	lab_close(&lab);
	lab_open(&lab);
	lab_read(&lab, "https://a.example/x,malware\nhttps://b.example/y,phish\n");
	LAB_EXPECT(&lab, "url https://a.example/x", "url https://b.example/y");
	lab_close(&lab);
}

static void reads_several_columns(void **state)
{
	READ("ip,domain,ja3,sha256,valid_until\n"
	     "192.0.2.1,a.example,,,2024-01-02T03:04:05Z\n"
	     ",,d41d8cd98f00b204e9800998ecf8427e,"
	     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,\n");
	LAB_EXPECT(&lab, "address 192.0.2.1", "name a.example and below",
	    "ja3 d41d8cd98f00b204e9800998ecf8427e",
	    "file_sha256 "
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	struct indicator in;
	char text[MOMENT_TEXT_MAX];
	indicators_get(lab.set, 0, &in);
	moment_text(in.valid_until, text);
	assert_string_equal(text, "2024-01-02T03:04:05.000000Z");
	lab_close(&lab);
}

static void counts_an_open_quote(void **state)
{
	READ("type,value\ndomain,a.example\n\"domain,b.example\ndomain,c.example\n");
	LAB_EXPECT(&lab, "name a.example and below");
	assert_int_equal(lab.report.skipped[FEED_MALFORMED].count, 1);
	assert_int_equal(lab.report.skipped[FEED_MALFORMED].at, 3);
	lab_close(&lab);
}

static void reads_zeeks_files(void **state)
{
	READ("#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n"
	     "192.0.2.1\tIntel::ADDR\tcert\tC2\n"
	     "192.0.2.0/24\tIntel::SUBNET\tcert\t-\n"
	     "evil.example\tIntel::DOMAIN\tcert\t-\n"
	     "evil.example/gate.php\tIntel::URL\tcert\t-\n"
	     "da39a3ee5e6b4b0d3255bfef95601890afd80709\tIntel::CERT_HASH\tcert\t-\n"
	     "d41d8cd98f00b204e9800998ecf8427e\tIntel::FILE_HASH\tcert\t-\n"
	     "joe@evil.example\tIntel::EMAIL\tcert\t-\n"
	     "root\tIntel::USER_NAME\tcert\t-\n"
	     "Mozilla/4.0 (evil)\tIntel::SOFTWARE\tcert\t-\n");
	LAB_EXPECT(&lab, "address 192.0.2.1", "network 192.0.2.0/24", "name evil.example",
	    "url evil.example/gate.php",
	    "cert_sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
	    "file_md5 d41d8cd98f00b204e9800998ecf8427e", "email joe@evil.example",
	    "user_agent Mozilla/4.0 (evil)");
	struct indicator in;
	indicators_get(lab.set, 0, &in);
	assert_true(str_equal(in.note, STR("cert; C2")));
	assert_int_equal(lab.report.skipped[FEED_UNSUPPORTED].count, 1);
	assert_string_equal(lab.report.format, "zeek");
	lab_close(&lab);
}

static void reads_suricatas_datasets(void **state)
{
	/* of type string: google.com, evil.example, "Mozilla/5.0 (X) foo" */
	READ("Z29vZ2xlLmNvbQ==\nZXZpbC5leGFtcGxl,5\nTW96aWxsYS81LjAgKFgpIGZvbw==\n");
	LAB_EXPECT(&lab, "name google.com", "name evil.example",
	    "user_agent Mozilla/5.0 (X) foo");
	assert_string_equal(lab.report.format, "dataset");
	lab_close(&lab);
	lab_open(&lab); /* of type ip, with reputations */
	lab_read(&lab, "192.0.2.1,90\n2001:db8::1,10\n");
	LAB_EXPECT(&lab, "address 192.0.2.1", "address 2001:db8::1");
	lab_close(&lab);
	lab_open(&lab); /* of type md5 */
	lab_read(&lab, "d41d8cd98f00b204e9800998ecf8427e\n");
	LAB_EXPECT(&lab, "md5 d41d8cd98f00b204e9800998ecf8427e");
	lab_close(&lab);
	lab_open(&lab); /* JSON lines */
	lab_read(&lab,
	    "{\"ip\": \"10.16.1.11\", \"test\": \"success\"}\n{\"ip\":\"10.16.1.12\"}");
	LAB_EXPECT(&lab, "address 10.16.1.11", "address 10.16.1.12");
	lab_close(&lab);
}

static void reads_compressed_files(void **state)
{
	static const char text[] = "192.0.2.1\n192.0.2.2\n";
	Bytef room[200];
	z_stream z = {0};
	struct lab lab;
	(void)state;
	assert_int_equal(
	    deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = sizeof(text) - 1;
	z.next_out = room;
	z.avail_out = sizeof(room);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	lab_open(&lab);
	lab_read_bytes(&lab, room, z.total_out);
	LAB_EXPECT(&lab, "address 192.0.2.1", "address 192.0.2.2");
	lab_read_bytes(&lab, room, z.total_out - 9);
	assert_true(lab.report.damaged);
	deflateEnd(&z);
	lab_close(&lab);
}

static void passes_over_lines_that_are_too_long(void **state)
{
	struct lab lab;
	size_t n = 0, size = 3U << 20;
	char *text = malloc(size);
	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "192.0.2.1\n", 10);
	memcpy(text + (2U << 20), "\n192.0.2.2\n", 11);
	n = size;
	lab_open(&lab);
	lab_read_bytes(&lab, text, n);
	LAB_EXPECT(&lab, "address 192.0.2.1", "address 192.0.2.2");
	assert_int_equal(lab.report.skipped[FEED_TOO_LONG].count, 2);
	assert_int_equal(lab.report.skipped[FEED_TOO_LONG].at, 2);
	free(text);
	lab_close(&lab);
}

static void says_what_is_no_feed(void **state)
{
	READ("");
	assert_true(lab.report.damaged);
	assert_null(lab.report.format);
	lab_read_bytes(&lab,
	    "\x7f"
	    "ELF\0\0\0\1\2\3",
	    10);
	assert_true(lab.report.damaged);
	assert_int_equal(indicators_count(lab.set), 0);
	struct error e = {0};
	assert_int_equal(feed_read(lab.set, "/nonexistent/x", NULL, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	lab_close(&lab);
}

static void says_all_in_one_line(void **state)
{
	READ("192.0.2.1\n192.0.2.1\n0.0.0.0/0\nword\n300.1.1.1\nother\n");
	char text[1000], expect[1000];
	feed_report_text(&lab.report, text, sizeof(text));
	snprintf(expect, sizeof(expect),
	    "%s: list, 2 indicators, 1 said twice, 1 that match nearly everything; "
	    "1 malformed (line 5: 300.1.1.1, neither an address nor a name); "
	    "2 of no kind that dwell knows (line 4: word, one word alone (write "
	    "name:WORD if "
	    "it is a host name))",
	    lab.path);
	assert_string_equal(text, expect);
	assert_true(feed_has_issues(&lab.report));
	assert_int_equal(feed_report_text(&lab.report, text, 20), 19);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_plain_lists),
	    cmocka_unit_test(reads_hosts_files),
	    cmocka_unit_test(reads_csv_by_its_header),
	    cmocka_unit_test(reads_a_header_in_a_comment),
	    cmocka_unit_test(reads_csv_without_a_header),
	    cmocka_unit_test(reads_several_columns),
	    cmocka_unit_test(counts_an_open_quote),
	    cmocka_unit_test(reads_zeeks_files),
	    cmocka_unit_test(reads_suricatas_datasets),
	    cmocka_unit_test(reads_compressed_files),
	    cmocka_unit_test(passes_over_lines_that_are_too_long),
	    cmocka_unit_test(says_what_is_no_feed),
	    cmocka_unit_test(says_all_in_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
