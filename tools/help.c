/* SPDX-License-Identifier: MIT */
/* `dpusim help`, --help and the man pages: everything printed here derives from verbs.def,
 * options.def and status.def. Help of a verb stays within 40 lines of 80 columns. */
#include "options.h"

#include <string.h>

#include "dpusim.h"

enum { TEXT_COLUMN = 30, LINE_COLUMNS = 79 };

static const char *const exit_texts[] = {
    "success",
    "the DPU program failed: a fault, or tasklets left asleep with --strict; a vector failed",
    "the command line is wrong",
    "an input is wrong, or an output cannot be written",
    "a limit was reached",
    "internal error, or out of memory",
};

int help_option_name(const struct option *option, char *buffer, size_t size)
{
    char letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    return snprintf(buffer, size, "%s--%s%s%s", letter, option->name, option->argument ? "=" : "",
                    option->argument ? option->argument : "");
}

void help_commands(FILE *out)
{
    fputs("Usage: dpusim VERB [OPTION]... [OPERAND]...\n"
          "A simulator of UPMEM's DPU core.\n\nVerbs:\n",
          out);
    for (const struct verb *verb = tool_verbs; verb->name; verb++)
        fprintf(out, "  %-12s %s\n", verb->name, verb->summary);
    fputs("\n\"dpusim help VERB\" or \"dpusim VERB --help\" explains one verb.\n"
          "Exit codes: 0 success, 1 program fault, 2 usage, 3 bad input, 4 limit, 5 internal.\n",
          out);
}

/* Text broken at spaces, each further line indented. */
static void print_wrapped(FILE *out, const char *text, int column, int indent)
{
    while (*text) {
        int len = (int)strcspn(text, " ");
        if (column > indent && column + len > LINE_COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%.*s%s", len, text, text[len] ? " " : "");
        column += len + 1;
        text += len + (text[len] == ' ');
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct option *option)
{
    char name[80];
    help_option_name(option, name, sizeof name);
    int len = fprintf(out, "  %-*s", TEXT_COLUMN - 3, name);
    fputc(' ', out);
    print_wrapped(out, option->text, len + 1, TEXT_COLUMN);
}

void help_verb(FILE *out, const struct verb *verb)
{
    const char *group = "";
    fprintf(out, "Usage: dpusim %s [OPTION]...%s%s\n", verb->name, *verb->operands ? " " : "",
            verb->operands);
    fprintf(out, "%c%s.\n", verb->summary[0] & ~0x20, verb->summary + 1);
    for (const struct option *option = verb->options; option->name; option++) {
        if (strcmp(option->group, group) != 0)
            fprintf(out, "\n%s:\n", group = option->group);
        print_option(out, option);
    }
    fprintf(out, "\nMore: man dpusim-%s, or dpusim help --markdown verbs.\n", verb->name);
}

/* ------------------------------------------------------------------ man pages ----------------- */

/* Text for troff: backslashes and hyphens escaped, no line starts with a dot. */
static void print_troff(FILE *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((at == text || at[-1] == '\n') && (*at == '.' || *at == '\''))
            fputs("\\&", out);
        if (*at == '\\')
            fputs("\\e", out);
        else if (*at == '-')
            fputs("\\-", out);
        else if (*at == '\n' && at[1] == '\n')
            fputs("\n.PP", out);
        else
            fputc(*at, out);
    }
    fputc('\n', out);
}

static void print_heading(FILE *out, const char *page, const char *summary)
{
    fprintf(out, ".\\\" Made by dpusim help --man; do not edit.\n");
    fprintf(out, ".TH %s 1 \"\" \"dpusim %s\" \"dpusim manual\"\n", page, DPUSIM_VERSION);
    fprintf(out, ".SH NAME\n%s \\- ", page);
    print_troff(out, summary);
}

static void man_options(FILE *out, const struct verb *verb)
{
    char name[80];
    fputs(".SH OPTIONS\n", out);
    for (const struct option *option = verb->options; option->name; option++) {
        help_option_name(option, name, sizeof name);
        fputs(".TP\n.B ", out);
        print_troff(out, name + strspn(name, " "));
        print_troff(out, option->text);
    }
    fputs(".TP\n.B \\-h, \\-\\-help\nprint a short help and exit\n", out);
}

static void man_exit_codes(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t code = 0; code < sizeof exit_texts / sizeof exit_texts[0]; code++) {
        fprintf(out, ".TP\n.B %zu\n", code);
        print_troff(out, exit_texts[code]);
    }
}

static void man_environment(FILE *out)
{
    fputs(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\n"
          "when set and not empty, messages are never coloured\n",
          out);
}

static void man_command(FILE *out)
{
    print_heading(out, "dpusim", "simulator of UPMEM's DPU core");
    fputs(".SH SYNOPSIS\n.B dpusim\n.I VERB\n[\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n"
          ".SH DESCRIPTION\nAssembles, links, disassembles and runs programs of UPMEM's DPU, "
          "exactly or "
          "with its timing.\n.SH VERBS\n",
          out);
    for (const struct verb *verb = tool_verbs; verb->name; verb++) {
        fprintf(out, ".TP\n.BR dpusim\\-%s (1)\n", verb->name);
        print_troff(out, verb->summary);
    }
    man_exit_codes(out);
    man_environment(out);
}

void help_man(FILE *out, const struct verb *verb)
{
    if (!verb) {
        man_command(out);
        return;
    }
    char page[40];
    snprintf(page, sizeof page, "dpusim-%s", verb->name);
    print_heading(out, page, verb->summary);
    fprintf(out, ".SH SYNOPSIS\n.B dpusim %s\n[\\fIOPTION\\fR]...\n", verb->name);
    if (*verb->operands)
        print_troff(out, verb->operands);
    fputs(".SH DESCRIPTION\n", out);
    print_troff(out, verb->description);
    man_options(out, verb);
    man_exit_codes(out);
    man_environment(out);
    fputs(".SH EXAMPLES\n.nf\n", out);
    print_troff(out, verb->examples);
    fputs(".fi\n.SH SEE ALSO\n.BR dpusim (1)\n", out);
}

/* ------------------------------------------------------------------ the verb ------------------ */

static int list_names(bool topics)
{
    if (topics)
        for (size_t i = 0; help_topic_name(i); i++)
            puts(help_topic_name(i));
    else
        for (const struct verb *verb = tool_verbs; verb->name; verb++)
            puts(verb->name);
    return TOOL_OK;
}

static int print_topic(const struct verb *self, const char *topic)
{
    const char *names[32];
    size_t count = 0;
    if (topic && help_markdown(stdout, topic))
        return TOOL_OK;
    if (!topic)
        return options_complain(self, "--markdown needs a topic; --markdown --list shows them");
    while (help_topic_name(count) && count < 32) {
        names[count] = help_topic_name(count);
        count++;
    }
    const char *near = isa_nearest(topic, names, count);
    return options_complain(
        self, near ? "unknown topic \"%.200s\"; did you mean \"%s\"?" : "unknown topic \"%.200s\"",
        topic, near);
}

static int print_verb(const struct verb *self, const char *name, bool man)
{
    const struct verb *verb = verb_find(name);
    const char *near = verb ? NULL : verb_nearest(name);
    if (!verb && strcmp(name, "dpusim") != 0)
        return options_complain(self,
                                near ? "unknown verb \"%.200s\"; did you mean \"%s\"?"
                                     : "unknown verb \"%.200s\"",
                                name, near);
    if (man)
        help_man(stdout, verb);
    else if (verb)
        help_verb(stdout, verb);
    else
        help_commands(stdout);
    return TOOL_OK;
}

int tool_verb_help(const struct verb *verb, int argc, char **argv)
{
    struct help_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        const char *name = options.operands.count ? options.operands.items[0] : NULL;
        if (options.list)
            code = list_names(options.markdown);
        else if (options.markdown)
            code = print_topic(verb, name);
        else
            code = print_verb(verb, name ? name : "dpusim", options.man);
    }
    options_free(verb, &options);
    return code;
}
