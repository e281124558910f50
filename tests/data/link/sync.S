// SPDX-License-Identifier: MIT
// Barrier and signals of the test programs.
	.file "sync.c"
	.section .atomic,"aw",@progbits
	.type barrier_lock,@object
barrier_lock: .byte 0
	.size barrier_lock, 1
	.type signal_lock,@object
signal_lock: .byte 0
	.size signal_lock, 1
	.section .bss.mailbox,"aw",@nobits
	.type mailbox,@object
mailbox: .zero 24
	.size mailbox, 24
	.section .text.barrier_wait,"ax",@progbits
	.globl barrier_wait
	.type barrier_wait,@function
barrier_wait:
	move r2, barrier_lock
	acquire r2, 0, nz, .
	lw r3, r0, 0
	lw r1, r0, 8
	add r3, r3, -1
	sw r0, 0, r3
	jz r3, .L1
	move r3, id
	lsl r3, one, r3
	or r1, r3, r1
	sw r0, 8, r1
	release r2, 0, nz, .+1
	stop
.L0:	jump r23
.L1:	lw r3, r0, 4
	sw r0, 0, r3
	sw r0, 8, 0
	release r2, 0, nz, .+1
	jz r1, .L0
	move r0, zero, true, .L3
.L2:	add r0, r0, 1
	lsr r1, r2, 1
	jltu r2, 2, .L0
.L3:	move r2, r1
	and r1, r2, 1, z, .L2
	resume r0, 0, nz, .
	jump .L2
	.size barrier_wait, .-barrier_wait
	.section .text.await,"ax",@progbits
	.globl await
	.type await,@function
await:	move r0, id
	move r1, signal_lock
	acquire r1, 0, nz, .
	lbu r2, r0, mailbox
	jneq r2, 2, .L4
	move r2, 0
	sb r0, mailbox, r2
	release r1, 0, nz, .+1
	jump r23
.L4:	move r2, 1
	sb r0, mailbox, r2
	release r1, 0, nz, .+1
	stop
	jump r23
	.size await, .-await
	.section .text.signal,"ax",@progbits
	.globl signal
	.type signal,@function
signal:	move r1, signal_lock
	acquire r1, 0, nz, .
	lbu r2, r0, mailbox
	move r3, 0
	jeq r2, 1, .L5
	move r3, 2
.L5:	sb r0, mailbox, r3
	release r1, 0, nz, .+1
	jneq r2, 1, .L6
	resume r0, 0, nz, .
.L6:	jump r23
	.size signal, .-signal
