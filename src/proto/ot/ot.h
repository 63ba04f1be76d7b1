/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parsers of industrial protocols share: a message as they read it, and the
 * requests of a connection that wait for their answers.
 *
 *     request → ot_ask: held          answer → ot_answer: one row of both
 *     unasked → ot_tell: a row        close  → ot_end: what was never answered
 *
 * A request whose key is asked again was given up by who asked: it becomes a row without
 * an answer, so a lost answer never shifts those that follow.
 */
#ifndef DWELL_PROTO_OT_H
#define DWELL_PROTO_OT_H

#include "base/moment.h"
#include "proto/parser.h"

#define OT_PENDING_MAX 64 /* requests of a connection that wait for an answer */
#define OT_DETAIL_MAX  96 /* bytes of a detail, its NUL included; longer ones are cut */
#define OT_VALUE_MAX   32 /* bytes of a value, likewise */

// clang-format off
/* What a message does to the process, by the word in ot.operation. */
#define OT_OPERATIONS(O) \
	O(OTHER, "other") O(READ, "read") O(WRITE, "write") O(CONTROL, "control") \
	O(PROGRAM, "program") O(MODE, "mode") O(FILE, "file") O(TIME, "time") \
	O(DISCOVERY, "discovery") O(SESSION, "session") O(REPORT, "report") \
	O(DIAGNOSTIC, "diagnostic")

enum ot_operation {
#define O(OPERATION, word) OT_##OPERATION,
	OT_OPERATIONS(O)
#undef O
};
// clang-format on

/* A function, object or error of a protocol: its name, number and operation. */
struct ot_name {
	const char *name; /* static */
	unsigned code;
	enum ot_operation operation;
};

/* The entry of that code among n; NULL: none. */
const struct ot_name *ot_find(const struct ot_name *names, size_t n, unsigned code);

/* The name of that code among n, or other. */
const char *ot_word(
    const struct ot_name *names, size_t n, unsigned code, const char *other);

#define OT_FIND(names, code) ot_find((names), sizeof(names) / sizeof((names)[0]), (code))
#define OT_WORD(names, code, other)                                                      \
	ot_word((names), sizeof(names) / sizeof((names)[0]), (code), (other))

/* A message as a parser reads it. Names are static; numbers below 0 are absent. */
struct ot_message {
	const char *protocol;
	const char *function; /* NULL: "unknown-CODE" */
	const char *object;   /* NULL: absent */
	const char *status;   /* NULL: absent */
	int64_t id, unit, origin, code, address, count;
	int64_t digest; /* of the values it carries: ot_digest */
	enum ot_operation operation;
	uint64_t bytes;
	size_t value_n, detail_n;
	char value[OT_VALUE_MAX];   /* its one value: ot_value */
	char detail[OT_DETAIL_MAX]; /* bytes from the wire; cleaned when emitted */
};

/* A message of which nothing is known yet. */
struct ot_message ot_message(const char *protocol);

/* Take function, code and operation from the entry of that code among n. */
void ot_function(
    struct ot_message *m, const struct ot_name *names, size_t n, unsigned code);

#define OT_FUNCTION(m, names, code)                                                      \
	ot_function((m), (names), sizeof(names) / sizeof((names)[0]), (code))

/* Append formatted text to the detail. */
__attribute__((format(printf, 2, 3))) void ot_detail(
    struct ot_message *m, const char *format, ...);

/* Append n bytes from the wire to the detail. */
void ot_detail_bytes(struct ot_message *m, const void *p, size_t n);

/* The same as hexadecimal digits. */
void ot_detail_hex(struct ot_message *m, const uint8_t *p, size_t n);

/* Say the one value that the message carries, as formatted text. */
__attribute__((format(printf, 2, 3))) void ot_value(
    struct ot_message *m, const char *format, ...);

/* The same of the bits of a number of IEEE 754 with 32 bits. */
void ot_value_float(struct ot_message *m, uint32_t bits);

/* Take the values' bytes into the digest, after those that it has already; none: no
 * change. Times do not belong there: what comes again would then never be equal. */
void ot_digest(struct ot_message *m, struct bytes values);

struct ot_request;

/* The requests of a connection; part of a parser's state, zeroed at first. */
struct ot {
	struct ot_request *v; /* owned; oldest first */
	size_t n, room;
};

/* Hold a request of a side until its answer comes. Over OT_PENDING_MAX the oldest
 * becomes a row without an answer. */
void ot_ask(
    struct parse *x, struct ot *o, int side, uint64_t key, const struct ot_message *m);

/* An answer of a side: a row together with its request, of which what the answer alone
 * knows (status, and unit, object, address, count, digest, value where the request has
 * none; a value only of what asks for one) is taken over, and its detail is appended;
 * without a request, a row of its own. */
void ot_answer(
    struct parse *x, struct ot *o, int side, uint64_t key, const struct ot_message *m);

/* Whether such a request of the other side waits for an answer. */
bool ot_waits(const struct ot *o, int side, uint64_t key);

/* A row of a message of a side that needs no answer. */
void ot_tell(struct parse *x, int side, const struct ot_message *m);

/* Emit all that wait, and free. */
void ot_end(struct parse *x, struct ot *o);

/* Bytes that o owns. */
size_t ot_held(const struct ot *o);

#endif
