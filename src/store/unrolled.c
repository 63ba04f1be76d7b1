/* SPDX-License-Identifier: Apache-2.0 */
#include "store/unrolled.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sys/file.h"
#include "sys/path.h"

#define NOTE_BYTES_MAX (256U << 20)
#define PATHS_MAX      4000000 /* of one table */

int path_list_add(struct path_list *l, const char *path, struct error *e)
{
	if (l->n == PATHS_MAX)
		return error_set(e, ERR_LIMIT, "more than %d segments", PATHS_MAX);
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 16 : l->room * 2;
		char **paths = realloc(l->paths, room * sizeof(*paths));
		if (paths == NULL)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of segments");
		l->paths = paths;
		l->room = room;
	}
	l->paths[l->n] = strdup(path);
	if (l->paths[l->n] == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of segments");
	l->n++;
	return 0;
}

void path_list_free(struct path_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->paths[i]);
	free(l->paths);
	*l = (struct path_list){0};
}

/* Whether a note of format 1 knows the table. */
static bool first_counted(enum record_type type)
{
	return type == RECORD_CONN || type == RECORD_DNS || type == RECORD_TLS ||
	       type == RECORD_CERT || type == RECORD_HTTP || type == RECORD_SSH ||
	       type == RECORD_FILE || type == RECORD_WATCH;
}

bool unrolled_counts(enum record_type type)
{
	return first_counted(type) || type == RECORD_DHCP || type == RECORD_NTLM ||
	       type == RECORD_KERBEROS || type == RECORD_SMB || type == RECORD_RADIUS ||
	       type == RECORD_RDP || type == RECORD_RPC || type == RECORD_OT;
}

/* The table that a path is in; RECORD_TYPES: none that counts. */
static int type_of(const char *path)
{
	for (int t = 0; t < RECORD_TYPES; t++) {
		const char *table = record_info((enum record_type)t)->table;
		size_t n = strlen(table);
		if (unrolled_counts((enum record_type)t) &&
		    strncmp(path, table, n) == 0 && path[n] == '/')
			return t;
	}
	return RECORD_TYPES;
}

/* A memory may come from elsewhere: paths must stay in it. */
static int add_path(struct unrolled *u, const char *path, struct error *e)
{
	int type = path != NULL ? type_of(path) : RECORD_TYPES;
	if (type == RECORD_TYPES || strstr(path, "..") != NULL)
		return error_set(e, ERR_MEMORY, "a path in it is damaged");
	return path_list_add(&u->of[type], path, e);
}

/* Which tables the note knows. Names of other tables may be a later dwell's. */
static void know_tables(struct unrolled *u, const json_t *tables)
{
	for (int t = 0; t < RECORD_TYPES; t++)
		u->knows[t] = tables == NULL && first_counted((enum record_type)t);
	for (size_t i = 0; i < json_array_size(tables); i++) {
		const char *name = json_string_value(json_array_get(tables, i));
		for (int t = 0; name != NULL && t < RECORD_TYPES; t++)
			u->knows[t] |=
			    strcmp(name, record_info((enum record_type)t)->table) == 0;
	}
}

static int from_json(struct unrolled *u, const json_t *root, struct error *e)
{
	json_int_t seq = json_integer_value(json_object_get(root, "seq"));
	const json_t *paths = json_object_get(root, "unrolled");
	if (seq < 1 || seq > (json_int_t)SEGMENT_SEQ_MAX || !json_is_array(paths))
		return error_set(e, ERR_MEMORY, "it is damaged");
	u->seq = (uint32_t)seq;
	know_tables(u, json_object_get(root, "tables"));
	for (size_t i = 0; i < json_array_size(paths); i++) {
		if (add_path(u, json_string_value(json_array_get(paths, i)), e) < 0)
			return -1;
	}
	return 0;
}

int unrolled_load(struct unrolled *u, const char *root, struct error *e)
{
	char path[PATH_MAX];
	*u = (struct unrolled){.loaded = true};
	if (path_make(path, e, "%s/" UNROLLED_NOTE, root) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	size_t n;
	char *text = file_read(path, NOTE_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	json_t *json = json_loadb(text, n, 0, NULL);
	free(text);
	int status = json != NULL ? from_json(u, json, e)
				  : error_set(e, ERR_MEMORY, "it is damaged");
	json_decref(json);
	return status < 0 ? error_add(e, "%s", path) : 0;
}

static bool lists(char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], path) == 0)
			return true;
	}
	return false;
}

/* Whether the roll-ups will not count what move i brings: new rows, or such that they did
 * not count before. */
static bool is_uncounted(
    const struct unrolled *u, const struct journal_plan *plan, size_t i)
{
	enum record_type type = type_of(plan->to[i]);
	if (type == RECORD_TYPES)
		return false;
	return plan->replaces[i] == NULL ||
	       lists(u->of[type].paths, u->of[type].n, plan->replaces[i]);
}

int unrolled_note(const struct unrolled *u, const char *root, struct journal_plan *plan,
    uint32_t seq, struct error *e)
{
	char path[PATH_MAX];
	json_t *paths = json_array(), *tables = json_array();
	for (int t = 0; t < RECORD_TYPES; t++) {
		if (unrolled_counts((enum record_type)t))
			json_array_append_new(
			    tables, json_string(record_info((enum record_type)t)->table));
		for (size_t i = 0; i < u->of[t].n; i++) {
			if (!lists(plan->removes, plan->removed, u->of[t].paths[i]))
				json_array_append_new(
				    paths, json_string(u->of[t].paths[i]));
		}
	}
	for (size_t i = 0; i < plan->moves; i++) {
		if (is_uncounted(u, plan, i))
			json_array_append_new(paths, json_string(plan->to[i]));
	}
	json_t *note = json_pack(
	    "{s:I,s:o,s:o}", "seq", (json_int_t)seq, "tables", tables, "unrolled", paths);
	int status = path_make(path, e, "%s/journal/tx-%08u/rolled", root, plan->seq);
	if (status == 0 &&
	    (note == NULL || json_dump_file(note, path, JSON_COMPACT) != 0))
		status = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	json_decref(note);
	return status < 0 ? -1 : journal_move(plan, "rolled", UNROLLED_NOTE, e);
}

void unrolled_free(struct unrolled *u)
{
	for (int t = 0; t < RECORD_TYPES; t++)
		path_list_free(&u->of[t]);
	*u = (struct unrolled){0};
}
