/* SPDX-License-Identifier: Apache-2.0 */
/* Cases and findings as JSON: the columns of their tables, with facts and sentences. */
#include <jansson.h>

#include "report/ask.h"
#include "report/muted.h"
#include "report/read.h"
#include "report/sentences.h"

#define JSON_ARENA (128u << 20)

static json_t *text_json(struct str s)
{
	return s.p != NULL ? json_stringn(s.p, s.n) : json_null();
}

static json_t *time_json(struct moment m)
{
	char text[MOMENT_TEXT_MAX];
	if (m.ns == MOMENT_NONE.ns)
		return json_null();
	moment_text(m, text);
	return json_string(text);
}

static json_t *address_json(const struct addr *address)
{
	char text[ADDR_TEXT_MAX];
	addr_text(address, text);
	return json_string(text);
}

static json_t *fact_json(const struct fact *f, enum language l, struct arena *a)
{
	static const char *const stands[] = {
	    [FACT_FOR] = "for", [FACT_AGAINST] = "against", [FACT_CONTEXT] = "context"};
	const struct fact_info *info = fact_info(f->key);
	json_t *o = json_object(), *values = json_array();
	json_object_set_new(o, "key", json_string(info->key));
	json_object_set_new(o, "stand", json_string(stands[info->stand]));
	for (size_t i = 0; i < 3 && info->kind[i] != VALUE_NONE; i++) {
		if (info->kind[i] == VALUE_TEXT)
			json_array_append_new(values, text_json(f->text));
		else if (info->kind[i] == VALUE_TIME)
			json_array_append_new(
			    values, time_json(moment_from_us((int64_t)f->value[i])));
		else
			json_array_append_new(values, json_real(f->value[i]));
	}
	json_object_set_new(o, "values", values);
	json_object_set_new(o, "sentence", text_json(fact_sentence(f, l, a)));
	return o;
}

/* Why, who, when and until when; NULL (no member) for what is not muted. */
static json_t *mute_json(const struct mute *m)
{
	char until[MOMENT_TEXT_MAX];
	if (m == NULL)
		return NULL;
	json_t *o = json_object();
	json_object_set_new(o, "n", json_integer(m->n));
	json_object_set_new(o, "reason", text_json(m->reason));
	json_object_set_new(o, "author", text_json(m->author));
	json_object_set_new(o, "at", time_json(m->at));
	if (m->until != MUTE_FOREVER)
		moment_text_day(moment_from(m->until * 86400, 0), until);
	json_object_set_new(
	    o, "until", m->until != MUTE_FOREVER ? json_string(until) : json_null());
	return o;
}

/* What is looked at, and how. */
struct look {
	const struct report_options *options;
	struct coverage_index watch; /* owned */
	struct arena arena;
};

/* What of a span was watched, and what was missed. */
static json_t *coverage_json(struct look *look, struct moment first, struct moment last)
{
	struct coverage c;
	coverage_of(&look->watch, first, last, &c);
	struct str words = coverage_words(&c, look->options->language, &look->arena);
	return json_pack(
	    "{s:o,s:o,s:I,s:I,s:f,s:I,s:I,s:f,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}",
	    "from", time_json(c.from), "to", time_json(c.to), "minutes",
	    (json_int_t)c.minutes, "minutes_watched", (json_int_t)c.watched, "share",
	    coverage_share(&c), "packets", (json_int_t)c.packets, "drops",
	    (json_int_t)c.drops, "loss", coverage_loss(&c), "truncated",
	    (json_int_t)c.truncated, "connections", (json_int_t)c.connections, "one_way",
	    (json_int_t)c.one_way, "clock_steps", (json_int_t)c.clock_steps, "shed",
	    (json_int_t)c.shed, "down_s", (json_int_t)c.down, "readers_fell",
	    (json_int_t)c.fell, "gaps", (json_int_t)c.gaps_all, "gap_minutes",
	    (json_int_t)c.gap_minutes, "sentence", text_json(words));
}

static json_t *finding_json(
    const struct finding *f, struct look *look, struct str case_id)
{
	struct arena *a = &look->arena;
	enum language l = look->options->language;
	json_t *o = json_object(), *attack = json_array(), *facts = json_array();
	json_object_set_new(o, "id", json_string(f->id));
	json_object_set_new(o, "detector", json_string(f->detector));
	json_object_set_new(o, "direction", json_string(direction_name(f->direction)));
	json_object_set_new(o, "host", address_json(&f->host));
	json_object_set_new(o, "peer", text_json(f->peer));
	json_object_set_new(o, "peer_port", json_integer(f->peer_port));
	json_object_set_new(o, "proto", text_json(f->proto));
	json_object_set_new(o, "first_seen", time_json(f->first_seen));
	json_object_set_new(o, "last_seen", time_json(f->last_seen));
	json_object_set_new(o, "since", time_json(f->since));
	json_object_set_new(o, "since_kind", json_string(since_kind_name(f->since_kind)));
	json_object_set_new(
	    o, "coverage", coverage_json(look, f->first_seen, f->last_seen));
	json_object_set_new(o, "confidence", json_string(confidence_name(f->confidence)));
	json_object_set_new(o, "score", json_real(f->score));
	json_object_set_new(o, "rank_p", json_real(f->rank_p));
	json_object_set_new(o, "events", json_integer((json_int_t)f->events));
	json_object_set_new(o, "bytes_out", json_integer((json_int_t)f->bytes_out));
	json_object_set_new(o, "bytes_in", json_integer((json_int_t)f->bytes_in));
	for (size_t i = 0; i < ATTACK_MAX && f->attack[i] != NULL; i++)
		json_array_append_new(attack, json_string(f->attack[i]));
	json_object_set_new(o, "attack", attack);
	for (size_t i = 0; i < f->fact_count; i++)
		json_array_append_new(facts, fact_json(&f->facts[i], l, a));
	json_object_set_new(o, "facts", facts);
	json_object_set_new(o, "summary", text_json(finding_summary(f, l, a)));
	json_object_set_new(
	    o, "muted", mute_json(muted_finding(look->options, f, case_id)));
	return o;
}

static json_t *case_json(const struct dwell_case *c, struct look *look)
{
	enum language l = look->options->language;
	json_t *o = json_object(), *findings = json_array();
	json_object_set_new(o, "id", json_string(c->id));
	json_object_set_new(o, "rank", json_integer((json_int_t)c->rank));
	json_object_set_new(o, "host", address_json(&c->host));
	json_object_set_new(o, "since", time_json(c->since));
	json_object_set_new(o, "since_kind", json_string(since_kind_name(c->since_kind)));
	json_object_set_new(o, "last_seen", time_json(c->last_seen));
	json_object_set_new(o, "coverage", coverage_json(look, c->since, c->last_seen));
	json_object_set_new(o, "confidence", json_string(confidence_name(c->confidence)));
	json_object_set_new(
	    o, "bytes_out_low", json_integer((json_int_t)c->bytes_out_low));
	json_object_set_new(
	    o, "bytes_out_high", json_integer((json_int_t)c->bytes_out_high));
	for (size_t i = 0; i < c->finding_count; i++)
		json_array_append_new(
		    findings, finding_json(c->findings[i], look, str_of(c->id)));
	json_object_set_new(o, "findings", findings);
	json_object_set_new(o, "summary", text_json(case_summary(c, l, &look->arena)));
	json_object_set_new(o, "muted", mute_json(muted_case(look->options, c)));
	return o;
}

/* Write one object as a line and free it. */
static int put_line(json_t *o, FILE *out, struct error *e)
{
	int failed = json_dumpf(o, out, JSON_COMPACT) != 0 || fputc('\n', out) == EOF;
	json_decref(o);
	return failed ? error_set(e, ERR_SYSTEM, "the report could not be written") : 0;
}

static int look_begin(
    struct look *look, struct store *s, const struct report_options *o, struct error *e)
{
	*look = (struct look){.options = o};
	arena_init(&look->arena, JSON_ARENA);
	return coverage_index_read(s, &look->watch, e);
}

static void look_end(struct look *look)
{
	coverage_index_free(&look->watch);
	arena_fini(&look->arena);
}

int report_cases_json(
    struct store *s, const struct report_options *o, FILE *out, struct error *e)
{
	struct look look;
	struct case_list cases = {0};
	int result = look_begin(&look, s, o, e);
	if (result == 0)
		result = read_cases(s, o, &look.arena, &cases, e);
	for (size_t i = 0; result == 0 && i < cases.n; i++)
		result = put_line(case_json(&cases.v[i], &look), out, e);
	look_end(&look);
	return result;
}

int report_show_json(struct store *s, const char *id, const struct report_options *o,
    FILE *out, struct error *e)
{
	struct look look;
	struct dwell_case c = {0};
	struct finding f;
	int result = look_begin(&look, s, o, e);
	if (result == 0)
		result = read_case(s, str_of(id), &look.arena, &c, e);
	if (result == 1) {
		result = put_line(case_json(&c, &look), out, e);
	} else if (result == 0) {
		result = read_finding(s, str_of(id), &look.arena, &f, e);
		if (result == 1)
			result =
			    put_line(finding_json(&f, &look, (struct str){0}), out, e);
		else if (result == 0)
			result = read_no_such_id(id, e);
	}
	look_end(&look);
	return result;
}
