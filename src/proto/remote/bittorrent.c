/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BitTorrent: who shares what (BEP 3, 5, 15, 29).
 *
 *     peers, TCP or uTP   19 "BitTorrent protocol" | reserved 8 | info hash 20 | peer id
 * 20 uTP, UDP            type 4 bits, version 4 | extension | id 2 | times 8 | window 4 |
 * … hash table, UDP     d 1:a d 2:id 20:… e 1:q 4:ping 1:t 2:aa 1:y 1:q e tracker, UDP
 * 0x41727101980 | action 4 | transaction 4
 *
 * Peers that encrypt from the first byte are not recognised: they look random.
 */
#include "base/size.h"
#include "proto/buffer.h"
#include "proto/remote/bencode.h"
#include "proto/shared/datagram.h"

#define HANDSHAKE        68
#define HASH_BYTES       20
#define UTP_HEADER       20
#define UTP_EXT_MAX      4 /* extensions of a packet */
#define NODE_BYTES       26
#define NODE6_BYTES      38
#define PEERS_MAX        4096 /* counted in a list */
#define TRACKER          UINT64_C(0x41727101980)
#define TRACKER_ANNOUNCE 98 /* bytes of the request */

static const uint8_t greeting[] = "\x13"
				  "BitTorrent protocol";
#define GREETING (sizeof(greeting) - 1)

enum what { PEER, DHT, UTP, TRACKING };

struct bittorrent {
	enum what what;
	bool known; /* what is set */
	bool done[2];
	struct buffer in[2];
	uint64_t connection; /* that the tracker gave */
	uint16_t utp_id;
};

static struct bittorrent_record row(struct parse *x, int side, const char *kind)
{
	struct bittorrent_record r;
	record_clear(RECORD_BITTORRENT, &r);
	r.ts = x->ts;
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.proto = x->flow->proto == IP_PROTO_TCP ? STR("tcp") : STR("udp");
	r.kind = str_of(kind);
	r.from_client = side == 0;
	return r;
}

static void emit(struct parse *x, const struct bittorrent_record *r)
{
	parse_confirm(x);
	parse_emit(x, RECORD_BITTORRENT, r);
	x->counters->understood++;
}

/* ---- peers ---- */

/* "-LT1230-…": the program and its version (BEP 20). */
static struct str client_of(struct parse *x, struct bytes id)
{
	static const char names[][2][16] = {{"AZ", "Vuze"}, {"BC", "BitComet"},
	    {"BT", "BitTorrent"}, {"DE", "Deluge"}, {"KT", "KTorrent"},
	    {"LT", "libtorrent"}, {"lt", "rTorrent"}, {"qB", "qBittorrent"},
	    {"TR", "Transmission"}, {"TX", "Tixati"}, {"UM", "uTorrent Mac"},
	    {"UT", "uTorrent"}, {"XL", "Xunlei"}, {"SD", "Xunlei"}, {"BI", "BiglyBT"},
	    {"FD", "FDM"}, {"WW", "WebTorrent"}};
	if (id.left < 8 || id.pos[0] != '-' || id.pos[7] != '-')
		return (struct str){NULL, 0};
	struct str version = str_clean(x->scratch, id.pos + 3, 4);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (memcmp(names[i][0], id.pos + 1, 2) == 0)
			return str_format(
			    x->scratch, "%s %.*s", names[i][1], STR_ARG(version));
	}
	return str_clean(x->scratch, id.pos + 1, 6);
}

static bool handshake(struct parse *x, int side, struct bytes b)
{
	if (b.left < HANDSHAKE || memcmp(b.pos, greeting, GREETING) != 0)
		return false;
	bytes_skip(&b, GREETING + 8);
	struct bytes hash = bytes_sub(&b, HASH_BYTES), id = bytes_sub(&b, HASH_BYTES);
	struct bittorrent_record r = row(x, side, "peer");
	r.message = STR("handshake");
	r.info_hash = str_hex(x->scratch, hash.pos, hash.left);
	r.peer_id = str_hex(x->scratch, id.pos, id.left);
	r.client = client_of(x, id);
	emit(x, &r);
	return true;
}

static enum parse_result peer(
    struct parse *x, struct bittorrent *s, const struct flow_data *d)
{
	struct buffer *in = &s->in[d->side];
	if (s->done[d->side])
		return PARSE_OK;
	if (!buffer_put(in, d->p, size_min(d->n, HANDSHAKE), (size_t)2 * HANDSHAKE))
		return PARSE_DONE;
	struct bytes b = buffer_bytes(in);
	if (b.left < HANDSHAKE)
		return buffer_keep(in) ? PARSE_OK : PARSE_DONE;
	if (!handshake(x, d->side, b)) {
		x->counters->malformed++;
		return PARSE_FAILED;
	}
	buffer_free(in);
	s->done[d->side] = true;
	return s->done[!d->side] ? PARSE_DONE : PARSE_OK;
}

/* The payload of a packet of uTP; bad: it is none. */
static struct bytes utp_payload(struct bytes b)
{
	struct bytes header = bytes_sub(&b, UTP_HEADER);
	if (header.pos == NULL || (header.pos[0] & 15) != 1 || header.pos[0] >> 4 > 4) {
		bytes_fail(&b);
		return b;
	}
	uint8_t extension = header.pos[1];
	for (int i = 0; extension != 0; i++) {
		if (i == UTP_EXT_MAX)
			bytes_fail(&b);
		extension = bytes_u8(&b);
		bytes_skip(&b, bytes_u8(&b));
	}
	return b;
}

static bool utp(struct parse *x, struct bittorrent *s, const struct flow_data *d)
{
	enum { STATE = 2 };
	struct bytes all = bytes_over(d->p, d->n), b = utp_payload(all);
	if (b.bad)
		return false;
	uint16_t id = load_be16(all.pos + 2);
	if (d->side == 0 && s->utp_id == 0)
		s->utp_id = id;
	if (d->side == 1 && all.pos[0] >> 4 == STATE && id == s->utp_id)
		parse_confirm(x);
	if (!s->done[d->side] && b.left >= HANDSHAKE)
		s->done[d->side] = handshake(x, d->side, b);
	x->counters->understood++;
	return true;
}

/* ---- the hash table (BEP 5) ---- */

static struct str hex_of(struct parse *x, struct bencode v)
{
	if (v.kind != BENCODE_TEXT || v.content.left == 0 || v.content.left > HASH_BYTES)
		return (struct str){NULL, 0};
	return str_hex(x->scratch, v.content.pos, v.content.left);
}

static struct str dht_client(struct parse *x, struct bencode v)
{
	if (v.kind != BENCODE_TEXT || v.content.left < 2 || v.content.left > 16)
		return (struct str){NULL, 0};
	struct bytes b = v.content;
	if (b.left != 4)
		return str_clean(x->scratch, b.pos, b.left);
	struct str two = str_clean(x->scratch, b.pos, 2);
	return str_format(x->scratch, "%.*s %u.%u", STR_ARG(two), b.pos[2], b.pos[3]);
}

static void dht_query(struct parse *x, struct bittorrent_record *r, struct bytes dict)
{
	struct bencode q = bencode_find(dict, "q"), a = bencode_find(dict, "a");
	if (q.kind == BENCODE_TEXT && q.content.left > 0)
		r->message =
		    str_clean(x->scratch, q.content.pos, size_min(q.content.left, 64));
	r->peer_id = hex_of(x, bencode_find(a.content, "id"));
	r->target = hex_of(x, bencode_find(a.content, "target"));
	r->info_hash = hex_of(x, bencode_find(a.content, "info_hash"));
	struct bencode port = bencode_find(a.content, "port");
	if (port.kind == BENCODE_INT && port.number >= 0 && port.number <= UINT16_MAX)
		r->port = port.number;
}

static void dht_response(struct parse *x, struct bittorrent_record *r, struct bytes dict)
{
	struct bencode v = bencode_find(dict, "r");
	struct bencode nodes = bencode_find(v.content, "nodes");
	struct bencode nodes6 = bencode_find(v.content, "nodes6");
	struct bencode values = bencode_find(v.content, "values");
	r->message = STR("response");
	r->peer_id = hex_of(x, bencode_find(v.content, "id"));
	if (nodes.kind == BENCODE_TEXT)
		r->nodes = nodes.content.left / NODE_BYTES;
	if (nodes6.kind == BENCODE_TEXT)
		r->nodes += nodes6.content.left / NODE6_BYTES;
	if (values.kind != BENCODE_LIST)
		return;
	struct bytes b = values.content;
	while (
	    b.left > 0 && r->peers < PEERS_MAX && bencode_take(&b).kind == BENCODE_TEXT)
		r->peers++;
}

static void dht_error(struct parse *x, struct bittorrent_record *r, struct bytes dict)
{
	struct bencode e = bencode_find(dict, "e");
	struct bencode code = bencode_take(&e.content), text = bencode_take(&e.content);
	r->message = STR("error");
	if (code.kind != BENCODE_INT || text.kind != BENCODE_TEXT)
		return;
	struct str words =
	    str_clean(x->scratch, text.content.pos, size_min(text.content.left, 255));
	r->error =
	    str_format(x->scratch, "%lld %.*s", (long long)code.number, STR_ARG(words));
}

/* The dictionary of a message, and by y what it is (0: it is no message). */
static char dht_dict(struct bytes b, struct bytes *dict)
{
	struct bencode all = bencode_take(&b);
	if (all.kind != BENCODE_DICT)
		return 0;
	*dict = all.content;
	struct bencode y = bencode_find(*dict, "y");
	struct bencode t = bencode_find(*dict, "t");
	if (y.kind != BENCODE_TEXT || y.content.left != 1 || t.kind != BENCODE_TEXT)
		return 0;
	char c = (char)y.content.pos[0];
	return c == 'q' || c == 'r' || c == 'e' ? c : 0;
}

static bool dht(struct parse *x, const struct flow_data *d)
{
	struct bytes dict;
	char y = dht_dict(bytes_over(d->p, d->n), &dict);
	if (y == 0)
		return false;
	struct bittorrent_record r = row(x, d->side, "dht");
	r.transaction = hex_of(x, bencode_find(dict, "t"));
	r.client = dht_client(x, bencode_find(dict, "v"));
	if (y == 'q')
		dht_query(x, &r, dict);
	else if (y == 'r')
		dht_response(x, &r, dict);
	else
		dht_error(x, &r, dict);
	emit(x, &r);
	return true;
}

/* ---- the tracker (BEP 15) ---- */

enum action { CONNECT, ANNOUNCE, SCRAPE, ERROR_ };

static bool tracker(struct parse *x, const struct flow_data *d)
{
	static const char *const names[] = {"connect", "announce", "scrape", "error"};
	struct bytes b = bytes_over(d->p, d->n);
	if (d->side == 0)
		bytes_skip(&b, 8);
	uint32_t action = bytes_be32(&b);
	struct bytes transaction = bytes_sub(&b, 4);
	if (b.bad || action > ERROR_)
		return false;
	struct bittorrent_record r = row(x, d->side, "tracker");
	r.message = str_of(names[action]);
	r.transaction = str_hex(x->scratch, transaction.pos, 4);
	if (action == ANNOUNCE && d->side == 0 && d->n >= TRACKER_ANNOUNCE) {
		struct bytes hash = bytes_sub(&b, HASH_BYTES);
		struct bytes id = bytes_sub(&b, HASH_BYTES);
		r.info_hash = str_hex(x->scratch, hash.pos, hash.left);
		r.peer_id = str_hex(x->scratch, id.pos, id.left);
		r.client = client_of(x, id);
		r.port = load_be16(d->p + TRACKER_ANNOUNCE - 2);
	} else if (action == SCRAPE && d->side == 0 && b.left >= HASH_BYTES) {
		r.info_hash = str_hex(x->scratch, b.pos, HASH_BYTES);
	} else if (action == ANNOUNCE && d->side == 1 && bytes_skip(&b, 12)) {
		r.peers = b.left / 6;
	} else if (action == ERROR_) {
		r.error = str_clean(x->scratch, b.pos, size_min(b.left, 255));
	}
	emit(x, &r);
	return true;
}

/* ---- which of them ---- */

/* False: none. */
static bool recognise(const struct flow *f, struct bytes b, enum what *what)
{
	struct bytes dict;
	if (b.left >= GREETING && memcmp(b.pos, greeting, GREETING) == 0) {
		*what = PEER;
		return f->proto == IP_PROTO_TCP;
	}
	if (f->proto == IP_PROTO_TCP || b.left < 16)
		return false;
	if (b.pos[0] == 'd') {
		*what = DHT;
		return dht_dict(b, &dict) != 0;
	}
	if (load_be64(b.pos) == TRACKER) {
		*what = TRACKING;
		return load_be32(b.pos + 8) == CONNECT && b.left == 16;
	}
	*what = UTP; /* the first packet acknowledges nothing, and has no time to tell */
	struct bytes payload = utp_payload(b);
	return b.pos[0] == 0x41 && !payload.bad && payload.left == 0 &&
	       load_be32(b.pos + 8) == 0 && load_be16(b.pos + 18) == 0;
}

static enum parse_result bittorrent_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct bittorrent *s = state;
	struct bytes b = bytes_over(d->p, d->n);
	bool good = false;
	if (!s->known && !recognise(x->flow, b, &s->what))
		s->what = x->flow->proto == IP_PROTO_TCP ? PEER : UTP;
	s->known = true;
	if (s->what == PEER)
		return peer(x, s, d);
	if (s->what == TRACKING)
		good = tracker(x, d);
	else if (d->n > 0 && d->p[0] == 'd') /* it shares its port with uTP */
		good = dht(x, d);
	else
		good = utp(x, s, d);
	if (!good) {
		x->counters->truncated += d->wire > d->n;
		x->counters->malformed += d->wire == d->n;
	}
	return PARSE_OK;
}

static void bittorrent_close(struct parse *x, void *state)
{
	struct bittorrent *s = state;
	(void)x;
	buffer_free_both(s->in);
}

static size_t bittorrent_held(const void *state)
{
	const struct bittorrent *s = state;
	return buffer_room_both(s->in);
}

static enum probe bittorrent_probe(const struct flow *f, int side, struct bytes first)
{
	enum what what;
	(void)side;
	if (recognise(f, first, &what))
		return PROBE_YES;
	bool begun = f->proto == IP_PROTO_TCP && first.left < GREETING &&
		     memcmp(first.pos, greeting, first.left) == 0;
	return begun ? PROBE_MORE : PROBE_NO;
}

const struct proto_parser bittorrent_parser = {
    .name = "bittorrent",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0, 0, 0x13, 0x13, 0x41, 0x41, 'd', 'd'),
    .probe = bittorrent_probe,
    .state_size = sizeof(struct bittorrent),
    .data = bittorrent_data,
    .close = bittorrent_close,
    .held = bittorrent_held,
};
