/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/information.h"

#include <math.h>
#include <stdlib.h>
#include <zlib.h>

#define LEVEL    6
#define OVERHEAD 8 /* bytes that an empty stream of zlib has */
#define OUT_SIZE 4096

struct information {
	z_stream z;
	uint64_t length, packed,
	    deflated; /* bytes in, out, and given to the compressor */
	uint64_t count[256];
};

struct information *information_new(void)
{
	struct information *m = calloc(1, sizeof(*m));
	if (m != NULL && deflateInit(&m->z, LEVEL) != Z_OK) {
		free(m);
		return NULL;
	}
	return m;
}

void information_free(struct information *m)
{
	if (m == NULL)
		return;
	deflateEnd(&m->z);
	free(m);
}

void information_reset(struct information *m)
{
	deflateReset(&m->z);
	m->length = m->packed = m->deflated = 0;
	memset(m->count, 0, sizeof(m->count));
}

static void pack(struct information *m, uint8_t *p, size_t n, int flush)
{
	uint8_t out[OUT_SIZE];
	m->z.next_in = p;
	m->z.avail_in = (uInt)n;
	do {
		m->z.next_out = out;
		m->z.avail_out = sizeof(out);
		if (deflate(&m->z, flush) == Z_STREAM_ERROR)
			return;
		m->packed += sizeof(out) - m->z.avail_out;
	} while (m->z.avail_out == 0);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at s.p[*at], which may be written as \xHH; steps over it. */
static uint8_t next_byte(struct str s, size_t *at)
{
	const char *p = s.p + *at;
	if (s.n - *at >= 4 && p[0] == '\\' && p[1] == 'x' && hex_digit(p[2]) >= 0 &&
	    hex_digit(p[3]) >= 0) {
		*at += 4;
		return (uint8_t)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
	}
	*at += 1;
	return (uint8_t)*p;
}

void information_add(struct information *m, struct str sub)
{
	uint8_t bytes[512];
	size_t n = 0;
	for (size_t at = 0; at < sub.n && n < sizeof(bytes) - 1;) {
		uint8_t b = next_byte(sub, &at);
		m->count[b]++;
		bytes[n++] = b;
	}
	m->length += n;
	bytes[n++] = '\n';
	if (m->deflated < INFORMATION_DEFLATE_MAX) {
		pack(m, bytes, n, Z_NO_FLUSH);
		m->deflated += n;
	}
}

uint64_t information_length(const struct information *m)
{
	return m->length;
}

double information_bytes(struct information *m)
{
	double entropy = 0, n = (double)m->length;
	pack(m, NULL, 0, Z_FINISH);
	for (size_t i = 0; i < 256; i++) {
		if (m->count[i] > 0)
			entropy -= (double)m->count[i] * log2((double)m->count[i] / n);
	}
	entropy /= 8;
	if (m->deflated >= INFORMATION_DEFLATE_MAX)
		return entropy;
	double packed = m->packed > OVERHEAD ? (double)(m->packed - OVERHEAD) : 0;
	return fmin(entropy, packed);
}
