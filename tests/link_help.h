/* SPDX-License-Identifier: MIT */
/* Objects and archives made by hand, and the linker called on them, for tests. Include after
 * check.h. */
#ifndef LINK_HELP_H
#define LINK_HELP_H

#include "elf_help.h"
#include "object.h"

enum { CODE = SHF_ALLOC | SHF_EXECINSTR, WRITABLE = SHF_ALLOC | SHF_WRITE };
enum { STRINGS = SHF_ALLOC | SHF_MERGE | SHF_STRINGS };
enum { GLOBAL_FUNC, GLOBAL_OBJECT, LOCAL_OBJECT, WEAK_FUNC, HIDDEN_OBJECT, LABEL };

static inline struct isa_object *object_create(const char *name)
{
    struct isa_object *object = calloc(1, sizeof *object);
    object->name = strdup(name);
    object->e_flags = ISA_E_FLAGS;
    return object;
}

/* Adds a section with a copy of data (zeros when NULL); returns its number. */
static inline int32_t add_section(struct isa_object *object, const char *name, uint32_t flags,
                                  const void *data, uint32_t size_bytes)
{
    object->sections =
        realloc(object->sections, (object->n_sections + 1) * sizeof *object->sections);
    struct isa_object_section *section = &object->sections[object->n_sections];
    *section = (struct isa_object_section){.name = strdup(name),
                                           .type = SHT_PROGBITS,
                                           .flags = flags,
                                           .align_bytes = flags & SHF_EXECINSTR ? 8 : 1,
                                           .entry_bytes = flags & SHF_MERGE ? 1 : 0,
                                           .data = calloc(1, size_bytes + 1),
                                           .size_bytes = size_bytes};
    if (data)
        memcpy(section->data, data, size_bytes);
    return (int32_t)object->n_sections++;
}

static inline int32_t add_nobits(struct isa_object *object, const char *name, uint32_t flags,
                                 uint32_t size_bytes)
{
    int32_t number = add_section(object, name, flags, NULL, 0);
    object->sections[number].type = SHT_NOBITS;
    object->sections[number].size_bytes = size_bytes;
    free(object->sections[number].data);
    object->sections[number].data = NULL;
    return number;
}

/* Adds a symbol; returns its number. section: a number or ISA_SECTION_*. */
static inline uint32_t add_symbol(struct isa_object *object, const char *name, int kind,
                                  int32_t section, uint32_t value, uint32_t size_bytes)
{
    static const uint8_t types[] = {STT_FUNC, STT_OBJECT, STT_OBJECT,
                                    STT_FUNC, STT_OBJECT, STT_NOTYPE};
    static const uint8_t bindings[] = {STB_GLOBAL, STB_GLOBAL, STB_LOCAL,
                                       STB_WEAK,   STB_GLOBAL, STB_LOCAL};
    object->symbols = realloc(object->symbols, (object->n_symbols + 1) * sizeof *object->symbols);
    object->symbols[object->n_symbols] =
        (struct isa_object_symbol){.name = strdup(name),
                                   .section = section,
                                   .value = value,
                                   .size_bytes = size_bytes,
                                   .type = types[kind],
                                   .binding = bindings[kind],
                                   .visibility = kind == HIDDEN_OBJECT ? STV_HIDDEN : STV_DEFAULT};
    return (uint32_t)object->n_symbols++;
}

static inline uint32_t add_undefined(struct isa_object *object, const char *name)
{
    return add_symbol(object, name, GLOBAL_FUNC, ISA_SECTION_UNDEFINED, 0, 0);
}

static inline void add_reloc(struct isa_object *object, int32_t section, uint32_t offset_bytes,
                             enum isa_reloc type, uint32_t symbol, int64_t addend)
{
    struct isa_object_section *to = &object->sections[section];
    to->relocs = realloc(to->relocs, (to->n_relocs + 1) * sizeof *to->relocs);
    to->relocs[to->n_relocs++] = (struct isa_object_reloc){offset_bytes, type, symbol, addend};
}

/* A function of n instructions in .text.NAME. */
static inline int32_t add_function(struct isa_object *object, const char *name, uint32_t n_insns)
{
    char section_name[64];
    snprintf(section_name, sizeof section_name, ".text.%s", name);
    int32_t section = add_section(object, section_name, CODE, NULL, n_insns * 8);
    add_symbol(object, name, GLOBAL_FUNC, section, 0, n_insns * 8);
    return section;
}

/* Start code of two instructions; the second jumps to main. */
static inline struct isa_object *start_object(void)
{
    struct isa_object *object = object_create("crt0.o");
    int32_t text = add_function(object, "__bootstrap", 2);
    add_reloc(object, text, 8, ISA_R_PC, add_undefined(object, "main"), 0);
    return object;
}

/* Writes and destroys the object. */
static inline struct isa_bytes object_image(struct isa_object *object)
{
    struct isa_bytes image = {NULL, 0};
    struct isa_diag diag = {""};
    ck_assert_msg(isa_object_write(object, &image, &diag) == DPUSIM_OK, "%s", diag.text);
    isa_object_destroy(object);
    return image;
}

/* An ar archive of members, which are consumed. */
static inline struct isa_bytes archive_image(struct isa_object **members, size_t count)
{
    uint8_t *archive = malloc(1 << 16);
    size_t len = (size_t)sprintf((char *)archive, "!<arch>\n");
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%.14s/", members[i]->name);
        struct isa_bytes image = object_image(members[i]);
        len += (size_t)sprintf((char *)archive + len, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0,
                               0, 0644u, image.len_bytes);
        memcpy(archive + len, image.data, image.len_bytes);
        len += image.len_bytes;
        if (len % 2)
            archive[len++] = '\n';
        free((void *)(uintptr_t)image.data);
    }
    return (struct isa_bytes){archive, len};
}

/* One call of the linker. */
struct job {
    struct isa_link_input inputs[8];
    size_t n_inputs;
    struct isa_link_options options;
    struct log log;
    struct isa_bytes image;
    enum dpusim_status status;
    struct isa_program *program;
};

static inline void job_add(struct job *job, const char *name, struct isa_bytes image)
{
    job->inputs[job->n_inputs++] = (struct isa_link_input){.name = name, .data = image};
}

static inline void job_object(struct job *job, struct isa_object *object)
{
    static const char *const names[] = {"a.o", "b.o", "c.o", "d.o", "e.o", "f.o", "g.o", "h.o"};
    job_add(job, names[job->n_inputs], object_image(object));
}

static inline void job_link(struct job *job)
{
    struct isa_report report = {log_emit, &job->log};
    struct isa_diag diag = {""};
    job->status = isa_link(&job->image, job->inputs, job->n_inputs, &job->options, &report);
    if (job->status != DPUSIM_OK) {
        ck_assert_ptr_null(job->image.data);
        return;
    }
    ck_assert_msg(isa_program_read(&job->program, job->image, "out", &report, &diag) == DPUSIM_OK,
                  "%s", diag.text);
}

static inline void job_link_ok(struct job *job)
{
    job_link(job);
    ck_assert_msg(job->status == DPUSIM_OK && job->log.count == 0, "%s", job->log.text);
}

static inline void job_fini(struct job *job)
{
    isa_program_destroy(job->program);
    free((void *)(uintptr_t)job->image.data);
    for (size_t i = 0; i < job->n_inputs; i++)
        free((void *)(uintptr_t)job->inputs[i].data.data);
}

static inline uint32_t value_of(const struct job *job, const char *name)
{
    const struct isa_symbol *symbol = isa_program_find_symbol(job->program, name);
    ck_assert_msg(symbol != NULL, "no symbol %s", name);
    return symbol->value;
}

/* Loaded byte at an ELF address. */
static inline const uint8_t *bytes_at(const struct job *job, uint32_t address)
{
    enum isa_memory memory;
    uint32_t offset;
    ck_assert(isa_address_split(address, &memory, &offset));
    for (size_t i = 0; i < job->program->n_segments; i++) {
        const struct isa_segment *segment = &job->program->segments[i];
        if (segment->memory == memory && offset - segment->offset_bytes < segment->file_bytes)
            return segment->data + (offset - segment->offset_bytes);
    }
    ck_abort_msg("address 0x%08x is not loaded", address);
    return NULL;
}

static inline uint64_t word_at(const struct job *job, uint32_t address, unsigned size_bytes)
{
    uint64_t word = 0;
    memcpy(&word, bytes_at(job, address), size_bytes);
    return word;
}

#endif
