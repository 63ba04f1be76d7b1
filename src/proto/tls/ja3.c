/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/ja3.h"

#include <string.h>

#include "base/size.h"
#include "proto/shared/digest.h"
#include "proto/tls/tls_names.h"

/* A list of n 16-bit numbers takes 6 n bytes at most. Groups and formats are cut at this
 * many; real hellos have fewer than 30. */
#define GROUPS_MAX  512
#define FORMATS_MAX 256
#define TEXT_MAX                                                                         \
	(6 * (TLS_CIPHERS_MAX + TLS_EXTENSIONS_MAX + GROUPS_MAX + FORMATS_MAX) + 16)

static char *put_number(char *o, uint16_t v)
{
	char digits[5];
	size_t n = 0;
	do {
		digits[n++] = (char)('0' + v % 10);
		v = (uint16_t)(v / 10);
	} while (v > 0);
	while (n > 0)
		*o++ = digits[--n];
	return o;
}

/* Append "N-" for each number but GREASE; end_list takes the last '-' away. */
static char *put_list(char *o, struct bytes list)
{
	while (list.left >= 2) {
		uint16_t v = bytes_be16(&list);
		if (tls_is_grease(v))
			continue;
		o = put_number(o, v);
		*o++ = '-';
	}
	return o;
}

static char *end_list(char *o)
{
	if (o[-1] == '-')
		o--;
	*o++ = ',';
	return o;
}

static char *put_extensions(char *o, struct bytes list)
{
	while (list.left > 0) {
		uint16_t type = bytes_be16(&list);
		bytes_skip(&list, bytes_be16(&list));
		if (tls_is_grease(type))
			continue;
		o = put_number(o, type);
		*o++ = '-';
	}
	return end_list(o);
}

static struct bytes at_most(struct bytes b, size_t n)
{
	b.left = size_min(b.left, n);
	return b;
}

static bool finish(char *text, char *end, char out[static JA3_TEXT_MAX])
{
	char digest[DIGEST_TEXT_MAX];
	size_t n = digest_hex(DIGEST_MD5, text, (size_t)(end - text), digest);
	if (n != JA3_TEXT_MAX - 1) {
		out[0] = '\0';
		return false;
	}
	memcpy(out, digest, JA3_TEXT_MAX);
	return true;
}

bool ja3_client(const struct tls_hello *h, char out[static JA3_TEXT_MAX])
{
	char text[TEXT_MAX];
	out[0] = '\0';
	if (h->ssl2 || h->ciphers.left > 2 * (size_t)TLS_CIPHERS_MAX)
		return false;
	char *o = put_number(text, h->version);
	*o++ = ',';
	o = end_list(put_list(o, h->ciphers));
	o = put_extensions(o, h->extensions);
	o = end_list(put_list(o, at_most(h->groups, 2 * (size_t)GROUPS_MAX)));
	for (struct bytes b = at_most(h->formats, FORMATS_MAX); b.left > 0;) {
		o = put_number(o, bytes_u8(&b));
		*o++ = '-';
	}
	return finish(text, end_list(o) - 1, out);
}

bool ja3_server(const struct tls_hello *h, char out[static JA3_TEXT_MAX])
{
	char text[TEXT_MAX];
	out[0] = '\0';
	if (h->ssl2 || h->ciphers.left != 2)
		return false;
	char *o = put_number(text, h->version);
	*o++ = ',';
	o = put_number(o, load_be16(h->ciphers.pos));
	*o++ = ',';
	return finish(text, put_extensions(o, h->extensions) - 1, out);
}
