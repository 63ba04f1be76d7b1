/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detail.h"

#define DIGITS_MAX 18 /* below INT64_MAX whatever they are */

struct str detail_text(struct str detail, const char *name)
{
	size_t n = strlen(name);
	const char *p = detail.p, *end = detail.n > 0 ? detail.p + detail.n : detail.p;
	while (p < end) {
		const char *space = memchr(p, ' ', (size_t)(end - p));
		const char *stop = space != NULL ? space : end;
		if ((size_t)(stop - p) > n && memcmp(p, name, n) == 0 && p[n] == '=')
			return (struct str){p + n + 1, (size_t)(stop - p) - n - 1};
		p = space != NULL ? space + 1 : end;
	}
	return (struct str){NULL, 0};
}

int64_t detail_number(struct str detail, const char *name, int64_t otherwise)
{
	struct str s = detail_text(detail, name);
	bool minus = s.n > 1 && s.p[0] == '-';
	int64_t v = 0;
	if (s.n <= minus || s.n - minus > DIGITS_MAX)
		return otherwise;
	for (size_t i = minus; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return otherwise;
		v = 10 * v + (s.p[i] - '0');
	}
	return minus ? -v : v;
}
