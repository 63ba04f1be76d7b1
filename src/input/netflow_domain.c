/* SPDX-License-Identifier: Apache-2.0 */
#include "input/netflow_domain.h"

#include <stdlib.h>
#include <string.h>

#define SET_TEMPLATES 2
#define SET_OPTIONS   3

/* The name without its digits, so that rotated files have one. */
static uint64_t file_hash(const struct netflow *n, const char *name)
{
	char stem[NETFLOW_NAME_MAX];
	size_t k = 0;
	if (name == NULL)
		return 0;
	for (; *name != '\0' && k < sizeof(stem); name++) {
		if (*name < '0' || *name > '9')
			stem[k++] = *name;
	}
	return hash_bytes(&n->key, stem, k) | 1;
}

static struct netflow_domain *domain_new(
    struct netflow *n, const struct domain_key *key, const char *name)
{
	if (n->domain_count >= NETFLOW_DOMAINS_MAX)
		return NULL;
	struct netflow_domain *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->key = *key;
	d->number = n->domain_count++;
	d->boot = MOMENT_NONE;
	d->held_end = &d->held;
	d->older = n->newest;
	n->newest = d;
	if (name != NULL) {
		size_t k = strnlen(name, sizeof(d->name) - 1);
		memcpy(d->name, name, k);
	}
	return d;
}

static struct netflow_domain *find(
    struct netflow *n, const struct netflow_origin *origin, uint8_t version, uint32_t id)
{
	struct domain_key key;
	memset(&key, 0, sizeof(key));
	key.exporter = origin->exporter;
	key.file = file_hash(n, origin->name);
	key.id = id;
	key.version = version;
	if (n->last != NULL && memcmp(&n->last->key, &key, sizeof(key)) == 0)
		return n->last;
	uint64_t h = hash_bytes(&n->key, &key, sizeof(key)) & (DOMAIN_CHAINS - 1);
	for (struct netflow_domain *d = n->domains[h]; d != NULL; d = d->chain) {
		if (memcmp(&d->key, &key, sizeof(key)) == 0)
			return n->last = d;
	}
	struct netflow_domain *d = domain_new(n, &key, origin->name);
	if (d == NULL)
		return NULL;
	d->chain = n->domains[h];
	n->domains[h] = d;
	return n->last = d;
}

struct netflow_domain *domain_find(
    struct netflow *n, const struct netflow_origin *origin, uint8_t version, uint32_t id)
{
	struct netflow_domain *d = find(n, origin, version, id);
	if (d != NULL && origin->name != NULL && d->source != origin->source)
		d->counting = false;
	if (d != NULL)
		d->source = origin->source;
	return d;
}

void domain_count(struct netflow *n, struct netflow_domain *d, uint32_t sequence,
    uint32_t units, struct moment seen)
{
	uint32_t gap = sequence - d->next;
	if (d->counting && gap > 0 && gap <= NETFLOW_GAP_MAX) {
		n->counters.lost += gap;
		n->sink.lost(n->sink.ctx, (uint8_t)d->key.version, seen, gap);
	}
	/* One that was overtaken on its way: those after it were not lost. */
	if (d->counting && -gap > 0 && -gap <= 64)
		return;
	d->next = sequence + units;
	d->counting = true;
}

static void free_templates(struct netflow *n, struct netflow_domain *d, int options)
{
	for (size_t i = 0; i < TEMPLATE_CHAINS; i++) {
		struct netflow_template **at = &d->templates[i];
		while (*at != NULL) {
			struct netflow_template *t = *at;
			if (options >= 0 && t->options != (options == 1)) {
				at = &t->next;
				continue;
			}
			*at = t->next;
			free(t);
			n->template_count--;
		}
	}
}

void domain_restart(struct netflow *n, struct netflow_domain *d)
{
	n->counters.restarts++;
	free_templates(n, d, -1);
	d->counting = false;
	d->interval = 0;
	d->samplers = 0;
	d->boot = MOMENT_NONE;
}

static struct netflow_template **chain_of(struct netflow_domain *d, uint16_t id)
{
	return &d->templates[id & (TEMPLATE_CHAINS - 1)];
}

const struct netflow_template *domain_template(
    const struct netflow_domain *d, uint16_t id)
{
	const struct netflow_template *t = d->templates[id & (TEMPLATE_CHAINS - 1)];
	while (t != NULL && t->id != id)
		t = t->next;
	return t;
}

static void forget_one(struct netflow *n, struct netflow_domain *d, uint16_t id)
{
	for (struct netflow_template **at = chain_of(d, id); *at != NULL;
	     at = &(*at)->next) {
		struct netflow_template *t = *at;
		if (t->id != id)
			continue;
		*at = t->next;
		free(t);
		n->template_count--;
		return;
	}
}

void domain_forget(struct netflow *n, struct netflow_domain *d, uint16_t id)
{
	n->counters.withdrawn++;
	if (id == SET_TEMPLATES || id == SET_OPTIONS)
		free_templates(n, d, id == SET_OPTIONS);
	else
		forget_one(n, d, id);
}

/* Read what waited for a template that has come. */
static void read_held(
    struct netflow *n, struct netflow_domain *d, const struct netflow_template *t)
{
	struct netflow_held **at = &d->held;
	while (*at != NULL) {
		struct netflow_held *h = *at;
		if (h->id != t->id) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		struct netflow_set set = {d, h->when, (uint8_t)d->key.version, h->source,
		    h->offset, bytes_over(h->bytes, h->n)};
		ipfix_records(n, &set, t);
		d->held_sets--;
		n->held_bytes -= sizeof(*h) + h->n;
		free(h);
	}
	d->held_end = at;
}

bool domain_learn(struct netflow *n, struct netflow_domain *d, struct netflow_template *t)
{
	const struct netflow_template *known = domain_template(d, t->id);
	if (known != NULL && netflow_template_equal(known, t)) {
		free(t);
		return true;
	}
	forget_one(n, d, t->id);
	if (n->template_count >= NETFLOW_TEMPLATES_MAX) {
		free(t);
		return false;
	}
	struct netflow_template **at = chain_of(d, t->id);
	t->next = *at;
	*at = t;
	n->template_count++;
	n->counters.templates++;
	if (d->held != NULL)
		read_held(n, d, t);
	return true;
}

bool domain_hold(struct netflow *n, const struct netflow_set *set, uint16_t id)
{
	struct netflow_domain *d = set->domain;
	size_t size = sizeof(struct netflow_held) + set->bytes.left;
	if (d->held_sets >= NETFLOW_HELD_SETS_MAX ||
	    size > NETFLOW_HELD_BYTES_MAX - n->held_bytes)
		return false;
	struct netflow_held *h = malloc(size);
	if (h == NULL)
		return false;
	*h = (struct netflow_held){
	    NULL, set->when, set->source, set->offset, id, set->bytes.left};
	if (h->n > 0)
		memcpy(h->bytes, set->bytes.pos, h->n);
	*d->held_end = h;
	d->held_end = &h->next;
	d->held_sets++;
	n->held_bytes += size;
	n->counters.held++;
	return true;
}

static void set_sampler(struct netflow_domain *d, uint64_t id, uint64_t interval)
{
	size_t i = 0;
	while (i < d->samplers && d->sampler[i].id != id)
		i++;
	if (i == NETFLOW_SAMPLERS_MAX)
		return;
	d->sampler[i].id = id;
	d->sampler[i].interval = interval;
	if (i == d->samplers)
		d->samplers++;
}

void domain_options(struct netflow_domain *d, const struct netflow_fields *f)
{
	uint64_t interval = netflow_fields_interval(f);
	if (interval > 0 && interval <= NETFLOW_INTERVAL_MAX) {
		if (netflow_has(f, NETFLOW_SAMPLER))
			set_sampler(d, f->number[NETFLOW_SAMPLER], interval);
		else
			d->interval = interval;
	}
	if (netflow_has(f, NETFLOW_BOOT_MS)) {
		uint64_t ms = f->number[NETFLOW_BOOT_MS];
		d->boot =
		    moment_from((int64_t)(ms / 1000), (int64_t)(ms % 1000) * NS_PER_MS);
	}
}

uint64_t domain_interval(const struct netflow_domain *d, const struct netflow_fields *f)
{
	uint64_t own = netflow_fields_interval(f);
	if (own > 0 && own <= NETFLOW_INTERVAL_MAX)
		return own;
	if (netflow_has(f, NETFLOW_SAMPLER)) {
		for (size_t i = 0; i < d->samplers; i++) {
			if (d->sampler[i].id == f->number[NETFLOW_SAMPLER])
				return d->sampler[i].interval;
		}
	}
	if (d->interval > 0)
		return d->interval;
	return d->samplers == 1 && !netflow_has(f, NETFLOW_SAMPLER)
		   ? d->sampler[0].interval
		   : 1;
}

void domain_free_all(struct netflow *n)
{
	while (n->newest != NULL) {
		struct netflow_domain *d = n->newest;
		n->newest = d->older;
		free_templates(n, d, -1);
		while (d->held != NULL) {
			struct netflow_held *h = d->held;
			d->held = h->next;
			free(h);
		}
		free(d);
	}
}
