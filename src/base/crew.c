/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct hand {
	struct crew *crew;
	pthread_t thread;
	unsigned worker;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t more; /* a job waits, or the end has come */
	pthread_cond_t less; /* a job is done */
	struct crew_job waiting[CREW_QUEUE_MAX];
	size_t first, n; /* of those that wait */
	size_t busy;     /* in work */
	bool ends;
	unsigned workers;
	struct hand hands[CREW_MAX]; /* from 1 on */
};

/* Do the job that waits longest; the lock is held before and after. */
static void take(struct crew *c, unsigned worker)
{
	struct crew_job job = c->waiting[c->first];
	c->first = (c->first + 1) % CREW_QUEUE_MAX;
	c->n--;
	c->busy++;
	pthread_mutex_unlock(&c->lock);
	job.run(job.ctx, worker);
	pthread_mutex_lock(&c->lock);
	c->busy--;
	pthread_cond_broadcast(&c->less);
}

static void *work(void *ctx)
{
	struct hand *h = ctx;
	struct crew *c = h->crew;
	pthread_mutex_lock(&c->lock);
	while (c->n > 0 || !c->ends) {
		if (c->n > 0)
			take(c, h->worker);
		else
			pthread_cond_wait(&c->more, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct crew *crew_new(unsigned workers)
{
	struct crew *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->more, NULL);
	pthread_cond_init(&c->less, NULL);
	c->workers = 1;
	for (; c->workers < workers && c->workers < CREW_MAX; c->workers++) {
		struct hand *h = &c->hands[c->workers];
		*h = (struct hand){.crew = c, .worker = c->workers};
		if (pthread_create(&h->thread, NULL, work, h) != 0)
			break;
	}
	return c;
}

unsigned crew_workers(const struct crew *c)
{
	return c != NULL ? c->workers : 1;
}

void crew_put(struct crew *c, struct crew_job job)
{
	if (crew_workers(c) == 1) {
		job.run(job.ctx, 0);
		return;
	}
	pthread_mutex_lock(&c->lock);
	if (c->n == CREW_QUEUE_MAX)
		take(c, 0);
	c->waiting[(c->first + c->n++) % CREW_QUEUE_MAX] = job;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

void crew_wait(struct crew *c, size_t most)
{
	if (crew_workers(c) == 1)
		return;
	pthread_mutex_lock(&c->lock);
	while (c->n + c->busy > most) {
		if (c->n > 0)
			take(c, 0);
		else
			pthread_cond_wait(&c->less, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
}

void crew_each(struct crew *c, void (*run)(void *ctx, unsigned worker), void *v,
    size_t size, size_t n)
{
	for (size_t i = 0; i < n; i++)
		crew_put(c, (struct crew_job){run, (char *)v + i * size});
	crew_wait(c, 0);
}

void crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	crew_wait(c, 0);
	pthread_mutex_lock(&c->lock);
	c->ends = true;
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 1; i < c->workers; i++)
		pthread_join(c->hands[i].thread, NULL);
	pthread_cond_destroy(&c->less);
	pthread_cond_destroy(&c->more);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
