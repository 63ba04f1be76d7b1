/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which object paths of STIX our records can answer, and how a comparison of one becomes
 * an indicator.
 */
#include "feed/stix.h"

#include <string.h>

#include "feed/tree.h"
#include "feed/type.h"

struct path {
	const char *path; /* without case; "[*]" stands for any index */
	enum indicator_kind kind;
	enum indicator_role role;
};

static const struct path paths[] = {
    {"ipv4-addr:value", INDICATOR_ADDRESS, ROLE_ANY},
    {"ipv6-addr:value", INDICATOR_ADDRESS, ROLE_ANY},
    {"domain-name:resolves_to_refs[*].value", INDICATOR_ADDRESS, ROLE_ANY},
    {"network-traffic:dst_ref.value", INDICATOR_ADDRESS, ROLE_DST},
    {"network-traffic:src_ref.value", INDICATOR_ADDRESS, ROLE_SRC},
    {"domain-name:value", INDICATOR_NAME, ROLE_ANY},
    {"url:value", INDICATOR_URL, ROLE_ANY},
    {"mac-addr:value", INDICATOR_MAC, ROLE_ANY},
    {"email-addr:value", INDICATOR_EMAIL, ROLE_ANY},
    {"email-message:from_ref.value", INDICATOR_EMAIL, ROLE_ANY},
    {"email-message:sender_ref.value", INDICATOR_EMAIL, ROLE_ANY},
    {"email-message:to_refs[*].value", INDICATOR_EMAIL, ROLE_ANY},
    {"file:hashes.md5", INDICATOR_FILE_MD5, ROLE_ANY},
    {"file:hashes.sha-1", INDICATOR_FILE_SHA1, ROLE_ANY},
    {"file:hashes.sha1", INDICATOR_FILE_SHA1, ROLE_ANY},
    {"file:hashes.sha-256", INDICATOR_FILE_SHA256, ROLE_ANY},
    {"file:hashes.sha256", INDICATOR_FILE_SHA256, ROLE_ANY},
    {"file:name", INDICATOR_FILE_NAME, ROLE_ANY},
    {"artifact:hashes.md5", INDICATOR_FILE_MD5, ROLE_ANY},
    {"artifact:hashes.sha-1", INDICATOR_FILE_SHA1, ROLE_ANY},
    {"artifact:hashes.sha-256", INDICATOR_FILE_SHA256, ROLE_ANY},
    {"x509-certificate:hashes.sha-1", INDICATOR_CERT_SHA1, ROLE_ANY},
    {"x509-certificate:hashes.sha1", INDICATOR_CERT_SHA1, ROLE_ANY},
    {"x509-certificate:hashes.sha-256", INDICATOR_CERT_SHA256, ROLE_ANY},
    {"x509-certificate:hashes.sha256", INDICATOR_CERT_SHA256, ROLE_ANY},
    {"network-traffic:dst_port", INDICATOR_PORT, ROLE_DST},
    {"network-traffic:src_port", INDICATOR_PORT, ROLE_SRC},
    {"network-traffic:protocols[*]", INDICATOR_PROTO, ROLE_ANY},
    {"network-traffic:extensions.http-request-ext.request_header.user-agent",
	INDICATOR_USER_AGENT, ROLE_ANY},
    {"network-traffic:extensions.http-request-ext.request_header.host", INDICATOR_NAME,
	ROLE_DST},
    {"network-traffic:extensions.http-request-ext.request_value", INDICATOR_URI,
	ROLE_ANY},
};

static bool same_path(struct str path, const char *known)
{
	size_t i = 0;
	for (; *known != '\0'; known++) {
		if (i == path.n)
			return false;
		char c = path.p[i] >= 'A' && path.p[i] <= 'Z' ? (char)(path.p[i] | 0x20)
							      : path.p[i];
		if (*known == '*') {
			while (i < path.n && path.p[i] != ']')
				i++;
			continue;
		}
		if (c != *known)
			return false;
		i++;
	}
	return i == path.n;
}

/* Fingerprints have no path in STIX; people use properties of their own. */
static bool is_fingerprint(struct str path, struct path *out)
{
	if (path.p == NULL)
		return false;
	const char *dot = memrchr(path.p, '.', path.n);
	if (dot == NULL)
		dot = memrchr(path.p, ':', path.n);
	if (dot == NULL)
		return false;
	struct str last = {dot + 1, (size_t)(path.p + path.n - dot - 1)};
	if (feed_starts(last, "x_")) {
		last.p += 2;
		last.n -= 2;
	}
	const struct feed_type *type = feed_type_of(last);
	if (type == NULL ||
	    !(type->kind >= INDICATOR_JA3 && type->kind <= INDICATOR_HASSH_SERVER))
		return false;
	*out = (struct path){NULL, type->kind, ROLE_ANY};
	return true;
}

static bool path_of(struct str path, struct path *out)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (same_path(path, paths[i].path)) {
			*out = paths[i];
			return true;
		}
	}
	return is_fingerprint(path, out);
}

static bool has_wildcard(struct str s)
{
	return s.n > 0 &&
	       (memchr(s.p, '%', s.n) != NULL || memchr(s.p, '_', s.n) != NULL);
}

static bool take_order(struct feed_reader *r, const char *symbol,
    enum indicator_kind kind, struct str text, struct indicator *out)
{
	if (kind != INDICATOR_PORT || !leaf_value(r, kind, text, out))
		return false;
	bool equal = symbol[1] == '=';
	if (symbol[0] == '<')
		out->match = equal ? MATCH_LESS_EQUAL : MATCH_LESS;
	else
		out->match = equal ? MATCH_GREATER_EQUAL : MATCH_GREATER;
	return true;
}

static bool take_network(struct feed_reader *r, const struct stix_test *test,
    enum indicator_kind kind, struct indicator *out)
{
	const char *why;
	if (kind != INDICATOR_ADDRESS ||
	    !indicator_normalise(INDICATOR_NETWORK, test->literal, &r->arena, out, &why))
		return false;
	if (test->op == STIX_ISSUPERSET)
		out->match = MATCH_SUPERSET;
	return true;
}

static bool take(struct feed_reader *r, const struct stix_test *test,
    enum indicator_kind kind, struct indicator *out)
{
	bool text = test->literal_kind == STIX_STRING;
	if (!text && !(test->literal_kind == STIX_NUMBER && kind == INDICATOR_PORT))
		return false;
	if (test->op == STIX_ISSUBSET || test->op == STIX_ISSUPERSET)
		return text && take_network(r, test, kind, out);
	if (test->op == STIX_LIKE && has_wildcard(test->literal))
		return leaf_text(r, kind, MATCH_LIKE, test->literal, out);
	if (test->op == STIX_MATCHES)
		return leaf_text(r, kind, MATCH_REGEX, test->literal, out);
	if (test->op == STIX_SYMBOL && (test->symbol[0] == '<' || test->symbol[0] == '>'))
		return take_order(r, test->symbol, kind, test->literal, out);
	return leaf_value(r, kind, test->literal, out);
}

void stix_leaf(struct feed_reader *r, const struct stix_test *test, struct indicator *out,
    bool *negated)
{
	struct path path;
	if (test->op == STIX_SYMBOL && strcmp(test->symbol, "!=") == 0)
		*negated = !*negated;
	if (test->op != STIX_EXISTS && path_of(test->path, &path) &&
	    take(r, test, path.kind, out)) {
		out->role = path.role;
		return;
	}
	struct str text = test->text.n <= INDICATOR_NOTE_MAX ? test->text : test->path;
	leaf_other(r, text, out);
}
