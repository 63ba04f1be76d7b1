/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include <inttypes.h>

#include "report/words.h"

static const char *entity(char c)
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
	for (size_t i = 0; i < text.n;) {
		uint32_t code;
		size_t hidden = words_hidden(text.p + i, text.n - i, &code);
		const char *as = entity(text.p[i]);
		if (hidden > 0)
			fprintf(out, "\\u%04" PRIx32, code);
		else if (as != NULL)
			fputs(as, out);
		else
			fputc(text.p[i], out);
		i += hidden > 0 ? hidden : 1;
	}
}
