/* SPDX-License-Identifier: MIT */
/* Objects and members of ar archives into the list of files. Archive members wait, parsed, until an
 * undefined symbol asks for them; the archive's own symbol index is not needed. */
#include <stdio.h>

#include "array.h"
#include "elf_check.h"
#include "link.h"

enum { ARCHIVE_MAGIC_BYTES = 8 };

static void add_object(struct link *link, struct isa_bytes image, const char *name, bool live)
{
    struct isa_diag diag = {""};
    struct isa_object *object = NULL;
    enum dpusim_status status = isa_object_read(&object, image, name, &diag);
    if (status == DPUSIM_NO_MEMORY)
        link->no_memory = true;
    if (status != DPUSIM_OK) {
        isa_link_error(link, NULL, "%s", diag.text);
        return;
    }
    struct link_file file = {.object = object, .live = live};
    file.sections = calloc(object->n_sections + 1, sizeof *file.sections);
    file.globals = calloc(object->n_symbols + 1, sizeof *file.globals);
    if (!file.sections || !file.globals ||
        !isa_array_reserve(&link->files, &link->files_capacity, link->n_files, sizeof file)) {
        link->no_memory = true;
        free(file.sections);
        free(file.globals);
        isa_object_destroy(object);
        return;
    }
    link->files[link->n_files++] = file;
}

/* "libx.a(member.o)". Returns the end of the member in the archive; 0 when it is damaged. */
static size_t add_member(struct link *link, Elf *member, const struct isa_link_input *input)
{
    const Elf_Arhdr *header = elf_getarhdr(member);
    size_t size_bytes = 0;
    const char *bytes = elf_rawfile(member, &size_bytes);
    if (!header || !header->ar_name || !bytes)
        return 0;
    size_t end = (size_t)((const uint8_t *)bytes - input->data.data) + size_bytes;
    if (header->ar_name[0] == '/') /* symbol index and long names */
        return end;
    char name[512];
    snprintf(name, sizeof name, "%.250s(%.250s)", input->name, header->ar_name);
    add_object(link, (struct isa_bytes){(const uint8_t *)bytes, size_bytes}, name,
               input->whole_archive);
    return end;
}

/* libelf tells the end of an archive from damage by nothing but the position it reached. */
static void add_archive(struct link *link, const struct isa_link_input *input)
{
    Elf *archive;
    size_t end = isa_elf_open(&archive, input->data, input->name, NULL) == DPUSIM_OK
                     ? ARCHIVE_MAGIC_BYTES
                     : 0;
    Elf_Cmd next = ELF_C_READ_MMAP; /* plain ELF_C_READ would want a file descriptor */
    Elf *member;
    while (end && next != ELF_C_NULL && (member = elf_begin(-1, next, archive)) != NULL) {
        end = add_member(link, member, input);
        next = elf_next(member);
        elf_end(member);
    }
    elf_end(archive);
    if (end == 0 || input->data.len_bytes > end + end % 2)
        isa_link_error(link, input->name, "damaged archive: no member at offset %zu of %zu",
                       end + end % 2, input->data.len_bytes);
}

static bool starts_with(struct isa_bytes data, const char *magic)
{
    size_t len = strlen(magic);
    return data.data && data.len_bytes >= len && memcmp(data.data, magic, len) == 0;
}

void isa_link_read(struct link *link, const struct isa_link_input *input)
{
    struct isa_link_input named = *input;
    named.name = input->name ? input->name : "input";
    if (starts_with(named.data, "!<thin>\n"))
        isa_link_error(link, named.name,
                       "thin archive, wanted one that holds its members (ar rcs without T)");
    else if (starts_with(named.data, "!<arch>\n"))
        add_archive(link, &named);
    else
        add_object(link, named.data, named.name, true);
}
