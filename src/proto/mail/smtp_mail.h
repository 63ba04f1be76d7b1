/* SPDX-License-Identifier: Apache-2.0 */
/* One mail as SMTP carries it: its envelope and the fields of its header. */
#ifndef DWELL_PROTO_SMTP_MAIL_H
#define DWELL_PROTO_SMTP_MAIL_H

#include "proto/parser.h"

#define SMTP_TEXTS_MAX (64u << 10) /* bytes of all texts kept of one mail */
#define SMTP_VALUE_MAX 4096        /* bytes kept of one text */
#define SMTP_RCPT_MAX  100         /* recipients kept of one mail (RFC 5321, 4.5.3.1.8) */

/* The fields of the header that a record holds. */
enum smtp_field {
	SMTP_DATE,
	SMTP_FROM,
	SMTP_TO,
	SMTP_CC,
	SMTP_REPLY_TO,
	SMTP_MSG_ID,
	SMTP_IN_REPLY_TO,
	SMTP_SUBJECT,
	SMTP_X_ORIGINATING_IP,
	SMTP_USER_AGENT,
	SMTP_FIELDS_KEPT
};

struct smtp_mail {
	struct arena texts; /* all below live here; owned */
	struct str mailfrom;
	struct str *rcptto; /* SMTP_RCPT_MAX of them; NULL: none yet */
	size_t rcpts;
	struct str field[SMTP_FIELDS_KEPT];
	int open;    /* the field whose continuation may follow; -1: none */
	bool active; /* the client did more than greet: worth a row */
	uint64_t bytes;
	bool begun; /* the next three are set */
	struct moment ts;
	uint32_t source;
	uint64_t offset;
};

/* Start an empty mail; the state is zeroed or has been emptied. */
void smtp_mail_init(struct smtp_mail *m);

/* Forget it: the next one begins. */
void smtp_mail_reset(struct smtp_mail *m);

/* Free what it owns. */
void smtp_mail_free(struct smtp_mail *m);

/* What follows MAIL or RCPT: "FROM:<address> parameters"; what else stands there is left.
 */
void smtp_mail_from(struct smtp_mail *m, struct str argument);
void smtp_mail_rcpt(struct parse *x, struct smtp_mail *m, struct str argument);

/* A line of the header, not the empty one that ends it (RFC 5322, 2.2). */
void smtp_mail_header(struct parse *x, struct smtp_mail *m, struct str line);

#endif
