/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after ASHRAE 135 (BACnet), annex J and clause 20. */
#include "ot_play.h"

#define RP           "810a001101040005010c0c0200007b1955"
#define RP_ERR       "810a000d010050010c9101911f"
#define WP           "810a001a01040005020f0c0040000119553e4442c800003f4908"
#define WP_ACK       "810a0009010020020f"
#define RPM          "810a001501040005030e0c020000051e094d094c1f"
#define RPM_ACK      "810a001a010030030e0c020000051e294d4e7504004142434f1f"
#define DCC          "810a000e01040005041109051901"
#define DCC_REJ      "810a00090100600409"
#define REINIT       "810a000c0104000505140900"
#define REINIT_ABORT "810a00090100710504"
#define WHOIS        "810b00100120ffff00ff10080964196d"
#define IAM          "810b001401001000c40200007b22040091032105"
#define FWD_WHOHAS   "8104001bc0a80001bac00128ffff00000d013dfe10072c0200007b"
#define REGFD        "81050006003c"
#define REGFD_R      "810000060000"
#define REGFD_N      "810000060030"
#define ROUTER       "810b00090180010005"
#define SEG          "810a001301040c050600040f0c004000011955"
#define SEG2         "810a000e01040c050601040faabb"

static const struct pair all[] = {
    {RP, RP_ERR,
	"\"proto\":\"udp\",\"protocol\":\"bacnet\",\"from_src\":true,\"id\":1,"
	"\"function\":\"read_property\",\"function_code\":12,\"operation\":\"read\","
	"\"object\":\"device\",\"address\":123,\"detail\":\"present_value\",\"status\":"
	"\"error_unknown_object\""},
    {WP, WP_ACK,
	"\"id\":2,\"function\":\"write_property\",\"function_code\":15,\"operation\":"
	"\"write\",\"object\":\"analog_output\",\"address\":1,\"value\":\"100\","
	"\"detail\":\"present_"
	"value\",\"status\":\"ok\""},
    {RPM, RPM_ACK,
	"\"id\":3,\"function\":\"read_property_multiple\",\"function_code\":14,"
	"\"operation\":\"read\",\"object\":\"device\",\"address\":5,\"detail\":\"object_"
	"name\",\"status\":\"ok\""},
    {DCC, DCC_REJ,
	"\"function\":\"device_communication_control\",\"function_code\":17,"
	"\"operation\":\"mode\",\"detail\":\"state=1\",\"status\":\"reject_unrecognized_"
	"service\""},
    {REINIT, REINIT_ABORT,
	"\"function\":\"reinitialize_device\",\"function_code\":20,\"operation\":"
	"\"mode\",\"detail\":\"state=0\",\"status\":\"abort_segmentation_not_"
	"supported\""},
    {WHOIS, NULL,
	"\"unit\":65535,\"function\":\"who_is\",\"function_code\":8,\"operation\":"
	"\"discovery\",\"address\":100,\"count\":10"},
    {IAM, NULL,
	"\"function\":\"i_am\",\"function_code\":0,\"operation\":\"discovery\","
	"\"object\":\"device\",\"address\":123"},
    {FWD_WHOHAS, NULL,
	"\"unit\":65535,\"origin\":13,\"function\":\"who_has\",\"function_code\":7,"
	"\"operation\":\"discovery\",\"object\":\"device\",\"address\":123"},
    {REGFD, REGFD_R,
	"\"function\":\"register_foreign_device\",\"function_code\":5,\"operation\":"
	"\"session\",\"status\":\"ok\""},
    {REGFD, REGFD_N, "\"operation\":\"session\",\"status\":\"nak\""},
    {ROUTER, NULL,
	"\"function\":\"i_am_router_to_network\",\"function_code\":1,\"operation\":"
	"\"discovery\""},
    {SEG, NULL, "\"id\":6,\"function\":\"write_property\""},
};

static void messages(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4711);
	play_pairs(p, all, COUNT_OF(all), HEX_MAX);
	play_assert(p, "\"service\":\"bacnet\"");
	play_end(p);
}

/* Only the first segment of a message makes a row. */
static void segmented(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 47808);
	say(p, 0, SEG);
	say(p, 1, "810a 0009 0100 40 06 00 04");
	say(p, 0, SEG2);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 1);
	play_end(p);
}

static void not_bacnet(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "810a 0009 0100 10 08", /* length */
	    "810d 0008 0100 10 08", /* function */
	    "810a 0008 0200 10 08", /* version */
	    "820a 0008 0100 10 08",
	    "810a 0004",
	};
	none_of(IP_PROTO_UDP, 4711, texts, COUNT_OF(texts));
}

static void damaged(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 47808);
	say(p, 0, WHOIS);
	say(p, 0, "810a 0006 01 20");
	say(p, 0, "810a 0008 0100 00 05");
	say(p, 0, "810a 0007 0100 f0");
	say(p, 0, "810a 00ff 0100 10");
	assert_int_equal(counters_of(p, "bacnet")->malformed, 4);
	say(p, 0, "810a 0008 0200 10 08");
	assert_int_equal(counters_of(p, "bacnet")->unsupported, 1);
	say(p, 0, "810a 000f 0104 00 05 01 0c 0d 0200 fe ff"); /* tags that end early */
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 2);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages),
	    cmocka_unit_test(segmented),
	    cmocka_unit_test(not_bacnet),
	    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
