/* SPDX-License-Identifier: MIT */
/* A whole file into memory. Copied, not mapped, so that a file that is rewritten while we use it
 * can do no harm; a change during the copy itself is noticed by size and time stamp. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isa.h"

enum { FIRST_BYTES = 1 << 16, MAX_FILE_BYTES = 1 << 30 };

static enum dpusim_status open_failed(const char *path, struct isa_diag *diag)
{
    bool missing = errno == ENOENT || errno == ENOTDIR;
    bool refused = errno == EACCES || errno == EPERM;
    return isa_fail(diag,
                    missing   ? DPUSIM_NO_SUCH_FILE
                    : refused ? DPUSIM_ELF_INVALID
                              : DPUSIM_IO,
                    "%s: cannot be opened: %s", path, strerrordesc_np(errno));
}

/* Reads until the end of the file; capacity grows for pipes, whose size is not known. */
static enum dpusim_status read_all(int fd, uint8_t **data, size_t *len_bytes, size_t capacity,
                                   const char *path, struct isa_diag *diag)
{
    for (;;) {
        if (*len_bytes == capacity || !*data) {
            capacity = *data ? capacity * 2 : capacity;
            uint8_t *larger = capacity <= 2 * (size_t)MAX_FILE_BYTES ? realloc(*data, capacity) : 0;
            if (!larger)
                return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: no memory for %zu bytes", path,
                                capacity);
            *data = larger;
        }
        ssize_t got = read(fd, *data + *len_bytes, capacity - *len_bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return isa_fail(diag, DPUSIM_IO, "%s: cannot be read: %s", path,
                            strerrordesc_np(errno));
        if (got == 0)
            return DPUSIM_OK;
        *len_bytes += (size_t)got;
    }
}

static enum dpusim_status check_kind(const struct stat *info, const char *path,
                                     struct isa_diag *diag)
{
    if (S_ISDIR(info->st_mode))
        return isa_fail(diag, DPUSIM_ELF_INVALID, "%s: is a directory, wanted a file", path);
    if (info->st_size > MAX_FILE_BYTES)
        return isa_fail(diag, DPUSIM_ELF_INVALID, "%s: %lld bytes, wanted at most %d", path,
                        (long long)info->st_size, MAX_FILE_BYTES);
    return DPUSIM_OK;
}

static enum dpusim_status check_unchanged(int fd, const struct stat *before, size_t len_bytes,
                                          const char *path, struct isa_diag *diag)
{
    struct stat after;
    if (!S_ISREG(before->st_mode) || fstat(fd, &after) != 0)
        return DPUSIM_OK;
    if ((uint64_t)before->st_size != len_bytes || after.st_size != before->st_size ||
        after.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return isa_fail(diag, DPUSIM_IO,
                        "%s: changed while being read (%lld bytes, then %zu): try again", path,
                        (long long)before->st_size, len_bytes);
    return DPUSIM_OK;
}

enum dpusim_status isa_file_read(struct isa_bytes *out, const char *path, struct isa_diag *diag)
{
    if (!path)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "no file name given (NULL)");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(path, diag);
    uint8_t *data = NULL;
    size_t len_bytes = 0;
    struct stat info = {0};
    enum dpusim_status status = DPUSIM_OK;
    if (fstat(fd, &info) != 0)
        status = isa_fail(diag, DPUSIM_IO, "%s: %s", path, strerrordesc_np(errno));
    if (status == DPUSIM_OK)
        status = check_kind(&info, path, diag);
    size_t capacity = S_ISREG(info.st_mode) ? (size_t)info.st_size + 1 : FIRST_BYTES;
    if (status == DPUSIM_OK)
        status = read_all(fd, &data, &len_bytes, capacity, path, diag);
    if (status == DPUSIM_OK)
        status = check_unchanged(fd, &info, len_bytes, path, diag);
    close(fd);
    if (status == DPUSIM_OK)
        *out = (struct isa_bytes){data, len_bytes};
    else
        free(data);
    return status;
}
