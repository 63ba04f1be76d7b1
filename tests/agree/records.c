/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records PATH...: the pipeline ended by a sink that prints.
 * One JSON object a line for every record; on standard error
 * a line for every issue. What the agreement tests compare.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/pipeline.h"
#include "record/json.h"

static void print_record(void *ctx, enum record_type type, const void *record)
{
	record_json(ctx, type, record);
}

static void print_issue(void *ctx, const struct input_issue *issue)
{
	fprintf(ctx, "%s: byte %llu: %s\n", issue->path,
	    (unsigned long long)issue->offset, issue->reason);
}

int main(int argc, char **argv)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct issue_sink issues = {print_issue, stderr};
	struct record_sink records = {print_record, stdout};
	struct input *in = input_new(secret, &issues);
	if (in == NULL)
		return 4;
	for (int i = 1; i < argc; i++)
		input_add(in, argv[i]);
	input_plan(in);
	const struct pipeline_options options = {.sensor = "local", .in = in};
	struct pipeline *p = pipeline_new(&options, &records);
	if (p == NULL)
		return 4;
	struct frame_sink frames = pipeline_frame_sink(p);
	input_run(in, &frames);
	pipeline_finish(p);
	pipeline_free(p);
	input_free(in);
	return 0;
}
