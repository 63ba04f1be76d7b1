/* SPDX-License-Identifier: Apache-2.0 */
/* Words to indicators: what people write, and what a memory holds. */
#include "feed_lab.h"

static const struct {
	const char *word;
	enum indicator_kind kind;
	const char *value;
	enum indicator_match match;
	uint16_t port;
} words[] = {
    {"192.0.2.1", INDICATOR_ADDRESS, "192.0.2.1", MATCH_EQUAL, 0},
    {" 192.0.2[.]1 ", INDICATOR_ADDRESS, "192.0.2.1", MATCH_EQUAL, 0},
    {"192.0.2.1:8443", INDICATOR_ADDRESS, "192.0.2.1", MATCH_EQUAL, 8443},
    {"::ffff:192.0.2.1", INDICATOR_ADDRESS, "192.0.2.1", MATCH_EQUAL, 0},
    /* RFC 5952, 4: one form for each address */
    {"2001:DB8:0:0:0:0:0:1", INDICATOR_ADDRESS, "2001:db8::1", MATCH_EQUAL, 0},
    {"[2001:db8::1]", INDICATOR_ADDRESS, "2001:db8::1", MATCH_EQUAL, 0},
    {"[2001:db8::1]:53", INDICATOR_ADDRESS, "2001:db8::1", MATCH_EQUAL, 53},
    {"192.0.2.77/24", INDICATOR_NETWORK, "192.0.2.0/24", MATCH_EQUAL, 0},
    {"192.0.2.77/32", INDICATOR_ADDRESS, "192.0.2.77", MATCH_EQUAL, 0},
    {"0.0.0.0/0", INDICATOR_NETWORK, "0.0.0.0/0", MATCH_EQUAL, 0},
    {"2001:db8:ffff::/33", INDICATOR_NETWORK, "2001:db8:8000::/33", MATCH_EQUAL, 0},
    {"::/0", INDICATOR_NETWORK, "::/0", MATCH_EQUAL, 0},
    {"Www.Example.ORG.", INDICATOR_NAME, "www.example.org", MATCH_BELOW, 0},
    {"*.example.org", INDICATOR_NAME, "example.org", MATCH_BELOW, 0},
    {"evil(dot)example[.]org", INDICATOR_NAME, "evil.example.org", MATCH_BELOW, 0},
    {"example.org:8080", INDICATOR_NAME, "example.org", MATCH_BELOW, 8080},
    {"xn--bcher-kva.example", INDICATOR_NAME, "xn--bcher-kva.example", MATCH_BELOW, 0},
    {"_sip._tcp.example.org", INDICATOR_NAME, "_sip._tcp.example.org", MATCH_BELOW, 0},
    {"name:wpad", INDICATOR_NAME, "wpad", MATCH_BELOW, 0},
    {"hxxps://Evil[.]example[.]com:443", INDICATOR_URL, "https://evil.example.com/",
	MATCH_EQUAL, 0},
    {"http://u:p@example.org:8080/A?b=C#frag", INDICATOR_URL,
	"http://example.org:8080/A?b=C", MATCH_EQUAL, 0},
    {"http://[2001:DB8::1]:80/x", INDICATOR_URL, "http://[2001:db8::1]/x", MATCH_EQUAL,
	0},
    {"example.org/gate.php", INDICATOR_URL, "example.org/gate.php", MATCH_EQUAL, 0},
    {"http://192.0.2.1", INDICATOR_URL, "http://192.0.2.1/", MATCH_EQUAL, 0},
    {"D41D8CD98F00B204E9800998ECF8427E", INDICATOR_MD5,
	"d41d8cd98f00b204e9800998ecf8427e", MATCH_EQUAL, 0},
    {"da39a3ee5e6b4b0d3255bfef95601890afd80709", INDICATOR_SHA1,
	"da39a3ee5e6b4b0d3255bfef95601890afd80709", MATCH_EQUAL, 0},
    {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", INDICATOR_SHA256,
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", MATCH_EQUAL,
	0},
    {"ja3:D41D8CD98F00B204E9800998ECF8427E", INDICATOR_JA3,
	"d41d8cd98f00b204e9800998ecf8427e", MATCH_EQUAL, 0},
    {"cert_sha1:DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF:95:60:18:90:AF:D8:07:09",
	INDICATOR_CERT_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", MATCH_EQUAL, 0},
    {"t13d1516h2_8daaf6152771_e5627efa2ab1", INDICATOR_JA4,
	"t13d1516h2_8daaf6152771_e5627efa2ab1", MATCH_EQUAL, 0},
    {"00-1B-44-11-3a-B7", INDICATOR_MAC, "00:1b:44:11:3a:b7", MATCH_EQUAL, 0},
    {"001b.4411.3ab7", INDICATOR_MAC, "00:1b:44:11:3a:b7", MATCH_EQUAL, 0},
    {"host_name:DESKTOP_1$", INDICATOR_HOST_NAME, "desktop_1$", MATCH_EQUAL, 0},
    {"Joe[at]Example[.]org", INDICATOR_EMAIL, "joe@example.org", MATCH_EQUAL, 0},
    {"ua:Mozilla/5.0 (X11)", INDICATOR_USER_AGENT, "Mozilla/5.0 (X11)", MATCH_EQUAL, 0},
};

static void reads_what_people_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct arena a;
		struct indicator in;
		const char *why = "";
		arena_init(&a, 1 << 20);
		if (!indicator_parse(str_of(words[i].word), &a, &in, &why))
			fail_msg("%s: %s", words[i].word, why);
		if (!str_equal(in.value, str_of(words[i].value)) ||
		    in.kind != words[i].kind)
			fail_msg("%s: %s %.*s", words[i].word,
			    indicator_kind_name(in.kind), STR_ARG(in.value));
		assert_int_equal(in.match, words[i].match);
		assert_int_equal(in.port, words[i].port);
		arena_fini(&a);
	}
}

static void refuses_what_can_not_be_found(void **state)
{
	static const char *const bad[] = {"", "  ", "word", "192.0.2.300", "192.0.2.1:0",
	    "192.0.2.1:65536", "192.0.2.0/33", "2001:db8::/129", "-", "a..example.org",
	    "b\xc3\xbc"
	    "cher.example",
	    "ex ample.org", "http://", "http:///x", "joe@", "@example.org",
	    "ja3:d41d8cd98f00b204e9800998ecf8427", "ja3:", "ip:example.org",
	    "t13d1516h2_8daaf6152771_e5627efa2abX", "example.org:http",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
	    "mac:00-1B-44-11-3a", "host_name:two words", "host_name:a\\b", "1.2.3"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena a;
		struct indicator in;
		const char *why = NULL;
		arena_init(&a, 1 << 20);
		if (indicator_parse(str_of(bad[i]), &a, &in, &why))
			fail_msg("%s was taken", bad[i]);
		assert_non_null(why);
		arena_fini(&a);
	}
}

static void knows_what_is_too_broad(void **state)
{
	static const struct {
		const char *word;
		bool broad;
	} nets[] = {{"0.0.0.0/0", true}, {"10.0.0.0/7", true}, {"10.0.0.0/8", false},
	    {"::/0", true}, {"2000::/15", true}, {"2001::/16", false}, {"name:com", true},
	    {"example.com", false}};
	(void)state;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct arena a;
		struct indicator in;
		const char *why;
		arena_init(&a, 1 << 20);
		assert_true(indicator_parse(str_of(nets[i].word), &a, &in, &why));
		assert_int_equal(in.broad, nets[i].broad);
		arena_fini(&a);
	}
}

static void splits_urls(void **state)
{
	struct url u;
	(void)state;
	assert_true(url_split(STR("https://example.org:8443/a/b?c"), &u));
	assert_true(str_equal(u.scheme, STR("https")));
	assert_true(str_equal(u.host, STR("example.org")));
	assert_int_equal(u.port, 8443);
	assert_true(str_equal(u.uri, STR("/a/b?c")));
	assert_true(url_split(STR("http://[2001:db8::1]/"), &u));
	assert_true(str_equal(u.host, STR("2001:db8::1")));
	assert_int_equal(u.port, 0);
	assert_true(url_split(STR("example.org/x:y"), &u));
	assert_null(u.scheme.p);
	assert_true(str_equal(u.uri, STR("/x:y")));
	assert_false(url_split(STR("https://"), &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_people_write),
	    cmocka_unit_test(refuses_what_can_not_be_found),
	    cmocka_unit_test(knows_what_is_too_broad),
	    cmocka_unit_test(splits_urls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
