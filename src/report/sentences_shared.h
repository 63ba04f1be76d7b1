/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts: what holds for any detector (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_SHARED_H
#define DWELL_REPORT_SENTENCES_SHARED_H

// clang-format off
#define FACT_SENTENCES_SHARED(X) \
	X(RARE_PEER, "Only {1} of {2} hosts here ever used this peer.", \
		"本网 {2} 台主机中只有 {1} 台与该对端通信过。") \
	X(NO_NAME, "It is reached by its bare address: no name ever led there.", \
		"直接以 IP 地址访问，未见任何域名指向它。") \
	X(SELF_SIGNED, "The peer shows a certificate that nobody but itself vouches for.", \
		"对端出示的是自签名证书，除它自己外无人为其担保。") \
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
	X(COMMON_PEER, "{1} of {2} hosts here use this peer.", \
		"本网 {2} 台主机中有 {1} 台与该对端通信。") \
	X(USUAL_SERVICE, "Clients of this service ({1}) are regular everywhere.", \
		"这类服务（{1}）的客户端在任何网络中都有规律。") \
	X(OPEN_SERVICE, "Other addresses that connect to this port too: {1}. It is an open service.", \
		"另有 {1} 个地址也连接该端口：这是对外开放的服务。") \
	X(NO_ANSWER, "None of the connections was answered ({1} attempts).", \
		"所有连接均无应答（共尝试 {1} 次）。") \
	X(FEW_EVENTS, "It rests on few connections: {1}.", \
		"依据的连接不多：{1} 个。") \
	X(SHORT_MEMORY, "The memory covers only {1}.", \
		"记忆库只覆盖 {1}。") \
	X(OLDER, "It was there from the start of the memory (first packet {1}), so it may be older.", \
		"记忆库起始时它已经存在（首个数据包 {1}），实际开始时间可能更早。") \
	X(FIRST_PACKET, "First packet between the two: {1}.", \
		"双方之间的首个数据包：{1}。") \
	X(ONSET, "It has been like this since {1}.", \
		"自 {1} 起一直如此。") \
	X(STOPPED, "Last seen {1}; silent for {2} when the memory ends.", \
		"最后出现于 {1}；到记忆库结束时已沉寂 {2}。") \
	X(WATCHED, "In this span the sensor saw traffic in {1} of the minutes; packets lost: {2}, cut short: {3}.", \
		"在此期间，传感器有 {1} 的分钟看到流量；丢失数据包 {2} 个，截短 {3} 个。") \
	X(DECAYED, "Rows before {1} have decayed; what is said of the time before rests on roll-ups.", \
		"{1} 之前的连接明细已过期删除；关于此前的说法以汇总数据为依据。")
// clang-format on

#endif
