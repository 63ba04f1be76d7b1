/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a fuzz target over files and folders of files instead of fuzzing: the
 * corpora are replayed like this in every test run. Each input is an exact-size
 * heap copy, so that the sanitizer sees a read of one byte too many.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return;
	uint8_t *buffer = NULL;
	size_t n = 0, got;
	do {
		uint8_t *grown = realloc(buffer, n + 65536);
		if (grown == NULL)
			abort();
		buffer = grown;
		got = fread(buffer + n, 1, 65536, f);
		n += got;
	} while (got > 0);
	fclose(f);
	uint8_t *exact = malloc(n > 0 ? n : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, buffer, n);
	free(buffer);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static void run(const char *path)
{
	DIR *d = opendir(path);
	if (d == NULL) {
		run_file(path);
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char inside[4096];
		int n = snprintf(inside, sizeof(inside), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof(inside))
			run(inside);
	}
	closedir(d);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	return 0;
}
