/* SPDX-License-Identifier: Apache-2.0 */
/* Finding files: what a path given by the user stands for. */
#ifndef DWELL_INPUT_WALK_H
#define DWELL_INPUT_WALK_H

#include "input/list.h"

#define WALK_DEPTH_MAX 64 /* folders in folders */

/* Add the file, or every file below the folder; what can not be read becomes an issue. */
void walk_add(struct input *in, const char *path);

#endif
