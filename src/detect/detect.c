/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "detect/detector.h"

static const struct detector *const detectors[] = {
#define D(name) &detector_##name,
    DETECT_TABLE(D)
#undef D
};

size_t detect_count(void)
{
	return sizeof(detectors) / sizeof(*detectors);
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
    {"bytes of their texts", 1, CONNS_TEXT_MAX},
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
	for (size_t i = 0; result == 0 && i < detect_count(); i++) {
		result = detectors[i]->run(&d, e);
		if (result < 0)
			error_add(e, "detector %s", detectors[i]->name);
	}
	if (result == 0)
		result = carry_over(&carry, &context, s, e);
	context_fini(&context);
	owners_fini(&owners);
	conns_fini(&conns);
	carry_fini(&carry);
	past_fini(&past);
	return result;
}
