/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NTP (RFC 5905) and the modes 6 and 7 in which its servers are managed, and abused to
 * amplify floods.
 *
 *     leap(2) version(3) mode(3) | stratum | poll | precision | root delay 4 | root
 *     dispersion 4 | reference id 4 | reference, origin, receive, transmit time 8 each |
 *     extensions: type 2 length 2 … | key id 4 digest
 */
#include <math.h>

#include "proto/shared/datagram.h"

#define PORT_NTP       123
#define NTP_BYTES      48
#define MODE_CONTROL   6
#define MODE_PRIVATE   7
#define CONTROL_BYTES  12
#define PRIVATE_BYTES  8
#define SECONDS_1970   2208988800
#define EXTENSION_MIN  28 /* bytes; what is shorter is a digest (RFC 7822) */
#define EXTENSIONS_MAX 16

/* Seconds since 1900 and their fraction; those of the first half of the era are of the
 * next one, from 2036 on. */
static struct moment time_of(struct bytes *b)
{
	uint32_t seconds = bytes_be32(b);
	uint32_t fraction = bytes_be32(b);
	if (seconds == 0 && fraction == 0)
		return MOMENT_NONE;
	int64_t unix_time = (int64_t)seconds - SECONDS_1970;
	if (seconds < UINT32_C(1) << 31)
		unix_time += INT64_C(1) << 32;
	return moment_from(unix_time, (int64_t)((uint64_t)fraction * NS_PER_S >> 32));
}

static double short_seconds(struct bytes *b)
{
	return (double)bytes_be32(b) / 65536;
}

/* What the clock follows: a code of letters, or the address of another server. */
static struct str reference(struct parse *x, unsigned stratum, const uint8_t *p)
{
	if (load_be32(p) == 0)
		return (struct str){0};
	if (stratum > 1)
		return str_format(x->scratch, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
	size_t n = 4;
	while (n > 0 && p[n - 1] == 0)
		n--;
	return str_copy(x->scratch, str_clean(x->scratch, p, n)); /* p is on the stack */
}

static int64_t extensions(struct bytes b)
{
	int64_t n = 0;
	while (b.left >= EXTENSION_MIN && n < EXTENSIONS_MAX) {
		bytes_skip(&b, 2);
		size_t length = bytes_be16(&b);
		if (length < 16 || length % 4 != 0 || !bytes_skip(&b, length - 4))
			break;
		n++;
	}
	return n;
}

static void time_message(struct parse *x, struct ntp_record *r, struct bytes b)
{
	bytes_skip(&b, 1);
	r->stratum = bytes_u8(&b);
	r->poll = ldexp(1, (int8_t)bytes_u8(&b));
	r->precision = ldexp(1, (int8_t)bytes_u8(&b));
	r->root_delay = short_seconds(&b);
	r->root_disp = short_seconds(&b);
	uint8_t id[4];
	bytes_copy(&b, id, sizeof(id));
	r->ref_id = reference(x, (unsigned)r->stratum, id);
	r->ref_time = time_of(&b);
	r->org_time = time_of(&b);
	r->rec_time = time_of(&b);
	r->xmt_time = time_of(&b);
	r->num_exts = extensions(b);
}

/* Bytes that a message of this mode has at least; 0: there is no such mode. */
static size_t least(uint8_t first)
{
	unsigned mode = first & 7u, version = first >> 3 & 7u;
	if (mode == 0 || version == 0 || version > 4)
		return 0;
	if (mode < MODE_CONTROL)
		return NTP_BYTES;
	return mode == MODE_CONTROL ? CONTROL_BYTES : PRIVATE_BYTES;
}

static enum parse_result ntp_data(struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	struct bytes b = bytes_over(d->p, d->n);
	bool good = d->n > 0 && least(d->p[0]) > 0 && d->n >= least(d->p[0]);
	datagram_count(x, d, good);
	if (!good)
		return PARSE_OK;
	struct ntp_record r;
	record_clear(RECORD_NTP, &r);
	r.ts = x->ts;
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.from_src = d->side == 0;
	r.version = d->p[0] >> 3 & 7;
	r.mode = d->p[0] & 7;
	if (r.mode < MODE_CONTROL)
		time_message(x, &r, b);
	else
		r.opcode = r.mode == MODE_CONTROL ? d->p[1] & 31 : d->p[3];
	parse_confirm(x);
	parse_emit(x, RECORD_NTP, &r);
	return PARSE_OK;
}

static enum probe ntp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	size_t n = first.left > 0 ? least(first.pos[0]) : 0;
	return n > 0 && first.left >= n ? PROBE_YES : PROBE_NO;
}

const struct proto_parser ntp_parser = {
    .name = "ntp",
    .transports = TRANSPORT_UDP,
    PARSER_PORTS(PORT_NTP),
    .ports_only = true,
    .probe = ntp_probe,
    .data = ntp_data,
    .close = datagram_close,
};
