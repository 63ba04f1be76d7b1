/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods as captures, for tests of limits:
 *
 *     flood [-n PACKETS] [-r PACKETS_PER_SECOND] [-w WITNESSES] [-b SECONDS] [-s SEED]
 * KIND >FILE.pcap
 *
 * KIND: syn, synack (half-open, answered), connect (opened, nothing said), udp, udp2
 * (answered), fragments (of datagrams that never complete), overlaps (likewise, one over
 * the other), dns (names below one domain), domains, http (hosts), tls (server names),
 * early (TCP beyond a hole), odd (first bytes that no protocol begins with), elephant
 * (one connection of 10.9.9.9 that carries all).
 *
 * Around the flood are witnesses: connections of 10.9.0.0/16 to 192.0.2.80, port 9999,
 * open two minutes (-b) before it, that go on during it and end after it. Of each the
 * client sends 4 + 2 * 10 packets with 10 * 50 bytes, the server 2 + 10 with 10 * 70; SF.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEATS      10
#define WITNESSES  16
#define ROOM       2048 /* bytes of a frame */
#define TCP_PROTO  6
#define UDP_PROTO  17
#define EPOCH_S    1767225600u /* 2026-01-01 */
#define BEFORE_S   120         /* of witnesses, before the flood */
#define FIN        1
#define SYN        2
#define PSH        8
#define ACK        16
#define VICTIM     0xc0000250u /* 192.0.2.80 */
#define FIRST_HOST 0x0a090001u /* 10.9.0.1 */

struct flood {
	uint64_t us, random;
	unsigned long packets, sent;
	double rate;
	unsigned witnesses, before;
};

struct end {
	uint32_t ip;
	uint16_t port;
};

struct part { /* of a datagram; more 0 and at 0: it is whole */
	uint16_t id, at;
	bool more;
};

static uint64_t draw(struct flood *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

static void be16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void be32(uint8_t *p, uint32_t v)
{
	be16(p, v >> 16);
	be16(p + 2, v & 0xffff);
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	return s;
}

static unsigned folded(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

/* A frame with the n bytes behind the IP header; at their offset is the checksum. */
static void put(struct flood *f, struct end from, struct end to, unsigned proto,
    uint8_t *body, size_t n, const struct part *part)
{
	uint8_t frame[ROOM] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};
	uint8_t *ip = frame + 14;
	uint32_t head[4] = {EPOCH_S + (uint32_t)(f->us / 1000000),
	    (uint32_t)(f->us % 1000000), (uint32_t)(34 + n), (uint32_t)(34 + n)};
	be16(ip + 2, (unsigned)(20 + n));
	be16(ip + 4, part != NULL ? part->id : (unsigned)draw(f) & 0xffff);
	if (part != NULL)
		be16(ip + 6, (part->more ? 0x2000u : 0) | part->at / 8u);
	ip[8] = 64;
	ip[9] = (uint8_t)proto;
	be32(ip + 12, from.ip);
	be32(ip + 16, to.ip);
	be16(ip + 10, folded(sum(ip, 20, 0)));
	if (part == NULL) {
		uint32_t s = sum(ip + 12, 8, proto + (uint32_t)n);
		be16(body + (proto == TCP_PROTO ? 16 : 6), folded(sum(body, n, s)));
	}
	memcpy(ip + 20, body, n);
	fwrite(head, 1, sizeof(head), stdout);
	fwrite(frame, 1, 34 + n, stdout);
}

static void tcp(struct flood *f, struct end from, struct end to, unsigned flags,
    uint32_t seq, uint32_t ack, const void *data, size_t n)
{
	uint8_t t[ROOM - 64] = {0};
	be16(t, from.port);
	be16(t + 2, to.port);
	be32(t + 4, seq);
	be32(t + 8, ack);
	t[12] = 5 << 4;
	t[13] = (uint8_t)flags;
	be16(t + 14, 60000);
	memcpy(t + 20, data, n);
	put(f, from, to, TCP_PROTO, t, 20 + n, NULL);
}

static void udp(
    struct flood *f, struct end from, struct end to, const void *data, size_t n)
{
	uint8_t u[ROOM - 64] = {0};
	be16(u, from.port);
	be16(u + 2, to.port);
	be16(u + 4, (unsigned)(8 + n));
	memcpy(u + 8, data, n);
	put(f, from, to, UDP_PROTO, u, 8 + n, NULL);
}

/* ---- witnesses ---- */

enum moment { OPEN, BEAT, END };

static void witness(struct flood *f, unsigned i, enum moment what, unsigned beat)
{
	static const uint8_t text[70] = "\x01\x02\x03 neither side speaks a protocol";
	struct end c = {FIRST_HOST + i, (uint16_t)(40000 + i)}, s = {VICTIM, 9999};
	uint32_t a = 1000 + 50 * beat, b = 5000 + 70 * beat;
	f->us += 100;
	if (what == OPEN) {
		tcp(f, c, s, SYN, a - 1, 0, "", 0);
		tcp(f, s, c, SYN | ACK, b - 1, a, "", 0);
		tcp(f, c, s, ACK, a, b, "", 0);
	} else if (what == BEAT) {
		tcp(f, c, s, PSH | ACK, a, b, text, 50);
		tcp(f, s, c, PSH | ACK, b, a + 50, text, 70);
		tcp(f, c, s, ACK, a + 50, b + 70, "", 0);
	} else {
		tcp(f, c, s, FIN | ACK, a, b, "", 0);
		tcp(f, s, c, FIN | ACK, b, a + 1, "", 0);
		tcp(f, c, s, ACK, a + 1, b + 1, "", 0);
	}
}

static void witnesses(struct flood *f, enum moment what, unsigned beat)
{
	for (unsigned i = 0; i < f->witnesses; i++)
		witness(f, i, what, beat);
}

/* ---- floods ---- */

static struct end anyone(struct flood *f)
{
	uint64_t r = draw(f);
	return (struct end){(uint32_t)(r >> 16) % 0xdf000000u | 0x01000000u,
	    (uint16_t)(1024 + (r & 0x7fff))};
}

/* A client of ours. */
static struct end client(struct flood *f)
{
	uint64_t r = draw(f);
	return (struct end){
	    0x0a0a0000u + (uint32_t)(r >> 40 & 0xff), (uint16_t)(1024 + (r & 0xefff))};
}

static void name(struct flood *f, char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = "abcdefghijklmnopqrstuvwxyz234567"[draw(f) >> 20 & 31];
}

static size_t question(struct flood *f, uint8_t *q, bool domains)
{
	static const uint8_t below[] = "\7example\3com";
	static const uint8_t above[] = "\3net";
	const uint8_t *rest = domains ? above : below;
	size_t label = domains ? 14 : 24, n = 12, left = domains ? 5 : 13;
	memset(q, 0, 12);
	be16(q, (unsigned)draw(f) & 0xffff);
	q[2] = 1;
	q[5] = 1;
	q[n++] = (uint8_t)label;
	name(f, (char *)q + n, label);
	n += label;
	memcpy(q + n, rest, left);
	n += left;
	memcpy(q + n, "\0\1\0\1", 4);
	return n + 4;
}

static void ask_name(struct flood *f, bool domains)
{
	uint8_t q[512];
	struct end c = client(f), s = {0x0a0a0a35u, 53};
	size_t n = question(f, q, domains);
	udp(f, c, s, q, n);
	q[2] |= 0x80;
	q[7] = 1;
	memcpy(q + n, "\xc0\x0c\0\1\0\1\0\0\1\0\0\4", 12);
	be32(q + n + 12, (uint32_t)draw(f));
	udp(f, s, c, q, n + 16);
}

static size_t hello(struct flood *f, uint8_t *h)
{
	static const uint8_t after[] = {0, 4, 0x13, 0x01, 0x13, 0x02, 1, 0};
	size_t label = 20, n = 5 + 4;
	memcpy(h, "\x16\3\1\0\0\1\0\0\0\3\3", 11);
	n += 2;
	for (int i = 0; i < 32; i++)
		h[n++] = (uint8_t)(draw(f) >> 30);
	h[n++] = 0;
	memcpy(h + n, after, sizeof(after));
	n += sizeof(after);
	size_t sni = label + 4; /* ".net" */
	be16(h + n, (unsigned)(sni + 9));
	be16(h + n + 2, 0);
	be16(h + n + 4, (unsigned)(sni + 5));
	be16(h + n + 6, (unsigned)(sni + 3));
	h[n + 8] = 0;
	be16(h + n + 9, (unsigned)sni);
	n += 11;
	name(f, (char *)h + n, label);
	memcpy(h + n + label, ".net", 4);
	n += sni;
	be16(h + 3, (unsigned)(n - 5));
	be16(h + 7, (unsigned)(n - 9));
	return n;
}

/* A connection that is opened, in which the client says something, and that stays. */
static void connect_and(struct flood *f, struct end c, struct end s, const void *data,
    size_t n, uint32_t skip)
{
	uint32_t a = (uint32_t)draw(f), b = (uint32_t)draw(f);
	tcp(f, c, s, SYN, a, 0, "", 0);
	tcp(f, s, c, SYN | ACK, b, a + 1, "", 0);
	tcp(f, c, s, ACK, a + 1, b + 1, "", 0);
	if (n > 0)
		tcp(f, c, s, PSH | ACK, a + 1 + skip, b + 1, data, n);
	f->sent += n > 0 ? 3 : 2;
}

static void request(struct flood *f)
{
	char text[256], host[21] = {0};
	name(f, host, 20);
	int n = snprintf(text, sizeof(text),
	    "GET /%s HTTP/1.1\r\nHost: %s.net\r\nUser-Agent: %s\r\n\r\n", host, host,
	    host + 8);
	connect_and(f, client(f), (struct end){anyone(f).ip, 80}, text, (size_t)n, 0);
}

static void fragment(struct flood *f, bool overlaps)
{
	uint8_t body[1024] = {0};
	uint64_t r = draw(f);
	struct part p = {
	    (uint16_t)r, overlaps ? (uint16_t)(8 * (r >> 16 & 31)) : 0, true};
	struct end from = anyone(f);
	if (overlaps)
		from.ip = FIRST_HOST + (uint32_t)(r >> 32 & 255);
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(draw(f) >> 24);
	put(f, from, (struct end){VICTIM, 0}, UDP_PROTO, body, sizeof(body), &p);
}

static void elephant(struct flood *f)
{
	static const uint8_t bytes[1000] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
	static const char get[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
	struct end c = {0x0a090909, 1025}, s = {VICTIM, 80};
	uint32_t n = sizeof(get) - 1, at = (uint32_t)(f->sent - 1) * 1000;
	if (f->sent == 1) {
		tcp(f, c, s, SYN, 0, 0, "", 0);
		tcp(f, s, c, SYN | ACK, 0, 1, "", 0);
		tcp(f, c, s, PSH | ACK, 1, 1, get, n);
	}
	tcp(f, s, c, ACK, 1 + at, 1 + n, bytes, sizeof(bytes));
	if (f->sent == f->packets) {
		tcp(f, c, s, FIN | ACK, 1 + n, 1001 + at, "", 0);
		tcp(f, s, c, FIN | ACK, 1001 + at, 2 + n, "", 0);
		tcp(f, c, s, ACK, 2 + n, 1002 + at, "", 0);
	}
}

static bool one(struct flood *f, const char *kind)
{
	uint8_t bytes[1024] = {0};
	struct end a = anyone(f), victim = {VICTIM, 443}, b = anyone(f);
	uint32_t seq = (uint32_t)draw(f);
	f->sent++;
	if (strcmp(kind, "syn") == 0) {
		tcp(f, a, victim, SYN, seq, 0, "", 0);
	} else if (strcmp(kind, "synack") == 0) {
		tcp(f, a, victim, SYN, seq, 0, "", 0);
		tcp(f, victim, a, SYN | ACK, seq * 7, seq + 1, "", 0);
		f->sent++;
	} else if (strcmp(kind, "connect") == 0) {
		connect_and(f, a, victim, "", 0, 0);
	} else if (strcmp(kind, "udp") == 0 || strcmp(kind, "udp2") == 0) {
		udp(f, a, b, "\1flood", 6);
		if (kind[3] == '2')
			udp(f, b, a, "\1flood", 6);
		f->sent += kind[3] == '2';
	} else if (strcmp(kind, "fragments") == 0) {
		fragment(f, false);
	} else if (strcmp(kind, "overlaps") == 0) {
		fragment(f, true);
	} else if (strcmp(kind, "dns") == 0 || strcmp(kind, "domains") == 0) {
		ask_name(f, kind[1] == 'o');
		f->sent++;
	} else if (strcmp(kind, "http") == 0) {
		request(f);
	} else if (strcmp(kind, "tls") == 0) {
		size_t n = hello(f, bytes);
		connect_and(f, client(f), (struct end){b.ip, 443}, bytes, n, 0);
	} else if (strcmp(kind, "early") == 0) {
		connect_and(f, a, victim, bytes, sizeof(bytes), 1);
	} else if (strcmp(kind, "elephant") == 0) {
		elephant(f);
	} else if (strcmp(kind, "odd") == 0) {
		connect_and(f, a, victim, "\2", 1, 0);
	} else {
		return false;
	}
	return true;
}

static bool run(struct flood *f, const char *kind)
{
	unsigned beat = 0;
	static const uint8_t head[24] = {
	    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 0, 0, 4, 0, 1};
	fwrite(head, 1, sizeof(head), stdout);
	witnesses(f, OPEN, beat);
	for (unsigned i = 0; i < 3; i++) {
		f->us += (uint64_t)f->before * 1000000 / 3;
		witnesses(f, BEAT, beat++);
	}
	uint64_t begin = f->us;
	while (f->sent < f->packets) {
		f->us = begin + (uint64_t)((double)f->sent / f->rate * 1e6);
		if (!one(f, kind))
			return false;
		if (beat < BEATS - 2 &&
		    f->sent > (f->packets * (beat - 2)) / (BEATS - 4)) {
			witnesses(f, BEAT, beat++);
			begin += 100 * f->witnesses;
		}
	}
	f->us = begin + (uint64_t)((double)f->sent / f->rate * 1e6);
	for (; beat < BEATS; beat++) {
		f->us += 1000000;
		witnesses(f, BEAT, beat);
	}
	witnesses(f, END, beat);
	return true;
}

int main(int argc, char **argv)
{
	struct flood f = {.random = 0x9e3779b97f4a7c15,
	    .packets = 1000000,
	    .rate = 100000,
	    .witnesses = WITNESSES,
	    .before = BEFORE_S};
	for (int c; (c = getopt(argc, argv, "n:r:w:b:s:")) != -1;) {
		if (c == 'n')
			f.packets = strtoul(optarg, NULL, 10);
		else if (c == 'r')
			f.rate = atof(optarg);
		else if (c == 'w')
			f.witnesses = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'b')
			f.before = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 's')
			f.random += strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind + 1 != argc || !run(&f, argv[optind])) {
		fprintf(stderr, "flood: what flood? see the source\n");
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
