/* SPDX-License-Identifier: MIT */
/* The stack of texts being read: the file, included files, what macros and repetitions make. Files
 * are looked for beside the file that names them, in the working directory, then in the include
 * directories. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"

uint32_t asm_intern_file(struct asm_state *as, const char *name, size_t len_bytes)
{
    struct asm_map_entry *entry = asm_map_get(as, &as->file_map, name, len_bytes);
    if (!entry->value) {
        asm_grow(as, &as->files, &as->files_capacity, as->n_files, sizeof *as->files);
        as->files[as->n_files++] = entry->name;
        entry->value = (void *)(uintptr_t)as->n_files;
    }
    return (uint32_t)(uintptr_t)entry->value - 1;
}

static struct asm_frame *push(struct asm_state *as, struct asm_text *text)
{
    if (as->n_frames >= ASM_MAX_FRAMES) {
        asm_error_statement(
            as,
            "macros, repetitions and includes are nested more than %d deep: one of them "
            "seems to use itself",
            ASM_MAX_FRAMES);
        as->stop = true;
        return NULL;
    }
    asm_grow(as, &as->frames, &as->frames_capacity, as->n_frames, sizeof *as->frames);
    as->frame = &as->frames[as->n_frames++];
    *as->frame = (struct asm_frame){.text = text,
                                    .at = text->data,
                                    .line = 1,
                                    .n_conditions = (uint32_t)as->n_conditions,
                                    .line_start = true};
    return as->frame;
}

void asm_push_file(struct asm_state *as, const char *data, size_t len_bytes, const char *name)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    struct asm_text *text = asm_alloc(as, sizeof *text);
    uint32_t file = asm_intern_file(as, name, strlen(name));
    text->data = data ? data : "";
    text->len_bytes = len_bytes;
    struct asm_frame *frame = push(as, text);
    if (!frame)
        return;
    frame->file = file;
    if (len_bytes >= 3 && memcmp(data, byte_order_mark, 3) == 0)
        frame->at += 3;
}

void asm_push_expansion(struct asm_state *as, const char *data, size_t len_bytes, uint32_t line,
                        uint32_t file, uint32_t round_lines, bool is_macro)
{
    struct asm_text *text = asm_alloc(as, sizeof *text);
    text->data = data;
    text->len_bytes = len_bytes;
    text->used_text = as->statement.text;
    text->used_offset = as->statement.offset_bytes;
    text->used_line = as->statement.line;
    text->used_file = as->statement.file;
    struct asm_frame *frame = push(as, text);
    if (!frame)
        return;
    frame->file = file;
    frame->line = frame->first_line = line;
    frame->round_lines = round_lines;
    frame->is_macro = is_macro;
}

void asm_pop_frame(struct asm_state *as)
{
    asm_conditions_close(as, as->frame->n_conditions);
    as->n_frames--;
    as->frame = as->n_frames ? &as->frames[as->n_frames - 1] : NULL;
}

/* ---- finding and reading files -------------------------------------------------------------- */

static FILE *open_in(struct asm_state *as, const char *directory, size_t directory_bytes,
                     const char *name, const char **path)
{
    size_t name_bytes = strlen(name);
    char *joined = asm_alloc(as, directory_bytes + name_bytes + 2);
    if (directory_bytes) {
        memcpy(joined, directory, directory_bytes);
        if (joined[directory_bytes - 1] != '/')
            joined[directory_bytes++] = '/';
    }
    memcpy(joined + directory_bytes, name, name_bytes);
    *path = joined;
    return fopen(joined, "rb");
}

static FILE *search(struct asm_state *as, const char *name, const char **path)
{
    const char *current = as->files[as->frame->file], *slash = strrchr(current, '/');
    FILE *file = NULL;
    if (slash && name[0] != '/')
        file = open_in(as, current, (size_t)(slash - current) + 1, name, path);
    if (!file)
        file = open_in(as, "", 0, name, path);
    const char *const *directory = as->options ? as->options->include_dirs : NULL;
    for (; !file && directory && *directory && name[0] != '/'; directory++)
        file = open_in(as, *directory, strlen(*directory), name, path);
    return file;
}

/* Reads into the arena, piece by piece, so that pipes work too. */
static bool read_all(struct asm_state *as, FILE *file, const char **data, size_t *len_bytes)
{
    size_t capacity = 1 << 16, count = 0, got;
    char *bytes = asm_alloc(as, capacity);
    while ((got = fread(bytes + count, 1, capacity - count, file)) > 0) {
        count += got;
        if (count > ASM_MAX_TEXT_BYTES)
            return false;
        if (count == capacity) {
            char *larger = asm_alloc(as, 2 * capacity);
            memcpy(larger, bytes, count);
            bytes = larger;
            capacity *= 2;
        }
    }
    *data = bytes;
    *len_bytes = count;
    return !ferror(file);
}

bool asm_read_file(struct asm_state *as, const char *name, const char **data, size_t *len_bytes,
                   const char **path)
{
    FILE *file = search(as, name, path);
    if (!file) {
        asm_error_statement(
            as,
            "cannot open \"%s\": not beside this file, not in the working directory, not "
            "in the include directories",
            name);
        return false;
    }
    bool read = read_all(as, file, data, len_bytes);
    fclose(file);
    if (!read)
        asm_error_statement(as, "cannot read \"%s\"", *path);
    return read;
}
