/* SPDX-License-Identifier: MIT */
/* The linker's main line: options into absolute symbols, then read, resolve, collect, merge, lay
 * out, check, fill, write. Each step adds its errors to the report; the next one runs only when
 * there were none, except that all checks of a complete layout are made. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "message.h"

enum { DEFAULT_STACK_BYTES = 1024, STACK_GRANULE_BYTES = 8 };

void isa_link_error(struct link *link, const char *file, const char *format, ...)
{
    char text[1900];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    link->errors++;
    isa_message(link->report, ISA_ERROR, file, "%s", text);
}

bool isa_link_going(const struct link *link)
{
    return link->errors == 0 && !link->no_memory;
}

const char *isa_link_file_name(const struct link *link, int32_t file)
{
    return file == LINK_NONE ? "the linker" : link->files[file].object->name;
}

/* ---- options -------------------------------------------------------------------------------- */

static const struct isa_link_symbol *find_defsym(const struct isa_link_options *options,
                                                 const char *name)
{
    for (size_t i = options->n_defsyms; i > 0; i--)
        if (strcmp(options->defsyms[i - 1].name, name) == 0)
            return &options->defsyms[i - 1];
    return NULL;
}

/* NR_TASKLETS decides which stacks get the default size, so a --defsym of it counts first. */
static uint32_t tasklets(const struct link *link)
{
    const struct isa_link_symbol *defined = find_defsym(link->options, "NR_TASKLETS");
    uint32_t wanted = link->options->nr_tasklets ? link->options->nr_tasklets : 1;
    return defined ? defined->value : wanted;
}

static void define_stacks(struct link *link, uint32_t nr_tasklets)
{
    const struct isa_link_options *options = link->options;
    uint32_t usual =
        options->stack_default_bytes ? options->stack_default_bytes : (uint32_t)DEFAULT_STACK_BYTES;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        uint32_t size_bytes = options->stack_bytes[i];
        if (size_bytes == 0 && i < nr_tasklets)
            size_bytes = usual;
        snprintf(link->stack_sizes[i], sizeof link->stack_sizes[i], "STACK_SIZE_TASKLET_%u", i);
        snprintf(link->stack_names[i], sizeof link->stack_names[i], "__sys_stack_thread_%u", i);
        isa_link_define(link, link->stack_sizes[i], LINK_NONE, size_bytes);
    }
}

/* Symbols of the layout are known from the start, so that no archive is searched for them. */
static void define_rows(struct link *link)
{
    for (size_t i = 0; i < isa_link_row_count; i++) {
        const struct link_row *row = &isa_link_rows[i];
        if (row->kind == LINK_SYMBOL)
            isa_link_define(link, row->text, LINK_NONE, 0);
        if (row->kind == LINK_VALUE)
            isa_link_define(link, row->text, LINK_NONE,
                            row->number + (uint64_t)isa_link_absolute(link, row->other));
    }
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        isa_link_define(link, link->stack_names[i], LINK_NONE, 0);
}

static void define_options(struct link *link)
{
    const struct isa_chip_info *chip = link->chip;
    uint32_t nr_tasklets = tasklets(link);
    isa_link_define(link, "NR_TASKLETS", LINK_NONE, nr_tasklets);
    define_stacks(link, nr_tasklets);
    isa_link_define(link, "DPU_IRAM_SIZE", LINK_NONE, chip->iram_insns * ISA_INSN_BYTES);
    isa_link_define(link, "DPU_WRAM_SIZE", LINK_NONE, chip->wram_bytes);
    isa_link_define(link, "DPU_ATOMIC_SIZE", LINK_NONE, chip->atomic_bits);
    isa_link_define(link, "DPU_ATOMIC_DISPLACEMENT", LINK_NONE, chip->atomic_reserved_bits);
    isa_link_define(link, "DPU_NR_THREADS", LINK_NONE, chip->threads);
    for (size_t i = 0; i < link->options->n_defsyms; i++)
        isa_link_define(link, link->options->defsyms[i].name, LINK_NONE,
                        link->options->defsyms[i].value);
    define_rows(link);
}

static void check_stack(struct link *link, unsigned tasklet, uint32_t nr_tasklets)
{
    uint32_t size_bytes = isa_link_absolute(link, link->stack_sizes[tasklet]);
    if (size_bytes % STACK_GRANULE_BYTES != 0)
        isa_link_error(link, NULL, "stack of tasklet %u has %u bytes, wanted a multiple of %d",
                       tasklet, size_bytes, STACK_GRANULE_BYTES);
    if (size_bytes == 0 && tasklet < nr_tasklets)
        isa_link_error(link, NULL,
                       "stack of tasklet %u has 0 bytes (%s), NR_TASKLETS is %u: wanted more",
                       tasklet, link->stack_sizes[tasklet], nr_tasklets);
}

static void check_options(struct link *link)
{
    uint32_t nr_tasklets = isa_link_absolute(link, "NR_TASKLETS");
    if (nr_tasklets > link->chip->threads)
        isa_link_error(link, NULL, "NR_TASKLETS is %u, chip %s has %u tasklets", nr_tasklets,
                       link->chip->name, link->chip->threads);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        check_stack(link, i, nr_tasklets);
}

/* ---- checks that need symbols --------------------------------------------------------------- */

static void check_entry(struct link *link)
{
    const char *name = link->options->entry;
    const struct link_global *entry = isa_link_find(link, name);
    if (!entry || entry->state != LINK_DEFINED) {
        isa_link_error(link, NULL,
                       "entry point \"%s\" is not defined: link the start code (crt0) too", name);
        return;
    }
    struct link_place place;
    enum link_found found = isa_link_locate_symbol(link, entry->file, entry->symbol, 0, &place);
    if (found != LINK_FOUND || place.output == LINK_NONE ||
        link->outputs[place.output].memory != ISA_IRAM || !link->outputs[place.output].allocated)
        isa_link_error(link, isa_link_file_name(link, entry->file),
                       "entry point \"%s\" is no code, wanted a symbol in section .text", name);
    else if (place.address % ISA_INSN_BYTES)
        isa_link_error(link, isa_link_file_name(link, entry->file),
                       "entry point \"%s\" is at address 0x%x, wanted a multiple of %u", name,
                       place.address, ISA_INSN_BYTES);
}

static void link_all(struct link *link, const struct isa_link_input *inputs, size_t n_inputs)
{
    define_options(link);
    check_options(link);
    for (size_t i = 0; i < n_inputs && !link->no_memory; i++)
        isa_link_read(link, &inputs[i]);
    if (isa_link_going(link))
        isa_link_resolve(link);
    if (isa_link_going(link))
        isa_link_collect(link);
    if (isa_link_going(link))
        isa_link_merge(link);
    if (isa_link_going(link))
        isa_link_layout(link);
    if (!isa_link_going(link) && !link->n_outputs)
        return;
    check_entry(link);
    isa_link_check_undefined(link);
    isa_link_check_memories(link);
    if (isa_link_going(link))
        isa_link_check_stacks(link);
    if (isa_link_going(link))
        isa_link_fill(link);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void free_file(struct link_file *file)
{
    for (size_t i = 0; i < file->object->n_sections; i++)
        free(file->sections[i].pieces);
    free(file->sections);
    free(file->globals);
    isa_object_destroy(file->object);
}

static void link_fini(struct link *link)
{
    for (size_t i = 0; i < link->n_files; i++)
        free_file(&link->files[i]);
    for (size_t i = 0; i < link->n_groups; i++) {
        free(link->groups[i].uniques);
        free(link->groups[i].slots);
    }
    for (size_t i = 0; i < link->n_outputs; i++)
        free(link->outputs[i].data);
    free(link->files);
    free(link->globals);
    free(link->slots);
    free(link->groups);
    free(link->outputs);
}

enum dpusim_status isa_link(struct isa_bytes *image, const struct isa_link_input *inputs,
                            size_t n_inputs, const struct isa_link_options *options,
                            const struct isa_report *report)
{
    struct isa_link_options usual = options ? *options : (struct isa_link_options){0};
    if (!usual.entry)
        usual.entry = "__bootstrap";
    struct link link = {.options = &usual, .chip = isa_chip_get(usual.chip), .report = report};
    link_all(&link, inputs, n_inputs);
    enum dpusim_status status = DPUSIM_LINK;
    if (isa_link_going(&link))
        status = isa_link_write(&link, image);
    if (link.no_memory)
        status = DPUSIM_NO_MEMORY;
    link_fini(&link);
    return status;
}
