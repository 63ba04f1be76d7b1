/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/target.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define PORT_SYSLOG     "601"  /* RFC 6587 */
#define PORT_SYSLOG_TLS "6514" /* RFC 5425 */

static const struct scheme {
	const char *name;
	enum target_kind kind;
	const char *curl; /* what libcurl is told */
	const char *port; /* where the URL names none; NULL: libcurl's */
} schemes[] = {
    {"http", TARGET_WEB, "http", NULL},
    {"https", TARGET_WEB, "https", NULL},
    {"syslog+tcp", TARGET_SYSLOG, "http", PORT_SYSLOG},
    {"syslog+tls", TARGET_SYSLOG, "https", PORT_SYSLOG_TLS},
    {"smtp", TARGET_MAIL, "smtp", NULL},
    {"smtps", TARGET_MAIL, "smtps", NULL},
};

static const struct scheme *scheme_of(const char *name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strcmp(schemes[i].name, name) == 0)
			return &schemes[i];
	}
	return NULL;
}

static void make_key(struct target *t, const char *url)
{
	snprintf(t->key, sizeof(t->key), "%016llx",
	    (unsigned long long)XXH3_64bits(url, strlen(url)));
}

/* A part of the URL as a string of ours; NULL: it is not there. */
static char *part(const struct web *w, CURLU *u, CURLUPart which, unsigned flags)
{
	char *text = NULL, *copy;
	if (w->url_get(u, which, &text, flags) != CURLUE_OK)
		return NULL;
	copy = strdup(text);
	w->free(text);
	return copy;
}

/* ADDR as SMTP has it; what could end a line or the address is refused. */
static char *bracketed(const char *address, size_t n)
{
	char *out;
	if (n == 0 || n > 254 || memchr(address, '@', n) == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)address[i] <= ' ' || strchr("<>\"\\", address[i]))
			return NULL;
	}
	return asprintf(&out, "<%.*s>", (int)n, address) < 0 ? NULL : out;
}

static int read_addresses(struct target *t, const char *query)
{
	for (const char *p = query; *p != '\0';) {
		size_t n = strcspn(p, "&");
		const char *end = p + n;
		if (strncmp(p, "from=", 5) == 0 && t->from == NULL)
			t->from = bracketed(p + 5, n - 5);
		for (p += strncmp(p, "to=", 3) == 0 ? 3 : n; p < end;) {
			size_t one = strcspn(p, ",&");
			if (t->recipients == TARGET_RECIPIENTS_MAX ||
			    (t->to[t->recipients] = bracketed(p, one)) == NULL)
				return -1;
			t->recipients++;
			p += one + (p[one] == ',');
		}
		p = end + (*end == '&');
	}
	return t->from != NULL && t->recipients > 0 ? 0 : -1;
}

static int read_mail(const struct web *w, struct target *t, CURLU *u, struct error *e)
{
	char *query = part(w, u, CURLUPART_QUERY, CURLU_URLDECODE);
	int result = query != NULL ? read_addresses(t, query) : -1;
	free(query);
	if (result < 0)
		return error_set(e, ERR_USAGE,
		    "%.200s: mail needs ?from=ADDR&to=ADDR[,ADDR] (at most %d)", t->shown,
		    TARGET_RECIPIENTS_MAX);
	return 0;
}

/* What is left is what libcurl is to connect to. */
static int rewrite(
    const struct web *w, struct target *t, CURLU *u, const struct scheme *s)
{
	w->url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	w->url_set(u, CURLUPART_USER, NULL, 0);
	w->url_set(u, CURLUPART_PASSWORD, NULL, 0);
	t->shown = part(w, u, CURLUPART_URL, CURLU_NON_SUPPORT_SCHEME);
	if (s->kind != TARGET_WEB) {
		w->url_set(u, CURLUPART_QUERY, NULL, 0);
		w->url_set(u, CURLUPART_PATH, NULL, 0);
	}
	char *port = part(w, u, CURLUPART_PORT, 0);
	if (port == NULL && s->port != NULL)
		w->url_set(u, CURLUPART_PORT, s->port, 0);
	free(port);
	w->url_set(u, CURLUPART_SCHEME, s->curl, 0);
	t->url = part(w, u, CURLUPART_URL, 0);
	port = part(w, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	t->port = port != NULL ? (uint16_t)strtoul(port, NULL, 10) : 0;
	free(port);
	return t->url != NULL && t->shown != NULL && t->port != 0 ? 0 : -1;
}

static int read_parts(const struct web *w, struct target *t, CURLU *u,
    const struct scheme *s, struct error *e)
{
	char *trust = part(w, u, CURLUPART_FRAGMENT, CURLU_URLDECODE);
	t->user = part(w, u, CURLUPART_USER, CURLU_URLDECODE);
	t->password = part(w, u, CURLUPART_PASSWORD, CURLU_URLDECODE);
	bool wrong = trust != NULL && strncmp(trust, "ca=", 3) != 0;
	if (trust != NULL && !wrong)
		t->ca = strdup(trust + 3);
	free(trust);
	if (wrong)
		return error_set(e, ERR_USAGE, "after '#' comes ca=FILE");
	/* mail's addresses are still in the query then */
	CURLU *whole = w->url_dup(u);
	int result = whole == NULL || rewrite(w, t, u, s) < 0 ? -1 : 0;
	if (result < 0)
		error_set(e, ERR_USAGE, "a target whose URL can not be read");
	else if (s->kind == TARGET_MAIL)
		result = read_mail(w, t, whole, e);
	w->url_cleanup(whole);
	return result;
}

static int read_file_target(struct target *t, const char *path, struct error *e)
{
	t->kind = TARGET_FILE;
	t->url = strdup(path);
	t->shown = strdup(path);
	if (path[0] == '\0' || t->url == NULL || t->shown == NULL)
		return error_set(e, ERR_USAGE, "file: needs a path");
	return 0;
}

int target_parse(struct target *t, const struct web *w, const char *url, struct error *e)
{
	*t = (struct target){0};
	make_key(t, url);
	if (strncmp(url, "file:", 5) == 0)
		return read_file_target(t, url + 5, e);
	CURLU *u = w->url();
	char *name = NULL;
	const struct scheme *s = NULL;
	if (u != NULL &&
	    w->url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		name = part(w, u, CURLUPART_SCHEME, 0);
	if (name != NULL)
		s = scheme_of(name);
	free(name);
	int result = -1;
	if (s == NULL) {
		error_set(e, ERR_USAGE,
		    "a target is file:PATH, or a URL of http, https, syslog+tcp, "
		    "syslog+tls, smtp or smtps");
	} else {
		t->kind = s->kind;
		result = read_parts(w, t, u, s, e);
	}
	w->url_cleanup(u);
	return result;
}

void target_fini(struct target *t)
{
	for (unsigned i = 0; i < t->recipients; i++)
		free(t->to[i]);
	free(t->url);
	free(t->shown);
	free(t->user);
	free(t->password);
	free(t->ca);
	free(t->from);
	*t = (struct target){0};
}
