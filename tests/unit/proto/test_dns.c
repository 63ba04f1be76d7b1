/* SPDX-License-Identifier: Apache-2.0 */
/* Messages are put together by hand after RFC 1035, 1002, 3597, 6762, 8659 and 9460. */
#include "play.h"

#include "proto/net/dns_message.h"
#include "record/dns_words.h"

#define QUESTIONS_OVER 70 /* more than wait at once in one flow */

struct msg {
	uint8_t b[12000];
	size_t n;
};

static void put_bytes(struct msg *m, const void *p, size_t n)
{
	assert_true(n <= sizeof(m->b) - m->n);
	memcpy(m->b + m->n, p, n);
	m->n += n;
}

static void put16(struct msg *m, unsigned v)
{
	put_bytes(m, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

static void put_name(struct msg *m, const char *dotted)
{
	while (*dotted != '\0') {
		const char *dot = strchr(dotted, '.');
		size_t n = dot != NULL ? (size_t)(dot - dotted) : strlen(dotted);
		put_bytes(m, &(uint8_t){(uint8_t)n}, 1);
		put_bytes(m, dotted, n);
		dotted += n + (dot != NULL);
	}
	put_bytes(m, "", 1);
}

static void put_header(
    struct msg *m, unsigned id, unsigned flags, unsigned qd, unsigned an)
{
	m->n = 0;
	put16(m, id);
	put16(m, flags);
	put16(m, qd);
	put16(m, an);
	put16(m, 0);
	put16(m, 0);
}

static void put_question(struct msg *m, const char *name, unsigned type)
{
	put_name(m, name);
	put16(m, type);
	put16(m, 1);
}

/* A record whose owner is the name at offset 12. */
static void put_record(
    struct msg *m, unsigned type, uint32_t ttl, const void *data, size_t n)
{
	put16(m, 0xc00c);
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, (unsigned)n);
	put_bytes(m, data, n);
}

static void send(struct play *p, int side, const struct msg *m)
{
	play_send(p, side, m->b, m->n);
}

/* RFC 1035, 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92. */
static void test_name_of_rfc1035(void **state)
{
	(void)state;
	uint8_t b[93] = {0};
	memcpy(b + 20, "\1F\3ISI\4ARPA", 12);
	memcpy(b + 40, "\3FOO\xc0\x14", 6);
	memcpy(b + 64, "\xc0\x1a", 2);
	struct arena a;
	arena_init(&a, 100000);
	static const struct {
		size_t at;
		const char *name;
		size_t next;
	} cases[] = {{20, "f.isi.arpa", 32}, {40, "foo.f.isi.arpa", 46}, {64, "arpa", 66},
	    {92, "", 93}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes whole = bytes_over(b, sizeof(b)), at = whole;
		struct str name;
		assert_true(bytes_skip(&at, cases[i].at));
		assert_true(dns_name_read(whole, &at, &a, &name));
		assert_true(str_equal(name, str_of(cases[i].name)));
		assert_int_equal(sizeof(b) - at.left, cases[i].next);
	}
	arena_fini(&a);
}

static bool name_ok(const uint8_t *b, size_t n, size_t offset)
{
	struct arena a;
	arena_init(&a, 100000);
	struct bytes whole = bytes_over(b, n), at = whole;
	struct str name;
	bytes_skip(&at, offset);
	bool ok = dns_name_read(whole, &at, &a, &name);
	arena_fini(&a);
	return ok;
}

static void test_names_that_are_none(void **state)
{
	(void)state;
	assert_false(name_ok((const uint8_t *)"\xc0\x00", 2, 0));      /* to itself */
	assert_false(name_ok((const uint8_t *)"\1a\xc0\x00", 4, 0));   /* a loop */
	assert_false(name_ok((const uint8_t *)"\xc0\x02\1a\0", 5, 0)); /* forward */
	assert_false(name_ok((const uint8_t *)"\x40"
					      "a\0",
	    3, 0));                                             /* reserved kind */
	assert_false(name_ok((const uint8_t *)"\3ab", 3, 0));   /* cut off */
	assert_false(name_ok((const uint8_t *)"\0\xc0", 2, 1)); /* half a pointer */
	uint8_t longest[256] = {0};
	for (size_t i = 0; i < 254; i += 2) {
		longest[i] = 1;
		longest[i + 1] = 'a';
	}
	assert_true(name_ok(longest, 255, 0)); /* 127 labels and the root are 255 bytes */
	uint8_t longer[260] = {2, 'b', 'b'};
	memcpy(longer + 3, longest, 255);
	assert_false(name_ok(longer, 258, 0));
	uint8_t chain[2 * (DNS_POINTERS_MAX + 3)] = {1, 'a', 0, 0};
	for (size_t i = 4; i < sizeof(chain); i += 2) {
		chain[i] = 0xc0;
		chain[i + 1] = (uint8_t)(i == 4 ? 0 : i - 2);
	}
	assert_true(name_ok(chain, sizeof(chain), 4 + 2 * (DNS_POINTERS_MAX - 1)));
	assert_false(name_ok(chain, sizeof(chain), 4 + 2 * DNS_POINTERS_MAX));
}

static void test_query_and_answer(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg m;
	put_header(&m, 0x1234, 0x0100, 1, 0);
	put_question(&m, "WWW.Example.COM", DNS_A);
	send(p, 0, &m);
	assert_int_equal(p->records[RECORD_DNS], 0);
	put_header(&m, 0x1234, 0x8580, 1, 2);
	put_question(&m, "www.example.com", DNS_A);
	put_record(&m, DNS_CNAME, 300, "\4host\xc0\x10", 7); /* host.example.com */
	put_record(&m, DNS_A, 0xffffffff, "\x5d\xb8\xd8\x22", 4);
	send(p, 1, &m);
	assert_int_equal(p->records[RECORD_DNS], 1);
	play_assert(p, "\"query\":\"www.example.com\"");
	play_assert(p, "\"qtype\":\"A\"");
	play_assert(p, "\"qclass\":\"IN\"");
	play_assert(p, "\"rcode\":\"NOERROR\"");
	play_assert(p, "\"kind\":\"dns\"");
	play_assert(p, "\"id\":4660");
	play_assert(p, "\"rtt\":0.001000");
	play_assert(p, "\"answers\":[\"host.example.com\",\"93.184.216.34\"]");
	play_assert(p, "\"ttls\":[300,4294967295]");
	play_assert(p, "\"ts\":\"1970-01-01T00:16:40.001000Z\"");
	play_close(p);
	play_assert(p, "\"service\":\"dns\"");
	assert_int_equal(p->records[RECORD_DNS], 1);

	/* The host that asked now goes to that address. */
	play_flow(p, IP_PROTO_TCP, 443);
	p->flow.first = p->flow.last = moment_from(1001, 0);
	p->flow.addr[1] = addr_from_v4((const uint8_t *)"\x5d\xb8\xd8\x22");
	play_close(p);
	play_assert(p, "\"server_name\":\"www.example.com\"");
	play_end(p);
}

/* An answer whose packet has an earlier time than its question took no time. */
static void test_rtt_is_not_negative(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg m;
	put_header(&m, 7, 0x0100, 1, 0);
	put_question(&m, "a.example", DNS_A);
	send(p, 0, &m);
	p->flow.last = moment_add(p->flow.last, -5 * NS_PER_S);
	put_header(&m, 7, 0x8580, 1, 0);
	put_question(&m, "a.example", DNS_A);
	send(p, 1, &m);
	play_assert(p, "\"rtt\":0.000000");
	play_close(p);
	play_end(p);
}

static void test_unanswered_and_strange_answers(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg m;
	put_header(&m, 1, 0x0100, 1, 0);
	put_question(&m, "asked.example", DNS_TXT);
	send(p, 0, &m);
	put_header(&m, 1, 0x8183, 1, 0); /* the id fits, the question does not */
	put_question(&m, "other.example", DNS_TXT);
	send(p, 1, &m);
	assert_int_equal(play_count(p, "\"query\":\"other.example\""), 1);
	assert_int_equal(play_count(p, "\"rcode\":\"NXDOMAIN\""), 1);
	assert_int_equal(play_count(p, "rtt"), 0);
	play_close(p);
	assert_int_equal(play_count(p, "\"query\":\"asked.example\""), 1);
	assert_int_equal(p->records[RECORD_DNS], 2);
	play_end(p);
}

/* A question repeated at once is one;
 * one repeated after ten seconds has been given up. */
static void test_which_question_is_answered(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg query, reply;
	put_header(&query, 1, 0x0100, 1, 0);
	put_question(&query, "slow.example", DNS_A);
	put_header(&reply, 1, 0x8180, 1, 0);
	put_question(&reply, "slow.example", DNS_A);
	send(p, 0, &query);
	send(p, 0, &query);
	send(p, 1, &reply);
	play_assert(p, "\"rtt\":0.002000");
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 53);
	send(p, 0, &query);
	p->flow.last = moment_add(p->flow.last, 11 * NS_PER_S);
	send(p, 0, &query);
	send(p, 1, &reply);
	play_assert(p, "\"rtt\":0.001000");
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 4);
	play_end(p);
}

static void test_too_many_wait(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg m;
	for (unsigned i = 0; i < QUESTIONS_OVER; i++) {
		put_header(&m, i, 0x0100, 1, 0);
		put_question(&m, "a.example", DNS_A);
		send(p, 0, &m);
	}
	assert_int_equal(p->records[RECORD_DNS], QUESTIONS_OVER - 64);
	assert_int_equal(play_count(p, "\"id\":0,"), 1); /* the oldest goes first */
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], QUESTIONS_OVER);
	bool counted = false;
	for (size_t i = 0; i < proto_count(); i++) {
		if (strcmp(proto_name(i), "dns") == 0)
			counted = proto_counters(p->proto, i)->over_limit ==
				  QUESTIONS_OVER - 64;
	}
	assert_true(counted);
	play_end(p);
}

static void test_over_tcp_in_pieces(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 53);
	struct msg m, stream = {.n = 0};
	for (unsigned i = 1; i <= 2; i++) {
		put_header(&m, i, 0x0100, 1, 0);
		put_question(&m, i == 1 ? "one.example" : "two.example", DNS_AAAA);
		put16(&stream, (unsigned)m.n);
		put_bytes(&stream, m.b, m.n);
	}
	for (size_t i = 0; i < stream.n; i++)
		play_send(p, 0, stream.b + i, 1);
	put_header(&m, 2, 0x8180, 1, 1);
	put_question(&m, "two.example", DNS_AAAA);
	put_record(&m, DNS_AAAA, 60, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	stream.n = 0;
	put16(&stream, (unsigned)m.n);
	put_bytes(&stream, m.b, m.n);
	play_send(p, 1, stream.b, stream.n);
	play_assert(p, "\"answers\":[\"2001:db8::1\"]");
	play_assert(p, "\"proto\":\"tcp\"");
	play_close(p);
	assert_int_equal(play_count(p, "\"query\":\"one.example\""), 1);
	assert_int_equal(play_count(p, "\"query\":\"two.example\""), 1);
	play_end(p);
}

/* What waits is not lost when bytes are missing; behind them nothing can be read. */
static void test_gap_ends_the_stream(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 53);
	struct msg m;
	put_header(&m, 1, 0x0100, 1, 0);
	put_question(&m, "one.example", DNS_A);
	struct msg stream = {.n = 0};
	put16(&stream, (unsigned)m.n);
	put_bytes(&stream, m.b, m.n);
	play_send(p, 0, stream.b, stream.n);
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	assert_int_equal(p->records[RECORD_DNS], 1); /* emitted when the parser ended */
	play_send(p, 0, stream.b, stream.n);
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 1);
	play_end(p);
}

static void test_snap_length(void **state)
{
	(void)state;
	struct msg m;
	put_header(&m, 1, 0x0100, 1, 0);
	put_question(&m, "one.example", DNS_A);
	struct msg stream = {.n = 0};
	put16(&stream, (unsigned)m.n);
	put_bytes(&stream, m.b, m.n);
	for (int tcp = 0; tcp < 2; tcp++) {
		struct play *p = play_start(tcp ? IP_PROTO_TCP : IP_PROTO_UDP, 53);
		const struct msg *sent = tcp ? &stream : &m;
		struct flow_data d = {
		    sent->b, sent->n, sent->n + 100, 0, p->flow.last, 0, 0};
		p->sink.data(p->sink.ctx, &p->flow, &d);
		p->sink.data(p->sink.ctx, &p->flow, &d); /* a stream can not be read on */
		play_close(p);
		assert_int_equal(p->records[RECORD_DNS], tcp ? 1 : 2);
		play_assert(p, tcp ? "\"query_bytes\":29" : "\"query_bytes\":129");
		play_end(p);
	}
}

/* On a port of its own DNS is found by content alone; what only begins alike is not. */
static void test_found_on_any_port(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 9999);
	struct msg m;
	put_header(&m, 7, 0x0100, 1, 0);
	put_question(&m, "hidden.example", DNS_TXT);
	send(p, 0, &m);
	play_close(p);
	assert_int_equal(play_count(p, "hidden.example"), 1);
	play_flow(p, IP_PROTO_UDP, 9999);
	put_bytes(&m, "x", 1); /* a byte that belongs to nothing */
	send(p, 0, &m);
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 1);
	play_end(p);
}

static void test_noise_is_not_dns(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 9999);
	uint32_t x = 1;
	for (unsigned i = 0; i < 200000; i++) {
		uint8_t noise[64];
		for (size_t k = 0; k < sizeof(noise); k++) {
			x = x * 1664525u + 1013904223u;
			noise[k] = (uint8_t)(x >> 24);
		}
		memcpy(
		    noise + 2, "\1\0\0\1\0\0\0\0\0\0", 10); /* even with a fine header */
		p->sink.open(p->sink.ctx, &p->flow);
		struct flow_data d = {
		    noise, sizeof(noise), sizeof(noise), 0, p->flow.last, 0, 0};
		p->sink.data(p->sink.ctx, &p->flow, &d);
		assert_int_equal((uintptr_t)p->flow.user, 1); /* nothing is kept */
	}
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 0);
	play_end(p);
}

/* RFC 6762: no transactions; the top bit of a class asks for a unicast answer. */
static void test_multicast(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 5353);
	struct msg m;
	put_header(&m, 0, 0, 2, 0);
	put_name(&m, "_ipp._tcp.local");
	put16(&m, DNS_PTR);
	put16(&m, 0x8001);
	put_question(&m, "_http._tcp.local", DNS_PTR);
	send(p, 0, &m);
	assert_int_equal(p->records[RECORD_DNS], 2);
	assert_int_equal(play_count(p, "\"qclass\":\"IN\""), 2);
	put_header(&m, 0, 0x8400, 0, 1);
	put_name(&m, "host.local");
	put16(&m, DNS_A);
	put16(&m, 0x8001);
	put_bytes(&m, "\0\0\0\x78\0\4\xc0\xa8\0\1", 10);
	send(p, 0, &m);
	play_assert(p, "\"kind\":\"mdns\"");
	play_assert(p, "\"query\":\"host.local\"");
	play_assert(p, "\"answers\":[\"192.168.0.1\"],\"ttls\":[120]");
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 3);
	play_end(p);
}

/* RFC 1001, 14.1: FRED is EGFCEFEECACACACACACACACACACACACA, and may have a scope. */
static void test_netbios(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 137);
	struct msg m;
	put_header(&m, 5, 0x0110, 1, 0);
	put_question(&m, "EGFCEFEECACACACACACACACACACACACA.NETBIOS.COM", DNS_NB);
	send(p, 0, &m);
	put_header(&m, 5, 0x8580, 0, 1);
	put_name(&m, "EGFCEFEECACACACACACACACACACACACA.NETBIOS.COM");
	put16(&m, DNS_NB);
	put16(&m, 1);
	put_bytes(&m, "\0\0\0\x10\0\6\0\0\xc0\xa8\0\1", 12);
	send(p, 1, &m);
	play_assert(p, "\"query\":\"fred.netbios.com\"");
	play_assert(p, "\"qtype\":\"NB\"");
	play_assert(p, "\"kind\":\"nbns\"");
	play_assert(p, "\"answers\":[\"192.168.0.1\"],\"ttls\":[16]");
	send(p, 1, &m); /* an answer without a question still has its owner */
	assert_int_equal(play_count(p, "\"query\":\"fred.netbios.com\""), 2);
	put_header(&m, 6, 0x2910, 1, 0); /* opcode 5 */
	put_question(&m, "EGFCEFEECACACACACACACACACACACACA", DNS_NB);
	send(p, 0, &m);
	play_close(p);
	play_assert(p, "\"kind\":\"nbns registration\"");
	play_end(p);
}

struct data_case {
	unsigned type;
	const char *data;
	size_t n;
	const char *text;
};

#define D(type, data, text)                                                              \
	{                                                                                \
		type, data, sizeof(data) - 1, text                                       \
	}

static const struct data_case data_cases[] = {
    D(DNS_TXT, "\5v=one\3two", "v=one two"),
    D(DNS_TXT, "\2\xff\n", "\\\\xff\\\\x0a"),
    D(DNS_MX, "\0\x0a\4mail\xc0\x0c", "mail.q.example"),
    D(DNS_SRV, "\0\1\0\2\0\x50\3srv\xc0\x0c", "srv.q.example"),
    D(DNS_SOA, "\2ns\xc0\x0c\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
	"ns.q.example"),
    /* RFC 8659, 4.2 */
    D(DNS_CAA, "\0\5issueca1.example.net", "0 issue \\\"ca1.example.net\\\""),
    /* RFC 9460, D.1 and D.2 */
    D(DNS_HTTPS, "\0\0\3foo\7example\3com\0", "0 foo.example.com"),
    D(DNS_SVCB, "\0\x10\3foo\7example\3com\0\0\3\0\2\0\x35",
	"16 foo.example.com port=53"),
    D(DNS_SVCB,
	"\0\1\3foo\7example\3com\0\0\6\0\x20\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\x53\0\1",
	"1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1"),
    D(DNS_HTTPS, "\0\1\0\0\1\0\6\2h2\2h3\0\4\0\4\xc0\0\2\1",
	"1 . alpn=h2,h3 ipv4hint=192.0.2.1"),
    D(DNS_NAPTR, "\0\x64\0\x0a\1u\3E2U\0\0", "100 10 \\\"u\\\" \\\"E2U\\\" \\\"\\\" "),
    D(DNS_RRSIG, "\0\1\x0d\2\0\0\1\x2c\0\0\0\0\0\0\0\0\0\1\7example\0sig",
	"RRSIG 1 example"),
    D(DNS_DS, "\x12\x34\x0d\2xxxx", "DS 13 2"),
    D(DNS_DNSKEY, "\1\1\3\x0dkey", "DNSKEY 13"),
    /* RFC 3597, 5 */
    D(731, "\xab\xcd\xef\1\x23\x45", "\\\\# 6 abcdef012345"),
};

static void test_data_of_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(data_cases) / sizeof(data_cases[0]); i++) {
		const struct data_case *c = &data_cases[i];
		struct play *p = play_start(IP_PROTO_UDP, 53);
		struct msg m;
		char want[300];
		put_header(&m, 1, 0x8180, 1, 1);
		put_question(&m, "q.example", c->type);
		put_record(&m, c->type, 1, c->data, c->n);
		send(p, 1, &m);
		snprintf(want, sizeof(want), "\"answers\":[\"%s\"]", c->text);
		play_assert(p, want);
		play_close(p);
		/* Cut anywhere, it stays in its bytes and the record stays. */
		for (size_t n = 12; n < m.n; n++) {
			play_flow(p, IP_PROTO_UDP, 53);
			play_send(p, 1, m.b, n);
			play_close(p);
		}
		assert_true(p->records[RECORD_DNS] > c->n);
		play_end(p);
	}
}

static void test_more_answers_than_are_read(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	struct msg m;
	put_header(&m, 1, 0x8180, 1, DNS_ANSWERS_MAX + 5);
	put_question(&m, "q.example", DNS_A);
	for (int i = 0; i < DNS_ANSWERS_MAX + 5; i++)
		put_record(&m, DNS_A, 1, "\1\2\3\4", 4);
	send(p, 1, &m);
	assert_int_equal(play_count(p, "1.2.3.4"), DNS_ANSWERS_MAX);
	play_close(p);
	put_header(&m, 1, 0, DNS_QUESTIONS_MAX + 5, 0);
	for (int i = 0; i < DNS_QUESTIONS_MAX + 5; i++)
		put_question(&m, "many.example", DNS_A);
	play_flow(p, IP_PROTO_UDP, 53);
	send(p, 0, &m);
	play_close(p);
	assert_int_equal(play_count(p, "many.example"), DNS_QUESTIONS_MAX);
	play_end(p);
}

static void test_gives_up_on_what_is_not_dns(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 53);
	for (int i = 0; i < 20; i++)
		play_send(p, 0, "\0\1\0\0\0\1\0\0\0\0\0\0\xff\xff\xff\xff", 16);
	assert_int_equal((uintptr_t)p->flow.user & 3, 3);
	play_close(p);
	assert_int_equal(p->records[RECORD_DNS], 0);
	assert_int_equal(p->records[RECORD_CONN], 1);
	assert_int_equal(play_count(p, "service"), 0);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_name_of_rfc1035),
	    cmocka_unit_test(test_names_that_are_none),
	    cmocka_unit_test(test_query_and_answer),
	    cmocka_unit_test(test_rtt_is_not_negative),
	    cmocka_unit_test(test_unanswered_and_strange_answers),
	    cmocka_unit_test(test_which_question_is_answered),
	    cmocka_unit_test(test_too_many_wait),
	    cmocka_unit_test(test_over_tcp_in_pieces),
	    cmocka_unit_test(test_gap_ends_the_stream),
	    cmocka_unit_test(test_snap_length),
	    cmocka_unit_test(test_found_on_any_port),
	    cmocka_unit_test(test_noise_is_not_dns),
	    cmocka_unit_test(test_multicast),
	    cmocka_unit_test(test_netbios),
	    cmocka_unit_test(test_data_of_types),
	    cmocka_unit_test(test_more_answers_than_are_read),
	    cmocka_unit_test(test_gives_up_on_what_is_not_dns),
	};
	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
