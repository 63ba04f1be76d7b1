/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/ot_link.h"

#include "proto/ot/ot_row.h"

static struct str mac_text(struct arena *arena, const uint8_t *mac)
{
	return str_format(arena, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
	    mac[3], mac[4], mac[5]);
}

void ot_link_tell(struct parse *x, const struct link *l, const struct ot_message *m)
{
	struct ot_record r;
	ot_row(x->scratch, m, &r);
	parse_source(x, &r);
	r.ts = l->ts;
	r.src_mac = mac_text(x->scratch, l->src);
	r.dst_mac = mac_text(x->scratch, l->dst);
	r.from_src = 1;
	r.request_bytes = m->bytes;
	parse_emit(x, RECORD_OT, &r);
}

enum probe ot_link_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side, (void)first;
	return PROBE_NO;
}

enum parse_result ot_link_data(struct parse *x, void *state, const struct flow_data *d)
{
	(void)x, (void)state, (void)d;
	return PARSE_FAILED;
}

void ot_link_close(struct parse *x, void *state)
{
	(void)x, (void)state;
}
