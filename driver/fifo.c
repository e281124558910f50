/* SPDX-License-Identifier: MIT */
/* FIFOs in WRAM between host and DPUs that may run. A DPU is paused while the host looks at its
 * FIFO, so an element and its pointer change together. Layout of the descriptor and meaning of the
 * pointers: documented (host library of SDK 2024.2). Beyond it: an input of several DPUs is written
 * into all of them or, when one stays full, into none; and a retry counts once the DPU has had its
 * microseconds, not the host, which may have hundreds of DPUs to simulate on few processors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/dpu_memory.h"
#include "low.h"

enum {
    MOST_LOG2_CAPACITY = 10,
    ELEMENT_GRANULE_BYTES = 8,
    POINTERS_WORDS = 4, /* both pointers, at the start of the descriptor */
    DEFAULT_RETRIES = 1000,
    DEFAULT_RETRY_US = 10
};

/* In WRAM; an output FIFO has a count of reserved slots behind it. */
struct descriptor {
    uint64_t read, write;
    uint32_t data, scratch, log2_capacity, element_bytes;
};

/* ---- shadow pointers ------------------------------------------------------------------------- */

static uint64_t *pointers_of(const struct dpu_fifo_rank_t *fifo, const struct dpu_t *dpu)
{
    unsigned pair = dpu->slice * DRV_MAX_MEMBERS + dpu->member;
    return (uint64_t *)&fifo->dpu_fifo_pointers[pair * 2];
}

static uint64_t capacity(const struct dpu_fifo_rank_t *fifo)
{
    return UINT64_C(1) << fifo->dpu_fifo_ptr_size;
}

static uint64_t slot(const struct dpu_fifo_rank_t *fifo, uint64_t pointer)
{
    return pointer & (capacity(fifo) - 1);
}

uint64_t get_fifo_abs_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    return pointers_of(fifo, dpu)[0];
}

uint64_t get_fifo_abs_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    return pointers_of(fifo, dpu)[1];
}

uint8_t get_fifo_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    return (uint8_t)slot(fifo, get_fifo_abs_rd_ptr(fifo, dpu));
}

uint8_t get_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    return (uint8_t)slot(fifo, get_fifo_abs_wr_ptr(fifo, dpu));
}

void set_fifo_rd_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu, uint8_t val)
{
    pointers_of(fifo, dpu)[0] = val;
}

void set_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu, uint8_t val)
{
    pointers_of(fifo, dpu)[1] = val;
}

void swap_fifo_rd_wr_ptr(struct dpu_fifo_rank_t *fifo)
{
    for (unsigned i = 0; i < DRV_MAX_DPUS; i++) {
        uint64_t read = fifo->dpu_fifo_pointers[i * 2];
        fifo->dpu_fifo_pointers[i * 2] = fifo->dpu_fifo_pointers[i * 2 + 1];
        fifo->dpu_fifo_pointers[i * 2 + 1] = read;
    }
}

void incr_fifo_wr_ptr(struct dpu_fifo_rank_t *fifo)
{
    for (unsigned i = 0; i < DRV_MAX_DPUS; i++)
        fifo->dpu_fifo_pointers[i * 2 + 1]++;
}

bool is_fifo_full(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    const uint64_t *pointers = pointers_of(fifo, dpu);
    return slot(fifo, pointers[0]) == slot(fifo, pointers[1]) && pointers[0] != pointers[1];
}

bool is_fifo_empty(struct dpu_fifo_rank_t *fifo, struct dpu_t *dpu)
{
    return get_fifo_abs_rd_ptr(fifo, dpu) == get_fifo_abs_wr_ptr(fifo, dpu);
}

static uint16_t size_of(const struct dpu_fifo_rank_t *fifo, const struct dpu_t *dpu)
{
    const uint64_t *pointers = pointers_of(fifo, dpu);
    return (uint16_t)(pointers[1] - pointers[0]);
}

uint16_t get_fifo_max_size(struct dpu_rank_t *rank, struct dpu_fifo_rank_t *fifo)
{
    uint16_t most = 0;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        uint16_t size = rank->dpus[i].enabled ? size_of(fifo, &rank->dpus[i]) : 0;
        most = size > most ? size : most;
    }
    return most;
}

/* ---- links ----------------------------------------------------------------------------------- */

/* A link has a place for every rank of the allocated set; an element of 0 bytes: not linked. */
struct dpu_fifo_rank_t *get_rank_fifo(struct dpu_fifo_link_t *fifo_link, struct dpu_rank_t *rank)
{
    struct dpu_fifo_rank_t *fifo =
        fifo_link && fifo_link->rank_fifos && rank ? &fifo_link->rank_fifos[rank->index] : NULL;
    return fifo && fifo->dpu_fifo_data_size ? fifo : NULL;
}

static struct dpu_fifo_rank_t *fifo_of(struct dpu_fifo_link_t *link, struct dpu_set_t set)
{
    return set.kind == DPU_SET_DPU && set.dpu ? get_rank_fifo(link, set.dpu->rank) : NULL;
}

uint16_t get_fifo_size(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu)
{
    const struct dpu_fifo_rank_t *fifo = fifo_of(fifo_link, dpu);
    return fifo ? size_of(fifo, dpu.dpu) : 0;
}

static uint64_t element_slot(const struct dpu_fifo_rank_t *fifo, const struct dpu_t *dpu, uint8_t i)
{
    return slot(fifo, pointers_of(fifo, dpu)[0] + i);
}

uint8_t get_fifo_elem_index(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu, uint8_t i)
{
    const struct dpu_fifo_rank_t *fifo = fifo_of(fifo_link, dpu);
    return fifo ? (uint8_t)element_slot(fifo, dpu.dpu, i) : 0;
}

uint8_t *get_fifo_elem(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu, uint8_t *fifo_data,
                       uint8_t i)
{
    const struct dpu_fifo_rank_t *fifo = fifo_of(fifo_link, dpu);
    return fifo ? fifo_data + element_slot(fifo, dpu.dpu, i) * fifo->dpu_fifo_data_size : NULL;
}

dpu_error_t dpu_fifo_link_free(struct dpu_fifo_link_t *fifo_link)
{
    if (fifo_link) {
        free(fifo_link->rank_fifos);
        fifo_link->rank_fifos = NULL;
    }
    return DPU_OK;
}

static dpu_error_t look_up(struct dpu_set_t set, const char *name, struct dpu_symbol_t *fifo,
                           struct dpu_symbol_t *data, const char *call)
{
    char data_name[256];
    if (!name || snprintf(data_name, sizeof data_name, "__%s_data", name) >= (int)sizeof data_name)
        return drv_fail(DPU_ERR_UNKNOWN_SYMBOL, "%s: the name of the FIFO is %s", call,
                        name ? "too long" : "NULL");
    dpu_error_t error = drv_find_symbol(set, name, fifo, call);
    return error ? error : drv_find_symbol(set, data_name, data, call);
}

static dpu_error_t check_descriptor(const struct descriptor *d, struct dpu_symbol_t fifo,
                                    struct dpu_symbol_t data, const char *name, const char *call)
{
    uint64_t data_bytes = (uint64_t)d->element_bytes << (d->log2_capacity & 63);
    if (d->log2_capacity > MOST_LOG2_CAPACITY)
        return drv_fail(DPU_ERR_INVALID_WRAM_ACCESS,
                        "%s: FIFO \"%s\" at 0x%" PRIx32 " has 2^%" PRIu32 " elements; at most 2^%d",
                        call, name, fifo.address, d->log2_capacity, MOST_LOG2_CAPACITY);
    if (d->element_bytes == 0 || d->element_bytes % ELEMENT_GRANULE_BYTES)
        return drv_fail(DPU_ERR_INVALID_WRAM_ACCESS,
                        "%s: elements of FIFO \"%s\" have %" PRIu32 " bytes; wanted a multiple of "
                        "%d",
                        call, name, d->element_bytes, ELEMENT_GRANULE_BYTES);
    if (data.address + data_bytes > ISA_WRAM_BYTES)
        return drv_fail(DPU_ERR_INVALID_WRAM_ACCESS,
                        "%s: data of FIFO \"%s\" at 0x%" PRIx32 " + %" PRIu64
                        " bytes pass the end of WRAM",
                        call, name, data.address, data_bytes);
    return DPU_OK;
}

static dpu_error_t check_addresses(struct dpu_symbol_t fifo, struct dpu_symbol_t data,
                                   const char *name, const char *call)
{
    uint32_t last = ISA_WRAM_BYTES - (uint32_t)sizeof(struct descriptor);
    if (fifo.address <= last && fifo.address % 4 == 0 && data.address < ISA_WRAM_BYTES)
        return DPU_OK;
    return drv_fail(DPU_ERR_INVALID_WRAM_ACCESS,
                    "%s: FIFO \"%s\" at 0x%" PRIx32 " with data at 0x%" PRIx32
                    "; both must be in WRAM",
                    call, name, fifo.address, data.address);
}

static const struct dpu_t *first_enabled(const struct drv_target *target, uint32_t r)
{
    const struct dpu_rank_t *rank = target->ranks[r];
    for (unsigned i = 0; i < rank->nr_dpus; i++)
        if (drv_in_target(&rank->dpus[i], target->dpu))
            return &rank->dpus[i];
    return NULL;
}

static void fill_rank(struct dpu_fifo_rank_t *out, const struct descriptor *d,
                      struct dpu_symbol_t fifo, struct dpu_symbol_t data, struct dpu_rank_t *rank)
{
    *out = (struct dpu_fifo_rank_t){.dpu_fifo_ptr_size = (uint8_t)d->log2_capacity,
                                    .dpu_fifo_address = data.address,
                                    .dpu_fifo_data_size = d->element_bytes,
                                    .max_retries = DEFAULT_RETRIES,
                                    .time_for_retry = DEFAULT_RETRY_US};
    out->fifo_pointers_matrix.offset = fifo.address / (uint32_t)sizeof(dpuword_t);
    out->fifo_pointers_matrix.size = POINTERS_WORDS;
    out->transfer_matrix.offset = data.address / (uint32_t)sizeof(dpuword_t);
    out->transfer_matrix.size = d->element_bytes / (uint32_t)sizeof(dpuword_t) << d->log2_capacity;
    for (unsigned i = 0; i < rank->nr_dpus; i++) {
        struct dpu_t *dpu = &rank->dpus[i];
        if (dpu->enabled)
            out->fifo_pointers_matrix.ptr[drv_matrix_index(dpu)] = pointers_of(out, dpu);
    }
}

/* The ranks are acquired. */
static dpu_error_t fill_link(struct dpu_fifo_rank_t *fifos, const struct drv_target *target,
                             struct dpu_symbol_t fifo, struct dpu_symbol_t data, const char *name,
                             const char *call)
{
    struct drv_region region = {ISA_WRAM, fifo.address, sizeof(struct descriptor)};
    dpu_error_t error = check_addresses(fifo, data, name, call);
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++) {
        struct dpu_t *dpu = (struct dpu_t *)first_enabled(target, r);
        struct descriptor d;
        if (!dpu)
            continue;
        drv_read(dpu, &region, &d);
        error = check_descriptor(&d, fifo, data, name, call);
        if (!error)
            fill_rank(&fifos[dpu->rank->index], &d, fifo, data, dpu->rank);
    }
    return error;
}

static dpu_error_t make_link(struct dpu_set_t set, struct dpu_fifo_link_t *link, const char *name,
                             enum dpu_fifo_direction_t direction, const char *call)
{
    struct drv_target target;
    struct dpu_symbol_t fifo, data;
    if (!link)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the link is NULL", call);
    dpu_error_t error = drv_target_from(&target, set, call);
    if (!error)
        error = drv_inject_call(drv_set_of(set), call);
    if (!error)
        error = look_up(set, name, &fifo, &data, call);
    if (!error)
        error = drv_acquire(&target, DRV_WHILE_RUNNING);
    if (error)
        return error;
    struct dpu_fifo_rank_t *fifos = calloc(drv_set_of(set)->nr_ranks, sizeof *fifos);
    error = fifos ? fill_link(fifos, &target, fifo, data, name, call)
                  : drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", call);
    drv_release(&target);
    if (error) {
        free(fifos);
        return error;
    }
    *link = (struct dpu_fifo_link_t){direction, fifo, fifos};
    return DPU_OK;
}

dpu_error_t dpu_link_input_fifo(struct dpu_set_t dpu_set, struct dpu_fifo_link_t *link,
                                char *fifo_name)
{
    return make_link(dpu_set, link, fifo_name, DPU_INPUT_FIFO, __func__);
}

dpu_error_t dpu_link_output_fifo(struct dpu_set_t dpu_set, struct dpu_fifo_link_t *link,
                                 char *fifo_name)
{
    return make_link(dpu_set, link, fifo_name, DPU_OUTPUT_FIFO, __func__);
}

enum retry_field { RETRIES, RETRY_US };

static void set_retry(struct dpu_fifo_link_t *link, struct dpu_set_t set, enum retry_field field,
                      uint32_t value, const char *call)
{
    struct drv_target target;
    if (drv_target_from(&target, set, call) != DPU_OK)
        return;
    for (uint32_t r = 0; r < target.nr_ranks; r++) {
        struct dpu_fifo_rank_t *fifo = get_rank_fifo(link, target.ranks[r]);
        if (fifo)
            *(field == RETRIES ? &fifo->max_retries : &fifo->time_for_retry) = value;
    }
}

void dpu_fifo_set_push_max_retries(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu_set,
                                   uint32_t max_retries)
{
    set_retry(fifo_link, dpu_set, RETRIES, max_retries, __func__);
}

void dpu_fifo_set_time_for_push_retries(struct dpu_fifo_link_t *fifo_link, struct dpu_set_t dpu_set,
                                        uint32_t time_us)
{
    set_retry(fifo_link, dpu_set, RETRY_US, time_us, __func__);
}

/* ---- one DPU --------------------------------------------------------------------------------- */

/* Where the FIFO is in WRAM of a paused DPU. */
static uint8_t *descriptor_at(struct dpu_t *dpu, const struct dpu_fifo_rank_t *fifo)
{
    return sim_dpu_wram(dpu->sim) + fifo->fifo_pointers_matrix.offset * sizeof(dpuword_t);
}

static uint8_t *slot_at(struct dpu_t *dpu, const struct dpu_fifo_rank_t *fifo, uint64_t pointer)
{
    return sim_dpu_wram(dpu->sim) + fifo->dpu_fifo_address +
           slot(fifo, pointer) * fifo->dpu_fifo_data_size;
}

static void tell_written(struct dpu_t *dpu, const uint8_t *at, size_t len_bytes)
{
    sim_dpu_written(dpu->sim, ISA_WRAM, (uint32_t)(at - sim_dpu_wram(dpu->sim)), len_bytes);
}

static void read_pointers(struct dpu_t *dpu, struct dpu_fifo_rank_t *fifo)
{
    memcpy(pointers_of(fifo, dpu), descriptor_at(dpu, fifo), 2 * sizeof(uint64_t));
}

static void append(struct dpu_t *dpu, struct dpu_fifo_rank_t *fifo, const void *element)
{
    uint64_t *pointers = pointers_of(fifo, dpu);
    drv_pause(dpu);
    memcpy(slot_at(dpu, fifo, pointers[1]), element, fifo->dpu_fifo_data_size);
    pointers[1]++;
    memcpy(descriptor_at(dpu, fifo) + offsetof(struct descriptor, write), &pointers[1],
           sizeof pointers[1]);
    tell_written(dpu, slot_at(dpu, fifo, pointers[1] - 1), fifo->dpu_fifo_data_size);
    tell_written(dpu, descriptor_at(dpu, fifo), sizeof(struct descriptor));
    drv_resume(dpu);
}

/* The whole array, so that the elements keep their places; then the FIFO is empty. */
static void flush(struct dpu_t *dpu, struct dpu_fifo_rank_t *fifo, void *buffer)
{
    drv_pause(dpu);
    read_pointers(dpu, fifo);
    memcpy(buffer, slot_at(dpu, fifo, 0), fifo->dpu_fifo_data_size * capacity(fifo));
    memcpy(descriptor_at(dpu, fifo) + offsetof(struct descriptor, read), &pointers_of(fifo, dpu)[1],
           sizeof(uint64_t));
    drv_resume(dpu);
}

/* ---- one rank -------------------------------------------------------------------------------- */

struct push {
    struct dpu_rank_t *rank;
    const struct dpu_t *only;
    struct dpu_fifo_rank_t *fifo;
    struct dpu_transfer_matrix *matrix;
    const char *call;
};

static void *buffer_of(const struct push *push, const struct dpu_t *dpu)
{
    return drv_in_target(dpu, push->only) ? push->matrix->ptr[drv_matrix_index(dpu)] : NULL;
}

/* Instructions executed so far; one that neither runs nor gets on: by the host's clock. */
static uint64_t own_time(struct dpu_t *dpu, bool *stands)
{
    drv_pause(dpu);
    uint64_t instructions = sim_dpu_stat(dpu->sim, SIM_STAT_DPU_instructions, 0);
    *stands = dpu->hang || !atomic_load(&dpu->running);
    drv_resume(dpu);
    return instructions;
}

/* Let the time of one retry pass for the DPU. */
static void wait_for(struct dpu_t *dpu, const struct dpu_fifo_rank_t *fifo)
{
    const struct drv_machine *machine = &dpu->rank->machine;
    uint64_t mhz = machine->fck_mhz / (machine->clock_division ? machine->clock_division : 1);
    bool stands = false;
    uint64_t until = own_time(dpu, &stands) + mhz * fifo->time_for_retry;
    do
        usleep(fifo->time_for_retry ? fifo->time_for_retry : 1);
    while (own_time(dpu, &stands) < until && !stands);
}

/* A DPU with a buffer whose FIFO is full, after refreshing the pointers; NULL: there is room. */
static struct dpu_t *find_full(const struct push *push)
{
    struct dpu_t *full = NULL;
    for (unsigned i = 0; i < push->rank->nr_dpus; i++) {
        struct dpu_t *dpu = &push->rank->dpus[i];
        if (!buffer_of(push, dpu))
            continue;
        drv_pause(dpu);
        read_pointers(dpu, push->fifo);
        drv_resume(dpu);
        if (!full && is_fifo_full(push->fifo, dpu))
            full = dpu;
    }
    return full;
}

static dpu_error_t wait_for_room(const struct push *push)
{
    struct dpu_t *full = find_full(push);
    for (uint32_t tries = 0; full && tries < push->fifo->max_retries; tries++) {
        wait_for(full, push->fifo);
        full = find_full(push);
    }
    if (!full)
        return DPU_OK;
    return drv_fail(DPU_ERR_WRAM_FIFO_FULL,
                    "%s: the FIFO of DPU 0x%x is full (%" PRIu64 " elements) after %" PRIu32
                    " retries of %" PRIu32 " us; does the program read it?",
                    push->call, (unsigned)dpu_get_id(full), capacity(push->fifo),
                    push->fifo->max_retries, push->fifo->time_for_retry);
}

static dpu_error_t push_rank(const struct push *push)
{
    dpu_error_t error = wait_for_room(push);
    for (unsigned i = 0; i < push->rank->nr_dpus && !error; i++) {
        void *element = buffer_of(push, &push->rank->dpus[i]);
        if (element)
            append(&push->rank->dpus[i], push->fifo, element);
    }
    return error;
}

static dpu_error_t flush_rank(const struct push *push)
{
    for (unsigned i = 0; i < push->rank->nr_dpus; i++) {
        void *buffer = buffer_of(push, &push->rank->dpus[i]);
        if (buffer)
            flush(&push->rank->dpus[i], push->fifo, buffer);
    }
    return DPU_OK;
}

static dpu_error_t execute(const struct push *push, enum dpu_fifo_direction_t direction)
{
    return direction == DPU_INPUT_FIFO ? push_rank(push) : flush_rank(push);
}

static dpu_error_t copy_fifo(struct dpu_rank_t *rank, struct dpu_fifo_rank_t *fifo,
                             struct dpu_transfer_matrix *matrix,
                             enum dpu_fifo_direction_t direction, const char *call)
{
    struct push push = {rank, NULL, fifo, matrix, call};
    if (!fifo || !matrix || !fifo->dpu_fifo_data_size)
        return drv_fail(DPU_ERR_INTERNAL, "%s: %s", call,
                        !matrix ? "the matrix is NULL" : "the FIFO is NULL or not linked");
    dpu_error_t error = drv_low_rank(rank, call);
    if (error)
        return error;
    error = execute(&push, direction);
    drv_low_leave(rank);
    return error;
}

dpu_error_t dpu_copy_to_wram_fifo(struct dpu_rank_t *rank, struct dpu_fifo_rank_t *fifo,
                                  struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_fifo(rank, fifo, transfer_matrix, DPU_INPUT_FIFO, __func__);
}

dpu_error_t dpu_copy_from_wram_fifo(struct dpu_rank_t *rank, struct dpu_fifo_rank_t *fifo,
                                    struct dpu_transfer_matrix *transfer_matrix)
{
    return copy_fifo(rank, fifo, transfer_matrix, DPU_OUTPUT_FIFO, __func__);
}

/* ---- sets ------------------------------------------------------------------------------------ */

static dpu_error_t check_link(const struct drv_target *target, struct dpu_fifo_link_t *link,
                              const char *call)
{
    for (uint32_t r = 0; r < target->nr_ranks; r++)
        if (!get_rank_fifo(link, target->ranks[r]))
            return drv_fail(DPU_ERR_INTERNAL, "%s: rank %u is not part of the linked set%s", call,
                            (unsigned)target->ranks[r]->index, link ? "" : ": the link is NULL");
    return DPU_OK;
}

dpu_error_t dpu_fifo_prepare_xfer(struct dpu_set_t dpu_set, struct dpu_fifo_link_t *fifo_link,
                                  void *buffer)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    error = check_link(&target, fifo_link, __func__);
    for (uint32_t r = 0; r < target.nr_ranks && !error; r++)
        drv_matrix_note(&get_rank_fifo(fifo_link, target.ranks[r])->transfer_matrix,
                        target.ranks[r], target.dpu, buffer);
    return error;
}

static void forget(const struct drv_target *target, struct dpu_fifo_link_t *link)
{
    for (uint32_t r = 0; r < target->nr_ranks; r++)
        drv_matrix_forget(&get_rank_fifo(link, target->ranks[r])->transfer_matrix, target->ranks[r],
                          target->dpu);
}

static dpu_error_t push_now(const struct drv_target *target, struct dpu_fifo_link_t *link,
                            const char *call)
{
    dpu_error_t error = drv_acquire(target, DRV_WHILE_RUNNING);
    if (error)
        return error;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++) {
        struct dpu_fifo_rank_t *fifo = get_rank_fifo(link, target->ranks[r]);
        struct push push = {target->ranks[r], target->dpu, fifo, &fifo->transfer_matrix, call};
        error = execute(&push, link->direction);
    }
    drv_release(target);
    return error;
}

struct fifo_job {
    struct drv_job job;
    enum dpu_fifo_direction_t direction;
    struct push push;
    struct dpu_transfer_matrix prepared;
};

static dpu_error_t fifo_job_work(struct drv_job *job)
{
    struct fifo_job *mine = (struct fifo_job *)job;
    return execute(&mine->push, mine->direction);
}

static dpu_error_t push_later(const struct drv_target *target, struct dpu_fifo_link_t *link,
                              const char *call)
{
    dpu_error_t error = DPU_OK;
    for (uint32_t r = 0; r < target->nr_ranks && !error; r++) {
        struct dpu_fifo_rank_t *fifo = get_rank_fifo(link, target->ranks[r]);
        struct fifo_job *job = calloc(1, sizeof *job);
        if (!job)
            return drv_fail(DPU_ERR_SYSTEM, "%s: out of memory", call);
        job->job = (struct drv_job){
            .kind =
                link->direction == DPU_INPUT_FIFO ? DRV_JOB_WRAM_TO_FIFO : DRV_JOB_WRAM_FROM_FIFO,
            .parallel = true,
            .rank = target->ranks[r],
            .work = fifo_job_work,
            .destroy = drv_job_free,
        };
        job->direction = link->direction;
        job->prepared = fifo->transfer_matrix;
        job->push = (struct push){target->ranks[r], target->dpu, fifo, &job->prepared, call};
        error = drv_submit(&job->job);
    }
    return error;
}

/* An element of each DPU, or all that there may be. */
static void note_in_timeline(const struct drv_target *target, struct dpu_fifo_link_t *link,
                             bool waits, const char *call)
{
    const struct dpu_fifo_rank_t *fifo = get_rank_fifo(link, target->ranks[0]);
    bool to_dpu = link->direction == DPU_INPUT_FIFO;
    uint64_t len_bytes = fifo->dpu_fifo_data_size * (to_dpu ? 1 : capacity(fifo));
    drv_timeline_transfer(
        target,
        &(struct drv_moved){
            {SIM_HOST_PUSH, ISA_WRAM, to_dpu, drv_count(target), len_bytes}, waits, true, call});
}

dpu_error_t dpu_fifo_push_xfer(struct dpu_set_t dpu_set, struct dpu_fifo_link_t *fifo_link,
                               dpu_xfer_flags_t flags)
{
    struct drv_target target;
    dpu_error_t error = drv_target_from(&target, dpu_set, __func__);
    if (error)
        return error;
    DRV_ENTER(drv_set_of(dpu_set));
    error = check_link(&target, fifo_link, __func__);
    if (error)
        return error;
    bool later = flags & DPU_XFER_ASYNC;
    error =
        later ? push_later(&target, fifo_link, __func__) : push_now(&target, fifo_link, __func__);
    if (!error)
        note_in_timeline(&target, fifo_link, !later, __func__);
    if (!(flags & DPU_XFER_NO_RESET))
        forget(&target, fifo_link);
    return error;
}
