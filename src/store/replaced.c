/* SPDX-License-Identifier: Apache-2.0 */
#include "store/replaced.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/keys.h"
#include "sys/path.h"

int replaced_note(struct store *s, struct journal_plan *plan,
    const struct run_files *lists, size_t n, struct error *e)
{
	char path[PATH_MAX];
	const struct catalog_table *before = &s->catalog.merged;
	if (path_make(path, e, "%s/journal/tx-%08u/merged", s->path, plan->seq) < 0)
		return -1;
	FILE *out = fopen(path, "we");
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < before->n; i++)
		fprintf(out, "%s\n", before->paths[i]);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < lists[i].count; k++)
			fprintf(out, "%s\n", lists[i].files[k]);
	}
	bool bad = ferror(out) != 0;
	if (fclose(out) != 0 || bad)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return journal_move(plan, "merged", CATALOG_MERGED, e);
}

/* A folder that has become empty is one more to look into for every reader. */
static void remove_empty_folders(const struct store *s)
{
	const struct catalog_table *merged = &s->catalog.merged;
	for (size_t i = 0; i < merged->n; i++) {
		char path[PATH_MAX];
		if (path_make(path, NULL, "%s/%s", s->path, merged->paths[i]) < 0)
			continue;
		*strrchr(path, '/') = '\0';
		(void)rmdir(path); /* refused where there is anything */
	}
}

int replaced_sweep(struct store *s, struct error *e)
{
	const struct catalog_table *merged = &s->catalog.merged;
	struct journal_plan plan;
	char path[PATH_MAX];
	if (merged->n == 0)
		return 0;
	if (path_make(path, e, "%s/" MEMORY_READERS, s->path) < 0)
		return -1;
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (lock < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	struct flock alone = {.l_type = F_WRLCK};
	if (fcntl(lock, F_OFD_SETLK, &alone) != 0) {
		close(lock);
		return 0;
	}
	int status = journal_begin(&plan, s->path, memory_next_seq(s), e);
	for (size_t i = 0; i < merged->n && status == 0; i++) {
		status = keys_path(merged->paths[i], path, e) < 0
			     ? -1
			     : journal_remove(&plan, path, e);
		if (status == 0)
			status = journal_remove(&plan, merged->paths[i], e);
	}
	if (status == 0)
		status = journal_remove(&plan, CATALOG_MERGED, e);
	if (status == 0)
		status = journal_commit(&plan, s->path, e);
	journal_drop(&plan, s->path);
	if (status == 0)
		remove_empty_folders(s);
	close(lock);
	return status < 0 ? error_add(e, "removing merged files") : memory_reload(s, e);
}
