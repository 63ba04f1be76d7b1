/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/confine.h"

#include <fts.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/log.h"
#include "sys/privilege.h"
#include "sys/sandbox.h"

/* The fence is about files, not names: what a link leads to must be let in by itself. */
static int allow_links(struct sandbox *s, char *folder, struct error *e)
{
	char *const roots[] = {folder, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	size_t links = 0;
	int result = 0;
	while (tree != NULL && result == 0 && (entry = fts_read(tree)) != NULL) {
		if (entry->fts_info != FTS_SL && entry->fts_info != FTS_SLNONE)
			continue;
		if (links++ < CONFINE_LINKS_MAX)
			result = sandbox_allow(s, entry->fts_path, LANDLOCK_READ, e);
	}
	if (tree != NULL)
		fts_close(tree);
	if (links > CONFINE_LINKS_MAX)
		log_warn("%.200s: %zu links to files are more than the %d that can be "
			 "followed",
		    folder, links, CONFINE_LINKS_MAX);
	return result;
}

static int allow(
    struct sandbox *s, const char *memory, char *const *paths, size_t n, struct error *e)
{
	if (sandbox_allow(s, memory, LANDLOCK_WRITE, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], "-") == 0)
			continue;
		if (sandbox_allow(s, paths[i], LANDLOCK_READ, e) < 0 ||
		    allow_links(s, paths[i], e) < 0)
			return -1;
	}
	return 0;
}

static int enter(struct sandbox *s, const char *what, struct error *e)
{
	char missing[SANDBOX_MISSING_MAX];
	if (sandbox_enter(s, e) < 0)
		return -1;
	sandbox_missing(s, missing);
	if (missing[0] != '\0')
		log_note("this kernel gives %s: %s is confined less", missing, what);
	return 0;
}

int confine_reading(const char *memory, char *const *paths, size_t n, struct error *e)
{
	struct sandbox s;
	if (sandbox_open(&s, SANDBOX_WRITER, e) < 0)
		return -1;
	if (allow(&s, memory, paths, n, e) < 0) {
		landlock_close(&s.fence);
		return -1;
	}
	return enter(&s, "reading", e);
}

int confine_writing(const char *memory, struct error *e)
{
	return confine_reading(memory, NULL, 0, e);
}

int confine_parsing(struct error *e)
{
	struct sandbox s;
	uint8_t digest[EVP_MAX_MD_SIZE];
	/* OpenSSL reads its configuration at its first use. */
	if (EVP_Digest("", 0, digest, NULL, EVP_sha256(), NULL) != 1)
		return error_set(e, ERR_SYSTEM, "OpenSSL has no SHA-256");
	if (privilege_limit(SANDBOX_PARSER, e) < 0 ||
	    sandbox_open(&s, SANDBOX_PARSER, e) < 0)
		return -1;
	return enter(&s, "parsing", e);
}

int confine_supervising(struct error *e)
{
	struct sandbox s;
	if (sandbox_open(&s, SANDBOX_SUPERVISOR, e) < 0)
		return -1;
	return enter(&s, "supervising", e);
}

static int allow_target(struct sandbox *s, const struct target *t, struct error *e)
{
	if (t->ca != NULL && sandbox_allow(s, t->ca, LANDLOCK_READ, e) < 0)
		return -1;
	return t->port != 0 ? sandbox_allow_port(s, t->port, e) : 0;
}

int confine_sending(const struct deliveries *d, struct error *e)
{
	struct sandbox s;
	if (sandbox_open(&s, SANDBOX_NOTIFIER, e) < 0)
		return -1;
	int result = d != NULL ? sandbox_allow(&s, d->root, LANDLOCK_WRITE, e) : 0;
	for (size_t i = 0; d != NULL && i < d->n && result == 0; i++)
		result = allow_target(&s, &d->v[i].target, e);
	if (result < 0) {
		landlock_close(&s.fence);
		return -1;
	}
	return enter(&s, "sending", e);
}
