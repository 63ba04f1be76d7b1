/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a process was started with to what it needs: another user, no capability,
 * small limits. In this order, for a process that was started by root:
 *
 *     privilege_user     while the list of users can still be read
 *     (open sockets, make folders)
 *     privilege_drop     no way back: user, groups, all five sets of capabilities
 *     privilege_limit    no core dump, no more files, no other process
 *     sandbox_enter      (sandbox.h)
 */
#ifndef DWELL_SYS_PRIVILEGE_H
#define DWELL_SYS_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "sys/sandbox.h"

#define PRIVILEGE_PARSER_FILES 64   /* descriptors of a process that opens nothing */
#define PRIVILEGE_FILES        4096 /* and of one that does */

struct privilege_user {
	uid_t uid;
	gid_t gid;
};

/* Find a user by name, or by number when it is one. Negative with *e set (ERR_USAGE when
 * there is no such user). */
int privilege_user(const char *name, struct privilege_user *user, struct error *e);

/* Become user (NULL: stay who we are) and give up all capabilities, for good: also those
 * that a program started later would get (capabilities(7)). Fails, with *e set, rather
 * than keep any. */
int privilege_drop(const struct privilege_user *user, struct error *e);

/* Whether any capability is left in any set, or could come back. */
bool privilege_any(void);

/* Set the limits of a profile: no core dump (packets are in it), and no other process of
 * this user may look inside; so many files; in a PARSER no processes. Negative with
 * *e set. */
int privilege_limit(enum sandbox_profile profile, struct error *e);

#endif
