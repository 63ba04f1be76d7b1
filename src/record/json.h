/* SPDX-License-Identifier: Apache-2.0 */
/* A record as one line of JSON: for tests,
 * for tracing, for whoever ends the pipeline early. */
#ifndef DWELL_RECORD_JSON_H
#define DWELL_RECORD_JSON_H

#include <stdio.h>

#include "record/record.h"

/* Write {"table":"conn","ts":"…",…} and a newline. Absent fields are left out.
 * Times are ISO 8601 with microseconds, spans seconds. */
void record_json(FILE *out, enum record_type type, const void *record);

/* Write text as a JSON string, quotes included. */
void json_put_string(FILE *out, struct str text);

#endif
