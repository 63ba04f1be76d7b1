/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S7comm-plus, of the newer controllers:
 *
 *     72 | version 1 | length 2 | (version 3: digest length 1, digest) |
 *     opcode 1 | 00 00 | function 2 | 00 00 | sequence 2 | session 4 ... | 72 version 00
 * 00
 *
 * A message without the trailer goes on in the next one, whose data has no header of its
 * own. Inside src/proto only.
 */
#ifndef DWELL_PROTO_S7COMM_PLUS_H
#define DWELL_PROTO_S7COMM_PLUS_H

#include "proto/ot/ot_iso.h"

#define S7_START     0x32
#define S7PLUS_START 0x72

struct s7_state {
	struct iso_state iso;
	bool
	    goes_on[2]; /* s7comm-plus: the next message of the side continues the last */
};

/* Read a message, the start byte included. */
void s7plus_message(struct parse *x, void *state, int side, struct bytes b);

/* Whether such a message begins here. */
bool s7plus_probe(struct bytes b);

#endif
