/* SPDX-License-Identifier: MIT */
/* Types that the whole host API shares. Layouts are part of the binary interface: programs read the
 * fields of a set and of a symbol directly.
 * Source: documented, SDK 2025.1 dpu_types.h. Structures marked "hardware" describe the electrical
 * interface of real modules; they exist for the sake of compilation. */
#ifndef DPUSIM_DPU_TYPES_H
#define DPUSIM_DPU_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dpu_target.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Name of the free part of MRAM: a symbol of every program. */
#define DPU_MRAM_HEAP_POINTER_NAME "__sys_used_mram_end"

#define DPU_MAX_NR_CIS         8 /* control interfaces (slices) of a rank */
#define DPU_MAX_NR_DPUS_PER_CI 8
#define DPU_MAX_NR_GROUPS      8
#define DPU_BOOT_THREAD        0
#define DPU_BITFIELD_ALL       ((dpu_bitfield_t)-1)
#define DPU_API_DEPRECATED     __attribute__((deprecated))

struct dpu_t;      /* one DPU; opaque */
struct dpu_rank_t; /* one rank of DPUs; opaque */

typedef uint16_t dpu_rank_id_t;
typedef uint32_t dpu_id_t;       /* rank number << 16 | slice << 8 | member */
typedef uint8_t dpu_slice_id_t;  /* control interface, 0 .. DPU_MAX_NR_CIS - 1 */
typedef uint8_t dpu_member_id_t; /* DPU of a control interface, 0 .. DPU_MAX_NR_DPUS_PER_CI - 1 */
typedef uint8_t dpu_group_id_t;
typedef uint8_t dpu_thread_t;
typedef uint8_t dpu_notify_bit_id_t;

typedef uint16_t iram_addr_t; /* in instructions */
typedef uint32_t wram_addr_t; /* in 32-bit words */
typedef uint32_t mram_addr_t; /* in bytes */
typedef mram_addr_t dpu_mem_max_addr_t;

typedef uint16_t iram_size_t; /* in instructions */
typedef uint32_t wram_size_t; /* in 32-bit words */
typedef uint32_t mram_size_t; /* in bytes */
typedef mram_size_t dpu_mem_max_size_t;

typedef uint64_t dpuinstruction_t; /* 48 bits used */
typedef uint32_t dpuword_t;
typedef uint8_t dpu_bitfield_t;    /* bit i: DPU i of a control interface */
typedef uint8_t dpu_ci_bitfield_t; /* bit i: control interface i */

/* Hardware: clock divider codes. */
typedef enum _dpu_clock_division_t {
    DPU_CLOCK_DIV8 = 0,
    DPU_CLOCK_DIV4 = 4,
    DPU_CLOCK_DIV3 = 3,
    DPU_CLOCK_DIV2 = 8
} dpu_clock_division_t;

/* Hardware: addressee of a command on a control interface. */
enum dpu_slice_target_type {
    DPU_SLICE_TARGET_NONE = 0,
    DPU_SLICE_TARGET_DPU = 1,
    DPU_SLICE_TARGET_ALL = 2,
    DPU_SLICE_TARGET_GROUP = 3,
    NR_OF_DPU_SLICE_TARGETS
};

struct dpu_slice_target {
    enum dpu_slice_target_type type;
    union {
        dpu_member_id_t dpu_id;
        dpu_group_id_t group_id;
    };
};

static const char *dpu_slice_target_names[NR_OF_DPU_SLICE_TARGETS]
    __attribute__((unused)) = {"NONE", "DPU", "ALL", "GROUP"};

/* Text of a value of enum dpu_slice_target_type, "UNKNOWN" for any other. */
#define DPU_SLICE_TARGET_TYPE_NAME(target_type)                                                    \
    ((unsigned int)(target_type) < (unsigned int)NR_OF_DPU_SLICE_TARGETS                           \
         ? dpu_slice_target_names[target_type]                                                     \
         : "UNKNOWN")

/* Moments that back ends and debuggers are told about. */
typedef enum _dpu_event_kind_t {
    DPU_EVENT_RESET = 0,
    DPU_EVENT_EXTRACT_CONTEXT = 1,
    DPU_EVENT_RESTORE_CONTEXT = 2,
    DPU_EVENT_MRAM_ACCESS_PROGRAM = 3,
    DPU_EVENT_LOAD_PROGRAM = 4,
    DPU_EVENT_DEBUG_ACTION = 5
} dpu_event_kind_t;

typedef enum _dpu_set_kind_t {
    DPU_SET_RANKS = 0, /* whole ranks */
    DPU_SET_DPU = 1    /* one DPU */
} dpu_set_kind_t;

struct dpu_rank_list_t {
    uint32_t nr_ranks;
    struct dpu_rank_t **ranks; /* nr_ranks pointers; owned by the allocated set */
};

/* A set of DPUs, passed by value. kind says which member of the union counts. A sub-set of one rank
 * points into the array of the set it was taken from and dies with it. */
struct dpu_set_t {
    dpu_set_kind_t kind;
    union {
        struct dpu_rank_list_t list; /* DPU_SET_RANKS */
        struct dpu_t *dpu;           /* DPU_SET_DPU */
    };
};

/* A symbol of a program: address with its memory tag (bit 31: IRAM, else bit 27: MRAM, else WRAM),
 * size in bytes. May be built by hand. */
struct dpu_symbol_t {
    dpu_mem_max_addr_t address;
    dpu_mem_max_size_t size;
};

/* A program file inside the host executable, see DPU_INCBIN. */
struct dpu_incbin_t {
    uint8_t *buffer;
    size_t size;      /* bytes */
    const char *path; /* where the file was; for messages */
};

/* Hardware: bit order of the links. */
struct dpu_bit_config {
    uint16_t cpu2dpu;
    uint16_t dpu2cpu;
    uint8_t nibble_swap;
    uint8_t stutter;
};

/* Hardware: timing of the links. */
struct dpu_carousel_config {
    uint8_t cmd_duration;
    uint8_t cmd_sampling;
    uint8_t res_duration;
    uint8_t res_sampling;
};

/* Hardware: memory repair. */
struct dpu_repair_config {
    uint8_t AB_msbs;
    uint8_t CD_msbs;
    uint8_t A_lsbs;
    uint8_t B_lsbs;
    uint8_t C_lsbs;
    uint8_t D_lsbs;
    uint8_t even_index;
    uint8_t odd_index;
};

/* Hardware: degrees Celsius. */
enum dpu_temperature {
    DPU_TEMPERATURE_LESS_THAN_50 = 0,
    DPU_TEMPERATURE_BETWEEN_50_AND_60 = 1,
    DPU_TEMPERATURE_BETWEEN_60_AND_70 = 2,
    DPU_TEMPERATURE_BETWEEN_70_AND_80 = 3,
    DPU_TEMPERATURE_BETWEEN_80_AND_90 = 4,
    DPU_TEMPERATURE_BETWEEN_90_AND_100 = 5,
    DPU_TEMPERATURE_BETWEEN_100_AND_110 = 6,
    DPU_TEMPERATURE_GREATER_THAN_110 = 7
};

/* Hardware: width of the program counter in bits. */
enum dpu_pc_mode {
    DPU_PC_MODE_12 = 0,
    DPU_PC_MODE_13 = 1,
    DPU_PC_MODE_14 = 2,
    DPU_PC_MODE_15 = 3,
    DPU_PC_MODE_16 = 4
};

/* State of one DPU, as checkpoints and debuggers see it. Arrays that were not asked for are NULL.
 */
struct dpu_context_t {
    struct {
        uint32_t nr_threads;
        uint32_t nr_registers; /* per thread */
        uint32_t nr_atomic_bits;
        iram_size_t iram_size; /* instructions; 0 when not saved */
        mram_size_t mram_size; /* bytes; 0 when not saved */
        wram_size_t wram_size; /* words; 0 when not saved */
    } info;

    dpuinstruction_t *iram;
    uint8_t *mram;
    dpuword_t *wram;

    uint32_t *registers;   /* [thread * nr_registers + register] */
    iram_addr_t *pcs;      /* [thread] */
    bool *atomic_register; /* [bit] */
    bool *zero_flags;      /* [thread] */
    bool *carry_flags;     /* [thread] */

    uint8_t nr_of_running_threads;
    uint8_t *scheduling; /* [thread]: numbers of the running threads in order, 0xFF: none */

    bool bkp_fault;
    bool dma_fault;
    bool mem_fault;
    dpu_thread_t bkp_fault_thread_index;
    dpu_thread_t dma_fault_thread_index;
    dpu_thread_t mem_fault_thread_index;
    uint32_t bkp_fault_id;
};

/* Blocks of host memory of one DPU in a scatter/gather transfer. */
struct sg_xfer_buffer {
    uint32_t max_nr_blocks;
    uint8_t **blocks_addr;
    uint32_t *blocks_length; /* bytes */
    uint32_t nr_blocks;
};

typedef enum dpu_transfer_matrix_type_t {
    DPU_DEFAULT_XFER_MATRIX = 0,
    DPU_SG_XFER_MATRIX = 1
} dpu_transfer_matrix_type_t;

#ifdef __cplusplus
}
#endif

#endif
