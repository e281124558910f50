/* SPDX-License-Identifier: MIT */
/* main() of the command `dpusim`: picks the verb, and sees to the standard streams. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "dpusim.h"
#include "options.h"

/* A stream that the caller closed must not become the number of some file we open. It is opened the
 * wrong way round, so that using it is still an error. */
static void keep_standard_numbers(void)
{
    for (int number = 0; number <= 2; number++)
        if (fcntl(number, F_GETFD) < 0 && errno == EBADF)
            if (open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY) < 0)
                return;
}

static int unknown_verb(const char *name)
{
    const char *near = verb_nearest(name);
    if (name[0] == '-')
        tool_error("", "unknown option \"%.200s\"", name);
    else if (near)
        tool_error("", "unknown verb \"%.200s\"; did you mean \"%s\"?", name, near);
    else
        tool_error("", "unknown verb \"%.200s\"", name);
    fputs("Try \"dpusim help\".\n", stderr);
    return TOOL_USAGE;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        help_commands(stderr);
        return TOOL_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    const struct verb *verb = verb_find(name);
    return verb ? verb->run(verb, argc - 1, argv + 1) : unknown_verb(name);
}

/* Output that did not arrive is an error, whatever the verb said. */
static int close_stdout(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE)
        return code;
    tool_error("", "cannot write standard output: %s", strerror(errno ? errno : EIO));
    return code == TOOL_OK ? TOOL_INPUT : code;
}

int main(int argc, char **argv)
{
    keep_standard_numbers();
    signal(SIGPIPE,
           SIG_DFL); /* `| head` ends us quietly, also when the parent ignored the signal */
    return close_stdout(dispatch(argc, argv));
}

int tool_verb_version(const struct verb *verb, int argc, char **argv)
{
    struct version_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code))
        printf("dpusim %s\n", DPUSIM_VERSION);
    options_free(verb, &options);
    return code;
}
