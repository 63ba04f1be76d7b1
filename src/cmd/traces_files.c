/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/traces_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 4200

static int add_file(struct traces *t, const char *path, bool must, struct error *e)
{
	FILE *f = fopen(path, "rb");
	/* What is wrong with the memory itself is told by who opens it. */
	if (f == NULL && !must && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (f == NULL)
		return error_set(e, ERR_USAGE, "%.200s: %s", path, strerror(errno));
	char *text = malloc(TRACE_FILE_MAX + 1);
	size_t n = text != NULL ? fread(text, 1, TRACE_FILE_MAX + 1, f) : 0;
	bool failed = ferror(f) != 0;
	fclose(f);
	int result = -1;
	if (text == NULL)
		error_set(e, ERR_SYSTEM, "no memory left");
	else if (failed)
		error_set(e, ERR_USAGE, "%.200s: can not be read", path);
	else
		result = traces_add(t, path, text, n, e);
	free(text);
	return result;
}

struct traces *traces_files(const char *memory, const char *file, struct error *e)
{
	char path[PATH_BYTES];
	struct traces *t = traces_new();
	if (t == NULL) {
		error_set(e, ERR_SYSTEM, "no memory left");
		return NULL;
	}
	int n = snprintf(path, sizeof(path), "%s/%s", memory, TRACES_OF_MEMORY);
	bool fits = n > 0 && (size_t)n < sizeof(path);
	if ((fits && add_file(t, path, false, e) < 0) ||
	    (file != NULL && add_file(t, file, true, e) < 0)) {
		traces_free(t);
		return NULL;
	}
	return t;
}
