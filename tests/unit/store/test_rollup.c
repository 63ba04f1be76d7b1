/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roll-ups: however records came in, were rolled up and merged, each view says the same
 * as SQL over the plain rows; and so it does after kill -9 at any moment.
 */
#include "store_lab.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store/memory.h"
#include "store/pairs.h"
#include "sys/file.h"

#define ROUNDS        12 /* commits, each rolled up by itself */
#define ROUND_CONNS   700
#define KILLS         200 /* test_crash.c adds 50 of commits alone */
#define KILL_CONNS    150
#define KILL_MEMORIES 10 /* so that none has many runs */

static const char *const views[] = {"pair_day", "pair_month", "pair_year",
    "pair_day_by_dst", "pair_month_by_dst", "pair_year_by_dst", "seen", "watch_hour"};
#define VIEW_COUNT (sizeof(views) / sizeof(views[0]))

/* The same numbers at each run. */
static uint32_t pick(uint64_t *state, uint32_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33) % n;
}

static struct addr some_addr(uint64_t *state, uint8_t net)
{
	uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, [14] = net};
	v6[15] = (uint8_t)pick(state, 9);
	return pick(state, 4) == 0 ? addr_from_v6(v6) : lab_v4(10, net, 0, v6[15]);
}

/* Anything from 1970 to 2262, most of it in a few months. */
static struct moment some_time(uint64_t *state)
{
	int64_t second = (int64_t)LAB_DAY * 86400 + pick(state, 90 * 86400);
	if (pick(state, 50) == 0)
		second = (int64_t)pick(state, 2000000000) * 4;
	return moment_from(second, (int64_t)pick(state, 1000000) * 1000);
}

static void put_conn(const struct record_sink *sink, uint64_t *state)
{
	static const char *const names[] = {NULL, "www.example.co.uk", "", "198.51.100.7",
	    "a.b.c.example",
	    "b\xc3\xbc"
	    "cher.example",
	    "localhost"};
	static const char *const protos[] = {"tcp", "udp", "icmp"};
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = some_time(state);
	if (pick(state, 3) > 0)
		r.duration = (double)pick(state, 4000000) / 1e3;
	if (pick(state, 40) == 0)
		r.duration = (double)pick(state, 4000) * 86400.0;
	r.src_ip = some_addr(state, 1);
	r.dst_ip = some_addr(state, 2);
	r.dst_port = (uint16_t)(pick(state, 3) * 200);
	r.proto = str_of(protos[pick(state, 3)]);
	r.src_bytes = pick(state, 100000);
	r.dst_bytes = pick(state, 1000);
	r.missed_bytes = pick(state, 3);
	r.dst_packets = pick(state, 2);
	r.server_name = str_of(names[pick(state, 7)]);
	r.sensor = STR("hq");
	record_put(sink, RECORD_CONN, &r);
}

static void put_dns(const struct record_sink *sink, uint64_t *state)
{
	static const char *const answers[] = {"192.0.2.1", "2001:db8::1",
	    "mail.example.org", "v=spf1 include:example.org -all", "10 mx.example.org",
	    "x", "odd\\x00.name"};
	struct dns_record r;
	char query[32];
	struct str v[3];
	record_clear(RECORD_DNS, &r);
	r.ts = some_time(state);
	r.src_ip = some_addr(state, 1);
	snprintf(
	    query, sizeof(query), "h%u.d%u.example.com", pick(state, 5), pick(state, 9));
	r.query = str_of(pick(state, 9) > 0 ? query : NULL);
	for (size_t i = 0; i < 3; i++)
		v[i] = str_of(answers[pick(state, 7)]);
	r.answers = (struct str_list){v, pick(state, 4)};
	record_put(sink, RECORD_DNS, &r);
}

static void put_tls(const struct record_sink *sink, uint64_t *state)
{
	static const struct str names[] = {{"a.example.net", 13}, {"*.example.net", 13}};
	struct tls_record t;
	struct cert_record c;
	record_clear(RECORD_TLS, &t);
	record_clear(RECORD_CERT, &c);
	t.ts = c.ts = some_time(state);
	t.src_ip = c.src_ip = some_addr(state, 1);
	t.sni = STR("a.example.net");
	t.ja3 = STR("aaaa");
	t.ja3s = STR("bbbb");
	t.ja4 = STR("t13d");
	if (pick(state, 2) > 0)
		t.cert_sha256 = STR("cccc");
	t.san = c.san_dns = (struct str_list){names, pick(state, 3)};
	c.sha256 = STR("cccc");
	record_put(sink, RECORD_TLS, &t);
	record_put(sink, RECORD_CERT, &c);
}

static void put_others(const struct record_sink *sink, uint64_t *state)
{
	struct http_record h;
	struct ssh_record s;
	struct watch_record w;
	record_clear(RECORD_HTTP, &h);
	record_clear(RECORD_SSH, &s);
	record_clear(RECORD_WATCH, &w);
	h.ts = s.ts = w.ts = some_time(state);
	w.ts.ns -= w.ts.ns % (60 * NS_PER_S);
	h.src_ip = s.src_ip = some_addr(state, 1);
	h.host = pick(state, 2) > 0 ? STR("www.example.com") : STR("203.0.113.9");
	h.user_agent = STR("curl/8 (a; b)");
	s.hassh = STR("dddd");
	s.hassh_server = STR("eeee");
	w.sensor = STR("hq");
	if (pick(state, 2) > 0)
		w.kind = STR("zeek");
	w.packets = pick(state, 10);
	w.bytes = pick(state, 10000);
	record_put(sink, RECORD_HTTP, &h);
	record_put(sink, RECORD_SSH, &s);
	record_put(sink, RECORD_WATCH, &w);
}

static struct str one_of(uint64_t *state, const char *const *v, uint32_t n)
{
	return str_of(v[pick(state, n)]);
}

static struct addr some_lessee(uint64_t *state)
{
	uint32_t which = pick(state, 3);
	return which == 0   ? (struct addr){0}
	       : which == 1 ? lab_v4(0, 0, 0, 0)
			    : lab_v4(10, 3, 0, (uint8_t)pick(state, 5));
}

/* What machines are called, and their hardware addresses, well said or not. */
static void put_machines(const struct record_sink *sink, uint64_t *state)
{
	static const char *const macs[] = {NULL, "", "02:00:00:aa:bb:01",
	    "02-00-00-AA-BB-01", "0200.00aa.bb02", "01:0c:cd:01:00:00",
	    "00:00:00:00:00:00", "02:00:00:aa:bb", "491701234567", "02:00:00:aa:bb:0g"};
	static const char *const names[] = {NULL, "", "PC-1", "pc-1.corp.example.",
	    "10.3.0.4", "two words", "\\x01\\x02__msbrowse__", "."};
	static const char *const clients[] = {NULL, "PC-1$/CORP.EXAMPLE", "pc-2$",
	    "alice/CORP.EXAMPLE", "$/X", "a$b/X", "host/pc-1.corp.example$/X"};
	static const char *const trees[] = {NULL, "\\\\SRV\\C$", "\\\\10.3.0.4\\IPC$",
	    "\\\\srv.corp.example", "\\\\", "C$"};
	static const char *const kinds[] = {
	    "nbns registration", "nbns refresh", "nbns", "dns", NULL};
	static const char *const registered[] = {
	    NULL, "pc-1", "CORP", "\\x01\\x02__msbrowse__", "10.3.0.4"};
	struct dhcp_record d;
	struct dns_record q;
	struct ntlm_record n;
	struct kerberos_record k;
	struct smb_record m;
	struct radius_record u;
	struct rdp_record p;
	struct rpc_record c;
	struct ot_record o;
	record_clear(RECORD_DHCP, &d);
	record_clear(RECORD_DNS, &q);
	record_clear(RECORD_NTLM, &n);
	record_clear(RECORD_KERBEROS, &k);
	record_clear(RECORD_SMB, &m);
	record_clear(RECORD_RADIUS, &u);
	record_clear(RECORD_RDP, &p);
	record_clear(RECORD_RPC, &c);
	record_clear(RECORD_OT, &o);
	d.ts = q.ts = n.ts = k.ts = m.ts = u.ts = p.ts = c.ts = o.ts = some_time(state);
	q.src_ip = n.src_ip = k.src_ip = p.src_ip = c.src_ip = some_addr(state, 1);
	n.dst_ip = m.dst_ip = some_addr(state, 2);
	d.mac = one_of(state, macs, 10);
	d.host_name = one_of(state, names, 8);
	d.client_fqdn = one_of(state, names, 8);
	d.assigned_addr = some_lessee(state);
	d.client_addr = some_lessee(state);
	d.requested_addr = some_lessee(state);
	q.kind = one_of(state, kinds, 5);
	q.query = one_of(state, registered, 5);
	n.hostname = one_of(state, names, 8);
	n.server_nb_computer_name = one_of(state, names, 8);
	n.server_dns_computer_name = one_of(state, names, 8);
	k.client = one_of(state, clients, 7);
	m.path = one_of(state, trees, 6);
	u.mac = one_of(state, macs, 10);
	u.framed_addr = some_lessee(state);
	p.client_name = one_of(state, names, 8);
	c.machine = one_of(state, names, 8);
	o.src_mac = one_of(state, macs, 10);
	o.dst_mac = one_of(state, macs, 10);
	record_put(sink, RECORD_DHCP, &d);
	record_put(sink, RECORD_DNS, &q);
	record_put(sink, RECORD_NTLM, &n);
	record_put(sink, RECORD_KERBEROS, &k);
	record_put(sink, RECORD_SMB, &m);
	record_put(sink, RECORD_RADIUS, &u);
	record_put(sink, RECORD_RDP, &p);
	record_put(sink, RECORD_RPC, &c);
	record_put(sink, RECORD_OT, &o);
}

static void put_round(struct store *s, uint64_t round)
{
	struct record_sink sink = store_sink(s);
	uint64_t state = round * 1000003 + 7;
	for (int i = 0; i < ROUND_CONNS; i++)
		put_conn(&sink, &state);
	for (int i = 0; i < ROUND_CONNS / 5; i++) {
		put_dns(&sink, &state);
		put_tls(&sink, &state);
		put_others(&sink, &state);
		if (round % 3 == 2 && i % 5 == 0) /* many tables: files of their own */
			put_machines(&sink, &state);
	}
}

static int64_t count_of(struct store *s, const char *view)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", view);
	return lab_number(s, sql);
}

/* A number that depends on all of a view's rows, not on their order. */
static int64_t sum_of(struct store *s, const char *view)
{
	char sql[160];
	snprintf(sql, sizeof(sql),
	    "SELECT (sum(hash(t::VARCHAR)%%1000000007))::BIGINT FROM (FROM %s) t", view);
	return lab_number(s, sql);
}

static void assert_same(struct store *a, struct store *b)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		if (count_of(a, views[i]) != count_of(b, views[i]) ||
		    sum_of(a, views[i]) != sum_of(b, views[i]))
			fail_msg("%s differs: %lld and %lld rows", views[i],
			    (long long)count_of(a, views[i]),
			    (long long)count_of(b, views[i]));
	}
}

static void roll_all(struct store *s)
{
	struct error e = {0};
	int done;
	while ((done = memory_roll(s, true, &e)) > 0)
		continue;
	if (done < 0)
		fail_msg("%s", e.text);
}

static void merge_all(struct store *s)
{
	struct error e = {0};
	int done;
	while ((done = memory_merge(s, &e)) > 0)
		continue;
	if (done < 0)
		fail_msg("%s", e.text);
}

static size_t files_of(const struct store *s)
{
	size_t n = 0;
	for (int set = 0; set < RUN_SETS; set++)
		n += catalog_runs(&s->catalog, (enum run_set)set)->n;
	return n;
}

static void views_say_the_same_however_rows_came(void **state)
{
	(void)state;
	char *plain = lab_folder(), *rolled = lab_folder();
	struct store *a = lab_open(plain, STORE_WRITE),
		     *b = lab_open(rolled, STORE_WRITE);
	lab_begin(a);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		put_round(a, i);
		lab_begin(b);
		put_round(b, i);
		lab_commit(b);
		if (i % 4 != 3) /* some rounds are rolled up together */
			roll_all(b);
	}
	lab_commit(a);
	assert_same(
	    a, b); /* rows that are not rolled up, against several runs and a tail */
	roll_all(b);
	size_t before = files_of(b);
	assert_same(a, b);
	merge_all(b);
	assert_true(files_of(b) < before);
	assert_same(a, b);
	store_close(b);
	b = lab_open(rolled, STORE_READ);
	assert_same(a, b);
	assert_int_equal(b->catalog.merged.n, 0);
	store_close(b);
	/* A memory of an older dwell has no note: nothing of it counts as rolled up. */
	char *note;
	assert_true(asprintf(&note, "%s/" UNROLLED_NOTE, plain) > 0);
	store_close(a);
	assert_int_equal(unlink(note), 0);
	free(note);
	a = lab_open(plain, STORE_READ);
	b = lab_open(rolled, STORE_READ);
	assert_same(a, b);
	store_close(a);
	a = lab_open(plain, STORE_WRITE);
	roll_all(a);
	assert_same(a, b);
	store_close(a);
	store_close(b);
	lab_done(plain);
	lab_done(rolled);
}

/* Replace a file of a memory. */
static void rewrite(const char *path, const char *name, const char *text)
{
	char *file;
	assert_true(asprintf(&file, "%s/%s", path, name) > 0);
	assert_int_equal(file_replace(file, text, strlen(text), NULL), 0);
	free(file);
}

/* What a dwell of format 1 wrote: its note knows nothing of the tables that name
 * machines. They are counted from the first look on, and rolled up once. */
static void machines_of_older_memories_are_counted(void **state)
{
	(void)state;
	char *path = lab_folder(), *config, *file, *at;
	size_t n;
	struct store *s = lab_open(path, STORE_WRITE);
	uint64_t numbers = 5;
	struct record_sink sink = store_sink(s);
	lab_begin(s);
	for (int i = 0; i < 300; i++)
		put_machines(&sink, &numbers);
	lab_commit(s);
	int64_t rows =
	    count_of(s, "seen WHERE kind IN ('mac','host_name') AND via<>'nbns'");
	int64_t sum = sum_of(s, "seen WHERE kind IN ('mac','host_name') AND via<>'nbns'");
	assert_true(rows > 20);
	store_close(s);
	assert_true(asprintf(&file, "%s/dwell.json", path) > 0);
	config = file_read(file, 1 << 20, &n, NULL);
	assert_non_null(config);
	at = strstr(config, "\"format\": 2");
	assert_non_null(at);
	at[10] = '1';
	rewrite(path, "dwell.json", config);
	free(config);
	rewrite(path, UNROLLED_NOTE, "{\"seq\":9,\"unrolled\":[]}");
	for (int i = 0; i < 3; i++) {
		s = lab_open(path, i == 1 ? STORE_WRITE : STORE_READ);
		if (i == 1)
			roll_all(s);
		assert_int_equal(
		    count_of(s, "seen WHERE kind IN ('mac','host_name') AND via<>'nbns'"),
		    rows);
		assert_int_equal(
		    sum_of(s, "seen WHERE kind IN ('mac','host_name') AND via<>'nbns'"),
		    sum);
		assert_int_equal(catalog_runs(&s->catalog, RUNS_SEEN)->n > 0, i > 0);
		store_close(s);
	}
	config = file_read(file, 1 << 20, &n, NULL);
	assert_non_null(strstr(config, "\"format\": 2"));
	free(config);
	free(file);
	lab_done(path);
}

static void views_agree_with_a_plain_sum(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	for (int i = 0; i < 3; i++) {
		lab_begin(s);
		put_round(s, (uint64_t)i);
		lab_commit(s);
		if (i < 2)
			roll_all(s);
	}
	static const char *const plain[] = {
	    "SELECT count(*) FROM conn",
	    "SELECT sum(src_bytes)::BIGINT FROM conn",
	    "SELECT count(*) FROM conn WHERE dst_packets = 0",
	    "SELECT epoch_us(min(ts)) FROM conn",
	};
	static const char *const sums[] = {"sum(connections)::BIGINT",
	    "sum(src_bytes)::BIGINT", "sum(unanswered)::BIGINT",
	    "epoch_us(min(first_seen))"};
	for (size_t v = 0; v < 6; v++) {
		for (size_t i = 0; i < 4; i++) {
			char sql[128];
			snprintf(
			    sql, sizeof(sql), "SELECT %s FROM %s", sums[i], views[v]);
			assert_int_equal(lab_number(s, sql), lab_number(s, plain[i]));
		}
	}
	assert_int_equal(
	    lab_number(s, "SELECT sum(count)::BIGINT FROM seen WHERE via='dns_query'"
			  " AND kind='name'"),
	    lab_number(s, "SELECT count(*) FROM dns WHERE query<>'' AND "
			  "in_net(query,'::/0') IS NULL"));
	assert_int_equal(
	    lab_number(s, "SELECT sum(bit_count(minutes))::BIGINT FROM watch_hour"),
	    lab_number(
		s, "SELECT count(*) FROM (SELECT DISTINCT ts,sensor,kind FROM watch)"));
	store_close(s);
	lab_done(path);
}

static void a_scan_makes_few_rows(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (int port = 1; port <= 3000; port++) {
		struct conn_record r = lab_conn(0, 7, 1);
		r.dst_port = (uint16_t)port;
		record_put(&sink, RECORD_CONN, &r);
		r.dst_ip = lab_v4(198, 51, 100, (uint8_t)(port % 200));
		r.dst_port = 80;
		record_put(&sink, RECORD_CONN, &r);
	}
	lab_commit(s);
	roll_all(s);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM pair_day WHERE dst_ip='198.51.100.7'"),
	    PAIRS_PORTS_MAX + 1);
	assert_int_equal(
	    lab_number(s, "SELECT connections FROM pair_day WHERE dst_port=0"),
	    3000 - PAIRS_PORTS_MAX);
	assert_int_equal(
	    lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_day"), 6000);
	store_close(s);
	lab_done(path);
}

static void a_damaged_run_is_named(void **state)
{
	(void)state;
	struct error e = {0};
	char *path = lab_folder(), *file;
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 5000, 2, 1);
	lab_commit(s);
	roll_all(s);
	assert_true(asprintf(&file, "%s/%s", path,
			catalog_runs(&s->catalog, RUNS_PAIR_YEAR)->paths[0]) > 0);
	store_close(s);
	assert_int_equal(truncate(file, 1000), 0);
	s = lab_open(path, STORE_READ);
	assert_int_equal(
	    lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_day"), 5000);
	assert_null(store_query(s, "SELECT * FROM pair_year", &e));
	assert_int_equal(e.code, ERR_MEMORY);
	assert_non_null(strstr(e.text, "pair/year/by_src/hq-"));
	store_close(s);
	free(file);
	lab_done(path);
}

/* ---- kill -9 ---- */

/* Commit, roll up and merge, as fast as it goes, for ever. */
static _Noreturn void toil(const char *path, uint64_t from, int ready)
{
	struct error e = {0};
	struct store *s = store_open(path, STORE_WRITE, &e);
	if (s == NULL || write(ready, "o", 1) != 1)
		_exit(2);
	(void)fcntl(ready, F_SETFL, O_NONBLOCK);
	for (uint64_t i = from;; i++) {
		if (store_begin(s, &e) < 0)
			_exit(3);
		struct record_sink sink = store_sink(s);
		uint64_t state = i;
		for (int k = 0; k < KILL_CONNS; k++) {
			struct conn_record r =
			    lab_conn((int)pick(&state, 10), pick(&state, 80000), 1);
			record_put(&sink, RECORD_CONN, &r);
		}
		if (store_commit(s, &e) < 0 || memory_roll(s, true, &e) < 0 ||
		    memory_merge(s, &e) < 0)
			_exit(4);
		(void)!write(ready, "c", 1); /* a round is done */
	}
}

static long since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000 + now.tv_nsec - start->tv_nsec;
}

/* Let a child toil and kill it after ns; with negative ns
 * after its first round. How long it toiled. */
static long kill_after(const char *path, uint64_t round, long ns)
{
	int ready[2], status;
	char c;
	struct timespec start;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		toil(path, round * 1000, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (ns < 0)
		assert_int_equal(read(ready[0], &c, 1), 1);
	else
		nanosleep(&(struct timespec){ns / 1000000000, ns % 1000000000}, NULL);
	long took = since(&start);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(ready[0]);
	return took;
}

/* What must hold after each kill; the rest is looked at now and then. */
static int64_t check(struct store *s, bool all)
{
	int64_t conns = count_of(s, "conn");
	assert_int_equal(conns % KILL_CONNS, 0);
	assert_int_equal(
	    lab_number(s, "SELECT coalesce(sum(connections),0)::BIGINT FROM pair_month"),
	    conns);
	if (!all)
		return conns;
	assert_int_equal(lab_number(s, "SELECT coalesce(sum(connections),0)::BIGINT FROM "
				       "pair_year_by_dst"),
	    conns);
	assert_int_equal(lab_number(s, "SELECT coalesce(sum(count),0)::BIGINT FROM seen "
				       "WHERE kind='address'"),
	    2 * conns);
	return conns;
}

static void killed_at_any_moment_nothing_is_lost_or_doubled(void **state)
{
	(void)state;
	unsigned seed = 11;
	int64_t done = 0;
	for (int memory = 0; memory < KILL_MEMORIES; memory++) {
		char *path = lab_folder();
		int64_t before = 0;
		long round = kill_after(path, 0, -1);
		for (uint64_t i = 1; i < KILLS / KILL_MEMORIES + 1; i++) {
			double part = (double)rand_r(&seed) / RAND_MAX * 1.5;
			kill_after(path, i, (long)(part * (double)round));
			struct store *s =
			    lab_open(path, i % 8 == 0 ? STORE_WRITE : STORE_READ);
			int64_t conns = check(s, i % 8 == 1);
			assert_true(conns >= before);
			before = conns;
			store_close(s);
		}
		done += before / KILL_CONNS;
		lab_done(path);
	}
	print_message("# %d kills among %lld commits\n", KILLS, (long long)done);
	assert_true(done > KILLS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(views_say_the_same_however_rows_came),
	    cmocka_unit_test(machines_of_older_memories_are_counted),
	    cmocka_unit_test(views_agree_with_a_plain_sum),
	    cmocka_unit_test(a_scan_makes_few_rows),
	    cmocka_unit_test(a_damaged_run_is_named),
	    cmocka_unit_test(killed_at_any_moment_nothing_is_lost_or_doubled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
