/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/path.h"

#define SYNC_EACH_MAX 16 /* files synced one by one; more: the whole file system */

static int add_name(
    char ***names, size_t *n, size_t *room, const char *name, struct error *e)
{
	if (*n == JOURNAL_MOVES_MAX)
		return error_set(e, ERR_LIMIT, "more than %d files in one transaction",
		    JOURNAL_MOVES_MAX);
	if (*n == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		char **grown = realloc(*names, more * sizeof(*grown));
		if (grown == NULL)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of new files");
		*names = grown;
		*room = more;
	}
	(*names)[*n] = strdup(name);
	if ((*names)[*n] == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of new files");
	(*n)++;
	return 0;
}

static int tx_path(
    char out[static PATH_MAX], const char *root, uint32_t seq, struct error *e)
{
	return path_make(out, e, "%s/journal/tx-%08u", root, seq);
}

int journal_begin(struct journal_plan *p, const char *root, uint32_t seq, struct error *e)
{
	char path[PATH_MAX];
	*p = (struct journal_plan){.seq = seq};
	if (tx_path(path, root, seq, e) < 0 || file_remove_tree(path, e) < 0)
		return -1;
	return file_make_folders(path, e);
}

/* Append the names of a move; old is NULL, or what it replaces. */
static int add_move(struct journal_plan *p, const char *from, const char *to,
    const char *old, struct error *e)
{
	if (p->moves == p->moves_room) {
		size_t room = p->moves_room == 0 ? 64 : p->moves_room * 2;
		char **grown = realloc(p->replaces, room * sizeof(*grown));
		if (grown == NULL)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of new files");
		p->replaces = grown;
	}
	char *copy = old != NULL ? strdup(old) : NULL;
	size_t n = p->moves, room = p->moves_room;
	if ((old != NULL && copy == NULL) || add_name(&p->from, &n, &room, from, e) < 0) {
		free(copy);
		return error_set(e, ERR_SYSTEM, "no memory for the list of new files");
	}
	if (add_name(&p->to, &p->moves, &p->moves_room, to, e) < 0) {
		free(p->from[n - 1]);
		free(copy);
		return -1;
	}
	p->replaces[p->moves - 1] = copy;
	return 0;
}

int journal_move(
    struct journal_plan *p, const char *from, const char *to, struct error *e)
{
	return add_move(p, from, to, NULL, e);
}

int journal_replace(struct journal_plan *p, const char *from, const char *to,
    const char *old, struct error *e)
{
	return add_move(p, from, to, old, e) < 0 ? -1 : journal_remove(p, old, e);
}

int journal_succeed(struct journal_plan *p, const char *from, const char *to,
    const char *old, struct error *e)
{
	return add_move(p, from, to, old, e);
}

int journal_remove(struct journal_plan *p, const char *path, struct error *e)
{
	return add_name(&p->removes, &p->removed, &p->removes_room, path, e);
}

void journal_plan_free(struct journal_plan *p)
{
	for (size_t i = 0; i < p->moves; i++) {
		free(p->from[i]);
		free(p->to[i]);
		free(p->replaces[i]);
	}
	for (size_t i = 0; i < p->removed; i++)
		free(p->removes[i]);
	free(p->from);
	free(p->to);
	free(p->replaces);
	free(p->removes);
	*p = (struct journal_plan){0};
}

void journal_drop(struct journal_plan *p, const char *root)
{
	char path[PATH_MAX];
	if (p->seq != 0 && tx_path(path, root, p->seq, NULL) == 0)
		(void)file_remove_tree(path, NULL);
	journal_plan_free(p);
}

/* The folder that holds path. */
static void parent_of(char path[static PATH_MAX])
{
	char *slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
}

/* Make the contents of the tx folder durable: names and bytes. */
static int sync_new_files(const struct journal_plan *p, const char *root, struct error *e)
{
	char folder[PATH_MAX], path[PATH_MAX];
	if (tx_path(folder, root, p->seq, e) < 0)
		return -1;
	if (p->moves > SYNC_EACH_MAX)
		return file_sync_all(folder, e);
	for (size_t i = 0; i < p->moves; i++) {
		if (path_make(path, e, "%s/%s", folder, p->from[i]) < 0 ||
		    file_sync(path, e) < 0)
			return -1;
	}
	return file_sync(folder, e);
}

/* Folders first: they may need space on the disk,
 * which is better found out before the commit. */
static int make_folders(const struct journal_plan *p, const char *root, struct error *e)
{
	char path[PATH_MAX];
	for (size_t i = 0; i < p->moves; i++) {
		if (path_make(path, e, "%s/%s", root, p->to[i]) < 0)
			return -1;
		parent_of(path);
		if (file_make_folders(path, e) < 0)
			return -1;
	}
	return 0;
}

static int move_one(
    const struct journal_plan *p, size_t i, const char *root, struct error *e)
{
	char from[PATH_MAX], to[PATH_MAX];
	if (path_make(from, e, "%s/journal/tx-%08u/%s", root, p->seq, p->from[i]) < 0 ||
	    path_make(to, e, "%s/%s", root, p->to[i]) < 0)
		return -1;
	if (file_exists(from))
		return file_move(from, to, e);
	if (file_exists(to))
		return 0;
	return error_set(
	    e, ERR_MEMORY, "%s is missing: commit %u names it", from, p->seq);
}

/* Name number i of the plan: of what comes, then of what goes. */
static const char *name_of(const struct journal_plan *p, size_t i)
{
	return i < p->moves ? p->to[i] : p->removes[i - p->moves];
}

/* Whether a name before number i lies in the folder as well ("/conn"; "": the root). */
static bool was_synced(const struct journal_plan *p, size_t i, const char *folder)
{
	size_t n = *folder == '/' ? strlen(folder + 1) : 0;
	for (size_t k = 0; k < i; k++) {
		const char *name = name_of(p, k);
		if (n == 0 || (strncmp(name, folder + 1, n) == 0 && name[n] == '/'))
			return true;
	}
	return false;
}

/* Make the new names durable: files in their folders, these in theirs. */
static int sync_names(const struct journal_plan *p, const char *root, struct error *e)
{
	char path[PATH_MAX];
	if (p->moves + p->removed > SYNC_EACH_MAX)
		return file_sync_all(root, e);
	for (size_t i = 0; i < p->moves + p->removed; i++) {
		if (path_make(path, e, "%s/%s", root, name_of(p, i)) < 0)
			return -1;
		while (strlen(path) > strlen(root)) {
			parent_of(path);
			if (!was_synced(p, i, path + strlen(root)) &&
			    file_sync(path, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* Do what the commit says; each step may have been done before. */
static int finish(const struct journal_plan *p, const char *root, struct error *e)
{
	char path[PATH_MAX];
	for (size_t i = 0; i < p->moves; i++) {
		if (move_one(p, i, root, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < p->removed; i++) {
		if (path_make(path, e, "%s/%s", root, p->removes[i]) < 0 ||
		    file_remove_tree(path, e) < 0)
			return -1;
	}
	if (sync_names(p, root, e) < 0 ||
	    path_make(path, e, "%s/journal/commit-%08u.json", root, p->seq) < 0)
		return -1;
	if (unlink(path) != 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return tx_path(path, root, p->seq, e) < 0 ? -1 : file_remove_tree(path, e);
}

static json_t *plan_to_json(const struct journal_plan *p)
{
	json_t *moves = json_array(), *removes = json_array();
	for (size_t i = 0; i < p->moves; i++)
		json_array_append_new(moves, json_pack("[s,s]", p->from[i], p->to[i]));
	for (size_t i = 0; i < p->removed; i++)
		json_array_append_new(removes, json_string(p->removes[i]));
	return json_pack("{s:o,s:o}", "moves", moves, "removes", removes);
}

static int write_commit(const struct journal_plan *p, const char *root, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/journal/commit-%08u.json", root, p->seq) < 0)
		return -1;
	json_t *json = plan_to_json(p);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	int status = text != NULL ? file_replace(path, text, strlen(text), e)
				  : error_set(e, ERR_SYSTEM, "no memory for the commit");
	/* A commit that failed half-way, in its last sync,
	 * must not be found at the next start. */
	if (status < 0)
		(void)unlink(path);
	free(text);
	json_decref(json);
	return status;
}

int journal_commit(struct journal_plan *p, const char *root, struct error *e)
{
	if (make_folders(p, root, e) < 0 || sync_new_files(p, root, e) < 0 ||
	    write_commit(p, root, e) < 0)
		return -1;
	int status = finish(p, root, e);
	if (status < 0)
		error_add(e, "the commit stands, and the next writer finishes it");
	journal_plan_free(p); /* which also keeps journal_drop from the folder */
	return status;
}

/* Whether a path stays in the memory: a memory may come from elsewhere. */
static bool is_inside(const char *path)
{
	return path != NULL && path[0] != '/' && path[0] != '\0' &&
	       strcmp(path, ".") != 0 && strcmp(path, "..") != 0 &&
	       strncmp(path, "../", 3) != 0 && strstr(path, "/../") == NULL &&
	       !path_ends_in(path, "/..");
}

static int plan_from_json(struct journal_plan *p, const json_t *root, struct error *e)
{
	const json_t *moves = json_object_get(root, "moves");
	const json_t *removes = json_object_get(root, "removes");
	for (size_t i = 0; i < json_array_size(moves); i++) {
		const json_t *pair = json_array_get(moves, i);
		const char *from = json_string_value(json_array_get(pair, 0));
		const char *to = json_string_value(json_array_get(pair, 1));
		if (!is_inside(from) || !is_inside(to))
			return error_set(e, ERR_MEMORY, "a move is damaged");
		if (journal_move(p, from, to, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < json_array_size(removes); i++) {
		const char *name = json_string_value(json_array_get(removes, i));
		if (!is_inside(name))
			return error_set(e, ERR_MEMORY, "a removal is damaged");
		if (journal_remove(p, name, e) < 0)
			return -1;
	}
	return 0;
}

/* Finish the commit whose file is at path. */
static int redo(const char *root, const char *path, uint32_t seq, struct error *e)
{
	struct journal_plan p = {.seq = seq};
	size_t n;
	char *text = file_read(path, JOURNAL_COMMIT_MAX, &n, e);
	if (text == NULL)
		return -1;
	json_t *json = json_loadb(text, n, 0, NULL);
	free(text);
	int status = json != NULL ? plan_from_json(&p, json, e)
				  : error_set(e, ERR_MEMORY, "it is damaged");
	json_decref(json);
	if (status == 0)
		status = finish(&p, root, e);
	if (status < 0)
		error_add(e, "finishing %s", path);
	journal_plan_free(&p);
	return status;
}

enum { STEP_COMMITS, STEP_LEFTOVERS };

static uint32_t commit_seq(const char *name)
{
	return strncmp(name, "commit-", 7) == 0 ? path_seq(name, ".json") : 0;
}

/* What nobody needs any more: folders of dead transactions, and the spill folders
 * (temp-PID) of dead processes. */
static bool is_leftover(const char *name)
{
	if (strncmp(name, "tx-", 3) == 0 || path_ends_in(name, ".tmp"))
		return true;
	if (strncmp(name, "temp-", 5) != 0)
		return false;
	long pid = strtol(name + 5, NULL, 10);
	return pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static int recover_entry(const char *root, const char *name, int step, struct error *e)
{
	char path[PATH_MAX];
	uint32_t seq = commit_seq(name);
	if (path_make(path, e, "%s/journal/%s", root, name) < 0)
		return -1;
	if (step == STEP_COMMITS && seq != 0)
		return redo(root, path, seq, e);
	if (step == STEP_LEFTOVERS && is_leftover(name))
		return file_remove_tree(path, e);
	return 0;
}

static DIR *open_journal(const char *root, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/journal", root) < 0)
		return NULL;
	DIR *d = opendir(path);
	if (d == NULL)
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return d;
}

int journal_recover(const char *root, struct error *e)
{
	int status = 0;
	for (int step = STEP_COMMITS; step <= STEP_LEFTOVERS && status == 0; step++) {
		DIR *d = open_journal(root, e);
		if (d == NULL)
			return -1;
		const struct dirent *entry;
		while (status == 0 && (entry = readdir(d)) != NULL)
			status = recover_entry(root, entry->d_name, step, e);
		closedir(d);
	}
	return status;
}

int journal_pending(const char *root, struct error *e)
{
	DIR *d = open_journal(root, e);
	if (d == NULL)
		return -1;
	int found = 0;
	const struct dirent *entry;
	while (found == 0 && (entry = readdir(d)) != NULL)
		found = commit_seq(entry->d_name) != 0;
	closedir(d);
	return found;
}
