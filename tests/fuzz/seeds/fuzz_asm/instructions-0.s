acquire r9, 0, z, 0xb7b
sh r23, 1816, 1589
lbu.u !big, d18, r13, 4106469
lhus r18, lneg, 5767136
sw !big, s0, 3923649, r13
addc.s d8, r1, 32, false
subc.s d6, id, 128, false
sub.u d20, one, 5460937, false
addc r15, r14, -123, nc11, 0xcca7
subc r23, r0, -6372667, ges
sub zero, r23, 255, gts
addc.s d18, r6, r23
subc.s d22, r13, r7
rsubc.u d6, lneg, r10
adds r22, r20, r0
sub r3, r12, r16, sz
rsub zero, r3, r13, xz
mul_sh_sh.s d16, r14, r9, xnz
mul_sh_sl r15, r9, r11, nz
mul_sh_uh zero, r20, r22, xnz
mul_sl_sh.s d2, r15, r1, z
mul_sl_sl r14, id, r3, z
mul_sl_uh zero, r14, r13, xz
mul_uh_uh.u d12, id8, r17, nz
mul_uh_ul r23, r15, r13, xz
mul_ul_uh zero, r7, r8, nz
time.s d22, true, 0x9
time_cfg r12, r14, true, 0xbb4
and.u d8, zero, 0x34e7346f
and.u d14, r13, 8388607, nz
andn.u d14, r19, 7104818, nz
lsl1x.s d0, r2, 0x1d
lslx.s d6, id, 0x1f, nz
lsr.s d16, mneg, 0x17, o, 0x778b
lsr1.u d2, mneg, 0x1e
lsr1x.u d10, r14, 0x16, nz
lsrx.u d8, r23, 0x1a, pl, 0x16
rol r6, r11, 0x7
ror r10, r13, 0x12, z
asr zero, r6, 0x10
lsl1 zero, r11, 0x13, z
lsl1x zero, r6, 0x11, nz, 0xb7eb
cao.s d20, mneg, nz
clo.s d6, id, z
cls.s d0, r5, xnz
clz.s d0, r7, xz
extsb.s d2, r4, z
extsh r11, r21, xz
extub zero, r10, nz
hash.s d10, r7, -56, z, 0x228
nand.s d10, zero, -30, smi, 0xf1d0
nor.s d0, r9, 31, smi, 0xe779
nxor.s d18, id4, -27, smi, 0x1f1
or.s d0, id8, 93, mi, 0xbf4
orn.s d12, r12, -3, xnz, 0x826
sats.s d0, r15, z
xor.s d14, r6, 5, snz, 0x3c6
and.s d12, id, r14, z
andn.s d20, id8, r13, xz
call zero, r2, r18
hash zero, r13, r13, xz, 0x53b
nand zero, r13, r0, pl, 0xd213
nor zero, r21, r20, snz, 0x82d
nxor zero, r5, r23, xnz, 0xde1
or zero, r4, r16, nz, 0xd88
orn zero, r11, r5, xz, 0xc71
xor zero, r0, r11, mi, 0xf19
lsl1x.s d2, id2, r21, z, 0xa10
lsr1x.s d0, r1, r1, mi, 0xa38
asr.u d18, r12, r21, o, 0x4df
lslx.u d10, r19, r4, smi, 0x848
lsrx.u d22, one, r14, sz, 0xe28
lsl1 r13, r13, r13, xz, 0x556
lsr1 r13, r17, r16, mi, 0xdfa
rol r9, r14, r4, z, 0xe20
lsl1x zero, r4, r14, xnz, 0x77bf
lsr1x zero, r9, r4, snz, 0x8c
ror zero, id, r20, o, 0xc9c
cmpb4 zero, id8, r20, smi, 0x3d4
lsl_sub.u d2, r0, r10, 0x18, smi, 0xebb9
lsr_add zero, r7, r23, 0x7, spl, 0x1127
swapd d14, d8, false, 0xd3b
