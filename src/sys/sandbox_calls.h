/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system calls: what each profile of sandbox.h may ask, and with what. */
#ifndef DWELL_SYS_SANDBOX_CALLS_H
#define DWELL_SYS_SANDBOX_CALLS_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/sandbox.h"

/* The search for leaks at the end of a program that was built with AddressSanitizer stops
 * its own threads with ptrace. In that flavour, which nobody ships, a WRITER may. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED
#endif
#endif

struct sandbox_call {
	const char *action; /* a letter a profile: sandbox_action */
	struct scmp_arg_cmp test[1];
	int call;       /* as seccomp numbers it */
	unsigned tests; /* of test: 0, it holds whatever the arguments */
};

/* The table; static. */
const struct sandbox_call *sandbox_calls(size_t *n);

/* What a profile does with a call of the table: false when it is the default. */
bool sandbox_action(
    const struct sandbox_call *c, enum sandbox_profile profile, uint32_t *action);

/* What a profile does with what is not in the table. */
uint32_t sandbox_default(enum sandbox_profile profile);

#endif
