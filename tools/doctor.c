/* SPDX-License-Identifier: MIT */
/* `dpusim doctor`: what the environment offers and what in it will cause trouble, each line with a
 * cure, then a verdict. */
#include <string.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "dpusim.h"
#include "options.h"

extern char **environ;

struct findings {
    unsigned problems;
};

static void good(const char *what, const char *found)
{
    printf("  ok       %-22s %s\n", what, found);
}

static void bad(struct findings *findings, const char *what, const char *found, const char *cure)
{
    printf("  PROBLEM  %-22s %s\n           %-22s cure: %s\n", what, found, "", cure);
    findings->problems++;
}

static void check_versions(void)
{
    struct utsname host;
    char text[600];
    good("dpusim", DPUSIM_VERSION);
    if (uname(&host) == 0) {
        snprintf(text, sizeof text, "%s %s %s", host.sysname, host.release, host.machine);
        good("host", text);
    }
    good("compiler of dpusim", __VERSION__);
}

/* Executable of that name in $PATH, as a shell would find it. */
static bool in_path(const char *program, char *found, size_t size)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        snprintf(found, size, "%.*s/%s", (int)len, path, program);
        if (access(found, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* The candidates of the assembler, in its order (isa/asm_cpp.c). */
static void check_preprocessor(struct findings *findings)
{
    char found[4200];
    const char *candidates[] = {getenv("CC"), "cc", "gcc", "clang"};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        const char *name = candidates[i];
        if (!name || !*name)
            continue;
        snprintf(found, sizeof found, "%s", name);
        if (strchr(name, '/') ? access(name, X_OK) == 0 : in_path(name, found, sizeof found)) {
            good("C preprocessor (.S)", found);
            return;
        }
    }
    bad(findings, "C preprocessor (.S)", "neither $CC nor cc, gcc or clang is in PATH",
        "install a C compiler; .s files work without");
}

static void check_memory(struct findings *findings)
{
    char text[120];
    long page = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_AVPHYS_PAGES);
    double free_mib = (double)page * (double)pages / 1048576.0;
    snprintf(text, sizeof text, "%.0f MiB free; a DPU takes what its program touches, at most 65",
             free_mib);
    if (free_mib > 80)
        good("memory", text);
    else
        bad(findings, "memory", text, "close other programs");
    snprintf(text, sizeof text, "%ld bytes", page);
    good("page size", text);
}

static void check_limit(struct findings *findings, const char *what, int resource, uint64_t wanted,
                        const char *cure)
{
    struct rlimit limit;
    char text[80];
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return;
    if (limit.rlim_cur == RLIM_INFINITY)
        snprintf(text, sizeof text, "unlimited");
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)limit.rlim_cur);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted)
        good(what, text);
    else
        bad(findings, what, text, cure);
}

static void check_limits(struct findings *findings)
{
    check_limit(findings, "address space", RLIMIT_AS, 256u << 20, "ulimit -v unlimited");
    check_limit(findings, "stack", RLIMIT_STACK, 128u << 10, "ulimit -s 8192");
    check_limit(findings, "open files", RLIMIT_NOFILE, 16, "ulimit -n 1024");
}

/* ------------------------------------------------------------------ environment variables ----- */

static bool is_ours(const char *entry)
{
    static const char *const prefixes[] = {"DPUSIM_", "UPMEM_", "DPU_ARCH_VERSION=", "NO_COLOR="};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static void check_profile(struct findings *findings, const char *name)
{
    const char *profile = getenv(name);
    if (profile && strstr(profile, "backend=hw"))
        bad(findings, name, "asks for backend=hw",
            "no hardware here; use backend=simulator or leave it out");
}

static void check_environment(struct findings *findings)
{
    unsigned seen = 0;
    for (char **entry = environ; *entry; entry++)
        if (is_ours(*entry)) {
            printf("  set      %.300s\n", *entry);
            seen++;
        }
    if (!seen)
        good("environment", "no UPMEM_* or DPUSIM_* variable is set");
    const char *chip = getenv("DPU_ARCH_VERSION");
    if (chip && isa_chip_find(chip) == ISA_CHIP_COUNT)
        bad(findings, "DPU_ARCH_VERSION", chip, "v1A or v1B");
    check_profile(findings, "UPMEM_PROFILE");
    check_profile(findings, "UPMEM_PROFILE_BASE");
}

/* ------------------------------------------------------------------ a tiny program ------------ */

/* One `stop` at index 0 of a fresh DPU. */
static enum dpusim_status run_stop(struct isa_diag *diag, struct sim_outcome *outcome)
{
    uint64_t stop = isa_form_get(ISA_STOP_CI)->pattern.value;
    uint8_t slot[ISA_INSN_BYTES];
    struct sim_dpu *dpu = NULL;
    struct sim_thread_state state = {.running = true};
    for (unsigned i = 0; i < ISA_INSN_BYTES; i++)
        slot[i] = (uint8_t)(stop >> (8 * i));
    enum dpusim_status status = sim_dpu_create(&dpu, NULL, diag);
    if (!status)
        status = sim_dpu_write(dpu, ISA_IRAM, 0, slot, sizeof slot, diag);
    if (!status)
        status = sim_dpu_set_thread(dpu, 0, &state);
    if (!status)
        sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 10}, outcome);
    sim_dpu_destroy(dpu);
    return status;
}

static void check_engine(struct findings *findings)
{
    struct isa_diag diag = {""};
    struct sim_outcome outcome = {0};
    enum dpusim_status status = run_stop(&diag, &outcome);
    if (status)
        bad(findings, "a DPU", diag.text, "see memory and limits above");
    else if (outcome.stop != SIM_DONE || outcome.instructions != 1)
        bad(findings, "a DPU", "does not run a one-instruction program",
            "rebuild dpusim; run make test");
    else
        good("a DPU", "runs");
}

int tool_verb_doctor(const struct verb *verb, int argc, char **argv)
{
    struct doctor_options options = {0};
    struct findings findings = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code)) {
        check_versions();
        check_preprocessor(&findings);
        check_memory(&findings);
        check_limits(&findings);
        check_environment(&findings);
        check_engine(&findings);
        if (findings.problems)
            printf("%u problem%s found.\n", findings.problems, findings.problems > 1 ? "s" : "");
        else
            puts("Everything is in order.");
        code = findings.problems ? TOOL_INPUT : TOOL_OK;
    }
    options_free(verb, &options);
    return code;
}
