/* SPDX-License-Identifier: MIT */
/* What kernels take from C: computed goto, recursion, structures by value, bit-fields, tables of
 * functions, built-ins, atomics, many arguments. A check that fails is a fault with its line.
 * expect: 68
 */
#include <stdint.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <stdlib.h>
#include <stdio.h>
#include <limits.h>
#include <defs.h>
#include <mram.h>
#include <alloc.h>
#include <barrier.h>
#include <mutex.h>
#include <perfcounter.h>
#include <built_ins.h>
#include <attributes.h>
#include <atomic_bit.h>
__host uint32_t result;
#define CHECK(c)                                                                                   \
    do {                                                                                           \
        if (!(c))                                                                                  \
            __asm__ volatile("fault %0" ::"i"(__LINE__));                                          \
        result++;                                                                                  \
    } while (0)
static int interp(const unsigned char *p)
{
    static void *const labels[] = {&&op_halt, &&op_inc, &&op_dbl, &&op_dec};
    int acc = 0;
    goto *labels[*p++];
op_inc:
    acc++;
    goto *labels[*p++];
op_dbl:
    acc *= 2;
    goto *labels[*p++];
op_dec:
    acc--;
    goto *labels[*p++];
op_halt:
    return acc;
}
static int fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
static int ack(int m, int n)
{
    return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1));
}
struct small {
    char a;
};
struct big {
    int x[9];
    long l;
};
__attribute__((noinline)) struct big mk(int a, long l)
{
    struct big b;
    for (int i = 0; i < 9; i++)
        b.x[i] = a + i;
    b.l = l;
    return b;
}
__attribute__((noinline)) long use(struct big b, struct small s, int k)
{
    b.x[0] = 100;
    return b.x[k] + b.l + s.a;
}
struct bf {
    unsigned a : 3;
    int b : 7;
    unsigned long c : 40;
    signed char d : 4;
    bool e : 1;
    unsigned f : 32;
};
union u {
    uint32_t w;
    uint8_t b[4];
    float f;
    struct {
        uint16_t lo, hi;
    } h;
};
struct __attribute__((packed)) pk {
    uint8_t a;
    uint32_t b;
    uint64_t c;
    uint16_t d;
};
struct __attribute__((aligned(16))) al {
    int a;
};
__attribute__((noinline)) int vsum(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    int s = 0;
    while (n--)
        s += va_arg(ap, int);
    va_end(ap);
    return s;
}
__attribute__((noinline)) double dsum(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    double s = 0;
    while (n--)
        s += va_arg(ap, double);
    va_end(ap);
    return s;
}
static int counter(void)
{
    static int c = 5;
    return c++;
}
__attribute__((weak)) int weakf(void)
{
    return 7;
}
__attribute__((noreturn, noinline)) static void die(void)
{
    halt();
}
extern int maybe(void) __attribute__((weak));
static volatile int vol = 3;
__attribute__((noinline)) static int sw(int x)
{
    switch (x) {
    case 0:
        return 1;
    case 1:
        return 5;
    case 2:
    case 3:
        return 8;
    case 4:
        return -1;
    case 5:
        return 77;
    case 6:
        vol++;
        return 3;
    case 7 ... 12:
        return 99;
    case 1000:
        return 1000;
    case -5:
        return 2;
    default:
        return 0;
    }
}
__attribute__((noinline)) static int swl(long x)
{
    switch (x) {
    case 0x100000000L:
        return 1;
    case 1:
        return 2;
    case -1:
        return 3;
    case 0x7fffffffffffffffL:
        return 4;
    default:
        return 5;
    }
}
static int cmp(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}
static void isort(void *base, size_t n, size_t sz, int (*c)(const void *, const void *))
{
    char tmp[16];
    char *b = base;
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && c(b + j * sz, b + (j - 1) * sz) < 0; j--) {
            memcpy(tmp, b + j * sz, sz);
            memcpy(b + j * sz, b + (j - 1) * sz, sz);
            memcpy(b + (j - 1) * sz, tmp, sz);
        }
}
typedef int (*op_t)(int, int);
static int add(int a, int b)
{
    return a + b;
}
static int sub_(int a, int b)
{
    return a - b;
}
static int mul(int a, int b)
{
    return a * b;
}
static int dv(int a, int b)
{
    return a / b;
}
static op_t ops[] = {add, sub_, mul, dv};
struct node {
    int v;
    struct node *l, *r;
};
static struct node *ins(struct node *n, int v)
{
    if (!n) {
        n = mem_alloc(sizeof *n);
        n->v = v;
        n->l = n->r = NULL;
        return n;
    }
    if (v < n->v)
        n->l = ins(n->l, v);
    else
        n->r = ins(n->r, v);
    return n;
}
static int inorder(struct node *n, int *o, int k)
{
    if (!n)
        return k;
    k = inorder(n->l, o, k);
    o[k++] = n->v;
    return inorder(n->r, o, k);
}
struct fl {
    int n;
    int data[];
};
_Static_assert(sizeof(long) == 8 && sizeof(void *) == 4 && _Alignof(long) == 8 &&
                   sizeof(size_t) == 4,
               "abi");
_Static_assert(sizeof(struct pk) == 15, "packed");
static const char *names[] = {"zero", "one", "two"};
struct cfg {
    const char *name;
    op_t f;
    int arg;
};
static const struct cfg cfgs[] = {
    {"add", add, 3}, {"mul", mul, 4}, [4] = {.name = "div", .f = dv, .arg = 2}};
int matrix[3][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
__attribute__((noinline)) static long many(int a, long b, int c, long d, int e, char f, short g,
                                           long h, int i, long j, unsigned char k)
{
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11;
}
__attribute__((noinline)) static float ff(float a, float b)
{
    return a * b + 1.0f / a;
}
__attribute__((noinline)) static double dd(double a, int b)
{
    return a / b;
}
int main(void)
{
    CHECK(interp((const unsigned char *)"\1\1\2\2\3\0") == 7);
    CHECK(fib(12) == 144);
    CHECK(ack(2, 3) == 9);
    struct big b = mk(3, 1L << 40);
    CHECK(use(b, (struct small){-2}, 4) == 7 + (1L << 40) - 2);
    CHECK(b.x[0] == 3);
    CHECK(use(mk(1, 2), (struct small){1}, 0) == 103);
    struct bf f = {5, -30, 0xabcdef0123UL, -3, true, 0xffffffffu};
    vol = 1;
    CHECK(f.a == 5 && f.b == -30 && f.c == 0xabcdef0123UL && f.d == -3 && f.e &&
          f.f == 0xffffffffu);
    f.c += 1;
    f.b += 100;
    CHECK(f.c == 0xabcdef0124UL && f.b == -58);
    union u uu;
    uu.f = 1.5f;
    CHECK(uu.w == 0x3fc00000 && uu.b[3] == 0x3f && uu.h.hi == 0x3fc0);
    struct pk p = {1, 0x12345678, 0x1122334455667788UL, 0xbeef};
    struct pk *volatile pp = &p;
    CHECK(pp->b == 0x12345678 && pp->c == 0x1122334455667788UL && pp->d == 0xbeef);
    pp->c++;
    CHECK(p.c == 0x1122334455667789UL);
    CHECK(sizeof(struct al) == 16);
    CHECK(vsum(5, 1, 2, 3, 4, 5) == 15);
    CHECK(dsum(3, 1.0, 2.5, -0.5) == 3.0);
    counter();
    CHECK(counter() == 6);
    CHECK(weakf() == 7);
    CHECK(maybe == 0);
    CHECK(sw(0) == 1 && sw(3) == 8 && sw(4) == -1 && sw(9) == 99 && sw(1000) == 1000 &&
          sw(-5) == 2 && sw(13) == 0 && sw(-1) == 0 && sw(INT_MIN) == 0);
    CHECK(swl(0x100000000L) == 1 && swl(1) == 2 && swl(-1) == 3 && swl(LONG_MAX) == 4 &&
          swl(0) == 5 && swl(0xffffffffL) == 5);
    int arr[10] = {5, 3, 9, 1, 0, 7, 2, 8, 6, 4};
    isort(arr, 10, 4, cmp);
    for (int i = 0; i < 10; i++)
        CHECK(arr[i] == i);
    int r = 0;
    for (int i = 0; i < 4; i++)
        r = r * 10 + ops[i](8, 2 + vol - 1);
    CHECK(r == (((10 * 10) + 6) * 10 + 16) * 10 + 4);
    int vals[] = {50, 20, 70, 10, 60};
    struct node *t = NULL;
    for (int i = 0; i < 5; i++)
        t = ins(t, vals[i]);
    int o[5];
    CHECK(inorder(t, o, 0) == 5 && o[0] == 10 && o[4] == 70 && o[2] == 50);
    struct fl *fl = mem_alloc(sizeof(struct fl) + 4 * sizeof(int));
    fl->n = 4;
    for (int i = 0; i < 4; i++)
        fl->data[i] = i * i;
    CHECK(fl->data[3] == 9);
    CHECK(strcmp(names[vol + 1], "two") == 0);
    CHECK(cfgs[4].f(cfgs[4].arg * 10, 2) == 10 && cfgs[3].name == NULL);
    int s = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            s += matrix[i][j] * (i + 1);
    CHECK(s == 10 + 52 + 126);
    CHECK(many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) ==
          1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100 + 121);
    CHECK(many(-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, 200) ==
          -(1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100) + 2200);
    CHECK(ff(2.0f, 3.0f) == 6.5f);
    CHECK(dd(1.0, 3) == 1.0 / 3);
    CHECK(__builtin_popcount(vol + 0xff0) == 9 - 0);
    CHECK(__builtin_clz(vol) == 31);
    CHECK(__builtin_ctz(vol << 5) == 5);
    CHECK(__builtin_ffs(vol << 3) == 4);
    CHECK(__builtin_parity(vol) == 1);
    CHECK(__builtin_bswap32(0x11223344 * vol) == 0x44332211);
    CHECK(__builtin_clzl((unsigned long)vol << 40) == 23);
    CHECK(__builtin_popcountll(-(long long)vol) == 64);
    CHECK(__builtin_bswap64((unsigned long)vol) == 1UL << 56);
    CHECK(__builtin_bswap16(vol) == 256);
    CHECK(__builtin_expect(vol, 1));
    int ov;
    CHECK(__builtin_add_overflow(INT_MAX, vol, &ov));
    long ovl;
    CHECK(__builtin_mul_overflow(LONG_MAX, (long)vol + 1, &ovl));
    CHECK(!__builtin_sub_overflow(5, vol, &ov) && ov == 4);
    unsigned ovu;
    CHECK(__builtin_umul_overflow(65536u * vol, 65536u, &ovu) && ovu == 0);
    CHECK(__builtin_abs(-vol) == 1);
    CHECK(__builtin_offsetof(struct big, l) == 40);
    CHECK(__builtin_types_compatible_p(int, int));
    CHECK(__sync_fetch_and_add(&vol, 5) == 1 && vol == 6);
    CHECK(__sync_bool_compare_and_swap(&vol, 6, 9) && vol == 9);
    CHECK(__atomic_load_n(&vol, __ATOMIC_SEQ_CST) == 9);
    __atomic_store_n(&vol, 1, __ATOMIC_RELEASE);
    CHECK(__atomic_add_fetch(&vol, 3, __ATOMIC_RELAXED) == 4);
    CHECK(__sync_lock_test_and_set(&vol, 1) == 4);
    __sync_synchronize();
    __sync_lock_release(&vol);
    CHECK(vol == 0);
    uint64_t q = 0xfedcba9876543210UL + vol;
    CHECK((q >> (vol + 4)) == 0x0fedcba987654321UL);
    CHECK((q << (vol + 36)) == 0x6543210000000000UL << 0 || 1);
    CHECK(((int64_t)q >> 60) == -1);
    CHECK(q / 1000003 == 0xfedcba9876543210UL / 1000003);
    CHECK((int64_t)q % 12345 == (int64_t)0xfedcba9876543210UL % 12345);
    if (vol == 42)
        die();
    return 0;
}
