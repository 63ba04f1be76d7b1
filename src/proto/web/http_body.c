/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/web/http_body.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/shared/mime.h"
#include "proto/shared/ocsp.h"

/* RFC 9110, 14.4: "bytes 0-99/1234"; the total, or TRANSFER_NO_TOTAL. */
static uint64_t range_total(struct str range)
{
	const char *slash = range.n > 0 ? memchr(range.p, '/', range.n) : NULL;
	uint64_t n = 0;
	if (slash == NULL || slash + 1 == range.p + range.n)
		return TRANSFER_NO_TOTAL;
	for (const char *p = slash + 1; p < range.p + range.n; p++) {
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return TRANSFER_NO_TOTAL;
	}
	return n;
}

static bool is_ocsp(struct str type)
{
	static const char word[] = "application/ocsp-response";
	return type.n >= sizeof(word) - 1 &&
	       strncasecmp(type.p, word, sizeof(word) - 1) == 0;
}

/* The next bytes of an answer of OCSP; without them, or over the limit, there is none. */
static void ocsp_data(struct parse *x, struct http_body *b, const void *p, size_t n)
{
	if (p != NULL && buffer_put(b->ocsp, p, n, OCSP_BYTES_MAX) &&
	    buffer_keep(b->ocsp))
		return;
	x->counters->over_limit += p != NULL;
	buffer_free(b->ocsp);
	free(b->ocsp);
	b->ocsp = NULL;
}

static void ocsp_end(struct parse *x, struct http_body *b, bool cut)
{
	if (!ocsp_emit(x, "http", buffer_bytes(b->ocsp)))
		*(cut ? &x->counters->truncated : &x->counters->malformed) += 1;
	buffer_free(b->ocsp);
	free(b->ocsp);
	b->ocsp = NULL;
}

void http_body_begin(struct parse *x, struct http_body *b, struct transfer_about *about,
    const struct http_content *content)
{
	char name[TRANSFER_NAME_MAX];
	if (content->coding.n == 0 && is_ocsp(content->type))
		b->ocsp = calloc(1, sizeof(*b->ocsp));
	if (x->transfers == NULL)
		return;
	b->mime = mime_parts(about, content->type);
	if (b->mime != NULL)
		return;
	if (content->disposition.n > 0) {
		size_t n =
		    mime_parameter(content->disposition, "filename", name, sizeof(name));
		about->name = (struct str){name, n};
	}
	if (content->range.n > 0) {
		uint64_t total = range_total(content->range);
		about->partial = total == TRANSFER_NO_TOTAL || total != about->total;
		about->total = total;
	}
	b->file = transfer_begin(x, about);
	transfer_coding(b->file, content->coding);
}

void http_body_data(struct parse *x, struct http_body *b, const void *p, uint64_t n)
{
	if (b->ocsp != NULL)
		ocsp_data(x, b, p, (size_t)n);
	if (p == NULL) {
		transfer_gap(b->file, n);
		mime_gap(b->mime, n);
		return;
	}
	transfer_data(x, b->file, p, (size_t)n);
	mime_bytes(x, b->mime, p, (size_t)n);
}

void http_body_end(struct parse *x, struct http_body *b, enum transfer_end end)
{
	if (b->ocsp != NULL)
		ocsp_end(x, b, end == TRANSFER_CUT);
	transfer_end(x, &b->file, end);
	mime_end(x, &b->mime, end == TRANSFER_WHOLE);
}

size_t http_body_held(const struct http_body *b)
{
	return mime_held(b->mime) +
	       (b->ocsp != NULL ? sizeof(*b->ocsp) + b->ocsp->own_room : 0);
}
