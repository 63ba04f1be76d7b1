/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views that answer what people ask first, made of the roll-ups and of what people said:
 *
 *     hosts   our machines: since when, how busy, how much out and in
 *     peers   the machines of others that ours talked to
 *     names   every name that was seen
 *     mute    every mute, in force or not
 *
 * Like the views of tables they are made when a query first names them.
 */
#ifndef DWELL_STORE_DERIVED_H
#define DWELL_STORE_DERIVED_H

#include "base/error.h"
#include "store/store.h"
#include "store/views.h"

/* Add to wanted the views that the text needs through these. */
void derived_wanted(const char *sql, bool wanted[static VIEWS]);

/* Make those that the text names, of what is known now. Negative with *e set. */
int derived_make(struct store *s, const char *sql, struct error *e);

#endif
