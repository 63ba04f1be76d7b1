/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/memory.h"
#include "store/run_write.h"
#include "store/same.h"
#include "sys/file.h"
#include "sys/path.h"

void transaction_init(
    struct transaction *t, const char *root, struct segment_writer *writer)
{
	*t = (struct transaction){.root = root};
	press_init(&t->press, root, &t->plan, writer);
	for (int i = 0; i < RECORD_TYPES; i++)
		stage_init(&t->stages[i], (enum record_type)i);
}

int transaction_begin(
    struct transaction *t, uint32_t seq, const struct inputs *inputs, struct error *e)
{
	if (t->open)
		return error_set(e, ERR_USAGE, "a transaction is open already");
	if (seq > SEGMENT_SEQ_MAX)
		return error_set(
		    e, ERR_LIMIT, "more than %u transactions", SEGMENT_SEQ_MAX);
	if (journal_begin(&t->plan, t->root, seq, e) < 0)
		return -1;
	t->open = true;
	t->failed = false;
	t->replaces_findings = false;
	t->seq = seq;
	t->staged = 0;
	t->inputs_before = inputs->n;
	t->any = false;
	t->kind = NULL;
	t->turns = 0;
	t->others = 0;
	return 0;
}

static void forget_rows(struct transaction *t)
{
	for (int i = 0; i < RECORD_TYPES; i++)
		stage_fini(&t->stages[i]);
	t->staged = 0;
}

void transaction_abort(struct transaction *t)
{
	if (!t->open)
		return;
	press_end(&t->press);
	forget_rows(t);
	journal_drop(&t->plan, t->root);
	t->open = false;
}

void transaction_fini(struct transaction *t)
{
	transaction_abort(t);
	forget_rows(t);
	press_fini(&t->press);
}

/* Leave out what the memory has already. Packets that are seen as they come are not in
 * it: logs of them come later and are held against these rows then. */
static int settle(struct transaction *t, enum record_type type, struct error *e)
{
	size_t before = t->stages[type].bytes;
	bool packets_live = t->live && t->turns == 0 && t->kind == NULL;
	int status =
	    t->same != NULL && !packets_live ? same_settle(t->same, t, type, e) : 0;
	t->staged = t->staged - before + t->stages[type].bytes;
	return status;
}

static void forget_table(struct transaction *t, struct stage *s)
{
	t->staged -= s->bytes;
	stage_fini(s);
}

/* Rows that may be held against the memory's are settled with all before them written. */
static bool waits(const struct transaction *t, enum record_type type)
{
	return t->same != NULL && !same_alone(t->same, t, type);
}

/* Write all rows of a table, a segment for each span; with a crew, aside. */
static int write_table(struct transaction *t, enum record_type type, struct error *e)
{
	struct stage *s = &t->stages[type];
	if (s->n == 0)
		return 0;
	if ((waits(t, type) && press_wait(&t->press, e) < 0) || settle(t, type, e) < 0)
		return -1;
	if (s->n == 0) {
		forget_table(t, s);
		return 0;
	}
	/* Small files of one day are merged; a day is what retention takes. */
	struct press_order order = {type, t->live ? BATCH_DAY : BATCH_YEAR, t->seq};
	t->staged -= s->bytes;
	return press_put(&t->press, &order, s, e);
}

static int count_up(struct transaction *t, struct error *e)
{
	if (t->seq == SEGMENT_SEQ_MAX)
		return error_set(e, ERR_LIMIT, "more than %u segments", SEGMENT_SEQ_MAX);
	t->seq++;
	return 0;
}

/* Rows of another kind begin: those before are written, so that these can be compared
 * with them. */
static int turn(struct transaction *t, struct error *e)
{
	for (int i = 0; i < RECORD_TYPES; i++) {
		if (same_settles((enum record_type)i) &&
		    write_table(t, (enum record_type)i, e) < 0)
			return -1;
	}
	if (press_wait(&t->press, e) < 0)
		return -1;
	t->turns++;
	t->others = t->plan.moves;
	return count_up(t, e);
}

static int note_kind(
    struct transaction *t, enum record_type type, const void *record, struct error *e)
{
	const struct str *kind = same_kind(type, record);
	if (kind == NULL || (t->any && kind->p == t->kind))
		return 0;
	bool turned =
	    t->any && same_rank(*kind) != same_rank(str_of(t->kind)) && t->same != NULL;
	t->any = true;
	t->kind = kind->p;
	return turned && t->turns < SAME_TURNS_MAX ? turn(t, e) : 0;
}

/* Write the table that holds most, under a number of its own: it may be written again. */
static int write_fullest(struct transaction *t, struct error *e)
{
	int fullest = 0;
	for (int i = 1; i < RECORD_TYPES; i++) {
		if (t->stages[i].bytes > t->stages[fullest].bytes)
			fullest = i;
	}
	return write_table(t, (enum record_type)fullest, e) < 0 ? -1 : count_up(t, e);
}

void transaction_put(void *ctx, enum record_type type, const void *record)
{
	struct transaction *t = ctx;
	if (!t->open || t->failed)
		return;
	struct stage *s = &t->stages[type];
	int status = note_kind(t, type, record, &t->error);
	size_t before = s->bytes;
	if (status == 0)
		status = stage_put(s, record, &t->error);
	t->staged += s->bytes - before;
	if (!catalog_by_day(type))
		t->replaces_findings = true;
	if (status == 0 && t->staged > TRANSACTION_STAGED_MAX)
		status = write_fullest(t, &t->error);
	t->failed = status < 0;
}

/* The new inputs, or all of them when there are many files; these then go away. */
static int plan_inputs(
    struct transaction *t, const struct inputs *inputs, struct error *e)
{
	char path[PATH_MAX];
	size_t from = t->inputs_before;
	if (inputs->n == from)
		return 0;
	for (size_t i = 0;
	     inputs->file_count >= INPUTS_FILES_MAX && i < inputs->file_count; i++) {
		from = 0;
		if (path_make(path, e, "journal/inputs/%s", inputs->files[i]) < 0 ||
		    journal_remove(&t->plan, path, e) < 0)
			return -1;
	}
	if (path_make(path, e, "%s/journal/tx-%08u/inputs", t->root, t->plan.seq) < 0 ||
	    inputs_write(inputs, from, path, e) < 0 ||
	    path_make(path, e, "journal/inputs/%08u" INPUTS_SUFFIX, t->seq) < 0)
		return -1;
	return journal_move(&t->plan, "inputs", path, e);
}

static int plan_removals(
    struct transaction *t, const struct catalog *catalog, struct error *e)
{
	for (int i = 0; i < RECORD_TYPES && t->replaces_findings; i++) {
		const struct catalog_table *table = &catalog->tables[i];
		for (size_t k = 0; k < table->n && !catalog_by_day((enum record_type)i);
		     k++) {
			if (journal_remove(&t->plan, table->paths[k], e) < 0)
				return -1;
		}
	}
	return 0;
}

/* The segments are there to be rolled up. */
static int note_unrolled(
    struct transaction *t, const struct catalog *catalog, struct error *e)
{
	return t->plan.moves == 0
		   ? 0
		   : unrolled_note(&catalog->unrolled, t->root, &t->plan, t->seq, e);
}

static int commit(struct transaction *t, const struct inputs *inputs,
    const struct catalog *catalog, struct error *e)
{
	if (t->failed)
		return error_set(e, t->error.code, "%s", t->error.text);
	for (int i = 0; i < RECORD_TYPES; i++) {
		if (write_table(t, (enum record_type)i, e) < 0)
			return -1;
	}
	if (press_wait(&t->press, e) < 0 || note_unrolled(t, catalog, e) < 0)
		return -1;
	if (plan_inputs(t, inputs, e) < 0 || plan_removals(t, catalog, e) < 0)
		return -1;
	if (t->held > 0 && memory_plan_held(&t->plan, t->root, t->held, e) < 0)
		return -1;
	if (t->plan.moves + t->plan.removed == 0)
		return 0;
	return journal_commit(&t->plan, t->root, e);
}

int transaction_commit(struct transaction *t, const struct inputs *inputs,
    const struct catalog *catalog, struct error *e)
{
	if (!t->open)
		return error_set(e, ERR_USAGE, "no transaction is open");
	int status = commit(t, inputs, catalog, e);
	transaction_abort(t);
	return status;
}
