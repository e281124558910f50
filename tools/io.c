/* SPDX-License-Identifier: MIT */
/* Files, memory and a clock for the verbs: whole files in, whole files out, checked closing. Every
 * message names the file and the reason of the system. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>

enum { READ_STEP = 1 << 16 };

void *tool_realloc(void *memory, size_t count, size_t size)
{
    void *grown = size && count > SIZE_MAX / size ? NULL : realloc(memory, count * size + 1);
    if (!grown) {
        fputs("dpusim: out of memory\n", stderr);
        exit(TOOL_INTERNAL);
    }
    return grown;
}

char *tool_copy(const char *text, size_t len)
{
    char *copy = tool_realloc(NULL, len + 1, 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static bool read_stream(FILE *file, struct isa_bytes *bytes)
{
    char *data = NULL;
    size_t len = 0, room = 0, got;
    do {
        if (room - len < READ_STEP)
            data = tool_realloc(data, room = room * 2 + READ_STEP + 1, 1);
        got = fread(data + len, 1, room - len - 1, file);
        len += got;
    } while (got > 0);
    data[len] = '\0';
    *bytes = (struct isa_bytes){(uint8_t *)data, len};
    return !ferror(file);
}

bool tool_read_file(const char *verb, const char *path, struct isa_bytes *bytes)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (!file) {
        tool_error(verb, "cannot open \"%s\": %s", path, strerror(errno));
        return false;
    }
    bool ok = read_stream(file, bytes);
    if (!ok) {
        tool_error(verb, "cannot read %s: %s", standard ? "standard input" : path, strerror(errno));
        free((void *)bytes->data);
        *bytes = (struct isa_bytes){NULL, 0};
    }
    if (!standard)
        fclose(file);
    return ok;
}

FILE *tool_open_output(const char *verb, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (!file)
        tool_error(verb, "cannot write \"%s\": %s", path, strerror(errno));
    return file;
}

bool tool_close_output(const char *verb, const char *path, FILE *file)
{
    errno = 0;
    bool ok = fflush(file) == 0 && !ferror(file);
    int reason = errno;
    if (file != stdout && fclose(file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (!ok)
        tool_error(verb, "cannot write %s: %s", file == stdout ? "standard output" : path,
                   strerror(reason ? reason : EIO));
    if (file == stdout)
        clearerr(stdout); /* said once */
    return ok;
}

/* An output that was cut short must not look like a result. Devices and pipes stay. */
static void remove_regular(const char *path)
{
    struct stat about;
    if (strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode))
        remove(path);
}

bool tool_write_file(const char *verb, const char *path, struct isa_bytes bytes)
{
    FILE *file = tool_open_output(verb, path);
    if (!file)
        return false;
    if (bytes.len_bytes)
        fwrite(bytes.data, 1, bytes.len_bytes, file);
    bool ok = tool_close_output(verb, path, file);
    if (!ok)
        remove_regular(path);
    return ok;
}

double tool_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
