/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/process.h"

#include <stdio.h>
#include <unistd.h>

uint64_t process_memory(pid_t pid)
{
	char path[48];
	unsigned long resident = 0, shared = 0;
	long page = sysconf(_SC_PAGESIZE);
	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	int n = fscanf(f, "%*u %lu %lu", &resident, &shared);
	fclose(f);
	if (n != 2 || page < 1 || shared > resident)
		return 0;
	return (uint64_t)(resident - shared) * (uint64_t)page;
}
