/* SPDX-License-Identifier: MIT */
/* A program with a bug, the one of linked_list.S in C: every tasklet adds up a linked list, and one
 * list has a broken link. Run it to see how a memory fault is reported. */
#include <defs.h>
#include <stdint.h>

struct node {
    struct node *next;
    uint32_t value;
};

static struct node nodes[] = {{&nodes[1], 1}, {&nodes[2], 2},   {0, 3},   {&nodes[4], 10},
                              {0, 20},        {&nodes[6], 100}, {0, 200}, {0, 1000}};
static struct node *const heads[] = {&nodes[0], &nodes[3], &nodes[5], &nodes[7]};
__host uint32_t sums[NR_TASKLETS];

__attribute__((noinline)) static uint32_t sum_list(const struct node *node)
{
    uint32_t sum = 0;
    for (; node; node = node->next)
        sum += node->value;
    return sum;
}

int main(void)
{
    if (me() == 2)
        nodes[6].next = (struct node *)0x4d2a1; /* overwritten by mistake */
    sums[me()] = sum_list(heads[me()]);
    return 0;
}
