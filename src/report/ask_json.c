/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers for programs: one JSON object a line, told apart by "type" (coverage, answer,
 * summary), or a row of CSV each.
 */
#include <inttypes.h>

#include "record/json.h"
#include "report/ask.h"
#include "report/sentences.h"

#define ARENA_MAX (64U << 20) /* words of one item */

static int written(FILE *out, struct error *e)
{
	if (fflush(out) != 0 || ferror(out))
		return error_set(e, ERR_SYSTEM, "the answers could not be written");
	return 0;
}

/* ---- members: each writes its comma first ---- */

static void key(FILE *out, const char *name)
{
	fprintf(out, ",\"%s\":", name);
}

static void put_text(FILE *out, const char *name, struct str text)
{
	key(out, name);
	if (text.p != NULL)
		json_put_string(out, text);
	else
		fputs("null", out);
}

static void put_time(FILE *out, const char *name, struct moment m)
{
	char text[MOMENT_TEXT_MAX];
	struct str s = {0};
	if (m.ns != MOMENT_NONE.ns)
		s = (struct str){text, moment_text(m, text)};
	put_text(out, name, s);
}

static void put_count(FILE *out, const char *name, uint64_t n)
{
	key(out, name);
	fprintf(out, "%" PRIu64, n);
}

static void put_flag(FILE *out, const char *name, bool yes)
{
	key(out, name);
	fputs(yes ? "true" : "false", out);
}

static void put_share(FILE *out, const char *name, double share)
{
	key(out, name);
	fprintf(out, "%.6g", share);
}

/* ---- coverage ---- */

static void put_gaps(FILE *out, const struct coverage *c)
{
	key(out, "longest_gaps");
	for (size_t i = 0; i < c->gap_count; i++) {
		fputs(i == 0 ? "[{" : ",{", out);
		char from[MOMENT_TEXT_MAX], to[MOMENT_TEXT_MAX];
		moment_text(c->gaps[i].from, from);
		moment_text(c->gaps[i].to, to);
		fprintf(out, "\"from\":\"%s\",\"to\":\"%s\"}", from, to);
	}
	fputs(c->gap_count == 0 ? "[]" : "]", out);
}

static void put_kinds(FILE *out, const struct coverage *c)
{
	key(out, "hours_by_kind");
	fputc('{', out);
	for (size_t i = 0; i < c->kind_count; i++) {
		fputs(i > 0 ? "," : "", out);
		json_put_string(out, str_of(c->kinds[i].name));
		fprintf(out, ":%" PRIu64, c->kinds[i].hours);
	}
	fputc('}', out);
}

static void put_sentences(FILE *out, const struct ask_report *r)
{
	struct arena a;
	struct str sentences[COVERAGE_SENTENCES];
	arena_init(&a, ARENA_MAX);
	size_t n = coverage_sentences(r->coverage, r->language, sentences, &a);
	key(out, "sentences");
	for (size_t i = 0; i < n; i++) {
		fputc(i == 0 ? '[' : ',', out);
		json_put_string(out, sentences[i]);
	}
	struct str decayed = ask_decay_sentence(r, &a);
	if (decayed.n > 0) {
		fputs(n > 0 ? "," : "[", out);
		json_put_string(out, decayed);
	}
	fputs(n == 0 && decayed.n == 0 ? "[]" : "]", out);
	arena_fini(&a);
}

int report_ask_json_head(const struct ask_report *r, FILE *out, struct error *e)
{
	const struct coverage *c = r->coverage;
	fputs("{\"type\":\"coverage\"", out);
	put_time(out, "from", c->from);
	put_time(out, "to", c->to);
	put_count(out, "minutes", c->minutes);
	put_count(out, "minutes_watched", c->watched);
	put_count(out, "hours", c->hours);
	put_count(out, "hours_watched", c->hours_watched);
	put_share(out, "share", coverage_share(c));
	put_count(out, "packets", c->packets);
	put_count(out, "drops", c->drops);
	put_share(out, "loss", coverage_loss(c));
	put_count(out, "truncated", c->truncated);
	put_count(out, "malformed", c->malformed);
	put_count(out, "bad_checksum", c->bad_checksum);
	put_count(out, "connections", c->connections);
	put_count(out, "one_way", c->one_way);
	put_count(out, "clock_steps", c->clock_steps);
	put_count(out, "shed", c->shed);
	put_count(out, "down_s", c->down);
	put_count(out, "readers_fell", c->fell);
	put_count(out, "gaps", c->gaps_all);
	put_count(out, "gap_minutes", c->gap_minutes);
	put_gaps(out, c);
	put_kinds(out, c);
	put_time(out, "detail_from", r->decayed);
	put_flag(out, "from_plain_rows", r->raw);
	put_sentences(out, r);
	fputs("}\n", out);
	return written(out, e);
}

/* ---- answers ---- */

static void put_hows(FILE *out, unsigned how)
{
	const char *before = "[";
	key(out, "how");
	for (int i = 0; i < ASK_HOW_COUNT; i++) {
		if ((how >> i & 1) == 0)
			continue;
		fprintf(out, "%s\"%s\"", before, ask_how_name((enum ask_how)i));
		before = ",";
	}
	fputs(*before == '[' ? "[]" : "]", out);
}

static void put_tally(FILE *out, const struct ask_tally *t)
{
	put_time(out, "first_seen", t->first);
	put_time(out, "last_seen", t->last);
	put_count(out, "days", t->days);
	put_count(out, "connections", t->connections);
	put_count(out, "unanswered", t->unanswered);
	put_count(out, "shown", t->shown);
	put_count(out, "bytes_out", t->bytes_out);
	put_count(out, "bytes_in", t->bytes_in);
	put_count(out, "missed_bytes", t->missed);
	put_flag(out, "coarse", t->coarse);
	put_hows(out, t->how);
}

static void put_with(FILE *out, const char *name, const struct ask_with_list *list)
{
	key(out, name);
	fputc('[', out);
	for (size_t i = 0; i < list->n; i++) {
		fputs(i > 0 ? ",{\"value\":" : "{\"value\":", out);
		json_put_string(out, list->v[i].text);
		fprintf(out, ",\"connections\":%" PRIu64 "}", list->v[i].connections);
	}
	fputc(']', out);
}

static void put_hosts(FILE *out, const struct ask_answer *answer)
{
	key(out, "hosts");
	fputc('[', out);
	for (size_t i = 0; i < answer->host_count; i++) {
		const struct ask_host *h = &answer->hosts[i];
		char text[ADDR_TEXT_MAX];
		addr_text(&h->host, text);
		fprintf(out, "%s{\"host\":\"%s\"", i > 0 ? "," : "", text);
		put_flag(out, "home", h->home);
		put_tally(out, &h->t);
		fputc('}', out);
	}
	fputc(']', out);
}

static const char *state_name(enum ask_state state)
{
	static const char *const names[] = {
	    [ASK_NO] = "not_seen", [ASK_YES] = "seen", [ASK_UNANSWERED] = "unanswered"};
	return names[state];
}

static void put_answer(
    const struct ask_report *r, const struct ask_item *item, FILE *out, struct arena *a)
{
	const struct ask_answer *answer = item->answer;
	fputs("{\"type\":\"answer\"", out);
	put_text(out, "indicator", item->value);
	put_text(out, "kind", item->kind);
	put_text(out, "id", item->id);
	put_text(out, "note", item->note);
	put_text(out, "where", str_of(item->where));
	put_text(out, "state", str_of(state_name(answer->state)));
	if (answer->why != ASK_WHY_NONE) {
		put_text(out, "why", str_of(ask_why_name(answer->why)));
		put_text(out, "why_sentence", ask_why_words(r, item, a));
	}
	if (answer->state == ASK_YES) {
		put_tally(out, &answer->t);
		put_with(out, "names", &answer->names);
		put_with(out, "addresses", &answer->addresses);
		put_with(out, "services", &answer->services);
		put_hosts(out, answer);
		put_count(out, "more_hosts", answer->more_hosts);
	}
	fputs("}\n", out);
}

int report_ask_json(const struct ask_report *r, FILE *out, struct error *e)
{
	struct ask_count count = ask_count_answers(r);
	struct ask_item item;
	struct arena a;
	arena_init(&a, ARENA_MAX);
	for (size_t at = 0; ask_next(r, &at, &item);) {
		if (ask_is_told(r, count.all, &item))
			put_answer(r, &item, out, &a);
		arena_reset(&a);
	}
	arena_fini(&a);
	fputs("{\"type\":\"summary\"", out);
	put_count(out, "asked", count.all);
	put_count(out, "seen", count.seen);
	put_count(out, "not_seen", count.no);
	put_count(out, "unanswered", count.unanswered);
	fputs("}\n", out);
	return written(out, e);
}

/* ---- CSV, RFC 4180 ---- */

static void csv_text(FILE *out, struct str text)
{
	fputc('"', out);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			fputc('"', out);
		fputc(text.p[i], out);
	}
	fputs("\",", out);
}

static void csv_time(FILE *out, struct moment m)
{
	char text[MOMENT_TEXT_MAX] = "";
	if (m.ns != MOMENT_NONE.ns)
		moment_text(m, text);
	fprintf(out, "%s,", text);
}

static void csv_hows(FILE *out, unsigned how)
{
	const char *before = "";
	for (int i = 0; i < ASK_HOW_COUNT; i++) {
		if ((how >> i & 1) == 0)
			continue;
		fprintf(out, "%s%s", before, ask_how_name((enum ask_how)i));
		before = " ";
	}
}

static void csv_row(const struct ask_item *item, FILE *out)
{
	const struct ask_answer *answer = item->answer;
	const struct ask_tally *t = &answer->t;
	csv_text(out, item->value);
	csv_text(out, item->kind);
	csv_text(out, item->id);
	csv_text(out, item->note);
	csv_text(out, str_of(item->where));
	fprintf(out, "%s,%s,%zu,", state_name(answer->state),
	    answer->why != ASK_WHY_NONE ? ask_why_name(answer->why) : "",
	    answer->host_count);
	csv_time(out, t->first);
	csv_time(out, t->last);
	fprintf(out,
	    "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	    ",%" PRIu64 ",",
	    t->days, t->connections, t->unanswered, t->shown, t->bytes_out, t->bytes_in,
	    t->missed);
	csv_hows(out, t->how);
	fputs("\r\n", out);
}

int report_ask_csv(const struct ask_report *r, FILE *out, struct error *e)
{
	uint64_t asked = ask_count_answers(r).all;
	struct ask_item item;
	fputs("indicator,kind,id,note,where,state,why,hosts,first_seen,last_seen,days,"
	      "connections,unanswered,shown,bytes_out,bytes_in,missed_bytes,how\r\n",
	    out);
	for (size_t at = 0; ask_next(r, &at, &item);) {
		if (ask_is_told(r, asked, &item))
			csv_row(&item, out);
	}
	return written(out, e);
}
