/* SPDX-License-Identifier: Apache-2.0 */
#include "store/config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sys/file.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_secret(struct config *c, const json_t *secret)
{
	const char *hex = json_string_value(secret);
	if (hex == NULL || strlen(hex) != 2 * sizeof(c->secret))
		return -1;
	for (size_t i = 0; i < sizeof(c->secret); i++) {
		int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		c->secret[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int read_home(struct config *c, const json_t *home)
{
	size_t n = json_array_size(home);
	if (n > CONFIG_HOME_MAX)
		return -1;
	c->home = calloc(n + 1, sizeof(*c->home));
	if (c->home == NULL)
		return -1;
	for (; c->homes < n; c->homes++) {
		const char *text = json_string_value(json_array_get(home, c->homes));
		if (text == NULL || !net_parse(text, &c->home[c->homes]))
			return -1;
	}
	return 0;
}

static int read_policy(struct policy *p, const json_t *keep)
{
	const json_t *disk = json_object_get(keep, "disk"), *one;
	const json_t *rules = json_object_get(keep, "rules");
	size_t i;
	if (disk != NULL && (!json_is_string(disk) ||
				!policy_parse_size(json_string_value(disk), &p->disk)))
		return -1;
	if (rules != NULL && !json_is_array(rules))
		return -1;
	json_array_foreach(rules, i, one)
	{
		struct policy_rule rule;
		if (!json_is_string(one) ||
		    !policy_parse_rule(json_string_value(one), &rule) || rule.days == 0 ||
		    !policy_set(p, &rule))
			return -1;
	}
	return 0;
}

static int read_members(
    struct config *c, const json_t *root, const char *path, struct error *e)
{
	const json_t *format = json_object_get(root, "format");
	if (!json_is_integer(format) || json_integer_value(format) < 1)
		return error_set(e, ERR_MEMORY, "%s: no format version", path);
	if (json_integer_value(format) > CONFIG_FORMAT)
		return error_set(e, ERR_MEMORY,
		    "%s: written by a newer dwell (format %lld; this program knows up to "
		    "%d)",
		    path, (long long)json_integer_value(format), CONFIG_FORMAT);
	c->format = (int)json_integer_value(format);
	if (read_secret(c, json_object_get(root, "secret")) < 0)
		return error_set(
		    e, ERR_MEMORY, "%s: no secret of %d bytes", path, STORE_SECRET_BYTES);
	if (read_home(c, json_object_get(root, "home")) < 0)
		return error_set(e, ERR_MEMORY, "%s: home is no list of networks", path);
	const json_t *keep = json_object_get(root, "keep");
	if (keep != NULL && (!json_is_object(keep) || read_policy(&c->policy, keep) < 0))
		return error_set(
		    e, ERR_MEMORY, "%s: keep is no policy of retention", path);
	return 0;
}

int config_load(struct config *c, const char *path, struct error *e)
{
	*c = (struct config){0};
	size_t n;
	char *text = file_read(path, CONFIG_BYTES_MAX, &n, e);
	if (text == NULL)
		return -1;
	json_error_t why;
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	free(text);
	if (root == NULL)
		return error_set(
		    e, ERR_MEMORY, "%s: line %d: %s", path, why.line, why.text);
	int status = read_members(c, root, path, e);
	json_decref(root);
	if (status < 0)
		config_free(c);
	return status;
}

int config_new(struct config *c, struct error *e)
{
	*c = (struct config){0};
	if (getrandom(c->secret, sizeof(c->secret), 0) != (ssize_t)sizeof(c->secret))
		return error_set(
		    e, ERR_SYSTEM, "no random bytes for the memory's secret");
	c->format = CONFIG_FORMAT;
	return 0;
}

int config_set_home(struct config *c, const struct net *nets, size_t n, struct error *e)
{
	if (n > CONFIG_HOME_MAX)
		return error_set(
		    e, ERR_LIMIT, "more than %d home networks", CONFIG_HOME_MAX);
	struct net *copy = calloc(n + 1, sizeof(*copy));
	if (copy == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the home networks");
	if (n > 0)
		memcpy(copy, nets, n * sizeof(*copy));
	free(c->home);
	c->home = copy;
	c->homes = n;
	return 0;
}

static void write_policy(const struct policy *p, FILE *out)
{
	char text[POLICY_RULE_TEXT];
	fputs("\"keep\": {", out);
	if (p->disk > 0) {
		policy_size_text(p->disk, text);
		fprintf(out, "\"disk\": \"%s\", ", text);
	}
	fputs("\"rules\": [", out);
	for (size_t i = 0; i < p->n; i++) {
		policy_rule_text(&p->rules[i], text);
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", text);
	}
	fputs("]},\n", out);
}

/* Written by hand, since it is short and should stay readable: one member a line. */
static void write_members(const struct config *c, FILE *out)
{
	fprintf(out, "{\n\"format\": %d,\n\"home\": [", CONFIG_FORMAT);
	for (size_t i = 0; i < c->homes; i++) {
		char text[ADDR_TEXT_MAX];
		bool v4 = addr_is_v4(&c->home[i].addr) && c->home[i].bits >= 96;
		addr_text(&c->home[i].addr, text);
		fprintf(out, "%s\"%s/%u\"", i > 0 ? ", " : "", text,
		    c->home[i].bits - (v4 ? 96 : 0));
	}
	fputs("],\n", out);
	if (!policy_is_empty(&c->policy))
		write_policy(&c->policy, out);
	fputs("\"secret\": \"", out);
	for (size_t i = 0; i < sizeof(c->secret); i++)
		fprintf(out, "%02x", c->secret[i]);
	fputs("\"\n}\n", out);
}

int config_save(const struct config *c, const char *path, struct error *e)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to write %s", path);
	write_members(c, out);
	int status = fclose(out) == 0
			 ? file_replace(path, text, n, e)
			 : error_set(e, ERR_SYSTEM, "no memory to write %s", path);
	free(text);
	return status;
}

void config_free(struct config *c)
{
	free(c->home);
	*c = (struct config){0};
}
