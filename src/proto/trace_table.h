/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published traces that dwell knows, as lines of doc/format/traces.md. Facts only,
 * each with the public text that it comes from; doc/detect/implant.md says what each is.
 */
#ifndef DWELL_PROTO_TRACE_TABLE_H
#define DWELL_PROTO_TRACE_TABLE_H

// clang-format off
#define TRACE_TABLE(T) \
	T("synful_knock where=syn seq-ack=0xc123d alone=medium with=synful_knock_answer:high " \
		"source=github.com/mandiant/synfulknock") \
	T("synful_knock_answer where=synack ack-seq=0xc123e alone=high " \
		"source=github.com/mandiant/synfulknock") \
	T("bpfdoor_tcp where=tcp bytes=0:5293 side=0 unanswered=low repeat=medium callback=high " \
		"source=elastic.co/security-labs/a-peek-behind-the-bpfdoor") \
	T("bpfdoor_udp where=udp bytes=0:7255 side=0 unanswered=low repeat=medium callback=high " \
		"source=elastic.co/security-labs/a-peek-behind-the-bpfdoor") \
	T("bpfdoor_icmp where=icmp type=8 bytes=0:7255 unanswered=low repeat=medium callback=high " \
		"source=elastic.co/security-labs/a-peek-behind-the-bpfdoor") \
	T("bpfdoor_icmp_1234 where=icmp type=8 seq=1234 bytes=0:583a unanswered=low repeat=medium " \
		"callback=high source=community_Suricata_rules_after_Rapid7") \
	T("pingback_1234 where=icmp type=8 seq=0xd204 len=788 alone=medium repeat=high " \
		"source=corelight.com/blog/pingback-icmp-tunneling-malware") \
	T("pingback_1235 where=icmp type=8 seq=0xd304 len=788 alone=medium repeat=high " \
		"source=corelight.com/blog/pingback-icmp-tunneling-malware") \
	T("pingback_1236 where=icmp type=8 seq=0xd404 len=788 alone=medium repeat=high " \
		"source=corelight.com/blog/pingback-icmp-tunneling-malware") \
	T("facefish_hello where=tcp side=0 len=8 bytes=0:0000000200000000 alone=medium " \
		"with=facefish_key:high source=github.com/corelight/zeek-spicy-facefish") \
	T("facefish_key where=tcp side=1 len=32 bytes=0:18000102 with=facefish_hello:high " \
		"source=github.com/corelight/zeek-spicy-facefish") \
	T("doublepulsar_ping where=smb1 bytes=4:32 bytes=9:00/80 bytes=61:0e00 alone=medium " \
		"repeat=high with=doublepulsar_answer:high source=github.com/0xl3x1/zeek-EternalSafety") \
	T("doublepulsar_answer where=smb1 bytes=4:32020000c0 bytes=9:80/80 bytes=30:5100 " \
		"with=doublepulsar_ping:high source=github.com/0xl3x1/zeek-EternalSafety") \
	T("eternalblue_rename where=smb1 bytes=4:a0 bytes=9:00/80 bytes=69:0500 alone=medium " \
		"with=doublepulsar_ping:high source=github.com/0xl3x1/zeek-EternalSafety") \
	T("bvp47_syn where=syn len=100-400 fast_open=0 callback=high " \
		"source=Pangu_Lab_2022_The_Bvp47") \
	T("sliver_trigger where=udp side=0 bytes=0:7b bytes=-1:7d callback=medium " \
		"source=sliver.sh/docs")
// clang-format on

#endif
