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

int detect_run(struct store *s, const struct detect_options *options,
    const struct finding_sink *sink, struct error *e)
{
	struct context context = {.watch = NULL};
	struct conns conns = {.held = false};
	struct past past;
	struct carry carry = {.n = 0};
	const struct source source = {s, &conns, options, &past};
	const struct finding_sink through = {carry_put, &carry};
	const struct detection d = {&source, &context, &through, &carry};
	size_t max = options->held_max > 0 ? options->held_max : CONNS_MAX;
	int result = past_open(&past, s, e);
	if (result == 0)
		result = carry_open(&carry, &past, s, sink, e);
	if (result == 0)
		result = conns_read(&conns, s, &past, max, e);
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
	conns_fini(&conns);
	carry_fini(&carry);
	past_fini(&past);
	return result;
}
