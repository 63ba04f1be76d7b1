/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of names are made of a label and all that follows it, so that "www" under two
 * domains is two tokens: otherwise the commonest token would say what it stands for.
 * Addresses and tokens that were made lately are kept, since a capture repeats itself.
 */
#include "store/pseudonym.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "store/cryptopan.h"
#include "store/suffix.h"

#define HASH_KEY_BYTES  32
#define ADDRESSES_KEPT  8192 /* addresses whose pseudonym is kept; a power of two */
#define TOKENS_KEPT     8192 /* texts whose token is kept; a power of two */
#define TOKEN_TEXT_MAX  80   /* bytes of a text whose token is kept */
#define WORDS_MAX       8    /* words of a DNS answer that are looked at */
#define NUMBER_DIGITS   10   /* of a number in a DNS answer that stays */
#define LOOKUP_V4_BYTES 4
#define LOOKUP_V6_BYTES 16

enum domain { DOMAIN_NAME = 'n', DOMAIN_TEXT = 't' }; /* first byte of what is hashed */

struct kept_address {
	struct addr from, to;
	bool used;
};

struct kept_token {
	uint8_t domain; /* 0: unused */
	uint8_t n;
	char text[TOKEN_TEXT_MAX];
	char token[PSEUDONYM_TOKEN_CHARS];
};

struct pseudonym {
	struct cryptopan pan;
	EVP_MAC *hmac;
	EVP_MAC_CTX *mac; /* under the key */
	struct hash_key cache_key;
	struct kept_address addresses[ADDRESSES_KEPT];
	struct kept_token tokens[TOKENS_KEPT];
};

static int start_mac(struct pseudonym *p, const uint8_t *key, struct error *e)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string("digest", digest, 0),
	    OSSL_PARAM_construct_end()};
	p->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	p->mac = p->hmac != NULL ? EVP_MAC_CTX_new(p->hmac) : NULL;
	if (p->mac == NULL || EVP_MAC_init(p->mac, key, HASH_KEY_BYTES, params) != 1)
		return error_set(e, ERR_SYSTEM, "HMAC-SHA-256 is not available");
	return 0;
}

struct pseudonym *pseudonym_new(
    const uint8_t key[static PSEUDONYM_KEY_BYTES], struct error *e)
{
	struct pseudonym *p = calloc(1, sizeof(*p));
	if (p == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for pseudonyms");
		return NULL;
	}
	p->cache_key = hash_key_random();
	if (cryptopan_init(&p->pan, key, e) < 0 ||
	    start_mac(p, key + CRYPTOPAN_KEY_BYTES, e) < 0) {
		pseudonym_free(p);
		return NULL;
	}
	return p;
}

void pseudonym_free(struct pseudonym *p)
{
	if (p == NULL)
		return;
	cryptopan_fini(&p->pan);
	EVP_MAC_CTX_free(p->mac);
	EVP_MAC_free(p->hmac);
	OPENSSL_cleanse(p, sizeof(*p));
	free(p);
}

/* ---- addresses ---- */

/* Whether it names no machine. Decided by the first byte wherever it can be, so that
 * addresses of one network are all special or none is. */
static bool is_special(const struct addr *a)
{
	static const uint8_t zeros[15];
	if (addr_is_v4(a))
		return a->b[12] == 0 || a->b[12] == 127 || a->b[12] >= 224;
	return a->b[0] == 0xff || (memcmp(a->b, zeros, 15) == 0 && a->b[15] <= 1);
}

/*
 * An address that would become a special one, or an IPv6 address that would become an
 * IPv4-mapped one, is mapped again until it is neither: a permutation walked until it is
 * back in a set is a permutation of that set.
 */
static struct addr map_address(struct pseudonym *p, const struct addr *a)
{
	bool v4 = addr_is_v4(a);
	struct addr from = *a, to = *a;
	do {
		if (v4)
			cryptopan_map(&p->pan, from.b + 12, LOOKUP_V4_BYTES, to.b + 12);
		else
			cryptopan_map(&p->pan, from.b, LOOKUP_V6_BYTES, to.b);
		from = to;
	} while (is_special(&to) || addr_is_v4(&to) != v4);
	return to;
}

struct addr pseudonym_addr(struct pseudonym *p, const struct addr *a)
{
	if (is_special(a))
		return *a;
	size_t slot = hash_bytes(&p->cache_key, a->b, sizeof(a->b)) % ADDRESSES_KEPT;
	struct kept_address *k = &p->addresses[slot];
	if (!k->used || !addr_equal(&k->from, a))
		*k = (struct kept_address){*a, map_address(p, a), true};
	return k->to;
}

static struct str address_text(
    struct pseudonym *p, const struct addr *from, struct arena *a)
{
	char text[ADDR_TEXT_MAX];
	struct addr to = pseudonym_addr(p, from);
	size_t n = addr_text(&to, text);
	return str_copy(a, (struct str){text, n});
}

struct str pseudonym_address(struct pseudonym *p, struct str s, struct arena *a)
{
	struct addr from;
	if (!str_addr(s, &from))
		return (struct str){0};
	return address_text(p, &from, a);
}

/* ---- tokens ---- */

/* The first 80 bits of the HMAC in base 32 (RFC 4648, lower case). */
static void make_token(struct pseudonym *p, enum domain domain, struct str s, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t first = (uint8_t)domain, mac[EVP_MAX_MD_SIZE] = {0};
	size_t n = 0;
	if (EVP_MAC_init(p->mac, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(p->mac, &first, 1) != 1 ||
	    EVP_MAC_update(p->mac, (const uint8_t *)s.p, s.n) != 1 ||
	    EVP_MAC_final(p->mac, mac, &n, sizeof(mac)) != 1)
		abort(); /* rather than export what was to be hidden */
	for (size_t i = 0; i < PSEUDONYM_TOKEN_CHARS; i++) {
		size_t bit = 5 * i;
		unsigned two = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];
		out[i] = digits[two >> (11 - bit % 8) & 31];
	}
}

static void put_token(struct pseudonym *p, enum domain domain, struct str s, char *out)
{
	if (s.n > TOKEN_TEXT_MAX) {
		make_token(p, domain, s, out);
		return;
	}
	uint64_t h = hash_bytes(&p->cache_key, s.p, s.n) + (uint64_t)domain;
	struct kept_token *k = &p->tokens[h % TOKENS_KEPT];
	if (k->domain != (uint8_t)domain || k->n != s.n ||
	    memcmp(k->text, s.p, s.n) != 0) {
		make_token(p, domain, s, k->token);
		k->domain = (uint8_t)domain;
		k->n = (uint8_t)s.n;
		memcpy(k->text, s.p, s.n);
	}
	memcpy(out, k->token, PSEUDONYM_TOKEN_CHARS);
}

struct str pseudonym_token(struct pseudonym *p, struct str s, struct arena *a)
{
	if (s.n == 0)
		return s;
	char *out = arena_alloc(a, PSEUDONYM_TOKEN_CHARS);
	if (out == NULL)
		return (struct str){0};
	put_token(p, DOMAIN_TEXT, s, out);
	return (struct str){out, PSEUDONYM_TOKEN_CHARS};
}

/* ---- names ---- */

static bool ends_in(struct str s, struct str end)
{
	return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

/* The end of a name that stays: its public suffix, or a domain that is kept for special
 * use (RFC 6761, 7686, 8375). Other last labels may be a company's own name. */
static struct str public_end(struct str name)
{
	static const struct str special[] = {STR("local"), STR("localhost"), STR("test"),
	    STR("example"), STR("invalid"), STR("onion"), STR("internal")};
	const char *dot = memrchr(name.p, '.', name.n);
	struct str last = name;
	if (dot != NULL)
		last = (struct str){dot + 1, name.n - (size_t)(dot + 1 - name.p)};
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (str_equal(last, special[i]))
			return last;
	}
	return suffix_public(name);
}

/* The last label of s before at (which is behind a dot, or the end); moves *at to its
 * beginning. */
static struct str label_before(struct str s, size_t *at)
{
	size_t end = *at, from = end;
	while (from > 0 && s.p[from - 1] != '.')
		from--;
	*at = from;
	return (struct str){s.p + from, end - from};
}

static bool read_octet(struct str s, uint8_t *out)
{
	unsigned v = 0;
	if (s.n == 0 || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = 10 * v + (unsigned)(s.p[i] - '0');
	}
	*out = (uint8_t)v;
	return v < 256;
}

static bool read_nibble(struct str s, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = s.n == 1 ? memchr(digits, s.p[0], 16) : NULL;
	if (at == NULL)
		return false;
	*out = (uint8_t)(at - digits);
	return true;
}

/* The address that the labels before a reverse zone's suffix spell, as far as they do:
 * *at moves to where they begin; how many there were. */
static size_t read_reverse(struct str s, bool v4, size_t *at, struct addr *out)
{
	static const uint8_t none[4];
	size_t n = 0, most = v4 ? 4 : 32;
	*out = v4 ? addr_from_v4(none) : (struct addr){0};
	while (n<most && * at> 0) {
		size_t before = *at - 1; /* the dot */
		uint8_t v;
		struct str label = label_before(s, &before);
		if (v4 ? !read_octet(label, &v) : !read_nibble(label, &v))
			break;
		if (v4)
			out->b[12 + n] = v;
		else
			out->b[n / 2] |= (uint8_t)(n % 2 == 0 ? v << 4 : v);
		*at = before;
		n++;
	}
	return n;
}

/* Write the labels of a reverse zone that spell the first n octets or nibbles, each with
 * a dot behind it; the end of what was written. */
static char *put_reverse(char *o, const struct addr *a, bool v4, size_t n)
{
	while (n-- > 0) {
		unsigned octet = a->b[v4 ? 12 + n : n / 2];
		unsigned v = v4 ? octet : octet >> (n % 2 == 0 ? 4 : 0) & 15U;
		o += snprintf(o, 5, v4 ? "%u." : "%x.", v);
	}
	return o;
}

/* Write a token and a dot for each label of s before at. */
static char *put_labels(struct pseudonym *p, char *o, struct str s, size_t at)
{
	for (size_t from = 0; from < at;) {
		const char *dot = memchr(s.p + from, '.', at - from);
		size_t end = dot != NULL ? (size_t)(dot - s.p) : at;
		if (end > from) {
			put_token(
			    p, DOMAIN_NAME, (struct str){s.p + from, s.n - from}, o);
			o += PSEUDONYM_TOKEN_CHARS;
		}
		*o++ = '.';
		from = end + 1;
	}
	return o;
}

static size_t count_dots(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '.';
	return n;
}

static struct str name_text(struct pseudonym *p, struct str s, struct arena *a)
{
	size_t dots = count_dots(s);
	if (dots >= PSEUDONYM_LABELS_MAX)
		return pseudonym_token(p, s, a);
	struct str end = public_end(s);
	char *out = arena_alloc(a, (dots + 2) * (PSEUDONYM_TOKEN_CHARS + 1) + end.n + 8);
	if (out == NULL)
		return (struct str){0};
	size_t at = s.n - end.n; /* where what stays begins */
	struct addr address;
	size_t spelt = 0;
	bool v4 = ends_in(s, STR(".in-addr.arpa"));
	if (v4 || ends_in(s, STR(".ip6.arpa")))
		spelt = read_reverse(s, v4, &at, &address);
	char *o = put_labels(p, out, s, at);
	if (spelt > 0) {
		address = pseudonym_addr(p, &address);
		o = put_reverse(o, &address, v4, spelt);
	}
	if (end.n > 0)
		memcpy(o, end.p, end.n);
	else if (o > out && s.p[s.n - 1] != '.')
		o--; /* the dot behind the last token */
	return (struct str){out, (size_t)(o - out) + end.n};
}

struct str pseudonym_place(struct pseudonym *p, struct str s, struct arena *a)
{
	struct addr from;
	if (s.n == 0)
		return s;
	if (str_addr(s, &from))
		return address_text(p, &from, a);
	return name_text(p, s, a);
}

/* ---- what needs a look inside ---- */

static bool is_number(struct str s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n == s.n && n > 0 && n <= NUMBER_DIGITS;
}

/* Whether it is written as a name of more than one label, or as the root. */
static bool is_name(struct str s)
{
	bool dot = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' &&
		    c != '.')
			return false;
		dot = dot || c == '.';
	}
	return dot;
}

/* Split at single spaces; 0 when there are more words than fit. */
static size_t split(struct str s, struct str words[static WORDS_MAX])
{
	size_t n = 0;
	for (size_t from = 0; from <= s.n;) {
		const char *space = memchr(s.p + from, ' ', s.n - from);
		size_t end = space != NULL ? (size_t)(space - s.p) : s.n;
		if (n == WORDS_MAX)
			return 0;
		words[n++] = (struct str){s.p + from, end - from};
		from = end + 1;
	}
	return n;
}

struct str pseudonym_answer(struct pseudonym *p, struct str s, struct arena *a)
{
	struct str words[WORDS_MAX], out = {0};
	struct addr ignored;
	if (s.n == 0 || str_addr(s, &ignored))
		return pseudonym_place(p, s, a);
	size_t n = split(s, words), names = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_name(words[i]))
			names++;
		else if (!is_number(words[i]))
			n = 0;
	}
	if (n == 0 || names == 0)
		return pseudonym_token(p, s, a);
	for (size_t i = 0; i < n; i++) {
		struct str w =
		    is_number(words[i]) ? words[i] : pseudonym_place(p, words[i], a);
		out = i == 0 ? w : str_format(a, "%.*s %.*s", STR_ARG(out), STR_ARG(w));
	}
	return out;
}

struct str pseudonym_word(struct pseudonym *p, struct str s, struct arena *a)
{
	static const struct str common[] = {STR("GET"), STR("HEAD"), STR("POST"),
	    STR("PUT"), STR("DELETE"), STR("CONNECT"), STR("OPTIONS"), STR("TRACE"),
	    STR("PATCH"), STR("PROPFIND"), STR("h2"), STR("h2c"), STR("h3"),
	    STR("http/1.0"), STR("http/1.1"), STR("dot"), STR("doq"), STR("smb"),
	    STR("imap"), STR("pop3"), STR("ftp")};
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		if (str_equal(s, common[i]))
			return s;
	}
	return pseudonym_token(p, s, a);
}
