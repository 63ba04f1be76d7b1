/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"
#include "proto/shared/asn1.h"
#include "proto/windows/ldap.h"

#define STARTTLS           "1.3.6.1.4.1.1466.20037"
#define AUTH_PLAIN         0x80
#define AUTH_SASL          0xa3
#define SICILY             0x89 /* package discovery, then 8a negotiate, 8b response */
#define EXT_NAME           0x80
#define SERVER_CREDENTIALS 0x87
#define SMALL_MAX          4 /* bytes of a message id */

struct word {
	int64_t value;
	const char *name;
};

// clang-format off
static const struct word codes[] = {
	{0, "success"}, {1, "operations error"}, {2, "protocol error"},
	{3, "time limit exceeded"}, {4, "size limit exceeded"}, {5, "compare false"},
	{6, "compare true"}, {7, "auth method not supported"}, {8, "stronger auth required"},
	{10, "referral"}, {11, "admin limit exceeded"},
	{12, "unavailable critical extension"}, {13, "confidentiality required"},
	{14, "SASL bind in progress"}, {16, "no such attribute"},
	{17, "undefined attribute type"}, {18, "inappropriate matching"},
	{19, "constraint violation"}, {20, "attribute or value exists"},
	{21, "invalid attribute syntax"}, {32, "no such object"}, {33, "alias problem"},
	{34, "invalid DN syntax"}, {36, "alias dereferencing problem"},
	{48, "inappropriate authentication"}, {49, "invalid credentials"},
	{50, "insufficient access rights"}, {51, "busy"}, {52, "unavailable"},
	{53, "unwilling to perform"}, {54, "loop detect"}, {64, "naming violation"},
	{65, "object class violation"}, {66, "not allowed on non leaf"},
	{67, "not allowed on RDN"}, {68, "entry already exists"},
	{69, "object class mods prohibited"}, {71, "affects multiple DSAs"}, {80, "other"},
};

static const struct word ops[] = {
	{LDAP_UNBIND, "unbind"}, {LDAP_SEARCH, "search"}, {LDAP_MODIFY, "modify"},
	{LDAP_ADD, "add"}, {LDAP_DELETE, "delete"}, {LDAP_MODIFY_DN, "modify DN"},
	{LDAP_COMPARE, "compare"}, {LDAP_ABANDON, "abandon"}, {LDAP_EXTENDED, "extended"},
};
// clang-format on

static const char *find(const struct word *v, size_t n, int64_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].value == value)
			return v[i].name;
	}
	return NULL;
}

struct str ldap_code(struct arena *a, int64_t code)
{
	const char *name = find(codes, sizeof(codes) / sizeof(codes[0]), code);
	return name != NULL ? str_of(name) : str_format(a, "%lld", (long long)code);
}

bool ldap_asks(unsigned op)
{
	return op == LDAP_BIND || find(ops, sizeof(ops) / sizeof(ops[0]), op) != NULL;
}

static bool is_op(unsigned op)
{
	return ldap_asks(op) || (op >= LDAP_BIND_ANSWER && op <= LDAP_COMPARE_ANSWER) ||
	       op == LDAP_REFERENCE || op == LDAP_EXTENDED_ANSWER ||
	       op == LDAP_INTERMEDIATE;
}

/* Tag and length of an element whose content may be cut off: the content that is there.
 */
static bool open_element(struct bytes *b, unsigned *tag, struct bytes *content)
{
	*tag = bytes_u8(b);
	size_t n = bytes_u8(b);
	if (n >= 0x80) {
		size_t count = n & 0x7f;
		if (count == 0 || count > 4)
			return false;
		n = 0;
		while (count-- > 0)
			n = n << 8 | bytes_u8(b);
	}
	if (b->bad)
		return false;
	*content = bytes_sub(b, size_min(n, b->left));
	return true;
}

bool ldap_head(struct bytes b, int64_t *id, unsigned *op, struct bytes *content)
{
	unsigned tag;
	struct bytes message;
	struct der number;
	if (!open_element(&b, &tag, &message) || tag != DER_SEQUENCE ||
	    !der_expect(&message, DER_INTEGER, &number) ||
	    number.content.left > SMALL_MAX)
		return false;
	*id = asn1_number(&number);
	return open_element(&message, op, content) && *id >= 0 && is_op(*op);
}

bool ldap_is(struct bytes b)
{
	int64_t id;
	unsigned op;
	struct bytes content;
	return ldap_head(b, &id, &op, &content);
}

static struct str take_text(struct arena *a, struct bytes *b)
{
	struct der e;
	if (!der_next(b, &e))
		return (struct str){0};
	return str_clean(a, e.content.pos, e.content.left);
}

static void read_bind(struct arena *a, struct bytes b, struct ldap_request *r)
{
	struct der e, credentials;
	r->opcode = "bind";
	if (!der_next(&b, &e))
		return;
	r->version = asn1_number(&e);
	r->object = take_text(a, &b);
	if (!der_next(&b, &e))
		return;
	if (e.tag == AUTH_PLAIN) {
		r->opcode = "bind simple";
		if (e.content.left > 0)
			r->argument = STR("REDACTED");
	} else if (e.tag == AUTH_SASL) {
		r->opcode = "bind SASL";
		r->argument = take_text(a, &e.content);
		if (der_next(&e.content, &credentials))
			r->token = credentials.content;
	} else if (e.tag >= SICILY && e.tag <= SICILY + 2) {
		r->opcode = "bind SASL";
		r->argument = STR("Sicily");
		r->token = e.content;
	}
}

/* Texts of a list, joined by '\n'. */
static struct str join_texts(struct arena *a, struct bytes b)
{
	struct str all = {0};
	for (int i = 0; i < LDAP_PARTS_MAX && b.left > 0; i++) {
		struct str one = take_text(a, &b);
		if (one.p == NULL)
			break;
		all = all.p == NULL
			  ? one
			  : str_format(a, "%.*s\n%.*s", STR_ARG(all), STR_ARG(one));
	}
	return all;
}

static void read_search(struct arena *a, struct bytes b, struct ldap_request *r)
{
	static const char *const scopes[] = {"base", "single", "tree", "subordinate"};
	static const char *const derefs[] = {
	    "never", "in searching", "finding base", "always"};
	struct der scope, deref, e;
	r->opcode = "search";
	r->base = take_text(a, &b);
	if (!der_next(&b, &scope) || !der_next(&b, &deref))
		return;
	int64_t n = asn1_number(&scope);
	r->scope = n >= 0 && n < 4 ? scopes[n] : NULL;
	n = asn1_number(&deref);
	r->deref = n >= 0 && n < 4 ? derefs[n] : NULL;
	for (int i = 0; i < 3; i++) { /* limits of size and time, types only */
		if (!der_next(&b, &e))
			return;
	}
	r->filter = ldap_filter(a, &b);
	if (der_expect(&b, DER_SEQUENCE, &e))
		r->attributes = join_texts(a, e.content);
}

/* Changes as Zeek writes them: replace(type=value,value). */
static struct str changes(struct arena *a, struct bytes list)
{
	static const char *const words[] = {"add", "delete", "replace", "increment"};
	struct der change, op, pair, value, values;
	struct str all = {0};
	for (int i = 0; i < LDAP_PARTS_MAX && der_next(&list, &change); i++) {
		if (!der_next(&change.content, &op) || !der_next(&change.content, &pair))
			break;
		int64_t n = asn1_number(&op);
		struct str text = take_text(a, &pair.content);
		if (!der_next(&pair.content, &values))
			break;
		const char *between = "=";
		for (int k = 0; k < LDAP_PARTS_MAX && der_next(&values.content, &value);
		     k++) {
			struct str v =
			    str_clean(a, value.content.pos, value.content.left);
			text = str_format(
			    a, "%.*s%s%.*s", STR_ARG(text), between, STR_ARG(v));
			between = ",";
		}
		all = str_format(a, "%.*s%s%s(%.*s)", STR_ARG(all),
		    all.p != NULL ? ", " : "", n >= 0 && n < 4 ? words[n] : "?",
		    STR_ARG(text));
	}
	return all;
}

static void read_extended(struct arena *a, struct bytes b, struct ldap_request *r)
{
	struct der e;
	if (!der_expect(&b, EXT_NAME, &e))
		return;
	r->object = str_clean(a, e.content.pos, e.content.left);
	r->starttls = str_equal(r->object, STR(STARTTLS));
}

void ldap_request_read(
    struct arena *a, unsigned op, struct bytes content, struct ldap_request *r)
{
	struct der e;
	*r = (struct ldap_request){.version = -1};
	r->opcode = find(ops, sizeof(ops) / sizeof(ops[0]), op);
	switch (op) {
	case LDAP_BIND:
		read_bind(a, content, r);
		break;
	case LDAP_SEARCH:
		read_search(a, content, r);
		break;
	case LDAP_MODIFY:
		r->object = take_text(a, &content);
		if (der_expect(&content, DER_SEQUENCE, &e))
			r->argument = changes(a, e.content);
		break;
	case LDAP_ADD:
	case LDAP_COMPARE:
		r->object = take_text(a, &content);
		break;
	case LDAP_MODIFY_DN:
		r->object = take_text(a, &content);
		r->argument = take_text(a, &content);
		break;
	case LDAP_DELETE:
		r->object = str_clean(a, content.pos, content.left);
		break;
	case LDAP_EXTENDED:
		read_extended(a, content, r);
		break;
	default:
		break;
	}
}

bool ldap_result_read(
    struct arena *a, unsigned op, struct bytes content, struct ldap_result *r)
{
	struct der e, matched;
	*r = (struct ldap_result){.code = -1};
	if (!der_next(&content, &e) || e.tag != ASN1_ENUMERATED)
		return false;
	r->code = asn1_number(&e);
	if (!der_next(&content, &matched))
		return true;
	r->diagnostic = take_text(a, &content);
	if (op != LDAP_BIND_ANSWER)
		return true;
	while (content.left > 0 && der_next(&content, &e)) {
		if (e.tag == SERVER_CREDENTIALS)
			r->token = e.content;
	}
	if (r->token.left == 0) /* Microsoft's own binds answer here */
		r->token = matched.content;
	return true;
}
