/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of servers: changed, beside the old one, abroad, shared; and what has them by
 * right. Memories whose truth the test makes. */
#include "memory.h"

#define DAY    86400.0
#define SERVER "10.0.0.20"
#define OLD    "aa:aa"
#define NEW    "bb:bb"

struct shown {
	const char *src, *dst, *alg, *key, *program;
};

static void begin(struct memory *m)
{
	memory_begin(m);
	m->only = "keys";
	/* Others that make few hosts few. */
	for (int i = 1; i <= 60; i++) {
		char src[16];
		snprintf(src, sizeof(src), "10.0.7.%d", i);
		memory_conn(m, (struct memory_conn){.at = i,
				   .src = src,
				   .dst = "198.51.100.1",
				   .port = 443,
				   .out = 1,
				   .in = 1});
	}
	memory_conn(m, (struct memory_conn){.at = 60 * DAY,
			   .src = "10.0.7.1",
			   .dst = "198.51.100.1",
			   .port = 443,
			   .out = 1,
			   .in = 1});
}

static void ssh(struct memory *m, const struct shown *s, double at)
{
	struct ssh_record r;
	record_clear(RECORD_SSH, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(s->src, &r.src_ip) && addr_parse(s->dst, &r.dst_ip));
	r.dst_port = 22;
	r.host_key_alg = str_of(s->alg != NULL ? s->alg : "ssh-ed25519");
	r.host_key = str_of(s->key);
	r.server = str_of(s->program != NULL ? s->program : "SSH-2.0-OpenSSH_9.2");
	r.source = STR("test");
	record_put(&m->sink, RECORD_SSH, &r);
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = s->src,
			   .dst = s->dst,
			   .port = 22,
			   .service = "ssh",
			   .out = 4000,
			   .in = 5000});
}

static void tls(struct memory *m, const char *src, const char *dst, bool self, double at)
{
	struct tls_record r;
	record_clear(RECORD_TLS, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.dst_port = 443;
	r.cert_sha256 = STR("0123");
	r.subject = STR("CN=a.example");
	r.issuer = self ? r.subject : STR("CN=Authority");
	r.source = STR("test");
	record_put(&m->sink, RECORD_TLS, &r);
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = 443,
			   .service = "ssl",
			   .out = 400,
			   .in = 500});
}

/* Daily, from the first to the last day. */
static void daily(struct memory *m, const struct shown *s, int from, int to)
{
	for (int day = from; day <= to; day++)
		ssh(m, s, day * DAY + 3600);
}

static const struct finding *only(struct memory *m)
{
	memory_detect(m);
	assert_int_equal(m->count, 1);
	return &m->findings[0];
}

/* One client meets another key while the others meet the old one. */
static void test_between(void **state)
{
	(void)state;
	struct memory m;
	begin(&m);
	daily(&m, &(struct shown){"10.0.0.5", SERVER, NULL, OLD, NULL}, 0, 30);
	daily(&m, &(struct shown){"10.0.0.6", SERVER, NULL, OLD, NULL}, 0, 50);
	daily(
	    &m, &(struct shown){"10.0.0.5", SERVER, NULL, NEW, "SSH-2.0-other"}, 31, 40);
	const struct finding *f = only(&m);
	assert_non_null(memory_fact(f, FACT_KEY_KEY_BESIDE));
	assert_non_null(memory_fact(f, FACT_KEY_KEY_PROGRAM));
	assert_null(memory_fact(f, FACT_KEY_KEY_GONE));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(f->direction, DIRECTION_INTERNAL);
	assert_int_equal(f->since_kind, SINCE_ONSET);
	assert_int_equal(
	    f->since.ns / 1000000000, (int64_t)(MEMORY_BEGIN + 31 * DAY + 3600));
	const struct fact *k = memory_fact(f, FACT_KEY_KEY_CHANGED);
	assert_true(str_equal(k->text, STR(NEW)));
	assert_true(k->value[2] == 82); /* connections that met the old one */
	memory_end(&m);
}

/* A server that is set up anew is told, low, with what speaks against it; the three names
 * of an RSA key, a key of another kind, a host of few visits and one of many keys from
 * the first day on are not. */
static void test_anew(void **state)
{
	(void)state;
	struct memory m;
	begin(&m);
	daily(&m, &(struct shown){"10.0.0.5", SERVER, NULL, OLD, NULL}, 0, 30);
	daily(&m, &(struct shown){"10.0.0.5", SERVER, NULL, NEW, NULL}, 31, 40);
	daily(&m, &(struct shown){"10.0.0.5", "10.0.0.21", "ssh-rsa", "c1", NULL}, 0, 20);
	daily(&m, &(struct shown){"10.0.0.5", "10.0.0.21", "rsa-sha2-512", "c1", NULL},
	    21, 30);
	daily(&m,
	    &(struct shown){"10.0.0.5", "10.0.0.21", "ecdsa-sha2-nistp256", "c2", NULL},
	    31, 40);
	daily(&m, &(struct shown){"10.0.0.5", "10.0.0.22", NULL, "d1", NULL}, 0, 3);
	daily(&m, &(struct shown){"10.0.0.5", "10.0.0.22", NULL, "d2", NULL}, 20, 23);
	for (int day = 0; day < 40; day++)
		ssh(&m,
		    &(struct shown){
			"10.0.0.5", "10.0.0.23", NULL, day % 2 == 0 ? "e1" : "e2", NULL},
		    day * DAY);
	const struct finding *f = only(&m);
	assert_true(str_equal(f->peer, STR(SERVER)));
	assert_non_null(memory_fact(f, FACT_KEY_KEY_GONE));
	assert_null(memory_fact(f, FACT_KEY_KEY_BESIDE));
	assert_null(memory_fact(f, FACT_KEY_KEY_PROGRAM));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* An address outside has the key of a server of ours; a clone inside has it by right. */
static void test_abroad(void **state)
{
	(void)state;
	struct memory m;
	begin(&m);
	daily(&m, &(struct shown){"10.0.0.5", SERVER, NULL, OLD, NULL}, 0, 30);
	daily(&m, &(struct shown){"10.0.0.5", "10.0.0.24", NULL, OLD, NULL}, 0, 30);
	ssh(&m, &(struct shown){"10.0.0.6", "203.0.113.9", NULL, OLD, NULL}, 20 * DAY);
	const struct finding *f = only(&m);
	assert_true(str_equal(f->peer, STR("203.0.113.9")));
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(f, FACT_KEY_KEY_ABROAD));
	assert_non_null(memory_fact(f, FACT_KEY_KEY_OWN_OUTSIDE));
	memory_end(&m);
}

/* Strangers with one key, and with one certificate of their own making. One network, a
 * certificate that somebody vouches for: by right. Many addresses: low. */
static void test_shared(void **state)
{
	(void)state;
	struct memory m;
	begin(&m);
	ssh(&m, &(struct shown){"10.0.0.5", "203.0.113.9", NULL, OLD, NULL}, 20 * DAY);
	ssh(&m, &(struct shown){"10.0.0.5", "192.0.2.9", NULL, OLD, NULL}, 21 * DAY);
	ssh(&m, &(struct shown){"10.0.0.5", "192.0.2.9", NULL, OLD, NULL}, 22 * DAY);
	ssh(&m, &(struct shown){"10.0.0.5", "192.0.2.10", NULL, NEW, NULL}, 21 * DAY);
	ssh(&m, &(struct shown){"10.0.0.5", "192.0.2.11", NULL, NEW, NULL}, 21 * DAY);
	const struct finding *f = only(&m);
	assert_true(str_equal(f->peer, STR("192.0.2.9")));
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	const struct fact *k = memory_fact(f, FACT_KEY_KEY_SHARED);
	assert_true(str_equal(k->text, STR("203.0.113.9")));
	assert_true(k->value[1] == 2 && k->value[2] == 2);
	memory_end(&m);
	for (int self = 0; self < 2; self++) {
		begin(&m);
		tls(&m, "10.0.0.5", "203.0.113.9", self == 1, 20 * DAY);
		tls(&m, "10.0.0.5", "192.0.2.9", self == 1, 21 * DAY);
		memory_detect(&m);
		assert_int_equal(m.count, self);
		memory_end(&m);
	}
}

/* Of one key 64 addresses are looked at, and 256 findings told. */
static void test_limits(void **state)
{
	(void)state;
	struct memory m;
	begin(&m);
	for (int i = 0; i < 80; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "45.%d.0.1", i);
		ssh(&m, &(struct shown){"10.0.0.5", dst, NULL, OLD, NULL}, i * 60);
	}
	for (int i = 0; i < 300; i++) {
		for (int j = 0; j < 2; j++) {
			char dst[24], key[16];
			snprintf(
			    dst, sizeof(dst), "%d.%d.%d.7", 51 + j, i / 200, i % 200);
			snprintf(key, sizeof(key), "k%d", i);
			ssh(&m, &(struct shown){"10.0.0.5", dst, NULL, key, NULL},
			    i * 60);
		}
	}
	memory_detect(&m);
	assert_int_equal(m.count, 256);
	uint64_t many = 0;
	for (size_t i = 0; i < m.count; i++) {
		const struct fact *k = memory_fact(&m.findings[i], FACT_KEY_KEY_MANY);
		many += k != NULL;
		if (k != NULL) {
			assert_true(k->value[0] == 64);
			assert_int_equal(m.findings[i].confidence, CONFIDENCE_LOW);
		}
	}
	assert_int_equal(many, 1);
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_between),
	    cmocka_unit_test(test_anew),
	    cmocka_unit_test(test_abroad),
	    cmocka_unit_test(test_shared),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
