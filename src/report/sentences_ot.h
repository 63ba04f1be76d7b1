/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: ot_change (report/sentence_table.h says
 * how). */
#ifndef DWELL_REPORT_SENTENCES_OT_H
#define DWELL_REPORT_SENTENCES_OT_H

// clang-format off
#define FACT_SENTENCES_OT(X) \
	X(OT_OUTSIDE, "One of the two is not in our networks.", "双方中有一方不在本网之内。") \
	X(ENGINEERING, "Functions that change the program, the mode or the firmware of a device: {1}.", \
		"使用了会改变设备程序、运行模式或固件的功能：{1}。") \
	X(ENGINEERED, "Such requests: {1}; refused: {2}.", "此类请求 {1} 次，被拒绝 {2} 次。") \
	X(OFF_WINDOW, "Engineering is a habit of certain hours of the week here (weeks: {3}); hours outside of these: {1}, the last on {2}.", \
		"此处的工程操作通常在每周固定时段进行（共 {3} 周）；在此之外的小时数：{1}，最近一次为 {2}。") \
	X(NEW_MASTER, "It had been asked by others (count: {2}) for {1} before this one came.", \
		"在此之前，该设备已由其他主站（数量：{2}）访问了 {1}。") \
	X(FIRST_WRITE, "For {1} the two had only read; writes and commands since: {2}.", \
		"双方此前 {1}内只有读取；此后写入和命令共 {2} 次。") \
	X(NEW_FUNCTION, "Functions that the two had not used in two weeks and more: {1}.", \
		"双方两周以上从未使用过的功能：{1}。") \
	X(SWEEP_NEW, "Within ten minutes it asked devices for the first time: {1}.", \
		"十分钟内首次访问的设备数：{1}。") \
	X(SWEEP, "Within ten minutes it asked what they are, or asked in vain: devices {1}, units behind them {2}; it did so in spans of ten minutes: {3}.", \
		"十分钟内它查询了身份、或请求未获应答的设备 {1} 个，其后的单元 {2} 个；出现这种情况的十分钟时段共 {3} 个。") \
	X(ROLE_FLIP, "The one that asks is itself a device that others ask in this protocol (masters: {1}): it concentrates others, or has been turned.", \
		"发出请求的一方本身就是该协议中被访问的设备（主站数：{1}）：它要么是数据集中器，要么已被利用。") \
	X(REFUSED, "The device refused {1} of {2} requests: it is being tried, not polled.", \
		"设备拒绝了 {2} 次请求中的 {1}：这是在试探，而非轮询。") \
	X(REFUSED_JUMP, "On {3} the device refused {1} of the requests; before that it was {2}.", \
		"{3} 当天设备拒绝了 {1} 的请求；此前为 {2}。") \
	X(RATE_BROKEN, "On {3} there were {1} requests where a steady {2} a day is usual.", \
		"{3} 当天有 {1} 次请求，而平时稳定为每天 {2} 次。") \
	X(POLL_SILENT, "Days on which the sensor watched and nobody asked: {1}, from {2} on; {3} requests a day are usual.", \
		"传感器在观测但没有任何请求的天数：{1}，自 {2} 起；平时每天 {3} 次请求。") \
	X(WRITES_AGAIN, "Writes and commands that came again in the same order with the same values: {1}, first made on {2}; this time it took {3}.", \
		"以相同顺序和相同数值再次出现的写入和命令：{1} 次，首次出现于 {2}；此次持续 {3}。") \
	X(WRITES_OF, "The one that had made them before is {1}.", "此前发出这些写入的是 {1}。") \
	X(READINGS_AGAIN, "Changes of what is read that came again in the same order with the same values: {1}, first seen on {2}; this time it took {3}. Measured values scatter and do not do so.", \
		"读数以相同顺序和相同数值再次出现的变化：{1} 次，首次出现于 {2}；此次持续 {3}。真实测量值带有波动，不会如此。") \
	X(AGAIN_ODDS, "If values followed one another as they did before ({1} changes), that would happen {often}.", \
		"若数值仍像此前（{1} 次变化）那样相继出现，这种情况{often}。") \
	X(COUNTER_BACK, "Frames whose state or sequence number is lower than that of the frame before, without a restart: {1} of {2}, the first on {3}: old frames are sent again, or two senders use one name.", \
		"状态号或序号低于前一帧且设备并未重启的帧：{2} 帧中有 {1} 帧，首次在 {3}：旧帧被重新发送，或有两个发送者使用同一名称。") \
	X(DEVICE_CALLS, "A field device opened connections: {1}; it sent {2} and received {3}.", \
		"现场设备主动建立了连接：{1} 个；发送 {2}，接收 {3}。") \
	X(IT_PROTOCOL, "It is a protocol of computers, not of field devices: {1}.", \
		"这是计算机之间使用的协议，而非现场设备的协议：{1}。") \
	X(AGAIN_USUAL, "Before that, {1} of {2} changes had followed one another in the same way: part of it repeats by itself.", \
		"在此之前，{2} 次变化中有 {1} 也以同样方式相继出现：其中一部分本来就会重复。") \
	X(AGAIN_STATES, "What comes again are states of two values or few: a machine that runs through the same steps looks like this.", \
		"重复出现的是只有两种或少数取值的状态：按相同步骤运行的机器也会如此。") \
	X(REGISTER_NOISE, "Registers of one block that are drawn anew at each of {3} readings, over a wide range, without any memory of the value before: {1} of {2}; a process changes little by little, data does not.", \
		"同一组寄存器在 {3} 次读取中每次都取全新的值，范围很宽且与前值无关：{2} 个中有 {1} 个；过程量是逐渐变化的，而承载数据的寄存器不是。") \
	X(NOISE_PLACE, "The registers: {1}.", \
		"所涉寄存器：{1}。") \
	X(IN_WINDOW, "Engineering always happens at the same hours of the week here (weeks: {1}).", \
		"此处的工程操作总在每周相同的时段进行（共 {1} 周）。") \
	X(CALLS_MASTER, "The one that it calls is its own master.", "它所连接的正是自己的主站。") \
	X(NO_BASELINE, "The memory covers only {1}; two weeks would tell what is new.", \
		"记忆库只覆盖 {1}；满两周才能判断什么是新出现的。") \
	X(OT_PROTOCOL, "Industrial protocol: {1}.", "工业协议：{1}。")

#define HEADLINES_OT(H) \
	H("ot_change", FACT_KEY_ENGINEERING, INBOUND, "From outside, {peer} changes program or mode of the device {host} ({service}): {1}; {since}.", \
		"外部的 {peer} 改变设备 {host}（{service}）的程序或运行模式：{1}；{since}。") \
	H("ot_change", FACT_KEY_ENGINEERING, ANY, "{host} changes program or mode of the device {peer} ({service}): {1}; {since}.", \
		"{host} 改变设备 {peer}（{service}）的程序或运行模式：{1}；{since}。") \
	H("ot_change", FACT_KEY_WRITES_OF, INBOUND, "From outside, {peer} repeats to the device {host} ({service}) the writes that {1} had made, {since}.", \
		"外部的 {peer} 向设备 {host}（{service}）重放了 {1} 曾发出的写入，{since}。") \
	H("ot_change", FACT_KEY_WRITES_OF, ANY, "{host} repeats to the device {peer} ({service}) the writes that {1} had made, {since}.", \
		"{host} 向设备 {peer}（{service}）重放了 {1} 曾发出的写入，{since}。") \
	H("ot_change", FACT_KEY_NEW_MASTER, INBOUND, "From outside, a new master {peer} asks the device {host} ({service}), {since}.", \
		"外部出现新的主站 {peer}，访问设备 {host}（{service}），{since}。") \
	H("ot_change", FACT_KEY_NEW_MASTER, ANY, "{host} is a new master of the device {peer} ({service}), {since}.", \
		"{host} 成为设备 {peer}（{service}）的新主站，{since}。") \
	H("ot_change", FACT_KEY_FIRST_WRITE, INBOUND, "From outside, {peer} writes to the device {host} ({service}), which it had only read for {1}, {since}.", \
		"外部的 {peer} 开始写入设备 {host}（{service}），此前 {1}内只有读取，{since}。") \
	H("ot_change", FACT_KEY_FIRST_WRITE, ANY, "{host} writes to the device {peer} ({service}), which it had only read for {1}, {since}.", \
		"{host} 开始写入设备 {peer}（{service}），此前 {1}内只有读取，{since}。") \
	H("ot_change", FACT_KEY_READINGS_AGAIN, INBOUND, "What the device {host} ({service}) tells {peer} outside comes again: {1} changes in the same order with the same values, {since}.", \
		"设备 {host}（{service}）提供给外部 {peer} 的读数重复出现：{1} 次变化顺序与数值完全相同，{since}。") \
	H("ot_change", FACT_KEY_READINGS_AGAIN, ANY, "What the device {peer} ({service}) tells {host} comes again: {1} changes in the same order with the same values, {since}.", \
		"设备 {peer}（{service}）提供给 {host} 的读数重复出现：{1} 次变化顺序与数值完全相同，{since}。") \
	H("ot_change", FACT_KEY_WRITES_AGAIN, ANY, "Writes between {host} and {peer} ({service}) come again: {1} in the same order with the same values, {since}.", \
		"{host} 与 {peer}（{service}）之间的写入重复出现：{1} 次顺序与数值完全相同，{since}。") \
	H("ot_change", FACT_KEY_COUNTER_BACK, ANY, "The numbers of what {host} sends to {peer} ({service}) go back: {1} frames, {since}.", \
		"{host} 发送给 {peer}（{service}）的编号出现倒退：{1} 帧，{since}。") \
	H("ot_change", FACT_KEY_NEW_FUNCTION, ANY, "Between {host} and {peer} ({service}) there are functions that were never used before: {1}; {since}.", \
		"{host} 与 {peer}（{service}）之间出现从未用过的功能：{1}；{since}。") \
	H("ot_change", FACT_KEY_ROLE_FLIP, ANY, "{host}, a device itself, asks the device {peer} ({service}), {since}.", \
		"{host} 本身是设备，却去访问设备 {peer}（{service}），{since}。") \
	H("ot_change", FACT_KEY_DEVICE_CALLS, ANY, "The field device {host} opens connections to {peer} ({service}), {since}.", \
		"现场设备 {host} 主动连接 {peer}（{service}），{since}。") \
	H("ot_change", FACT_KEY_IT_PROTOCOL, INBOUND, "From outside, {peer} speaks {1} to the field device {host} ({service}), {since}.", \
		"外部的 {peer} 以 {1} 访问现场设备 {host}（{service}），{since}。") \
	H("ot_change", FACT_KEY_IT_PROTOCOL, ANY, "{host} speaks {1} to the field device {peer} ({service}), {since}.", \
		"{host} 以 {1} 访问现场设备 {peer}（{service}），{since}。") \
	H("ot_change", FACT_KEY_REGISTER_NOISE, ANY, "What {host} reads from the registers of {peer} ({service}) is data, not a process: {1} of {2} are drawn anew each time, {since}.", \
		"{host} 从 {peer}（{service}）的寄存器读到的是数据而非过程量：{2} 个中有 {1} 个每次都取全新的值，{since}。") \
	H("ot_change", FACT_KEY_SWEEP_NEW, ANY, "{host} asks {1} devices for the first time within ten minutes, {peer} ({service}) first, {since}.", \
		"{host} 在十分钟内首次访问 {1} 台设备，首先是 {peer}（{service}），{since}。") \
	H("ot_change", FACT_KEY_SWEEP, ANY, "{host} searches for devices ({service}): {1} within ten minutes, {peer} among them, {since}.", \
		"{host} 正在搜索设备（{service}）：十分钟内 {1} 台，其中有 {peer}，{since}。") \
	H("ot_change", FACT_KEY_REFUSED_JUMP, ANY, "The device {peer} ({service}) refuses {1} of what {host} asks, {since}.", \
		"设备 {peer}（{service}）拒绝了 {host} 请求中的 {1}，{since}。") \
	H("ot_change", FACT_KEY_REFUSED, ANY, "The device {peer} ({service}) refuses {1} of what {host} asks, {since}.", \
		"设备 {peer}（{service}）拒绝了 {host} 请求中的 {1}，{since}。") \
	H("ot_change", FACT_KEY_RATE_BROKEN, ANY, "The poll of {peer} ({service}) by {host} is out of step: {1} requests where {2} a day are usual, {since}.", \
		"{host} 对 {peer}（{service}）的轮询失常：{1} 次请求，平时每天 {2} 次，{since}。") \
	H("ot_change", FACT_KEY_POLL_SILENT, ANY, "The poll of {peer} ({service}) by {host} fell silent for days: {1}, {since}.", \
		"{host} 对 {peer}（{service}）的轮询中断了 {1} 天，{since}。") \
	H("ot_change", FACT_KEY_OT_OUTSIDE, INBOUND, "From outside, {peer} asks the device {host} ({service}), {since}.", \
		"外部的 {peer} 访问设备 {host}（{service}），{since}。") \
	H("ot_change", FACT_KEY_OT_OUTSIDE, ANY, "{host} asks the device {peer} outside ({service}), {since}.", \
		"{host} 访问外部的设备 {peer}（{service}），{since}。")
// clang-format on

#endif
