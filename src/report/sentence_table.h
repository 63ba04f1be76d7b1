/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sentence of the reports, in every language, said once. {1} {2} {3} are the values
 * of a fact (finding/fact_table.h), {per} its span after "every", {often} its chance in
 * words; other names in braces are filled in by the caller. A unit test holds each row to
 * the same placeholders in both languages. Sentences with counts are built so that they
 * are right for one and for many.
 *
 * FACT_SENTENCES: X(FACT KEY, English, Chinese).   SENTENCES: X(KEY, English, Chinese)
 */
#ifndef DWELL_REPORT_SENTENCE_TABLE_H
#define DWELL_REPORT_SENTENCE_TABLE_H

// clang-format off
#define FACT_SENTENCES(X) \
	X(RHYTHM, "It comes every {per}, give or take {2}; {3} check-ins kept to it so far.", \
		"每{per}出现一次，上下浮动 {2}，至今有 {3} 次符合这一节奏。") \
	X(FALSE_ALARM, "Chance alone would show so regular a rhythm {often} (S = {1}; {3} gaps tested).", \
		"若纯属偶然，如此规律的节奏{often}（S = {1}；共检验 {3} 个间隔）。") \
	X(PRESENCE, "The two were connected in {1} of {2} watched hours, on {3} different days.", \
		"在有观测的 {2} 个小时中，双方有 {1} 的时间处于连接状态，涉及 {3} 个不同的日期。") \
	X(LONG_CHANNEL, "One connection stayed open for {1}; it sent {2} and received {3}.", \
		"有一个连接持续了 {1}，发送 {2}，接收 {3}。") \
	X(RARE_PEER, "Only {1} of {2} hosts here ever used this peer.", \
		"本网 {2} 台主机中只有 {1} 台与该对端通信过。") \
	X(NO_NAME, "It is reached by its bare address: no name ever led there.", \
		"直接以 IP 地址访问，未见任何域名指向它。") \
	X(QUIET_HOURS, "{1} of it happens in hours in which this host is otherwise quiet.", \
		"其中 {1} 发生在该主机平时安静的时段。") \
	X(LASTING, "It was active on {1} of {2} days.", \
		"在 {2} 天里有 {1} 天活跃。") \
	X(LATE_PEER, "The peer first appeared {1} after the host did.", \
		"该对端在主机首次出现 {1}之后才首次出现。") \
	X(SAME_SIZE, "{1} of the connections have one size: {2} sent, {3} received.", \
		"{1} 的连接大小完全相同：发送 {2}，接收 {3}。") \
	X(UPLOAD, "More is sent than received: {1} sent, {2} received.", \
		"发送多于接收：发送 {1}，接收 {2}。") \
	X(FAILING, "{1} of {2} attempts found no answer, and it keeps trying.", \
		"{2} 次连接尝试中有 {1} 没有应答，但仍在不断尝试。") \
	X(SCATTERED, "The moments are jittered by {1}: schedulers keep time, implants are told to vary it.", \
		"出现时刻带有 {1} 的抖动：定时任务通常守时，植入程序则常被设置抖动来掩盖节奏。") \
	X(SELF_SIGNED, "The peer shows a certificate that nobody but itself vouches for.", \
		"对端出示的是自签名证书，除它自己外无人为其担保。") \
	X(HUNTED, "It is what hunt {1} looks for.", \
		"它是狩猎 {1} 所查找的目标。") \
	X(INDICATOR, "What was met: {1}.", \
		"匹配到的指标：{1}。") \
	X(SEEN_AS, "How it was met: {1}.", \
		"出现方式：{1}。") \
	X(COMMON_PEER, "{1} of {2} hosts here use this peer.", \
		"本网 {2} 台主机中有 {1} 台与该对端通信。") \
	X(FLEET_RHYTHM, "{1} hosts here contact this peer every {per}: likely something installed on all of them.", \
		"本网有 {1} 台主机每{per}联系一次该对端：多半是统一安装的软件。") \
	X(USUAL_SERVICE, "Clients of this service ({1}) are regular everywhere.", \
		"这类服务（{1}）的客户端在任何网络中都有规律。") \
	X(OWN_RHYTHMS, "Other rhythms that this host keeps: {1}.", \
		"该主机另有的规律节奏数：{1}。") \
	X(OFFICE_HOURS, "{1} of it falls into the host's busy hours: it could be a habit of people.", \
		"其中 {1} 落在该主机的繁忙时段：可能只是人的使用习惯。") \
	X(OPEN_SERVICE, "Other addresses that connect to this port too: {1}. It is an open service.", \
		"另有 {1} 个地址也连接该端口：这是对外开放的服务。") \
	X(BROAD, "The indicator is so broad that it meets nearly everything.", \
		"该指标范围过宽，几乎什么都能匹配。") \
	X(LOOSE, "All parts of the pattern were met, though perhaps not in one connection or within the time it asks for.", \
		"组合条件的各部分都已出现，但不一定在同一个连接中，或不一定在其要求的时间内。") \
	X(ONLY_NAMED, "It was only named, in DNS or a certificate: no connection to it was seen.", \
		"仅在 DNS 或证书中被提及：未见与它的连接。") \
	X(NO_ANSWER, "None of the connections was answered ({1} attempts).", \
		"所有连接均无应答（共尝试 {1} 次）。") \
	X(FEW_EVENTS, "It rests on few connections: {1}.", \
		"依据的连接不多：{1} 个。") \
	X(SHORT_MEMORY, "The memory covers only {1}.", \
		"记忆库只覆盖 {1}。") \
	X(SHARED_RHYTHM, "The rhythm shows over {1} hosts together, in none of them alone.", \
		"这一节奏由 {1} 台主机合在一起呈现，单看任何一台都看不出来。") \
	X(FEED_LABEL, "The list it is on says of it, in its own words: “{1}”.", \
		"列出它的名单原文写道：“{1}”。") \
	X(FEED_PLACE, "It stands on that list at: {1}.", \
		"它在名单中的位置：{1}。") \
	X(OLDER, "It was there from the start of the memory (first packet {1}), so it may be older.", \
		"记忆库起始时它已经存在（首个数据包 {1}），实际开始时间可能更早。") \
	X(FIRST_PACKET, "First packet between the two: {1}.", \
		"双方之间的首个数据包：{1}。") \
	X(ONSET, "Regular since {1}.", \
		"自 {1} 起呈现规律。") \
	X(STOPPED, "Last seen {1}; silent for {2} when the memory ends.", \
		"最后出现于 {1}；到记忆库结束时已沉寂 {2}。") \
	X(WATCHED, "In this span the sensor saw traffic in {1} of the minutes; packets lost: {2}, cut short: {3}.", \
		"在此期间，传感器有 {1} 的分钟看到流量；丢失数据包 {2} 个，截短 {3} 个。") \
	X(DECAYED, "Rows before {1} have decayed; what is said of the time before rests on roll-ups.", \
		"{1} 之前的连接明细已过期删除；关于此前的说法以汇总数据为依据。")

#define SENTENCES(X) \
	X(CLOCKWORK_OUT, "{host} contacts {peer} ({service}) every {per}, {since}.", \
		"{host} 每{per}连接一次 {peer}（{service}），{since}。") \
	X(CLOCKWORK_IN, "From outside, {peer} contacts {host} ({service}) every {per}, {since}.", \
		"外部的 {peer} 每{per}连接一次 {host}（{service}），{since}。") \
	X(CLOCKWORK_INTERNAL, "Inside the network, {host} contacts {peer} ({service}) every {per}, {since}.", \
		"在内网，{host} 每{per}连接一次 {peer}（{service}），{since}。") \
	X(CLOCKWORK_SHARED, "{n} hosts, {host} first, take turns to contact {peer} ({service}): together every {per}, {since}.", \
		"{n} 台主机（{host} 最先）轮流连接 {peer}（{service}），合起来每{per}一次，{since}。") \
	X(PRESENCE_OUT, "{host} keeps a channel to {peer} ({service}) open, {since}.", \
		"{host} 长期保持与 {peer}（{service}）的连接，{since}。") \
	X(PRESENCE_IN, "From outside, {peer} keeps a channel to {host} ({service}) open, {since}.", \
		"外部的 {peer} 长期保持与 {host}（{service}）的连接，{since}。") \
	X(PRESENCE_INTERNAL, "Inside the network, {host} keeps a channel to {peer} ({service}) open, {since}.", \
		"在内网，{host} 长期保持与 {peer}（{service}）的连接，{since}。") \
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
	X(SINCE_ONSET, "since {time}, when it became regular", "始于 {time}，自那时起呈现规律") \
	X(SINCE_BEFORE_MEMORY, "since {time} or earlier (the memory begins there)", \
		"始于 {time} 或更早（记忆库自此时才有数据）") \
	X(DATE_FIRST_PACKET, "first packet between the two", "双方之间的首个数据包") \
	X(DATE_ONSET, "it became regular then; they talked before", "自那时起呈现规律；此前已有通信") \
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
	X(TIMELINE, "Timeline", "时间线") \
	X(PLOT_ACTIVITY, "Connections per {per}", "每{per}的连接数") \
	X(PLOT_ACTIVITY_ALT, "Connections per {per} from {from} to {to}: {n} in all, {most} at most.", \
		"从 {from} 到 {to} 每{per}的连接数：共 {n} 个，最多 {most} 个。") \
	X(PLOT_RHYTHM, "Time between connections", "连接之间的间隔") \
	X(PLOT_RHYTHM_ALT, "Half of all gaps lie between {low} and {high}.", "半数间隔在 {low}与 {high}之间。") \
	X(PLOT_FLAG, "Flag: {time}.", "旗标：{time}。") \
	X(PLOT_BAND, "Shaded: {span} ± {share}.", "阴影：{span} ± {share}。") \
	X(PLOT_WEEK, "Connections by hour of the week", "一周各时段的连接数") \
	X(PLOT_WEEK_ALT, "Busiest hour: {day} {hour} ({n}).", "最繁忙的时段：{day} {hour}（{n}）。") \
	X(PLOT_TRAFFIC, "Packets seen per {per}", "每{per}看到的数据包数") \
	X(PLOT_TRAFFIC_ALT, "Packets seen per {per} from {from} to {to}: {most} at most.", \
		"从 {from} 到 {to} 每{per}看到的数据包数：最多 {most} 个。") \
	X(EVIDENCE, "Its connections", "相关连接") \
	X(EVIDENCE_HOW, "This lists them, with the capture file and offset of each:", "以下命令列出这些连接，以及各自所在的抓包文件和偏移：") \
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
