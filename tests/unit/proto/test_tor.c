/* SPDX-License-Identifier: Apache-2.0 */
/* What a hello of TLS shows of the protocol inside: DNS over TLS, over HTTPS, Tor. */
#include "play.h"

/* A client hello with that name and ALPN (NULL: none), in one record. */
static void hello(struct play *p, const char *sni, const char *alpn)
{
	uint8_t b[300] = {0x16, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
	size_t n = 11 + 32, name = strlen(sni);
	static const uint8_t suites[] = {0, 0, 2, 0xc0, 0x2f, 1, 0};
	memcpy(b + n, suites, sizeof(suites));
	size_t ext = n += sizeof(suites);
	n += 2;
	const uint8_t head[] = {
	    0, 0, 0, (uint8_t)(name + 5), 0, (uint8_t)(name + 3), 0, 0, (uint8_t)name};
	memcpy(b + n, head, sizeof(head));
	memcpy(b + n + sizeof(head), sni, name);
	n += sizeof(head) + name;
	size_t a = alpn != NULL ? strlen(alpn) : 0;
	const uint8_t list[] = {
	    0, 16, 0, (uint8_t)(a + 3), 0, (uint8_t)(a + 1), (uint8_t)a};
	if (alpn != NULL) {
		memcpy(b + n, list, sizeof(list));
		memcpy(b + n + sizeof(list), alpn, a);
		n += sizeof(list) + a;
	}
	b[ext + 1] = (uint8_t)(n - ext - 2);
	b[8] = (uint8_t)(n - 9);
	b[4] = (uint8_t)(n - 5);
	play_send(p, 0, b, n);
}

static void expect_word(
    const char *sni, const char *alpn, uint16_t port, const char *service)
{
	char text[64];
	struct play *p = play_start(IP_PROTO_TCP, port);
	hello(p, sni, alpn);
	play_close(p);
	snprintf(text, sizeof(text), "\"service\":\"%s\"", service);
	play_assert(p, text);
	play_end(p);
}

static void test_dns(void **state)
{
	(void)state;
	expect_word("resolver.example", "dot", 8853, "ssl,dot");
	expect_word("resolver.example", NULL, 853, "ssl,dot");
	expect_word("dns.google", "h2", 443, "ssl,doh");
	expect_word("www.google.com", "h2", 443, "ssl");
}

static void test_tor(void **state)
{
	(void)state;
	expect_word("www.q4cyamnc6mtokjurvdclt.com", NULL, 443, "ssl,tor");
	expect_word("www.q4cyamnc6mtokjurvdclt.com", "h2", 443, "ssl");
	expect_word("www.abcdefghijklmn.com", NULL, 443, "ssl");
	expect_word("www.q4cy.com", NULL, 443, "ssl");
	expect_word("www.q4cyamnc81tokju.com", NULL, 443, "ssl");
	expect_word("web.q4cyamnc6mtokju.com", NULL, 443, "ssl");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dns),
	    cmocka_unit_test(test_tor),
	};
	return cmocka_run_group_tests_name("tor", tests, NULL, NULL);
}
