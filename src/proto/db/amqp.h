/* SPDX-License-Identifier: Apache-2.0 */
/* What the two protocols called AMQP share: amqp.c reads 0-9-1, amqp1.c reads 1.0. */
#ifndef DWELL_PROTO_AMQP_H
#define DWELL_PROTO_AMQP_H

#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/db/mq.h"

#define AMQP_LINKS_MAX 32 /* links of 1.0 whose address is known, for both sides */

struct amqp_link {
	int side;
	unsigned channel;
	uint64_t handle;
	char *address; /* owned */
};

struct amqp_state {
	struct db db; /* of the logon */
	struct mq mq;
	struct db_stream stream;
	bool one;    /* 1.0, not 0-9-1 */
	bool tls[2]; /* a side asks for TLS */
	int verdict; /* of the logon: 1 accepted, 0 refused; begins as -1 */
	bool begun;
	struct amqp_link link[AMQP_LINKS_MAX];
	size_t links;
};

/* A whole frame of 1.0, or its beginning, of n bytes. */
void amqp1_frame(
    struct parse *x, struct amqp_state *s, int side, struct bytes b, uint64_t n);

#endif
