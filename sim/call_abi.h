/* SPDX-License-Identifier: MIT */
/* The device's calling convention, for calls from the host and functions of the host in the place
 * of such of a program. Documented: arguments in r0..r7, 64-bit ones in the pairs d0 d2 d4 d6 with
 * the high word in the even register, a register that was skipped is used later; others and
 * variable ones below the caller's frame; results in r0 or d0. Structures of any size by address,
 * results that are one in memory whose address is a first argument. */
#ifndef SIM_CALL_ABI_H
#define SIM_CALL_ABI_H

#include "state.h"

enum { SIM_FRAME_TOP_BYTES = 8 }; /* of a caller: its saved stack pointer and return address */

struct sim_signature {
    char result;
    char argument[SIM_MAX_ARGUMENTS];
    unsigned n, n_fixed; /* behind the dot they are variable */
};

enum dpusim_status sim_signature_parse(struct sim_signature *out, const char *text,
                                       struct isa_diag *diag);
/* The given one, or with text NULL that of debug information. */
enum dpusim_status sim_signature_of(struct sim_signature *out, const struct sim_dpu *dpu,
                                    const char *function, const char *text, struct isa_diag *diag);
enum dpusim_status sim_function_find(const struct sim_dpu *dpu, const char *name, uint32_t *pc,
                                     struct isa_diag *diag);
bool sim_is_wide(char letter); /* 64 bits */

/* Of one argument: a register (the first of a pair), or bytes below the stack pointer. */
struct sim_where {
    int reg; /* -1: on the stack */
    uint32_t below_bytes;
};
/* Returns the bytes on the stack, without the frame's top. */
uint32_t sim_place_arguments(const struct sim_signature *s,
                             struct sim_where where[SIM_MAX_ARGUMENTS]);
/* What a register or word of the stack holds for a value, and back. */
uint64_t sim_value_bits(char letter, union sim_value value);
union sim_value sim_value_of(char letter, uint64_t bits);
void sim_register_put(uint32_t *registers, int reg, char letter, uint64_t bits);
uint64_t sim_register_get(const uint32_t *registers, int reg, char letter);
void sim_arguments_write(struct sim_dpu *d, const struct sim_signature *s, uint32_t *registers,
                         const union sim_value *arguments);
void sim_arguments_read(struct sim_dpu *d, const struct sim_signature *s, const uint32_t *registers,
                        union sim_value *arguments);

#endif
