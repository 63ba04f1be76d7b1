/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/mq.h"

#include <stdlib.h>
#include <string.h>

#include "proto/shared/owned.h"

void mq_keep(struct parse *x, struct mq *mq, char **slot, struct str text)
{
	if (text.p != NULL) {
		text = str_cut(text, MQ_TEXT_MAX);
		text = str_clean(x->scratch, text.p, text.n);
	}
	owned_put(&mq->held, slot, text);
}

void mq_topic(struct parse *x, struct mq *mq, struct mq_message *m, struct str topic)
{
	if (m->topics == MQ_TOPICS_MAX) {
		x->counters->over_limit++;
		return;
	}
	mq_keep(x, mq, &m->topic[m->topics], topic);
	m->topics += m->topic[m->topics] != NULL;
}

void mq_qos(struct mq_message *m, int64_t qos)
{
	if (m->qos_n < MQ_TOPICS_MAX)
		m->qos[m->qos_n++] = qos;
}

void mq_code(struct mq_message *m, int64_t code)
{
	if (m->codes_n < MQ_TOPICS_MAX)
		m->codes[m->codes_n++] = code;
}

struct mq_message *mq_add(struct parse *x, struct mq *mq, const char *command, int side)
{
	if (mq->n == MQ_WAITING_MAX) {
		x->counters->over_limit++;
		mq_done(x, mq, mq->waiting[0]);
	}
	struct mq_message *m = malloc(sizeof(*m));
	if (m == NULL)
		return NULL;
	*m = (struct mq_message){.ts = x->ts,
	    .source = x->source,
	    .offset = x->offset,
	    .command = command,
	    .side = side,
	    .id = -1,
	    .retain = -1,
	    .dup = -1,
	    .complete = -1};
	mq->held += sizeof(*m);
	mq->waiting[mq->n++] = m;
	return m;
}

struct mq_message *mq_find(const struct mq *mq, int kind, int side, int64_t id)
{
	for (size_t i = 0; i < mq->n; i++) {
		struct mq_message *m = mq->waiting[i];
		if (m->kind == kind && m->side == side && m->id == id)
			return m;
	}
	return NULL;
}

static void emit(struct parse *x, const struct mq *mq, const struct mq_message *m)
{
	struct mq_record r;
	struct str topics[MQ_TOPICS_MAX];
	record_clear(RECORD_MQ, &r);
	parse_endpoints(x, &r);
	for (size_t i = 0; i < m->topics; i++)
		topics[i] = str_of(m->topic[i]);
	r.ts = m->ts;
	r.protocol = str_of(mq->protocol);
	r.command = str_of(m->command);
	r.from_src = m->side == 0;
	r.version = str_of(m->version);
	r.client_id = str_of(m->client_id);
	r.id = m->id;
	r.topics = (struct str_list){topics, m->topics};
	r.object = str_of(m->object);
	r.qos = (struct int_list){m->qos, m->qos_n};
	r.codes = (struct int_list){m->codes, m->codes_n};
	r.retain = m->retain;
	r.dup = m->dup;
	r.complete = m->complete;
	r.status = str_of(m->status);
	r.will_topic = str_of(m->will_topic);
	r.payload_bytes = m->payload_bytes;
	parse_source_of(x, &r, m);
	parse_emit(x, RECORD_MQ, &r);
	x->counters->understood++;
}

void mq_done(struct parse *x, struct mq *mq, struct mq_message *m)
{
	size_t at = 0;
	emit(x, mq, m);
	while (at < mq->n && mq->waiting[at] != m)
		at++;
	mq->n--;
	memmove(&mq->waiting[at], &mq->waiting[at + 1],
	    (mq->n - at) * sizeof(mq->waiting[0]));
	owned_put(&mq->held, &m->client_id, (struct str){0});
	owned_put(&mq->held, &m->object, (struct str){0});
	owned_put(&mq->held, &m->status, (struct str){0});
	owned_put(&mq->held, &m->will_topic, (struct str){0});
	for (size_t i = 0; i < m->topics; i++)
		owned_put(&mq->held, &m->topic[i], (struct str){0});
	mq->held -= sizeof(*m);
	free(m);
}

void mq_flush(struct parse *x, struct mq *mq)
{
	while (mq->n > 0)
		mq_done(x, mq, mq->waiting[0]);
}
