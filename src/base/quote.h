/* SPDX-License-Identifier: Apache-2.0 */
/* A text as another language writes it. */
#ifndef DWELL_BASE_QUOTE_H
#define DWELL_BASE_QUOTE_H

#include <stdio.h>

#include "base/str.h"

/* Write s as a string of SQL, quotes around it and each in it doubled. Zero bytes, which
 * no value of a table has, are left out. */
void quote_sql(FILE *out, struct str s);

#endif
