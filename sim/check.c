/* SPDX-License-Identifier: MIT */
/* Which checkers look at a DPU, what they found, and findings in words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "text.h"

/* ---- tables ---------------------------------------------------------------------------------- */

static const struct {
    const char *name, *meaning;
    struct sim_checker *(*create)(struct sim_dpu *d);
} checks[] = {
#define CHECK(id, in_all, meaning) {#id, meaning, sim_check_##id##_create},
#include "check.def"
#undef CHECK
};

static const struct {
    enum sim_check check;
    const char *name, *words;
} kinds[] = {
#define FINDING(id, check, name, words) {SIM_CHECK_##check, name, words},
#include "finding.def"
#undef FINDING
};

const char *sim_check_name(enum sim_check check)
{
    return checks[check].name;
}

const char *sim_check_meaning(enum sim_check check)
{
    return checks[check].meaning;
}

const char *sim_finding_name(enum sim_finding_kind kind)
{
    return kinds[kind].name;
}

enum sim_check sim_finding_check(enum sim_finding_kind kind)
{
    return kinds[kind].check;
}

/* ---- names ----------------------------------------------------------------------------------- */

#define KNOWN_CHECKS ((1u << SIM_CHECK_COUNT) - 1)

enum {
    ALL_CHECKS = 0
#define CHECK(id, in_all, meaning) | (in_all) << SIM_CHECK_##id
#include "check.def"
#undef CHECK
};

static enum dpusim_status unknown_check(const char *name, size_t len, struct isa_diag *diag)
{
    const char *known[SIM_CHECK_COUNT];
    char copy[32];
    snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : sizeof copy - 1), name);
    for (unsigned i = 0; i < SIM_CHECK_COUNT; i++)
        known[i] = checks[i].name;
    const char *nearest = isa_nearest(copy, known, SIM_CHECK_COUNT);
    return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                    "no checker \"%s\"%s%s%s; memory, races, stack, globals, all or none is wanted",
                    copy, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}

/* Bits of one name; 0 with *ok false: unknown. */
static uint32_t bits_of(const char *name, size_t len, bool *ok)
{
    *ok = true;
    if (len == 3 && memcmp(name, "all", len) == 0)
        return ALL_CHECKS;
    if (len == 4 && memcmp(name, "none", len) == 0)
        return 0;
    for (unsigned i = 0; i < SIM_CHECK_COUNT; i++)
        if (strlen(checks[i].name) == len && memcmp(checks[i].name, name, len) == 0)
            return 1u << i;
    *ok = false;
    return 0;
}

enum dpusim_status sim_checks_parse(uint32_t *out, const char *text, struct isa_diag *diag)
{
    uint32_t bits = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        bool ok;
        bits |= bits_of(text, len, &ok);
        if (!ok)
            return unknown_check(text, len, diag);
        if (!text[len])
            break;
        text += len + 1;
    }
    *out = bits;
    return DPUSIM_OK;
}

void sim_checks_text(uint32_t bits, char *buffer, size_t size)
{
    struct isa_text text = {buffer, size, 0};
    if (!bits || (bits & ALL_CHECKS) == ALL_CHECKS) {
        isa_text_add(&text, "%s", bits ? "all" : "none");
        bits &= ~(uint32_t)ALL_CHECKS;
    }
    for (unsigned i = 0; i < SIM_CHECK_COUNT; i++)
        if (bits >> i & 1)
            isa_text_add(&text, "%s%s", text.used ? "," : "", checks[i].name);
}

/* ---- which checkers look --------------------------------------------------------------------- */

static void remove_checker(struct sim_dpu *d, unsigned check)
{
    struct sim_checker *checker = d->checks->checker[check];
    if (!checker)
        return;
    sim_watch_remove(d, &checker->watcher);
    checker->destroy(checker);
    d->checks->checker[check] = NULL;
}

void sim_checks_destroy(struct sim_dpu *d)
{
    if (!d->checks)
        return;
    for (unsigned i = 0; i < SIM_CHECK_COUNT; i++)
        remove_checker(d, i);
    free(d->checks);
    d->checks = NULL;
}

static bool add_checker(struct sim_dpu *d, unsigned check)
{
    struct sim_checker *checker = checks[check].create(d);
    if (!checker)
        return false;
    d->checks->checker[check] = checker;
    if (checker->loaded)
        checker->loaded(checker, d);
    return sim_watch_add(d, &checker->watcher);
}

enum dpusim_status sim_dpu_check(struct sim_dpu *dpu, uint32_t bits, struct isa_diag *diag)
{
    if (bits & ~KNOWN_CHECKS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "sim_dpu_check: no checkers 0x%x",
                        (unsigned)(bits & ~KNOWN_CHECKS));
    sim_checks_destroy(dpu);
    if (!bits)
        return DPUSIM_OK;
    dpu->checks = calloc(1, sizeof *dpu->checks);
    bool ok = dpu->checks != NULL;
    for (unsigned i = 0; i < SIM_CHECK_COUNT && ok; i++)
        if (bits >> i & 1)
            ok = add_checker(dpu, i);
    if (ok) {
        dpu->checks->on = bits;
        return DPUSIM_OK;
    }
    sim_checks_destroy(dpu);
    return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_check: out of memory");
}

uint32_t sim_dpu_checks(const struct sim_dpu *dpu)
{
    return dpu->checks ? dpu->checks->on : 0;
}

/* ---- what checkers are told ------------------------------------------------------------------ */

#define TELL(d, what, ...)                                                                         \
    for (unsigned i = 0; (d)->checks && i < SIM_CHECK_COUNT; i++) {                                \
        struct sim_checker *checker = (d)->checks->checker[i];                                     \
        if (checker && checker->what)                                                              \
            checker->what(checker, __VA_ARGS__);                                                   \
    }

void sim_checks_loaded(struct sim_dpu *d)
{
    sim_quiet_forget(d);
    TELL(d, loaded, d)
}

void sim_checks_launched(struct sim_dpu *d)
{
    sim_quiet_forget(d);
    TELL(d, launched, d)
}

void sim_checks_restored(struct sim_dpu *d)
{
    sim_quiet_forget(d);
    TELL(d, restored, d)
}

void sim_checks_cleared(struct sim_dpu *d)
{
    sim_quiet_forget(d);
    TELL(d, cleared, d)
    if (d->checks) {
        d->checks->n_findings = 0;
        d->checks->more = 0;
    }
}

void sim_dpu_written(struct sim_dpu *dpu, enum isa_memory memory, uint32_t offset_bytes,
                     size_t len_bytes)
{
    uint32_t size = sim_dpu_memory_bytes(dpu, memory);
    if (memory < ISA_ATOMIC && offset_bytes <= size && len_bytes <= size - offset_bytes)
        TELL(dpu, written, dpu, memory, offset_bytes, len_bytes)
}

/* ---- findings -------------------------------------------------------------------------------- */

struct sim_site sim_site_of(const struct sim_dpu *d, int tasklet, uint32_t pc_insn)
{
    struct sim_site site = {.tasklet = tasklet, .pc_insn = pc_insn};
    if (tasklet < 0)
        return site;
    struct sim_frame frame = sim_frame_at(d, pc_insn, true);
    site.function = frame.function;
    site.offset_insns = frame.offset_insns;
    site.file = frame.file;
    site.line = frame.line;
    return site;
}

static struct sim_finding *known(struct sim_checks *all, enum sim_finding_kind kind,
                                 uint32_t pc_insn, uint32_t other_pc)
{
    for (struct sim_finding *f = all->finding; f < all->finding + all->n_findings; f++) {
        uint32_t a = f->site.pc_insn;
        uint32_t b = f->other.tasklet < 0 ? ISA_IRAM_INSNS : f->other.pc_insn;
        if (f->kind == kind && ((a == pc_insn && b == other_pc) || (a == other_pc && b == pc_insn)))
            return f;
    }
    return NULL;
}

bool sim_known(struct sim_dpu *d, enum sim_finding_kind kind, uint32_t pc_insn)
{
    struct sim_finding *finding = known(d->checks, kind, pc_insn, ISA_IRAM_INSNS);
    if (finding)
        finding->times++;
    return finding != NULL;
}

struct sim_finding *sim_find(struct sim_dpu *d, enum sim_finding_kind kind,
                             const struct sim_tasklet *t, uint32_t pc_insn, int other_tasklet,
                             uint32_t other_pc)
{
    struct sim_checks *all = d->checks;
    struct sim_finding *finding = known(all, kind, pc_insn, other_pc);
    if (finding) {
        finding->times++;
        return NULL;
    }
    if (all->n_findings == SIM_MAX_FINDINGS) {
        all->more++;
        return NULL;
    }
    finding = &all->finding[all->n_findings++];
    *finding = (struct sim_finding){.kind = kind, .times = 1};
    finding->instructions = d->instructions_before + sim_dpu_instructions(d);
    finding->site = sim_site_of(d, t->id, pc_insn);
    finding->other = sim_site_of(d, other_tasklet, other_pc);
    return finding;
}

unsigned sim_dpu_findings(const struct sim_dpu *dpu, uint64_t *more)
{
    if (more)
        *more = dpu->checks ? dpu->checks->more : 0;
    return dpu->checks ? dpu->checks->n_findings : 0;
}

const struct sim_finding *sim_dpu_finding(const struct sim_dpu *dpu, unsigned index)
{
    return index < sim_dpu_findings(dpu, NULL) ? &dpu->checks->finding[index] : NULL;
}

/* ---- places ---------------------------------------------------------------------------------- */

const struct isa_symbol *sim_object_at(const struct sim_dpu *d, enum isa_memory memory,
                                       uint32_t offset_bytes)
{
    uint32_t address = isa_memory_base(memory) + offset_bytes;
    const struct isa_symbol *symbol =
        d->program ? isa_program_symbol_at(d->program, address, false) : NULL;
    bool covers = symbol && !symbol->absolute && symbol->defined && address >= symbol->value &&
                  address - symbol->value < symbol->size_bytes;
    return covers ? symbol : NULL;
}

struct sim_name sim_name_of(const struct sim_dpu *d, enum isa_memory memory, uint32_t offset_bytes)
{
    struct sim_name name = {""};
    const struct isa_symbol *symbol = sim_object_at(d, memory, offset_bytes);
    if (symbol) {
        uint32_t at = isa_memory_base(memory) + offset_bytes - symbol->value;
        snprintf(name.text, sizeof name.text, at ? "%.48s+%" PRIu32 : "%.48s", symbol->name, at);
    }
    return name;
}

struct sim_byte_range sim_stack_bounds(const struct sim_dpu *d, unsigned tasklet)
{
    struct sim_byte_range none = {0, 0};
    char name[32];
    if (!d->program)
        return none;
    snprintf(name, sizeof name, "__sys_stack_thread_%u", tasklet);
    const struct isa_symbol *from = isa_program_find_symbol(d->program, name);
    snprintf(name, sizeof name, "STACK_SIZE_TASKLET_%u", tasklet);
    const struct isa_symbol *size = isa_program_find_symbol(d->program, name);
    if (!from || !size || !from->defined || !size->defined ||
        (uint64_t)from->value + size->value > d->wram_units[0])
        return none;
    return (struct sim_byte_range){from->value, from->value + size->value};
}

bool sim_function_bounds(const struct sim_dpu *d, const char *name, uint32_t *first, uint32_t *end)
{
    const struct isa_symbol *symbol = d->program ? isa_program_find_symbol(d->program, name) : NULL;
    if (!symbol || !symbol->defined || symbol->value < ISA_IRAM_BASE)
        return false;
    *first = (symbol->value - ISA_IRAM_BASE) / ISA_INSN_BYTES;
    *end = *first + symbol->size_bytes / ISA_INSN_BYTES;
    return *end <= ISA_IRAM_INSNS && *end > *first;
}

/* ---- in words -------------------------------------------------------------------------------- */

static void add_site(struct isa_text *text, const struct sim_site *site)
{
    struct sim_frame frame = {site->pc_insn, site->function, site->offset_insns,
                              site->file,    site->line,     true};
    sim_add_frame(text, &frame);
}

static const char *doing(const struct sim_site *site)
{
    static const char *const words[2][2] = {{"read", "write"}, {"DMA read", "DMA write"}};
    return words[site->is_dma][site->is_write];
}

static void add_address(struct isa_text *text, const struct sim_dpu *dpu,
                        const struct sim_finding *finding)
{
    struct sim_name name = sim_name_of(dpu, finding->memory, finding->address);
    isa_text_add(text, "  address   0x%" PRIx32 " in %s, %s of %" PRIu32 " byte%s",
                 finding->address, isa_memory_name(finding->memory), doing(&finding->site),
                 finding->site.len_bytes, finding->site.len_bytes == 1 ? "" : "s");
    isa_text_add(text, "%s%s\n", name.text[0] ? ", " : "", name.text);
}

static void add_held(struct isa_text *text, const struct sim_site *site)
{
    isa_text_add(text, "  holding   %s\n", site->held[0] ? site->held : "no lock");
}

static void add_other(struct isa_text *text, const struct sim_finding *finding)
{
    const struct sim_site *other = &finding->other;
    isa_text_add(text, "  other     tasklet %d, %s of %" PRIu32 " byte%s, ", other->tasklet,
                 doing(other), other->len_bytes, other->len_bytes == 1 ? "" : "s");
    add_site(text, other);
    if (finding->kind == SIM_FINDING_RACE)
        add_held(text, other);
}

int sim_dpu_explain_finding(const struct sim_dpu *dpu, unsigned index, char *buffer, size_t size)
{
    struct isa_text text = {buffer, size, 0};
    const struct sim_finding *finding = sim_dpu_finding(dpu, index);
    if (size)
        buffer[0] = '\0';
    if (!finding)
        return 0;
    isa_text_add(&text, "%s in tasklet %d: %s\n  place     ", kinds[finding->kind].words,
                 finding->site.tasklet, finding->text);
    add_site(&text, &finding->site);
    if (finding->site.len_bytes)
        add_address(&text, dpu, finding);
    if (finding->kind == SIM_FINDING_RACE)
        add_held(&text, &finding->site);
    if (finding->other.tasklet >= 0)
        add_other(&text, finding);
    if (finding->times > 1)
        isa_text_add(&text, "  times     %" PRIu64 "\n", finding->times);
    return text.used;
}

/* ---- memory that costs nothing until it is touched ------------------------------------------- */

void *sim_map_lazily(size_t len_bytes)
{
    void *memory = mmap(NULL, len_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
#ifdef MADV_NOHUGEPAGE
    madvise(memory, len_bytes, MADV_NOHUGEPAGE);
#endif
    return memory;
}

void sim_unmap(void *memory, size_t len_bytes)
{
    if (memory)
        munmap(memory, len_bytes);
}

void sim_unmap_contents(void *memory, size_t len_bytes)
{
    madvise(memory, len_bytes, MADV_DONTNEED);
}
