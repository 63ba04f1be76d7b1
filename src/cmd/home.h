/* SPDX-License-Identifier: Apache-2.0 */
/* Which networks are ours: from the command line,
 * else as the memory knows them, else private. */
#ifndef DWELL_CMD_HOME_H
#define DWELL_CMD_HOME_H

#include "cmd/options.h"
#include "store/store.h"

struct home {
	struct net nets[HOME_MAX];
	size_t count; /* 0: nothing is at home; whoever opens is the host */
	bool guessed; /* that is so, and nobody said --home */
	bool met;     /* a connection of one of them went through the sink below */
	struct record_sink to; /* behind it */
};

/*
 * Find the home networks for detection. Networks given on the command
 * line are kept in the memory for later runs. Negative with *e set.
 */
int home_choose(
    struct home *h, struct store *s, const struct options *o, struct error *e);

/* A sink in front of another that looks whether connections are of a home network, so
 * that home_check need not ask the memory. It works with h, which must stay where it is.
 */
struct record_sink home_sink(struct home *h, const struct record_sink *to);

/* After reading: when none of the memory's connections touches a default home network,
 * forget them, so that whoever opened a connection counts as the host. */
int home_check(struct home *h, struct store *s, struct error *e);

#endif
