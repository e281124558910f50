/* SPDX-License-Identifier: MIT */
/* Sizes and addresses of the DPU that do not depend on the chip version; what does is in chip.def.
 * All documented (SDK headers, linker script, chip descriptions). */
#ifndef ISA_SIZES_H
#define ISA_SIZES_H

#define ISA_WORK_REGISTERS    24u   /* r0..r23 */
#define ISA_REGISTERS         32u   /* and eight constants, numbers 24..31 */
#define ISA_MAX_THREADS       24u   /* of any chip */
#define ISA_RUN_BITS          64u   /* threads, then notify bits */
#define ISA_ATOMIC_BITS       256u  /* of any chip */
#define ISA_IRAM_INSNS        4096u /* slots; the PC wraps here on every chip */
#define ISA_INSN_BYTES        8u    /* one 48-bit word in a 64-bit slot */
#define ISA_WORD_BITS         48u
#define ISA_WRAM_BYTES        65536u /* physical; addresses of faulting accesses wrap here */
#define ISA_MRAM_BYTES        (64u << 20)
#define ISA_DMA_GRANULE_BYTES 8u
#define ISA_DMA_MAX_BYTES     2048u

/* Bases of the memories in ELF addresses. */
#define ISA_WRAM_BASE   0x00000000u
#define ISA_MRAM_BASE   0x08000000u
#define ISA_IRAM_BASE   0x80000000u
#define ISA_ATOMIC_BASE 0xF0000000u
/* Place of the registers in a core file. */
#define ISA_CORE_REGISTERS_BASE 0xA0000000u

/* ELF header values. */
#define ISA_EM_DPU             245u
#define ISA_E_FLAGS            0x02800000u /* bit 23: ABI field valid; bits 31..24: ABI version 2 */
#define ISA_SHT_DPU_ATTRIBUTES 0x70000003u

#define ISA_RETURN_REGISTER 23u /* holds the index to return to; software convention */
#define ISA_STACK_REGISTER  22u /* first free byte of a stack that grows up; software convention */

#endif
