/* SPDX-License-Identifier: MIT */
/* Encoding vectors: decoder, disassembler with and without aliases, assembler. All texts of a file
 * are assembled at once; lines with errors are replaced by nop and the rest is assembled again. */
#include <stdlib.h>
#include <string.h>

#include "object_view.h"
#include "vectors.h"

struct item {
    unsigned line; /* in the vector file */
    uint64_t word;
    const char *signature;
    const char *texts[2]; /* plain and raw */
    bool assembles[2];    /* must give back word */
    char *errors[2];      /* of the assembler; malloc'ed */
    uint64_t words[2];
    struct text problems;
};

struct batch {
    struct item *items;
    size_t n_items;
    bool progress; /* an error was noted in this round */
};

static const char *const kinds[2] = {"text", "raw"};

static void read_item(struct vectors *vectors, struct item *item)
{
    const char *how = vectors_cell(vectors, "asm");
    *item = (struct item){.line = vectors->line,
                          .signature = vectors_cell(vectors, "signature"),
                          .texts = {vectors_cell(vectors, "text"), vectors_cell(vectors, "raw")}};
    item->word = vectors_hex(vectors, "word", &item->problems);
    item->assembles[0] = how[0] == 'y';
    item->assembles[1] = how[0] && how[1] == 'y';
}

static void read_items(struct vectors *vectors, struct batch *batch)
{
    size_t room = 0;
    while (vectors_next(vectors)) {
        if (batch->n_items == room)
            batch->items = tool_realloc(batch->items, room = room * 2 + 1024, sizeof *batch->items);
        read_item(vectors, &batch->items[batch->n_items++]);
    }
}

/* ------------------------------------------------------------------ assembling ---------------- */

/* Line 2 * i + k of the assembly text is texts[k] of item i. */
static void note_error(void *context, const struct isa_message *message)
{
    struct batch *batch = context;
    size_t index = message->line - 1u;
    if (message->severity != ISA_ERROR || !message->line || index / 2 >= batch->n_items)
        return;
    char **error = &batch->items[index / 2].errors[index % 2];
    if (*error)
        return;
    *error = tool_copy(message->text, strlen(message->text));
    batch->progress = true;
}

static void write_source(const struct batch *batch, struct text *source)
{
    for (size_t i = 0; i < batch->n_items; i++)
        for (int k = 0; k < 2; k++) {
            const struct item *item = &batch->items[i];
            bool use = item->assembles[k] && !item->errors[k];
            text_add(source, "%s\n", use ? item->texts[k] : "nop");
        }
}

static bool take_words(struct batch *batch, const struct isa_object *object, struct isa_diag *diag)
{
    struct isa_bytes image, code;
    if (isa_object_write(object, &image, diag))
        return false;
    bool ok = object_section(image, ".text", &code) &&
              code.len_bytes == batch->n_items * 2 * ISA_INSN_BYTES;
    for (size_t i = 0; ok && i < batch->n_items * 2; i++)
        memcpy(&batch->items[i / 2].words[i % 2], code.data + i * ISA_INSN_BYTES, ISA_INSN_BYTES);
    if (!ok)
        isa_fail(diag, DPUSIM_INTERNAL, "the assembled section has not one word per line");
    free((void *)image.data);
    return ok;
}

static bool assemble_once(struct batch *batch, bool *again, struct isa_diag *diag)
{
    struct isa_asm_options how = {.max_errors = UINT32_MAX};
    struct isa_report report = {note_error, batch};
    struct isa_object *object = NULL;
    struct text source = {0};
    batch->progress = false;
    text_add(&source, "%s", "");
    write_source(batch, &source);
    enum dpusim_status status =
        isa_assemble(&object, (struct isa_bytes){(const uint8_t *)source.data, source.len},
                     "vectors", &how, &report);
    *again = status == DPUSIM_SYNTAX && batch->progress;
    bool ok = !status && take_words(batch, object, diag);
    if (status && !*again)
        isa_fail(diag, status, "the assembler gave up: %s", dpusim_status_text(status));
    isa_object_destroy(object);
    text_free(&source);
    return ok;
}

static bool assemble_all(struct batch *batch, struct isa_diag *diag)
{
    bool again = true, ok = false;
    while (again)
        ok = assemble_once(batch, &again, diag);
    return ok;
}

/* ------------------------------------------------------------------ checking ------------------ */

static void check_signature(struct item *item)
{
    char got[64] = "ILLEGAL";
    enum isa_form form = isa_decode_form(item->word);
    if (form != ISA_ILLEGAL)
        isa_form_signature(form, got, sizeof got);
    if (strcmp(got, item->signature) != 0)
        text_add(&item->problems, "; decodes to %s", got);
}

static void check_text(struct item *item, int kind)
{
    char got[256];
    if (strcmp(item->texts[kind], "-") == 0)
        return;
    isa_print(got, sizeof got, item->word, kind == 1);
    if (strcmp(got, item->texts[kind]) != 0)
        text_add(&item->problems, "; %s expected \"%s\" got \"%s\"", kinds[kind], item->texts[kind],
                 got);
}

static void check_assembly(struct item *item, int kind)
{
    if (!item->assembles[kind])
        return;
    if (item->errors[kind])
        text_add(&item->problems, "; assembling \"%s\": %s", item->texts[kind], item->errors[kind]);
    else if (item->words[kind] != item->word)
        text_add(&item->problems, "; assembling \"%s\" gives %012llx", item->texts[kind],
                 (unsigned long long)item->words[kind]);
}

static void check_item(struct vectors *vectors, struct item *item)
{
    char title[128];
    check_signature(item);
    for (int kind = 0; kind < 2; kind++) {
        check_text(item, kind);
        check_assembly(item, kind);
    }
    snprintf(title, sizeof title, "%012llx %.60s:", (unsigned long long)item->word,
             item->signature);
    vectors_judge(vectors, item->line, title, &item->problems);
}

bool conform_encoding(struct vectors *vectors, const char *verb)
{
    struct batch batch = {0};
    struct isa_diag diag = {""};
    read_items(vectors, &batch);
    bool ok = assemble_all(&batch, &diag);
    if (!ok)
        tool_error(verb, "%s: %s", vectors->path, diag.text);
    for (size_t i = 0; i < batch.n_items; i++) {
        if (ok)
            check_item(vectors, &batch.items[i]);
        text_free(&batch.items[i].problems);
        free(batch.items[i].errors[0]);
        free(batch.items[i].errors[1]);
    }
    free(batch.items);
    return ok;
}
