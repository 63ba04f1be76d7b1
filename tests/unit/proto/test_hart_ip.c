/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after HCF_SPEC-085 (HART-IP) and HCF_SPEC-081, -127 (HART). */
#include "ot_play.h"

#define HINIT     "010000000002000d0100007530"
#define HINIT_R   "010100000002000d0100007530"
#define HREAD     "010003000003001182264e0000d20100ff"
#define HREAD_R   "010103000003001886264e0000d2010700502041a0000099"
#define HRESET    "010003000004000d02802a00aa"
#define HRESET_R  "010103000004000f06802a021000aa"
#define HDIRECT   "010004000005000d0000001200"
#define HPUB      "010203000006001381264e0000d20302000011"
#define HAUDIT    "0100050000070008"
#define HNAK      "010f050000070008"
#define HBADCOM   "010003000008001182264e0000d20100ff"
#define HBADCOM_R "010103000008001386264e0000d20102c00099"

static const struct pair all[] = {
    {HINIT, HINIT_R,
	"\"protocol\":\"hart_ip\",\"from_src\":true,\"id\":2,\"function\":\"session_"
	"initiate\",\"function_code\":0,\"operation\":\"session\",\"status\":\"ok\""},
    {HREAD, HREAD_R,
	"\"id\":3,\"function\":\"token_passing_pdu\",\"function_code\":3,\"operation\":"
	"\"read\",\"object\":\"command\",\"address\":1,\"detail\":\"read_primary_"
	"variable device=264e0000d2\",\"status\":\"ok\""},
    {HRESET, HRESET_R,
	"\"id\":4,\"function\":\"token_passing_pdu\",\"function_code\":3,\"operation\":"
	"\"mode\",\"object\":\"command\",\"address\":42,\"detail\":\"perform_device_"
	"reset device=80 code=16\",\"status\":\"ok\""},
    {HDIRECT, NULL,
	"\"function\":\"direct_pdu\",\"function_code\":4,\"operation\":\"write\","
	"\"object\":\"command\",\"address\":18,\"detail\":\"write_tag_descriptor_date\""},
    {HPUB, NULL,
	"\"id\":6,\"function\":\"token_passing_pdu\",\"function_code\":3,\"operation\":"
	"\"report\""},
    {HAUDIT, HNAK,
	"\"function\":\"read_audit_log\",\"function_code\":5,\"operation\":"
	"\"diagnostic\",\"status\":\"nak\""},
    {HBADCOM, HBADCOM_R,
	"\"id\":8,\"function\":\"token_passing_pdu\",\"function_code\":3,\"operation\":"
	"\"read\",\"object\":\"command\",\"address\":1,\"detail\":\"read_primary_"
	"variable device=264e0000d2\",\"status\":\"communication_error\""},
};

static void messages(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 5094);
	play_pairs(p, all, COUNT_OF(all), HEX_MAX);
	play_end(p);
	for (size_t step = 13; step < 40; step += 13) {
		p = play_start(IP_PROTO_TCP, 4711);
		play_pairs(p, all, COUNT_OF(all), step);
		play_assert(p, "\"service\":\"hart_ip\"");
		play_end(p);
	}
}

static void not_hart(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "0300 0000 0002 0008",
	    "0104 0000 0002 0008",
	    "0100 0000 0002 0007",
	    "0100 0000 0002 000d 0200007530",
	    "0100 0300 0003 000c 82264e00",
	};
	none_of(IP_PROTO_UDP, 4711, texts, COUNT_OF(texts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages),
	    cmocka_unit_test(not_hart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
