/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/ftp.h"

#define PORT_DIGITS_MAX 5

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take a number of at most limit out of the text; -1: there is none, or it is larger. */
static long take_number(struct str *s, long limit)
{
	long v = 0;
	size_t n = 0;
	for (; n < s->n && n <= PORT_DIGITS_MAX && is_digit(s->p[n]); n++)
		v = v * 10 + (s->p[n] - '0');
	if (n == 0 || n > PORT_DIGITS_MAX || v > limit)
		return -1;
	*s = (struct str){s->p + n, s->n - n};
	return v;
}

/* Six numbers with commas at the beginning of the text. */
static bool six(struct str s, uint8_t out[6])
{
	for (int i = 0; i < 6; i++) {
		if (i > 0 && (s.n == 0 || s.p[0] != ','))
			return false;
		if (i > 0)
			s = (struct str){s.p + 1, s.n - 1};
		while (i > 0 && s.n > 0 && s.p[0] == ' ')
			s = (struct str){s.p + 1, s.n - 1};
		long v = take_number(&s, 255);
		if (v < 0)
			return false;
		out[i] = (uint8_t)v;
	}
	return true;
}

bool ftp_ends_port(struct str text, struct addr *address, uint16_t *port)
{
	uint8_t v[6];
	for (size_t i = 0; i < text.n; i++) {
		bool begins = is_digit(text.p[i]) && (i == 0 || !is_digit(text.p[i - 1]));
		if (!begins || !six((struct str){text.p + i, text.n - i}, v))
			continue;
		*address = addr_from_v4(v);
		*port = load_be16(v + 4);
		return *port != 0;
	}
	return false;
}

/* Take what stands before the next delimiter out of the text, and it; false: none. */
static bool take_until(struct str *s, char delimiter, struct str *out)
{
	const char *end = s->n > 0 ? memchr(s->p, delimiter, s->n) : NULL;
	if (end == NULL)
		return false;
	size_t n = (size_t)(end - s->p);
	*out = (struct str){s->p, n};
	*s = (struct str){end + 1, s->n - n - 1};
	return true;
}

/* From behind the first delimiter. */
static bool extended(struct str s, char delimiter, struct addr *address, uint16_t *port)
{
	struct str family, where, number;
	if (!take_until(&s, delimiter, &family) || !take_until(&s, delimiter, &where) ||
	    !take_until(&s, delimiter, &number) || family.n > 1)
		return false;
	long v = take_number(&number, UINT16_MAX);
	*address = (struct addr){0};
	if (v <= 0 || number.n > 0 || (where.n > 0 && !str_addr(where, address)))
		return false;
	*port = (uint16_t)v;
	return true;
}

bool ftp_ends_extended(struct str text, struct addr *address, uint16_t *port)
{
	/* The reply has words before it, in which nothing is a delimiter. */
	const char *open = text.n > 0 ? memchr(text.p, '(', text.n) : NULL;
	if (open != NULL)
		text = (struct str){open + 1, text.n - (size_t)(open - text.p) - 1};
	if (text.n == 0 || text.p[0] < 33 || text.p[0] > 126 || is_digit(text.p[0]))
		return false;
	return extended((struct str){text.p + 1, text.n - 1}, text.p[0], address, port);
}

/* ---- folders ---- */

/* The length of path without its last part. */
static size_t parent(const char *path, size_t n)
{
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > 1 ? n - 1 : n;
}

size_t ftp_path(char *path, size_t n, size_t room, struct str step)
{
	if (step.n > 0 && step.p[0] == '/') {
		path[0] = '/';
		n = 1;
	}
	while (step.n > 0) {
		const char *slash = memchr(step.p, '/', step.n);
		struct str part = {
		    step.p, slash != NULL ? (size_t)(slash - step.p) : step.n};
		size_t used = part.n + (slash != NULL);
		step = (struct str){step.p + used, step.n - used};
		if (part.n == 0 || (part.n == 1 && part.p[0] == '.'))
			continue;
		if (part.n == 2 && part.p[0] == '.' && part.p[1] == '.') {
			n = parent(path, n);
			continue;
		}
		bool join = n > 0 && path[n - 1] != '/';
		if (part.n + join > room - n)
			return n;
		if (join)
			path[n++] = '/';
		memcpy(path + n, part.p, part.n);
		n += part.n;
	}
	return n;
}
