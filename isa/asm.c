/* SPDX-License-Identifier: MIT */
/* The assembler: statements one after another, then what had to wait. Syntax and overload
 * resolution: documented, vendor's assembler; see asm.h for the parts. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"

/* ---- statements ----------------------------------------------------------------------------- */

/* After a name or a quoted name: is it a label or an assignment? Deals with it. */
static bool label_or_assignment(struct asm_state *as)
{
    const char *at = as->frame->at, *end = as->frame->text->data + as->frame->text->len_bytes;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == end || (*at != ':' && *at != '=') || (*at == '=' && end - at > 1 && at[1] == '='))
        return false;
    struct asm_place place = asm_token_place(as);
    struct asm_symbol *symbol = asm_parse_symbol(as);
    if (!symbol)
        return true;
    bool label = asm_is_punct(as, ':');
    asm_next(as);
    if (label)
        asm_define_label(as, symbol, place);
    else
        asm_assign(as, symbol, place, true);
    return true;
}

static bool local_label(struct asm_state *as)
{
    struct asm_place place = asm_token_place(as);
    char buffer[64];
    if (as->token.kind != ASM_NUMBER)
        return false;
    uint64_t number = as->token.number;
    asm_next(as);
    if (asm_accept(as, ':'))
        asm_define_local(as, number, place);
    else
        asm_error(as, "%s found where ':' is wanted, to make a numeric label",
                  asm_token_text(as, buffer));
    return true;
}

/* `. = expr` moves on like .org. */
static bool is_location_assignment(const struct asm_state *as)
{
    const char *at = as->frame->at, *end = as->frame->text->data + as->frame->text->len_bytes;
    if (!asm_is_word(as, "."))
        return false;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at < end && *at == '=';
}

static void assign_location(struct asm_state *as)
{
    const struct asm_directive *org = asm_map_find(&as->directive_map, ".org", 4);
    asm_next(as);
    asm_next(as);
    org->handle(as, org->argument);
}

/* Labels may precede the rest of the statement. */
static void statement(struct asm_state *as)
{
    while (as->token.kind == ASM_NAME || as->token.kind == ASM_QUOTED ||
           as->token.kind == ASM_NUMBER) {
        if (is_location_assignment(as)) {
            assign_location(as);
            return;
        }
        if (!local_label(as) && !label_or_assignment(as))
            break;
        if (as->statement_failed)
            return;
    }
    if (as->token.kind == ASM_END || as->token.kind == ASM_BAD)
        return;
    const struct asm_macro *macro = NULL;
    if (as->token.kind == ASM_NAME)
        macro = asm_map_find(&as->macro_map, as->token.at, as->token.len_bytes);
    as->statement = asm_token_place(as);
    if (macro)
        asm_macro_use(as, macro);
    else if (as->token.kind == ASM_NAME && as->token.at[0] == '.')
        asm_conditional(as) ? (void)0 : asm_directive(as);
    else
        asm_instruction(as);
}

static void read_statement(struct asm_state *as)
{
    size_t n_frames = as->n_frames;
    char buffer[64];
    bool skipping = asm_skipping(as);
    as->statement_failed = false;
    as->quiet = skipping;
    asm_next(as);
    as->statement = asm_token_place(as);
    if (!skipping) {
        statement(as);
    } else {
        as->quiet = false;
        asm_conditional(as);
    }
    if (as->statement_done || as->n_frames > n_frames || as->stop)
        return;
    if (!skipping && !as->statement_failed && as->token.kind != ASM_END)
        asm_error(as, "%s is too much at the end of this statement", asm_token_text(as, buffer));
    asm_skip_statement(as);
}

static void read_all(struct asm_state *as)
{
    while (as->frame && !as->stop) {
        const struct asm_text *text = as->frame->text;
        if (as->frame->at < text->data + text->len_bytes)
            read_statement(as);
        else
            asm_pop_frame(as);
    }
}

/* ---- a whole run ---------------------------------------------------------------------------- */

static void init(struct asm_state *as, const char *file_name, const struct isa_asm_options *options,
                 const struct isa_report *report)
{
    memset(as, 0, sizeof *as);
    as->report = report;
    as->options = options;
    as->file_name = file_name;
    as->max_errors = options && options->max_errors ? options->max_errors : ASM_MAX_ERRORS;
    as->symbols_end = &as->symbols;
    as->previous_section = UINT32_MAX;
    as->lines.is_stmt = true;
}

static void fini(struct asm_state *as)
{
    struct asm_map *maps[] = {&as->directive_map, &as->symbol_map, &as->section_map,
                              &as->macro_map,     &as->local_map,  &as->file_map};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        free(maps[i]->entries);
    for (size_t i = 0; i < as->n_sections; i++) {
        free(as->sections[i].data);
        free(as->sections[i].relocs);
        free(as->sections[i].rows);
    }
    free(as->sections);
    free(as->files);
    free(as->frames);
    free(as->section_stack);
    free(as->fixups);
    free(as->conditions);
    free(as->lines.files);
    free(as->out);
    free(as->preprocessed);
    asm_free_blocks(as);
    isa_object_destroy(as->object);
}

static void assemble(struct asm_state *as, struct isa_bytes text, bool preprocess)
{
    as->index = asm_index_create(as);
    asm_directives_init(as);
    asm_intern_file(as, as->file_name, strlen(as->file_name));
    as->section = asm_section_get(as, ".text");
    if (text.len_bytes > ASM_MAX_TEXT_BYTES) {
        asm_error_at(as, as->statement, "text of %zu bytes is too long, at most %d", text.len_bytes,
                     ASM_MAX_TEXT_BYTES);
        return;
    }
    if (preprocess && !asm_preprocess(as, text, as->file_name, &text))
        return;
    asm_push_file(as, (const char *)text.data, text.len_bytes, as->file_name);
    read_all(as);
    asm_out_begin(as);
    if (!as->stop)
        asm_fixups_settle(as);
    if (as->status == DPUSIM_OK)
        asm_lines_write(as);
    if (as->status == DPUSIM_OK)
        asm_object(as);
}

static enum dpusim_status run(struct isa_object **out, struct isa_bytes text, bool preprocess,
                              struct asm_state *as)
{
    if (setjmp(as->no_memory) == 0)
        assemble(as, text, preprocess);
    else
        as->status = DPUSIM_NO_MEMORY;
    enum dpusim_status status = as->status;
    if (status == DPUSIM_OK) {
        *out = as->object;
        as->object = NULL;
    }
    fini(as);
    return status;
}

enum dpusim_status isa_assemble(struct isa_object **out, struct isa_bytes text,
                                const char *file_name, const struct isa_asm_options *options,
                                const struct isa_report *report)
{
    struct asm_state as;
    init(&as, file_name ? file_name : "<text>", options, report);
    return run(out, text, options && options->preprocess, &as);
}
