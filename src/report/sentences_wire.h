/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: covert_icmp, odd_packet, knock, implant, injection (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_WIRE_H
#define DWELL_REPORT_SENTENCES_WIRE_H

// clang-format off
#define FACT_SENTENCES_WIRE(X)

#define HEADLINES_WIRE(H)
// clang-format on

#endif
