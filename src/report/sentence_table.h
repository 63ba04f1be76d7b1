/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sentence of the reports, in every language, said once. {1} {2} {3} are the values of a fact
 * (finding/fact_table.h); other names in braces are filled in by the caller. A unit test holds each
 * row to the same placeholders in both languages.
 *
 * FACT_SENTENCES: X(FACT KEY, English, Chinese).   SENTENCES: X(KEY, English, Chinese)
 */
#ifndef DWELL_REPORT_SENTENCE_TABLE_H
#define DWELL_REPORT_SENTENCE_TABLE_H

// clang-format off
#define FACT_SENTENCES(X) \
	X(RHYTHM, "It comes every {1}, give or take {2}, {3} times so far.", \
		"每 {1} 出现一次，上下浮动 {2}，至今 {3} 次。") \
	X(FALSE_ALARM, "By chance a rhythm this regular (S = {1}) shows about {2} times in {3} tested gaps.", \
		"如此规律（S = {1}）若纯属偶然，在检验过的 {3} 个间隔中预计只出现约 {2} 次。") \
	X(PRESENCE, "The two were connected in {1} of {2} hours, over {3} days.", \
		"双方在 {2} 个小时中的 {1} 保持连接，历时 {3} 天。") \
	X(LONG_CHANNEL, "One connection stayed open for {1} and carried {2} out and {3} in.", \
		"有一个连接持续了 {1}，流出 {2}，流入 {3}。") \
	X(RARE_PEER, "Only {1} of {2} hosts here ever talk to this peer.", \
		"本网 {2} 台主机中只有 {1} 台与该对端通信过。") \
	X(NO_NAME, "It is reached by its bare address: no name led there.", \
		"直接以地址访问：没有任何域名指向它。") \
	X(QUIET_HOURS, "{1} of it happens in hours in which this host is otherwise quiet.", \
		"其中 {1} 发生在该主机平时安静的时段。") \
	X(LASTING, "It was active on {1} days out of {2}.", \
		"在 {2} 天里有 {1} 天活动。") \
	X(LATE_PEER, "The peer appeared {1} after the host was first seen.", \
		"该对端在主机首次出现 {1} 之后才出现。") \
	X(SAME_SIZE, "{1} of the connections have the same size: {2} out, {3} in.", \
		"{1} 的连接大小相同：流出 {2}，流入 {3}。") \
	X(UPLOAD, "More leaves than comes back: {1} out, {2} in.", \
		"出多进少：流出 {1}，流入 {2}。") \
	X(FAILING, "{1} of {2} attempts found no answer, and it keeps trying.", \
		"{2} 次尝试中有 {1} 没有应答，仍在继续尝试。") \
	X(SCATTERED, "The moments are scattered by {1}: schedulers keep time, implants are told to hide it.", \
		"时刻被打散了 {1}：定时任务会守时，植入程序则被要求掩饰节奏。") \
	X(COMMON_PEER, "{1} of {2} hosts here talk to this peer too.", \
		"本网 {2} 台主机中有 {1} 台也与该对端通信。") \
	X(FLEET_RHYTHM, "{1} hosts show the same rhythm of {2} to this peer: likely something installed on all of them.", \
		"有 {1} 台主机以同样的 {2} 节奏访问该对端：多半是统一安装的软件。") \
	X(USUAL_SERVICE, "Clients of this service ({1}) are regular everywhere.", \
		"这类服务（{1}）的客户端在任何网络中都很规律。") \
	X(OWN_RHYTHMS, "The same host keeps {1} other rhythms.", \
		"同一主机还有另外 {1} 个节奏。") \
	X(OFFICE_HOURS, "{1} of it falls into the host's busy hours: it could be a habit of people.", \
		"其中 {1} 落在该主机的繁忙时段：可能只是人的习惯。") \
	X(OPEN_SERVICE, "{1} other addresses open connections to this port too: it is an open service.", \
		"还有 {1} 个地址连接该端口：它是对外开放的服务。") \
	X(FEW_EVENTS, "It rests on only {1} events.", \
		"依据只有 {1} 个事件。") \
	X(SHORT_MEMORY, "The memory covers only {1}.", \
		"记忆只覆盖 {1}。") \
	X(SHARED_RHYTHM, "The rhythm shows over {1} hosts together, in none of them alone.", \
		"该节奏由 {1} 台主机共同呈现，单独一台看不出来。") \
	X(OLDER, "It was already there when our memory begins, {1}: it is older than we know.", \
		"我们的记忆从 {1} 开始时它已存在：实际时间更早。") \
	X(FIRST_PACKET, "First packet between the two: {1}.", \
		"双方之间的第一个数据包：{1}。") \
	X(ONSET, "Regular since {1}.", \
		"自 {1} 起有规律。") \
	X(STOPPED, "Last seen {1}; silent for {2} when the memory ends.", \
		"最后出现于 {1}；到记忆结束时已静默 {2}。") \
	X(WATCHED, "The sensor saw traffic in {1} of the minutes of this span; {2} packets were lost, {3} cut short.", \
		"在此期间传感器有 {1} 的分钟看到流量；丢失 {2} 个数据包，截短 {3} 个。")

#define SENTENCES(X) \
	X(CLOCKWORK_OUT, "{host} contacts {peer} ({service}) every {period}, {since}.", \
		"{host} 每 {period} 联系一次 {peer}（{service}），{since}。") \
	X(CLOCKWORK_IN, "{peer} contacts {host} ({service}) every {period}, {since}.", \
		"{peer} 每 {period} 联系一次 {host}（{service}），{since}。") \
	X(CLOCKWORK_INTERNAL, "{host} contacts {peer} ({service}), inside, every {period}, {since}.", \
		"{host} 每 {period} 在内网联系一次 {peer}（{service}），{since}。") \
	X(PRESENCE_OUT, "{host} keeps a channel to {peer} ({service}) open, {since}.", \
		"{host} 一直保持到 {peer}（{service}）的通道，{since}。") \
	X(PRESENCE_IN, "{peer} keeps a channel to {host} ({service}) open, {since}.", \
		"{peer} 一直保持到 {host}（{service}）的通道，{since}。") \
	X(PRESENCE_INTERNAL, "{host} keeps a channel to {peer} ({service}), inside, open, {since}.", \
		"{host} 在内网一直保持到 {peer}（{service}）的通道，{since}。") \
	X(OTHER, "{detector}: {host} and {peer} ({service}), {since}.", \
		"{detector}：{host} 与 {peer}（{service}），{since}。") \
	X(SINCE_FIRST_PACKET, "since {time}, their first packet", "始于 {time}，即双方的第一个数据包") \
	X(SINCE_ONSET, "since {time}, when it became regular", "始于 {time}，自那时起有规律") \
	X(SINCE_BEFORE_MEMORY, "since before {time}, where our memory begins", \
		"早于 {time}（我们的记忆从那时开始）") \
	X(DATE_FIRST_PACKET, "first packet between the two", "双方之间的第一个数据包") \
	X(DATE_ONSET, "onset of the behaviour; they talked before", "行为开始；此前已有通信") \
	X(DATE_BEFORE_MEMORY, "older than our memory", "早于我们的记忆") \
	X(AND_MORE, "{n} more findings on this host.", "该主机还有 {n} 项发现。") \
	X(CASE, "Case", "案例") \
	X(FINDING, "Finding", "发现") \
	X(HOST, "Host", "主机") \
	X(PEER, "Peer", "对端") \
	X(SINCE, "Since", "起始") \
	X(LAST_SEEN, "Last seen", "最后出现") \
	X(FIRST_SEEN, "First seen", "首次出现") \
	X(LEFT, "Left", "流出") \
	X(CAME, "Came in", "流入") \
	X(LEFT_RANGE, "{low} to {high}", "{low} 至 {high}") \
	X(CONNECTIONS, "Connections", "连接数") \
	X(CONFIDENCE, "How sure", "可信度") \
	X(HIGH, "high", "高") \
	X(MEDIUM, "medium", "中") \
	X(LOW, "low", "低") \
	X(FOR, "What speaks for it", "支持的理由") \
	X(AGAINST, "What speaks against it", "反对的理由") \
	X(CONTEXT, "Context", "背景") \
	X(NOTHING_AGAINST, "Nothing that dwell knows of.", "dwell 没有发现反对的理由。") \
	X(TIMELINE, "Timeline", "时间线") \
	X(RHYTHM, "Rhythm", "节奏") \
	X(WEEK, "Hours of the week (UTC)", "一周时段（UTC）") \
	X(EVIDENCE, "Its connections", "相关连接") \
	X(ATTACK, "ATT&CK", "ATT&CK") \
	X(DETECTOR, "Detector", "检测器") \
	X(NO_CASES, "No cases: nothing in this memory stays the way an intruder does.", \
		"没有案例：这份记忆中没有像入侵者那样长期驻留的行为。") \
	X(NO_CASES_SHORT, "The memory is short ({span}): a rhythm needs about seven check-ins before it shows.", \
		"记忆很短（{span}）：一个节奏大约需要七次出现才能显现。") \
	X(LOOKED_AT, "Looked at {connections} connections from {from} to {to} ({span}); traffic in {share} of its minutes.", \
		"共查看 {connections} 个连接，从 {from} 到 {to}（{span}）；其中 {share} 的分钟有流量。") \
	X(LOSSES, "In that time {lost} packets were lost and {cut} cut short.", \
		"期间丢失 {lost} 个数据包，截短 {cut} 个。") \
	X(EMPTY_MEMORY, "The memory is empty: nothing was watched yet.", "记忆是空的：尚未观察任何流量。") \
	X(MORE_CASES, "{n} more cases: dwell cases --all", "还有 {n} 个案例：dwell cases --all") \
	X(MORE_ABOUT, "More about a case: dwell show {id}", "查看详情：dwell show {id}") \
	X(TITLE, "Who stays", "谁在驻留") \
	X(SUBTITLE, "What dwell found in this memory", "dwell 在这份记忆中的发现") \
	X(CASES, "Cases", "案例") \
	X(COVERAGE, "What was watched", "观察范围") \
	X(MADE_BY, "Made by dwell from the memory's own rows. It names behaviour, never an actor.", \
		"由 dwell 根据记忆中的记录生成。它描述行为，不指认任何行为者。") \
	X(EVERY_TIME_UTC, "All times are UTC.", "所有时间均为 UTC。")
// clang-format on

#endif
