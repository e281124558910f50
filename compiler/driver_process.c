/* SPDX-License-Identifier: MIT */
/* Files, processes and the places where the parts of the compiler are. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

extern char **environ;

/* The directory above the one that holds this program. */
bool driver_find_home(struct driver *d, const char *argv0)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0)
        len = snprintf(path, sizeof path, "%s", argv0);
    path[len < (ssize_t)sizeof path ? len : (ssize_t)sizeof path - 1] = 0;
    for (unsigned up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash) {
            driver_error(d, "%s: its own place in the file system is not known", argv0);
            return false;
        }
        *slash = 0;
    }
    d->home = text_format("%s", path);
    return true;
}

static char *find_program(const char *name)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        char *full = text_format("%.*s/%s", (int)len, path, name);
        if (len && access(full, X_OK) == 0)
            return full;
        path += len + (path[len] == ':');
    }
    return NULL;
}

/* The code generator reads bitcode of its own LLVM version only. */
bool driver_find_clang(struct driver *d)
{
    const char *directory = getenv("DPUSIM_LLVM");
    if (d->clang)
        return true;
    if (directory && *directory) {
        d->clang = text_format("%s/bin/clang", directory);
        if (access(d->clang, X_OK) == 0)
            return true;
        driver_error(d, "DPUSIM_LLVM=%s: there is no bin/clang in it", directory);
        return false;
    }
    char *name = text_format("clang-%d", DPU_LLVM_MAJOR);
    d->clang = find_program(name);
    if (!d->clang) {
        d->clang = text_format("/usr/lib/llvm-%d/bin/clang", DPU_LLVM_MAJOR);
        if (access(d->clang, X_OK) != 0) {
            driver_error(d, "%s is not installed. Install it with: apt-get install %s", name, name);
            d->clang = NULL;
        }
    }
    return d->clang != NULL;
}

static void show(const struct words *command)
{
    for (size_t i = 0; i < command->count; i++)
        fprintf(stderr, " \"%s\"", command->items[i]);
    fputc('\n', stderr);
}

int driver_run(struct driver *d, const struct words *command)
{
    pid_t child;
    int status;
    if (d->verbose || d->dry_run)
        show(command);
    if (d->dry_run)
        return 0;
    fflush(NULL);
    int failed =
        posix_spawn(&child, command->items[0], NULL, NULL, (char **)command->items, environ);
    if (failed) {
        driver_error(d, "%s cannot be started: %s", command->items[0], strerror(failed));
        return 1;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            driver_error(d, "%s: lost: %s", command->items[0], strerror(errno));
            return 1;
        }
    if (WIFSIGNALED(status)) {
        driver_error(d, "%s was ended by signal %d (%s)", command->items[0], WTERMSIG(status),
                     strsignal(WTERMSIG(status)));
        return 128 + WTERMSIG(status);
    }
    if (WEXITSTATUS(status))
        d->n_errors++;
    return WEXITSTATUS(status);
}

char *driver_temporary(struct driver *d, const char *suffix)
{
    const char *base = getenv("TMPDIR");
    if (!d->temporary) {
        d->temporary = text_format("%s/dpu-clang-XXXXX"
                                   "X",
                                   base && *base ? base : "/tmp");
        if (!mkdtemp(d->temporary)) {
            driver_error(d, "%s: a directory for temporary files cannot be made: %s", d->temporary,
                         strerror(errno));
            exit(1);
        }
    }
    char *path = text_format("%s/%zu%s", d->temporary, d->files.count, suffix);
    words_add(&d->files, path);
    return path;
}

void driver_cleanup(struct driver *d)
{
    for (size_t i = 0; i < d->files.count; i++)
        unlink(d->files.items[i]);
    if (d->temporary)
        rmdir(d->temporary);
    d->temporary = NULL;
    d->files = (struct words){0};
}

bool driver_read(struct driver *d, const char *path, struct isa_bytes *out)
{
    struct isa_diag diag;
    if (isa_file_read(out, path, &diag) == DPUSIM_OK)
        return true;
    driver_error(d, "%s", diag.text);
    return false;
}

bool driver_write(struct driver *d, const char *path, struct isa_bytes bytes)
{
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "wb");
    bool ok = file && fwrite(bytes.data, 1, bytes.len_bytes, file) == bytes.len_bytes;
    if (file && (is_stdout ? fflush(file) : fclose(file)) != 0)
        ok = false;
    if (!ok)
        driver_error(d, "%s: cannot be written: %s", path, strerror(errno));
    return ok;
}
