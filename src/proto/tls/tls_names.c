/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_names.h"

#include "proto/tls/tls_table.h"

struct name {
	uint32_t value;
	uint32_t length;
	const char *text;
};

#define N(value, text) {value, sizeof(text) - 1, text},
static const struct name ciphers[] = {TLS_CIPHER_TABLE(N)};
static const struct name groups[] = {TLS_GROUP_TABLE(N)};
static const struct name alerts[] = {TLS_ALERT_TABLE(N)};
static const struct name versions[] = {
    N(TLS_SSL2, "SSLv2") N(DTLS_OLD, "DTLSv09") N(TLS_SSL3, "SSLv3") N(TLS_1_0, "TLSv10")
	N(TLS_1_1, "TLSv11") N(TLS_1_2, "TLSv12") N(TLS_1_3, "TLSv13")
	    N(DTLS_1_3, "DTLSv13") N(DTLS_1_2, "DTLSv12") N(DTLS_1_0, "DTLSv10")};
#undef N

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct str find(struct arena *a, const struct name *v, size_t n, uint32_t value)
{
	size_t low = 0;
	size_t high = n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (v[mid].value == value)
			return (struct str){v[mid].text, v[mid].length};
		if (v[mid].value < value)
			low = mid + 1;
		else
			high = mid;
	}
	return str_format(a, "unknown-%u", (unsigned)value);
}

struct str tls_version_text(struct arena *a, uint16_t version)
{
	if (version >> 8 == 0x7f)
		return str_format(a, "TLSv13-draft%u", version & 0xffu);
	return find(a, versions, COUNT(versions), version);
}

struct str tls_cipher_text(struct arena *a, uint32_t cipher)
{
	return find(a, ciphers, COUNT(ciphers), cipher);
}

struct str tls_group_text(struct arena *a, uint16_t group)
{
	return find(a, groups, COUNT(groups), group);
}

struct str tls_alert_text(struct arena *a, uint8_t alert)
{
	return find(a, alerts, COUNT(alerts), alert);
}
