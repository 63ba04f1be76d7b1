/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of reading: captures by the time of their first frame, then by path, numbers
 * in it compared as numbers; then logs, folder by folder, in each by their first time;
 * then what can not be used.
 *
 * Doubles: the same file (device and inode), or the same bytes: equal prefix digests
 * first, and only among those the whole digests, which cost a reading. Plain files of
 * different sizes need none. The first in the order of reading stays.
 */
#include "input/plan.h"

#include <stdlib.h>
#include <string.h>

static void look(struct input *in, uint32_t i)
{
	struct source *s = in->sources[i];
	s->pub.first = MOMENT_NONE;
	struct active *a = active_open(in, i);
	if (a == NULL)
		return;
	s->pub.usable = true;
	/* A fault here is reported when the source is read. */
	if (s->log == NULL && active_next(a))
		s->pub.first = a->batch[0].ts;
	s->memory = stream_memory(a->stream);
	if (s->at_end) {
		s->pub.whole = s->pub.prefix;
		s->whole_known = a->stream->total <= INPUT_PREFIX_BYTES;
	}
	if (s->again)
		active_close(a);
	else
		s->kept = a;
}

static void source_free(struct source *s)
{
	active_close(s->kept);
	free(s->path);
	free(s);
}

/* Files of folders that are no captures are not in the list any more. */
static void drop_strangers(struct input *in)
{
	size_t kept = 0;
	for (size_t i = 0; i < in->count; i++) {
		struct source *s = in->sources[i];
		if (s->pub.usable || s->named)
			in->sources[kept++] = s;
		else
			source_free(s);
	}
	in->count = kept;
}

/* ---- order ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As strverscmp, of texts with a length: runs of digits compare as numbers. */
static int by_numbers(const char *a, size_t n, const char *b, size_t m)
{
	size_t i = 0, k = 0;
	while (i < n && k < m) {
		if (!is_digit(a[i]) || !is_digit(b[k])) {
			if (a[i] != b[k])
				return (unsigned char)a[i] < (unsigned char)b[k] ? -1 : 1;
			i++;
			k++;
			continue;
		}
		while (i + 1 < n && a[i] == '0' && is_digit(a[i + 1]))
			i++;
		while (k + 1 < m && b[k] == '0' && is_digit(b[k + 1]))
			k++;
		size_t x = 0, y = 0;
		while (i + x < n && is_digit(a[i + x]))
			x++;
		while (k + y < m && is_digit(b[k + y]))
			y++;
		int c = x != y ? (x < y ? -1 : 1) : memcmp(a + i, b + k, x);
		if (c != 0)
			return c;
		i += x;
		k += y;
	}
	return compare_numbers(n - i, m - k);
}

/* Logs of one folder belong together; folders are mostly named after dates. */
static int by_folder(const struct source *a, const struct source *b)
{
	const char *x = strrchr(a->path, '/'), *y = strrchr(b->path, '/');
	size_t n = x != NULL ? (size_t)(x - a->path) : 0;
	size_t m = y != NULL ? (size_t)(y - b->path) : 0;
	if (n == m && memcmp(a->path, b->path, n) == 0)
		return 0;
	int c = by_numbers(a->path, n, b->path, m);
	return c != 0 ? c : n != m ? compare_numbers(n, m) : memcmp(a->path, b->path, n);
}

static int by_reading(const void *left, const void *right)
{
	const struct source *a = *(struct source *const *)left;
	const struct source *b = *(struct source *const *)right;
	if (a->pub.usable != b->pub.usable)
		return a->pub.usable ? -1 : 1;
	if (a->pub.log != b->pub.log)
		return a->pub.log ? 1 : -1;
	if (a->pub.log && by_folder(a, b) != 0)
		return by_folder(a, b);
	if (a->pub.first.ns != b->pub.first.ns)
		return a->pub.first.ns < b->pub.first.ns ? -1 : 1;
	int c = strverscmp(a->path, b->path);
	return c != 0 ? c : strcmp(a->path, b->path);
}

static int compare_digests(const struct digest *a, const struct digest *b)
{
	int c = compare_numbers(a->high, b->high);
	return c != 0 ? c : compare_numbers(a->low, b->low);
}

static int compare_files(const struct source *a, const struct source *b)
{
	int c = compare_numbers(a->device, b->device);
	return c != 0 ? c : compare_numbers(a->inode, b->inode);
}

/* ---- doubles ---- */

/* Indices of sources: sorting them leaves the list in its order. */
struct pick {
	const struct source *s;
	uint32_t index;
};

static int by_index(const struct pick *a, const struct pick *b)
{
	return compare_numbers(a->index, b->index);
}

static int by_file(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;
	int c = compare_files(a->s, b->s);
	return c != 0 ? c : by_index(a, b);
}

static int by_prefix(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;
	int c = compare_digests(&a->s->pub.prefix, &b->s->pub.prefix);
	if (c == 0)
		c = compare_numbers(a->s->compressed, b->s->compressed);
	if (c == 0)
		c = compare_numbers(a->s->pub.size, b->s->pub.size);
	return c != 0 ? c : by_index(a, b);
}

static int by_whole(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;
	int c = compare_numbers(!a->s->whole_known, !b->s->whole_known);
	if (c == 0)
		c = compare_digests(&a->s->pub.whole, &b->s->pub.whole);
	return c != 0 ? c : by_index(a, b);
}

/* The sources that are still to be read, and only those that can be read twice. */
static size_t pick(const struct input *in, struct pick *v)
{
	size_t n = 0;
	for (size_t i = 0; i < in->count; i++) {
		const struct source *s = in->sources[i];
		if (s->pub.usable && s->again && !s->pub.skipped)
			v[n++] = (struct pick){s, (uint32_t)i};
	}
	return n;
}

static void skip(struct input *in, const struct pick *p)
{
	in->sources[p->index]->pub.skipped = true;
}

static void drop_same_files(struct input *in, struct pick *v)
{
	size_t n = pick(in, v);
	qsort(v, n, sizeof(*v), by_file);
	for (size_t i = 1; i < n; i++) {
		if (compare_files(v[i - 1].s, v[i].s) == 0)
			skip(in, &v[i]);
	}
}

/* Among n sources with one prefix (plain ones first,
 * by size), find those of the same bytes. */
static void drop_same_bytes(struct input *in, struct pick *v, size_t n)
{
	bool any_compressed = v[n - 1].s->compressed;
	for (size_t i = 0; i < n; i++) {
		bool alone = (i == 0 || v[i - 1].s->pub.size != v[i].s->pub.size) &&
			     (i + 1 == n || v[i + 1].s->pub.size != v[i].s->pub.size);
		if (any_compressed || !alone)
			plan_digest(in, v[i].index);
	}
	qsort(v, n, sizeof(*v), by_whole);
	for (size_t i = 1; i < n; i++) {
		const struct source *a = v[i - 1].s, *b = v[i].s;
		if (a->whole_known && b->whole_known &&
		    compare_digests(&a->pub.whole, &b->pub.whole) == 0)
			skip(in, &v[i]);
	}
}

static void drop_doubles(struct input *in)
{
	struct pick *v = calloc(in->count > 0 ? in->count : 1, sizeof(*v));
	if (v == NULL) {
		list_issue(
		    in, INPUT_OVER_LIMIT, "-", 0, "no memory left to look for doubles");
		return;
	}
	drop_same_files(in, v);
	size_t n = pick(in, v);
	qsort(v, n, sizeof(*v), by_prefix);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n; end++) {
			if (compare_digests(&v[i].s->pub.prefix, &v[end].s->pub.prefix) !=
			    0)
				break;
		}
		if (end - i > 1)
			drop_same_bytes(in, v + i, end - i);
	}
	free(v);
}

void plan_make(struct input *in)
{
	for (size_t i = 0; i < in->count; i++)
		look(in, (uint32_t)i);
	drop_strangers(in);
	if (in->count > 1)
		qsort(in->sources, in->count, sizeof(struct source *), by_reading);
	for (size_t i = 0; i < in->count; i++) {
		if (in->sources[i]->kept != NULL)
			in->sources[i]->kept->index = (uint32_t)i;
	}
	drop_doubles(in);
}

bool plan_digest(struct input *in, size_t i)
{
	struct source *s = in->sources[i];
	if (s->whole_known || !s->again)
		return s->whole_known;
	struct active *a = active_open(in, (uint32_t)i);
	if (a == NULL)
		return false;
	stream_drain(a->stream);
	s->pub.whole = stream_digest(a->stream);
	s->pub.bytes = a->stream->total;
	s->whole_known =
	    !a->stream->fault.set || a->stream->fault.outcome != INPUT_UNREADABLE;
	active_close(a);
	return s->whole_known;
}
