/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: covert_icmp, odd_packet, knock, implant, injection (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_WIRE_H
#define DWELL_REPORT_SENTENCES_WIRE_H

// clang-format off
#define FACT_SENTENCES_WIRE(X) \
	X(RIVAL_BYTES, "The same {1} of the stream came twice with other contents, {2} apart; pairs of such packets: {3}.", \
		"同一段数据流中的 {1} 先后出现两次且内容不同，相隔 {2}；此类数据包对数：{3}。") \
	X(RIVAL_SYNACK, "A second SYN-ACK with another sequence number came {1} after the first; times: {2}.", \
		"首个 SYN-ACK 之后 {1}又来了一个序列号不同的 SYN-ACK；次数：{2}。") \
	X(RIVAL_RESET, "{1} after its RST the same side went on sending data: it knew of no RST; times: {2}.", \
		"某一方发出 RST 后 {1}仍继续发送数据，说明它并不知道有这个 RST；次数：{2}。") \
	X(RIVAL_FIN, "{1} after its FIN the same side sent data beyond it: it knew of no FIN; times: {2}.", \
		"某一方发出 FIN 后 {1}又发送了其后的数据，说明它并不知道有这个 FIN；次数：{2}。") \
	X(RIVAL_ANSWER, "Two answers to one question: {1}.", \
		"同一个查询得到两个应答：{1}。") \
	X(RIVAL_ANSWERS, "The second answer came {1} after the first, which the client had taken; times: {2}.", \
		"第二个应答比第一个晚 {1}，而客户端已采用第一个；次数：{2}。") \
	X(RIVAL_TTL, "The odd packet has TTL {1}; the other has {2}, and the handshake had {3}: they travelled other distances.", \
		"异常数据包的 TTL 为 {1}，另一个为 {2}，握手时为 {3}：两者走过的路程不同。") \
	X(RIVAL_TTL_APART, "The two packets have TTLs of {1} and {2}: they travelled other distances.", \
		"两个数据包的 TTL 分别为 {1} 和 {2}：走过的路程不同。") \
	X(RIVAL_STAMP, "Both sides agreed on TCP timestamps; the odd packet has none.", \
		"双方已协商使用 TCP 时间戳，而异常数据包没有时间戳。") \
	X(RIVAL_REFLECTED, "The odd packet bears the IP identification {1}, copied from a packet of the far side; the other has {2}.", \
		"异常数据包的 IP 标识 {1} 照抄自另一方的数据包，另一个为 {2}。") \
	X(RIVAL_IP_ID, "Their IP identifications, {1} and {2}, are not of one counter.", \
		"两者的 IP 标识（{1} 与 {2}）不属于同一个计数器。") \
	X(RIVAL_BACK, "The later packet has the older timestamp.", \
		"后到的数据包反而带有更早的时间戳。") \
	X(RIVAL_WINDOW, "Their receive windows, {1} and {2}, are not those of one stack.", \
		"两者的接收窗口（{1} 与 {2}）不像出自同一个协议栈。") \
	X(RIVAL_SHORTER, "The odd packet carries {1}, the other {2}: as much as a redirection needs.", \
		"异常数据包只有 {1}，另一个有 {2}：恰好够做一次重定向。") \
	X(RIVAL_WON, "The odd packet came first, so it is the one that the receiver took in.", \
		"异常数据包先到，因此被接收方采用。") \
	X(RIVAL_LOST, "The odd packet came second: the receiver had the true one by then.", \
		"异常数据包后到，此时接收方已收到真实的数据包。") \
	X(RIVAL_SAME, "In {1} of {2} pairs both have the same identification, TTL and timestamp: one packet, rewritten on its way or in the file.", \
		"{2} 对中有 {1} 对的标识、TTL 和时间戳完全相同：应是同一个数据包在途中或文件中被改写。") \
	X(RIVAL_CHECKSUM, "In {1} of {2} pairs a checksum is wrong: the receiver drops such a packet.", \
		"{2} 对中有 {1} 对的校验和错误：接收方会丢弃这样的数据包。") \
	X(RIVAL_LATE, "The two are {1} apart or out of order: nobody raced.", \
		"两者相隔 {1}或次序颠倒：不存在抢先。") \
	X(RIVAL_ALIKE, "Nothing but the contents tells the two apart: tests of evasion and broken stacks look so too.", \
		"除内容外没有任何特征能区分两者：规避测试和有缺陷的协议栈也会如此。") \
	X(RIVAL_PATH, "The same host sees it from {1} servers: a proxy or filter on its own path would do that.", \
		"该主机从 {1} 台服务器都看到这种情况：其自身链路上的代理或过滤设备会这样做。") \
	X(RIVAL_CHRONIC, "This server does it to {1} of our hosts and on {2} days: a balancer or filter before it would do that.", \
		"该服务器对本网 {1} 台主机、在 {2} 天里都是如此：其前端的负载均衡或过滤设备会这样做。") \
	X(RIVAL_BEST, "The clearest of them came at {1}; pairs of which something besides the contents tells two senders: {2}.", \
		"其中最清楚的一次发生在 {1}；除内容外另有特征表明来自两个发送者的对数：{2}。") \
	X(TRACE, "What was sent fits a published trace of an implant: {1}.", \
		"所发送的内容与公开披露的植入程序特征相符：{1}。") \
	X(TRACE_AGAIN, "Packets that fit it: {1}.", "符合该特征的数据包：{1} 个。") \
	X(TRACE_UNANSWERED, "Of them, packets to which nothing came back: {1}.", "其中没有得到任何回应的数据包：{1} 个。") \
	X(CALLED_BACK, "{1} after the packet of {2} the host opened a connection to its sender, which it had not done in the hour before.", \
		"在 {2} 的数据包之后 {1}，该主机主动连接了发送方，而此前一小时内并无这样的连接。") \
	X(TRACE_EXPLAINED, "{1} of {2} such packets belong to a protocol that is known, or were answered as one is: the bytes may mean nothing.", \
		"{2} 个此类数据包中有 {1} 个属于已知协议，或得到了正常应答：这些字节可能没有特殊含义。") \
	X(TRACE_SCAN, "The same source sent it to {1} hosts here: it looks for the implant, and need not have found it.", \
		"同一来源向本网 {1} 台主机发送了它：对方在寻找该植入程序，未必已经找到。")

#define HEADLINES_WIRE(H) \
	H("injection", FACT_KEY_RIVAL_BYTES, INBOUND, "Somebody else spoke in a connection of {peer} to {host} ({service}): contents that contradict each other, first at {time}.", \
		"有第三者在 {peer} 到 {host}（{service}）的连接中插话：内容相互矛盾，首次于 {time}。") \
	H("injection", FACT_KEY_RIVAL_BYTES, ANY, "{host} got two contradicting answers from {peer} ({service}): somebody else spoke in the connection, first at {time}.", \
		"{host} 从 {peer}（{service}）收到两份相互矛盾的应答：有第三者在连接中插话，首次于 {time}。") \
	H("injection", FACT_KEY_RIVAL_ANSWERS, ANY, "{host} asked {peer} ({service}) once and got two different answers, first at {time}.", \
		"{host} 向 {peer}（{service}）查询一次却得到两个不同的应答，首次于 {time}。") \
	H("injection", NO_FACT, ANY, "Somebody else sent packets in the name of {peer} or {host} ({service}), first at {time}.", \
		"有第三者以 {peer} 或 {host} 的名义发送数据包（{service}），首次于 {time}。") \
	H("implant", FACT_KEY_CALLED_BACK, ANY, "{peer} sent {host} ({service}) what wakes a known implant, and {1} later {host} called back, {since}.", \
		"{peer} 向 {host}（{service}）发送了能唤醒已知植入程序的内容，{1}后 {host} 主动回连，{since}。") \
	H("implant", FACT_KEY_TRACE, OUTBOUND, "{host} sent {peer} ({service}) what only a known implant and its controller send: {1}, {since}.", \
		"{host} 向 {peer}（{service}）发送了只有已知植入程序及其控制端才会发送的内容：{1}，{since}。") \
	H("implant", FACT_KEY_TRACE, INBOUND, "From outside, {peer} sent {host} ({service}) what a known implant listens for: {1}, {since}.", \
		"外部的 {peer} 向 {host}（{service}）发送了已知植入程序所监听的内容：{1}，{since}。") \
	H("implant", FACT_KEY_TRACE, INTERNAL, "Inside the network, {peer} sent {host} ({service}) what a known implant listens for: {1}, {since}.", \
		"在内网，{peer} 向 {host}（{service}）发送了已知植入程序所监听的内容：{1}，{since}。")
// clang-format on

#endif
