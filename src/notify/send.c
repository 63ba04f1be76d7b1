/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/send.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILE_MODE 0640

/* RFC 5424: facility 4 (security), severities by the confidence of a finding. */
#define FACILITY 4

static const struct {
	const char *confidence;
	unsigned severity;
} severities[] = {{"high", 4}, {"medium", 5}, {"low", 6}};

struct sender {
	const struct target *target;
	const struct web *web;
	const char *host;
	int file;   /* -1: none */
	CURL *curl; /* NULL: not connected */
	struct curl_slist *headers, *recipients;
	char said[CURL_ERROR_SIZE];
	size_t answer; /* bytes of it */
	bool cut;      /* a connection ended in the middle of a batch */
	/* a mail in the making */
	FILE *mail;
	char *text;
	size_t text_bytes, text_sent, findings;
};

static enum send_result later(struct sender *s, CURLcode code, struct error *e)
{
	error_set(e, ERR_SYSTEM, "%.200s: %s", s->target->shown,
	    s->said[0] != '\0' ? s->said : s->web->easy_strerror(code));
	return SEND_LATER;
}

/* ---- connections ---- */

static size_t take_answer(char *p, size_t size, size_t n, void *ctx)
{
	struct sender *s = ctx;
	(void)p;
	(void)size;
	s->answer += n;
	return s->answer <= SEND_ANSWER_MAX ? n : 0;
}

/* A handle that speaks what the target asks for and nothing else. */
static CURL *handle(struct sender *s)
{
	const struct target *t = s->target;
	CURL *c = s->web->easy_init();
	if (c == NULL)
		return NULL;
	s->said[0] = '\0';
	s->web->easy_setopt(c, CURLOPT_URL, t->url);
	s->web->easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    t->kind == TARGET_MAIL ? "smtp,smtps" : "http,https");
	s->web->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	s->web->easy_setopt(c, CURLOPT_PROXY, "");
	s->web->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	s->web->easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)SEND_CONNECT_S);
	s->web->easy_setopt(c, CURLOPT_TIMEOUT, (long)SEND_TOTAL_S);
	s->web->easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	s->web->easy_setopt(c, CURLOPT_ERRORBUFFER, s->said);
	s->web->easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
	s->web->easy_setopt(c, CURLOPT_WRITEDATA, s);
	if (t->ca != NULL)
		s->web->easy_setopt(c, CURLOPT_CAINFO, t->ca);
	if (t->user != NULL)
		s->web->easy_setopt(c, CURLOPT_USERNAME, t->user);
	if (t->password != NULL)
		s->web->easy_setopt(c, CURLOPT_PASSWORD, t->password);
	return c;
}

static void disconnect(struct sender *s)
{
	if (s->curl != NULL)
		s->web->easy_cleanup(s->curl);
	s->curl = NULL;
}

/* ---- a file ---- */

static enum send_result file_put(
    struct sender *s, const char *message, size_t n, struct error *e)
{
	struct iovec v[2] = {{(void *)(uintptr_t)message, n}, {(char[]){'\n'}, 1}};
	ssize_t done = writev(s->file, v, 2);
	if (done == (ssize_t)n + 1)
		return SEND_DONE;
	error_set(e, ERR_SYSTEM, "%.200s: %s", s->target->shown,
	    done < 0 ? strerror(errno) : "no room for a whole line");
	return SEND_LATER;
}

/* ---- a web hook ---- */

static enum send_result web_put(
    struct sender *s, const char *message, size_t n, struct error *e)
{
	long status = 0;
	if (s->curl == NULL) {
		s->curl = handle(s);
		if (s->curl == NULL || s->headers == NULL)
			return later(s, CURLE_OUT_OF_MEMORY, e);
		s->web->easy_setopt(s->curl, CURLOPT_HTTPHEADER, s->headers);
		s->web->easy_setopt(s->curl, CURLOPT_POST, 1L);
	}
	s->answer = 0;
	s->web->easy_setopt(s->curl, CURLOPT_POSTFIELDS, message);
	s->web->easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
	CURLcode code = s->web->easy_perform(s->curl);
	s->web->easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
	/* An answer that is too long was an answer all the same. */
	if (code != CURLE_OK && (code != CURLE_WRITE_ERROR || status == 0))
		return later(s, code, e);
	if (status >= 200 && status < 300)
		return SEND_DONE;
	error_set(
	    e, ERR_SYSTEM, "%.200s: answers with status %ld", s->target->shown, status);
	/* The message itself is what is not liked; all else may be put right. */
	return status == 400 || status == 413 || status == 422 ? SEND_REFUSED
							       : SEND_LATER;
}

/* ---- syslog ---- */

static bool syslog_connect(struct sender *s, CURLcode *code)
{
	if (s->curl != NULL)
		return true;
	s->curl = handle(s);
	*code = CURLE_OUT_OF_MEMORY;
	if (s->curl == NULL)
		return false;
	s->web->easy_setopt(s->curl, CURLOPT_CONNECT_ONLY, 1L);
	s->web->easy_setopt(s->curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	*code = s->web->easy_perform(s->curl);
	return *code == CURLE_OK;
}

static CURLcode send_all(const struct sender *s, const char *p, size_t n)
{
	curl_socket_t socket = CURL_SOCKET_BAD;
	s->web->easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &socket);
	while (n > 0) {
		size_t done = 0;
		CURLcode code = s->web->easy_send(s->curl, p, n, &done);
		struct pollfd ready = {socket, POLLOUT, 0};
		if (code == CURLE_AGAIN && poll(&ready, 1, SEND_TOTAL_S * 1000) <= 0)
			return CURLE_OPERATION_TIMEDOUT;
		if (code != CURLE_OK && code != CURLE_AGAIN)
			return code;
		p += done;
		n -= done;
	}
	return CURLE_OK;
}

static unsigned severity_of(const json_t *message)
{
	const char *confidence =
	    json_string_value(json_object_get(message, "confidence"));
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
		if (confidence != NULL &&
		    strcmp(confidence, severities[i].confidence) == 0)
			return severities[i].severity;
	}
	return severities[0].severity;
}

/* A time as RFC 3339 has it. */
static void time_text(struct moment now, char out[static 32])
{
	struct tm tm;
	time_t t = (time_t)(now.ns / NS_PER_S);
	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* "LENGTH <PRI>1 TIME HOST dwell - finding - @cee: {…}": the object goes as it is, behind
 * the cookie by which receivers know JSON. */
static enum send_result syslog_put(struct sender *s, struct moment now,
    const char *message, const json_t *object, struct error *e)
{
	char when[32], *line, *frame;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	if (!syslog_connect(s, &code)) {
		disconnect(s);
		return later(s, code, e);
	}
	time_text(now, when);
	int n = asprintf(&line, "<%u>1 %s %s dwell - finding - @cee: %s",
	    FACILITY * 8 + severity_of(object), when, s->host, message);
	int m = n >= 0 ? asprintf(&frame, "%d %s", n, line) : -1;
	if (m >= 0) {
		code = send_all(s, frame, (size_t)m);
		free(frame);
	}
	if (n >= 0)
		free(line);
	if (code == CURLE_OK)
		return SEND_DONE;
	s->cut = true; /* what went before may not have arrived either */
	disconnect(s);
	return later(s, code, e);
}

/* Nothing in the protocol says that a message arrived. What can be known is that the
 * other side did not cut the connection meanwhile. */
static enum send_result syslog_flush(struct sender *s, struct error *e)
{
	char byte;
	size_t n = 0;
	CURLcode code = CURLE_RECV_ERROR;
	bool cut = s->cut;
	s->cut = false;
	if (s->curl == NULL && !cut)
		return SEND_DONE;
	if (s->curl != NULL) {
		code = s->web->easy_recv(s->curl, &byte, 1, &n);
		cut = code != CURLE_AGAIN && (code != CURLE_OK || n == 0);
		disconnect(s);
	}
	if (!cut)
		return SEND_DONE;
	s->said[0] = '\0';
	return later(s, code == CURLE_OK ? CURLE_RECV_ERROR : code, e);
}

/* ---- mail ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "?";
}

/* Lines end in CRLF, and none is longer than RFC 5321 lets it be. */
static void put_line(FILE *out, const char *text)
{
	const size_t most = 900;
	while (strlen(text) > most) {
		size_t n = most;
		while (n > 1 && (text[n] & 0xC0) == 0x80)
			n--; /* not inside a character */
		fprintf(out, "%.*s\r\n", (int)n, text);
		text += n;
	}
	fprintf(out, "%s\r\n", text);
}

static enum send_result mail_put(struct sender *s, const json_t *object, struct error *e)
{
	if (s->mail == NULL)
		s->mail = open_memstream(&s->text, &s->text_bytes);
	if (s->mail == NULL)
		return later(s, CURLE_OUT_OF_MEMORY, e);
	put_line(s->mail, text_of(object, "summary"));
	fprintf(s->mail, "    %s confidence, since %s; dwell show %s\r\n\r\n",
	    text_of(object, "confidence"), text_of(object, "since"),
	    text_of(object, "id"));
	s->findings++;
	return SEND_DONE;
}

static size_t give_mail(char *p, size_t size, size_t n, void *ctx)
{
	struct sender *s = ctx;
	size_t left = s->text_bytes - s->text_sent, room = size * n;
	size_t now = left < room ? left : room;
	if (now > 0)
		memcpy(p, s->text + s->text_sent, now);
	s->text_sent += now;
	return now;
}

/* The head in front of the findings, in one text. */
static bool finish_mail(struct sender *s, struct moment now)
{
	const struct target *t = s->target;
	char when[64], *head = NULL, *whole = NULL;
	struct tm tm;
	time_t at = (time_t)(now.ns / NS_PER_S);
	gmtime_r(&at, &tm);
	strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	bool good = fclose(s->mail) == 0;
	s->mail = NULL;
	if (!good || asprintf(&head,
			 "Date: %s\r\nFrom: %s\r\nTo: %s\r\n"
			 "Subject: dwell on %s: %zu finding%s\r\n"
			 "Message-ID: <%" PRId64 ".%s@%s>\r\nMIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: 8bit\r\n"
			 "Auto-Submitted: auto-generated\r\n\r\n",
			 when, t->from, t->to[0], s->host, s->findings,
			 s->findings == 1 ? "" : "s", now.ns, t->key, s->host) < 0)
		return false;
	int n = asprintf(&whole, "%s%s", head, s->text);
	free(head);
	if (n < 0)
		return false;
	free(s->text);
	s->text = whole;
	s->text_bytes = (size_t)n;
	s->text_sent = 0;
	return true;
}

static CURLcode send_mail(struct sender *s)
{
	const struct target *t = s->target;
	CURL *c = s->curl = handle(s);
	if (c == NULL)
		return CURLE_OUT_OF_MEMORY;
	s->web->easy_setopt(c, CURLOPT_MAIL_FROM, t->from);
	s->web->easy_setopt(c, CURLOPT_MAIL_RCPT, s->recipients);
	s->web->easy_setopt(c, CURLOPT_UPLOAD, 1L);
	s->web->easy_setopt(c, CURLOPT_READFUNCTION, give_mail);
	s->web->easy_setopt(c, CURLOPT_READDATA, s);
	/* A password never goes in clear; without one, TLS where the server has it. */
	s->web->easy_setopt(c, CURLOPT_USE_SSL,
	    (long)(t->password != NULL ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	CURLcode code = s->web->easy_perform(c);
	disconnect(s);
	return code;
}

static enum send_result mail_flush(struct sender *s, struct moment now, struct error *e)
{
	if (s->mail == NULL)
		return SEND_DONE;
	CURLcode code = finish_mail(s, now) ? send_mail(s) : CURLE_OUT_OF_MEMORY;
	free(s->text);
	s->text = NULL;
	s->findings = 0;
	return code == CURLE_OK ? SEND_DONE : later(s, code, e);
}

/* ---- all kinds ---- */

static bool prepare(struct sender *s)
{
	const struct target *t = s->target;
	if (t->kind == TARGET_FILE) {
		s->file =
		    open(t->url, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
		return s->file >= 0;
	}
	s->headers = s->web->slist_append(NULL, "Content-Type: application/json");
	for (unsigned i = 0; i < t->recipients; i++)
		s->recipients = s->web->slist_append(s->recipients, t->to[i]);
	return s->headers != NULL;
}

struct sender *sender_new(
    const struct target *t, const struct web *web, const char *host, struct error *e)
{
	struct sender *s = calloc(1, sizeof(*s));
	if (s != NULL) {
		s->target = t;
		s->web = web;
		s->host = host;
		s->file = -1;
		if (prepare(s))
			return s;
	}
	error_set(e, ERR_SYSTEM, "%.200s: %s", t->shown, strerror(errno));
	sender_free(s);
	return NULL;
}

enum send_result sender_put(
    struct sender *s, struct moment now, const char *message, size_t n, struct error *e)
{
	if (s->target->kind == TARGET_FILE)
		return file_put(s, message, n, e);
	if (s->target->kind == TARGET_WEB)
		return web_put(s, message, n, e);
	json_t *object = json_loadb(message, n, 0, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		error_set(e, ERR_MEMORY, "a message that waited is no JSON");
		return SEND_REFUSED;
	}
	enum send_result result = s->target->kind == TARGET_MAIL
				      ? mail_put(s, object, e)
				      : syslog_put(s, now, message, object, e);
	json_decref(object);
	return result;
}

enum send_result sender_flush(struct sender *s, struct moment now, struct error *e)
{
	switch (s->target->kind) {
	case TARGET_FILE:
		if (fdatasync(s->file) == 0 || errno == EINVAL) /* a pipe has no disk */
			return SEND_DONE;
		error_set(e, ERR_SYSTEM, "%.200s: %s", s->target->shown, strerror(errno));
		return SEND_LATER;
	case TARGET_SYSLOG:
		return syslog_flush(s, e);
	case TARGET_MAIL:
		return mail_flush(s, now, e);
	case TARGET_WEB:
	default:
		disconnect(s);
		return SEND_DONE;
	}
}

bool sender_collects(const struct sender *s)
{
	return s->target->kind != TARGET_WEB;
}

void sender_free(struct sender *s)
{
	if (s == NULL)
		return;
	if (s->file >= 0)
		close(s->file);
	if (s->mail != NULL)
		fclose(s->mail);
	free(s->text);
	disconnect(s);
	if (s->headers != NULL)
		s->web->slist_free_all(s->headers);
	if (s->recipients != NULL)
		s->web->slist_free_all(s->recipients);
	free(s);
}
