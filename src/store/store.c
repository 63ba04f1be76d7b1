/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/derived.h"
#include "store/memory.h"
#include "store/same.h"
#include "sys/file.h"
#include "sys/path.h"

#define PATH_ROOM      256      /* bytes that names inside the memory need at most */
#define SETTLE_TRIES   500      /* times that a reader waits for a commit to finish … */
#define SETTLE_WAIT_NS 20000000 /* … so long each */

static int inside(
    const struct store *s, const char *name, char out[static PATH_MAX], struct error *e)
{
	return path_make(out, e, "%s/%s", s->path, name);
}

/* ---- the folder ---- */

static bool is_one_of(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(name, v[i]) == 0)
			return true;
	}
	return false;
}

/* Whether the folder holds anything that a memory being made does not. */
static bool is_foreign(const char *path)
{
	static const char *const known[] = {
	    ".", "..", "journal", "dwell.json.tmp", "control", "notify"};
	DIR *d = opendir(path);
	if (d == NULL)
		return false;
	bool foreign = false;
	const struct dirent *entry;
	while (!foreign && (entry = readdir(d)) != NULL)
		foreign =
		    !is_one_of(entry->d_name, known, sizeof(known) / sizeof(known[0]));
	closedir(d);
	return foreign;
}

/* The engine reads these characters as wildcards, and has no way to quote them. */
static int check_path(const char *path, struct error *e)
{
	if (strpbrk(path, "*?[") != NULL)
		return error_set(e, ERR_USAGE,
		    "%.400s: a memory's path can not have *, ? or [ in it", path);
	return 0;
}

static int find_folder(const char *path, enum store_mode mode, struct error *e)
{
	char config[PATH_MAX];
	if (check_path(path, e) < 0 || path_make(config, e, "%s/dwell.json", path) < 0)
		return -1;
	if (file_exists(config))
		return 0;
	if (mode == STORE_READ)
		return error_set(e, ERR_USAGE, "there is no memory at %s", path);
	if (is_foreign(path))
		return error_set(e, ERR_USAGE,
		    "%s is not empty and no memory: it has no dwell.json", path);
	return file_make_folders(path, e);
}

int store_make(const char *path, struct error *e)
{
	return find_folder(path, STORE_WRITE, e);
}

static int name_folder(struct store *s, const char *path, struct error *e)
{
	if (realpath(path, s->path) == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (strlen(s->path) + PATH_ROOM > PATH_MAX)
		return error_set(e, ERR_USAGE, "path too long: %.200s...", s->path);
	return check_path(s->path, e);
}

/* What readers lock must be there before the first of them comes. */
static int make_readers(const struct store *s, struct error *e)
{
	char path[PATH_MAX];
	if (inside(s, MEMORY_READERS, path, e) < 0)
		return -1;
	int d = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (d < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	close(d);
	return 0;
}

static int lock_folder(struct store *s, struct error *e)
{
	char journal[PATH_MAX], lock[PATH_MAX];
	if (inside(s, "journal", journal, e) < 0 ||
	    inside(s, "journal/lock", lock, e) < 0 || file_make_folders(journal, e) < 0)
		return -1;
	s->lock = file_lock(lock, e);
	return s->lock < 0 ? -1 : make_readers(s, e);
}

static int load_config(struct store *s, struct error *e)
{
	char path[PATH_MAX];
	if (inside(s, "dwell.json", path, e) < 0)
		return -1;
	if (s->mode == STORE_READ || file_exists(path)) {
		if (config_load(&s->config, path, e) < 0)
			return -1;
		if (s->mode == STORE_READ || s->config.format == CONFIG_FORMAT)
			return 0;
		/* Said before anything is written that an older dwell would misread. */
		s->config.format = CONFIG_FORMAT;
		return config_save(&s->config, path, e);
	}
	if (config_new(&s->config, e) < 0)
		return -1;
	return config_save(&s->config, path, e);
}

/*
 * A reader that meets a commit in the making waits until the writer is through; when
 * there is no writer any more, it finishes the commit itself.
 */
static int settle(struct store *s, struct error *e)
{
	char lock[PATH_MAX];
	int pending = journal_pending(s->path, e);
	if (inside(s, "journal/lock", lock, e) < 0)
		return -1;
	for (int i = 0; pending > 0 && i < SETTLE_TRIES; i++) {
		struct error why;
		int d = file_lock(lock, &why);
		if (d >= 0) {
			int status = journal_recover(s->path, e);
			file_unlock(d);
			return status;
		}
		nanosleep(&(struct timespec){.tv_nsec = SETTLE_WAIT_NS}, NULL);
		pending = journal_pending(s->path, e);
	}
	if (pending > 0)
		return error_set(e, ERR_MEMORY,
		    "%s: a commit is unfinished and can not be finished here", s->path);
	return pending;
}

static int journal_time(const struct store *s, struct timespec *when, struct error *e)
{
	struct stat st;
	char path[PATH_MAX];
	*when = (struct timespec){0};
	if (inside(s, "journal", path, e) < 0)
		return -1;
	if (stat(path, &st) != 0)
		return error_set(e, ERR_MEMORY, "%s: %s", path, strerror(errno));
	*when = st.st_ctim;
	return 0;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Take note of what is committed now. A writer
 * lists all at once: it must know the greatest SEQ. */
static int load_catalog(struct store *s, struct error *e)
{
	catalog_free(&s->catalog);
	if (s->mode == STORE_READ)
		return settle(s, e) < 0 ? -1 : journal_time(s, &s->looked, e);
	return catalog_load(&s->catalog, s->path, e);
}

/* Whether there has been a commit since a reader's catalogue was begun. */
static int is_stale(const struct store *s, bool *stale, struct error *e)
{
	struct timespec now;
	*stale = false;
	if (s->mode == STORE_WRITE)
		return 0;
	if (journal_time(s, &now, e) < 0)
		return -1;
	*stale = !same_time(&s->looked, &now);
	return 0;
}

/* List what the wanted views need, and (check) look at the ends of what is new. */
static int list_wanted(
    struct store *s, const bool wanted[static VIEWS], bool check, struct error *e)
{
	struct catalog *c = &s->catalog;
	bool tail[RECORD_TYPES] = {0};
	for (size_t i = 0; i < VIEWS; i++) {
		size_t list = views_list(i);
		if (!wanted[i])
			continue;
		views_tail(list, tail);
		struct catalog_table *t = &c->tables[list];
		if (!t->listed && catalog_list(c, list, s->path, e) < 0)
			return -1;
		/* A lookup has looked at no more than it needs. */
		if (check && !t->checked && catalog_check(c, list, s->path, e) < 0)
			return -1;
		t->checked |= check;
	}
	for (int t = 0; t < RECORD_TYPES; t++) {
		enum record_type type = (enum record_type)t;
		if (tail[t] && !c->counted[t] &&
		    (catalog_count_unrolled(c, type, s->path, e) < 0 ||
			catalog_check_unrolled(c, type, s->path, e) < 0))
			return -1;
	}
	return 0;
}

/*
 * All tables are listed at moments between which nothing was committed, so that a query
 * sees each commit in all of them or in none. A file that vanishes while it is being
 * looked at is a commit too.
 */
static int list_at_rest(
    struct store *s, const bool wanted[static VIEWS], bool check, struct error *e)
{
	for (int i = 0; i < SETTLE_TRIES; i++) {
		bool stale;
		int status = list_wanted(s, wanted, check, e);
		if (is_stale(s, &stale, e) < 0)
			return -1;
		if (!stale)
			return status;
		if (load_catalog(s, e) < 0 || views_drop(&s->engine, s->viewed, e) < 0)
			return -1;
	}
	return error_set(e, ERR_LIMIT, "%s: changes too quickly to be read", s->path);
}

int memory_list_runs(struct store *s, enum run_set set, struct error *e)
{
	bool wanted[VIEWS] = {0};
	wanted[RECORD_TYPES + (size_t)set] = true;
	return list_at_rest(s, wanted, false, e);
}

static int make_views(struct store *s, const bool wanted[static VIEWS], struct error *e)
{
	for (size_t i = 0; i < VIEWS; i++) {
		if (!wanted[i] || s->viewed[i])
			continue;
		if (views_make(&s->catalog, i, s->path, &s->engine, e) < 0)
			return -1;
		s->viewed[i] = true;
	}
	return 0;
}

int memory_views(struct store *s, const char *sql, bool *engine_said, struct error *e)
{
	bool wanted[VIEWS];
	*engine_said = false;
	views_wanted(sql, wanted);
	derived_wanted(sql, wanted);
	if (list_at_rest(s, wanted, true, e) < 0)
		return -1;
	*engine_said = true;
	return make_views(s, wanted, e) < 0 ? -1 : derived_make(s, sql, e);
}

static uint64_t bytes_of(const struct store *s, size_t list)
{
	const struct catalog_table *t = &s->catalog.tables[list];
	uint64_t bytes = 0;
	for (size_t i = 0; i < t->n && bytes <= MEMORY_LITTLE; i++)
		bytes += path_bytes(s->path, t->paths[i]);
	return bytes;
}

int memory_with(
    struct store *s, const char *sql, struct sql *with, bool *little, struct error *e)
{
	bool wanted[VIEWS];
	const char *between = "WITH ";
	uint64_t bytes = 0;
	views_wanted(sql, wanted);
	if (list_at_rest(s, wanted, true, e) < 0)
		return -1;
	for (size_t i = 0; i < VIEWS; i++) {
		const struct catalog_table *t = &s->catalog.tables[views_list(i)];
		if (!wanted[i])
			continue;
		bytes += bytes_of(s, views_list(i));
		if (i >= RECORD_TYPES || s->viewed[i])
			continue;
		wanted[i] = false;
		sql_format(with, "%s%s AS NOT MATERIALIZED (", between,
		    record_info((enum record_type)i)->table);
		if (views_put_rows(
			with, (enum record_type)i, t->paths, t->n, s->path, e) < 0)
			return -1;
		sql_put(with, ")");
		between = ",";
	}
	*little = bytes <= MEMORY_LITTLE;
	return make_views(s, wanted, e);
}

/* ---- opening ---- */

static int load_inputs(struct store *s, struct error *e)
{
	char path[PATH_MAX];
	if (inside(s, "journal/inputs", path, e) < 0)
		return -1;
	return inputs_load(&s->inputs, path, e);
}

static const char *memory_limit(const struct store *s)
{
	if (s->also != NULL)
		return ENGINE_EXPORT_LIMIT;
	if (s->asks)
		return ENGINE_ASK_LIMIT;
	if (s->mode == STORE_READ)
		return ENGINE_READER_LIMIT;
	return s->engine_limit[0] != '\0' ? s->engine_limit : ENGINE_MEMORY_LIMIT;
}

static int start_engine(struct store *s, struct error *e)
{
	char temp[PATH_MAX], target[PATH_MAX], run[PATH_MAX];
	if (path_make(temp, e, "%s/journal/temp-%ld", s->path, (long)getpid()) < 0 ||
	    inside(s, "journal/segment.tmp", target, e) < 0 ||
	    engine_open(&s->engine, s->path, temp, s->also, memory_limit(s), e) < 0 ||
	    (s->macros = macros_new(s->engine.conn, &s->config, e)) == NULL ||
	    segment_writer_init(&s->writer, target, e) < 0 ||
	    inside(s, "journal/run.tmp", run, e) < 0 ||
	    run_writer_init(&s->runs, run, e) < 0)
		return -1;
	transaction_init(&s->transaction, s->path, &s->writer);
	if (s->mode == STORE_READ)
		return 0;
	s->transaction.same = same_new(s, e);
	return s->transaction.same != NULL ? 0 : -1;
}

static int open_all(struct store *s, const char *path, struct error *e)
{
	if (find_folder(path, s->mode, e) < 0 || name_folder(s, path, e) < 0)
		return -1;
	if (s->mode == STORE_WRITE && lock_folder(s, e) < 0)
		return -1;
	if (load_config(s, e) < 0)
		return -1;
	if (s->mode == STORE_WRITE && journal_recover(s->path, e) < 0)
		return -1;
	/* The catalogue first: a reader may finish
	 * a commit there, which brings inputs. */
	if (load_catalog(s, e) < 0 || load_inputs(s, e) < 0)
		return -1;
	for (size_t i = 0; i < CATALOG_LISTS && s->mode == STORE_WRITE; i++) {
		if (catalog_check(&s->catalog, i, s->path, e) < 0)
			return -1;
	}
	if (start_engine(s, e) < 0)
		return -1;
	return s->mode == STORE_WRITE ? memory_take_waiting(s, e) : 0;
}

static struct store *new_store(const char *path, enum store_mode mode, struct error *e)
{
	struct store *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		error_set(e, ERR_SYSTEM, "no memory to open %s", path);
		return NULL;
	}
	s->mode = mode;
	pthread_mutex_init(&s->asking, NULL);
	s->lock = -1;
	s->readers_lock = -1;
	return s;
}

/* s (NULL: there is no memory for it) with all that it stands for, or NULL. */
static struct store *opened(struct store *s, const char *path, struct error *e)
{
	if (s != NULL && open_all(s, path, e) < 0) {
		store_close(s);
		return NULL;
	}
	return s;
}

static struct store *open_store(
    const char *path, enum store_mode mode, bool asks, const char *also, struct error *e)
{
	struct store *s = new_store(path, mode, e);
	if (s == NULL)
		return NULL;
	s->asks = asks;
	s->also = also;
	return opened(s, path, e);
}

struct store *store_open(const char *path, enum store_mode mode, struct error *e)
{
	return open_store(path, mode, false, NULL, e);
}

struct store *store_open_within(const char *path, size_t engine, struct error *e)
{
	struct store *s = new_store(path, STORE_WRITE, e);
	if (s != NULL && engine > 0)
		snprintf(s->engine_limit, sizeof(s->engine_limit), "%zuB", engine);
	return opened(s, path, e);
}

struct store *store_open_export(const char *path, const char *folder, struct error *e)
{
	return open_store(path, STORE_READ, false, folder, e);
}

struct store *store_open_ask(const char *path, struct error *e)
{
	return open_store(path, STORE_READ, true, NULL, e);
}

void store_use(struct store *s, struct crew *crew)
{
	press_use(&s->transaction.press, crew);
}

struct crew *store_crew(const struct store *s)
{
	return s->transaction.press.crew;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	memory_dropped(s);
	memory_end_live(s);
	transaction_fini(&s->transaction);
	segment_writer_fini(&s->writer);
	run_writer_fini(&s->runs);
	engine_close(&s->engine);
	same_free(s->transaction.same);
	macros_free(s->macros);
	catalog_free(&s->catalog);
	path_list_free(&s->apart);
	inputs_free(&s->inputs);
	config_free(&s->config);
	file_unlock(s->lock);
	pthread_mutex_destroy(&s->asking);
	free(s);
}

/* ---- what the memory says of itself ---- */

const uint8_t *store_secret(const struct store *s)
{
	return s->config.secret;
}

const struct net *store_home(const struct store *s, size_t *n)
{
	*n = s->config.homes;
	return s->config.home;
}

static int writable(const struct store *s, struct error *e)
{
	if (s->mode != STORE_WRITE)
		return error_set(e, ERR_USAGE, "%s is open for reading", s->path);
	return 0;
}

int store_set_home(struct store *s, const struct net *nets, size_t n, struct error *e)
{
	char path[PATH_MAX];
	if (writable(s, e) < 0 || inside(s, "dwell.json", path, e) < 0 ||
	    config_set_home(&s->config, nets, n, e) < 0)
		return -1;
	return config_save(&s->config, path, e);
}

const struct policy *store_policy(const struct store *s)
{
	return &s->config.policy;
}

int store_set_policy(struct store *s, const struct policy *policy, struct error *e)
{
	char path[PATH_MAX];
	if (writable(s, e) < 0 || inside(s, "dwell.json", path, e) < 0)
		return -1;
	s->config.policy = *policy;
	return config_save(&s->config, path, e);
}

bool store_knows_prefix(const struct store *s, const uint64_t prefix[static 2])
{
	return inputs_have_prefix(&s->inputs, prefix);
}

bool store_knows_whole(const struct store *s, const uint64_t whole[static 2])
{
	return inputs_have_whole(&s->inputs, whole);
}

/* ---- transactions ---- */

int memory_reload(struct store *s, struct error *e)
{
	inputs_free(&s->inputs);
	if (load_inputs(s, e) < 0 || load_catalog(s, e) < 0)
		return -1;
	return views_drop(&s->engine, s->viewed, e);
}

/* A commit that stands but could not be finished
 * (a full disk) is finished before the next. */
static int finish_last(struct store *s, struct error *e)
{
	int pending = journal_pending(s->path, e);
	if (pending <= 0)
		return pending;
	if (journal_recover(s->path, e) < 0 || memory_hold_again(s, e) < 0)
		return -1;
	return memory_reload(s, e);
}

uint32_t memory_next_seq(const struct store *s)
{
	uint32_t seq = s->catalog.seq > s->inputs.seq ? s->catalog.seq : s->inputs.seq;
	return (seq > s->catalog.unrolled.seq ? seq : s->catalog.unrolled.seq) + 1;
}

int store_begin(struct store *s, struct error *e)
{
	if (writable(s, e) < 0 || finish_last(s, e) < 0)
		return -1;
	if (transaction_begin(&s->transaction, memory_next_seq(s), &s->inputs, e) < 0)
		return -1;
	if (memory_replay(s, e) == 0)
		return 0;
	store_abort(s);
	return -1;
}

struct record_sink store_sink(struct store *s)
{
	if (s->live)
		return (struct record_sink){memory_put, s};
	return (struct record_sink){transaction_put, &s->transaction};
}

bool store_failed(const struct store *s, struct error *e)
{
	if (!s->transaction.failed)
		return false;
	error_set(e, s->transaction.error.code, "%s", s->transaction.error.text);
	return true;
}

void store_replace_findings(struct store *s)
{
	if (s->transaction.open)
		s->transaction.replaces_findings = true;
}

int store_add_input(struct store *s, const struct store_input *in, struct error *e)
{
	if (!s->transaction.open)
		return error_set(e, ERR_USAGE, "no transaction is open");
	return inputs_add(&s->inputs, in, e);
}

int store_commit(struct store *s, struct error *e)
{
	memory_number(s);
	if (transaction_commit(&s->transaction, &s->inputs, &s->catalog, e) < 0) {
		inputs_cut(&s->inputs, s->transaction.inputs_before);
		if (journal_pending(s->path, NULL) > 0)
			s->unlogged = 0;
		memory_dropped(s);
		return -1;
	}
	memory_committed(s);
	return memory_reload(s, e);
}

void store_abort(struct store *s)
{
	if (!s->transaction.open)
		return;
	memory_dropped(s);
	inputs_cut(&s->inputs, s->transaction.inputs_before);
	transaction_abort(&s->transaction);
}
