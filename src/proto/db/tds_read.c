/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/tds_read.h"

#include "proto/shared/utf16.h"

#define HEADERS_MAX 256    /* bytes of all headers before a request */
#define OPTIONS_MAX 16     /* of a PRELOGIN */
#define PARAMS_MAX  4      /* of a call, looked at */
#define BY_NUMBER   0xffff /* in place of a name's length */
#define PLP         0xffff /* in place of a longest length: the value comes in chunks */
#define NO_VALUE    0xffff /* in place of a length: NULL */
#define COLLATION   5

enum type { TYPE_INTN = 0x26, TYPE_NTEXT = 0x63, TYPE_NVARCHAR = 0xe7 };

/* The n bytes at an offset from the start of a message. */
static struct bytes part(struct bytes all, size_t offset, size_t n)
{
	bytes_skip(&all, offset);
	return bytes_sub(&all, n);
}

/* A text that a pair of offset and characters points to. */
static struct str pointed(struct arena *a, struct bytes all, size_t at)
{
	struct bytes pair = part(all, at, 4);
	size_t offset = bytes_le16(&pair), n = bytes_le16(&pair);
	struct bytes text = part(all, offset, 2 * n);
	return n == 0 || text.bad ? (struct str){NULL, 0} : utf16_text(a, text);
}

bool tds_login_read(struct arena *a, struct bytes b, struct tds_login *l)
{
	*l = (struct tds_login){0};
	if (b.left < 86 || load_le32(b.pos) < 86)
		return false;
	l->host = pointed(a, b, 36);
	l->user = pointed(a, b, 40);
	l->app = pointed(a, b, 48);
	l->server = pointed(a, b, 52);
	l->database = pointed(a, b, 68);
	struct bytes pair = part(b, 78, 4);
	size_t offset = bytes_le16(&pair), n = bytes_le16(&pair);
	l->sspi = part(b, offset, n);
	return true;
}

void tds_skip_headers(struct bytes *b)
{
	if (b->left < 8)
		return;
	uint32_t all = load_le32(b->pos), first = load_le32(b->pos + 4);
	if (all >= 8 && all <= HEADERS_MAX && all <= b->left && first <= all - 4)
		bytes_skip(b, all);
}

/* A value in chunks: its first one. */
static struct str chunked(struct arena *a, struct bytes *b)
{
	bytes_skip(b, 8); /* of all */
	size_t n = bytes_le32(b);
	struct bytes text = bytes_sub(b, n < b->left ? n : b->left);
	return b->bad ? (struct str){NULL, 0} : utf16_text(a, text);
}

/* Take a parameter; its text where it is one. False: of a type that is not read. */
static bool take_parameter(struct arena *a, struct bytes *b, struct str *text)
{
	*text = (struct str){0};
	bytes_skip(b, 2 * (size_t)bytes_u8(b)); /* name */
	bytes_skip(b, 1);
	uint8_t type = bytes_u8(b);
	if (type == TYPE_INTN) {
		bytes_skip(b, 1);
		bytes_skip(b, bytes_u8(b));
		return !b->bad;
	}
	size_t max = type == TYPE_NTEXT ? bytes_le32(b) : bytes_le16(b);
	bytes_skip(b, COLLATION);
	if (type == TYPE_NVARCHAR && max == PLP) {
		*text = chunked(a, b);
		return false; /* what follows its chunks is not looked for */
	}
	if (type != TYPE_NTEXT && type != TYPE_NVARCHAR)
		return false;
	size_t n = type == TYPE_NTEXT ? bytes_le32(b) : bytes_le16(b);
	if (type == TYPE_NVARCHAR && n == NO_VALUE)
		return !b->bad;
	bool cut = n > b->left;
	struct bytes value = bytes_sub(b, cut ? b->left : n);
	if (!b->bad)
		*text = utf16_text(a, value);
	return !b->bad && !cut;
}

static const char *const procedures[] = {NULL, "sp_cursor", "sp_cursoropen",
    "sp_cursorprepare", "sp_cursorexecute", "sp_cursorprepexec", "sp_cursorunprepare",
    "sp_cursorfetch", "sp_cursoroption", "sp_cursorclose", "sp_executesql", "sp_prepare",
    "sp_execute", "sp_prepexec", "sp_prepexecrpc", "sp_unprepare"};

/* Which of a procedure's texts is a statement: the first one, but for those that take
 * the names of parameters before it. */
static int statement_at(struct str name)
{
	static const struct str first[] = {
	    {"sp_executesql", 13}, {"sp_cursoropen", 13}, {"sp_prepexecrpc", 14}};
	static const struct str second[] = {{"sp_prepexec", 11}, {"sp_prepare", 10},
	    {"sp_cursorprepexec", 17}, {"sp_cursorprepare", 16}};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		if (str_equal(first[i], name))
			return 1;
	}
	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		if (str_equal(second[i], name))
			return 2;
	}
	return 0;
}

bool tds_call_read(struct arena *a, struct bytes b, struct tds_call *c)
{
	*c = (struct tds_call){0};
	size_t n = bytes_le16(&b);
	if (n == BY_NUMBER) {
		size_t number = bytes_le16(&b);
		if (number == 0 || number >= sizeof(procedures) / sizeof(procedures[0]))
			return false;
		c->name = str_of(procedures[number]);
	} else {
		struct bytes name = bytes_sub(&b, 2 * n);
		if (n == 0 || name.bad)
			return false;
		c->name = utf16_text(a, name);
	}
	bytes_skip(&b, 2); /* options */
	int wanted = statement_at(c->name), texts = 0;
	for (int i = 0; i < PARAMS_MAX && wanted > 0 && b.left > 0; i++) {
		struct str text;
		uint8_t type = b.left > 2 + 2 * (size_t)b.pos[0]
				   ? b.pos[2 + 2 * (size_t)b.pos[0]]
				   : 0;
		bool more = take_parameter(a, &b, &text);
		texts += type == TYPE_NVARCHAR || type == TYPE_NTEXT;
		if (texts == wanted) {
			c->statement = text;
			break;
		}
		if (!more)
			break;
	}
	return true;
}

struct str tds_prelogin_version(struct arena *a, struct bytes b)
{
	struct bytes at = b;
	for (int i = 0; i < OPTIONS_MAX && at.left > 0; i++) {
		uint8_t option = bytes_u8(&at);
		size_t offset = bytes_be16(&at), n = bytes_be16(&at);
		if (option != 0)
			break;
		struct bytes v = part(b, offset, n);
		unsigned major = bytes_u8(&v), minor = bytes_u8(&v);
		unsigned build = bytes_be16(&v);
		if (!v.bad)
			return str_format(a, "%u.%u.%u", major, minor, build);
	}
	return (struct str){0};
}
