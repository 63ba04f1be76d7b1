/* SPDX-License-Identifier: Apache-2.0 */
#include "record/dns_words.h"

#include <stddef.h>
#include <string.h>

// clang-format off
#define TYPE_LOW_MAX  128 /* below it a type is an index */

static const char *const types_low[TYPE_LOW_MAX] = {
	[1] = "A", [2] = "NS", [3] = "MD", [4] = "MF", [5] = "CNAME", [6] = "SOA", [7] = "MB",
	[8] = "MG", [9] = "MR", [10] = "NULL", [11] = "WKS", [12] = "PTR", [13] = "HINFO",
	[14] = "MINFO", [15] = "MX", [16] = "TXT", [17] = "RP", [18] = "AFSDB", [19] = "X25",
	[20] = "ISDN", [21] = "RT", [22] = "NSAP", [23] = "NSAP-PTR", [24] = "SIG",
	[25] = "KEY", [26] = "PX", [27] = "GPOS", [28] = "AAAA", [29] = "LOC", [30] = "NXT",
	[31] = "EID", [32] = "NIMLOC", [33] = "SRV", [34] = "ATMA", [35] = "NAPTR", [36] = "KX",
	[37] = "CERT", [38] = "A6", [39] = "DNAME", [40] = "SINK", [41] = "OPT", [42] = "APL",
	[43] = "DS", [44] = "SSHFP", [45] = "IPSECKEY", [46] = "RRSIG", [47] = "NSEC",
	[48] = "DNSKEY", [49] = "DHCID", [50] = "NSEC3", [51] = "NSEC3PARAM", [52] = "TLSA",
	[53] = "SMIMEA", [55] = "HIP", [56] = "NINFO", [57] = "RKEY", [58] = "TALINK",
	[59] = "CDS", [60] = "CDNSKEY", [61] = "OPENPGPKEY", [62] = "CSYNC", [63] = "ZONEMD",
	[64] = "SVCB", [65] = "HTTPS", [66] = "DSYNC", [67] = "HHIT", [68] = "BRID",
	[99] = "SPF", [100] = "UINFO", [101] = "UID", [102] = "GID", [103] = "UNSPEC",
	[104] = "NID", [105] = "L32", [106] = "L64", [107] = "LP", [108] = "EUI48",
	[109] = "EUI64",
};

struct word {
	uint16_t value;
	const char *text;
};

static const struct word types_high[] = {
	{128, "NXNAME"}, {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"}, {252, "AXFR"},
	{253, "MAILB"}, {254, "MAILA"}, {255, "ANY"}, {256, "URI"}, {257, "CAA"},
	{258, "AVC"}, {259, "DOA"}, {260, "AMTRELAY"}, {261, "RESINFO"}, {262, "WALLET"},
	{263, "CLA"}, {264, "IPN"}, {32768, "TA"}, {32769, "DLV"},
};

static const struct word classes[] = {
	{1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"},
};

static const char *const rcodes[] = {
	"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN",
	"YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE", "DSOTYPENI",
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *word_find(const struct word *v, size_t n, uint16_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].value == value)
			return v[i].text;
	}
	return NULL;
}

static const char *type_word(uint16_t type)
{
	if (type < TYPE_LOW_MAX)
		return types_low[type];
	return word_find(types_high, COUNT(types_high), type);
}

struct str dns_type_text(struct arena *a, uint16_t type)
{
	const char *word = type_word(type);
	return word != NULL ? str_of(word) : str_format(a, "TYPE%u", type);
}

struct str dns_class_text(struct arena *a, uint16_t class)
{
	const char *word = word_find(classes, COUNT(classes), class);
	return word != NULL ? str_of(word) : str_format(a, "CLASS%u", class);
}

struct str dns_rcode_text(struct arena *a, unsigned rcode)
{
	return rcode < COUNT(rcodes) ? str_of(rcodes[rcode])
				     : str_format(a, "RCODE%u", rcode);
}

bool dns_type_known(uint16_t type)
{
	return type_word(type) != NULL;
}

bool dns_class_known(uint16_t class)
{
	return word_find(classes, COUNT(classes), class) != NULL;
}

/* The n in PREFIXn, up to 65535; negative when the text is not of that form. */
static int number_behind(struct str text, struct str prefix)
{
	int n = -1;
	if (text.n <= prefix.n || memcmp(text.p, prefix.p, prefix.n) != 0)
		return -1;
	for (size_t i = prefix.n; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		n = (n < 0 ? 0 : n) * 10 + (text.p[i] - '0');
		if (n > UINT16_MAX)
			return -1;
	}
	return n;
}

int dns_type_number(struct str text)
{
	if (str_equal(text, STR("NB")))
		return DNS_NB;
	if (str_equal(text, STR("NBSTAT")))
		return DNS_NBSTAT;
	for (int i = 0; i < TYPE_LOW_MAX; i++) {
		if (types_low[i] != NULL && str_equal(text, str_of(types_low[i])))
			return i;
	}
	for (size_t i = 0; i < COUNT(types_high); i++) {
		if (str_equal(text, str_of(types_high[i].text)))
			return types_high[i].value;
	}
	return number_behind(text, STR("TYPE"));
}

int dns_class_number(struct str text)
{
	for (size_t i = 0; i < COUNT(classes); i++) {
		if (str_equal(text, str_of(classes[i].text)))
			return classes[i].value;
	}
	return number_behind(text, STR("CLASS"));
}

int dns_rcode_number(struct str text)
{
	for (int i = 0; i < (int)COUNT(rcodes); i++) {
		if (str_equal(text, str_of(rcodes[i])))
			return i;
	}
	return number_behind(text, STR("RCODE"));
}
