/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which runs to merge, and the transaction that does it. Runs of a folder are merged when
 * there are RUNS_MIN of a size; those of months and years that are over as soon as there
 * are two. Each row is thus written again only a few times, few runs are left to look
 * into, and views need not group what is settled.
 */
#include <stdlib.h>
#include <string.h>

#include "store/replaced.h"
#include "sys/path.h"

#define RUNS_MIN    8 /* runs of a size that are worth merging */
#define SIZE_FACTOR 4 /* of a size: none more than so many times another */
#define PAST_PART                                                                        \
	4 /* of the greatest run's bytes that the others have in a past folder */
#define SWEEP_FILES                                                                      \
	64            /* replaced files that are removed before anything else is done    \
		       */
#define RUNS_MAX 4096 /* runs of one folder that are looked at */

struct run {
	struct run_files parts; /* borrowed from the catalogue */
	uint64_t bytes;
};

struct merge {
	struct store *store;
	enum run_set set;
	struct run *runs; /* of one folder, the smallest first; owned */
	size_t n;
	struct journal_plan plan;
};

/* ---- choosing ---- */

static int by_size(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static bool same_stem(const char *a, const char *b)
{
	size_t n = run_stem(a);
	return run_stem(b) == n && memcmp(a, b, n) == 0;
}

static bool same_folder(const char *a, const char *b)
{
	size_t n = run_folder(a);
	return run_folder(b) == n && memcmp(a, b, n) == 0;
}

/* The runs of the folder that begins at file from; where it ends. */
static size_t look(struct merge *m, size_t from)
{
	const struct catalog_table *t = catalog_runs(&m->store->catalog, m->set);
	size_t end = from;
	m->n = 0;
	for (; end < t->n && same_folder(t->paths[end], t->paths[from]); end++) {
		if (end == from || !same_stem(t->paths[end], t->paths[end - 1])) {
			if (m->n == RUNS_MAX)
				continue;
			m->runs[m->n++] = (struct run){.parts.files = t->paths + end};
		}
		if (m->n > 0 &&
		    same_stem(m->runs[m->n - 1].parts.files[0], t->paths[end])) {
			m->runs[m->n - 1].parts.count++;
			m->runs[m->n - 1].bytes +=
			    path_bytes(m->store->path, t->paths[end]);
		}
	}
	qsort(m->runs, m->n, sizeof(*m->runs), by_size);
	return end;
}

/* Choose runs [*from, *from + count) of the folder; 0: none are due. */
static size_t choose(const struct merge *m, bool past, size_t *from)
{
	for (size_t i = 0; i < m->n; i++) {
		size_t k = i + 1;
		while (k < m->n && k - i < RUN_MERGE_MAX &&
		       m->runs[k].bytes <= m->runs[i].bytes * SIZE_FACTOR)
			k++;
		*from = i;
		if (k - i >= RUNS_MIN)
			return k - i;
	}
	*from = 0;
	if (!past || m->n < 2)
		return 0;
	return m->n < RUN_MERGE_MAX ? m->n : RUN_MERGE_MAX;
}

/* ---- merging ---- */

/* The sensor in the names of the runs, when it is the same in all. */
static void sensor_of(
    const struct run *runs, size_t n, char out[static RUN_SENSOR_MAX + 1])
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const char *name = strrchr(runs[i].parts.files[0], '/') + 1;
		size_t stem = run_stem(name), seq = strlen("-00000000");
		struct str sensor = {name, stem > seq ? stem - seq : 0};
		char text[RUN_SENSOR_MAX + 1];
		run_sensor(sensor, text);
		if (i > 0 && strcmp(text, out) != 0) {
			run_sensor(STR("merged"), out);
			return;
		}
		memcpy(out, text, sizeof(text));
	}
}

static int write_merged(
    struct merge *m, const struct run *runs, size_t n, struct error *e)
{
	struct store *s = m->store;
	char folder[PATH_MAX], sensor[RUN_SENSOR_MAX + 1];
	struct run_files parts[RUN_MERGE_MAX];
	for (size_t i = 0; i < n; i++)
		parts[i] = runs[i].parts;
	const char *first = runs[0].parts.files[0];
	sensor_of(runs, n, sensor);
	if (path_make(folder, e, "%.*s", (int)run_folder(first), first) < 0)
		return -1;
	struct run_merge *joined =
	    run_merge_new(&s->engine, m->set, s->path, parts, n, e);
	if (joined == NULL)
		return -1;
	struct run_place place = {s->path, &m->plan, folder, sensor, m->plan.seq};
	struct run_source source = run_merge_source(joined);
	int status = run_write(&s->runs, run_set_info(m->set)->type, &source, &place, e);
	if (run_merge_failed(joined, e))
		status = -1;
	s->merged_rows += run_merge_rows(joined);
	run_merge_free(joined);
	return status;
}

static int note_merged(struct merge *m, const struct run *runs, size_t n, struct error *e)
{
	struct run_files parts[RUN_MERGE_MAX];
	for (size_t i = 0; i < n; i++)
		parts[i] = runs[i].parts;
	return replaced_note(m->store, &m->plan, parts, n, e);
}

/* A run that can not be read is looked for, so that the error names it. */
static int name_damage(const struct store *s, struct error *e)
{
	struct error damage;
	if (e->code == ERR_ENGINE &&
	    catalog_check_deeply(&s->catalog, s->path, s->engine.conn, &damage) < 0)
		*e = damage;
	return -1;
}

static int merge_runs(struct merge *m, const struct run *runs, size_t n, struct error *e)
{
	struct store *s = m->store;
	int status = journal_begin(&m->plan, s->path, memory_next_seq(s), e);
	if (status == 0)
		status = write_merged(m, runs, n, e);
	if (status == 0)
		status = note_merged(m, runs, n, e);
	if (status == 0)
		status = journal_commit(&m->plan, s->path, e);
	journal_drop(&m->plan, s->path);
	if (status < 0) {
		name_damage(s, e);
		return error_add(e, "merging");
	}
	return memory_reload(s, e);
}

/* ---- one step ---- */

/* Whether a folder is of a month or year that is over: a later one has runs. */
static bool is_past(const struct merge *m, size_t end)
{
	return run_set_info(m->set)->span != RUN_SPAN_ALL &&
	       end < catalog_runs(&m->store->catalog, m->set)->n;
}

static int merge_set(struct merge *m, struct error *e)
{
	const struct catalog_table *t = catalog_runs(&m->store->catalog, m->set);
	for (size_t from = 0, end; from < t->n; from = end) {
		size_t first;
		end = look(m, from);
		size_t n = choose(m, is_past(m, end), &first);
		if (n > 0)
			return merge_runs(m, m->runs + first, n, e) < 0 ? -1 : 1;
	}
	return 0;
}

int memory_merge(struct store *s, struct error *e)
{
	struct merge m = {.store = s};
	int done = 0;
	if (s->catalog.merged.n >= SWEEP_FILES && replaced_sweep(s, e) < 0)
		return -1;
	m.runs = malloc(RUNS_MAX * sizeof(*m.runs));
	if (m.runs == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to merge runs");
	for (int set = 0; set < RUN_SETS && done == 0; set++) {
		m.set = (enum run_set)set;
		done = merge_set(&m, e);
	}
	free(m.runs);
	return done;
}
