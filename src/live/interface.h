/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be known of a network interface before packets are taken from it, and what
 * of its settings changes packets before they are captured.
 */
#ifndef DWELL_LIVE_INTERFACE_H
#define DWELL_LIVE_INTERFACE_H

#include <stdbool.h>

#include "base/error.h"

struct interface {
	int index;    /* as the kernel numbers it; another after it was made anew */
	int hardware; /* ARPHRD_ value */
	int link;     /* LINKTYPE_ value of its frames */
	bool cooked;  /* its link headers are not read: the kernel tells what they say */
	bool loopback;
	bool up; /* set up, and there is a carrier */
};

/* What joins packets on their way in, so that their number, sizes and times are not
 * those of the wire. */
enum interface_joins {
	JOINS_GRO = 1 << 0, /* generic receive offload */
	JOINS_LRO = 1 << 1, /* large receive offload */
};

#define INTERFACE_ANY "any" /* all interfaces of the machine, present and future */

/* Look an interface up by its name; INTERFACE_ANY has no index. Negative with *e set:
 * ERR_USAGE where there is none of that name. */
int interface_find(const char *name, struct interface *i, struct error *e);

/* What joins packets there, enum interface_joins; 0 also where nobody can tell. */
unsigned interface_joins(const char *name);

/* Let the interface stamp all packets with its own clock. Negative with *e set where it
 * can not or we may not. */
int interface_stamp(const char *name, struct error *e);

#endif
