/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a finding as a memory holds them: what was read, written and read again is
 * the same facts, and their texts are clean. */
#include <stdlib.h>

#include "finding/finding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct fact v[FACTS_MAX], again[FACTS_MAX];
	arena_init(&a, 1 << 20);
	size_t n = facts_from_json((struct str){(const char *)data, size}, v, &a);
	struct str json = facts_to_json(v, n, &a);
	if (json.p != NULL && facts_from_json(json, again, &a) != n)
		abort();
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].text.n; k++)
			if ((unsigned char)v[i].text.p[k] < ' ')
				abort();
	arena_fini(&a);
	return 0;
}
