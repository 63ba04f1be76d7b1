/* SPDX-License-Identifier: Apache-2.0 */
#include "report/wrap.h"

#include <sys/ioctl.h>

#include "base/size.h"

#define WIDTH_USUAL 80  /* columns where there is no terminal */
#define WIDTH_MOST  110 /* longer lines are hard to read */
#define ROOM_LEAST  20  /* columns of a line, however narrow the terminal */

struct character {
	size_t bytes, columns;
	uint32_t code;
};

/* Text in records is valid UTF-8; what is not, still moves on by a byte. */
static struct character character(struct str t, size_t at)
{
	static const struct {
		uint32_t first, last;
	} wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},
	    {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
	    {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
	const unsigned char *p = (const unsigned char *)t.p + at;
	size_t n = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	struct character c = {
	    size_min(n, t.n - at), 1, n == 1 ? p[0] : p[0] & (0x7fU >> n)};
	for (size_t i = 1; i < c.bytes; i++)
		c.code = c.code << 6 | (p[i] & 0x3fU);
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (c.code >= wide[i].first && c.code <= wide[i].last)
			c.columns = 2;
	}
	return c;
}

size_t wrap_columns(struct str text)
{
	size_t columns = 0;
	for (size_t i = 0; i < text.n;) {
		struct character c = character(text, i);
		columns += c.columns;
		i += c.bytes;
	}
	return columns;
}

static bool closes(uint32_t code)
{
	/* 、。》」』】〉 ！），．：；？ */
	static const uint32_t list[] = {0x3001, 0x3002, 0x300b, 0x300d, 0x300f, 0x3011,
	    0x3009, 0xff01, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f};
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i] == code)
			return true;
	}
	return false;
}

size_t wrap_break(struct str t, size_t room, size_t *skip)
{
	size_t used = 0, best = 0, i = 0;
	uint32_t before = 0;
	*skip = 0;
	while (i < t.n) {
		struct character c = character(t, i);
		bool after_opening = before == 0xff08 || before == 0x300a; /* （ 《 */
		if (c.code == ' ') {
			best = i;
			*skip = 1;
		} else if (c.columns == 2 && i > 0 && before != ' ' && used <= room &&
			   !closes(c.code) && !after_opening) {
			best = i;
			*skip = 0;
		}
		if (used + c.columns > room)
			break;
		used += c.columns;
		before = c.code;
		i += c.bytes;
	}
	if (i < t.n && best > 0)
		return best;
	*skip = 0;
	return i > 0 ? i : t.n;
}

void wrap_print(FILE *out, struct str text, size_t indent, size_t width)
{
	size_t room = width > indent + ROOM_LEAST ? width - indent : ROOM_LEAST;
	do {
		size_t skip, n = wrap_break(text, room, &skip);
		fprintf(out, "%.*s\n", (int)n, text.p != NULL ? text.p : "");
		text.n -= n + skip;
		if (text.n > 0) {
			text.p += n + skip;
			fprintf(out, "%*s", (int)indent, "");
		}
	} while (text.n > 0);
}

size_t wrap_width(FILE *out)
{
	struct winsize w;
	int fd = fileno(out);
	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
		return WIDTH_USUAL;
	return size_min(w.ws_col, WIDTH_MOST);
}
