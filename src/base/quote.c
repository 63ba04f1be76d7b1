/* SPDX-License-Identifier: Apache-2.0 */
#include "base/quote.h"

void quote_sql(FILE *out, struct str s)
{
	fputc('\'', out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			fputc('\'', out);
		if (s.p[i] != '\0')
			fputc(s.p[i], out);
	}
	fputc('\'', out);
}
