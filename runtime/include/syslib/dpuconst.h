/* SPDX-License-Identifier: MIT */
/* Constants that assembly and C share: queue marks and the layout of barriers and semaphores. */
#ifndef DPU_CONST_H
#define DPU_CONST_H

/* A byte in place of a tasklet number: nobody. */
#define __EMPTY_WAIT_QUEUE 0xff

/* Offsets of the bytes of a barrier_t or a struct sem_t. */
#define __SYNC_QUEUE   0
#define __SYNC_COUNT   1
#define __SYNC_INITIAL 2
#define __SYNC_LOCK    3

/* The offsets of a struct seqreader, and of the two words of a stack's row. */
#define __READER_CACHE 0
#define __READER_MRAM  4
#define __STACK_SIZE   0
#define __STACK_START  4

#endif
