/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell plan: how long the disk lasts, from what was seen. Detail grows until the policy
 * holds it; roll-ups grow for good, so they are what fills a disk in the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/retention.h"
#include "report/sentences.h"

#define DAYS_TO_TELL   7 /* of record; with less nothing is foretold */
#define WORDS_MAX      (1U << 20)
#define DAYS_SHOWN_MAX 36525 /* more are called "more than 100 years" */

static const struct command_text text = {"plan",
    "[-m MEMORY] [--keep-conn SPAN] [--disk SIZE] [--keep RULE]",
    "Tell from what was seen how long the disk lasts. With options, change how long "
    "detail is\nkept, for this memory and from now on; without, change nothing.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_KEEP | OPTION_QUIET};

struct plan {
	const struct options *options;
	const struct policy *policy;
	struct store_size size;
	double detail, rollups;             /* bytes now */
	double detail_daily, rollups_daily; /* bytes that a day adds */
	double room;  /* bytes that the memory may come to take in all */
	double lasts; /* days until it takes them; negative: not told */
	struct arena words;
};

static int64_t days_of(const struct plan *p)
{
	return p->size.last - p->size.first + 1;
}

static void add_up(struct plan *p)
{
	for (size_t i = 0; i < p->size.n; i++) {
		const struct store_usage *u = &p->size.tables[i];
		*(u->detail ? &p->detail : &p->rollups) += (double)u->bytes;
		*(u->detail ? &p->detail_daily : &p->rollups_daily) += u->daily;
	}
	p->room = (double)p->size.bytes + (double)p->size.disk_free;
	if (p->policy->disk > 0 && (double)p->policy->disk < p->room)
		p->room = (double)p->policy->disk;
}

/* Bytes of detail once the policy holds it: as much as the days that are kept bring. A
 * rule that speaks of a part of it is left out: less may be kept, never more. */
static double held_detail(const struct plan *p)
{
	return p->detail_daily * policy_conn_days(p->policy);
}

static void foretell(struct plan *p)
{
	unsigned kept = policy_conn_days(p->policy);
	p->lasts = -1;
	if (days_of(p) < DAYS_TO_TELL || p->rollups_daily + p->detail_daily <= 0)
		return;
	if (kept > 0 && p->rollups_daily > 0)
		p->lasts = (p->room - held_detail(p) - p->rollups) / p->rollups_daily;
	else if (kept == 0)
		p->lasts = (p->room - (double)p->size.bytes) /
			   (p->rollups_daily + p->detail_daily);
	if (p->lasts < 0)
		p->lasts = 0;
}

/* ---- output ---- */

static void put_rows(const struct plan *p, FILE *out)
{
	unsigned kept = policy_conn_days(p->policy);
	fputs("SELECT * FROM (VALUES ", out);
	for (size_t i = 0; i < p->size.n; i++) {
		const struct store_usage *u = &p->size.tables[i];
		fprintf(out, "('%s',", u->table);
		if (u->detail && kept > 0)
			fprintf(out, "%u,", kept);
		else
			fputs("NULL::INTEGER,", out);
		fprintf(out, "%" PRIu64 ",%" PRIu64 ",%.0f,NULL::BIGINT),", u->files,
		    u->bytes, u->daily);
	}
	fprintf(out, "('all',NULL,NULL,%" PRIu64 ",%.0f,", p->size.bytes,
	    p->detail_daily + p->rollups_daily);
	if (p->lasts >= 0)
		fprintf(out, "%.0f", p->lasts);
	else
		fputs("NULL", out);
	fputs(")) AS t(\"table\",kept_days,files,bytes,bytes_a_day,lasts_days)", out);
	if (p->options->format == FORMAT_TABLE)
		fputs(" WHERE files>0 OR files IS NULL", out);
}

static int print_rows(struct store *s, const struct plan *p, struct error *e)
{
	char *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory");
	put_rows(p, out);
	int status = fclose(out) == 0 ? 0 : error_set(e, ERR_SYSTEM, "no memory");
	struct store_rows *r = status == 0 ? store_query(s, sql, e) : NULL;
	status = r != NULL ? format_rows(r, p->options->format, stdout, e) : -1;
	store_rows_free(r);
	free(sql);
	return status;
}

static void say(struct plan *p, enum sentence key, const struct slot *slots, size_t n)
{
	struct str line = sentence_fill(key, p->options->language, slots, n, &p->words);
	printf("%.*s\n", STR_ARG(line));
}

static struct str bytes(struct plan *p, double n)
{
	return words_bytes(n, &p->words);
}

static struct str days(struct plan *p, double n)
{
	if (n > DAYS_SHOWN_MAX)
		return sentence_fill(
		    SENTENCE_PLAN_LONG, p->options->language, NULL, 0, &p->words);
	return words_span(n * 86400, p->options->language, &p->words);
}

static void say_policy(struct plan *p)
{
	char rule[POLICY_RULE_TEXT];
	for (size_t i = 0; i < p->policy->n; i++) {
		policy_rule_text(&p->policy->rules[i], rule);
		say(p, SENTENCE_PLAN_RULE,
		    (struct slot[]){{"rule", str_copy(&p->words, str_of(rule))}}, 1);
	}
	if (p->policy->disk > 0)
		say(p, SENTENCE_PLAN_BUDGET,
		    (struct slot[]){{"size", bytes(p, (double)p->policy->disk)}}, 1);
	if (policy_is_empty(p->policy))
		say(p, SENTENCE_PLAN_NO_POLICY, NULL, 0);
}

/* What the disk's budget leaves for detail, today and in a year. */
static void say_detail(struct plan *p)
{
	double left = p->room - p->rollups, later = left - 365 * p->rollups_daily;
	if (p->policy->disk == 0 || p->detail_daily <= 0)
		return;
	say(p, SENTENCE_PLAN_DETAIL,
	    (struct slot[]){{"now", days(p, left > 0 ? left / p->detail_daily : 0)},
		{"later", days(p, later > 0 ? later / p->detail_daily : 0)}},
	    2);
}

static void say_all(struct plan *p)
{
	putchar('\n');
	say_policy(p);
	say(p, SENTENCE_PLAN_SIZE,
	    (struct slot[]){{"used", bytes(p, (double)p->size.bytes)},
		{"free", bytes(p, (double)p->size.disk_free)}},
	    2);
	if (days_of(p) < DAYS_TO_TELL) {
		say(p, SENTENCE_PLAN_TOO_LITTLE,
		    (struct slot[]){{"days", days(p, (double)days_of(p))}}, 1);
		return;
	}
	say(p, SENTENCE_PLAN_GROWTH,
	    (struct slot[]){{"days", days(p, (double)days_of(p))},
		{"detail", bytes(p, p->detail_daily)},
		{"rollups", bytes(p, p->rollups_daily)}},
	    3);
	say_detail(p);
	if (p->lasts >= 0)
		say(p,
		    p->policy->disk > 0 ? SENTENCE_PLAN_BUDGET_LASTS
					: SENTENCE_PLAN_LASTS,
		    (struct slot[]){{"span", days(p, p->lasts)}}, 1);
	if (p->lasts >= 0 && policy_conn_days(p->policy) == 0 && p->policy->disk == 0)
		say(p, SENTENCE_PLAN_ADVICE, NULL, 0);
}

static int plan(const struct options *o, struct error *e)
{
	struct plan p = {.options = o};
	bool change = retention_asked(o);
	struct store *s = store_open(o->memory, change ? STORE_WRITE : STORE_READ, e);
	int status = s == NULL ? -1 : 0;
	if (status == 0 && change)
		status = retention_set(s, o, e) < 0 ? -1 : retention_apply(s, e);
	arena_init(&p.words, WORDS_MAX);
	if (status == 0)
		status = store_measure(s, &p.size, e);
	if (status == 0) {
		p.policy = store_policy(s);
		add_up(&p);
		foretell(&p);
		status = print_rows(s, &p, e);
	}
	if (status == 0 && o->format == FORMAT_TABLE)
		say_all(&p);
	arena_fini(&p.words);
	store_close(s);
	return status;
}

int cmd_plan(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	if (o.rest_count != 0)
		return usage_error(&text, "takes no '%s'", o.rest[0]);
	return plan(&o, &e) < 0 ? report_error(&e) : 0;
}
