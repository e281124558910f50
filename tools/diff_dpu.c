/* SPDX-License-Identifier: MIT */
/* Differences of two DPUs: bytes of the memories by symbol and type, then everything else. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "inspect.h"
#include "value.h"

enum { PIECE_BYTES = 4096, NAME_BYTES = 300, WORD_BYTES = 4 };

/* ---- memories ------------------------------------------------------------------------------- */

/* Value as text, malloc'ed. Without a type: one word. */
static char *value_text(const struct sim_dpu *dpu, const struct sim_place *place)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return tool_copy("?", 1);
    value_print(dpu, place, VALUE_ELEMENTS, out);
    fclose(out);
    return text;
}

static const char *symbol_of(const struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset)
{
    const struct isa_program *program = sim_dpu_program(dpu);
    const struct isa_symbol *symbol =
        program
            ? isa_program_symbol_at(program, isa_memory_base(memory) + offset, memory == ISA_IRAM)
            : NULL;
    return symbol ? symbol->name : "no symbol";
}

/* The value at a byte that differs; returns where the next one begins. */
static uint32_t diff_value(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b,
                           enum isa_memory memory, uint32_t offset)
{
    char name[NAME_BYTES];
    struct sim_place place;
    sim_place_name(sim_dpu_program(a), memory, offset, &place, name, sizeof name);
    if (!place.type) {
        place.offset_bytes = offset / WORD_BYTES * WORD_BYTES;
        place.size_bytes = memory == ISA_IRAM ? ISA_INSN_BYTES : WORD_BYTES;
        if (memory == ISA_IRAM)
            place.offset_bytes = offset / ISA_INSN_BYTES * ISA_INSN_BYTES;
        sim_place_name(sim_dpu_program(a), memory, place.offset_bytes, NULL, name, sizeof name);
    }
    char *left = value_text(a, &place), *right = value_text(b, &place);
    struct text what = {0};
    text_add(&what, "%s %s", isa_memory_name(memory), name);
    diff_add(diff, what.data, left, right);
    text_free(&what);
    free(left);
    free(right);
    uint64_t bytes =
        place.bit_size ? (place.bit_offset + place.bit_size + 7u) / 8u : place.size_bytes;
    uint32_t next = place.offset_bytes + (uint32_t)bytes;
    return next > offset ? next : offset + 1;
}

void diff_memory(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b,
                 enum isa_memory memory, uint32_t from, uint32_t end)
{
    uint8_t left[PIECE_BYTES], right[PIECE_BYTES];
    uint32_t next = from; /* end of the value that was told last */
    for (uint32_t at = from; at < end; at += PIECE_BYTES) {
        uint32_t len = end - at < PIECE_BYTES ? end - at : PIECE_BYTES;
        if (sim_dpu_read(a, memory, at, left, len, NULL) ||
            sim_dpu_read(b, memory, at, right, len, NULL) || memcmp(left, right, len) == 0)
            continue;
        for (uint32_t i = 0; i < len; i++) {
            if (left[i] == right[i])
                continue;
            diff_count(diff, symbol_of(a, memory, at + i), 1);
            if (at + i >= next)
                next = diff_value(diff, a, b, memory, at + i);
        }
    }
}

/* ---- the rest ------------------------------------------------------------------------------- */

static void diff_number(struct diff *diff, unsigned tasklet, const char *name, uint32_t left,
                        uint32_t right)
{
    char what[64], texts[2][32];
    if (left == right)
        return;
    snprintf(what, sizeof what, "tasklet %u %s", tasklet, name);
    snprintf(texts[0], sizeof *texts, "0x%" PRIx32, left);
    snprintf(texts[1], sizeof *texts, "0x%" PRIx32, right);
    diff_add(diff, what, texts[0], texts[1]);
}

static void diff_tasklet(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b,
                         unsigned tasklet)
{
    struct sim_thread_state left = {.pc_insn = 0}, right = left;
    if (sim_dpu_get_thread(a, tasklet, &left) || sim_dpu_get_thread(b, tasklet, &right))
        return;
    diff_number(diff, tasklet, "instruction", left.pc_insn, right.pc_insn);
    for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++)
        diff_number(diff, tasklet, isa_register_name(r), left.registers[r], right.registers[r]);
    diff_number(diff, tasklet, "zero flag", left.zero_flag, right.zero_flag);
    diff_number(diff, tasklet, "carry flag", left.carry_flag, right.carry_flag);
    diff_number(diff, tasklet, "run bit", left.running, right.running);
}

static void diff_bits(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b)
{
    for (unsigned bit = 0; bit < ISA_ATOMIC_BITS; bit++) {
        char name[NAME_BYTES];
        bool left = sim_dpu_atomic_get(a, bit), right = sim_dpu_atomic_get(b, bit);
        if (left == right)
            continue;
        struct text what = {0};
        sim_place_name(sim_dpu_program(a), ISA_ATOMIC, bit, NULL, name, sizeof name);
        text_add(&what, "atomic bit %u (%s)", bit, name);
        diff_add(diff, what.data, left ? "held" : "free", right ? "held" : "free");
        text_free(&what);
    }
}

/* The first line of two texts that differs. */
static void diff_lines(struct diff *diff, const char *name, const char *left, const char *right)
{
    unsigned line = 1;
    while (*left || *right) {
        size_t n_left = strcspn(left, "\n"), n_right = strcspn(right, "\n");
        if (n_left != n_right || memcmp(left, right, n_left) != 0) {
            char what[64], *texts[] = {tool_copy(left, n_left), tool_copy(right, n_right)};
            snprintf(what, sizeof what, "%s, line %u", name, line);
            diff_add(diff, what, texts[0], texts[1]);
            free(texts[0]);
            free(texts[1]);
            return;
        }
        left += n_left + (left[n_left] == '\n');
        right += n_right + (right[n_right] == '\n');
        line++;
    }
}

static char *log_of(const struct sim_dpu *dpu)
{
    char *text = NULL;
    size_t len = 0;
    enum dpusim_status status = sim_dpu_read_log(dpu, &text, &len, NULL);
    if (text && status != DPUSIM_LOG_MISSING)
        return text;
    free(text);
    return tool_copy("", 0);
}

static uint32_t common_bytes(const struct sim_dpu *a, const struct sim_dpu *b,
                             enum isa_memory memory)
{
    uint32_t left = sim_dpu_memory_bytes(a, memory), right = sim_dpu_memory_bytes(b, memory);
    return left < right ? left : right;
}

void diff_dpus(struct diff *diff, const struct sim_dpu *a, const struct sim_dpu *b)
{
    char *faults[] = {inspect_fault_text(a), inspect_fault_text(b)};
    char *logs[] = {log_of(a), log_of(b)};
    diff_lines(diff, "fault", faults[0], faults[1]);
    diff_lines(diff, "log", logs[0], logs[1]);
    diff_memory(diff, a, b, ISA_WRAM, 0, common_bytes(a, b, ISA_WRAM));
    diff_memory(diff, a, b, ISA_MRAM, 0, common_bytes(a, b, ISA_MRAM));
    diff_memory(diff, a, b, ISA_IRAM, 0, common_bytes(a, b, ISA_IRAM));
    diff_bits(diff, a, b);
    for (unsigned t = 0; t < ISA_MAX_THREADS; t++)
        diff_tasklet(diff, a, b, t);
    for (unsigned i = 0; i < 2; i++) {
        free(faults[i]);
        free(logs[i]);
    }
}
