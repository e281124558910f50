/* SPDX-License-Identifier: MIT */
/* Pairs of neighbouring instructions that the straight flow executes in one go: every first with
 * every second. Chosen like hot.def, by how often forms
 * stand next to each other. Included by engine.c only. */
#ifndef SIM_PAIRS_H
#define SIM_PAIRS_H

/* X(form, condition): instructions that never leave the engine. */
#define PAIR_FIRST(X)                                                                              \
    X(ADD_RRI, ANY)                                                                                \
    X(ADD_RRR, ANY)                                                                                \
    X(ADDC_RRR, ANY)                                                                               \
    X(SUB_RRR, ANY)                                                                                \
    X(SUBC_RRR, ANY)                                                                               \
    X(SUB_ZRR, ANY)                                                                                \
    X(OR_RRI, ANY)                                                                                 \
    X(OR_RRIF, ANY)                                                                                \
    X(OR_RRR, ANY)                                                                                 \
    X(AND_RRI, ANY)                                                                                \
    X(XOR_RRR, ANY)                                                                                \
    X(LSL_RRI, ANY)                                                                                \
    X(LSR_RRI, ANY)                                                                                \
    X(ASR_RRI, ANY)                                                                                \
    X(LSLX_RRI, ANY)                                                                               \
    X(LSL_ADD_RRRI, ANY)                                                                           \
    X(LW_ERRI, ANY)                                                                                \
    X(LD_ERRI, ANY)                                                                                \
    X(LBU_ERRI, ANY)                                                                               \
    X(SW_ERIR, ANY)                                                                                \
    X(SD_ERIR, ANY)                                                                                \
    X(SB_ERIR, ANY)                                                                                \
    X(SUB_ZRICI, Z)                                                                                \
    X(SUB_ZRICI, NZ)                                                                               \
    X(SUB_ZRRCI, GTU)                                                                              \
    X(SUB_ZRRCI, LTU)                                                                              \
    X(SUB_ZRRCI, NZ)

/* X(first, condition of the first, form, condition) */
#define PAIR_SECOND(X, first, first_cond)                                                          \
    X(first, first_cond, ADD_RRI, ANY)                                                             \
    X(first, first_cond, ADD_RRR, ANY)                                                             \
    X(first, first_cond, ADDC_RRR, ANY)                                                            \
    X(first, first_cond, SUB_RRR, ANY)                                                             \
    X(first, first_cond, SUBC_RRR, ANY)                                                            \
    X(first, first_cond, SUB_ZRR, ANY)                                                             \
    X(first, first_cond, OR_RRI, ANY)                                                              \
    X(first, first_cond, OR_RRIF, ANY)                                                             \
    X(first, first_cond, OR_RRR, ANY)                                                              \
    X(first, first_cond, AND_RRI, ANY)                                                             \
    X(first, first_cond, AND_RRR, ANY)                                                             \
    X(first, first_cond, XOR_RRR, ANY)                                                             \
    X(first, first_cond, LSL_RRI, ANY)                                                             \
    X(first, first_cond, LSR_RRI, ANY)                                                             \
    X(first, first_cond, ASR_RRI, ANY)                                                             \
    X(first, first_cond, LSLX_RRI, ANY)                                                            \
    X(first, first_cond, LSL_ADD_RRRI, ANY)                                                        \
    X(first, first_cond, LW_ERRI, ANY)                                                             \
    X(first, first_cond, LD_ERRI, ANY)                                                             \
    X(first, first_cond, LBU_ERRI, ANY)                                                            \
    X(first, first_cond, SW_ERIR, ANY)                                                             \
    X(first, first_cond, SD_ERIR, ANY)                                                             \
    X(first, first_cond, SB_ERIR, ANY)                                                             \
    X(first, first_cond, CALL_ZRI, ANY)                                                            \
    X(first, first_cond, SUB_ZRICI, Z)                                                             \
    X(first, first_cond, SUB_ZRICI, NZ)                                                            \
    X(first, first_cond, SUB_ZRICI, LTU)                                                           \
    X(first, first_cond, SUB_ZRICI, GEU)                                                           \
    X(first, first_cond, SUB_ZRICI, LEU)                                                           \
    X(first, first_cond, SUB_ZRICI, GTU)                                                           \
    X(first, first_cond, SUB_ZRICI, LTS)                                                           \
    X(first, first_cond, SUB_ZRICI, GTS)                                                           \
    X(first, first_cond, SUB_ZRRCI, Z)                                                             \
    X(first, first_cond, SUB_ZRRCI, NZ)                                                            \
    X(first, first_cond, SUB_ZRRCI, LTU)                                                           \
    X(first, first_cond, SUB_ZRRCI, GEU)                                                           \
    X(first, first_cond, SUB_ZRRCI, LEU)                                                           \
    X(first, first_cond, SUB_ZRRCI, GTU)                                                           \
    X(first, first_cond, SUB_ZRRCI, LTS)                                                           \
    X(first, first_cond, SUB_ZRRCI, GES)                                                           \
    X(first, first_cond, SUBC_ZRRCI, LTU)                                                          \
    X(first, first_cond, SUBC_ZRRCI, GEU)                                                          \
    X(first, first_cond, SUBC_ZRRCI, XLEU)                                                         \
    X(first, first_cond, SUBC_ZRRCI, XGTU)                                                         \
    X(first, first_cond, ADD_RRICI, TRUE)                                                          \
    X(first, first_cond, ADD_RRICI, NZ)                                                            \
    X(first, first_cond, OR_RRICI, TRUE)

/* X(form, condition, shift of each step is one more than before, variant): steps on one pair. */
#define PAIR_LADDER(X)                                                                             \
    X(MUL_STEP_RRRICI, Z, true, ladder_product)                                                    \
    X(DIV_STEP_RRRICI, FALSE, false, ladder_division)

#define PAIR_COUNT(first, first_cond, form, cond) +1

#endif
