/* SPDX-License-Identifier: MIT */
/* Profiles: the text, its keys, and the machine that they describe. Rules of the text and meaning
 * of the SDK's keys: documented (host library of SDK 2024.2, public manual). Beyond the SDK: blanks
 * around keys and values are cut off with a warning, an unknown key is warned of with the nearest
 * known one, and numbers have ranges. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "driver.h"

struct key_info {
    const char *name;
    enum drv_key_kind kind;
    bool used;
};

#define USED    true
#define IGNORED false
static const struct key_info keys[DRV_KEY_COUNT] = {
#define KEY(id, name, kind, used, meaning) {name, DRV_KEY_##kind, used},
#include "profile.def"
#undef KEY
};

enum { DEFAULT_JOBS = 16, DEFAULT_MAX_RANKS = 40, MOST_RANKS = 4096, MOST_JOBS = 1 << 20 };

/* ---- text ------------------------------------------------------------------------------------ */

static enum drv_key find_key(const char *name)
{
    enum drv_key key = 0;
    while (key < DRV_KEY_COUNT && strcmp(keys[key].name, name) != 0)
        key++;
    return key;
}

static void warn_unknown(const char *name)
{
    const char *names[DRV_KEY_COUNT];
    for (enum drv_key key = 0; key < DRV_KEY_COUNT; key++)
        names[key] = keys[key].name;
    const char *nearest = isa_nearest(name, names, DRV_KEY_COUNT);
    drv_log(DRV_WARNING, "profile", "unknown key \"%s\" has no effect%s%s%s", name,
            nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static dpu_error_t read_number(int64_t *out, enum drv_key key, const char *value, size_t at)
{
    char *end;
    errno = 0;
    bool mask = keys[key].kind == DRV_KEY_MASK;
    int64_t number = mask ? (int64_t)strtoull(value, &end, 0) : strtoll(value, &end, 0);
    if (end == value || *end)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: position %zu: %s=%s: wanted a number (decimal, 0x or octal)", at,
                        keys[key].name, value);
    if (errno || (!mask && (number < INT32_MIN || number > UINT32_MAX)))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: position %zu: %s=%s: the number does not fit %d bits", at,
                        keys[key].name, value, mask ? 64 : 32);
    *out = number;
    return DPU_OK;
}

static dpu_error_t store(struct drv_profile *profile, enum drv_key key, const char *value,
                         size_t at)
{
    dpu_error_t error = DPU_OK;
    int64_t number = 0;
    if (keys[key].kind == DRV_KEY_TEXT) {
        char *copy = strdup(value);
        if (!copy)
            return drv_fail(DPU_ERR_SYSTEM, "profile: out of memory");
        free(profile->text[key]);
        profile->text[key] = copy;
    } else if (keys[key].kind == DRV_KEY_BOOL) {
        number = strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0;
    } else {
        error = read_number(&number, key, value, at);
    }
    if (error)
        return error;
    profile->number[key] = number;
    profile->given[key] = true;
    if (!keys[key].used)
        drv_log(DRV_INFO, "profile", "%s has no effect in a simulator", keys[key].name);
    return DPU_OK;
}

static char *trim(char *text, bool *cut)
{
    char *start = text + strspn(text, " \t"), *end = start + strlen(start);
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *cut |= start != text || *end;
    *end = 0;
    return start;
}

static dpu_error_t read_item(struct drv_profile *profile, char *item, size_t at)
{
    bool cut = false;
    char *equals = strchr(item, '=');
    for (char *c = item; *c; c++)
        if (!isprint((unsigned char)*c))
            return drv_fail(DPU_ERR_INVALID_PROFILE,
                            "profile: position %zu: byte 0x%02x is no printable ASCII character",
                            at + (size_t)(c - item), (unsigned char)*c);
    if (!equals && *trim(item, &cut) == 0)
        return DPU_OK;
    if (!equals)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: position %zu: \"%s\" has no \"=\"; wanted key=value", at, item);
    *equals = 0;
    char *name = trim(item, &cut), *value = trim(equals + 1, &cut);
    if (cut)
        drv_log(DRV_WARNING, "profile",
                "blanks around \"%s=%s\" are ignored; the SDK would take "
                "them as part of the key or value",
                name, value);
    enum drv_key key = find_key(name);
    if (key < DRV_KEY_COUNT)
        return store(profile, key, value, at);
    warn_unknown(name);
    return DPU_OK;
}

static dpu_error_t read_text(struct drv_profile *profile, const char *text)
{
    if (!text)
        return DPU_OK;
    char *copy = strdup(text);
    if (!copy)
        return drv_fail(DPU_ERR_SYSTEM, "profile: out of memory");
    dpu_error_t error = DPU_OK;
    for (char *item = copy; item && !error;) {
        char *end = strpbrk(item, ",&");
        if (end)
            *end = 0;
        error = read_item(profile, item, (size_t)(item - copy) + 1);
        item = end ? end + 1 : NULL;
    }
    free(copy);
    return error;
}

dpu_error_t drv_profile_read(struct drv_profile *profile, const char *argument)
{
    *profile = (struct drv_profile){{false}, {0}, {NULL}};
    const char *texts[] = {getenv("UPMEM_PROFILE_BASE"), argument, getenv("UPMEM_PROFILE")};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        dpu_error_t error = read_text(profile, texts[i]);
        if (error) {
            drv_profile_fini(profile);
            return error;
        }
    }
    return DPU_OK;
}

void drv_profile_fini(struct drv_profile *profile)
{
    for (enum drv_key key = 0; key < DRV_KEY_COUNT; key++) {
        free(profile->text[key]);
        profile->text[key] = NULL;
    }
}

/* ---- machine --------------------------------------------------------------------------------- */

/* Number of a key when given, checked against its range; else `initial`. */
static dpu_error_t get(const struct drv_profile *p, enum drv_key key, int64_t lowest,
                       int64_t highest, int64_t initial, int64_t *out)
{
    *out = initial;
    if (!p->given[key])
        return DPU_OK;
    *out = p->number[key];
    if (*out < lowest || *out > highest)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: %s=%" PRId64 ": wanted %" PRId64 " to %" PRId64, keys[key].name,
                        *out, lowest, highest);
    return DPU_OK;
}

/* Settings with a variable and a key of their own. */
static dpu_error_t choose_named(struct drv_machine *m, const struct drv_profile *p)
{
    static const struct {
        const char *setting, *variable;
        enum drv_key key;
    } rows[] = {{"machine.check", "DPUSIM_CHECK", DRV_KEY_SIM_CHECK},
                {"machine.poison", "DPUSIM_POISON", DRV_KEY_SIM_POISON}};
    struct isa_diag diag = {""};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *key = p->text[rows[i].key], *text = key ? key : getenv(rows[i].variable);
        const char *where = key ? keys[rows[i].key].name : rows[i].variable;
        if (text && *text && sim_config_set(&m->sim, rows[i].setting, text, where, NULL, &diag))
            return drv_fail(DPU_ERR_INVALID_PROFILE, "%s%s: %s", key ? "profile: " : "", where,
                            diag.text);
    }
    return DPU_OK;
}

/* Settings by name: files, then texts; of each the environment's, then the profile's. */
static dpu_error_t choose_settings(struct drv_machine *m, const struct drv_profile *p)
{
    const char *files[] = {getenv("DPUSIM_CONFIG"), p->text[DRV_KEY_SIM_CONFIG]};
    const char *texts[] = {getenv("DPUSIM_SET"), p->text[DRV_KEY_SIM_SET]};
    static const char *const sources[] = {"DPUSIM_SET", "profile: simSet"};
    struct isa_diag diag = {""};
    enum dpusim_status status = DPUSIM_OK;
    for (unsigned i = 0; i < 2 && !status; i++)
        if (files[i] && *files[i])
            status = sim_config_read_file(&m->sim, files[i], NULL, &diag);
    if (status)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "%s", diag.text);
    for (unsigned i = 0; i < 2; i++)
        if (texts[i] && sim_config_set_all(&m->sim, texts[i], sources[i], NULL, &diag))
            return drv_fail(DPU_ERR_INVALID_PROFILE, "%s: %s", sources[i], diag.text);
    dpu_error_t error = choose_named(m, p);
    if (!error && sim_config_check(&m->sim, &diag))
        return drv_fail(DPU_ERR_INVALID_PROFILE, "%s", diag.text);
    return error;
}

/* Texts of the environment or, first in force, the profile. */
static dpu_error_t choose_texts(struct drv_machine *m, const struct drv_profile *p)
{
    const struct {
        const char *variable;
        enum drv_key key;
        char *out;
        size_t size;
    } rows[] = {
        {"DPUSIM_CYCLE_FROM", DRV_KEY_SIM_CYCLE_FROM, m->cycle_from, sizeof m->cycle_from},
        {"DPUSIM_CYCLE_UNTIL", DRV_KEY_SIM_CYCLE_UNTIL, m->cycle_until, sizeof m->cycle_until},
        {"DPUSIM_STATISTICS", DRV_KEY_SIM_STATISTICS, m->statistics, sizeof m->statistics},
        {"DPUSIM_DIGEST", DRV_KEY_SIM_DIGEST, m->digest, sizeof m->digest},
        {"DPUSIM_OUTCOMES", DRV_KEY_SIM_OUTCOMES, m->outcomes, sizeof m->outcomes},
        {"DPUSIM_CORE", DRV_KEY_SIM_CORE, m->core, sizeof m->core},
        {"DPUSIM_TIMELINE", DRV_KEY_SIM_TIMELINE, m->timeline, sizeof m->timeline}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = p->text[rows[i].key] ? p->text[rows[i].key] : getenv(rows[i].variable);
        if (text && strlen(text) >= rows[i].size)
            return drv_fail(DPU_ERR_INVALID_PROFILE, "profile: %s: longer than %zu bytes",
                            keys[rows[i].key].name, rows[i].size - 1);
        if (text)
            strcpy(rows[i].out, text);
    }
    return DPU_OK;
}

static dpu_error_t choose_backend(struct drv_machine *m, const struct drv_profile *p)
{
    static const struct {
        const char *name;
        dpu_type_t type;
    } backends[] = {{"simulator", FUNCTIONAL_SIMULATOR},
                    {"cas", CYCLE_ACCURATE_SIMULATOR},
                    {"model", RTL_SIMULATOR}};
    const char *name = p->text[DRV_KEY_BACKEND];
    m->type = FUNCTIONAL_SIMULATOR;
    if (!name)
        return DPU_OK;
    for (unsigned i = 0; i < sizeof backends / sizeof *backends; i++)
        if (strcmp(name, backends[i].name) == 0) {
            m->type = backends[i].type;
            m->sim.mode = m->type == CYCLE_ACCURATE_SIMULATOR ? SIM_CYCLE : m->sim.mode;
            return DPU_OK;
        }
    const char *as_simulator = getenv("DPUSIM_HW_IS_SIMULATOR");
    if (strcmp(name, "hw") == 0 && as_simulator && strcmp(as_simulator, "0") != 0)
        return DPU_OK;
    if (strcmp(name, "hw") == 0)
        return drv_fail(DPU_ERR_ALLOCATION,
                        "profile: backend=hw: no hardware here; dpusim simulates: use "
                        "backend=simulator or leave it out (DPUSIM_HW_IS_SIMULATOR=1 maps hw to "
                        "the simulator)");
    if (strcmp(name, "spi") == 0 || strcmp(name, "scenario") == 0)
        return drv_fail(DPU_ERR_ALLOCATION, "profile: backend=%s: dpusim has only the simulator",
                        name);
    return drv_fail(DPU_ERR_INVALID_PROFILE,
                    "profile: backend=%s is unknown; wanted simulator, cas or model", name);
}

static dpu_error_t choose_chip(struct drv_machine *m, const struct drv_profile *p)
{
    int64_t id = p->given[DRV_KEY_CHIP_ID]     ? p->number[DRV_KEY_CHIP_ID]
                 : m->sim.chip == ISA_CHIP_V1B ? 66
                                               : 2;
    if ((id < 0 || id > 8) && (id < 66 || id > 72))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: chipId=%" PRId64 " is unknown; wanted 2 (v1A; 0 to 8) or 66 "
                        "(v1B; 66 to 72)",
                        id);
    m->sim.chip = id <= 8 ? ISA_CHIP_V1A : ISA_CHIP_V1B;
    m->sim.follow_program = false;
    m->chip_id = (uint8_t)id;
    return DPU_OK;
}

static dpu_error_t choose_mode(struct drv_machine *m, const struct drv_profile *p)
{
    const char *mode = p->text[DRV_KEY_SIM_MODE];
    if (p->number[DRV_KEY_CYCLE_ACCURATE] || p->number[DRV_KEY_SIMULATE_CYCLES])
        m->sim.mode = SIM_CYCLE;
    if (!mode)
        return DPU_OK;
    if (strcmp(mode, "functional") != 0 && strcmp(mode, "cycle") != 0)
        return drv_fail(DPU_ERR_INVALID_PROFILE, "profile: simMode=%s: wanted functional or cycle",
                        mode);
    m->sim.mode = strcmp(mode, "cycle") == 0 ? SIM_CYCLE : SIM_FUNCTIONAL;
    return DPU_OK;
}

/* Slices and DPUs of a rank: 8 x 8 like hardware, unless the profile says otherwise. */
static dpu_error_t choose_rank(struct drv_machine *m, const struct drv_profile *p)
{
    int64_t members, dpus;
    enum drv_key key =
        p->given[DRV_KEY_DPUS_PER_CI] ? DRV_KEY_DPUS_PER_CI : DRV_KEY_DPUS_PER_CI_OLD;
    m->nr_slices = m->nr_members = 8;
    dpu_error_t error = get(p, key, 1, DRV_MAX_MEMBERS, 0, &members);
    if (!error)
        error = get(p, DRV_KEY_SIM_DPUS_PER_RANK, 1, DRV_MAX_DPUS, 0, &dpus);
    if (error)
        return error;
    if (dpus > DRV_MAX_MEMBERS && dpus % DRV_MAX_SLICES)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: simDpusPerRank=%" PRId64 ": wanted 1 to 8, or a multiple of 8",
                        dpus);
    if (members) {
        m->nr_slices = 1;
        m->nr_members = (unsigned)members;
    } else if (dpus) {
        m->nr_slices = dpus > DRV_MAX_MEMBERS ? DRV_MAX_SLICES : 1;
        m->nr_members = (unsigned)dpus / m->nr_slices;
    }
    return DPU_OK;
}

static dpu_error_t choose_memories(struct drv_machine *m, const struct drv_profile *p)
{
    const struct isa_chip_info *chip = isa_chip_get(m->sim.chip);
    int64_t mram, wram, iram;
    dpu_error_t error = get(p, DRV_KEY_MRAM_SIZE, 8, ISA_MRAM_BYTES, ISA_MRAM_BYTES, &mram);
    if (!error)
        error = get(p, DRV_KEY_WRAM_SIZE, 1, chip->wram_bytes / 4, chip->wram_bytes / 4, &wram);
    if (!error)
        error = get(p, DRV_KEY_IRAM_SIZE, 1, chip->iram_insns, chip->iram_insns, &iram);
    if (error)
        return error;
    if (mram & (mram - 1))
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: mramSize=%" PRId64 ": wanted a power of two up to %u", mram,
                        ISA_MRAM_BYTES);
    m->memory_bytes[ISA_MRAM] = (uint32_t)mram;
    m->memory_bytes[ISA_WRAM] = (uint32_t)wram * 4;
    m->memory_bytes[ISA_IRAM] = (uint32_t)iram * ISA_INSN_BYTES;
    return DPU_OK;
}

/* Clock of the DPUs, which is also CLOCKS_PER_SEC of programs: fckFrequency / clockDivision, or
 * simFreqMHz, or the setting machine.clock_mhz, which is made to say the same. Default: the chip's
 * nominal clock, as hardware reports it (the vendor's simulator says 500 MHz). */
static dpu_error_t choose_clock(struct drv_machine *m, const struct drv_profile *p)
{
    int64_t mhz, fck, division;
    int64_t nominal = (int64_t)(isa_chip_get(m->sim.chip)->clock_hz / 1000000);
    if (m->sim.timing[SIM_TIMING_clock_mhz])
        nominal = m->sim.timing[SIM_TIMING_clock_mhz];
    dpu_error_t error = get(p, DRV_KEY_SIM_FREQ, 1, 10000, nominal, &mhz);
    if (!error)
        error = get(p, DRV_KEY_CLOCK_DIVISION, 1, 255, 2, &division);
    if (!error)
        error = get(p, DRV_KEY_FCK_FREQUENCY, 1, 20000, mhz * division, &fck);
    if (error)
        return error;
    if (fck < division)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: fckFrequency=%" PRId64 " / clockDivision=%" PRId64
                        " is below 1 MHz",
                        fck, division);
    m->fck_mhz = (uint32_t)fck;
    m->clock_division = (uint32_t)division;
    if (p->given[DRV_KEY_SIM_FREQ] || p->given[DRV_KEY_FCK_FREQUENCY])
        m->sim.timing[SIM_TIMING_clock_mhz] = fck / division;
    return DPU_OK;
}

static dpu_error_t choose_queues(struct drv_machine *m, const struct drv_profile *p)
{
    int64_t threads, jobs, blocks;
    dpu_error_t error = get(p, DRV_KEY_THREADS_PER_RANK, 0, DRV_MAX_THREADS_PER_RANK, 1, &threads);
    if (!error)
        error = get(p, DRV_KEY_JOBS_PER_RANK, 1, MOST_JOBS, DEFAULT_JOBS, &jobs);
    if (!error)
        error = get(p, DRV_KEY_SG_MAX_BLOCKS, 0, INT32_MAX, 0, &blocks);
    if (error)
        return error;
    m->jobs_per_rank = (unsigned)jobs;
    m->sg_enabled = p->number[DRV_KEY_SG_ENABLE];
    m->sg_max_blocks = (uint32_t)blocks;
    if (blocks && !m->sg_enabled)
        return drv_fail(DPU_ERR_INVALID_PROFILE,
                        "profile: sgXferMaxBlocksPerDpu needs sgXferEnable=true");
    return DPU_OK;
}

static dpu_error_t choose_limits(struct drv_machine *m, const struct drv_profile *p)
{
    int64_t instructions, milliseconds, seed, all, most;
    dpu_error_t error = get(p, DRV_KEY_SIM_MAX_INSTRUCTIONS, 0, UINT32_MAX, 0, &instructions);
    if (!error)
        error = get(p, DRV_KEY_SIM_TIMEOUT, 0, UINT32_MAX, 0, &milliseconds);
    if (!error)
        error = get(p, DRV_KEY_SIM_ORDER_SEED, 0, UINT32_MAX, 0, &seed);
    if (!error)
        error = get(p, DRV_KEY_SIM_RANKS, 1, MOST_RANKS, 1, &all);
    if (!error)
        error = get(p, DRV_KEY_SIM_MAX_RANKS, 1, MOST_RANKS,
                    all > DEFAULT_MAX_RANKS ? all : DEFAULT_MAX_RANKS, &most);
    if (error)
        return error;
    m->limits.max_instructions = (uint64_t)instructions;
    m->limits.max_seconds = (double)milliseconds / 1000;
    if (p->given[DRV_KEY_SIM_ORDER_SEED])
        m->sim.order_seed = (uint64_t)seed;
    m->all_ranks = (unsigned)all;
    m->max_ranks = (unsigned)most;
    return DPU_OK;
}

static dpu_error_t check_profiling(const struct drv_profile *p)
{
    static const char *const names[] = {"nop", "mcount", "statistics", "samples", "sections"};
    const char *text = p->text[DRV_KEY_ENABLE_PROFILING];
    for (unsigned i = 0; text && i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0)
            text = NULL;
    if (text)
        return drv_fail(DPU_ERR_INTERNAL,
                        "profile: enableProfiling=%s: wanted nop, mcount, statistics, samples or "
                        "sections",
                        text);
    return DPU_OK;
}

dpu_error_t drv_machine_from_profile(struct drv_machine *machine, const struct drv_profile *profile)
{
    static dpu_error_t (*const steps[])(struct drv_machine *, const struct drv_profile *) = {
        choose_settings, choose_texts,    choose_backend, choose_chip,   choose_mode,
        choose_rank,     choose_memories, choose_clock,   choose_queues, choose_limits};
    *machine = (struct drv_machine){.fault_reports = true};
    sim_config_init(&machine->sim);
    dpu_error_t error = check_profiling(profile);
    for (unsigned i = 0; !error && i < sizeof steps / sizeof *steps; i++)
        error = steps[i](machine, profile);
    if (profile->given[DRV_KEY_SIM_REPORT])
        machine->fault_reports = profile->number[DRV_KEY_SIM_REPORT];
    machine->disabled_mask = (uint64_t)profile->number[DRV_KEY_DISABLED_MASK];
    return error;
}
