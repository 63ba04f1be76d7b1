/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/classes.h"

#include <string.h>

static const struct {
	const char *name, *words;
} classes[] = {
#define C(CLASS, name, words) {name, words},
    ADMIN_CLASSES(C)
#undef C
};

static const struct {
	char proto;
	uint16_t port;
	enum admin_class class;
} ports[] = {
#define P(proto, port, CLASS) {proto, port, ADMIN_##CLASS},
    ADMIN_PORTS(P)
#undef P
};

const char *admin_name(enum admin_class c)
{
	return c < ADMIN_CLASS_COUNT ? classes[c].name : "";
}

/* The next of the words that commas join, taken off the list; false at its end. */
static bool next_word(struct str *list, struct str *word)
{
	if (list->n == 0)
		return false;
	const char *comma = memchr(list->p, ',', list->n);
	size_t n = comma != NULL ? (size_t)(comma - list->p) : list->n;
	*word = (struct str){list->p, n};
	n += comma != NULL;
	*list = (struct str){list->p + n, list->n - n};
	return true;
}

static bool has_word(struct str list, struct str word)
{
	struct str w;
	while (next_word(&list, &w)) {
		if (str_equal(w, word))
			return true;
	}
	return false;
}

enum admin_class admin_of_service(struct str service)
{
	for (int c = 0; c < ADMIN_CLASS_COUNT; c++) {
		struct str words = str_of(classes[c].words), w;
		while (next_word(&words, &w)) {
			if (has_word(service, w))
				return (enum admin_class)c;
		}
	}
	return ADMIN_CLASS_COUNT;
}

enum admin_class admin_of_port(struct str proto, uint16_t port)
{
	char letter = str_equal(proto, STR("tcp"))   ? 't'
		      : str_equal(proto, STR("udp")) ? 'u'
						     : '?';
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		if (ports[i].port == port && ports[i].proto == letter)
			return ports[i].class;
	}
	return ADMIN_CLASS_COUNT;
}
