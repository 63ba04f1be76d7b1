/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of queries, against what others publish: Corelight's baselines for the
 * Community ID, the examples of publicsuffix.org, RFC 4632 and RFC 4291 for networks. */
#include "store_lab.h"

static struct store *open_lab(char **path)
{
	*path = lab_folder();
	store_close(lab_open(*path, STORE_WRITE));
	return lab_open(*path, STORE_READ);
}

static void close_lab(struct store *s, char *path)
{
	store_close(s);
	lab_done(path);
}

/* The expression gives that text; NULL: it gives NULL. */
static void gives(struct store *s, const char *expression, const char *want)
{
	char sql[512];
	struct error e = {0};
	snprintf(sql, sizeof(sql), "SELECT CAST(%s AS VARCHAR)", expression);
	struct store_rows *r = store_query(s, sql, &e);
	if (r == NULL || !store_next(r))
		fail_msg("%s: %s", expression, e.text);
	struct str got = store_text(r, 0);
	if ((want == NULL) != (got.p == NULL) || !str_equal(got, str_of(want)))
		fail_msg("%s is '%.*s', not '%s'", expression, STR_ARG(got),
		    want != NULL ? want : "NULL");
	store_rows_free(r);
}

static void refuses(struct store *s, const char *expression, const char *what)
{
	char sql[512];
	struct error e = {0};
	snprintf(sql, sizeof(sql), "SELECT %s", expression);
	struct store_rows *r = store_query(s, sql, &e);
	if (r != NULL) {
		assert_false(store_next(r));
		assert_true(store_rows_failed(r, &e));
	}
	store_rows_free(r);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, what));
}

/* baseline_deflt.json and baseline_seed1.json of the specification's repository. */
static const struct {
	int proto;
	const char *src, *dst;
	int src_port, dst_port;
	const char *id, *seeded;
} baselines[] = {
    {58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136,
	"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY="},
    {58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135,
	"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY="},
    {58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136,
	"1:zavyT/cezQr1fmImYCwYnMXbgck=", "1:2hSqmsDZ2kdcY9kbiUzOEBic0iM="},
    {58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 136, 135,
	"1:zavyT/cezQr1fmImYCwYnMXbgck=", "1:2hSqmsDZ2kdcY9kbiUzOEBic0iM="},
    {58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0,
	"1:2ObVBgIn28oZvibYZhZMBgh7WdQ=", "1:lVEtCZpYu84Xqaa++3lXFyuu2n4="},
    {58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4,
	"1:hLZd0XGWojozrvxqE0dWB1iM6R0=", "1:W8MHwXpWzpoSTD+cGcaJr4u0ys8="},
    {58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129,
	"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", "1:GfZxjAkDk2MkegpBYHV6tadtFXQ="},
    {58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128,
	"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", "1:GfZxjAkDk2MkegpBYHV6tadtFXQ="},
    {58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134,
	"1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=", "1:L7Ka0ZMYu+J3bL4ulW2PrqyXNo8="},
    {58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133,
	"1:pkvHqCL88/tg1k4cPigmZXUtL00=", "1:K/ee5UCqAMAQXDorP5nSa2CGLjc="},
    {1, "192.168.0.89", "192.168.0.1", 8, 0,
	"1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA="},
    {1, "192.168.0.1", "192.168.0.89", 0, 8,
	"1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA="},
    {1, "10.0.0.1", "10.0.0.2", 11, 0,
	"1:YHxtAirCG//0OzkcVAukqKQN9xM=", "1:XjUibYHaafLQ3pxQeiMI8g25q20="},
    /* Type 20 has no answer: its code counts. */
    {1, "192.168.0.89", "192.168.0.1", 20, 0,
	"1:3o2RFccXzUgjl7zDpqmY7yJi8rI=", "1:lCXHHxavE1Vq3oX9NH5ladQg02o="},
    {1, "192.168.0.89", "192.168.0.1", 20, 1,
	"1:tz/fHIDUHs19NkixVVoOZywde+I=", "1:Ie3wmFyxiEyikbsbcO03d2nh+PM="},
    {6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25,
	"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", "1:eJYTW6AOzFLlSUoESovMjnu7rMw="},
    {132, "192.168.170.8", "192.168.170.56", 7, 7,
	"1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", "1:5w3ZRjeKBzqT3zsaEECDGjUbYeg="},
    {132, "192.168.170.56", "192.168.170.8", 80, 7,
	"1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=", "1:Y1/0jQg6e+I3ZwZZ9LP65DNbTXU="},
    {6, "128.232.110.120", "66.35.250.204", 34855, 80,
	"1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
    {6, "66.35.250.204", "128.232.110.120", 80, 34855,
	"1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
    {17, "192.168.1.52", "8.8.8.8", 54585, 53,
	"1:d/FP5EW3wiY1vCndhwleRRKHowQ=", "1:Q9We8WO3piVF8yEQBNJF4uiSVrI="},
    {46, "10.1.12.1", "10.1.12.2", 0, 0,
	"1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", "1:rYir8gphR31noO9iDRQmF/BteEI="},
    {46, "10.1.24.4", "10.1.12.1", 0, 0,
	"1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4=", "1:BK3BVW3U2eemuwVQVN3zd/GULno="},
};

static void community_ids(void **state)
{
	(void)state;
	char *path, text[256];
	struct store *s = open_lab(&path);
	for (size_t i = 0; i < sizeof(baselines) / sizeof(baselines[0]); i++) {
		for (int seed = 0; seed < 2; seed++) {
			snprintf(text, sizeof(text),
			    "community_id('%s', '%s', %d, %d, %d, %d)", baselines[i].src,
			    baselines[i].dst, baselines[i].src_port,
			    baselines[i].dst_port, baselines[i].proto, seed);
			gives(s, text, seed ? baselines[i].seeded : baselines[i].id);
		}
	}
	close_lab(s, path);
}

static void community_ids_of_rows(void **state)
{
	(void)state;
	char *path;
	struct store *s = open_lab(&path);
	gives(s, "community_id('128.232.110.120', '66.35.250.204', 34855, 80, 'tcp')",
	    "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	/* The tables call ICMP of both families icmp. */
	gives(s,
	    "community_id('3ffe:501:0:1001::2', '3ffe:507:0:1:200:86ff:fe05:80da', "
	    "129, 0, 'icmp')",
	    "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=");
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 0, 0, 'rsvp')",
	    "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=");
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 0, 0, '46')", NULL);
	gives(s, "community_id(NULL, '10.1.12.2', 0, 0, 'tcp')", NULL);
	gives(s, "community_id('10.1.12.1', 'fe80::1', 1, 2, 'tcp')", NULL);
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 65536, 2, 'tcp')", NULL);
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 1, -2, 'tcp')", NULL);
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 1, 2, 256)", NULL);
	gives(s, "community_id('10.1.12.1', '10.1.12.2', 1, 2, 'nonsense')", NULL);
	close_lab(s, path);
}

static void networks(void **state)
{
	(void)state;
	char *path;
	struct store *s = open_lab(&path);
	gives(s, "in_net('10.1.2.3', '10.0.0.0/8')", "true");
	gives(s, "in_net('11.1.2.3', '10.0.0.0/8')", "false");
	gives(s, "in_net('192.168.1.127', '192.168.1.0/25')", "true");
	gives(s, "in_net('192.168.1.128', '192.168.1.0/25')", "false");
	gives(s, "in_net('10.1.2.3', '10.1.2.3')", "true");
	gives(s, "in_net('10.1.2.3', '0.0.0.0/0')", "true");
	gives(s, "in_net('10.1.2.3', '::/0')", "false");
	gives(s, "in_net('2001:db8::1', '2001:db8::/32')", "true");
	gives(s, "in_net('2001:db9::1', '2001:db8::/32')", "false");
	gives(s, "in_net('2001:db8::1', '0.0.0.0/0')", "false");
	gives(s, "in_net('172.16.5.5', '10.0.0.0/8, 172.16.0.0/12,fe80::/10')", "true");
	gives(s, "in_net('fe80::1', '10.0.0.0/8, 172.16.0.0/12,fe80::/10')", "true");
	gives(s, "in_net(NULL, '10.0.0.0/8')", NULL);
	gives(s, "in_net('10.1.2.3', NULL)", NULL);
	gives(s, "in_net('host.example', '10.0.0.0/8')", NULL);
	gives(s, "in_net('10.1.2', '10.0.0.0/8')", NULL);
	gives(s, "in_net('10.01.2.3', '10.0.0.0/8')", NULL);
	gives(s, "in_net('', '10.0.0.0/8')", NULL);
	refuses(s, "in_net('10.1.2.3', '10.0.0.0/33')", "10.0.0.0/33");
	refuses(s, "in_net('10.1.2.3', 'home')", "home");
	refuses(s, "in_net('10.1.2.3', '')", "network");
	refuses(s, "in_net('10.1.2.3', '10.0.0.0/8,')", "network");
	/* The limit of networks in one text, and one beyond it. */
	gives(s, "in_net('10.1.2.3', repeat('11.0.0.0/8,', 63) || '10.0.0.0/8')", "true");
	refuses(s, "in_net('10.1.2.3', repeat('11.0.0.0/8,', 64) || '10.0.0.0/8')", "64");
	/* Rows whose network differs, and rows without one. */
	gives(s,
	    "(SELECT string_agg(in_net(a, n), ',' ORDER BY i) FROM (VALUES (1, "
	    "'10.0.0.1', '10.0.0.0/8'), (2, '10.0.0.1', '11.0.0.0/8'), (3, '10.0.0.1', "
	    "NULL), (4, '11.0.0.1', '11.0.0.0/8')) t(i, a, n))",
	    "true,false,true");
	close_lab(s, path);
}

static void home(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct net net;
	struct error e;
	/* Until somebody says so: private and link-local addresses. */
	gives(s, "is_home('192.168.1.1')", "true");
	gives(s, "is_home('fd00::1')", "true");
	gives(s, "is_home('198.51.100.7')", "false");
	gives(s, "is_home(NULL)", NULL);
	gives(s, "is_home('x')", NULL);
	assert_true(net_parse("198.51.100.0/24", &net));
	assert_int_equal(store_set_home(s, &net, 1, &e), 0);
	gives(s, "is_home('192.168.1.1')", "false");
	gives(s, "is_home('198.51.100.7')", "true");
	close_lab(s, path);
}

static void names(void **state)
{
	(void)state;
	/* Of the list of tests at publicsuffix.org, and names that are none. */
	static const char *const cases[][2] = {{"example.com", "example.com"},
	    {"b.example.com", "example.com"}, {"a.b.example.com", "example.com"},
	    {"com", NULL}, {"biz", NULL}, {"domain.biz", "domain.biz"},
	    {"a.b.example.uk.com", "example.uk.com"}, {"test.ac.jp", "test.ac.jp"},
	    {"c.kobe.jp", NULL}, {"a.b.c.kobe.jp", "b.c.kobe.jp"},
	    {"www.city.kobe.jp", "city.kobe.jp"}, {"www.ck", "www.ck"}, {"test.ck", NULL},
	    {"b.test.ck", "b.test.ck"}, {"www.test.k12.ak.us", "test.k12.ak.us"},
	    {"k12.ak.us", NULL}, {"a.b.unlisted", "b.unlisted"}, {"unlisted", NULL},
	    {"10.1.2.3", NULL}, {"2001:db8::1", NULL}, {"", NULL}, {".com", NULL},
	    {"a..com", NULL}, {"example.com.", NULL}};
	char *path, text[256];
	struct store *s = open_lab(&path);
	for (int twice = 0; twice < 2; twice++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			snprintf(
			    text, sizeof(text), "registered_domain('%s')", cases[i][0]);
			gives(s, text, cases[i][1]);
		}
	}
	gives(s, "registered_domain(NULL)", NULL);
	gives(s, "registered_domain(repeat('a.', 150) || 'example.com')", NULL);
	gives(s, "registered_domain(repeat('a.', 100) || 'example.com')", "example.com");
	gives(s, "public_suffix('www.bbc.co.uk')", "co.uk");
	gives(s, "public_suffix('www.acme.unlisted')", NULL);
	gives(s, "reverse_labels('www.bbc.co.uk')", "uk.co.bbc.www");
	gives(s, "reverse_labels('localhost')", "localhost");
	gives(s, "reverse_labels('')", "");
	gives(s, "reverse_labels('.a.')", ".a.");
	gives(s, "reverse_labels(NULL)", NULL);
	/* More rows than a cache holds, and all of them right. */
	gives(s,
	    "(SELECT count(*) FROM range(20000) r(i) WHERE registered_domain('h.x' || i "
	    "|| '.co.uk') <> 'x' || i || '.co.uk')",
	    "0");
	close_lab(s, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(community_ids),
	    cmocka_unit_test(community_ids_of_rows),
	    cmocka_unit_test(networks),
	    cmocka_unit_test(home),
	    cmocka_unit_test(names),
	};
	return cmocka_run_group_tests_name("macros", tests, NULL, NULL);
}
