/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of indicators as text, so that a feed can be kept without its file: a line each,
 * fields between tabs, in the order of the set.
 *
 *     dwell-indicators	1
 *     F	line	feed.csv                     from here on, of this file
 *     I	address	0	0	-	…	203.0.113.5  an indicator
 *     P	…                                    a pattern, its nodes follow
 *     N	…
 *     E	1	0                             the end: how many there were
 *
 * Tabs, line ends and backslashes inside of a field are written as \t, \n and \\.
 */
#ifndef DWELL_FEED_SAVED_H
#define DWELL_FEED_SAVED_H

#include <stdio.h>

#include "base/error.h"
#include "feed/indicator.h"

#define SAVED_LINE_MAX (1U << 18) /* bytes of a line; longer ones are damage */

/* Write the set. Negative with *e set when out can not be written. */
int saved_write(const struct indicators *set, FILE *out, struct error *e);

/* Read what saved_write wrote into an empty set; name is that of the file, for errors.
 * NULL with *e set (ERR_MEMORY) when it is damaged, cut, or of a newer version. */
struct indicators *saved_read(FILE *in, const char *name, struct error *e);

/*
 * A new set of some of the indicators (n numbers, ascending) and some of the patterns (m
 * numbers, ascending) with all parts of these. NULL with *e set without memory.
 */
struct indicators *saved_part(const struct indicators *set, const uint32_t *v, size_t n,
    const uint32_t *patterns, size_t m, struct error *e);

#endif
