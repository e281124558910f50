/* SPDX-License-Identifier: MIT */
/* The printf log of a DPU: a ring in MRAM that the run-time library writes, and the position of its
 * writer in WRAM. Source: documented (device stdio.c, host dpu_log.c of the SDK). Better than the
 * host: of a log that wrapped, what is left is decoded too. The records are decoded in
 * log_decode.c. */
#include "log.h"

#include <stdlib.h>
#include <string.h>

#include "dpusim.h"

struct log_buffer {
    uint32_t start_bytes, size_bytes; /* in MRAM */
    uint32_t end_bytes;               /* of the last record, from the start */
    bool wrapped;
};

static enum dpusim_status find_state(const struct sim_dpu *dpu, struct log_buffer *buffer,
                                     struct isa_diag *diag)
{
    uint8_t state[8];
    enum isa_memory memory;
    uint32_t offset;
    const struct isa_symbol *symbol =
        isa_program_find_symbol(sim_dpu_program(dpu), "__stdout_buffer_state");
    if (!symbol || !isa_address_split(symbol->value, &memory, &offset) || memory != ISA_WRAM)
        return isa_fail(diag, DPUSIM_LOG_MISSING,
                        "log: the program has no __stdout_buffer_state in WRAM: it prints nothing");
    enum dpusim_status status = sim_dpu_read(dpu, ISA_WRAM, offset, state, sizeof state, diag);
    if (status)
        return isa_fail(diag, DPUSIM_LOG_MISSING, "log: __stdout_buffer_state is outside WRAM");
    for (unsigned i = 0; i < 4; i++)
        buffer->end_bytes |= (uint32_t)state[i] << (8 * i);
    buffer->wrapped = state[4] || state[5] || state[6] || state[7];
    return DPUSIM_OK;
}

static enum dpusim_status find_buffer(const struct sim_dpu *dpu, struct log_buffer *buffer,
                                      struct isa_diag *diag)
{
    enum isa_memory memory;
    const struct isa_symbol *symbol =
        isa_program_find_symbol(sim_dpu_program(dpu), "__stdout_buffer");
    if (!symbol || !isa_address_split(symbol->value, &memory, &buffer->start_bytes) ||
        memory != ISA_MRAM)
        return isa_fail(diag, DPUSIM_LOG_MISSING,
                        "log: the program has no __stdout_buffer in MRAM: it prints nothing");
    uint32_t room = sim_dpu_memory_bytes(dpu, ISA_MRAM) - buffer->start_bytes;
    buffer->size_bytes =
        symbol->size_bytes && symbol->size_bytes < room ? symbol->size_bytes : room;
    if (buffer->end_bytes > buffer->size_bytes)
        return isa_fail(diag, DPUSIM_LOG_FORMAT,
                        "log: the write position %u is behind the buffer of %u bytes",
                        (unsigned)buffer->end_bytes, (unsigned)buffer->size_bytes);
    return DPUSIM_OK;
}

/* A log that wrapped in the order of time: from the oldest bytes to the newest. */
static enum dpusim_status decode_wrapped(const uint8_t *start, const struct log_buffer *buffer,
                                         struct sim_log_text *text, struct isa_diag *diag)
{
    uint32_t older = buffer->size_bytes - buffer->end_bytes;
    uint8_t *copy = malloc(buffer->size_bytes + 1u);
    if (!copy)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "log: out of memory");
    memcpy(copy, start + buffer->end_bytes, older);
    memcpy(copy + older, start, buffer->end_bytes);
    size_t first = sim_log_resync((struct isa_bytes){copy, buffer->size_bytes});
    enum dpusim_status status =
        sim_log_decode(text, (struct isa_bytes){copy + first, buffer->size_bytes - first}, diag);
    free(copy);
    if (status == DPUSIM_NO_MEMORY)
        return status;
    return isa_fail(diag, DPUSIM_LOG_OVERFLOW,
                    "log: the buffer of %u bytes was too small, the oldest text is lost; "
                    "STDOUT_BUFFER_INIT(SIZE) at file scope makes it larger",
                    (unsigned)buffer->size_bytes);
}

/* MRAM is only read here; the accessor is for writers too. */
static const uint8_t *mram_of(const struct sim_dpu *dpu)
{
    return sim_dpu_mram((struct sim_dpu *)(uintptr_t)dpu);
}

enum dpusim_status sim_dpu_read_log(const struct sim_dpu *dpu, char **text, size_t *len_bytes,
                                    struct isa_diag *diag)
{
    struct log_buffer buffer = {0};
    struct sim_log_text decoded = {0};
    if (!sim_dpu_program(dpu))
        return isa_fail(diag, DPUSIM_LOG_MISSING, "log: no program is loaded");
    enum dpusim_status status = find_state(dpu, &buffer, diag);
    if (!status)
        status = find_buffer(dpu, &buffer, diag);
    if (status)
        return status;
    const uint8_t *start = mram_of(dpu) + buffer.start_bytes;
    if (buffer.wrapped)
        status = decode_wrapped(start, &buffer, &decoded, diag);
    else
        status = sim_log_decode(&decoded, (struct isa_bytes){start, buffer.end_bytes}, diag);
    if (!decoded.data)
        decoded.data = calloc(1, 1); /* no text is an empty string */
    if (!decoded.data || status == DPUSIM_NO_MEMORY) {
        free(decoded.data);
        return isa_fail(diag, DPUSIM_NO_MEMORY, "log: out of memory");
    }
    *text = decoded.data;
    *len_bytes = decoded.len;
    return status;
}
