/* SPDX-License-Identifier: Apache-2.0 */
/* What a process takes of the machine. */
#ifndef DWELL_SYS_PROCESS_H
#define DWELL_SYS_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Bytes of memory of a process that are its own: neither files nor shared. 0: there is no
 * such process, or the system does not say. */
uint64_t process_memory(pid_t pid);

#endif
