/* SPDX-License-Identifier: MIT */
/* The C preprocessor: a child process that reads the text from a temporary file and writes to a
 * pipe. The program is $CC, else the first of cc, gcc, clang. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asm.h"

extern char **environ;

struct command {
    const char **words;
    size_t count, capacity;
};

static void add_word(struct asm_state *as, struct command *command, const char *word)
{
    if (command->count == command->capacity) {
        size_t capacity = 2 * command->capacity + 32;
        const char **larger = asm_alloc(as, capacity * sizeof *larger);
        if (command->count)
            memcpy(larger, command->words, command->count * sizeof *larger);
        command->words = larger;
        command->capacity = capacity;
    }
    command->words[command->count++] = word;
}

/* $CC may hold options: its words are separated by blanks. */
static void add_words(struct asm_state *as, struct command *command, const char *text)
{
    while (*text) {
        size_t blanks = strspn(text, " \t"), len = strcspn(text + blanks, " \t");
        if (len)
            add_word(as, command, asm_copy(as, text + blanks, len));
        text += blanks + len;
    }
}

static void add_directory(struct asm_state *as, struct command *command, const char *name)
{
    const char *slash = strrchr(name, '/');
    if (!slash)
        return;
    add_word(as, command, "-iquote");
    add_word(as, command, slash == name ? "/" : asm_copy(as, name, (size_t)(slash - name)));
}

static struct command build_command(struct asm_state *as, const char *program, const char *name)
{
    struct command command = {NULL, 0, 0};
    add_words(as, &command, program);
    add_words(as, &command, "-E -x assembler-with-cpp -undef -D__ASSEMBLER__=1 -D__DPU__=1");
    add_directory(as, &command, name);
    const char *const *list = as->options ? as->options->include_dirs : NULL;
    for (; list && *list; list++) {
        add_word(as, &command, "-I");
        add_word(as, &command, *list);
    }
    list = as->options ? as->options->defines : NULL;
    for (; list && *list; list++) {
        add_word(as, &command, "-D");
        add_word(as, &command, *list);
    }
    add_word(as, &command, "-");
    add_word(as, &command, NULL);
    return command;
}

/* ---- the child ------------------------------------------------------------------------------ */

struct streams {
    FILE *input, *errors;
    int output[2]; /* pipe */
};

static void close_streams(struct streams *streams)
{
    if (streams->input)
        fclose(streams->input);
    if (streams->errors)
        fclose(streams->errors);
    for (int i = 0; i < 2; i++)
        if (streams->output[i] >= 0)
            close(streams->output[i]);
}

/* The text with a line marker before it, so that the preprocessor knows its name. */
static bool write_input(FILE *input, struct isa_bytes text, const char *name)
{
    if (fputs("#line 1 \"", input) < 0)
        return false;
    for (const char *c = name; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', input);
        fputc(*c == '\n' ? ' ' : *c, input);
    }
    fputs("\"\n", input);
    if (text.len_bytes)
        fwrite(text.data, 1, text.len_bytes, input);
    return fflush(input) == 0 && !ferror(input) && fseek(input, 0, SEEK_SET) == 0;
}

static bool open_streams(struct streams *streams, struct isa_bytes text, const char *name)
{
    *streams = (struct streams){.input = tmpfile(), .errors = tmpfile(), .output = {-1, -1}};
    return streams->input && streams->errors && pipe(streams->output) == 0 &&
           write_input(streams->input, text, name);
}

/* 0 or the error number of posix_spawnp. */
static int start(const struct command *command, const struct streams *streams, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return 1;
    posix_spawn_file_actions_adddup2(&actions, fileno(streams->input), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, streams->output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(streams->errors), STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, streams->output[0]);
    int error = posix_spawnp(child, command->words[0], &actions, NULL,
                             (char *const *)(uintptr_t)command->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool start_some(struct asm_state *as, struct streams *streams, const char *name,
                       pid_t *child)
{
    const char *candidates[] = {getenv("CC"), "cc", "gcc", "clang"};
    bool chosen = candidates[0] && candidates[0][strspn(candidates[0], " \t")];
    for (size_t i = chosen ? 0 : 1; i < (chosen ? 1 : 4); i++) {
        struct command command = build_command(as, candidates[i], name);
        if (start(&command, streams, child) == 0)
            return true;
    }
    asm_error_at(as, as->statement,
                 chosen
                     ? "the C preprocessor '%s' (from $CC) cannot be started"
                     : "no C preprocessor found (cc, gcc, clang%s): install one or name it in $CC",
                 chosen ? candidates[0] : "");
    return false;
}

/* Everything that the child writes; without memory the buffer is NULL. */
static char *read_output(int from, size_t *len_bytes)
{
    size_t capacity = 1 << 16, count = 0;
    char *bytes = malloc(capacity);
    ssize_t got = 1;
    while (bytes && got > 0 && count <= ASM_MAX_TEXT_BYTES) {
        if (count == capacity) {
            char *larger = realloc(bytes, capacity *= 2);
            if (!larger)
                free(bytes);
            bytes = larger;
            continue;
        }
        got = read(from, bytes + count, capacity - count);
        count += got > 0 ? (size_t)got : 0;
    }
    *len_bytes = count;
    return bytes;
}

/* ---- its messages --------------------------------------------------------------------------- */

/* `file:line:column: error: text`: the parts, or false. */
static bool split_message(char *line, struct isa_message *message)
{
    char *error = strstr(line, "error: ");
    if (!error)
        return false;
    message->severity = ISA_ERROR;
    message->text = error + strlen("error: ");
    char *colon = strchr(line, ':');
    if (!colon || colon > error)
        return true;
    unsigned line_number = 0, column = 0;
    if (sscanf(colon, ":%u:%u", &line_number, &column) >= 1) {
        *colon = '\0';
        message->file = line;
        message->line = line_number;
        message->column = column;
    }
    return true;
}

static void pass_errors(struct asm_state *as, FILE *errors)
{
    char line[1024];
    unsigned before = as->n_errors;
    rewind(errors);
    while (fgets(line, sizeof line, errors) && !as->stop) {
        struct isa_message message = {.file = as->file_name};
        line[strcspn(line, "\n")] = '\0';
        if (!split_message(line, &message))
            continue;
        if (as->report && as->report->emit)
            as->report->emit(as->report->context, &message);
        as->status = DPUSIM_SYNTAX;
        as->stop = ++as->n_errors >= as->max_errors;
    }
    if (as->n_errors == before)
        asm_error_at(as, as->statement, "the C preprocessor failed");
}

bool asm_preprocess(struct asm_state *as, struct isa_bytes text, const char *name,
                    struct isa_bytes *out)
{
    struct streams streams;
    pid_t child = 0;
    int exit_status = -1;
    char *bytes = NULL;
    size_t len = 0;
    bool opened = open_streams(&streams, text, name);
    bool started = opened && start_some(as, &streams, name, &child);
    if (!opened)
        asm_error_at(as, as->statement, "no temporary file for the C preprocessor");
    if (started) {
        close(streams.output[1]);
        streams.output[1] = -1;
        bytes = read_output(streams.output[0], &len);
        close(streams.output[0]);
        streams.output[0] = -1;
        waitpid(child, &exit_status, 0);
    }
    bool good = started && bytes && exit_status == 0;
    if (good)
        *out = (struct isa_bytes){(const uint8_t *)bytes, len};
    else if (started)
        pass_errors(as, streams.errors);
    close_streams(&streams);
    as->preprocessed = bytes;
    return good;
}
