/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers while they grow: a tally for each slot that something was found for, one for
 * each of its hosts, and the days on which each was active, as masks by month.
 */
#ifndef DWELL_ASK_ASK_ANSWER_H
#define DWELL_ASK_ASK_ANSWER_H

#include "ask/ask.h"
#include "base/arena.h"
#include "base/hash.h"

#define ASK_BYTES_MAX (160U << 20) /* what all answers together may take */

/* Days of one year: bit d-1 of a month's mask is day d. */
struct ask_year {
	int year;
	uint32_t mask[12];
	struct ask_year *next;
};

/* What one row of a roll-up says. */
struct ask_row {
	struct addr host;
	bool has_host;
	enum ask_how how;
	struct moment first, last;
	uint64_t connections, unanswered, shown, bytes_out, bytes_in, missed;
	bool coarse;
	struct ask_year days;              /* next is not used */
	struct str name, address, service; /* what went with it; absent: nothing */
};

struct ask_found_host {
	struct ask_host h;
	struct ask_year *years;
	uint32_t found; /* whose */
};

struct ask_found {
	struct ask_answer answer;
	struct ask_year *years;
	struct ask_with *with[3]; /* names, addresses, services; in the arena */
	size_t room[3];
	uint32_t with_last[3]; /* which of them came last */
	uint32_t *met;         /* of figures: hosts by number, some twice; in the arena */
	uint32_t met_n, met_room;
	uint32_t slot;
};

struct ask_book {
	struct arena arena;
	struct ask_found **found; /* owned array of what lives in the arena */
	size_t n, room;
	uint32_t *of_slot; /* 1 + index into found; 0: nothing; owned */
	size_t slots;
	struct ask_found_host *hosts; /* owned */
	size_t host_count, host_room;
	uint64_t *places; /* of hosts: a part of the hash, 1 + index; owned */
	bool figures;     /* hosts are told apart and counted only: */
	struct addr *met; /* by number; owned */
	size_t met_room;  /* host_count are there */
	uint32_t *marks;  /* by number: the round in which it was last met; owned */
	uint32_t round;
	struct ask_host *sorted; /* owned; what the answers point to */
	struct hash_key key;
	const struct net *home; /* borrowed */
	size_t homes;
};

/* An empty book for so many slots; b->figures stays as it is. Negative with *e set
 * without memory. */
int ask_book_init(struct ask_book *b, size_t slots, const struct net *home, size_t homes,
    struct error *e);

/* Whether the address is one of ours. */
bool ask_book_is_home(const struct ask_book *b, const struct addr *a);

/* Count the row for the slot. Negative with *e set. */
int ask_book_add(
    struct ask_book *b, uint32_t slot, const struct ask_row *row, struct error *e);

/* Count more days and hosts for the slot, of figures. Negative with *e set. */
int ask_book_more(struct ask_book *b, uint32_t slot, const struct ask_year *days,
    const struct addr *hosts, size_t n, struct error *e);

/* What goes with an answer. */
enum ask_with_kind {
	ASK_WITH_NAMES,
	ASK_WITH_ADDRESSES,
	ASK_WITH_SERVICES,
	ASK_WITH_KINDS
};

/* Note what went with an answer. Negative with *e set without memory. */
int ask_book_with(struct ask_book *b, struct ask_found *f, enum ask_with_kind which,
    struct str text, uint64_t connections, struct error *e);

/* What was found for the slot, begun when it is new; NULL with *e set without memory. */
struct ask_found *ask_book_found(struct ask_book *b, uint32_t slot, struct error *e);

/* The answer of a slot, or NULL: nothing was found. */
struct ask_found *ask_book_of(const struct ask_book *b, uint32_t slot);

/* Forget what was found for the slot (its hosts are forgotten by ask_book_finish). */
void ask_book_forget(struct ask_book *b, uint32_t slot);

/* Count what another book found, too, as if its rows came after those of b. Negative with
 * *e set. */
int ask_book_join(struct ask_book *b, const struct ask_book *other, struct error *e);

/* Put hosts and what went with an answer in order; nothing may be added afterwards. */
int ask_book_finish(struct ask_book *b, struct error *e);

/* Free what it owns. */
void ask_book_free(struct ask_book *b);

#endif
