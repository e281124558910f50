/* SPDX-License-Identifier: MIT */
/* `dpusim conformance`: recognises the kind of each vector file by its header and has it checked.
 */
#include <string.h>

#include "options.h"
#include "vectors.h"

static bool check_kind(struct vectors *vectors, const struct verb *verb)
{
    if (vectors_has(vectors, "raw") && vectors_has(vectors, "asm"))
        return conform_encoding(vectors, verb->name);
    if (vectors_has(vectors, "mem_in") && vectors_has(vectors, "mem_out"))
        return conform_steps(vectors, verb->name, true);
    if (vectors_has(vectors, "pc_out") && vectors_has(vectors, "regs_out"))
        return conform_steps(vectors, verb->name, false);
    tool_error(
        verb->name,
        "%s: no vector file: the header line must have the columns of an encoding (raw, asm), "
        "semantics (pc_out, regs_out) or memory (mem_in, mem_out) file",
        vectors->path);
    return false;
}

static int check_file(const struct verb *verb, const char *path, bool quiet, struct vectors *total)
{
    struct isa_bytes bytes;
    struct vectors vectors;
    if (!tool_read_file(verb->name, path, &bytes))
        return TOOL_INPUT;
    vectors_open(&vectors, path, (char *)bytes.data);
    vectors.quiet = quiet;
    bool ok = check_kind(&vectors, verb);
    if (ok)
        printf("%s: %lu passed, %lu failed\n", path, vectors.passed, vectors.failed);
    total->passed += vectors.passed;
    total->failed += vectors.failed;
    vectors_close(&vectors);
    return ok ? TOOL_OK : TOOL_INPUT;
}

int tool_verb_conformance(const struct verb *verb, int argc, char **argv)
{
    struct conformance_options options = {0};
    struct vectors total = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        for (size_t i = 0; i < options.operands.count; i++) {
            int one = check_file(verb, options.operands.items[i], options.quiet, &total);
            code = one > code ? one : code;
        }
        printf("%lu passed, %lu failed\n", total.passed, total.failed);
        if (!code && total.failed)
            code = TOOL_FAULT;
    }
    options_free(verb, &options);
    return code;
}
