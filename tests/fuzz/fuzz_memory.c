/* SPDX-License-Identifier: Apache-2.0 */
/* The small files of a memory, which may come from elsewhere: dwell.json and a list of
 * inputs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/config.h"
#include "store/inputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[] = "/tmp/fuzz-memory-XXXXXX", path[64];
	struct config c = {0};
	struct inputs in = {0};
	struct error e;
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/00000001.jsonl", folder);
	FILE *f = fopen(path, "wb");
	if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		abort();
	if (config_load(&c, path, &e) == 0)
		config_free(&c);
	(void)inputs_load(&in, folder, &e);
	inputs_free(&in);
	return unlink(path) | rmdir(folder);
}
