/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/queue.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/path.h"

/* ---- what was told ---- */

static int read_told(struct queue *q, struct error *e)
{
	char path[PATH_MAX];
	size_t n;
	if (path_make(path, e, "%s/told", q->folder) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	char *text = file_read(path, QUEUE_TOLD_BYTES, &n, e);
	if (text == NULL)
		return -1;
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
		words_put(&q->told, (struct str){line, (size_t)(end - line)});
	free(text);
	return 0;
}

static int count_waiting(struct queue *q, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/wait", q->folder) < 0)
		return -1;
	DIR *d = opendir(path);
	if (d == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	const struct dirent *entry;
	while ((entry = readdir(d)) != NULL)
		q->waiting += entry->d_name[0] != '.';
	closedir(d);
	return 0;
}

int queue_open(struct queue *q, const char *root, const struct target *t, struct error *e)
{
	char wait[PATH_MAX];
	const struct hash_key key = hash_key_random();
	*q = (struct queue){0};
	words_init(&q->told, &key);
	if (path_make(q->folder, e, "%s/%s", root, t->key) < 0 ||
	    path_make(wait, e, "%s/wait", q->folder) < 0 ||
	    file_make_folders(wait, e) < 0 || read_told(q, e) < 0 ||
	    count_waiting(q, e) < 0) {
		queue_close(q);
		return error_add(e, "the queue of %.200s", t->shown);
	}
	return 0;
}

static bool is_id(const char *id)
{
	size_t n = strlen(id);
	return n > 0 && n <= QUEUE_ID_MAX &&
	       strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			  "0123456789-") == n;
}

int queue_put(struct queue *q, const char *id, struct str message, struct error *e)
{
	char path[PATH_MAX];
	if (!is_id(id))
		return error_set(e, ERR_USAGE, "no id of a message: %.100s", id);
	uint32_t before = q->told.n;
	if (q->waiting >= QUEUE_WAITING_MAX || message.n > QUEUE_MESSAGE_MAX) {
		q->dropped++;
		return 0;
	}
	uint32_t number = words_put(&q->told, str_of(id));
	if (number == WORDS_FULL)
		return error_set(e, ERR_LIMIT, "too many messages at once");
	if (q->told.n == before)
		return 0; /* was told */
	if (path_make(path, e, "%s/wait/%s", q->folder, id) < 0 ||
	    file_replace(path, message.p, message.n, e) < 0)
		return -1;
	q->waiting++;
	q->added++;
	return 0;
}

int queue_flush(struct queue *q, struct error *e)
{
	char path[PATH_MAX], *text = NULL;
	size_t bytes = 0;
	if (q->added == 0)
		return 0;
	FILE *out = open_memstream(&text, &bytes);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for a queue");
	uint32_t n = q->told.n;
	for (uint32_t i = n > QUEUE_TOLD_MAX ? n - QUEUE_TOLD_MAX + 1 : 1; i <= n; i++)
		fprintf(out, "%.*s\n", STR_ARG(words_text(&q->told, i)));
	int result = -1;
	if (fclose(out) != 0)
		error_set(e, ERR_SYSTEM, "no memory for a queue");
	else if (path_make(path, e, "%s/told", q->folder) == 0)
		result = file_replace(path, text, bytes, e);
	free(text);
	return result;
}

void queue_close(struct queue *q)
{
	words_reset(&q->told);
	*q = (struct queue){0};
}

/* ---- taking ---- */

static int is_message(const struct dirent *entry)
{
	return is_id(entry->d_name);
}

int queue_list(
    const char *root, const struct target *t, struct queue_batch *b, struct error *e)
{
	char folder[PATH_MAX];
	struct dirent **v = NULL;
	*b = (struct queue_batch){0};
	if (path_make(folder, e, "%s/%s/wait", root, t->key) < 0)
		return -1;
	int n = scandir(folder, &v, is_message, alphasort);
	if (n < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
	b->waiting = (size_t)n;
	for (int i = 0; i < n; i++) {
		if (b->n < QUEUE_BATCH_MAX)
			snprintf(b->ids[b->n++], QUEUE_ID_MAX + 1, "%.*s", QUEUE_ID_MAX,
			    v[i]->d_name);
		free(v[i]);
	}
	free(v);
	return 0;
}

char *queue_read(
    const char *root, const struct target *t, const char *id, size_t *n, struct error *e)
{
	char path[PATH_MAX];
	*n = 0;
	if (path_make(path, e, "%s/%s/wait/%s", root, t->key, id) < 0)
		return NULL;
	return file_read(path, QUEUE_MESSAGE_MAX, n, e);
}

int queue_remove(
    const char *root, const struct target *t, const char *id, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/%s/wait/%s", root, t->key, id) < 0)
		return -1;
	if (unlink(path) != 0 && errno != ENOENT)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return 0;
}
