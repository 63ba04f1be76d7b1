/* SPDX-License-Identifier: Apache-2.0 */
/* Whole logs to records: headers, bad lines, limits, joins between files, order. */
#include "make.h"

#include <math.h>

#include "input/csv.h"
#include "input/log_join.h"
#include "input/log_run.h"

#define ROWS_MAX 64

/* Copies of what came out. */
struct rows {
	size_t n[RECORD_TYPES];
	struct conn_record conn[ROWS_MAX];
	struct dns_record dns[ROWS_MAX];
	struct tls_record tls[ROWS_MAX];
	struct cert_record cert[ROWS_MAX];
	uint64_t watched, steps, drops; /* sums over watch */
	struct arena texts;
};

static void keep(struct rows *r, const struct record_info *info, void *record)
{
	for (size_t i = 0; i < info->field_count; i++) {
		void *p = (char *)record + info->fields[i].offset;
		struct str *text = p;
		struct str_list *list = p;
		if (info->fields[i].kind == FIELD_TEXT)
			*text = str_copy(&r->texts, *text);
		if (info->fields[i].kind == FIELD_TEXTS && list->n > 0)
			list->v =
			    arena_copy(&r->texts, list->v, list->n * sizeof(*list->v));
		for (size_t k = 0; info->fields[i].kind == FIELD_TEXTS && k < list->n;
		     k++)
			((struct str *)(uintptr_t)list->v)[k] =
			    str_copy(&r->texts, list->v[k]);
	}
}

static void see_record(void *ctx, enum record_type type, const void *record)
{
	struct rows *r = ctx;
	void *to[RECORD_TYPES] = {[RECORD_CONN] = r->conn,
	    [RECORD_DNS] = r->dns,
	    [RECORD_TLS] = r->tls,
	    [RECORD_CERT] = r->cert};
	if (type == RECORD_WATCH) {
		const struct watch_record *w = record;
		r->watched++;
		r->steps += w->clock_steps;
		r->drops += w->drops;
	}
	size_t i = r->n[type]++;
	if (to[type] == NULL || i >= ROWS_MAX)
		return;
	const struct record_info *info = record_info(type);
	void *at_row = (char *)to[type] + i * info->size;
	memcpy(at_row, record, info->size);
	keep(r, info, at_row);
}

static struct rows rows;

/* Read all that is at the path (relative to scratch). */
static void read_logs(struct run *run, const char *path)
{
	struct record_sink sink = {see_record, &rows};
	struct log_out out;
	arena_fini(&rows.texts);
	memset(&rows, 0, sizeof(rows));
	arena_init(&rows.texts, 16U << 20);
	run_begin(run);
	input_add(run->in, at(path));
	input_plan(run->in);
	assert_true(log_out_init(&out, "s1", &sink));
	for (struct log_group g = {0};
	     g = log_group_next(run->in, g.end), g.first < g.end;)
		assert_true(log_group_run(run->in, g, &out, NULL, NULL));
	log_out_flush(&out);
	log_out_fini(&out);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static void make_folder(const char *name)
{
	struct error e;
	assert_int_equal(file_make_folders(at(name), &e), 0);
}

#define HEAD(path)                                                                       \
	"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"  \
	"#path\t" path "\n"
#define CONN_HEAD                                                                        \
	HEAD("conn")                                                                     \
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_"                    \
	"p\tproto\tduration\t"                                                           \
	"orig_bytes\tconn_state\n"
#define CONN_ROW(ts, uid, duration)                                                      \
	ts "\t" uid "\t10.0.0.1\t4000\t192.0.2.9\t443\ttcp\t" duration "\t77\tSF\n"

static void columns_in_any_order_and_unset_ones(void **state)
{
	(void)state;
	struct run r;
	static const char head[] =
	    HEAD("conn") "#fields\tid.resp_h\tnew_field\tproto\tts\tid.orig_"
			 "h\tduration\tservice\n";
	static const char row[] = "2001:db8::2\tx\ttcp\t1.5\t10.0.0.1\t-\thttp,ssl\n"
				  "#close\t2024\n";
	struct blob b = {0};
	put(&b, head, sizeof(head) - 1);
	put(&b, row, sizeof(row) - 1);
	write_file("a.log", b.p, b.n);
	blob_free(&b);
	read_logs(&r, "a.log");
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(rows.n[RECORD_CONN], 1);
	const struct conn_record *c = &rows.conn[0];
	assert_int_equal(c->ts.ns, 1500000000);
	assert_true(isnan(c->duration));
	assert_true(str_equal(c->service, STR("http,tls")));
	assert_true(str_equal(c->sensor, STR("s1")));
	assert_null(c->state.p);
	assert_true(c->vlan < 0);
	assert_int_equal(c->source_offset, sizeof(head) - 1);
	run_end(&r);
}

static void headers_in_the_middle_of_a_file(void **state)
{
	(void)state;
	struct run r;
	write_text("a.log",
	    CONN_HEAD CONN_ROW("1.0", "C1", "1.0") HEAD(
		"dns") "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_"
		       "p\tproto\t"
		       "query\tqtype_name\tanswers\n"
		       "2.0\tC2\t10.0.0.1\t5\t10.0.0.2\t53\tudp\tA.Example\tA\t192.0.2."
		       "9\n" HEAD("notice") "#fields\tts\tnote\n3.0\tX\n" CONN_HEAD
			   CONN_ROW("4.0", "C3", "-"));
	read_logs(&r, "a.log");
	assert_int_equal(rows.n[RECORD_CONN], 2);
	assert_int_equal(rows.n[RECORD_DNS], 1);
	assert_true(str_equal(rows.dns[0].query, STR("a.example")));
	/* What was told at 2 names the connection at 4, not the one at 1. */
	assert_null(rows.conn[0].server_name.p);
	assert_true(str_equal(rows.conn[1].server_name, STR("a.example")));
	assert_int_equal(r.seen.issues[INPUT_UNSUPPORTED], 1);
	run_end(&r);
}

static void bad_lines_are_counted_and_the_rest_is_read(void **state)
{
	(void)state;
	struct run r;
	struct blob b = {0};
	static const char head[] = CONN_HEAD CONN_ROW(
	    "1.0", "C1", "1.0") "short\tline\n" CONN_ROW("then", "C2", "-");
	put(&b, head, sizeof(head) - 1);
	put(&b, "\0\0\0\n", 4);
	for (int i = 0; i < 1500000; i++)
		put8(&b, 'x');
	put8(&b, '\n');
	static const char rest[] = CONN_ROW("2.0", "C\xff",
	    "-") "\r\n"
		 "3.0\tC3\t10.0.0.1\t4000\t192.0.2.9\t443\ttcp\t-\t77\tSF\r\n"
		 "4.0\tC4\t10.0.0.1\t40";
	put(&b, rest, sizeof(rest) - 1);
	write_file("a.log", b.p, b.n);
	blob_free(&b);
	read_logs(&r, "a.log");
	assert_int_equal(rows.n[RECORD_CONN], 3);
	assert_true(str_equal(rows.conn[2].state, STR("SF")));
	/* One line each: malformed (3), over the limit (1), truncated (1). */
	assert_int_equal(r.seen.issue_count, 3);
	assert_int_equal(r.seen.issues[INPUT_MALFORMED], 1);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
	assert_false(input_source(r.in, 0)->complete);
	assert_int_equal(input_source(r.in, 0)->frames, 7);
	run_end(&r);
}

static void clocks_that_leap_are_counted(void **state)
{
	(void)state;
	struct run r;
	write_text("a.log", CONN_HEAD CONN_ROW("1600000000.0", "C1", "1.0")
				CONN_ROW("600000000.0", "C2", "1.0")
				    CONN_ROW("1600000009.0", "C3", "1.0"));
	read_logs(&r, "a.log");
	assert_int_equal(rows.n[RECORD_CONN], 3);
	assert_int_equal(rows.steps, 2);
	assert_int_equal(rows.watched, 2);
	run_end(&r);
}

static void logs_of_a_folder_speak_for_each_other(void **state)
{
	(void)state;
	struct run r;
	make_folder("day");
	write_text("day/conn.log", CONN_HEAD CONN_ROW("100.0", "C1", "5.0"));
	write_text("day/ssl.log",
	    HEAD("ssl") "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\t"
			"server_name\tja3\tcert_chain_fuids\n"
			"100.1\tC1\t10.0.0.1\t4000\t192.0.2.9\t443\tWWW."
			"Example\tabcd\tF1,F2\n");
	write_text("day/x509.log",
	    HEAD("x509") "#fields\tts\tid\tcertificate.subject\tsan.dns\tcertificate."
			 "serial\n"
			 "100.2\tF1\tCN=www.example\twww.example,b.example\t0aFF\n"
			 "100.2\tF9\tCN=other\t-\t01\n");
	write_text("day/capture_loss.log",
	    HEAD("capture_loss") "#fields\tts\tts_delta\tpeer\tgaps\tacks\tpercent_lost\n"
				 "101.0\t900\tzeek\t7\t29\t0.0\n");
	read_logs(&r, "day");
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(rows.n[RECORD_CONN], 1);
	assert_true(str_equal(rows.conn[0].server_name, STR("www.example")));
	assert_true(str_equal(rows.conn[0].ja3, STR("abcd")));
	assert_int_equal(rows.tls[0].cert_count, 2);
	assert_int_equal(rows.tls[0].san.n, 2);
	assert_int_equal(rows.n[RECORD_CERT], 2);
	assert_true(str_equal(rows.cert[0].subject, STR("CN=www.example")));
	assert_true(str_equal(rows.cert[0].serial, STR("0AFF")));
	assert_int_equal(rows.cert[0].dst_port, 443);
	/* Nobody referred to the other one: a row without endpoints. */
	assert_true(addr_is_unset(&rows.cert[1].src_ip));
	assert_int_equal(rows.drops, 7);
	run_end(&r);
}

static void eve_in_its_versions(void **state)
{
	(void)state;
	struct run r;
#define EVE(type, rest)                                                                  \
	"{\"timestamp\":\"2024-01-02T03:04:05.000000+0000\",\"flow_id\":9,\"event_"      \
	"type\":\"" type "\",\"src_ip\":\"10.0.0.1\",\"src_port\":1000,\"dest_ip\":"     \
	"\"10.0.0.2\",\"dest_port\":53,"                                                 \
	"\"proto\":\"UDP\"," rest "}\n"
	write_text("eve.json",
	    EVE("dns", "\"dns\":{\"type\":\"query\",\"id\":1,\"rrname\":\"v1\","
		       "\"rrtype\":\"A\"}") EVE("dns",
		"\"dns\":{\"type\":\"answer\",\"id\":1,\"rcode\":\"NOERROR\",\"rrname\":"
		"\"v1\","
		"\"rrtype\":\"A\",\"ttl\":3,\"rdata\":\"192.0.2.1\"}") EVE("dns",
		"\"dns\":{\"type\":\"answer\",\"id\":1,\"rcode\":\"NOERROR\",\"rrname\":"
		"\"v1\","
		"\"rrtype\":\"A\",\"ttl\":3,\"rdata\":\"192.0.2.2\"}") EVE("dns",
		"\"dns\":{\"version\":2,\"type\":\"query\",\"id\":2,\"rrname\":\"v2\","
		"\"rrtype\":\"A\"}") EVE("dns",
		"\"dns\":{\"version\":2,\"type\":\"answer\",\"id\":2,\"flags\":\"8180\","
		"\"ra\":true,"
		"\"rrname\":\"v2\",\"rrtype\":\"A\",\"rcode\":\"NOERROR\",\"answers\":"
		"[{\"rrname\":\"v2\",\"rrtype\":\"A\",\"ttl\":5,\"rdata\":\"192.0.2.3\"}]"
		"}") EVE("dns",
		"\"dns\":{\"version\":3,\"type\":\"request\",\"id\":3,"
		"\"queries\":[{\"rrname\":\"v3\",\"rrtype\":\"TXT\"}]}") EVE("dns",
		"\"dns\":{\"version\":3,\"type\":\"response\",\"id\":3,\"rcode\":"
		"\"NXDOMAIN\","
		"\"queries\":[{\"rrname\":\"v3\",\"rrtype\":\"TXT\"}]}") EVE("alert",
		"\"alert\":{}") EVE("tls",
		"\"tls\":{\"sni\":\"s.example\",\"version\":\"TLS 1.2\"}") EVE("netflow",
		"\"netflow\":{\"pkts\":2,\"bytes\":200,\"start\":\"2024-01-02T03:04:05+"
		"0000\","
		"\"end\":\"2024-01-02T03:04:06+0000\"}") "{\"timestamp\":\"2024-01-02T03:"
							 "04:05.000000+0000\",\"flow_"
							 "id\":9,\"event_type\":"
							 "\"netflow\","
							 "\"src_ip\":\"10.0.0.2\",\"src_"
							 "port\":53,\"dest_ip\":\"10.0.0."
							 "1\",\"dest_port\":1000,"
							 "\"proto\":\"UDP\",\"netflow\":{"
							 "\"pkts\":3,\"bytes\":300,"
							 "\"start\":\"2024-01-02T03:04:"
							 "05+0000\",\"end\":\"2024-01-"
							 "02T03:04:09+0000\"}}\n"
							 "{\"timestamp\":\"2024-01-02T03:"
							 "04:05.000000+0000\",\"event_"
							 "type\":\"stats\","
							 "\"stats\":{\"capture\":{"
							 "\"kernel_packets\":9,\"kernel_"
							 "drops\":5}}}\n"
							 "{\"timestamp\":\"2024-01-02T03:"
							 "04:06.000000+0000\",\"event_"
							 "type\":\"stats\","
							 "\"stats\":{\"capture\":{"
							 "\"kernel_packets\":9,\"kernel_"
							 "drops\":12}}}\n"
							 "{\"timestamp\":\"2024-01");
	read_logs(&r, "eve.json");
	assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
	assert_int_equal(rows.n[RECORD_DNS], 3);
	assert_true(str_equal(rows.dns[0].query, STR("v2")));
	assert_int_equal(rows.dns[0].answers.n, 1);
	assert_int_equal(rows.dns[0].ra, 1);
	assert_int_equal(rows.dns[0].aa, 0);
	assert_true(str_equal(rows.dns[1].rcode, STR("NXDOMAIN")));
	/* Version 1 is complete when nothing more can come. */
	assert_true(str_equal(rows.dns[2].query, STR("v1")));
	assert_int_equal(rows.dns[2].answers.n, 2);
	assert_int_equal(rows.n[RECORD_CONN], 1);
	assert_int_equal(rows.conn[0].src_packets, 2);
	assert_int_equal(rows.conn[0].dst_packets, 3);
	assert_true(fabs(rows.conn[0].duration - 4) < 1e-9);
	assert_true(str_equal(rows.conn[0].server_name, STR("s.example")));
	assert_int_equal(rows.drops, 12);
	run_end(&r);
}

static void json_streams_of_mixed_kinds(void **state)
{
	(void)state;
	struct run r;
#define ENDS                                                                             \
	"\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.1\",\"id.orig_p\":1,\"id.resp_h\":\"10."  \
	"0.0.2\","                                                                       \
	"\"id.resp_p\":80"
	write_text("all.json",
	    "{\"_path\":\"notice\",\"ts\":1.0,\"note\":\"x\"}\n"
	    "{\"_path\":\"http\",\"ts\":1.0," ENDS
	    ",\"host\":\"H.example:80\",\"trans_depth\":1}\n"
	    "{\"_path\":\"conn\",\"ts\":\"1970-01-01T00:00:01.000000Z\"," ENDS
	    ",\"proto\":\"tcp\",\"conn_state\":\"SF\"}\n"
	    "{\"_path\":\"conn\",\"ts\":2.0,\"id\":{\"orig_h\":\"10.0.0.3\",\"resp_h\":"
	    "\"10.0.0.4\"}}\n"
	    "{\"_path\":\"conn\",\"ts\":3.0,\"id_orig_h\":\"10.0.0.3\",\"id_resp_h\":"
	    "\"10.0.0.4\"}\n"
	    "no json\n");
	read_logs(&r, "all.json");
	assert_int_equal(rows.n[RECORD_CONN], 3);
	assert_int_equal(rows.n[RECORD_HTTP], 1);
	assert_true(str_equal(rows.conn[0].server_name, STR("h.example")));
	assert_int_equal(rows.conn[0].ts.ns, NS_PER_S);
	assert_false(addr_is_unset(&rows.conn[1].src_ip));
	assert_int_equal(r.seen.issue_count, 1);
	run_end(&r);
}

static void captures_come_first_and_folders_by_number(void **state)
{
	(void)state;
	struct run r;
	uint32_t second = 9;
	make_folder("mix/2");
	make_folder("mix/10");
	write_text("mix/10/conn.log", CONN_HEAD CONN_ROW("100.0", "C1", "5.0"));
	write_text("mix/2/conn.log", CONN_HEAD CONN_ROW("200.0", "C1", "5.0"));
	write_text("mix/2/older.log", CONN_HEAD CONN_ROW("150.0", "C2", "5.0"));
	write_text("mix/2/same.log", CONN_HEAD CONN_ROW("150.0", "C2", "5.0"));
	write_text("mix/2/notice.log", HEAD("notice") "#fields\tts\n1.0\n");
	struct blob b = pcap_at(&second, 1);
	write_file("mix/z.pcap", b.p, b.n);
	blob_free(&b);
	read_logs(&r, "mix");
	assert_false(input_source(r.in, 0)->log);
	static const char *const order[] = {
	    "mix/2/older.log", "mix/2/same.log", "mix/2/conn.log", "mix/10/conn.log"};
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(input_source(r.in, i + 1)->path, at(order[i]));
	assert_true(input_source(r.in, 2)->skipped);
	assert_int_equal(rows.n[RECORD_CONN], 3);
	assert_int_equal(input_not_kept(r.in), 1);
	struct log_group g = log_group_next(r.in, 0);
	assert_int_equal(g.first, 1);
	assert_int_equal(g.end, 4);
	run_end(&r);
}

/* The table forgets the oldest; what is told of each is all that was. */
static size_t forgotten;

static void forget(void *ctx, void *entry)
{
	(void)ctx;
	forgotten++;
	assert_int_equal(*(uint64_t *)entry, forgotten); /* as they were added */
}

static void a_join_forgets_at_its_limit(void **state)
{
	(void)state;
	struct log_join j;
	log_join_init(&j);
	j.forget = forget;
	forgotten = 0;
	for (uint64_t i = 1; i <= 3 * LOG_JOIN_MAX; i++) {
		uint64_t key = log_join_key(&j, &i, sizeof(i));
		uint64_t *entry = log_join_add(&j, key, sizeof(*entry));
		assert_non_null(entry);
		*entry = i;
	}
	uint64_t first = 1;
	assert_null(log_join_find(&j, log_join_key(&j, &first, sizeof(first))));
	for (uint64_t i = 2 * LOG_JOIN_MAX + 1; i <= 3 * LOG_JOIN_MAX; i++) {
		uint64_t key = log_join_key(&j, &i, sizeof(i));
		assert_int_equal(*(uint64_t *)log_join_find(&j, key), i);
	}
	log_join_fini(&j);
	assert_int_equal(forgotten, 3 * LOG_JOIN_MAX);
	assert_int_equal(j.dropped, 3 * LOG_JOIN_MAX);
}

static void minutes_beyond_the_limit_are_emitted(void **state)
{
	(void)state;
	struct record_sink sink = {see_record, &rows};
	struct log_out out;
	memset(rows.n, 0, sizeof(rows.n));
	assert_true(log_out_init(&out, "s1", &sink));
	for (int64_t i = 0; i < LOG_MINUTES_MAX; i++)
		log_out_drops(&out, "zeek", moment_from(60 * i, 0), 1);
	assert_true(out.minutes.full > 0);
	log_out_flush(&out);
	assert_int_equal(rows.n[RECORD_WATCH], LOG_MINUTES_MAX);
	log_out_fini(&out);
}

static void csv_by_a_map(void **state)
{
	(void)state;
	struct run r;
	struct error e;
	struct csv_map *m = csv_map_new(
	    "ts=t,src_ip=a,dst_ip=b,dst_bytes=all-out,src_bytes=out,proto=\"UDP\"", &e);
	assert_non_null(m);
	write_text("x.csv",
	    "\"t\";all;out;b;a\r\n1.5;10;3;\"192.0.2.1\";10.0.0.1\r\n"
	    "2;1;2;192.0.2.1;10.0.0.1\n3;1;2;192.0.2.1\n4;1;2;nobody;10.0.0.1\n"
	    "5;1;2;\"192.0.2.1;10.0.0.1\n");
	struct record_sink sink = {see_record, &rows};
	struct log_out out;
	memset(rows.n, 0, sizeof(rows.n));
	run_begin(&r);
	input_set_csv(r.in, m);
	input_add(r.in, at("x.csv"));
	input_plan(r.in);
	assert_int_equal(input_source(r.in, 0)->first.ns, 1500000000);
	assert_true(log_out_init(&out, "s1", &sink));
	assert_true(log_group_run(r.in, log_group_next(r.in, 0), &out, NULL, NULL));
	log_out_fini(&out);
	assert_int_equal(rows.n[RECORD_CONN], 2);
	assert_int_equal(rows.conn[0].dst_bytes, 7);
	assert_int_equal(rows.conn[1].dst_bytes, 0); /* less than nothing is nothing */
	assert_true(str_equal(rows.conn[0].proto, STR("udp")));
	assert_int_equal(r.seen.issues[INPUT_MALFORMED], 1);
	run_end(&r);
	csv_map_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_in_any_order_and_unset_ones),
	    cmocka_unit_test(headers_in_the_middle_of_a_file),
	    cmocka_unit_test(bad_lines_are_counted_and_the_rest_is_read),
	    cmocka_unit_test(clocks_that_leap_are_counted),
	    cmocka_unit_test(logs_of_a_folder_speak_for_each_other),
	    cmocka_unit_test(eve_in_its_versions),
	    cmocka_unit_test(json_streams_of_mixed_kinds),
	    cmocka_unit_test(captures_come_first_and_folders_by_number),
	    cmocka_unit_test(a_join_forgets_at_its_limit),
	    cmocka_unit_test(minutes_beyond_the_limit_are_emitted),
	    cmocka_unit_test(csv_by_a_map),
	};
	int failed = cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
	arena_fini(&rows.texts);
	return failed;
}
