read_run r8, -62, sz, 0x88
sw !big, s22, -1691, -32768
lhu r6, r10, 5066256
ldmai r6, r4, 0x5e
add r6, r2, 0x420ed452
sub.s d6, r11, -5, sz, 0x38d
addc.u d2, r17, 58, c, 0x45e
subc.u d14, r22, -98, les, 0x50d
sub r19, r6, 6694806, xgts
add zero, r9, -56771568, false
subc zero, 32, zero, false
rsub.s d16, r19, r0, ltu, 0x8ea
add.u d14, id, r12, mi, 0x3650
sub.u d4, r6, r14, nov, 0x3b4
rsub r18, r6, r13, xnz
add zero, r21, r6
sub zero, mneg, r1
mul_sh_sh zero, r4, r0
mul_sh_uh.s d10, id8, r7
mul_sh_ul r5, r14, r2
mul_sl_sh zero, r8, r13
mul_sl_uh.s d12, r18, r4
mul_sl_ul r19, r14, r12
mul_uh_uh zero, r2, r0
mul_ul_uh.u d8, r19, r4
mul_ul_ul r1, r8, r3
time zero
and zero, r19, 0xf73aef71
and.s d14, r5, 0x7fffffff
and r7, r10, 7970489, false
andn r1, r14, 347964
lsrx.s d22, r1, 0x1
rol.s d16, r8, 0x1c, xz
ror.s d6, r19, 0x13, xnz, 0xc94f
asr.u d20, r17, 0x1e, xnz
lsl.u d14, r20, 0x1f, e, 0x4f5
lsl1x r19, r1, 0x15
lsl r9, r15, 0xc, z
lslx r0, r14, 0x13, true, 0x6e0d
lsr1 zero, r19, 0x1e
lsr1x zero, r23, 0x9, xnz
lsr zero, r10, 0x14, e, 0xf68b
cao r16, r7
clo r3, lneg
cls r18, one
clz r10, r6
extsb zero, zero
extub.u d18, r12
extuh r6, r4
hash r9, r7, 8388607, xz
nand r23, r20, 1, nz
nor r17, r23, 128, z
nxor r17, r5, 969644, xnz
or r0, r5, -5283993, xnz
orn r14, id, 5298398, z
sats r14, r10
xor r0, r3, 1, nz
and r6, r14, r22
andn r17, r12, r17
hash.u d20, r1, r14, z
nand.u d0, r14, r23, nz
nor.u d4, r6, r21, xz
nxor.u d4, zero, r15, xz
or.u d10, r6, r8, z
orn.u d22, r9, r3, xnz
xor.u d14, r16, r5, nz
lsl.s d2, lneg, r22, nz
lsr.s d10, r11, r4, z
rol.s d22, r21, r10, z
lsl1.u d12, r15, r14, z
lsr1.u d4, r10, r22, xz
ror.u d6, r2, r15, xnz
lsl r12, r14, r23, nz
lsr r12, r10, r4, nz
asr zero, r11, r5, xz
lslx zero, r9, r13, z
lsrx zero, id4, r16, z
cmpb4.u d18, r9, r16, nz
lsl_add r13, r10, r19, 0xc
lsr_add.s d14, r19, id, 0x17
rol_add r21, r23, r3, 0x5
