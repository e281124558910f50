/* SPDX-License-Identifier: MIT */
/* Conditions: one case per row of cond.def. Evaluated on the state before the flags are written.
 * Compilers reduce a constant condition to its test. */
#ifndef SIM_OPS_COND_H
#define SIM_OPS_COND_H

#include "ops_alu.h"

struct cond_in {
    struct alu alu;
    uint32_t src;    /* register in the ra position */
    uint32_t amount; /* full rb of a register shift; imm of an immediate one */
    uint32_t bytes;  /* ra | rb of the 8-bit multiplies */
    uint64_t zero;   /* ZF before is zero == 0 */
    uint32_t max;    /* of the counting operations */
};

/* With a carry-in (addc) believed: one source. */
SIM_INLINE bool no_carry(const struct alu *alu, unsigned bits)
{
    uint32_t mask = (1u << bits) - 1;
    return (alu->x & mask) + (alu->y & mask) + alu->cin <= mask;
}

SIM_INLINE bool cond_holds(enum isa_cond cond, const struct cond_in *in)
{
    const struct alu *alu = &in->alu;
    bool still_zero = alu->r == 0 && in->zero == 0; /* as wide as a carry chain reaches */
    /* clang-format off */
    switch (cond) {
    case ISA_COND_TRUE: return true;
    case ISA_COND_FALSE: return false;
    case ISA_COND_Z: return alu->r == 0;
    case ISA_COND_NZ: return alu->r != 0;
    case ISA_COND_XZ: return still_zero;
    case ISA_COND_XNZ: return !still_zero;
    case ISA_COND_PL: return alu->r >> 31 == 0;
    case ISA_COND_MI: return alu->r >> 31 == 1;
    case ISA_COND_SZ: return in->src == 0;
    case ISA_COND_SNZ: return in->src != 0;
    case ISA_COND_SPL: return in->src >> 31 == 0;
    case ISA_COND_SMI: return in->src >> 31 == 1;
    case ISA_COND_OV: return alu->v;
    case ISA_COND_NOV: return !alu->v;
    case ISA_COND_C: case ISA_COND_GEU: return alu->c;
    case ISA_COND_NC: case ISA_COND_LTU: return !alu->c;
    case ISA_COND_NC5: case ISA_COND_NC6: case ISA_COND_NC7: case ISA_COND_NC8: case ISA_COND_NC9:
    case ISA_COND_NC10: case ISA_COND_NC11: case ISA_COND_NC12: case ISA_COND_NC13:
    case ISA_COND_NC14:
        return no_carry(alu, 5 + (unsigned)cond - ISA_COND_NC5);
    case ISA_COND_LEU: return !alu->c || alu->r == 0;
    case ISA_COND_GTU: return alu->c && alu->r != 0;
    case ISA_COND_LTS: return alu->less;
    case ISA_COND_GES: return !alu->less;
    case ISA_COND_LES: return alu->r == 0 || alu->less;
    case ISA_COND_GTS: return alu->r != 0 && !alu->less;
    case ISA_COND_XLEU: return !alu->c || still_zero;
    case ISA_COND_XGTU: return alu->c && !still_zero;
    case ISA_COND_XLES: return alu->less || still_zero;
    case ISA_COND_XGTS: return !alu->less && !still_zero;
    case ISA_COND_E: return !(alu->r & 1);
    case ISA_COND_O: return alu->r & 1;
    case ISA_COND_SE: return !(in->src & 1);
    case ISA_COND_SO: return in->src & 1;
    case ISA_COND_SH32: return in->amount >> 5 & 1;
    case ISA_COND_NSH32: return !(in->amount >> 5 & 1);
    case ISA_COND_MAX: return alu->r == in->max;
    case ISA_COND_NMAX: return alu->r != in->max;
    case ISA_COND_SMALL: return !(in->bytes & 0xff00);
    case ISA_COND_LARGE: return in->bytes & 0xff00;
    case ISA_COND_COUNT: break;
    }
    /* clang-format on */
    return false;
}

#endif
