/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after ISO 9506-2 (MMS), ISO 8823 (presentation) and ISO 8327 (session). */
#include "ot_play.h"
#include "proto/shared/ber.h"

#define CONNECT "0300 0016 11 e0 0000 0007 00 c1020001 c2020001 c0010a"
#define ACCEPT  "0300 0016 11 d0 0007 0001 00 c0010a c1020001 c2020001"
#define INITIATE                                                                         \
	"0300003202f0800d29c1273125a2236121301f020101a01a6018be162814020103a00fa8"       \
	"0d80027d00810101820101830105"
#define INITIATED                                                                        \
	"0300003202f0800e29c1273125a2236121301f020101a01a6118be162814020103a00fa9"       \
	"0d80027d00810101820101830105"
#define READ                                                                             \
	"0300003502f0800100010061283026020103a021a01f020105a41aa118a0163014a012a1"       \
	"101a034c44301a094c4c4e302453542458"
#define READ_DENIED "0300002002f0800100010061133011020103a00ca10a020105a405a103800103"
#define OPERATE                                                                          \
	"0300003a02f08001000100612d302b020103a026a024020106a51fa0183016a014a1121a"       \
	"034c44301a0b435357493024434f245058a003830101"
#define OPERATED "0300001d02f080010001006110300e020103a009a107020106a5028100"
#define OPEN                                                                             \
	"0300002302f0800100010061163014020103"                                           \
	"a00fa00d020107bf4807a0051903612e62"
#define OPEN_ERROR "0300002002f0800100010061133011020103a00ca20a800107a205a0038b0107"
#define STOP       "0300001f02f0800100010061123010020103a00ba009020108bf2903800101"
#define REPORT                                                                           \
	"0300002a02f08001000100611d301b020103a016a314a012a10ca10a1a034c44301a0352"       \
	"5054a0028300"
#define CONCLUDE  "0300001602f0800100010061093007020103a0028b00"
#define CONCLUDED "0300001602f0800100010061093007020103a0028c00"

static const struct pair all[] = {
    {CONNECT, ACCEPT,
	"\"protocol\":\"mms\",\"from_src\":true,\"id\":7,\"function\":\"cotp_connect\""},
    {INITIATE, INITIATED,
	"\"function\":\"initiate\",\"operation\":\"session\",\"status\":\"ok\""},
    {READ, READ_DENIED,
	"\"id\":5,\"function\":\"read\",\"function_code\":4,\"operation\":\"read\","
	"\"object\":\"variable\",\"detail\":\"LD0/"
	"LLN0$ST$X\",\"status\":\"object_access_denied\""},
    {OPERATE, OPERATED,
	"\"id\":6,\"function\":\"write\",\"function_code\":5,\"operation\":\"control\","
	"\"object\":\"variable\",\"detail\":\"LD0/CSWI0$CO$PX\",\"status\":\"ok\""},
    {OPEN, OPEN_ERROR,
	"\"id\":7,\"function\":\"file_open\",\"function_code\":72,\"operation\":\"file\","
	"\"detail\":\"a.b\",\"status\":\"file\""},
    {STOP, NULL,
	"\"id\":8,\"function\":\"stop\",\"function_code\":41,\"operation\":\"mode\""},
    {CONCLUDE, CONCLUDED,
	"\"function\":\"conclude\",\"operation\":\"session\",\"status\":\"ok\""},
};

/* However it is cut; and begun in the middle. */
static void services(void **state)
{
	(void)state;
	for (size_t step = 16; step < 200; step += 50) {
		struct play *p = play_start(IP_PROTO_TCP, 1102);
		play_pairs(p, all, COUNT_OF(all), step);
		play_assert(p, "\"service\":\"mms\"");
		play_end(p);
		p = play_start(IP_PROTO_TCP, 1102);
		play_pairs(p, all + 2, COUNT_OF(all) - 2, step);
		play_end(p);
	}
}

static void reports(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 102);
	say(p, 1, REPORT);
	play_assert(p, "\"from_src\":false,\"function\":\"information_report\","
		       "\"operation\":\"report\",\"detail\":\"LD0/RPT\"");
	say(p, 0, "0300 000d 02f080 01000100 6100");
	assert_int_equal(counters_of(p, "mms")->unsupported, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 1);
	play_end(p);
}

static void not_mms(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "0300001602f0800100010061093007020103a0023000",
	    "0300 000b 02f080 01000200",
	    "0300 0019 02f080 32 01 0000 0100 0009 0000 f0 00 0001 0001 01e0",
	};
	none_of(IP_PROTO_TCP, 102, texts, COUNT_OF(texts));
}

static void elements(void **state)
{
	(void)state;
	uint8_t b[HEX_MAX];
	struct ber e;
	struct bytes in = bytes_over(b, unhex("bf48 82 0002 aabb", b));
	assert_true(ber_next(&in, &e));
	assert_int_equal(e.number, 72);
	assert_int_equal(e.content.left, 2);
	in = bytes_over(b, unhex("30 80 0000", b)); /* of indefinite length */
	assert_false(ber_next(&in, &e));
	in = bytes_over(b, unhex("30 05 0000", b));
	assert_false(ber_next(&in, &e));
	in = bytes_over(b, unhex("1f ffffffffff 00", b)); /* a tag too long */
	assert_false(ber_next(&in, &e));
	in = bytes_over(b, unhex("30 85 0000000001 00", b)); /* a length too long */
	assert_false(ber_next(&in, &e));
	in = bytes_over(b, unhex("020101 3003 020105", b));
	static const uint8_t path[] = {0x30, 0x02};
	assert_int_equal(ber_number(ber_at(in, path, 2)), 5);
	assert_true(ber_child(in, 0x31).bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(services),
	    cmocka_unit_test(reports),
	    cmocka_unit_test(not_mms),
	    cmocka_unit_test(elements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
