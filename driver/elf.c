/* SPDX-License-Identifier: MIT */
/* Program and core files in parts: sections, symbols, the symbols that host and debugger need.
 * isa/ checks and indexes the file; the bytes of sections are handed out where they lie in the
 * image. A core file differs from a program in its type only. Names of the symbols: documented
 * (run-time information of the host library of SDK 2024.2). */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "elf_file.h"

/* ---- files ----------------------------------------------------------------------------------- */

static enum dpusim_status read_image(struct drv_elf *elf, const char *name, struct isa_diag *diag)
{
    elf->is_core = isa_core_is(elf->image);
    return elf->is_core ? isa_core_read(&elf->program, elf->image, name, NULL, diag)
                        : isa_program_read(&elf->program, elf->image, name, NULL, diag);
}

static dpu_error_t open_image(dpu_elf_file_t *file, struct isa_bytes image, uint8_t *own,
                              const char *name, const char *call)
{
    struct isa_diag diag;
    struct drv_elf *elf = calloc(1, sizeof *elf);
    if (!elf) {
        free(own);
        return drv_fail(DPU_ERR_SYSTEM, "%s: %s: out of memory", call, name);
    }
    elf->image = image;
    elf->own = own;
    enum dpusim_status status = read_image(elf, name, &diag);
    if (status != DPUSIM_OK) {
        dpu_elf_close(elf);
        return drv_fail(drv_error_of(status), "%s: %s", call, diag.text);
    }
    *file = elf;
    return DPU_OK;
}

dpu_error_t dpu_elf_open(const char *path, dpu_elf_file_t *file)
{
    struct isa_bytes image;
    struct isa_diag diag;
    if (!path || !file)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    enum dpusim_status status = isa_file_read(&image, path, &diag);
    if (status) /* whatever the reason, there is no such file to be read */
        return drv_fail(status == DPUSIM_NO_MEMORY ? DPU_ERR_SYSTEM : DPU_ERR_ELF_NO_SUCH_FILE,
                        "%s: %s", __func__, diag.text);
    return open_image(file, image, (uint8_t *)(uintptr_t)image.data, path, __func__);
}

dpu_error_t dpu_elf_map(uint8_t *memory, unsigned int size, dpu_elf_file_t *file,
                        const char *filename_or_null)
{
    if (!memory || !file)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    return open_image(file, (struct isa_bytes){memory, size}, NULL,
                      filename_or_null ? filename_or_null : "image in memory", __func__);
}

void dpu_elf_close(dpu_elf_file_t file)
{
    struct drv_elf *elf = file;
    if (!elf)
        return;
    isa_program_destroy(elf->program);
    free(elf->own);
    free(elf);
}

/* ---- sections -------------------------------------------------------------------------------- */

static int find_section(const struct isa_program *program, const char *name)
{
    for (size_t i = 0; i < program->n_sections; i++)
        if (strcmp(program->sections[i].name, name) == 0)
            return (int)i;
    return -1;
}

static dpu_error_t no_section(const struct drv_elf *elf, const char *name, const char *call)
{
    return drv_fail(DPU_ERR_ELF_NO_SUCH_SECTION, "%s: %s has no section %s", call,
                    elf->program->name, name);
}

dpu_error_t dpu_elf_load_section(dpu_elf_file_t file, const char *name, unsigned int *size,
                                 uint8_t **buffer)
{
    struct drv_elf *elf = file;
    Elf32_Ehdr header;
    Elf32_Shdr section;
    if (!elf || !name || !size || !buffer)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    int found = find_section(elf->program, name);
    if (found < 0)
        return no_section(elf, name, __func__);
    if (elf->program->sections[found].type == SHT_NOBITS)
        return drv_fail(DPU_ERR_ELF_INVALID_FILE, "%s: section %s of %s has no bytes in the file",
                        __func__, name, elf->program->name);
    /* The reader has compared all headers with the size of the image. Header 0 is the empty one. */
    memcpy(&header, elf->image.data, sizeof header);
    memcpy(&section, elf->image.data + header.e_shoff + (size_t)(found + 1) * sizeof section,
           sizeof section);
    *size = section.sh_size;
    *buffer = (uint8_t *)(uintptr_t)elf->image.data + section.sh_offset;
    return DPU_OK;
}

dpu_error_t dpu_elf_get_sections(dpu_elf_file_t file, unsigned int *nr_sections, char ***sections)
{
    struct drv_elf *elf = file;
    if (!elf || !nr_sections || !sections)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    const struct isa_program *program = elf->program;
    char **names = malloc((program->n_sections + 1) * sizeof *names);
    if (!names)
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", __func__);
    for (size_t i = 0; i < program->n_sections; i++)
        names[i] = (char *)(uintptr_t)program->sections[i].name;
    *nr_sections = (unsigned)program->n_sections;
    *sections = names;
    return DPU_OK;
}

/* ---- symbols --------------------------------------------------------------------------------- */

/* Which symbols a list takes: those of a section, or those whose name has a prefix, which is left
 * out of the name then. */
struct choice {
    const char *section;
    const char *const *prefixes; /* up to NULL */
};

/* Part of the name that the list shows; NULL: not chosen. */
static const char *chosen(const struct isa_symbol *symbol, const struct choice *choice)
{
    if (!symbol->defined || !*symbol->name)
        return NULL;
    if (choice->section)
        return strcmp(symbol->section, choice->section) == 0 ? symbol->name : NULL;
    for (const char *const *prefix = choice->prefixes; *prefix; prefix++)
        if (strncmp(symbol->name, *prefix, strlen(*prefix)) == 0)
            return symbol->name + strlen(*prefix);
    return NULL;
}

/* The names lie behind the entries of the map. False: out of memory. */
static bool collect(dpu_elf_symbols_t *list, const struct isa_program *program,
                    const struct choice *choice)
{
    size_t names_bytes = 0;
    unsigned count = 0;
    const char *name;
    for (size_t i = 0; i < program->n_symbols; i++) {
        name = chosen(&program->symbols[i], choice);
        if (name) {
            names_bytes += strlen(name) + 1;
            count++;
        }
    }
    list->nr_symbols = 0;
    list->map = malloc(count * sizeof *list->map + names_bytes + 1);
    if (!list->map)
        return false;
    char *names = (char *)(list->map + count);
    for (size_t i = 0; i < program->n_symbols; i++) {
        const struct isa_symbol *symbol = &program->symbols[i];
        name = chosen(symbol, choice);
        if (!name)
            continue;
        list->map[list->nr_symbols++] = (dpu_elf_symbol_t){
            .name = strcpy(names, name), .value = symbol->value, .size = symbol->size_bytes};
        names += strlen(name) + 1;
    }
    return true;
}

dpu_error_t dpu_elf_load_symbols(dpu_elf_file_t file, const char *name, dpu_elf_symbols_t **symbols)
{
    struct drv_elf *elf = file;
    if (!elf || !name || !symbols)
        return drv_fail(DPU_ERR_INTERNAL, "%s: an argument is NULL", __func__);
    if (find_section(elf->program, name) < 0)
        return no_section(elf, name, __func__);
    dpu_elf_symbols_t *list = calloc(1, sizeof *list);
    if (!list || !collect(list, elf->program, &(struct choice){.section = name})) {
        free(list);
        return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", __func__);
    }
    *symbols = list;
    return DPU_OK;
}

void dpu_elf_free_symbols(dpu_elf_symbols_t *symbols)
{
    if (symbols)
        free(symbols->map);
    free(symbols);
}

/* ---- what host and debugger need ------------------------------------------------------------- */

static const struct {
    const char *symbol;
    size_t item;
    uint32_t absent; /* value without the symbol */
} items[] = {
#define ITEM(symbol, field, absent)                                                                \
    {                                                                                              \
        symbol, offsetof(dpu_elf_runtime_info_t, field), absent                                    \
    }
    ITEM("__sys_heap_pointer_reset", sys_heap_pointer_reset, UINT32_MAX),
    ITEM("__sys_heap_pointer", sys_heap_pointer, UINT32_MAX),
    ITEM("__sys_wq_table", sys_wq_table, UINT32_MAX),
    ITEM("__sys_thread_stack_table_ptr", sys_stack_table, UINT32_MAX),
    ITEM("__stdout_buffer", printf_buffer, UINT32_MAX),
    ITEM("__stdout_buffer_state", printf_state, UINT32_MAX),
    ITEM("__sys_end", sys_end, UINT32_MAX),
    ITEM("mcount", mcount, UINT32_MAX),
    ITEM("ret_mcount", ret_mcount, UINT32_MAX),
    ITEM("thread_profiling", thread_profiling, UINT32_MAX),
    ITEM("NR_TASKLETS", nr_threads, UINT32_MAX),
    ITEM("perfcounter_end_value", perfcounter_end_value, 0),
    ITEM("__open_print_sequence", open_print_sequence, UINT32_MAX),
    ITEM("__close_print_sequence", close_print_sequence, UINT32_MAX),
#undef ITEM
};

/* Locks under the names of older and of present run-time libraries. */
static const struct {
    size_t list;
    const char *prefixes[3];
} lists[] = {
    {offsetof(dpu_elf_runtime_info_t, mutex_info), {"__atomic_bit_mutex_"}},
    {offsetof(dpu_elf_runtime_info_t, semaphore_info), {"__semaphore_", "__atomic_bit_semaphore_"}},
    {offsetof(dpu_elf_runtime_info_t, barrier_info), {"__barrier_", "__atomic_bit_barrier_"}},
};

void dpu_elf_get_runtime_info(dpu_elf_file_t file, dpu_elf_runtime_info_t *runtime_info)
{
    struct drv_elf *elf = file;
    if (!elf || !runtime_info)
        return;
    uint8_t *info = memset(runtime_info, 0, sizeof *runtime_info);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        const struct isa_symbol *symbol = isa_program_find_symbol(elf->program, items[i].symbol);
        *(dpu_elf_runtime_info_item_t *)(void *)(info + items[i].item) =
            (dpu_elf_runtime_info_item_t){.value = symbol ? symbol->value : items[i].absent,
                                          .size = symbol ? symbol->size_bytes : 0,
                                          .exists = symbol != NULL};
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!collect((dpu_elf_symbols_t *)(void *)(info + lists[i].list), elf->program,
                     &(struct choice){.prefixes = lists[i].prefixes}))
            drv_log(DRV_WARNING, "elf", "%s: out of memory for %s*", __func__,
                    lists[i].prefixes[0]);
}

void free_runtime_info(dpu_elf_runtime_info_t *runtime_info)
{
    if (!runtime_info)
        return;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        dpu_elf_symbols_t *list =
            (dpu_elf_symbols_t *)(void *)((uint8_t *)runtime_info + lists[i].list);
        free(list->map);
        *list = (dpu_elf_symbols_t){0, NULL};
    }
}
