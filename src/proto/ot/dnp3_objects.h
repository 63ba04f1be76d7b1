/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of a DNP3 message (IEEE 1815, 4.2.2.7 and 11):
 *
 *     group 1 | variation 1 | qualifier 1 | range | { prefix | object } ...
 *                             '- high bits: prefix, low bits: kind of range
 */
#ifndef DWELL_PROTO_DNP3_OBJECTS_H
#define DWELL_PROTO_DNP3_OBJECTS_H

#include "base/bytes.h"
#include "proto/ot/ot.h"

#define DNP3_HEADERS_MAX 16 /* object headers read of one message */

/* What a request of that function asks for: kind, first address and count of the first
 * header, groups of all, and for a control what it does. */
void dnp3_objects_asked(struct ot_message *m, unsigned function, struct bytes b);

/* What an answer brings: the status of a control; with all, the same of the first header
 * as for a request. */
void dnp3_objects_answered(struct ot_message *m, struct bytes b, bool all);

#endif
