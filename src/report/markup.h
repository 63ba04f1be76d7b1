/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing HTML and SVG. Text that came from the wire goes through markup_text only: it
 * escapes what HTML takes as markup and shows control and direction-changing characters
 * as what they are, so that a hostile name can neither run nor disguise itself.
 */
#ifndef DWELL_REPORT_MARKUP_H
#define DWELL_REPORT_MARKUP_H

#include <stdio.h>

#include "base/str.h"

/* Write text as HTML text, also fit for a quoted attribute. */
void markup_text(FILE *out, struct str text);

#endif
