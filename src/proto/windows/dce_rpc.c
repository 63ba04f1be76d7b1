/* SPDX-License-Identifier: Apache-2.0 */
/* DCE/RPC over TCP on any port (MS-RPCE, 2.1.1.1): the endpoint mapper on 135 and
 * whatever it sends clients to. */
#include "base/size.h"
#include "proto/windows/dcerpc.h"

#define DCERPC_PROBE 16 /* bytes of a header */
#define PORT_EPMAP   135

struct dce_rpc_state {
	struct dcerpc *d; /* owned */
};

/* A header with what a first PDU may be: a BIND, or the middle of a conversation. */
static enum probe dce_rpc_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	static const uint8_t begin[] = {5, 0};
	size_t n = size_min(first.left, sizeof(begin));
	if (n == 0 || memcmp(first.pos, begin, n) != 0)
		return PROBE_NO;
	if (first.left < DCERPC_PROBE)
		return PROBE_MORE;
	/* character and floating point formats: ASCII, IEEE; reserved bytes are zero */
	if ((first.pos[4] & 0x0f) != 0 || first.pos[5] != 0 || first.pos[6] != 0 ||
	    first.pos[7] != 0)
		return PROBE_NO;
	return dcerpc_is(first) ? PROBE_YES : PROBE_NO;
}

static enum parse_result dce_rpc_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct dce_rpc_state *st = state;
	if (st->d == NULL)
		st->d = dcerpc_new();
	if (st->d == NULL)
		return PARSE_FAILED;
	dcerpc_bytes(x, st->d, d->side == 1, bytes_over(d->p, d->n), (struct str){0});
	if (dcerpc_certain(st->d))
		parse_confirm(x);
	if (d->wire > d->n)
		dcerpc_lost(st->d, d->side == 1);
	return PARSE_OK;
}

static enum parse_result dce_rpc_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct dce_rpc_state *st = state;
	(void)n;
	x->counters->truncated++;
	if (st->d != NULL)
		dcerpc_lost(st->d, side == 1);
	return PARSE_OK;
}

static void dce_rpc_close(struct parse *x, void *state)
{
	struct dce_rpc_state *st = state;
	dcerpc_free(x, st->d);
	st->d = NULL;
}

static size_t dce_rpc_held(const void *state)
{
	const struct dce_rpc_state *st = state;
	return st->d != NULL ? dcerpc_held(st->d) : 0;
}

const struct proto_parser dce_rpc_parser = {
    .name = "dce_rpc",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(5, 5),
    PARSER_PORTS(PORT_EPMAP),
    .probe = dce_rpc_probe,
    .state_size = sizeof(struct dce_rpc_state),
    .data = dce_rpc_data,
    .gap = dce_rpc_gap,
    .close = dce_rpc_close,
    .held = dce_rpc_held,
};
