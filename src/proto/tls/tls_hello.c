/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_hello.h"

#include <string.h>

#include "proto/tls/tls_names.h"

enum extension {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_FORMATS = 11,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_TICKET = 35,
	EXTENSION_KEY_SHARE_DRAFT = 40, /* key_share until draft 22 of TLS 1.3 */
	EXTENSION_PRE_SHARED_KEY = 41,
	EXTENSION_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51,
};

/* A vector with a length of one byte or two; what does not fit is cut. */
static struct bytes vector(struct bytes *b, unsigned length_bytes)
{
	size_t n = length_bytes == 1 ? bytes_u8(b) : bytes_be16(b);
	if (n > b->left)
		n = b->left;
	return bytes_sub(b, n);
}

/* The first host name (type 0) of the list; RFC 6066, 3. */
static struct bytes first_host_name(struct bytes data)
{
	struct bytes list = vector(&data, 2);
	while (list.left > 0) {
		uint8_t type = bytes_u8(&list);
		struct bytes name = vector(&list, 2);
		if (type == 0)
			return name;
	}
	return (struct bytes){0};
}

static struct bytes first_protocol(struct bytes data)
{
	struct bytes list = vector(&data, 2);
	return vector(&list, 1);
}

static void client_extension(struct tls_hello *h, uint16_t type, struct bytes data)
{
	switch (type) {
	case EXTENSION_SERVER_NAME:
		if (!h->has_sni)
			h->sni = first_host_name(data);
		h->has_sni = true;
		break;
	case EXTENSION_GROUPS:
		h->groups = vector(&data, 2);
		break;
	case EXTENSION_FORMATS:
		h->formats = vector(&data, 1);
		break;
	case EXTENSION_SIGNATURES:
		h->signatures = vector(&data, 2);
		break;
	case EXTENSION_ALPN:
		h->alpn = first_protocol(data);
		break;
	case EXTENSION_TICKET:
		h->ticket = data.left > 0;
		break;
	case EXTENSION_PRE_SHARED_KEY:
		h->pre_shared_key = true;
		break;
	case EXTENSION_VERSIONS:
		h->versions = vector(&data, 1);
		h->has_versions = true;
		break;
	default:
		break;
	}
}

static void server_extension(struct tls_hello *h, uint16_t type, struct bytes data)
{
	switch (type) {
	case EXTENSION_ALPN:
		h->alpn = first_protocol(data);
		break;
	case EXTENSION_PRE_SHARED_KEY:
		h->pre_shared_key = true;
		break;
	case EXTENSION_VERSIONS:
		if (data.left == 2) {
			h->versions = data;
			h->has_versions = true;
		}
		break;
	case EXTENSION_KEY_SHARE:
	case EXTENSION_KEY_SHARE_DRAFT:
		h->group = bytes_be16(&data);
		break;
	default:
		break;
	}
}

/* The list is taken whole; where an extension does not fit, the ones before it remain. */
static enum tls_parse extensions(struct tls_hello *h, struct bytes body, bool client)
{
	if (body.left == 0)
		return TLS_PARSED;
	uint16_t n = bytes_be16(&body);
	if (body.bad || n > body.left)
		return TLS_MALFORMED;
	struct bytes all = bytes_sub(&body, n);
	h->extensions = (struct bytes){.pos = all.pos};
	while (all.left > 0) {
		if (h->extension_count == TLS_EXTENSIONS_MAX)
			return TLS_OVER_LIMIT;
		uint16_t type = bytes_be16(&all);
		struct bytes data = bytes_sub(&all, bytes_be16(&all));
		if (data.bad || all.bad)
			return TLS_MALFORMED;
		h->extension_count++;
		h->extensions.left = (size_t)(data.pos - h->extensions.pos) + data.left;
		if (client)
			client_extension(h, type, data);
		else
			server_extension(h, type, data);
	}
	return TLS_PARSED;
}

static void head(struct bytes *body, struct tls_hello *h)
{
	*h = (struct tls_hello){0};
	h->version = bytes_be16(body);
	h->random = bytes_take(body, TLS_RANDOM_BYTES);
}

enum tls_parse tls_client_hello_parse(
    struct bytes body, bool datagram, struct tls_hello *h)
{
	head(&body, h);
	h->session_id = bytes_sub(&body, bytes_u8(&body));
	if (datagram)
		bytes_skip(&body, bytes_u8(&body));
	h->ciphers = bytes_sub(&body, bytes_be16(&body));
	bytes_skip(&body, bytes_u8(&body));
	if (body.bad || h->ciphers.left < 2 || h->ciphers.left % 2 != 0)
		return TLS_MALFORMED;
	enum tls_parse result = extensions(h, body, true);
	if (result == TLS_PARSED && h->ciphers.left > 2 * (size_t)TLS_CIPHERS_MAX)
		return TLS_OVER_LIMIT;
	return result;
}

enum tls_parse tls_server_hello_parse(struct bytes body, struct tls_hello *h)
{
	head(&body, h);
	/* Until draft 21 of TLS 1.3 there was neither session id nor compression method,
	 * and its version stood here; since then the field says 1.2. */
	bool short_form = h->version >> 8 == 0x7f || h->version == TLS_1_3;
	if (!short_form)
		h->session_id = bytes_sub(&body, bytes_u8(&body));
	h->ciphers = bytes_sub(&body, 2);
	if (!short_form)
		bytes_skip(&body, 1);
	if (body.bad)
		return TLS_MALFORMED;
	return extensions(h, body, false);
}

bool tls_hello_is_retry(const struct tls_hello *h)
{
	/* SHA-256 of "HelloRetryRequest" */
	static const uint8_t retry[TLS_RANDOM_BYTES] = {0xcf, 0x21, 0xad, 0x74, 0xe5,
	    0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
	    0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33,
	    0x9c};
	return h->random != NULL && memcmp(h->random, retry, sizeof(retry)) == 0;
}

uint16_t tls_hello_agreed(const struct tls_hello *h)
{
	return h->has_versions ? load_be16(h->versions.pos) : h->version;
}

/* Order of versions by age: the drafts of 1.3 lie
 * between 1.2 and 1.3, other numbers below. Those of DTLS count downwards. */
static unsigned age(uint16_t version)
{
	if (version >> 8 == 0xfe)
		return 0x10000 + (0xffffu - version);
	if (version <= TLS_1_2)
		return version;
	if (version == TLS_1_3)
		return 0x10000;
	return version >> 8 == 0x7f ? version : 1;
}

uint16_t tls_hello_highest(const struct tls_hello *h)
{
	uint16_t best = TLS_VERSION_NONE;
	for (struct bytes b = h->versions; b.left >= 2;) {
		uint16_t v = bytes_be16(&b);
		if (!tls_is_grease(v) && (best == TLS_VERSION_NONE || age(v) > age(best)))
			best = v;
	}
	return best != TLS_VERSION_NONE ? best : h->version;
}
