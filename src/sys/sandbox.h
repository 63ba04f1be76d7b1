/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of ours may ask of the kernel once it is at work, however it was taken
 * over: the system calls it needs (seccomp), and the folders and TCP ports it was given
 * (Landlock). Not to be left again, and inherited.
 *
 *              files            sockets                 threads   else
 *   PARSER     none             those it was given      none      killed
 *   WRITER     the memory       those it was given      yes       refused; the worst:
 * killed NOTIFIER   its queue        TCP to given ports, DNS yes       refused; the
 * worst: killed
 *
 * Killed is on purpose: no innocent code asks for execve or ptrace, and the parent sees a
 * child die by SIGSYS. A kernel that lacks a part goes without it, and sandbox_missing
 * says so: never in silence.
 */
#ifndef DWELL_SYS_SANDBOX_H
#define DWELL_SYS_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"
#include "sys/landlock.h"

enum sandbox_profile {
	SANDBOX_PARSER,   /* reads packets, gives records */
	SANDBOX_WRITER,   /* holds the memory and the query engine; also all of a scan */
	SANDBOX_NOTIFIER, /* sends findings out; answers on the loopback */
	SANDBOX_SUPERVISOR, /* starts the others, and looks after them: no other program
			     */
	SANDBOX_PROFILES
};

#define SANDBOX_MISSING_MAX 160 /* bytes of what sandbox_missing says */

struct sandbox {
	enum sandbox_profile profile;
	struct landlock fence;
	bool calls; /* after sandbox_enter: system calls are filtered */
	bool files; /* likewise: folders are fenced */
	bool ports; /* likewise: TCP ports are */
};

/* Begin; nothing is allowed yet beyond the profile. Negative with *e set, else
 * sandbox_enter is due. */
int sandbox_open(struct sandbox *s, enum sandbox_profile profile, struct error *e);

/* Allow a file, or a folder and all below it; nothing there is fine. Negative with *e
 * set. */
int sandbox_allow(
    struct sandbox *s, const char *path, enum landlock_access access, struct error *e);

/* Allow a NOTIFIER to connect to a TCP port. Negative with *e set. */
int sandbox_allow_port(struct sandbox *s, uint16_t port, struct error *e);

/* Enter it for good; *s then says what holds. To be called before threads are started:
 * those that run already get the filter of system calls but not the fence. Negative with
 * *e set: the process must end. */
int sandbox_enter(struct sandbox *s, struct error *e);

/* What the kernel could not give, in words; an empty text when nothing is missing. */
void sandbox_missing(const struct sandbox *s, char out[static SANDBOX_MISSING_MAX]);

#endif
