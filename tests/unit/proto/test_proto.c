/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch, the conn record and anomalies. The protocols are two made-up ones in place of
 * the real table: "line" begins with LINE and then obeys single letters, "never" begins
 * with N and can never tell, "own" is whatever comes on its ports.
 */
#define DWELL_PROTO_PROTO_TABLE_H
#define PROTO_TABLE(P) P(line) P(never) P(own)
#include "proto/dispatch/calls.c"   /* NOLINT: likewise */
#include "proto/dispatch/parsers.c" /* NOLINT: likewise */
#include "proto/dispatch/proto.c"   /* NOLINT: with that table */

#include "play.h"

#define CLAIM (1u << 20) /* bytes that a line claims to own for each letter b */

static char
    heard[200]; /* what line was given, as 0<bytes> for side 0, g for gaps, c for close */

__attribute__((format(printf, 1, 2))) static void hear(const char *format, ...)
{
	size_t at = strlen(heard);
	va_list args;
	va_start(args, format);
	vsnprintf(heard + at, sizeof(heard) - at, format, args);
	va_end(args);
}

static enum probe line_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	if (memcmp(first.pos, "LINE", size_min(first.left, 4)) != 0)
		return PROBE_NO;
	return first.left < 4 ? PROBE_MORE : PROBE_YES;
}

static enum parse_result line_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	static const char *const words[] = {"a", "b", "c", "d", "e"};
	size_t *claimed = state;
	hear("%d<%.*s>", d->side, (int)d->n, (const char *)d->p);
	for (size_t i = 0; i < d->n; i++) {
		switch (d->p[i]) {
		case 'c':
			parse_confirm(x);
			break;
		case 'n':
			parse_note(x, NOTE_HOST, (struct str){(const char *)d->p, d->n});
			break;
		case 's':
			parse_note(x, NOTE_SNI, STR("sni.example"));
			break;
		case '+':
			parse_service(x, "inner");
			break;
		case '*':
			for (size_t k = 0; k <= SERVICE_WORDS_MAX; k++)
				parse_service(x, words[k]);
			break;
		case '>':
			parse_hand_over(x, NULL, d->n - i - 1);
			return PARSE_OK;
		case 'o':
			parse_hand_over(x, "own", d->n - i - 1);
			return PARSE_DONE;
		case 'e':
			parse_error(x, d->side, "no sense");
			break;
		case 'b':
			*claimed += CLAIM;
			break;
		case 'a':
			arena_alloc(x->scratch, 2 * PROTO_SCRATCH_MAX);
			break;
		case '.':
			return PARSE_DONE;
		case '!':
			return PARSE_FAILED;
		}
	}
	return PARSE_OK;
}

static enum parse_result line_gap(struct parse *x, void *state, int side, uint64_t n)
{
	(void)x;
	(void)state;
	hear("g%d:%d", side, (int)n);
	return PARSE_OK;
}

static void line_close(struct parse *x, void *state)
{
	(void)x;
	(void)state;
	hear("c");
}

static size_t line_held(const void *state)
{
	return *(const size_t *)state;
}

const struct proto_parser line_parser = {
    .name = "line",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST('K', 'L', 0xf0, 0xff),
    PARSER_PORTS(71),
    .probe = line_probe,
    .state_size = sizeof(size_t),
    .data = line_data,
    .gap = line_gap,
    .close = line_close,
    .held = line_held,
};

static enum probe never_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	return first.pos[0] == 'N' ? PROBE_MORE : PROBE_NO;
}

const struct proto_parser never_parser = {
    .name = "never",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    .probe = never_probe,
    .data = line_data,
    .close = line_close,
};

static enum probe own_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	(void)first;
	hear("?");
	return PROBE_YES;
}

const struct proto_parser own_parser = {
    .name = "own",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST('A', 'Z'),
    PARSER_PORTS(7000, 70),
    .ports_only = true,
    .probe = own_probe,
    .state_size = sizeof(size_t),
    .data = line_data,
    .close = line_close,
    .held = line_held,
};

static struct play *start(uint8_t proto)
{
	heard[0] = '\0';
	return play_start(proto, 4444);
}

static void send(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

/* Close the flow and check that nothing is held any more. */
static void finish(struct play *p)
{
	play_close(p);
	assert_int_equal(p->proto->held.n, 0);
}

static void test_unknown_content_holds_nothing(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "hello");
	send(p, 1, "hello");
	assert_int_equal((uintptr_t)p->flow.user, 3); /* both sides done, no pointer */
	send(p, 0, "LINE"); /* too late: only the beginning counts */
	assert_string_equal(heard, "");
	finish(p);
	assert_int_equal(p->records[RECORD_CONN], 1);
	assert_int_equal(play_count(p, "service"), 0);
	play_end(p);
}

static void test_one_side_is_enough(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 1, "the middle of something");
	send(p, 0, "LINEc");
	send(p, 1, "answer");
	assert_string_equal(heard, "0<LINEc>1<answer>");
	finish(p);
	assert_string_equal(heard, "0<LINEc>1<answer>c");
	play_assert(p, "\"service\":\"line\"");
	play_end(p);
}

/* Nobody can tell from two bytes; what is held comes out in order, both sides. */
static void test_held_bytes_are_not_lost(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LI");
	send(p, 1, "L");
	send(p, 0, "N");
	assert_string_equal(heard, "");
	send(p, 0, "Exyz");
	assert_string_equal(heard, "0<LI>1<L>0<N>0<Exyz>");
	finish(p);
	play_end(p);
}

/* A side that nobody wants is not given to the parser that the other side leads to. */
static void test_hopeless_side_is_dropped(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LI");
	send(p, 1, "LI");
	send(p, 0, "ar");
	send(p, 1, "NE");
	assert_string_equal(heard, "1<LI>1<NE>");
	finish(p);
	play_end(p);
}

static void test_done_and_failed_are_closed_at_once(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LINEc.");
	assert_string_equal(heard, "0<LINEc.>c");
	send(p, 0, "more");
	send(p, 1, "more");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 5);
	assert_string_equal(heard, "0<LINEc.>c");
	finish(p);
	assert_string_equal(heard, "0<LINEc.>c");
	play_assert(p, "\"service\":\"line\"");
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINE!");
	send(p, 0, "LINE");
	finish(p);
	assert_string_equal(heard, "0<LINEc.>c0<LINE!>c");
	assert_int_equal(play_count(p, "service"), 1);
	play_end(p);
}

static void test_limit_of_held_bytes(void **state)
{
	(void)state;
	static char big[PROBE_BYTES_MAX + 1];
	memset(big, 'N', sizeof(big));
	struct play *p = start(IP_PROTO_TCP);
	play_send(p, 0, big, PROBE_BYTES_MAX);
	assert_int_equal((uintptr_t)p->flow.user & 1, 0);
	assert_int_not_equal(p->proto->held.n, 0);
	play_send(p, 1, "x", 1);
	play_send(p, 0, big, 1);
	assert_int_equal((uintptr_t)p->flow.user, 3);
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444);
	play_send(p, 0, big, PROBE_BYTES_MAX + 1);
	assert_int_equal((uintptr_t)p->flow.user, 1);
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444);
	for (int i = 0; i < PROBE_CHUNKS_MAX; i++)
		play_send(p, 0, big, 1);
	assert_int_equal((uintptr_t)p->flow.user & 1, 0);
	play_send(p, 0, big, 1);
	assert_int_equal((uintptr_t)p->flow.user & 1, 1);
	finish(p);
	assert_int_equal(p->records[RECORD_CONN], 3);
	play_end(p);
}

/* A datagram is whole: who can not tell from it never can. */
static void test_datagrams_are_not_held(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_UDP);
	send(p, 0, "N");
	assert_int_equal((uintptr_t)p->flow.user, 1);
	send(p, 1, "LINE");
	assert_string_equal(heard, "1<LINE>");
	finish(p);
	play_end(p);
}

static void test_gaps(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LI");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 5);
	send(p, 0, "NE");
	assert_string_equal(heard, "");
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINE");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 5);
	finish(p);
	assert_string_equal(heard, "0<LINE>g1:5c");
	play_end(p);
}

/* More flows than may hold state: those that say nothing for longest are given up, none
 * loses its connection, and one that comes late is read. */
static void test_limit_of_all_states(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	size_t each = sizeof(struct analysis) + sizeof(struct pending);
	size_t flows = PROTO_HELD_MAX / each + 10;
	struct flow *f = calloc(flows, sizeof(*f));
	assert_non_null(f);
	size_t holding = 0;
	for (size_t i = 0; i < flows; i++) {
		f[i] = p->flow;
		p->sink.open(p->sink.ctx, &f[i]);
		struct flow_data d = {(const uint8_t *)"L", 1, 1, 0, f[i].last, 0, 0};
		p->sink.data(p->sink.ctx, &f[i], &d);
	}
	for (size_t i = 0; i < flows; i++)
		holding += ((uintptr_t)f[i].user & 1) == 0;
	assert_int_equal(holding, PROTO_HELD_MAX / each);
	assert_int_equal((uintptr_t)f[0].user & 1, 1);
	assert_int_equal((uintptr_t)f[flows - 1].user & 1, 0);
	assert_true(proto_pressure(p->proto).unread >= flows - holding);
	send(p, 0, "LINE"); /* its state takes the room of another */
	assert_non_null(analysis_of(&p->flow)->parser);
	for (size_t i = 0; i < flows; i++)
		p->sink.close(p->sink.ctx, &f[i], FLOW_INPUT_END);
	assert_int_equal(p->records[RECORD_CONN], flows);
	finish(p);
	play_end(p);
	free(f);
}

static void test_limit_of_what_parsers_own(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LINE");
	for (int i = 0; i < 63; i++)
		send(p, 0, "b");
	assert_true(p->proto->held.n > 63 * CLAIM);
	assert_int_equal(proto_counters(p->proto, 0)->over_limit, 0);
	send(p, 0, "b");
	assert_int_equal(proto_counters(p->proto, 0)->over_limit, 1);
	assert_int_equal((uintptr_t)p->flow.user & 3, 3);
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINEa"); /* more scratch than there is: counted, not fatal */
	assert_int_equal(proto_counters(p->proto, 0)->over_limit, 2);
	assert_int_equal((uintptr_t)p->flow.user & 3, 0);
	finish(p);
	play_end(p);
}

static void test_notes_and_errors(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LINE");
	send(p, 0, "node.example");
	send(p, 0, "never this one");
	finish(p);
	play_assert(p, "\"server_name\":\"node.example\"");
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINE");
	send(p, 0, "n");
	send(p, 0, "s");
	finish(p);
	play_assert(p, "\"server_name\":\"sni.example\"");
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 1, "LINEe");
	finish(p);
	play_assert(p, "\"kind\":\"protocol_error\"");
	play_assert(p, "\"detail\":\"protocol=line side=1 what=no sense\"");
	char longest[NOTE_BYTES_MAX + 2];
	memset(longest, 'n', sizeof(longest));
	memcpy(
	    longest + NOTE_BYTES_MAX - 1, "\xc3\xa4", 2); /* a character on the border */
	longest[NOTE_BYTES_MAX + 1] = 'x';
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINE");
	play_send(p, 0, longest, sizeof(longest));
	struct str note = analysis_of(&p->flow)->note[NOTE_HOST];
	assert_int_equal(note.n, NOTE_BYTES_MAX - 1);
	finish(p);
	play_end(p);
}

/* Only the parsers that a first byte or a port speaks for are asked. */
static void test_candidates(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_UDP);
	const struct candidates *c = &p->proto->candidates;
	struct flow *f = &p->flow;
	struct parser_set set = candidates_of(c, f, 'L');
	assert_int_equal(set.word[0], 3); /* line, never */
	set = candidates_of(c, f, 0xff);
	assert_int_equal(set.word[0], 3);
	set = candidates_of(c, f, 'M');
	assert_int_equal(set.word[0], 2);
	f->port[1] = 71; /* on the port of its own any byte will do */
	set = candidates_of(c, f, 'M');
	assert_int_equal(set.word[0], 3);
	f->port[0] = 70;
	set = candidates_of(c, f, 0);
	assert_int_equal(set.word[0], 7);
	f->proto = IP_PROTO_TCP; /* which own does not read */
	set = candidates_of(c, f, 0);
	assert_int_equal(set.word[0], 3);
	assert_int_equal(parser_set_next(&set), 0);
	assert_int_equal(parser_set_next(&set), 1);
	assert_int_equal(parser_set_next(&set), -1);
	parser_set_add(&set, 127);
	assert_true(parser_set_has(&set, 127));
	assert_int_equal(parser_set_next(&set), 127);
	assert_true(parser_set_empty(&set));
	play_close(p);
	play_end(p);
}

static void test_hand_over(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LINEc>LI"); /* anew: the rest is not enough to tell */
	send(p, 1, "answer");   /* a side that began with something else */
	send(p, 0, "NE1");
	send(p, 1, "x");
	assert_string_equal(heard, "0<LINEc>LI>c0<LI>0<NE1>1<x>");
	finish(p);
	assert_string_equal(heard, "0<LINEc>LI>c0<LI>0<NE1>1<x>c");
	assert_int_equal(play_count(p, "\"service\":\"line\""), 1);
	heard[0] = '\0';
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINEcoc"); /* by name, without a probe */
	send(p, 1, "+");
	assert_string_equal(heard, "0<LINEcoc>c0<c>1<+>");
	finish(p);
	play_assert(p, "\"service\":\"line,own,inner\"");
	heard[0] = '\0';
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINEc>what is this");
	send(p, 1, "nor this");
	assert_int_equal((uintptr_t)p->flow.user & BOTH_DONE, BOTH_DONE);
	finish(p); /* what was found before stays */
	assert_int_equal(play_count(p, "\"service\":\"line\""), 2);
	play_end(p);
}

/* Bytes held while nobody could tell are replayed across a hand-over. */
static void test_hand_over_of_held_bytes(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LI");
	send(p, 1, "L>"); /* held: this side may become anything */
	send(p, 1, "INE");
	send(p, 0, "NE>");
	assert_int_equal(play_count(p, "service"), 0);
	finish(p);
	play_end(p);
}

static void test_limit_of_hand_overs(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	for (int i = 0; i <= HAND_OVERS_MAX; i++) {
		assert_int_equal(proto_counters(p->proto, 0)->over_limit, 0);
		send(p, 0, "LINE>");
	}
	assert_int_equal(proto_counters(p->proto, 0)->over_limit, 1);
	assert_int_equal((uintptr_t)p->flow.user & BOTH_DONE, BOTH_DONE);
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444);
	send(p, 0, "LINE*"); /* one word more than there is room for */
	assert_int_equal(proto_counters(p->proto, 0)->over_limit, 2);
	finish(p);
	play_assert(p, "\"service\":\"a,b,c,d\"");
	play_end(p);
}

static void test_port_of_another(void **state)
{
	(void)state;
	struct play *p = start(IP_PROTO_TCP);
	send(p, 0, "LINEc");
	finish(p);
	play_flow(p, IP_PROTO_TCP, 71);
	send(p, 0, "LINEc");
	finish(p);
	play_flow(p, IP_PROTO_TCP, 70); /* not recognised: nothing to say */
	send(p, 0, "M");
	finish(p);
	assert_int_equal(p->records[RECORD_ANOMALY], 0);
	play_flow(p, IP_PROTO_TCP, 70);
	send(p, 0, "LINEc");
	finish(p);
	play_assert(p, "\"kind\":\"odd_port\"");
	play_assert(p, "\"detail\":\"service=line meant_for=own\"");
	assert_int_equal(p->records[RECORD_ANOMALY], 1);
	play_end(p);
}

static void fill_random(uint8_t *p, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (uint8_t)(seed >> 24);
	}
}

static void test_encrypted(void **state)
{
	(void)state;
	uint8_t a[RANDOM_BYTES_MAX], b[RANDOM_BYTES_MAX];
	fill_random(a, sizeof(a), 1);
	fill_random(b, sizeof(b), 2);
	a[0] = b[0] = 0x80;
	struct play *p = start(IP_PROTO_TCP);
	play_send(p, 0, a, sizeof(a));
	play_send(p, 1, b, sizeof(b));
	finish(p);
	play_assert(p, "\"service\":\"encrypted\"");
	play_flow(p, IP_PROTO_UDP, 4444); /* one side that sends is enough */
	play_send(p, 0, a, RANDOM_BYTES_MIN);
	finish(p);
	assert_int_equal(play_count(p, "\"service\":\"encrypted\""), 2);
	play_flow(p, IP_PROTO_TCP, 4444); /* the other one must not speak against it */
	play_send(p, 0, a, sizeof(a));
	play_send(p, 1, "hello", 5);
	finish(p);
	play_flow(p, IP_PROTO_TCP, 4444); /* nor is it said of what was read */
	play_send(p, 0, a, sizeof(a));
	play_send(p, 1, "LINE", 4);
	finish(p);
	assert_int_equal(play_count(p, "\"service\":\"encrypted\""), 2);
	play_end(p);
}

static bool looks_random(const void *p, size_t n)
{
	return random_looking(bytes_over(p, n));
}

/* Of random bytes nearly all pass, of the fewest 15 of 16; nothing else does. */
static void test_random_looking(void **state)
{
	(void)state;
	uint8_t b[RANDOM_BYTES_MAX];
	for (size_t n = RANDOM_BYTES_MIN; n <= sizeof(b); n *= 2) {
		int passed = 0;
		for (uint32_t seed = 0; seed < 1000; seed++) {
			fill_random(b, n, seed * 7919 + 1);
			passed += looks_random(b, n);
		}
		assert_in_range(passed, 930, 1000);
	}
	assert_false(looks_random(b, RANDOM_BYTES_MIN - 1));
	for (size_t i = 0; i < sizeof(b); i += 4) /* a counter between random words */
		b[i] = 0x55;
	assert_false(looks_random(b, sizeof(b)));
	fill_random(b, sizeof(b), 3);
	memcpy(b, "SECRET", 6);
	assert_false(looks_random(b, sizeof(b)));
	fill_random(b, sizeof(b), 3);
	memset(b + 100, 'x', 21);
	assert_false(looks_random(b, sizeof(b)));
	memset(b, 0xff, sizeof(b));
	assert_false(looks_random(b, sizeof(b)));
}

/* Where the clock of a capture went back inside a flow, no time has passed. */
static void test_duration_is_not_negative(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	p->flow.last = moment_add(p->flow.first, -1500 * NS_PER_MS);
	p->flow.side[0] = (struct flow_side){3, 10, 130, 0};
	play_close(p);
	play_assert(p, "\"duration\":0.000000");
	play_end(p);
}

static void test_conn_fields(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	p->flow.side[0] = (struct flow_side){1, 0, 40, 0};
	play_close(p);
	play_assert(
	    p, "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,\"dst_ip\":\"10.0.0.2\"");
	assert_int_equal(
	    play_count(p, "duration"), 0); /* a single packet lasts no time */
	assert_int_equal(play_count(p, "server_name"), 0);
	assert_int_equal(play_count(p, "vlan"), 0);
	play_flow(p, IP_PROTO_TCP, 80);
	p->flow.last = moment_add(p->flow.first, 1500 * NS_PER_MS);
	p->flow.side[0] = (struct flow_side){3, 10, 130, 4};
	p->flow.side[1] = (struct flow_side){2, 20, 100, 3};
	p->flow.vlan = 7;
	p->flow.source = 1;
	p->flow.offset = 24;
	play_close(p);
	play_assert(p, "\"duration\":1.500000");
	play_assert(
	    p, "\"src_bytes\":10,\"dst_bytes\":20,\"src_packets\":3,\"dst_packets\":2");
	play_assert(p, "\"src_ip_bytes\":130,\"dst_ip_bytes\":100,\"missed_bytes\":7");
	play_assert(p, "\"vlan\":7");
	play_assert(
	    p, "\"sensor\":\"here\",\"source\":\"two.pcap\",\"source_offset\":24");
	play_end(p);
}

static void test_names_of_ip_protocols(void **state)
{
	(void)state;
	static const struct {
		uint8_t proto;
		const char *text;
	} cases[] = {{1, "icmp"}, {58, "icmp"}, {6, "tcp"}, {17, "udp"}, {132, "sctp"},
	    {47, "gre"}, {50, "esp"}, {2, "igmp"}, {89, "ospf"}, {103, "pim"},
	    {253, "253"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct play *p = play_start(cases[i].proto, 0);
		char wanted[40];
		heard[0] = '\0';
		send(p, 0, "LINE");
		play_close(p);
		snprintf(wanted, sizeof(wanted), "\"proto\":\"%s\"", cases[i].text);
		play_assert(p, wanted);
		bool read =
		    cases[i].proto == IP_PROTO_TCP || cases[i].proto == IP_PROTO_UDP;
		assert_string_equal(heard, read ? "0<LINE>c" : "");
		play_end(p);
	}
}

static void event(
    struct play *p, const struct flow_event *e, const char *kind, const char *detail)
{
	char wanted[200];
	p->sink.event(p->sink.ctx, e->kind < FLOW_FRAGMENT_OVERLAP ? &p->flow : NULL, e);
	snprintf(wanted, sizeof(wanted), "\"kind\":\"%s\"", kind);
	play_assert(p, wanted);
	snprintf(wanted, sizeof(wanted), "\"detail\":\"%s\"", detail);
	play_assert(p, wanted);
}

static void test_anomalies(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	static const uint8_t fast_open[] = {1, 2, 4, 5, 180, 34, 2}; /* NOP, MSS, TFO */
	struct packet k = {.src = p->flow.addr[1],
	    .dst = p->flow.addr[0],
	    .proto = IP_PROTO_TCP,
	    .ttl = 241,
	    .ip_id = 9,
	    .seq = 1000,
	    .length = 5,
	    .tcp_flags = TCP_SYN | TCP_FIN};
	struct flow_event e = {.packet = &k, .side = 1, .ts = moment_from(1000, 0)};
	e.kind = FLOW_TCP_OVERLAP;
	e.seq = 777;
	e.length = 290;
	e.since_other = 12345678;
	e.other.ttl = 64;
	e.other.ip_id = 1;
	e.other.tcp_flags = TCP_PSH | TCP_ACK;
	e.other_length = 290;
	e.look = (struct flow_look){.timestamp = 77,
	    .ip_id = 9,
	    .window = 162,
	    .ttl = 241,
	    .tcp_flags = TCP_ACK,
	    .marks = LOOK_TIMESTAMP | LOOK_BAD_CHECKSUM};
	e.syn_ttl = 241;
	e.syn_timestamp = true;
	e.reflected = 2;
	event(p, &e, "tcp_overlap",
	    "seq=777 len=290 gap_us=12345 side=1 ttl=241 ttl_other=64 ttl_syn=241 "
	    "ip_id=9 "
	    "ip_id_other=1 reflected=2 window=162 window_other=0 flags=A flags_other=PA "
	    "timestamp=77 timestamp_other=- timestamp_syn=1 size=5 size_other=290 "
	    "bad_checksum=1");
	play_assert(
	    p, "\"src_ip\":\"10.0.0.1\",\"src_port\":40000"); /* of the connection */
	e.kind = FLOW_SYN_DATA;
	event(p, &e, "syn_data", "len=5 fast_open=0");
	k.tcp_options = fast_open;
	k.tcp_options_len = sizeof(fast_open);
	event(p, &e, "syn_data", "len=5 fast_open=1");
	k.tcp_options_len = 6; /* the option is cut */
	e.kind = FLOW_DUPLICATE_SYNACK;
	e.other_seq = 2000;
	e.syn_ttl = 0;
	e.reflected = 0;
	e.since_other = -1000;
	event(p, &e, "duplicate_synack",
	    "seq=1000 seq_other=2000 gap_us=-1 side=1 ttl=241 ttl_other=64 ttl_syn=- "
	    "ip_id=9 "
	    "ip_id_other=1 reflected=0 window=162 window_other=0 flags=A flags_other=PA "
	    "timestamp=77 timestamp_other=- timestamp_syn=1 size=5 size_other=290 "
	    "bad_checksum=1");
	e.kind = FLOW_BAD_FLAGS;
	event(p, &e, "bad_flags", "flags=FS");
	k.tcp_flags = 0;
	event(p, &e, "bad_flags", "flags=none");
	e.kind = FLOW_FRAGMENT_OVERLAP;
	k.fragment_offset = 1480;
	event(p, &e, "fragment_overlap", "id=9 offset=1480 len=290");
	e.kind = FLOW_FRAGMENT_LIMIT;
	event(p, &e, "fragment_limit", "id=9 held=290");
	assert_int_equal(p->records[RECORD_ANOMALY], 8);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown_content_holds_nothing),
	    cmocka_unit_test(test_one_side_is_enough),
	    cmocka_unit_test(test_held_bytes_are_not_lost),
	    cmocka_unit_test(test_hopeless_side_is_dropped),
	    cmocka_unit_test(test_done_and_failed_are_closed_at_once),
	    cmocka_unit_test(test_limit_of_held_bytes),
	    cmocka_unit_test(test_datagrams_are_not_held),
	    cmocka_unit_test(test_gaps),
	    cmocka_unit_test(test_limit_of_all_states),
	    cmocka_unit_test(test_limit_of_what_parsers_own),
	    cmocka_unit_test(test_notes_and_errors),
	    cmocka_unit_test(test_candidates),
	    cmocka_unit_test(test_hand_over),
	    cmocka_unit_test(test_hand_over_of_held_bytes),
	    cmocka_unit_test(test_limit_of_hand_overs),
	    cmocka_unit_test(test_port_of_another),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_random_looking),
	    cmocka_unit_test(test_duration_is_not_negative),
	    cmocka_unit_test(test_conn_fields),
	    cmocka_unit_test(test_names_of_ip_protocols),
	    cmocka_unit_test(test_anomalies),
	};
	return cmocka_run_group_tests_name("proto", tests, NULL, NULL);
}
