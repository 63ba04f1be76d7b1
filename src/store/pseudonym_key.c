/* SPDX-License-Identifier: Apache-2.0 */
/* The key's file and the facts of findings: what of pseudonyms needs files or JSON. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/pseudonym.h"
#include "sys/file.h"

#define KEY_HEAD       "dwell pseudonym key 1\n"
#define KEY_FILE_BYTES (sizeof(KEY_HEAD) - 1 + (size_t)2 * PSEUDONYM_KEY_BYTES + 1)
#define KEY_READ_BYTES 65536 /* of a file that may be a key */
#define KEY_MODE       0600
#define OTHERS_MODE    077 /* what nobody but the owner may do with it */

static int write_key(int d, const char *path, struct error *e)
{
	uint8_t key[PSEUDONYM_KEY_BYTES];
	char text[KEY_FILE_BYTES + 1] = KEY_HEAD, *o = text + sizeof(KEY_HEAD) - 1;
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return error_set(e, ERR_SYSTEM, "no random bytes for a key");
	for (size_t i = 0; i < sizeof(key); i++)
		o += snprintf(o, 3, "%02x", key[i]);
	*o = '\n';
	ssize_t n = write(d, text, KEY_FILE_BYTES);
	int why = errno;
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(text, sizeof(text));
	if (n != (ssize_t)KEY_FILE_BYTES || fsync(d) != 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(why));
	return 0;
}

int pseudonym_key_new(const char *path, struct error *e)
{
	int d = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, KEY_MODE);
	if (d < 0)
		return error_set(e, errno == EEXIST ? ERR_USAGE : ERR_SYSTEM,
		    "no key was made at %s: %s", path, strerror(errno));
	int result = write_key(d, path, e);
	if (close(d) != 0 && result == 0)
		result = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (result < 0)
		unlink(path);
	return result;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_key(const char *text, size_t n, uint8_t *key)
{
	size_t head = sizeof(KEY_HEAD) - 1;
	if (n != KEY_FILE_BYTES || memcmp(text, KEY_HEAD, head) != 0)
		return false;
	for (size_t i = 0; i < PSEUDONYM_KEY_BYTES; i++) {
		int high = hex_value(text[head + 2 * i]);
		int low = hex_value(text[head + 2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int pseudonym_key_read(
    const char *path, uint8_t key[static PSEUDONYM_KEY_BYTES], struct error *e)
{
	struct stat st;
	size_t n;
	if (stat(path, &st) == 0 && (st.st_mode & OTHERS_MODE) != 0)
		return error_set(e, ERR_USAGE,
		    "%s: others may read or change this key: chmod 600, or make a new "
		    "one",
		    path);
	char *text = file_read(path, KEY_READ_BYTES, &n, e);
	if (text == NULL)
		return -1;
	bool good = read_key(text, n, key);
	OPENSSL_cleanse(text, n);
	free(text);
	if (!good)
		return error_set(e, ERR_USAGE,
		    "%s is no key (dwell export --new-key FILE makes one)", path);
	return 0;
}

/* Whether it is a list of numbers. */
static bool all_numbers(const json_t *list)
{
	size_t i;
	const json_t *v;
	json_array_foreach(list, i, v)
	{
		if (!json_is_number(v))
			return false;
	}
	return json_is_array(list);
}

/* The key, which is dwell's own word, and the numbers. Texts come from the wire or from
 * people. */
static json_t *bare_fact(const json_t *fact)
{
	json_t *out = json_object();
	json_t *key = json_object_get(fact, "key"),
	       *values = json_object_get(fact, "values");
	if (json_is_string(key))
		json_object_set(out, "key", key);
	if (all_numbers(values))
		json_object_set(out, "values", values);
	return out;
}

struct str pseudonym_facts(struct pseudonym *p, struct str s, struct arena *a)
{
	(void)p;
	json_t *all = s.p != NULL ? json_loadb(s.p, s.n, 0, NULL) : NULL;
	json_t *bare = json_is_array(all) ? json_array() : NULL;
	for (size_t i = 0; bare != NULL && i < json_array_size(all); i++)
		json_array_append_new(bare, bare_fact(json_array_get(all, i)));
	char *text = bare != NULL ? json_dumps(bare, JSON_COMPACT) : NULL;
	struct str out = text != NULL ? str_copy(a, str_of(text)) : (struct str){0};
	free(text);
	json_decref(bare);
	json_decref(all);
	return out;
}
