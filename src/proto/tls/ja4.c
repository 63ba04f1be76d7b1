/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/ja4.h"

#include <string.h>

#include "proto/shared/digest.h"
#include "proto/tls/tls_names.h"

#define SIGNATURES_MAX 256 /* algorithms read; real hellos have fewer than 30 */
#define DIGEST_DIGITS  12
#define TEXT_MAX       (5 * (TLS_CIPHERS_MAX + TLS_EXTENSIONS_MAX + SIGNATURES_MAX))

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16 };

static const char hex_digits[16] = "0123456789abcdef";

struct list {
	uint16_t v[TLS_CIPHERS_MAX];
	size_t n;
};

_Static_assert(TLS_EXTENSIONS_MAX <= TLS_CIPHERS_MAX, "a list holds either");

/* Shell sort with Ciura's gaps:
 * short lists are the rule, long ones must not be quadratic. */
static void sort(struct list *l)
{
	static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
		size_t gap = gaps[g];
		for (size_t i = gap; i < l->n; i++) {
			uint16_t v = l->v[i];
			size_t j = i;
			for (; j >= gap && l->v[j - gap] > v; j -= gap)
				l->v[j] = l->v[j - gap];
			l->v[j] = v;
		}
	}
}

static char *put_hex(char *o, uint16_t v)
{
	o[0] = hex_digits[v >> 12];
	o[1] = hex_digits[v >> 8 & 15];
	o[2] = hex_digits[v >> 4 & 15];
	o[3] = hex_digits[v & 15];
	o[4] = ',';
	return o + 5;
}

static char *put_list(char *o, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		o = put_hex(o, l->v[i]);
	return o;
}

static const char *version_text(uint16_t version)
{
	switch (version) {
	case TLS_1_3:
		return "13";
	case TLS_1_2:
		return "12";
	case TLS_1_1:
		return "11";
	case TLS_1_0:
		return "10";
	case TLS_SSL3:
		return "s3";
	case TLS_SSL2:
		return "s2";
	case 0xfeff:
		return "d1";
	case 0xfefd:
		return "d2";
	case 0xfefc:
		return "d3";
	default:
		return "00";
	}
}

/* The numerically highest version offered,
 * as the specification says it: not the newest. */
static uint16_t version_of(const struct tls_hello *h)
{
	if (!h->has_versions)
		return h->version;
	uint16_t best = 0;
	for (struct bytes b = h->versions; b.left >= 2;) {
		uint16_t v = bytes_be16(&b);
		if (!tls_is_grease(v) && v > best)
			best = v;
	}
	return best;
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void put_alpn(char *o, struct bytes alpn)
{
	o[0] = o[1] = '0';
	if (alpn.left == 0)
		return;
	uint8_t first = alpn.pos[0];
	uint8_t last = alpn.pos[alpn.left - 1];
	bool plain = is_alphanumeric(first) && is_alphanumeric(last);
	o[0] = plain ? (char)first : hex_digits[first >> 4];
	o[1] = plain ? (char)last : hex_digits[last & 15];
}

static void put_count(char *o, size_t n)
{
	if (n > 99)
		n = 99;
	o[0] = (char)('0' + n / 10);
	o[1] = (char)('0' + n % 10);
}

/* Twelve digits of the SHA-256 of text, which ends before its last ','. */
static void put_digest(char *o, const char *text, const char *end)
{
	memset(o, '0', DIGEST_DIGITS);
	if (end == text)
		return;
	char digest[DIGEST_TEXT_MAX];
	if (digest_hex(DIGEST_SHA256, text, (size_t)(end - 1 - text), digest) > 0)
		memcpy(o, digest, DIGEST_DIGITS);
}

static void read_ciphers(const struct tls_hello *h, struct list *l)
{
	l->n = 0;
	for (struct bytes b = h->ciphers; b.left >= 2;) {
		uint16_t v = bytes_be16(&b);
		if (!tls_is_grease(v))
			l->v[l->n++] = v;
	}
}

/* The extensions that count; gives how many,
 * of which l leaves out server_name and ALPN. */
static size_t read_extensions(const struct tls_hello *h, struct list *l)
{
	size_t count = 0;
	l->n = 0;
	for (struct bytes b = h->extensions; b.left > 0;) {
		uint16_t type = bytes_be16(&b);
		bytes_skip(&b, bytes_be16(&b));
		if (tls_is_grease(type))
			continue;
		count++;
		if (type != EXTENSION_SERVER_NAME && type != EXTENSION_ALPN)
			l->v[l->n++] = type;
	}
	return count;
}

/* "extensions_signatures", or only "extensions"
 * where there are no signature algorithms. */
static char *put_extensions(char *text, const struct tls_hello *h, const struct list *l)
{
	char *o = put_list(text, l);
	if (l->n == 0)
		return o;
	size_t n = 0;
	for (struct bytes b = h->signatures; b.left >= 2 && n < SIGNATURES_MAX;) {
		uint16_t v = bytes_be16(&b);
		if (tls_is_grease(v))
			continue;
		if (n++ == 0)
			o[-1] = '_';
		o = put_hex(o, v);
	}
	return o;
}

bool ja4_client(const struct tls_hello *h, char transport, char out[static JA4_TEXT_MAX])
{
	char text[TEXT_MAX];
	struct list l;
	out[0] = '\0';
	if (h->ssl2 || h->ciphers.left > 2 * (size_t)TLS_CIPHERS_MAX)
		return false;
	out[0] = transport;
	memcpy(out + 1, version_text(version_of(h)), 2);
	out[3] = h->has_sni ? 'd' : 'i';
	read_ciphers(h, &l);
	put_count(out + 4, l.n);
	sort(&l);
	out[10] = '_';
	put_digest(out + 11, text, put_list(text, &l));
	put_count(out + 6, read_extensions(h, &l));
	sort(&l);
	put_alpn(out + 8, h->alpn);
	out[23] = '_';
	put_digest(out + 24, text, put_extensions(text, h, &l));
	out[36] = '\0';
	return true;
}
