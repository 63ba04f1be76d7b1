/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SEQ_DIGITS 8

int path_make(char out[static PATH_MAX], struct error *e, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(out, PATH_MAX, format, args);
	va_end(args);
	if (n < 0 || n >= PATH_MAX)
		return error_set(e, ERR_USAGE, "path too long: %.200s...", out);
	return 0;
}

uint64_t path_bytes(const char *root, const char *path)
{
	struct stat st;
	char whole[PATH_MAX];
	if (path_make(whole, NULL, "%s/%s", root, path) < 0 || stat(whole, &st) != 0)
		return 0;
	return (uint64_t)st.st_size;
}

bool path_ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);
	return n >= k && memcmp(name + n - k, suffix, k) == 0;
}

uint32_t path_seq(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);
	if (n < k + SEQ_DIGITS || !path_ends_in(name, suffix))
		return 0;
	const char *digits = name + n - k - SEQ_DIGITS;
	if (digits != name && digits[-1] != '-')
		return 0;
	uint32_t seq = 0;
	for (int i = 0; i < SEQ_DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		seq = seq * 10 + (uint32_t)(digits[i] - '0');
	}
	return seq;
}
