/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of industrial protocols that go without IP. */
#ifndef DWELL_PROTO_OT_LINK_H
#define DWELL_PROTO_OT_LINK_H

#include "flow/link.h"
#include "proto/ot/ot.h"

/* A row of a message in a frame, between the addresses of its link. */
void ot_link_tell(struct parse *x, const struct link *l, const struct ot_message *m);

/* What parsers of frames have in the places of those for flows: never called. */
enum probe ot_link_probe(const struct flow *f, int side, struct bytes first);
enum parse_result ot_link_data(struct parse *x, void *state, const struct flow_data *d);
void ot_link_close(struct parse *x, void *state);

#endif
