/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell doctor: what was read of each input, what was not and why, and how each protocol
 * fared. Reads the inputs as dwell scan does, and keeps nothing.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/doctor_state.h"
#include "cmd/examine.h"
#include "cmd/logs.h"
#include "input/linktype.h"
#include "record/json.h"
#include "report/sentences.h"

static const struct command_text text = {"doctor", "PATH... | --detectors",
    "Read captures and logs as dwell scan does, keep nothing, and tell for each what was "
    "read,\nwhat was not and why, and for each protocol how many messages were "
    "understood.\nOr tell what each detector holds in memory at most.",
    OPTION_FORMAT | OPTION_LANG | OPTION_CSV_MAP | OPTION_DETECTORS | OPTION_QUIET};

#define WORDS_MAX (256u << 20) /* bytes of all notes */

/* A line of what is printed: an input or a protocol. */
struct row {
	const char *what;
	struct str name;
	uint64_t seen, understood, truncated, malformed, unsupported, over_limit;
	struct str note; /* absent: nothing to say */
};

static const char *const columns[] = {"what", "name", "seen", "understood", "truncated",
    "malformed", "unsupported", "over_limit", "note"};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct doctor {
	struct options options;
	struct examine x;
	struct row *rows; /* owned */
	size_t n, at;     /* at: 1 + the row being printed */
	struct arena words;
};

/* ---- what there is to say of an input ---- */

/* Reasons, one after the other. */
struct notes {
	struct doctor *d;
	struct str text;
};

static void add(
    struct notes *n, enum sentence key, const struct slot *slots, size_t count)
{
	struct arena *a = &n->d->words;
	struct str one = sentence_fill(key, n->d->options.language, slots, count, a);
	n->text = n->text.n == 0
		      ? one
		      : str_format(a, "%.*s; %.*s", STR_ARG(n->text), STR_ARG(one));
}

static void add_count(struct notes *n, enum sentence key, uint64_t count)
{
	if (count > 0)
		add(n, key,
		    (struct slot[]){{"n", words_count((double)count, &n->d->words)}}, 1);
}

static struct str type_words(struct arena *a, uint16_t type)
{
	const char *name = ethertype_name(type);
	return name != NULL ? str_of(name) : str_format(a, "0x%04x", type);
}

/* "ARP 12, LLDP 3": what there was in place of IP. */
static void add_types(struct notes *n, const struct examined *s)
{
	struct arena *a = &n->d->words;
	struct str all = {"", 0};
	for (size_t i = 0; i < EXAMINE_TYPES && s->types[i].n > 0; i++)
		all = str_format(a, "%.*s%s%.*s %" PRIu64, STR_ARG(all),
		    all.n > 0 ? ", " : "", STR_ARG(type_words(a, s->types[i].type)),
		    s->types[i].n);
	if (s->llc > 0)
		all = str_format(
		    a, "%.*s%sLLC %" PRIu64, STR_ARG(all), all.n > 0 ? ", " : "", s->llc);
	if (s->types_beyond > 0)
		all = str_format(a, "%.*s, … %" PRIu64, STR_ARG(all), s->types_beyond);
	if (all.n > 0)
		add(n, SENTENCE_DOCTOR_NOT_IP, (struct slot[]){{"kinds", all}}, 1);
}

static void add_link(struct notes *n, const struct examined *s)
{
	struct arena *a = &n->d->words;
	if (s->link_unread > 0)
		add(n, SENTENCE_DOCTOR_LINK,
		    (struct slot[]){{"link", str_format(a, "%u", s->link)},
			{"name", str_of(linktype_name(s->link))}},
		    2);
}

static void add_cut(struct notes *n, const struct examined *s)
{
	struct arena *a = &n->d->words;
	if (s->cut > 0)
		add(n, SENTENCE_DOCTOR_CUT,
		    (struct slot[]){{"n", words_count((double)s->cut, a)},
			{"bytes", words_bytes((double)s->cut_longest, a)}},
		    2);
}

static void add_issue(struct notes *n, const struct examined *s)
{
	struct arena *a = &n->d->words;
	if (s->issues == 0)
		return;
	struct str reason = str_clean(a, s->issue, strlen(s->issue));
	add(n, s->issue_offset > 0 ? SENTENCE_DOCTOR_ISSUE_AT : SENTENCE_DOCTOR_ISSUE,
	    (struct slot[]){{"reason", reason},
		{"offset", str_format(a, "%" PRIu64, s->issue_offset)}},
	    2);
	add_count(n, SENTENCE_DOCTOR_ISSUES, s->issues - 1);
}

static struct str notes_of(
    struct doctor *d, const struct input_source *in, const struct examined *s)
{
	struct notes n = {.d = d};
	add_issue(&n, s);
	if (in->usable && s->frames == 0)
		add(&n, SENTENCE_DOCTOR_EMPTY, NULL, 0);
	if (in->skipped)
		add(&n, SENTENCE_DOCTOR_DOUBLE, NULL, 0);
	if (in->log || s->frames == 0)
		return n.text;
	add_link(&n, s);
	add_count(&n, SENTENCE_DOCTOR_WIFI_ENCRYPTED, s->wifi_encrypted);
	add_count(&n, SENTENCE_DOCTOR_WIFI_MANAGEMENT, s->wifi_management);
	add_types(&n, s);
	add_cut(&n, s);
	add_count(&n, SENTENCE_DOCTOR_DROPS, in->drops);
	if (s->conns > 0 && s->one_way == s->conns)
		add(&n, SENTENCE_DOCTOR_ONE_WAY, NULL, 0);
	if (s->conns > 0 && s->records == 0)
		add(&n, SENTENCE_DOCTOR_NO_PROTOCOL, NULL, 0);
	return n.text;
}

/* ---- rows ---- */

static void add_sources(struct doctor *d)
{
	for (size_t i = 0; i < d->x.n; i++) {
		const struct input_source *in = input_source(d->x.in, i);
		const struct examined *s = &d->x.sources[i];
		uint64_t understood = in->log ? s->frames : s->decoded[DECODE_OK];
		d->rows[d->n++] = (struct row){in->format != NULL ? in->format : "file",
		    d->x.names[i], s->frames, understood, s->decoded[DECODE_TRUNCATED],
		    s->decoded[DECODE_MALFORMED],
		    s->decoded[DECODE_UNSUPPORTED] + s->decoded[DECODE_NOT_IP],
		    s->decoded[DECODE_OVER_LIMIT], notes_of(d, in, s)};
	}
	for (size_t i = 0; i < d->x.early_count; i++) {
		const struct early_issue *early = &d->x.early[i];
		struct notes n = {.d = d};
		if (early->taken)
			continue;
		add_issue(&n, &early->what);
		d->rows[d->n++] = (struct row){.what = "file",
		    .name = str_clean(&d->words, early->path, strlen(early->path)),
		    .note = n.text};
	}
}

static void add_protocols(struct doctor *d)
{
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto_counters *c =
		    pipeline_proto_counters(d->x.pipeline, i);
		uint64_t seen = c->understood + c->truncated + c->malformed +
				c->unsupported + c->over_limit;
		if (seen == 0)
			continue;
		d->rows[d->n++] =
		    (struct row){"protocol", str_of(proto_name(i)), seen, c->understood,
			c->truncated, c->malformed, c->unsupported, c->over_limit, {0}};
	}
}

static const char *row_name(void *ctx, size_t column)
{
	(void)ctx;
	return columns[column];
}

static bool row_number(void *ctx, size_t column)
{
	(void)ctx;
	return column >= 2 && column < COLUMNS - 1;
}

static bool row_next(void *ctx)
{
	struct doctor *d = ctx;
	return d->at++ < d->n;
}

static struct str row_show(void *ctx, size_t column, struct arena *a)
{
	const struct doctor *d = ctx;
	const struct row *r = &d->rows[d->at - 1];
	const uint64_t numbers[] = {r->seen, r->understood, r->truncated, r->malformed,
	    r->unsupported, r->over_limit};
	if (column == 0)
		return str_of(r->what);
	if (column == 1)
		return r->name;
	if (column == COLUMNS - 1)
		return r->note;
	return str_format(a, "%" PRIu64, numbers[column - 2]);
}

static struct str row_json(void *ctx, size_t column, struct arena *a)
{
	struct str s = row_show(ctx, column, a);
	if (row_number(ctx, column))
		return s;
	char *quoted = NULL;
	size_t n = 0;
	FILE *out = s.p != NULL ? open_memstream(&quoted, &n) : NULL;
	if (out == NULL)
		return STR("null");
	json_put_string(out, s);
	struct str json = STR("null");
	if (fclose(out) == 0)
		json = str_copy(a, (struct str){quoted, n});
	free(quoted);
	return json;
}

/* ---- the command ---- */

static bool had_issues(const struct examine *x)
{
	for (int i = 0; i < INPUT_OUTCOMES; i++) {
		if (input_issues(x->in, (enum input_outcome)i) > 0)
			return true;
	}
	return false;
}

/* Room for all rows; NULL with *e set. */
static struct row *make_rows(const struct examine *x, struct error *e)
{
	size_t n = x->n + x->early_count + proto_count() + 1;
	struct row *rows = calloc(n, sizeof(*rows));
	if (rows == NULL)
		error_set(e, ERR_SYSTEM, "no memory for the rows");
	return rows;
}

static int run(struct doctor *d, struct error *e)
{
	const struct options *o = &d->options;
	struct csv_map *csv = NULL;
	if (o->csv_map != NULL && (csv = logs_csv_map(o->csv_map, e)) == NULL)
		return -1;
	int status = examine_run(&d->x, o->rest, o->rest_count, csv, e);
	csv_map_free(csv);
	if (status < 0 || (d->rows = make_rows(&d->x, e)) == NULL)
		return -1;
	add_sources(d);
	add_protocols(d);
	struct format_source rows = {
	    COLUMNS, row_name, row_number, row_next, row_show, row_json, d};
	return format_source(&rows, o->format, stdout, e);
}

int cmd_doctor(int argc, char **argv)
{
	struct error e = {0};
	int status;
	struct doctor *d = calloc(1, sizeof(*d));
	if (d == NULL) {
		error_set(&e, ERR_SYSTEM, "no memory");
		return report_error(&e);
	}
	arena_init(&d->words, WORDS_MAX);
	if (!options_parse(&d->options, &text, argc, argv, &status))
		goto out;
	if (d->options.detectors) {
		status = d->options.rest_count > 0
			     ? usage_error(&text, "--detectors takes no PATH")
			 : doctor_print_state(d->options.format, &e) < 0
			     ? report_error(&e)
			     : 0;
		goto out;
	}
	if (d->options.rest_count == 0) {
		status =
		    usage_error(&text, "name a capture or a log, or a folder of them");
		goto out;
	}
	status = run(d, &e) < 0 ? report_error(&e) : had_issues(&d->x) ? 3 : 0;
out:
	examine_free(&d->x);
	free(d->rows);
	arena_fini(&d->words);
	free(d);
	return status;
}
