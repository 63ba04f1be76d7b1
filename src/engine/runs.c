/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runs.h"

#include <stdlib.h>
#include <string.h>

#include "sys/path.h"

#define PART_DIGITS 4 /* behind a dash, after SEQ */

static const struct run_set_info infos[RUN_SETS] = {
#define S(SET, view, type, folder, span, order)                                          \
	[RUNS_##SET] = {view, ROLLUP_##type, folder, RUN_SPAN_##span, RUN_ORDER_##order},
    RUN_SETS_LIST(S)
#undef S
};

const struct run_set_info *run_set_info(enum run_set set)
{
	return &infos[set];
}

enum run_set run_set_of(const char *folder)
{
	int set = 0;
	for (; set < RUN_SETS; set++) {
		size_t n = strlen(infos[set].folder);
		if (strncmp(folder, infos[set].folder, n) == 0 &&
		    (folder[n] == '/' || folder[n] == '\0'))
			break;
	}
	return (enum run_set)set;
}

/* "-0000.parquet" */
#define TAIL_BYTES (1 + PART_DIGITS + sizeof(SEGMENT_SUFFIX) - 1)

uint32_t run_seq(const char *name)
{
	size_t n = strlen(name);
	if (n < TAIL_BYTES || name[n - TAIL_BYTES] != '-' ||
	    strspn(name + n - TAIL_BYTES + 1, "0123456789") != PART_DIGITS)
		return 0;
	return path_seq(name, name + n - TAIL_BYTES);
}

size_t run_stem(const char *path)
{
	size_t n = strlen(path);
	return n < TAIL_BYTES ? n : n - TAIL_BYTES;
}

bool run_repeats(const char *path)
{
	size_t n = strlen(path);
	return n > TAIL_BYTES &&
	       strtoul(path + n - TAIL_BYTES + 1, NULL, 10) == RUN_PART_REPEATS;
}

size_t run_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) : 0;
}
