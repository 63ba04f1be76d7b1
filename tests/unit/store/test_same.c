/* SPDX-License-Identifier: Apache-2.0 */
/* The same connection from two sources is one row, whichever came first. What is expected
 * follows from doc/decisions/same.md. */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "store/same.h"
#include "store_lab.h"

/* A connection of 100 s that kind says, in its way. */
static struct conn_record conn_of(const char *kind)
{
	struct conn_record r = lab_conn(0, 1000, 1);
	r.duration = 100;
	r.src_packets = r.dst_packets = 10;
	r.source_kind = str_of(kind);
	r.state = (struct str){0};
	if (kind == NULL) {
		r.source = STR("a.pcap");
		r.state = STR("SF");
		r.src_bytes = 1000;
	} else if (strcmp(kind, "zeek") == 0) {
		r.source = STR("zeek/conn.log");
		r.service = STR("ssl");
		r.src_bytes = 1001;
	} else {
		r.source = STR("nfcapd.202311140000");
		r.src_bytes = 1400;
	}
	return r;
}

static void put(struct store *s, const struct conn_record *r)
{
	struct record_sink sink = store_sink(s);
	record_put(&sink, RECORD_CONN, r);
}

static void commit_one(struct store *s, const struct conn_record *r)
{
	lab_begin(s);
	put(s, r);
	lab_commit(s);
}

#define COUNT(s, where) lab_number(s, "SELECT count(*) FROM conn WHERE " where)

static struct store *fresh(char **path)
{
	*path = lab_folder();
	return lab_open(*path, STORE_WRITE);
}

static void done(struct store *s, char *path)
{
	store_close(s);
	lab_done(path);
}

static void the_better_numbers_stay_in_either_order(void **state)
{
	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		char *path;
		struct store *s = fresh(&path);
		struct conn_record packets = conn_of(NULL), zeek = conn_of("zeek");
		commit_one(s, turned ? &zeek : &packets);
		commit_one(s, turned ? &packets : &zeek);
		assert_int_equal(COUNT(s, "true"), 1);
		assert_int_equal(COUNT(s, "src_bytes=1000 AND state='SF' AND "
					  "service='ssl' AND sensor='hq'"),
		    1);
		assert_int_equal(COUNT(s, "source='a.pcap, zeek/conn.log' AND "
					  "source_kind='packets, zeek'"),
		    1);
		assert_int_equal(
		    lab_number(s, "SELECT sum(connections)*10000+sum(src_bytes) FROM "
				  "pair_day"),
		    11000);
		done(s, path);
	}
}

static void both_directions_and_any_vlan(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	struct conn_record packets = conn_of(NULL), zeek = conn_of("zeek");
	packets.vlan = 7;
	packets.state = (struct str){0};
	zeek.state = STR("S0");
	zeek.src_ip = packets.dst_ip;
	zeek.dst_ip = packets.src_ip;
	zeek.src_port = packets.dst_port;
	zeek.dst_port = packets.src_port;
	commit_one(s, &packets);
	commit_one(s, &zeek);
	assert_int_equal(COUNT(s, "true"), 1);
	/* Who answered to whom is not what the other says. */
	assert_int_equal(COUNT(s, "vlan=7 AND state IS NULL AND service='ssl'"), 1);
	done(s, path);
}

/* What is not the same stays two rows. */
static void what_differs(void **state)
{
	(void)state;
	struct conn_record other[6];
	for (int i = 0; i < 6; i++)
		other[i] = conn_of("zeek");
	other[0].src_port++;
	other[1].proto = STR("udp");
	other[2].ts = moment_add(other[2].ts, 103 * NS_PER_S);  /* 3 s after the end */
	other[3].ts = moment_add(other[3].ts, -103 * NS_PER_S); /* ends 3 s before */
	other[4].source_kind = (struct str){0};                 /* the same kind … */
	other[5].duration = 110;                                /* goes on for longer */
	for (int i = 0; i < 6; i++) {
		char *path;
		struct store *s = fresh(&path);
		struct conn_record packets = conn_of(NULL);
		commit_one(s, &packets);
		commit_one(s, &other[i]);
		if (COUNT(s, "true") != 2)
			fail_msg("case %d: %d rows", i, (int)COUNT(s, "true"));
		other[i].sensor = STR("branch");
		other[i].source = STR("c.pcap"); /* … of another sensor is the same */
		if (i == 4) {
			commit_one(s, &other[i]);
			assert_int_equal(COUNT(s, "true"), 2);
			assert_int_equal(COUNT(s, "source LIKE '%, c.pcap'"), 2);
		}
		done(s, path);
	}
}

static void clocks_may_differ_by_two_seconds(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	struct conn_record packets = conn_of(NULL), zeek = conn_of("zeek");
	zeek.ts = moment_add(zeek.ts, 2 * NS_PER_S);
	commit_one(s, &packets);
	commit_one(s, &zeek);
	zeek = conn_of("eve");
	zeek.ts = moment_add(zeek.ts, -2 * NS_PER_S);
	commit_one(s, &zeek);
	assert_int_equal(COUNT(s, "true"), 1);
	assert_int_equal(COUNT(s, "source_kind='packets, zeek, eve'"), 1);
	done(s, path);
}

/* NetFlow cuts a long connection: its pieces are one row with the capture's. */
static void pieces_of_netflow(void **state)
{
	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		char *path;
		struct store *s = fresh(&path);
		struct conn_record packets = conn_of(NULL), piece = conn_of("netflow");
		if (!turned)
			commit_one(s, &packets);
		for (int i = 0; i < 5; i++) {
			piece = conn_of("netflow");
			piece.ts = moment_add(piece.ts, i * 20 * NS_PER_S);
			piece.duration = 20;
			commit_one(s, &piece);
		}
		if (turned) {
			assert_int_equal(COUNT(s, "true"), 5);
			commit_one(s, &packets);
		}
		assert_int_equal(COUNT(s, "true"), 1);
		assert_int_equal(COUNT(s, "source='a.pcap, nfcapd.202311140000' AND "
					  "src_bytes=1000 AND duration=100"),
		    1);
		done(s, path);
	}
}

/* A capture of the last minute takes nothing from what saw the whole. */
static void nothing_seen_is_lost(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	struct conn_record packets = conn_of(NULL), flow = conn_of("netflow");
	flow.duration = 5000;
	flow.src_bytes = 1 << 30;
	commit_one(s, &flow);
	commit_one(s, &packets);
	assert_int_equal(COUNT(s, "true"), 2);
	assert_int_equal(COUNT(s, "source_kind='netflow' AND duration=5000"), 1);
	done(s, path);
}

/* What roll-ups count stays as they count it. */
static void what_is_rolled_up_keeps_its_numbers(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct store *s = fresh(&path);
	struct conn_record packets = conn_of(NULL), flow = conn_of("netflow");
	commit_one(s, &flow);
	struct policy policy = *store_policy(s);
	struct policy_rule rule;
	uint64_t over;
	assert_true(policy_parse_rule("192.0.2.0/24=1d", &rule));
	assert_true(policy_set(&policy, &rule));
	assert_int_equal(store_set_policy(s, &policy, &e), 0);
	/* Rolls up first. */
	assert_int_equal(
	    store_retain(s, moment_from((LAB_DAY + 9) * 86400, 0), NULL, &over, &e), 0);
	packets.server_name = STR("www.example.com");
	packets.ja4 = STR("t13d");
	commit_one(s, &packets);
	assert_int_equal(COUNT(s, "true"), 1);
	assert_int_equal(COUNT(s, "src_bytes=1400 AND state='SF' AND ja4='t13d' AND "
				  "server_name IS NULL AND "
				  "source_kind='netflow, packets'"),
	    1);
	assert_int_equal(
	    lab_number(s, "SELECT sum(connections)*10000+sum(src_bytes) FROM pair_day"),
	    11400);
	done(s, path);
}

/* In one transaction one kind follows the other. */
static void kinds_in_turn(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	struct conn_record zeek = conn_of("zeek"), flow = conn_of("netflow");
	struct conn_record packets = conn_of(NULL);
	lab_begin(s);
	put(s, &flow);
	put(s, &zeek);
	put(s, &packets);
	lab_commit(s);
	assert_int_equal(COUNT(s, "true"), 1);
	assert_int_equal(COUNT(s, "src_bytes=1000 AND source_kind LIKE 'packets, %' AND "
				  "service='ssl'"),
	    1);
	assert_int_equal(lab_number(s, "SELECT sum(connections) FROM pair_day"), 1);
	/* More turns than are kept apart: rows may stay two, nothing fails. */
	lab_begin(s);
	for (int i = 0; i < 3 * SAME_TURNS_MAX; i++) {
		struct conn_record r = conn_of(i % 2 == 0 ? "zeek" : "netflow");
		r.src_port = (uint16_t)(1000 + i / 2);
		put(s, &r);
	}
	lab_commit(s);
	int64_t rows = COUNT(s, "true") - 1, pairs = 3 * SAME_TURNS_MAX / 2;
	assert_in_range(rows, pairs, 2 * pairs - 1);
	done(s, path);
}

/* Equal endpoints without number must not be compared each with each. */
static void many_of_the_same_ends(void **state)
{
	(void)state;
	char *path;
	enum { MANY = 20000 };
	struct store *s = fresh(&path);
	for (int turn = 0; turn < 2; turn++) {
		lab_begin(s);
		for (int i = 0; i < MANY; i++) {
			struct conn_record r = conn_of(turn == 0 ? NULL : "zeek");
			r.duration = NAN;
			put(s, &r);
		}
		lab_commit(s);
	}
	int64_t n = COUNT(s, "true");
	assert_in_range(n, MANY, 2 * MANY);
	done(s, path);
}

/* DNS, TLS and HTTP: one row is the same as one other. */
static void what_is_no_connection(void **state)
{
	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		char *path;
		struct store *s = fresh(&path);
		for (int k = 0; k < 2; k++) {
			bool zeek = (k == 1) != (turned == 1);
			lab_begin(s);
			struct record_sink sink = store_sink(s);
			for (int i = 0; i < 6; i++) {
				struct dns_record r;
				struct conn_record c = conn_of(zeek ? "zeek" : NULL);
				record_clear(RECORD_DNS, &r);
				r.ts = moment_add(c.ts, i * NS_PER_S / 4);
				r.src_ip = c.src_ip;
				r.dst_ip = c.dst_ip;
				r.src_port = 5353;
				r.dst_port = 53;
				r.proto = STR("udp");
				r.query = STR("www.example.com");
				r.qtype = i % 2 == 0 ? STR("A") : STR("AAAA");
				r.rcode = zeek ? STR("NOERROR") : (struct str){0};
				r.sensor = c.sensor;
				r.source = c.source;
				r.source_kind = c.source_kind;
				record_put(&sink, RECORD_DNS, &r);
			}
			lab_commit(s);
		}
		assert_int_equal(lab_number(s, "SELECT count(*) FROM dns"), 6);
		assert_int_equal(
		    lab_number(s, "SELECT count(*) FROM dns WHERE rcode='NOERROR' AND "
				  "source_kind='packets, zeek'"),
		    6);
		assert_int_equal(lab_number(s, "SELECT max(\"count\") FROM seen WHERE "
					       "via='dns_query' AND kind='name'"),
		    6);
		done(s, path);
	}
}

/* A row names so many sources and no more. */
static void many_sources(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	struct conn_record packets = conn_of(NULL);
	commit_one(s, &packets);
	for (int i = 0; i < SAME_SOURCES_MAX + 4; i++) {
		char name[32];
		struct conn_record flow = conn_of("netflow");
		snprintf(name, sizeof(name), "nfcapd.%d", i);
		flow.source = str_of(name);
		commit_one(s, &flow);
	}
	assert_int_equal(COUNT(s, "true"), 1);
	assert_int_equal(
	    lab_number(s, "SELECT len(string_split(source, ', ')) FROM conn"),
	    SAME_SOURCES_MAX);
	done(s, path);
}

enum { ROWS = 3000 };

static void put_kind(struct store *s, const char *kind)
{
	lab_begin(s);
	for (int i = 0; i < ROWS; i++) {
		struct conn_record r = conn_of(kind);
		r.ts = moment_add(r.ts, i * 60 * NS_PER_S);
		r.src_port = (uint16_t)(1000 + i);
		put(s, &r);
	}
	lab_commit(s);
}

/* Killed at any moment, the rows are as before or as after; run again, as after. */
static void killed_at_any_moment(void **state)
{
	(void)state;
	char *path;
	struct store *s = fresh(&path);
	put_kind(s, "zeek");
	store_close(s);
	int cut = 0;
	for (int round = 0; round < 40; round++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			put_kind(lab_open(path, STORE_WRITE), NULL);
			_exit(0);
		}
		usleep((useconds_t)(round * 2500 + 20000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		s = lab_open(path, STORE_WRITE);
		assert_int_equal(COUNT(s, "true"), ROWS);
		int64_t both = COUNT(s, "source_kind='packets, zeek' AND src_bytes=1000");
		assert_true(both == 0 || both == ROWS);
		assert_int_equal(
		    lab_number(s, "SELECT sum(connections) FROM pair_day"), ROWS);
		store_close(s);
		cut += both == 0;
		if (both == ROWS)
			break;
	}
	print_message("# cut off %d times\n", cut);
	assert_true(cut > 0);
	s = lab_open(path, STORE_WRITE);
	if (COUNT(s, "source_kind='packets, zeek'") == 0)
		put_kind(s, NULL);
	assert_int_equal(
	    COUNT(s, "source_kind='packets, zeek' AND src_bytes=1000"), ROWS);
	done(s, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_better_numbers_stay_in_either_order),
	    cmocka_unit_test(both_directions_and_any_vlan),
	    cmocka_unit_test(what_differs),
	    cmocka_unit_test(clocks_may_differ_by_two_seconds),
	    cmocka_unit_test(pieces_of_netflow),
	    cmocka_unit_test(nothing_seen_is_lost),
	    cmocka_unit_test(what_is_rolled_up_keeps_its_numbers),
	    cmocka_unit_test(kinds_in_turn),
	    cmocka_unit_test(many_of_the_same_ends),
	    cmocka_unit_test(what_is_no_connection),
	    cmocka_unit_test(many_sources),
	    cmocka_unit_test(killed_at_any_moment),
	};
	return cmocka_run_group_tests_name("same", tests, NULL, NULL);
}
