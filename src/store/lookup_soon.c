/* SPDX-License-Identifier: Apache-2.0 */
/* While the engine starts and says what was watched, the disk has time to fetch what
 * every question begins with: the ends of all runs whose keys are listed. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/lookup.h"
#include "store/memory.h"
#include "sys/path.h"

struct lookup_soon {
	pthread_t thread;
	bool runs;    /* the thread has to be joined */
	char **paths; /* owned */
	size_t n;
};

static void *fetch(void *ctx)
{
	const struct lookup_soon *s = ctx;
	for (size_t i = 0; i < s->n; i++)
		keys_soon(s->paths[i]);
	return NULL;
}

/* Copy the paths of a set; without memory, some. */
static void add_set(struct lookup_soon *s, struct store *store, enum run_set set)
{
	struct error none;
	if (!keys_are_listed(set) || memory_list_runs(store, set, &none) < 0)
		return;
	const struct catalog_table *t = catalog_runs(&store->catalog, set);
	char **paths = realloc(s->paths, (s->n + t->n + 1) * sizeof(*paths));
	if (paths == NULL)
		return;
	s->paths = paths;
	for (size_t i = 0; i < t->n; i++) {
		char path[PATH_MAX];
		if (path_make(path, &none, "%s/%s", store->path, t->paths[i]) < 0)
			continue;
		paths[s->n] = strdup(path);
		s->n += paths[s->n] != NULL;
	}
}

struct lookup_soon *lookup_soon(struct store *store)
{
	struct lookup_soon *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	for (int set = 0; set < RUN_SETS; set++) {
		if (set != RUNS_WATCH_HOUR)
			add_set(s, store, (enum run_set)set);
	}
	s->runs = pthread_create(&s->thread, NULL, fetch, s) == 0;
	return s;
}

void lookup_soon_end(struct lookup_soon *s)
{
	if (s == NULL)
		return;
	if (s->runs)
		pthread_join(s->thread, NULL);
	for (size_t i = 0; i < s->n; i++)
		free(s->paths[i]);
	free(s->paths);
	free(s);
}
