/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read and written of a file, as a file on its way (transfer.h). Reads and writes
 * of one handle are taken in order: what was had before is passed over, what was left out
 * is a gap. Of a long message the content goes on behind the head that is held.
 */
#include "base/size.h"
#include "proto/shared/transfer.h"
#include "proto/windows/smb_state.h"

static struct transfer *begin(
    struct parse *x, const struct smb_file *f, bool answer, uint64_t place)
{
	struct transfer_about about = {.protocol = "smb",
	    .side = answer,
	    .total = answer && f->size > 0 ? f->size : TRANSFER_NO_TOTAL,
	    .name = str_of(f->name),
	    .partial = place > 0};
	return transfer_begin(x, &about);
}

/* n bytes of the file's content from place on, at p, or missing (NULL). */
static void put(struct parse *x, struct smb_flow *c, const uint8_t *p, uint64_t n)
{
	uint64_t old = c->place < c->next ? c->next - c->place : 0;
	old = old < n ? old : n;
	if (c->place > c->next) {
		transfer_gap(c->file, c->place - c->next);
		c->next = c->place;
	}
	if (p == NULL)
		transfer_gap(c->file, n - old);
	else if (n > old)
		transfer_data(x, c->file, p + old, (size_t)(n - old));
	c->place += n;
	c->next += n - old;
}

void smb_content(struct parse *x, struct smb_state *st, struct smb_file *f, bool answer,
    const struct smb_piece *piece)
{
	if (f == NULL || f->pipe || piece->here.bad || piece->n == 0)
		return;
	struct smb_flow *c = &f->flow[answer];
	if (piece->place > UINT64_MAX - piece->n)
		return;
	if (c->file == NULL && !c->begun) {
		c->file = begin(x, f, answer, piece->place);
		c->begun = true;
		c->next = piece->place;
	}
	c->place = piece->place;
	if (piece->here.left > 0)
		put(x, c, piece->here.pos, piece->here.left);
	struct smb_side *s = &st->side[answer];
	s->content = piece->n - piece->here.left;
	s->content_of = f->id;
}

void smb_content_rest(
    struct parse *x, struct smb_state *st, bool answer, const uint8_t *p, uint64_t n)
{
	struct smb_side *s = &st->side[answer];
	if (s->content == 0 || n == 0)
		return;
	n = n < s->content ? n : s->content;
	s->content -= n;
	struct smb_file *f = smb_find(&st->files, s->content_of);
	if (f != NULL)
		put(x, &f->flow[answer], p, n);
}

void smb_content_end(struct parse *x, struct smb_file *f, bool closed)
{
	for (int i = 0; i < 2; i++) {
		struct smb_flow *c = &f->flow[i];
		bool more = i == 0 && c->next < f->size;
		transfer_end(x, &c->file,
		    more     ? TRANSFER_CUT
		    : closed ? TRANSFER_WHOLE
			     : TRANSFER_OPEN);
	}
}
