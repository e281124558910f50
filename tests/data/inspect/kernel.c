/* SPDX-License-Identifier: MIT */
/* Values of many types, then a fault two calls below main. */
#include <alloc.h>
#include <defs.h>
#include <mram.h>
#include <mutex.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum color { RED, GREEN = 5, NEG = -3 };
struct node {
    struct node *next;
    int32_t value;
    char name[8];
};
struct point {
    char c;
    long x;
    unsigned bits : 3, more : 7;
    enum color col;
    float f[3];
    struct {
        int a, b;
    };
    struct node *list;
    __mram_ptr int *mp;
};

MUTEX_INIT(lock);
__host struct point table[4];
__host struct node nodes[3];
__mram_noinit int big[1000];
__host uint64_t total = 7;
__host uint32_t zeros[100];
__host _Bool truth = 1;
__host float half = 0.5f;
__host double twice = 2.5;
__host short matrix[2][3] = {{0, 1, 2}, {10, 11, 12}};

static __attribute__((noinline)) int deep(int *where)
{
    return *where;
}
static __attribute__((noinline)) int count(int n)
{
    static int calls;
    calls += n;
    return calls;
}

int main(void)
{
    for (int i = 0; i < 3; i++)
        nodes[i] = (struct node){i < 2 ? &nodes[i + 1] : NULL, 10 * i, {(char)('a' + i)}};
    for (int i = 0; i < 4; i++) {
        struct point *p = &table[i];
        p->c = (char)('A' + i), p->x = -i, p->bits = i, p->more = 100 + i;
        p->col = i & 1 ? NEG : GREEN, p->f[1] = i * 0.5f, p->b = i;
        p->list = &nodes[i % 3], p->mp = &big[i];
        count(1);
    }
    for (int i = 0; i < 1000; i++)
        big[i] = i;
    mem_alloc(100);
    mutex_lock(lock);
    printf("before %d\n", 3);
    return deep((int *)0x20001) + 1;
}
