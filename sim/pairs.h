/* SPDX-License-Identifier: MIT */
/* Pairs of neighbouring instructions that the straight flow executes in one go: every first with
 * every second. Chosen like hot.def, by how often forms stand next to each other. Included by
 * engine.c only. */
#ifndef SIM_PAIRS_H
#define SIM_PAIRS_H

/* X(form): instructions that never jump and never leave the engine. */
#define PAIR_FIRST(X)                                                                              \
    X(ADD_RRI)                                                                                     \
    X(ADD_RRR)                                                                                     \
    X(ADDC_RRR)                                                                                    \
    X(SUB_RRR)                                                                                     \
    X(OR_RRI)                                                                                      \
    X(OR_RRIF)                                                                                     \
    X(AND_RRI)                                                                                     \
    X(XOR_RRR)                                                                                     \
    X(LSL_RRI)                                                                                     \
    X(LSR_RRI)                                                                                     \
    X(LSL_ADD_RRRI)                                                                                \
    X(LW_ERRI)                                                                                     \
    X(LD_ERRI)                                                                                     \
    X(LBU_ERRI)                                                                                    \
    X(SW_ERIR)                                                                                     \
    X(SD_ERIR)                                                                                     \
    X(SB_ERIR)

/* X(first, form, condition) */
#define PAIR_SECOND(X, first)                                                                      \
    X(first, ADD_RRI, ANY)                                                                         \
    X(first, ADD_RRR, ANY)                                                                         \
    X(first, ADDC_RRR, ANY)                                                                        \
    X(first, SUB_RRR, ANY)                                                                         \
    X(first, OR_RRI, ANY)                                                                          \
    X(first, OR_RRIF, ANY)                                                                         \
    X(first, OR_RRR, ANY)                                                                          \
    X(first, AND_RRI, ANY)                                                                         \
    X(first, AND_RRR, ANY)                                                                         \
    X(first, XOR_RRR, ANY)                                                                         \
    X(first, LSL_RRI, ANY)                                                                         \
    X(first, LSR_RRI, ANY)                                                                         \
    X(first, ASR_RRI, ANY)                                                                         \
    X(first, LSL_ADD_RRRI, ANY)                                                                    \
    X(first, LW_ERRI, ANY)                                                                         \
    X(first, LD_ERRI, ANY)                                                                         \
    X(first, LBU_ERRI, ANY)                                                                        \
    X(first, SW_ERIR, ANY)                                                                         \
    X(first, SD_ERIR, ANY)                                                                         \
    X(first, SB_ERIR, ANY)                                                                         \
    X(first, CALL_ZRI, ANY)                                                                        \
    X(first, SUB_ZRICI, Z)                                                                         \
    X(first, SUB_ZRICI, NZ)                                                                        \
    X(first, SUB_ZRICI, LTU)                                                                       \
    X(first, SUB_ZRICI, GEU)                                                                       \
    X(first, SUB_ZRICI, LEU)                                                                       \
    X(first, SUB_ZRICI, GTU)                                                                       \
    X(first, SUB_ZRICI, LTS)                                                                       \
    X(first, SUB_ZRICI, GTS)                                                                       \
    X(first, SUB_ZRRCI, Z)                                                                         \
    X(first, SUB_ZRRCI, NZ)                                                                        \
    X(first, SUB_ZRRCI, LTU)                                                                       \
    X(first, SUB_ZRRCI, GEU)                                                                       \
    X(first, SUB_ZRRCI, LEU)                                                                       \
    X(first, SUB_ZRRCI, GTU)                                                                       \
    X(first, SUB_ZRRCI, LTS)                                                                       \
    X(first, SUB_ZRRCI, GES)

#define PAIR_COUNT(first, form, condition) +1

#endif
