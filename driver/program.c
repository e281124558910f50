/* SPDX-License-Identifier: MIT */
/* Programs as the host sees them: the symbols that it may name, references, and the program common
 * to a set. Which symbols are visible: documented (host library of SDK 2024.2). */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum { ABSENT = -1 };

/* ---- visible symbols ------------------------------------------------------------------------- */

static bool in_section(const struct isa_symbol *symbol, const char *section)
{
    return strcmp(symbol->section, section) == 0;
}

/* Every symbol of a section but those of WRAM that are not __host. */
static bool is_visible(const struct isa_symbol *symbol)
{
    if (!symbol->defined || symbol->absolute || !*symbol->name || symbol->type == ISA_SYMBOL_FILE)
        return false;
    return strncmp(symbol->section, ".data", 5) != 0 || in_section(symbol, ".data.__sys_host");
}

static uint32_t visible_size(const struct isa_symbol *symbol, uint32_t mram_bytes)
{
    if (strcmp(symbol->name, DPU_MRAM_HEAP_POINTER_NAME) == 0)
        return mram_bytes - (symbol->value & (ISA_MRAM_BASE - 1));
    return symbol->size_bytes;
}

/* List of the chosen symbols, their names in one block behind the entries. */
static dpu_elf_symbols_t *collect(const struct isa_program *isa, bool profiling,
                                  uint32_t mram_bytes)
{
    size_t names_bytes = 1;
    for (size_t i = 0; i < isa->n_symbols; i++)
        names_bytes += strlen(isa->symbols[i].name) + 1;
    dpu_elf_symbols_t *list = calloc(1, sizeof *list);
    if (list)
        list->map = malloc(isa->n_symbols * sizeof *list->map + names_bytes);
    if (!list || !list->map) {
        free(list);
        return NULL;
    }
    char *names = (char *)(list->map + isa->n_symbols);
    for (size_t i = 0; i < isa->n_symbols; i++) {
        const struct isa_symbol *symbol = &isa->symbols[i];
        if (profiling ? !symbol->defined || !in_section(symbol, ".data.__sys_profiling")
                      : !is_visible(symbol))
            continue;
        list->map[list->nr_symbols++] =
            (dpu_elf_symbol_t){.name = strcpy(names, symbol->name),
                               .value = symbol->value,
                               .size = visible_size(symbol, mram_bytes)};
        names += strlen(names) + 1;
    }
    return list;
}

static void free_symbols(dpu_elf_symbols_t *list)
{
    if (list)
        free(list->map);
    free(list);
}

static void clear(struct dpu_program_t *program)
{
    free_symbols(program->symbols);
    free_symbols(program->profiling_symbols);
    free(program->program_path);
    program->symbols = program->profiling_symbols = NULL;
    program->program_path = NULL;
}

static int32_t address_of(const struct isa_program *isa, const char *name, int32_t offset)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(isa, name);
    return symbol ? (int32_t)symbol->value + offset : ABSENT;
}

dpu_error_t drv_program_fill(struct dpu_program_t *program, const struct isa_program *isa,
                             uint32_t mram_bytes)
{
    const struct isa_symbol *buffer = isa_program_find_symbol(isa, "__stdout_buffer");
    *program = (struct dpu_program_t){
        .nr_threads_enabled = (uint8_t)isa->nr_tasklets,
        .printf_buffer_address = address_of(isa, "__stdout_buffer", 0),
        .printf_buffer_size = buffer ? (int32_t)buffer->size_bytes : ABSENT,
        .printf_write_pointer_address = address_of(isa, "__stdout_buffer_state", 0),
        .printf_buffer_has_wrapped_address = address_of(isa, "__stdout_buffer_state", 4),
        .mcount_address = address_of(isa, "mcount", 0),
        .ret_mcount_address = address_of(isa, "ret_mcount", 0),
        .thread_profiling_address = address_of(isa, "thread_profiling", 0),
        .perfcounter_end_value_address = address_of(isa, "perfcounter_end_value", 0),
        .open_print_sequence_addr = address_of(isa, "__open_print_sequence", 0),
        .close_print_sequence_addr = address_of(isa, "__close_print_sequence", 0),
        .symbols = collect(isa, false, mram_bytes),
        .profiling_symbols = collect(isa, true, mram_bytes),
        .program_path = strdup(isa->name)};
    if (program->perfcounter_end_value_address == ABSENT)
        program->perfcounter_end_value_address = 0;
    if (program->symbols && program->profiling_symbols && program->program_path)
        return DPU_OK;
    clear(program);
    return drv_fail(DPU_ERR_SYSTEM, "program %s: out of memory", isa->name);
}

/* ---- references ------------------------------------------------------------------------------ */

void dpu_init_program_ref(struct dpu_program_t *program)
{
    program->reference_count = 0;
}

void dpu_take_program_ref(struct dpu_program_t *program)
{
    __atomic_add_fetch(&program->reference_count, 1, __ATOMIC_RELAXED);
}

void dpu_free_program(struct dpu_program_t *program)
{
    if (program && __atomic_sub_fetch(&program->reference_count, 1, __ATOMIC_ACQ_REL) <= 0)
        clear(program);
}

struct dpu_program_t *dpu_get_program(struct dpu_t *dpu)
{
    return dpu->program;
}

void dpu_set_program(struct dpu_t *dpu, struct dpu_program_t *program)
{
    dpu->program = program;
}

/* ---- the programs of a set ------------------------------------------------------------------- */

/* Free the structs that nothing refers to any more (all: every one). */
void drv_programs_sweep(struct drv_set *set, bool all)
{
    for (struct drv_program **at = &set->programs; *at;) {
        struct drv_program *program = *at;
        if (!all && program->public_program.reference_count > 0) {
            at = &program->next;
            continue;
        }
        *at = program->next;
        clear(&program->public_program);
        isa_program_destroy(program->isa);
        free(program);
    }
}

/* The handle that the caller got stays valid for as many further loads. */
static void remember(struct drv_set *set, struct dpu_program_t *program)
{
    unsigned slot = set->n_recent++ % (sizeof set->recent / sizeof *set->recent);
    dpu_free_program(set->recent[slot]);
    set->recent[slot] = program;
    dpu_take_program_ref(program);
}

void drv_program_release(struct drv_set *set, struct dpu_program_t *program)
{
    pthread_mutex_lock(&set->programs_lock);
    dpu_free_program(program);
    pthread_mutex_unlock(&set->programs_lock);
}

dpu_error_t drv_program_create(struct drv_program **out, struct drv_set *set,
                               struct isa_program *isa)
{
    struct drv_program *program = calloc(1, sizeof *program);
    if (!program)
        return drv_fail(DPU_ERR_SYSTEM, "program %s: out of memory", isa->name);
    uint32_t mram_bytes = set->ranks[0]->machine.memory_bytes[ISA_MRAM];
    dpu_error_t error = drv_program_fill(&program->public_program, isa, mram_bytes);
    if (error) {
        free(program);
        return error;
    }
    program->isa = isa_program_share(isa);
    program->public_program.reference_count = 1; /* the caller's */
    pthread_mutex_lock(&set->programs_lock);
    remember(set, &program->public_program);
    drv_programs_sweep(set, false);
    program->next = set->programs;
    set->programs = program;
    pthread_mutex_unlock(&set->programs_lock);
    *out = program;
    return DPU_OK;
}

/* ---- symbols --------------------------------------------------------------------------------- */

dpu_error_t dpu_get_common_program(struct dpu_set_t *dpu_set, struct dpu_program_t **program)
{
    struct drv_target target;
    if (!dpu_set || !program)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_common_program: an argument is NULL");
    dpu_error_t error = drv_target_from(&target, *dpu_set, __func__);
    if (error)
        return error;
    struct dpu_program_t *common = NULL;
    for (struct drv_cursor at = {0}; drv_next(&target, &at);) {
        struct dpu_t *dpu = at.dpu;
        if (!dpu->program)
            return drv_fail(DPU_ERR_NO_PROGRAM_LOADED,
                            "DPU 0x%x has no program; call dpu_load first",
                            (unsigned)dpu_get_id(dpu));
        if (common && common != dpu->program)
            return drv_fail(DPU_ERR_DIFFERENT_DPU_PROGRAMS,
                            "the DPUs of the set hold %s and %s (two loads of one file are "
                            "two programs); name the symbol on a part with one program",
                            common->program_path, dpu->program->program_path);
        common = dpu->program;
    }
    if (!common)
        return drv_fail(DPU_ERR_NO_PROGRAM_LOADED, "the set has no enabled DPU");
    *program = common;
    return DPU_OK;
}

static const dpu_elf_symbol_t *find(const dpu_elf_symbols_t *symbols, const char *name)
{
    for (unsigned i = 0; symbols && i < symbols->nr_symbols; i++)
        if (strcmp(symbols->map[i].name, name) == 0)
            return &symbols->map[i];
    return NULL;
}

static const char *nearest_visible(const dpu_elf_symbols_t *symbols, const char *name)
{
    const char *nearest = NULL;
    const char **names = calloc(symbols ? symbols->nr_symbols + 1 : 1, sizeof *names);
    if (names && symbols) {
        for (unsigned i = 0; i < symbols->nr_symbols; i++)
            names[i] = symbols->map[i].name;
        nearest = isa_nearest(name, names, symbols->nr_symbols);
    }
    free(names);
    return nearest;
}

/* The file of a program that a set holds; NULL: filled by other means. */
static const struct isa_program *isa_of(struct drv_set *set, const struct dpu_program_t *program)
{
    pthread_mutex_lock(&set->programs_lock);
    const struct drv_program *at = set->programs;
    while (at && &at->public_program != program)
        at = at->next;
    const struct isa_program *isa = at ? at->isa : NULL;
    pthread_mutex_unlock(&set->programs_lock);
    return isa;
}

/* set NULL: nothing is known of the program but its visible symbols. */
static dpu_error_t unknown(const struct dpu_program_t *program, struct drv_set *set,
                           const char *name, const char *call)
{
    const struct isa_program *isa = set ? isa_of(set, program) : NULL;
    const struct isa_symbol *hidden = isa ? isa_program_find_symbol(isa, name) : NULL;
    const char *nearest = nearest_visible(program->symbols, name);
    if (hidden && hidden->absolute)
        return drv_fail(DPU_ERR_UNKNOWN_SYMBOL,
                        "%s: \"%s\" is a number fixed at link time (%u), no memory", call, name,
                        (unsigned)hidden->value);
    if (hidden)
        return drv_fail(DPU_ERR_UNKNOWN_SYMBOL,
                        "%s: \"%s\" of %s is not visible to the host; declare it __host (or in "
                        "MRAM)",
                        call, name, program->program_path);
    return drv_fail(DPU_ERR_UNKNOWN_SYMBOL, "%s: %s has no symbol \"%s\"%s%s%s", call,
                    program->program_path ? program->program_path : "the program", name,
                    nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}

static dpu_error_t look_up(struct dpu_program_t *program, struct drv_set *set, const char *name,
                           struct dpu_symbol_t *symbol, const char *call)
{
    if (!name || !*name)
        return drv_fail(DPU_ERR_UNKNOWN_SYMBOL, "%s: the name of the symbol is %s", call,
                        name ? "empty" : "NULL");
    const dpu_elf_symbol_t *found = find(program->symbols, name);
    if (!found)
        return unknown(program, set, name, call);
    symbol->address = found->value;
    symbol->size = found->size;
    return DPU_OK;
}

dpu_error_t dpu_get_symbol(struct dpu_program_t *program, const char *symbol_name,
                           struct dpu_symbol_t *symbol)
{
    if (!program || !symbol)
        return drv_fail(DPU_ERR_INTERNAL, "dpu_get_symbol: %s is NULL",
                        program ? "symbol" : "program");
    return look_up(program, NULL, symbol_name, symbol, __func__);
}

dpu_error_t drv_find_symbol(struct dpu_set_t set, const char *name, struct dpu_symbol_t *symbol,
                            const char *call)
{
    struct dpu_program_t *program;
    dpu_error_t error = drv_set_check(set, call);
    if (!error)
        error = dpu_get_common_program(&set, &program);
    return error ? error : look_up(program, drv_set_of(set), name, symbol, call);
}
