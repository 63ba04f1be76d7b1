/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks which industrial device for what: table ot summed up by asker, device,
 * protocol and function. Polling makes millions of rows and a handful of these.
 *
 *     ot rows → uses (function by function) → pairs (asker, device, protocol)
 *
 * A device without an IP address goes by its hardware address; where an address is needed
 * that is the link-local one made of it (RFC 4291, appendix A).
 */
#ifndef DWELL_DETECT_OT_USES_H
#define DWELL_DETECT_OT_USES_H

#include "base/arena.h"
#include "detect/context.h"

#define OT_USES_MAX  65536 /* of one memory; later ones by device are left out */
#define OT_TEXTS_MAX (16u << 20)

/* What a request does, as far as the rules need it. */
enum ot_weight {
	OT_PLAIN,  /* reads, sessions, what masters do when they start */
	OT_WRITE,  /* writes and commands */
	OT_HEAVY,  /* program, mode, firmware: R4 */
	OT_LOOKED, /* discovery */
};

struct ot_use {
	struct str asker, device, protocol, function, operation, proto;
	uint16_t port;
	int64_t first, last; /* µs since 1970 */
	uint64_t n, errors, out, in;
	enum ot_weight weight;
};

struct ot_pair {
	struct str asker, device, protocol, proto;
	uint16_t port;
	int64_t first, last;
	uint64_t n, errors, out, in;
	size_t from, to; /* its uses */
};

struct ot_uses {
	struct ot_use *v; /* owned; by device, asker, protocol, time and function */
	size_t n, room;
	struct ot_pair *pairs; /* owned; by device, asker and protocol */
	size_t pair_count;
	uint64_t dropped; /* because of OT_USES_MAX */
	struct arena texts;
};

/* Who asked whom, as columns of a query on ot. */
#define OT_ASKER                                                                         \
	"CASE WHEN from_src IS NOT FALSE THEN coalesce(src_ip, src_mac) "                \
	"ELSE coalesce(dst_ip, dst_mac) END"
#define OT_DEVICE                                                                        \
	"CASE WHEN from_src IS NOT FALSE THEN coalesce(dst_ip, dst_mac) "                \
	"ELSE coalesce(src_ip, src_mac) END"
#define OT_REFUSED "(status IS NOT NULL AND status <> 'ok')"

/* Whether the memory has rows of ot at all. Negative with *e set. */
int ot_any(struct store *s, bool *any, struct error *e);

/* Read them. Negative with *e set; ot_uses_free is due in every case. */
int ot_uses_read(struct ot_uses *u, struct store *s, struct error *e);
void ot_uses_free(struct ot_uses *u);

/* The pairs of a device: their number; *first is the first of them. */
size_t ot_device(const struct ot_uses *u, struct str device, size_t *first);

/* The address of an end, made of its hardware address where it has no other. False: it
 * has none. */
bool ot_addr(struct str end, struct addr *a);

/* Whether it names a group or everybody: nothing answers for it. */
bool ot_is_group(struct str end);

#endif
