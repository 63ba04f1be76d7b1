/* SPDX-License-Identifier: Apache-2.0 */
/* Data in names: what the ledger books, what tells it from lookups that look alike, and
 * what the parts do at their limits. */
#include "questions.h"

#include "detect/dns/around.h"
#include "detect/dns/information.h"
#include "detect/dns/names.h"
#include "detect/dns/tools.h"

/* n names of so many digits of base 32 below the domain, a minute from each other. */
static void tunnel(
    struct memory *w, const struct asked *like, double from, unsigned n, size_t digits)
{
	for (unsigned i = 0; i < n; i++) {
		char data[64], name[160];
		struct asked q = *like;
		snprintf(name, sizeof(name), "%s.%s", random_digits(w, data, digits),
		    like->name);
		q.name = name;
		ask(w, &q, BEGIN + from + 60.0 * i);
	}
}

/* Kept out of line, as find() is. */
static __attribute__((noinline)) const struct fact *fact(
    const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; f != NULL && i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

static bool told(const struct memory *w)
{
	for (size_t i = 0; i < w->count; i++) {
		if (strcmp(w->findings[i].detector, "dns_tunnel") == 0)
			return true;
	}
	return false;
}

static const struct asked txt = {
    CLIENT, RESOLVER, "t.evil.com", "TXT", "NOERROR", {"c29tZSBhbnN3ZXI="}, 0};

/* 200 names of 50 digits are 10,000 digits of 5 bits: 6,250 bytes. */
static void test_a_tunnel(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 1);
	ordinary(&w, 20, 400);
	tunnel(&w, &txt, 10 * DAY, 200, 50);
	struct asked q = txt;
	q.name =
	    "t.evil.co.uk"; /* a country's second level, and a suffix of another kind */
	tunnel(&w, &q, 11 * DAY, 200, 50);
	q.name = "t.evil.github.io";
	tunnel(&w, &q, 12 * DAY, 200, 50);
	memory_detect(&w);
	assert_non_null(find(&w, "dns_tunnel", "evil.co.uk"));
	assert_non_null(find(&w, "dns_tunnel", "evil.github.io"));
	const struct finding *f = find(&w, "dns_tunnel", "evil.com");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->events, 200);
	assert_true(f->score > 6000 && f->score < 6900);
	assert_true(f->bytes_out > 6000 && f->bytes_out < 6900);
	assert_int_equal(f->peer_port, 53);
	assert_int_equal(f->since_kind, SINCE_FIRST_PACKET);
	assert_true(fabs((double)moment_us(f->since) / 1e6 - BEGIN - 10 * DAY) < 1);
	assert_non_null(fact(f, FACT_KEY_DNS_DATA_TYPES));
	assert_true(f->rank_p < 0.01);
	memory_end(&w);
}

/* A bound of 1 kB holds for a domain that one host alone asks for. */
static void test_a_slow_tunnel(void **state)
{
	(void)state;
	struct memory w;
	const struct asked a = {
	    CLIENT, RESOLVER, "slow.com", "A", "NOERROR", {"203.0.113.1"}, 0};
	struct asked b = a, c = a;
	b.name = c.name = "shared.com";
	c.client = "10.0.0.6";
	world_begin(&w, 2);
	tunnel(&w, &a, 0, 40, 50); /* 1,250 bytes */
	tunnel(&w, &b, 0, 40, 50);
	tunnel(&w, &c, 0, 40, 50);
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_tunnel", "slow.com");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_null(find(&w, "dns_tunnel", "shared.com"));
	memory_end(&w);
}

/* 300 bytes a day pass no day's bound; over 250 days they are 75 kB. */
static void test_a_drip_of_years(void **state)
{
	(void)state;
	struct memory w;
	const struct asked a = {
	    CLIENT, RESOLVER, "drip.com", "A", "NOERROR", {"203.0.113.1"}, 0};
	world_begin(&w, 3);
	for (unsigned day = 0; day < 250; day++)
		tunnel(&w, &a, day * DAY, 8, 60);
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_tunnel", "drip.com");
	assert_non_null(f);
	assert_true(f->score < 1024);
	assert_true(f->bytes_out > 65536);
	memory_end(&w);
}

/* Answers that go nowhere are a mark; an address that is used speaks against. */
static void test_contacted_or_not(void **state)
{
	(void)state;
	struct memory w;
	struct peer web = {CLIENT, "203.0.113.77", NULL, "tcp", "tls", 443, 900, 700, 1};
	world_begin(&w, 4);
	for (unsigned i = 0; i < 160; i++) {
		char data[64], name[2][128], address[2][24];
		random_digits(&w, data, 50);
		snprintf(name[0], sizeof(name[0]), "%s.nowhere.com", data);
		snprintf(name[1], sizeof(name[1]), "%s.content.com", data);
		snprintf(address[0], sizeof(address[0]), "%u.9.8.7", 20 + i % 90);
		snprintf(address[1], sizeof(address[1]), "203.0.113.%u", i % 90);
		for (unsigned k = 0; k < 2; k++)
			ask(&w,
			    &(struct asked){CLIENT, RESOLVER, name[k], "A", "NOERROR",
				{address[k]}, 0},
			    BEGIN + 60.0 * i);
	}
	talk(&w, &web, BEGIN + 5000);
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_tunnel", "nowhere.com");
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_true(fabs(fact(f, FACT_KEY_DNS_UNCONTACTED)->value[0] - 90) < 0.5);
	f = find(&w, "dns_tunnel", "content.com");
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(fabs(fact(f, FACT_KEY_DNS_CONTACTED)->value[0] - 1) < 0.5);
	memory_end(&w);
}

/* A mail server asks block lists, an anti-virus program asks for digests. */
static void test_lookups_that_look_alike(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 5);
	for (unsigned i = 0; i < 3000; i++) {
		char name[128], data[64];
		snprintf(name, sizeof(name), "%u.%u.%u.%u.bl.lists.com",
		    (unsigned)(random_unit(&w.seed) * 256), i % 251, i % 199, i % 97);
		ask(&w,
		    &(struct asked){CLIENT, RESOLVER, name, "A", "NXDOMAIN", {NULL}, 0},
		    BEGIN + 20.0 * i);
		snprintf(
		    name, sizeof(name), "%s.rep.vendor.com", random_digits(&w, data, 24));
		if (i < 600)
			ask(&w,
			    &(struct asked){CLIENT, RESOLVER, name, "A", "NOERROR",
				{"127.64.0.1"}, 60},
			    BEGIN + 100.0 * i);
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_tunnel", "lists.com");
	assert_non_null(fact(f, FACT_KEY_DNS_SPELLED));
	assert_non_null(fact(f, FACT_KEY_DNS_NO_SUCH_NAME));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	f = find(&w, "dns_tunnel", "vendor.com");
	assert_non_null(fact(f, FACT_KEY_DNS_BLOCKLIST));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&w);
}

/* Names asked for again say nothing; domains of one public suffix are not one domain. */
static void test_no_tunnel(void **state)
{
	(void)state;
	struct memory w;
	char data[40][64];
	world_begin(&w, 6);
	for (unsigned i = 0; i < 20; i++)
		random_digits(&w, data[i], 40);
	for (unsigned i = 0; i < 4000; i++) {
		char name[128];
		snprintf(name, sizeof(name), "%s.again.com", data[i % 20]);
		ask(&w,
		    &(struct asked){
			CLIENT, RESOLVER, name, "A", "NOERROR", {"203.0.113.9"}, 60},
		    BEGIN + 20.0 * i);
		snprintf(name, sizeof(name), "mail-%u.%s%u.co.uk", i, data[i % 20], i);
		if (i < 400)
			ask(&w,
			    &(struct asked){CLIENT, RESOLVER, name, "MX", "NOERROR",
				{"mx.example"}, 60},
			    BEGIN + 20.0 * i);
	}
	memory_detect(&w);
	assert_false(told(&w));
	memory_end(&w);
}

/* What a resolver passes on is the client's; a server that is asked directly is named. */
static void test_forwarded_and_direct(void **state)
{
	(void)state;
	struct memory w;
	struct asked direct = txt;
	world_begin(&w, 7);
	for (unsigned i = 0; i < 120; i++) {
		char data[64], name[160];
		snprintf(name, sizeof(name), "%s.evil.com", random_digits(&w, data, 60));
		struct asked q = txt;
		q.name = name;
		ask(&w, &q, BEGIN + 10.0 * i);
		q.client = RESOLVER;
		q.server = "203.0.113.53";
		ask(&w, &q, BEGIN + 10.0 * i + 0.1);
		snprintf(name, sizeof(name), "x.%s.%u", random_digits(&w, data, 60), i);
		direct.name = name;
		direct.server = "203.0.113.66";
		ask(&w, &direct, BEGIN + 10.0 * i);
	}
	memory_detect(&w);
	unsigned clients = 0, forwarders = 0;
	for (size_t i = 0; i < w.count; i++) {
		const struct finding *f = &w.findings[i];
		if (!str_equal(f->peer, STR("evil.com")))
			continue;
		bool passed_on = fact(f, FACT_KEY_DNS_FORWARDED) != NULL;
		forwarders += passed_on && f->confidence == CONFIDENCE_LOW;
		clients += !passed_on && f->confidence == CONFIDENCE_HIGH;
	}
	assert_int_equal(clients, 1);
	assert_int_equal(forwarders, 1);
	const struct finding *f = find(&w, "dns_tunnel", "203.0.113.66");
	assert_non_null(fact(f, FACT_KEY_DNS_NO_DOMAIN));
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	memory_end(&w);
}

/* More names of a domain than are weighed: what is said is a lower bound. */
static void test_more_names_than_are_weighed(void **state)
{
	(void)state;
	struct memory w;
	const struct asked a = {
	    CLIENT, RESOLVER, "flood.com", "NULL", "NOERROR", {NULL}, 0};
	world_begin(&w, 8);
	for (unsigned i = 0; i < LEDGER_NAMES_MAX + 1000; i++) {
		char data[24], name[64];
		struct asked q = a;
		snprintf(name, sizeof(name), "%s.flood.com", random_digits(&w, data, 12));
		q.name = name;
		ask(&w, &q, BEGIN + 0.5 * i);
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_tunnel", "flood.com");
	assert_int_equal(f->events, LEDGER_NAMES_MAX + 1000);
	assert_true(f->bytes_out > 7.0 * LEDGER_NAMES_MAX);
	assert_true(
	    fact(f, FACT_KEY_DNS_SENT)->value[1] >= 12.0 * (LEDGER_NAMES_MAX + 1000));
	memory_end(&w);
}

/* ---- parts ---- */

static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *key, *domain;
	} rows[] = {
	    {"a.b.example.com", "example.com", "example.com"},
	    {"a.b.co.uk", "b.co.uk", "b.co.uk"},
	    {"a.b.abc.de", "abc.de", "abc.de"},
	    {"a.b.github.io", "github.io", "b.github.io"},
	    {"x.corp.local", "corp.local", "corp.local"},
	    {"x.example.xn--p1ai", "example.xn--p1ai", "example.xn--p1ai"},
	    {"dnscat.00ff.3a4b", "", ""},
	    {"localhost", "", ""},
	    {"", "", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str name = str_of(rows[i].name), key = names_key(name);
		assert_true(str_equal(key, str_of(rows[i].key)));
		if (key.n > 0)
			assert_true(
			    str_equal(names_domain(name), str_of(rows[i].domain)));
	}
	assert_true(
	    str_equal(names_sub(STR("a.b.example.com"), STR("example.com")), STR("a.b")));
	assert_int_equal(names_sub(STR("badexample.com"), STR("example.com")).n, 0);
	assert_true(names_spells_address(STR("4.3.2.1.zen")));
	assert_true(names_spells_address(STR("4.3.2.1")));
	assert_false(names_spells_address(STR("4.3.2.256")));
	assert_false(names_spells_address(STR("4.3.2")));
	assert_true(names_spells_address(
	    STR("0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f")));
	assert_false(names_spells_address(STR("")));
}

static void test_information(void **state)
{
	(void)state;
	struct memory w = {.seed = 9};
	struct information *m = information_new();
	char data[64];
	assert_non_null(m);
	for (unsigned i = 0; i < 1000; i++)
		information_add(m, str_of(random_digits(&w, data, 40)));
	assert_int_equal(information_length(m), 40000);
	double bytes = information_bytes(m); /* 5 bits a digit, coded well */
	assert_true(bytes > 25000 * 0.98 && bytes < 25000 * 1.1);
	information_reset(m);
	for (unsigned i = 0; i < 1000; i++)
		information_add(m, STR("www"));
	assert_true(information_bytes(m) < 100);
	information_reset(m);
	information_add(m, STR("\\x00\\xff\\xzz"));
	assert_int_equal(information_length(m), 6); /* \xzz is four as it stands */
	/* Beyond what is compressed, entropy counts. */
	information_reset(m);
	for (unsigned i = 0; i < INFORMATION_DEFLATE_MAX / 40 + 10; i++)
		information_add(m, str_of(random_digits(&w, data, 40)));
	assert_true(
	    fabs(information_bytes(m) / (double)information_length(m) - 0.625) < 0.01);
	information_free(m);
	information_free(NULL);
}

/* The tool of n names that are numbers between two texts. */
static const char *recognise(const char *before, const char *after, unsigned n, bool null)
{
	static char text[256][96];
	struct ledger_name names[256];
	for (unsigned i = 0; i < n; i++) {
		snprintf(
		    text[i], sizeof(text[i]), "%s%04x%s", before, i * 257 + 4096, after);
		names[i].sub = str_of(text[i]);
		names[i].day = 0;
	}
	return tools_recognise(&(struct tools_sample){names, n, n, n, null ? n : 0});
}

static void test_tools(void **state)
{
	(void)state;
	const char *tail = "0175375169c68f.dnsc";
	assert_string_equal(recognise("", tail, 24, false), "dnscat2");
	assert_null(recognise("", tail, TOOLS_NAMES_MIN - 1, false));
	assert_null(recognise("", "0975375169c68f.dnsc", 24, false));
	assert_string_equal(recognise("aa", "kq.=auth", 12, false), "dns2tcp");
	assert_string_equal(recognise("p", "q", 12, true), "iodine");
	assert_string_equal(recognise("post.", ".12", 12, false), "Cobalt Strike");
	assert_null(recognise("host-", "-a", 200, false));
	/* dnstt: base 32 that begins with one number of eight bytes */
	static char text[40][64];
	struct ledger_name names[40];
	struct memory w = {.seed = 10};
	for (unsigned i = 0; i < 40; i++) {
		char data[32];
		snprintf(text[i], sizeof(text[i]), "cvgkfg55bho3%s",
		    random_digits(&w, data, 20));
		names[i] = (struct ledger_name){str_of(text[i]), 0};
	}
	assert_string_equal(
	    tools_recognise(&(struct tools_sample){names, 40, 40, 40, 0}), "dnstt");
}

/* The tally keeps those with most bytes, and lists what passes. */
static void test_tally_limit(void **state)
{
	(void)state;
	struct tallies t = {.pairs = 0};
	struct memory w = {.seed = 11};
	char data[64], name[128];
	keyed_init(&t.rows, sizeof(struct tally), sizeof(uint64_t), &hash_key_public);
	keyed_init(&t.servers, sizeof(uint64_t), sizeof(uint64_t), &hash_key_public);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%s.evil.com", random_digits(&w, data, 50));
		assert_true(tallies_add(
		    &t, &(struct question){STR(CLIENT), STR(RESOLVER), str_of(name), i}));
	}
	for (unsigned i = 0; i < TALLIES_MAX + 10; i++) {
		snprintf(name, sizeof(name), "www.d%u.com", i);
		assert_true(tallies_add(
		    &t, &(struct question){STR(CLIENT), STR(RESOLVER), str_of(name), i}));
	}
	assert_true(t.dropped > 0 && t.rows.n <= TALLIES_MAX);
	assert_true(str_equal((struct str){t.keys, t.length}, STR(CLIENT " evil.com\n")));
	int64_t first;
	assert_int_equal(tallies_clients(&t, STR("evil.com"), false, &first), 1);
	assert_int_equal(first, 0);
	assert_true(tallies_serves(&t, STR(RESOLVER)));
	assert_false(tallies_serves(&t, STR(CLIENT)));
	/* Keys beyond their limit are counted. */
	for (unsigned i = 0; t.unlisted == 0 && i < 100000; i++) {
		for (unsigned k = 0; k < 8; k++) {
			snprintf(name, sizeof(name), "%s%u.l%u.com",
			    random_digits(&w, data, 60), k, i);
			assert_true(tallies_add(&t, &(struct question){STR(CLIENT),
							STR(RESOLVER), str_of(name), i}));
		}
	}
	assert_true(t.unlisted > 0 && t.length <= TALLY_KEYS_MAX);
	tallies_fini(&t);
}

static void test_around_limit(void **state)
{
	(void)state;
	struct around a;
	struct ledger l = {.direct = false};
	assert_true(around_init(&a));
	for (unsigned i = 0; i < OUTSTANDING_MAX + 2; i++) {
		l.all_bytes = 1000 + i;
		around_add(&a, &l);
	}
	l.all_bytes = 1;
	around_add(&a, &l);
	assert_int_equal(a.n, OUTSTANDING_MAX);
	assert_int_equal(a.dropped, 3);
	for (size_t i = 0; i < a.n; i++)
		assert_true(a.v[i].l.all_bytes >= 1002);
	around_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_information),
	    cmocka_unit_test(test_tools),
	    cmocka_unit_test(test_tally_limit),
	    cmocka_unit_test(test_around_limit),
	    cmocka_unit_test(test_a_tunnel),
	    cmocka_unit_test(test_a_slow_tunnel),
	    cmocka_unit_test(test_a_drip_of_years),
	    cmocka_unit_test(test_contacted_or_not),
	    cmocka_unit_test(test_lookups_that_look_alike),
	    cmocka_unit_test(test_no_tunnel),
	    cmocka_unit_test(test_forwarded_and_direct),
	    cmocka_unit_test(test_more_names_than_are_weighed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
