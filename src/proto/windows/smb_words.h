/* SPDX-License-Identifier: Apache-2.0 */
/* The names of SMB's numbers: NT status (MS-ERREF, 2.3), control codes (MS-FSCC, 2.3). */
#ifndef DWELL_PROTO_SMB_WORDS_H
#define DWELL_PROTO_SMB_WORDS_H

#include "base/arena.h"
#include "base/str.h"

/* The name of an NT status, without its STATUS_; else its number in hexadecimal, in the
 * arena. */
struct str smb_status(struct arena *a, uint32_t status);

/* The name of a file system control; else its number in hexadecimal, in the arena. */
struct str smb_fsctl(struct arena *a, uint32_t code);

/* An error of DOS: class in the lowest byte, code in the upper half. In the arena. */
struct str smb_dos_error(struct arena *a, uint32_t error);

/* The name of a subcommand of TRANSACTION2, or its number in hexadecimal. */
struct str smb_trans2(struct arena *a, unsigned code);

/* The name of a function of NT_TRANSACT, likewise. */
struct str smb_nt_transact(struct arena *a, unsigned code);

#endif
