/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudonyms: addresses against the vectors of the reference implementation and of
 * others, names and texts by what must stay and what must not. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/cryptopan.h"
#include "store/pseudonym.h"
#include "sys/file.h"

static void check_addr(struct cryptopan *c, const char *from, const char *to)
{
	struct addr a, b, got;
	assert_true(addr_parse(from, &a) && addr_parse(to, &b));
	if (addr_is_v4(&a)) {
		got = a;
		cryptopan_map(c, a.b + 12, 4, got.b + 12);
	} else {
		cryptopan_map(c, a.b, 16, got.b);
	}
	if (!addr_equal(&got, &b)) {
		char text[ADDR_TEXT_MAX];
		addr_text(&got, text);
		fail_msg("%s became %s, not %s", from, text, to);
	}
}

/* The key and the trace of the reference implementation's distribution (Xu et al.). */
static const uint8_t sample_key[CRYPTOPAN_KEY_BYTES] = {21, 34, 23, 141, 51, 164, 207,
    128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87,
    76, 45, 42, 132, 34, 2};

static void reference_trace(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"128.11.68.132", "135.242.180.132"},
	    {"129.118.74.4", "134.136.186.123"}, {"130.132.252.244", "133.68.164.234"},
	    {"141.223.7.43", "141.167.8.160"}, {"152.163.225.39", "151.140.114.167"},
	    {"156.29.3.236", "147.225.12.42"}, {"165.247.96.84", "162.9.99.234"},
	    {"166.107.77.190", "160.132.178.185"}, {"192.102.249.13", "252.138.62.131"},
	    {"192.215.32.125", "252.43.47.189"}, {"195.205.63.100", "255.186.223.5"},
	    {"198.200.171.101", "249.199.68.213"}, {"202.49.198.20", "245.206.7.234"},
	    {"203.12.160.252", "244.248.163.4"}, {"204.184.162.189", "243.192.77.90"},
	    {"205.188.248.25", "242.96.88.27"}, {"207.105.49.5", "241.118.205.138"},
	    {"208.147.89.59", "227.237.98.191"}, {"209.12.231.7", "226.243.167.8"},
	    {"212.120.124.31", "228.135.163.231"}, {"216.148.237.145", "235.84.194.111"},
	    {"24.0.250.221", "100.15.198.226"}, {"38.15.67.68", "64.3.66.187"},
	    {"4.3.88.225", "124.60.155.63"}, {"63.14.55.111", "95.9.215.7"},
	    {"64.14.118.196", "0.255.183.58"}, {"64.39.15.238", "0.219.7.41"},
	    {"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"},
	    {"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
	    {"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"},
	    {"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"}};
	struct cryptopan c;
	struct error e;
	assert_int_equal(cryptopan_init(&c, sample_key, &e), 0);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		check_addr(&c, pairs[i][0], pairs[i][1]);
	cryptopan_fini(&c);
}

/* Vectors of two other implementations, which also agree with each other. */
static void other_keys(void **state)
{
	(void)state;
	static const struct {
		const char *key, *from, *to;
	} v[] = {{"32-char-str-for-AES-key-and-pad.", "192.0.2.1", "192.0.125.244"},
	    {"32-char-str-for-AES-key-and-pad.", "2001:db8::1",
		"27fe:8bc7:fee:1e:1e1f:f0fe:f0e1:83fd"},
	    {"boojahyoo3vaeToong0Eijee7Ahz3yee", "192.0.2.1", "206.2.124.120"},
	    {"wordlessthanfoursavecodefromboom", "199.32.34.122", "58.161.230.78"}};
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct cryptopan c;
		struct error e;
		assert_int_equal(cryptopan_init(&c, (const uint8_t *)v[i].key, &e), 0);
		check_addr(&c, v[i].from, v[i].to);
		cryptopan_fini(&c);
	}
}

struct lab {
	struct pseudonym *p;
	struct arena a;
};

static struct lab lab_start(uint8_t first)
{
	uint8_t key[PSEUDONYM_KEY_BYTES] = {first, 2, 3};
	struct error e;
	struct lab l = {.p = pseudonym_new(key, &e)};
	assert_non_null(l.p);
	arena_init(&l.a, 1u << 24);
	return l;
}

static void lab_end(struct lab *l)
{
	pseudonym_free(l->p);
	arena_fini(&l->a);
}

static struct str place(struct lab *l, const char *s)
{
	return pseudonym_place(l->p, str_of(s), &l->a);
}

static struct addr map(struct lab *l, const char *s)
{
	struct addr a;
	assert_true(addr_parse(s, &a));
	return pseudonym_addr(l->p, &a);
}

static unsigned shared_bits(const struct addr *a, const struct addr *b)
{
	unsigned n = 0;
	while (n < 128 &&
	       (a->b[n / 8] >> (7 - n % 8) & 1) == (b->b[n / 8] >> (7 - n % 8) & 1))
		n++;
	return n;
}

static void networks_stay_together(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"10.1.2.3", "10.1.2.4"},
	    {"10.1.2.3", "10.1.200.3"}, {"192.168.7.1", "192.168.8.1"},
	    {"2001:db8:1::1", "2001:db8:1:2::1"}, {"fe80::1", "fe80::2"}};
	for (unsigned k = 0; k < 40; k++) {
		struct lab l = lab_start((uint8_t)k);
		for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
			struct addr a, b, x = map(&l, pairs[i][0]),
					  y = map(&l, pairs[i][1]);
			assert_true(addr_parse(pairs[i][0], &a));
			assert_true(addr_parse(pairs[i][1], &b));
			assert_int_equal(shared_bits(&x, &y), shared_bits(&a, &b));
		}
		lab_end(&l);
	}
}

/* What names no machine stays, nothing else becomes it, and no two become the same. */
static void special_addresses(void **state)
{
	(void)state;
	static const char *const special[] = {"0.0.0.0", "127.0.0.1", "224.0.0.251",
	    "239.255.255.250", "255.255.255.255", "::", "::1", "ff02::fb"};
	for (unsigned k = 0; k < 40; k++) {
		struct lab l = lab_start((uint8_t)k);
		bool taken[256] = {false};
		for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
			struct str s = place(&l, special[i]);
			assert_true(str_equal(s, str_of(special[i])));
		}
		for (unsigned i = 1; i < 224; i++) {
			char text[20];
			if (i == 127)
				continue;
			snprintf(text, sizeof(text), "%u.1.2.3", i);
			struct addr a = map(&l, text);
			assert_true(addr_is_v4(&a));
			assert_true(a.b[12] > 0 && a.b[12] < 224 && a.b[12] != 127);
			assert_false(taken[a.b[12]]);
			taken[a.b[12]] = true;
		}
		lab_end(&l);
	}
}

static void must_be(struct str s, const char *text)
{
	if (!str_equal(s, str_of(text)))
		fail_msg("'%.*s' is not '%s'", STR_ARG(s), text);
}

static bool ends(struct str s, const char *end)
{
	size_t n = strlen(end);
	return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

static struct str behind_dot(struct str s)
{
	const char *dot = memchr(s.p, '.', s.n);
	assert_non_null(dot);
	return (struct str){dot + 1, s.n - (size_t)(dot + 1 - s.p)};
}

static void names_keep_their_tree(void **state)
{
	(void)state;
	struct lab l = lab_start(1);
	struct str www = place(&l, "www.shop.bbc.co.uk"),
		   shop = place(&l, "shop.bbc.co.uk");
	struct str other = place(&l, "www.bbc.org.uk");
	assert_true(
	    ends(www, ".co.uk") && ends(shop, ".co.uk") && ends(other, ".org.uk"));
	assert_true(str_equal(behind_dot(www), shop));
	assert_true(str_equal(www, place(&l, "www.shop.bbc.co.uk")));
	/* The same label elsewhere is another token. */
	assert_memory_not_equal(www.p, other.p, PSEUDONYM_TOKEN_CHARS);
	assert_int_equal(shop.n, 2 * (PSEUDONYM_TOKEN_CHARS + 1) + 5);
	/* No public suffix: a company's own name does not stay. */
	struct str own = place(&l, "files.acme");
	assert_null(memmem(own.p, own.n, "acme", 4));
	assert_int_equal(own.n, 2 * PSEUDONYM_TOKEN_CHARS + 1);
	must_be(place(&l, "co.uk"), "co.uk");
	must_be(place(&l, "local"), "local");
	must_be(place(&l, "."), ".");
	assert_int_equal(place(&l, "").n, 0);
	assert_null(pseudonym_place(l.p, (struct str){0}, &l.a).p);
	/* Another key, other tokens. */
	struct lab m = lab_start(9);
	uint8_t key[PSEUDONYM_KEY_BYTES] = {1, 2, 3, [63] = 1};
	struct error e;
	pseudonym_free(m.p);
	m.p = pseudonym_new(key, &e);
	assert_false(str_equal(place(&m, "shop.bbc.co.uk"), shop));
	lab_end(&m);
	lab_end(&l);
}

static void reverse_names_follow_addresses(void **state)
{
	(void)state;
	char want[128];
	struct lab l = lab_start(3);
	struct addr a = map(&l, "198.51.100.25");
	snprintf(want, sizeof(want), "%u.%u.%u.%u.in-addr.arpa", a.b[15], a.b[14],
	    a.b[13], a.b[12]);
	must_be(place(&l, "25.100.51.198.in-addr.arpa"), want);
	snprintf(want, sizeof(want), "%u.%u.in-addr.arpa", a.b[13], a.b[12]);
	must_be(place(&l, "51.198.in-addr.arpa"), want);
	struct str lb = place(&l, "lb._dns-sd.51.198.in-addr.arpa");
	assert_true(ends(lb, want));
	assert_int_equal(lb.n, 2 * (PSEUDONYM_TOKEN_CHARS + 1) + strlen(want));
	a = map(&l, "2001:db8::5");
	char *o = want;
	for (int i = 31; i >= 0; i--)
		o += snprintf(o, 3, "%x.", a.b[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15);
	snprintf(o, 10, "ip6.arpa");
	must_be(
	    place(&l, "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
		      "ip6.arpa"),
	    want);
	lab_end(&l);
}

static void texts(void **state)
{
	(void)state;
	struct lab l = lab_start(4);
	struct str name = str_copy(&l.a, place(&l, "mail.acme.com"));
	struct str answer = pseudonym_answer(l.p, STR("10 mail.acme.com"), &l.a);
	must_be(answer, str_format(&l.a, "10 %.*s", STR_ARG(name)).p);
	assert_true(str_equal(pseudonym_answer(l.p, STR("mail.acme.com"), &l.a), name));
	struct str token =
	    pseudonym_token(l.p, STR("v=spf1 include:acme.com -all"), &l.a);
	assert_int_equal(token.n, PSEUDONYM_TOKEN_CHARS);
	assert_true(str_equal(
	    pseudonym_answer(l.p, STR("v=spf1 include:acme.com -all"), &l.a), token));
	/* A number by itself may be anybody's. */
	assert_int_equal(
	    pseudonym_answer(l.p, STR("4915112345"), &l.a).n, PSEUDONYM_TOKEN_CHARS);
	must_be(pseudonym_word(l.p, STR("GET"), &l.a), "GET");
	assert_int_equal(pseudonym_word(l.p, STR("GETX"), &l.a).n, PSEUDONYM_TOKEN_CHARS);
	must_be(
	    pseudonym_facts(l.p,
		STR("[{\"key\":\"rhythm\",\"values\":[1,2]},{\"key\":\"usual_service\","
		    "\"text\":\"acme\"},{\"key\":\"x\",\"values\":[\"acme\"]}]"),
		&l.a),
	    "[{\"key\":\"rhythm\",\"values\":[1,2]},{\"key\":\"usual_service\"},{\"key\":"
	    "\"x\"}]");
	assert_null(pseudonym_facts(l.p, STR("acme"), &l.a).p);
	assert_null(pseudonym_address(l.p, STR("acme"), &l.a).p);
	lab_end(&l);
}

/* A name with more labels than a name can have becomes one token; caches of any age give
 * the same. */
static void limits(void **state)
{
	(void)state;
	struct lab l = lab_start(5);
	char long_name[2 * PSEUDONYM_LABELS_MAX + 2];
	for (size_t i = 0; i < sizeof(long_name) - 1; i++)
		long_name[i] = i % 2 == 0 ? 'a' : '.';
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(place(&l, long_name).n, PSEUDONYM_TOKEN_CHARS);
	assert_true(place(&l, long_name + 4).n > PSEUDONYM_TOKEN_CHARS);
	struct addr first = map(&l, "10.0.0.1");
	struct str token = pseudonym_token(l.p, STR("acme"), &l.a);
	for (unsigned i = 0; i < 30000; i++) {
		char text[24];
		snprintf(text, sizeof(text), "10.%u.%u.7", i / 250, i % 250);
		map(&l, text);
		pseudonym_token(l.p, str_of(text), &l.a);
	}
	struct addr again = map(&l, "10.0.0.1");
	assert_true(addr_equal(&first, &again));
	assert_true(str_equal(pseudonym_token(l.p, STR("acme"), &l.a), token));
	lab_end(&l);
}

static void keys(void **state)
{
	(void)state;
	char folder[] = P_tmpdir "/dwell-key-XXXXXX", path[64];
	uint8_t key[PSEUDONYM_KEY_BYTES], again[PSEUDONYM_KEY_BYTES];
	struct error e = {0};
	struct stat st;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	assert_int_equal(pseudonym_key_new(path, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pseudonym_key_read(path, key, &e), 0);
	assert_int_equal(pseudonym_key_new(path, &e), -1); /* never over another */
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(pseudonym_key_read(path, again, &e), 0);
	assert_memory_equal(key, again, sizeof(key));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(pseudonym_key_read(path, key, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(pseudonym_key_read(path, key, &e), -1);
	assert_int_equal(file_remove_tree(folder, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reference_trace),
	    cmocka_unit_test(other_keys),
	    cmocka_unit_test(networks_stay_together),
	    cmocka_unit_test(special_addresses),
	    cmocka_unit_test(names_keep_their_tree),
	    cmocka_unit_test(reverse_names_follow_addresses),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(keys),
	};
	return cmocka_run_group_tests_name("pseudonym", tests, NULL, NULL);
}
