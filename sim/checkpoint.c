/* SPDX-License-Identifier: MIT */
/* The whole state of a DPU as bytes, and back (a cache for studies is empty afterwards), with
 * the window of a warm start and how far it is. One function visits every part for saving, checking
 * and restoring alike, so the three cannot disagree. Layout: header (magic, version, chip,
 * program), state, pages of MRAM that are not all zero, checksum of everything before it.
 * Little-endian. A DPU is changed only after the whole image has been checked. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "pages.h"

#define MAGIC   UINT64_C(0x54534d4953555044) /* "DPUSIMST" */
#define VERSION 5
#define NO_PAGE UINT32_MAX
#define NOWHERE UINT8_MAX

enum direction { SAVE, RESTORE };

struct visit {
    enum direction direction;
    uint8_t *data;
    size_t used, size; /* of data; SAVE grows it */
    bool failed;       /* out of memory, or image too short */
};

static void visit(struct visit *v, void *field, size_t len_bytes)
{
    if (v->failed)
        return;
    if (v->used + len_bytes > v->size && v->direction == SAVE) {
        size_t size = (v->size + len_bytes) * 2 + 65536;
        uint8_t *data = realloc(v->data, size);
        if (data) {
            v->data = data;
            v->size = size;
        }
    }
    if (v->used + len_bytes > v->size) {
        v->failed = true;
        return;
    }
    if (v->direction == SAVE)
        memcpy(v->data + v->used, field, len_bytes);
    else
        memcpy(field, v->data + v->used, len_bytes);
    v->used += len_bytes;
}

#define VISIT(field) visit(v, &(field), sizeof(field))

static uint64_t program_id(const struct sim_dpu *d)
{
    uint64_t hash = 0;
    for (size_t i = 0; d->program && i < d->program->n_segments; i++) {
        const struct isa_segment *segment = &d->program->segments[i];
        hash = hash * 31 + segment->offset_bytes + segment->memory;
        hash = sim_digest(hash * 31, segment->data, segment->file_bytes);
    }
    return hash;
}

static void visit_tasklet(struct visit *v, struct sim_dpu *d, struct sim_tasklet *t)
{
    uint32_t pc_insn = v->direction == SAVE ? sim_pc_of(d, t->ip) : 0;
    visit(v, t->r, ISA_WORK_REGISTERS * sizeof t->r[0]);
    VISIT(pc_insn);
    VISIT(t->zero);
    VISIT(t->carry);
    VISIT(t->instructions);
    VISIT(t->ready_cycle);
    VISIT(t->run_since_cycle);
    VISIT(t->run_wake_slots);
    VISIT(t->run_instructions);
    VISIT(t->run_dma_cycles);
    VISIT(t->run_queue_cycles);
    VISIT(t->run_spacing);
    VISIT(t->slots_running);
    VISIT(t->slots_spacing);
    VISIT(t->slots_dma);
    VISIT(t->slots_queue);
    VISIT(t->slots_hazard);
    VISIT(t->queue_cycles);
    VISIT(t->spins);
    VISIT(t->result_cycle);
    VISIT(t->dma_transfers);
    VISIT(t->dma_bytes);
    VISIT(t->dma_cycles);
    VISIT(t->dma.wake_cycle);
    VISIT(t->dma.wait_from_cycle);
    VISIT(t->dma.queue_cycles);
    VISIT(t->dma.start_cycle);
    VISIT(t->dma.end_cycle);
    VISIT(t->dma.local_addr);
    VISIT(t->dma.mram_addr);
    VISIT(t->dma.len_bytes);
    VISIT(t->dma.op);
    VISIT(t->dma.pending);
    VISIT(t->dma.error.kind);
    VISIT(t->dma.error.at);
    VISIT(t->last_writes);
    VISIT(t->turn);
    VISIT(t->running);
    VISIT(t->booted);
    VISIT(t->ended);
    if (v->direction == RESTORE)
        t->ip = sim_at_pc(d, pc_insn);
}

static void relink(struct sim_dpu *d, uint8_t current)
{
    struct sim_tasklet *last = &d->round_end;
    d->n_running = d->n_ring = 0;
    d->calm = false; /* an order that was noted is that of another state */
    for (unsigned turn = 0; turn < ISA_MAX_THREADS; turn++)
        for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
            if (d->thread[i].turn == turn && d->thread[i].running) {
                d->n_running++;
                if (d->thread[i].dma.pending)
                    continue;
                last->next = &d->thread[i];
                last = last->next;
                d->n_ring++;
            }
    last->next = &d->round_end;
    d->current = current < ISA_MAX_THREADS ? &d->thread[current] : &d->round_end;
}

static void visit_code(struct visit *v, struct sim_dpu *d)
{
    uint64_t words[ISA_IRAM_INSNS];
    memcpy(words, d->code->word, sizeof words);
    VISIT(words);
    if (v->direction == RESTORE && !v->failed)
        sim_code_store_row(d->code, 0, words, ISA_IRAM_INSNS);
}

static void save_pages(struct visit *v, struct sim_dpu *d)
{
    struct sim_pages pages;
    sim_pages_open(&pages, d);
    for (uint32_t page; sim_pages_next(&pages, &page);) {
        VISIT(page);
        visit(v, d->mram + page * SIM_PAGE_BYTES, SIM_PAGE_BYTES);
    }
    sim_pages_close(&pages);
}

static void restore_mram(struct visit *v, struct sim_dpu *d)
{
    uint32_t page = 0;
    for (VISIT(page); !v->failed && page != NO_PAGE; VISIT(page)) {
        if (page >= ISA_MRAM_BYTES / SIM_PAGE_BYTES) {
            v->failed = true;
            return;
        }
        visit(v, d->mram + page * SIM_PAGE_BYTES, SIM_PAGE_BYTES);
        sim_dpu_written(d, ISA_MRAM, page * SIM_PAGE_BYTES, SIM_PAGE_BYTES);
    }
}

static void make_flag(bool *flag)
{
    uint8_t byte;
    memcpy(&byte, flag, sizeof byte);
    *flag = byte != 0;
}

/* What no DPU holds, in an image that somebody made up, is replaced before anybody trusts it. */
static void make_sane_tasklet(struct sim_tasklet *t)
{
    struct sim_dma *dma = &t->dma;
    make_flag(&t->carry);
    make_flag(&t->running);
    make_flag(&t->booted);
    make_flag(&t->ended);
    make_flag(&dma->pending);
    bool known = dma->op == ISA_OP_LDMA || dma->op == ISA_OP_SDMA || dma->op == ISA_OP_LDMAI;
    uint32_t local_bytes =
        dma->op == ISA_OP_LDMAI ? ISA_IRAM_INSNS * ISA_INSN_BYTES : ISA_WRAM_BYTES;
    if (!known || dma->len_bytes > ISA_DMA_MAX_BYTES || dma->local_addr >= local_bytes ||
        dma->len_bytes > local_bytes - dma->local_addr || dma->mram_addr >= ISA_MRAM_BYTES ||
        dma->len_bytes > ISA_MRAM_BYTES - dma->mram_addr)
        dma->pending = false;
}

static void make_sane(struct sim_dpu *d)
{
    struct sim_fault *fault = &d->fault;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        make_sane_tasklet(&d->thread[i]);
    make_flag(&d->windowed);
    if (d->window.from.kind > SIM_POINT_INSTRUCTIONS ||
        d->window.until.kind > SIM_POINT_INSTRUCTIONS || d->phase > SIM_PHASE_AFTER)
        d->windowed = false;
    make_flag(&fault->injected);
    make_flag(&fault->is_write);
    if (fault->kind >= SIM_FAULT_COUNT || fault->memory >= ISA_MEMORY_COUNT ||
        fault->tasklet >= ISA_MAX_THREADS || fault->pc_insn >= ISA_IRAM_INSNS)
        *fault = (struct sim_fault){.kind = SIM_FAULT_NONE};
    fault->rule[sizeof fault->rule - 1] = '\0';
}

static void visit_state(struct visit *v, struct sim_dpu *d)
{
    uint8_t current = d->current == &d->round_end ? NOWHERE : d->current->id;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        visit_tasklet(v, d, &d->thread[i]);
    VISIT(current);
    VISIT(d->draw_left);
    VISIT(d->draw_state);
    VISIT(d->last_turn);
    VISIT(d->now);
    VISIT(d->last_issue);
    VISIT(d->dma_engine_free);
    VISIT(d->dma_next_wake);
    VISIT(d->dma_busy);
    VISIT(d->idle_pipeline);
    VISIT(d->idle_dma);
    VISIT(d->idle_hazard);
    VISIT(d->tail_pipeline);
    VISIT(d->tail_dma);
    VISIT(d->tail_hazard);
    VISIT(d->tail_issue);
    VISIT(d->dma_sizes);
    VISIT(d->mram_write_bytes);
    VISIT(d->hazard_from);
    VISIT(d->hazard_cycles);
    VISIT(d->dram_open_row);
    VISIT(d->window);
    VISIT(d->windowed);
    VISIT(d->phase);
    VISIT(d->kept);
    VISIT(d->launches);
    VISIT(d->instructions_before);
    VISIT(d->instructions_earlier);
    VISIT(d->counter_base);
    VISIT(d->counter_frozen);
    VISIT(d->counter_mode);
    VISIT(d->notify_bits);
    VISIT(d->atomic);
    VISIT(d->fault);
    VISIT(d->wram);
    visit_code(v, d);
    if (v->direction == RESTORE) {
        make_sane(d);
        relink(d, current);
    }
}

struct header {
    uint64_t magic, program;
    uint32_t version, chip, mode;
    bool windowed; /* its mode is that of the moment */
};

static void visit_header(struct visit *v, struct header *header)
{
    VISIT(header->magic);
    VISIT(header->version);
    VISIT(header->chip);
    VISIT(header->mode);
    VISIT(header->windowed);
    VISIT(header->program);
}

static struct header header_of(const struct sim_dpu *d)
{
    return (struct header){MAGIC,          program_id(d),  VERSION,
                           d->config.chip, d->config.mode, d->windowed};
}

enum dpusim_status sim_state_save(const struct sim_dpu *dpu, bool with_mram,
                                  struct isa_bytes *image, struct isa_diag *diag)
{
    struct visit visitor = {.direction = SAVE}, *v = &visitor;
    struct sim_dpu *d = (struct sim_dpu *)dpu; /* read only in this direction */
    struct header header = header_of(dpu);
    uint32_t end = NO_PAGE;
    visit_header(v, &header);
    visit_state(v, d);
    if (with_mram)
        save_pages(v, d);
    VISIT(end);
    uint64_t sum = v->failed ? 0 : sim_digest(0, v->data, v->used);
    VISIT(sum);
    if (v->failed) {
        free(v->data);
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_save: out of memory");
    }
    *image = (struct isa_bytes){v->data, v->used};
    return DPUSIM_OK;
}

enum dpusim_status sim_dpu_save(const struct sim_dpu *dpu, struct isa_bytes *image,
                                struct isa_diag *diag)
{
    return sim_state_save(dpu, true, image, diag);
}

static enum dpusim_status check_header(const struct sim_dpu *d, const struct header *header,
                                       bool any_program, struct isa_diag *diag)
{
    struct header mine = header_of(d);
    if (header->version != VERSION)
        return isa_fail(diag, DPUSIM_BAD_STATE, "saved state has version %" PRIu32 ", wanted %d",
                        header->version, VERSION);
    if (header->mode > SIM_CYCLE)
        return isa_fail(diag, DPUSIM_BAD_STATE, "saved state is of mode %" PRIu32, header->mode);
    bool any_mode = header->windowed || mine.windowed;
    if (header->chip != mine.chip || (header->mode != mine.mode && !any_mode))
        return isa_fail(diag, DPUSIM_BAD_STATE,
                        "saved state is of another chip or mode than this DPU's (%s)",
                        d->chip->name);
    if (!any_program && header->program != mine.program)
        return isa_fail(diag, DPUSIM_BAD_STATE,
                        "saved state is of another program than the one loaded%s%s",
                        d->program ? ": " : "", d->program ? d->program->name : "");
    return DPUSIM_OK;
}

/* Damage is found by the checksum, so what follows it can be trusted to be complete. */
static enum dpusim_status read_header(struct header *header, struct isa_bytes image,
                                      struct isa_diag *diag)
{
    struct visit v = {RESTORE, (uint8_t *)(uintptr_t)image.data, 0, image.len_bytes, false};
    visit_header(&v, header);
    make_flag(&header->windowed);
    if (v.failed)
        return isa_fail(diag, DPUSIM_BAD_STATE, "saved state ends after %zu bytes",
                        image.len_bytes);
    if (header->magic == __builtin_bswap64(MAGIC))
        return isa_fail(diag, DPUSIM_BAD_STATE,
                        "saved state is of a machine of the other byte order");
    if (header->magic != MAGIC)
        return isa_fail(diag, DPUSIM_BAD_STATE, "not a saved DPU state: wrong first bytes");
    return DPUSIM_OK;
}

bool sim_state_is(struct isa_bytes image)
{
    struct header header = {0};
    return image.data && read_header(&header, image, NULL) == DPUSIM_OK;
}

enum dpusim_status sim_state_machine(struct sim_config *config, struct isa_bytes image,
                                     struct isa_diag *diag)
{
    struct header header = {0};
    enum dpusim_status status = read_header(&header, image, diag);
    if (status)
        return status;
    if (header.chip >= ISA_CHIP_COUNT || header.mode > SIM_CYCLE)
        return isa_fail(diag, DPUSIM_BAD_STATE,
                        "saved state is of chip %" PRIu32 " and mode %" PRIu32
                        ", which do not exist",
                        header.chip, header.mode);
    config->chip = (enum isa_chip)header.chip;
    config->mode = (enum sim_mode)header.mode;
    config->follow_program = false;
    return DPUSIM_OK;
}

static enum dpusim_status check_image(const struct sim_dpu *d, struct isa_bytes image,
                                      bool any_program, struct isa_diag *diag)
{
    struct header header = {0};
    uint64_t sum;
    enum dpusim_status status = read_header(&header, image, diag);
    if (!status)
        status = check_header(d, &header, any_program, diag);
    if (status)
        return status;
    memcpy(&sum, image.data + image.len_bytes - sizeof sum, sizeof sum);
    if (sim_digest(0, image.data, image.len_bytes - sizeof sum) != sum)
        return isa_fail(diag, DPUSIM_BAD_STATE, "saved state is damaged or cut: checksum differs");
    return DPUSIM_OK;
}

enum dpusim_status sim_state_restore(struct sim_dpu *dpu, struct isa_bytes image, bool any_program,
                                     struct isa_diag *diag)
{
    enum dpusim_status status = check_image(dpu, image, any_program, diag);
    if (status)
        return status;
    if (!sim_code_own(dpu))
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_restore: out of memory");
    struct visit v = {RESTORE, (uint8_t *)image.data, 0, image.len_bytes, false};
    struct header header;
    visit_header(&v, &header);
    dpu->config.mode = (enum sim_mode)header.mode;
    dpu->cycle_mode = header.mode == SIM_CYCLE;
    sim_clear_mram(dpu);
    visit_state(&v, dpu);
    restore_mram(&v, dpu);
    sim_checks_restored(dpu);
    dpu->event = 0;
    return DPUSIM_OK;
}
