/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JA3, JA3S and JA4 against the examples in their specifications. Hellos are built here
 * from the numbers that the examples list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/tls/ja3.h"
#include "proto/tls/ja4.h"
#include "proto/tls/tls_names.h"

#define BODY_MAX 16384

struct body {
	uint8_t b[BODY_MAX];
	size_t n;
};

static void u8(struct body *o, unsigned v)
{
	assert_true(o->n < BODY_MAX);
	o->b[o->n++] = (uint8_t)v;
}

static void u16(struct body *o, unsigned v)
{
	u8(o, v >> 8);
	u8(o, v & 0xff);
}

static void list16(struct body *o, const uint16_t *v, size_t n)
{
	u16(o, (unsigned)(2 * n));
	for (size_t i = 0; i < n; i++)
		u16(o, v[i]);
}

/* What the tests vary of a client hello. */
struct spec {
	uint16_t version;
	const uint16_t *ciphers;
	size_t n_ciphers;
	const uint16_t *extensions;
	size_t n_extensions;
	const uint16_t *groups;
	size_t n_groups;
	const uint16_t *versions;
	size_t n_versions;
	const uint16_t *signatures;
	size_t n_signatures;
	const char *alpn;
	size_t n_alpn;
};

static void extension(struct body *o, const struct spec *s, uint16_t type)
{
	u16(o, type);
	size_t at = o->n;
	u16(o, 0);
	switch (type) {
	case 0:
		u16(o, 4);
		u8(o, 0);
		u16(o, 1);
		u8(o, 'a');
		break;
	case 10:
		list16(o, s->groups, s->n_groups);
		break;
	case 11:
		u8(o, 1);
		u8(o, 0);
		break;
	case 13:
		list16(o, s->signatures, s->n_signatures);
		break;
	case 16:
		u16(o, (unsigned)(s->n_alpn + 1));
		u8(o, (unsigned)s->n_alpn);
		for (size_t i = 0; i < s->n_alpn; i++)
			u8(o, (uint8_t)s->alpn[i]);
		break;
	case 43:
		u8(o, (unsigned)(2 * s->n_versions));
		for (size_t i = 0; i < s->n_versions; i++)
			u16(o, s->versions[i]);
		break;
	default:
		break;
	}
	size_t n = o->n - at - 2;
	o->b[at] = (uint8_t)(n >> 8);
	o->b[at + 1] = (uint8_t)n;
}

static void build(struct body *o, const struct spec *s)
{
	o->n = 0;
	u16(o, s->version);
	for (int i = 0; i < 32; i++)
		u8(o, (unsigned)i);
	u8(o, 0);
	list16(o, s->ciphers, s->n_ciphers);
	u8(o, 1);
	u8(o, 0);
	if (s->n_extensions == 0)
		return;
	size_t at = o->n;
	u16(o, 0);
	for (size_t i = 0; i < s->n_extensions; i++)
		extension(o, s, s->extensions[i]);
	size_t n = o->n - at - 2;
	o->b[at] = (uint8_t)(n >> 8);
	o->b[at + 1] = (uint8_t)n;
}

#define LIST(v) .v = v, .n_##v = sizeof(v) / sizeof((v)[0])

static void ja4_is(const struct spec *s, const char *expected)
{
	struct body o;
	struct tls_hello h;
	char out[JA4_TEXT_MAX];
	build(&o, s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_PARSED);
	assert_true(ja4_client(&h, 't', out));
	assert_string_equal(out, expected);
}

static void ja3_is(const struct spec *s, const char *expected)
{
	struct body o;
	struct tls_hello h;
	char out[JA3_TEXT_MAX];
	build(&o, s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_PARSED);
	assert_true(ja3_client(&h, out));
	assert_string_equal(out, expected);
}

/* The example of the JA4 specification, with GREASE mixed in as a browser does. */
static const uint16_t ciphers[] = {0xcaca, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c,
    0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t extensions[] = {0x3a3a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469,
    0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a,
    0x0015};
static const uint16_t signatures[] = {
    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
static const uint16_t versions[] = {0x1a1a, 0x0304, 0x0303};

static void ja4_example(void **state)
{
	(void)state;
	struct spec s = {.version = 0x0303,
	    LIST(ciphers),
	    LIST(extensions),
	    LIST(signatures),
	    LIST(versions),
	    .alpn = "h2",
	    .n_alpn = 2};
	ja4_is(&s, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	s.n_signatures = 0;
	ja4_is(&s, "t13d1516h2_8daaf6152771_6d807ffa2a79");
	s.n_extensions = 0;
	ja4_is(&s, "t12i150000_8daaf6152771_000000000000");
}

/* The specification's own examples of protocol names. */
static void ja4_alpn(void **state)
{
	(void)state;
	static const struct {
		const char *alpn;
		size_t n;
		const char *expected;
	} cases[] = {
	    {"http/1.1", 8, "h1"},
	    {"h", 1, "hh"},
	    {"", 0, "00"},
	    {"\xab", 1, "ab"},
	    {"\xab\xcd", 2, "ad"},
	    {"\x30\xab", 2, "3b"},
	    {"\x30\x31\xab\xcd", 4, "3d"},
	    {"\x30\xab\xcd\x31", 4, "01"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec s = {.version = 0x0303,
		    LIST(ciphers),
		    LIST(extensions),
		    LIST(versions),
		    LIST(signatures),
		    .alpn = cases[i].alpn,
		    .n_alpn = cases[i].n};
		char expected[] = "t13d1516xx_8daaf6152771_e5627efa2ab1";
		memcpy(expected + 8, cases[i].expected, 2);
		ja4_is(&s, expected);
	}
}

static void ja4_versions(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		const char *expected;
	} cases[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"},
	    {0x0300, "s3"}, {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"},
	    {0xfefc, "d3"}, {0x1234, "00"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec s = {.version = cases[i].version, LIST(ciphers)};
		char expected[] = "txxi150000_8daaf6152771_000000000000";
		memcpy(expected + 1, cases[i].expected, 2);
		ja4_is(&s, expected);
	}
}

static void ja4_counts_end_at_99(void **state)
{
	(void)state;
	static uint16_t many[TLS_CIPHERS_MAX + 1];
	for (size_t i = 0; i < TLS_CIPHERS_MAX + 1; i++)
		many[i] = (uint16_t)(0xff00 - i);
	struct body o;
	struct tls_hello h;
	char out[JA4_TEXT_MAX];
	struct spec s = {
	    .version = 0x0303, .ciphers = many, .n_ciphers = TLS_CIPHERS_MAX};
	build(&o, &s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_PARSED);
	assert_true(ja4_client(&h, 't', out));
	assert_memory_equal(out, "t12i990000_", 11);

	s.n_ciphers = TLS_CIPHERS_MAX + 1;
	build(&o, &s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_OVER_LIMIT);
	assert_false(ja4_client(&h, 't', out));
	assert_string_equal(out, "");
	char ja3[JA3_TEXT_MAX];
	assert_false(ja3_client(&h, ja3));
}

static void extension_limit(void **state)
{
	(void)state;
	static uint16_t many[TLS_EXTENSIONS_MAX + 1];
	for (size_t i = 0; i < TLS_EXTENSIONS_MAX + 1; i++)
		many[i] = (uint16_t)(0x4000 + i);
	struct body o;
	struct tls_hello h;
	struct spec s = {.version = 0x0303,
	    LIST(ciphers),
	    .extensions = many,
	    .n_extensions = TLS_EXTENSIONS_MAX};
	build(&o, &s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_PARSED);
	s.n_extensions++;
	build(&o, &s);
	assert_int_equal(
	    tls_client_hello_parse(bytes_over(o.b, o.n), false, &h), TLS_OVER_LIMIT);
	assert_int_equal(h.extension_count, TLS_EXTENSIONS_MAX);
}

/* The two examples in the description of JA3. */
static void ja3_examples(void **state)
{
	(void)state;
	static const uint16_t first[] = {
	    47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
	static const uint16_t types[] = {0, 10, 11};
	static const uint16_t groups[] = {23, 24, 25};
	ja3_is(&(struct spec){.version = 769,
		   .ciphers = first,
		   .n_ciphers = 12,
		   .extensions = types,
		   .n_extensions = 3,
		   LIST(groups)},
	    "ada70206e40642a3e4461f35503241d5");
	static const uint16_t second[] = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};
	ja3_is(&(struct spec){.version = 769, .ciphers = second, .n_ciphers = 11},
	    "de350869b8c85de67a350c8d186f11e6");
}

/* The string that JA3S has as its example; its MD5 by md5sum(1). */
static void ja3s_example(void **state)
{
	(void)state;
	static const uint16_t types[] = {65281, 0, 11, 35, 5, 16};
	struct body o = {.n = 0};
	u16(&o, 769);
	for (int i = 0; i < 32; i++)
		u8(&o, 0);
	u8(&o, 0);
	u16(&o, 47);
	u8(&o, 0);
	u16(&o, 24);
	for (size_t i = 0; i < 6; i++) {
		u16(&o, types[i]);
		u16(&o, 0);
	}
	struct tls_hello h;
	char out[JA3_TEXT_MAX];
	assert_int_equal(tls_server_hello_parse(bytes_over(o.b, o.n), &h), TLS_PARSED);
	assert_true(ja3_server(&h, out));
	assert_string_equal(out, "836ce314215654b5b1f85f97c73e506f");
}

static void ssl2_has_no_fingerprint(void **state)
{
	(void)state;
	struct tls_hello h = {.ssl2 = true};
	char ja3[JA3_TEXT_MAX], ja4[JA4_TEXT_MAX];
	assert_false(ja3_client(&h, ja3));
	assert_false(ja3_server(&h, ja3));
	assert_false(ja4_client(&h, 't', ja4));
}

/* RFC 8701 lists sixteen values. */
static void grease(void **state)
{
	(void)state;
	unsigned n = 0;
	for (unsigned v = 0; v <= 0xffff; v++)
		n += tls_is_grease((uint16_t)v);
	assert_int_equal(n, 16);
	assert_true(tls_is_grease(0x0a0a));
	assert_true(tls_is_grease(0xfafa));
	assert_false(tls_is_grease(0x0a1a));
}

/* Every cut of a hello is malformed or has fewer
 * extensions, and never reads beyond its end. */
static void every_cut(void **state)
{
	(void)state;
	struct body o;
	struct spec s = {
	    .version = 0x0303, LIST(ciphers), LIST(extensions), LIST(versions)};
	build(&o, &s);
	for (size_t n = 0; n < o.n; n++) {
		struct tls_hello h;
		enum tls_parse result =
		    tls_client_hello_parse(bytes_over(o.b, n), false, &h);
		size_t without_extensions = 2 + 32 + 1 + 2 + sizeof(ciphers) + 2;
		assert_int_equal(
		    result, n == without_extensions ? TLS_PARSED : TLS_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ja4_example),
	    cmocka_unit_test(ja4_alpn),
	    cmocka_unit_test(ja4_versions),
	    cmocka_unit_test(ja4_counts_end_at_99),
	    cmocka_unit_test(extension_limit),
	    cmocka_unit_test(ja3_examples),
	    cmocka_unit_test(ja3s_example),
	    cmocka_unit_test(ssl2_has_no_fingerprint),
	    cmocka_unit_test(grease),
	    cmocka_unit_test(every_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
