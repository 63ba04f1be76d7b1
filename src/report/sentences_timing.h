/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: clockwork, presence (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_TIMING_H
#define DWELL_REPORT_SENTENCES_TIMING_H

// clang-format off
#define FACT_SENTENCES_TIMING(X) \
	X(RHYTHM, "It comes every {per}, give or take {2}; {3} check-ins kept to it so far.", \
		"每{per}出现一次，上下浮动 {2}，至今有 {3} 次符合这一节奏。") \
	X(FALSE_ALARM, "Chance alone would show so regular a rhythm {often} (S = {1}; {3} gaps tested).", \
		"若纯属偶然，如此规律的节奏{often}（S = {1}；共检验 {3} 个间隔）。") \
	X(PRESENCE, "The two were connected in {1} of {2} watched hours, on {3} different days.", \
		"在有观测的 {2} 个小时中，双方有 {1} 的时间处于连接状态，涉及 {3} 个不同的日期。") \
	X(LONG_CHANNEL, "One connection stayed open for {1}; it sent {2} and received {3}.", \
		"有一个连接持续了 {1}，发送 {2}，接收 {3}。") \
	X(QUIET_HOURS, "{1} of it happens in hours in which this host is otherwise quiet.", \
		"其中 {1} 发生在该主机平时安静的时段。") \
	X(SCATTERED, "The moments are jittered by {1}: schedulers keep time, implants are told to vary it.", \
		"出现时刻带有 {1} 的抖动：定时任务通常守时，植入程序则常被设置抖动来掩盖节奏。") \
	X(FLEET_RHYTHM, "{1} hosts here contact this peer every {per}: likely something installed on all of them.", \
		"本网有 {1} 台主机每{per}联系一次该对端：多半是统一安装的软件。") \
	X(OWN_RHYTHMS, "Other rhythms that this host keeps: {1}.", \
		"该主机另有的规律节奏数：{1}。") \
	X(OFFICE_HOURS, "{1} of it falls into the host's busy hours: it could be a habit of people.", \
		"其中 {1} 落在该主机的繁忙时段：可能只是人的使用习惯。") \
	X(SHARED_RHYTHM, "The rhythm shows over {1} hosts together, in none of them alone.", \
		"这一节奏由 {1} 台主机合在一起呈现，单看任何一台都看不出来。")

#define HEADLINES_TIMING(H) \
	H("clockwork", FACT_KEY_SHARED_RHYTHM, ANY, \
		"{1} hosts, {host} first, take turns to contact {peer} ({service}): together every {per}, {since}.", \
		"{1} 台主机（{host} 最先）轮流连接 {peer}（{service}），合起来每{per}一次，{since}。") \
	H("clockwork", FACT_KEY_RHYTHM, OUTBOUND, "{host} contacts {peer} ({service}) every {per}, {since}.", \
		"{host} 每{per}连接一次 {peer}（{service}），{since}。") \
	H("clockwork", FACT_KEY_RHYTHM, INBOUND, "From outside, {peer} contacts {host} ({service}) every {per}, {since}.", \
		"外部的 {peer} 每{per}连接一次 {host}（{service}），{since}。") \
	H("clockwork", FACT_KEY_RHYTHM, INTERNAL, "Inside the network, {host} contacts {peer} ({service}) every {per}, {since}.", \
		"在内网，{host} 每{per}连接一次 {peer}（{service}），{since}。") \
	H("presence", NO_FACT, OUTBOUND, "{host} keeps a channel to {peer} ({service}) open, {since}.", \
		"{host} 长期保持与 {peer}（{service}）的连接，{since}。") \
	H("presence", NO_FACT, INBOUND, "From outside, {peer} keeps a channel to {host} ({service}) open, {since}.", \
		"外部的 {peer} 长期保持与 {host}（{service}）的连接，{since}。") \
	H("presence", NO_FACT, INTERNAL, "Inside the network, {host} keeps a channel to {peer} ({service}) open, {since}.", \
		"在内网，{host} 长期保持与 {peer}（{service}）的连接，{since}。")
// clang-format on

#endif
