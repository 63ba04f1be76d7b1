/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH until it is encrypted (RFC 4253).
 *
 *     text lines* "SSH-2.0-software comment" CR LF, then packets:
 *     uint32 length | byte padding length | payload (its first byte: message) | padding
 *
 *     KEXINIT both ways → lists, HASSH, what was agreed → KEX reply → host key → NEWKEYS:
 * done
 *
 * Of version 1 only the banners are read. One record a connection, emitted at close.
 */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/remote/ssh_kex.h"

#define SSH_BANNER_MAX  255   /* bytes kept of a banner (RFC 4253, 4.2) */
#define SSH_PREFACE_MAX 8192  /* bytes of a banner and of the lines before it */
#define SSH_PACKET_MAX  35000 /* bytes of the longest packet read (RFC 4253, 6.1) */
#define SSH_PROBE_MAX   1024  /* bytes of such lines in which a banner is looked for */
#define SSH_PORT        22

enum ssh_message {
	MSG_KEXINIT = 20,
	MSG_NEWKEYS = 21,
	MSG_KEXRSA_PUBKEY = 30, /* RFC 4432 */
	MSG_KEX_REPLY = 31,     /* RFC 4253, 8; RFC 5656, 4 */
	MSG_GEX_REPLY = 33,     /* RFC 4419 */
};

struct ssh_side {
	struct buffer in;
	struct buffer kexinit; /* payload; owned */
	char *banner;          /* owned; NULL: not seen */
	size_t banner_n;
	size_t skipped; /* bytes of lines before the banner */
	bool packets;   /* the banner is over */
	bool quiet;     /* encrypted, or not understood: nothing more is read */
	char hassh[DIGEST_TEXT_MAX];
};

struct ssh_state {
	struct ssh_side side[2];
	bool begun;
	struct moment ts; /* of the first bytes, and where they stand */
	uint32_t source;
	uint64_t offset;
	unsigned key_message; /* brings the host key; 0: not known, or has come */
	char host_key[SSH_FINGERPRINT_MAX];
};

static bool is_banner(const uint8_t *p, size_t n)
{
	return n >= 6 && memcmp(p, "SSH-", 4) == 0 && (p[4] == '1' || p[4] == '2') &&
	       p[5] == '.';
}

/* A server may say some lines before its banner: only looked for where SSH is at home,
 * since half of all protocols begin with a line of text from the server. */
static enum probe probe_preface(struct bytes first)
{
	for (size_t i = 0; i + 1 < first.left; i++) {
		if (first.pos[i] == '\n' &&
		    is_banner(first.pos + i + 1, first.left - i - 1))
			return PROBE_YES;
	}
	return first.left < SSH_PROBE_MAX ? PROBE_MORE : PROBE_NO;
}

static enum probe ssh_probe(const struct flow *f, int side, struct bytes first)
{
	size_t n = size_min(first.left, 4);
	if (n > 0 && memcmp(first.pos, "SSH-", n) == 0) {
		if (first.left < 6)
			return PROBE_MORE;
		return is_banner(first.pos, first.left) ? PROBE_YES : PROBE_NO;
	}
	if (side == 1 && f->port[1] == SSH_PORT && f->port[0] != SSH_PORT)
		return probe_preface(first);
	return PROBE_NO;
}

static void keep_banner(struct parse *x, struct ssh_side *s, const uint8_t *p, size_t n)
{
	if (n > SSH_BANNER_MAX) {
		x->counters->over_limit++;
		n = SSH_BANNER_MAX;
	}
	s->banner = malloc(n);
	if (s->banner == NULL)
		return;
	memcpy(s->banner, p, n);
	s->banner_n = n;
}

/* Take lines until the banner was one of them;
 * false: more is needed, or the side is lost. */
static bool read_banner(struct parse *x, struct ssh_side *s)
{
	while (!s->packets) {
		struct bytes in = buffer_bytes(&s->in);
		if (in.left >= 6 && in.pos[0] == 0 && in.pos[5] == MSG_KEXINIT) {
			s->packets = true; /* the banner was not seen */
			break;
		}
		const uint8_t *end = in.left > 0 ? memchr(in.pos, '\n', in.left) : NULL;
		size_t n = end != NULL ? (size_t)(end - in.pos) : in.left;
		if (end == NULL || n + s->skipped > SSH_PREFACE_MAX) {
			s->quiet = n + s->skipped > SSH_PREFACE_MAX;
			x->counters->over_limit += s->quiet;
			return false;
		}
		if (is_banner(in.pos, n)) {
			s->packets = true;
			keep_banner(
			    x, s, in.pos, n > 0 && in.pos[n - 1] == '\r' ? n - 1 : n);
		}
		s->skipped += n + 1;
		buffer_drop(&s->in, n + 1);
	}
	return true;
}

/* Major version of a banner; 1.99 (both are spoken) is told apart by compat. */
static int banner_version(const struct ssh_side *s, bool *compat)
{
	*compat = false;
	if (s->banner == NULL)
		return 0;
	*compat = s->banner_n >= 8 && memcmp(s->banner, "SSH-1.99", 8) == 0;
	return s->banner[4] - '0';
}

/* The version that both sides agree on; -1 when a banner is missing or they can not. */
static int agreed_version(const struct ssh_state *st)
{
	bool both[2];
	int v[2];
	for (int i = 0; i < 2; i++)
		v[i] = banner_version(&st->side[i], &both[i]);
	if (v[0] == 0 || v[1] == 0)
		return -1;
	bool two = (v[0] == 2 || both[0]) && (v[1] == 2 || both[1]);
	bool one = v[0] == 1 && v[1] == 1;
	return two ? 2 : one ? 1 : -1;
}

/* The name that both sides agreed on; absent: none, or a side was not seen. Borrowed. */
static struct str agreed(const struct ssh_state *st, enum ssh_list list)
{
	struct ssh_lists lists[2];
	for (int i = 0; i < 2; i++) {
		if (!ssh_lists_read(buffer_bytes(&st->side[i].kexinit), &lists[i]))
			return (struct str){0};
	}
	return ssh_agreed(lists[0].list[list], lists[1].list[list]);
}

/* The message in which the server brings its host key; 0: none is known. */
static unsigned key_message(const struct ssh_state *st)
{
	static const char gex[] = "diffie-hellman-group-exchange-";
	struct str kex = agreed(st, SSH_KEX);
	if (kex.n >= sizeof(gex) - 1 && memcmp(kex.p, gex, sizeof(gex) - 1) == 0)
		return MSG_GEX_REPLY;
	if (kex.n >= 3 && memcmp(kex.p, "rsa", 3) == 0)
		return MSG_KEXRSA_PUBKEY;
	return kex.n > 0 ? MSG_KEX_REPLY : 0;
}

static void on_kexinit(
    struct parse *x, struct ssh_state *st, int side, struct bytes payload)
{
	struct ssh_side *s = &st->side[side];
	struct ssh_lists lists;
	if (s->kexinit.view_n > 0)
		return; /* a second one can not come before NEWKEYS */
	if (!ssh_lists_read(payload, &lists)) {
		x->counters->malformed++;
		s->quiet = true;
		return;
	}
	x->counters->understood++;
	ssh_hassh(&lists, side == 1, s->hassh);
	if (!buffer_put(&s->kexinit, payload.pos, payload.left, SSH_PACKET_MAX) ||
	    !buffer_keep(&s->kexinit))
		return;
	if (st->side[!side].kexinit.view_n > 0) {
		parse_confirm(x);
		st->key_message = key_message(st);
	}
}

static void on_message(
    struct parse *x, struct ssh_state *st, int side, struct bytes payload)
{
	struct ssh_side *s = &st->side[side];
	unsigned message = payload.left > 0 ? payload.pos[0] : 0;
	if (message == MSG_KEXINIT) {
		on_kexinit(x, st, side, payload);
	} else if (message == MSG_NEWKEYS) {
		s->quiet = true;
	} else if (side == 1 && message != 0 && message == st->key_message) {
		bytes_skip(&payload, 1);
		size_t n = bytes_be32(&payload);
		struct bytes key = bytes_sub(&payload, n);
		if (!key.bad && n > 0)
			ssh_fingerprint(key, st->host_key);
		st->key_message = 0;
	}
}

/* Take whole packets. */
static void read_packets(struct parse *x, struct ssh_state *st, int side)
{
	struct ssh_side *s = &st->side[side];
	while (!s->quiet) {
		struct bytes in = buffer_bytes(&s->in);
		if (in.left < 5)
			return;
		size_t length = bytes_be32(&in);
		if (length < 2 || length > SSH_PACKET_MAX || in.pos[0] > length - 2) {
			x->counters->malformed++;
			s->quiet = true;
			return;
		}
		struct bytes packet = bytes_sub(&in, length);
		if (packet.bad)
			return;
		size_t padding = bytes_u8(&packet);
		on_message(x, st, side, bytes_sub(&packet, length - 1 - padding));
		buffer_drop(&s->in, length + 4);
	}
}

/* Nothing of interest can come any more. The client says NEWKEYS after it has read the
 * server's last message in clear. */
static bool is_over(const struct ssh_state *st)
{
	const struct ssh_side *client = &st->side[0], *server = &st->side[1];
	if (agreed_version(st) == 1)
		return true;
	return client->quiet ||
	       (server->quiet && client->in.view == NULL && client->banner == NULL);
}

static enum parse_result ssh_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct ssh_state *st = state;
	struct ssh_side *s = &st->side[d->side];
	if (!st->begun) {
		st->begun = true;
		parse_mark(x, st);
	}
	if (s->quiet)
		return PARSE_OK;
	if (!buffer_put(&s->in, d->p, d->n, SSH_PREFACE_MAX + SSH_PACKET_MAX + d->n)) {
		s->quiet = true;
		return PARSE_OK;
	}
	if (read_banner(x, s))
		read_packets(x, st, d->side);
	if (s->quiet)
		buffer_free(&s->in);
	else if (!buffer_keep(&s->in))
		return PARSE_FAILED;
	if (agreed_version(st) == 1)
		parse_confirm(x);
	if (d->wire > d->n)
		return PARSE_DONE;
	return is_over(st) ? PARSE_DONE : PARSE_OK;
}

static struct str clean(struct parse *x, struct str s)
{
	return s.p != NULL ? str_clean(x->scratch, s.p, s.n) : s;
}

static void emit(struct parse *x, const struct ssh_state *st)
{
	const struct ssh_side *client = &st->side[0], *server = &st->side[1];
	struct ssh_record r;
	record_clear(RECORD_SSH, &r);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.ts = st->ts;
	r.source = parse_source_name(x, st->source);
	r.source_offset = st->offset;
	r.version = agreed_version(st);
	r.client = clean(x, (struct str){client->banner, client->banner_n});
	r.server = clean(x, (struct str){server->banner, server->banner_n});
	r.cipher = clean(x, agreed(st, SSH_CIPHER_C));
	r.mac = clean(x, agreed(st, SSH_MAC_C));
	r.compression = clean(x, agreed(st, SSH_COMPRESSION_C));
	r.kex = clean(x, agreed(st, SSH_KEX));
	r.host_key_alg = clean(x, agreed(st, SSH_HOST_KEY));
	if (st->host_key[0] != '\0')
		r.host_key = str_of(st->host_key);
	if (client->hassh[0] != '\0')
		r.hassh = str_of(client->hassh);
	if (server->hassh[0] != '\0')
		r.hassh_server = str_of(server->hassh);
	parse_emit(x, RECORD_SSH, &r);
}

static void ssh_close(struct parse *x, void *state)
{
	struct ssh_state *st = state;
	if (st->side[0].banner != NULL || st->side[1].banner != NULL)
		emit(x, st);
	for (int i = 0; i < 2; i++) {
		buffer_free(&st->side[i].in);
		buffer_free(&st->side[i].kexinit);
		free(st->side[i].banner);
	}
}

static size_t ssh_held(const void *state)
{
	const struct ssh_state *st = state;
	size_t n = 0;
	for (int i = 0; i < 2; i++)
		n += st->side[i].in.own_room + st->side[i].kexinit.own_room +
		     st->side[i].banner_n;
	return n;
}

const struct proto_parser ssh_parser = {
    .name = "ssh",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('S', 'S'),
    PARSER_PORTS(SSH_PORT),
    .probe = ssh_probe,
    .state_size = sizeof(struct ssh_state),
    .data = ssh_data,
    .close = ssh_close,
    .held = ssh_held,
};
