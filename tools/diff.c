/* SPDX-License-Identifier: MIT */
/* `dpusim diff`: what kind of files there are, and the differences as text or JSON. */
#include "diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "options.h"

enum { MOST_SHOWN = 10 };

/* ---- differences ---------------------------------------------------------------------------- */

void diff_add(struct diff *diff, const char *what, const char *left, const char *right)
{
    if (++diff->found > diff->most || diff->quiet)
        return;
    if (!diff->json) {
        printf("%s: %s, %s\n", what, left, right);
        return;
    }
    json_open(diff->json, NULL, '{');
    json_text(diff->json, "what", what);
    json_text(diff->json, "left", left);
    json_text(diff->json, "right", right);
    json_close(diff->json, '}');
}

void diff_count(struct diff *diff, const char *symbol, uint64_t bytes)
{
    diff->bytes += bytes;
    for (size_t i = diff->n_counts; i > 0; i--) /* most often the one that was met last */
        if (strcmp(diff->counts[i - 1].name, symbol) == 0) {
            diff->counts[i - 1].bytes += bytes;
            return;
        }
    diff->counts = tool_realloc(diff->counts, diff->n_counts + 1, sizeof *diff->counts);
    diff->counts[diff->n_counts++] = (struct diff_count){tool_copy(symbol, strlen(symbol)), bytes};
}

static void print_counts(const struct diff *diff)
{
    if (diff->found > diff->most)
        printf("and %" PRIu64 " more\n", diff->found - diff->most);
    if (diff->bytes)
        printf("%" PRIu64 " bytes differ:", diff->bytes);
    for (size_t i = 0; i < diff->n_counts; i++)
        printf("%s %" PRIu64 " of %s", i ? "," : "", diff->counts[i].bytes, diff->counts[i].name);
    if (diff->bytes)
        putchar('\n');
}

static void json_counts(const struct diff *diff)
{
    json_close(diff->json, ']');
    json_u64(diff->json, "found", diff->found);
    json_u64(diff->json, "bytes", diff->bytes);
    json_open(diff->json, "bytes_of", '{');
    for (size_t i = 0; i < diff->n_counts; i++)
        json_u64(diff->json, diff->counts[i].name, diff->counts[i].bytes);
    json_close(diff->json, '}');
    json_close(diff->json, '}');
}

/* ---- files ---------------------------------------------------------------------------------- */

enum kind { DUMP, JSON, RAW };

static enum kind kind_of(struct isa_bytes bytes)
{
    if (inspect_is_dump(bytes))
        return DUMP;
    size_t at = 0;
    while (at < bytes.len_bytes && strchr(" \t\r\n", bytes.data[at]) && bytes.data[at])
        at++;
    return at < bytes.len_bytes && (bytes.data[at] == '{' || bytes.data[at] == '[') ? JSON : RAW;
}

static int compare_dumps(struct diff *diff, const struct diff_options *options)
{
    struct sim_dpu *dpus[2] = {NULL, NULL};
    int code = TOOL_OK;
    for (unsigned i = 0; i < 2 && !code; i++)
        code = inspect_open("diff", options->operands.items[i], options->program, &dpus[i]);
    if (!code)
        diff_dpus(diff, dpus[0], dpus[1]);
    sim_dpu_destroy(dpus[0]);
    sim_dpu_destroy(dpus[1]);
    return code;
}

/* Raw bytes are looked at where they lay: in memories of two DPUs. */
struct raw {
    struct isa_program *program;
    struct sim_dpu *dpus[2];
    enum isa_memory memory;
    uint32_t offset;
};

static enum dpusim_status find_place(struct raw *raw, const char *at, struct isa_diag *diag)
{
    struct sim_place place;
    uint64_t offset = 0;
    const char *plus = at ? strchr(at, '+') : NULL;
    size_t len = at ? strcspn(at, "+") : 0;
    bool mram = !at || (len == 4 && strncmp(at, "MRAM", 4) == 0);
    if (mram || (len == 4 && strncmp(at, "WRAM", 4) == 0)) {
        raw->memory = mram ? ISA_MRAM : ISA_WRAM;
        if (plus && (!tool_parse_u64(plus + 1, &offset) || offset >= ISA_MRAM_BYTES))
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "--at=%.200s: write MRAM+0x100", at);
        raw->offset = (uint32_t)offset;
        return DPUSIM_OK;
    }
    enum dpusim_status status = sim_dpu_find(raw->dpus[0], at, &place, diag);
    if (status)
        return status;
    raw->memory = place.memory;
    raw->offset = place.offset_bytes;
    return DPUSIM_OK;
}

static enum dpusim_status open_raw(struct raw *raw, const struct diff_options *options,
                                   struct isa_diag *diag)
{
    enum dpusim_status status = DPUSIM_OK;
    if (options->program)
        status = isa_program_read_file(&raw->program, options->program, &tool_report, diag);
    for (unsigned i = 0; i < 2 && !status; i++) {
        status = sim_dpu_create(&raw->dpus[i], NULL, diag);
        if (!status && raw->program)
            status = sim_dpu_load(raw->dpus[i], raw->program, diag);
    }
    return status ? status : find_place(raw, options->at, diag);
}

static int compare_raw(struct diff *diff, const struct diff_options *options,
                       const struct isa_bytes bytes[2])
{
    struct raw raw = {0};
    struct isa_diag diag = {""};
    size_t len = bytes[0].len_bytes < bytes[1].len_bytes ? bytes[0].len_bytes : bytes[1].len_bytes;
    enum dpusim_status status = open_raw(&raw, options, &diag);
    for (unsigned i = 0; i < 2 && !status; i++)
        status = sim_dpu_write(raw.dpus[i], raw.memory, raw.offset, bytes[i].data, len, &diag);
    if (!status && bytes[0].len_bytes != bytes[1].len_bytes) {
        char sizes[2][32];
        for (unsigned i = 0; i < 2; i++)
            snprintf(sizes[i], sizeof *sizes, "%zu bytes", bytes[i].len_bytes);
        diff_add(diff, "length", sizes[0], sizes[1]);
    }
    if (!status)
        diff_memory(diff, raw.dpus[0], raw.dpus[1], raw.memory, raw.offset,
                    raw.offset + (uint32_t)len);
    sim_dpu_destroy(raw.dpus[0]);
    sim_dpu_destroy(raw.dpus[1]);
    isa_program_destroy(raw.program);
    return status ? tool_fail("diff", status, &diag) : TOOL_OK;
}

/* Two of a kind. */
static int compare_files(struct diff *diff, const struct diff_options *options,
                         const struct isa_bytes bytes[2])
{
    static const char *const words[] = {"a core file or saved state", "JSON", "raw bytes"};
    const char *const *paths = options->operands.items;
    enum kind kinds[2] = {kind_of(bytes[0]), kind_of(bytes[1])};
    if (options->at)
        kinds[0] = kinds[1] = RAW;
    if (kinds[0] != kinds[1]) {
        tool_error("diff", "%.200s is %s, but %.200s is %s: compare two of a kind", paths[0],
                   words[kinds[0]], paths[1], words[kinds[1]]);
        return TOOL_USAGE;
    }
    if (kinds[0] == DUMP)
        return compare_dumps(diff, options);
    if (kinds[0] == RAW)
        return compare_raw(diff, options, bytes);
    return diff_json(diff, paths, bytes) ? TOOL_OK : TOOL_INPUT;
}

static int run(const struct diff_options *options)
{
    struct json json = {.out = stdout};
    struct diff diff = {.most = options->most ? options->most : MOST_SHOWN,
                        .quiet = options->quiet,
                        .json = options->json ? &json : NULL};
    struct isa_bytes bytes[2] = {{NULL, 0}, {NULL, 0}};
    int code = TOOL_OK;
    for (unsigned i = 0; i < 2 && !code; i++)
        if (!tool_read_file("diff", options->operands.items[i], &bytes[i]))
            code = TOOL_INPUT;
    if (options->json) {
        json_open(&json, NULL, '{');
        json_text(&json, "schema", "dpusim-diff-1");
        json_open(&json, "differences", '[');
    }
    if (!code)
        code = compare_files(&diff, options, bytes);
    if (options->json)
        json_counts(&diff);
    else if (!code && !diff.quiet)
        print_counts(&diff);
    for (size_t i = 0; i < diff.n_counts; i++)
        free(diff.counts[i].name);
    free(diff.counts);
    for (unsigned i = 0; i < 2; i++)
        free((void *)(uintptr_t)bytes[i].data);
    return code ? code : diff.found ? TOOL_FAULT : TOOL_OK;
}

int tool_verb_diff(const struct verb *verb, int argc, char **argv)
{
    struct diff_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code))
        code = run(&options);
    options_free(verb, &options);
    return code;
}
