/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/windows/ntlm.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/shared/utf16.h"

#define SIGNATURE        "NTLMSSP"
#define SIGNATURE_BYTES  8
#define NTLM_UNICODE     1u /* negotiate flag A */
#define NTLMV1_RESPONSE  24 /* bytes of its response; that of version 2 is longer */
#define NTLM_PAIRS_MAX   16 /* names of a server that are looked through */
#define NEGOTIATE_FLAGS  60 /* where they stand in an AUTHENTICATE */
#define CHALLENGE_TARGET 40 /* where the target information stands in a CHALLENGE */

enum { NTLM_NEGOTIATE = 1, NTLM_CHALLENGE = 2, NTLM_AUTHENTICATE = 3 };
enum { AV_END = 0, AV_NB_COMPUTER = 1, AV_DNS_COMPUTER = 3, AV_DNS_TREE = 5 };

bool ntlm_is(struct bytes token)
{
	return token.left >= SIGNATURE_BYTES + 4 &&
	       memcmp(token.pos, SIGNATURE, SIGNATURE_BYTES) == 0;
}

static void keep(struct ntlm *n, enum ntlm_name which, struct str text)
{
	if (n->name[which] != NULL) {
		n->held -= strlen(n->name[which]) + 1;
		free(n->name[which]);
		n->name[which] = NULL;
	}
	if (text.p == NULL || text.n == 0)
		return;
	size_t length = size_min(text.n, NTLM_NAME_MAX);
	while (length < text.n && length > 0 && ((uint8_t)text.p[length] & 0xc0) == 0x80)
		length--;
	n->name[which] = malloc(length + 1);
	if (n->name[which] == NULL)
		return;
	memcpy(n->name[which], text.p, length);
	n->name[which][length] = '\0';
	n->held += length + 1;
}

/* A new authentication begins: nothing of the one before is its own. */
static void forget_names(struct ntlm *n)
{
	for (int i = 0; i < NTLM_NAMES; i++)
		keep(n, (enum ntlm_name)i, (struct str){0});
	n->response = 0;
	n->anonymous = false;
}

/* The bytes that length, room and offset at that place of the token point to. */
static struct bytes field(struct bytes token, size_t at)
{
	struct bytes b = token;
	bytes_skip(&b, at);
	size_t n = bytes_le16(&b);
	bytes_skip(&b, 2);
	size_t offset = bytes_le32(&b);
	if (b.bad)
		return (struct bytes){.pos = token.pos, .bad = true};
	bytes_skip(&token, offset);
	return bytes_sub(&token, n);
}

static struct str text(struct parse *x, struct bytes b, bool unicode)
{
	return unicode ? utf16_text(x->scratch, b) : oem_text(x->scratch, b);
}

static void read_challenge(struct parse *x, struct ntlm *n, struct bytes token)
{
	struct bytes flags = token;
	bytes_skip(&flags, 20);
	bool unicode = (bytes_le32(&flags) & NTLM_UNICODE) != 0;
	n->challenged = true;
	struct bytes target = field(token, 12);
	if (flags.bad || target.bad)
		x->counters->malformed++;
	else
		x->counters->understood++;
	keep(n, NTLM_TARGET, text(x, target, unicode));
	struct bytes pairs = field(token, CHALLENGE_TARGET);
	for (int i = 0; i < NTLM_PAIRS_MAX && pairs.left >= 4; i++) {
		unsigned id = bytes_le16(&pairs);
		size_t length = bytes_le16(&pairs);
		struct bytes value = bytes_sub(&pairs, length);
		if (value.bad || id == AV_END)
			return;
		struct str name = utf16_text(x->scratch, value);
		if (id == AV_NB_COMPUTER)
			keep(n, NTLM_SERVER_NB, name);
		else if (id == AV_DNS_COMPUTER)
			keep(n, NTLM_SERVER_DNS, name);
		else if (id == AV_DNS_TREE)
			keep(n, NTLM_SERVER_TREE, name);
	}
}

static void read_authenticate(struct parse *x, struct ntlm *n, struct bytes token)
{
	struct bytes nt = field(token, 20);
	struct bytes domain = field(token, 28);
	struct bytes user = field(token, 36);
	struct bytes workstation = field(token, 44);
	struct bytes flags = token;
	bytes_skip(&flags, NEGOTIATE_FLAGS);
	bool unicode = flags.left < 4 || (bytes_le32(&flags) & NTLM_UNICODE) != 0;
	if (nt.bad || domain.bad || user.bad || workstation.bad)
		x->counters->malformed++;
	else
		x->counters->understood++;
	keep(n, NTLM_DOMAIN, text(x, domain, unicode));
	keep(n, NTLM_USER, text(x, user, unicode));
	keep(n, NTLM_WORKSTATION, text(x, workstation, unicode));
	n->response = 0;
	if (nt.left >= NTLMV1_RESPONSE)
		n->response = nt.left == NTLMV1_RESPONSE ? 1 : 2;
	n->anonymous = user.left == 0 && nt.left == 0;
	n->answered = true;
}

void ntlm_token(struct parse *x, struct ntlm *n, struct bytes token, const char *carrier)
{
	if (!ntlm_is(token))
		return;
	parse_service(x, "ntlm");
	unsigned type = load_le32(token.pos + SIGNATURE_BYTES);
	if (n->answered || (n->challenged && type != NTLM_AUTHENTICATE))
		ntlm_done(x, n, -1, carrier);
	if (!n->begun)
		forget_names(n);
	if (!n->begun || type == NTLM_NEGOTIATE) {
		n->begun = true;
		parse_mark(x, n);
	}
	if (type == NTLM_CHALLENGE)
		read_challenge(x, n, token);
	else if (type == NTLM_AUTHENTICATE)
		read_authenticate(x, n, token);
}

void ntlm_done(struct parse *x, struct ntlm *n, int success, const char *carrier)
{
	if (!n->answered && !n->challenged)
		return;
	struct ntlm_record r;
	record_clear(RECORD_NTLM, &r);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.ts = n->ts;
	r.source = parse_source_name(x, n->source);
	r.source_offset = n->offset;
	r.carrier = str_of(carrier);
	r.username = str_of(n->name[NTLM_USER]);
	r.hostname = str_of(n->name[NTLM_WORKSTATION]);
	r.domainname = str_of(n->name[NTLM_DOMAIN]);
	r.server_nb_computer_name = str_of(n->name[NTLM_SERVER_NB]);
	r.server_dns_computer_name = str_of(n->name[NTLM_SERVER_DNS]);
	r.server_tree_name = str_of(n->name[NTLM_SERVER_TREE]);
	r.target_name = str_of(n->name[NTLM_TARGET]);
	if (n->response > 0)
		r.version = n->response == 1 ? STR("NTLMv1") : STR("NTLMv2");
	r.success = (int8_t)success;
	parse_emit(x, RECORD_NTLM, &r);
	n->begun = n->answered = n->challenged = false;
}

struct str ntlm_account(struct arena *a, const struct ntlm *n)
{
	const char *user = n->name[NTLM_USER], *domain = n->name[NTLM_DOMAIN];
	if (user == NULL)
		return n->anonymous ? STR("anonymous") : (struct str){0};
	if (domain == NULL)
		return str_copy(a, str_of(user));
	return str_format(a, "%s\\%s", domain, user);
}

void ntlm_free(struct ntlm *n)
{
	for (int i = 0; i < NTLM_NAMES; i++)
		free(n->name[i]);
	*n = (struct ntlm){0};
}
