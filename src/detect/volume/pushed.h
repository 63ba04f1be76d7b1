/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are put on a server outside, and mails that no mail program wrote: what the
 * protocols themselves say of data that leaves, however little it is.
 */
#ifndef DWELL_DETECT_VOLUME_PUSHED_H
#define DWELL_DETECT_VOLUME_PUSHED_H

#include "detect/volume/leads.h"

#define PUSHED_MAX 4096 /* pairs of host and server, for each of the two */

/* Add what tables ftp and smtp tell. Negative with *e set. */
int pushed_find(struct leads *l, const struct source *s, struct error *e);

#endif
