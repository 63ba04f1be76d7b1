/* SPDX-License-Identifier: Apache-2.0 */
/* dns.log: a line is a question with its answer. */
#include "input/log_words.h"
#include "input/zeek_join.h"
#include "input/zeek_rows.h"

/* Remember which addresses the client was told for the name that it asked for. */
static void learn(struct zeek_line *l, const struct dns_record *r)
{
	struct log_value element;
	struct addr address;
	size_t at = 0;
	if (r->query.n == 0 ||
	    (!str_equal(r->qtype, STR("A")) && !str_equal(r->qtype, STR("AAAA"))))
		return;
	for (size_t i = 0;
	     i < VALUE_LIST_MAX && cell_next(&l->v[Z_ANSWERS], &at, &element); i++) {
		if (cell_addr(&element, &address))
			zeek_answer_learn(
			    l->group, &r->src_ip, &address, r->query, r->ts);
	}
}

static struct str_list answers(struct zeek_line *l)
{
	struct str_list list = cell_texts(&l->v[Z_ANSWERS], l->f->scratch);
	struct str *v = list.n > 0
			    ? arena_copy(l->f->scratch, list.v, list.n * sizeof(*list.v))
			    : NULL;
	for (size_t i = 0; v != NULL && i < list.n; i++)
		v[i] = log_dns_answer(v[i], l->f->scratch);
	return v != NULL ? (struct str_list){v, list.n} : list;
}

bool zeek_dns_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct dns_record r;
	record_clear(RECORD_DNS, &r);
	if (!cell_addr(&v[Z_SRC], &r.src_ip) || !cell_addr(&v[Z_DST], &r.dst_ip))
		return false;
	r.ts = l->ts;
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.proto = cell_lower(&v[Z_PROTO], a);
	r.kind = log_dns_kind(r.dst_port);
	r.id = cell_int(&v[Z_ID]);
	r.rtt = cell_seconds(&v[Z_RTT]);
	r.query = log_name(cell_lower(&v[Z_QUERY], a));
	r.qclass = log_dns_class(&v[Z_QCLASS_NAME], &v[Z_QCLASS], a);
	r.qtype = log_dns_type(&v[Z_QTYPE_NAME], &v[Z_QTYPE], a);
	r.rcode = log_dns_rcode(&v[Z_RCODE_NAME], &v[Z_RCODE], a);
	r.aa = cell_flag(&v[Z_AA]);
	r.tc = cell_flag(&v[Z_TC]);
	r.rd = cell_flag(&v[Z_RD]);
	r.ra = cell_flag(&v[Z_RA]);
	r.answers = answers(l);
	r.ttls = cell_whole(&v[Z_TTLS], a);
	learn(l, &r);
	log_put(l->f, RECORD_DNS, &r, l->offset);
	return true;
}
