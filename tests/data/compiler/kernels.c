/* SPDX-License-Identifier: MIT */
/* Small kernels whose instruction counts golden.tsv has. No headers needed. */
typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long u64;
typedef long s64;

void add32(s32 *b, const s32 *a, u32 n)
{
    for (u32 i = 0; i < n; i++)
        b[i] += a[i];
}
void add64(s64 *b, const s64 *a, u32 n)
{
    for (u32 i = 0; i < n; i++)
        b[i] += a[i];
}
void add8(u8 *b, const u8 *a, u32 n)
{
    for (u32 i = 0; i < n; i++)
        b[i] += a[i];
}
void scale_const(s32 *a)
{
    for (u32 i = 0; i < 256; i++)
        a[i] *= 10;
}
void addk(u32 *a, u32 k)
{
    for (u32 i = 0; i < 256; i++)
        a[i] += k;
}
u32 dot32(const u32 *a, const u32 *b, u32 n)
{
    u32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}
s32 dot16(const s16 *a, const s16 *b, u32 n)
{
    s32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}
s32 dot8(const s8 *a, const s8 *b, u32 n)
{
    s32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}
u32 sum32(const u32 *a, u32 n)
{
    u32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i];
    return s;
}
u64 sum64(const u64 *a, u32 n)
{
    u64 s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i];
    return s;
}
u32 sumbytes(const u8 *a)
{
    u32 s = 0;
    for (u32 i = 0; i < 256; i++)
        s += a[i];
    return s;
}
u64 sum64_bytes(const u64 *a, u32 bytes)
{
    u64 s = 0;
    for (u32 i = 0; i < (bytes >> 3); i++)
        s += a[i];
    return s;
}
void hist(u32 *h, const u32 *a, u32 n)
{
    for (u32 i = 0; i < n; i++)
        h[a[i] >> 4]++;
}
void hist_mul(u32 *h, const u32 *a, u32 n, u32 bins)
{
    for (u32 i = 0; i < n; i++)
        h[(a[i] * bins) >> 12]++;
}
s32 bsearch64(const s64 *a, s32 n, s64 key)
{
    s32 lo = 0, hi = n - 1;
    while (lo <= hi) {
        s32 m = (lo + hi) >> 1;
        if (a[m] == key)
            return m;
        if (a[m] < key)
            lo = m + 1;
        else
            hi = m - 1;
    }
    return -1;
}
u32 select64(u64 *o, const u64 *a, u32 n)
{
    u32 k = 0;
    for (u32 i = 0; i < n; i++)
        if (a[i] & 1)
            o[k++] = a[i];
    return k;
}
u32 unique64(u64 *o, const u64 *a, u32 n)
{
    u32 k = 0;
    o[k++] = a[0];
    for (u32 i = 1; i < n; i++)
        if (a[i] != a[i - 1])
            o[k++] = a[i];
    return k;
}
u64 scan64(u64 *o, const u64 *a, u32 n)
{
    u64 s = 0;
    for (u32 i = 0; i < n; i++) {
        s += a[i];
        o[i] = s;
    }
    return s;
}
void relu(s32 *a, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if (a[i] < 0)
            a[i] = 0;
}
u32 maxu(const u32 *a, u32 n)
{
    u32 m = 0;
    for (u32 i = 0; i < n; i++)
        if (a[i] > m)
            m = a[i];
    return m;
}
s32 min3(s32 a, s32 b, s32 c)
{
    s32 m = a < b ? a : b;
    return m < c ? m : c;
}
u32 strlen_(const char *s)
{
    u32 n = 0;
    while (s[n])
        n++;
    return n;
}
s32 memcmp_(const u8 *a, const u8 *b, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] - b[i];
    return 0;
}
void copy8(u8 *d, const u8 *s, u32 n)
{
    for (u32 i = 0; i < n; i++)
        ((volatile u8 *)d)[i] = s[i];
}
u32 crc(const u8 *p, u32 n, const u32 *t)
{
    u32 c = ~0u;
    for (u32 i = 0; i < n; i++)
        c = t[(c ^ p[i]) & 255] ^ (c >> 8);
    return ~c;
}
u32 bits(const u32 *a, u32 n)
{
    u32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += (u32)__builtin_popcount(a[i]);
    return s;
}
void isort(s32 *a, s32 n)
{
    for (s32 i = 1; i < n; i++) {
        s32 x = a[i], j = i - 1;
        while (j >= 0 && a[j] > x) {
            a[j + 1] = a[j];
            j--;
        }
        a[j + 1] = x;
    }
}
u32 lcg(u32 s, u32 n)
{
    while (n--)
        s = s * 1664525u + 1013904223u;
    return s;
}
u64 xorshift(u64 x, u32 n)
{
    while (n--) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}
struct node {
    struct node *next;
    u32 v;
};
u32 list(const struct node *p)
{
    u32 s = 0;
    while (p) {
        s += p->v;
        p = p->next;
    }
    return s;
}
struct rec {
    u32 a, b, c;
};
u32 field(const struct rec *r, u32 n)
{
    u32 s = 0;
    for (u32 i = 0; i < n; i++)
        s += r[i].b;
    return s;
}
float fdot(const float *a, const float *b, u32 n)
{
    float s = 0;
    for (u32 i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}
u32 fib(u32 n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
u32 interp(const u8 *p, u32 a)
{
    for (;;)
        switch (*p++) {
        case 0:
            return a;
        case 1:
            a++;
            break;
        case 2:
            a--;
            break;
        case 3:
            a <<= 1;
            break;
        case 4:
            a ^= *p++;
            break;
        case 5:
            a += *p++;
            break;
        default:
            return 0;
        }
}
void mat8(s32 *c, const s8 *a, const s8 *b)
{
    for (u32 i = 0; i < 16; i++) {
        s32 s = 0;
        for (u32 k = 0; k < 64; k++)
            s += a[k] * b[i * 64 + k];
        c[i] = s;
    }
}
