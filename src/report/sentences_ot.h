/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: ot_change (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_OT_H
#define DWELL_REPORT_SENTENCES_OT_H

// clang-format off
#define FACT_SENTENCES_OT(X)

#define HEADLINES_OT(H)
// clang-format on

#endif
