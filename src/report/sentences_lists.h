/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts: indicator (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_LISTS_H
#define DWELL_REPORT_SENTENCES_LISTS_H

// clang-format off
#define FACT_SENTENCES_LISTS(X) \
	X(HUNTED, "It is what hunt {1} looks for.", \
		"它是狩猎 {1} 所查找的目标。") \
	X(INDICATOR, "What was met: {1}.", \
		"匹配到的指标：{1}。") \
	X(SEEN_AS, "How it was met: {1}.", \
		"出现方式：{1}。") \
	X(BROAD, "The indicator is so broad that it meets nearly everything.", \
		"该指标范围过宽，几乎什么都能匹配。") \
	X(LOOSE, "All parts of the pattern were met, though perhaps not in one connection or within the time it asks for.", \
		"组合条件的各部分都已出现，但不一定在同一个连接中，或不一定在其要求的时间内。") \
	X(ONLY_NAMED, "It was only named, in DNS or a certificate: no connection to it was seen.", \
		"仅在 DNS 或证书中被提及：未见与它的连接。") \
	X(FEED_LABEL, "The list it is on says of it, in its own words: “{1}”.", \
		"列出它的名单原文写道：“{1}”。") \
	X(FEED_PLACE, "It stands on that list at: {1}.", \
		"它在名单中的位置：{1}。")
// clang-format on

#endif
