/* SPDX-License-Identifier: Apache-2.0 */
/* D(NAME, "what it finds"): every detector, in the order in which they run. No include guard. */
// clang-format off
D(clockwork, "peers that are contacted by a clock, from a second to three months, jitter included")
D(presence,  "connections that never end, and peers that are there hour after hour, day after day")
// clang-format on
