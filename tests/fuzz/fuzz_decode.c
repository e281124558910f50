/* SPDX-License-Identifier: MIT */
/* Fuzz target: decoder, encoder and printer. The input is a row of 64-bit instruction slots, of
 * which the first MOST_WORDS count (words do not influence each other; short rows are fast). What
 * must hold for every word: decoding finds a form or says illegal, encoding the operands gives the
 * word back apart from the bits that the decoder ignores, and printing stays inside its buffer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_WORDS = 16 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void print_fits(uint64_t word, bool raw)
{
    char whole[256], cut[8] = "1234567";
    int len = isa_print(whole, sizeof whole, word, raw);
    require(len > 0 && (size_t)len < sizeof whole && strlen(whole) == (size_t)len);
    require(isa_print(cut, 4, word, raw) == len);
    require(strlen(cut) == (len < 3 ? (size_t)len : 3) && cut[4] == '5');
}

static void check_word(uint64_t word)
{
    struct isa_insn insn;
    bool legal = isa_decode(word, &insn);
    require(legal == (insn.form != ISA_ILLEGAL) && insn.form == isa_decode_form(word));
    print_fits(word, false);
    print_fits(word, true);
    if (!legal)
        return;
    const struct isa_pattern *pattern = &isa_form_get(insn.form)->pattern;
    struct isa_insn again;
    require(isa_decode(isa_encode(pattern, insn.value), &again) && again.form == insn.form);
    for (unsigned i = 0; i < pattern->n_operands; i++)
        require(again.value[i] == insn.value[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (unsigned n = 0; size >= 8 && n < MOST_WORDS; data += 8, size -= 8, n++) {
        uint64_t word;
        memcpy(&word, data, 8);
        check_word(word);
        check_word(word & ((1ull << ISA_WORD_BITS) - 1));
    }
    return 0;
}
