/* SPDX-License-Identifier: MIT */
/* `dpusim sweep`: checks the command line and hands over to the Python module dpusim.sweep, which
 * stands beside this program in a build tree, and in the same prefix when installed. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"

/* Directory above the one that this program is in; false when the system does not tell. */
static bool find_prefix(char prefix[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", prefix, PATH_MAX - 1);
    if (len <= 0)
        return false;
    prefix[len] = '\0';
    for (unsigned i = 0; i < 2; i++) {
        char *slash = strrchr(prefix, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
    return true;
}

/* Let Python find the packages; those that the user named come first. */
static void add_packages(const char *prefix)
{
    static const char *const places[] = {"python", "lib/python3/dist-packages"};
    const char *given = getenv("PYTHONPATH");
    struct text path = {0};
    if (given && *given)
        text_add(&path, "%s", given);
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        text_add(&path, "%s%s/%s", path.len ? ":" : "", prefix, places[i]);
    setenv("PYTHONPATH", path.data, 1);
    text_free(&path);
}

static int hand_over(const struct verb *verb, int argc, char **argv)
{
    const char *given = getenv("PYTHON");
    const char *python = given && *given ? given : "python3";
    const char **words = tool_realloc(NULL, (size_t)argc + 4, sizeof *words);
    int n = 0;
    words[n++] = python;
    words[n++] = "-m";
    words[n++] = "dpusim.sweep";
    for (int i = 1; i < argc; i++)
        words[n++] = argv[i];
    words[n] = NULL;
    fflush(stdout);
    execvp(python, (char *const *)(uintptr_t)words);
    tool_error(verb->name, "cannot start \"%s\": %s; install Python 3 or set PYTHON", python,
               strerror(errno));
    free(words);
    return TOOL_INPUT;
}

int tool_verb_sweep(const struct verb *verb, int argc, char **argv)
{
    struct sweep_options options = {0};
    char prefix[PATH_MAX];
    int code;
    bool ok = options_parse(verb, argc, argv, &options, &code);
    options_free(verb, &options);
    if (!ok)
        return code;
    if (find_prefix(prefix))
        add_packages(prefix);
    return hand_over(verb, argc, argv);
}
