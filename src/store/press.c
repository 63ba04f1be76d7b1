/* SPDX-License-Identifier: Apache-2.0 */
#include "store/press.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "store/catalog.h"
#include "store/run_write.h"
#include "sys/file.h"
#include "sys/path.h"

/* The rows of one table on their way. */
struct table {
	struct press *press;
	struct press_order order;
	uint64_t number; /* among those that were put */
	struct stage stage;
	struct batch batch;
	size_t *ends; /* of its segments, as rows of the batch; owned */
	size_t count, room;
	size_t first; /* number in the plan of its first segment */
};

void press_init(struct press *p, const char *root, struct journal_plan *plan,
    struct segment_writer *writer)
{
	*p = (struct press){
	    .root = root, .plan = plan, .writer = writer, .key = hash_key_random()};
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->next, NULL);
}

void press_use(struct press *p, struct crew *crew)
{
	p->crew = crew;
}

void press_fini(struct press *p)
{
	for (size_t i = 0; i < CREW_MAX; i++)
		segment_writer_fini(&p->others[i]);
	pthread_cond_destroy(&p->next);
	pthread_mutex_destroy(&p->lock);
}

/* ---- sharing out: in turn ---- */

/* The sensor that a file name carries:
 * that of the first row, letters that every system takes. */
static void sensor_name(const struct stage *s, char out[static RUN_SENSOR_MAX + 1])
{
	struct str sensor = STR("dwell");
	for (size_t i = 0; s->n > 0 && i < s->info->field_count; i++) {
		const struct field_info *f = &s->info->fields[i];
		if (f->kind != FIELD_TEXT || strcmp(f->name, "sensor") != 0)
			continue;
		struct str own = stage_field((const char *)stage_row(s, 0) + f->offset);
		if (own.n > 0)
			sensor = own;
	}
	run_sensor(sensor, out);
}

/* Where rows of the span that begins with that day go, relative to the memory. */
static int destination(
    const struct table *t, int32_t day, char out[static PATH_MAX], struct error *e)
{
	static const struct {
		const char *name;
		int digits; /* of YYYY-MM-DD */
	} folders[] = {[BATCH_DAY] = {"day", 10},
	    [BATCH_MONTH] = {"month", 7},
	    [BATCH_YEAR] = {"year", 4}};
	char sensor[RUN_SENSOR_MAX + 1], text[MOMENT_TEXT_MAX] = "";
	const char *table = t->stage.info->table;
	sensor_name(&t->stage, sensor);
	if (!catalog_by_day(t->order.type))
		return path_make(
		    out, e, "%s/%s-%08u" SEGMENT_SUFFIX, table, sensor, t->order.seq);
	if (day == BATCH_NO_DAY)
		return path_make(out, e, "%s/" PRESS_NO_DAY "/%s-%08u" SEGMENT_SUFFIX,
		    table, sensor, t->order.seq);
	/* Saturating: the first day of the first year there is lies before time begins.
	 */
	moment_text_day(moment_from((int64_t)day * 86400, 0), text);
	return path_make(out, e, "%s/%s=%.*s/%s-%08u" SEGMENT_SUFFIX, table,
	    folders[t->batch.span].name, folders[t->batch.span].digits, text, sensor,
	    t->order.seq);
}

/* Where the run of rows of one span ends; over the limit of segments all are one run. */
static size_t end_of_run(const struct table *t, size_t from, bool over)
{
	const struct batch *b = &t->batch;
	size_t n = b->stage->n;
	size_t end = from + 1;
	if (over)
		return n;
	while (end < n && b->rows[end].day == b->rows[from].day)
		end++;
	return end;
}

static bool note_end(struct table *t, size_t end)
{
	if (t->count == t->room) {
		size_t room = t->room > 0 ? 2 * t->room : 16;
		size_t *ends = realloc(t->ends, room * sizeof(*ends));
		if (ends == NULL)
			return false;
		t->ends = ends;
		t->room = room;
	}
	t->ends[t->count++] = end;
	return true;
}

#define NAME_MAX_BYTES 32

static void file_name(char out[static NAME_MAX_BYTES], size_t number)
{
	snprintf(out, NAME_MAX_BYTES, "%06zu" SEGMENT_SUFFIX, number);
}

/* Put the table's segments into the plan. */
static int share_out(struct table *t, struct error *e)
{
	struct journal_plan *plan = t->press->plan;
	char name[NAME_MAX_BYTES], to[PATH_MAX];
	t->first = plan->moves;
	for (size_t from = 0; from < t->stage.n;) {
		bool over = plan->moves >= PRESS_SEGMENTS_MAX;
		size_t end = end_of_run(t, from, over);
		int32_t day = over ? BATCH_NO_DAY : t->batch.rows[from].day;
		if (!note_end(t, end))
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of segments");
		file_name(name, plan->moves);
		if (destination(t, day, to, e) < 0 || journal_move(plan, name, to, e) < 0)
			return -1;
		from = end;
	}
	return 0;
}

/* When all tables before have been shared out, share out this one, if it is sound. */
static int take_turn(struct table *t, int status, struct error *e)
{
	struct press *p = t->press;
	pthread_mutex_lock(&p->lock);
	while (p->turn < t->number)
		pthread_cond_wait(&p->next, &p->lock);
	if (status == 0 && !p->failed)
		status = share_out(t, e);
	p->turn++;
	pthread_cond_broadcast(&p->next);
	pthread_mutex_unlock(&p->lock);
	return status;
}

/* ---- writing ---- */

/* The writer of a worker: those of others than the first write into the folder of the
 * transaction at once, which goes away whatever becomes of it. */
static struct segment_writer *writer_of(struct press *p, unsigned worker, struct error *e)
{
	struct segment_writer *w = &p->others[worker];
	char target[PATH_MAX];
	if (worker == 0)
		return p->writer;
	if (path_make(target, e, "%s/journal/tx-%08u/segment-%u.tmp", p->root,
		p->plan->seq, worker) < 0)
		return NULL;
	if (w->parquet == NULL)
		return segment_writer_init(w, target, e) == 0 ? w : NULL;
	return segment_writer_aim(w, target, e) == 0 ? w : NULL;
}

static int write_segments(const struct table *t, unsigned worker, struct error *e)
{
	struct press *p = t->press;
	struct segment_writer *w = writer_of(p, worker, e);
	size_t from = 0;
	for (size_t i = 0; i < t->count && w != NULL; i++) {
		char name[NAME_MAX_BYTES], to[PATH_MAX];
		file_name(name, t->first + i);
		if (segment_write(w, t->order.type, &t->batch, from, t->ends[i], e) < 0 ||
		    path_make(to, e, "%s/journal/tx-%08u/%s", p->root, p->plan->seq,
			name) < 0 ||
		    file_move(w->target, to, e) < 0)
			return -1;
		from = t->ends[i];
	}
	return w != NULL ? 0 : -1;
}

/* The first table that failed says why all did. */
static void note_failure(struct table *t, const struct error *e)
{
	struct press *p = t->press;
	pthread_mutex_lock(&p->lock);
	if (!p->failed || t->number < p->failure) {
		p->failed = true;
		p->failure = t->number;
		p->error = *e;
	}
	pthread_mutex_unlock(&p->lock);
}

static void press_table(void *ctx, unsigned worker)
{
	struct table *t = ctx;
	struct error e = {0};
	bool sorted = batch_sort(&t->batch, &t->stage, &t->press->key, BATCH_DAY,
			  t->order.coarsest, &e) == 0;
	int status = take_turn(t, sorted ? 0 : -1, &e);
	if (status == 0)
		status = write_segments(t, worker, &e);
	if (status < 0)
		note_failure(t, &e);
	if (sorted)
		batch_free(&t->batch);
	stage_fini(&t->stage);
	free(t->ends);
	free(t);
}

static int how_it_went(struct press *p, struct error *e)
{
	pthread_mutex_lock(&p->lock);
	bool failed = p->failed;
	if (failed)
		error_set(e, p->error.code, "%s", p->error.text);
	pthread_mutex_unlock(&p->lock);
	return failed ? -1 : 0;
}

int press_put(
    struct press *p, const struct press_order *order, struct stage *s, struct error *e)
{
	struct table *t = malloc(sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for a table's rows");
	*t = (struct table){.press = p, .order = *order, .number = p->put++, .stage = *s};
	stage_init(s, order->type);
	crew_put(p->crew, (struct crew_job){press_table, t});
	/* What waits takes memory: so much of it, and no more. */
	crew_wait(p->crew, crew_workers(p->crew) - 1 + PRESS_WAITING_MAX);
	/* cppcheck-suppress memleak; the job owns t */
	return how_it_went(p, e);
}

int press_wait(struct press *p, struct error *e)
{
	crew_wait(p->crew, 0);
	return how_it_went(p, e);
}

void press_end(struct press *p)
{
	crew_wait(p->crew, 0);
	p->failed = false;
}
