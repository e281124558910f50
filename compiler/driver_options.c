/* SPDX-License-Identifier: MIT */
/* The command line: one row per option. What only concerns the front end is passed on as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "driver.h"

/* How the option's value is written. */
enum shape { ALONE, JOINED, SEPARATE, EITHER };

typedef bool option_fn(struct driver *d, const char *name, const char *value);

struct option {
    const char *name;
    enum shape shape;
    option_fn *act; /* NULL: for the front end */
};

static enum driver_language language; /* of the inputs that follow; set by -x while parsing */

static bool pass(struct driver *d, const char *name, const char *value, bool separate)
{
    if (separate) {
        words_add(&d->front_end, name);
        words_add(&d->front_end, value);
    } else
        words_add(&d->front_end, value ? text_format("%s%s", name, value) : name);
    return true;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static bool set_step(struct driver *d, const char *name, const char *value)
{
    (void)value;
    d->step = name[1] == 'c'   ? STEP_OBJECT
              : name[1] == 'S' ? STEP_ASSEMBLY
              : name[1] == 'E' ? STEP_PREPROCESS
                               : STEP_SYNTAX;
    return true;
}

static bool set_output(struct driver *d, const char *name, const char *value)
{
    (void)name;
    d->output = value;
    return true;
}

static bool set_language(struct driver *d, const char *name, const char *value)
{
    static const struct {
        const char *name;
        enum driver_language language;
    } languages[] = {{"c", LANG_C},
                     {"none", LANG_BY_NAME},
                     {"cpp-output", LANG_PREPROCESSED_C},
                     {"assembler", LANG_ASM},
                     {"assembler-with-cpp", LANG_ASM_CPP},
                     {"c++", LANG_CXX},
                     {"c++-cpp-output", LANG_PREPROCESSED_CXX}};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (strcmp(value, languages[i].name) == 0) {
            language = languages[i].language;
            return true;
        }
    driver_error(d,
                 "%s %s: the languages are c, cpp-output, c++, c++-cpp-output, assembler, "
                 "assembler-with-cpp",
                 name, value);
    return false;
}

static bool set_level(struct driver *d, const char *name, const char *value)
{
    (void)name;
    if (!*value)
        value = "1";
    if (strlen(value) != 1 || !strchr("0123sz", *value)) {
        if (strcmp(value, "fast") == 0 || strcmp(value, "g") == 0 || *value > '3')
            value = *value == 'g' ? "1" : "3";
        else {
            driver_error(d, "-O%s: the levels are 0, 1, 2, 3, s and z", value);
            return false;
        }
    }
    d->level = value;
    return true;
}

static bool set_debug(struct driver *d, const char *name, const char *value)
{
    (void)name;
    d->debug = strcmp(value, "0") != 0;
    d->debug_types = d->debug && strcmp(value, "1") != 0 && strcmp(value, "line-tables-only") != 0;
    return true;
}

static bool set_flag(struct driver *d, const char *name, const char *value)
{
    (void)value;
    static const struct {
        const char *name;
        size_t offset;
    } flags[] = {{"-v", offsetof(struct driver, verbose)},
                 {"-emit-llvm", offsetof(struct driver, emit_llvm)},
                 {"-###", offsetof(struct driver, dry_run)},
                 {"-save-temps", offsetof(struct driver, save_temps)},
                 {"--save-temps", offsetof(struct driver, save_temps)},
                 {"-save-temps=", offsetof(struct driver, save_temps)},
                 {"-nostartfiles", offsetof(struct driver, no_start)},
                 {"-nodefaultlibs", offsetof(struct driver, no_libraries)},
                 {"-nostdinc", offsetof(struct driver, no_includes)},
                 {"-s", offsetof(struct driver, link.strip_debug)},
                 {"-rdynamic", offsetof(struct driver, link.keep_unused)}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(name, flags[i].name) == 0)
            *((bool *)((char *)d + flags[i].offset)) = true;
    return true;
}

static bool no_library(struct driver *d, const char *name, const char *value)
{
    (void)name, (void)value;
    d->no_start = d->no_libraries = true;
    return true;
}

static bool ask(struct driver *d, const char *name, const char *value)
{
    d->only_asks = true;
    d->asks_version = strcmp(name, "--version") == 0;
    return pass(d, name, value, false);
}

static bool ignore(struct driver *d, const char *name, const char *value)
{
    (void)d, (void)name, (void)value;
    return true;
}

static bool ignore_with_word(struct driver *d, const char *name, const char *value)
{
    (void)d;
    driver_warn("%s%s has no effect for a DPU", name, value ? value : "");
    return true;
}

static bool ignore_pg(struct driver *d, const char *name, const char *value)
{
    (void)d, (void)value;
    driver_warn("%s has no effect: `dpusim profile` needs no special build", name);
    return true;
}

static bool refuse_script(struct driver *d, const char *name, const char *value)
{
    driver_error(d,
                 "%s %s: linker scripts are not supported, the layout of DPU programs is built in; "
                 "symbols can be given with -Wl,--defsym=NAME=NUMBER",
                 name, value);
    return false;
}

/* ---- the machine ---------------------------------------------------------------------------- */

static bool set_cpu(struct driver *d, const char *name, const char *value)
{
    d->chip = isa_chip_find(value);
    if (d->chip == ISA_CHIP_COUNT) {
        driver_error(d, "%s%s: the chips are v1A and v1B", name, value);
        return false;
    }
    return true;
}

static bool set_profile(struct driver *d, const char *name, const char *value)
{
    if (strcmp(value, "match") != 0 && strcmp(value, "best") != 0) {
        driver_error(d, "%s%s: the profiles are match and best", name, value);
        return false;
    }
    d->profile = value;
    return true;
}

static bool set_target(struct driver *d, const char *name, const char *value)
{
    if (strncmp(value, "dpu", 3) == 0)
        return true;
    driver_error(d, "%s%s: the target is dpu-upmem-dpurte", name, value);
    return false;
}

/* ---- symbols for the linker ----------------------------------------------------------------- */

static bool link_number(struct driver *d, const char *name, size_t len, const char *value)
{
    static const char stack[] = "STACK_SIZE_TASKLET_";
    uint32_t number;
    bool is_tasklets = len == 11 && strncmp(name, "NR_TASKLETS", len) == 0;
    bool is_default = len == 18 && strncmp(name, "STACK_SIZE_DEFAULT", len) == 0;
    bool is_stack = len > 19 && len < 22 && strncmp(name, stack, 19) == 0;
    if (!is_tasklets && !is_default && !is_stack)
        return false;
    if (!value || !driver_number(d, value, &number)) {
        driver_error(d, "%.*s=%s: a number is wanted, or an expression of numbers and macros of -D",
                     (int)len, name, value ? value : "");
        return true;
    }
    unsigned tasklet = is_stack ? (unsigned)atoi(name + 19) : 0;
    const struct isa_chip_info *chip = isa_chip_get(d->chip);
    if (is_tasklets) {
        d->has_tasklets = true;
        d->link.nr_tasklets = number;
    } else if (is_default)
        d->link.stack_default_bytes = number;
    else if (tasklet < ISA_MAX_THREADS)
        d->link.stack_bytes[tasklet] = number;
    else
        driver_error(d, "%.*s: chip %s has tasklets 0 to %u", (int)len, name, chip->name,
                     chip->threads - 1);
    return true;
}

static bool define(struct driver *d, const char *name, const char *value)
{
    words_add(&d->defines, value);
    return pass(d, name, value, false);
}

/* When all macros are known: they may stand in each other's values. */
static void link_defines(struct driver *d)
{
    for (size_t i = 0; i < d->defines.count; i++) {
        const char *item = d->defines.items[i], *equal = strchr(item, '=');
        size_t len = equal ? (size_t)(equal - item) : strlen(item);
        link_number(d, item, len, equal ? equal + 1 : NULL);
    }
}

static bool include_dir(struct driver *d, const char *name, const char *value)
{
    words_add(&d->include_dirs, value);
    return pass(d, name, value, strcmp(name, "-I") != 0);
}

static bool library_dir(struct driver *d, const char *name, const char *value)
{
    (void)name;
    words_add(&d->library_dirs, value);
    return true;
}

static bool add_input(struct driver *d, const char *path, bool is_library)
{
    d->inputs = grow_array(d->inputs, &d->inputs_capacity, d->n_inputs, sizeof *d->inputs);
    d->inputs[d->n_inputs++] = (struct driver_input){path, language, is_library};
    return true;
}

static bool library(struct driver *d, const char *name, const char *value)
{
    (void)name;
    return add_input(d, value, true);
}

static bool defsym(struct driver *d, const char *text)
{
    const char *equal = strchr(text, '=');
    uint32_t number;
    if (!equal || !driver_number(d, equal + 1, &number)) {
        driver_error(d, "--defsym=%s: write NAME=NUMBER", text);
        return false;
    }
    size_t len = (size_t)(equal - text);
    if (link_number(d, text, len, equal + 1))
        return true;
    d->symbols =
        grow_array(d->symbols, &d->symbols_capacity, d->link.n_defsyms, sizeof *d->symbols);
    d->symbols[d->link.n_defsyms++] =
        (struct isa_link_symbol){text_format("%.*s", (int)len, text), number};
    return true;
}

/* One word of -Wl,a,b,c; `next` is the word after it, which some eat. */
static bool link_word(struct driver *d, const char *word, const char *next, bool *ate)
{
    static const char *const accepted[] = {"--gc-sections",
                                           "-gc-sections",
                                           "--discard-locals",
                                           "--discard-all",
                                           "--start-group",
                                           "--end-group",
                                           "--fatal-warnings",
                                           "--no-undefined",
                                           "-x",
                                           "-X"};
    *ate = false;
    if (strncmp(word, "--defsym=", 9) == 0)
        return defsym(d, word + 9);
    if (strncmp(word, "-defsym=", 8) == 0)
        return defsym(d, word + 8);
    if (strncmp(word, "-T", 2) == 0 || strncmp(word, "--script", 8) == 0)
        return refuse_script(d, "-T", word[1] == 'T' && word[2] ? word + 2 : next ? next : word);
    if ((strcmp(word, "--defsym") == 0 || strcmp(word, "-e") == 0) && next) {
        *ate = true;
        if (word[1] == 'e')
            d->link.entry = next;
        return word[1] == 'e' || defsym(d, next);
    }
    if (strcmp(word, "--no-gc-sections") == 0)
        d->link.keep_unused = true;
    else if (strcmp(word, "-s") == 0 || strcmp(word, "--strip-debug") == 0 ||
             strcmp(word, "-S") == 0)
        d->link.strip_debug = true;
    else {
        for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
            if (strcmp(word, accepted[i]) == 0)
                return true;
        driver_warn("linker option %s has no effect", word);
    }
    return true;
}

static bool link_words(struct driver *d, const char *name, const char *value)
{
    (void)name;
    struct words words = {0};
    bool ok = true;
    for (const char *p = value; *p;) {
        size_t len = strcspn(p, ",");
        words_add(&words, text_format("%.*s", (int)len, p));
        p += len + (p[len] == ',');
    }
    for (size_t i = 0; i < words.count && ok; i++) {
        bool ate;
        ok = link_word(d, words.items[i], i + 1 < words.count ? words.items[i + 1] : NULL, &ate);
        i += ate;
    }
    return ok;
}

static bool link_single(struct driver *d, const char *name, const char *value)
{
    (void)name;
    bool ate;
    return link_word(d, value, NULL, &ate);
}

static bool set_entry(struct driver *d, const char *name, const char *value)
{
    (void)name;
    d->link.entry = value;
    return true;
}

/* ---- dependency files ----------------------------------------------------------------------- */

static bool dependencies(struct driver *d, const char *name, const char *value)
{
    if (strcmp(name, "-MD") == 0 || strcmp(name, "-MMD") == 0)
        d->wants_dependencies = true;
    else if (strcmp(name, "-M") == 0 || strcmp(name, "-MM") == 0) {
        d->preprocesses_only = true;
        d->step = STEP_PREPROCESS;
    } else if (strcmp(name, "-MF") == 0)
        d->has_dependency_file = true;
    else if (strcmp(name, "-MT") == 0 || strcmp(name, "-MQ") == 0)
        d->has_dependency_target = true;
    return pass(d, name, value, value != NULL);
}

/* ---- the table; longer names before their prefixes ------------------------------------------- */

static const struct option options[] = {
    {"-c", ALONE, set_step},
    {"-S", ALONE, set_step},
    {"-E", ALONE, set_step},
    {"-fsyntax-only", ALONE, set_step},
    {"-emit-llvm", ALONE, set_flag},
    {"-o", EITHER, set_output},
    {"-x", EITHER, set_language},
    {"-O", JOINED, set_level},
    {"-save-temps=", JOINED, set_flag},
    {"-save-temps", ALONE, set_flag},
    {"--save-temps", ALONE, set_flag},
    {"-v", ALONE, set_flag},
    {"-###", ALONE, set_flag},
    {"-s", ALONE, set_flag},
    {"-rdynamic", ALONE, set_flag},
    {"-nostartfiles", ALONE, set_flag},
    {"-nodefaultlibs", ALONE, set_flag},
    {"-nostdlib", ALONE, no_library},
    {"-nostdinc", ALONE, set_flag},
    {"--version", ALONE, ask},
    {"-print-", JOINED, ask},
    {"--print-", JOINED, ask},
    {"--help", ALONE, ask},
    {"-dumpversion", ALONE, ask},
    {"-dumpmachine", ALONE, ask},
    {"-mcpu=", JOINED, set_cpu},
    {"-march=", JOINED, set_cpu},
    {"-mprofile=", JOINED, set_profile},
    {"--target=", JOINED, set_target},
    {"-target", SEPARATE, set_target},
    {"--sysroot=", JOINED, ignore},
    {"--sysroot", SEPARATE, ignore},
    {"-flto", JOINED, ignore_with_word},
    {"-fno-lto", ALONE, ignore},
    {"-m32", ALONE, ignore},
    {"-mcmodel=", JOINED, ignore},
    {"-mtune=", JOINED, ignore},
    {"-mno-omit-leaf-frame-pointer", ALONE, ignore},
    {"-momit-leaf-frame-pointer", ALONE, ignore},
    {"-no-pie", ALONE, ignore},
    {"-pie", ALONE, ignore},
    {"-pthread", ALONE, ignore},
    {"-nostdlib++", ALONE, ignore},
    {"-B", EITHER, ignore},
    {"-z", SEPARATE, ignore},
    {"-t", ALONE, ignore},
    {"-fPIC", ALONE, ignore},
    {"-fPIE", ALONE, ignore},
    {"-fpic", ALONE, ignore},
    {"-fpie", ALONE, ignore},
    {"-static", ALONE, ignore},
    {"-shared", ALONE, ignore_with_word},
    {"-pipe", ALONE, ignore},
    {"-ffunction-sections", ALONE, ignore},
    {"-fdata-sections", ALONE, ignore},
    {"-fverbose-asm", ALONE, ignore},
    {"-pg", ALONE, ignore_pg},
    {"-T", EITHER, refuse_script},
    {"-Wl,", JOINED, link_words},
    {"-Wa,", JOINED, ignore_with_word},
    {"-Xassembler", SEPARATE, ignore_with_word},
    {"-Xlinker", SEPARATE, link_single},
    {"-e", SEPARATE, set_entry},
    {"-u", SEPARATE, ignore_with_word},
    {"-L", EITHER, library_dir},
    {"-l", EITHER, library},
    {"-D", EITHER, define},
    {"-U", EITHER, NULL},
    {"-isystem", EITHER, include_dir},
    {"-idirafter", EITHER, include_dir},
    {"-iquote", EITHER, include_dir},
    {"-imacros", SEPARATE, NULL},
    {"-include", SEPARATE, NULL},
    {"-I", EITHER, include_dir},
    {"-MMD", ALONE, dependencies},
    {"-MM", ALONE, dependencies},
    {"-MD", ALONE, dependencies},
    {"-MF", EITHER, dependencies},
    {"-MT", EITHER, dependencies},
    {"-MQ", EITHER, dependencies},
    {"-MP", ALONE, dependencies},
    {"-MG", ALONE, dependencies},
    {"-M", ALONE, dependencies},
    {"-Xclang", SEPARATE, NULL},
    {"-Xpreprocessor", SEPARATE, NULL},
    {"-mllvm", SEPARATE, ignore_with_word},
    {"--param", SEPARATE, ignore_with_word},
    {"-Q", JOINED, NULL},
    {"-R", JOINED, NULL},
    {"-undef", ALONE, NULL},
    {"-trigraphs", ALONE, NULL},
    {"-gdwarf", JOINED, set_debug},
    {"-g", JOINED, set_debug},
    {"-std=", JOINED, NULL},
    {"--std=", JOINED, NULL},
    {"-W", JOINED, NULL},
    {"-w", ALONE, NULL},
    {"-f", JOINED, NULL},
    {"-d", JOINED, NULL},
    {"-P", ALONE, NULL},
    {"-C", ALONE, NULL},
    {"-H", ALONE, NULL},
    {"-pedantic", JOINED, NULL},
    {"-ansi", ALONE, NULL},
};

static const struct option *find(const char *word)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t len = strlen(options[i].name);
        bool exact = strcmp(word, options[i].name) == 0;
        bool prefix = strncmp(word, options[i].name, len) == 0 && options[i].shape != ALONE &&
                      options[i].shape != SEPARATE;
        if (exact || prefix)
            return &options[i];
    }
    return NULL;
}

static const char *nearest(const char *word)
{
    const char *names[sizeof options / sizeof *options];
    size_t n = sizeof options / sizeof *options;
    for (size_t i = 0; i < n; i++)
        names[i] = options[i].name;
    return isa_nearest(word, names, n);
}

static bool take(struct driver *d, const struct option *o, const char *word, const char *next,
                 bool *ate)
{
    size_t len = strlen(o->name);
    bool separate = o->shape == SEPARATE || (o->shape == EITHER && !word[len]);
    const char *value = separate ? next : o->shape == ALONE ? NULL : word + len;
    *ate = separate;
    if (separate && !next) {
        driver_error(d, "%s needs a value", o->name);
        return false;
    }
    return o->act ? o->act(d, o->name, value) : pass(d, o->name, value, separate);
}

bool driver_parse(struct driver *d, const struct words *arguments)
{
    const char *chip = getenv("DPU_ARCH_VERSION");
    d->level = "0";
    d->profile = "match";
    d->chip = ISA_CHIP_V1A;
    language = LANG_BY_NAME;
    if (chip && *chip && isa_chip_find(chip) != ISA_CHIP_COUNT)
        d->chip = isa_chip_find(chip);
    for (size_t i = 1; i < arguments->count && d->n_errors == 0; i++) {
        const char *word = arguments->items[i];
        bool ate = false;
        if (word[0] != '-' || !word[1]) {
            if (!add_input(d, word, false))
                driver_error(d, "out of memory");
            continue;
        }
        const struct option *o = find(word);
        if (!o) {
            const char *near = nearest(word);
            driver_error(d, "unknown option %s%s%s%s", word, near ? ": did you mean " : "",
                         near ? near : "", near ? "?" : "");
            return false;
        }
        if (!take(d, o, word, arguments->items[i + 1], &ate))
            return false;
        i += ate;
    }
    link_defines(d);
    if (d->verbose && d->n_inputs == 0)
        d->only_asks = pass(d, "-v", NULL, false);
    d->link.defsyms = d->symbols;
    d->link.chip = d->chip;
    return d->n_errors == 0;
}
