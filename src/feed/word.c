/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of people to indicators in normal form. Whatever is written must be something
 * that can be found: a word that only looks like an indicator is refused with the reason,
 * for a search that can never match looks like a "no".
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "feed/set.h"

#define BLANKS            " \t\r\n"
#define MACHINE_MAX_BYTES 255 /* of a machine, as in store/named.h */
#define NAME_MAX_BYTES    253 /* RFC 1035, 2.3.4, without the final dot */
#define LABEL_MAX_BYTES   63

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool refuse(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

static bool starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (lower(s.p[i]) != prefix[i])
			return false;
	}
	return true;
}

static const char *find(struct str s, char c)
{
	return s.n > 0 ? memchr(s.p, c, s.n) : NULL;
}

static struct str head(struct str s, const char *end)
{
	return (struct str){s.p, (size_t)(end - s.p)};
}

static struct str tail(struct str s, const char *from)
{
	return (struct str){from, s.n - (size_t)(from - s.p)};
}

/* Ways in which people take the teeth out of an indicator, and what was meant. */
static const struct {
	const char *written, *meant;
} fangs[] = {
    {"[.]", "."},
    {"(.)", "."},
    {"{.}", "."},
    {"[dot]", "."},
    {"(dot)", "."},
    {"{dot}", "."},
    {"\\.", "."},
    {"[:]", ":"},
    {"[://]", "://"},
    {"[/]", "/"},
    {"[@]", "@"},
    {"[at]", "@"},
    {"(at)", "@"},
};

/* Whether the word begins with "hxxp" in place of "http". */
static bool is_hxxp(struct str w)
{
	static const char *const marks[] = {
	    "://", "s://", "[:]//", "s[:]//", "[://]", "s[://]"};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (starts(w, "hxxp") && starts(tail(w, w.p + 4), marks[i]))
			return true;
	}
	return false;
}

/* The word as it was meant, in the arena where something had to change. */
static struct str refang(struct str w, struct arena *arena)
{
	bool hxxp = is_hxxp(w), defanged = hxxp;
	for (size_t i = 0; i < w.n && !defanged; i++)
		defanged = memchr("[({\\", w.p[i], 4) != NULL;
	char *o = defanged ? arena_alloc(arena, w.n + 1) : NULL;
	if (o == NULL)
		return w;
	size_t n = 0;
	if (hxxp) {
		memcpy(o, "http", 4);
		n = 4;
		w = tail(w, w.p + 4);
	}
	while (w.n > 0) {
		size_t k = 0;
		while (
		    k < sizeof(fangs) / sizeof(fangs[0]) && !starts(w, fangs[k].written))
			k++;
		if (k == sizeof(fangs) / sizeof(fangs[0])) {
			o[n++] = *w.p;
			w = tail(w, w.p + 1);
			continue;
		}
		size_t meant = strlen(fangs[k].meant);
		memcpy(o + n, fangs[k].meant, meant);
		n += meant;
		w = tail(w, w.p + strlen(fangs[k].written));
	}
	return (struct str){o, n};
}

/* A copy in lower case; absent over the limit of the arena. */
static struct str lower_copy(struct str s, struct arena *arena)
{
	char *o = arena_alloc(arena, s.n + 1);
	if (o == NULL)
		return (struct str){0};
	for (size_t i = 0; i < s.n; i++)
		o[i] = lower(s.p[i]);
	return (struct str){o, s.n};
}

/* ---- addresses and networks ---- */

static bool set_addr(struct indicator *out, const struct addr *a, struct arena *arena)
{
	char text[ADDR_TEXT_MAX];
	size_t n = addr_text(a, text);
	out->kind = INDICATOR_ADDRESS;
	out->net = (struct net){*a, 128};
	out->value = str_copy(arena, (struct str){text, n});
	return out->value.p != NULL;
}

static bool take_port(struct str s, uint16_t *port)
{
	unsigned v = 0;
	if (s.n == 0 || s.n > 5)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	*port = (uint16_t)v;
	return v > 0 && v <= UINT16_MAX;
}

/* "a", "a:port" (IPv4), "[a]" or "[a]:port". */
static bool take_addr(struct str w, struct arena *arena, struct indicator *out)
{
	struct addr a;
	if (str_addr(w, &a))
		return set_addr(out, &a, arena);
	const char *end = find(w, w.n > 0 && w.p[0] == '[' ? ']' : ':');
	if (end == NULL)
		return false;
	struct str inner = head(w, end), rest = tail(w, end);
	if (*end == ']') {
		inner = tail(inner, inner.p + 1);
		rest = tail(rest, rest.p + 1);
	}
	if (rest.n > 0 &&
	    (rest.p[0] != ':' || !take_port(tail(rest, rest.p + 1), &out->port)))
		return false;
	return str_addr(inner, &a) && set_addr(out, &a, arena);
}

static void clear_host_bits(struct net *net)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = net->bits > 8 * i ? net->bits - 8 * i : 0;
		if (kept < 8)
			net->addr.b[i] &= (uint8_t)(0xff00U >> kept);
	}
}

static bool take_net(struct str w, struct arena *arena, struct indicator *out)
{
	char text[ADDR_TEXT_MAX + 4], addr[ADDR_TEXT_MAX];
	if (w.n >= sizeof(text))
		return false;
	memcpy(text, w.p, w.n);
	text[w.n] = '\0';
	if (!net_parse(text, &out->net))
		return false;
	clear_host_bits(&out->net);
	bool v4 = out->net.bits >= 96 && addr_is_v4(&out->net.addr);
	unsigned bits = v4 ? out->net.bits - 96 : out->net.bits;
	if (out->net.bits == 128)
		return set_addr(out, &out->net.addr, arena);
	addr_text(&out->net.addr, addr);
	out->kind = INDICATOR_NETWORK;
	out->broad = bits < (v4 ? 8 : 16);
	out->value = str_format(arena, "%s/%u", addr, bits);
	return out->value.p != NULL;
}

/* ---- names ---- */

static bool is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* Whether s (lower case) is a host name: labels of letters, digits, - and _. */
static bool name_valid(struct str s, const char **why)
{
	size_t label = 0;
	bool digits = true;
	if (s.n == 0 || s.n > NAME_MAX_BYTES)
		return refuse(why, s.n == 0 ? "nothing" : "a name longer than 253 bytes");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (label == 0)
				return refuse(why, "a name with an empty label");
			label = 0;
			digits = true;
			continue;
		}
		if ((unsigned char)s.p[i] >= 0x80)
			return refuse(why, "a name that is not in its xn-- form");
		if (!is_label_byte(s.p[i]))
			return refuse(why, "no indicator of a known form");
		digits = digits && is_digit(s.p[i]);
		if (++label > LABEL_MAX_BYTES)
			return refuse(why, "a name with a label longer than 63 bytes");
	}
	if (label == 0)
		return refuse(why, "a name with an empty label");
	return !digits || refuse(why, "neither an address nor a name");
}

/* "name", "name.", ".name", "*.name"; the last two mean all below as well. */
static bool take_name(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	out->kind = INDICATOR_NAME;
	if (starts(w, "*.") || starts(w, ".")) {
		w = tail(w, w.p + (w.p[0] == '*' ? 2 : 1));
		out->match = MATCH_BELOW;
	}
	if (w.n > 1 && w.p[w.n - 1] == '.')
		w.n--;
	out->value = lower_copy(w, arena);
	if (out->value.p == NULL)
		return refuse(why, "too long");
	out->broad = find(out->value, '.') == NULL;
	return name_valid(out->value, why);
}

/* A name of a machine: any bytes but those that no such name has. */
static bool take_host_name(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	if (w.n > 1 && w.p[w.n - 1] == '.')
		w.n--;
	if (w.n > MACHINE_MAX_BYTES)
		return refuse(why, "a name longer than 255 bytes");
	for (size_t i = 0; i < w.n; i++) {
		unsigned char c = (unsigned char)w.p[i];
		if (c <= ' ' || c == 0x7f || strchr("\\/:*?\"<>|,;()", c) != NULL)
			return refuse(why, "no name of a machine");
	}
	out->kind = INDICATOR_HOST_NAME;
	out->value = lower_copy(w, arena);
	return out->value.p != NULL || refuse(why, "too long");
}

/* ---- URLs ---- */

/* Cut "scheme://" off rest; absent when it has none (RFC 3986, 3.1; dots are left to
 * names). */
static struct str take_scheme(struct str *rest)
{
	struct str s = *rest;
	size_t i = 0;
	while (i < s.n && (is_label_byte(lower(s.p[i])) || s.p[i] == '+'))
		i++;
	if (i == 0 || s.n - i < 3 || memcmp(s.p + i, "://", 3) != 0)
		return (struct str){0};
	*rest = tail(s, s.p + i + 3);
	return (struct str){s.p, i};
}

static const char *authority_end(struct str s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#')
		i++;
	return s.p + i;
}

/* "[v6]", "[v6]:port", "host", "host:port" */
static bool split_host(struct str authority, struct url *u)
{
	const char *close =
	    authority.n > 0 && authority.p[0] == '[' ? find(authority, ']') : NULL;
	struct str rest = close != NULL ? tail(authority, close + 1) : authority;
	const char *colon = find(rest, ':');
	if (colon != NULL && !take_port(tail(rest, colon + 1), &u->port))
		return false;
	if (close != NULL) {
		u->host =
		    (struct str){authority.p + 1, (size_t)(close - authority.p - 1)};
		return rest.n == 0 || colon == rest.p;
	}
	u->host = colon != NULL ? head(rest, colon) : rest;
	return u->host.n > 0;
}

bool url_split(struct str value, struct url *out)
{
	*out = (struct url){0};
	struct str rest = value;
	out->scheme = take_scheme(&rest);
	const char *end = authority_end(rest);
	struct str authority = head(rest, end);
	const char *at = authority.n > 0 ? memrchr(authority.p, '@', authority.n) : NULL;
	if (at != NULL)
		authority = tail(authority, at + 1);
	out->uri = tail(rest, end);
	const char *fragment = find(out->uri, '#');
	if (fragment != NULL)
		out->uri = str_trim(head(out->uri, fragment), BLANKS);
	if (out->uri.n == 0)
		out->uri = STR("/");
	return split_host(authority, out);
}

static bool is_default_port(struct str scheme, uint16_t port)
{
	return port == 0 || (port == 80 && str_equal(scheme, STR("http"))) ||
	       (port == 443 && str_equal(scheme, STR("https")));
}

static bool take_url(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	struct url u;
	struct indicator host = {0};
	if (!url_split(w, &u))
		return refuse(why, "a URL without a host");
	u.scheme = u.scheme.p != NULL ? lower_copy(u.scheme, arena) : u.scheme;
	if (is_default_port(u.scheme, u.port))
		u.port = 0;
	if (!take_addr(u.host, arena, &host) && !take_name(u.host, arena, &host, why))
		return false;
	struct str uri = str_clean(arena, u.uri.p, u.uri.n);
	bool v6 = host.kind == INDICATOR_ADDRESS && find(host.value, ':') != NULL;
	char port[8] = "";
	if (u.port != 0)
		snprintf(port, sizeof(port), ":%u", u.port);
	out->kind = INDICATOR_URL;
	out->port = 0;
	out->value = str_format(arena, "%.*s%s%s%.*s%s%s%s%.*s", STR_ARG(u.scheme),
	    u.scheme.n > 0 ? "://" : "", v6 ? "[" : "", STR_ARG(host.value),
	    v6 ? "]" : "", port, u.uri.p[0] == '/' ? "" : "/", STR_ARG(uri));
	if (out->value.p == NULL || out->value.n > INDICATOR_VALUE_MAX)
		return refuse(why, "too long");
	return true;
}

/* ---- digests and fingerprints ---- */

/* Hexadecimal digits, perhaps with colons or spaces between them, of so many bytes. */
static bool take_hex(
    struct str w, size_t bytes, struct arena *arena, struct indicator *out)
{
	char *o = w.n <= 4 * bytes ? arena_alloc(arena, 2 * bytes) : NULL;
	size_t n = 0;
	for (size_t i = 0; o != NULL && i < w.n; i++) {
		if (w.p[i] == ':' || w.p[i] == ' ')
			continue;
		if (!is_hex(w.p[i]) || n == 2 * bytes)
			return false;
		o[n++] = lower(w.p[i]);
	}
	out->value = (struct str){o, n};
	return o != NULL && n == 2 * bytes;
}

/*
 * JA4 (TLS client): "t13d1516h2_8daaf6152771_e5627efa2ab1": transport, version, SNI or
 * not, counts of ciphers and extensions, ALPN; then two digests of 12 hex digits.
 */
static bool take_ja4(struct str w, struct arena *arena, struct indicator *out)
{
	if (w.n != 36 || w.p[10] != '_' || w.p[23] != '_')
		return false;
	out->kind = INDICATOR_JA4;
	out->value = lower_copy(w, arena);
	if (out->value.p == NULL)
		return false;
	const char *p = out->value.p;
	bool ok = memchr("tqd", p[0], 3) != NULL && (p[3] == 'd' || p[3] == 'i');
	for (size_t i = 1; i < 10; i++)
		ok = ok && (is_digit(p[i]) || (p[i] >= 'a' && p[i] <= 'z'));
	for (size_t i = 4; i < 8; i++)
		ok = ok && is_digit(p[i]);
	for (size_t i = 11; i < 36; i++)
		ok = ok && (i == 23 || is_hex(p[i]));
	return ok;
}

/* Six bytes as "00:11:22:aa:bb:cc", "00-11-…", "0011.22aa.bbcc". */
static bool take_mac(struct str w, struct arena *arena, struct indicator *out)
{
	char digits[12];
	size_t n = 0, marks = 0;
	for (size_t i = 0; i < w.n; i++) {
		if (w.p[i] == ':' || w.p[i] == '-' || w.p[i] == '.') {
			marks++;
			continue;
		}
		if (!is_hex(w.p[i]) || n == sizeof(digits))
			return false;
		digits[n++] = lower(w.p[i]);
	}
	if (n != sizeof(digits) || !(marks == 5 || (marks == 2 && w.n == 14)) || w.n > 17)
		return false;
	out->kind = INDICATOR_MAC;
	out->value = str_format(arena, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits,
	    digits + 2, digits + 4, digits + 6, digits + 8, digits + 10);
	return out->value.p != NULL;
}

/* Whether s is a local part without quotes (RFC 5321, 4.1.2: a dot-string). */
static bool is_local_part(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\0' ||
		    !(is_label_byte(lower(c)) || strchr("!#$%&'*+/=?^`{|}~.", c)))
			return false;
	}
	return s.n > 0;
}

static bool take_email(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	struct indicator host = {0};
	const char *at = find(w, '@');
	if (at == NULL || !is_local_part(head(w, at)) ||
	    !take_name(tail(w, at + 1), arena, &host, why))
		return refuse(why, "no mail address");
	out->kind = INDICATOR_EMAIL;
	out->value = str_format(arena, "%.*s@%.*s",
	    STR_ARG(lower_copy(head(w, at), arena)), STR_ARG(host.value));
	return out->value.p != NULL;
}

/* ---- the whole ---- */

static bool take_kind(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	static const uint8_t digest_bytes[INDICATOR_KIND_COUNT] = {
	    [INDICATOR_JA3] = 16,
	    [INDICATOR_JA3S] = 16,
	    [INDICATOR_HASSH] = 16,
	    [INDICATOR_HASSH_SERVER] = 16,
	    [INDICATOR_CERT_SHA256] = 32,
	    [INDICATOR_CERT_SHA1] = 20,
	    [INDICATOR_FILE_MD5] = 16,
	    [INDICATOR_FILE_SHA1] = 20,
	    [INDICATOR_FILE_SHA256] = 32,
	    [INDICATOR_MD5] = 16,
	    [INDICATOR_SHA1] = 20,
	    [INDICATOR_SHA256] = 32,
	};
	enum indicator_kind kind = out->kind;
	if (digest_bytes[kind] > 0)
		return take_hex(w, digest_bytes[kind], arena, out) ||
		       refuse(why, "a digest of the wrong length or with other letters");
	if (kind == INDICATOR_ADDRESS || kind == INDICATOR_NETWORK)
		return take_addr(w, arena, out) || take_net(w, arena, out) ||
		       refuse(why, "no address");
	if (kind == INDICATOR_NAME)
		return take_name(w, arena, out, why);
	if (kind == INDICATOR_URL)
		return take_url(w, arena, out, why);
	if (kind == INDICATOR_JA4)
		return take_ja4(w, arena, out) || refuse(why, "no JA4");
	if (kind == INDICATOR_MAC)
		return take_mac(w, arena, out) || refuse(why, "no MAC address");
	if (kind == INDICATOR_EMAIL)
		return take_email(w, arena, out, why);
	if (kind == INDICATOR_HOST_NAME)
		return take_host_name(w, arena, out, why);
	if (kind == INDICATOR_PORT && !take_port(w, &out->port))
		return refuse(why, "no port");
	if (kind == INDICATOR_PROTO)
		w = lower_copy(w, arena);
	out->value = str_clean(arena, w.p, w.n);
	return out->value.p != NULL || refuse(why, "too long");
}

bool indicator_normalise(enum indicator_kind kind, struct str word, struct arena *arena,
    struct indicator *out, const char **why)
{
	*out = (struct indicator){.kind = kind,
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE};
	word = str_trim(word, BLANKS);
	if (word.n == 0)
		return refuse(why, "nothing");
	if (word.n > INDICATOR_VALUE_MAX)
		return refuse(why, "too long");
	if (kind != INDICATOR_USER_AGENT && kind != INDICATOR_OTHER &&
	    kind != INDICATOR_URI && kind != INDICATOR_FILE_NAME)
		word = refang(word, arena);
	return take_kind(word, arena, out, why) &&
	       (out->value.n <= INDICATOR_VALUE_MAX || refuse(why, "too long"));
}

/* "kind:value": the kind, or INDICATOR_KIND_COUNT. */
static enum indicator_kind take_prefix(struct str *w)
{
	static const struct {
		const char *name;
		enum indicator_kind kind;
	} others[] = {
	    {"ip", INDICATOR_ADDRESS},
	    {"cidr", INDICATOR_NETWORK},
	    {"domain", INDICATOR_NAME},
	    {"host", INDICATOR_NAME},
	    {"ua", INDICATOR_USER_AGENT},
	    {"cert", INDICATOR_CERT_SHA256},
	};
	const char *colon = find(*w, ':');
	if (colon == NULL)
		return INDICATOR_KIND_COUNT;
	struct str name = head(*w, colon);
	int kind = 0;
	while (kind < INDICATOR_KIND_COUNT &&
	       !str_equal(name, str_of(indicator_kind_name((enum indicator_kind)kind))))
		kind++;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (str_equal(name, str_of(others[i].name)))
			kind = (int)others[i].kind;
	}
	if (kind < INDICATOR_KIND_COUNT)
		*w = tail(*w, colon + 1);
	return (enum indicator_kind)kind;
}

static bool is_scheme(struct str w)
{
	struct str rest = w;
	return take_scheme(&rest).n > 0;
}

/* All hexadecimal digits, and how many. */
static size_t hex_digits(struct str w)
{
	size_t i = 0;
	while (i < w.n && is_hex(w.p[i]))
		i++;
	return i == w.n ? i : 0;
}

static bool take_digest(struct str w, struct arena *arena, struct indicator *out)
{
	size_t n = hex_digits(w);
	if (n != 32 && n != 40 && n != 64)
		return false;
	out->kind = n == 32 ? INDICATOR_MD5 : n == 40 ? INDICATOR_SHA1 : INDICATOR_SHA256;
	return take_hex(w, n / 2, arena, out);
}

/* "name:port", or a name of at least two labels. */
static bool guess_name(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	const char *colon = find(w, ':');
	if (colon != NULL && !take_port(tail(w, colon + 1), &out->port))
		return refuse(why, "no indicator of a known form");
	if (!take_name(colon != NULL ? head(w, colon) : w, arena, out, why))
		return false;
	out->match = MATCH_BELOW;
	return find(out->value, '.') != NULL ||
	       refuse(why, "one word alone (write name:WORD if it is a host name)");
}

/* "192.0.2.0/33": an address and a number that is no length of its prefix. */
static bool is_bad_net(struct str w)
{
	struct addr a;
	const char *slash = find(w, '/');
	struct str bits = tail(w, slash + 1);
	while (bits.n > 0 && is_digit(bits.p[0]))
		bits = tail(bits, bits.p + 1);
	return bits.n == 0 && str_addr(head(w, slash), &a);
}

static bool guess(
    struct str w, struct arena *arena, struct indicator *out, const char **why)
{
	if (take_addr(w, arena, out) || take_digest(w, arena, out) ||
	    take_ja4(w, arena, out))
		return true;
	if (is_scheme(w))
		return take_url(w, arena, out, why);
	bool slash = find(w, '/') != NULL;
	if (slash && take_net(w, arena, out))
		return true;
	if (slash && is_bad_net(w))
		return refuse(why, "a prefix longer than the address");
	if (slash)
		return take_url(w, arena, out, why);
	if (take_mac(w, arena, out))
		return true;
	if (find(w, '@') != NULL)
		return take_email(w, arena, out, why);
	return guess_name(w, arena, out, why);
}

bool indicator_parse(
    struct str word, struct arena *arena, struct indicator *out, const char **why)
{
	word = str_trim(word, BLANKS);
	enum indicator_kind kind = take_prefix(&word);
	if (kind < INDICATOR_KIND_COUNT) {
		bool ok = indicator_normalise(kind, word, arena, out, why);
		if (ok && kind == INDICATOR_NAME)
			out->match = MATCH_BELOW;
		return ok;
	}
	*out = (struct indicator){
	    .valid_from = INDICATOR_VALID_NONE, .valid_until = INDICATOR_VALID_NONE};
	if (word.n == 0)
		return refuse(why, "nothing");
	if (word.n > INDICATOR_VALUE_MAX)
		return refuse(why, "too long");
	return guess(refang(word, arena), arena, out, why) &&
	       (out->value.n <= INDICATOR_VALUE_MAX || refuse(why, "too long"));
}

bool indicators_add_word(struct indicators *set, const char *word, const char **why)
{
	struct arena arena;
	struct indicator in;
	arena_init(&arena, (size_t)16 * INDICATOR_VALUE_MAX);
	bool ok = indicator_parse(str_of(word), &arena, &in, why);
	if (ok && indicators_add(set, &in, NULL) == INDICATOR_OVER_LIMIT)
		ok = refuse(why, "more indicators than a set holds");
	arena_fini(&arena);
	return ok;
}
