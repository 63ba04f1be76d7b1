/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glibc grows its heap by 132 kB at a time, maps each larger block by itself and gives
 * the end of the heap back whenever some of it is free: a scan, whose rows, Parquet pages
 * and query vectors come and go by megabytes, then faults in each of its pages several
 * times over. Here the heap grows once, and is told to be made of huge pages:
 *
 *     | libraries' |                    n bytes                    |
 *     ^ heap before                                                 ^ heap after
 *
 * Pages that nothing touches take no memory.
 */
#include "sys/heap.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define OWN_BYTES  (32U << 20) /* a block of so many bytes is still mapped by itself */
#define GROW_BYTES (1U << 20)  /* more than the end of the heap has room for at start */

void heap_prepare(size_t n)
{
	if (n > INT_MAX || mallopt(M_MMAP_THRESHOLD, OWN_BYTES) == 0 ||
	    mallopt(M_TRIM_THRESHOLD, INT_MAX) == 0 || mallopt(M_TOP_PAD, (int)n) == 0)
		return;
	char *before = sbrk(0);
	void *volatile grows = malloc(GROW_BYTES);
	free(grows);
	char *after = sbrk(0);
	if ((intptr_t)before == -1 || (intptr_t)after == -1 || after <= before)
		return;
	size_t odd = (uintptr_t)before % PAGE_BYTES;
	char *start = odd > 0 ? before + (PAGE_BYTES - odd) : before;
	if (after > start)
		(void)madvise(start, (size_t)(after - start), MADV_HUGEPAGE);
}
