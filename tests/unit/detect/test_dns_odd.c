/* SPDX-License-Identifier: Apache-2.0 */
/* What is odd about how a host resolves: each rule beside what nearly is the same. */
#include "questions.h"

#include "detect/dns/bigrams.h"
#include "detect/dns/glance.h"

/* Kept out of line, as find() is. */
static __attribute__((noinline)) const struct finding *with(
    const struct memory *w, enum fact_key key)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		for (size_t k = 0; k < f->fact_count; k++) {
			if (f->facts[k].key == key && strcmp(f->detector, "dns_odd") == 0)
				return f;
		}
	}
	return NULL;
}

static bool of_host(const struct finding *f, const char *text)
{
	struct addr host;
	return f != NULL && addr_parse(text, &host) && addr_equal(&f->host, &host);
}

static size_t odd_count(const struct memory *w)
{
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++)
		n += strcmp(w->findings[i].detector, "dns_odd") == 0;
	return n;
}

/* n domains that do not exist, of letters at random or of words, in half an hour. */
static void missing(struct memory *w, const char *client, unsigned n, bool random)
{
	for (unsigned i = 0; i < n; i++) {
		char label[32], name[64];
		if (random)
			random_digits(w, label, 14);
		else
			word(w, label, 5);
		snprintf(name, sizeof(name), "%s.com", label);
		ask(w,
		    &(struct asked){client, RESOLVER, name, "A", "NXDOMAIN", {NULL}, 0},
		    BEGIN + DAY + 1800.0 * i / n);
	}
}

static void test_made_up_domains(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 1);
	ordinary(&w, 20, 1200);
	missing(&w, CLIENT, 60, true);
	missing(&w, "10.0.0.6", 60, false);
	missing(&w, "10.0.0.7", 9, true);
	memory_detect(&w);
	const struct finding *f = with(&w, FACT_KEY_DGA_BURST);
	assert_true(of_host(f, CLIENT));
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(odd_count(&w), 1);
	memory_end(&w);
}

/* A search list adds suffixes to names: they do not exist, and are one domain. */
static void test_search_list(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 2);
	ordinary(&w, 20, 1200);
	for (unsigned i = 0; i < 60; i++) {
		char label[32], name[64];
		snprintf(name, sizeof(name), "%s.corp.example.com",
		    random_digits(&w, label, 14));
		ask(&w,
		    &(struct asked){CLIENT, RESOLVER, name, "A", "NXDOMAIN", {NULL}, 0},
		    BEGIN + 20.0 * i);
	}
	memory_detect(&w);
	assert_null(with(&w, FACT_KEY_DGA_BURST));
	memory_end(&w);
}

static void test_bigrams(void **state)
{
	(void)state;
	struct memory w = {.seed = 3};
	struct bigrams *b = calloc(1, sizeof(*b));
	char label[32];
	assert_non_null(b);
	for (unsigned i = 0; i < 2000; i++)
		bigrams_teach(b, str_of(word(&w, label, 4)));
	assert_true(bigrams_p(b, STR("anything")) >= 1); /* nothing to hold it against */
	for (unsigned i = 0; i < 2000; i++)
		bigrams_test(b, str_of(word(&w, label, 4)));
	double like = 0, unlike = 0;
	for (unsigned i = 0; i < 200; i++) {
		like += bigrams_p(b, str_of(word(&w, label, 4))) / 200;
		unlike += bigrams_p(b, str_of(random_digits(&w, label, 8))) / 200;
	}
	assert_true(like > 0.4 && like < 0.6); /* p is uniform for what is like them */
	assert_true(unlike < 0.01);
	free(b);
}

/* A name whose answers change: n answers of four addresses in networks of their own. */
static void changing(
    struct memory *w, const char *name, unsigned answers, bool change, int64_t ttl)
{
	for (unsigned i = 0; i < answers; i++) {
		char a[4][24];
		for (unsigned k = 0; k < 4; k++)
			snprintf(a[k], sizeof(a[k]), "%u.%u.4.5",
			    20 + (change ? 4 * i : 0) + k, i * 7 % 250);
		ask(w,
		    &(struct asked){CLIENT, RESOLVER, name, "A", "NOERROR",
			{a[0], a[1], a[2], a[3]}, ttl},
		    BEGIN + 600.0 * i);
	}
}

static void test_fast_flux(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 4);
	ordinary(&w, 20, 100);
	changing(&w, "flux.example.com", 8, true, 60);
	changing(&w, "slow.example.com", 8, true, 3600);
	changing(&w, "once.example.com", 2, true, 60);
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_odd", "flux.example.com");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(odd_count(&w), 1);
	memory_end(&w);
}

static void test_channels(void **state)
{
	(void)state;
	struct memory w;
	struct peer dot = {
	    "10.0.0.9", "203.0.113.1", NULL, "tcp", "tls,dot", 853, 900, 700, 1};
	struct peer tor = {
	    CLIENT, "203.0.113.2", "www.abc.com", "tcp", "ssl,tor", 443, 900, 700, 1};
	struct peer vpn = {
	    CLIENT, "203.0.113.3", NULL, "udp", "openvpn", 1194, 900, 700, 1};
	struct peer inside = {
	    CLIENT, "10.0.0.1", NULL, "tcp", "tls,dot", 853, 900, 700, 1};
	world_begin(&w, 5);
	for (unsigned i = 0; i < 30; i++) /* asks in clear, until day 5 */
		ask(&w,
		    &(struct asked){"10.0.0.9", RESOLVER, "www.example.com", "A",
			"NOERROR", {"198.51.100.1"}, 60},
		    BEGIN + i * 3600.0 * 4);
	for (unsigned i = 0; i < 60; i++)
		talk(&w, &dot, BEGIN + 5 * DAY + i * 3600);
	talk(&w, &tor, BEGIN + DAY);
	tor.dst = "203.0.113.22";
	tor.name = "www.def.com";
	talk(&w, &tor, BEGIN + 2 * DAY);
	talk(&w, &vpn, BEGIN + DAY);
	vpn.src = "10.0.0.66";
	talk(&w, &vpn, BEGIN + DAY);
	talk(&w, &inside, BEGIN + DAY);
	for (unsigned i = 0; i < 30; i++) {
		char client[16];
		snprintf(client, sizeof(client), "10.0.2.%u", i);
		struct peer web = {client, CLIENT, NULL, "tcp", "http", 80, 90, 700, 1};
		talk(&w, &web, BEGIN + i * 100);
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "dns_odd", "203.0.113.1");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM); /* stopped asking in clear */
	f = find(&w, "dns_odd", "tor");
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM); /* from a server */
	assert_int_equal(f->events, 2);
	f = find(&w, "dns_odd", "203.0.113.3");
	assert_true(of_host(f, CLIENT)); /* a person's VPN is nothing odd */
	assert_null(find(&w, "dns_odd", "10.0.0.1"));
	memory_end(&w);
}

/* Hosts that connect to 25 names; all but the last few ask for them. */
static void browse(struct memory *w, unsigned hosts, unsigned silent)
{
	for (unsigned h = 0; h < hosts; h++) {
		for (unsigned i = 0; i < 25; i++) {
			char client[16], name[32];
			snprintf(client, sizeof(client), "10.0.3.%u", h);
			snprintf(name, sizeof(name), "www.site%u.com", i);
			struct peer web = {
			    client, "198.51.100.7", name, "tcp", "tls", 443, 900, 700, 1};
			if (h + silent < hosts)
				ask(w,
				    &(struct asked){client, RESOLVER, name, "A",
					"NOERROR", {"198.51.100.7"}, 600},
				    BEGIN + 1000.0 * i);
			talk(w, &web, BEGIN + 1000.0 * i + 1);
		}
	}
}

static void test_silence(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 6);
	browse(&w, 13, 1);
	memory_detect(&w);
	const struct finding *f = with(&w, FACT_KEY_DNS_SILENCE);
	assert_true(of_host(f, "10.0.3.12"));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&w);
	world_begin(&w, 7);
	browse(&w, 13, 2); /* their questions just are not seen */
	memory_detect(&w);
	assert_null(with(&w, FACT_KEY_DNS_SILENCE));
	memory_end(&w);
}

static void test_glance_limits(void **state)
{
	(void)state;
	struct glance g;
	char text[64];
	assert_true(glance_init(&g));
	for (unsigned i = 0; i < ASKERS_MAX + 5; i++) {
		snprintf(
		    text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		assert_true(
		    glance_add(&g, &(struct glance_row){str_of(text), STR("a.example"),
				       STR(""), true, false, i, 0}));
	}
	assert_int_equal(g.over_askers, 5);
	assert_false(g.missing);
	for (unsigned i = 0; i < VARIED_MAX + 5; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		assert_true(
		    glance_add(&g, &(struct glance_row){STR("10.0.0.0"), str_of(text),
				       STR("192.0.2.1"), false, false, i, 1}));
	}
	assert_int_equal(g.emptied, 1);
	assert_int_equal(glance_asker(&g, STR("10.0.0.0"))->asked, VARIED_MAX + 6);
	assert_int_equal(g.length, 0);
	for (unsigned i = 0; g.unlisted == 0 && i < 200000; i++) {
		snprintf(text, sizeof(text), "m%050u.example", i);
		for (unsigned k = 0; k < VARIED_WAYS; k++) {
			char way[80];
			snprintf(way, sizeof(way),
			    "192.0.2.%u\n192.1.2.%u\n192.2.2.%u\n192.3.2.%u\n192.4.2.%u",
			    k, k, k, k, k);
			assert_true(glance_add(
			    &g, &(struct glance_row){STR("10.0.0.0"), str_of(text),
				    str_of(way), false, false, i, 5}));
		}
	}
	assert_true(g.unlisted > 0 && g.length <= VARIED_TEXT);
	glance_fini(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bigrams),
	    cmocka_unit_test(test_glance_limits),
	    cmocka_unit_test(test_made_up_domains),
	    cmocka_unit_test(test_search_list),
	    cmocka_unit_test(test_fast_flux),
	    cmocka_unit_test(test_channels),
	    cmocka_unit_test(test_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
