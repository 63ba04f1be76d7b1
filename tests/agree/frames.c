/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads each path on its own and prints what came out, for input_agree.py:
 *
 *     path <TAB> frames <TAB> captured bytes <TAB> wire bytes <TAB> issues <TAB>
 * outcome@offset reason; ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/input.h"

struct sum {
	uint64_t frames, bytes, wire;
	char issues[1024];
	size_t n;
};

static bool on_frames(void *ctx, const struct frame *v, size_t n)
{
	struct sum *s = ctx;
	for (size_t i = 0; i < n; i++) {
		s->bytes += v[i].captured;
		s->wire += v[i].wire;
	}
	s->frames += n;
	return true;
}

static void on_issue(void *ctx, const struct input_issue *issue)
{
	static const char *const names[INPUT_OUTCOMES] = {
	    "truncated", "malformed", "unsupported", "over-limit", "unreadable"};
	struct sum *s = ctx;
	size_t room = sizeof(s->issues) - s->n;
	int n = snprintf(s->issues + s->n, room, "%s@%llu %s; ", names[issue->outcome],
	    (unsigned long long)issue->offset, issue->reason);
	if (n > 0 && (size_t)n < room)
		s->n += (size_t)n;
}

static void run(const char *path)
{
	static const uint8_t secret[INPUT_SECRET_BYTES] = {1, 2, 3};
	struct sum *s = calloc(1, sizeof(*s));
	struct issue_sink issues = {on_issue, s};
	struct input *in = input_new(secret, &issues);
	if (s == NULL || in == NULL)
		abort();
	struct frame_sink sink = {on_frames, s};
	input_add(in, path);
	input_plan(in);
	input_run(in, &sink);
	unsigned long long count = 0;
	for (unsigned k = 0; k < INPUT_OUTCOMES; k++)
		count += input_issues(in, (enum input_outcome)k);
	printf("%s\t%llu\t%llu\t%llu\t%llu\t%s\n", path, (unsigned long long)s->frames,
	    (unsigned long long)s->bytes, (unsigned long long)s->wire, count, s->issues);
	input_free(in);
	free(s);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	return 0;
}
