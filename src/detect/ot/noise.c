/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers that hold noise: a block that is read again and again, and of which several
 * words are drawn anew each time over a wide range, carries data, not a process. The
 * parser has tested it (anomaly register_noise); no past is needed for that. Simulators
 * that make their values up look the same, and encrypted or compressed data in registers
 * does.
 */
#include <math.h>

#include "detect/detail.h"
#include "detect/ot/changes.h"

static const char sql[] =
    "SELECT src_ip, dst_ip, dst_port, proto, ts, detail FROM anomaly "
    "WHERE kind = 'register_noise' ORDER BY ts, src_ip, dst_ip, src_port, detail";

static bool told(const struct ot_change *c)
{
	return finding_has(&c->v.finding, FACT_KEY_REGISTER_NOISE);
}

static void read_row(struct ot_work *w, const struct store_rows *r)
{
	struct str detail = store_text(r, 5);
	int64_t ts = moment_us(store_time(r, 4));
	double readings = (double)detail_number(detail, "readings", 0);
	double words = (double)detail_number(detail, "words", 0);
	struct ot_pair p = {.asker = str_copy(&w->texts, store_text(r, 0)),
	    .device = str_copy(&w->texts, store_text(r, 1)),
	    .protocol = STR("modbus"),
	    .proto = str_copy(&w->texts, store_text(r, 3)),
	    .port = (uint16_t)store_uint(r, 2),
	    .first = ts,
	    .last = ts,
	    .n = (uint64_t)fmax(0, readings)};
	struct ot_change *c = ot_changed(w, &p, OT_NOISE, ts);
	if (c == NULL || told(c))
		return;
	finding_add_fact(&c->v.finding, FACT_KEY_REGISTER_NOISE, words,
	    (double)detail_number(detail, "followed", 0), readings);
	finding_add_text_fact(&c->v.finding, FACT_KEY_NOISE_PLACE,
	    str_format(&w->texts, "unit %d, %d + %d",
		(int)detail_number(detail, "unit", 0),
		(int)detail_number(detail, "address", 0),
		(int)detail_number(detail, "count", 0)));
}

int ot_rules_of_noise(struct ot_work *w, struct error *e)
{
	struct store_rows *r = store_query(w->d->source->store, sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_row(w, r);
	return store_rows_end(r, e);
}
