/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock: what of the file system, and which TCP ports, a process may use from now on,
 * for good and for all it starts. By the kernel's own calls (landlock(7)); a kernel that
 * has less of it fences less, and landlock_missing says what.
 */
#ifndef DWELL_SYS_LANDLOCK_H
#define DWELL_SYS_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define LANDLOCK_ABI_RENAMES 2 /* Linux 5.19: files may move between folders */
#define LANDLOCK_ABI_PORTS   4 /* Linux 6.7: TCP */
#define LANDLOCK_ABI_SCOPE   6 /* Linux 6.12: signals and abstract sockets */

enum landlock_access {
	LANDLOCK_READ,  /* files, and what lies in folders */
	LANDLOCK_WRITE, /* read, write, make, move and remove files and folders */
};

struct landlock {
	int ruleset; /* a descriptor; -1: there is no fence */
	int abi;     /* of the kernel; 0: it has no Landlock */
	uint64_t files, ports;
};

/* Begin a fence in which nothing is allowed; without the kernel's help it is none, which
 * is no error. With writes, the fence will hold folders that are written to, which a
 * kernel before LANDLOCK_ABI_RENAMES can not do well: none then. Negative with *e set;
 * landlock_enter or landlock_close is due otherwise. */
int landlock_open(struct landlock *l, bool writes, struct error *e);

/* Allow what is at path, and all below it when it is a folder; a symbolic link stands for
 * what it leads to. Nothing there, or no file of a file system (a pipe): 0, and nothing
 * is allowed. Negative with *e set. */
int landlock_allow(
    struct landlock *l, const char *path, enum landlock_access access, struct error *e);

/* Allow to connect to this TCP port of anybody. Negative with *e set. */
int landlock_allow_port(struct landlock *l, uint16_t port, struct error *e);

/* Close the fence around the calling thread and all that it starts, and the descriptor.
 * Needs no new privileges (PR_SET_NO_NEW_PRIVS) to be off for good. Negative with *e set.
 */
int landlock_enter(struct landlock *l, struct error *e);

/* Forget a fence that was not entered. */
void landlock_close(struct landlock *l);

#endif
