/* SPDX-License-Identifier: Apache-2.0 */
/* What a client does in one folder of a mail box: a row of the table mailbox. */
#ifndef DWELL_PROTO_MAIL_BOX_H
#define DWELL_PROTO_MAIL_BOX_H

#include "proto/shared/login.h"

struct mail_box {
	bool begun; /* the next four are set */
	struct moment ts, last;
	uint32_t source;
	uint64_t offset;
	struct kept folder;
	int8_t read_only; /* negative: no folder */
	int64_t messages; /* negative: not told */
	uint64_t commands, fetched, fetched_bytes, stored, stored_bytes, deleted;
};

/* Nothing was done yet. */
void mail_box_clear(struct mail_box *m);

/* Something was done now; one more command where it is one. */
void mail_box_touch(struct parse *x, struct mail_box *m, bool command);

/* The row, where anything was done, under the name that is logged on; then clear. */
void mail_box_emit(
    struct parse *x, struct mail_box *m, const char *protocol, const struct login *logon);

#endif
