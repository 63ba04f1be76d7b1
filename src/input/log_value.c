/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "input/json.h"
#include "input/log_time.h"

#define NUMBER_MAX 64 /* bytes of a number with an exponent */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned hex_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

/* Zeek's escapes: \xNN for a byte, \\ for a backslash. */
static struct str unescape_tsv(const char *p, size_t n, struct arena *a)
{
	char *o = arena_alloc(a, n);
	size_t out = 0;
	if (o == NULL)
		return (struct str){0};
	for (size_t i = 0; i < n;) {
		if (p[i] == '\\' && n - i >= 4 && p[i + 1] == 'x' &&
		    hex_value(p[i + 2]) < 16 && hex_value(p[i + 3]) < 16) {
			o[out++] = (char)(hex_value(p[i + 2]) << 4 | hex_value(p[i + 3]));
			i += 4;
		} else if (p[i] == '\\' && n - i >= 2 && p[i + 1] == '\\') {
			o[out++] = '\\';
			i += 2;
		} else {
			o[out++] = p[i++];
		}
	}
	return (struct str){o, out};
}

/* Its bytes, unescaped but not clean. */
static struct str decode(const struct log_value *v, struct arena *a)
{
	switch ((enum value_form)v->form) {
	case VALUE_TSV:
		if (memchr(v->p, '\\', v->n) != NULL)
			return unescape_tsv(v->p, v->n, a);
		return (struct str){v->p, v->n};
	case VALUE_ESCAPED:
		return json_unescape(v->p, v->n, a);
	case VALUE_PLAIN:
	case VALUE_STRING:
	case VALUE_NUMBER:
		return (struct str){v->p, v->n};
	case VALUE_TRUE:
		return STR("true");
	case VALUE_FALSE:
		return STR("false");
	case VALUE_ABSENT:
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		break;
	}
	return (struct str){0};
}

struct str cell_text(const struct log_value *v, struct arena *a)
{
	struct str s = decode(v, a);
	return s.p != NULL ? str_clean(a, s.p, s.n) : s;
}

struct str cell_lower(const struct log_value *v, struct arena *a)
{
	struct str s = decode(v, a);
	return s.p != NULL ? str_clean_lower(a, s.p, s.n) : s;
}

bool cell_is(const struct log_value *v, struct str text)
{
	return v->form != VALUE_ABSENT && v->n == text.n &&
	       memcmp(v->p, text.p, text.n) == 0;
}

/* Dotted quad in its usual form; everything else goes the long way. */
static bool quad(const char *p, size_t n, uint8_t out[static 4])
{
	size_t i = 0;
	for (unsigned part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t start = i;
		while (i < n && is_digit(p[i]) && i - start < 3)
			value = 10 * value + (unsigned)(p[i++] - '0');
		if (i == start || value > 255 || (i - start > 1 && p[start] == '0'))
			return false;
		out[part] = (uint8_t)value;
		if (part < 3 && (i == n || p[i++] != '.'))
			return false;
	}
	return i == n;
}

bool cell_addr(const struct log_value *v, struct addr *a)
{
	uint8_t four[4];
	if (v->form == VALUE_ABSENT || v->form >= VALUE_ARRAY) {
		*a = (struct addr){0};
		return false;
	}
	if (v->n <= 15 && quad(v->p, v->n, four)) {
		*a = addr_from_v4(four);
		return true;
	}
	/* A scope such as %eth0 says where, not who. */
	const char *scope = memchr(v->p, '%', v->n);
	return str_addr(
	    (struct str){v->p, scope != NULL ? (size_t)(scope - v->p) : v->n}, a);
}

/* ---- numbers ---- */

/* 1.5e9: rare enough for the library; nano is then what a double still holds. */
static bool exponential(const char *p, size_t n, struct cell_decimal *d)
{
	char text[NUMBER_MAX], *end;
	if (n >= sizeof(text))
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	double value = strtod(text, &end);
	if (end != text + n || !isfinite(value))
		return false;
	d->negative = value < 0;
	value = fabs(value);
	double whole = floor(value);
	d->whole = whole < 18e18 ? (uint64_t)whole : UINT64_MAX;
	d->nano = (uint32_t)fmin((value - whole) * 1e9, 999999999.0);
	return true;
}

bool cell_decimal(const char *p, size_t n, struct cell_decimal *d)
{
	size_t i = 0;
	*d = (struct cell_decimal){.negative = n > 0 && p[0] == '-'};
	i += d->negative;
	size_t start = i;
	for (; i < n && is_digit(p[i]); i++) {
		unsigned digit = (unsigned)(p[i] - '0');
		d->whole = d->whole > (UINT64_MAX - digit) / 10 ? UINT64_MAX
								: 10 * d->whole + digit;
	}
	if (i == start)
		return false;
	if (i < n && p[i] == '.') {
		uint32_t unit = 100000000;
		for (i++; i < n && is_digit(p[i]); i++, unit /= 10)
			d->nano += unit * (uint32_t)(p[i] - '0');
	}
	if (i < n && (p[i] == 'e' || p[i] == 'E'))
		return exponential(p, n, d);
	return i == n;
}

static bool number(const struct log_value *v, struct cell_decimal *d)
{
	return v->form >= VALUE_PLAIN && v->form <= VALUE_NUMBER &&
	       cell_decimal(v->p, v->n, d);
}

uint64_t cell_count(const struct log_value *v)
{
	struct cell_decimal d;
	return number(v, &d) && !d.negative ? d.whole : 0;
}

uint16_t cell_port(const struct log_value *v)
{
	uint64_t n = cell_count(v);
	return n <= UINT16_MAX ? (uint16_t)n : 0;
}

int64_t cell_int(const struct log_value *v)
{
	struct cell_decimal d;
	if (!number(v, &d) || d.negative)
		return -1;
	return d.whole < INT64_MAX ? (int64_t)d.whole : INT64_MAX;
}

double cell_seconds(const struct log_value *v)
{
	struct cell_decimal d;
	if (!number(v, &d) || d.negative)
		return (double)NAN;
	return (double)d.whole + (double)d.nano / 1e9;
}

int8_t cell_flag(const struct log_value *v)
{
	if (v->form == VALUE_TRUE || v->form == VALUE_FALSE)
		return v->form == VALUE_TRUE;
	if (v->form == VALUE_ABSENT || v->n == 0)
		return -1;
	if (cell_is(v, STR("T")) || cell_is(v, STR("true")) || cell_is(v, STR("1")))
		return 1;
	if (cell_is(v, STR("F")) || cell_is(v, STR("false")) || cell_is(v, STR("0")))
		return 0;
	return -1;
}

struct moment cell_time(const struct log_value *v)
{
	struct cell_decimal d;
	if (v->form == VALUE_ABSENT || v->form >= VALUE_TRUE)
		return MOMENT_NONE;
	if (v->n > 4 && v->p[4] == '-')
		return time_iso(v->p, v->n);
	if (!number(v, &d))
		return MOMENT_NONE;
	/* Stored in microseconds: the nearest, as other writers round too. */
	int64_t seconds = d.whole < INT64_MAX ? (int64_t)d.whole : INT64_MAX;
	int64_t micro = (d.nano + 500) / 1000;
	return d.negative ? moment_from(-seconds, -micro * NS_PER_US)
			  : moment_from(seconds, micro * NS_PER_US);
}

/* ---- lists ---- */

static bool next_joined(const struct log_value *v, size_t *at, struct log_value *element)
{
	if (*at > v->n || (*at == 0 && v->n == 0))
		return false;
	const char *p = v->p + *at;
	const char *end =
	    v->set != '\0' ? memchr(p, v->set, (size_t)(v->p + v->n - p)) : NULL;
	if (end == NULL)
		end = v->p + v->n;
	*element = *v;
	element->p = p;
	element->n = (uint32_t)(end - p);
	element->set = '\0';
	*at += element->n + 1U;
	return true;
}

bool cell_next(const struct log_value *v, size_t *at, struct log_value *element)
{
	if (v->form == VALUE_ARRAY)
		return json_element(v, at, element);
	if (v->form == VALUE_TSV || v->form == VALUE_PLAIN)
		return next_joined(v, at, element);
	*element = *v;
	return v->form != VALUE_ABSENT && (*at)++ == 0;
}

static size_t count_elements(const struct log_value *v)
{
	struct log_value element;
	size_t n = 0;
	for (size_t at = 0; n < VALUE_LIST_MAX && cell_next(v, &at, &element);)
		n++;
	return n;
}

struct str_list cell_texts(const struct log_value *v, struct arena *a)
{
	size_t n = count_elements(v), out = 0;
	struct str *list = n > 0 ? arena_alloc(a, n * sizeof(*list)) : NULL;
	struct log_value element;
	if (list == NULL)
		return (struct str_list){0};
	for (size_t at = 0; out < n && cell_next(v, &at, &element);) {
		struct str text = cell_text(&element, a);
		list[out++] = text.p != NULL ? text : STR("");
	}
	return (struct str_list){list, out};
}

struct int_list cell_whole(const struct log_value *v, struct arena *a)
{
	size_t n = count_elements(v), out = 0;
	int64_t *list = n > 0 ? arena_alloc(a, n * sizeof(*list)) : NULL;
	struct log_value element;
	if (list == NULL)
		return (struct int_list){0};
	for (size_t at = 0; out < n && cell_next(v, &at, &element);) {
		uint64_t whole = cell_count(&element);
		list[out++] = whole < INT64_MAX ? (int64_t)whole : INT64_MAX;
	}
	return (struct int_list){list, out};
}
