/* SPDX-License-Identifier: Apache-2.0 */
/* What a parser may call while it reads (parser.h): it gives records, words of the
 * service and notes, hands a flow over, and announces others. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/dispatch/analysis.h"
#include "proto/dispatch/parsers.h"
#include "record/anomaly.h"

void parse_emit(struct parse *x, enum record_type type, const void *record)
{
	record_put(&x->proto->sink, type, record);
}

struct str parse_sensor(const struct parse *x)
{
	return str_of(x->proto->options.sensor);
}

struct str parse_source_name(const struct parse *x, uint32_t source)
{
	return source_text(x->proto, source);
}

void parse_confirm(struct parse *x)
{
	struct analysis *a = analysis_of(x->flow);
	parser_set_add(&a->services, a->index);
}

void parse_service(struct parse *x, const char *word)
{
	struct analysis *a = analysis_of(x->flow);
	for (int i = 0; i < SERVICE_WORDS_MAX; i++) {
		if (a->word[i] == NULL)
			a->word[i] = word;
		if (strcmp(a->word[i], word) == 0)
			return;
	}
	x->counters->over_limit++;
}

void parse_hand_over(struct parse *x, const char *name, size_t rest)
{
	struct analysis *a = analysis_of(x->flow);
	a->handing = true;
	a->rest = rest;
	a->next = name != NULL ? parser_index(name) : -1;
}

uint64_t parse_expect(struct parse *x, struct expected *what, uint64_t before)
{
	struct expect *e = x->proto->expect;
	uint64_t evicted = expect_evicted(e);
	what->space = x->flow->space;
	what->since = x->ts;
	uint64_t ticket = expect_put(e, what, before);
	x->counters->over_limit += expect_evicted(e) - evicted;
	return ticket;
}

struct expected *parse_expected(struct parse *x, uint64_t ticket)
{
	return expect_of(x->proto->expect, ticket);
}

uint64_t parse_ticket(const struct parse *x)
{
	return analysis_of(x->flow)->ticket;
}

void parse_note(struct parse *x, enum note note, struct str text)
{
	struct analysis *a = analysis_of(x->flow);
	if (text.p == NULL || text.n == 0 || a->note[note].p != NULL)
		return;
	size_t n = size_min(text.n, NOTE_BYTES_MAX);
	while (n < text.n && n > 0 && ((uint8_t)text.p[n] & 0xc0) == 0x80)
		n--; /* not in the middle of a character */
	char *copy = malloc(n + 1);
	if (copy == NULL)
		return;
	memcpy(copy, text.p, n);
	copy[n] = '\0';
	a->note[note] = (struct str){copy, n};
}

void parse_anomaly(
    struct parse *x, struct moment ts, enum anomaly_kind kind, struct str detail)
{
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	r.ts = ts;
	r.kind = str_of(anomaly_name(kind));
	parse_endpoints(x, &r);
	r.proto = ip_proto_word(x->scratch, x->flow->proto);
	r.detail = detail;
	parse_source(x, &r);
	parse_emit(x, RECORD_ANOMALY, &r);
}

void parse_error(struct parse *x, int side, const char *what)
{
	const struct analysis *a = analysis_of(x->flow);
	parse_anomaly(x, x->ts, ANOMALY_PROTOCOL_ERROR,
	    str_format(
		x->scratch, "protocol=%s side=%d what=%s", a->parser->name, side, what));
}
