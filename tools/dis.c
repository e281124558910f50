/* SPDX-License-Identifier: MIT */
/* `dpusim dis`: code of executables with labels, source lines and names of jump targets; code
 * sections of objects; single words. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "object_view.h"
#include "options.h"

enum { TEXT_BYTES = 256, NO_TARGET = -1 };

struct listing {
    const struct dis_options *options;
    const struct isa_program *program;
    const struct isa_symbol **labels; /* of code, by address */
    size_t n_labels, next_label;
    const char *file; /* of the last source line shown */
    unsigned line;
};

/* ------------------------------------------------------------------ executables --------------- */

static int by_address(const void *left, const void *right)
{
    const struct isa_symbol *a = *(const struct isa_symbol *const *)left;
    const struct isa_symbol *b = *(const struct isa_symbol *const *)right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a < b ? -1 : a > b;
}

static bool is_label(const struct isa_symbol *symbol)
{
    enum isa_memory memory;
    uint32_t offset;
    return symbol->defined && !symbol->absolute && *symbol->name &&
           symbol->type != ISA_SYMBOL_FILE && isa_address_split(symbol->value, &memory, &offset) &&
           memory == ISA_IRAM;
}

static void collect_labels(struct listing *listing)
{
    const struct isa_program *program = listing->program;
    listing->labels = tool_realloc(NULL, program->n_symbols + 1, sizeof *listing->labels);
    for (size_t i = 0; i < program->n_symbols; i++)
        if (is_label(&program->symbols[i]))
            listing->labels[listing->n_labels++] = &program->symbols[i];
    qsort(listing->labels, listing->n_labels, sizeof *listing->labels, by_address);
}

static void print_labels(struct listing *listing, uint32_t address)
{
    for (; listing->next_label < listing->n_labels &&
           listing->labels[listing->next_label]->value <= address;
         listing->next_label++)
        if (listing->labels[listing->next_label]->value == address)
            printf("%s:\n", listing->labels[listing->next_label]->name);
}

static void print_source(struct listing *listing, uint32_t pc)
{
    const char *file;
    unsigned line;
    if (listing->options->no_source || !isa_program_line_at(listing->program, pc, &file, &line))
        return;
    if (listing->file && strcmp(listing->file, file) == 0 && listing->line == line)
        return;
    printf("      // %s:%u\n", listing->file = file, listing->line = line);
}

/* Index that an instruction may jump to as its text says, or NO_TARGET. */
static int target_of(uint64_t word)
{
    struct isa_insn insn;
    bool from_zero = true;
    if (!isa_decode(word, &insn))
        return NO_TARGET;
    const struct isa_form_info *form = isa_form_get(insn.form);
    for (unsigned i = 0; i < form->pattern.n_operands; i++) {
        const struct isa_operand_info *operand = isa_operand_get(form->pattern.operands[i]);
        bool far = operand->kind == ISA_KIND_PC24 || operand->kind == ISA_KIND_PC28;
        if (strcmp(operand->name, "ra") == 0)
            from_zero = insn.value[i] == ISA_WORK_REGISTERS; /* the constant zero */
        if (operand->kind == ISA_KIND_PC16 || (far && from_zero))
            return (int)((uint64_t)insn.value[i] % ISA_IRAM_INSNS);
    }
    return NO_TARGET;
}

/* The last label at or before the address, the first of several at one address; NULL when none. */
static const struct isa_symbol *label_before(const struct listing *listing, uint32_t address)
{
    const struct isa_symbol *found = NULL;
    size_t low = 0, high = listing->n_labels;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (listing->labels[middle]->value <= address)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > 0 && (!found || listing->labels[low - 1]->value == found->value))
        found = listing->labels[--low];
    return found;
}

/* Names the target, if the text ends with it: aliases leave targets out that are never taken. */
static void print_target(const struct listing *listing, uint64_t word, const char *text)
{
    char ending[24];
    int target = target_of(word);
    size_t len = strlen(text);
    if (target == NO_TARGET)
        return;
    size_t ending_len = (size_t)snprintf(ending, sizeof ending, " 0x%x", (unsigned)target);
    if (len < ending_len || strcmp(text + len - ending_len, ending) != 0)
        return;
    uint32_t address = ISA_IRAM_BASE + (uint32_t)target * ISA_INSN_BYTES;
    const struct isa_symbol *symbol = label_before(listing, address);
    if (!symbol)
        return;
    unsigned offset = (address - symbol->value) / ISA_INSN_BYTES;
    printf("  // %s", symbol->name);
    if (offset)
        printf("+%u", offset);
}

static uint64_t word_at(const uint8_t *bytes, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len && i < ISA_INSN_BYTES; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void print_segment(struct listing *listing, const struct isa_segment *segment)
{
    char text[TEXT_BYTES];
    for (uint32_t at = 0; at < segment->file_bytes; at += ISA_INSN_BYTES) {
        uint32_t pc = (segment->offset_bytes + at) / ISA_INSN_BYTES;
        uint64_t word = word_at(segment->data + at, segment->file_bytes - at);
        print_labels(listing, ISA_IRAM_BASE + segment->offset_bytes + at);
        print_source(listing, pc);
        isa_print(text, sizeof text, word, listing->options->raw);
        printf("%5u  %012llx  %s", (unsigned)pc, (unsigned long long)word, text);
        print_target(listing, word, text);
        putchar('\n');
    }
}

static int show_program(const struct verb *verb, const struct dis_options *options,
                        struct isa_bytes image, const char *name)
{
    struct isa_diag diag = {""};
    struct isa_program *program = NULL;
    enum dpusim_status status = isa_program_read(&program, image, name, &tool_report, &diag);
    if (status)
        return tool_fail(verb->name, status, &diag);
    struct listing listing = {.options = options, .program = program};
    collect_labels(&listing);
    for (size_t i = 0; i < program->n_segments; i++)
        if (program->segments[i].memory == ISA_IRAM) {
            listing.next_label = 0;
            print_segment(&listing, &program->segments[i]);
        }
    free(listing.labels);
    isa_program_destroy(program);
    return TOOL_OK;
}

/* ------------------------------------------------------------------ objects ------------------- */

struct object_listing {
    struct isa_bytes image;
    bool raw;
};

static void show_section(void *context, const char *name, unsigned index, struct isa_bytes code)
{
    const struct object_listing *listing = context;
    char text[TEXT_BYTES];
    printf("section %s:\n", name);
    for (size_t at = 0; at < code.len_bytes; at += ISA_INSN_BYTES) {
        const char *label = object_label(listing->image, index, (uint32_t)at);
        uint64_t word = word_at(code.data + at, code.len_bytes - at);
        if (label)
            printf("%s:\n", label);
        isa_print(text, sizeof text, word, listing->raw);
        printf("%5zu  %012llx  %s\n", at / ISA_INSN_BYTES, (unsigned long long)word, text);
    }
}

static int show_file(const struct verb *verb, const struct dis_options *options, const char *path)
{
    struct isa_bytes image;
    int code = TOOL_OK;
    if (!tool_read_file(verb->name, path, &image))
        return TOOL_INPUT;
    struct object_listing object = {image, options->raw};
    if (object_is_relocatable(image))
        object_each_code(image, show_section, &object);
    else
        code = show_program(verb, options, image, path);
    free((void *)image.data);
    return code;
}

/* ------------------------------------------------------------------ words --------------------- */

/* Up to 16 hexadecimal digits, 0x in front allowed. */
static bool parse_word(const char *text, size_t len, uint64_t *word)
{
    uint64_t sum = 0;
    if (len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
        text += 2;
        len -= 2;
    }
    if (!len || len > 16)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isxdigit((unsigned char)text[i]))
            return false;
        unsigned letter = (unsigned char)text[i] | 0x20;
        sum = sum << 4 | (letter <= '9' ? letter - '0' : letter - 'a' + 10);
    }
    *word = sum;
    return true;
}

static void show_word(const struct dis_options *options, uint64_t word)
{
    char text[TEXT_BYTES];
    isa_print(text, sizeof text, word, options->raw);
    puts(text);
}

static int show_words_of(const struct verb *verb, const struct dis_options *options,
                         const char *path)
{
    struct isa_bytes bytes;
    int code = TOOL_OK;
    if (!tool_read_file(verb->name, path, &bytes))
        return TOOL_INPUT;
    const char *at = (const char *)bytes.data, *end = at + bytes.len_bytes;
    while (at < end) {
        uint64_t word;
        size_t len = strcspn(at, " \t\r\n,");
        if (len && parse_word(at, len, &word)) {
            show_word(options, word);
        } else if (len || !*at) {
            tool_error(verb->name, "%s: \"%.*s\" is not a word of up to 16 hexadecimal digits",
                       path, (int)(len > 40 ? 40 : len), at);
            code = TOOL_INPUT;
        }
        at += len + 1;
    }
    free((void *)bytes.data);
    return code;
}

static int show_words(const struct verb *verb, const struct dis_options *options)
{
    int code = TOOL_OK;
    uint64_t word;
    for (size_t i = 0; i < options->operands.count; i++) {
        const char *operand = options->operands.items[i];
        if (parse_word(operand, strlen(operand), &word))
            show_word(options, word);
        else if (show_words_of(verb, options, operand))
            code = TOOL_INPUT;
    }
    return code;
}

int tool_verb_dis(const struct verb *verb, int argc, char **argv)
{
    struct dis_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        if (!options.operands.count)
            code = options_complain(verb, "operand missing: dpusim dis %s", verb->operands);
        else if (options.words)
            code = show_words(verb, &options);
        else if (options.operands.count > 1)
            code = options_complain(verb, "one program at a time; for words give --words");
        else
            code = show_file(verb, &options, options.operands.items[0]);
    }
    options_free(verb, &options);
    return code;
}
