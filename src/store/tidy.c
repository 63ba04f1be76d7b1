/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory.h"

int store_tidy_step(struct store *s, struct error *e)
{
	if (s->mode != STORE_WRITE || s->transaction.open)
		return error_set(e, ERR_USAGE, "%s: not the time to tidy up", s->path);
	int done = memory_roll(s, false, e);
	if (done == 0)
		done = memory_merge(s, e);
	if (done == 0)
		done = memory_join(s, e);
	return done != 0 ? done : memory_keys(s, e);
}

int store_tidy(struct store *s, struct error *e)
{
	int done;
	while ((done = store_tidy_step(s, e)) > 0)
		continue;
	return done;
}
