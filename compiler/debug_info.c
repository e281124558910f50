/* SPDX-License-Identifier: MIT */
/* Debug information: one compile unit with the types that functions and global variables use. The
 * places of parameters and local variables are left out. Lines are the assembler's. */
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

#include "debug_info.h"
#include "debug_text.h"
#include "metadata.h"

#define FULL_DEBUG "FullDebug"

enum { DWARF_VERSION = 4, ADDRESS_BYTES = 4, FIRST_SLOTS = 256, DBG_KIND = 0 };

struct type_slot {
    LLVMMetadataRef node;
    unsigned number;
};

struct writer {
    struct cg_module *module;
    struct arena *arena;
    LLVMContextRef context;
    struct debug_text text;
    LLVMMetadataRef *types; /* type number i + 1, in the order in which they were met */
    size_t n_types, types_capacity;
    struct type_slot *slots;
    size_t n_slots;
};

/* ---- before the optimiser ------------------------------------------------------------------- */

static bool describes_variable(LLVMValueRef in)
{
    LLVMValueRef callee = LLVMIsACallInst(in) ? LLVMGetCalledValue(in) : NULL;
    size_t len;
    return callee && LLVMIsAFunction(callee) &&
           strncmp(LLVMGetValueName2(callee, &len), "llvm.dbg.", 9) == 0;
}

static void note_parameter(struct cg_module *module, LLVMValueRef function, LLVMValueRef call)
{
    LLVMMetadataRef variable = LLVMValueAsMetadata(LLVMGetOperand(call, 1));
    struct meta meta = meta_read(&module->arena, LLVMGetModuleContext(module->ir), variable);
    if (meta_number(meta, "arg", 0) == 0)
        return;
    module->parameters = grow_array(module->parameters, &module->parameters_capacity,
                                    module->n_parameters, sizeof *module->parameters);
    module->parameters[module->n_parameters++] = (struct cg_parameter){function, variable};
}

static void collect_block(struct cg_module *module, LLVMValueRef function, LLVMBasicBlockRef block)
{
    LLVMValueRef next;
    for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = next) {
        next = LLVMGetNextInstruction(in);
        if (!describes_variable(in))
            continue;
        note_parameter(module, function, in);
        LLVMInstructionEraseFromParent(in);
    }
}

void debug_info_collect(struct cg_module *module)
{
    module->n_parameters = 0;
#if LLVM_VERSION_MAJOR >= 19
    LLVMSetIsNewDbgInfoFormat(module->ir, false);
#endif
    for (LLVMValueRef f = LLVMGetFirstFunction(module->ir); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            collect_block(module, f, b);
}

/* ---- types met ------------------------------------------------------------------------------ */

static struct meta read_node(const struct writer *w, LLVMMetadataRef node)
{
    return meta_read(w->arena, w->context, node);
}

static struct type_slot *slot_of(const struct writer *w, LLVMMetadataRef node)
{
    size_t at = ((uintptr_t)node >> 4) * UINT32_C(2654435761) & (w->n_slots - 1);
    while (w->slots[at].node && w->slots[at].node != node)
        at = (at + 1) & (w->n_slots - 1);
    return &w->slots[at];
}

static void grow_slots(struct writer *w)
{
    w->n_slots = w->n_slots ? w->n_slots * 2 : FIRST_SLOTS;
    w->slots = arena_alloc(w->arena, w->n_slots * sizeof *w->slots);
    for (size_t i = 0; i < w->n_types; i++)
        *slot_of(w, w->types[i]) = (struct type_slot){w->types[i], (unsigned)i + 1};
}

static unsigned type_number(struct writer *w, LLVMMetadataRef node)
{
    if (!node)
        return 0;
    if (w->n_types * 2 >= w->n_slots)
        grow_slots(w);
    struct type_slot *slot = slot_of(w, node);
    if (!slot->node) {
        w->types = grow_array(w->types, &w->types_capacity, w->n_types, sizeof *w->types);
        w->types[w->n_types++] = node;
        *slot = (struct type_slot){node, (unsigned)w->n_types};
    }
    return slot->number;
}

static unsigned linked_type(struct writer *w, struct meta meta, const char *field)
{
    return type_number(w, meta_link(meta, field));
}

static void put_name(struct writer *w, struct debug_entry *entry, struct meta meta)
{
    debug_name(&w->text, entry, DW_AT_name, meta_string(w->arena, meta, "name"));
}

/* ---- entries of types ----------------------------------------------------------------------- */

static void put_base_type(struct writer *w, struct meta meta)
{
    static const struct {
        const char *word;
        unsigned number;
    } encodings[] = {{"DW_ATE_boolean", 2},       {"DW_ATE_complex_float", 3},
                     {"DW_ATE_float", 4},         {"DW_ATE_signed", 5},
                     {"DW_ATE_signed_char", 6},   {"DW_ATE_unsigned", 7},
                     {"DW_ATE_unsigned_char", 8}, {"DW_ATE_UTF", 16}};
    struct debug_entry entry = {.tag = DW_TAG_base_type};
    put_name(w, &entry, meta);
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (meta_has_word(meta, "encoding", encodings[i].word))
            debug_number(&entry, DW_AT_encoding, encodings[i].number);
    debug_number(&entry, DW_AT_byte_size, meta_number(meta, "size", 0) / 8);
    debug_put(&w->text, &entry);
}

static void put_derived(struct writer *w, struct meta meta)
{
    static const struct {
        const char *word;
        enum debug_tag tag;
    } tags[] = {{"DW_TAG_pointer_type", DW_TAG_pointer_type},
                {"DW_TAG_typedef", DW_TAG_typedef},
                {"DW_TAG_const_type", DW_TAG_const_type},
                {"DW_TAG_volatile_type", DW_TAG_volatile_type},
                {"DW_TAG_restrict_type", DW_TAG_restrict_type}};
    struct debug_entry entry = {.tag = DW_TAG_volatile_type}; /* _Atomic, too */
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (meta_has_word(meta, "tag", tags[i].word))
            entry.tag = tags[i].tag;
    put_name(w, &entry, meta);
    debug_type(&entry, linked_type(w, meta, "baseType"));
    if (entry.tag == DW_TAG_pointer_type) {
        int64_t space = meta_number(meta, "dwarfAddressSpace", 0);
        debug_number(&entry, DW_AT_byte_size, ADDRESS_BYTES);
        if (space)
            debug_number(&entry, DW_AT_address_class, space);
    }
    debug_put(&w->text, &entry);
}

static void put_subranges(struct writer *w, struct meta meta)
{
    LLVMMetadataRef *items = NULL;
    unsigned count = meta_list(w->arena, w->context, meta_link(meta, "elements"), &items);
    for (unsigned i = 0; i < count; i++) {
        struct debug_entry entry = {.tag = DW_TAG_subrange_type};
        int64_t elements = meta_number(read_node(w, items[i]), "count", -1);
        if (elements >= 0)
            debug_number(&entry, DW_AT_count, elements);
        debug_put(&w->text, &entry);
    }
    debug_put_end(&w->text);
}

static void put_array(struct writer *w, struct meta meta)
{
    struct debug_entry entry = {.tag = DW_TAG_array_type, .has_children = true};
    if (meta_has_word(meta, "flags", "DIFlagVector"))
        debug_flag(&entry, DW_AT_GNU_vector);
    debug_type(&entry, linked_type(w, meta, "baseType"));
    debug_put(&w->text, &entry);
    put_subranges(w, meta);
}

static void put_enumeration(struct writer *w, struct meta meta)
{
    struct debug_entry entry = {.tag = DW_TAG_enumeration_type, .has_children = true};
    LLVMMetadataRef *items = NULL;
    put_name(w, &entry, meta);
    debug_number(&entry, DW_AT_byte_size, meta_number(meta, "size", 0) / 8);
    debug_type(&entry, linked_type(w, meta, "baseType"));
    debug_put(&w->text, &entry);
    unsigned count = meta_list(w->arena, w->context, meta_link(meta, "elements"), &items);
    for (unsigned i = 0; i < count; i++) {
        struct meta item = read_node(w, items[i]);
        struct debug_entry one = {.tag = DW_TAG_enumerator};
        put_name(w, &one, item);
        debug_signed(&one, DW_AT_const_value, meta_number(item, "value", 0));
        debug_put(&w->text, &one);
    }
    debug_put_end(&w->text);
}

static void put_member(struct writer *w, struct meta meta)
{
    struct debug_entry entry = {.tag = DW_TAG_member};
    int64_t offset_bits = meta_number(meta, "offset", 0);
    put_name(w, &entry, meta);
    debug_type(&entry, linked_type(w, meta, "baseType"));
    if (meta_has_word(meta, "flags", "DIFlagBitField")) {
        debug_number(&entry, DW_AT_bit_size, meta_number(meta, "size", 0));
        debug_number(&entry, DW_AT_data_bit_offset, offset_bits);
    } else
        debug_number(&entry, DW_AT_data_member_location, offset_bits / 8);
    debug_put(&w->text, &entry);
}

static void put_structure(struct writer *w, struct meta meta)
{
    bool is_union = meta_has_word(meta, "tag", "DW_TAG_union_type");
    struct debug_entry entry = {.tag = is_union ? DW_TAG_union_type : DW_TAG_structure_type,
                                .has_children = true};
    LLVMMetadataRef *items = NULL;
    put_name(w, &entry, meta);
    if (meta_has_word(meta, "flags", "DIFlagFwdDecl"))
        debug_flag(&entry, DW_AT_declaration);
    else
        debug_number(&entry, DW_AT_byte_size, meta_number(meta, "size", 0) / 8);
    debug_put(&w->text, &entry);
    unsigned count = meta_list(w->arena, w->context, meta_link(meta, "elements"), &items);
    for (unsigned i = 0; i < count; i++)
        put_member(w, read_node(w, items[i]));
    debug_put_end(&w->text);
}

/* Parameters of a function type; names of those that a function has. */
static void put_parameters(struct writer *w, struct meta type, LLVMValueRef function)
{
    LLVMMetadataRef *items = NULL;
    unsigned count = meta_list(w->arena, w->context, meta_link(type, "types"), &items);
    const char **names = arena_alloc(w->arena, (count + 1) * sizeof *names);
    for (size_t i = 0; i < w->module->n_parameters; i++) {
        const struct cg_parameter *parameter = &w->module->parameters[i];
        if (!function || parameter->function != function)
            continue;
        struct meta meta = read_node(w, parameter->variable);
        int64_t number = meta_number(meta, "arg", 0);
        if (number < count)
            names[number] = meta_string(w->arena, meta, "name");
    }
    for (unsigned i = 1; i < count; i++) {
        bool more = !items[i]; /* the ellipsis */
        struct debug_entry entry = {.tag = more ? DW_TAG_unspecified_parameters
                                                : DW_TAG_formal_parameter};
        debug_name(&w->text, &entry, DW_AT_name, names[i]);
        debug_type(&entry, type_number(w, items[i]));
        debug_put(&w->text, &entry);
    }
    debug_put_end(&w->text);
}

static unsigned result_type(struct writer *w, struct meta type)
{
    LLVMMetadataRef *items = NULL;
    unsigned count = meta_list(w->arena, w->context, meta_link(type, "types"), &items);
    return count ? type_number(w, items[0]) : 0;
}

static void put_function_type(struct writer *w, struct meta meta)
{
    struct debug_entry entry = {.tag = DW_TAG_subroutine_type, .has_children = true};
    debug_flag(&entry, DW_AT_prototyped);
    debug_type(&entry, result_type(w, meta));
    debug_put(&w->text, &entry);
    put_parameters(w, meta, NULL);
}

static void put_type(struct writer *w, unsigned number)
{
    struct meta meta = read_node(w, w->types[number - 1]);
    debug_put_type_label(&w->text, number);
    if (meta_is(meta, "DIBasicType"))
        put_base_type(w, meta);
    else if (meta_is(meta, "DISubroutineType"))
        put_function_type(w, meta);
    else if (!meta_is(meta, "DICompositeType"))
        put_derived(w, meta);
    else if (meta_has_word(meta, "tag", "DW_TAG_array_type"))
        put_array(w, meta);
    else if (meta_has_word(meta, "tag", "DW_TAG_enumeration_type"))
        put_enumeration(w, meta);
    else
        put_structure(w, meta);
}

/* ---- variables and functions ---------------------------------------------------------------- */

static const char *quoted(struct writer *w, const char *symbol)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return symbol;
    module_emit_quoted(out, symbol);
    fclose(out);
    const char *copy = arena_format(w->arena, "%s", text);
    free(text);
    return copy;
}

/* The variable's address as it is, or with nothing but its address space. */
static bool is_whole(struct meta expression)
{
    const char *operations = strstr(expression.text, "expr: !DIExpression(");
    if (!operations)
        return false;
    operations = strchr(operations, '(') + 1;
    if (strncmp(operations, "DW_OP_constu, ", 14) == 0)
        operations += strcspn(operations + 14, ",") + 14;
    return *operations == ')' || strcmp(operations, ", DW_OP_swap, DW_OP_xderef))") == 0;
}

/* Parts of a variable that the optimiser has divided are left out. */
static void put_variable(struct writer *w, LLVMValueRef global, LLVMMetadataRef expression_node)
{
    struct meta expression = read_node(w, expression_node);
    struct meta meta = read_node(w, meta_link(expression, "var"));
    const char *symbol = module_symbol(w->module, global);
    if (!is_whole(expression) || !meta_is(meta, "DIGlobalVariable"))
        return;
    const char *name = meta_string(w->arena, meta, "name");
    struct debug_entry entry = {.tag = DW_TAG_variable};
    debug_name(&w->text, &entry, DW_AT_name, name);
    debug_type(&entry, linked_type(w, meta, "type"));
    if (LLVMGetLinkage(global) != LLVMInternalLinkage)
        debug_flag(&entry, DW_AT_external);
    debug_location(&entry, DW_AT_location, quoted(w, symbol));
    if (name && strcmp(name, symbol) != 0)
        debug_name(&w->text, &entry, DW_AT_linkage_name, symbol);
    debug_put(&w->text, &entry);
}

static void put_variables(struct writer *w)
{
    for (LLVMValueRef g = LLVMGetFirstGlobal(w->module->ir); g; g = LLVMGetNextGlobal(g)) {
        size_t count = 0;
        if (LLVMIsDeclaration(g) || LLVMGetLinkage(g) == LLVMAvailableExternallyLinkage)
            continue;
        LLVMValueMetadataEntry *entries = LLVMGlobalCopyAllMetadata(g, &count);
        for (unsigned i = 0; i < count; i++)
            if (LLVMValueMetadataEntriesGetKind(entries, i) == DBG_KIND)
                put_variable(w, g, LLVMValueMetadataEntriesGetMetadata(entries, i));
        LLVMDisposeValueMetadataEntries(entries);
    }
}

static void put_function(struct writer *w, unsigned number, LLVMValueRef function)
{
    struct meta meta = read_node(w, LLVMGetSubprogram(function));
    if (!meta_is(meta, "DISubprogram"))
        return;
    struct meta type = read_node(w, meta_link(meta, "type"));
    struct debug_entry entry = {.tag = DW_TAG_subprogram, .has_children = true};
    put_name(w, &entry, meta);
    debug_address(&entry, DW_AT_low_pc, arena_format(w->arena, ".Lfunc_begin%u", number));
    debug_length(&entry, DW_AT_high_pc,
                 arena_format(w->arena, ".Lfunc_end%u-.Lfunc_begin%u", number, number));
    debug_type(&entry, result_type(w, type));
    if (meta_has_word(meta, "flags", "DIFlagPrototyped"))
        debug_flag(&entry, DW_AT_prototyped);
    if (LLVMGetLinkage(function) != LLVMInternalLinkage)
        debug_flag(&entry, DW_AT_external);
    debug_put(&w->text, &entry);
    put_parameters(w, type, function);
}

/* ---- the unit ------------------------------------------------------------------------------- */

static unsigned language_of(struct meta unit)
{
    enum { DW_LANG_C89 = 0x01, DW_LANG_C99 = 0x0c, DW_LANG_C11 = 0x1d };
    if (meta_has_word(unit, "language", "DW_LANG_C89"))
        return DW_LANG_C89;
    return meta_has_word(unit, "language", "DW_LANG_C99") ? DW_LANG_C99 : DW_LANG_C11;
}

/* No directory: files of the line table have theirs where they need one, and messages name sources
 * as the command line did. */
static void put_unit(struct writer *w, struct meta unit)
{
    struct meta file = read_node(w, meta_link(unit, "file"));
    struct debug_entry entry = {.tag = DW_TAG_compile_unit, .has_children = true};
    debug_name(&w->text, &entry, DW_AT_producer, "dpu-cg");
    debug_name(&w->text, &entry, DW_AT_name, meta_string(w->arena, file, "filename"));
    debug_number(&entry, DW_AT_language, language_of(unit));
    debug_section(&entry, DW_AT_stmt_list, ".Ldebug_line");
    debug_address(&entry, DW_AT_low_pc, "0");
    debug_section(&entry, DW_AT_ranges, ".Ldebug_ranges");
    debug_put(&w->text, &entry);
}

static void put_children(struct writer *w, struct meta unit)
{
    const struct cg_module *module = w->module;
    LLVMMetadataRef *items = NULL;
    for (unsigned i = 0; i < module->n_functions; i++)
        put_function(w, i, module->functions[i]);
    put_variables(w);
    unsigned count = meta_list(w->arena, w->context, meta_link(unit, "enums"), &items);
    for (unsigned i = 0; i < count; i++)
        type_number(w, items[i]);
    for (unsigned i = 1; i <= w->n_types; i++) /* grows meanwhile */
        put_type(w, i);
    debug_put_end(&w->text);
}

static void put_ranges(const struct writer *w)
{
    fputs("\t.section .debug_ranges,\"\",@progbits\n.Ldebug_ranges:\n", w->text.out);
    for (unsigned i = 0; i < w->module->n_functions; i++)
        fprintf(w->text.out, "\t.long .Lfunc_begin%u\n\t.long .Lfunc_end%u\n", i, i);
    fputs("\t.long 0\n\t.long 0\n", w->text.out);
}

/* The unit that the front end describes in full, or nothing. */
static struct meta find_unit(struct writer *w)
{
    static const char list[] = "llvm.dbg.cu";
    unsigned count = LLVMGetNamedMetadataNumOperands(w->module->ir, list);
    LLVMValueRef *units = arena_alloc(w->arena, (count + 1) * sizeof(LLVMValueRef));
    LLVMGetNamedMetadataOperands(w->module->ir, list, units);
    for (unsigned i = 0; i < count; i++) {
        struct meta unit = read_node(w, LLVMValueAsMetadata(units[i]));
        if (meta_has_word(unit, "emissionKind", FULL_DEBUG))
            return unit;
    }
    return read_node(w, NULL);
}

void debug_info_write(struct cg_module *module)
{
    struct writer w = {.module = module,
                       .arena = &module->arena,
                       .context = LLVMGetModuleContext(module->ir),
                       .text = {.out = module->out, .arena = &module->arena}};
    struct meta unit = find_unit(&w);
    if (!unit.node)
        return;
    fprintf(module->out,
            "\t.section .debug_line,\"\",@progbits\n.Ldebug_line:\n"
            "\t.section .debug_info,\"\",@progbits\n.Ldebug_info:\n"
            "\t.long .Ldebug_info_end-.Ldebug_info-4\n\t.short %d\n\t.long .Ldebug_abbrev\n"
            "\t.byte %d\n",
            DWARF_VERSION, ADDRESS_BYTES);
    put_unit(&w, unit);
    put_children(&w, unit);
    fputs(".Ldebug_info_end:\n", module->out);
    put_ranges(&w);
    debug_put_tables(&w.text);
    debug_text_fini(&w.text);
    free(w.types);
}
