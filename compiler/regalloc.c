/* SPDX-License-Identifier: MIT */
/* Register allocation by graph colouring. Interference is kept between halves of pairs: an edge has
 * four bits, one for each combination of low or high half of its ends. Copies are coalesced
 * conservatively, single registers also into halves of pairs. What does not get a colour is spilled
 * or computed again, and everything starts over. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mir.h"

enum { ALL_REGISTERS = (1 << M_ALLOCATABLE) - 1, EVEN_REGISTERS = 0x555555, MAX_ROUNDS = 40 };

struct edge {
    uint32_t a, b;
    uint8_t mask; /* bit 2 * lane of a + lane of b */
};

struct node {
    bool is_pair, merged, removed, seen;
    uint32_t into;         /* merged: the node it is a part of */
    uint8_t lane;          /* merged into a pair: 0 low half, 1 high half */
    uint32_t forbidden[2]; /* registers that the low (or only) and the high half may not have */
    uint32_t *edges;
    size_t n_edges, edges_capacity;
    size_t n_stale;   /* edges to nodes that are merged away */
    uint32_t *copies; /* indices of copies that name it */
    size_t n_copies, copies_capacity;
    double weight;
    unsigned degree;
    int colour; /* of a pair: its even register; -1: none */
};

struct copy {
    struct m_insn *insn;
    double weight;
};

struct allocator {
    struct m_function *fn;
    struct node *nodes;
    size_t n_nodes;
    struct edge *edges;
    size_t n_edges, edges_capacity;
    uint32_t *table; /* edge number + 1 by pair of nodes */
    size_t table_mask;
    struct copy *copies;
    size_t n_copies, copies_capacity;
    uint32_t saved_in_use;
};

/* ---- edges ---------------------------------------------------------------------------------- */

static size_t hash(uint32_t a, uint32_t b)
{
    uint64_t key = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u;
    return (size_t)(key >> 29);
}

static uint8_t transposed(uint8_t mask)
{
    return (uint8_t)((mask & 9) | (mask & 2) << 1 | (mask & 4) >> 1);
}

static struct edge *find_edge(const struct allocator *al, uint32_t a, uint32_t b)
{
    if (a > b) {
        uint32_t other = a;
        a = b;
        b = other;
    }
    for (size_t i = hash(a, b);; i++) {
        uint32_t number = al->table[i & al->table_mask];
        if (!number)
            return NULL;
        struct edge *e = &al->edges[number - 1];
        if (e->a == a && e->b == b)
            return e;
    }
}

static void enter(struct allocator *al, uint32_t number)
{
    const struct edge *e = &al->edges[number];
    size_t i = hash(e->a, e->b);
    while (al->table[i & al->table_mask])
        i++;
    al->table[i & al->table_mask] = number + 1;
}

static void grow_table(struct allocator *al)
{
    size_t size = (al->table_mask + 1) * 2, zero = 0;
    free(al->table);
    al->table = grow_array(NULL, &zero, size, sizeof *al->table);
    memset(al->table, 0, size * sizeof *al->table);
    al->table_mask = size - 1;
    for (size_t i = 0; i < al->n_edges; i++)
        enter(al, (uint32_t)i);
}

static void list_edge(struct node *node, uint32_t number)
{
    node->edges =
        grow_array(node->edges, &node->edges_capacity, node->n_edges, sizeof *node->edges);
    node->edges[node->n_edges++] = number;
}

static void add_edge(struct allocator *al, uint32_t a, uint32_t b, uint8_t mask)
{
    if (a == b || !mask)
        return;
    if (a > b) {
        add_edge(al, b, a, transposed(mask));
        return;
    }
    struct edge *e = find_edge(al, a, b);
    if (e) {
        e->mask |= mask;
        return;
    }
    if (al->n_edges * 2 > al->table_mask)
        grow_table(al);
    al->edges = grow_array(al->edges, &al->edges_capacity, al->n_edges, sizeof *al->edges);
    al->edges[al->n_edges] = (struct edge){a, b, mask};
    list_edge(&al->nodes[a], (uint32_t)al->n_edges);
    list_edge(&al->nodes[b], (uint32_t)al->n_edges);
    enter(al, (uint32_t)al->n_edges++);
}

/* The other end and the mask as seen from a node; false for ends that are merged away. */
static bool neighbour(const struct allocator *al, uint32_t self, uint32_t number, uint32_t *other,
                      uint8_t *mask)
{
    const struct edge *e = &al->edges[number];
    *other = e->a == self ? e->b : e->a;
    *mask = e->a == self ? e->mask : transposed(e->mask);
    return !al->nodes[*other].merged;
}

/* ---- building ------------------------------------------------------------------------------- */

/* A copy's source holds the same value as its destination, so the two do not interfere there. */
static uint8_t without_copy(const struct m_insn *insn, struct m_opnd d, uint32_t other,
                            uint8_t mask)
{
    if (insn->op != M_COPY || insn->ops[1].kind != M_REG || insn->ops[1].reg != other)
        return mask;
    unsigned from = m_lanes(insn->ops[1]), to = m_lanes(d);
    if (from == 3)
        return mask & (uint8_t)~9;
    return mask & (uint8_t) ~(1u << ((to == 2 ? 2 : 0) + (from == 2 ? 1 : 0)));
}

static void define(struct allocator *al, const struct m_insn *insn, struct m_opnd d,
                   const uint64_t *live, uint32_t phys, size_t words)
{
    unsigned lanes = m_lanes(d);
    for (size_t w = 0; w < words; w++)
        for (uint64_t bits = live[w]; bits;) {
            unsigned at = (unsigned)__builtin_ctzll(bits) & ~1u;
            unsigned other_lanes = bits >> at & 3;
            uint32_t other = (uint32_t)(w * 32 + at / 2);
            bits &= ~((uint64_t)3 << at);
            uint8_t mask =
                (uint8_t)((lanes & 1 ? other_lanes : 0) | (lanes & 2 ? other_lanes << 2 : 0));
            add_edge(al, d.reg, other, without_copy(insn, d, other, mask));
        }
    if (insn->op == M_COPY && insn->ops[1].kind == M_PHYS) {
        uint32_t reg = insn->ops[1].reg;
        if (d.lane == M_PAIR) {
            al->nodes[d.reg].forbidden[0] |= phys & ~(2u << reg);
            al->nodes[d.reg].forbidden[1] |= phys & ~(1u << reg);
            return;
        }
        phys &= ~(1u << reg);
    }
    for (unsigned lane = 0; lane < 2; lane++)
        if (lanes >> lane & 1)
            al->nodes[d.reg].forbidden[lane] |= phys;
}

/* Registers that an instruction writes are forbidden to what lives on. */
static void clobber(struct allocator *al, const struct m_insn *insn, const uint64_t *live,
                    size_t words)
{
    uint32_t mask = insn->clobbers;
    const struct m_opnd *copied = NULL;
    for (unsigned i = 0; i < insn->n_ops; i++)
        if (insn->ops[i].writes && insn->ops[i].kind == M_PHYS) {
            mask |= (insn->ops[i].lane == M_PAIR ? 3u : 1u) << insn->ops[i].reg;
            if (insn->op == M_COPY && insn->ops[1].kind == M_REG)
                copied = &insn->ops[1];
        }
    if (!mask)
        return;
    for (size_t w = 0; w < words; w++)
        for (uint64_t bits = live[w]; bits; bits &= bits - 1) {
            unsigned at = (unsigned)__builtin_ctzll(bits);
            uint32_t vreg = (uint32_t)(w * 32 + at / 2);
            unsigned lane = at & 1;
            uint32_t forbidden = mask;
            if (copied && copied->reg == vreg) {
                uint32_t first = insn->ops[0].reg;
                if (copied->lane == M_PAIR)
                    forbidden &= ~((lane ? 1u : 2u) << first);
                else if (m_lanes(*copied) >> lane & 1)
                    forbidden &= ~(1u << first);
            }
            al->nodes[vreg].forbidden[lane] |= forbidden;
        }
}

static void early(struct allocator *al, const struct m_insn *insn, struct m_opnd d)
{
    for (unsigned i = 0; i < insn->n_ops; i++)
        if (insn->ops[i].reads && insn->ops[i].kind == M_REG && insn->ops[i].reg != d.reg)
            add_edge(al, d.reg, insn->ops[i].reg, 15);
}

static void note_copy(struct allocator *al, struct m_insn *insn, double weight)
{
    al->copies = grow_array(al->copies, &al->copies_capacity, al->n_copies, sizeof *al->copies);
    al->copies[al->n_copies++] = (struct copy){insn, weight};
}

static void weigh(struct allocator *al, const struct m_insn *insn, double weight)
{
    for (unsigned i = 0; i < insn->n_ops; i++)
        if (insn->ops[i].kind == M_REG)
            al->nodes[insn->ops[i].reg].weight += weight;
}

static void build_block(struct allocator *al, struct m_block *block, uint64_t *live, size_t words)
{
    uint32_t phys = 0;
    memcpy(live, block->live_out, words * sizeof *live);
    for (struct m_insn *in = block->last; in; in = in->prev) {
        for (unsigned i = 0; i < in->n_ops; i++)
            if (in->ops[i].writes && in->ops[i].kind == M_REG)
                live[in->ops[i].reg / 32] |= (uint64_t)m_lanes(in->ops[i])
                                             << (in->ops[i].reg * 2 % 64);
        for (unsigned i = 0; i < in->n_ops; i++)
            if (in->ops[i].writes && in->ops[i].kind == M_REG) {
                define(al, in, in->ops[i], live, phys, words);
                if (in->ops[i].early)
                    early(al, in, in->ops[i]);
            }
        clobber(al, in, live, words);
        if (in->op == M_COPY)
            note_copy(al, in, block->weight);
        weigh(al, in, block->weight);
        m_live_before(in, live, &phys);
    }
}

static void build(struct allocator *al)
{
    struct m_function *fn = al->fn;
    size_t words = fn->n_vregs / 32 + 1, zero = 0;
    uint64_t *live = arena_alloc(&fn->arena, words * sizeof *live);
    al->n_nodes = fn->n_vregs;
    al->nodes = grow_array(NULL, &zero, al->n_nodes + 1, sizeof *al->nodes);
    memset(al->nodes, 0, (al->n_nodes + 1) * sizeof *al->nodes);
    zero = 0;
    al->table = grow_array(NULL, &zero, 4096, sizeof *al->table);
    al->table_mask = 4095;
    memset(al->table, 0, 4096 * sizeof *al->table);
    for (size_t i = 0; i < al->n_nodes; i++) {
        al->nodes[i].is_pair = fn->vregs[i].is_pair;
        al->nodes[i].colour = -1;
    }
    for (size_t i = 0; i < fn->n_blocks; i++)
        build_block(al, fn->blocks[i], live, words);
}

static void destroy(struct allocator *al)
{
    for (size_t i = 0; i < al->n_nodes; i++) {
        free(al->nodes[i].edges);
        free(al->nodes[i].copies);
    }
    free(al->nodes);
    free(al->edges);
    free(al->table);
    free(al->copies);
}

/* ---- colours -------------------------------------------------------------------------------- */

/* Registers a node may begin at: even ones for pairs. */
static uint32_t allowed(const struct node *node)
{
    if (!node->is_pair)
        return ALL_REGISTERS & ~node->forbidden[0];
    return ALL_REGISTERS & EVEN_REGISTERS & ~node->forbidden[1] & ~(node->forbidden[0] >> 1);
}

static unsigned count_bits(uint32_t bits)
{
    return (unsigned)__builtin_popcount(bits);
}

/* How many of a node's registers a neighbour can take away. */
static unsigned blocks(const struct node *self, const struct node *other, uint8_t mask)
{
    if (self->is_pair)
        return other->is_pair ? (mask & 9) != 0 : 1;
    return other->is_pair ? count_bits(mask & 3) : 1;
}

/* How many registers its neighbours can take away; `enough` and more are not told apart. */
static unsigned degree_of(const struct allocator *al, uint32_t n, unsigned enough)
{
    unsigned degree = 0;
    uint32_t other;
    uint8_t mask;
    for (size_t i = 0; i < al->nodes[n].n_edges && degree < enough; i++)
        if (neighbour(al, n, al->nodes[n].edges[i], &other, &mask) && !al->nodes[other].removed)
            degree += blocks(&al->nodes[n], &al->nodes[other], mask);
    return degree;
}

/* ---- coalescing ----------------------------------------------------------------------------- */

static uint32_t find_root(const struct allocator *al, uint32_t n, unsigned *lane)
{
    *lane = 0;
    while (al->nodes[n].merged) {
        *lane |= al->nodes[n].lane;
        n = al->nodes[n].into;
    }
    return n;
}

/* A copy between two nodes: which half of the larger one the smaller one is. */
static bool copy_ends(const struct allocator *al, const struct m_insn *insn, uint32_t *big,
                      uint32_t *small, unsigned *lane)
{
    struct m_opnd d = insn->ops[0], s = insn->ops[1];
    unsigned lane_d, lane_s;
    if (d.kind != M_REG || s.kind != M_REG)
        return false;
    uint32_t a = find_root(al, d.reg, &lane_d), b = find_root(al, s.reg, &lane_s);
    if (d.lane == M_HI)
        lane_d = 1;
    if (s.lane == M_HI)
        lane_s = 1;
    bool pair_a = al->nodes[a].is_pair, pair_b = al->nodes[b].is_pair;
    if (a == b || (pair_a && pair_b && d.lane != M_PAIR && lane_d != lane_s))
        return false;
    *big = pair_b && !pair_a ? b : a;
    *small = *big == a ? b : a;
    *lane = pair_a == pair_b ? 0 : *big == a ? lane_d : lane_s;
    return true;
}

static uint32_t merged_allowed(const struct allocator *al, uint32_t big, uint32_t small,
                               unsigned lane)
{
    struct node together = al->nodes[big];
    const struct node *s = &al->nodes[small];
    if (together.is_pair == s->is_pair) {
        together.forbidden[0] |= s->forbidden[0];
        together.forbidden[1] |= s->forbidden[1];
    } else
        together.forbidden[lane] |= s->forbidden[0];
    return allowed(&together);
}

static bool interferes(const struct allocator *al, uint32_t big, uint32_t small, unsigned lane)
{
    const struct edge *e = find_edge(al, big, small);
    if (!e)
        return false;
    if (al->nodes[big].is_pair == al->nodes[small].is_pair)
        return (e->mask & 9) != 0;
    uint8_t mask = e->a == big ? e->mask : transposed(e->mask); /* lane of big, lane 0 of small */
    return (mask >> (2 * lane) & 1) != 0;
}

/* Briggs: the merged node has fewer neighbours of high degree than it has registers. */
static bool stays_colourable(const struct allocator *al, uint32_t big, uint32_t small,
                             uint32_t registers)
{
    unsigned high = 0;
    uint32_t other, ends[2] = {big, small};
    uint8_t mask;
    for (unsigned end = 0; end < 2; end++) {
        const struct node *node = &al->nodes[ends[end]];
        for (size_t i = 0; i < node->n_edges; i++) {
            if (!neighbour(al, ends[end], node->edges[i], &other, &mask) || other == ends[1 - end])
                continue;
            if (end == 1 && find_edge(al, other, big))
                continue;
            unsigned own = count_bits(allowed(&al->nodes[other]));
            if (degree_of(al, other, own) >= own)
                high += al->nodes[big].is_pair ? 1 : blocks(node, &al->nodes[other], mask);
            if (high >= count_bits(registers))
                return false;
        }
    }
    return true;
}

/* One more edge leads to a merged node; when most do they go. */
static void note_stale(struct allocator *al, uint32_t n)
{
    struct node *node = &al->nodes[n];
    uint32_t other;
    uint8_t mask;
    if (++node->n_stale * 2 < node->n_edges)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < node->n_edges; i++)
        if (neighbour(al, n, node->edges[i], &other, &mask))
            node->edges[kept++] = node->edges[i];
    node->n_edges = kept;
    node->n_stale = 0;
}

static void merge(struct allocator *al, uint32_t big, uint32_t small, unsigned lane)
{
    struct node *s = &al->nodes[small];
    bool alike = al->nodes[big].is_pair == s->is_pair;
    uint32_t other;
    uint8_t mask;
    s->merged = true;
    s->into = big;
    s->lane = (uint8_t)lane;
    for (size_t i = 0; i < s->n_edges; i++)
        if (neighbour(al, small, al->nodes[small].edges[i], &other, &mask)) {
            add_edge(al, big, other, alike || lane == 0 ? mask : (uint8_t)(mask << 2 & 12));
            note_stale(al, other);
        }
    s = &al->nodes[small];
    struct node *b = &al->nodes[big];
    b->weight += s->weight;
    if (alike) {
        b->forbidden[0] |= s->forbidden[0];
        b->forbidden[1] |= s->forbidden[1];
    } else
        b->forbidden[lane] |= s->forbidden[0];
}

static int by_weight(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->insn->at < y->insn->at ? -1 : x->insn->at > y->insn->at;
}

static bool coalesce_one(struct allocator *al, const struct m_insn *insn)
{
    uint32_t big, small;
    unsigned lane;
    if (!copy_ends(al, insn, &big, &small, &lane) || interferes(al, big, small, lane))
        return false;
    uint32_t registers = merged_allowed(al, big, small, lane);
    if (!registers || !stays_colourable(al, big, small, registers))
        return false;
    merge(al, big, small, lane);
    return true;
}

static void coalesce(struct allocator *al)
{
    for (size_t i = 0; i < al->n_copies; i++)
        al->copies[i].insn->at = (uint32_t)i;
    if (al->n_copies)
        qsort(al->copies, al->n_copies, sizeof *al->copies, by_weight);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < al->n_copies; i++)
            again |= coalesce_one(al, al->copies[i].insn);
    }
}

static void rename(const struct allocator *al, struct m_opnd *o)
{
    unsigned lane;
    bool was_pair = al->nodes[o->reg].is_pair;
    o->reg = find_root(al, o->reg, &lane);
    if (!was_pair && al->nodes[o->reg].is_pair)
        o->lane = lane ? M_HI : M_LO;
}

/* Names of merged nodes in the code; copies that became empty go. */
static void apply_merges(struct allocator *al)
{
    struct m_function *fn = al->fn;
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first, *next; in; in = next) {
            next = in->next;
            for (unsigned i = 0; i < in->n_ops; i++)
                if (in->ops[i].kind == M_REG)
                    rename(al, &in->ops[i]);
            if (in->op == M_COPY && in->ops[1].kind == M_REG && in->ops[0].kind == M_REG &&
                in->ops[0].reg == in->ops[1].reg && in->ops[0].lane == in->ops[1].lane) {
                m_remove(in);
                in->n_ops = 0;
            }
        }
    size_t kept = 0;
    for (size_t i = 0; i < al->n_copies; i++)
        if (al->copies[i].insn->n_ops)
            al->copies[kept++] = al->copies[i];
    al->n_copies = kept;
}

/* ---- order of colouring --------------------------------------------------------------------- */

static bool is_simple(const struct node *node)
{
    return node->degree < count_bits(allowed(node));
}

static void take_out(struct allocator *al, uint32_t n, uint32_t *queue, size_t *n_queue)
{
    struct node *node = &al->nodes[n];
    uint32_t other;
    uint8_t mask;
    node->removed = true;
    for (size_t i = 0; i < node->n_edges; i++) {
        if (!neighbour(al, n, node->edges[i], &other, &mask) || al->nodes[other].removed)
            continue;
        struct node *o = &al->nodes[other];
        o->degree -= blocks(o, node, transposed(mask));
        if (is_simple(o) && !o->seen) {
            o->seen = true;
            queue[(*n_queue)++] = other;
        }
    }
}

static bool is_node(const struct allocator *al, uint32_t n)
{
    return !al->nodes[n].merged && al->nodes[n].weight > 0;
}

static uint32_t cheapest(const struct allocator *al)
{
    uint32_t best = UINT32_MAX;
    double lowest = 0;
    for (uint32_t i = 0; i < al->n_nodes; i++) {
        const struct node *node = &al->nodes[i];
        if (node->removed || !is_node(al, i))
            continue;
        double cost = node->weight / (node->degree + 1);
        if (al->fn->vregs[i].is_reload)
            cost += 1e30;
        if (best == UINT32_MAX || cost < lowest) {
            best = i;
            lowest = cost;
        }
    }
    return best;
}

static size_t order_nodes(struct allocator *al, uint32_t *order)
{
    size_t n_order = 0, n_queue = 0, head = 0;
    uint32_t *queue = arena_alloc(&al->fn->arena, (al->n_nodes + 1) * sizeof *queue);
    for (uint32_t i = 0; i < al->n_nodes; i++)
        if (is_node(al, i)) {
            al->nodes[i].degree = degree_of(al, i, UINT_MAX);
            if (is_simple(&al->nodes[i])) {
                al->nodes[i].seen = true;
                queue[n_queue++] = i;
            }
        }
    for (;;) {
        uint32_t n = head < n_queue ? queue[head++] : cheapest(al);
        if (n == UINT32_MAX)
            return n_order;
        if (al->nodes[n].removed)
            continue;
        al->nodes[n].seen = true;
        take_out(al, n, queue, &n_queue);
        order[n_order++] = n;
    }
}

/* ---- colouring ------------------------------------------------------------------------------ */

static uint32_t free_registers(const struct allocator *al, uint32_t n)
{
    const struct node *node = &al->nodes[n];
    uint32_t taken[2] = {0, 0}, other;
    uint8_t mask;
    for (size_t i = 0; i < node->n_edges; i++) {
        if (!neighbour(al, n, node->edges[i], &other, &mask) || al->nodes[other].colour < 0)
            continue;
        const struct node *o = &al->nodes[other];
        for (unsigned lane = 0; lane < 2; lane++) {
            if (mask >> (2 * lane) & 1)
                taken[lane] |= (o->is_pair ? 2u : 1u) << o->colour;
            if (mask >> (2 * lane + 1) & 1)
                taken[lane] |= 1u << o->colour;
        }
    }
    if (!node->is_pair)
        return allowed(node) & ~taken[0];
    return allowed(node) & ~taken[1] & ~(taken[0] >> 1);
}

/* Register of the other end of a copy, as a place for this node to begin at; -1: none. */
static int wish_of(const struct allocator *al, uint32_t n, const struct m_insn *insn)
{
    const struct m_opnd *self = &insn->ops[0], *other = &insn->ops[1];
    if (self->kind != M_REG || self->reg != n) {
        const struct m_opnd *t = self;
        self = other;
        other = t;
    }
    int reg;
    if (other->kind == M_PHYS)
        reg = (int)other->reg;
    else if (other->kind == M_REG && al->nodes[other->reg].colour >= 0)
        reg = al->nodes[other->reg].colour + (other->lane == M_LO);
    else
        return -1;
    return self->lane == M_LO ? reg - 1 : reg;
}

/* Makes places less attractive for a node where it would be in the way of a neighbour at `wish`. */
static void leave_place(const struct node *self, const struct node *other, uint8_t mask, int wish,
                        double weight, double *score)
{
    if (self->is_pair == other->is_pair) {
        if (!self->is_pair || (mask & 9))
            score[wish] -= weight;
        return;
    }
    if (mask & (self->is_pair ? 4 : 2)) /* in the place of the high half */
        score[wish] -= weight;
    int low = self->is_pair ? wish - 1 : wish + 1;
    if ((mask & 1) && low >= 0 && low < M_ALLOCATABLE)
        score[low] -= weight;
}

/* Registers that uncoloured neighbours are copied from or to are left to them. */
static void leave_to_neighbours(const struct allocator *al, uint32_t n, double *score)
{
    uint32_t other;
    uint8_t mask;
    for (size_t i = 0; i < al->nodes[n].n_edges; i++) {
        if (!neighbour(al, n, al->nodes[n].edges[i], &other, &mask) || al->nodes[other].colour >= 0)
            continue;
        const struct node *o = &al->nodes[other];
        for (size_t k = 0; k < o->n_copies; k++) {
            const struct copy *copy = &al->copies[o->copies[k]];
            int wish = wish_of(al, other, copy->insn);
            if (wish >= 0 && wish < M_ALLOCATABLE && (allowed(o) >> wish & 1))
                leave_place(&al->nodes[n], o, mask, wish, copy->weight, score);
        }
    }
}

static int pick(struct allocator *al, uint32_t n, uint32_t candidates)
{
    const struct node *node = &al->nodes[n];
    double score[M_ALLOCATABLE] = {0}, highest = 0;
    int best = -1;
    for (size_t i = 0; i < node->n_copies; i++) {
        const struct copy *copy = &al->copies[node->copies[i]];
        int wish = wish_of(al, n, copy->insn);
        if (wish >= 0 && wish < M_ALLOCATABLE)
            score[wish] += copy->weight;
    }
    leave_to_neighbours(al, n, score);
    for (int reg = 0; reg < M_ALLOCATABLE; reg++) {
        if (!(candidates >> reg & 1))
            continue;
        if (reg >= M_FIRST_SAVED && !(al->saved_in_use >> (reg & ~1) & 1))
            score[reg] -= 2.5; /* one more pair to save and restore */
        if (best < 0 || score[reg] > highest) {
            best = reg;
            highest = score[reg];
        }
    }
    return best;
}

static void list_copies(struct allocator *al)
{
    for (size_t i = 0; i < al->n_copies; i++)
        for (unsigned k = 0; k < 2; k++) {
            const struct m_opnd *o = &al->copies[i].insn->ops[k];
            if (o->kind != M_REG)
                continue;
            struct node *node = &al->nodes[o->reg];
            node->copies = grow_array(node->copies, &node->copies_capacity, node->n_copies,
                                      sizeof *node->copies);
            node->copies[node->n_copies++] = (uint32_t)i;
        }
}

/* The coloured neighbour whose spill hurts least; for values that cannot be spilled themselves. */
static uint32_t victim(const struct allocator *al, uint32_t n)
{
    uint32_t best = UINT32_MAX, other;
    uint8_t mask;
    for (size_t i = 0; i < al->nodes[n].n_edges; i++)
        if (neighbour(al, n, al->nodes[n].edges[i], &other, &mask) &&
            al->nodes[other].colour >= 0 && !al->fn->vregs[other].is_reload &&
            (best == UINT32_MAX || al->nodes[other].weight < al->nodes[best].weight))
            best = other;
    return best;
}

/* Colours in reverse order of removal; returns whether all got one. */
static bool colour(struct allocator *al, const uint32_t *order, size_t n_order, bool *spilled)
{
    bool complete = true;
    for (size_t i = n_order; i-- > 0;) {
        uint32_t n = order[i];
        uint32_t candidates = free_registers(al, n);
        if (candidates) {
            int reg = pick(al, n, candidates);
            al->nodes[n].colour = reg;
            if (reg >= M_FIRST_SAVED)
                al->saved_in_use |= 1u << (reg & ~1);
            continue;
        }
        complete = false;
        uint32_t out = al->fn->vregs[n].is_reload ? victim(al, n) : n;
        if (out != UINT32_MAX)
            spilled[out] = true;
    }
    return complete;
}

static void assign(struct allocator *al)
{
    struct m_function *fn = al->fn;
    for (size_t b = 0; b < fn->n_blocks; b++)
        for (struct m_insn *in = fn->blocks[b]->first; in; in = in->next)
            for (unsigned i = 0; i < in->n_ops; i++) {
                struct m_opnd *o = &in->ops[i];
                if (o->kind != M_REG)
                    continue;
                int reg = al->nodes[o->reg].colour;
                o->kind = M_PHYS;
                o->reg = (uint32_t)(reg < 0 ? 0 : reg) + (o->lane == M_LO);
                if (o->lane != M_PAIR)
                    o->lane = M_WORD;
            }
    fn->saved_mask = al->saved_in_use;
    for (uint32_t reg = M_FIRST_SAVED; reg < M_ALLOCATABLE; reg++)
        if (fn->saved_by_asm >> reg & 1)
            fn->saved_mask |= 1u << (reg & ~1u);
}

static bool allocate_round(struct m_function *fn, bool *done)
{
    struct allocator al = {.fn = fn};
    m_liveness(fn);
    build(&al);
    coalesce(&al);
    apply_merges(&al);
    list_copies(&al);
    uint32_t *order = arena_alloc(&fn->arena, (al.n_nodes + 1) * sizeof *order);
    bool *spilled = arena_alloc(&fn->arena, al.n_nodes + 1);
    size_t n_order = order_nodes(&al, order);
    *done = colour(&al, order, n_order, spilled);
    bool progress = *done;
    for (size_t i = 0; i < al.n_nodes; i++)
        progress |= spilled[i];
    if (*done)
        assign(&al);
    else
        m_spill(fn, spilled);
    destroy(&al);
    return progress;
}

bool m_allocate(struct m_function *fn)
{
    bool done = false;
    for (unsigned round = 0; round < MAX_ROUNDS && !done; round++)
        if (!allocate_round(fn, &done))
            return false;
    return done;
}
