/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/windows/rdp_gcc.h"

#include <string.h>

#include "base/size.h"
#include "proto/shared/asn1.h"
#include "proto/shared/utf16.h"

#define CONNECT_TAG      0x7f
#define CONNECT_INITIAL  0x65
#define CONNECT_RESPONSE 0x66
#define CLIENT_NAME      32 /* bytes */
#define PRODUCT_ID       64
#define KEYBOARD_REST    76   /* type, function keys and input method of the keyboard */
#define WANT_32BPP       0x2u /* early capability flag */
#define TEMPORARY        0x80000000u
#define X509_CHAIN       2
#define BLOCKS_MAX       32 /* in one message */

enum block {
	CS_CORE = 0xc001,
	CS_NET = 0xc003,
	SC_SECURITY = 0x0c02,
};

struct word {
	int64_t value;
	const char *name;
};

// clang-format off
static const struct word keyboards[] = {
	{1025, "Arabic - Saudi Arabia"}, {1028, "Chinese - Taiwan"}, {1029, "Czech"},
	{1030, "Danish"}, {1031, "German - Germany"}, {1032, "Greek"},
	{1033, "English - United States"}, {1035, "Finnish"}, {1036, "French - France"},
	{1037, "Hebrew"}, {1038, "Hungarian"}, {1040, "Italian - Italy"}, {1041, "Japanese"},
	{1042, "Korean"}, {1043, "Dutch - Netherlands"}, {1044, "Norwegian (Bokmal)"},
	{1045, "Polish"}, {1046, "Portuguese - Brazil"}, {1048, "Romanian"},
	{1049, "Russian"}, {1053, "Swedish"}, {1054, "Thai"}, {1055, "Turkish"},
	{1058, "Ukrainian"}, {1065, "Farsi"}, {1066, "Vietnamese"},
	{2052, "Chinese - People's Republic of China"}, {2055, "German - Switzerland"},
	{2057, "English - United Kingdom"}, {2058, "Spanish - Mexico"},
	{2060, "French - Belgium"}, {2070, "Portuguese - Portugal"},
	{3082, "Spanish - Spain (Modern Sort)"}, {3084, "French - Canada"},
	{4105, "English - Canada"}, {4108, "French - Switzerland"},
};

static const struct word builds[] = {
	{419, "RDP 4.0"}, {2195, "RDP 5.0"}, {2221, "RDP 5.0"}, {2600, "RDP 5.1"},
	{3790, "RDP 5.2"}, {6000, "RDP 6.0"}, {6001, "RDP 6.1"}, {6002, "RDP 6.2"},
	{7600, "RDP 7.0"}, {7601, "RDP 7.1"}, {9200, "RDP 8.0"}, {9600, "RDP 8.1"},
	{25189, "RDP 8.0 (Mac)"}, {25282, "RDP 8.0 (Mac)"},
};

static const struct word levels[] = {
	{0, "None"}, {1, "Low"}, {2, "Client compatible"}, {3, "High"}, {4, "FIPS"},
};

static const struct word methods[] = {
	{0, "None"}, {1, "40bit"}, {2, "128bit"}, {8, "56bit"}, {16, "FIPS"},
};
// clang-format on

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct str find(
    struct arena *a, const struct word *v, size_t n, int64_t value, const char *prefix)
{
	if (value < 0)
		return (struct str){0};
	for (size_t i = 0; i < n; i++) {
		if (v[i].value == value)
			return str_of(v[i].name);
	}
	return str_format(a, "%s-%lld", prefix, (long long)value);
}

struct str rdp_keyboard(struct arena *a, int64_t layout)
{
	return find(a, keyboards, COUNT(keyboards), layout, "keyboard");
}

struct str rdp_build(struct arena *a, int64_t build)
{
	return find(a, builds, COUNT(builds), build, "client_build");
}

struct str rdp_level(struct arena *a, int64_t level)
{
	return find(a, levels, COUNT(levels), level, "encryption_level");
}

struct str rdp_method(struct arena *a, int64_t method)
{
	return find(a, methods, COUNT(methods), method, "encryption_method");
}

static void keep(char *out, size_t room, struct str text)
{
	size_t n = text.p != NULL ? size_min(text.n, room - 1) : 0;
	while (n > 0 && n < text.n && ((uint8_t)text.p[n] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		memcpy(out, text.p, n);
	out[n] = '\0';
}

static void read_core(struct arena *a, struct bytes b, struct rdp_gcc *g)
{
	bytes_skip(&b, 4);
	g->width = bytes_le16(&b);
	g->height = bytes_le16(&b);
	bytes_skip(&b, 4);
	g->keyboard = bytes_le32(&b);
	g->build = bytes_le32(&b);
	struct bytes name = bytes_sub(&b, CLIENT_NAME);
	if (name.bad)
		return;
	keep(g->name, sizeof(g->name), utf16_text(a, name));
	bytes_skip(&b, KEYBOARD_REST); /* what follows was added by later versions */
	bytes_skip(&b, 8);
	unsigned depth = bytes_le16(&b);
	bytes_skip(&b, 2);
	unsigned early = bytes_le16(&b);
	if (!b.bad)
		g->depth = (early & WANT_32BPP) != 0 ? 32 : depth;
	struct bytes product = bytes_sub(&b, PRODUCT_ID);
	if (!product.bad)
		keep(g->product, sizeof(g->product), utf16_text(a, product));
}

static void read_channels(struct arena *a, struct bytes b, struct rdp_gcc *g)
{
	uint32_t n = bytes_le32(&b);
	while (n-- > 0 && g->channel_n < RDP_CHANNELS_MAX) {
		struct bytes name = bytes_sub(&b, 8);
		bytes_skip(&b, 4);
		if (b.bad)
			return;
		keep(g->channels[g->channel_n++], sizeof(g->channels[0]),
		    oem_text(a, name));
	}
}

static void read_security(struct bytes b, struct rdp_gcc *g)
{
	g->method = bytes_le32(&b);
	g->level = bytes_le32(&b);
	size_t random = bytes_le32(&b);
	size_t n = bytes_le32(&b);
	bytes_skip(&b, random);
	struct bytes certificate = bytes_sub(&b, n);
	if (n < 8 || certificate.bad)
		return;
	g->certificate = bytes_le32(&certificate);
	g->certificates = 1;
	if ((g->certificate & ~(int64_t)TEMPORARY) == X509_CHAIN)
		g->certificates = bytes_le32(&certificate);
}

/* The blocks behind the key of a conference's user data; false: they are not there. */
static bool read_blocks(
    struct arena *a, struct bytes data, const char *key, struct rdp_gcc *g)
{
	const uint8_t *at = data.left >= 4 ? memmem(data.pos, data.left, key, 4) : NULL;
	if (at == NULL)
		return false;
	bytes_skip(&data, (size_t)(at - data.pos) + 4);
	size_t n = bytes_u8(&data);
	if ((n & 0x80) != 0)
		n = (n & 0x3f) << 8 | bytes_u8(&data);
	bool whole = !data.bad && n <= data.left;
	struct bytes blocks = bytes_sub(&data, size_min(n, data.left));
	for (int i = 0; i < BLOCKS_MAX && blocks.left >= 4; i++) {
		unsigned type = bytes_le16(&blocks);
		size_t length = bytes_le16(&blocks);
		if (length < 4 || length - 4 > blocks.left)
			return false;
		struct bytes b = bytes_sub(&blocks, length - 4);
		if (type == CS_CORE)
			read_core(a, b, g);
		else if (type == CS_NET)
			read_channels(a, b, g);
		else if (type == SC_SECURITY)
			read_security(b, g);
	}
	return whole;
}

bool rdp_gcc_read(struct arena *a, struct bytes data, struct rdp_gcc *g)
{
	if (data.left < 2 || data.pos[0] != CONNECT_TAG)
		return true;
	unsigned tag = data.pos[1];
	bytes_skip(&data, 2);
	size_t n = bytes_u8(&data);
	bytes_skip(&data, (n & 0x80) != 0 ? n & 0x7f : 0);
	if (tag == CONNECT_INITIAL) {
		g->client = true;
		return read_blocks(a, data, "Duca", g);
	}
	if (tag != CONNECT_RESPONSE)
		return true;
	struct der result;
	g->server = true;
	if (!der_next(&data, &result))
		return false;
	g->result = asn1_number(&result);
	return read_blocks(a, data, "McDn", g);
}
