/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the heads of all sources before reading them. */
#ifndef DWELL_INPUT_PLAN_H
#define DWELL_INPUT_PLAN_H

#include "input/list.h"

/* Open each source, note its format, first time and prefix digest; drop what is no
 * capture from folders and mark doubles as skipped; then sort by first time. */
void plan_make(struct input *in);

/* Read source i once to compute its whole digest;
 * false when it can not be read (again). */
bool plan_digest(struct input *in, size_t i);

#endif
