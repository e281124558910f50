/* SPDX-License-Identifier: MIT */
/* Natural loops of a machine function: how deep each block is nested, how often it runs. */
#include <stdlib.h>
#include <string.h>

#include "mir.h"

struct loop_work {
    struct m_function *fn;
    struct m_block **order; /* reverse postorder */
    size_t n_order;
    uint32_t *position; /* of a block in order, + 1; 0: cannot be reached */
    uint32_t *dominator;
};

static void visit(struct loop_work *w, struct m_block *root)
{
    struct {
        struct m_block *block;
        size_t next;
    } *stack = arena_alloc(&w->fn->arena, (w->fn->n_blocks + 1) * sizeof *stack);
    bool *seen = arena_alloc(&w->fn->arena, w->fn->n_blocks);
    size_t depth = 0, at = w->fn->n_blocks;
    stack[depth++].block = root;
    seen[root->number] = true;
    while (depth) {
        struct m_block *block = stack[depth - 1].block;
        if (stack[depth - 1].next == block->n_succs) {
            w->order[--at] = block;
            depth--;
            continue;
        }
        struct m_block *succ = block->succs[stack[depth - 1].next++];
        if (!seen[succ->number]) {
            seen[succ->number] = true;
            stack[depth].next = 0;
            stack[depth++].block = succ;
        }
    }
    w->n_order = w->fn->n_blocks - at;
    memmove(w->order, w->order + at, w->n_order * sizeof *w->order);
    for (size_t i = 0; i < w->n_order; i++)
        w->position[w->order[i]->number] = (uint32_t)i + 1;
}

static uint32_t meet(const uint32_t *dominator, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (a > b)
            a = dominator[a];
        while (b > a)
            b = dominator[b];
    }
    return a;
}

/* Positions in reverse postorder, from 0. */
static void dominators(struct loop_work *w)
{
    bool changed = true;
    for (size_t i = 1; i < w->n_order; i++)
        w->dominator[i] = UINT32_MAX;
    while (changed) {
        changed = false;
        for (uint32_t i = 1; i < w->n_order; i++) {
            uint32_t best = UINT32_MAX;
            for (size_t k = 0; k < w->order[i]->n_preds; k++) {
                uint32_t pred = w->position[w->order[i]->preds[k]->number] - 1;
                if (pred == UINT32_MAX || (pred && w->dominator[pred] == UINT32_MAX))
                    continue;
                best = best == UINT32_MAX ? pred : meet(w->dominator, best, pred);
            }
            if (best != w->dominator[i]) {
                w->dominator[i] = best;
                changed = true;
            }
        }
    }
}

static bool dominates(const struct loop_work *w, uint32_t a, uint32_t b)
{
    while (b > a)
        b = w->dominator[b];
    return a == b;
}

/* All blocks that reach the latch without passing the header are one level deeper. */
static void mark_loop(struct loop_work *w, struct m_block *header, bool *inside)
{
    struct m_block **stack = arena_alloc(&w->fn->arena, (w->fn->n_blocks + 1) * sizeof *stack);
    size_t n = 0;
    memset(inside, 0, w->fn->n_blocks);
    inside[header->number] = true;
    uint32_t head = w->position[header->number] - 1;
    for (size_t i = 0; i < header->n_preds; i++) {
        struct m_block *latch = header->preds[i];
        uint32_t at = w->position[latch->number];
        if (at && dominates(w, head, at - 1) && !inside[latch->number]) {
            inside[latch->number] = true;
            stack[n++] = latch;
        }
    }
    while (n) {
        struct m_block *block = stack[--n];
        for (size_t i = 0; i < block->n_preds; i++)
            if (!inside[block->preds[i]->number] && w->position[block->preds[i]->number]) {
                inside[block->preds[i]->number] = true;
                stack[n++] = block->preds[i];
            }
    }
    for (size_t i = 0; i < w->fn->n_blocks; i++)
        w->fn->blocks[i]->depth += inside[i];
}

static bool is_header(const struct loop_work *w, uint32_t at)
{
    for (size_t i = 0; i < w->order[at]->n_preds; i++) {
        uint32_t pred = w->position[w->order[at]->preds[i]->number];
        if (pred && dominates(w, at, pred - 1))
            return true;
    }
    return false;
}

void m_loops(struct m_function *fn)
{
    struct loop_work w = {.fn = fn};
    size_t n = fn->n_blocks;
    w.order = arena_alloc(&fn->arena, (n + 1) * sizeof *w.order);
    w.position = arena_alloc(&fn->arena, n * sizeof *w.position);
    w.dominator = arena_alloc(&fn->arena, (n + 1) * sizeof *w.dominator);
    bool *inside = arena_alloc(&fn->arena, n);
    visit(&w, fn->blocks[0]);
    dominators(&w);
    for (size_t i = 0; i < n; i++)
        fn->blocks[i]->depth = 0;
    for (uint32_t i = 0; i < w.n_order; i++)
        if (is_header(&w, i))
            mark_loop(&w, w.order[i], inside);
    for (size_t i = 0; i < n; i++) {
        struct m_block *block = fn->blocks[i];
        block->weight = block->cold ? 0.01 : 1;
        for (uint32_t k = 0; k < block->depth && k < 8; k++)
            block->weight *= 10;
    }
}
