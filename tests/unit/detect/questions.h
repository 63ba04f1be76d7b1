/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the detectors of DNS share: questions, and names of every kind. */
#ifndef DWELL_TEST_DETECT_QUESTIONS_H
#define DWELL_TEST_DETECT_QUESTIONS_H

#include "world.h"

#define CLIENT   "10.0.0.5"
#define RESOLVER "10.0.0.53"

struct asked {
	const char *client, *server, *name, *type, *rcode;
	const char *answer[4]; /* NULL ends them */
	int64_t ttl;
};

static inline void ask(struct memory *w, const struct asked *q, double t)
{
	struct dns_record r;
	struct str answers[4];
	int64_t ttls[4];
	size_t n = 0;
	record_clear(RECORD_DNS, &r);
	for (; n < 4 && q->answer[n] != NULL; n++) {
		answers[n] = str_of(q->answer[n]);
		ttls[n] = q->ttl;
	}
	r.ts = moment_from_us((int64_t)(t * 1e6));
	assert_true(addr_parse(q->client, &r.src_ip) && addr_parse(q->server, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 53;
	r.proto = STR("udp");
	r.kind = STR("dns");
	r.query = str_of(q->name);
	r.qtype = str_of(q->type);
	r.rcode = str_of(q->rcode);
	r.answers.v = answers;
	r.answers.n = n;
	r.ttls.v = ttls;
	r.ttls.n = n;
	r.query_bytes = 18 + strlen(q->name);
	r.answer_bytes = r.query_bytes + 16 * n;
	r.sensor = STR("test");
	r.source = STR("test");
	record_put(&w->sink, RECORD_DNS, &r);
}

/* A text of n digits of base 32, as tunnels write. */
static inline const char *random_digits(struct memory *w, char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] =
		    "abcdefghijklmnopqrstuvwxyz234567"[(int)(random_unit(&w->seed) * 32)];
	out[n] = '\0';
	return out;
}

/* A word that could be one: consonants and vowels in turn. */
static inline const char *word(struct memory *w, char *out, size_t pairs)
{
	for (size_t i = 0; i < pairs; i++) {
		out[2 * i] = "bdfghklmnprst"[(int)(random_unit(&w->seed) * 13)];
		out[2 * i + 1] = "aeiou"[(int)(random_unit(&w->seed) * 5)];
	}
	out[2 * pairs] = '\0';
	return out;
}

/* Some hundred names that exist and that people ask for, over the days. */
static inline void ordinary(struct memory *w, unsigned hosts, unsigned names)
{
	for (unsigned i = 0; i < names; i++) {
		char label[16], name[64], client[16], address[24];
		word(w, label, 3 + i % 3);
		snprintf(name, sizeof(name), "www.%s.com", label);
		snprintf(client, sizeof(client), "10.0.1.%u", 1 + i % hosts);
		snprintf(address, sizeof(address), "198.51.100.%u", 1 + i % 250);
		ask(w,
		    &(struct asked){
			client, RESOLVER, name, "A", "NOERROR", {address}, 3600},
		    BEGIN + i * 600);
	}
}

#endif
