/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

/*
 * Bytes of a character that changes the direction of text or is invisible, or 0:
 * U+200B-200F, U+2028-202E, U+2060-2069, U+FEFF, in UTF-8.
 */
static size_t invisible(const unsigned char *p, size_t left)
{
	if (left < 3)
		return 0;
	if (p[0] == 0xe2 && p[1] == 0x80 &&
	    ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae)))
		return 3;
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xa9)
		return 3;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf ? 3 : 0;
}

static const char *entity(unsigned char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_text(FILE *out, struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	for (size_t i = 0; i < text.n;) {
		size_t hidden = invisible(p + i, text.n - i);
		const char *as = entity(p[i]);
		if (hidden > 0) {
			fprintf(out, "\\x%02x%02x%02x", p[i], p[i + 1], p[i + 2]);
			i += hidden;
			continue;
		}
		if (as != NULL)
			fputs(as, out);
		else if (p[i] < 0x20 || p[i] == 0x7f)
			fprintf(out, "\\x%02x", p[i]);
		else
			fputc(p[i], out);
		i++;
	}
}
