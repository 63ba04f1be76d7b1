/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after the MODBUS Application Protocol V1.1b3; and what all industrial
 * protocols share: waiting requests, streams that are lost and found again. */
#include "ot_play.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define READ_A   "0001 0000 0006 04 03 006b 0003"
#define ANSWER_A "0001 0000 0009 04 03 06 022b 0000 0064"

static struct play *start(uint16_t port)
{
	return play_start(IP_PROTO_TCP, port);
}

/* On any port, however it is cut: one row of request and answer. */
static void read_registers(void **state)
{
	(void)state;
	for (size_t step = 1; step < 20; step++) {
		struct play *p = start(step % 2 ? 502 : 9999);
		send_cut(p, 0, READ_A, step);
		assert_int_equal(p->records[RECORD_OT], 0);
		send_cut(p, 1, ANSWER_A, step);
		assert_int_equal(p->records[RECORD_OT], 1);
		play_assert(p, "\"proto\":\"tcp\",\"protocol\":\"modbus\","
			       "\"from_src\":true,\"id\":1,\"unit\":4,"
			       "\"function\":\"read_holding_registers\","
			       "\"function_code\":3,\"operation\":\"read\","
			       "\"object\":\"holding_register\",\"address\":107,"
			       "\"count\":3,\"status\":\"ok\"");
		play_assert(p, "\"request_bytes\":12,\"answer_bytes\":15");
		play_close(p);
		play_assert(p, "\"service\":\"modbus\"");
		assert_int_equal(p->records[RECORD_OT], 1);
		play_end(p);
	}
}

static void functions(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
	    {"0002 0000 0006 01 05 00ac ff00", "0002 0000 0006 01 05 00ac ff00",
		"\"function\":\"write_single_coil\",\"function_code\":5,"
		"\"operation\":\"control\",\"object\":\"coil\",\"address\":172,"
		"\"count\":1,\"value\":\"on\",\"status\":\"ok\""},
	    {"0003 0000 0006 01 06 0001 0003", "0003 0000 0003 01 86 02",
		"\"value\":\"3\",\"status\":\"illegal_data_address\""},
	    {"0004 0000 000b 01 10 0001 0002 04 000a 0102",
		"0004 0000 0006 01 10 0001 0002",
		"\"address\":1,\"count\":2,\"detail\":\"10,258\""},
	    {"0005 0000 0009 01 0f 0013 000a 02 cd01", "0005 0000 0006 01 0f 0013 000a",
		"\"detail\":\"cd01\""},
	    {"0006 0000 0008 01 16 0004 00f2 0025", "0006 0000 0008 01 16 0004 00f2 0025",
		"\"address\":4,\"count\":1,\"detail\":\"and=242 or=37\""},
	    {"0007 0000 000d 01 17 0003 0006 000e 0001 02 00ff",
		"0007 0000 0005 01 17 02 00fe",
		"\"address\":14,\"count\":1,\"value\":\"255\",\"detail\":\"read=3+6\""},
	    {"0008 0000 0006 01 08 0004 0000", NULL,
		"\"operation\":\"mode\",\"detail\":\"force_listen_only_mode\""},
	    {"0009 0000 0005 01 2b 0e 01 00", "0009 0000 0004 01 ab 01 00",
		"\"operation\":\"discovery\",\"detail\":\"read_device_identification\","
		"\"status\":\"illegal_function\""},
	    {"000a 0000 0004 01 5a 01 41", "000a 0000 0004 01 5a 01 fe",
		"\"function\":\"program_unity\",\"function_code\":90,"
		"\"operation\":\"mode\",\"detail\":\"stop_plc\",\"status\":\"ok\""},
	    {"000b 0000 0004 01 5a 01 33", "000b 0000 0004 01 5a 01 fd",
		"\"operation\":\"program\",\"detail\":\"initialize_download\","
		"\"status\":\"umas_error\""},
	    {"000c 0000 000a 01 14 07 06 0004 0001 0002", NULL,
		"\"object\":\"file_record\",\"address\":1,\"count\":2,"
		"\"detail\":\"file=4\""},
	    {"000d 0000 0002 01 64", NULL, "\"function\":\"unknown-100\""},
	    {"000e 0000 0004 01 18 04de", NULL, "\"address\":1246"},
	};
	struct play *p = start(502);
	play_pairs(p, pairs, COUNT_OF(pairs), HEX_MAX);
	play_end(p);
}

/* An answer without request is a row; a request asked again leaves the first without. */
static void lost_halves(void **state)
{
	(void)state;
	struct play *p = start(502);
	say(p, 1, ANSWER_A);
	assert_int_equal(play_count(p, "\"answer_bytes\":15"), 1);
	assert_int_equal(play_count(p, "\"address\""), 0);
	play_assert(p, "\"from_src\":true");
	say(p, 0, READ_A);
	say(p, 0, READ_A);
	assert_int_equal(p->records[RECORD_OT], 2);
	assert_int_equal(play_count(p, "\"answer_bytes\":0"), 1);
	say(p, 1, ANSWER_A);
	assert_int_equal(p->records[RECORD_OT], 3);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 3);
	play_end(p);
}

static void too_many_wait(void **state)
{
	(void)state;
	struct play *p = start(502);
	for (int i = 0; i < OT_PENDING_MAX + 3; i++) {
		char text[64];
		snprintf(text, sizeof(text), "%04x 0000 0006 04 03 006b 0003", i);
		say(p, 0, text);
	}
	assert_int_equal(p->records[RECORD_OT], 3);
	assert_int_equal(counters_of(p, "modbus")->over_limit, 3);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], OT_PENDING_MAX + 3);
	play_end(p);
}

/* After a gap or damage the next segment that begins with a message is read again. */
static void found_again(void **state)
{
	(void)state;
	struct play *p = start(502);
	say(p, 0, READ_A);
	say(p, 0, "0002 0000");
	lose(p, 0, 8);
	say(p, 1, ANSWER_A);
	say(p, 0, "0003 0000 0006 04 03 006b 0003");
	say(p, 0, "ffff ffff ffff");
	assert_int_equal(counters_of(p, "modbus")->malformed, 1);
	assert_int_equal(p->records[RECORD_ANOMALY], 1);
	say(p, 0, "0004 0000 0006 04 03 006b 0003");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 3);
	play_end(p);
}

static void lost_for_good(void **state)
{
	(void)state;
	struct play *p = start(502);
	say(p, 0, READ_A);
	for (int i = 0; i <= OT_LOST_MAX; i++) {
		assert_int_equal(p->records[RECORD_OT], 0);
		say(p, 0, "ffff ffff ffff");
	}
	assert_int_equal(p->records[RECORD_OT], 1); /* the parser has ended */
	assert_int_equal(p->records[RECORD_ANOMALY], 1);
	play_close(p);
	play_end(p);
}

/* Datagrams hold whole messages; what is cut is counted. */
static void over_udp(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 502);
	say(p, 0, READ_A);
	say(p, 1, ANSWER_A "0002 0000 0009");
	assert_int_equal(p->records[RECORD_OT], 1);
	assert_int_equal(counters_of(p, "modbus")->truncated, 1);
	say(p, 1, "ffff ffff ffff");
	assert_int_equal(counters_of(p, "modbus")->malformed, 1);
	play_close(p);
	play_end(p);
}

static void too_short_for_its_function(void **state)
{
	(void)state;
	struct play *p = start(502);
	say(p, 0, "0001 0000 0004 04 03 006b");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 1);
	assert_int_equal(counters_of(p, "modbus")->malformed, 1);
	assert_int_equal(play_count(p, "\"address\""), 0);
	play_end(p);
}

static void not_modbus(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "0001 0001 0006 04 03 006b 0003",   /* another protocol's identifier */
	    "0001 0000 0001 04",                /* too short */
	    "0001 0000 0105 04 03 006b 0003",   /* too long */
	    "0001 0000 0006 04 00 006b 0003",   /* no function */
	    "0001 0000 0007 04 03 006b 000300", /* length of no request */
	    "0001 0000 0002 04 64",             /* unknown, and not at home */
	    "0001 0000 0006 04 03 006b 0003 ffff ffff", /* and then something else */
	};
	none_of(IP_PROTO_TCP, 9999, texts, COUNT_OF(texts));
}

/* ---- registers that hold noise */

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* n readings of a block of eight registers, whose values come from value(). */
static struct play *readings(unsigned n, unsigned blocks,
    uint16_t (*value)(unsigned i, unsigned word, uint32_t *seed))
{
	struct play *p = start(502);
	uint32_t seed = 7;
	for (unsigned i = 0; i < n * blocks; i++) {
		uint8_t ask[] = {(uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 6, 1, 3, 0,
		    (uint8_t)(i % blocks * 8), 0, 8};
		uint8_t answer[9 + 16] = {
		    (uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 19, 1, 3, 16};
		for (unsigned k = 0; k < 8; k++) {
			uint16_t v = value(i / blocks, k, &seed);
			answer[9 + 2 * k] = (uint8_t)(v >> 8);
			answer[10 + 2 * k] = (uint8_t)v;
		}
		play_send(p, 0, ask, sizeof(ask));
		play_send(p, 1, answer, sizeof(answer));
	}
	play_close(p);
	return p;
}

static uint16_t drawn(unsigned i, unsigned word, uint32_t *seed)
{
	(void)i, (void)word;
	return (uint16_t)(next(seed) % 10000);
}

/* Temperatures that wander, with the noise of a converter. */
static uint16_t wandering(unsigned i, unsigned word, uint32_t *seed)
{
	return (uint16_t)(20000 + 3000 * ((i / 40 + word) % 7) + i % 40 * 60 +
			  next(seed) % 8);
}

static uint16_t converter(unsigned i, unsigned word, uint32_t *seed)
{
	(void)i, (void)word;
	return (uint16_t)(20000 + next(seed) % 60);
}

static uint16_t three_drawn(unsigned i, unsigned word, uint32_t *seed)
{
	uint16_t v = drawn(i, word, seed);
	return word < 3 ? v : (uint16_t)i;
}

/* Drawn anew each time: told. What wanders, is noise of a few bits alone, counts, or was
 * read too seldom: not. */
static void register_noise(void **state)
{
	(void)state;
	struct play *p = readings(300, 1, drawn);
	play_assert(p, "unit=1 function=3 address=0 count=8 readings=300 words=8 "
		       "followed=8");
	play_end(p);
	static uint16_t (*const quiet[])(unsigned, unsigned, uint32_t *) = {
	    wandering, converter, three_drawn};
	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++) {
		p = readings(300, 1, quiet[i]);
		assert_int_equal(play_count(p, "register_noise"), 0);
		play_end(p);
	}
	p = readings(99, 1, drawn);
	assert_int_equal(play_count(p, "register_noise"), 0);
	play_end(p);
}

/* More blocks than are followed: the first four are told. */
static void register_noise_limit(void **state)
{
	(void)state;
	struct play *p = readings(120, 6, drawn);
	assert_int_equal(play_count(p, "register_noise"), 4);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read_registers),
	    cmocka_unit_test(functions),
	    cmocka_unit_test(lost_halves),
	    cmocka_unit_test(too_many_wait),
	    cmocka_unit_test(found_again),
	    cmocka_unit_test(lost_for_good),
	    cmocka_unit_test(over_udp),
	    cmocka_unit_test(too_short_for_its_function),
	    cmocka_unit_test(not_modbus),
	    cmocka_unit_test(register_noise),
	    cmocka_unit_test(register_noise_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
