/* SPDX-License-Identifier: Apache-2.0 */
#include "store/suffix.h"

#include <libpsl.h>
#include <stdlib.h>

/* Copy a name that can be split to out, NUL-terminated; false for anything else. An empty
 * label (a leading, doubled or final dot) makes it no name. */
static bool copy_name(struct str name, char out[static SUFFIX_NAME_MAX + 1])
{
	struct addr ignored;
	if (name.n == 0 || name.n > SUFFIX_NAME_MAX || name.p[0] == '.' ||
	    name.p[name.n - 1] == '.' || memchr(name.p, '\0', name.n) != NULL ||
	    memmem(name.p, name.n, "..", 2) != NULL || str_addr(name, &ignored))
		return false;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return true;
}

/* The end of name that begins where part begins in its copy; absent for NULL. */
static struct str same_end(struct str name, const char *copy, const char *part)
{
	if (part == NULL)
		return (struct str){0};
	size_t at = (size_t)(part - copy);
	return (struct str){name.p + at, name.n - at};
}

struct str suffix_registered(struct str name)
{
	char copy[SUFFIX_NAME_MAX + 1];
	if (!copy_name(name, copy))
		return (struct str){0};
	return same_end(name, copy, psl_registrable_domain(psl_builtin(), copy));
}

_Static_assert(SUFFIX_NAME_MAX <= UINT8_MAX, "a domain's length has eight bits");

struct str suffix_remember(struct suffix_memo *memo, struct str name)
{
	if (name.n == 0 || name.n > SUFFIX_NAME_MAX)
		return (struct str){0};
	if (memo->v == NULL) {
		memo->key = hash_key_random();
		memo->v = calloc(SUFFIX_MEMO, sizeof(*memo->v));
	}
	if (memo->v == NULL)
		return suffix_registered(name);
	uint64_t hash = hash_bytes(&memo->key, name.p, name.n);
	uint64_t *at = &memo->v[hash >> 32 & (SUFFIX_MEMO - 1)];
	if (*at == 0 || (*at ^ hash) >> 8 != 0)
		*at = hash >> 8 << 8 | suffix_registered(name).n;
	size_t n = (uint8_t)*at;
	return n > 0 ? (struct str){name.p + name.n - n, n} : (struct str){0};
}

void suffix_memo_free(struct suffix_memo *memo)
{
	free(memo->v);
	*memo = (struct suffix_memo){0};
}

struct str suffix_public(struct str name)
{
	char copy[SUFFIX_NAME_MAX + 1];
	if (!copy_name(name, copy))
		return (struct str){0};
	const psl_ctx_t *list = psl_builtin();
	const char *part = psl_unregistrable_domain(list, copy);
	if (part != NULL &&
	    psl_is_public_suffix2(list, part, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 0)
		part = NULL;
	return same_end(name, copy, part);
}
