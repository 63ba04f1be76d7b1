/* SPDX-License-Identifier: Apache-2.0 */
#include "store/named.h"

#include <string.h>

#define MAC_DIGITS 12

size_t named_host(struct str text, char out[static NAMED_HOST_MAX])
{
	struct addr address;
	if (text.n > 1 && text.p[text.n - 1] == '.')
		text.n--;
	if (text.n == 0 || text.n > NAMED_HOST_MAX || str_addr(text, &address))
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if ((unsigned char)c <= ' ' || c == 0x7f ||
		    strchr("\\/:*?\"<>|,;()", c) != NULL)
			return 0;
		out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	return text.n;
}

/* The value of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digits of xx:xx:xx:xx:xx:xx, with - likewise, or of xxxx.xxxx.xxxx. */
static bool take_digits(struct str text, uint8_t digits[static MAC_DIGITS])
{
	size_t n = 0, group = text.n == 14 ? 5 : 3;
	if (text.n != NAMED_MAC && text.n != 14)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (i % group == group - 1) {
			if (strchr(group == 5 ? "." : ":-", text.p[i]) == NULL ||
			    text.p[i] == '\0')
				return false;
			continue;
		}
		int v = digit(text.p[i]);
		if (v < 0)
			return false;
		digits[n++] = (uint8_t)v;
	}
	return true;
}

size_t named_mac(struct str text, char out[static NAMED_MAC])
{
	uint8_t v[MAC_DIGITS], any = 0;
	if (!take_digits(text, v) || (v[1] & 1) != 0)
		return 0;
	for (size_t i = 0, at = 0; i < MAC_DIGITS; i++) {
		any |= v[i];
		out[at++] = "0123456789abcdef"[v[i]];
		if (i % 2 == 1 && i + 1 < MAC_DIGITS)
			out[at++] = ':';
	}
	return any != 0 ? NAMED_MAC : 0;
}

struct str named_machine(struct str principal)
{
	size_t n = 0;
	while (n < principal.n && principal.p[n] != '/' && principal.p[n] != '@' &&
	       principal.p[n] != '$')
		n++;
	if (n == 0 || n == principal.n || principal.p[n] != '$' ||
	    (n + 1 < principal.n && principal.p[n + 1] != '/'))
		return (struct str){0};
	return (struct str){principal.p, n};
}

struct str named_server(struct str tree)
{
	if (tree.n < 3 || memcmp(tree.p, "\\\\", 2) != 0)
		return (struct str){0};
	const char *from = tree.p + 2, *end = memchr(from, '\\', tree.n - 2);
	return (struct str){from, end != NULL ? (size_t)(end - from) : tree.n - 2};
}
