/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HEADER -> empty line -> BODY, or OUTSIDE of any part when what was announced is parted
 * itself; a line that is a boundary of any message that is open leads to HEADER again, a
 * closing one to OUTSIDE.
 *
 * Lines come whole (a mail's) or in pieces (a form's). Of pieces only the beginning of a
 * line that may be a boundary is held, so that no content is copied.
 */
#include "proto/shared/mime.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"

#define HOLD_MAX    (MIME_BOUNDARY_MAX + 8) /* "--", a boundary, "--", spaces, CR */
#define DECODE_STEP 1024

enum mime_at { MIME_OUTSIDE, MIME_HEADER, MIME_BODY };
enum mime_code { CODE_PLAIN, CODE_BASE64, CODE_QUOTED };
enum eol { EOL_NONE, EOL_CR, EOL_LF, EOL_CRLF };

struct boundary {
	char text[MIME_BOUNDARY_MAX];
	size_t n; /* 0: none */
};

struct mime {
	struct transfer_about about;
	enum mime_at at;
	enum mime_code code;
	enum eol
	    eol; /* a line end that belongs to the content unless a boundary follows */
	bool in_line;   /* of pieces: a part of this line was passed on */
	unsigned depth; /* boundaries that are open */
	struct boundary boundary[MIME_DEPTH_MAX];
	char field[MIME_FIELD_MAX]; /* the field that may go on */
	size_t field_n;
	char name[TRANSFER_NAME_MAX]; /* of the part */
	size_t name_n;
	struct boundary announced; /* by the header at hand */
	bool ranged;               /* a part of a file (RFC 9110, 14.6) */
	bool message;              /* message/rfc822 */
	char hold[MIME_FIELD_MAX]; /* of pieces: a line's beginning */
	size_t hold_n;
	bool mail;
	unsigned bits, held; /* of base64 */
	struct transfer *file;
};

static struct mime *mime_new(const struct transfer_about *about)
{
	struct mime *m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	m->about = *about;
	m->about.total = TRANSFER_NO_TOTAL;
	m->about.name = (struct str){0};
	return m;
}

struct mime *mime_mail(const struct transfer_about *about)
{
	struct mime *m = mime_new(about);
	if (m == NULL)
		return NULL;
	m->mail = true;
	m->at = MIME_HEADER;
	return m;
}

static bool begins(struct str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && strncasecmp(s.p, word, n) == 0;
}

static struct str after(struct str s, size_t n)
{
	return (struct str){s.p + n, s.n - n};
}

static struct str skip_space(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = after(s, 1);
	return s;
}

/* ---- parameters ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The byte that s begins with, as itself or as two digits behind a sign; *n: how many
 * bytes stand for it. */
static char unescape(struct str s, char sign, size_t *n)
{
	int high = s.n > 2 && s.p[0] == sign ? hex_digit(s.p[1]) : -1;
	int low = high >= 0 ? hex_digit(s.p[2]) : -1;
	*n = low >= 0 ? 3 : 1;
	if (low < 0)
		return s.p[0];
	unsigned byte = (unsigned)high << 4 | (unsigned)low;
	return (char)byte;
}

/* charset'language'text, with escapes. */
static size_t extended(struct str s, char *out, size_t room)
{
	for (int quotes = 0; s.n > 0 && quotes < 2; s = after(s, 1))
		quotes += s.p[0] == '\'';
	size_t n = 0, taken;
	while (s.n > 0 && n < room) {
		out[n++] = unescape(s, '%', &taken);
		s = after(s, taken);
	}
	return n;
}

/* The value at the beginning of *s, which is then behind it. */
static size_t take_value(struct str *s, char *out, size_t room)
{
	size_t n = 0;
	bool quoted = s->n > 0 && s->p[0] == '"';
	if (quoted)
		*s = after(*s, 1);
	while (s->n > 0 && s->p[0] != (quoted ? '"' : ';')) {
		if (!quoted && (s->p[0] == ' ' || s->p[0] == '\t'))
			break;
		if (quoted && s->p[0] == '\\' && s->n > 1 &&
		    (s->p[1] == '"' || s->p[1] == '\\'))
			*s = after(*s, 1);
		if (n < room)
			out[n++] = s->p[0];
		*s = after(*s, 1);
	}
	return n;
}

static struct str next_parameter(struct str s)
{
	const char *end = s.n > 0 ? memchr(s.p, ';', s.n) : NULL;
	if (end == NULL)
		return (struct str){0};
	return skip_space(after(s, (size_t)(end - s.p) + 1));
}

size_t mime_parameter(struct str value, const char *name, char *out, size_t room)
{
	size_t length = strlen(name);
	char raw[TRANSFER_NAME_MAX];
	for (struct str s = next_parameter(value); s.n > 0; s = next_parameter(s)) {
		bool is = begins(s, name);
		if (is)
			s = after(s, length);
		bool star = is && s.n > 0 && s.p[0] == '*';
		if (star)
			s = after(s, 1);
		s = skip_space(s);
		const char *equals = s.n > 0 ? memchr(s.p, '=', s.n) : NULL;
		if (equals == NULL)
			return 0;
		is = is && equals == s.p;
		s = skip_space(after(s, (size_t)(equals - s.p) + 1));
		size_t n = take_value(&s, raw, sizeof(raw));
		if (is && star)
			return extended((struct str){raw, n}, out, room);
		if (is) {
			n = size_min(n, room);
			memcpy(out, raw, n);
			return n;
		}
	}
	return 0;
}

struct mime *mime_parts(const struct transfer_about *about, struct str type)
{
	char boundary[MIME_BOUNDARY_MAX];
	size_t n = begins(type, "multipart/")
		       ? mime_parameter(type, "boundary", boundary, sizeof(boundary))
		       : 0;
	struct mime *m = n > 0 ? mime_new(about) : NULL;
	if (m == NULL)
		return NULL;
	memcpy(m->boundary[0].text, boundary, n);
	m->boundary[0].n = n;
	m->depth = 1;
	return m;
}

/* ---- content ---- */

static void content(struct parse *x, struct mime *m, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (m->file == NULL) {
		struct transfer_about about = m->about;
		about.name = (struct str){m->name, m->name_n};
		about.partial = m->ranged;
		m->file = transfer_begin(x, &about);
	}
	transfer_data(x, m->file, p, n);
}

/* The line end that was kept back, as no boundary followed. */
static void put_eol(struct parse *x, struct mime *m)
{
	static const char *const ends[] = {"", "\r", "\n", "\r\n"};
	content(x, m, ends[m->eol], strlen(ends[m->eol]));
	m->eol = EOL_NONE;
}

static void base64_line(struct parse *x, struct mime *m, struct str line)
{
	char out[DECODE_STEP];
	size_t n = 0;
	for (size_t i = 0; i < line.n; i++) {
		int digit = str_base64_digit(line.p[i]);
		if (line.p[i] == '=')
			m->bits = 0;
		if (digit < 0)
			continue;
		m->held = (m->held << 6 | (unsigned)digit) & 0xffff;
		m->bits += 6;
		if (m->bits < 8)
			continue;
		m->bits -= 8;
		out[n++] = (char)(m->held >> m->bits & 0xff);
		if (n == sizeof(out)) {
			content(x, m, out, n);
			n = 0;
		}
	}
	content(x, m, out, n);
}

static void quoted_line(struct parse *x, struct mime *m, struct str line)
{
	char out[DECODE_STEP];
	size_t n = 0;
	put_eol(x, m);
	while (line.n > 0 && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--; /* RFC 2045, 6.7: only a relay put them there */
	bool soft = line.n > 0 && line.p[line.n - 1] == '=';
	line.n -= soft;
	while (line.n > 0) {
		size_t taken;
		out[n++] = unescape(line, '=', &taken);
		line = after(line, taken);
		if (n == sizeof(out)) {
			content(x, m, out, n);
			n = 0;
		}
	}
	content(x, m, out, n);
	m->eol = soft ? EOL_NONE : EOL_CRLF;
}

static void body_line(struct parse *x, struct mime *m, struct str line)
{
	if (m->code == CODE_BASE64) {
		base64_line(x, m, line);
	} else if (m->code == CODE_QUOTED) {
		quoted_line(x, m, line);
	} else {
		put_eol(x, m);
		content(x, m, line.p, line.n);
		m->eol = EOL_CRLF;
	}
}

/* ---- headers and boundaries ---- */

static void part_end(struct parse *x, struct mime *m, enum transfer_end end)
{
	transfer_end(x, &m->file, end);
	m->eol = EOL_NONE;
	m->bits = m->held = 0;
	m->name_n = 0;
	m->field_n = 0;
	m->code = CODE_PLAIN;
	m->announced.n = 0;
	m->message = m->ranged = false;
}

static void field_end(struct mime *m)
{
	struct str f = {m->field, m->field_n};
	m->field_n = 0;
	if (begins(f, "content-type:")) {
		f = skip_space(after(f, 13));
		m->message = begins(f, "message/rfc822");
		if (begins(f, "multipart/"))
			m->announced.n = mime_parameter(
			    f, "boundary", m->announced.text, sizeof(m->announced.text));
		else if (m->name_n == 0)
			m->name_n = mime_parameter(f, "name", m->name, sizeof(m->name));
	} else if (begins(f, "content-disposition:")) {
		size_t n = mime_parameter(f, "filename", m->name, sizeof(m->name));
		m->name_n = n > 0 ? n : m->name_n;
	} else if (begins(f, "content-range:")) {
		m->ranged = true;
	} else if (begins(f, "content-transfer-encoding:")) {
		f = skip_space(after(f, 26));
		m->code = begins(f, "base64")             ? CODE_BASE64
			  : begins(f, "quoted-printable") ? CODE_QUOTED
							  : CODE_PLAIN;
	}
}

/* The header is over: what follows is content, or a message of its own. */
static void header_end(struct parse *x, struct mime *m)
{
	field_end(m);
	bool multipart = m->announced.n > 0 && m->depth < MIME_DEPTH_MAX;
	if (m->announced.n > 0 && !multipart)
		x->counters->over_limit++;
	if (multipart) {
		m->boundary[m->depth++] = m->announced;
	}
	bool message = m->message;
	m->at = multipart ? MIME_OUTSIDE : message ? MIME_HEADER : MIME_BODY;
	if (multipart || message)
		part_end(x, m, TRANSFER_WHOLE);
	else
		m->about.depth += m->mail;
}

static void header_line(struct parse *x, struct mime *m, struct str line)
{
	if (line.n == 0) {
		header_end(x, m);
		return;
	}
	bool folded = line.p[0] == ' ' || line.p[0] == '\t';
	if (!folded)
		field_end(m);
	size_t n = size_min(line.n, MIME_FIELD_MAX - m->field_n);
	memcpy(m->field + m->field_n, line.p, n);
	m->field_n += n;
}

/* Whether the line is a boundary of a message that is open; if so, act on it. */
static bool is_boundary(struct parse *x, struct mime *m, struct str line)
{
	if (line.n < 2 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	line = after(line, 2);
	for (unsigned i = m->depth; i > 0; i--) {
		size_t n = m->boundary[i - 1].n;
		if (line.n < n || memcmp(line.p, m->boundary[i - 1].text, n) != 0)
			continue;
		struct str rest = after(line, n);
		bool last = rest.n >= 2 && rest.p[0] == '-' && rest.p[1] == '-';
		if (!last && skip_space(rest).n > 0)
			continue;
		part_end(x, m, TRANSFER_WHOLE);
		m->depth = last ? i - 1 : i;
		m->at = last ? MIME_OUTSIDE : MIME_HEADER;
		return true;
	}
	return false;
}

void mime_line(struct parse *x, struct mime *m, struct str line, bool cut)
{
	if (m == NULL || (m->depth > 0 && is_boundary(x, m, line)))
		return;
	if (m->at == MIME_HEADER) {
		header_line(x, m, line);
	} else if (m->at == MIME_BODY) {
		body_line(x, m, line);
		if (cut)
			transfer_spoil(m->file);
	}
}

/* ---- pieces ---- */

/* A piece of a line of content that is no boundary. */
static void pass(struct parse *x, struct mime *m, struct str s)
{
	if (m->at != MIME_BODY)
		return;
	put_eol(x, m);
	content(x, m, s.p, s.n);
}

/* The line in hold is whole. */
static void held_line(struct parse *x, struct mime *m)
{
	struct str line = {m->hold, m->hold_n};
	bool cr = line.n > 0 && line.p[line.n - 1] == '\r';
	line.n -= cr;
	m->hold_n = 0;
	if (is_boundary(x, m, line))
		return;
	if (m->at == MIME_HEADER) {
		header_line(x, m, line);
		return;
	}
	pass(x, m, line);
	m->eol = cr ? EOL_CRLF : EOL_LF;
}

/* A piece of a line that is no boundary. A CR at its end may belong to the line's end. */
static void stream(struct parse *x, struct mime *m, struct str s, bool ended)
{
	bool only_lf = s.n == 0 && m->in_line && m->eol == EOL_CR;
	bool cr = s.n > 0 && s.p[s.n - 1] == '\r';
	if (!only_lf)
		pass(x, m, (struct str){s.p, s.n - cr});
	if (ended)
		m->eol = cr || only_lf ? EOL_CRLF : EOL_LF;
	else if (cr)
		m->eol = EOL_CR;
	m->in_line = !ended;
}

/* As much of a line as there is; ended: its LF was there. */
static void piece(struct parse *x, struct mime *m, struct str s, bool ended)
{
	bool may_be = m->hold_n > 0 || s.n == 0 || s.p[0] == '-';
	if (m->in_line || (m->at != MIME_HEADER && !may_be)) {
		stream(x, m, s, ended);
		return;
	}
	size_t room = m->at == MIME_HEADER ? MIME_FIELD_MAX : HOLD_MAX;
	size_t n = size_min(s.n, room - m->hold_n);
	if (n > 0)
		memcpy(m->hold + m->hold_n, s.p, n);
	m->hold_n += n;
	if (n < s.n && m->at != MIME_HEADER) { /* too long for a boundary */
		pass(x, m, (struct str){m->hold, m->hold_n});
		m->hold_n = 0;
		m->in_line = true;
		stream(x, m, after(s, n), ended);
	} else if (ended) {
		held_line(x, m);
	}
}

void mime_bytes(struct parse *x, struct mime *m, const void *p, size_t n)
{
	if (m == NULL)
		return;
	struct str in = {p, n};
	while (in.n > 0) {
		const char *end = memchr(in.p, '\n', in.n);
		size_t length = end != NULL ? (size_t)(end - in.p) : in.n;
		piece(x, m, (struct str){in.p, length}, end != NULL);
		in = after(in, end != NULL ? length + 1 : length);
	}
}

void mime_gap(struct mime *m, uint64_t n)
{
	if (m == NULL)
		return;
	if (m->at == MIME_BODY)
		transfer_gap(m->file, n);
	m->hold_n = 0;
	m->in_line = true;
}

void mime_end(struct parse *x, struct mime **m, bool whole)
{
	struct mime *at = *m;
	*m = NULL;
	if (at == NULL)
		return;
	if (at->hold_n > 0) /* a boundary without a line end, mostly */
		held_line(x, at);
	if (at->mail && at->at == MIME_BODY && whole)
		put_eol(x, at); /* of a mail the last line end is its own */
	part_end(x, at, whole ? TRANSFER_WHOLE : TRANSFER_CUT);
	free(at);
}

size_t mime_held(const struct mime *m)
{
	return m != NULL ? sizeof(*m) : 0;
}
