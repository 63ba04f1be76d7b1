/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves, in memories whose truth is known because the test makes them: 30 people
 * who browse and send a little for four months, and one host each that does what B2 of
 * the design describes. Beside them what must stay quiet: everybody's backup, a mail
 * relay, a day on which all send more.
 */
#include <math.h>

#include "memory.h"

#include "../../random.h"
#include "detect/volume/ledger.h"
#include "detect/volume/pair_tests.h"

#define DAY     86400.0
#define DAYS    120
#define PEOPLE  30
#define TURN(i) (77u + 3 * (i)) /* the day on which person i begins */

struct send {
	double at;
	const char *src, *dst, *name;
	uint16_t port;
	uint64_t out, in;
};

static void send_some(struct memory *m, struct send s)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + s.at) * 1e6));
	r.duration = 20;
	assert_true(addr_parse(s.src, &r.src_ip) && addr_parse(s.dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = s.port;
	r.proto = STR("tcp");
	r.server_name = str_of(s.name);
	r.src_bytes = s.out;
	r.dst_bytes = s.in;
	r.src_packets = r.dst_packets = 5;
	r.state = STR("SF");
	r.source = STR("test");
	record_put(&m->sink, RECORD_CONN, &r);
}

/* Log-normal: e^(mean + sd * z), by the sum of twelve. */
static double spread(uint64_t *seed, double mean, double sd)
{
	double z = -6;
	for (int i = 0; i < 12; i++)
		z += random_unit(seed);
	return mean * exp(sd * z);
}

static void person(char out[static 16], unsigned i)
{
	snprintf(out, 16, "10.0.1.%u", i + 1);
}

/* Each visits six of 40 sites a working day, sends a hundredth of what it gets, and backs
 * 4 MB up to where all do. On day 40 all send a hundred times as much. */
static void people(struct memory *m)
{
	uint64_t seed = 11;
	for (unsigned i = 0; i < PEOPLE * DAYS; i++) {
		char src[16], dst[16], name[32];
		unsigned day = i / PEOPLE;
		double at = day * DAY + 9 * 3600;
		person(src, i % PEOPLE);
		for (unsigned k = 0; k < 6 && day % 7 < 5; k++) {
			unsigned site = (unsigned)(random_unit(&seed) * 40);
			snprintf(dst, sizeof(dst), "198.51.100.%u", site + 1);
			snprintf(name, sizeof(name), "site%u.example", site);
			double out = spread(&seed, 20000, 1);
			send_some(m, (struct send){at + 3000 * k, src, dst, name, 443,
					 (uint64_t)(day == 40 ? 500 * out : out),
					 (uint64_t)spread(&seed, 2e6, 1)});
		}
		send_some(m, (struct send){day * DAY + 7200, src, "203.0.113.1",
				 "backup.example", 443, 4000000, 20000});
	}
}

/* The surest upload finding of that person that has the fact. */
static __attribute__((noinline)) const struct finding *upload_of(
    const struct memory *m, unsigned i, enum fact_key key)
{
	char host[16];
	const struct finding *best = NULL, *f = NULL;
	person(host, i);
	for (size_t n = 0; (f = memory_find(m, "upload", host, n)) != NULL; n++) {
		if (memory_fact(f, key) != NULL &&
		    (best == NULL || f->confidence > best->confidence))
			best = f;
	}
	return best;
}

static void expect(const struct memory *m, unsigned i, enum fact_key key,
    enum confidence least, double since)
{
	const struct finding *f = upload_of(m, i, key);
	assert_non_null(f);
	assert_true(f->confidence >= least);
	if (fabs((double)moment_us(f->since) / 1e6 - MEMORY_BEGIN - since) >= DAY)
		print_error("person %u: day %.3f, not %.3f\n", i,
		    ((double)moment_us(f->since) / 1e6 - MEMORY_BEGIN) / DAY,
		    since / DAY);
	double moment = (double)moment_us(f->since) / 1e6 - MEMORY_BEGIN;
	assert_true(fabs(moment - since) < DAY);
}

/* One day, one peer, half a gigabyte. */
static void burst(struct memory *m, unsigned i)
{
	char src[16];
	person(src, i);
	send_some(m, (struct send){TURN(i) * DAY + 50000, src, "192.0.2.66", NULL, 443,
			 500000000, 90000});
}

/* Twelve days, each four times what its pairs usually get at most. */
static void drip(struct memory *m, unsigned i)
{
	char src[16];
	person(src, i);
	for (unsigned d = 0; d < 20; d++)
		send_some(m, (struct send){(TURN(i) + d) * DAY + 40000, src, "192.0.2.77",
				 NULL, 443, 200000, 6000});
}

/* Twelve new peers on a day, 6 MB each. */
static void split(struct memory *m, unsigned i)
{
	char src[16], dst[16];
	person(src, i);
	for (unsigned k = 0; k < 12; k++) {
		snprintf(dst, sizeof(dst), "192.0.2.%u", 100 + k);
		send_some(m, (struct send){TURN(i) * DAY + 50000 + 60 * k, src, dst, NULL,
				 443, 6000000, 9000});
	}
}

/* 50 MB every night. */
static void nightly(struct memory *m, unsigned i)
{
	char src[16];
	person(src, i);
	for (unsigned d = TURN(i); d < DAYS; d++)
		send_some(m, (struct send){d * DAY + 3600, src, "192.0.2.88",
				 "sync.example", 443, 50000000, 90000});
}

/* 200 MB from four hosts, then out. */
static void staging(struct memory *m, unsigned i)
{
	char src[16], from[16];
	person(src, i);
	for (unsigned d = 0; d < DAYS; d++)
		send_some(m, (struct send){d * DAY + 30000, "10.0.2.1", src, NULL, 445,
				 300000, 20000});
	for (unsigned k = 0; k < 4; k++) {
		snprintf(from, sizeof(from), "10.0.2.%u", k + 1);
		send_some(m, (struct send){TURN(i) * DAY + 60000, src, from, NULL, 445,
				 20000, 50000000});
	}
	send_some(m, (struct send){(TURN(i) + 2) * DAY, src, "192.0.2.99", NULL, 443,
			 90000000, 90000});
}

static void test_each(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	people(&m);
	burst(&m, 0);
	drip(&m, 1);
	split(&m, 2);
	nightly(&m, 3);
	staging(&m, 4);
	memory_detect(&m);
	expect(&m, 0, FACT_KEY_BURST, CONFIDENCE_HIGH, TURN(0) * DAY + 50000);
	expect(&m, 1, FACT_KEY_DRIP, CONFIDENCE_HIGH, TURN(1) * DAY + 40000);
	expect(&m, 2, FACT_KEY_SPLIT, CONFIDENCE_MEDIUM, TURN(2) * DAY + 50000);
	expect(&m, 3, FACT_KEY_SCHEDULED, CONFIDENCE_HIGH, TURN(3) * DAY + 3600);
	expect(&m, 4, FACT_KEY_STAGED, CONFIDENCE_MEDIUM, (TURN(4) + 2) * DAY);
	for (size_t i = 0; i < m.count; i++) { /* and nobody else is accused */
		const struct finding *f = &m.findings[i];
		if (strcmp(f->detector, "upload") != 0 || f->host.b[15] <= 5)
			continue;
		assert_true(f->confidence == CONFIDENCE_LOW);
	}
	memory_end(&m);
}

/* The same months with nothing in them: at most what all do, and that is low. */
static void test_quiet(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	people(&m);
	memory_detect(&m);
	for (size_t i = 0; i < m.count; i++) {
		if (strcmp(m.findings[i].detector, "upload") == 0)
			assert_true(m.findings[i].confidence == CONFIDENCE_LOW);
	}
	memory_end(&m);
}

/* Two days, one host, one pair that only sends where the host else receives. */
static void test_short(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (unsigned k = 0; k < 8; k++)
		send_some(&m, (struct send){k * 20000, "10.0.0.5",
				  k % 2 != 0 ? "198.51.100.7" : "198.51.100.8", NULL, 443,
				  2000, 900000});
	send_some(&m,
	    (struct send){50000, "10.0.0.5", "192.0.2.66", NULL, 443, 60000000, 40000});
	send_some(
	    &m, (struct send){50000, "10.0.0.5", "192.0.2.67", NULL, 25, 6000000, 4000});
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "upload", "10.0.0.5", 0);
	assert_non_null(f);
	assert_true(str_equal(f->peer, STR("192.0.2.66")));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	const struct fact *usual = memory_fact(f, FACT_KEY_USUAL_RATIO);
	assert_non_null(usual);
	assert_true(usual->value[0] > 1000 && usual->value[1] < 1);
	f = memory_find(&m, "upload", "10.0.0.5", 1);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(f, FACT_KEY_NO_USUAL));
	memory_end(&m);
}

/* Outsiders fetch a megabyte a day from a server, and half a gigabyte on one. */
static void test_served(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (unsigned d = 0; d < 60; d++)
		send_some(&m, (struct send){d * DAY + 1000, "198.51.100.9", "10.0.0.5",
				  NULL, 443, 900, 1000000 + d * 7919 % 1000});
	send_some(&m, (struct send){50 * DAY + 5000, "192.0.2.50", "10.0.0.5", NULL, 443,
			  900, 500000000});
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "upload", "10.0.0.5", 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR("192.0.2.50")));
	assert_non_null(memory_fact(f, FACT_KEY_BURST));
	assert_non_null(memory_fact(f, FACT_KEY_ODD_ALONE));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

static void mail(struct memory *m, const char *src, const char *dst, const char *id)
{
	struct smtp_record r;
	record_clear(RECORD_SMTP, &r);
	r.ts = moment_from_us((int64_t)(MEMORY_BEGIN * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.dst_port = 587;
	r.header_from = STR("a@example.org");
	r.msg_id = str_of(id);
	r.mail_bytes = 832;
	r.source = STR("test");
	record_put(&m->sink, RECORD_SMTP, &r);
}

static void store(struct memory *m, const char *src, const char *dst, const char *command)
{
	struct ftp_record r;
	record_clear(RECORD_FTP, &r);
	r.ts = moment_from_us((int64_t)(MEMORY_BEGIN * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.dst_port = 21;
	r.command = str_of(command);
	r.data_bytes = 5300;
	r.reply_code = 226;
	r.source = STR("test");
	record_put(&m->sink, RECORD_FTP, &r);
}

/* What the protocols say themselves, however little it is; not what is fetched, what a
 * mail program wrote, what a relay hands on, or what stays inside. */
static void test_pushed(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	mail(&m, "10.0.0.5", "192.0.2.25", NULL);
	mail(&m, "10.0.0.6", "192.0.2.25", "<1@example.org>");
	mail(&m, "10.0.0.7", "10.0.0.25", NULL);
	mail(&m, "10.0.0.25", "192.0.2.25", NULL);
	store(&m, "10.0.0.8", "192.0.2.21", "STOR");
	store(&m, "10.0.0.9", "192.0.2.21", "RETR");
	store(&m, "10.0.0.9", "10.0.0.21", "STOR");
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "upload", "10.0.0.5", 0);
	assert_non_null(f);
	assert_non_null(memory_fact(f, FACT_KEY_MAILED));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	f = memory_find(&m, "upload", "10.0.0.8", 0);
	assert_non_null(f);
	assert_int_equal(f->bytes_out, 5300);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_null(memory_find(&m, "upload", "10.0.0.6", 0));
	assert_null(memory_find(&m, "upload", "10.0.0.7", 0));
	assert_null(memory_find(&m, "upload", "10.0.0.9", 0));
	assert_null(memory_find(&m, "upload", "10.0.0.25", 0));
	memory_end(&m);
}

/* More days than a pair may have: counted, the rest is as before. */
static void test_pair_limit(void **state)
{
	(void)state;
	struct pair p = {.days = calloc(PAIR_DAYS_MAX, sizeof(*p.days))};
	const struct series_key key = {.projection = SERIES_ADDRESS};
	assert_non_null(p.days);
	pair_begin(&p, &key);
	for (int64_t d = 0; d < PAIR_DAYS_MAX + 5; d++) {
		const struct series_event v = {.ts = d * 86400000000, .out = 10};
		pair_event(&p, &v);
	}
	assert_int_equal(p.n, PAIR_DAYS_MAX);
	assert_int_equal(p.dropped, 5);
	free(p.days);
}

/* More hosts than the ledger takes: counted, those that it has stay. */
static void test_ledger_limit(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l, 1);
	for (uint32_t i = 0; i < LEDGER_HOSTS_MAX + 3; i++) {
		const uint8_t b[4] = {
		    10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		const struct addr a = addr_from_v4(b);
		uint32_t n = ledger_host(&l, &a);
		assert_int_equal(n, i < LEDGER_HOSTS_MAX ? i : UINT32_MAX);
	}
	assert_int_equal(l.over_limit, 3);
	ledger_fini(&l);
}

/* Leads beyond the limit: the lower half goes. */
static void test_leads_limit(void **state)
{
	(void)state;
	struct leads l;
	struct pair p = {.key = {.peer = STR("192.0.2.1"), .proto = STR("tcp")}};
	leads_init(&l);
	for (unsigned i = 0; i <= LEADS_MAX; i++) {
		struct lead *v = leads_add(&l, &p);
		assert_non_null(v);
		v->v.finding.score = i;
	}
	assert_int_equal(l.n, LEADS_MAX / 2 + 1);
	assert_int_equal(l.dropped, LEADS_MAX / 2);
	leads_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each),
	    cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_short),
	    cmocka_unit_test(test_served),
	    cmocka_unit_test(test_pushed),
	    cmocka_unit_test(test_pair_limit),
	    cmocka_unit_test(test_ledger_limit),
	    cmocka_unit_test(test_leads_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
