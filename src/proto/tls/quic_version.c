/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/quic_version.h"

#define DRAFT(n)  (0xff000000u | (n))
#define GOOGLE(c) ((uint32_t)(c) << 24)

#define VERSION_1        1u
#define VERSION_2        0x6b3343cfu
#define VERSION_2_DRAFT  0x709a50c4u
#define MVFST            0xfaceb000u /* and its revision in the last byte */
#define DRAFT_FIRST_READ 22u /* older ones were gone before anybody deployed them */
#define DRAFT_LAST       34u

static const uint8_t salt_1[QUIC_SALT_BYTES] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34,
    0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
static const uint8_t salt_2[QUIC_SALT_BYTES] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6,
    0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
static const uint8_t salt_2_draft[QUIC_SALT_BYTES] = {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b,
    0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3};
static const uint8_t salt_22[QUIC_SALT_BYTES] = {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb,
    0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a};
static const uint8_t salt_23[QUIC_SALT_BYTES] = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb,
    0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
static const uint8_t salt_29[QUIC_SALT_BYTES] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2,
    0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
static const uint8_t salt_q050[QUIC_SALT_BYTES] = {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66,
    0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45};
static const uint8_t salt_t050[QUIC_SALT_BYTES] = {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0,
    0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10};
static const uint8_t salt_t051[QUIC_SALT_BYTES] = {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc,
    0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d};

static const uint8_t *draft_salt(uint32_t draft)
{
	if (draft < DRAFT_FIRST_READ || draft > DRAFT_LAST)
		return NULL;
	if (draft == 22)
		return salt_22;
	if (draft <= 28)
		return salt_23;
	return draft <= 32 ? salt_29 : salt_1;
}

/* The draft that a revision of mvfst follows; 0: not known. */
static uint32_t mvfst_draft(uint32_t number)
{
	if ((number & 0xffffff00u) != MVFST)
		return 0;
	switch (number & 0xff) {
	case 0x01:
		return 22;
	case 0x02:
	case 0x0e:
		return 27;
	default:
		return 29;
	}
}

static bool is_digit(uint32_t c)
{
	return (c & 0xff) >= '0' && (c & 0xff) <= '9';
}

/* 'Q' or 'T' and three digits. */
static bool is_google(uint32_t number)
{
	uint32_t letter = number >> 24;
	return (letter == 'Q' || letter == 'T') && is_digit(number >> 16) &&
	       is_digit(number >> 8) && is_digit(number);
}

bool quic_version_reserved(uint32_t number)
{
	return (number & 0x0f0f0f0fu) == 0x0a0a0a0au;
}

bool quic_version_of(uint32_t number, struct quic_version *v)
{
	*v = (struct quic_version){.salt = salt_1};
	if (number == VERSION_1)
		return true;
	v->second = number == VERSION_2 || number == VERSION_2_DRAFT;
	if (v->second) {
		v->salt = number == VERSION_2 ? salt_2 : salt_2_draft;
		return true;
	}
	if (is_google(number)) {
		v->google = number >> 24 == 'Q';
		v->salt = number == (GOOGLE('Q') | 0x303530)   ? salt_q050
			  : number == (GOOGLE('T') | 0x303530) ? salt_t050
			  : number == (GOOGLE('T') | 0x303531) ? salt_t051
							       : NULL;
		return true;
	}
	uint32_t draft = number >> 8 == 0xff0000 ? number & 0xff : mvfst_draft(number);
	v->salt = draft_salt(draft);
	return v->salt != NULL;
}

enum quic_type quic_type_of(const struct quic_version *v, uint8_t first)
{
	unsigned bits = first >> 4 & 3u;
	return (enum quic_type)(v->second ? (bits + 3) & 3u : bits);
}

struct str quic_version_text(struct arena *a, uint32_t number)
{
	if (number == VERSION_1)
		return STR("1");
	if (number == VERSION_2)
		return STR("quicv2");
	if (number == VERSION_2_DRAFT)
		return STR("quicv2-draft");
	if (number >> 8 == 0xff0000)
		return str_format(a, "draft-%u", (unsigned)(number & 0xff));
	if (is_google(number))
		return str_format(a, "%c%c%c%c", (char)(number >> 24),
		    (char)(number >> 16), (char)(number >> 8), (char)number);
	if (mvfst_draft(number) != 0)
		return str_format(a, "mvfst-%x", (unsigned)(number & 0xff));
	return str_format(a, "unknown-%x", (unsigned)number);
}
