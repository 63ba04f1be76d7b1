/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/confine.h"

#include <fts.h>
#include <string.h>

#include "base/log.h"
#include "sys/sandbox.h"

/* The fence is about files, not names: what a link leads to must be let in by itself. */
static int allow_links(struct sandbox *s, char *folder, struct error *e)
{
	char *const roots[] = {folder, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	size_t links = 0;
	int result = 0;
	while (tree != NULL && result == 0 && (entry = fts_read(tree)) != NULL) {
		if (entry->fts_info != FTS_SL && entry->fts_info != FTS_SLNONE)
			continue;
		if (links++ < CONFINE_LINKS_MAX)
			result = sandbox_allow(s, entry->fts_path, LANDLOCK_READ, e);
	}
	if (tree != NULL)
		fts_close(tree);
	if (links > CONFINE_LINKS_MAX)
		log_warn("%.200s: %zu links to files are more than the %d that can be "
			 "followed",
		    folder, links, CONFINE_LINKS_MAX);
	return result;
}

static int allow(
    struct sandbox *s, const char *memory, char *const *paths, size_t n, struct error *e)
{
	if (sandbox_allow(s, memory, LANDLOCK_WRITE, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], "-") == 0)
			continue;
		if (sandbox_allow(s, paths[i], LANDLOCK_READ, e) < 0 ||
		    allow_links(s, paths[i], e) < 0)
			return -1;
	}
	return 0;
}

int confine_reading(const char *memory, char *const *paths, size_t n, struct error *e)
{
	struct sandbox s;
	char missing[SANDBOX_MISSING_MAX];
	if (sandbox_open(&s, SANDBOX_WRITER, e) < 0)
		return -1;
	if (allow(&s, memory, paths, n, e) < 0) {
		landlock_close(&s.fence);
		return -1;
	}
	if (sandbox_enter(&s, e) < 0)
		return -1;
	sandbox_missing(&s, missing);
	if (missing[0] != '\0')
		log_note("this kernel gives %s: reading is confined less", missing);
	return 0;
}
