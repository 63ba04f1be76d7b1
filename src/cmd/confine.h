/* SPDX-License-Identifier: Apache-2.0 */
/* Give up, before the first byte of an input is read, all that reading does not take. */
#ifndef DWELL_CMD_CONFINE_H
#define DWELL_CMD_CONFINE_H

#include <stddef.h>

#include "base/error.h"

#define CONFINE_LINKS_MAX                                                                \
	65536 /* links to files that are followed in folders of inputs */

/* Confine this process, for good, to writing to the memory (a folder that is there) and
 * to reading the paths (files, folders of them with the files that links in them lead to,
 * or "-"): no network, no other program. What the kernel can not give is noted. To be
 * called before the memory is opened. Negative with *e set. */
int confine_reading(const char *memory, char *const *paths, size_t n, struct error *e);

#endif
