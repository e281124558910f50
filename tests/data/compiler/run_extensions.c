/* SPDX-License-Identifier: MIT */
/* Inline assembly in its forms, attributes, vectors, statement expressions, loop pragmas.
 * expect: 20
 */
#include <stdint.h>
#include <mram.h>
#include <defs.h>
#include <string.h>
__host uint32_t result;
__host struct {
    uint32_t a;
    uint8_t b[3];
} arr[5];
#define CHECK(c)                                                                                   \
    do {                                                                                           \
        if (!(c))                                                                                  \
            __asm__ volatile("fault %0" ::"i"(__LINE__));                                          \
        result++;                                                                                  \
    } while (0)
/* asm forms */
static inline uint32_t tm(void)
{
    uint32_t t;
    __asm__ __volatile__("time %[t]" : [t] "=r"(t));
    return t;
}
static inline uint64_t pairasm(uint32_t x)
{
    uint64_t r;
    __asm__("lsl.s %[r], %[x], 3" : [r] "=r"(r) : [x] "r"(x));
    return r;
}
static int clob(int a)
{
    int r;
    __asm__ volatile("move r14, %1\n\tadd r15, r14, 1\n\tmove %0, r15"
                     : "=r"(r)
                     : "r"(a)
                     : "r14", "r15", "memory");
    return r;
}
static int lab(int a)
{
    int r;
    __asm__ volatile("move %0, 0\n1:\n\tadd %0, %0, 2\n\tsub %1, %1, 1, z, 2f\n\tjump 1b\n2:"
                     : "=&r"(r), "+r"(a));
    return r;
}
static int tied(int a)
{
    __asm__("add %0, %1, 5" : "=r"(a) : "0"(a));
    return a;
}
static int mem(int *p)
{
    int r;
    __asm__("lw %0, %1" : "=r"(r) : "m"(*p));
    return r;
}
extern int asmfn(int a, long b);
__asm__(".text\n.globl asmfn\nasmfn:\n\tadd r0, r0, r3\n\tjump r23\n");
__attribute__((naked)) int nk(int a)
{
    __asm__("add r0, r0, 9\n\tjump r23");
}
__attribute__((section(".text.special"), used)) int spec(int a)
{
    return a + 1;
}
__attribute__((constructor, unused)) static void ctor(void)
{
}
int al(int) __attribute__((alias("spec")));
int multi(uint64_t a, int b)
{
    struct {
        uint64_t x : 33, y : 31;
    } s = {a, b};
    return s.x + s.y;
}
_Bool bo(int x)
{
    return x;
}
__attribute__((pure)) static int pure(int x)
{
    return x * x;
}
__attribute__((cold)) static int coldf(void)
{
    return 1;
}
__attribute__((optnone)) int on(int x)
{
    return x + 2;
}
__attribute__((always_inline)) static inline int ai(int x)
{
    return x * 3;
}
typedef int v4 __attribute__((vector_size(16)));
int vecsum(int k)
{
    v4 a = {1, 2, 3, 4}, b = {k, k, k, k};
    v4 c = a * b + a;
    return c[0] + c[1] + c[2] + c[3];
}
int stmt(int x)
{
    return ({
               int y = x;
               y += 2;
               y;
           }) +
           (x ?: 4);
}
int __attribute__((minsize)) ms(int a)
{
    for (int i = 0; i < 4; i++)
        a += i;
    return a;
}
static int nestarr[2][3][4];
int z3(int i, int j, int k)
{
    return nestarr[i][j][k];
}
int unr(const int *restrict a, int n)
{
    int s = 0;
#pragma unroll
    for (int i = 0; i < 8; i++)
        s += a[i];
#pragma clang loop unroll_count(4)
    for (int i = 8; i < n; i++)
        s += a[i];
#pragma GCC unroll 2
    for (int i = 0; i < n; i++)
        s ^= a[i];
    return s;
}
int cplx(void)
{
    _Complex float c = 1.0f + 2.0f * 1i;
    c = c * c;
    return (int)__real__ c;
}
int longsw(unsigned c)
{
    switch (c) {
    case 'a' ... 'z':
        return 1;
    case 'A' ... 'Z':
        return 2;
    case '0' ... '9':
        return 3;
    case ' ':
    case '\t':
    case '\n':
        return 4;
    }
    return 0;
}
int main(void)
{
    if (me())
        return 0;
    (void)tm();
    CHECK(pairasm(0x10000000u) == 0xffffffff80000000UL);
    CHECK(clob(4) == 5);
    CHECK(lab(4) == 8);
    CHECK(tied(3) == 8);
    int m = 44;
    CHECK(mem(&m) == 44);
    CHECK(asmfn(1, 2) == 3);
    CHECK(nk(1) == 10);
    CHECK(spec(1) == 2 && al(3) == 4);
    CHECK(multi(5, 6) == 11);
    CHECK(bo(256) == 1);
    CHECK(pure(3) == 9 && coldf());
    CHECK(on(1) == 3);
    CHECK(ai(2) == 6);
    CHECK(vecsum(2) == 30);
    CHECK(stmt(0) == 6);
    CHECK(ms(1) == 7);
    CHECK(z3(1, 2, 3) == 0);
    int a[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    int w = 78;
    for (int i = 0; i < 12; i++)
        w ^= a[i];
    CHECK(unr(a, 12) == w);
    CHECK(cplx() == -3);
    CHECK(longsw('q') == 1 && longsw('5') == 3 && longsw('\n') == 4 && longsw('!') == 0);

    return 0;
}
