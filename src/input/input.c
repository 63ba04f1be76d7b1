/* SPDX-License-Identifier: Apache-2.0 */
/* The list of sources and the face of the folder;
 * the work is in walk.c, plan.c and merge.c. */
#include "input/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "input/list.h"
#include "input/merge.h"
#include "input/plan.h"
#include "input/walk.h"

struct input *input_new(
    const uint8_t secret[static INPUT_SECRET_BYTES], const struct issue_sink *issues)
{
	struct input *in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	memcpy(in->secret, secret, INPUT_SECRET_BYTES);
	in->issues = issues;
	return in;
}

void list_issue(struct input *in, enum input_outcome outcome, const char *path,
    uint64_t offset, const char *reason)
{
	in->counters[outcome]++;
	if (in->issues == NULL)
		return;
	struct input_issue issue = {outcome, path, offset, reason};
	in->issues->issue(in->issues->ctx, &issue);
}

void list_fault(struct input *in, const char *path, const struct fault *f)
{
	list_issue(in, f->outcome, path, f->offset, f->reason);
}

static bool list_grow(struct input *in)
{
	size_t room = in->room > 0 ? 2 * in->room : 16, bytes;
	if (!size_mul(room, sizeof(struct source *), &bytes))
		return false;
	struct source **grown = realloc(in->sources, bytes);
	if (grown == NULL)
		return false;
	in->sources = grown;
	in->room = room;
	return true;
}

bool list_add(struct input *in, const char *path, bool named)
{
	if (in->count >= LIST_SOURCES_MAX) {
		list_issue(in, INPUT_OVER_LIMIT, path, 0, "too many files");
		return false;
	}
	struct source *s = calloc(1, sizeof(*s));
	char *copy = strdup(path);
	if (s == NULL || copy == NULL || (in->count == in->room && !list_grow(in))) {
		free(copy);
		free(s);
		list_issue(in, INPUT_UNREADABLE, path, 0, strerror(ENOMEM));
		return false;
	}
	s->path = copy;
	s->pub.path = copy;
	s->pub.format = "";
	s->pub.first = MOMENT_NONE;
	s->named = named;
	in->sources[in->count++] = s;
	return true;
}

void input_add(struct input *in, const char *path)
{
	walk_add(in, path);
}

void input_set_csv(struct input *in, const struct csv_map *csv)
{
	in->csv = csv;
}

uint64_t input_not_kept(const struct input *in)
{
	return in->not_kept;
}

void input_plan(struct input *in)
{
	plan_make(in);
}

size_t input_count(const struct input *in)
{
	return in->count;
}

const struct input_source *input_source(const struct input *in, size_t i)
{
	return &in->sources[i]->pub;
}

bool input_digest(struct input *in, size_t i)
{
	return plan_digest(in, i);
}

void input_skip(struct input *in, size_t i)
{
	in->sources[i]->pub.skipped = true;
}

bool input_run(struct input *in, const struct frame_sink *sink)
{
	return merge_run(in, sink);
}

void input_progress(const struct input *in, uint64_t *done, uint64_t *all)
{
	*done = in->done + in->active;
	*all = 0;
	for (size_t i = 0; i < in->count; i++) {
		const struct source *s = in->sources[i];
		if (!s->pub.usable || s->pub.skipped)
			continue;
		if (!s->again) {
			*all = 0;
			return;
		}
		*all += s->pub.size;
	}
}

uint64_t input_issues(const struct input *in, enum input_outcome outcome)
{
	return in->counters[outcome];
}

void input_free(struct input *in)
{
	if (in == NULL)
		return;
	for (size_t i = 0; i < in->count; i++) {
		active_close(in->sources[i]->kept);
		free(in->sources[i]->path);
		free(in->sources[i]);
	}
	free(in->sources);
	free(in);
}
