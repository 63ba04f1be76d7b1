/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the protocols of message brokers share: messages that wait for their answers, and
 * a row of the table mq for each.
 */
#ifndef DWELL_PROTO_MQ_H
#define DWELL_PROTO_MQ_H

#include "proto/parser.h"

#define MQ_WAITING_MAX 64  /* messages of one flow without their answers */
#define MQ_TOPICS_MAX  32  /* topics kept of one message */
#define MQ_TEXT_MAX    512 /* bytes kept of each text */

struct mq_message {
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	const char *command;                            /* static */
	const char *version;                            /* static; NULL: absent */
	int kind;                                       /* of the parser's own */
	int side;                                       /* who sent it */
	int64_t id;                                     /* negative: none */
	char *client_id, *object, *status, *will_topic; /* owned; NULL: absent */
	char *topic[MQ_TOPICS_MAX];                     /* owned */
	size_t topics;
	int64_t qos[MQ_TOPICS_MAX], codes[MQ_TOPICS_MAX];
	size_t qos_n, codes_n;
	int8_t retain, dup, complete; /* negative: absent */
	uint64_t payload_bytes;
};

/* Part of a parser's state, zeroed at first. */
struct mq {
	const char *protocol;                       /* static */
	struct mq_message *waiting[MQ_WAITING_MAX]; /* owned, oldest first */
	size_t n;
	size_t held; /* bytes owned */
};

/* A message of a side stands here. When MQ_WAITING_MAX are waiting, the row of the
 * oldest goes out. NULL without memory. */
struct mq_message *mq_add(struct parse *x, struct mq *mq, const char *command, int side);

/* The oldest message of that kind, side and id that waits; NULL: none. */
struct mq_message *mq_find(const struct mq *mq, int kind, int side, int64_t id);

/* Keep a text, cleaned, in a slot of a message. */
void mq_keep(struct parse *x, struct mq *mq, char **slot, struct str text);

/* One topic more; over MQ_TOPICS_MAX it is counted and left out. */
void mq_topic(struct parse *x, struct mq *mq, struct mq_message *m, struct str topic);

/* One quality or one code more. */
void mq_qos(struct mq_message *m, int64_t qos);
void mq_code(struct mq_message *m, int64_t code);

/* Put out a message's row, and forget it. */
void mq_done(struct parse *x, struct mq *mq, struct mq_message *m);

/* Put out all that wait. */
void mq_flush(struct parse *x, struct mq *mq);

#endif
