/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/mail_box.h"

#include <math.h>

void mail_box_clear(struct mail_box *m)
{
	*m = (struct mail_box){.read_only = -1, .messages = -1};
}

void mail_box_touch(struct parse *x, struct mail_box *m, bool command)
{
	if (!m->begun) {
		m->begun = true;
		parse_mark(x, m);
	}
	m->last = x->ts;
	m->commands += command;
}

void mail_box_emit(
    struct parse *x, struct mail_box *m, const char *protocol, const struct login *logon)
{
	struct mailbox_record r;
	if (m->begun && m->commands > 0) {
		record_clear(RECORD_MAILBOX, &r);
		r.ts = m->ts;
		r.duration =
		    fmax((double)moment_diff(m->ts, m->last) / (double)NS_PER_S, 0);
		parse_endpoints(x, &r);
		r.protocol = str_of(protocol);
		r.user = kept_text(&logon->user);
		r.folder = kept_text(&m->folder);
		r.read_only = m->read_only;
		r.messages = m->messages;
		r.commands = m->commands;
		r.fetched = m->fetched;
		r.fetched_bytes = m->fetched_bytes;
		r.stored = m->stored;
		r.stored_bytes = m->stored_bytes;
		r.deleted = m->deleted;
		parse_source_of(x, &r, m);
		parse_emit(x, RECORD_MAILBOX, &r);
	}
	mail_box_clear(m);
}
