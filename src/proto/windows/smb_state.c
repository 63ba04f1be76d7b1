/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/windows/smb_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/shared/owned.h"
#include "proto/windows/dcerpc.h"
#include "proto/windows/kerberos.h"
#include "proto/windows/smb_words.h"
#include "proto/windows/spnego.h"

#define LIST_STEP        8
#define FILETIME_TO_UNIX INT64_C(11644473600) /* seconds from 1601 to 1970 */
#define FILETIME_SECOND  10000000U

void smb_state_init(struct smb_state *st)
{
	st->sessions.size = sizeof(struct smb_session);
	st->trees.size = sizeof(struct smb_tree);
	st->files.size = sizeof(struct smb_file);
	st->requests.size = sizeof(struct smb_request);
}

static bool same(struct smb_key a, struct smb_key b)
{
	return a.a == b.a && a.b == b.b;
}

void *smb_at(const struct smb_list *l, size_t i)
{
	return (char *)l->v + i * l->size;
}

/* The newest first: what is asked for is most often what came last. */
void *smb_find(const struct smb_list *l, struct smb_key id)
{
	for (size_t i = l->n; i > 0; i--) {
		void *at = smb_at(l, i - 1);
		struct smb_key key;
		memcpy(&key, at, sizeof(key));
		if (same(key, id))
			return at;
	}
	return NULL;
}

/* Room for one more, zeroed; NULL without memory. */
static void *list_add(struct smb_state *st, struct smb_list *l)
{
	if (l->n == l->room) {
		size_t room = l->room == 0 ? LIST_STEP : 2 * l->room;
		void *v = realloc(l->v, room * l->size);
		if (v == NULL)
			return NULL;
		st->held += (room - l->room) * l->size;
		l->v = v;
		l->room = room;
	}
	return memset(smb_at(l, l->n++), 0, l->size);
}

static void list_drop(struct smb_list *l, void *element)
{
	char *at = element;
	size_t after = (size_t)((char *)smb_at(l, l->n) - (at + l->size));
	memmove(at, at + l->size, after);
	l->n--;
}

void smb_keep(struct smb_state *st, char **slot, struct str text)
{
	owned_put_cut(&st->held, slot, text, SMB_NAME_MAX);
}

static void session_free(struct smb_state *st, struct smb_session *s)
{
	st->held -= s->ntlm.held;
	ntlm_free(&s->ntlm);
	smb_keep(st, &s->user, (struct str){0});
}

static void tree_free(struct smb_state *st, struct smb_tree *t)
{
	smb_keep(st, &t->path, (struct str){0});
	smb_keep(st, &t->service, (struct str){0});
	smb_keep(st, &t->fs, (struct str){0});
}

static void rpc_free(struct parse *x, struct smb_state *st, struct dcerpc **rpc)
{
	if (*rpc == NULL)
		return;
	st->held -= dcerpc_held(*rpc);
	dcerpc_free(x, *rpc);
	*rpc = NULL;
}

static void file_free(struct parse *x, struct smb_state *st, struct smb_file *f)
{
	rpc_free(x, st, &f->rpc);
	smb_content_end(x, f, false);
	smb_keep(st, &f->name, (struct str){0});
}

struct smb_session *smb_session(struct parse *x, struct smb_state *st, uint64_t id)
{
	struct smb_key key = {id, 0};
	struct smb_session *s = smb_find(&st->sessions, key);
	if (s != NULL)
		return s;
	if (st->sessions.n == SMB_SESSIONS_MAX) {
		x->counters->over_limit++;
		smb_session_drop(
		    x, st, ((const struct smb_session *)smb_at(&st->sessions, 0))->id.a);
	}
	s = list_add(st, &st->sessions);
	if (s != NULL)
		s->id = key;
	return s;
}

struct smb_session *smb_session_named(
    struct parse *x, struct smb_state *st, uint64_t asked, uint64_t answered)
{
	struct smb_session *s = smb_session(x, st, answered);
	struct smb_session *first = smb_find(&st->sessions, (struct smb_key){asked, 0});
	if (s == NULL || first == NULL || first == s || answered == 0)
		return s;
	st->held -= s->ntlm.held;
	ntlm_free(&s->ntlm);
	s->ntlm = first->ntlm;
	first->ntlm = (struct ntlm){0};
	smb_session_drop(x, st, asked);
	return smb_find(&st->sessions, (struct smb_key){answered, 0});
}

struct smb_tree *smb_tree(struct parse *x, struct smb_state *st, struct smb_key id)
{
	struct smb_tree *t = smb_find(&st->trees, id);
	if (t != NULL)
		return t;
	if (st->trees.n == SMB_TREES_MAX) {
		x->counters->over_limit++;
		smb_tree_drop(st, ((const struct smb_tree *)smb_at(&st->trees, 0))->id);
	}
	t = list_add(st, &st->trees);
	if (t != NULL)
		t->id = id;
	return t;
}

struct smb_file *smb_file(struct parse *x, struct smb_state *st, struct smb_key id)
{
	struct smb_file *f = smb_find(&st->files, id);
	if (f != NULL)
		return f;
	if (st->files.n == SMB_FILES_MAX) {
		f = smb_at(&st->files, 0);
		x->counters->over_limit++;
		if (f->touched)
			smb_row_close(x, st, NULL, f, SMB_NO_STATUS);
		smb_file_drop(x, st, f->id);
	}
	f = list_add(st, &st->files);
	if (f == NULL)
		return NULL;
	f->id = id;
	f->modified = f->accessed = f->created = f->changed = MOMENT_NONE;
	return f;
}

/* Forget the oldest request; one that would have a row gets it, without a status. */
static void request_lost(struct parse *x, struct smb_state *st)
{
	struct smb_request *q = smb_at(&st->requests, 0);
	if (q->word != NULL) {
		struct smb_record r;
		smb_row(x, st, q, SMB_NO_STATUS, &r);
		parse_emit(x, RECORD_SMB, &r);
	}
	smb_request_done(st, q);
	list_drop(&st->requests, q);
}

struct smb_request *smb_request(struct parse *x, struct smb_state *st, struct smb_key id)
{
	struct smb_request *q = smb_find(&st->requests, id);
	if (q == NULL && st->requests.n == SMB_REQUESTS_MAX) {
		x->counters->over_limit++;
		request_lost(x, st);
	}
	if (q != NULL) { /* the same number again: the first will have no answer */
		smb_request_done(st, q);
		list_drop(&st->requests, q);
	}
	q = list_add(st, &st->requests);
	if (q == NULL)
		return NULL;
	q->id = id;
	parse_mark(x, q);
	return q;
}

bool smb_request_take(struct smb_state *st, struct smb_key id, struct smb_request *q)
{
	struct smb_request *at = smb_find(&st->requests, id);
	if (at == NULL)
		return false;
	*q = *at;
	list_drop(&st->requests, at);
	return true;
}

void smb_request_done(struct smb_state *st, struct smb_request *q)
{
	smb_keep(st, &q->name, (struct str){0});
	smb_keep(st, &q->other, (struct str){0});
}

void smb_tree_drop(struct smb_state *st, struct smb_key id)
{
	struct smb_tree *t = smb_find(&st->trees, id);
	if (t == NULL)
		return;
	tree_free(st, t);
	list_drop(&st->trees, t);
}

void smb_file_drop(struct parse *x, struct smb_state *st, struct smb_key id)
{
	struct smb_file *f = smb_find(&st->files, id);
	if (f == NULL)
		return;
	file_free(x, st, f);
	list_drop(&st->files, f);
}

void smb_session_drop(struct parse *x, struct smb_state *st, uint64_t id)
{
	struct smb_session *s = smb_find(&st->sessions, (struct smb_key){id, 0});
	if (s == NULL)
		return;
	ntlm_done(x, &s->ntlm, -1, "smb");
	session_free(st, s);
	list_drop(&st->sessions, s);
}

void smb_pipe(struct parse *x, struct smb_state *st, struct smb_file *f, bool answer,
    struct bytes b)
{
	struct dcerpc **rpc = f != NULL ? &f->rpc : &st->spare;
	if (b.bad || b.left == 0)
		return;
	if (*rpc == NULL) {
		if (!dcerpc_is(b))
			return;
		*rpc = dcerpc_new();
		if (*rpc == NULL)
			return;
		st->held += dcerpc_held(*rpc);
	}
	size_t before = dcerpc_held(*rpc);
	const char *pipe = f != NULL ? f->name : NULL;
	dcerpc_bytes(x, *rpc, answer, b, str_of(pipe));
	if (dcerpc_certain(*rpc))
		parse_service(x, "dce_rpc");
	st->held = st->held - before + dcerpc_held(*rpc);
}

void smb_row_tree(const struct smb_state *st, struct smb_key tree, struct smb_record *r)
{
	static const char *const shares[] = {NULL, "DISK", "PIPE", "PRINT"};
	const struct smb_tree *t = smb_find(&st->trees, tree);
	if (t == NULL)
		return;
	r->path = str_of(t->path);
	r->service = str_of(t->service);
	r->native_file_system = str_of(t->fs);
	r->share_type = str_of(shares[t->share]);
}

void smb_row(struct parse *x, struct smb_state *st, const struct smb_request *q,
    int64_t status, struct smb_record *r)
{
	record_clear(RECORD_SMB, r);
	parse_endpoints(x, r);
	parse_source(x, r);
	r->ts = x->ts;
	r->version = st->version == 1 ? STR("SMB1") : STR("SMB2");
	if (q != NULL) {
		r->ts = q->ts;
		r->command = str_of(q->word);
		r->name = str_of(q->name);
		r->prev_name = str_of(q->other);
		r->source = parse_source_name(x, q->source);
		r->source_offset = q->offset;
		smb_row_tree(st, q->tree, r);
		const struct smb_session *s =
		    smb_find(&st->sessions, (struct smb_key){q->session, 0});
		if (s != NULL)
			r->user = str_of(s->user);
	}
	r->dialect = smb_dialect(x, st);
	if (status >= SMB_DOS_STATUS)
		r->status =
		    smb_dos_error(x->scratch, (uint32_t)(status - SMB_DOS_STATUS));
	else if (status >= 0)
		r->status = smb_status(x->scratch, (uint32_t)status);
}

/* The columns of a file that is known. */
static void row_file(const struct smb_file *f, struct smb_record *r)
{
	r->size = (int64_t)size_min(f->size, INT64_MAX);
	r->modified = f->modified;
	r->accessed = f->accessed;
	r->created = f->created;
	r->changed = f->changed;
}

void smb_row_close(struct parse *x, struct smb_state *st, const struct smb_request *q,
    const struct smb_file *f, int64_t status)
{
	struct smb_record r;
	smb_row(x, st, q, status, &r);
	smb_row_tree(st, f->tree, &r);
	r.command = STR("close");
	r.name = str_of(f->name);
	r.size = (int64_t)size_min(f->size, INT64_MAX);
	r.read_bytes = f->read_bytes;
	r.write_bytes = f->write_bytes;
	parse_emit(x, RECORD_SMB, &r);
}

void smb_opened(struct smb_state *st, struct smb_file *f, const struct smb_request *q,
    struct bytes times)
{
	smb_keep(st, &f->name, str_of(q->name));
	f->tree = q->tree;
	f->created = smb_time(bytes_le64(&times));
	f->accessed = smb_time(bytes_le64(&times));
	f->modified = smb_time(bytes_le64(&times));
	f->changed = smb_time(bytes_le64(&times));
	f->doomed = (q->function & SMB_DELETE_ON_CLOSE) != 0;
	const struct smb_tree *t = smb_find(&st->trees, q->tree);
	f->pipe = t != NULL && t->share == SMB_SHARE_PIPE;
}

void smb_row_open(struct parse *x, struct smb_state *st, const struct smb_request *q,
    const struct smb_file *f, int64_t status)
{
	struct smb_record r;
	smb_row(x, st, q, status, &r);
	if ((q->function & SMB_DELETE_ON_CLOSE) != 0)
		r.function = STR("delete_on_close");
	if (f != NULL)
		row_file(f, &r);
	parse_emit(x, RECORD_SMB, &r);
}

void smb_row_change(
    struct parse *x, struct smb_state *st, const struct smb_request *q, int64_t status)
{
	struct smb_record r;
	smb_row(x, st, q, status, &r);
	struct smb_file *f = smb_find(&st->files, q->file);
	bool renamed = strcmp(q->word, "rename") == 0;
	if (f != NULL) { /* in a chain its name was not known when it was asked for */
		row_file(f, &r);
		if (r.name.p == NULL)
			r.name = str_of(f->name);
		if (renamed && r.prev_name.p == NULL)
			r.prev_name = str_of(f->name);
	}
	parse_emit(x, RECORD_SMB, &r);
	if (f != NULL && renamed && status == SMB_STATUS_OK)
		smb_keep(st, &f->name, str_of(q->name));
}

void smb_closed(struct parse *x, struct smb_state *st, const struct smb_request *q,
    struct smb_file *f, int64_t status)
{
	if (f->touched)
		smb_row_close(x, st, q, f, status);
	if (status != SMB_STATUS_OK)
		return;
	if (f->doomed) {
		struct smb_record r;
		smb_row(x, st, q, status, &r);
		smb_row_tree(st, f->tree, &r);
		row_file(f, &r);
		r.command = STR("delete");
		r.function = STR("delete_on_close");
		r.name = str_of(f->name);
		parse_emit(x, RECORD_SMB, &r);
	}
	smb_content_end(x, f, true);
	smb_file_drop(x, st, f->id);
}

void smb_token(
    struct parse *x, struct smb_state *st, struct smb_session *s, struct bytes blob)
{
	struct spnego token = spnego_read(blob);
	size_t before = s->ntlm.held;
	if (token.ntlm.left > 0)
		ntlm_token(x, &s->ntlm, token.ntlm, "smb");
	if (token.kerberos.left > 0)
		kerberos_inside(x, token.kerberos, "smb");
	st->held = st->held - before + s->ntlm.held;
}

void smb_session_set_up(struct parse *x, struct smb_state *st, struct smb_session *s,
    const struct smb_request *q, int64_t status, bool guest)
{
	struct str account = ntlm_account(x->scratch, &s->ntlm);
	if (account.p != NULL)
		smb_keep(st, &s->user, account);
	ntlm_done(x, &s->ntlm, status < 0 ? -1 : status == SMB_STATUS_OK, "smb");
	struct smb_record r;
	smb_row(x, st, q, status, &r);
	r.command = STR("session_setup");
	r.user = str_of(s->user);
	if (guest)
		r.function = STR("guest");
	parse_emit(x, RECORD_SMB, &r);
}

void smb_state_end(struct parse *x, struct smb_state *st)
{
	while (st->files.n > 0) {
		struct smb_file *f = smb_at(&st->files, 0);
		if (f->touched)
			smb_row_close(x, st, NULL, f, SMB_NO_STATUS);
		smb_file_drop(x, st, f->id);
	}
	while (st->requests.n > 0)
		request_lost(x, st);
	while (st->sessions.n > 0)
		smb_session_drop(
		    x, st, ((const struct smb_session *)smb_at(&st->sessions, 0))->id.a);
	while (st->trees.n > 0)
		smb_tree_drop(st, ((const struct smb_tree *)smb_at(&st->trees, 0))->id);
	rpc_free(x, st, &st->spare);
	smb_keep(st, &st->offered, (struct str){0});
	smb_keep(st, &st->dialect1, (struct str){0});
	free(st->sessions.v);
	free(st->trees.v);
	free(st->files.v);
	free(st->requests.v);
	for (int i = 0; i < 2; i++)
		buffer_free(&st->side[i].in);
}

struct moment smb_time(uint64_t filetime)
{
	if (filetime == 0 || filetime > INT64_MAX)
		return MOMENT_NONE;
	int64_t seconds = (int64_t)(filetime / FILETIME_SECOND) - FILETIME_TO_UNIX;
	return moment_from(seconds, (int64_t)(filetime % FILETIME_SECOND) * 100);
}

struct str smb_dialect(struct parse *x, const struct smb_state *st)
{
	if (st->dialect == 0)
		return str_of(st->dialect1);
	switch (st->dialect) {
	case 0x0202:
		return STR("2.0.2");
	case 0x0210:
		return STR("2.1");
	case 0x0300:
		return STR("3.0");
	case 0x0302:
		return STR("3.0.2");
	case 0x0311:
		return STR("3.1.1");
	case 0x02ff:
		return STR("2.???");
	default:
		return str_format(x->scratch, "0x%04x", (unsigned)st->dialect);
	}
}
