/* SPDX-License-Identifier: MIT */
/* Program files in memory for tests that change them. Include after check.h. */
#ifndef ELF_HELP_H
#define ELF_HELP_H

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"

#define PROGRAM(name) SOURCE_DIR "/tests/data/programs/" name ".elf"

struct image {
    uint8_t *data;
    size_t len_bytes;
};

static inline struct image image_read(const char *path)
{
    enum { ROOM_BYTES = 1 << 20 };
    struct image image = {malloc(ROOM_BYTES), 0};
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    image.len_bytes = fread(image.data, 1, ROOM_BYTES, file);
    fclose(file);
    return image;
}

static inline Elf32_Ehdr *image_header(struct image *image)
{
    return (Elf32_Ehdr *)(void *)image->data;
}

static inline Elf32_Phdr *image_segment(struct image *image, unsigned number)
{
    return (Elf32_Phdr *)(void *)(image->data + image_header(image)->e_phoff) + number;
}

static inline Elf32_Shdr *image_section(struct image *image, unsigned number)
{
    return (Elf32_Shdr *)(void *)(image->data + image_header(image)->e_shoff) + number;
}

static inline const char *image_section_name(struct image *image, unsigned number)
{
    const Elf32_Shdr *names = image_section(image, image_header(image)->e_shstrndx);
    return (char *)image->data + names->sh_offset + image_section(image, number)->sh_name;
}

static inline Elf32_Shdr *image_section_named(struct image *image, const char *name)
{
    unsigned i = 1;
    while (strcmp(image_section_name(image, i), name) != 0)
        i++;
    return image_section(image, i);
}

static inline Elf32_Sym *image_symbol(struct image *image, const char *name)
{
    const Elf32_Shdr *table = image_section_named(image, ".symtab");
    Elf32_Sym *symbols = (Elf32_Sym *)(void *)(image->data + table->sh_offset);
    const char *names = (char *)image->data + image_section(image, table->sh_link)->sh_offset;
    unsigned i = 1;
    while (strcmp(names + symbols[i].st_name, name) != 0)
        i++;
    return &symbols[i];
}

/* Messages of one call, joined. */
struct log {
    char text[4096];
    unsigned count;
};

static inline void log_emit(void *context, const struct isa_message *message)
{
    struct log *log = context;
    strncat(log->text, message->text, sizeof log->text - strlen(log->text) - 2);
    strcat(log->text, "\n");
    log->count++;
}

static inline struct isa_program *read_ok(struct image image, struct log *log)
{
    struct isa_program *program = NULL;
    struct isa_diag diag = {""};
    *log = (struct log){0};
    struct isa_report report = {log_emit, log};
    enum dpusim_status status = isa_program_read(
        &program, (struct isa_bytes){image.data, image.len_bytes}, "x.elf", &report, &diag);
    ck_assert_msg(status == DPUSIM_OK, "%s", diag.text);
    return program;
}

static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
