/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knocks: a machine that does something new because somebody outside touched it (T1205).
 * No signature is needed for that; it shows in connections, so logs suffice. The parts
 * are in files of their own: calls back (callback.c, callback_elsewhere.c), doors
 * (doors.c), services that are not themselves (hijack.c), devices that act on their own
 * (device.c).
 */
#include "detect/wire/knock.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXTS_MAX (1u << 20)

struct suspect *knock_suspect(struct knock *k, const struct wire_pair *p, uint16_t port,
    struct str proto, double score)
{
	char text[ADDR_TEXT_MAX];
	struct str peer = {text, addr_text(&p->peer, text)};
	for (size_t i = 0; i < k->found.n; i++) {
		const struct finding *f = &k->found.v[i].finding;
		if (addr_equal(&f->host, &p->host) && f->peer_port == port &&
		    str_equal(f->peer, peer) && str_equal(f->proto, proto))
			return NULL;
	}
	if (k->found.n == KNOCK_SUSPECTS_MAX) {
		k->dropped++;
		return NULL;
	}
	struct suspect *v = wire_suspect(&k->found, p, port, proto, score);
	if (v == NULL)
		k->no_memory = true;
	return v;
}

#define ROW_MAX 128 /* bytes of a row as SQL */

bool knock_rows_add(struct knock_rows *l, struct str first, struct str second)
{
	if (first.n + second.n + 20 > ROW_MAX)
		return true;
	if (l->room - l->n < ROW_MAX) {
		size_t room = l->room == 0 ? 16 * (size_t)ROW_MAX : 2 * l->room;
		char *text = realloc(l->text, room);
		if (text == NULL)
			return false;
		l->text = text;
		l->room = room;
	}
	l->n += (size_t)snprintf(l->text + l->n, ROW_MAX, "%s('%.*s', '%.*s')",
	    l->count++ > 0 ? ", " : "VALUES ", STR_ARG(first), STR_ARG(second));
	return true;
}

static int run(const struct detection *d, struct error *e)
{
	static int (*const parts[])(struct knock * k, struct error * e) = {
	    knock_callbacks, knock_elsewhere, knock_doors, knock_hijacks, knock_devices};
	struct knock k = {.d = d};
	suspects_init(&k.found);
	arena_init(&k.texts, TEXTS_MAX);
	int result = 0;
	for (size_t i = 0; result == 0 && i < sizeof(parts) / sizeof(*parts); i++)
		result = parts[i](&k, e);
	if (result == 0 && k.no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = wire_emit(d, &k.found, "knock", e);
	arena_fini(&k.texts);
	suspects_fini(&k.found);
	return result;
}

static const struct detector_state state[] = {
    {"findings", sizeof(struct knock), KNOCK_SUSPECTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_knock = {"knock",
    "machines that call back, open doors, or start to talk after somebody touched them",
    run, state};
