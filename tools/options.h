/* SPDX-License-Identifier: MIT */
/* Verbs and their options: tables, the structs options are parsed into, the parser.
 *
 * GNU style: --name=VALUE or --name VALUE, -o FILE or -oFILE, letters may be bundled, operands may
 * stand anywhere, "--" ends the options, "-" is an operand. The last of a repeated option counts,
 * except for lists. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include "tool.h"

/* NULL-terminated. The strings belong to argv. */
struct text_list {
    const char **items;
    size_t count;
};

typedef bool option_FLAG;
typedef const char *option_TEXT;
typedef struct text_list option_LIST;
typedef uint64_t option_COUNT;
typedef double option_SECONDS;

enum option_kind {
    OPTION_KIND_FLAG,
    OPTION_KIND_TEXT,
    OPTION_KIND_LIST,
    OPTION_KIND_COUNT,
    OPTION_KIND_SECONDS
};

struct option {
    const char *name;
    char letter;
    const char *argument; /* NULL for flags */
    enum option_kind kind;
    const char *group, *text;
    size_t offset; /* of the field in the verb's struct */
};

#define OPTION_FIELD(field, kind, ...) option_##kind field;
struct run_options {
    struct text_list operands;
#define RUN_OPTION       OPTION_FIELD
#define RUN_ALONE_OPTION OPTION_FIELD
#define PROFILE_OPTION   OPTION_FIELD
#define TRACE_OPTION     OPTION_FIELD
#define REPORT_OPTION    OPTION_FIELD
#define CHECK_OPTION     OPTION_FIELD
#define EXPLORE_OPTION   OPTION_FIELD
#include "options.def"
};
struct sweep_options {
    struct text_list operands;
#define SWEEP_OPTION OPTION_FIELD
#include "options.def"
};
struct campaign_options {
    struct text_list operands;
#define CAMPAIGN_OPTION OPTION_FIELD
#include "options.def"
};
struct asm_options {
    struct text_list operands;
#define ASM_OPTION OPTION_FIELD
#include "options.def"
};
struct link_options {
    struct text_list operands;
#define LINK_OPTION OPTION_FIELD
#include "options.def"
};
struct dis_options {
    struct text_list operands;
#define DIS_OPTION OPTION_FIELD
#include "options.def"
};
struct elf_options {
    struct text_list operands;
#define ELF_OPTION OPTION_FIELD
#include "options.def"
};
struct inspect_options {
    struct text_list operands;
#define INSPECT_OPTION OPTION_FIELD
#include "options.def"
};
struct diff_options {
    struct text_list operands;
#define DIFF_OPTION OPTION_FIELD
#include "options.def"
};
struct config_options {
    struct text_list operands;
#define CONFIG_OPTION OPTION_FIELD
#include "options.def"
};
struct conformance_options {
    struct text_list operands;
#define CONFORMANCE_OPTION OPTION_FIELD
#include "options.def"
};
struct doctor_options {
    struct text_list operands;
#define DOCTOR_OPTION OPTION_FIELD
#include "options.def"
};
struct version_options {
    struct text_list operands;
#define VERSION_OPTION OPTION_FIELD
#include "options.def"
};
struct help_options {
    struct text_list operands;
#define HELP_OPTION OPTION_FIELD
#include "options.def"
};
#undef OPTION_FIELD

struct verb {
    const char *name;
    int (*run)(const struct verb *verb, int argc, char **argv); /* returns the exit code */
    const char *operands, *summary, *description, *examples;
    unsigned least, most;         /* operands */
    const struct option *options; /* ends with a row without name */
};

/* Ends with a row without name. */
extern const struct verb tool_verbs[];
const struct verb *verb_find(const char *name); /* NULL when unknown */
const char *verb_nearest(const char *name);     /* NULL when none is near */

#define VERB(name, ...) int tool_verb_##name(const struct verb *verb, int argc, char **argv);
#include "verbs.def"
#undef VERB

/* Parses argv[1..] into the verb's struct, which starts with its operands and must be zeroed. True:
 * go on. False: --help was answered or an error was printed, *code is the exit code. Free in both
 * cases. */
bool options_parse(const struct verb *verb, int argc, char **argv, void *options, int *code);
void options_free(const struct verb *verb, void *options);
/* Prints what is wrong with the command line and where help is; returns TOOL_USAGE. */
int options_complain(const struct verb *verb, const char *format, ...) DPUSIM_PRINTF(2, 3);

/* Texts that derive from the tables, to stdout. */
void help_commands(FILE *out);
void help_verb(FILE *out, const struct verb *verb);
void help_man(FILE *out, const struct verb *verb); /* NULL: dpusim(1) */
/* Reference page in Markdown; false when the topic is unknown. */
bool help_markdown(FILE *out, const char *topic);
const char *help_topic_name(size_t index); /* NULL behind the last */
void help_instructions(FILE *out);
void help_conditions(FILE *out);
/* "-o, --output=FILE" into buffer; returns its length. */
int help_option_name(const struct option *option, char *buffer, size_t size);

#endif
