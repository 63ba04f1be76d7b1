/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: covert_icmp, odd_packet, knock, implant,
 * injection (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_WIRE_H
#define DWELL_REPORT_SENTENCES_WIRE_H

// clang-format off
#define FACT_SENTENCES_WIRE(X) \
	X(KNOCK_BACK, "{1} after the last contact the host opened a connection to that very address; sent there so far: {2}, connections: {3}.", \
		"最后一次触碰之后 {1}，该主机主动连接了同一地址；至今向其发送 {2}，连接数：{3}。") \
	X(KNOCK_TO, "The connection back went to {1}.", \
		"回连的目标是 {1}。") \
	X(KNOCK_TOUCHED, "In the hour before, that address had touched the host without an answer; contacts: {1}, ports: {2}.", \
		"此前一小时内，该地址曾触碰该主机而未得到应答；次数：{1}，端口数：{2}。") \
	X(KNOCK_NEW, "The host had never opened a connection to it before; addresses that it opens connections to: {1}.", \
		"此前该主机从未主动连接过它；该主机主动连接的地址数：{1}。") \
	X(KNOCK_CHANCE, "Addresses that both touch this host and are opened to by it, whenever: {3}; by chance one would come so close after the other {often} (S = {1}).", \
		"既触碰过该主机又被其主动连接过的地址（不论何时）：{3} 个；若属偶然，两者如此接近{often}（S = {1}）。") \
	X(KNOCK_LATE, "{1} lie between the contact and the connection: more than a call back needs.", \
		"触碰与连接之间相隔 {1}：比回连所需的时间长。") \
	X(KNOCK_FAILED, "The first connection back was not answered; connections back so far: {1}.", \
		"首次回连未得到应答；至今回连次数：{1}。") \
	X(KNOCK_TALKED, "The host had answered that address before, in {1} of its connections: it may be a service that calls its clients.", \
		"此前该主机曾应答过该地址的 {1} 个连接：可能是会回连客户端的服务。") \
	X(KNOCK_SAME_SERVICE, "Both go to {1}: two servers of one kind, or peers of one program, do that.", \
		"双方都连接 {1}：同类服务器之间或同一程序的对等节点会这样。") \
	X(KNOCK_SAME_SOCKET, "The host calls from {1}, the very one that was touched: the program that listens there does it.", \
		"该主机从被触碰的 {1} 发出连接：正是在该端口监听的程序所为。") \
	X(KNOCK_HABIT, "The host opened to {1} addresses after they had touched it: that is its habit.", \
		"该主机在被触碰后主动连接过 {1} 个地址：这是它的习惯。") \
	X(ELSEWHERE, "{2} before, {1} had touched the host without an answer; the connection goes to another address; sent there so far: {3}.", \
		"{2}之前，{1} 曾触碰该主机而未得到应答；而连接的是另一个地址；至今向其发送 {3}。") \
	X(ELSEWHERE_TOUCHED, "Contacts of that address without an answer in the two minutes before: {1}, ports: {2}.", \
		"此前两分钟内该地址未得到应答的触碰：{1} 次，端口数：{2}。") \
	X(ELSEWHERE_RATE, "Within {3} the host opened to new addresses outside {1} times and was touched without an answer {2} times: both are rare.", \
		"在 {3}内，该主机首次连接的外部地址有 {1} 个，未应答的触碰有 {2} 次：两者都很少。") \
	X(ELSEWHERE_CHANCE, "Had the two nothing to do with each other, one would follow the other so closely {often} (S = {1}, counted over {3} hosts).", \
		"若两者毫无关系，如此紧接着发生{often}（S = {1}，按 {3} 台主机计）。") \
	X(ELSEWHERE_NAMED, "A name led the host there: {1}.", \
		"该主机是由域名 {1} 引向那里的。") \
	X(ELSEWHERE_OTHERS, "Other hosts here open connections to that address, too: {1}.", \
		"本网还有 {1} 台主机也连接该地址。") \
	X(DOOR_OPENED, "The port answered {1} times, each within a minute after the same address had touched closed ports of the host; of those at least {2}.", \
		"该端口应答了 {1} 次，每次都是在同一地址触碰该主机的关闭端口之后一分钟内；触碰的关闭端口至少 {2} 个。") \
	X(DOOR_REFUSED, "It never opened without that: it refused {1} attempts; addresses that made them: {2}.", \
		"若无这样的触碰它从不开放：它拒绝过 {1} 次尝试；涉及地址数：{2}。") \
	X(DOOR_SAME, "The same ports were touched each of {1} times.", \
		"{1} 次触碰的都是同样的端口。") \
	X(DOOR_KNOCKS, "The closed ports that were touched: {1}.", \
		"被触碰的关闭端口：{1}。") \
	X(DOOR_FEW, "Closed ports touched before: {1}; so few are soon met by chance.", \
		"此前触碰的关闭端口数：{1}；这么少容易是巧合。") \
	X(HIJACK_USUAL, "This port has always spoken {1}; this connection did not.", \
		"该端口一直使用 {1}，而这次连接并非如此。") \
	X(HIJACK_HISTORY, "Connections that spoke it: {1} of {2}; those that carried something else: {3}.", \
		"使用该协议的连接：{2} 个中有 {1} 个；内容不同的连接：{3} 个。") \
	X(HIJACK_TALK, "It lasted up to {1}; the peer sent {2}, the host {3}.", \
		"最长持续 {1}；对端发送 {2}，该主机发送 {3}。") \
	X(HIJACK_KNOWN, "It was another known protocol, {1}: a port may serve several.", \
		"其内容是另一种已知协议 {1}：一个端口可能提供多种服务。") \
	X(HIJACK_MANY, "{1} connections are otherwise: the port may well serve both.", \
		"有 {1} 个连接与众不同：该端口可能本来就提供两种服务。") \
	X(DEVICE_OPENS, "For {1} it only answered, {2} connections of {3} addresses, and opened none itself.", \
		"在 {1}里它只应答（来自 {3} 个地址的 {2} 个连接），从未主动发起连接。") \
	X(DEVICE_ROLE, "It answers on {1}, as routers, management boards and printers do.", \
		"它在 {1} 上应答，如同路由器、管理板或打印机。") \
	X(SERVER_OPENS, "It is a server: for {1} it answered, {2} connections of {3} addresses, and opened none to the outside; then it did.", \
		"它是服务器：在 {1}里它一直应答（来自 {3} 个地址的 {2} 个连接），从未主动连接外部；此后却这样做了。") \
	X(SERVER_ROLE, "It answers on {1}.", \
		"它在 {1} 上应答。") \
	X(DEVICE_TUNNEL, "The memory had known the host for {1} without a tunnel between the two.", \
		"记忆库认识该主机已有 {1}，此前双方之间没有隧道。") \
	X(DEVICE_WRITE, "Its configuration was reached for from outside by {1}.", \
		"有人从外部通过 {1} 触及其配置。") \
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
	X(ECHO_CHANGED, "{1} of {2} echo replies are not what was sent, though a reply must return its request.", \
		"{2} 个回显应答中有 {1} 个与请求内容不同，而应答本应原样返回请求的数据。") \
	X(ECHO_SAME, "{1} of {2} requests have the identifier and the sequence number of the one before; a ping counts up.", \
		"{2} 个请求中有 {1} 个沿用了前一个请求的标识和序号，而 ping 的序号是递增的。") \
	X(ECHO_PATTERN, "{1} of {2} requests carry other bytes than the one before; a ping repeats its pattern.", \
		"{2} 个请求中有 {1} 个携带的字节与前一个不同，而 ping 会重复同一填充内容。") \
	X(ECHO_SIZES, "Sizes of the requests: {1} different ones, up to {2}.", "请求的长度有 {1} 种，最大 {2}。") \
	X(ECHO_UNASKED, "{1} of {2} replies answer nothing that was sent.", "{2} 个应答中有 {1} 个没有对应的请求。") \
	X(ICMP_TYPE, "It uses ICMP type {1}, which nothing uses: {2} messages with {3} of data.", \
		"使用了无人使用的 ICMP 类型 {1}：{2} 条消息，携带数据 {3}。") \
	X(HIDDEN_OPTIONS, "Packets whose IPv6 options no standard knows: {1} seen, with up to {2} in one.", \
		"带有任何标准都未定义的 IPv6 选项的数据包：看到 {1} 个，单个最多 {2}。") \
	X(NEW_PROTOCOL, "The IP protocol {1} is new to this host, which had been there for a week or more without it.", \
		"IP 协议 {1} 对该主机是新出现的：此前一周或更长时间内它从未使用过。") \
	X(CARRIED, "Payload that the host sent this way: {1}; that it received: {2}.", "该主机以此方式发送的载荷：{1}；接收的：{2}。") \
	X(FIRST_BYTES, "First bytes of such a payload: {1}.", "此类载荷的起始字节：{1}。") \
	X(ECHO_PROBER, "The host does the same with other peers ({1}): it may be what probes this network.", \
		"该主机对其他对端（{1} 个）也这样做：它可能是在探测网络。") \
	X(ECHO_OTHERS, "Other hosts do the same with this peer: {1}.", "对该对端这样做的其他主机：{1} 台。") \
	X(SYN_DATA, "SYNs that carry data without asking for TCP Fast Open: {1}.", "携带数据却未请求 TCP Fast Open 的 SYN：{1} 个。") \
	X(BAD_FLAGS, "Packets with flags that no stack combines so: {1}.", "标志位组合不会由任何协议栈产生的数据包：{1} 个。") \
	X(ODD_FIELDS, "SYNs with an acknowledgement number, or with an urgent pointer but no URG: {1}.", \
		"带有确认号、或带紧急指针却无 URG 标志的 SYN：{1} 个。") \
	X(HEADER_TEXT, "The same byte of a header field was text in each of {1} connections, with {2} different values up and down: stacks put counters or random numbers there, and random ones would be text so often once in ten billion times.", \
		"在 {1} 个连接中，同一包头字段的同一字节每次都是文本，取值 {2} 种且有升有降：协议栈在那里放置计数或随机数，而随机数如此频繁地成为文本的机会约为百亿分之一。") \
	X(HEADER_FIELD, "The field: {1}.", \
		"所涉字段：{1}。") \
	X(THEN_TALKED, "{1} after the packet of {2}, their first, the same source had an ordinary connection with the same server.", \
		"在 {2} 的首个此类数据包之后 {1}，同一来源与同一服务器建立了正常连接。") \
	X(FLAGS, "Flags of one of them: {1}.", "其中一个的标志位：{1}。") \
	X(SCANS, "The source scans: targets that gave it no data {1} or more, hosts here that got such a packet {2}.", \
		"该来源在扫描：没有返回数据的目标至少 {1} 个，收到此类数据包的主机 {2} 台。") \
	X(TALKED_BEFORE, "The two had had an ordinary connection before.", "双方此前已有过正常连接。") \
	X(ALWAYS_ODD, "There are {1} such packets between the two: that may be how this stack is.", \
		"双方之间此类数据包有 {1} 个：可能该协议栈本就如此。") \
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
	H("knock", FACT_KEY_KNOCK_BACK, ANY, "{peer} touched {host} ({service}), and {1} later {host} opened its first connection to it, first contact at {time}.", \
		"{peer} 触碰 {host}（{service}）之后 {1}，{host} 首次主动连接了它；首次触碰于 {time}。") \
	H("knock", FACT_KEY_ELSEWHERE, ANY, "{1} touched {host}, and {2} later {host} opened its first connection to another address, {peer} ({service}), first contact at {time}.", \
		"{1} 触碰 {host} 之后 {2}，{host} 首次主动连接了另一个地址 {peer}（{service}）；首次触碰于 {time}。") \
	H("knock", FACT_KEY_DOOR_OPENED, ANY, "{peer} knocks on closed ports of {host}, and {service} opens to it alone, first at {time}.", \
		"{peer} 敲击 {host} 的关闭端口之后，{service} 仅对它开放，首次于 {time}。") \
	H("knock", FACT_KEY_HIJACK_USUAL, ANY, "{peer} talks with {host} ({service}) in something else than what that port has always spoken, first at {time}.", \
		"{peer} 与 {host}（{service}）之间的通信不是该端口一贯使用的协议，首次于 {time}。") \
	H("knock", FACT_KEY_DEVICE_OPENS, ANY, "{host}, which only ever answered, opened connections to {peer} ({service}), first at {time}.", \
		"一直只应答的 {host} 主动连接了 {peer}（{service}），首次于 {time}。") \
	H("knock", FACT_KEY_SERVER_OPENS, ANY, "{host}, a server that opened nothing to the outside for {1}, connected to {peer} ({service}), first at {time}.", \
		"服务器 {host} 在 {1}里从未连接外部，现在连接了 {peer}（{service}），首次于 {time}。") \
	H("knock", FACT_KEY_DEVICE_TUNNEL, ANY, "{host} has a new tunnel with {peer} ({service}), first at {time}.", \
		"{host} 与 {peer} 之间出现了新隧道（{service}），首次于 {time}。") \
	H("knock", FACT_KEY_DEVICE_WRITE, ANY, "From outside, {peer} reached for the configuration of {host} ({service}), first at {time}.", \
		"外部的 {peer} 触及了 {host}（{service}）的配置，首次于 {time}。") \
	H("injection", FACT_KEY_RIVAL_BYTES, INBOUND, "Somebody else spoke in a connection of {peer} to {host} ({service}): contents that contradict each other, first at {time}.", \
		"有第三者在 {peer} 到 {host}（{service}）的连接中插话：内容相互矛盾，首次于 {time}。") \
	H("injection", FACT_KEY_RIVAL_BYTES, ANY, "{host} got two contradicting answers from {peer} ({service}): somebody else spoke in the connection, first at {time}.", \
		"{host} 从 {peer}（{service}）收到两份相互矛盾的应答：有第三者在连接中插话，首次于 {time}。") \
	H("injection", FACT_KEY_RIVAL_ANSWERS, ANY, "{host} asked {peer} ({service}) once and got two different answers, first at {time}.", \
		"{host} 向 {peer}（{service}）查询一次却得到两个不同的应答，首次于 {time}。") \
	H("injection", NO_FACT, ANY, "Somebody else sent packets in the name of {peer} or {host} ({service}), first at {time}.", \
		"有第三者以 {peer} 或 {host} 的名义发送数据包（{service}），首次于 {time}。") \
	H("covert_icmp", FACT_KEY_NEW_PROTOCOL, ANY, "{host} and {peer} exchange packets of the IP protocol {1}, which is new to {host}, {since}.", \
		"{host} 与 {peer} 之间出现 IP 协议 {1} 的数据包，{host} 此前从未使用过，{since}。") \
	H("covert_icmp", FACT_KEY_HIDDEN_OPTIONS, ANY, "Packets between {host} and {peer} carry data in options of IPv6 that no standard knows, {since}.", \
		"{host} 与 {peer} 之间的数据包在任何标准都未定义的 IPv6 选项中携带数据，{since}。") \
	H("covert_icmp", FACT_KEY_ECHO_CHANGED, ANY, "{host} and {peer} exchange data in echo requests and replies, {since}.", \
		"{host} 与 {peer} 在回显请求和应答中交换数据，{since}。") \
	H("covert_icmp", NO_FACT, ANY, "ICMP between {host} and {peer} is not what pings or errors send, {since}.", \
		"{host} 与 {peer} 之间的 ICMP 不像 ping 或差错报告所发送的内容，{since}。") \
	H("odd_packet", FACT_KEY_HEADER_TEXT, INBOUND, "{peer} says something to {host} ({service}) in header fields that nobody reads, {since}.", \
		"{peer} 在无人读取的包头字段中向 {host}（{service}）传递内容，{since}。") \
	H("odd_packet", FACT_KEY_HEADER_TEXT, ANY, "Between {host} and {peer} ({service}) something is said in header fields that nobody reads, {since}.", \
		"{host} 与 {peer}（{service}）之间在无人读取的包头字段中传递内容，{since}。") \
	H("odd_packet", FACT_KEY_SCANS, OUTBOUND, "{host} scans with TCP packets that no stack sends, {since}.", \
		"{host} 用任何协议栈都不会发送的 TCP 数据包进行扫描，{since}。") \
	H("odd_packet", FACT_KEY_SCANS, ANY, "{peer} scans {host} and others with TCP packets that no stack sends, {since}.", \
		"{peer} 用任何协议栈都不会发送的 TCP 数据包扫描 {host} 等主机，{since}。") \
	H("odd_packet", FACT_KEY_THEN_TALKED, INBOUND, "From outside, {peer} sent {host} ({service}) a packet that no stack sends, and {1} later they talked, {since}.", \
		"外部的 {peer} 向 {host}（{service}）发送了任何协议栈都不会发送的数据包，{1}后双方开始通信，{since}。") \
	H("odd_packet", NO_FACT, OUTBOUND, "{host} sends {peer} ({service}) TCP packets that no stack sends, {since}.", \
		"{host} 向 {peer}（{service}）发送任何协议栈都不会发送的 TCP 数据包，{since}。") \
	H("odd_packet", NO_FACT, ANY, "{peer} sends {host} ({service}) TCP packets that no stack sends, {since}.", \
		"{peer} 向 {host}（{service}）发送任何协议栈都不会发送的 TCP 数据包，{since}。") \
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
