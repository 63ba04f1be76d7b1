/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "base/crew.h"
#include "detect/detector.h"
#include "finding/kept.h"

static const struct detector *const detectors[] = {
#define D(name) &detector_##name,
    DETECT_TABLE(D)
#undef D
};

#define DETECTORS (sizeof(detectors) / sizeof(*detectors))

size_t detect_count(void)
{
	return DETECTORS;
}

const char *detect_name(size_t i)
{
	return detectors[i]->name;
}

const char *detect_about(size_t i)
{
	return detectors[i]->about;
}

static const struct detector_state shared[] = {
    {"connections", sizeof(struct conns_row), CONNS_MAX},
    {"texts of theirs", sizeof(struct conns_text), (uint64_t)CONNS_TEXTS *CONNS_MAX},
    {"bytes of these texts", 1, CONNS_TEXT_MAX},
    {"pairs, names and servers of them", sizeof(struct conns_group),
	(uint64_t)CONNS_KEYS *CONNS_MAX},
    {"findings of the last judgement", sizeof(struct carried), CARRY_MAX},
    {NULL, 0, 0},
};

bool detect_state(size_t i, size_t k, struct detect_state *out)
{
	const struct detector_state *v =
	    i < detect_count() ? detectors[i]->state : shared;
	for (size_t n = 0; n < k && v->what != NULL; n++)
		v++;
	*out = (struct detect_state){v->what, v->bytes, v->most};
	return v->what != NULL;
}

/*
 * Hold the connections, and the days of those that have decayed. Where the two are too
 * many, or more than the engine's memory holds, the days are left out: then what was said
 * of their time is carried over (carry.h), and no more is found in it.
 */
static int hold(struct conns *c, struct past *past, struct store *s,
    const struct detect_options *o, struct error *e)
{
	size_t max = o->held_max > 0 ? o->held_max : CONNS_MAX;
	int result = conns_read(c, s, past, max, e);
	bool retry = past->decayed && (result < 0 || (!c->held && o->held_max == 0));
	if (!retry)
		return result;
	conns_fini(c);
	past_forget(past);
	if (past->rows == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	*e = (struct error){.code = ERR_NONE};
	return conns_read(c, s, past, max, e);
}

/* ---- several at a time ---- */

/* A detector that runs beside others; what it finds waits until those before have told
 * theirs. */
struct apart {
	const struct detector *detector;
	struct detection d;
	struct finding_sink sink;
	struct kept found;
	bool ran, done; /* done: and all that it found is there */
};

struct aside {
	struct apart v[DETECTORS];
	size_t n;
};

static void run_apart(void *ctx, unsigned worker)
{
	struct apart *a = ctx;
	struct error ignored = {0};
	(void)worker;
	a->done = a->detector->run(&a->d, &ignored) == 0 && a->found.over_limit == 0 &&
		  !a->found.no_memory;
}

/* Make now what is otherwise made when it is first asked for. */
static bool prepare(const struct source *s)
{
	struct conns *c = s->conns;
	struct error ignored = {0};
	bool ready =
	    c->held && owners_read(s->owners, s->store, &ignored) == 0 && conns_rank(c);
	for (int key = 0; ready && key < CONNS_KEYS; key++)
		ready = conns_index(c, (enum conns_key)key) != NULL;
	for (uint32_t i = 0; ready && i < c->text_count; i++)
		(void)series_home_text(s->options, c, i);
	return ready;
}

/*
 * With a crew, run detectors at the same time where all that they share can be made
 * before. Not those that change the memory's own state or have threads themselves. One
 * that fails, or finds more than is kept, runs once more, alone and in its turn: the
 * engine's memory may have been too little for two.
 */
static void run_aside(struct aside *aside, const struct detection *d)
{
	struct crew *crew = store_crew(d->source->store);
	if (crew_workers(crew) == 1 || !prepare(d->source))
		return;
	for (size_t i = 0; i < DETECTORS; i++) {
		struct apart *a = &aside->v[aside->n++];
		*a = (struct apart){.detector = detectors[i], .d = *d};
		kept_init(&a->found, FINDINGS_MAX);
		a->sink = (struct finding_sink){kept_put, &a->found};
		a->d.sink = &a->sink;
		if (detectors[i] == &detector_indicator)
			continue;
		a->ran = true;
		crew_put(crew, (struct crew_job){run_apart, a});
	}
	crew_wait(crew, 0);
}

/* Whether the i-th detector has run aside: its findings are handed on. */
static bool told(const struct aside *aside, size_t i, const struct finding_sink *sink)
{
	const struct apart *a = &aside->v[i];
	if (i >= aside->n || !a->ran || !a->done)
		return false;
	for (size_t k = 0; k < a->found.n; k++)
		sink->put(sink->ctx, &a->found.v[k]);
	return true;
}

static void end_aside(struct aside *aside)
{
	for (size_t i = 0; i < aside->n; i++)
		kept_fini(&aside->v[i].found);
}

int detect_run(struct store *s, const struct detect_options *options,
    const struct finding_sink *sink, struct error *e)
{
	struct context context = {.watch = NULL};
	struct conns conns = {.held = false};
	struct past past;
	struct carry carry = {.n = 0};
	struct owners owners = {.read = false};
	const struct source source = {s, &conns, options, &past, &owners};
	const struct finding_sink through = {carry_put, &carry};
	const struct detection d = {&source, &context, &through, &carry};
	int result = past_open(&past, s, e);
	if (result == 0)
		result = carry_open(&carry, &past, s, sink, e);
	if (result == 0)
		result = hold(&conns, &past, s, options, e);
	if (result == 0)
		result = context_open(&context, &source, e);
	struct aside aside = {.n = 0};
	if (result == 0)
		run_aside(&aside, &d);
	for (size_t i = 0; result == 0 && i < detect_count(); i++) {
		if (told(&aside, i, &through))
			continue;
		result = detectors[i]->run(&d, e);
		if (result < 0)
			error_add(e, "detector %s", detectors[i]->name);
	}
	end_aside(&aside);
	if (result == 0)
		result = carry_over(&carry, &context, s, e);
	context_fini(&context);
	owners_fini(&owners);
	conns_fini(&conns);
	carry_fini(&carry);
	past_fini(&past);
	return result;
}
