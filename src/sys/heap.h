/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of a process that will fill it: fewer page faults for more address space. */
#ifndef DWELL_SYS_HEAP_H
#define DWELL_SYS_HEAP_H

#include <stddef.h>

/* Let malloc take n bytes of address space at once, in huge pages where the kernel has
 * them, and keep what is freed. To be called once and early; where any of it is refused
 * the heap stays as it is. */
void heap_prepare(size_t n);

#endif
