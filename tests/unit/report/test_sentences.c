/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences: the same placeholders in both languages, the right numbers in each fact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/ask.h"
#include "report/sentences.h"

static struct arena arena;

static void is(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("'%.*s' instead of '%s'", STR_ARG(got), wanted);
}

/* Every {name} of a is somewhere in b. */
static void has_slots_of(const char *a, const char *b)
{
	for (const char *p = strchr(a, '{'); p != NULL; p = strchr(p + 1, '{')) {
		char name[32];
		size_t n = strcspn(p, "}") + 1;
		assert_in_range(n, 3, sizeof(name) - 1);
		memcpy(name, p, n);
		name[n] = '\0';
		if (strstr(b, name) == NULL)
			fail_msg("%s of \"%s\" is not in \"%s\"", name, a, b);
	}
}

static void same_slots(const char *en, const char *zh)
{
	assert_true(en[0] != '\0' && zh[0] != '\0');
	has_slots_of(en, zh);
	has_slots_of(zh, en);
}

static void parity(void **state)
{
	(void)state;
	for (int i = 0; i < SENTENCE_COUNT; i++)
		same_slots(sentence((enum sentence)i, LANGUAGE_EN),
		    sentence((enum sentence)i, LANGUAGE_ZH));
	for (int i = 0; i < FACT_KEYS; i++)
		same_slots(fact_template((enum fact_key)i, LANGUAGE_EN),
		    fact_template((enum fact_key)i, LANGUAGE_ZH));
	for (size_t i = 0; i < headline_count(); i++)
		same_slots(
		    headline_template(i, LANGUAGE_EN), headline_template(i, LANGUAGE_ZH));
}

/* What both sentences of a fact with these values must hold; up to four texts each. */
struct expectation {
	enum fact_key key;
	double value[3];
	const char *text;
	const char *en[4], *zh[4];
};

#define DAY 86400.0
/* 2025-09-14T01:17:00Z and 2026-10-14T19:20:00Z, in microseconds, by date(1) */
#define FIRST 1757812620e6
#define LAST  1792005600e6

static const struct expectation expectations[] = {
    {FACT_KEY_RHYTHM, {16200, 0.08, 2112}, NULL, {"every 4 h 30 min", " 8%", "2,112"},
	{"每 4 小时 30 分钟", " 8%", "2,112 次"}},
    {FACT_KEY_FALSE_ALARM, {109.6, 2.4e-105, 91219}, NULL,
	{"less than once in a billion", "109.6", "91,219"}, {"十亿", "109.6", "91,219"}},
    {FACT_KEY_FALSE_ALARM, {4.722, 1.729, 91219}, NULL,
	{"about 1.7 times", "S = 4.72;", "91,219"},
	{"约 1.7 次", "S = 4.72；", "91,219"}},
    {FACT_KEY_FALSE_ALARM, {9, 0.0005, 500000}, NULL,
	{"once in 2,000 memories", "500,000"}, {"2,000 个", "500,000"}},
    {FACT_KEY_PRESENCE, {0.97, 720, 30}, NULL,
	{"97%", "720 watched hours", "30 different days"},
	{"720 个小时", "97%", "30 个"}},
    {FACT_KEY_LONG_CHANNEL, {3 * DAY, 5200, 1300000}, NULL,
	{"for 3 days", "sent 5.2 kB", "received 1.3 MB"},
	{"3 天", "发送 5.2 kB", "接收 1.3 MB"}},
    {FACT_KEY_RARE_PEER, {1, 412, 0}, NULL, {"1 of 412 hosts"},
	{"412 台主机中只有 1 台"}},
    {FACT_KEY_NO_NAME, {0}, NULL, {"address"}, {"IP 地址"}},
    {FACT_KEY_KEPT_ALIVE, {96, 0, 0}, NULL, {"96 B a minute"}, {"每分钟 96 B"}},
    {FACT_KEY_QUIET_HOURS, {0.42, 0, 0}, NULL, {"42%"}, {"42%"}},
    {FACT_KEY_LASTING, {390, 396, 0}, NULL, {"390 of 396 days"}, {"396 天里有 390 天"}},
    {FACT_KEY_LATE_PEER, {44 * DAY, 0, 0}, NULL, {"44 days after"}, {"44 天之后"}},
    {FACT_KEY_SAME_SIZE, {0.91, 396, 1100}, NULL,
	{"91%", "396 B sent", "1.1 kB received"}, {"91%", "发送 396 B", "接收 1.1 kB"}},
    {FACT_KEY_UPLOAD, {2.2e6, 21000, 0}, NULL, {"2.2 MB sent", "21.0 kB received"},
	{"发送 2.2 MB", "接收 21.0 kB"}},
    {FACT_KEY_FAILING, {0.95, 1234, 0}, NULL, {"95% of 1,234 attempts"},
	{"1,234 次", "95%"}},
    {FACT_KEY_SCATTERED, {0.25, 0, 0}, NULL, {"25%"}, {"25%"}},
    {FACT_KEY_SELF_SIGNED, {0}, NULL, {"certificate"}, {"自签名证书"}},
    {FACT_KEY_COMMON_PEER, {300, 412, 0}, NULL, {"300 of 412 hosts"},
	{"412 台主机中有 300 台"}},
    {FACT_KEY_DECAYED, {FIRST, 0, 0}, NULL, {"before 2025-09-14 01:17", "roll-ups"},
	{"2025-09-14 01:17"}},
    {FACT_KEY_HUNTED, {0}, "h3 (energy alert)", {"hunt h3 (energy alert)"},
	{"狩猎 h3 (energy alert)"}},
    {FACT_KEY_INDICATOR, {0}, "address 192.0.2.1", {"address 192.0.2.1"},
	{"address 192.0.2.1"}},
    {FACT_KEY_SEEN_AS, {0}, "connected_to,dns_query", {"connected to, asked for in DNS."},
	{"被连接、DNS 查询"}},
    {FACT_KEY_BROAD, {0}, NULL, {"so broad"}, {"范围过宽"}},
    {FACT_KEY_LOOSE, {0}, NULL, {"All parts of the pattern"}, {"各部分"}},
    {FACT_KEY_ONLY_NAMED, {0}, NULL, {"only named"}, {"未见与它的连接"}},
    {FACT_KEY_NO_ANSWER, {12, 0, 0}, NULL, {"12 attempts"}, {"12 次"}},
    {FACT_KEY_FEED_LABEL, {0}, "GROUP X c2", {"in its own words: “GROUP X c2”"},
	{"“GROUP X c2”"}},
    {FACT_KEY_FEED_PLACE, {0}, "feed.csv:17", {"feed.csv:17"}, {"feed.csv:17"}},
    {FACT_KEY_DNS_LEDGER, {4200, 81, FIRST}, NULL,
	{"carry 4.2 kB", "from 2025-09-14 01:17 on", "(81 names)"},
	{"4.2 kB", "81 个", "2025-09-14 01:17"}},
    {FACT_KEY_DNS_SENT, {4200, 9300, 81}, NULL,
	{"81 names", "least 4.2 kB", "most 9.3 kB"}, {"81 个", "4.2 kB", "9.3 kB"}},
    {FACT_KEY_DNS_TOOL, {0}, "iodine", {"as iodine builds"}, {"与 iodine 相同"}},
    {FACT_KEY_DNS_DATA_TYPES, {0.97, 222, 0}, NULL, {"97% of 222 questions"},
	{"222 次", "97%"}},
    {FACT_KEY_DNS_FRESH, {0.97, 222, 0}, NULL, {"97% of 222 questions"},
	{"222 次", "97%"}},
    {FACT_KEY_DNS_DOWN, {8396, 0, 0}, NULL, {"8.4 kB"}, {"8.4 kB"}},
    {FACT_KEY_DNS_UNCONTACTED, {25, 0, 0}, NULL, {"25 different"}, {"25 个"}},
    {FACT_KEY_DNS_FORWARDED, {0}, NULL, {"passes on"}, {"转发"}},
    {FACT_KEY_DNS_CONTACTED, {3, 12, 0}, NULL, {"3 of the 12"}, {"12 个", "3 个"}},
    {FACT_KEY_DNS_BLOCKLIST, {0.97, 40, 0}, NULL, {"97% of the 40"}, {"40 个", "97%"}},
    {FACT_KEY_DNS_SPELLED, {0.97, 400, 0}, NULL, {"97% of 400 names"}, {"400 个", "97%"}},
    {FACT_KEY_DNS_NO_SUCH_NAME, {0.97, 400, 0}, NULL, {"97% of 400 names"},
	{"400 个", "97%"}},
    {FACT_KEY_DNS_SERVES, {0}, NULL, {"DNS for others"}, {"DNS 解析"}},
    {FACT_KEY_DNS_NO_DOMAIN, {0}, NULL, {"no domain"}, {"不属于任何已知域"}},
    {FACT_KEY_DNS_ASKED, {0}, "10.0.0.1, 10.0.0.2", {": 10.0.0.1, 10.0.0.2."},
	{"10.0.0.1, 10.0.0.2"}},
    {FACT_KEY_DNS_SAMPLE, {0}, "a.b.example", {": a.b.example."}, {"：a.b.example"}},
    {FACT_KEY_DGA_BURST, {48, FIRST, 51}, NULL,
	{"from 2025-09-14 01:17 on, 48 registered", "51 in all"},
	{"2025-09-14 01:17", "48 个", "51 个"}},
    {FACT_KEY_DGA_ODDNESS, {12.5, 940, 0}, NULL, {"940 names", "12.5 decades"},
	{"940 个", "12.5 个"}},
    {FACT_KEY_FAST_FLUX, {24, 12, 300}, NULL, {"24 addresses in 12 unrelated", "5 min"},
	{"24 个", "12 个", "5 分钟"}},
    {FACT_KEY_ENCRYPTED_DNS, {0}, "DNS over TLS", {"by DNS over TLS,"}, {"DNS over TLS"}},
    {FACT_KEY_HIDDEN_CHANNEL, {0}, "Tor", {"is Tor:"}, {"是 Tor，"}},
    {FACT_KEY_FROM_SERVER, {0}, NULL, {"is a server"}, {"服务器"}},
    {FACT_KEY_STOPPED_ASKING, {400, FIRST, 0}, NULL, {"400 times", "2025-09-14 01:17"},
	{"400 次", "2025-09-14 01:17"}},
    {FACT_KEY_DNS_SILENCE, {34, 18, 0}, NULL, {"34 servers", "18 other"},
	{"34 个", "18 台"}},
    {FACT_KEY_FLEET_RHYTHM, {35, 3600, 0}, NULL, {"35 hosts", "every hour"},
	{"35 台", "每小时"}},
    {FACT_KEY_USUAL_SERVICE, {0}, "NTP", {"(NTP)"}, {"（NTP）"}},
    {FACT_KEY_OWN_RHYTHMS, {3, 0, 0}, NULL, {": 3."}, {"：3。"}},
    {FACT_KEY_OFFICE_HOURS, {0.93, 0, 0}, NULL, {"93%"}, {"93%"}},
    {FACT_KEY_OPEN_SERVICE, {17, 0, 0}, NULL, {": 17."}, {"17 个地址"}},
    {FACT_KEY_FEW_EVENTS, {8, 0, 0}, NULL, {": 8."}, {"8 个"}},
    {FACT_KEY_SHORT_MEMORY, {7200, 0, 0}, NULL, {"2 h"}, {"2 小时"}},
    {FACT_KEY_SHARED_RHYTHM, {6, 0, 0}, NULL, {"6 hosts"}, {"6 台主机"}},
    {FACT_KEY_SHORT_SLEEP, {5, FIRST, LAST}, NULL,
	{"From 2025-09-14 01:17 to 2026-10-14 19:20", "every 5 s"},
	{"从 2025-09-14 01:17 到 2026-10-14 19:20", "每 5 秒"}},
    {FACT_KEY_SHORT_SLEEPS, {3, 7200, 0}, NULL, {": 3, 2 h in all"},
	{"3 段，合计 2 小时"}},
    {FACT_KEY_FLEET_HOSTS, {35, 0, 0}, "10.0.0.1, 10.0.0.2",
	{"35 hosts, first 10.0.0.1, 10.0.0.2"}, {"35 台主机，最先是 10.0.0.1"}},
    {FACT_KEY_ODD_PERIOD, {35, 3600, 0}, NULL, {"35 other hosts", "every 1 h"},
	{"35 台", "1 小时"}},
    {FACT_KEY_ODD_SIZE, {35, 640, 1216}, NULL, {"35 other", "send about 640 B", "1.2 kB"},
	{"35 台", "640 B", "1.2 kB"}},
    {FACT_KEY_ODD_PRINT, {35, 0, 0}, "t13d", {"35 other", "(t13d)"}, {"35 台", "t13d"}},
    {FACT_KEY_TIME_OF_DAY, {32400, 900, 40}, NULL,
	{"9 h after midnight", "take 15 min", "40 different"},
	{"9 小时", "15 分钟", "40 个"}},
    {FACT_KEY_FEW_A_DAY, {60, 30, 42}, NULL, {"60 connections on 30 of 42 days"},
	{"42 天里有 30 天", "60 个"}},
    {FACT_KEY_NO_RHYTHM, {0}, NULL, {"person's"}, {"习惯"}},
    {FACT_KEY_SAME_NET, {0}, "192.0.2.0/24", {"network stays: 192.0.2.0/24"},
	{"网段不变：192.0.2.0/24"}},
    {FACT_KEY_SAME_DOMAIN, {0}, "c2.example", {"domain stays: c2.example"},
	{"注册域不变：c2.example"}},
    {FACT_KEY_SAME_PRINT, {0}, "ja4:t13d", {"handshake stays: ja4:t13d"},
	{"不变：ja4:t13d"}},
    {FACT_KEY_SAME_TEMPLATE, {640, 1216, 0}, NULL, {"640 B out", "1.2 kB in"},
	{"发送 640 B", "接收 1.2 kB"}},
    {FACT_KEY_ONE_TEMPLATE, {640, 1216, 0}, NULL, {"send about 640 B", "1.2 kB"},
	{"发送约 640 B", "1.2 kB"}},
    {FACT_KEY_ONLY_ASKED, {0}, "c2.example", {"names below c2.example"},
	{"c2.example 下域名"}},
    {FACT_KEY_CHANGING_PEERS, {7, 0, 0}, "192.0.2.1, 192.0.2.2",
	{"so far: 7", "192.0.2.1, 192.0.2.2."}, {"7 个", "192.0.2.1, 192.0.2.2"}},
    {FACT_KEY_OLDER, {FIRST, 0, 0}, NULL, {"2025-09-14 01:17"}, {"2025-09-14 01:17"}},
    {FACT_KEY_FIRST_PACKET, {FIRST, 0, 0}, NULL, {"2025-09-14 01:17"},
	{"2025-09-14 01:17"}},
    {FACT_KEY_ONSET, {FIRST, 0, 0}, NULL, {"2025-09-14 01:17"}, {"2025-09-14 01:17"}},
    {FACT_KEY_STOPPED, {LAST, 2 * DAY, 0}, NULL, {"2026-10-14 19:20", "2 days"},
	{"2026-10-14 19:20", "2 天"}},
    {FACT_KEY_CERT_NAMELESS, {0}, "CN=x", {"subject: CN=x."}, {"主题为：CN=x。"}},
    {FACT_KEY_CERT_DEFAULTS, {0}, "C=--", {"tools fill in", "C=--"}, {"默认值", "C=--"}},
    {FACT_KEY_CERT_ADDRESS, {0}, "CN=192.0.2.1", {"bare address", "192.0.2.1"},
	{"IP 地址", "192.0.2.1"}},
    {FACT_KEY_CERT_LONG, {3653 * DAY, 0, 0}, NULL, {"valid for 10 years"}, {"10 年"}},
    {FACT_KEY_CERT_SHORT, {7200, 0, 0}, NULL, {"2 h only"}, {"仅 2 小时"}},
    {FACT_KEY_CERT_EXPIRED, {9 * DAY, 0, 0}, NULL, {"expired 9 days before"}, {"9 天"}},
    {FACT_KEY_CERT_EARLY, {2 * DAY, 0, 0}, NULL, {"2 days before it became valid"},
	{"生效前 2 天"}},
    {FACT_KEY_CERT_FRESH, {3600, 0, 0}, NULL, {"1 h after it became valid"},
	{"生效后 1 小时"}},
    {FACT_KEY_SOLE_ISSUER, {0}, "CN=I", {"this issuer: CN=I."}, {"：CN=I。"}},
    {FACT_KEY_NO_SNI, {3, 4, 0}, NULL, {"in 3 of 4"}, {"4 次此类握手中", "3 次"}},
    {FACT_KEY_OTHER_NAME, {0}, "a.example", {"asked for: a.example."}, {"：a.example。"}},
    {FACT_KEY_LED_ELSEWHERE, {0, 3, 250}, "www.example.org",
	{"asked for www.example.org,", "gave: 3.", "250 of them"},
	{"域名是 www.example.org，", "地址数：3", "共 250 个"}},
    {FACT_KEY_LED_HERE, {0}, "203.0.113.9", {"address 203.0.113.9."}, {"203.0.113.9。"}},
    {FACT_KEY_OWN_PORT, {0}, "4041", {"port 4041,"}, {"端口 4041 "}},
    {FACT_KEY_OTHERS_PORT, {0}, "22", {"port 22,"}, {"端口 22 "}},
    {FACT_KEY_NEW_CLIENT, {0, 20 * DAY, 1}, "t13d", {"t13d is new", "20 days", ": 1."},
	{"t13d", "20 天之后", "：1。"}},
    {FACT_KEY_NEW_PROGRAM, {0, 40 * DAY, 2}, "t13d", {"40 days", "t13d;", ": 2."},
	{"40 天之后", "t13d", "：2。"}},
    {FACT_KEY_OLD_ISSUER, {0, 70 * DAY, 0}, "CN=I", {"For 70 days", "CN=I."},
	{"70 天", "CN=I。"}},
    {FACT_KEY_NEW_ISSUER, {0}, "CN=J", {"took its place: CN=J."}, {"：CN=J。"}},
    {FACT_KEY_NEW_SOLE_ISSUER, {0}, "CN=J", {"no other server", "CN=J."},
	{"其他服务器", "CN=J。"}},
    {FACT_KEY_TLS_CHANCE, {2.93, 0.00125, 212}, NULL,
	{"once in 800", "10^-2.93", ": 212)"}, {"800", "10^-2.93", "212 台"}},
    {FACT_KEY_HABIT_CERT, {12, 212, 0}, NULL, {"12 of 212"}, {"212 台中有 12 台"}},
    {FACT_KEY_HABIT_NAME, {12, 212, 0}, NULL, {"12 of 212"}, {"212 台中有 12 台"}},
    {FACT_KEY_HABIT_PORT, {12, 212, 0}, NULL, {"12 of 212"}, {"212 台中有 12 台"}},
    {FACT_KEY_HABIT_CLIENT, {12, 212, 0}, NULL, {"12 of 212"}, {"212 台中有 12 台"}},
    {FACT_KEY_HABIT_CHANGE, {12, 212, 0}, NULL, {"12 of 212"}, {"212 台中有 12 台"}},
    {FACT_KEY_SPOKEN, {0}, "ssh", {"there is ssh."}, {"使用的是 ssh。"}},
    {FACT_KEY_RANDOM_BYTES, {0}, "443", {"On port 443 both"}, {"在端口 443 上"}},
    {FACT_KEY_PORT_HABIT, {0, 90, 91}, "ssl", {"speaks ssl: so do 90 of 91"},
	{"使用 ssl", "91 对", "90 对"}},
    {FACT_KEY_PORT_REGISTERED, {0, 0, 1}, "dns", {"for dns;", "on it: 1,", "which 0"},
	{"用于 dns", "1 对", "0 对"}},
    {FACT_KEY_BARE_WEB, {0}, "7080", {"port 7080,"}, {"端口 7080 "}},
    {FACT_KEY_PORT_OTHERS, {3, 91, 0}, NULL, {"3 of 91"}, {"91 对中有 3 对"}},
    {FACT_KEY_KEY_CHANGED, {0, 864000, 44}, "bb:bb",
	{"another host key, bb:bb;", "for 10", "44 connections"},
	{"：bb:bb；", "此前 10", "44 次"}},
    {FACT_KEY_KEY_BESIDE, {1.7e15, 3, 0}, NULL,
	{"last at 2023-11-14 22:13", "shown it: 3)"},
	{"最近一次在 2023-11-14 22:13", "客户端数：3）"}},
    {FACT_KEY_KEY_PROGRAM, {0}, "SSH-2.0-x", {"too: SSH-2.0-x."}, {"：SSH-2.0-x。"}},
    {FACT_KEY_KEY_GONE, {2, 0, 0}, NULL, {"new one: 2)"}, {"客户端数：2）"}},
    {FACT_KEY_KEY_ABROAD, {0, 864000, 0}, "10.0.0.20",
	{"inside, 10.0.0.20,", "known for 10"}, {"服务器 10.0.0.20 的", "已存在 10"}},
    {FACT_KEY_KEY_OWN_OUTSIDE, {0}, NULL, {"--home"}, {"--home"}},
    {FACT_KEY_KEY_SHARED, {0, 3, 2}, "192.0.2.9",
	{"3 addresses in 2 networks", "among them 192.0.2.9."},
	{"3 个地址", "2 个网络", "192.0.2.9。"}},
    {FACT_KEY_KEY_MANY, {40, 0, 0}, NULL, {"(40)"}, {"（40 个）"}},
    {FACT_KEY_KEY_SAME, {0}, "bb:bb", {": bb:bb."}, {"：bb:bb。"}},
    {FACT_KEY_OT_OUTSIDE, {0}, NULL, {"not in our networks"}, {"不在本网"}},
    {FACT_KEY_ENGINEERING, {0}, "plc_stop", {": plc_stop."}, {"：plc_stop。"}},
    {FACT_KEY_ENGINEERED, {7, 2, 0}, NULL, {"requests: 7;", "refused: 2."},
	{"7 次", "2 次"}},
    {FACT_KEY_OFF_WINDOW, {1, FIRST, 9}, NULL,
	{"weeks: 9", "of these: 1,", "on 2025-09-14 01:17"},
	{"9 周", "：1", "2025-09-14 01:17"}},
    {FACT_KEY_NEW_MASTER, {40 * DAY, 2, 0}, NULL, {"count: 2", "40 days"},
	{"数量：2", "40 天"}},
    {FACT_KEY_FIRST_WRITE, {40 * DAY, 3, 0}, NULL, {"40 days", "since: 3."},
	{"40 天", "3 次"}},
    {FACT_KEY_NEW_FUNCTION, {0}, "operate, select", {": operate, select."},
	{"：operate, select。"}},
    {FACT_KEY_SWEEP_NEW, {6, 0, 0}, NULL, {": 6."}, {"：6。"}},
    {FACT_KEY_SWEEP, {12, 40, 3}, NULL, {"devices 12,", "them 40;", "minutes: 3."},
	{"12 个", "40 个", "3 个"}},
    {FACT_KEY_ROLE_FLIP, {2, 0, 0}, NULL, {"masters: 2"}, {"主站数：2"}},
    {FACT_KEY_REFUSED, {0.97, 3345, 0}, NULL, {"97% of 3,345"}, {"3,345 次", "97%"}},
    {FACT_KEY_REFUSED_JUMP, {0.4, 0.001, FIRST}, NULL,
	{"On 2025-09-14 01:17", "refused 40%", "it was 0.1%"}, {"40%", "0.1%"}},
    {FACT_KEY_RATE_BROKEN, {17280, 8640, FIRST}, NULL,
	{"On 2025-09-14 01:17", "17,280 requests", "steady 8,640"},
	{"17,280 次", "8,640 次"}},
    {FACT_KEY_POLL_SILENT, {3, FIRST, 8640}, NULL,
	{"asked: 3,", "2025-09-14 01:17", "8,640 requests"}, {"：3", "8,640 次"}},
    {FACT_KEY_WRITES_AGAIN, {12, FIRST, 90}, NULL,
	{"values: 12, first made on 2025-09-14 01:17", "1 min 30 s"},
	{"12 次", "2025-09-14 01:17"}},
    {FACT_KEY_WRITES_OF, {0, 0, 0}, "10.0.0.1", {"before is 10.0.0.1."},
	{"是 10.0.0.1。"}},
    {FACT_KEY_READINGS_AGAIN, {240, FIRST, 90}, NULL,
	{"values: 240, first seen on 2025-09-14 01:17", "1 min 30 s"}, {"240 次"}},
    {FACT_KEY_AGAIN_ODDS, {2000, 1e-12, 0}, NULL,
	{"(2,000 changes)", "less than once in a billion"}, {"2,000 次", "十亿"}},
    {FACT_KEY_COUNTER_BACK, {3, 200, FIRST}, NULL,
	{"3 of 200, the first on 2025-09-14 01:17"}, {"200 帧中有 3 帧"}},
    {FACT_KEY_AGAIN_USUAL, {0.04, 2000, 0}, NULL, {"4% of 2,000"}, {"2,000 次", "4%"}},
    {FACT_KEY_AGAIN_STATES, {0, 0, 0}, NULL, {"two values or few"}, {"少数取值"}},
    {FACT_KEY_DEVICE_CALLS, {4, 532, 912}, NULL, {"connections: 4;", "532", "912"},
	{"4 个", "532", "912"}},
    {FACT_KEY_IT_PROTOCOL, {0}, "smb", {": smb."}, {"：smb。"}},
    {FACT_KEY_IN_WINDOW, {9, 0, 0}, NULL, {"weeks: 9"}, {"9 周"}},
    {FACT_KEY_CALLS_MASTER, {0}, NULL, {"its own master"}, {"自己的主站"}},
    {FACT_KEY_NO_BASELINE, {2 * DAY, 0, 0}, NULL, {"only 2 days"}, {"2 天"}},
    {FACT_KEY_OT_PROTOCOL, {0}, "modbus", {": modbus."}, {"：modbus。"}},
    {FACT_KEY_MAILED, {3, 2496, 0}, NULL, {": 3,", "2.5 kB"}, {"3 封", "2.5 kB"}},
    {FACT_KEY_STORED, {2, 52000, 0}, NULL, {": 2,", "52.0 kB"}, {"2 个", "52.0 kB"}},
    {FACT_KEY_STAGED, {2e8, 4, 9e7}, NULL,
	{"gathered 200 MB", "inside: 4", "90.0 MB left"}, {"200 MB", "4", "90.0 MB"}},
    {FACT_KEY_SPLIT, {7.2e7, 12, FIRST}, NULL,
	{"From 2025-09-14 01:17", "72.0 MB", "count: 12"}, {"72.0 MB", "12"}},
    {FACT_KEY_BURST, {5e8, 4.1e6, FIRST}, NULL, {"500 MB", "sends 4.1 MB"},
	{"500 MB", "4.1 MB"}},
    {FACT_KEY_ODD_DAY, {0.0161, 0.033, 61}, NULL, {"p = 0.0161", "p = 0.033", ": 61."},
	{"p = 0.0161", "p = 0.033", "61"}},
    {FACT_KEY_ODD_ALONE, {0.0161, 61, 0}, NULL, {"p = 0.0161", ": 61)"},
	{"p = 0.0161", "61"}},
    {FACT_KEY_ODD_RUN, {9, 4.2, 61}, NULL, {"4.2 decades", "days: 9;", "10,000"},
	{"4.2 个", "9", "10000"}},
    {FACT_KEY_DRIP, {20, 200000, 22}, NULL, {"20 of 22 days", "200 kB"},
	{"22 天里有 20 天", "200 kB"}},
    {FACT_KEY_DRIP_ODDS, {12.5, 5.2, 0}, NULL, {"12.5 decades", "5.2 would"},
	{"12.5 个", "5.2"}},
    {FACT_KEY_SCHEDULED, {86400, 0.02, 45}, NULL, {"every day", "2%", ": 45."},
	{"每天", "2%", "45 次"}},
    {FACT_KEY_PRODUCER, {5e8, 90000, 3}, NULL,
	{"sent 500 MB", "received 90.0 kB", ": 3)"}, {"500 MB", "90.0 kB", "3 天"}},
    {FACT_KEY_USUAL_RATIO, {5300, 0.012, 940}, NULL, {"5300.0", "0.012", ": 940)"},
	{"5300.0", "0.012", "940"}},
    {FACT_KEY_NO_USUAL, {0}, NULL, {"Nobody else"}, {"没有其他主机"}},
    {FACT_KEY_PROBED, {997, 5.04, 0.97}, NULL, {"Within 5 s", "997 targets", "97%"},
	{"在5 秒内", "997 个", "97%"}},
    {FACT_KEY_PROBED_SLOWLY, {28, 14, 2}, NULL, {": 28,", "14 days", "most 2"},
	{"28 个", "14 天", "最多 2 个"}},
    {FACT_KEY_SWEPT, {40, 3, 20}, NULL, {"40 addresses", "within 3 s", "from 20."},
	{"40 个", "3 秒", "20 个"}},
    {FACT_KEY_WALK, {9, 0.0005, 500000}, NULL,
	{"once in 2,000 memories", "500,000 connections"}, {"2,000 个", "500,000 个"}},
    {FACT_KEY_PROBED_WHERE, {17, 3, 0}, NULL, {"tried: 17;", "tried: 3."},
	{"地址数：17", "端口数：3"}},
    {FACT_KEY_PROBED_PORT, {0}, "tcp/445", {"tcp/445"}, {"tcp/445"}},
    {FACT_KEY_PROBED_OPEN, {4, 0, 0}, NULL, {"answered: 4."}, {"4 个"}},
    {FACT_KEY_USUAL_PROBER, {6, 0, 0}, NULL, {"6 days"}, {"6 天"}},
    {FACT_KEY_ANSWERING, {0}, "udp/1900", {"udp/1900"}, {"udp/1900"}},
    {FACT_KEY_PEER_TO_PEER, {60, 59, 0}, NULL, {"60 addresses", "59 ports"},
	{"60 个地址", "59 个端口"}},
    {FACT_KEY_ONE_WAY, {0}, NULL, {"one direction"}, {"单向"}},
    {FACT_KEY_PUSH_RUN, {3, 0, 0}, NULL, {"3 s after"}, {"3 秒后"}},
    {FACT_KEY_FILE_PUSH, {2, 70000, 1}, NULL, {"shares: 2 (70.0 kB)", "them: 1."},
	{"2 个（70.0 kB）", "脚本 1 个"}},
    {FACT_KEY_PUSHED_FILE, {0}, "svc.exe", {"svc.exe"}, {"svc.exe"}},
    {FACT_KEY_SERVICE_LIFE, {6, 0, 0}, NULL, {"6 s later"}, {"6 秒后"}},
    {FACT_KEY_SERVICE_RUN, {3, 2, 1}, NULL,
	{"remotely: 3;", "started: 2;", "deleted: 1."},
	{"3 个", "启动：2 个", "删除：1 个"}},
    {FACT_KEY_TASK_RUN, {2, 1, 0}, NULL, {"remotely: 2;", "once: 1."}, {"2 个", "1 个"}},
    {FACT_KEY_WMI_RUN, {2, 1, 0}, NULL, {"WMI: 2;", "stored: 1."}, {"2 个", "1 个"}},
    {FACT_KEY_OBJECT_CALLED, {4, 0, 0}, NULL, {"DCOM: 4."}, {"4 个"}},
    {FACT_KEY_NETLOGON_TRIES, {21, 8, 1}, NULL, {"21 times within 8 s", "set: 1."},
	{"8 秒", "21 次", "1 次"}},
    {FACT_KEY_CAME_BACK, {2.5, 0, 0}, NULL, {"2.5 s after the call"}, {"2.5 秒"}},
    {FACT_KEY_COERCED, {2, 0, 0}, NULL, {"elsewhere: 2."}, {"2 次"}},
    {FACT_KEY_REPLICATED, {5, 0, 0}, NULL, {"(5 requests)"}, {"5 次"}},
    {FACT_KEY_GUESSED, {0}, "ftp", {"(ftp)"}, {"（ftp）"}},
    {FACT_KEY_GUESSING, {30, 12, 0}, NULL, {"hour: 30,", "for 12 different"},
	{"30 次", "12 个"}},
    {FACT_KEY_WEAK_TICKETS, {9, 4, 0}, NULL, {"9 tickets for 4 services"},
	{"4 个服务", "9 张"}},
    {FACT_KEY_RC4_ASKED, {3, 2, 0}, NULL, {": 3, for 2 names"}, {"3 次", "2 个"}},
    {FACT_KEY_AES_BEFORE, {0}, NULL, {"AES before"}, {"AES"}},
    {FACT_KEY_SHELL, {13, 0, 0}, NULL, {"(WinRM): 13."}, {"13 次"}},
    {FACT_KEY_CHAIN, {0}, "10.0.0.1 -ssh> 10.0.0.2", {"10.0.0.1 -ssh> 10.0.0.2"},
	{"10.0.0.1 -ssh> 10.0.0.2"}},
    {FACT_KEY_FAN_OUT, {12, 9.5, 0}, NULL, {"12 machines", "minus 9.5"},
	{"12 台", "负 9.5 次方"}},
    {FACT_KEY_NEW_ROLE, {0}, "ssh", {"for ssh before"}, {"ssh"}},
    {FACT_KEY_NEW_PATH, {12 * DAY, 3, 1.45}, NULL,
	{"known for 12 days", "3 machines", "1.45"}, {"12 天", "3 台", "1.45"}},
    {FACT_KEY_NOT_SERVER, {1, 0, 0}, NULL, {"for it: 1."}, {"1 台"}},
    {FACT_KEY_SERVICE_ASKED, {5, 0, 0}, NULL, {"manager: 5."}, {"5 次"}},
    {FACT_KEY_REGISTRY_WRITTEN, {7, 0, 0}, NULL, {"remotely: 7."}, {"7 个"}},
    {FACT_KEY_RELAYED, {6, 0.02, 4e6}, NULL, {"size: 6 (4.0 MB)", "would be 0.02"},
	{"6 对（4.0 MB）", "0.02 对"}},
    {FACT_KEY_RELAY_FROM, {0}, "192.0.2.1", {"from 192.0.2.1"}, {"192.0.2.1"}},
    {FACT_KEY_RELAY_TO, {0}, "10.0.0.7:3389", {"to 10.0.0.7:3389"}, {"10.0.0.7:3389"}},
    {FACT_KEY_RELAY_FIT, {0.01, 2, 0}, NULL, {"by 1%", "begins 2 s after"},
	{"1%", "2 秒"}},
    {FACT_KEY_RELAY_CHANCE, {9, 0.0005, 500}, NULL,
	{"once in 2,000 memories", "500 pairs"}, {"2,000 个", "500 组"}},
    {FACT_KEY_RELAY_NEW, {8 * DAY, 0, 0}, NULL, {"for 8 days"}, {"8 天"}},
    {FACT_KEY_RELAY_USERS, {20, 0, 0}, NULL, {"20 machines"}, {"20 台"}},
    {FACT_KEY_PROXY_ASKED, {40, 7, 0}, NULL, {"elsewhere: 40,", "to 7 different"},
	{"40 个", "7 个"}},
    {FACT_KEY_PROXY_KIND, {0}, "SOCKS", {"SOCKS"}, {"SOCKS"}},
    {FACT_KEY_PROXY_TARGET, {0}, "10.0.0.7:445", {"10.0.0.7:445"}, {"10.0.0.7:445"}},
    {FACT_KEY_USUAL_ADMIN, {5, 40, 0}, NULL, {"5 days", "40 machines"},
	{"5 天", "40 台"}},
    {FACT_KEY_DIRECTORY_SERVER, {0}, NULL, {"domain controller"}, {"域控制器"}},
    {FACT_KEY_ECHO_CHANGED, {280, 290, 0}, NULL, {"280 of 290"}, {"290 个", "280 个"}},
    {FACT_KEY_ECHO_SAME, {299, 300, 0}, NULL, {"299 of 300"}, {"300 个", "299 个"}},
    {FACT_KEY_ECHO_PATTERN, {200, 300, 0}, NULL, {"200 of 300"}, {"300 个", "200 个"}},
    {FACT_KEY_ECHO_SIZES, {8, 1033, 0}, NULL, {"8 different", "1.0 kB"},
	{"8 种", "1.0 kB"}},
    {FACT_KEY_ECHO_UNASKED, {12, 90, 0}, NULL, {"12 of 90"}, {"90 个", "12 个"}},
    {FACT_KEY_ICMP_TYPE, {77, 12, 400}, NULL, {"type 77", "12 messages", "400 B"},
	{"类型 77", "12 条", "400 B"}},
    {FACT_KEY_HIDDEN_OPTIONS, {4, 1107, 0}, NULL, {"4 seen", "1.1 kB"},
	{"4 个", "1.1 kB"}},
    {FACT_KEY_NEW_PROTOCOL, {0}, "gre", {"protocol gre"}, {"协议 gre"}},
    {FACT_KEY_CARRIED, {70000, 60000, 0}, NULL, {"sent this way: 70.0 kB", "60.0 kB"},
	{"70.0 kB", "60.0 kB"}},
    {FACT_KEY_FIRST_BYTES, {0}, "4510003c", {": 4510003c."}, {"：4510003c。"}},
    {FACT_KEY_ECHO_PROBER, {8, 0, 0}, NULL, {"(8)"}, {"8 个"}},
    {FACT_KEY_ECHO_OTHERS, {47, 0, 0}, NULL, {": 47."}, {"47 台"}},
    {FACT_KEY_SYN_DATA, {3, 0, 0}, NULL, {": 3."}, {"3 个"}},
    {FACT_KEY_BAD_FLAGS, {7, 0, 0}, NULL, {": 7."}, {"7 个"}},
    {FACT_KEY_ODD_FIELDS, {2, 0, 0}, NULL, {": 2."}, {"2 个"}},
    {FACT_KEY_THEN_TALKED, {60, FIRST, 0}, NULL, {"1 min after", "2025-09-14 01:17"},
	{"1 分钟", "2025-09-14 01:17"}},
    {FACT_KEY_FLAGS, {0}, "SF", {": SF."}, {"：SF。"}},
    {FACT_KEY_SCANS, {10, 12, 0}, NULL, {"data 10 or more,", "packet 12."},
	{"10 个", "12 台"}},
    {FACT_KEY_TALKED_BEFORE, {0}, NULL, {"before"}, {"此前"}},
    {FACT_KEY_ALWAYS_ODD, {400, 0, 0}, NULL, {"are 400 such"}, {"400 个"}},
    {FACT_KEY_TRACE, {0}, "knock (x.example)", {"knock (x.example)"},
	{"knock (x.example)"}},
    {FACT_KEY_TRACE_AGAIN, {5, 0, 0}, NULL, {": 5."}, {"5 个"}},
    {FACT_KEY_TRACE_UNANSWERED, {2, 0, 0}, NULL, {": 2."}, {"2 个"}},
    {FACT_KEY_CALLED_BACK, {60, FIRST, 0}, NULL, {"1 min after", "2025-09-14 01:17"},
	{"1 分钟", "2025-09-14 01:17"}},
    {FACT_KEY_TRACE_EXPLAINED, {3, 4, 0}, NULL, {"3 of 4"}, {"4 个", "3 个"}},
    {FACT_KEY_TRACE_SCAN, {12, 0, 0}, NULL, {"12 hosts"}, {"12 台"}},
    {FACT_KEY_ELSEWHERE, {0, 30, 5200}, "203.0.113.1",
	{"30 s before, 203.0.113.1 had", "so far: 5.2 kB"},
	{"30 秒之前，203.0.113.1", "5.2 kB"}},
    {FACT_KEY_ELSEWHERE_TOUCHED, {3, 2, 0}, NULL, {"before: 3, ports: 2"},
	{"3 次，端口数：2"}},
    {FACT_KEY_ELSEWHERE_RATE, {4, 7, 3 * DAY}, NULL,
	{"Within 3 days", "outside 4 times", "answer 7 times"},
	{"3 天内", "4 个", "7 次"}},
    {FACT_KEY_ELSEWHERE_CHANCE, {3.3, 0.0005, 12}, NULL,
	{"once in 2,000 memories", "S = 3.3,", "12 hosts"}, {"2,000", "3.3", "12 台"}},
    {FACT_KEY_ELSEWHERE_NAMED, {0}, "a.example", {"there: a.example."}, {"a.example"}},
    {FACT_KEY_ELSEWHERE_OTHERS, {2, 0, 0}, NULL, {"too: 2."}, {"2 台"}},
    {FACT_KEY_HEART_ANSWERED, {2, 16384, 0}, NULL, {"2 of these", "up to 16.4 kB"},
	{"2 个", "16.4 kB"}},
    {FACT_KEY_HEART_CLAIMED, {3, 16365, 40}, NULL,
	{"carry: 3;", "claims 16.4 kB", "record of 40 B"}, {"3 个", "16.4 kB", "40 B"}},
    {FACT_KEY_HEART_LONGER, {1, 4000, 48}, NULL,
	{"answer: 1;", "record of 4.0 kB", "one of 48 B"}, {"1 个", "4.0 kB", "48 B"}},
    {FACT_KEY_HEART_SILENT, {5, 0, 0}, NULL, {"of 5 such"}, {"5 个"}},
    {FACT_KEY_OTHER_CLIENT, {0, 2, 0}, "3.0", {"SMB 3.0 that", "encrypted: 2;"},
	{"SMB 3.0 会话：2 个"}},
    {FACT_KEY_OWN_CLIENT, {0, 66, 22}, "3.1.1",
	{"SMB 3.1.1 and", "before: 66, on 22 days"}, {"SMB 3.1.1", "66 个", "22 天"}},
    {FACT_KEY_CLIENT_ELSEWHERE, {2, 0, 0}, NULL, {"client: 2."}, {"2 台"}},
    {FACT_KEY_REGISTER_NOISE, {8, 8, 1950}, NULL,
	{"each of 1,950 readings", "before: 8 of 8;"}, {"1,950 次", "8 个中有 8 个"}},
    {FACT_KEY_NOISE_PLACE, {0}, "unit 1, 9 + 12", {"registers: unit 1, 9 + 12."},
	{"unit 1, 9 + 12"}},
    {FACT_KEY_HEADER_TEXT, {24, 11, 0}, NULL,
	{"each of 24 connections", "with 11 different"}, {"24 个", "11 种"}},
    {FACT_KEY_HEADER_FIELD, {0}, "IP identification, byte 0: Hi",
	{"field: IP identification, byte 0: Hi."}, {"IP identification, byte 0: Hi"}},
    {FACT_KEY_TUNNELLED, {3, 87405, 91733}, NULL,
	{"open: 3;", "brought 87.4 kB", "91.7 kB left"}, {"3 个", "87.4 kB", "91.7 kB"}},
    {FACT_KEY_TUNNELS, {2, 0.02, 0}, NULL, {"way: 2;", "would be 0.02"},
	{"2 个", "0.02 个"}},
    {FACT_KEY_TUNNEL_PEERS, {0, 2, 0}, "10.0.0.2",
	{"inside: 10.0.0.2; machines in all: 2"}, {"10.0.0.2；共 2 台"}},
    {FACT_KEY_KNOCK_BACK, {30, 5200, 2}, NULL, {"30 s after", "5.2 kB", "connections: 2"},
	{"30 秒", "5.2 kB", "连接数：2"}},
    {FACT_KEY_KNOCK_TO, {0, 0, 0}, "tcp/4444", {"tcp/4444"}, {"tcp/4444"}},
    {FACT_KEY_KNOCK_TOUCHED, {3, 2, 0}, NULL, {"contacts: 3", "ports: 2"},
	{"次数：3", "端口数：2"}},
    {FACT_KEY_KNOCK_NEW, {7, 0, 0}, NULL, {"connections to: 7"}, {"地址数：7"}},
    {FACT_KEY_KNOCK_CHANCE, {4.722, 1.729, 12}, NULL,
	{"whenever: 12", "about 1.7 times", "S = 4.72"},
	{"12 个", "约 1.7 次", "S = 4.72"}},
    {FACT_KEY_KNOCK_LATE, {1800, 0, 0}, NULL, {"30 min lie"}, {"30 分钟"}},
    {FACT_KEY_KNOCK_FAILED, {4, 0, 0}, NULL, {"so far: 4"}, {"次数：4"}},
    {FACT_KEY_KNOCK_TALKED, {9, 0, 0}, NULL, {"in 9 of"}, {"9 个连接"}},
    {FACT_KEY_KNOCK_SAME_SERVICE, {0, 0, 0}, "tcp/25", {"go to tcp/25"}, {"tcp/25"}},
    {FACT_KEY_KNOCK_SAME_SOCKET, {0, 0, 0}, "udp/5060", {"from udp/5060"}, {"udp/5060"}},
    {FACT_KEY_KNOCK_HABIT, {40, 0, 0}, NULL, {"to 40 addresses"}, {"40 个地址"}},
    {FACT_KEY_DOOR_OPENED, {3, 4, 0}, NULL, {"answered 3 times", "at least 4"},
	{"3 次", "至少 4 个"}},
    {FACT_KEY_DOOR_REFUSED, {17, 5, 0}, NULL, {"refused 17", "made them: 5"},
	{"17 次", "地址数：5"}},
    {FACT_KEY_DOOR_SAME, {3, 0, 0}, NULL, {"of 3 times"}, {"3 次"}},
    {FACT_KEY_DOOR_KNOCKS, {0, 0, 0}, "7000 8000 9000", {"7000 8000 9000"},
	{"7000 8000 9000"}},
    {FACT_KEY_DOOR_FEW, {2, 0, 0}, NULL, {"before: 2;"}, {"2；"}},
    {FACT_KEY_HIJACK_USUAL, {0, 0, 0}, "ssh", {"spoken ssh"}, {"使用 ssh"}},
    {FACT_KEY_HIJACK_HISTORY, {990, 1000, 1}, NULL, {"990 of 1,000", "else: 1"},
	{"1,000 个", "990 个", "连接：1 个"}},
    {FACT_KEY_HIJACK_TALK, {3600, 1200, 90000}, NULL, {"up to 1 h", "1.2 kB", "90.0 kB"},
	{"1 小时", "1.2 kB", "90.0 kB"}},
    {FACT_KEY_HIJACK_KNOWN, {0, 0, 0}, "ssl", {"protocol, ssl"}, {"ssl"}},
    {FACT_KEY_HIJACK_MANY, {30, 0, 0}, NULL, {"30 connections"}, {"30 个"}},
    {FACT_KEY_DEVICE_OPENS, {30 * DAY, 500, 3}, NULL,
	{"30 days", "500 connections", "3 addresses"}, {"30 天", "500 个", "3 个"}},
    {FACT_KEY_DEVICE_ROLE, {0, 0, 0}, "udp/161", {"on udp/161"}, {"udp/161"}},
    {FACT_KEY_SERVER_OPENS, {30 * DAY, 500, 3}, NULL,
	{"30 days", "500 connections", "3 addresses"}, {"30 天", "500 个", "3 个"}},
    {FACT_KEY_SERVER_ROLE, {0, 0, 0}, "tcp/22", {"on tcp/22"}, {"tcp/22"}},
    {FACT_KEY_DEVICE_TUNNEL, {30 * DAY, 0, 0}, NULL, {"for 30 days"}, {"30 天"}},
    {FACT_KEY_DEVICE_WRITE, {0, 0, 0}, "snmp set", {"by snmp set"}, {"snmp set"}},
    {FACT_KEY_RIVAL_BYTES, {296, 0.034, 1}, NULL,
	{"same 296 B", "34 ms apart", "packets: 1"}, {"296 B", "34 毫秒", "对数：1"}},
    {FACT_KEY_RIVAL_SYNACK, {0.002, 3, 0}, NULL, {"2 ms after", "times: 3"},
	{"2 毫秒", "次数：3"}},
    {FACT_KEY_RIVAL_RESET, {0.1, 2, 0}, NULL, {"100 ms after its RST", "times: 2"},
	{"100 毫秒", "次数：2"}},
    {FACT_KEY_RIVAL_FIN, {0.1, 2, 0}, NULL, {"100 ms after its FIN", "times: 2"},
	{"100 毫秒", "次数：2"}},
    {FACT_KEY_RIVAL_ANSWER, {0, 0, 0}, "a.example: 192.0.2.1, 192.0.2.9",
	{"question: a.example"}, {"a.example"}},
    {FACT_KEY_RIVAL_ANSWERS, {0.05, 4, 0}, NULL, {"50 ms after", "times: 4"},
	{"50 毫秒", "次数：4"}},
    {FACT_KEY_RIVAL_TTL, {64, 53, 53}, NULL, {"TTL 64;", "has 53,", "had 53:"},
	{"TTL 为 64", "另一个为 53", "握手时为 53"}},
    {FACT_KEY_RIVAL_TTL_APART, {64, 53, 0}, NULL, {"64 and 53"}, {"64 和 53"}},
    {FACT_KEY_RIVAL_STAMP, {0, 0, 0}, NULL, {"has none"}, {"没有时间戳"}},
    {FACT_KEY_RIVAL_REFLECTED, {9643, 57002, 0}, NULL, {"9,643", "has 57,002"},
	{"9,643", "57,002"}},
    {FACT_KEY_RIVAL_IP_ID, {1, 3548, 0}, NULL, {"1 and 3,548"}, {"1 与 3,548"}},
    {FACT_KEY_RIVAL_BACK, {0, 0, 0}, NULL, {"older timestamp"}, {"更早的时间戳"}},
    {FACT_KEY_RIVAL_WINDOW, {8192, 227, 0}, NULL, {"8,192 and 227"}, {"8,192 与 227"}},
    {FACT_KEY_RIVAL_SHORTER, {290, 726, 0}, NULL, {"carries 290 B", "other 726 B"},
	{"290 B", "726 B"}},
    {FACT_KEY_RIVAL_WON, {0, 0, 0}, NULL, {"came first"}, {"先到"}},
    {FACT_KEY_RIVAL_LOST, {0, 0, 0}, NULL, {"came second"}, {"后到"}},
    {FACT_KEY_RIVAL_SAME, {2, 3, 0}, NULL, {"2 of 3 pairs"}, {"3 对", "2 对"}},
    {FACT_KEY_RIVAL_CHECKSUM, {1, 3, 0}, NULL, {"1 of 3 pairs"}, {"3 对", "1 对"}},
    {FACT_KEY_RIVAL_LATE, {5400, 0, 0}, NULL, {"1 h 30 min apart"}, {"1 小时 30 分钟"}},
    {FACT_KEY_RIVAL_ALIKE, {0, 0, 0}, NULL, {"Nothing but the contents"}, {"除内容外"}},
    {FACT_KEY_RIVAL_PATH, {6, 0, 0}, NULL, {"from 6 servers"}, {"6 台服务器"}},
    {FACT_KEY_RIVAL_CHRONIC, {9, 4, 0}, NULL, {"to 9 of", "on 4 days"}, {"9 台", "4 天"}},
    {FACT_KEY_RIVAL_BEST, {FIRST, 2, 0}, NULL, {"2025-09-14 01:17", "senders: 2"},
	{"2025-09-14 01:17", "对数：2"}},
    {FACT_KEY_WATCHED, {0.994, 7, 1200}, NULL, {"99.4%", "lost: 7", "short: 1,200"},
	{"99.4%", "7 个", "1,200 个"}},
};

#define EXPECTATIONS (sizeof(expectations) / sizeof(expectations[0]))

static void holds(struct str got, const char *const wanted[4])
{
	for (size_t i = 0; i < 4 && wanted[i] != NULL; i++) {
		struct str z = str_format(&arena, "%.*s", STR_ARG(got)); /* ends in NUL */
		if (strstr(z.p, wanted[i]) == NULL)
			fail_msg("no '%s' in '%s'", wanted[i], z.p);
	}
	assert_null(memchr(got.p, '{', got.n)); /* every placeholder is filled */
}

static void facts_in_words(void **state)
{
	(void)state;
	bool told[FACT_KEYS] = {false};
	for (size_t i = 0; i < EXPECTATIONS; i++) {
		const struct expectation *x = &expectations[i];
		struct fact f = {.key = x->key, .text = str_of(x->text)};
		memcpy(f.value, x->value, sizeof(f.value));
		holds(fact_sentence(&f, LANGUAGE_EN, &arena), x->en);
		holds(fact_sentence(&f, LANGUAGE_ZH, &arena), x->zh);
		told[x->key] = true;
	}
	for (int i = 0; i < FACT_KEYS; i++) {
		if (!told[i])
			fail_msg("fact %s has no expectation",
			    fact_info((enum fact_key)i)->key);
	}
}

static struct finding beacon(enum direction d)
{
	struct finding f = {.id = "f1",
	    .detector = "clockwork",
	    .direction = d,
	    .peer = STR("c2.example"),
	    .peer_port = 443,
	    .proto = STR("tcp"),
	    .since = moment_from_us((int64_t)FIRST),
	    .since_kind = SINCE_FIRST_PACKET};
	assert_true(addr_parse("10.0.0.9", &f.host));
	finding_add_fact(&f, FACT_KEY_RHYTHM, 86400, 0.1, 40);
	return f;
}

static void summaries(void **state)
{
	(void)state;
	struct finding f = beacon(DIRECTION_OUTBOUND);
	is(finding_summary(&f, LANGUAGE_EN, &arena),
	    "10.0.0.9 contacts c2.example (tcp/443) every day, since 2025-09-14 01:17, "
	    "their first "
	    "packet.");
	is(finding_summary(&f, LANGUAGE_ZH, &arena),
	    "10.0.0.9 每天连接一次 c2.example（tcp/443），始于 2025-09-14 "
	    "01:17，即双方的首个数据包。");
	f = beacon(DIRECTION_INBOUND);
	is(finding_summary(&f, LANGUAGE_EN, &arena),
	    "From outside, c2.example contacts 10.0.0.9 (tcp/443) every day, since "
	    "2025-09-14 01:17, "
	    "their first packet.");
	f = beacon(DIRECTION_OUTBOUND);
	finding_add_fact(&f, FACT_KEY_SHARED_RHYTHM, 6, 0, 0);
	const char *const shared[4] = {"6 hosts", "10.0.0.9 first", "every day"};
	holds(finding_summary(&f, LANGUAGE_EN, &arena), shared);
	f = beacon(DIRECTION_OUTBOUND);
	finding_add_fact(&f, FACT_KEY_FAILING, 0.95, 40, 0);
	const char *const dead[4] = {"tries to reach c2.example", "every day", "95% of"};
	holds(finding_summary(&f, LANGUAGE_EN, &arena), dead);
	finding_add_fact(&f, FACT_KEY_SAME_TEMPLATE, 640, 1216, 0);
	const char *const sizes[4] = {"640 B for 1.2 kB", "changing peers", "every day"};
	holds(finding_summary(&f, LANGUAGE_EN, &arena), sizes);
	f = beacon(DIRECTION_OUTBOUND);
	f.detector = "presence";
	f.since_kind = SINCE_BEFORE_MEMORY;
	is(finding_summary(&f, LANGUAGE_EN, &arena),
	    "10.0.0.9 keeps a channel to c2.example (tcp/443) open, since 2025-09-14 "
	    "01:17 or earlier "
	    "(the memory begins there).");
	f.detector = "indicator";
	f.since_kind = SINCE_FIRST_PACKET;
	f.fact_count = 0;
	finding_add_text_fact(&f, FACT_KEY_HUNTED, STR("h3 (note)"));
	finding_add_text_fact(&f, FACT_KEY_SEEN_AS, STR("connected_to,sni"));
	is(finding_summary(&f, LANGUAGE_EN, &arena),
	    "10.0.0.9 connected to c2.example, which hunt h3 looks for, since 2025-09-14 "
	    "01:17, their first packet.");
	is(finding_summary(&f, LANGUAGE_ZH, &arena),
	    "10.0.0.9 连接了 c2.example（狩猎 h3 查找的目标），始于 2025-09-14 "
	    "01:17，即双方的首个数据包。");
	f.detector = "something_new";
	f.proto = STR("icmp");
	f.peer_port = 0;
	const char *const other[4] = {
	    "something_new", "10.0.0.9", "c2.example", "(icmp)"};
	holds(finding_summary(&f, LANGUAGE_EN, &arena), other);
	holds(
	    finding_summary(&f, LANGUAGE_ZH, &arena), (const char *const[4]){"（icmp）"});
}

static void names_can_not_disguise_themselves(void **state)
{
	(void)state;
	struct finding f = beacon(DIRECTION_OUTBOUND);
	f.peer = STR("a\xe2\x80\xae\033[2Jb");
	holds(finding_summary(&f, LANGUAGE_EN, &arena),
	    (const char *const[4]){"a\\u202e\\u001b[2Jb"});
}

static void cases(void **state)
{
	(void)state;
	struct finding f = beacon(DIRECTION_OUTBOUND), g = beacon(DIRECTION_INBOUND);
	const struct finding *list[] = {&f, &g};
	struct dwell_case c = {.findings = list, .finding_count = 2};
	holds(case_summary(&c, LANGUAGE_EN, &arena),
	    (const char *const[4]){
		"10.0.0.9 contacts", "More findings about the two: 1."});
	holds(case_summary(&c, LANGUAGE_ZH, &arena),
	    (const char *const[4]){"其他发现：1 项"});
	c.finding_count = 0;
	is(case_summary(&c, LANGUAGE_EN, &arena), "");
	is(sent_words(1000, 1000, LANGUAGE_EN, &arena), "1.0 kB");
	is(sent_words(1000, 2e6, LANGUAGE_EN, &arena), "1.0 kB to 2.0 MB");
	is(sent_words(1000, 2e6, LANGUAGE_ZH, &arena), "1.0 kB 至 2.0 MB");
	/* 395 days and 18 hours, less 365.25 days: 30.5 */
	is(dwell_words(moment_from_us((int64_t)FIRST), moment_from_us((int64_t)LAST),
	       LANGUAGE_EN, &arena),
	    "1 year 31 days");
}

static void techniques(void **state)
{
	(void)state;
	struct finding f = beacon(DIRECTION_OUTBOUND);
	is(attack_words(&f, &arena), "");
	f.attack[0] = "T1071";
	f.attack[1] = "T9999";
	is(attack_words(&f, &arena), "T1071 Application Layer Protocol, T9999");
}

/* What a watch could not see is said, in both languages, and only where there was any. */
static void coverage_in_words(void **state)
{
	(void)state;
	struct str out[COVERAGE_SENTENCES];
	struct coverage c = {.from = moment_from_us((int64_t)FIRST),
	    .to = moment_from_us((int64_t)FIRST + 7200000000),
	    .minutes = 120,
	    .watched = 120,
	    .hours = 2,
	    .hours_watched = 2,
	    .packets = 1000};
	assert_int_equal(coverage_sentences(&c, LANGUAGE_EN, out, &arena), 2);
	holds(coverage_words(&c, LANGUAGE_EN, &arena),
	    (const char *const[4]){"nothing known to be missed"});
	c.shed = 1234;
	c.down = 90;
	c.fell = 3;
	c.watched = 118;
	assert_int_equal(coverage_sentences(&c, LANGUAGE_EN, out, &arena), 6);
	holds(out[2], (const char *const[4]){"Under load", "1,234 pieces"});
	holds(out[3], (const char *const[4]){"without a carrier", "1 min 30 s"});
	holds(out[4], (const char *const[4]){"fell: 3", "lost"});
	holds(out[5], (const char *const[4]){"Minutes", ": 2 (2 min in all)"});
	holds(coverage_words(&c, LANGUAGE_EN, &arena),
	    (const char *const[4]){
		"1,234 pieces", "without a carrier: 1 min 30 s", "readers that fell: 3"});
	assert_int_equal(coverage_sentences(&c, LANGUAGE_ZH, out, &arena), 6);
	holds(out[2], (const char *const[4]){"负载过高", "1,234 段"});
	holds(out[3], (const char *const[4]){"无载波", "1 分钟 30 秒"});
	holds(out[4], (const char *const[4]){"意外终止 3 次"});
	holds(out[5], (const char *const[4]){"有 2 分钟"});
	holds(coverage_words(&c, LANGUAGE_ZH, &arena),
	    (const char *const[4]){"1,234 段", "无载波 1 分钟 30 秒", "意外终止 3 次"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parity),
	    cmocka_unit_test(facts_in_words), cmocka_unit_test(summaries),
	    cmocka_unit_test(names_can_not_disguise_themselves), cmocka_unit_test(cases),
	    cmocka_unit_test(techniques), cmocka_unit_test(coverage_in_words)};
	arena_init(&arena, 1u << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	return failed;
}
