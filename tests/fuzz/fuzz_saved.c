/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a kept set: refused, or read such that what is written of it is read back
 * the same. */
#include <stdlib.h>
#include <string.h>

#include "feed/saved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e;
	char *text[2] = {NULL, NULL};
	size_t n[2] = {0, 0};
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct indicators *set = in != NULL ? saved_read(in, "f", &e) : NULL;
	for (int i = 0; i < 2 && set != NULL; i++) {
		FILE *out = open_memstream(&text[i], &n[i]);
		if (out == NULL || saved_write(set, out, &e) < 0 || fclose(out) != 0)
			abort();
		indicators_free(set);
		FILE *again = fmemopen(text[i], n[i], "r");
		set = again != NULL ? saved_read(again, "f", &e) : NULL;
		if (set == NULL || fclose(again) != 0)
			abort();
	}
	if (n[0] != n[1] || (n[0] > 0 && memcmp(text[0], text[1], n[0]) != 0))
		abort();
	indicators_free(set);
	free(text[0]);
	free(text[1]);
	if (in != NULL)
		fclose(in);
	return 0;
}
