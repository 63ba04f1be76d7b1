/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: dns_tunnel, dns_odd
 * (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_DNS_H
#define DWELL_REPORT_SENTENCES_DNS_H

// clang-format off
#define FACT_SENTENCES_DNS(X) \
	X(DNS_LEDGER, "Names asked for the first time could carry {1} in the day from {3} on ({2} names).", \
		"自 {3} 起的一天内，首次查询的 {2} 个域名最多可携带 {1} 信息。") \
	X(DNS_SENT, "In all, {3} names went out: at least {1} of information, at most {2}.", \
		"总共发出 {3} 个不同的域名，携带的信息至少 {1}，至多 {2}。") \
	X(DNS_TOOL, "The names are built as {1} builds them.", \
		"这些域名的格式与 {1} 相同。") \
	X(DNS_DATA_TYPES, "{1} of {2} questions ask for types of record that carry free data (TXT, NULL, CNAME and the like).", \
		"{2} 次查询中有 {1} 请求可携带任意数据的记录类型（TXT、NULL、CNAME 等）。") \
	X(DNS_FRESH, "{1} of {2} questions ask for a name that was never asked for before, so no cache answers.", \
		"{2} 次查询中有 {1} 是从未查询过的域名，因此缓存无法应答。") \
	X(DNS_DOWN, "Answers brought back {1} of free data.", \
		"应答带回了 {1} 的任意数据。") \
	X(DNS_UNCONTACTED, "The answers name {1} different addresses; the host connected to none of them.", \
		"应答给出了 {1} 个不同的地址，主机从未连接其中任何一个。") \
	X(DNS_FORWARDED, "The host passes on what a client of its own asks for; that client has a finding of its own.", \
		"该主机只是转发其客户端的查询；该客户端另有发现。") \
	X(DNS_CONTACTED, "The host connected to {1} of the {2} addresses that were answered: names are used as names.", \
		"应答给出 {2} 个地址，主机连接过其中 {1} 个：这些域名确实用于访问。") \
	X(DNS_BLOCKLIST, "{1} of the {2} answered addresses lie in 127.0.0.0/8, as block lists answer.", \
		"{2} 个应答地址中有 {1} 位于 127.0.0.0/8，与黑名单查询服务的应答方式一致。") \
	X(DNS_SPELLED, "{1} of {2} names spell an address, as reverse lookups and block lists do.", \
		"{2} 个域名中有 {1} 由 IP 地址拼成，反向解析和黑名单查询就是如此。") \
	X(DNS_NO_SUCH_NAME, "{1} of {2} names do not exist, so nothing comes back.", \
		"{2} 个域名中有 {1} 不存在，因此没有数据返回。") \
	X(DNS_SERVES, "The host answers DNS for others: a client behind it, not seen here, may be who asks.", \
		"该主机为其他机器提供 DNS 解析：真正的查询者可能是其后未被观测到的客户端。") \
	X(DNS_NO_DOMAIN, "The names end in no domain: whatever their end, they were asked of this server.", \
		"这些域名不属于任何已知域，均直接向该服务器查询。") \
	X(DNS_ASKED, "Servers that were asked: {1}.", \
		"所查询的服务器：{1}。") \
	X(DNS_SAMPLE, "The longest name: {1}.", \
		"最长的域名：{1}。") \
	X(DGA_BURST, "Within an hour from {2} on, {1} registered domains were asked for that do not exist; {3} in all.", \
		"自 {2} 起一小时内，查询了 {1} 个不存在的注册域名；总计 {3} 个。") \
	X(DGA_ODDNESS, "Their labels are not made like those of the {2} names that exist here: {1} decades against chance.", \
		"这些域名的拼写与本网 {2} 个真实域名不同：偶然出现的可能性低 {1} 个数量级。") \
	X(FAST_FLUX, "In one day the name had {1} addresses in {2} unrelated networks, each for {3} at most.", \
		"一天之内该域名先后有 {1} 个地址，分布在 {2} 个互不相关的网络中，每个最长有效 {3}。") \
	X(ENCRYPTED_DNS, "It asks for names by {1}, so nobody on the way sees which.", \
		"它通过 {1} 查询域名，途中无人能看到查询内容。") \
	X(HIDDEN_CHANNEL, "The connection is {1}: it hides whom the host really talks to.", \
		"该连接是 {1}，会掩盖主机真正的通信对象。") \
	X(FROM_SERVER, "The host is a server for others here; servers seldom open such channels.", \
		"该主机是本网的服务器，服务器很少主动建立这类通道。") \
	X(STOPPED_ASKING, "It had asked {1} times in clear, last at {2}, and stopped when this began.", \
		"此前它明文查询过 {1} 次，最后一次在 {2}，此后便停止了。") \
	X(DNS_SILENCE, "It connects to {1} servers by name and was never heard asking for one; {2} other hosts are heard.", \
		"它按域名连接了 {1} 个服务器，却从未见其查询域名；另有 {2} 台主机都能看到查询。")

#define HEADLINES_DNS(H) \
	H("dns_tunnel", FACT_KEY_DNS_NO_DOMAIN, INTERNAL, "Inside the network, {host} sends data to {peer} in names that it asks for in DNS, {since}.", \
		"在内网，{host} 借 DNS 查询的域名向 {peer} 发送数据，{since}。") \
	H("dns_tunnel", NO_FACT, ANY, "{host} sends data to whoever answers for {peer}, in names that it asks for in DNS, {since}.", \
		"{host} 借 DNS 查询的域名，把数据发送给 {peer} 的应答者，{since}。") \
	H("dns_odd", FACT_KEY_DGA_BURST, ANY, "{host} asks for {1} domains within an hour that do not exist and look made up, {since}.", \
		"{host} 在一小时内查询了 {1} 个不存在且像是程序生成的域名，{since}。") \
	H("dns_odd", FACT_KEY_FAST_FLUX, ANY, "{host} uses {peer}, whose addresses change all day ({1} in {2} networks), {since}.", \
		"{host} 使用 {peer}，其地址整天变换（{2} 个网络中的 {1} 个地址），{since}。") \
	H("dns_odd", FACT_KEY_ENCRYPTED_DNS, ANY, "{host} asks {peer} for names by {1}, which few here do, {since}.", \
		"{host} 通过 {1} 向 {peer} 查询域名，本网很少有主机这样做，{since}。") \
	H("dns_odd", FACT_KEY_HIDDEN_CHANNEL, ANY, "{host} opens {1} to {peer} ({service}), {since}.", \
		"{host} 向 {peer}（{service}）建立 {1} 通道，{since}。") \
	H("dns_odd", NO_FACT, ANY, "{host} connects to servers by name and is never heard asking for a name, {since}.", \
		"{host} 按域名连接服务器，却从未见其查询域名，{since}。")
// clang-format on

#endif
