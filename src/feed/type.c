/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/type.h"

#include <stdlib.h>

#include "feed/type_table.h"

#define WORD_MAX 40 /* bytes of the longest word of the table, and a little more */

static const struct feed_type types[] = {
#define X(word, kind, match, form) {word, INDICATOR_##kind, MATCH_##match, FORM_##form},
    FEED_TYPES(X)
#undef X
};

static int compare(const void *word, const void *type)
{
	return strcmp(word, ((const struct feed_type *)type)->word);
}

const struct feed_type *feed_type_of(struct str word)
{
	char plain[WORD_MAX];
	size_t n = 0;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '|')
			continue;
		if (n == WORD_MAX - 1)
			return NULL;
		plain[n++] = c;
	}
	plain[n] = '\0';
	return bsearch(
	    plain, types, sizeof(types) / sizeof(types[0]), sizeof(types[0]), compare);
}

/* Cut value at its last "|"; false when there is none. */
static bool split(struct str value, struct str *first, struct str *second)
{
	const char *bar = value.n > 0 ? memrchr(value.p, '|', value.n) : NULL;
	if (bar == NULL)
		return false;
	*first = (struct str){value.p, (size_t)(bar - value.p)};
	*second = (struct str){bar + 1, value.n - first->n - 1};
	return true;
}

static bool put(struct feed_reader *r, struct indicator *in, const struct indicator *like)
{
	in->id = like->id;
	in->note = like->note;
	in->valid_from = like->valid_from;
	in->valid_until = like->valid_until;
	return feed_put(r, in, NULL);
}

static bool put_one(struct feed_reader *r, enum indicator_kind kind,
    enum indicator_match match, struct str value, const struct indicator *like)
{
	struct indicator in;
	const char *why = NULL;
	if (!indicator_normalise(kind, value, &r->arena, &in, &why)) {
		feed_skip(r, feed_skip_of(why), value, why);
		return false;
	}
	if (in.kind == INDICATOR_NAME && match == MATCH_BELOW)
		in.match = MATCH_BELOW;
	if (in.port == 0)
		in.port = like->port;
	return put(r, &in, like);
}

static bool put_guess(
    struct feed_reader *r, struct str value, const struct indicator *like)
{
	struct indicator in;
	const char *why = NULL;
	if (!indicator_parse(value, &r->arena, &in, &why)) {
		feed_skip(r, feed_skip_of(why), value, why);
		return false;
	}
	if (in.port == 0)
		in.port = like->port;
	return put(r, &in, like);
}

/* The kind of a digest of a file or certificate by the length of it. */
static enum indicator_kind digest_kind(enum indicator_kind of, struct str value)
{
	size_t digits = 0;
	for (size_t i = 0; i < value.n; i++)
		digits += value.p[i] != ':' && value.p[i] != ' ';
	bool cert = of == INDICATOR_CERT_SHA256;
	if (digits == 64)
		return cert ? INDICATOR_CERT_SHA256 : INDICATOR_FILE_SHA256;
	if (digits == 40)
		return cert ? INDICATOR_CERT_SHA1 : INDICATOR_FILE_SHA1;
	return digits == 32 && !cert ? INDICATOR_FILE_MD5 : INDICATOR_OTHER;
}

static bool put_port(struct feed_reader *r, const struct feed_type *type,
    struct str value, const struct indicator *like)
{
	struct indicator with_port = *like, port;
	const char *why = NULL;
	struct str host, number;
	if (split(value, &host, &number)) {
		if (!indicator_normalise(
			INDICATOR_PORT, number, &r->arena, &port, &why)) {
			feed_skip(r, FEED_MALFORMED, value, why);
			return false;
		}
		with_port.port = port.port;
		value = host;
	}
	return put_one(r, type->kind, type->match, value, &with_port);
}

bool feed_put_typed(struct feed_reader *r, const struct feed_type *type, struct str value,
    const struct indicator *like)
{
	struct str first, second;
	enum indicator_kind kind = type->kind;
	value = feed_trim(value);
	if (type->form == FORM_GUESS)
		return put_guess(r, value, like);
	if (type->form == FORM_DIGEST)
		kind = digest_kind(kind, value);
	if (kind == INDICATOR_OTHER) {
		feed_skip(r, FEED_UNSUPPORTED, value, type->word);
		return false;
	}
	if (type->form == FORM_PORT)
		return put_port(r, type, value, like);
	if (type->form == FORM_SECOND && split(value, &first, &second))
		return put_one(r, kind, type->match, second, like);
	if (type->form == FORM_BOTH && split(value, &first, &second)) {
		bool name = put_one(r, kind, type->match, first, like);
		return put_one(r, INDICATOR_ADDRESS, MATCH_EQUAL, second, like) || name;
	}
	return put_one(r, kind, type->match, value, like);
}
