/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mute.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "record/json.h"
#include "store/memory.h"
#include "sys/file.h"
#include "sys/path.h"

#define MUTE_MODE 0640
#define YEAR_MAX  2261 /* the last whole year that a moment can be in */

/* ---- dates ---- */

static bool read_digits(const char *p, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = 10 * *out + (p[i] - '0');
	}
	return true;
}

bool mute_day(struct str s, int64_t *day)
{
	int year, month, of_month, y;
	unsigned m, d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !read_digits(s.p, 4, &year) ||
	    !read_digits(s.p + 5, 2, &month) || !read_digits(s.p + 8, 2, &of_month) ||
	    year > YEAR_MAX || month < 1 || of_month < 1)
		return false;
	*day = days_from_civil(year, (unsigned)month, (unsigned)of_month);
	civil_from_days(*day, &y, &m, &d);
	return y == year && m == (unsigned)month && d == (unsigned)of_month;
}

/* "YYYY-MM-DDTHH:MM:SS…" as mute_add writes it; MOMENT_NONE for anything else. */
static struct moment read_moment(const char *text)
{
	int64_t day;
	int hour, minute, second;
	if (text == NULL || strlen(text) < 19 || text[10] != 'T' ||
	    !mute_day((struct str){text, 10}, &day) ||
	    !read_digits(text + 11, 2, &hour) || !read_digits(text + 14, 2, &minute) ||
	    !read_digits(text + 17, 2, &second))
		return MOMENT_NONE;
	return moment_from(
	    day * 86400 + hour * INT64_C(3600) + minute * INT64_C(60) + second, 0);
}

/* ---- reading ---- */

static struct str keep(struct mutes *m, const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));
	if (text == NULL)
		return (struct str){0};
	size_t n = strlen(text);
	struct str clean =
	    str_clean(&m->texts, text, n < MUTE_TEXT_MAX ? n : MUTE_TEXT_MAX);
	return str_copy(&m->texts, clean);
}

static struct mute *find(struct mutes *m, json_int_t n)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].n == n)
			return &m->v[i];
	}
	return NULL;
}

static bool is_empty(const struct mute_scope *s)
{
	return s->id.n == 0 && s->peer.n == 0 && s->detector.n == 0 && s->host.n == 0;
}

static bool take_mute(struct mutes *m, const json_t *line, json_int_t n)
{
	const char *until = json_string_value(json_object_get(line, "until"));
	if (n < 1 || n > MUTES_MAX || m->n == MUTES_MAX || find(m, n) != NULL)
		return false;
	struct mute new = {.n = (uint32_t)n,
	    .at = read_moment(json_string_value(json_object_get(line, "at"))),
	    .author = keep(m, line, "author"),
	    .reason = keep(m, line, "reason"),
	    .scope = {keep(m, line, "id"), keep(m, line, "peer"),
		keep(m, line, "detector"), keep(m, line, "host")},
	    .until = MUTE_FOREVER,
	    .removed_at = MOMENT_NONE};
	if (is_empty(&new.scope) ||
	    (until != NULL && !mute_day(str_of(until), &new.until)))
		return false;
	if (m->n == m->room) {
		size_t room = m->room > 0 ? 2 * m->room : 64;
		struct mute *v = realloc(m->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		m->v = v;
		m->room = room;
	}
	m->v[m->n++] = new;
	return true;
}

static bool take_remove(struct mutes *m, const json_t *line, json_int_t n)
{
	struct mute *old = find(m, n);
	if (old == NULL)
		return false;
	if (old->removed)
		return true;
	old->removed = true;
	old->removed_at = read_moment(json_string_value(json_object_get(line, "at")));
	old->removed_by = keep(m, line, "author");
	return true;
}

static bool take_line(struct mutes *m, const char *p, size_t n)
{
	json_t *line = json_loadb(p, n, 0, NULL);
	const char *action = json_string_value(json_object_get(line, "action"));
	json_int_t number = json_integer_value(json_object_get(line, "n"));
	bool taken = false;
	if (action != NULL && strcmp(action, "mute") == 0)
		taken = take_mute(m, line, number);
	else if (action != NULL && strcmp(action, "remove") == 0)
		taken = take_remove(m, line, number);
	json_decref(line);
	return taken;
}

/* A line that a crash cut short, or that a newer dwell wrote, takes no other with it. */
static void take_lines(struct mutes *m, const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t line = end != NULL ? (size_t)(end - (text + at)) : n - at;
		if (line > 0 && !take_line(m, text + at, line))
			m->damaged++;
		at += line + 1;
	}
}

static int path_of(const struct store *s, char out[static PATH_MAX], struct error *e)
{
	return path_make(out, e, "%s/" MUTE_FILE, s->path);
}

int mutes_load(struct mutes *m, const struct store *s, struct error *e)
{
	char path[PATH_MAX];
	*m = (struct mutes){0};
	arena_init(&m->texts, (size_t)4 * MUTE_BYTES_MAX);
	if (path_of(s, path, e) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	size_t n;
	char *text = file_read(path, MUTE_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	take_lines(m, text, n);
	free(text);
	if (m->texts.refused > 0)
		return error_set(e, ERR_SYSTEM, "no memory for %s", path);
	return 0;
}

void mutes_free(struct mutes *m)
{
	free(m->v);
	arena_fini(&m->texts);
	*m = (struct mutes){0};
}

/* ---- what is muted ---- */

bool mute_holds(const struct mute *m, int64_t day)
{
	return !m->removed && day <= m->until;
}

bool mutes_any(const struct mutes *m, int64_t day)
{
	for (size_t i = 0; i < m->n; i++) {
		if (mute_holds(&m->v[i], day))
			return true;
	}
	return false;
}

static bool read_net(struct str s, struct net *out)
{
	char text[ADDR_TEXT_MAX + 5];
	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return net_parse(text, out);
}

static bool in_net(struct str net, const struct addr *a)
{
	struct net n;
	return read_net(net, &n) && addr_is_v4(&n.addr) == addr_is_v4(a) &&
	       net_contains(&n, a);
}

/* Names: the scope's own and all below it. */
static bool is_peer(struct str scope, struct str peer)
{
	struct addr a;
	struct net ignored;
	if (peer.n == 0)
		return false;
	if (str_addr(peer, &a))
		return in_net(scope, &a);
	if (read_net(scope, &ignored) || peer.n < scope.n)
		return false;
	const char *end = peer.p + peer.n - scope.n;
	return memcmp(end, scope.p, scope.n) == 0 && (end == peer.p || end[-1] == '.');
}

static bool covers(const struct mute_scope *s, const struct mute_subject *of)
{
	if (s->id.n > 0 && !str_equal(s->id, of->case_id) &&
	    !str_equal(s->id, of->finding_id))
		return false;
	if (s->detector.n > 0 && !str_equal(s->detector, of->detector))
		return false;
	if (s->host.n > 0 && !in_net(s->host, &of->host))
		return false;
	return s->peer.n == 0 || is_peer(s->peer, of->peer);
}

const struct mute *mutes_find(
    const struct mutes *m, const struct mute_subject *of, int64_t day)
{
	for (size_t i = 0; i < m->n; i++) {
		if (mute_holds(&m->v[i], day) && covers(&m->v[i].scope, of))
			return &m->v[i];
	}
	return NULL;
}

/* ---- appending ---- */

static void put_text(FILE *out, const char *name, struct str s)
{
	if (s.n == 0)
		return;
	fprintf(out, ",\"%s\":", name);
	json_put_string(out, s);
}

static void put_head(FILE *out, const char *action, uint32_t n, struct moment at)
{
	char text[MOMENT_TEXT_MAX];
	moment_text(at, text);
	fprintf(
	    out, "{\"action\":\"%s\",\"n\":%" PRIu32 ",\"at\":\"%s\"", action, n, text);
}

static void put_mute(FILE *out, const struct mute *m, uint32_t n)
{
	put_head(out, "mute", n, m->at);
	put_text(out, "author", m->author);
	put_text(out, "reason", m->reason);
	put_text(out, "id", m->scope.id);
	put_text(out, "host", m->scope.host);
	put_text(out, "peer", m->scope.peer);
	put_text(out, "detector", m->scope.detector);
	if (m->until != MUTE_FOREVER) {
		char day[MOMENT_TEXT_MAX];
		moment_text_day(moment_from(m->until * 86400, 0), day);
		put_text(out, "until", str_of(day));
	}
	fputs("}\n", out);
}

/* Whether the file ends within a line, which a crash has left. */
static bool ends_within_line(int d)
{
	char last = '\n';
	off_t end = lseek(d, 0, SEEK_END);
	return end > 0 && pread(d, &last, 1, end - 1) == 1 && last != '\n';
}

/* Write the line at the end in one call, and have it on the disk. */
static int append(int d, const char *path, const char *line, size_t n, struct error *e)
{
	if (ends_within_line(d) && write(d, "\n", 1) != 1)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	ssize_t written = write(d, line, n);
	if (written != (ssize_t)n || fsync(d) != 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path,
		    written < 0 || written == (ssize_t)n ? strerror(errno)
							 : "the disk is full");
	return 0;
}

/* Open the file and wait for its lock: whoever holds it writes one line. */
static int open_locked(const struct store *s, char path[static PATH_MAX], struct error *e)
{
	if (path_of(s, path, e) < 0)
		return -1;
	bool new = !file_exists(path);
	int d = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, MUTE_MODE);
	if (d < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int status;
	do
		status = fcntl(d, F_OFD_SETLKW, &whole);
	while (status != 0 && errno == EINTR);
	if (status == 0 && (!new || file_sync(s->path, e) == 0))
		return d;
	if (status != 0)
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	close(d);
	return -1;
}

/* Write the line of a new mute, and its number to *n (may be NULL). */
static int write_mute(FILE *out, const struct mutes *all, const struct mute *m,
    uint32_t *n, struct error *e)
{
	uint32_t next = all->n > 0 ? all->v[all->n - 1].n + 1 : 1;
	if (next > MUTES_MAX)
		return error_set(
		    e, ERR_LIMIT, "more than %d mutes in one memory", MUTES_MAX);
	put_mute(out, m, next);
	if (n != NULL)
		*n = next;
	return 0;
}

/* Write the line by which m takes back the mute of its number. */
static int write_removal(
    FILE *out, struct mutes *all, const struct mute *m, struct error *e)
{
	const struct mute *old = find(all, m->n);
	if (old == NULL || old->removed)
		return error_set(e, ERR_USAGE,
		    "there is no mute %" PRIu32 " (dwell mute --list)", m->n);
	put_head(out, "remove", m->n, m->at);
	put_text(out, "author", m->author);
	put_text(out, "reason", m->reason);
	fputs("}\n", out);
	return 0;
}

/* Under the lock: read what is there, append the line of a mute, or of its removal. */
static int act(const struct store *s, const struct mute *m, uint32_t *n, struct error *e)
{
	char path[PATH_MAX], *line = NULL;
	size_t bytes = 0;
	struct mutes all = {0};
	int d = open_locked(s, path, e);
	if (d < 0)
		return -1;
	FILE *out = open_memstream(&line, &bytes);
	int status = out != NULL ? mutes_load(&all, s, e)
				 : error_set(e, ERR_SYSTEM, "no memory for a mute");
	if (status == 0)
		status = m->removed ? write_removal(out, &all, m, e)
				    : write_mute(out, &all, m, n, e);
	if (out != NULL && fclose(out) != 0 && status == 0)
		status = error_set(e, ERR_SYSTEM, "no memory for a mute");
	if (status == 0)
		status = append(d, path, line, bytes, e);
	free(line);
	mutes_free(&all);
	close(d); /* ends the lock */
	return status;
}

int mute_add(const struct store *s, const struct mute *m, uint32_t *n, struct error *e)
{
	struct net ignored;
	if (is_empty(&m->scope))
		return error_set(e, ERR_USAGE, "a mute must say what it covers");
	if (m->scope.host.n > 0 && !read_net(m->scope.host, &ignored))
		return error_set(e, ERR_USAGE, "'%.*s' is no address and no network",
		    STR_ARG(m->scope.host));
	if (m->author.n > MUTE_TEXT_MAX || m->reason.n > MUTE_TEXT_MAX ||
	    m->scope.peer.n > MUTE_TEXT_MAX || m->scope.id.n > MUTE_TEXT_MAX ||
	    m->scope.detector.n > MUTE_TEXT_MAX)
		return error_set(
		    e, ERR_USAGE, "a text has more than %d bytes", MUTE_TEXT_MAX);
	return act(s, m, n, e);
}

int mute_remove(const struct store *s, uint32_t n, struct moment at, struct str author,
    struct str reason, struct error *e)
{
	const struct mute removal = {
	    .n = n, .at = at, .author = author, .reason = reason, .removed = true};
	return act(s, &removal, NULL, e);
}
