/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/net/vpn.h"

#include <stdlib.h>

void vpn_begin(struct parse *x, struct vpn *v, const char *kind, const char *version)
{
	v->begun = true;
	v->kind = kind;
	v->version = version;
	parse_mark(x, v);
}

void vpn_id(struct vpn_id *id, struct bytes b)
{
	static const uint8_t zero[VPN_ID_MAX];
	if (id->n > 0 || b.left > VPN_ID_MAX || memcmp(b.pos, zero, b.left) == 0)
		return;
	id->n = (uint8_t)b.left;
	memcpy(id->p, b.pos, b.left);
}

void vpn_vendor(struct parse *x, struct vpn *v, struct str text)
{
	for (size_t i = 0; i < v->vendors; i++) {
		if (str_equal(v->vendor[i], text))
			return;
	}
	if (v->vendors == VPN_VENDORS_MAX) {
		x->counters->over_limit++;
		return;
	}
	char *copy = text.n > 0 ? malloc(text.n) : NULL;
	if (copy == NULL)
		return;
	memcpy(copy, text.p, text.n);
	v->vendor[v->vendors++] = (struct str){copy, text.n};
	v->vendor_bytes += text.n;
}

static struct str id_text(struct parse *x, const struct vpn_id *id)
{
	return id->n > 0 ? str_hex(x->scratch, id->p, id->n) : (struct str){NULL, 0};
}

void vpn_emit(struct parse *x, struct vpn *v, struct str exchange)
{
	struct vpn_record r;
	record_clear(RECORD_VPN, &r);
	r.ts = v->ts;
	parse_endpoints(x, &r);
	r.kind = str_of(v->kind);
	r.version = str_of(v->version);
	r.exchange = exchange;
	r.client_id = id_text(x, &v->client);
	r.server_id = id_text(x, &v->server);
	r.identity = kept_text(&v->identity);
	r.key_group = v->group > 0 ? v->group : -1;
	r.vendor_ids = (struct str_list){v->vendor, v->vendors};
	r.messages = v->messages;
	parse_source_of(x, &r, v);
	if (v->begun)
		parse_emit(x, RECORD_VPN, &r);
	for (size_t i = 0; i < v->vendors; i++)
		free((void *)(uintptr_t)v->vendor[i].p);
	v->vendors = v->vendor_bytes = 0;
}

size_t vpn_held(const struct vpn *v)
{
	return v->vendor_bytes;
}
