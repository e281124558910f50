/* SPDX-License-Identifier: MIT */
/* Specifications of injections being read: what the files inject_parse.c, inject_place.c,
 * inject_trigger.c and inject_argument.c share. */
#ifndef SIM_INJECT_PARSE_H
#define SIM_INJECT_PARSE_H

#include "inject.h"

struct sim_parse {
    struct sim_injection out;
    const struct sim_inject_info *model;
    const struct sim_spec *spec;
    const struct isa_program *program;
    struct isa_diag *diag;
    uint32_t given; /* arguments */
    uint64_t range; /* units of the symbol or place that `at` names; 0: not named */
    uint64_t rng;
    bool has_trigger;
    bool counting;    /* nothing is drawn: what is open is counted, and one of all is taken */
    uint64_t index;   /* counting: which one; what is left of it */
    uint64_t choices; /* counting: so far; UINT64_MAX: that many or more */
};

/* inject_parse.c: one of 0 .. count - 1 for what the specification leaves open. */
uint64_t sim_parse_draw(struct sim_parse *p, uint64_t count);

/* inject_place.c */
struct sim_symbol_place {
    enum isa_memory memory;
    uint32_t unit;  /* bytes; in IRAM instructions; atomic: number of the bit */
    uint64_t units; /* from there to the end of the symbol; 0: not known */
};
/* SYMBOL or SYMBOL+UNITS. what: "label", "symbol". */
enum dpusim_status sim_parse_symbol(struct sim_parse *p, const char *key, const char *text,
                                    const char *what, struct sim_symbol_place *out);
enum dpusim_status sim_parse_site(struct sim_parse *p);
/* at=: a number, rN, zero, carry, or a symbol in the memory that the site is. */
enum dpusim_status sim_parse_place(struct sim_parse *p, const struct sim_spec_field *field,
                                   uint64_t *out);

/* inject_trigger.c */
enum dpusim_status sim_parse_trigger(struct sim_parse *p, enum sim_inject_trigger trigger,
                                     const struct sim_spec_field *field);
enum dpusim_status sim_settle_trigger(struct sim_parse *p);

/* inject_argument.c */
enum dpusim_status sim_parse_argument(struct sim_parse *p, enum sim_inject_argument argument,
                                      const struct sim_spec_field *field);
enum dpusim_status sim_settle_arguments(struct sim_parse *p);

#endif
