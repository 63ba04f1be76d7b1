/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: dns_tunnel, dns_odd (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_DNS_H
#define DWELL_REPORT_SENTENCES_DNS_H

// clang-format off
#define FACT_SENTENCES_DNS(X)

#define HEADLINES_DNS(H)
// clang-format on

#endif
