/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask_answer.h"

#include <stdlib.h>

#include "ask/ask_match.h"
#include "base/size.h"

#define HOST_PLACES (1U << 19) /* more than twice ASK_HOSTS_MAX */

_Static_assert(HOST_PLACES > 2 * ASK_HOSTS_MAX, "hosts are found in a few steps");

static int no_memory(struct error *e)
{
	return error_set(e, ERR_LIMIT,
	    "the answers take more than %u MiB: ask for less at once",
	    ASK_BYTES_MAX >> 20);
}

int ask_book_init(struct ask_book *b, size_t slots, const struct net *home, size_t homes,
    struct error *e)
{
	*b = (struct ask_book){.slots = slots,
	    .key = hash_key_random(),
	    .home = home,
	    .homes = homes,
	    .figures = b->figures};
	arena_init(&b->arena, ASK_BYTES_MAX);
	b->of_slot = calloc(slots + 1, sizeof(*b->of_slot));
	b->places = calloc(HOST_PLACES, sizeof(*b->places));
	if (b->of_slot == NULL || b->places == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	return 0;
}

bool ask_book_is_home(const struct ask_book *b, const struct addr *a)
{
	for (size_t i = 0; i < b->homes; i++) {
		if (ask_net_holds(&b->home[i], a))
			return true;
	}
	return false;
}

struct ask_found *ask_book_of(const struct ask_book *b, uint32_t slot)
{
	return b->of_slot[slot] != 0 ? b->found[b->of_slot[slot] - 1] : NULL;
}

void ask_book_forget(struct ask_book *b, uint32_t slot)
{
	b->of_slot[slot] = 0;
}

static struct ask_tally empty_tally(void)
{
	return (struct ask_tally){.first = MOMENT_NONE, .last = MOMENT_NONE};
}

struct ask_found *ask_book_found(struct ask_book *b, uint32_t slot, struct error *e)
{
	if (b->of_slot[slot] != 0)
		return b->found[b->of_slot[slot] - 1];
	if (b->n == b->room) {
		size_t room = b->room == 0 ? 64 : b->room * 2;
		struct ask_found **v =
		    realloc(b->found, room * sizeof(struct ask_found *));
		if (v == NULL) {
			no_memory(e);
			return NULL;
		}
		b->found = v;
		b->room = room;
	}
	struct ask_found *f = arena_alloc(&b->arena, sizeof(*f));
	if (f == NULL) {
		no_memory(e);
		return NULL;
	}
	f->slot = slot;
	f->answer.state = ASK_YES;
	f->answer.t = empty_tally();
	b->found[b->n++] = f;
	b->of_slot[slot] = (uint32_t)b->n;
	return f;
}

/* ---- tallies ---- */

static void count(struct ask_tally *t, const struct ask_row *r)
{
	if (t->first.ns == MOMENT_NONE.ns || r->first.ns < t->first.ns)
		t->first = r->first;
	if (t->last.ns == MOMENT_NONE.ns || r->last.ns > t->last.ns)
		t->last = r->last;
	t->how |= 1U << r->how;
	t->connections += r->connections;
	t->unanswered += r->unanswered;
	t->shown += r->shown;
	t->bytes_out += r->bytes_out;
	t->bytes_in += r->bytes_in;
	t->missed += r->missed;
	t->coarse |= r->coarse;
}

static int count_days(struct ask_book *b, struct ask_year **years,
    const struct ask_year *days, struct error *e)
{
	struct ask_year *y = *years;
	while (y != NULL && y->year != days->year)
		y = y->next;
	if (y == NULL) {
		y = arena_alloc(&b->arena, sizeof(*y));
		if (y == NULL)
			return no_memory(e);
		y->year = days->year;
		y->next = *years;
		*years = y;
	}
	for (size_t i = 0; i < 12; i++)
		y->mask[i] |= days->mask[i];
	return 0;
}

static uint32_t total_days(const struct ask_year *years)
{
	uint32_t n = 0;
	for (const struct ask_year *y = years; y != NULL; y = y->next) {
		for (size_t i = 0; i < 12; i++)
			n += (uint32_t)__builtin_popcount(y->mask[i]);
	}
	return n;
}

/* ---- what went with it ---- */

static struct ask_with_list *with_list(struct ask_found *f, int which)
{
	return which == ASK_WITH_NAMES       ? &f->answer.names
	       : which == ASK_WITH_ADDRESSES ? &f->answer.addresses
					     : &f->answer.services;
}

/* Most answers have few of each, so the room doubles. */
static int grow_with(struct ask_book *b, struct ask_found *f, int which)
{
	size_t room = f->room[which] == 0 ? 4 : f->room[which] * 2;
	struct ask_with *v = arena_alloc(&b->arena, room * sizeof(*v));
	if (v == NULL)
		return -1;
	if (f->room[which] > 0)
		memcpy(v, f->with[which], f->room[which] * sizeof(*v));
	f->with[which] = v;
	f->room[which] = room;
	with_list(f, which)->v = v;
	return 0;
}

int ask_book_with(struct ask_book *b, struct ask_found *f, enum ask_with_kind which,
    struct str text, uint64_t connections, struct error *e)
{
	struct ask_with_list *list = with_list(f, which);
	if (text.p == NULL || text.n == 0)
		return 0;
	/* Rows of one name often follow each other. */
	size_t at = f->with_last[which];
	if (at >= list->n || !str_equal(f->with[which][at].text, text)) {
		for (at = 0; at < list->n; at++) {
			if (str_equal(f->with[which][at].text, text))
				break;
		}
	}
	if (at < list->n) {
		f->with_last[which] = (uint32_t)at;
		f->with[which][at].connections += connections;
		return 0;
	}
	if (list->n == ASK_WITH_MAX) {
		list->more++;
		return 0;
	}
	if (list->n == f->room[which] && grow_with(b, f, which) < 0)
		return no_memory(e);
	struct ask_with *v = f->with[which];
	v[list->n].text = str_copy(&b->arena, text);
	if (v[list->n].text.p == NULL)
		return no_memory(e);
	v[list->n++].connections = connections;
	return 0;
}

static int by_connections(const void *x, const void *y)
{
	const struct ask_with *a = x, *b = y;
	if (a->connections != b->connections)
		return a->connections > b->connections ? -1 : 1;
	return str_cmp(a->text, b->text);
}

/* ---- hosts ---- */

static int grow_hosts(struct ask_book *b, struct error *e)
{
	size_t room = b->host_room == 0 ? 256 : b->host_room * 2;
	struct ask_found_host *v = realloc(b->hosts, room * sizeof(*v));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	b->hosts = v;
	b->host_room = room;
	return 0;
}

/* The place of a host of an answer: where it is, or would be. Who sees whom comes from
 * outside, so the hash has a key. */
static uint64_t *host_place(
    struct ask_book *b, uint32_t found, const struct addr *a, uint32_t *tag)
{
	struct hash_key key = {b->key.k0 ^ found, b->key.k1};
	uint64_t h = hash_bytes(&key, a->b, sizeof(a->b));
	*tag = (uint32_t)(h >> 32);
	for (size_t i = h & (HOST_PLACES - 1);; i = (i + 1) & (HOST_PLACES - 1)) {
		uint64_t v = b->places[i];
		if (v == 0)
			return &b->places[i];
		const struct ask_found_host *it = &b->hosts[(uint32_t)v - 1];
		if (v >> 32 == *tag && it->found == found && addr_equal(&it->h.host, a))
			return &b->places[i];
	}
}

/* The entry of a host of an answer in *out; NULL when there is no room for it. */
static int host_of(struct ask_book *b, uint32_t found, const struct addr *a,
    struct ask_found_host **out, struct error *e)
{
	uint32_t tag;
	uint64_t *place = host_place(b, found, a, &tag);
	*out = *place != 0 ? &b->hosts[(uint32_t)*place - 1] : NULL;
	if (*out != NULL || b->host_count == ASK_HOSTS_MAX)
		return 0;
	if ((b->hosts == NULL || b->host_count == b->host_room) &&
	    (grow_hosts(b, e) < 0 || b->hosts == NULL))
		return -1;
	*out = &b->hosts[b->host_count++];
	**out = (struct ask_found_host){
	    .h = {*a, ask_book_is_home(b, a), empty_tally()},
	    .found = found,
	};
	*place = (uint64_t)tag << 32 | b->host_count;
	return 0;
}

/* ---- hosts of figures ---- */

static int grow_numbers(struct ask_book *b, struct error *e)
{
	size_t room = b->met_room == 0 ? 256 : b->met_room * 2;
	void *met = realloc(b->met, room * sizeof(*b->met));
	if (met == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	b->met = met;
	void *marks = realloc(b->marks, room * sizeof(*b->marks));
	if (marks == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	b->marks = marks;
	memset(b->marks + b->met_room, 0, (room - b->met_room) * sizeof(*b->marks));
	b->met_room = room;
	return 0;
}

/* The number of a host, which is new or not; UINT32_MAX: there is no room for it. Who
 * sees whom comes from outside, so the hash has a key. */
static int met_number(
    struct ask_book *b, const struct addr *a, uint32_t *number, struct error *e)
{
	uint64_t h = hash_bytes(&b->key, a->b, sizeof(a->b));
	size_t i = h & (HOST_PLACES - 1);
	for (; b->places[i] != 0; i = (i + 1) & (HOST_PLACES - 1)) {
		*number = (uint32_t)b->places[i] - 1;
		if (b->places[i] >> 32 == h >> 32 && addr_equal(&b->met[*number], a))
			return 0;
	}
	*number = UINT32_MAX;
	if (b->host_count == ASK_HOSTS_MAX)
		return 0;
	if (b->host_count == b->met_room && grow_numbers(b, e) < 0)
		return -1;
	*number = (uint32_t)b->host_count;
	b->met[b->host_count++] = *a;
	b->places[i] = h >> 32 << 32 | b->host_count;
	return 0;
}

/* A number once: each round marks those that it keeps. */
static void drop_repeated(struct ask_book *b, struct ask_found *f)
{
	uint32_t n = 0;
	if (++b->round == 0) {
		memset(b->marks, 0, b->met_room * sizeof(*b->marks));
		b->round = 1;
	}
	for (uint32_t i = 0; i < f->met_n; i++) {
		uint32_t number = f->met[i];
		if (b->marks[number] == b->round)
			continue;
		b->marks[number] = b->round;
		f->met[n++] = number;
	}
	f->met_n = n;
}

static int grow_met(struct ask_book *b, struct ask_found *f, struct error *e)
{
	if (f->met_n > 0)
		drop_repeated(b, f);
	if (f->met_n < f->met_room / 2)
		return 0;
	uint32_t room = f->met_room == 0 ? 4 : f->met_room * 2;
	uint32_t *v = arena_alloc(&b->arena, room * sizeof(*v));
	if (v == NULL)
		return no_memory(e);
	if (f->met_n > 0)
		memcpy(v, f->met, f->met_n * sizeof(*v));
	f->met = v;
	f->met_room = room;
	return 0;
}

static int note_met(
    struct ask_book *b, struct ask_found *f, const struct addr *a, struct error *e)
{
	uint32_t number;
	if (met_number(b, a, &number, e) < 0)
		return -1;
	if (number == UINT32_MAX) {
		f->answer.more_hosts++;
		return 0;
	}
	if (f->met_n > 0 && f->met[f->met_n - 1] == number)
		return 0;
	if (f->met_n == f->met_room && grow_met(b, f, e) < 0)
		return -1;
	f->met[f->met_n++] = number;
	return 0;
}

int ask_book_more(struct ask_book *b, uint32_t slot, const struct ask_year *days,
    const struct addr *hosts, size_t n, struct error *e)
{
	struct ask_found *f = ask_book_found(b, slot, e);
	if (f == NULL || (days != NULL && count_days(b, &f->years, days, e) < 0))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (note_met(b, f, &hosts[i], e) < 0)
			return -1;
	}
	return 0;
}

static int add_figures(
    struct ask_book *b, uint32_t slot, const struct ask_row *row, struct error *e)
{
	struct ask_found *f = ask_book_found(b, slot, e);
	if (f == NULL)
		return -1;
	count(&f->answer.t, row);
	return ask_book_more(b, slot, &row->days, &row->host, row->has_host ? 1 : 0, e);
}

/* ---- rows ---- */

int ask_book_add(
    struct ask_book *b, uint32_t slot, const struct ask_row *row, struct error *e)
{
	struct ask_found_host *h = NULL;
	if (b->figures)
		return add_figures(b, slot, row, e);
	struct ask_found *f = ask_book_found(b, slot, e);
	if (f == NULL || count_days(b, &f->years, &row->days, e) < 0 ||
	    ask_book_with(b, f, ASK_WITH_NAMES, row->name, row->connections, e) < 0 ||
	    ask_book_with(b, f, ASK_WITH_ADDRESSES, row->address, row->connections, e) <
		0 ||
	    ask_book_with(b, f, ASK_WITH_SERVICES, row->service, row->connections, e) < 0)
		return -1;
	count(&f->answer.t, row);
	if (!row->has_host)
		return 0;
	if (host_of(b, b->of_slot[slot] - 1, &row->host, &h, e) < 0)
		return -1;
	if (h == NULL) {
		f->answer.more_hosts++;
		return 0;
	}
	count(&h->h.t, row);
	return count_days(b, &h->years, &row->days, e);
}

/* ---- two books ---- */

static void join_tally(struct ask_tally *t, const struct ask_tally *other)
{
	if (t->first.ns == MOMENT_NONE.ns ||
	    (other->first.ns != MOMENT_NONE.ns && other->first.ns < t->first.ns))
		t->first = other->first;
	if (other->last.ns > t->last.ns)
		t->last = other->last;
	t->how |= other->how;
	t->connections += other->connections;
	t->unanswered += other->unanswered;
	t->shown += other->shown;
	t->bytes_out += other->bytes_out;
	t->bytes_in += other->bytes_in;
	t->missed += other->missed;
	t->coarse |= other->coarse;
}

static int join_years(struct ask_book *b, struct ask_year **years,
    const struct ask_year *other, struct error *e)
{
	for (; other != NULL; other = other->next) {
		if (count_days(b, years, other, e) < 0)
			return -1;
	}
	return 0;
}

static int join_found(struct ask_book *b, struct ask_found *other, struct error *e)
{
	struct ask_found *f = ask_book_found(b, other->slot, e);
	if (f == NULL || join_years(b, &f->years, other->years, e) < 0)
		return -1;
	join_tally(&f->answer.t, &other->answer.t);
	f->answer.more_hosts += other->answer.more_hosts;
	for (int w = ASK_WITH_NAMES; w < ASK_WITH_KINDS; w++) {
		const struct ask_with_list *list = with_list(other, w);
		with_list(f, w)->more += list->more;
		for (size_t i = 0; i < list->n; i++) {
			if (ask_book_with(b, f, (enum ask_with_kind)w, list->v[i].text,
				list->v[i].connections, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int join_met(struct ask_book *b, const struct ask_book *other, struct error *e)
{
	for (size_t i = 0; i < other->n; i++) {
		const struct ask_found *it = other->found[i];
		struct ask_found *f = ask_book_of(b, it->slot);
		for (uint32_t k = 0; f != NULL && k < it->met_n; k++) {
			if (note_met(b, f, &other->met[it->met[k]], e) < 0)
				return -1;
		}
	}
	return 0;
}

int ask_book_join(struct ask_book *b, const struct ask_book *other, struct error *e)
{
	for (size_t i = 0; i < other->n; i++) {
		if (join_found(b, other->found[i], e) < 0)
			return -1;
	}
	if (b->figures)
		return join_met(b, other, e);
	for (size_t i = 0; i < other->host_count; i++) {
		const struct ask_found_host *it = &other->hosts[i];
		struct ask_found *f = ask_book_of(b, other->found[it->found]->slot);
		struct ask_found_host *h = NULL;
		if (f == NULL) /* it was just joined */
			continue;
		if (host_of(b, b->of_slot[f->slot] - 1, &it->h.host, &h, e) < 0)
			return -1;
		if (h == NULL) {
			f->answer.more_hosts++;
			continue;
		}
		join_tally(&h->h.t, &it->h.t);
		if (join_years(b, &h->years, it->years, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the end ---- */

static int by_first(const void *x, const void *y)
{
	const struct ask_host *a = x, *b = y;
	if (a->t.first.ns != b->t.first.ns)
		return a->t.first.ns < b->t.first.ns ? -1 : 1;
	return addr_cmp(&a->host, &b->host);
}

/* Lay the hosts of each answer side by side, by their first moment. */
static void sort_hosts(struct ask_book *b)
{
	size_t from = 0;
	for (size_t i = 0; i < b->host_count; i++)
		b->found[b->hosts[i].found]->answer.host_count++;
	for (size_t i = 0; i < b->n; i++) {
		struct ask_answer *a = &b->found[i]->answer;
		a->hosts = b->sorted + from;
		from += a->host_count;
		a->host_count = 0;
	}
	for (size_t i = 0; i < b->host_count; i++) {
		const struct ask_found_host *it = &b->hosts[i];
		struct ask_answer *a = &b->found[it->found]->answer;
		struct ask_host *to = b->sorted + (a->hosts - b->sorted);
		to[a->host_count] = it->h;
		to[a->host_count++].t.days = total_days(it->years);
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct ask_answer *a = &b->found[i]->answer;
		if (a->host_count > 1)
			qsort(b->sorted + (a->hosts - b->sorted), a->host_count,
			    sizeof(*b->sorted), by_first);
	}
}

static void count_met(struct ask_book *b)
{
	for (size_t i = 0; i < b->n; i++) {
		drop_repeated(b, b->found[i]);
		b->found[i]->answer.host_count = b->found[i]->met_n;
	}
}

int ask_book_finish(struct ask_book *b, struct error *e)
{
	b->sorted = calloc(b->host_count + 1, sizeof(*b->sorted));
	if (b->sorted == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	if (b->figures)
		count_met(b);
	else
		sort_hosts(b);
	for (size_t i = 0; i < b->n; i++) {
		struct ask_found *f = b->found[i];
		f->answer.t.days = total_days(f->years);
		for (int w = ASK_WITH_NAMES; w <= ASK_WITH_SERVICES; w++) {
			if (with_list(f, w)->n > 1)
				qsort(f->with[w], with_list(f, w)->n,
				    sizeof(struct ask_with), by_connections);
		}
	}
	return 0;
}

void ask_book_free(struct ask_book *b)
{
	arena_fini(&b->arena);
	free(b->found);
	free(b->of_slot);
	free(b->hosts);
	free(b->places);
	free(b->met);
	free(b->marks);
	free(b->sorted);
	*b = (struct ask_book){0};
}
