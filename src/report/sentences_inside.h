/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: admin_path, discovery, relay (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_INSIDE_H
#define DWELL_REPORT_SENTENCES_INSIDE_H

// clang-format off
#define FACT_SENTENCES_INSIDE(X)

#define HEADLINES_INSIDE(H)
// clang-format on

#endif
