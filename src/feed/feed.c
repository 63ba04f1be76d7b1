/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"
#include "feed/reader.h"

/* The first that knows itself in the head of a file reads it. */
static const struct feed_format *const formats[] = {
    &format_stix,
    &format_misp,
    &format_manifest,
    &format_hashes,
    &format_objects,
    &format_openioc,
    &format_zeek,
    &format_dataset,
    &format_csv,
    &format_plain,
};

struct feed_run {
	struct indicators *set;
	const struct feed_sink *sink;
	bool in_folder; /* files of no known format are passed over */
};

/* The first bytes of the stream; whole: there are no more. */
static struct str head_of(struct stream *s, bool *whole)
{
	stream_fill(s, FEED_HEAD_BYTES);
	struct bytes view = stream_view(s);
	if (view.left >= 3 && memcmp(view.pos, "\xef\xbb\xbf", 3) == 0) {
		stream_advance(s, 3);
		view = stream_view(s);
	}
	*whole = view.left <= FEED_HEAD_BYTES && s->eof;
	return (struct str){(const char *)view.pos, size_min(view.left, FEED_HEAD_BYTES)};
}

static const struct feed_format *recognise(struct str head, bool whole)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (head.n > 0 && formats[i]->probe(head, whole))
			return formats[i];
	}
	return NULL;
}

static void read_stream(struct feed_run *run, struct stream *s, const char *path)
{
	struct feed_reader r = {
	    .set = run->set, .stream = s, .report.path = path, .file = str_of(path)};
	bool whole;
	arena_init(&r.arena, FEED_SCRATCH_BYTES);
	struct str head = head_of(s, &whole);
	const struct feed_format *format = recognise(head, whole);
	r.report.unit = format != NULL ? format->unit : "line";
	r.report.format = format != NULL ? format->name : NULL;
	if (format == NULL)
		feed_damage(&r, 0, "%s",
		    s->fault.set  ? s->fault.reason
		    : head.n == 0 ? "it is empty"
				  : "of no format that dwell reads");
	else if (!set_file_add(run->set, path, r.report.unit))
		feed_damage(&r, 0, "more than %d files", INDICATORS_FILES_MAX);
	else
		format->read(&r);
	if (run->sink != NULL && (format != NULL || !run->in_folder))
		run->sink->report(run->sink->ctx, &r.report);
	arena_fini(&r.arena);
}

static int read_descriptor(struct feed_run *run, int d, const char *path, struct error *e)
{
	/* The digest of a feed is not kept, so its secret need not be one. */
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct stream *s = stream_open(d, d != STDIN_FILENO, secret);
	if (s == NULL)
		return error_set(e, ERR_SYSTEM, "%s: no memory", path);
	read_stream(run, s, path);
	stream_close(s);
	return 0;
}

static int read_file(struct feed_run *run, const char *path, struct error *e)
{
	int d = open(path, O_RDONLY | O_CLOEXEC);
	if (d < 0)
		return error_set(e, ERR_USAGE, "%s: %s", path, strerror(errno));
	return read_descriptor(run, d, path, e);
}

static int is_entry(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* All files of a folder, in order of their names; folders inside are not entered. */
static int read_folder(struct feed_run *run, const char *path, struct error *e)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, is_entry, alphasort), status = 0;
	if (n < 0)
		return error_set(e, ERR_USAGE, "%s: %s", path, strerror(errno));
	run->in_folder = true;
	for (int i = 0; i < n; i++) {
		char *file = NULL;
		struct stat st;
		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
			file = NULL;
		if (file != NULL && status == 0 && stat(file, &st) == 0 &&
		    S_ISREG(st.st_mode))
			status = read_file(run, file, e);
		free(file);
		free(names[i]);
	}
	free(names);
	return status;
}

int feed_read(struct indicators *set, const char *path, const struct feed_sink *sink,
    struct error *e)
{
	struct feed_run run = {.set = set, .sink = sink};
	struct stat st;
	if (strcmp(path, "-") == 0)
		return read_descriptor(&run, STDIN_FILENO, path, e);
	if (stat(path, &st) < 0)
		return error_set(e, ERR_USAGE, "%s: %s", path, strerror(errno));
	return S_ISDIR(st.st_mode) ? read_folder(&run, path, e)
				   : read_file(&run, path, e);
}

bool feed_has_issues(const struct feed_report *report)
{
	bool issues = report->damaged;
	for (int i = 0; i < FEED_SKIP_COUNT; i++) {
		if (i != FEED_UNSUPPORTED && i != FEED_NOT_ASKED)
			issues = issues || report->skipped[i].count > 0;
	}
	return issues;
}

/* A line that is put together; what does not fit is cut off. */
struct text {
	char *p;
	size_t n, size;
};

__attribute__((format(printf, 2, 3))) static void add(
    struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(t->p + t->n, t->size - t->n, format, args);
	va_end(args);
	if (n > 0)
		t->n = size_min(t->n + (size_t)n, t->size - 1);
}

static void add_skips(struct text *t, const struct feed_report *report)
{
	static const char *const words[] = {
#define S(enumerator, words) words,
	    FEED_SKIPS(S)
#undef S
	};
	for (int i = 0; i < FEED_SKIP_COUNT; i++) {
		const struct feed_skipped *s = &report->skipped[i];
		if (s->count == 0)
			continue;
		add(t, "; %llu %s (%s %u: %s%s%s)", (unsigned long long)s->count,
		    words[i], report->unit, s->at, s->example, s->why != NULL ? ", " : "",
		    s->why != NULL ? s->why : "");
	}
}

size_t feed_report_text(const struct feed_report *report, char *out, size_t size)
{
	struct text t = {out, 0, size};
	add(&t, "%s:", report->path);
	if (report->format != NULL)
		add(&t, " %s, %llu indicator%s", report->format,
		    (unsigned long long)report->indicators,
		    report->indicators == 1 ? "" : "s");
	if (report->patterns > 0)
		add(&t, ", %llu pattern%s", (unsigned long long)report->patterns,
		    report->patterns == 1 ? "" : "s");
	if (report->merged > 0)
		add(&t, ", %llu said twice", (unsigned long long)report->merged);
	if (report->broad > 0)
		add(&t, ", %llu that match nearly everything",
		    (unsigned long long)report->broad);
	add_skips(&t, report);
	if (report->damaged)
		add(&t, "%s %s (offset %llu)", report->format != NULL ? ";" : "",
		    report->reason, (unsigned long long)report->offset);
	return t.n;
}
