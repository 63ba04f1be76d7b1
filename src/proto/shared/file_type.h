/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is by its first bytes, as a MIME type. The names are those that Zeek
 * writes, which are libmagic's where that has one; what it does not tell apart by a
 * file's beginning is not told apart here.
 */
#ifndef DWELL_PROTO_FILE_TYPE_H
#define DWELL_PROTO_FILE_TYPE_H

#include "base/bytes.h"

/* The type of a file that begins like this; static, NULL when nothing is known of it. */
const char *file_type(struct bytes head);

#endif
