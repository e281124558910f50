/* SPDX-License-Identifier: MIT */
/* Processes of a campaign over a host program. Each is the head of a process group, so that what it
 * has started ends with it, and ends when the campaign is ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "campaign_process.h"

enum { SHORTEST_NAP_NS = 200000, LONGEST_NAP_NS = 10000000, CANNOT_START = 127 };

/* ---- files ----------------------------------------------------------------------------------- */

enum dpusim_status process_files_open(struct process_files *files, struct isa_diag *diag)
{
    *files = (struct process_files){memfd_create("stdout", MFD_CLOEXEC),
                                    memfd_create("stderr", MFD_CLOEXEC),
                                    memfd_create("record", MFD_CLOEXEC), ""};
    snprintf(files->record_path, sizeof files->record_path, "/proc/%ld/fd/%d", (long)getpid(),
             files->record);
    if (files->out >= 0 && files->err >= 0 && files->record >= 0)
        return DPUSIM_OK;
    process_files_close(files);
    return isa_fail(diag, DPUSIM_IO, "no file for what the host program writes: %s",
                    strerror(errno));
}

void process_files_close(struct process_files *files)
{
    int all[] = {files->out, files->err, files->record};
    for (unsigned i = 0; i < 3; i++)
        if (all[i] >= 0)
            close(all[i]);
}

static void make_empty(int fd)
{
    if (ftruncate(fd, 0) == 0)
        lseek(fd, 0, SEEK_SET);
}

static char *content_of(int fd)
{
    struct stat info;
    size_t len = fstat(fd, &info) == 0 ? (size_t)info.st_size : 0, used = 0;
    char *text = tool_realloc(NULL, len + 1, 1);
    for (ssize_t n = 1; used < len && n > 0; used += n > 0 ? (size_t)n : 0)
        n = pread(fd, text + used, len - used, (off_t)used);
    text[used] = '\0';
    return text;
}

/* ---- start ----------------------------------------------------------------------------------- */

/* In the child: only what is allowed between fork and exec of a process with threads. */
static void become(const struct process *process, pid_t parent, int trouble)
{
    int null = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(CANNOT_START);
    dup2(null, STDIN_FILENO);
    dup2(process->files->out, STDOUT_FILENO);
    dup2(process->files->err, STDERR_FILENO);
    execvpe(process->arguments[0], process->arguments, process->environment);
    int reason = errno;
    (void)!write(trouble, &reason, sizeof reason);
    _exit(CANNOT_START);
}

static enum dpusim_status start(const struct process *process, pid_t *child, struct isa_diag *diag)
{
    int trouble[2], reason = 0;
    pid_t parent = getpid();
    if (pipe2(trouble, O_CLOEXEC) != 0)
        return isa_fail(diag, DPUSIM_IO, "no pipe to the host program: %s", strerror(errno));
    *child = fork();
    if (*child == 0)
        become(process, parent, trouble[1]);
    close(trouble[1]);
    if (*child < 0)
        reason = errno;
    else if (read(trouble[0], &reason, sizeof reason) == (ssize_t)sizeof reason)
        waitpid(*child, NULL, 0);
    close(trouble[0]);
    return reason ? isa_fail(diag, DPUSIM_NO_SUCH_FILE, "cannot start %.200s: %s",
                             process->arguments[0], strerror(reason))
                  : DPUSIM_OK;
}

/* ---- end ------------------------------------------------------------------------------------- */

static bool has_ended(pid_t child)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

static void wait_for(const struct process *process, pid_t child, struct process_result *result)
{
    double began = tool_seconds();
    struct timespec nap = {0, SHORTEST_NAP_NS};
    while (!has_ended(child)) {
        result->out_of_time =
            process->max_seconds > 0 && tool_seconds() - began > process->max_seconds;
        if (result->out_of_time)
            break;
        nanosleep(&nap, NULL);
        nap.tv_nsec = nap.tv_nsec < LONGEST_NAP_NS ? nap.tv_nsec + nap.tv_nsec / 8 : nap.tv_nsec;
    }
    result->seconds = tool_seconds() - began;
    kill(-child, SIGKILL); /* the group is there as long as its head is not reaped */
    waitpid(child, &result->status, 0);
}

enum dpusim_status process_run(const struct process *process, struct process_result *result,
                               struct isa_diag *diag)
{
    const struct process_files *files = process->files;
    pid_t child = 0;
    *result = (struct process_result){.status = 0};
    make_empty(files->out);
    make_empty(files->err);
    make_empty(files->record);
    enum dpusim_status status = start(process, &child, diag);
    if (status)
        return status;
    wait_for(process, child, result);
    result->out = content_of(files->out);
    result->err = content_of(files->err);
    result->record = content_of(files->record);
    return DPUSIM_OK;
}

void process_result_free(struct process_result *result)
{
    free(result->out);
    free(result->err);
    free(result->record);
    *result = (struct process_result){.status = 0};
}
