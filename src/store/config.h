/* SPDX-License-Identifier: Apache-2.0 */
/* dwell.json: what the memory is.
 * doc/format/memory.md describes its members and the version rule. */
#ifndef DWELL_STORE_CONFIG_H
#define DWELL_STORE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "store/policy.h"
#include "store/store.h"

#define CONFIG_FORMAT    2 /* version of the memory's format that this program writes */
#define CONFIG_HOME_MAX  1024    /* home networks in a memory */
#define CONFIG_BYTES_MAX 1048576 /* bytes of dwell.json */

struct config {
	uint8_t secret[STORE_SECRET_BYTES];
	struct net *home; /* owned */
	size_t homes;
	struct policy policy;
	int format; /* that it was written in */
};

/* Read path. Negative with *e set when it is not ours, damaged, or of a newer version. */
int config_load(struct config *c, const char *path, struct error *e);

/* A new one with a random secret and no home networks. */
int config_new(struct config *c, struct error *e);

/* Take over a copy of the networks. */
int config_set_home(struct config *c, const struct net *nets, size_t n, struct error *e);

/* Write it, durably and all or nothing, readable by its owner alone. */
int config_save(const struct config *c, const char *path, struct error *e);

/* Free what it owns. */
void config_free(struct config *c);

#endif
