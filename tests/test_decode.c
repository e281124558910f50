/* SPDX-License-Identifier: MIT */
/* Decoder, encoder, printer and assembler agree on every form of the tables: operands of edge and
 * random values go there and back, ignored bits change nothing, and a linear scan over the tables
 * finds what the decision tree finds. */
#include <check.h>

#include "sim_help.h"

#define SEED UINT64_C(0x5eed0fdec0de)

enum { VALUES_PER_FORM = 24, RANDOM_WORDS = 300000 };
enum { MAX_LINES = (ISA_FORM_COUNT + ISA_ALIAS_COUNT) * VALUES_PER_FORM * 2 };

static uint64_t word_mask(void)
{
    return (UINT64_C(1) << ISA_WORD_BITS) - 1;
}

/* ---- the tables themselves ------------------------------------------------------------------ */

START_TEST(tables_have_their_size)
{
    ck_assert_int_eq(ISA_FORM_COUNT, 973);
    ck_assert_int_eq(ISA_ALIAS_COUNT, 105);
    ck_assert_int_eq(ISA_CLASS_COUNT, 22);
    ck_assert_int_eq(ISA_CHIP_COUNT, 2);
}
END_TEST

START_TEST(signatures_are_unique_and_found)
{
    char name[32];
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++) {
        isa_form_signature((enum isa_form)i, name, sizeof name);
        EXPECT(isa_form_find(name) == (enum isa_form)i, "%s", name);
    }
    ck_assert_int_eq(isa_form_find("add:rrrr"), ISA_ILLEGAL);
    ck_assert_str_eq(isa_form_signature(ISA_ILLEGAL, name, sizeof name), "ILLEGAL");
}
END_TEST

START_TEST(flags_are_written_by_158_and_747_forms)
{
    unsigned count[3] = {0};
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++)
        count[isa_op_get(isa_form_get((enum isa_form)i)->op)->flags]++;
    ck_assert_uint_eq(count[ISA_FLAGS_ZC], 158);
    ck_assert_uint_eq(count[ISA_FLAGS_Z], 747);
    ck_assert_uint_eq(count[ISA_FLAGS_NONE], 68);
}
END_TEST

START_TEST(undocumented_operations_are_three)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ISA_OP_COUNT; i++)
        count += !isa_op_get((enum isa_op)i)->documented;
    ck_assert_uint_eq(count, 3);
    ck_assert(!isa_op_get(ISA_OP_CLR_RUN)->documented && !isa_op_get(ISA_OP_TELL)->documented);
}
END_TEST

/* An operand of a form has no bits in common with another or with bits that the form fixes, save
 * the constants that aliases and jumps put there. */
START_TEST(fields_of_a_form_do_not_overlap)
{
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++) {
        const struct isa_form_info *info = isa_form_get((enum isa_form)i);
        uint64_t used = 0;
        for (unsigned k = 0; k < info->pattern.n_operands; k++) {
            enum isa_operand operand = (enum isa_operand)info->pattern.operands[k];
            uint64_t field = isa_operand_get(operand)->field_mask;
            EXPECT((used & field) == 0, "form %u operand %u", i, k);
            used |= field;
        }
        EXPECT((info->ignored & (used | info->pattern.mask)) == 0, "form %u", i);
        used |= info->pattern.mask | (info->check_rb ? UINT64_C(3) << 32 : 0);
        EXPECT((info->ignored | used) == word_mask(), "form %u", i);
    }
}
END_TEST

START_TEST(chips_and_memories_have_names)
{
    ck_assert_int_eq(isa_chip_find("v1A"), ISA_CHIP_V1A);
    ck_assert_int_eq(isa_chip_find("v1B"), ISA_CHIP_V1B);
    ck_assert_int_eq(isa_chip_find("v2"), ISA_CHIP_COUNT);
    ck_assert_uint_eq(isa_chip_get(ISA_CHIP_V1B)->iram_insns, 3968);
    ck_assert_str_eq(isa_register_name(0), "r0");
    ck_assert_str_eq(isa_register_name(31), "id8");
    ck_assert_str_eq(isa_register_name(32), "r?");
}
END_TEST

START_TEST(statuses_have_sentences_and_exit_codes)
{
    for (unsigned i = 0; i < DPUSIM_STATUS_COUNT; i++) {
        ck_assert(strlen(dpusim_status_text((enum dpusim_status)i)) > 1);
        ck_assert(dpusim_status_exit_code((enum dpusim_status)i) <= 5);
    }
    ck_assert_int_eq(dpusim_status_exit_code(DPUSIM_OK), 0);
    ck_assert_int_eq(dpusim_status_exit_code(DPUSIM_STATUS_COUNT), 5);
    ck_assert_str_eq(dpusim_status_text(DPUSIM_STATUS_COUNT), "unknown status");
}
END_TEST

/* ---- conditions ----------------------------------------------------------------------------- */

START_TEST(condition_names_and_codes_go_there_and_back)
{
    size_t count;
    const struct isa_cond_code *codes = isa_cond_codes(&count);
    for (size_t i = 0; i < count; i++) {
        const struct isa_cond_code *code = &codes[i];
        if (code->role == ISA_CODE_MAIN || code->role == ISA_CODE_EXTRA)
            ck_assert_int_eq(isa_cond_find(code->cond_class, code->spelling), code->code);
        if (code->role == ISA_CODE_EXTRA)
            continue;
        ck_assert_int_eq(isa_cond_of(code->cond_class, code->code), code->cond);
        ck_assert_str_eq(isa_cond_name(code->cond_class, code->code), code->spelling);
    }
}
END_TEST

static const struct {
    enum isa_cond_class cond_class;
    const char *spelling;
    int code;
} spellings[] = {
    {ISA_CLASS_ADD_NZ, "t", 1},    {ISA_CLASS_ADD_NZ, "T", 1},
    {ISA_CLASS_ADD_NZ, "NSZ", 13}, {ISA_CLASS_ADD_NZ, "snz", 13},
    {ISA_CLASS_ADD_NZ, "Z", 2},    {ISA_CLASS_ADD_NZ, "Nz", -1},
    {ISA_CLASS_ADD_NZ, "geu", -1}, {ISA_CLASS_ADD_NZ, "averyverylongname", -1},
    {ISA_CLASS_ADD_NZ, "", -1},    {ISA_CLASS_SUB_NZ, "eq", 2},
    {ISA_CLASS_SUB_NZ, "neq", 3},  {ISA_CLASS_RELEASE, "nz", 0},
};

START_TEST(condition_spelling_is_understood)
{
    EXPECT(isa_cond_find(spellings[_i].cond_class, spellings[_i].spelling) == spellings[_i].code,
           "%s", spellings[_i].spelling);
}
END_TEST

START_TEST(code_without_a_name_is_false_and_prints_so)
{
    ck_assert_int_eq(isa_cond_of(ISA_CLASS_SUB_NZ, 63), ISA_COND_FALSE);
    ck_assert_str_eq(isa_cond_name(ISA_CLASS_SUB_NZ, 63), "???");
}
END_TEST

/* ---- operand values ------------------------------------------------------------------------- */

static bool is_register(enum isa_kind kind)
{
    return kind == ISA_KIND_WORK || kind == ISA_KIND_ANY || kind == ISA_KIND_ANY_NZ ||
           kind == ISA_KIND_CONST || kind == ISA_KIND_SAFE || kind == ISA_KIND_SAFE_ANY ||
           kind == ISA_KIND_PAIR;
}

/* Main codes only: the assembler never writes the alternative ones. */
static int64_t random_code(const struct isa_operand_info *info, uint64_t *state)
{
    size_t count, n = 0;
    const struct isa_cond_code *codes = isa_cond_codes(&count), *fit[64];
    for (size_t i = 0; i < count; i++)
        if (codes[i].cond_class == info->cond_class && codes[i].role == ISA_CODE_MAIN &&
            info->decodable_codes >> codes[i].code & 1)
            fit[n++] = &codes[i];
    EXPECT(n > 0, "class %d", info->cond_class);
    return fit[random_next(state) % n]->code;
}

static int64_t random_register(const struct isa_operand_info *info, uint64_t *state)
{
    const struct isa_kind_info *kind = isa_kind_get(info->kind);
    uint64_t count = (uint64_t)(kind->highest - kind->lowest) + 1;
    int64_t value = kind->lowest + (int64_t)(random_next(state) % count);
    if (info->kind == ISA_KIND_PAIR)
        value &= ~1;
    if (info->kind == ISA_KIND_ANY_NZ && value == (int64_t)ISA_WORK_REGISTERS)
        value++;
    return value;
}

/* The value that the field gives back, so that comparisons are exact. */
static int64_t normal(enum isa_operand operand, int64_t value)
{
    return isa_field_value(operand, isa_field_put(operand, 0, (uint64_t)value));
}

/* Number `turn` of an operand: its lowest and highest value, then random ones. */
static int64_t operand_value(enum isa_operand operand, unsigned turn, uint64_t *state)
{
    const struct isa_operand_info *info = isa_operand_get(operand);
    const struct isa_kind_info *kind = isa_kind_get(info->kind);
    if (info->kind == ISA_KIND_ZERO)
        return 0;
    if (info->kind == ISA_KIND_COND)
        return random_code(info, state);
    if (is_register(info->kind))
        return random_register(info, state);
    if (turn < 2)
        return normal(operand, turn ? kind->highest : kind->lowest);
    return normal(operand, (int64_t)(int32_t)random_value(state));
}

static void random_operands(const struct isa_pattern *pattern, unsigned turn, uint64_t *state,
                            int64_t value[ISA_MAX_OPERANDS])
{
    for (unsigned i = 0; i < pattern->n_operands; i++)
        value[i] = operand_value((enum isa_operand)pattern->operands[i], turn, state);
}

static bool rb_is_taken(const struct isa_form_info *info, uint64_t word)
{
    return info->check_rb && (word >> 32 & 3) == 3;
}

static uint64_t fields_of(const struct isa_pattern *pattern)
{
    uint64_t fields = 0;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        fields |= isa_operand_get((enum isa_operand)pattern->operands[i])->field_mask;
    return fields;
}

/* Bits of the word that may have any value, or any but 3, turned over at random. */
static uint64_t with_noise(const struct isa_form_info *info, uint64_t word, uint64_t *state)
{
    uint64_t rb_bits = UINT64_C(3) << 32, noise = info->ignored;
    if (info->check_rb && !(rb_bits & (fields_of(&info->pattern) | info->pattern.mask)))
        noise |= random_next(state) % 2 ? UINT64_C(1) << 32 : UINT64_C(2) << 32;
    return word ^ (random_next(state) & noise);
}

/* ---- there and back ------------------------------------------------------------------------- */

static void check_decoding(enum isa_form form, uint64_t word, const int64_t value[ISA_MAX_OPERANDS])
{
    const struct isa_pattern *pattern = &isa_form_get(form)->pattern;
    struct isa_insn insn;
    char name[32];
    isa_form_signature(form, name, sizeof name);
    EXPECT(isa_decode(word, &insn), "%s: %012" PRIx64 " does not decode", name, word);
    EXPECT(insn.form == form && insn.word == word, "%s: %012" PRIx64, name, word);
    for (unsigned i = 0; i < pattern->n_operands; i++)
        EXPECT(insn.value[i] == value[i],
               "%s: %012" PRIx64 " operand %u is %" PRId64 ", not %" PRId64, name, word, i,
               insn.value[i], value[i]);
    EXPECT(isa_encode(pattern, insn.value) == (word & (pattern->mask | fields_of(pattern))),
           "%s: %012" PRIx64, name, word);
}

START_TEST(encoded_form_decodes_to_its_operands_whatever_ignored_bits_hold)
{
    enum isa_form form = (enum isa_form)_i;
    const struct isa_form_info *info = isa_form_get(form);
    uint64_t state = SEED + (uint64_t)_i;
    for (unsigned turn = 0; turn < VALUES_PER_FORM; turn++) {
        int64_t value[ISA_MAX_OPERANDS] = {0};
        char text[2][160];
        random_operands(&info->pattern, turn, &state, value);
        uint64_t word = isa_encode(&info->pattern, value);
        uint64_t noisy = with_noise(info, word, &state);
        check_decoding(form, word, value);
        check_decoding(form, noisy, value);
        isa_print(text[0], sizeof text[0], word, true);
        isa_print(text[1], sizeof text[1], noisy, true);
        EXPECT(strcmp(text[0], text[1]) == 0, "%s / %s", text[0], text[1]);
    }
}
END_TEST

START_TEST(alias_encodes_words_of_its_form)
{
    const struct isa_alias_info *alias = isa_alias_get((enum isa_alias)_i);
    uint64_t state = SEED + (uint64_t)_i;
    for (unsigned turn = 0; turn < VALUES_PER_FORM; turn++) {
        int64_t value[ISA_MAX_OPERANDS] = {0};
        random_operands(&alias->pattern, turn, &state, value);
        uint64_t word = isa_encode(&alias->pattern, value);
        EXPECT(isa_decode_form(word) == alias->form, "%s:%s %012" PRIx64, alias->pattern.mnemonic,
               alias->pattern.shape, word);
    }
}
END_TEST

/* ---- text ----------------------------------------------------------------------------------- */

struct line {
    uint64_t word;
    const char *text;
};

struct lines {
    struct line *line;
    size_t count;
    char *text, *end; /* all lines, each ending in a newline */
};

/* Safe and plain loads and stores with a constant base print alike when an endianness is written;
 * the plain one is meant. */
static bool has_plain_twin(uint64_t word)
{
    struct isa_insn insn;
    isa_decode(word, &insn);
    const struct isa_pattern *pattern = &isa_form_get(insn.form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++)
        if (isa_operand_get((enum isa_operand)pattern->operands[i])->kind == ISA_KIND_SAFE_ANY)
            return insn.value[i] >= (int64_t)ISA_WORK_REGISTERS;
    return false;
}

static void add_line(struct lines *lines, uint64_t word, bool raw)
{
    char text[160];
    isa_print(text, sizeof text, word, raw);
    if (strstr(text, "!") && has_plain_twin(word))
        return;
    EXPECT(lines->count < MAX_LINES, "%zu lines", lines->count);
    lines->line[lines->count++] = (struct line){word, lines->end};
    lines->end += sprintf(lines->end, "%s\n", text);
}

static void add_words(struct lines *lines, const struct isa_pattern *pattern, uint64_t *state)
{
    for (unsigned turn = 0; turn < VALUES_PER_FORM; turn++) {
        int64_t value[ISA_MAX_OPERANDS] = {0};
        random_operands(pattern, turn, state, value);
        uint64_t word = isa_encode(pattern, value);
        add_line(lines, word, false);
        add_line(lines, word, true);
    }
}

static void note_message(void *context, const struct isa_message *message)
{
    struct lines *lines = context;
    const char *text =
        message->line && message->line <= lines->count ? lines->line[message->line - 1].text : "";
    EXPECT(message->severity != ISA_ERROR, "%s: %.*s", message->text, (int)strcspn(text, "\n"),
           text);
}

/* Bytes of the first section that holds code. */
static const uint8_t *code_of(const struct isa_object *object, size_t len_bytes)
{
    struct isa_bytes image;
    ck_assert_int_eq(isa_object_write(object, &image, NULL), DPUSIM_OK);
    uint32_t header_at, offset, size, type, flags;
    uint16_t count;
    memcpy(&header_at, image.data + 32, sizeof header_at);
    memcpy(&count, image.data + 48, sizeof count);
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *header = image.data + header_at + i * 40;
        memcpy(&type, header + 4, 4);
        memcpy(&flags, header + 8, 4);
        memcpy(&offset, header + 16, 4);
        memcpy(&size, header + 20, 4);
        if (type == 1 && (flags & 4) && size) {
            uint8_t *code = malloc(size);
            ck_assert_uint_eq(size, len_bytes);
            memcpy(code, image.data + offset, size);
            free((void *)(uintptr_t)image.data);
            return code;
        }
    }
    ck_abort_msg("no code");
    return NULL;
}

static void check_assembly(struct lines *lines)
{
    struct isa_asm_options options = {.max_errors = 5};
    struct isa_report report = {note_message, lines};
    struct isa_bytes text = {(const uint8_t *)lines->text, (size_t)(lines->end - lines->text)};
    struct isa_object *object = NULL;
    ck_assert_int_eq(isa_assemble(&object, text, "lines", &options, &report), DPUSIM_OK);
    const uint8_t *code = code_of(object, lines->count * ISA_INSN_BYTES);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->line[i];
        uint64_t word;
        memcpy(&word, code + i * ISA_INSN_BYTES, sizeof word);
        EXPECT(word == line->word, "seed %" PRIx64 ": %.*s: %012" PRIx64 ", not %012" PRIx64, SEED,
               (int)strcspn(line->text, "\n"), line->text, word, line->word);
    }
    free((void *)(uintptr_t)code);
    isa_object_destroy(object);
}

START_TEST(every_form_and_alias_printed_and_assembled_is_the_same_word)
{
    struct lines lines = {.line = calloc(MAX_LINES, sizeof *lines.line),
                          .text = malloc((size_t)MAX_LINES * 100)};
    uint64_t state = SEED;
    lines.end = lines.text;
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++)
        add_words(&lines, &isa_form_get((enum isa_form)i)->pattern, &state);
    for (unsigned i = 0; i < ISA_ALIAS_COUNT; i++)
        add_words(&lines, &isa_alias_get((enum isa_alias)i)->pattern, &state);
    check_assembly(&lines);
    free(lines.line);
    free(lines.text);
}
END_TEST

START_TEST(printing_needs_no_room_and_ends_its_string)
{
    uint64_t word = WORD(ADD_RRI, 1, 2, 3);
    char text[8] = "???????";
    int length = isa_print(NULL, 0, word, false);
    ck_assert_int_eq(length, (int)strlen("add r1, r2, 0x3"));
    ck_assert_int_eq(isa_print(text, sizeof text, word, false), length);
    ck_assert_str_eq(text, "add r1,");
}
END_TEST

START_TEST(illegal_word_prints_as_data)
{
    char text[64];
    isa_print(text, sizeof text, 0, false);
    ck_assert_str_eq(text, ".quad 0x0000000000000000  // illegal");
    isa_print(text, sizeof text, UINT64_C(1) << 48 | WORD(NOP, 0), false);
    ck_assert_str_eq(text, ".quad 0x00017c6300000000  // illegal");
}
END_TEST

/* ---- against a linear scan ------------------------------------------------------------------ */

static bool operand_fits(enum isa_operand operand, uint64_t word)
{
    const struct isa_operand_info *info = isa_operand_get(operand);
    int64_t value = isa_field_value(operand, word);
    switch (info->kind) {
    case ISA_KIND_WORK:
    case ISA_KIND_SAFE:
    case ISA_KIND_PAIR:
        return value <= 23;
    case ISA_KIND_ANY_NZ:
        return value != 24;
    case ISA_KIND_COND:
        return info->decodable_codes >> value & 1;
    default:
        return true;
    }
}

static bool form_fits(const struct isa_form_info *info, uint64_t word)
{
    if ((word & info->pattern.mask) != info->pattern.value || rb_is_taken(info, word))
        return false;
    for (unsigned i = 0; i < info->pattern.n_operands; i++)
        if (!operand_fits((enum isa_operand)info->pattern.operands[i], word))
            return false;
    return true;
}

static void check_scan(uint64_t word, uint64_t seed)
{
    enum isa_form found = ISA_ILLEGAL;
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++) {
        if (!form_fits(isa_form_get((enum isa_form)i), word))
            continue;
        EXPECT(found == ISA_ILLEGAL, "%012" PRIx64 " matches forms %u and %u", word, found, i);
        found = (enum isa_form)i;
    }
    EXPECT(isa_decode_form(word) == found, "seed %" PRIx64 ": %012" PRIx64 ": %d, not %d", seed,
           word, isa_decode_form(word), found);
}

/* Half of them random, half words of forms with a few bits turned over. */
START_TEST(decoder_finds_what_a_scan_over_the_tables_finds)
{
    uint64_t state = SEED;
    for (unsigned i = 0; i < RANDOM_WORDS / 2; i++) {
        enum isa_form form = (enum isa_form)(random_next(&state) % ISA_FORM_COUNT);
        const struct isa_form_info *info = isa_form_get(form);
        uint64_t word = random_next(&state) & word_mask();
        check_scan(word, SEED);
        word = (word & ~info->pattern.mask) | info->pattern.value;
        for (uint64_t left = random_next(&state) % 4; left; left--)
            word ^= UINT64_C(1) << random_next(&state) % ISA_WORD_BITS;
        check_scan(word, SEED);
    }
}
END_TEST

START_TEST(upper_bits_of_a_slot_make_a_word_illegal)
{
    for (unsigned bit = ISA_WORD_BITS; bit < 64; bit++)
        ck_assert_int_eq(isa_decode_form(WORD(NOP, 0) | UINT64_C(1) << bit), ISA_ILLEGAL);
    ck_assert_int_eq(isa_decode_form(WORD(NOP, 0)), ISA_NOP);
}
END_TEST

/* ---- relocations ---------------------------------------------------------------------------- */

START_TEST(relocation_puts_a_value_where_its_operand_is)
{
    enum isa_operand operand = (enum isa_operand)_i;
    const struct isa_operand_info *info = isa_operand_get(operand);
    uint64_t state = SEED;
    if (info->reloc == ISA_R_NONE)
        return;
    for (unsigned i = 0; i < 100; i++) {
        uint32_t value = random_value(&state);
        ck_assert_uint_eq(isa_reloc_place(info->reloc, 0, value), isa_field_put(operand, 0, value));
    }
    ck_assert_ptr_nonnull(isa_reloc_get((unsigned)info->reloc));
}
END_TEST

START_TEST(unknown_relocation_has_no_row)
{
    ck_assert_ptr_null(isa_reloc_get(5));
    ck_assert_ptr_null(isa_reloc_get(146));
    ck_assert_str_eq(isa_reloc_get(138)->name, "R_DPU_IMM24");
}
END_TEST

/* ---- nearest name --------------------------------------------------------------------------- */

static const struct {
    const char *name, *nearest;
} near_names[] = {
    {"histogram", "histogram"},
    {"histogrm", "histogram"},
    {"histogramm", "histogram"},
    {"isthogram", "histogram"},
    {"quite_else", NULL},
    {"ab", NULL},
    {"bns", "bins"},
    {"", NULL},
    {"a_name_that_is_so_long_that_nobody_wants_to_compare_it_with_another_one", NULL},
};

START_TEST(nearest_name_is_found_or_none)
{
    static const char *const names[] = {
        "bins", "histogram",
        "another_name_that_is_so_long_that_nobody_wants_to_compare_it_with_one"};
    const char *found = isa_nearest(near_names[_i].name, names, 3);
    if (near_names[_i].nearest)
        ck_assert_str_eq(found, near_names[_i].nearest);
    else
        EXPECT(found == NULL, "\"%s\": %s", near_names[_i].name, found);
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("isa.decode");
    TCase *tables = tcase_create("tables"), *normal = tcase_create("normal");
    TCase *bad = tcase_create("bad_input");
    tcase_add_test(tables, tables_have_their_size);
    tcase_add_test(tables, signatures_are_unique_and_found);
    tcase_add_test(tables, flags_are_written_by_158_and_747_forms);
    tcase_add_test(tables, undocumented_operations_are_three);
    tcase_add_test(tables, fields_of_a_form_do_not_overlap);
    tcase_add_test(tables, chips_and_memories_have_names);
    tcase_add_test(tables, statuses_have_sentences_and_exit_codes);
    tcase_add_test(tables, condition_names_and_codes_go_there_and_back);
    tcase_add_loop_test(tables, condition_spelling_is_understood, 0, ROWS(spellings));
    tcase_add_test(tables, code_without_a_name_is_false_and_prints_so);
    tcase_add_loop_test(tables, relocation_puts_a_value_where_its_operand_is, 1, ISA_OPERAND_COUNT);
    tcase_add_test(tables, unknown_relocation_has_no_row);
    tcase_add_loop_test(normal, encoded_form_decodes_to_its_operands_whatever_ignored_bits_hold, 0,
                        ISA_FORM_COUNT);
    tcase_add_loop_test(normal, alias_encodes_words_of_its_form, 0, ISA_ALIAS_COUNT);
    tcase_add_test(normal, every_form_and_alias_printed_and_assembled_is_the_same_word);
    tcase_add_test(normal, printing_needs_no_room_and_ends_its_string);
    tcase_add_loop_test(normal, nearest_name_is_found_or_none, 0, ROWS(near_names));
    tcase_add_test(normal, decoder_finds_what_a_scan_over_the_tables_finds);
    tcase_add_test(bad, illegal_word_prints_as_data);
    tcase_add_test(bad, upper_bits_of_a_slot_make_a_word_illegal);
    suite_add_tcase(suite, tables);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, bad);
    return run_suite(suite);
}
