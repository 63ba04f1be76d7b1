/* SPDX-License-Identifier: Apache-2.0 */
/* Give up all that reading, writing or sending does not take, before the first byte of a
 * stranger is read. */
#ifndef DWELL_CMD_CONFINE_H
#define DWELL_CMD_CONFINE_H

#include <stddef.h>

#include "base/error.h"
#include "notify/deliver.h"

#define CONFINE_LINKS_MAX                                                                \
	65536 /* links to files that are followed in folders of inputs */

/* Confine this process, for good, to writing to the memory (a folder that is there) and
 * to reading the paths (files, folders of them with the files that links in them lead to,
 * or "-"): no network, no other program. What the kernel can not give is noted. To be
 * called before the memory is opened. Negative with *e set. */
int confine_reading(const char *memory, char *const *paths, size_t n, struct error *e);

/* Confine the process that writes: to the memory, which is a folder that is there. As
 * above. */
int confine_writing(const char *memory, struct error *e);

/* Confine a process that parses to what it has open: for good, no file, no socket, no
 * thread. Negative with *e set. */
int confine_parsing(struct error *e);

/* Confine the process that starts all others: it starts no other program, and its
 * children, which get its filter too, can not be confined less. Negative with *e set. */
int confine_supervising(struct error *e);

/* Confine the process that sends to the queues, and to the ports of the targets (NULL:
 * nothing is sent). Negative with *e set. */
int confine_sending(const struct deliveries *d, struct error *e);

#endif
