/* SPDX-License-Identifier: MIT */
/* Inline assembly with its constraints, MRAM variables, jump tables, function pointers, atomics,
 * floating point.
 * expect: 3876
 */
__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;
#define MRAM __attribute__((address_space(255), used, aligned(8), section(".mram")))
MRAM unsigned bulk[4] = {11, 22, 33, 44};
MRAM unsigned char bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
MRAM long wide = 5;
static __attribute__((aligned(8))) unsigned buffer[4];

static unsigned ask(unsigned a, unsigned b)
{
    unsigned product, early;
    __asm__("mul_ul_ul %0, %1, %2" : "=r"(product) : "r"(a), "r"(b));
    __asm__ volatile("move %0, 100\n\tadd %0, %0, %1" : "=&r"(early) : "r"(b));
    __asm__ volatile("move r14, 77\n\tmove r15, r14" ::: "r14", "r15");
    __asm__("jeq %1, 0, 1f\n\tadd %0, %0, %2\n1:" : "+r"(early) : "r"(a), "i"(1000));
    return product + early;
}

static unsigned add(unsigned x)
{
    return x + 1;
}
static unsigned twice(unsigned x)
{
    return x * 2;
}
static unsigned (*const table[])(unsigned) = {add, twice, add};

static __attribute__((noinline)) unsigned choose(unsigned x)
{
    switch (x) {
    case 0:
        return 3;
    case 1:
        return 30;
    case 2:
        return 300;
    case 3:
        return 5;
    case 4:
        return 50;
    case 6:
        return 500;
    default:
        return 1;
    }
}

static __attribute__((noinline)) float mean(const float *x, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / (float)n;
}

int main(void)
{
    static const float values[] = {1.5f, 2.5f, -4.0f, 8.0f};
    static unsigned counter = 40;
    unsigned total = ask(7, 9); /* 63 + 109 + 1000 */
    bulk[1] += 5;
    bytes[3]++;
    wide = wide * 3 - bytes[3];
    total += bulk[0] + bulk[1] + bulk[2] + bulk[3] + bytes[3] + (unsigned)wide;
    for (unsigned i = 0; i < 3; i++)
        total = table[i](total);
    for (unsigned i = 0; i < 8; i++)
        total += choose(i);
    total += (unsigned)(mean(values, 4) * 100.0f);
    total += (mean(values, 2) > 1.75) + (mean(values, 2) != 2.0f) * 64;
    __builtin_dpu_ldma(buffer, bulk, 16);
    total += buffer[3] + __sync_fetch_and_add(&counter, 2) + counter;
    total += __builtin_dpu_tid() + (unsigned)__builtin_clzl((unsigned long)total);
    result = total;
    return 0;
}
