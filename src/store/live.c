/* SPDX-License-Identifier: Apache-2.0 */
#include "store/live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/memory.h"
#include "sys/file.h"
#include "sys/path.h"

#define HELD_BYTES_MAX 64
#define DISK_PART      8 /* of a budget of the disk: the journal takes at most this part */

/* ---- what a commit holds ---- */

int memory_held(struct store *s, uint64_t *held, struct error *e)
{
	char path[PATH_MAX], *end;
	size_t n;
	*held = 0;
	if (path_make(path, e, "%s/" ROWLOG_HELD, s->path) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	char *text = file_read(path, HELD_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	*held = strtoull(text, &end, 10);
	int status = end > text && *end == '\n'
			 ? 0
			 : error_set(e, ERR_MEMORY, "%s is damaged", path);
	free(text);
	return status;
}

int memory_plan_held(
    struct journal_plan *plan, const char *root, uint64_t number, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/journal/tx-%08u/held", root, plan->seq) < 0)
		return -1;
	FILE *out = fopen(path, "we");
	bool bad = out == NULL || fprintf(out, "%" PRIu64 "\n", number) < 0;
	if ((out != NULL && fclose(out) != 0) || bad)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return journal_move(plan, "held", ROWLOG_HELD, e);
}

/* ---- putting ---- */

void memory_put(void *ctx, enum record_type type, const void *record)
{
	struct store *s = ctx;
	bool logged = rowlog_put(&s->rows, type, record);
	s->live_counts.put++;
	if (!logged && !s->transaction.open)
		s->live_counts.lost++;
	else if (!logged)
		s->unlogged++;
	transaction_put(&s->transaction, type, record);
}

static bool put_again(void *ctx, enum record_type type, const void *record)
{
	struct transaction *t = ctx;
	transaction_put(t, type, record);
	return !t->failed;
}

int memory_replay(struct store *s, struct error *e)
{
	if (!s->live || !rowlog_waits(&s->rows))
		return 0;
	const struct rowlog_sink sink = {put_again, &s->transaction};
	int64_t n = rowlog_read(&s->rows, &sink, e);
	if (n < 0) {
		(void)store_failed(s, e);
		return error_add(e, "putting what waits in the journal");
	}
	s->live_counts.replayed += (uint64_t)n;
	return 0;
}

/* ---- commits ---- */

void memory_number(struct store *s)
{
	uint64_t left_out;
	s->transaction.held = 0;
	if (!s->live)
		return;
	uint64_t number = rowlog_number(&s->rows, &left_out);
	s->unlogged += left_out;
	s->transaction.held = number > s->rows.held ? number : 0;
}

void memory_committed(struct store *s)
{
	if (!s->live)
		return;
	s->unlogged = 0;
	rowlog_hold(&s->rows, s->transaction.held);
}

void memory_dropped(struct store *s)
{
	s->live_counts.lost += s->unlogged;
	s->unlogged = 0;
}

int memory_hold_again(struct store *s, struct error *e)
{
	uint64_t held;
	if (!s->live)
		return 0;
	if (memory_held(s, &held, e) < 0)
		return -1;
	rowlog_hold(&s->rows, held);
	return 0;
}

/* ---- beginning and end ---- */

static int open_rows(struct store *s, uint64_t bytes, struct error *e)
{
	char path[PATH_MAX];
	uint64_t held;
	if (memory_held(s, &held, e) < 0 ||
	    path_make(path, e, "%s/" ROWLOG_NAME, s->path) < 0 ||
	    rowlog_open(&s->rows, path, s->config.secret, held, bytes, e) < 0)
		return -1;
	s->live = true;
	s->transaction.live = true;
	return 0;
}

void memory_end_live(struct store *s)
{
	char path[PATH_MAX];
	if (!s->live)
		return;
	s->live = false;
	s->transaction.live = false;
	(void)rowlog_flush(&s->rows);
	if (!rowlog_waits(&s->rows) &&
	    path_make(path, NULL, "%s/" ROWLOG_NAME, s->path) == 0)
		(void)unlink(path);
	rowlog_close(&s->rows);
}

int memory_take_waiting(struct store *s, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/" ROWLOG_NAME, s->path) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	int status = open_rows(s, 0, e);
	if (status == 0 && rowlog_waits(&s->rows)) {
		status = store_begin(s, e);
		if (status == 0)
			status = store_commit(s, e);
		store_abort(s);
	}
	memory_end_live(s);
	return status;
}

int store_live(struct store *s, struct error *e)
{
	uint64_t bytes = ROWLOG_BYTES, disk = s->config.policy.disk;
	if (s->mode != STORE_WRITE || s->transaction.open || s->live)
		return error_set(e, ERR_USAGE, "%s: not the time to go live", s->path);
	if (disk > 0 && disk / DISK_PART < bytes)
		bytes = disk / DISK_PART;
	s->live_counts = (struct store_live_counts){0};
	return open_rows(s, bytes, e);
}

int store_live_sync(struct store *s, struct error *e)
{
	return s->live ? rowlog_sync(&s->rows, e) : 0;
}

struct store_live_counts store_live_counted(const struct store *s)
{
	return s->live_counts;
}
