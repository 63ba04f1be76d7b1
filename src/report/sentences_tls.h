/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: tls_odd, odd_service (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_TLS_H
#define DWELL_REPORT_SENTENCES_TLS_H

// clang-format off
#define FACT_SENTENCES_TLS(X)

#define HEADLINES_TLS(H)
// clang-format on

#endif
