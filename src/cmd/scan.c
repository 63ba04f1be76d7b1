/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell scan: captures into the memory, then what they tell. One transaction: killed at
 * any moment, the memory is as before, and the same command run again does it all.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cmd/ahead.h"
#include "cmd/commands.h"
#include "cmd/confine.h"
#include "cmd/home.h"
#include "cmd/judge.h"
#include "cmd/logs.h"
#include "cmd/options.h"
#include "cmd/pipeline.h"
#include "cmd/progress.h"
#include "cmd/retention.h"
#include "cmd/shares.h"
#include "cmd/traces_files.h"
#include "finding/kept.h"
#include "sys/heap.h"

static const struct command_text text = {"scan", "[-m MEMORY] PATH...",
    "Read captures (pcap, pcapng) and logs (Zeek's, Suricata's EVE, CSV), also gzip, "
    "zstd "
    "or xz,\n"
    "folders of them, or - for standard input, into the memory,\n"
    "look for whoever stays, and report the cases found.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_HOME | OPTION_SENSOR |
	OPTION_ALL | OPTION_BUDGET | OPTION_CSV_MAP | OPTION_TRACES | OPTION_LIMIT |
	OPTION_KEEP | OPTION_EXIT_CODE | OPTION_THREADS | OPTION_QUIET};

struct scan {
	struct options options;
	struct limits limits;
	struct store *store;
	struct crew *crew; /* owned; NULL: one thread does it all */
	struct input *input;
	struct pipeline *pipeline;
	struct progress progress;
	struct home home;
	struct logs logs;
	struct csv_map *csv_map; /* owned; NULL: not given */
	struct traces *traces;   /* owned */
	uint64_t known;          /* sources whose bytes the memory had already */
};

#define PATH_SHOWN_MAX (64u << 10)  /* bytes of a path as a message shows it */
#define HEAP_BYTES     (128u << 20) /* about what a large scan takes */

/* A file's name may come from anywhere: what a terminal would obey is taken out. */
static void print_issue(void *ctx, const struct input_issue *issue)
{
	struct arena scratch;
	(void)ctx;
	arena_init(&scratch, PATH_SHOWN_MAX);
	struct str path = str_clean(&scratch, issue->path, strlen(issue->path));
	log_warn(
	    "%.*s: byte %" PRIu64 ": %s", STR_ARG(path), issue->offset, issue->reason);
	arena_fini(&scratch);
}

static const struct issue_sink issues = {print_issue, NULL};

static bool should_stop(void *ctx)
{
	struct scan *scan = ctx;
	progress_tick(
	    &scan->progress, scan->input, pipeline_counters(scan->pipeline)->frames);
	return store_failed(scan->store, NULL);
}

/* The same where captures are read ahead: by who takes them, and by who reads them. */
static bool has_failed(void *ctx)
{
	const struct scan *scan = ctx;
	return store_failed(scan->store, NULL);
}

static void tick(void *ctx, uint64_t frames)
{
	struct scan *scan = ctx;
	progress_tick(&scan->progress, scan->input, frames);
}

static bool knows(const struct scan *scan, const struct digest *whole)
{
	const uint64_t words[2] = {whole->high, whole->low};
	return store_knows_whole(scan->store, words);
}

/*
 * Leave out what the memory has read before. A prefix is
 * compared first, so that only files that probably are known
 * are read twice. Standard input can not be: see check_streams.
 */
static void skip_known(struct scan *scan)
{
	for (size_t i = 0; i < input_count(scan->input); i++) {
		const struct input_source *source = input_source(scan->input, i);
		const uint64_t prefix[2] = {source->prefix.high, source->prefix.low};
		if (!source->usable || source->skipped ||
		    strcmp(source->path, "-") == 0 ||
		    !store_knows_prefix(scan->store, prefix))
			continue;
		if (input_digest(scan->input, i) && knows(scan, &source->whole)) {
			input_skip(scan->input, i);
			scan->known++;
		}
	}
}

static int note_inputs(struct scan *scan, struct error *e)
{
	for (size_t i = 0; i < input_count(scan->input); i++) {
		const struct input_source *source = input_source(scan->input, i);
		if (!source->usable || source->skipped || source->log)
			continue;
		struct store_input in = {{source->prefix.high, source->prefix.low},
		    {source->whole.high, source->whole.low}, source->bytes,
		    source->frames, source->path};
		if (store_add_input(scan->store, &in, e) < 0)
			return -1;
	}
	return 0;
}

/* Standard input and pipes: what can not be read twice has no size. */
static bool is_stream(const struct input_source *source)
{
	return source->usable && !source->skipped && !source->log && source->size == 0;
}

/* Whether the memory, or another source of this run, holds the bytes of stream i. */
static bool was_known(const struct scan *scan, size_t i)
{
	const struct digest *whole = &input_source(scan->input, i)->whole;
	if (knows(scan, whole))
		return true;
	for (size_t k = 0; k < input_count(scan->input); k++) {
		const struct input_source *other = input_source(scan->input, k);
		if (other->usable && !other->skipped && (k < i || !is_stream(other)) &&
		    other->whole.high == whole->high && other->whole.low == whole->low)
			return true;
	}
	return false;
}

/* After reading: 1 when all streams turned out
 * to hold known bytes and must be left out. */
static int check_streams(const struct scan *scan, struct error *e)
{
	const char *known = NULL, *fresh = NULL;
	for (size_t i = 0; i < input_count(scan->input); i++) {
		const struct input_source *source = input_source(scan->input, i);
		if (is_stream(source))
			*(was_known(scan, i) ? &known : &fresh) = source->path;
	}
	if (known == NULL || fresh == NULL)
		return known != NULL;
	return error_set(e, ERR_USAGE,
	    "%.200s holds bytes that are known, and %.200s can not be read twice: "
	    "scan one after the other",
	    known, fresh);
}

/* Whether the path names standard input, a pipe or a device. */
static bool names_stream(const char *path)
{
	struct stat st;
	return strcmp(path, "-") == 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

static void open_inputs(struct scan *scan, bool with_streams)
{
	scan->input = input_new(store_secret(scan->store), &issues);
	if (scan->input == NULL)
		return;
	for (size_t i = 0; i < scan->options.rest_count; i++) {
		if (with_streams || !names_stream(scan->options.rest[i]))
			input_add(scan->input, scan->options.rest[i]);
	}
	input_set_csv(scan->input, scan->csv_map);
	input_plan(scan->input);
	skip_known(scan);
}

static int read_captures(struct scan *scan, struct error *e)
{
	if (scan->crew == NULL) {
		struct frame_sink frames = pipeline_frame_sink(scan->pipeline);
		input_run(scan->input, &frames);
		return 0;
	}
	const struct ahead_ticker ticker = {tick, scan};
	return ahead_run(scan->input, scan->pipeline, &ticker, e);
}

/* Read all inputs in one transaction; 1 when it must be redone without the streams. */
static int read_inputs(struct scan *scan, bool with_streams, struct error *e)
{
	open_inputs(scan, with_streams);
	if (scan->input == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of inputs");
	if (store_begin(scan->store, e) < 0)
		return -1;
	struct record_sink kept = store_sink(scan->store);
	struct record_sink sink = home_sink(&scan->home, &kept);
	scan->home.met = false; /* what an aborted transaction had is not in the memory */
	struct pipeline_options options = {.sensor = scan->options.sensor,
	    .in = scan->input,
	    .traces = scan->traces,
	    .limits = scan->limits.total > 0 ? &scan->limits.pipeline : NULL,
	    .stop = scan->crew != NULL ? has_failed : should_stop,
	    .stop_ctx = scan};
	scan->pipeline = pipeline_new(&options, &sink);
	if (scan->pipeline == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the flow table");
	if (read_captures(scan, e) < 0)
		return -1;
	pipeline_finish(scan->pipeline);
	progress_end(&scan->progress);
	if (store_failed(scan->store, e))
		return -1;
	int known = with_streams ? check_streams(scan, e) : 0;
	if (known != 0)
		return known;
	if (note_inputs(scan, e) < 0)
		return -1;
	return store_commit(scan->store, e);
}

static bool log_should_stop(void *ctx)
{
	struct scan *scan = ctx;
	progress_tick(
	    &scan->progress, scan->input, pipeline_counters(scan->pipeline)->frames);
	return store_failed(scan->store, NULL);
}

/* The logs come after the captures, in transactions of their own. */
static int read_logs(struct scan *scan, struct error *e)
{
	scan->logs = (struct logs){.store = scan->store,
	    .input = scan->input,
	    .sensor = scan->options.sensor,
	    .stop = log_should_stop,
	    .ctx = scan};
	int result = logs_run(&scan->logs, e);
	progress_end(&scan->progress);
	return result;
}

static void close_inputs(struct scan *scan)
{
	pipeline_free(scan->pipeline);
	input_free(scan->input);
	scan->pipeline = NULL;
	scan->input = NULL;
}

static void note_what_was_read(const struct scan *scan)
{
	const struct pipeline_counters *c = pipeline_counters(scan->pipeline);
	uint64_t read = 0, same = scan->known + scan->logs.known;
	for (size_t i = 0; i < input_count(scan->input); i++) {
		const struct input_source *source = input_source(scan->input, i);
		read += source->usable && !source->skipped && !source->log;
	}
	const struct logs *l = &scan->logs;
	if (l->files > 0)
		log_note("read %" PRIu64 " log%s: %" PRIu64 " entries, %" PRIu64
			 " connections",
		    l->files, l->files == 1 ? "" : "s", l->entries, l->connections);
	if (input_not_kept(scan->input) > 0)
		log_note("%" PRIu64 " logs of kinds of which no table is kept were "
			 "passed over",
		    input_not_kept(scan->input));
	if (read > 0 || l->files == 0)
		log_note("read %" PRIu64 " capture%s: %" PRIu64 " packets, %" PRIu64
			 " connections",
		    read, read == 1 ? "" : "s", c->frames, c->records[RECORD_CONN]);
	if (same > 0)
		log_note("%" PRIu64 " input%s already in the memory: nothing added twice",
		    same, same == 1 ? " is" : "s are");
	uint64_t unread = c->decoded[DECODE_UNSUPPORTED] + c->decoded[DECODE_MALFORMED] +
			  c->decoded[DECODE_TRUNCATED] + c->decoded[DECODE_OVER_LIMIT];
	if (unread > 0)
		log_note("packets without a readable IP header: %" PRIu64
			 " unsupported, %" PRIu64 " malformed, %" PRIu64
			 " cut short, %" PRIu64 " nested too deep",
		    c->decoded[DECODE_UNSUPPORTED], c->decoded[DECODE_MALFORMED],
		    c->decoded[DECODE_TRUNCATED], c->decoded[DECODE_OVER_LIMIT]);
}

static bool had_issues(const struct scan *scan)
{
	for (int i = 0; i < INPUT_OUTCOMES; i++) {
		if (input_issues(scan->input, (enum input_outcome)i) > 0)
			return true;
	}
	return false;
}

static int run(struct scan *scan, int *status, struct error *e)
{
	struct judgement judgement = {0};
	if (retention_set(scan->store, &scan->options, e) < 0 ||
	    home_choose(&scan->home, scan->store, &scan->options, e) < 0)
		return -1;
	int again = read_inputs(scan, true, e);
	if (again == 1) {
		store_abort(scan->store);
		close_inputs(scan);
		scan->known = 1;
		again = read_inputs(scan, false, e);
	}
	if (again < 0 || read_logs(scan, e) < 0)
		return -1;
	note_what_was_read(scan);
	if (home_check(&scan->home, scan->store, e) < 0)
		return -1;
	if (scan->home.guessed && scan->home.count == 0)
		log_note("no address here is private: whoever opens a connection counts "
			 "as the "
			 "host (say --home CIDR to name your networks)");
	if (judge(scan->store, &scan->home, &judgement, e) < 0 ||
	    store_tidy(scan->store, e) < 0)
		return -1;
	if (judgement.over_limit > 0)
		log_warn("%zu more findings than the limit of %d were left out",
		    judgement.over_limit, FINDINGS_MAX);
	uint64_t cases = 0;
	if (retention_apply(scan->store, e) < 0 ||
	    print_cases(scan->store, &scan->options, e) < 0 ||
	    (scan->options.exit_code &&
		count_cases(scan->store, &scan->options, &cases, e) < 0))
		return -1;
	if (had_issues(scan))
		*status = 3;
	else if (cases > 0)
		*status = 1;
	return 0;
}

/* From here on the process is confined; the engine's threads are to be, too. */
static int open_memory(struct scan *scan, struct error *e)
{
	const struct options *o = &scan->options;
	if (store_make(o->memory, e) < 0 ||
	    confine_reading(o->memory, o->rest, o->rest_count, e) < 0)
		return -1;
	scan->store = store_open_within(o->memory, scan->limits.engine, e);
	if (scan->store == NULL || o->threads == 1)
		return scan->store != NULL ? 0 : -1;
	scan->crew = crew_new(o->threads);
	if (scan->crew == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for threads");
	store_use(scan->store, scan->crew);
	return 0;
}

int cmd_scan(int argc, char **argv)
{
	struct scan scan = {0};
	struct error e = {0};
	int status = 0;
	heap_prepare(HEAP_BYTES);
	if (!options_parse(&scan.options, &text, argc, argv, &status))
		return status;
	if (scan.options.rest_count == 0)
		return usage_error(
		    &text, "name at least one capture or log, a folder of them, or -");
	if (limits_scan(&scan.limits, &scan.options, &e) < 0)
		return usage_error(&text, "%s", e.text);
	if (scan.options.csv_map != NULL &&
	    (scan.csv_map = logs_csv_map(scan.options.csv_map, &e)) == NULL)
		return usage_error(&text, "--csv-map: %s", e.text);
	scan.traces = traces_files(scan.options.memory, scan.options.traces, &e);
	if (scan.traces == NULL) {
		csv_map_free(scan.csv_map);
		return usage_error(&text, "traces: %s", e.text);
	}
	progress_init(&scan.progress, scan.options.quiet);
	if (open_memory(&scan, &e) < 0 || run(&scan, &status, &e) < 0) {
		if (scan.store != NULL)
			store_abort(scan.store);
		status = report_error(&e);
	}
	close_inputs(&scan);
	csv_map_free(scan.csv_map);
	traces_free(scan.traces);
	store_close(scan.store);
	crew_free(scan.crew);
	return status;
}
