/* SPDX-License-Identifier: MIT */
/* Assembling in tests: an object, or the messages of a refusal, as text that can be compared. */
#ifndef ASM_HELP_H
#define ASM_HELP_H

#include <check.h>
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

struct dump {
    char *text;
    size_t len, capacity;
    unsigned errors;
};

static inline void dump_add(struct dump *dump, const char *format, ...)
{
    va_list args;
    if (dump->capacity - dump->len < 4096) {
        dump->capacity = dump->capacity * 2 + 8192;
        dump->text = realloc(dump->text, dump->capacity);
        ck_assert_ptr_nonnull(dump->text);
    }
    va_start(args, format);
    int len = vsnprintf(dump->text + dump->len, dump->capacity - dump->len, format, args);
    va_end(args);
    ck_assert_int_lt(len, 4096);
    dump->len += (size_t)len;
}

/* `3:5: error: text`; notes keep their place, so that the chain of macros can be seen. */
static inline void dump_message(void *context, const struct isa_message *message)
{
    static const char *const names[] = {"note", "warning", "error"};
    struct dump *dump = context;
    const char *slash = message->file ? strrchr(message->file, '/') : NULL;
    dump->errors += message->severity == ISA_ERROR;
    dump_add(dump, "%s:%u:%u: %s: %s\n",
             slash           ? slash + 1
             : message->file ? message->file
                             : "-",
             message->line, message->column, names[message->severity], message->text);
}

static inline void dump_bytes(struct dump *dump, const struct isa_object_section *section)
{
    for (uint32_t at = 0; section->data && at < section->size_bytes; at += 8) {
        uint32_t left = section->size_bytes - at;
        dump_add(dump, "  %04" PRIx32 ":", at);
        for (uint32_t i = 0; i < (left < 8 ? left : 8); i++)
            dump_add(dump, " %02x", section->data[at + i]);
        if ((section->flags & SHF_EXECINSTR) && left >= 8) {
            char text[128];
            uint64_t word;
            memcpy(&word, section->data + at, 8);
            isa_print(text, sizeof text, word, false);
            dump_add(dump, "  %s", text);
        }
        dump_add(dump, "\n");
    }
}

static inline void dump_section(struct dump *dump, const struct isa_object *object, size_t index)
{
    const struct isa_object_section *section = &object->sections[index];
    dump_add(dump, "section %s type %" PRIu32 " flags %" PRIx32 " align %" PRIu32 " size %" PRIu32,
             section->name, section->type, section->flags, section->align_bytes,
             section->size_bytes);
    if (section->entry_bytes)
        dump_add(dump, " entry %" PRIu32, section->entry_bytes);
    if (section->linked)
        dump_add(dump, " linked %s", object->sections[section->linked - 1].name);
    dump_add(dump, "\n");
    dump_bytes(dump, section);
    for (size_t i = 0; i < section->n_relocs; i++) {
        const struct isa_object_reloc *reloc = &section->relocs[i];
        const struct isa_object_symbol *symbol = &object->symbols[reloc->symbol];
        const char *name =
            symbol->type == STT_SECTION ? object->sections[symbol->section].name : symbol->name;
        dump_add(dump, "  reloc %04" PRIx32 " %s %s%+" PRId64 "\n", reloc->offset_bytes,
                 isa_reloc_get(reloc->type)->name, name, reloc->addend);
    }
}

static inline void dump_symbol(struct dump *dump, const struct isa_object *object, size_t index)
{
    static const char *const types[] = {"notype", "object", "function", "section",
                                        "file",   "common", "tls"};
    static const char *const bindings[] = {"local", "global", "weak"};
    const struct isa_object_symbol *symbol = &object->symbols[index];
    const char *place = symbol->section == ISA_SECTION_UNDEFINED  ? "undefined"
                        : symbol->section == ISA_SECTION_ABSOLUTE ? "absolute"
                        : symbol->section == ISA_SECTION_COMMON
                            ? "common"
                            : object->sections[symbol->section].name;
    dump_add(dump, "symbol %s %s+%" PRIx32 " size %" PRIu32 " %s %s", symbol->name, place,
             symbol->value, symbol->size_bytes, types[symbol->type], bindings[symbol->binding]);
    dump_add(dump, symbol->visibility ? " visibility %u\n" : "\n", symbol->visibility);
}

/* Sections without bytes are left out. */
static inline void dump_object(struct dump *dump, const struct isa_object *object)
{
    for (size_t i = 0; i < object->n_sections; i++)
        if (object->sections[i].size_bytes)
            dump_section(dump, object, i);
    for (size_t i = 0; i < object->n_symbols; i++)
        dump_symbol(dump, object, i);
}

/* Messages, then the object or the words of the status. */
static inline enum dpusim_status dump_assembly(struct dump *dump, const char *text, size_t len,
                                               const struct isa_asm_options *options)
{
    struct isa_report report = {dump_message, dump};
    struct isa_object *object = NULL;
    enum dpusim_status status = isa_assemble(
        &object, (struct isa_bytes){(const uint8_t *)text, len}, "in.s", options, &report);
    if (status == DPUSIM_OK)
        dump_object(dump, object);
    else
        dump_add(dump, "%s\n", dpusim_status_text(status));
    isa_object_destroy(object);
    return status;
}

#endif
