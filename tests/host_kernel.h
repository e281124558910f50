/* SPDX-License-Identifier: MIT */
/* The DPU program of tests of the host API, whose behaviour the host chooses. */
#ifndef HOST_KERNEL_H
#define HOST_KERNEL_H

#define WORD_VARIABLE(name, words)                                                                 \
    ".globl " name "\n.type " name ",@object\n" name ": .zero 4*(" words ")\n.size " name          \
    ", 4*(" words ")\n"

/* The kernel: every launch adds 1 to `launches` and does what `cmd` says. */
enum command {
    CMD_STOP,
    CMD_APPEND,  /* order[count++] = tag */
    CMD_SPIN,    /* until go != 0 */
    CMD_FOREVER, /* until somebody stops it */
    CMD_MEMORY,  /* memory fault */
    CMD_FAULT,   /* fault 3 */
    CMD_DMA,     /* DMA fault */
    CMD_ASLEEP,  /* tasklet 1 sleeps for ever, tasklet 0 ends */
    CMD_WORK     /* go round `work` times */
};

#define KERNEL_CODE                                                                                \
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n"                            \
    ".type __bootstrap,@function\n__bootstrap:\n"                                                  \
    "jeq id, 1, asleep\n"                                                                          \
    "move r0, launches\nlw r1, r0, 0\nadd r1, r1, 1\nsw r0, 0, r1\n"                               \
    "move r0, cmd\nlw r0, r0, 0\n"                                                                 \
    "jeq r0, 1, append\njeq r0, 2, spin\njeq r0, 3, forever\njeq r0, 4, memory\n"                  \
    "jeq r0, 5, break\njeq r0, 6, dma\njeq r0, 7, boot\njeq r0, 8, busy\njump end\n"               \
    "append: move r0, tag\nlw r1, r0, 0\nmove r0, count\nlw r2, r0, 0\nadd r3, r2, 1\n"            \
    "sw r0, 0, r3\nmove r0, order\nlsl_add r0, r0, r2, 2\nsw r0, 0, r1\njump end\n"                \
    "spin: move r0, go\nl: lw r1, r0, 0\njeq r1, 0, l\njump end\n"                                 \
    "forever: jump forever\n"                                                                      \
    "memory: move r0, 0x10000\nlw r1, r0, 0\n"                                                     \
    "break: fault 3\n"                                                                             \
    "dma: move r1, 0x4000000\nldma zero, r1, 0\n"                                                  \
    "boot: boot id, 1\njump end\n"                                                                 \
    "asleep: stop\n"                                                                               \
    "busy: move r0, work\nlw r1, r0, 0\nm: add r1, r1, -1, nz, m\n"                                \
    ".globl __sys_end\nend:\n__sys_end: stop true, end\n.size __bootstrap, . - __bootstrap\n"

#define KERNEL_DATA                                                                                \
    ".section .dpu_host,\"aw\",@progbits\n.p2align 3\n" WORD_VARIABLE(                             \
        "bytes",                                                                                   \
        "16") WORD_VARIABLE("cmd",                                                                 \
                            "1") WORD_VARIABLE("go",                                               \
                                               "1") WORD_VARIABLE("tag",                           \
                                                                  "1") WORD_VARIABLE("count", "1") \
        WORD_VARIABLE("work", "1") WORD_VARIABLE("launches", "1") WORD_VARIABLE(                   \
            "order",                                                                               \
            "128") ".section .data.hidden,\"aw\",@progbits\n"                                      \
                   ".p2align 3\n" WORD_VARIABLE(                                                   \
                       "hidden",                                                                   \
                       "4") ".globl sizeless\nsizeless: .zero 8\n"                                 \
                            ".section .mram.noinit,\"aw\",@nobits\n.p2align 3\n" WORD_VARIABLE(    \
                                "block", "1024")

static const char kernel[] = KERNEL_CODE KERNEL_DATA;

/* Has printed what the host wrote into its log buffer: printf("Hi %d\n", NUMBER). */
static const char greeter[] =
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n"
    "__bootstrap: move r0, 24\nsw zero, __stdout_buffer_state, r0\nstop\n"
    ".section .data.__sys_keep,\"aw\",@progbits\n.p2align 3\n" WORD_VARIABLE(
        "__stdout_buffer_state", "2") ".section .mram.noinit.keep,\"aw\",@nobits\n"
                                      ".p2align 3\n" WORD_VARIABLE("__stdout_buffer", "16");

/* The record of its log; the number is at byte 11. */
#define GREETING "%s%d%s\0Hi \0N\0\0\0\n\0\0\0\0\0\0\0"

#endif
