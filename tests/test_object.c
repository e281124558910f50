/* SPDX-License-Identifier: MIT */
/* Objects written and read back; damaged object files. */
#include <check.h>
#include <stddef.h>

#include "elf_help.h"
#include "object.h"

/* ---- objects -------------------------------------------------------------------------------- */

static uint8_t code_bytes[16], rodata_bytes[] = "hello";
static struct isa_object_reloc code_relocs[] = {{0, ISA_R_IMM32, 2, -4}, {8, ISA_R_PC, 1, 8}};
static struct isa_object_section object_sections[] = {
    {.name = (char *)".text.f",
     .type = SHT_PROGBITS,
     .flags = SHF_ALLOC | SHF_EXECINSTR,
     .align_bytes = 8,
     .data = code_bytes,
     .size_bytes = 16,
     .relocs = code_relocs,
     .n_relocs = 2},
    {.name = (char *)".rodata.str1.1",
     .type = SHT_PROGBITS,
     .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
     .align_bytes = 1,
     .entry_bytes = 1,
     .data = rodata_bytes,
     .size_bytes = 6},
    {.name = (char *)".bss.b",
     .type = SHT_NOBITS,
     .flags = SHF_ALLOC | SHF_WRITE,
     .align_bytes = 8,
     .size_bytes = 64},
    {.name = (char *)".stack_sizes",
     .type = SHT_PROGBITS,
     .flags = SHF_LINK_ORDER,
     .align_bytes = 1,
     .linked = 1},
};
static struct isa_object_symbol object_symbols[] = {
    {.name = (char *)"f", .section = 0, .size_bytes = 16, .type = STT_FUNC, .binding = STB_GLOBAL},
    {.name = (char *)"g", .section = ISA_SECTION_UNDEFINED, .binding = STB_GLOBAL},
    {.name = (char *)".L.str", .section = 1, .size_bytes = 6, .type = STT_OBJECT},
    {.name = (char *)"common",
     .section = ISA_SECTION_COMMON,
     .value = 8,
     .size_bytes = 32,
     .type = STT_OBJECT,
     .binding = STB_GLOBAL},
    {.name = (char *)"five",
     .section = ISA_SECTION_ABSOLUTE,
     .value = 5,
     .binding = STB_WEAK,
     .visibility = STV_HIDDEN},
};
static const struct isa_object small_object = {.name = (char *)"small.o",
                                               .e_flags = ISA_E_FLAGS,
                                               .sections = object_sections,
                                               .n_sections = 4,
                                               .symbols = object_symbols,
                                               .n_symbols = 5};

static const struct isa_object_symbol *find(const struct isa_object *object, const char *name)
{
    for (size_t i = 0; i < object->n_symbols; i++)
        if (strcmp(object->symbols[i].name, name) == 0)
            return &object->symbols[i];
    ck_abort_msg("no symbol %s", name);
    return NULL;
}

START_TEST(object_written_and_read_back_is_the_same)
{
    struct isa_bytes image;
    struct isa_object *object = NULL;
    struct isa_diag diag = {""};
    ck_assert_int_eq(isa_object_write(&small_object, &image, &diag), DPUSIM_OK);
    ck_assert_msg(isa_object_read(&object, image, "small.o", &diag) == DPUSIM_OK, "%s", diag.text);
    ck_assert_uint_eq(object->n_sections, 4);
    for (unsigned i = 0; i < 4; i++) {
        const struct isa_object_section *a = &object_sections[i], *b = &object->sections[i];
        ck_assert_str_eq(a->name, b->name);
        ck_assert(a->type == b->type && a->flags == b->flags && a->linked == b->linked &&
                  a->align_bytes == b->align_bytes && a->entry_bytes == b->entry_bytes &&
                  a->size_bytes == b->size_bytes && a->n_relocs == b->n_relocs);
    }
    ck_assert_mem_eq(object->sections[1].data, "hello", 6);
    const struct isa_object_reloc *reloc = object->sections[0].relocs;
    ck_assert_str_eq(object->symbols[reloc[0].symbol].name, ".L.str");
    ck_assert_int_eq(reloc[0].addend, -4);
    ck_assert_int_eq(reloc[1].type, ISA_R_PC);
    ck_assert_int_eq(find(object, "common")->section, ISA_SECTION_COMMON);
    ck_assert_uint_eq(find(object, "common")->value, 8);
    ck_assert_int_eq(find(object, "five")->section, ISA_SECTION_ABSOLUTE);
    ck_assert_int_eq(find(object, "five")->visibility, STV_HIDDEN);
    ck_assert_int_eq(find(object, "g")->section, ISA_SECTION_UNDEFINED);
    isa_object_destroy(object);
    free((void *)(uintptr_t)image.data);
}
END_TEST

START_TEST(changed_object_does_no_harm)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct isa_bytes image;
    ck_assert_int_eq(isa_object_write(&small_object, &image, NULL), DPUSIM_OK);
    uint8_t *bytes = (uint8_t *)(uintptr_t)image.data;
    for (size_t at = 0; at < image.len_bytes; at++)
        for (unsigned v = 0; v < sizeof values; v++) {
            uint8_t old = bytes[at];
            struct isa_object *object = NULL;
            bytes[at] = values[v];
            if (isa_object_read(&object, image, "x.o", NULL) == DPUSIM_OK)
                isa_object_destroy(object);
            bytes[at] = old;
        }
    free(bytes);
}
END_TEST

START_TEST(program_is_no_object)
{
    struct image image = image_read(PROGRAM("hello"));
    struct isa_object *object = NULL;
    struct isa_diag diag = {""};
    struct isa_bytes bytes = {image.data, image.len_bytes};
    ck_assert_int_eq(isa_object_read(&object, bytes, "x.o", &diag), DPUSIM_ELF_INVALID);
    ck_assert_ptr_nonnull(strstr(diag.text, "linked program"));
    free(image.data);
}
END_TEST

/* One changed value of the small object: a field of a section header or of a relocation. */
static const struct {
    const char *name, *section;
    size_t offset, size;
    uint32_t value;
    const char *says;
    bool content; /* the offset is in the section, not in its header */
} malformed[] = {
    {"alignment", ".text.f", offsetof(Elf32_Shdr, sh_addralign), 4, 3, "power of two", false},
    {"order", ".stack_sizes", offsetof(Elf32_Shdr, sh_link), 4, 99, "section 99", false},
    {"order of a table", ".stack_sizes", offsetof(Elf32_Shdr, sh_link), 4, 6, "sh_link", false},
    {"packed", ".text.f", offsetof(Elf32_Shdr, sh_flags), 4, SHF_COMPRESSED, "compressed", false},
    {"REL", ".rela.text.f", offsetof(Elf32_Shdr, sh_type), 4, SHT_REL, "wanted RELA", false},
    {"entry size", ".rela.text.f", offsetof(Elf32_Shdr, sh_entsize), 4, 8, "entries of 8", false},
    {"target", ".rela.text.f", offsetof(Elf32_Shdr, sh_info), 4, 77, "section 77", false},
    {"NOBITS", ".rela.text.f", offsetof(Elf32_Shdr, sh_info), 4, 3, "the section has 0", false},
    {"type", ".rela.text.f", offsetof(Elf32_Rela, r_info), 1, 99, "type 99", true},
    {"symbol", ".rela.text.f", offsetof(Elf32_Rela, r_info) + 1, 2, 999, "symbol 999", true},
    {"place", ".rela.text.f", offsetof(Elf32_Rela, r_offset), 4, 9, "offset 9", true},
    {"value", ".symtab", 2 * sizeof(Elf32_Sym) + offsetof(Elf32_Sym, st_value), 4, 17, "offset 17",
     true},
};

START_TEST(malformed_object_is_refused_with_its_sentence)
{
    struct isa_bytes image;
    struct isa_object *object = NULL;
    struct isa_diag diag = {""};
    ck_assert_int_eq(isa_object_write(&small_object, &image, NULL), DPUSIM_OK);
    struct image change = {(uint8_t *)(uintptr_t)image.data, image.len_bytes};
    Elf32_Shdr *header = image_section_named(&change, malformed[_i].section);
    uint8_t *at = malformed[_i].content ? change.data + header->sh_offset : (uint8_t *)header;
    memcpy(at + malformed[_i].offset, &malformed[_i].value, malformed[_i].size);
    ck_assert_int_eq(isa_object_read(&object, image, "x.o", &diag), DPUSIM_ELF_INVALID);
    ck_assert_msg(strstr(diag.text, malformed[_i].says) != NULL, "%s: \"%s\"", malformed[_i].name,
                  diag.text);
    free(change.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("isa.object");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, object_written_and_read_back_is_the_same);
    suite_add_tcase(all, normal);
    TCase *bad = tcase_create("bad_input");
    tcase_set_timeout(bad, 60);
    tcase_add_loop_test(bad, malformed_object_is_refused_with_its_sentence, 0,
                        (int)(sizeof malformed / sizeof malformed[0]));
    tcase_add_test(bad, changed_object_does_no_harm);
    tcase_add_test(bad, program_is_no_object);
    suite_add_tcase(all, bad);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
