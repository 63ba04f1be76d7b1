/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "record/json.h"
#include "sys/file.h"
#include "sys/path.h"

#define FILE_BYTES_MAX (1U << 30) /* bytes of one file of inputs */
#define NAME_MAX_BYTES 65536      /* bytes of an input's name that are kept, at most */

static struct input_entry *new_entry(struct inputs *in, struct error *e)
{
	if (in->n == INPUTS_MAX) {
		error_set(e, ERR_LIMIT, "more than %d inputs in one memory", INPUTS_MAX);
		return NULL;
	}
	if (in->n == in->room) {
		size_t room = in->room == 0 ? 64 : in->room * 2;
		struct input_entry *v = realloc(in->v, room * sizeof(*v));
		if (v == NULL) {
			error_set(e, ERR_SYSTEM, "no memory for the list of inputs");
			return NULL;
		}
		in->v = v;
		in->room = room;
	}
	return &in->v[in->n];
}

/* A name is a path, so any bytes; JSON wants text. */
static char *clean_name(const char *name)
{
	struct arena a;
	arena_init(&a, 4 * NAME_MAX_BYTES + 4096);
	size_t n = strlen(name);
	struct str text = str_clean(&a, name, n < NAME_MAX_BYTES ? n : NAME_MAX_BYTES);
	char *copy = text.p != NULL ? strndup(text.p, text.n) : NULL;
	arena_fini(&a);
	return copy;
}

/* What JSON readers take for a whole number. */
static uint64_t at_most(uint64_t n)
{
	return n < INT64_MAX ? n : INT64_MAX;
}

int inputs_add(struct inputs *in, const struct store_input *input, struct error *e)
{
	struct input_entry *entry = new_entry(in, e);
	if (entry == NULL)
		return -1;
	*entry = (struct input_entry){.prefix = {input->prefix[0], input->prefix[1]},
	    .whole = {input->whole[0], input->whole[1]},
	    .bytes = at_most(input->bytes),
	    .frames = at_most(input->frames),
	    .name = clean_name(input->name != NULL ? input->name : "")};
	if (entry->name == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of inputs");
	in->n++;
	return 0;
}

void inputs_cut(struct inputs *in, size_t n)
{
	while (in->n > n)
		free(in->v[--in->n].name);
}

static bool read_digest(const json_t *member, uint64_t out[2])
{
	const char *hex = json_string_value(member);
	return hex != NULL && strlen(hex) == 32 &&
	       sscanf(hex, "%16" SCNx64 "%16" SCNx64, &out[0], &out[1]) == 2;
}

static uint64_t read_count(const json_t *member)
{
	json_int_t v = json_integer_value(member);
	return v < 0 ? 0 : (uint64_t)v;
}

static int read_line(struct inputs *in, const char *line, size_t n, struct error *e)
{
	struct store_input input = {0};
	json_t *root = json_loadb(line, n, 0, NULL);
	const char *name = json_string_value(json_object_get(root, "name"));
	int status = 0;
	if (name == NULL || !read_digest(json_object_get(root, "prefix"), input.prefix) ||
	    !read_digest(json_object_get(root, "whole"), input.whole)) {
		status = error_set(e, ERR_MEMORY, "a line is damaged");
	} else {
		input.name = name;
		input.bytes = read_count(json_object_get(root, "bytes"));
		input.frames = read_count(json_object_get(root, "frames"));
		status = inputs_add(in, &input, e);
	}
	json_decref(root);
	return status;
}

static int read_file(struct inputs *in, const char *path, struct error *e)
{
	size_t n;
	char *text = file_read(path, FILE_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	int status = 0;
	for (size_t at = 0; at < n && status == 0;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t line = end != NULL ? (size_t)(end - (text + at)) : n - at;
		status = end != NULL ? read_line(in, text + at, line, e)
				     : error_set(e, ERR_MEMORY, "it ends within a line");
		at += line + 1;
	}
	free(text);
	if (status < 0)
		error_add(e, "%s", path);
	return status;
}

static int note_file(struct inputs *in, const char *name)
{
	char **files = realloc(in->files, (in->file_count + 1) * sizeof(*files));
	if (files == NULL)
		return -1;
	in->files = files;
	files[in->file_count] = strdup(name);
	if (files[in->file_count] == NULL)
		return -1;
	in->file_count++;
	uint32_t seq = path_seq(name, INPUTS_SUFFIX);
	in->seq = seq > in->seq ? seq : in->seq;
	return 0;
}

static int read_folder(struct inputs *in, DIR *d, const char *folder, struct error *e)
{
	const struct dirent *entry;
	while ((entry = readdir(d)) != NULL) {
		char path[PATH_MAX];
		if (!path_ends_in(entry->d_name, INPUTS_SUFFIX))
			continue;
		if (note_file(in, entry->d_name) < 0)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of inputs");
		if (path_make(path, e, "%s/%s", folder, entry->d_name) < 0 ||
		    read_file(in, path, e) < 0)
			return -1;
	}
	return 0;
}

int inputs_load(struct inputs *in, const char *folder, struct error *e)
{
	*in = (struct inputs){0};
	DIR *d = opendir(folder);
	if (d == NULL && errno != ENOENT)
		return error_set(e, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
	int status = d != NULL ? read_folder(in, d, folder, e) : 0;
	if (d != NULL)
		closedir(d);
	if (status == 0)
		status = inputs_index(in, e);
	if (status < 0)
		inputs_free(in);
	return status;
}

int inputs_write(const struct inputs *in, size_t from, const char *path, struct error *e)
{
	FILE *out = fopen(path, "we");
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	for (size_t i = from; i < in->n; i++) {
		const struct input_entry *x = &in->v[i];
		fprintf(out,
		    "{\"prefix\":\"%016" PRIx64 "%016" PRIx64 "\",\"whole\":\"%016" PRIx64
		    "%016" PRIx64 "\",\"bytes\":%" PRIu64 ",\"frames\":%" PRIu64
		    ",\"name\":",
		    x->prefix[0], x->prefix[1], x->whole[0], x->whole[1], x->bytes,
		    x->frames);
		json_put_string(out, str_of(x->name));
		fputs("}\n", out);
	}
	bool bad = ferror(out) != 0;
	if (fclose(out) != 0 || bad)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return 0;
}

static int cmp_digest(const uint64_t a[2], const uint64_t b[2])
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return a[1] < b[1] ? -1 : a[1] > b[1];
}

static int by_prefix(const void *a, const void *b, void *ctx)
{
	const struct input_entry *v = ctx;
	return cmp_digest(v[*(const size_t *)a].prefix, v[*(const size_t *)b].prefix);
}

static int by_whole(const void *a, const void *b, void *ctx)
{
	const struct input_entry *v = ctx;
	return cmp_digest(v[*(const size_t *)a].whole, v[*(const size_t *)b].whole);
}

int inputs_index(struct inputs *in, struct error *e)
{
	size_t *prefix = calloc(in->n + 1, sizeof(*prefix));
	size_t *whole = calloc(in->n + 1, sizeof(*whole));
	if (prefix == NULL || whole == NULL) {
		free(prefix);
		free(whole);
		return error_set(e, ERR_SYSTEM, "no memory for the list of inputs");
	}
	for (size_t i = 0; i < in->n; i++)
		prefix[i] = whole[i] = i;
	if (in->n > 0) {
		qsort_r(prefix, in->n, sizeof(*prefix), by_prefix, in->v);
		qsort_r(whole, in->n, sizeof(*whole), by_whole, in->v);
	}
	free(in->by_prefix);
	free(in->by_whole);
	in->by_prefix = prefix;
	in->by_whole = whole;
	in->indexed = in->n;
	return 0;
}

/* Whether the index, sorted by the digest at
 * offset in an entry, has one with this digest. */
static bool find(
    const struct inputs *in, const size_t *index, size_t offset, const uint64_t digest[2])
{
	size_t low = 0, high = in->indexed;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *entry = (const char *)&in->v[index[middle]];
		int c =
		    cmp_digest((const uint64_t *)(const void *)(entry + offset), digest);
		if (c == 0)
			return true;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool inputs_have_prefix(const struct inputs *in, const uint64_t prefix[static 2])
{
	return find(in, in->by_prefix, offsetof(struct input_entry, prefix), prefix);
}

bool inputs_have_whole(const struct inputs *in, const uint64_t whole[static 2])
{
	return find(in, in->by_whole, offsetof(struct input_entry, whole), whole);
}

void inputs_free(struct inputs *in)
{
	inputs_cut(in, 0);
	for (size_t i = 0; i < in->file_count; i++)
		free(in->files[i]);
	free(in->files);
	free(in->v);
	free(in->by_prefix);
	free(in->by_whole);
	*in = (struct inputs){0};
}
