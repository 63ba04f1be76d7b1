/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

int deliveries_init(struct deliveries *d, const char *root, struct error *e)
{
	*d = (struct deliveries){.root = root};
	if (gethostname(d->host, sizeof(d->host) - 1) != 0 || d->host[0] == '\0')
		snprintf(d->host, sizeof(d->host), "localhost");
	return web_load(&d->web, e);
}

static int add_one(struct deliveries *d, const char *url, struct error *e)
{
	if (d->n == DELIVER_TARGETS_MAX)
		return error_set(
		    e, ERR_USAGE, "more than %d targets", DELIVER_TARGETS_MAX);
	struct delivery *v = &d->v[d->n];
	*v = (struct delivery){0};
	if (target_parse(&v->target, &d->web, url, e) < 0) {
		target_fini(&v->target);
		return -1;
	}
	d->n++;
	return 0;
}

static int add_lines(struct deliveries *d, char *text, struct error *e)
{
	int result = 0;
	for (char *line; result == 0 && (line = strsep(&text, "\n")) != NULL;) {
		line[strcspn(line, "\r")] = '\0';
		if (line[0] != '\0' && line[0] != '#')
			result = add_one(d, line, e);
	}
	return result;
}

int deliveries_add(struct deliveries *d, const char *url, struct error *e)
{
	size_t n;
	if (url[0] != '@')
		return add_one(d, url, e);
	char *text = file_read(url + 1, DELIVER_LIST_MAX, &n, e);
	if (text == NULL)
		return -1;
	int result = add_lines(d, text, e);
	free(text);
	return result;
}

static void drop_targets(struct deliveries *d)
{
	for (size_t i = 0; i < d->n; i++) {
		sender_free(d->v[i].sender);
		target_fini(&d->v[i].target);
	}
	d->n = 0;
}

int deliveries_set(struct deliveries *d, const char *list, size_t n, struct error *e)
{
	struct deliveries fresh = {.web = d->web};
	char *text = strndup(list, n);
	int result = text != NULL ? add_lines(&fresh, text, e)
				  : error_set(e, ERR_SYSTEM, "no memory for targets");
	free(text);
	if (result < 0) {
		drop_targets(&fresh);
		return -1;
	}
	drop_targets(d);
	memcpy(d->v, fresh.v, fresh.n * sizeof(d->v[0]));
	d->n = fresh.n;
	return 0;
}

int deliveries_put(struct deliveries *d, const struct delivery_message *v, size_t n,
    size_t *dropped, struct error *e)
{
	*dropped = 0;
	for (size_t t = 0; t < d->n; t++) {
		struct queue q;
		if (queue_open(&q, d->root, &d->v[t].target, e) < 0)
			return -1;
		int result = 0;
		for (size_t i = 0; i < n && result == 0; i++)
			result = queue_put(&q, v[i].id, v[i].text, e);
		if (result == 0)
			result = queue_flush(&q, e);
		*dropped += q.dropped;
		queue_close(&q);
		if (result < 0)
			return -1;
	}
	return 0;
}

int deliveries_open(struct deliveries *d, struct error *e)
{
	for (size_t i = 0; i < d->n; i++) {
		struct delivery *v = &d->v[i];
		v->sender = sender_new(&v->target, &d->web, d->host, e);
		if (v->sender == NULL)
			return -1;
	}
	return 0;
}

/* ---- sending ---- */

/* Send the first n of a batch, as many as go; *done gets those that need no other try. */
static enum send_result put_batch(struct deliveries *d, struct delivery *v,
    const struct queue_batch *b, struct moment now, size_t *done)
{
	for (*done = 0; *done < b->n; ++*done) {
		const char *id = b->ids[*done];
		size_t n;
		char *text = queue_read(d->root, &v->target, id, &n, &v->why);
		if (text == NULL)
			return SEND_LATER;
		enum send_result r = sender_put(v->sender, now, text, n, &v->why);
		free(text);
		if (r == SEND_LATER)
			return r;
		v->refused += r == SEND_REFUSED;
		v->sent += r == SEND_DONE;
		if (!sender_collects(v->sender) &&
		    queue_remove(d->root, &v->target, id, &v->why) < 0)
			return SEND_LATER;
	}
	return SEND_DONE;
}

static enum send_result send_batch(struct deliveries *d, struct delivery *v,
    const struct queue_batch *b, struct moment now)
{
	size_t done;
	uint64_t sent = v->sent;
	struct error why;
	enum send_result result = put_batch(d, v, b, now, &done);
	if (sender_flush(v->sender, now, &why) != SEND_DONE) {
		v->why = why;
		v->sent = sent;
		return SEND_LATER;
	}
	for (size_t i = 0; i < done && sender_collects(v->sender); i++) {
		if (queue_remove(d->root, &v->target, b->ids[i], &v->why) < 0)
			return SEND_LATER;
	}
	return result;
}

static void send_waiting(
    struct deliveries *d, struct delivery *v, struct moment now, int64_t monotonic)
{
	struct queue_batch b;
	enum send_result result = SEND_DONE;
	do {
		if (queue_list(d->root, &v->target, &b, &v->why) < 0)
			result = SEND_LATER;
		else if (b.n > 0)
			result = send_batch(d, v, &b, now);
		v->waiting = result == SEND_DONE ? b.waiting - b.n : b.waiting;
	} while (result == SEND_DONE && v->waiting > 0);
	if (result == SEND_DONE) {
		v->failures = 0;
		return;
	}
	int64_t wait = DELIVER_RETRY_S;
	for (unsigned i = 0; i < v->failures && wait < DELIVER_RETRY_MAX_S; i++)
		wait *= 2;
	wait = wait < DELIVER_RETRY_MAX_S ? wait : DELIVER_RETRY_MAX_S;
	v->failures++;
	v->due = monotonic + wait * NS_PER_S;
}

int64_t deliveries_run(struct deliveries *d, struct moment now, int64_t monotonic)
{
	int64_t next = -1;
	for (size_t i = 0; i < d->n; i++) {
		struct delivery *v = &d->v[i];
		if (v->failures == 0 || v->due <= monotonic)
			send_waiting(d, v, now, monotonic);
		if (v->failures == 0)
			continue;
		int64_t left = v->due > monotonic ? v->due - monotonic : 0;
		if (next < 0 || left < next)
			next = left;
	}
	return next;
}

void deliveries_fini(struct deliveries *d)
{
	drop_targets(d);
	web_unload(&d->web);
}
