/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: upload (report/sentence_table.h says
 * how). */
#ifndef DWELL_REPORT_SENTENCES_VOLUME_H
#define DWELL_REPORT_SENTENCES_VOLUME_H

// clang-format off
#define FACT_SENTENCES_VOLUME(X) \
	X(MAILED, "It handed over mails that no mail program wrote, without Message-ID and program: {1}, {2} in all.", \
		"它投递了并非由邮件程序撰写的邮件（没有 Message-ID，也没有程序名）：{1} 封，共 {2}。") \
	X(STORED, "It put files on a server outside: {1}, {2} in all.", \
		"它把文件存放到外部服务器：{1} 个，共 {2}。") \
	X(STAGED, "On one day it gathered {1} (sources inside: {2}), and {3} left within a week.", \
		"它在一天之内从内部（来源数：{2}）汇集了 {1}，随后一周内有 {3} 外传。") \
	X(SPLIT, "From {3} on it sent {1} to destinations it had never used before (count: {2}).", \
		"自 {3} 起，它向此前从未用过的目的地（数量：{2}）发送了 {1}。") \
	X(BURST, "From {3} on it sent {1}; on a usual day this host sends {2} this way.", \
		"自 {3} 起发送了 {1}；该主机平时每天以这种方式发送 {2}。") \
	X(ODD_DAY, "Such a day has rank p = {1} among its own days and p = {2} among the other hosts that day; days of history: {3}.", \
		"这一天在该主机自身历史中的排位为 p = {1}，在当天其他主机中为 p = {2}；历史天数：{3}。") \
	X(ODD_ALONE, "Such a day has rank p = {1} among its own days (days of history: {2}); there is no other host to compare with.", \
		"这一天在该主机自身历史中的排位为 p = {1}（历史天数：{2}）；没有其他主机可供比较。") \
	X(ODD_RUN, "Taken together the days are evidence of {2} decades (length of the run in days: {1}; days of history: {3}); 4 decades come by chance at most once in 10,000 days of a host.", \
		"这些日子合起来的证据强度为 {2} 个数量级（持续天数：{1}；历史天数：{3}）；若属偶然，一台主机每 10000 天至多出现一次 4 个数量级。") \
	X(DRIP, "On {1} of {3} days it sent, {2} on each on average: more than this host's other peers get, day after day.", \
		"在 {3} 天里有 {1} 天发送数据，平均每天 {2}：日复一日超过该主机发给其他对端的量。") \
	X(DRIP_ODDS, "By the ranks of these days among those of its other peers the evidence is {1} decades; {2} would be reached by chance at most once in ten years of this host.", \
		"按这些日子在该主机其他对端中的排位计算，证据强度为 {1} 个数量级；若属偶然，该主机十年内至多一次达到 {2}。") \
	X(SCHEDULED, "A large transfer leaves every {per}, give or take {2}; transfers so far: {3}.", \
		"每{per}有一次大量外传，上下浮动 {2}；至今 {3} 次。") \
	X(PRODUCER, "It sent {1} and received {2} (days on which it did so: {3}).", \
		"它发送了 {1}，只收到 {2}（这样的日子共 {3} 天）。") \
	X(USUAL_RATIO, "For each byte received it sent {1}; with others on this port it is {2} (pair-days compared: {3}).", \
		"每收到一个字节就发送 {1} 个字节；该端口上与其他对端之间则为 {2}（比较了 {3} 个“对端·日”）。") \
	X(NO_USUAL, "Nobody else uses this port here, so nothing tells whether sending is usual on it.", \
		"本网没有其他主机使用该端口，无从判断在该端口上大量发送是否正常。")

#define HEADLINES_VOLUME(H) \
	H("upload", FACT_KEY_STAGED, ANY, "{host} gathered {1} from inside and sent {3} out, most of it to {peer} ({service}), {since}.", \
		"{host} 从内部汇集了 {1}，并外传 {3}，其中大部分发往 {peer}（{service}），{since}。") \
	H("upload", FACT_KEY_SPLIT, ANY, "{host} sent {1} to destinations new to it (count: {2}), most of it to {peer} ({service}), {since}.", \
		"{host} 向新出现的目的地（数量：{2}）发送了 {1}，其中大部分发往 {peer}（{service}），{since}。") \
	H("upload", FACT_KEY_BURST, INBOUND, "{host} sent out {1} where {2} a day is usual, most of it to {peer}, who had connected to it ({service}), {since}.", \
		"{host} 外传了 {1}（平时每天 {2}），其中大部分发给主动连入的 {peer}（{service}），{since}。") \
	H("upload", FACT_KEY_BURST, ANY, "{host} sent out {1} where {2} a day is usual, most of it to {peer} ({service}), {since}.", \
		"{host} 外传了 {1}（平时每天 {2}），其中大部分发往 {peer}（{service}），{since}。") \
	H("upload", FACT_KEY_DRIP, ANY, "{host} sends {peer} ({service}) about {2} a day, day after day, {since}.", \
		"{host} 日复一日地向 {peer}（{service}）每天发送约 {2}，{since}。") \
	H("upload", FACT_KEY_MAILED, ANY, "{host} hands mails that no mail program wrote to {peer} ({service}): {1}, {since}.", \
		"{host} 向 {peer}（{service}）投递并非由邮件程序撰写的邮件：{1} 封，{since}。") \
	H("upload", FACT_KEY_PRODUCER, ANY, "{host} sent {1} to {peer} ({service}) and received {2}, {since}.", \
		"{host} 向 {peer}（{service}）发送了 {1}，只收到 {2}，{since}。") \
	H("upload", FACT_KEY_STORED, ANY, "{host} puts files on {peer} ({service}): {1}, {2} in all, {since}.", \
		"{host} 把文件存放到 {peer}（{service}）：{1} 个，共 {2}，{since}。") \
	H("upload", FACT_KEY_SCHEDULED, ANY, "{host} makes a large transfer to {peer} ({service}) every {per}, {since}.", \
		"{host} 每{per}向 {peer}（{service}）进行一次大量传输，{since}。")
// clang-format on

#endif
