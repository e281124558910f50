/* SPDX-License-Identifier: MIT */
/* dpu-upmem-dpurte-clang: finds clang as the front end, runs the code generator, assembles and
 * links with the library's own assembler and linker. */
#ifndef COMPILER_DRIVER_H
#define COMPILER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "isa.h"

struct words {
    const char **items; /* NULL-terminated once something is in it */
    size_t count, capacity;
};

enum driver_language {
    LANG_BY_NAME,
    LANG_C,
    LANG_PREPROCESSED_C,
    LANG_ASM,
    LANG_ASM_CPP,
    LANG_OBJECT,
    LANG_CXX,
    LANG_PREPROCESSED_CXX
};
enum driver_step { STEP_LINK, STEP_PREPROCESS, STEP_ASSEMBLY, STEP_OBJECT, STEP_SYNTAX };

struct driver_input {
    const char *path;
    enum driver_language language;
    bool is_library; /* path is the name behind -l */
};

struct driver {
    enum driver_step step;
    struct words front_end; /* user's options for clang, in order */
    struct words defines, include_dirs, library_dirs;
    struct driver_input *inputs;
    size_t n_inputs, inputs_capacity;
    const char *output, *level, *profile;
    enum isa_chip chip;
    struct isa_link_options link;
    struct isa_link_symbol *symbols;
    size_t symbols_capacity;
    bool emit_llvm, debug, debug_types, verbose, dry_run, save_temps, no_start, no_libraries,
        no_includes;
    bool has_tasklets, wants_dependencies, has_dependency_file, has_dependency_target, only_asks,
        asks_version;
    bool preprocesses_only; /* -M, -MM */
    unsigned n_errors;
    char *home;         /* directory above bin/ */
    char *clang;        /* path of the front end; NULL: not looked for yet */
    char *temporary;    /* directory; NULL: none yet */
    struct words files; /* in it, to remove */
};

/* driver_text.c. What words_add and text_format allocate nobody frees but the last. */
void words_add(struct words *words, const char *word);
char *text_format(const char *format, ...) DPUSIM_PRINTF(1, 2);
void driver_texts_free(void);
void driver_error(struct driver *d, const char *format, ...) DPUSIM_PRINTF(2, 3);
void driver_warn(const char *format, ...) DPUSIM_PRINTF(1, 2);
extern const struct isa_report driver_report;

/* driver_response.c: the command line with the words of response files in place of @FILE. */
bool driver_expand(struct driver *d, int argc, char **argv, struct words *out);

/* driver_options.c */
bool driver_parse(struct driver *d, const struct words *arguments);

/* driver_number.c: value of an integer expression with macros of -D; false: it is none, or does not
 * fit 32 bits. */
bool driver_number(const struct driver *d, const char *text, uint32_t *out);

/* driver_process.c: files, processes, places */
bool driver_find_home(struct driver *d, const char *argv0);
bool driver_find_clang(struct driver *d);
int driver_run(struct driver *d, const struct words *command); /* exit code; > 128: a signal */
char *driver_temporary(struct driver *d, const char *suffix);
bool driver_read(struct driver *d, const char *path, struct isa_bytes *out);
bool driver_write(struct driver *d, const char *path, struct isa_bytes bytes);
void driver_cleanup(struct driver *d);

/* driver_compile.c, driver_link.c; false after a message */
bool driver_preprocess(struct driver *d, const struct driver_input *input, const char *output);
/* Object or assembly text of one source into a file. */
bool driver_compile(struct driver *d, const struct driver_input *input, const char *output,
                    bool only_assembly);
bool driver_link(struct driver *d, const struct words *objects, const char *output);
int driver_ask(struct driver *d); /* options that clang answers by itself */

/* clobber.c: register names in clobber lists of preprocessed C, moved to where dpu-cg reads them.
 * Returns a malloc'ed text, or NULL when there is nothing to change. */
char *clobber_rewrite(const char *text, size_t len);

#endif
