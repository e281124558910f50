/* SPDX-License-Identifier: MIT */
/* One function per row of idioms.tsv, which says the instructions it must become. */
typedef unsigned u32;
typedef unsigned long u64;
typedef long s64;
typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
#define MRAM __attribute__((address_space(255)))
struct big {
    int x[6];
};
struct mixed {
    u16 pad[3], half;
};
u32 gw, ga[64];
u8 gb[64];
void sink(void);

u32 add_imm(u32 a)
{
    return a + 100000;
}
u32 sub_from_imm(u32 a)
{
    return 1000 - a;
}
int neg(int a)
{
    return -a;
}
u32 not_(u32 a)
{
    return ~a;
}
u32 andn(u32 a, u32 b)
{
    return a & ~b;
}
u32 orn(u32 a, u32 b)
{
    return a | ~b;
}
u32 nand(u32 a, u32 b)
{
    return ~(a & b);
}
u32 nor(u32 a, u32 b)
{
    return ~(a | b);
}
u32 nxor(u32 a, u32 b)
{
    return ~(a ^ b);
}
u32 lsl_add(u32 a, u32 b)
{
    return a + (b << 5);
}
u32 lsl_or(u32 a, u32 b)
{
    return (a & 31) | (b << 5);
}
u32 lsl_sub(u32 a, u32 b)
{
    return a - (b << 5);
}
u32 lsr_add(u32 a, u32 b)
{
    return a + (b >> 5);
}
u32 rotl_const(u32 a)
{
    return a << 7 | a >> 25;
}
u32 rotl_var(u32 a, u32 b)
{
    return a << (b & 31) | a >> (-b & 31);
}
u32 rotr_var(u32 a, u32 b)
{
    return a >> (b & 31) | a << (-b & 31);
}
u32 rol_add(u32 a, u32 b)
{
    return b + (a << 7 | a >> 25);
}
u32 tid_scale8(void)
{
    return __builtin_dpu_tid() * 8;
}
u32 tid_index_1k(u32 a, u32 b)
{
    return b + __builtin_dpu_tid() * 1024;
}
u32 byte0(u32 a)
{
    return (u8)a;
}
u32 byte1(u32 a)
{
    return (u8)(a >> 8);
}
u32 byte3(u32 a)
{
    return a >> 24;
}
u32 half0(u32 a)
{
    return (u16)a;
}
int sext8(u32 a)
{
    return (s8)a;
}
int sext16(u32 a)
{
    return (s16)a;
}
u32 ubitfield(u32 a)
{
    return a >> 5 & 0x3f;
}
int sbitfield(int a)
{
    return (int)((u32)a << 13) >> 26;
}
u32 set_bit(u32 a, u32 b)
{
    return a | 1u << b;
}
u32 clear_bit(u32 a, u32 b)
{
    return a & ~(1u << b);
}
u32 test_bit_value(u32 a, u32 b)
{
    return a >> b & 1;
}
u32 clz(u32 a)
{
    return (u32)__builtin_clz(a);
}
u32 ctz(u32 a)
{
    return (u32)__builtin_ctz(a);
}
u32 popcount(u32 a)
{
    return (u32)__builtin_popcount(a);
}
u32 bswap32(u32 a)
{
    return __builtin_bswap32(a);
}
u32 bswap16(u16 a)
{
    return __builtin_bswap16(a);
}
u32 mul3(u32 a)
{
    return a * 3;
}
u32 mul5(u32 a)
{
    return a * 5;
}
u32 mul7(u32 a)
{
    return a * 7;
}
u32 mul10(u32 a)
{
    return a * 10;
}
u32 mul12(u32 a)
{
    return a * 12;
}
struct big *mul24_index(struct big *p, int i)
{
    return p + i;
}
u32 mul100(u32 a)
{
    return a * 100;
}
u32 mul1000(u32 a)
{
    return a * 1000;
}
int mul_neg3(int a)
{
    return a * -3;
}
u32 mul8uu(u8 a, u8 b)
{
    return a * b;
}
int mul8ss(s8 a, s8 b)
{
    return a * b;
}
int mul8su(s8 a, u8 b)
{
    return a * b;
}
u32 mul16uu(u16 a, u16 b)
{
    return (u32)a * b;
}
int mul16ss(s16 a, s16 b)
{
    return a * b;
}
u32 mul32(u32 a, u32 b)
{
    return a * b;
}
u64 mul64(u64 a, u64 b)
{
    return a * b;
}
u64 mul32x32_64(u32 a, u32 b)
{
    return (u64)a * b;
}
u32 udiv(u32 a, u32 b)
{
    return a / b;
}
int sdiv(int a, int b)
{
    return a / b;
}
u32 udiv_pow2(u32 a)
{
    return a / 8;
}
int sdiv_pow2(int a)
{
    return a / 8;
}
u32 urem_pow2(u32 a)
{
    return a % 8;
}
int srem_pow2(int a)
{
    return a % 8;
}
u32 udiv_const(u32 a)
{
    return a / 10;
}
u64 add64(u64 a, u64 b)
{
    return a + b;
}
u64 sub64(u64 a, u64 b)
{
    return a - b;
}
u64 inc64(u64 a)
{
    return a + 1;
}
u64 dec64(u64 a)
{
    return a - 1;
}
s64 neg64(s64 a)
{
    return -a;
}
u64 acc64_u32(u64 a, u32 c)
{
    return a + c;
}
u64 and64_mask32(u64 a)
{
    return a & 0xff;
}
u64 or64(u64 a, u64 b)
{
    return a | b;
}
u64 zext32_64(u32 a)
{
    return a;
}
s64 sext32_64(int a)
{
    return a;
}
u32 trunc64_32(u64 a)
{
    return (u32)a;
}
u32 high64(u64 a)
{
    return (u32)(a >> 32);
}
u64 make64(u32 a, u32 b)
{
    return (u64)a << 32 | b;
}
u64 shl64_small(u64 a)
{
    return a << 5;
}
u64 shl64_big(u64 a)
{
    return a << 40;
}
u64 lshr64_small(u64 a)
{
    return a >> 5;
}
s64 ashr64_small(s64 a)
{
    return a >> 5;
}
u64 lshr64_big(u64 a)
{
    return a >> 40;
}
s64 ashr64_big(s64 a)
{
    return a >> 40;
}
u64 shl64_var(u64 a, u32 c)
{
    return a << c;
}
u64 lshr64_var(u64 a, u32 c)
{
    return a >> c;
}
u64 rot64_32(u64 a)
{
    return a << 32 | a >> 32;
}
u64 clz64(u64 a)
{
    return (u64)__builtin_clzl(a);
}
u64 ctpop64(u64 a)
{
    return (u64)__builtin_popcountl(a);
}
u32 set_eq(u32 a, u32 b)
{
    return a == b;
}
u32 set_ltu(u32 a, u32 b)
{
    return a < b;
}
u32 set_lts(int a, int b)
{
    return a < b;
}
u32 set_eq0(u32 a)
{
    return !a;
}
u32 set_gei(int a)
{
    return a >= 10;
}
u32 set_lt64(u64 a, u64 b)
{
    return a < b;
}
u32 set_gt64(u64 a, u64 b)
{
    return a > b;
}
u32 set_eq64(u64 a, u64 b)
{
    return a == b;
}
u32 set_eq64_0(u64 a)
{
    return a == 0;
}
u32 select_cond(int x, int y, u32 c, u32 d)
{
    return x < y ? c : d;
}
u32 select_bool(u32 a, u32 b, u32 c)
{
    return a ? b : c;
}
u32 umin(u32 a, u32 b)
{
    return a < b ? a : b;
}
int smax(int a, int b)
{
    return a > b ? a : b;
}
int abs_best(int a)
{
    return a < 0 ? -a : a;
}
u64 umin64(u64 a, u64 b)
{
    return a < b ? a : b;
}
int clamp255(int a)
{
    return a < 0 ? 0 : a > 255 ? 255 : a;
}
u32 load_global(void)
{
    return gw;
}
u32 load_global_idx4(u32 i)
{
    return ga[i];
}
u32 load_global_byte(u32 i)
{
    return gb[i];
}
u32 load_idx4(u32 *p, u32 i)
{
    return p[i];
}
u64 load_idx8(u64 *p, u32 i)
{
    return p[i];
}
u32 load_u8_idx(u8 *p, u32 i)
{
    return p[i];
}
int load_s8_idx(s8 *p, u32 i)
{
    return p[i];
}
u32 load_u16_off(struct mixed *p)
{
    return p->half;
}
s64 load_s32_to_64(int *p)
{
    return *p;
}
u64 load_u8_to_64(u8 *p)
{
    return *p;
}
u32 load_unaligned4(const u8 *p)
{
    u32 x;
    __builtin_memcpy(&x, p, 4);
    return x;
}
void store_const(u32 *p)
{
    *p = 5;
}
void store_zero64(u64 *p)
{
    *p = 0;
}
void store_global_const(void)
{
    gw = 0;
}
void rmw_global(void)
{
    gw++;
}
void mram_read_const(MRAM void *from, void *to)
{
    __builtin_dpu_ldma(to, from, 256);
}
void mram_write_const(void *from, MRAM void *to)
{
    __builtin_dpu_sdma(from, to, 2048);
}
void mram_read_var(MRAM void *from, void *to, u32 n)
{
    __builtin_dpu_ldma(to, from, n);
}
u32 mram_load32(MRAM u32 *p)
{
    return *p;
}
u64 mram_load64(MRAM u64 *p)
{
    return *p;
}
void mram_store32(MRAM u32 *p, u32 v)
{
    *p = v;
}
void br_eq(u32 a, u32 b)
{
    if (a != b)
        sink();
}
void br_imm(u32 a)
{
    if (a < 10)
        sink();
}
void br_and(u32 a)
{
    if (a & 8)
        sink();
}
void br_odd(u32 a)
{
    if (a & 1)
        sink();
}
void br_ne64(u64 a, u64 b)
{
    if (a != b)
        sink();
}
void br_neg(int a)
{
    if (a < 0)
        sink();
}
void br_lt64(u64 a, u64 b)
{
    if (a < b)
        sink();
}
void br_eq64(u64 a, u64 b)
{
    if (a == b)
        sink();
}
void br_nz64(u64 a)
{
    if (a)
        sink();
}
void loop_count(u32 n)
{
    do
        __asm__ volatile("nop");
    while (--n);
}
void loop_up(void)
{
    for (u32 i = 0; i < 256; i++)
        __asm__ volatile("nop");
}
u32 call_ind(u32 (*fp)(u32), u32 x)
{
    return fp(x) + 1;
}
int va_arg_int(__builtin_va_list *ap)
{
    return __builtin_va_arg(*ap, int);
}
long va_arg_64(__builtin_va_list *ap)
{
    return __builtin_va_arg(*ap, long);
}
void trap(void)
{
    __builtin_trap();
}
float fneg(float x)
{
    return -x;
}
float fabs_(float x)
{
    return __builtin_fabsf(x);
}
u32 fcmp_lt(float x, float y)
{
    return x < y;
}
float fadd(float x, float y)
{
    return x + y;
}
float i2f(int a)
{
    return (float)a;
}

u32 switch_table(u32 x)
{
    switch (x) {
    case 0:
        return ga[3];
    case 1:
        sink();
        return 7;
    case 2:
        return gw;
    case 3:
        gw = 4;
        return 2;
    case 4:
        return gb[2];
    default:
        return 1;
    }
}
void call(void)
{
    sink();
    gw++;
}
void mutex_lock(u32 m)
{
    __asm__ volatile("acquire %0, 0, nz, ." : : "r"(m));
}
void mutex_unlock(u32 m)
{
    __asm__ volatile("release %0, 0, nz, .+1" : : "r"(m));
}
