/* SPDX-License-Identifier: MIT */
/* The option parser: one loop over argv, driven by the tables of options.def. Unknown names get the
 * nearest known one; nothing is abbreviated, so that scripts keep working when options are added.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_ROW(type, field, kind, name, letter, argument, group, text)                         \
    {name, letter, argument, OPTION_KIND_##kind, group, text, offsetof(struct type, field)},

static const struct option run_table[] = {
#define RUN_OPTION(...)       OPTION_ROW(run_options, __VA_ARGS__)
#define RUN_ALONE_OPTION(...) OPTION_ROW(run_options, __VA_ARGS__)
#define CHECK_OPTION(...)     OPTION_ROW(run_options, __VA_ARGS__)
#include "options.def"
    {0}};
#define RUN_ROW(...) OPTION_ROW(run_options, __VA_ARGS__)
static const struct option profile_table[] = {
#define PROFILE_OPTION RUN_ROW
#define CHECK_OPTION   RUN_ROW
#define RUN_OPTION     RUN_ROW
#include "options.def"
    {0}};
static const struct option trace_table[] = {
#define TRACE_OPTION RUN_ROW
#define RUN_OPTION   RUN_ROW
#include "options.def"
    {0}};
static const struct option report_table[] = {
#define REPORT_OPTION RUN_ROW
#define CHECK_OPTION  RUN_ROW
#define RUN_OPTION    RUN_ROW
#include "options.def"
    {0}};
static const struct option explore_table[] = {
#define EXPLORE_OPTION RUN_ROW
#define CHECK_OPTION   RUN_ROW
#define RUN_OPTION     RUN_ROW
#include "options.def"
    {0}};
static const struct option sweep_table[] = {
#define SWEEP_OPTION(...) OPTION_ROW(sweep_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option campaign_table[] = {
#define CAMPAIGN_OPTION(...) OPTION_ROW(campaign_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option asm_table[] = {
#define ASM_OPTION(...) OPTION_ROW(asm_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option link_table[] = {
#define LINK_OPTION(...) OPTION_ROW(link_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option dis_table[] = {
#define DIS_OPTION(...) OPTION_ROW(dis_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option elf_table[] = {
#define ELF_OPTION(...) OPTION_ROW(elf_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option inspect_table[] = {
#define INSPECT_OPTION(...) OPTION_ROW(inspect_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option diff_table[] = {
#define DIFF_OPTION(...) OPTION_ROW(diff_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option config_table[] = {
#define CONFIG_OPTION(...) OPTION_ROW(config_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option conformance_table[] = {
#define CONFORMANCE_OPTION(...) OPTION_ROW(conformance_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option doctor_table[] = {
#define DOCTOR_OPTION(...) OPTION_ROW(doctor_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option version_table[] = {
#define VERSION_OPTION(...) OPTION_ROW(version_options, __VA_ARGS__)
#include "options.def"
    {0}};
static const struct option help_table[] = {
#define HELP_OPTION(...) OPTION_ROW(help_options, __VA_ARGS__)
#include "options.def"
    {0}};

const struct verb tool_verbs[] = {
#define VERB(name, operands, least, most, summary, description, examples)                          \
    {#name, tool_verb_##name, operands, summary, description, examples, least, most, name##_table},
#include "verbs.def"
#undef VERB
    {0}};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *verb = tool_verbs; verb->name; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

const char *verb_nearest(const char *name)
{
    const char *names[sizeof tool_verbs / sizeof tool_verbs[0]];
    size_t count = 0;
    for (const struct verb *verb = tool_verbs; verb->name; verb++)
        names[count++] = verb->name;
    return isa_nearest(name, names, count);
}

int options_complain(const struct verb *verb, const char *format, ...)
{
    struct text text = {0};
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_add(&text, "%s\nTry \"dpusim help %s\".", line, verb->name);
    tool_error(verb->name, "%s", text.data);
    text_free(&text);
    return TOOL_USAGE;
}

/* One walk over argv. */
struct scan {
    const struct verb *verb;
    int argc, at;
    char **argv;
    char *options; /* the verb's struct */
};

static void list_add(struct text_list *list, const char *item)
{
    list->items = tool_realloc(list->items, list->count + 2, sizeof *list->items);
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}

static bool complain_value(struct scan *scan, const struct option *option, const char *value,
                           const char *wanted)
{
    options_complain(scan->verb, "option --%s: \"%s\" is not %s", option->name, value, wanted);
    return false;
}

static bool store(struct scan *scan, const struct option *option, const char *value)
{
    void *field = scan->options + option->offset;
    switch (option->kind) {
    case OPTION_KIND_FLAG:
        *(option_FLAG *)field = true;
        break;
    case OPTION_KIND_TEXT:
        *(option_TEXT *)field = value;
        break;
    case OPTION_KIND_LIST:
        list_add(field, value);
        break;
    case OPTION_KIND_COUNT:
        if (!tool_parse_u64(value, field))
            return complain_value(scan, option, value, "a number from 0 to 18446744073709551615");
        break;
    case OPTION_KIND_SECONDS:
        if (!tool_parse_double(value, field) || *(double *)field < 0)
            return complain_value(scan, option, value, "a number of seconds, as 1.5");
        break;
    }
    return true;
}

/* The value of an option whose name is done: what follows directly, else the next word. */
static bool take_value(struct scan *scan, const struct option *option, const char *attached)
{
    if (!attached && scan->at + 1 >= scan->argc) {
        options_complain(scan->verb, "option --%s needs a value: --%s=%s", option->name,
                         option->name, option->argument);
        return false;
    }
    return store(scan, option, attached ? attached : scan->argv[++scan->at]);
}

static bool complain_unknown(struct scan *scan, const char *word, size_t len)
{
    const char *names[64];
    size_t count = 0;
    char *name = tool_copy(word, len);
    for (const struct option *option = scan->verb->options; option->name && count < 63; option++)
        names[count++] = option->name;
    names[count++] = "help";
    const char *near = isa_nearest(name, names, count);
    for (size_t i = 0; i < count && !near && len > 1; i++) /* abbreviated */
        near = strncmp(names[i], name, len) == 0 ? names[i] : NULL;
    options_complain(scan->verb,
                     near ? "unknown option --%.200s; did you mean --%s?"
                          : "unknown option --%.200s",
                     name, near);
    free(name);
    return false;
}

static bool parse_long(struct scan *scan, const char *word)
{
    const char *equal = strchr(word, '=');
    size_t len = equal ? (size_t)(equal - word) : strlen(word);
    const struct option *option = scan->verb->options;
    while (option->name && (strlen(option->name) != len || strncmp(option->name, word, len) != 0))
        option++;
    if (!option->name)
        return complain_unknown(scan, word, len);
    if (option->kind != OPTION_KIND_FLAG)
        return take_value(scan, option, equal ? equal + 1 : NULL);
    if (equal) {
        options_complain(scan->verb, "option --%s takes no value", option->name);
        return false;
    }
    return store(scan, option, NULL);
}

static bool parse_letters(struct scan *scan, const char *letters)
{
    for (; *letters; letters++) {
        const struct option *option = scan->verb->options;
        while (option->name && option->letter != *letters)
            option++;
        if (!option->name) {
            options_complain(scan->verb, "unknown option -%c", *letters);
            return false;
        }
        if (option->kind != OPTION_KIND_FLAG)
            return take_value(scan, option, letters[1] ? letters + 1 : NULL);
        if (!store(scan, option, NULL))
            return false;
    }
    return true;
}

static bool wants_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool parse_words(struct scan *scan, struct text_list *operands)
{
    bool plain = false;
    for (scan->at = 1; scan->at < scan->argc; scan->at++) {
        const char *word = scan->argv[scan->at];
        bool ok = true;
        if (plain || word[0] != '-' || !word[1])
            list_add(operands, word);
        else if (strcmp(word, "--") == 0)
            plain = true;
        else if (word[1] == '-')
            ok = parse_long(scan, word + 2);
        else
            ok = parse_letters(scan, word + 1);
        if (!ok)
            return false;
    }
    return true;
}

static bool count_is_right(const struct verb *verb, const struct text_list *operands)
{
    if (operands->count < verb->least)
        options_complain(verb, "operand missing: dpusim %s %s", verb->name, verb->operands);
    else if (operands->count > verb->most)
        options_complain(verb, "one operand too many: \"%.200s\"", operands->items[verb->most]);
    else
        return true;
    return false;
}

bool options_parse(const struct verb *verb, int argc, char **argv, void *options, int *code)
{
    struct scan scan = {verb, argc, 0, argv, options};
    *code = TOOL_OK;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (wants_help(argv[i])) {
            help_verb(stdout, verb);
            return false;
        }
    bool ok = parse_words(&scan, options) && count_is_right(verb, options);
    *code = ok ? TOOL_OK : TOOL_USAGE;
    return ok;
}

void options_free(const struct verb *verb, void *options)
{
    free(((struct text_list *)options)->items);
    for (const struct option *option = verb->options; option->name; option++)
        if (option->kind == OPTION_KIND_LIST)
            free(((struct text_list *)((char *)options + option->offset))->items);
}
