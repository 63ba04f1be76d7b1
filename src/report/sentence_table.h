/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sentence of the reports, in every language, said once; those of facts and of
 * findings in a file for each family of detectors. {1} {2} {3} are the values of a fact
 * (finding/fact_table.h), {per} its span after "every", {often} its chance in words;
 * other names in braces are filled in by the caller. A unit test holds each row to the
 * same placeholders in both languages. Sentences with counts are built so that they are
 * right for one and for many.
 *
 * FACT_SENTENCES: X(FACT KEY, English, Chinese).   SENTENCES: X(KEY, English, Chinese)
 *
 * HEADLINES: H("detector", FACT_KEY_… or NO_FACT, direction or ANY, English, Chinese). A
 * finding is summed up by the first row of its detector whose direction is its own, and
 * whose fact it has: {1} {2} {3} {per} are that fact's values; {host} {peer} {service}
 * (protocol and port) {since} {time} (first packet) are the finding's.
 */
#ifndef DWELL_REPORT_SENTENCE_TABLE_H
#define DWELL_REPORT_SENTENCE_TABLE_H

#include "report/sentences_dns.h"
#include "report/sentences_inside.h"
#include "report/sentences_lists.h"
#include "report/sentences_ot.h"
#include "report/sentences_shared.h"
#include "report/sentences_timing.h"
#include "report/sentences_tls.h"
#include "report/sentences_volume.h"
#include "report/sentences_wire.h"

// clang-format off
#define FACT_SENTENCES(X) \
	FACT_SENTENCES_SHARED(X) \
	FACT_SENTENCES_TIMING(X) \
	FACT_SENTENCES_VOLUME(X) \
	FACT_SENTENCES_DNS(X) \
	FACT_SENTENCES_WIRE(X) \
	FACT_SENTENCES_TLS(X) \
	FACT_SENTENCES_INSIDE(X) \
	FACT_SENTENCES_OT(X) \
	FACT_SENTENCES_LISTS(X)

#define HEADLINES(H) \
	HEADLINES_TIMING(H) \
	HEADLINES_VOLUME(H) \
	HEADLINES_DNS(H) \
	HEADLINES_WIRE(H) \
	HEADLINES_TLS(H) \
	HEADLINES_INSIDE(H) \
	HEADLINES_OT(H)

#define SENTENCES(X) \
	X(INDICATOR_TO, "{host} connected to {peer}, which hunt {hunt} looks for, {since}.", \
		"{host} 连接了 {peer}（狩猎 {hunt} 查找的目标），{since}。") \
	X(INDICATOR_FROM, "{peer}, which hunt {hunt} looks for, connected to {host}, {since}.", \
		"{peer}（狩猎 {hunt} 查找的目标）连接了 {host}，{since}。") \
	X(INDICATOR_NAMED, "{host} asked for or was told of {peer}, which hunt {hunt} looks for; first seen {time}.", \
		"{host} 查询过或被告知 {peer}（狩猎 {hunt} 查找的目标）；首次出现于 {time}。") \
	X(INDICATOR_SHOWN, "In connections of {host} there was {peer}, which hunt {hunt} looks for; first seen {time}.", \
		"在 {host} 的连接中出现了 {peer}（狩猎 {hunt} 查找的目标）；首次出现于 {time}。") \
	X(OTHER, "{detector}: {host} and {peer} ({service}), {since}.", \
		"{detector}：{host} 与 {peer}（{service}），{since}。") \
	X(SINCE_FIRST_PACKET, "since {time}, their first packet", "始于 {time}，即双方的首个数据包") \
	X(SINCE_ONSET, "since {time}, when this began", "始于 {time}，此行为自那时开始") \
	X(SINCE_BEFORE_MEMORY, "since {time} or earlier (the memory begins there)", \
		"始于 {time} 或更早（记忆库自此时才有数据）") \
	X(DATE_FIRST_PACKET, "first packet between the two", "双方之间的首个数据包") \
	X(DATE_ONSET, "this began then; they talked before", "此行为自那时开始；此前已有通信") \
	X(DATE_BEFORE_MEMORY, "or earlier: the memory begins there", "或更早：记忆库自此时才有数据") \
	X(DATED, "{time} ({kind})", "{time}（{kind}）") \
	X(AND_MORE, "More findings about the two: {n}.", "关于双方的其他发现：{n} 项。") \
	X(CHANCE_COUNT, "about {n} times in this memory", "在这个记忆库中预计出现约 {n} 次") \
	X(CHANCE_ONCE, "about once in {n} memories of this size", "大约在 {n} 个同等规模的记忆库中才出现一次") \
	X(CHANCE_NEVER, "less than once in a billion memories of this size", "在十亿个同等规模的记忆库中也出现不到一次") \
	X(CASE, "Case", "案件") \
	X(FINDING, "Finding", "发现") \
	X(FINDING_OF, "Finding {n} of {all}", "第 {n} 项发现，共 {all} 项") \
	X(LESSER_FINDINGS, "Findings of low confidence", "置信度低的发现") \
	X(BEHAVIOUR, "What it does", "行为") \
	X(SINCE, "Since", "起始") \
	X(DWELL_TIME, "Dwell time", "驻留时间") \
	X(LAST_SEEN, "Last seen", "最后出现") \
	X(FIRST_SEEN, "First seen", "首次出现") \
	X(SENT, "Sent", "发送") \
	X(RECEIVED, "Received", "接收") \
	X(SENT_RANGE, "{low} to {high}", "{low} 至 {high}") \
	X(CONNECTIONS, "Connections", "连接数") \
	X(CONFIDENCE, "Confidence", "置信度") \
	X(HIGH, "high", "高") \
	X(MEDIUM, "medium", "中") \
	X(LOW, "low", "低") \
	X(FOR, "What speaks for it", "支持这一判断的理由") \
	X(AGAINST, "What speaks against it", "不支持这一判断的理由") \
	X(CONTEXT, "Context", "背景") \
	X(NOTHING_AGAINST, "Nothing that dwell knows of.", "dwell 未发现相反的理由。") \
	X(STORY, "What happened, in order", "事件经过") \
	X(STORY_LAST, "Last seen: {host} and {peer} ({detector}).", "最后一次出现：{host} 与 {peer}（{detector}）。") \
	X(STORY_MORE, "… and {n} more in between.", "……其间另有 {n} 项。") \
	X(TIMELINE, "Timeline", "时间线") \
	X(PLOT_ACTIVITY, "Seen per {per}", "每{per}出现的次数") \
	X(PLOT_ACTIVITY_ALT, "Seen per {per} from {from} to {to}: {n} times in all, {most} at most.", \
		"从 {from} 到 {to} 每{per}出现的次数：共 {n} 次，最多 {most} 次。") \
	X(PLOT_RHYTHM, "Time in between", "相邻两次的间隔") \
	X(PLOT_RHYTHM_ALT, "Half of all gaps lie between {low} and {high}.", "半数间隔在 {low}与 {high}之间。") \
	X(PLOT_FLAG, "Flag: {time}.", "旗标：{time}。") \
	X(PLOT_BAND, "Shaded: {span} ± {share}.", "阴影：{span} ± {share}。") \
	X(PLOT_WEEK, "By hour of the week", "一周各时段的次数") \
	X(PLOT_WEEK_ALT, "Busiest hour: {day} {hour} ({n}).", "最繁忙的时段：{day} {hour}（{n}）。") \
	X(PLOT_TRAFFIC, "Packets seen per {per}", "每{per}看到的数据包数") \
	X(PLOT_TRAFFIC_ALT, "Packets seen per {per} from {from} to {to}: {most} at most.", \
		"从 {from} 到 {to} 每{per}看到的数据包数：最多 {most} 个。") \
	X(EVIDENCE, "Its rows in the memory", "记忆库中的相关记录") \
	X(EVIDENCE_HOW, "This lists them, with the capture file and offset of each:", "以下命令列出这些记录，以及各自所在的抓包文件和偏移：") \
	X(ATTACK, "ATT&CK", "ATT&CK") \
	X(DETECTOR, "Detector", "检测器") \
	X(NO_CASES, "No cases: nothing in this memory stays the way an intruder does.", \
		"没有案件：这个记忆库中没有发现像入侵者那样长期驻留的行为。") \
	X(NO_CASES_SHORT, "The memory is short ({span}): a rhythm needs about seven check-ins before it shows.", \
		"记忆库很短（{span}）：一个节奏大约要出现七次才能显现。") \
	X(LOOKED_AT, "Connections looked at: {connections}, from {from} to {to} ({span}); traffic in {share} of the minutes.", \
		"共检查 {connections} 个连接，从 {from} 到 {to}（{span}）；其中 {share} 的分钟有流量。") \
	X(LOSSES, "Packets that the capture lost in that time: {lost}; cut short: {cut}.", \
		"期间抓包丢失数据包 {lost} 个，截短 {cut} 个。") \
	X(SILENCE, "The longest time without any packet was {span}, from {from} to {to}.", \
		"最长一次完全没有数据包的时间为 {span}，从 {from} 到 {to}。") \
	X(EMPTY_MEMORY, "The memory is empty: nothing was watched yet.", "记忆库是空的：尚未观测任何流量。") \
	X(BUDGET, "Shown are the first {n} of {all} cases: at most {rate} of them a day are expected to be false (asked for: {asked}). Without --budget all are listed.", \
		"共 {all} 个案件，显示前 {n} 个：其中预计每天至多 {rate} 个为误报（要求：{asked}）。不加 --budget 则全部列出。") \
	X(MUTED, "Muted", "已静音") \
	X(MUTED_BY, "{reason} (mute {n}, by {author}, {at})", \
		"{reason}（静音 {n}，{author}，{at}）") \
	X(MUTED_UNTIL, "{reason} (mute {n}, by {author}, {at}, until {until})", \
		"{reason}（静音 {n}，{author}，{at}，至 {until}）") \
	X(MUTED_CASES, "Muted cases: {n} (--muted shows them)", "已静音的案件：{n} 个（--muted 可显示）") \
	X(MORE_CASES, "More cases: {n} (dwell cases --all)", "其余案件：{n} 个（dwell cases --all）") \
	X(MORE_ABOUT, "More: {command}", "详情：{command}") \
	X(TITLE, "Who stays", "谁在长期驻留") \
	X(SUBTITLE, "Cases: {n}. Connections looked at: {connections}, from {from} to {to}.", \
		"{n} 个案件，源自 {connections} 个连接，从 {from} 到 {to}。") \
	X(CASES, "Cases", "案件") \
	X(COVERAGE, "What was watched", "观测范围") \
	X(MADE_BY, "Made by dwell from the rows of its memory. It names behaviour, never an actor.", \
		"由 dwell 根据记忆库中的记录生成。它只描述行为，不指认任何行为者。") \
	X(COVERED, "Watched from {from} to {to} ({span}): {hours} of the hours, {minutes} of the minutes with traffic.", \
		"观测自 {from} 至 {to}（{span}）：{hours} 的小时、{minutes} 的分钟有流量。") \
	X(COVERED_MISSED, "Missed in that time: packets lost: {lost} ({loss}), cut short: {cut}; connections of which one side only was seen: {one_way}; steps of the clock: {steps}.", \
		"期间的缺失：丢失数据包 {lost} 个（{loss}），截短 {cut} 个；只看到单向的连接占 {one_way}；时钟跳变 {steps} 次。") \
	X(COVERED_SHED, "Under load the content of connections was left out: {n} pieces. Their packets and bytes are counted whole; what their content said is not known.", \
		"负载过高时未解析连接内容 {n} 段：其数据包与字节数完整计入，内容所述则不得而知。") \
	X(COVERED_DOWN, "Interfaces were without a carrier for {span} in all.", \
		"接口无载波的时间共计 {span}。") \
	X(COVERED_FELL, "Readers of packets that fell: {n}; connections that were open in them are lost.", \
		"读取数据包的进程意外终止 {n} 次：当时未结束的连接已丢失。") \
	X(COVERED_UNWATCHED, "Minutes of which nothing tells that anybody watched: {n} ({span} in all); a recording had no traffic then, or no watch was at work.", \
		"有 {n} 分钟（共 {span}）没有记录表明有人观测：或是录制中没有流量，或是没有观测进程在运行。") \
	X(COVERED_GAPS, "Times of an hour and more without any traffic: {n}, {all} in all; the longest was {span}, from {from} to {to}.", \
		"持续一小时以上没有任何流量的时段：{n} 个，共 {all}；最长 {span}，从 {from} 到 {to}。") \
	X(COVERED_BY_LOGS, "Hours known from logs, which tell only what their makers kept: {kinds}.", \
		"由日志得知的小时数（日志只含其产生者保留的内容）：{kinds}。") \
	X(COVERED_NOTHING, "Nothing was watched from {from} to {to}: no answer is possible for that time.", \
		"从 {from} 到 {to} 没有任何观测：无法对这段时间作出回答。") \
	X(COVERED_NOTHING_SINCE, "Nothing was watched from {from} on: no answer is possible for that time.", \
		"自 {from} 起没有任何观测：无法对这段时间作出回答。") \
	X(COVERED_NOTHING_UNTIL, "Nothing was watched until {to}: no answer is possible for that time.", \
		"在 {to} 之前没有任何观测：无法对这段时间作出回答。") \
	X(WATCHED, "Watched", "观测") \
	X(SPAN_WATCHED, "{hours} of the hours since then, {minutes} of the minutes with traffic; {missed}", \
		"此后 {hours} 的小时、{minutes} 的分钟有流量；{missed}") \
	X(SPAN_UNWATCHED, "nothing tells that anybody watched in that time", \
		"没有记录表明这段时间有人观测") \
	X(SPAN_NONE_MISSED, "nothing known to be missed", "未发现缺失") \
	X(SPAN_LOST, "packets lost: {n} ({share})", "丢失数据包 {n} 个（{share}）") \
	X(SPAN_CUT, "packets cut short: {n}", "截短数据包 {n} 个") \
	X(SPAN_ONE_WAY, "one direction only of {share} of the connections", "{share} 的连接只看到单向") \
	X(SPAN_STEPS, "steps of the clock: {n}", "时钟跳变 {n} 次") \
	X(SPAN_SHED, "content left out under load: {n} pieces", "负载下未解析内容 {n} 段") \
	X(SPAN_DOWN, "interfaces without a carrier: {span}", "接口无载波 {span}") \
	X(SPAN_FELL, "readers that fell: {n}", "读取进程意外终止 {n} 次") \
	X(SPAN_GAPS, "without traffic for an hour or more: {n} times, {all} in all, the longest {span} from {from}", \
		"一小时以上没有流量：{n} 次，共 {all}，最长 {span}（自 {from} 起）") \
	X(PLAN_RULE, "Kept: {rule}.", "保留规则：{rule}。") \
	X(PLAN_BUDGET, "The memory may grow to {size}; then its oldest rows go, never the roll-ups.", \
		"记忆库最大可增至 {size}；超出后删除最早的明细，汇总始终保留。") \
	X(PLAN_NO_POLICY, "Everything is kept for good: no limit was set.", \
		"全部永久保留：未设定任何限制。") \
	X(PLAN_SIZE, "The memory takes {used}; its disk has {free} left.", \
		"记忆库占用 {used}；磁盘剩余 {free}。") \
	X(PLAN_TOO_LITTLE, "The record covers {days}: too little to tell how it grows. Ask again after a week.", \
		"记录仅覆盖 {days}，不足以推断增长速度；请一周后再看。") \
	X(PLAN_GROWTH, "The record covers {days}. A day adds {detail} of detail and {rollups} of roll-ups.", \
		"记录覆盖 {days}。每天新增明细 {detail}、汇总 {rollups}。") \
	X(PLAN_DETAIL, "Within that budget there is room for {now} of detail today, for {later} a year from now.", \
		"在该预算内，现在可容纳 {now} 的明细，一年后可容纳 {later}。") \
	X(PLAN_LONG, "more than 100 years", "100 年以上") \
	X(PLAN_LASTS, "At this rate the disk lasts {span}.", \
		"按此速度，磁盘可用 {span}。") \
	X(PLAN_BUDGET_LASTS, "At this rate the budget lasts {span}.", \
		"按此速度，预算可用 {span}。") \
	X(PLAN_ADVICE, "dwell plan --keep-conn 90d would keep detail for 90 days and the roll-ups for good.", \
		"执行 dwell plan --keep-conn 90d 可只保留 90 天明细，汇总永久保留。") \
	X(DOCTOR_EMPTY, "nothing in it", "其中没有内容") \
	X(DOCTOR_DOUBLE, "the same bytes are in another input: not read twice", "与另一输入内容相同，未重复读取") \
	X(DOCTOR_LINK, "link type {link} ({name}) is not read", "不支持链路类型 {link}（{name}）") \
	X(DOCTOR_WIFI_ENCRYPTED, "encrypted 802.11 frames: {n}", "加密的 802.11 帧 {n} 个") \
	X(DOCTOR_WIFI_MANAGEMENT, "802.11 management and control frames: {n}", "802.11 管理帧与控制帧 {n} 个") \
	X(DOCTOR_NOT_IP, "not IP: {kinds}", "非 IP：{kinds}") \
	X(DOCTOR_CUT, "packets cut short by the capture: {n}, at most {bytes} kept of each", \
		"抓包截短的数据包 {n} 个，每个最多保留 {bytes}") \
	X(DOCTOR_DROPS, "packets that the capture says it lost: {n}", "抓包自称丢失的数据包 {n} 个") \
	X(DOCTOR_ONE_WAY, "only one direction of every connection", "每个连接都只看到单向") \
	X(DOCTOR_NO_PROTOCOL, "no protocol of those that are read", "没有可识别的协议") \
	X(DOCTOR_ISSUE, "{reason}", "{reason}") \
	X(DOCTOR_ISSUE_AT, "byte {offset}: {reason}", "字节 {offset}：{reason}") \
	X(DOCTOR_ISSUES, "further faults: {n}", "其他问题 {n} 处") \
	X(ASK_SEEN, "seen from {from} to {to}, on {days} days", "出现于 {from} 至 {to}，活跃 {days} 天") \
	X(ASK_SEEN_DAY, "seen from {from} to {to}, on one day", "出现于 {from} 至 {to}，活跃 1 天") \
	X(ASK_NOT_SEEN, "not seen", "未出现") \
	X(ASK_NO_ANSWER, "no answer", "无法回答") \
	X(ASK_SUMMARY, "Asked for: {all}; seen: {seen}; not seen: {no}; without an answer: {unanswered}.", \
		"查询：{all} 项；出现：{seen} 项；未出现：{no} 项；无法回答：{unanswered} 项。") \
	X(ASK_NO_MEANS, "Not seen means: not in the {minutes} of the minutes that had traffic; {rest} of them had none, or nobody watched.", \
		"“未出现”是指：在有流量的 {minutes} 的分钟里没有出现；其余 {rest} 的分钟没有流量，或无人观测。") \
	X(ASK_RAW, "This memory has no roll-ups yet, so its plain rows were read; the next scan makes them.", \
		"该记忆库尚无汇总数据，因此直接读取了原始记录；下次扫描时会生成汇总。") \
	X(ASK_DECAYED, "Rows of connections before {time} have decayed (dwell plan): what is said of that time rests on the roll-ups.", \
		"{time} 之前的连接记录已淘汰（见 dwell plan），关于那段时间的说法以汇总为依据。") \
	X(ASK_COARSE, "The span cuts a year: first and last are right to the day, counts are those of the whole year.", \
		"查询的时间段不是整年：首末时间精确到天，计数为全年的数目。") \
	X(ASK_MORE_HOSTS, "Hosts beyond the limit were counted, not listed.", "超出上限的主机只计数，未列出。") \
	X(ASK_OTHER_HOSTS, "Hosts not listed here: {n} (--all lists them)", "另有 {n} 台主机未列出（--all 列出全部）") \
	X(ASK_UNANSWERED, "without answer: {n}", "无应答：{n}") \
	X(ASK_AND_OTHERS, "and others", "及其他") \
	X(ASK_INDICATOR, "Indicator", "指标") \
	X(ASK_HOST, "Host", "主机") \
	X(ASK_OUTSIDE, "not ours", "非本网") \
	X(ASK_HOSTS, "Hosts", "主机数") \
	X(ASK_FIRST, "First", "首次") \
	X(ASK_LAST, "Last", "末次") \
	X(ASK_DAYS, "Days", "天数") \
	X(ASK_COUNT, "Connections", "连接数") \
	X(ASK_SHOWN, "Shown", "出现次数") \
	X(ASK_OUT, "Out", "发出") \
	X(ASK_IN, "In", "收到") \
	X(ASK_SEEN_AS, "Seen as", "出现方式") \
	X(ASK_NAMES, "Names", "域名") \
	X(ASK_ADDRESSES, "Addresses", "地址") \
	X(ASK_SERVICES, "Services", "服务") \
	X(ASK_NOTE, "Note", "备注") \
	X(ASK_FROM, "From", "来源") \
	X(ASK_PATTERN, "pattern", "组合条件") \
	X(HOW_TO, "connected to", "被连接") \
	X(HOW_FROM, "connected from", "主动连入") \
	X(HOW_SERVER_NAME, "name of a server", "服务器域名") \
	X(HOW_DNS_QUERY, "asked for in DNS", "DNS 查询") \
	X(HOW_DNS_ANSWER, "named in a DNS answer", "DNS 应答") \
	X(HOW_SNI, "name in TLS (SNI)", "TLS 域名（SNI）") \
	X(HOW_CERT, "certificate", "证书") \
	X(HOW_TLS, "TLS handshake", "TLS 握手") \
	X(HOW_HTTP_HOST, "host of an HTTP request", "HTTP 主机名") \
	X(HOW_HTTP, "HTTP request", "HTTP 请求") \
	X(HOW_SSH, "SSH handshake", "SSH 握手") \
	X(HOW_FILE, "transferred file", "传输的文件") \
	X(HOW_DHCP, "lease (DHCP)", "地址租约（DHCP）") \
	X(HOW_NBNS, "registered in NetBIOS", "NetBIOS 名称注册") \
	X(HOW_NTLM, "logon (NTLM)", "登录（NTLM）") \
	X(HOW_KERBEROS, "machine account (Kerberos)", "计算机账户（Kerberos）") \
	X(HOW_SMB, "server of a share (SMB)", "共享服务器（SMB）") \
	X(HOW_RADIUS, "access to the network (RADIUS)", "网络接入（RADIUS）") \
	X(HOW_RDP, "remote desktop (RDP)", "远程桌面（RDP）") \
	X(HOW_RPC, "remote call (RPC)", "远程调用（RPC）") \
	X(HOW_OT, "industrial protocol", "工业协议") \
	X(HOW_URL, "requested URL", "请求的 URL") \
	X(WHY_NOT_KEPT, "dwell keeps no record of such things", "dwell 不记录这类信息") \
	X(WHY_ONLY_WITH, "a port or protocol is asked only together with an address", "端口或协议只能与地址一起查询") \
	X(WHY_EXPRESSION, "this expression can not be evaluated", "无法计算该表达式") \
	X(WHY_TOO_MANY, "too many of its kind in one question", "一次查询中这类条件过多") \
	X(WHY_PATH_UNSEEN, "its host was met, but no request for this path was seen; within TLS none would be", \
		"与其主机有过通信，但未见对该路径的请求（TLS 内的请求本来就不可见）") \
	X(WHY_PORT, "asked without its port: names are kept without one", "域名记录不含端口，查询时未考虑端口") \
	X(WHY_SAME_HOST, "one host met all parts, though not necessarily in one connection", \
		"同一主机符合所有条件，但不一定在同一个连接中") \
	X(WHY_TIMES, "all parts were seen, though perhaps not within the time that it asks for", \
		"各部分都出现过，但不一定在其要求的时间范围内") \
	X(WHY_PART, "a part of it can not be answered: {parts}", "其中有无法回答的部分：{parts}") \
	X(EVERY_TIME_UTC, "All times are UTC.", "所有时间均为 UTC。")
// clang-format on

#endif
