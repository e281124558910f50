/* SPDX-License-Identifier: MIT */
/* The least that leads a debugger to the line table: one compile unit without children, and the
 * ranges of code that it covers. */
#include "asm.h"
#include "bytes.h"

enum {
    DW_TAG_COMPILE_UNIT = 0x11,
    DW_CHILDREN_NO = 0,
    DW_AT_NAME = 0x03,
    DW_AT_STMT_LIST = 0x10,
    DW_AT_LOW_PC = 0x11,
    DW_AT_LANGUAGE = 0x13,
    DW_AT_RANGES = 0x55,
    DW_FORM_ADDR = 0x01,
    DW_FORM_DATA2 = 0x05,
    DW_FORM_STRING = 0x08,
    DW_FORM_SEC_OFFSET = 0x17,
    DW_LANG_ASSEMBLER = 0x8001,
    VERSION = 4,
    ADDRESS_BYTES = 4
};

static uint32_t write_ranges(struct asm_state *as, uint32_t n_sections)
{
    uint32_t ranges = as->section = asm_section_get(as, ".debug_ranges");
    for (uint32_t i = 0; i < n_sections; i++) {
        if (!as->sections[i].n_rows)
            continue;
        asm_put_address(as, i, 0);
        asm_put_address(as, i, as->sections[i].size_bytes);
    }
    asm_append_value(as, 0, 8);
    return ranges;
}

static uint32_t write_abbreviations(struct asm_state *as)
{
    static const uint8_t bytes[] = {1,
                                    DW_TAG_COMPILE_UNIT,
                                    DW_CHILDREN_NO,
                                    DW_AT_STMT_LIST,
                                    DW_FORM_SEC_OFFSET,
                                    DW_AT_LOW_PC,
                                    DW_FORM_ADDR,
                                    DW_AT_RANGES,
                                    DW_FORM_SEC_OFFSET,
                                    DW_AT_NAME,
                                    DW_FORM_STRING,
                                    DW_AT_LANGUAGE,
                                    DW_FORM_DATA2,
                                    0,
                                    0,
                                    0};
    uint32_t section = as->section = asm_section_get(as, ".debug_abbrev");
    asm_append(as, bytes, sizeof bytes);
    return section;
}

void asm_unit_write(struct asm_state *as, uint32_t line_section)
{
    uint32_t ranges = write_ranges(as, (uint32_t)as->n_sections);
    uint32_t abbreviations = write_abbreviations(as);
    as->section = asm_section_get(as, ".debug_info");
    asm_append_value(as, 0, 4);
    asm_append_value(as, VERSION, 2);
    asm_put_address(as, abbreviations, 0);
    asm_append_value(as, ADDRESS_BYTES, 1);
    asm_put_uleb(as, 1); /* the abbreviation */
    asm_put_address(as, line_section, 0);
    asm_append_value(as, 0, ADDRESS_BYTES);
    asm_put_address(as, ranges, 0);
    asm_put_string(as, as->source_name ? as->source_name : as->file_name);
    asm_append_value(as, DW_LANG_ASSEMBLER, 2);
    struct asm_section *info = asm_current(as);
    if (info->data)
        isa_put_bytes(info->data, info->size_bytes - 4, 4);
}
