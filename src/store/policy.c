/* SPDX-License-Identifier: Apache-2.0 */
#include "store/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number without sign, and what follows it; false when there is none. */
static bool parse_number(const char *text, uint64_t *n, const char **rest)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18)
		return false;
	*n = strtoull(text, NULL, 10);
	*rest = text + digits;
	return true;
}

bool policy_parse_span(const char *text, unsigned *days)
{
	static const struct {
		char unit;
		unsigned days;
	} units[] = {{'d', 1}, {'w', 7}, {'m', 30}, {'y', 365}};
	uint64_t n;
	const char *rest;
	*days = 0;
	if (strcmp(text, "all") == 0)
		return true;
	if (!parse_number(text, &n, &rest) || strlen(rest) != 1 || n > POLICY_DAYS_MAX)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit != rest[0])
			continue;
		uint64_t all = n * units[i].days;
		*days = (unsigned)all;
		return all > 0 && all <= POLICY_DAYS_MAX;
	}
	return false;
}

bool policy_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	uint64_t n;
	const char *rest;
	*bytes = 0;
	if (strcmp(text, "all") == 0)
		return true;
	if (!parse_number(text, &n, &rest))
		return false;
	unsigned shift = 0;
	if (rest[0] != '\0') {
		const char *unit = strchr(units, rest[0]);
		if (unit == NULL)
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
		if (strcmp(rest + 1, "") != 0 && strcmp(rest + 1, "iB") != 0)
			return false;
	}
	if (n > UINT64_MAX >> shift)
		return false;
	*bytes = n << shift;
	return *bytes >= POLICY_DISK_MIN;
}

/* A name as it may stand in a rule. */
static bool parse_proto(const char *p, size_t n, char out[static POLICY_PROTO_MAX])
{
	if (n == 0 || n >= POLICY_PROTO_MAX)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

bool policy_parse_rule(const char *text, struct policy_rule *rule)
{
	char net[ADDR_TEXT_MAX + 5];
	const char *equals = strrchr(text, '=');
	const char *comma = strchr(text, ',');
	*rule = (struct policy_rule){0};
	if (equals == NULL || (comma != NULL && comma > equals))
		return false;
	size_t n = (size_t)((comma != NULL ? comma : equals) - text);
	if (n >= sizeof(net) || !policy_parse_span(equals + 1, &rule->days))
		return false;
	memcpy(net, text, n);
	net[n] = '\0';
	rule->everyone = strcmp(net, "*") == 0;
	if (!rule->everyone && !net_parse(net, &rule->net))
		return false;
	return comma == NULL ||
	       parse_proto(comma + 1, (size_t)(equals - comma - 1), rule->proto);
}

void policy_subject_text(
    const struct policy_rule *rule, char out[static POLICY_RULE_TEXT])
{
	char net[ADDR_TEXT_MAX + 5] = "*";
	if (!rule->everyone) {
		bool v4 = addr_is_v4(&rule->net.addr) && rule->net.bits >= 96;
		size_t n = addr_text(&rule->net.addr, net);
		snprintf(net + n, sizeof(net) - n, "/%u", rule->net.bits - (v4 ? 96 : 0));
	}
	snprintf(out, POLICY_RULE_TEXT, "%s%s%s", net, rule->proto[0] != '\0' ? "," : "",
	    rule->proto);
}

void policy_rule_text(const struct policy_rule *rule, char out[static POLICY_RULE_TEXT])
{
	policy_subject_text(rule, out);
	size_t n = strlen(out);
	snprintf(out + n, POLICY_RULE_TEXT - n, "=%ud", rule->days);
}

void policy_size_text(uint64_t bytes, char out[static POLICY_RULE_TEXT])
{
	static const char *const units[] = {"", "K", "M", "G", "T"};
	size_t unit = 0;
	while (unit < 4 && bytes > 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out, POLICY_RULE_TEXT, "%llu%s", (unsigned long long)bytes, units[unit]);
}

static bool same_subject(const struct policy_rule *a, const struct policy_rule *b)
{
	return a->everyone == b->everyone && strcmp(a->proto, b->proto) == 0 &&
	       (a->everyone || (a->net.bits == b->net.bits &&
				   addr_equal(&a->net.addr, &b->net.addr)));
}

bool policy_set(struct policy *p, const struct policy_rule *rule)
{
	size_t i = 0;
	while (i < p->n && !same_subject(&p->rules[i], rule))
		i++;
	if (rule->days == 0 && i < p->n) {
		p->n--;
		memmove(&p->rules[i], &p->rules[i + 1], (p->n - i) * sizeof(*rule));
	}
	if (rule->days == 0)
		return true;
	if (i == POLICY_RULES_MAX)
		return false;
	p->rules[i] = *rule;
	p->n += i == p->n;
	return true;
}

unsigned policy_conn_days(const struct policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->rules[i].everyone && p->rules[i].proto[0] == '\0')
			return p->rules[i].days;
	}
	return 0;
}

bool policy_is_empty(const struct policy *p)
{
	return p->n == 0 && p->disk == 0;
}
