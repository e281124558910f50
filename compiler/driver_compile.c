/* SPDX-License-Identifier: MIT */
/* One source: front end to bitcode, code generator to assembly, assembler to an object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* ---- the front end's command ---------------------------------------------------------------- */

/* Options before the user's. Sources: compiler manuals and experiments, documented. spir is the
 * only stock target with 32-bit pointers and 64-bit long; it is told to be the DPU. */
static void begin_command(struct driver *d, struct words *w)
{
    static const char *const fixed[] = {"--target=spir-unknown-unknown",
                                        "-Xclang",
                                        "-fdefault-calling-conv=cdecl",
                                        "-Xclang",
                                        "-disable-llvm-passes",
                                        "-ffp-contract=off",
                                        "-nostdinc",
                                        "-USPIR",
                                        "-USPIR32",
                                        "-U__SPIR",
                                        "-U__SPIR32",
                                        "-U__SPIR__",
                                        "-U__SPIR32__",
                                        "-D__ELF__",
                                        "-Wno-atomic-alignment",
                                        "-Wno-strict-prototypes",
                                        "-Wno-extra-semi",
                                        "-Wno-unused-command-line-argument"};
    words_add(w, d->clang);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        words_add(w, fixed[i]);
    if (DPU_LLVM_MAJOR == 15) {
        words_add(w, "-Xclang");
        words_add(w, "-opaque-pointers");
    }
    words_add(w, text_format("-O%s", d->level));
    if (strcmp(d->level, "0") == 0) { /* functions stay open to dpu-cg */
        words_add(w, "-Xclang");
        words_add(w, "-disable-O0-optnone");
    }
    if (!d->no_includes) {
        words_add(w, "-isystem");
        words_add(w, text_format("%s/share/upmem/include/stdlib", d->home));
        words_add(w, "-isystem");
        words_add(w, text_format("%s/share/upmem/include/syslib", d->home));
    }
    words_add(w, "-include");
    words_add(w, text_format("%s/share/upmem/include/dpu_prelude.h", d->home));
    words_add(w, d->chip == ISA_CHIP_V1B ? "-D__dpu_v1B__=1" : "-D__dpu_v1A__=1");
    if (!d->has_tasklets)
        words_add(w, "-DNR_TASKLETS=1");
}

/* Newer front ends made errors of what the vendor's, of LLVM 12, warns about, and warn where it is
 * silent: neither may stop a build, with -Werror either. */
static const struct {
    const char *name;
    int since; /* version of LLVM that knows the name */
} never_errors[] = {{"implicit-function-declaration", 0},
                    {"int-conversion", 0},
                    {"incompatible-function-pointer-types", 16},
                    {"implicit-int", 0},
                    {"pass-failed", 0},
                    {"unused-but-set-variable", 13},
                    {"unused-but-set-parameter", 13},
                    {"null-pointer-subtraction", 13},
                    {"bitwise-instead-of-logical", 14},
                    {"deprecated-non-prototype", 15},
                    {"single-bit-bitfield-constant-conversion", 16}};

static void end_command(struct driver *d, struct words *w)
{
    for (size_t i = 0; i < d->front_end.count; i++)
        words_add(w, d->front_end.items[i]);
    for (size_t i = 0; i < sizeof never_errors / sizeof *never_errors; i++)
        if (DPU_LLVM_MAJOR >= never_errors[i].since)
            words_add(w, text_format("-Wno-error=%s", never_errors[i].name));
    words_add(w, d->debug_types ? "-g" : "-gline-tables-only"); /* messages of dpu-cg name lines */
}

static int stem_length(const char *path)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    return (int)(dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path));
}

/* The program's name when linking follows, with that of the source when there are several. */
static char *dependency_file(struct driver *d, const char *source, const char *output)
{
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    if (d->step == STEP_LINK && d->n_inputs > 1)
        return text_format("%.*s-%.*s.d", stem_length(output), output, stem_length(name), name);
    return text_format("%.*s.d", stem_length(output), output);
}

/* Dependency files are named after the final output, not after ours. */
static void add_dependency_names(struct driver *d, struct words *w, const char *source,
                                 const char *output)
{
    if (!d->wants_dependencies)
        return;
    if (d->step == STEP_LINK)
        output = d->output ? d->output : "a.out";
    if (!d->has_dependency_file) {
        words_add(w, "-MF");
        words_add(w, dependency_file(d, source, output));
    }
    if (!d->has_dependency_target) {
        words_add(w, "-MT");
        words_add(w, output);
    }
}

static bool run(struct driver *d, struct words *w)
{
    return driver_run(d, w) == 0;
}

static bool is_cxx(const struct driver_input *input)
{
    return input->language == LANG_CXX || input->language == LANG_PREPROCESSED_CXX;
}

static void add_source(struct words *w, const struct driver_input *input)
{
    static const char *const names[] = {[LANG_PREPROCESSED_C] = "cpp-output",
                                        [LANG_CXX] = "c++",
                                        [LANG_PREPROCESSED_CXX] = "c++-cpp-output",
                                        [LANG_C] = "c"};
    /* What would need a library of C++. */
    static const char *const without[] = {"-nostdinc++", "-fno-exceptions", "-fno-rtti",
                                          "-fno-threadsafe-statics"};
    for (size_t i = 0; i < sizeof without / sizeof *without && is_cxx(input); i++)
        words_add(w, without[i]);
    words_add(w, "-x");
    words_add(w, names[input->language]);
    words_add(w, input->path);
}

bool driver_preprocess(struct driver *d, const struct driver_input *input, const char *output)
{
    struct words w = {0};
    if (!driver_find_clang(d))
        return false;
    begin_command(d, &w);
    end_command(d, &w);
    if (!d->preprocesses_only)
        words_add(&w, "-E");
    if (output) {
        words_add(&w, "-o");
        words_add(&w, output);
    }
    if (input->language == LANG_ASM_CPP) {
        words_add(&w, "-D__ASSEMBLER__=1");
        words_add(&w, "-x");
        words_add(&w, "assembler-with-cpp");
        words_add(&w, input->path);
    } else
        add_source(&w, input);
    return run(d, &w);
}

/* Text with register names in clobber lists, which the front end does not know: preprocessed,
 * rewritten and compiled from there. NULL: the source is good as it is. */
static char *rewritten_source(struct driver *d, const struct driver_input *input)
{
    struct isa_bytes text;
    if (strcmp(input->path, "-") == 0 || !driver_read(d, input->path, &text))
        return NULL;
    bool may_need = memmem(text.data, text.len_bytes, "asm", 3) != NULL ||
                    memmem(text.data, text.len_bytes, "#include", 8) != NULL;
    char *changed = may_need ? clobber_rewrite((const char *)text.data, text.len_bytes) : NULL;
    free((void *)text.data);
    if (!changed)
        return NULL;
    free(changed);
    char *whole = driver_temporary(d, ".i");
    if (!driver_preprocess(d, input, whole) || !driver_read(d, whole, &text))
        return NULL;
    changed = clobber_rewrite((const char *)text.data, text.len_bytes);
    free((void *)text.data);
    if (!changed)
        return NULL;
    struct isa_bytes out = {(const uint8_t *)changed, strlen(changed)};
    bool ok = driver_write(d, whole, out);
    free(changed);
    return ok ? whole : NULL;
}

static bool to_bitcode(struct driver *d, const struct driver_input *input, const char *bitcode,
                       const char *output)
{
    struct words w = {0};
    struct driver_input source = *input;
    char *changed = d->step == STEP_SYNTAX ? NULL : rewritten_source(d, input);
    if (changed) {
        source.path = changed;
        source.language = is_cxx(input) ? LANG_PREPROCESSED_CXX : LANG_PREPROCESSED_C;
    }
    begin_command(d, &w);
    end_command(d, &w);
    add_dependency_names(d, &w, input->path, output);
    if (bitcode) {
        words_add(&w, d->emit_llvm && d->step == STEP_ASSEMBLY ? "-S" : "-c");
        words_add(&w, "-emit-llvm");
        words_add(&w, "-o");
        words_add(&w, bitcode);
    } else
        words_add(&w, "-fsyntax-only");
    add_source(&w, &source);
    return run(d, &w);
}

static bool to_assembly(struct driver *d, const char *source, const char *bitcode,
                        const char *assembly)
{
    struct words w = {0};
    words_add(&w, text_format("%s/libexec/dpusim/dpu-cg", d->home));
    words_add(&w, text_format("-O%s", d->level));
    words_add(&w, text_format("-mprofile=%s", d->profile));
    if (d->debug)
        words_add(&w, "-g");
    words_add(&w, "-source");
    words_add(&w, source);
    words_add(&w, "-o");
    words_add(&w, assembly);
    words_add(&w, bitcode);
    return run(d, &w);
}

/* ---- assembler ------------------------------------------------------------------------------ */

static bool write_object(struct driver *d, struct isa_object *object, const char *output)
{
    struct isa_diag diag = {""};
    struct isa_bytes image;
    if (isa_object_write(object, &image, &diag)) {
        driver_error(d, "%s: %s", output, diag.text);
        return false;
    }
    bool ok = driver_write(d, output, image);
    free((void *)image.data);
    return ok;
}

static bool assemble(struct driver *d, const struct driver_input *input, const char *output)
{
    struct isa_object *object = NULL;
    struct isa_asm_options how = {.include_dirs = d->include_dirs.items,
                                  .defines = d->defines.items,
                                  .debug_lines = d->debug,
                                  .preprocess = input->language == LANG_ASM_CPP};
    if (isa_assemble_file(&object, input->path, &how, &driver_report)) {
        d->n_errors++;
        return false;
    }
    bool ok = write_object(d, object, output);
    isa_object_destroy(object);
    return ok;
}

/* What the code generator wrote; messages name the C source, of which the text has line marks. */
static bool assemble_generated(struct driver *d, const char *source, const char *assembly,
                               const char *output)
{
    struct isa_object *object = NULL;
    struct isa_bytes text;
    if (!driver_read(d, assembly, &text))
        return false;
    enum dpusim_status status = isa_assemble(&object, text, source, NULL, &driver_report);
    free((void *)text.data);
    if (status) {
        d->n_errors++;
        return false;
    }
    bool ok = write_object(d, object, output);
    isa_object_destroy(object);
    return ok;
}

static char *kept_name(const char *source, const char *suffix)
{
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    const char *dot = strrchr(name, '.');
    return text_format("%.*s%s", (int)(dot ? (size_t)(dot - name) : strlen(name)), name, suffix);
}

static char *between(struct driver *d, const char *source, const char *suffix)
{
    return d->save_temps ? kept_name(source, suffix) : driver_temporary(d, suffix);
}

bool driver_compile(struct driver *d, const struct driver_input *input, const char *output,
                    bool only_assembly)
{
    if (input->language == LANG_ASM || input->language == LANG_ASM_CPP)
        return d->dry_run || assemble(d, input, output);
    if (!driver_find_clang(d))
        return false;
    if (d->step == STEP_SYNTAX)
        return to_bitcode(d, input, NULL, "-");
    if (d->emit_llvm)
        return to_bitcode(d, input, output, output);
    if (d->save_temps && !driver_preprocess(d, input, kept_name(input->path, ".i")))
        return false;
    char *bitcode = between(d, input->path, ".bc");
    const char *assembly = only_assembly ? output : between(d, input->path, ".s");
    return to_bitcode(d, input, bitcode, output) &&
           to_assembly(d, input->path, bitcode, assembly) &&
           (only_assembly || d->dry_run || assemble_generated(d, input->path, assembly, output));
}

/* What build tools look for: the version of clang in the first line, the target below. */
static bool print_version(struct driver *d)
{
    char *command = text_format("'%s' -dumpversion", d->clang), version[32] = "";
    FILE *clang = popen(command, "r");
    bool ok = clang && fgets(version, sizeof version, clang);
    if (clang)
        ok = pclose(clang) == 0 && ok;
    if (!ok) {
        driver_error(d, "%s does not tell its version", d->clang);
        return false;
    }
    printf("dpusim: clang version %.*s\nTarget: dpu-upmem-dpurte\nThread model: single\n"
           "InstalledDir: %s/bin\n",
           (int)strcspn(version, "\n"), version, d->home);
    return true;
}

int driver_ask(struct driver *d)
{
    struct words w = {0};
    if (!driver_find_clang(d))
        return 1;
    if (d->asks_version)
        return print_version(d) ? 0 : 1;
    words_add(&w, d->clang);
    words_add(&w, "--target=spir-unknown-unknown");
    for (size_t i = 0; i < d->front_end.count; i++)
        words_add(&w, d->front_end.items[i]);
    return driver_run(d, &w);
}
