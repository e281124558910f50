/* SPDX-License-Identifier: MIT */
/* Fuzz target: sequences of calls of the host API. The input is a list of calls, four bytes each:
 * what, on which set, and two arguments. Every call ends, with success or with a sentence, and at
 * the end every set can be freed. */
#include <dpu.h>
#include <dpu_management.h>
#include <dpu_program.h>
#include <dpusim.h>
#include <stdlib.h>
#include <string.h>

#include "host_kernel.h"
#include "isa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SETS = 3, MOST_CALLS = 64, MOST_DPUS = 4, MOST_BYTES = 64 };

static struct isa_bytes image;
static uint8_t sent[MOST_BYTES], received[MOST_BYTES];
static uint8_t own[SETS][MOST_DPUS][MOST_BYTES]; /* ranks work side by side: a buffer per DPU */
static struct dpu_set_t sets[SETS];
static bool allocated[SETS];

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void build_image(void)
{
    struct isa_report report = {NULL, NULL};
    struct isa_link_options how = {.chip = ISA_CHIP_V1A, .keep_unused = true, .nr_tasklets = 1};
    struct isa_bytes source = {(const uint8_t *)kernel, strlen(kernel)}, object_image;
    struct isa_object *object;
    demand(isa_assemble(&object, source, "kernel.s", NULL, &report) == DPUSIM_OK);
    demand(isa_object_write(object, &object_image, NULL) == DPUSIM_OK);
    struct isa_link_input input = {.name = "kernel.o", .data = object_image};
    demand(isa_link(&image, &input, 1, &how, &report) == DPUSIM_OK);
    isa_object_destroy(object);
    free((void *)(uintptr_t)object_image.data);
}

/* The whole set, one of its ranks, one of its DPUs, or one that is not allocated. */
static struct dpu_set_t part_of(uint8_t which, uint8_t choice)
{
    struct dpu_set_t set = sets[which % SETS], part, found = set;
    if (!allocated[which % SETS] || choice % 3 == 0)
        return set;
    uint32_t i, wanted = choice / 3 % 4;
    if (choice % 3 == 1) {
        DPU_RANK_FOREACH (set, part, i)
            if (i <= wanted)
                found = part;
    } else {
        DPU_FOREACH (set, part, i)
            if (i <= wanted)
                found = part;
    }
    return found;
}

static const char *name_of(uint8_t choice)
{
    static const char *const names[] = {
        "bytes", "cmd", "go", "tag", "block", "hidden", "__bootstrap", DPU_MRAM_HEAP_POINTER_NAME};
    return names[choice % (sizeof names / sizeof *names)];
}

static dpu_error_t inner_call(struct dpu_set_t set, uint32_t index, void *args)
{
    (void)args;
    if (index % 2)
        return DPU_ERR_DRIVER;
    return dpu_launch(set, DPU_SYNCHRONOUS) == DPU_OK ? DPU_OK : DPU_ERR_DPU_FAULT;
}

static dpu_error_t allocate(uint8_t which, uint8_t a, uint8_t b)
{
    static const char *const profiles[] = {
        "nrDpusPerCi=2,simMaxInstructions=600,simReport=0",
        "nrDpusPerCi=1,simMaxInstructions=600,simReport=0,nrJobsPerRank=2",
        "nrDpusPerCi=4,simMaxInstructions=600,simReport=0,simMode=cycle",
        "nrDpusPerCi=2,simMaxInstructions=600,simReport=0,disabledMask=2"};
    if (allocated[which % SETS])
        return DPU_OK;
    dpu_error_t error = dpu_alloc(a % 5, profiles[b % 4], &sets[which % SETS]);
    allocated[which % SETS] = error == DPU_OK;
    return error;
}

static dpu_error_t release(uint8_t which, uint8_t a)
{
    struct dpu_set_t set = part_of(which, a);
    dpu_error_t error = dpu_free(set);
    if (error == DPU_OK) {
        demand(allocated[which % SETS]);
        allocated[which % SETS] = false; /* the handle stays, stale */
    }
    return error;
}

static dpu_error_t inject(struct dpu_set_t set, uint8_t b)
{
    static const char *const specs[] = {"call:name=dpu_launch,error=TIMEOUT,nth=2",
                                        "flip:bit=7,nth=1", "mem:pc=2", "bkp:count=3,launch=1",
                                        "call:name=dpu_sync,error=DRIVER,nth=1"};
    return b % 6 == 5 ? dpusim_clear_injections(set) : dpusim_inject(set, specs[b % 6]);
}

static dpu_error_t launch(struct dpu_set_t set, uint8_t b)
{
    uint32_t command = b / 2 % 9;
    if (b >= 128 && dpu_copy_to(set, "cmd", 0, &command, 4) != DPU_OK)
        return DPU_OK;
    return dpu_launch(set, b % 2 ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS);
}

/* Buffers of the DPUs of a part, or none; of a set that is not allocated, none. */
static dpu_error_t prepare(uint8_t which, struct dpu_set_t part, bool take_back)
{
    struct dpu_set_t dpu;
    uint32_t i;
    dpu_error_t error = DPU_OK;
    if (take_back || !allocated[which % SETS])
        return dpu_prepare_xfer(part, NULL);
    DPU_FOREACH (sets[which % SETS], dpu, i) {
        bool inside = part.kind == DPU_SET_DPU ? part.dpu == dpu.dpu
                      : part.list.nr_ranks > 1 ? true
                                               : part.list.ranks[0] == dpu_get_rank(dpu.dpu);
        if (inside && !error)
            error = dpu_prepare_xfer(dpu, own[which % SETS][i]);
    }
    return error;
}

static dpu_error_t transfer(uint8_t what, uint8_t which, uint8_t a, uint8_t b)
{
    struct dpu_set_t set = part_of(which, which / 4);
    uint32_t offset = b % 16, length = b / 4;
    switch (what) {
    case 0:
        return dpu_copy_to(set, name_of(a), offset, sent, length);
    case 1:
        return dpu_copy_from(set, name_of(a), offset, received, length);
    case 2:
        return dpu_broadcast_to(set, name_of(a), offset, sent, length,
                                (dpu_xfer_flags_t)(a / 8 % 8));
    case 3:
        return prepare(which, set, b % 4 == 0);
    default:
        return dpu_push_xfer(set, (dpu_xfer_t)(a / 64), name_of(a), offset, length,
                             (dpu_xfer_flags_t)(a / 8 % 8));
    }
}

static dpu_error_t act(uint8_t what, uint8_t which, uint8_t a, uint8_t b)
{
    bool done, fault;
    uint32_t n;
    struct dpu_set_t set = part_of(which, which / 4);
    switch (what % 16) {
    case 0:
        return allocate(which, a, b);
    case 1:
        return release(which, a);
    case 2:
        return dpu_load_from_memory(set, (uint8_t *)(uintptr_t)image.data,
                                    a % 8 ? image.len_bytes : image.len_bytes / 2, NULL);
    case 3:
        return inject(set, b);
    case 4:
    case 5:
        return launch(set, b);
    case 6:
        return dpu_sync(set);
    case 7:
        return dpu_status(set, &done, &fault);
    case 8:
        return dpu_callback(set, b % 8 ? inner_call : NULL, NULL, (dpu_callback_flags_t)(a % 16));
    case 9:
        return dpu_get_nr_dpus(set, &n);
    case 10:
        return dpusim_set_mode(set, a % 2 ? DPUSIM_CYCLE : DPUSIM_FUNCTIONAL);
    default:
        return transfer(what % 16 - 11, which, a, b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    setenv("UPMEM_VERBOSE", "s", 1);
    if (!image.data)
        build_image();
    memset(sets, 0, sizeof sets); /* no handles of inputs long past */
    for (size_t i = 0; i + 4 <= size && i < MOST_CALLS * 4; i += 4) {
        dpu_error_t error = act(data[i], data[i + 1], data[i + 2], data[i + 3]);
        char *text = dpu_error_to_string(error);
        demand(text && text[0] && strncmp(text, "unknown", 7) != 0);
        free(text);
    }
    for (int i = 0; i < SETS; i++) {
        demand(!allocated[i] || dpu_free(sets[i]) == DPU_OK);
        allocated[i] = false;
    }
    return 0;
}
