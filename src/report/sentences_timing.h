/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: clockwork, presence
 * (report/sentence_table.h says how). */
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
	X(KEPT_ALIVE, "It is kept open and hardly used: {1} a minute.", \
		"该连接一直保持打开却几乎不用：每分钟 {1}。") \
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
		"这一节奏由 {1} 台主机合在一起呈现，单看任何一台都看不出来。") \
	X(SHORT_SLEEP, "From {2} to {3} it came every {per}: its sleep was shortened, as is done to work with it.", \
		"从 {2} 到 {3}，它每{per}出现一次：休眠间隔被缩短，通常是有人在操作。") \
	X(SHORT_SLEEPS, "Stretches of shortened sleep: {1}, {2} in all.", \
		"休眠缩短的时段：{1} 段，合计 {2}。") \
	X(FLEET_HOSTS, "Told once for {1} hosts, first {2}.", \
		"此处合并了 {1} 台主机，最先是 {2}。") \
	X(ODD_PERIOD, "{1} other hosts contact this peer every {2}; this one keeps another rhythm.", \
		"另有 {1} 台主机以 {2} 的间隔联系该对端，而这台的节奏不同。") \
	X(ODD_SIZE, "{1} other hosts with this rhythm send about {2} and receive about {3}; this one does not.", \
		"另有 {1} 台同节奏的主机约发送 {2}、接收 {3}，而这台不同。") \
	X(ODD_PRINT, "{1} other hosts with this rhythm use another TLS client ({2}).", \
		"另有 {1} 台同节奏的主机使用不同的 TLS 客户端（{2}）。") \
	X(TIME_OF_DAY, "The first of a day comes {1} after midnight UTC, give or take {2}, on {3} different days.", \
		"每天的第一次出现在 UTC 零点后 {1}，上下浮动 {2}，涉及 {3} 个不同的日期。") \
	X(FEW_A_DAY, "A few a day and always alike: {1} connections on {2} of {3} days.", \
		"每天只有几次而且总是一样：{3} 天里有 {2} 天出现，共 {1} 个连接。") \
	X(NO_RHYTHM, "The moments alone could be a person's: what speaks for it is size, rarity and lateness.", \
		"仅看时间可能是人的习惯：支持这一判断的是大小、罕见与出现之晚。") \
	X(SAME_NET, "The address changes, the network stays: {1}.", \
		"地址在变，所在网段不变：{1}。") \
	X(SAME_DOMAIN, "The name changes, the domain stays: {1}.", \
		"域名前缀在变，注册域不变：{1}。") \
	X(SAME_PRINT, "The peer changes, the TLS handshake stays: {1}.", \
		"对端在变，TLS 握手特征不变：{1}。") \
	X(SAME_TEMPLATE, "The peer changes, the sizes stay: about {1} out and {2} in, each time.", \
		"对端在变，收发大小不变：每次约发送 {1}、接收 {2}。") \
	X(ONE_TEMPLATE, "Counted are only the connections that send about {1} and receive about {2}; others to this peer have no rhythm.", \
		"只计发送约 {1}、接收约 {2} 的连接；与该对端的其他连接没有规律。") \
	X(ONLY_ASKED, "What keeps the rhythm is the DNS queries for names below {1}, not a connection.", \
		"呈现规律的是对 {1} 下域名的 DNS 查询，而不是连接。") \
	X(CHANGING_PEERS, "Different peers so far: {1}, first {2}.", \
		"至今不同的对端：{1} 个，最先是 {2}。")

#define HEADLINES_TIMING(H) \
	H("clockwork", FACT_KEY_FLEET_HOSTS, OUTBOUND, \
		"{1} hosts, {host} first, contact {peer} ({service}) every {per}, {since}.", \
		"{1} 台主机（{host} 最先）每{per}连接一次 {peer}（{service}），{since}。") \
	H("clockwork", FACT_KEY_FLEET_HOSTS, INBOUND, \
		"From outside, {peer} contacts {1} hosts, {host} first, every {per} ({service}), {since}.", \
		"外部的 {peer} 每{per}连接一次 {1} 台主机（{host} 最先，{service}），{since}。") \
	H("clockwork", FACT_KEY_FLEET_HOSTS, INTERNAL, \
		"Inside the network, {1} hosts, {host} first, contact {peer} ({service}) every {per}, {since}.", \
		"在内网，{1} 台主机（{host} 最先）每{per}连接一次 {peer}（{service}），{since}。") \
	H("clockwork", FACT_KEY_TIME_OF_DAY, ANY, \
		"{host} contacts {peer} ({service}) at the same time of day, {1} after midnight UTC, {since}.", \
		"{host} 每天在同一时刻（UTC 零点后 {1}）连接 {peer}（{service}），{since}。") \
	H("clockwork", FACT_KEY_FEW_A_DAY, ANY, \
		"{host} contacts {peer} ({service}) a few times a day, always alike, on {2} days, {since}.", \
		"{host} 每天以相同方式连接 {peer}（{service}）几次，涉及 {2} 天，{since}。") \
	H("clockwork", FACT_KEY_SAME_NET, ANY, \
		"{host} contacts changing addresses in {peer} ({service}), one every {per}, {since}.", \
		"{host} 每{per}连接一次 {peer} 网段内不断变化的地址（{service}），{since}。") \
	H("clockwork", FACT_KEY_SAME_DOMAIN, ANY, \
		"{host} contacts changing names below {peer} ({service}), one every {per}, {since}.", \
		"{host} 每{per}连接一次 {peer} 下不断变化的域名（{service}），{since}。") \
	H("clockwork", FACT_KEY_SAME_PRINT, ANY, \
		"{host} makes one and the same TLS handshake ({peer}) with changing servers every {per}, {since}.", \
		"{host} 每{per}与不断变化的服务器进行一次相同的 TLS 握手（{peer}），{since}。") \
	H("clockwork", FACT_KEY_SAME_TEMPLATE, ANY, \
		"{host} exchanges {1} for {2} with changing peers ({service}) every {per}, {since}.", \
		"{host} 每{per}与不断变化的对端（{service}）交换一次：发送 {1}，接收 {2}，{since}。") \
	H("clockwork", FACT_KEY_ONE_TEMPLATE, ANY, \
		"Among other connections {host} exchanges {1} for {2} with {peer} ({service}) every {per}, {since}.", \
		"{host} 夹在其他连接之中，每{per}与 {peer}（{service}）交换一次：发送 {1}，接收 {2}，{since}。") \
	H("clockwork", FACT_KEY_ONLY_ASKED, ANY, \
		"{host} asks DNS for names below {peer} every {per}, {since}.", \
		"{host} 每{per}通过 DNS 查询一次 {peer} 下的域名，{since}。") \
	H("clockwork", FACT_KEY_FAILING, OUTBOUND, \
		"{host} tries to reach {peer} ({service}) every {per}, and {1} of the attempts go unanswered, {since}.", \
		"{host} 每{per}尝试连接一次 {peer}（{service}），其中 {1} 没有应答，{since}。") \
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
