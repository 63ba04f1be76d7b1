/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS that is odd for its site: certificates judged by themselves, how odd a combination
 * is, and whole memories whose truth the test makes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#include "detect/detect.h"
#include "detect/tls/cert.h"
#include "detect/tls/elsewhere.h"
#include "detect/tls/odds.h"
#include "detect/tls/pairs.h"

#define DAY    86400.0
#define BEGIN  1672617600.0 /* Monday 2023-01-02 00:00 UTC */
#define SERVER "10.0.0.5"
#define CA     "CN=Web CA 1,O=Trust,C=US"

/* ---- certificates ---- */

static int64_t us(double t)
{
	return (int64_t)(t * 1e6);
}

static struct cert_view view(const char *subject, const char *names)
{
	return (struct cert_view){str_of(subject), STR(CA), str_of(names),
	    us(BEGIN - 30 * DAY), us(BEGIN + 60 * DAY)};
}

static unsigned judge(const char *subject, const char *names, const char *sni)
{
	struct cert_view c = view(subject, names);
	return cert_judge(&c, str_of(sni), us(BEGIN));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(judge("CN=www.example.org", "www.example.org", NULL), 0);
	assert_int_equal(judge("", "www.example.org", NULL), 0);
	assert_int_equal(judge("CN=www.example.org,O=X", "", "WWW.example.org"), 0);
	assert_int_equal(
	    judge("CN=a.example", "*.example.org b.example", "x.example.org"), 0);
	assert_int_equal(
	    judge("CN=a.example", "*.example.org", "x.y.example.org"), CERT_OTHER_NAME);
	assert_int_equal(
	    judge("CN=a.example", "*.example.org", "example.org"), CERT_OTHER_NAME);
	assert_int_equal(judge("CN=x.xn--p1ai", "", NULL), 0);
	assert_int_equal(judge("CN=AsyncThing Server", "", NULL), CERT_NAMELESS);
	assert_int_equal(judge("CN=localhost", "localhost", "localhost"), CERT_NAMELESS);
	assert_int_equal(judge("O=Nobody,C=US", "", "a.example"), CERT_NAMELESS);
	assert_int_equal(judge("CN=192.0.2.7", "", NULL), CERT_ADDRESS);
	assert_int_equal(judge("CN=x", "2001:db8::1 192.0.2.7", NULL), CERT_ADDRESS);
	assert_int_equal(judge("CN=version 1.2", "", NULL), CERT_NAMELESS);
	/* Alternative names that were not told are not judged; nor is no certificate. */
	assert_int_equal(judge("CN=Some Thing", NULL, "a.example"), 0);
	assert_int_equal(judge(NULL, NULL, "a.example"), 0);
	/* A comma inside a value ends no attribute. */
	assert_int_equal(judge("O=Big\\, Co.,CN=a.example", "", "a.example"), 0);
	assert_true(str_equal(cert_common_name(STR("O=A\\,CN=b,CN=c")), STR("c")));
	assert_null(cert_common_name(STR("O=A")).p);
}

static void test_subjects(void **state)
{
	(void)state;
	struct cert_view c =
	    view("CN=a.example,O=Internet Widgits Pty Ltd,ST=Some-State", "");
	assert_int_equal(cert_judge(&c, STR("a.example"), us(BEGIN)), CERT_DEFAULTS);
	c = view("", "");
	assert_int_equal(
	    cert_judge(&c, STR(""), us(BEGIN)), CERT_DEFAULTS | CERT_NAMELESS);
	c = view("CN=a.example", "");
	c.issuer = c.subject;
	assert_int_equal(cert_judge(&c, STR("a.example"), us(BEGIN)), CERT_SELF_SIGNED);
}

static void test_times(void **state)
{
	(void)state;
	struct cert_view c = view("CN=a.example", "");
	assert_int_equal(cert_judge(&c, STR(""), us(BEGIN + 61 * DAY)), CERT_EXPIRED);
	assert_int_equal(cert_judge(&c, STR(""), us(BEGIN - 31 * DAY)), CERT_EARLY);
	assert_int_equal(cert_judge(&c, STR(""), us(BEGIN - 29.5 * DAY)), CERT_FRESH);
	c.not_after = INT64_MAX / 1000;
	assert_int_equal(cert_judge(&c, STR(""), us(BEGIN)), CERT_LONG);
	c.not_after = c.not_before + 3600000000;
	assert_int_equal(
	    cert_judge(&c, STR(""), c.not_before + 1), CERT_SHORT | CERT_FRESH);
	c.not_after = INT64_MIN;
	assert_int_equal(cert_judge(&c, STR(""), us(BEGIN)), 0);
}

static void test_cert_levels(void **state)
{
	(void)state;
	assert_int_equal(cert_level(0), 0);
	assert_int_equal(cert_level(CERT_OTHER_NAME | CERT_SOLE_ISSUER), 0);
	assert_int_equal(cert_level(CERT_LONG), 1);
	assert_int_equal(cert_level(CERT_SELF_SIGNED), 2);
	assert_int_equal(cert_level(CERT_LONG | CERT_FRESH), 2);
	assert_int_equal(cert_level(CERT_SELF_SIGNED | CERT_NAMELESS), 3);
	assert_int_equal(cert_level((1u << CERT_MARKS) - 1), 3);
}

/* ---- odds ---- */

/* What p promises: of servers that carry marks at random, no more than a share of p are
 * as odd. All combinations of a site whose families are independent are drawn in full. */
static void test_odds_hold(void **state)
{
	(void)state;
	struct odds o = {.servers = 1000};
	for (unsigned i = 0; i < 1000; i++) {
		const uint8_t level[ODDS_FAMILIES] = {(uint8_t)(i % 10 == 0 ? 2 : 0),
		    (uint8_t)(i % 100 < 8), (uint8_t)(i % 1000 < 2 ? 2 : 0), 0, 0};
		odds_count(&o, level);
	}
	static const uint8_t none[ODDS_FAMILIES] = {0}, one[ODDS_FAMILIES] = {0, 1},
			     two[ODDS_FAMILIES] = {2, 1},
			     three[ODDS_FAMILIES] = {2, 1, 2};
	assert_true(odds_p(&o, none) >= 1 - 1e-12);
	/* 8 % ask for no name; the other families' marks that are as rare come on top. */
	assert_true(odds_p(&o, one) >= 0.08 && odds_p(&o, one) < 0.12);
	assert_true(odds_p(&o, two) >= 0.1 * 0.08 && odds_p(&o, two) < 0.03);
	assert_true(odds_p(&o, three) < odds_p(&o, two) / 10);
	assert_true(odds_p(&o, three) >= 0.1 * 0.08 * 0.002);
	assert_int_equal(odds_as_odd(&o, ODDS_CERT, 1), 100);
	assert_int_equal(odds_as_odd(&o, ODDS_CERT, 3), 0);
	assert_int_equal(odds_as_odd(&o, ODDS_CERT, 0), 0);
	assert_int_equal(odds_as_odd(&o, ODDS_PORT, 9), 0);
}

/* On an empty site the prior speaks alone; where all servers are odd, none is. */
static void test_odds_ends(void **state)
{
	(void)state;
	static const uint8_t all[ODDS_FAMILIES] = {3, 3, 2, 2, 2};
	struct odds o = {.servers = 1}, same = {.servers = 500};
	odds_count(&o, all);
	assert_true(odds_p(&o, all) < 1e-7 && odds_p(&o, all) > 0);
	static const uint8_t habit[ODDS_FAMILIES] = {3, 1, 1};
	for (unsigned i = 0; i < 500; i++)
		odds_count(&same, habit);
	assert_true(odds_p(&same, habit) > 0.8);
}

/* ---- memories ---- */

static void begin(struct memory *m)
{
	memory_begin(m);
	m->only = "tls_odd";
}

struct talk {
	const char *src, *dst, *sni, *subject, *issuer, *names, *ja4;
	uint16_t port;
	double valid;      /* days; 0: 90 */
	const char *named; /* what DNS called it; NULL: the server name */
};

/* A connection with a handshake at t. */
static void talk(struct memory *w, const struct talk *k, double t)
{
	struct conn_record c;
	struct tls_record r;
	record_clear(RECORD_CONN, &c);
	record_clear(RECORD_TLS, &r);
	c.ts = r.ts = moment_from_us(us(t));
	assert_true(addr_parse(k->src, &c.src_ip) && addr_parse(k->dst, &c.dst_ip));
	r.src_ip = c.src_ip;
	r.dst_ip = c.dst_ip;
	c.dst_port = r.dst_port = k->port != 0 ? k->port : 443;
	c.proto = STR("tcp");
	c.service = STR("ssl");
	c.server_name = k->sni != NULL ? str_of(k->sni) : str_of(k->named);
	c.duration = 2;
	c.src_bytes = 900;
	c.dst_bytes = 5000;
	c.state = STR("SF");
	c.sensor = r.sensor = STR("test");
	c.source = r.source = STR("test");
	record_put(&w->sink, RECORD_CONN, &c);
	r.version = STR("TLSv12");
	r.sni = str_of(k->sni);
	r.ja4 = str_of(k->ja4 != NULL ? k->ja4 : "t13d1516h2_8daaf6152771_02713d6af862");
	if (k->subject != NULL) {
		struct str names = str_of(k->names);
		r.cert_sha256 = str_of(k->subject);
		r.subject = str_of(k->subject);
		r.issuer = str_of(k->issuer != NULL ? k->issuer : CA);
		r.san = (struct str_list){&names, k->names != NULL ? 1 : 0};
		r.not_before = moment_from_us(us(BEGIN - 40 * DAY));
		r.not_after = moment_from_us(
		    us(BEGIN - 40 * DAY + (k->valid > 0 ? k->valid : 400) * DAY));
		record_put(&w->sink, RECORD_TLS, &r);
		return;
	}
	record_put(&w->sink, RECORD_TLS, &r);
}

/* Fifty ordinary servers, six machines that use them, a hundred days; a tenth of the
 * servers is asked for no name, one in twenty-five has a certificate of its own. */
static void ordinary(struct memory *w, double days)
{
	for (unsigned i = 0; i < 50; i++) {
		char dst[24], sni[32], subject[40], src[16];
		snprintf(dst, sizeof(dst), "198.51.100.%u", i + 1);
		snprintf(sni, sizeof(sni), "www%u.example.org", i);
		snprintf(subject, sizeof(subject), "CN=www%u.example.org", i);
		struct talk k = {.dst = dst,
		    .src = src,
		    .sni = i % 10 == 3 ? NULL : sni,
		    .named = sni,
		    .subject = subject,
		    .issuer = i % 25 == 7 ? subject : CA};
		for (unsigned h = 0; h < 6; h++) {
			snprintf(src, sizeof(src), "10.0.1.%u", h + 1);
			for (double t = i * 997 + h * 613; t < days * DAY; t += 11 * DAY)
				talk(w, &k, BEGIN + t);
		}
	}
}

/* What is not there, in place of NULL. */
static const struct finding no_finding;
static const struct fact no_fact;

static const struct finding *find(const struct memory *w, const char *peer)
{
	for (size_t i = 0; i < w->count; i++) {
		if (str_equal(w->findings[i].peer, str_of(peer)))
			return &w->findings[i];
	}
	return &no_finding;
}

static const struct fact *fact(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return &no_fact;
}

/* A channel with three kinds of marks, late and without any name: high, and dated. */
static void test_joint(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 100);
	const struct talk odd = {.src = SERVER,
	    .dst = "203.0.113.77",
	    .subject = "CN=Server Thing",
	    .issuer = "CN=Server Thing",
	    .port = 4041,
	    .valid = 3650};
	const struct talk usual = {.src = SERVER,
	    .dst = "198.51.100.1",
	    .sni = "www0.example.org",
	    .subject = "CN=www0.example.org"};
	talk(&w, &usual, BEGIN + 5);
	for (unsigned i = 0; i < 30; i++)
		talk(&w, &odd, BEGIN + 60 * DAY + i * 3571);
	memory_detect(&w);
	const struct finding *f = find(&w, "203.0.113.77");
	assert_true(f != &no_finding);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->events, 30);
	assert_int_equal(moment_us(f->since), us(BEGIN + 60 * DAY));
	assert_int_equal(f->since_kind, SINCE_FIRST_PACKET);
	assert_true(f->score > 2);
	static const enum fact_key keys[] = {FACT_KEY_CERT_NAMELESS, FACT_KEY_CERT_LONG,
	    FACT_KEY_NO_SNI, FACT_KEY_OWN_PORT, FACT_KEY_TLS_CHANCE, FACT_KEY_SELF_SIGNED,
	    FACT_KEY_RARE_PEER, FACT_KEY_LATE_PEER};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_true(fact(f, keys[i]) != &no_fact);
	assert_true(
	    str_equal(fact(f, FACT_KEY_CERT_NAMELESS)->text, STR("CN=Server Thing")));
	/* Nobody else is accused with any confidence. */
	for (size_t i = 0; i < w.count; i++)
		assert_true(
		    &w.findings[i] == f || w.findings[i].confidence == CONFIDENCE_LOW);
	memory_end(&w);
}

/* The same certificate, but everybody's, on the usual port: an appliance of the site. */
static void test_habit(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 100);
	for (unsigned h = 0; h < 6; h++) {
		char src[16];
		snprintf(src, sizeof(src), "10.0.1.%u", h + 1);
		const struct talk k = {.src = src,
		    .dst = "203.0.113.80",
		    .subject = "CN=appliance",
		    .issuer = "CN=appliance",
		    .valid = 3650};
		talk(&w, &k, BEGIN + 3 * DAY + h);
	}
	memory_detect(&w);
	assert_true(w.count > 0);
	for (size_t i = 0; i < w.count; i++) {
		assert_int_equal(w.findings[i].confidence, CONFIDENCE_LOW);
		if (str_equal(w.findings[i].peer, STR("203.0.113.80")))
			assert_true(
			    fact(&w.findings[i], FACT_KEY_COMMON_PEER) != &no_fact);
	}
	memory_end(&w);
}

/* Of a server whose certificates came from one issuer, one comes from another that nobody
 * else shows; a change to an issuer that half the site has is told as low. */
static void test_issuer(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 100);
	struct talk k = {.src = SERVER,
	    .dst = "203.0.113.81",
	    .sni = "mail.example.net",
	    .subject = "CN=mail.example.net"};
	struct talk other = {.src = SERVER,
	    .dst = "203.0.113.82",
	    .sni = "news.example.net",
	    .subject = "CN=news.example.net",
	    .issuer = "CN=Old CA"};
	for (double t = 0; t < 70 * DAY; t += 2.3 * DAY) {
		talk(&w, &k, BEGIN + t);
		talk(&w, &other, BEGIN + t + 60);
	}
	k.issuer = "CN=Inspection";
	other.issuer = CA;
	talk(&w, &k, BEGIN + 71 * DAY);
	talk(&w, &other, BEGIN + 71 * DAY);
	memory_detect(&w);
	const struct finding *f = find(&w, "mail.example.net");
	assert_true(f != &no_finding);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(str_equal(fact(f, FACT_KEY_OLD_ISSUER)->text, STR(CA)));
	assert_true(fact(f, FACT_KEY_OLD_ISSUER)->value[1] > 60 * DAY);
	assert_true(
	    str_equal(fact(f, FACT_KEY_NEW_SOLE_ISSUER)->text, STR("CN=Inspection")));
	assert_int_equal(f->since_kind, SINCE_ONSET);
	assert_int_equal(moment_us(f->since), us(BEGIN + 71 * DAY));
	f = find(&w, "news.example.net");
	assert_true(f == &no_finding || f->confidence == CONFIDENCE_LOW);
	memory_end(&w);
}

/* A machine with one program speaks TLS with a second one after two months. */
static void test_program(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 100);
	struct talk k = {.src = SERVER,
	    .dst = "198.51.100.9",
	    .sni = "www8.example.org",
	    .ja4 = "t12d1209h1_d34a8e72043a_b39be8c56a14"};
	for (double t = 0; t < 100 * DAY; t += 3 * DAY)
		talk(&w, &k, BEGIN + t);
	k.dst = "203.0.113.90";
	k.sni = "cdn.example.com";
	k.ja4 = "t13i190800_9dc949149365_97f8aa674fd9";
	for (unsigned i = 0; i < 25; i++)
		talk(&w, &k, BEGIN + 64 * DAY + i * 7200);
	memory_detect(&w);
	const struct finding *f = find(&w, "cdn.example.com");
	assert_true(f != &no_finding);
	assert_true(fact(f, FACT_KEY_NEW_PROGRAM) != &no_fact);
	assert_true(fabs(fact(f, FACT_KEY_NEW_PROGRAM)->value[1] - 64 * DAY) < 1);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	memory_end(&w);
}

/* An answer of DNS at t: the name's alias (may be NULL) and its address. */
static void answer(
    struct memory *w, const char *name, const char *alias, const char *to, double t)
{
	struct dns_record r;
	struct str answers[2] = {str_of(alias), str_of(to)};
	record_clear(RECORD_DNS, &r);
	r.ts = moment_from_us(us(t));
	assert_true(
	    addr_parse("10.0.1.1", &r.src_ip) && addr_parse("10.0.0.2", &r.dst_ip));
	r.dst_port = 53;
	r.proto = STR("udp");
	r.kind = STR("dns");
	r.query = str_of(name);
	r.qtype = STR("A");
	r.rcode = STR("NOERROR");
	r.answers = (struct str_list){answers + (alias == NULL), alias == NULL ? 1 : 2};
	r.sensor = r.source = STR("test");
	record_put(&w->sink, RECORD_DNS, &r);
}

/* DNS leads the first names of the ordinary servers where they are. */
static void answer_ordinary(struct memory *w, unsigned names, double t)
{
	for (unsigned i = 0; i < names; i++) {
		char name[32], to[24];
		snprintf(name, sizeof(name), "www%u.example.org", i);
		snprintf(to, sizeof(to), "198.51.100.%u", i + 1);
		answer(w, name, NULL, to, t + i);
	}
}

/* How many findings there are of a name that DNS leads elsewhere, among honest ones. */
static void one_elsewhere(
    struct memory *w, const char *name, const char *server, bool told)
{
	unsigned n = 0;
	memory_detect(w);
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		if (fact(f, FACT_KEY_LED_ELSEWHERE) == &no_fact)
			continue;
		n++;
		assert_true(
		    str_equal(fact(f, FACT_KEY_LED_ELSEWHERE)->text, str_of(name)));
		assert_true(str_equal(fact(f, FACT_KEY_LED_HERE)->text, str_of(server)));
		assert_int_equal(fact(f, FACT_KEY_LED_ELSEWHERE)->value[1], 1);
		assert_int_not_equal(f->confidence, CONFIDENCE_HIGH);
	}
	assert_int_equal(n, told);
}

struct led {
	const char *server, *sni;
	unsigned answered; /* names of ordinary servers that DNS was asked for */
	double asked;      /* day of it */
	bool told;
};

/* A name that DNS leads elsewhere is told; not one within the network of its address, of
 * an alias's operator, one that nobody asked for, where DNS was hardly seen, or long ago
 * or later. */
static void test_elsewhere(void **state)
{
	(void)state;
	static const struct led cases[] = {
	    {"203.0.113.9", "www0.example.org", 50, 0, true},
	    {"198.51.7.9", "www0.example.org", 50, 0, false},
	    {"203.0.113.9", "cdn.example.com", 50, 0, false},
	    {"203.0.113.9", "never.example.net", 50, 0, false},
	    {"203.0.113.9", "www0.example.org", 3, 0, false},
	    {"203.0.113.9", "www0.example.org", 50, -40, false},
	    {"203.0.113.9", "www0.example.org", 50, 20, false},
	    {"10.9.0.9", "www0.example.org", 50, 0, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct led *k = &cases[i];
		const struct talk odd = {.src = SERVER, .dst = k->server, .sni = k->sni};
		struct memory w;
		begin(&w);
		ordinary(&w, 10);
		answer_ordinary(&w, k->answered, BEGIN + k->asked * DAY);
		answer(&w, "cdn.example.com", "edge.example.net", "192.0.2.1", BEGIN);
		answer(&w, "img.example.com", "edge.example.net", "203.0.113.50", BEGIN);
		for (unsigned n = 0; n < 9; n++)
			talk(&w, &odd, BEGIN + 2 * DAY + n * 3571);
		one_elsewhere(&w, k->sni, k->server, k->told);
		memory_end(&w);
	}
}

/* A client of which name after name leads elsewhere has another resolver; of the others
 * the one is told all the same. */
static void test_other_resolver(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 10);
	answer_ordinary(&w, 50, BEGIN);
	for (unsigned i = 0; i < 12; i++) {
		char sni[32], dst[24];
		snprintf(sni, sizeof(sni), "www%u.example.org", i);
		snprintf(dst, sizeof(dst), "192.0.2.%u", i + 1);
		const struct talk k = {.src = "10.0.3.3", .dst = dst, .sni = sni};
		talk(&w, &k, BEGIN + DAY + i);
	}
	const struct talk odd = {
	    .src = SERVER, .dst = "203.0.113.9", .sni = "www0.example.org"};
	talk(&w, &odd, BEGIN + DAY);
	one_elsewhere(&w, "www0.example.org", "203.0.113.9", true);
	memory_end(&w);
}

/* More names that lead elsewhere than are looked at: none is told. */
static void test_elsewhere_limit(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	ordinary(&w, 10);
	answer_ordinary(&w, 50, BEGIN);
	for (unsigned i = 0; i <= ELSEWHERE_MAX; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "198.18.%u.%u", i / 250, i % 250 + 1);
		const struct talk k = {
		    .src = SERVER, .dst = dst, .sni = "www0.example.org"};
		talk(&w, &k, BEGIN + DAY + i);
	}
	one_elsewhere(&w, "", "", false);
	memory_end(&w);
}

/* More odd pairs than are kept: the least odd go, the odd one stays. */
static void test_limit(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	for (unsigned i = 0; i < PAIRS_MAX + 50; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "198.18.%u.%u", i / 250, i % 250 + 1);
		const struct talk k = {.src = "10.0.1.1", .dst = dst};
		talk(&w, &k, BEGIN + i);
	}
	const struct talk odd = {.src = SERVER,
	    .dst = "203.0.113.77",
	    .subject = "CN=Server Thing",
	    .issuer = "CN=Server Thing",
	    .port = 4041};
	talk(&w, &odd, BEGIN + 7 * DAY);
	memory_detect(&w);
	assert_int_equal(w.count, 1);
	assert_true(find(&w, "203.0.113.77") != &no_finding);
	memory_end(&w);
}

/* A log of handshakes alone, and a memory without any. */
static void test_without_connections(void **state)
{
	(void)state;
	struct memory w;
	begin(&w);
	memory_detect(&w);
	assert_int_equal(w.count, 0);
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_subjects),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_cert_levels),
	    cmocka_unit_test(test_odds_hold),
	    cmocka_unit_test(test_odds_ends),
	    cmocka_unit_test(test_joint),
	    cmocka_unit_test(test_habit),
	    cmocka_unit_test(test_issuer),
	    cmocka_unit_test(test_program),
	    cmocka_unit_test(test_elsewhere),
	    cmocka_unit_test(test_other_resolver),
	    cmocka_unit_test(test_elsewhere_limit),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_without_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
