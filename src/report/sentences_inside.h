/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: admin_path, discovery, relay (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_INSIDE_H
#define DWELL_REPORT_SENTENCES_INSIDE_H

// clang-format off
#define FACT_SENTENCES_INSIDE(X) \
	X(PROBED, "Within {2} it tried {1} targets (address and port) that never answered; {3} of all that it tried did not.", \
		"在{2}内尝试了 {1} 个从未应答的目标（地址加端口）；它尝试过的全部目标中有 {3} 没有应答。") \
	X(PROBED_SLOWLY, "Targets that never answered: {1}, spread over {2} days, at most {3} on one of them.", \
		"从未应答的目标共 {1} 个，分散在 {2} 天里，单日最多 {3} 个。") \
	X(SWEPT, "It pinged {1} addresses within {2}; answers came from {3}.", \
		"在{2}内 ping 了 {1} 个地址，其中 {3} 个有应答。") \
	X(WALK, "Somebody who knows whom to ask would miss so often {often} (S = {1}; {3} connections).", \
		"若本来就知道该找谁，如此频繁地落空{often}（S = {1}；共 {3} 个连接）。") \
	X(PROBED_WHERE, "Addresses tried: {1}; ports tried: {2}.", \
		"尝试的地址数：{1}；端口数：{2}。") \
	X(PROBED_PORT, "Most of the targets are on one port: {1}.", \
		"目标大多在同一端口：{1}。") \
	X(PROBED_OPEN, "Targets that answered: {1}. What it did there afterwards is worth a look.", \
		"有应答的目标：{1} 个。它此后在那里做了什么值得查看。") \
	X(USUAL_PROBER, "It met as many dead targets on {1} days: a scanner that belongs here would look the same.", \
		"它在 {1} 天里都遇到过同样多的无应答目标：本网自己的扫描器也会如此。") \
	X(ANSWERING, "It all comes from its own port {1}: it may be answering what the sensor did not see.", \
		"全部来自它自己的端口 {1}：可能是在应答传感器没有看到的请求。") \
	X(PEER_TO_PEER, "Nearly each of {1} addresses was tried at a port of its own ({2} ports): peer-to-peer software does that.", \
		"{1} 个地址几乎各用各的端口（共 {2} 个端口）：点对点软件就是这样。")

#define HEADLINES_INSIDE(H) \
	H("discovery", FACT_KEY_PROBED, INBOUND, "From outside, {peer} tries many targets here, {host} first: {1} without an answer within {2}, {since}.", \
		"外部的 {peer} 在本网尝试许多目标（{host} 最先）：{2}内有 {1} 个无应答，{since}。") \
	H("discovery", FACT_KEY_PROBED, INTERNAL, "{host} looks around inside the network: {1} targets at {peer} without an answer within {2}, {since}.", \
		"{host} 在内网四处探查：{2}内对 {peer} 有 {1} 个目标无应答，{since}。") \
	H("discovery", FACT_KEY_PROBED, OUTBOUND, "{host} scans {peer}: {1} targets without an answer within {2}, {since}.", \
		"{host} 扫描 {peer}：{2}内有 {1} 个目标无应答，{since}。") \
	H("discovery", FACT_KEY_SWEPT, ANY, "{host} pings {1} addresses at {peer} within {2}, {since}.", \
		"{host} 在{2}内 ping 了 {peer} 的 {1} 个地址，{since}。") \
	H("discovery", FACT_KEY_PROBED_SLOWLY, INBOUND, "From outside, {peer} tries targets that are not there, {host} first: {1} of them over {2} days, {since}.", \
		"外部的 {peer} 不断尝试不存在的目标（{host} 最先）：{2} 天里共 {1} 个，{since}。") \
	H("discovery", FACT_KEY_PROBED_SLOWLY, ANY, "{host} tries targets at {peer} that are not there: {1} of them over {2} days, {since}.", \
		"{host} 不断尝试 {peer} 中不存在的目标：{2} 天里共 {1} 个，{since}。")
// clang-format on

#endif
