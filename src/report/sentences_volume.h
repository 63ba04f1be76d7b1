/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: upload (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_VOLUME_H
#define DWELL_REPORT_SENTENCES_VOLUME_H

// clang-format off
#define FACT_SENTENCES_VOLUME(X)

#define HEADLINES_VOLUME(H)
// clang-format on

#endif
