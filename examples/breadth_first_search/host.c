/* SPDX-License-Identifier: MIT */
/* Breadth-first search, level by level: every DPU has a part of the vertices with their edges. The
 * host joins what the DPUs reached, drops what was reached before, and sends the rest back as the
 * next frontier.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF VERTICES]] */
#include <string.h>

#include "host.h"
#include "graph.h"

enum { UNREACHED = -1 };

struct graph {
    uint32_t vertices, *first_edge, *neighbours;
};

/* Most edges stay near, so that the search takes some levels. Every 16th vertex has no edge in. */
static uint32_t random_neighbour(uint32_t vertex, uint32_t vertices, uint32_t *state)
{
    uint32_t far = random_number(state) % 200 == 0;
    uint32_t distance = random_number(state) % (far ? vertices : 200);
    uint32_t neighbour = (vertex + distance) % vertices;
    return neighbour % 16 == 15 ? neighbour - 1 : neighbour;
}

/* With room for `padded` vertices; those after the last have no edges. */
static struct graph make_graph(uint32_t vertices, uint32_t padded)
{
    struct graph graph = {.vertices = vertices};
    uint32_t state = 1, edges = 0;
    graph.first_edge = allocate((size_t)padded + 2, sizeof *graph.first_edge);
    graph.neighbours = allocate((size_t)vertices * 8 + 1, sizeof *graph.neighbours);
    for (uint32_t vertex = 0; vertex < padded + 2; vertex++) {
        graph.first_edge[vertex] = edges;
        for (uint32_t i = vertex < vertices ? random_number(&state) % 8 : 0; i > 0; i--)
            graph.neighbours[edges++] = random_neighbour(vertex, vertices, &state);
    }
    return graph;
}

static void send_graph(struct job *job, const struct graph *graph, uint32_t share)
{
    struct dpu_set_t dpu;
    uint32_t i, *first_edge = allocate((size_t)share + 2, sizeof *first_edge);
    DPU_FOREACH (job->set, dpu, i) {
        uint32_t first_vertex = i * share, first = graph->first_edge[first_vertex];
        uint32_t edges = graph->first_edge[first_vertex + share] - first;
        uint32_t vertices = part_of(graph->vertices, share, i);
        for (uint32_t v = 0; v <= share; v++)
            first_edge[v] = graph->first_edge[first_vertex + v] - first;
        DPU_ASSERT(dpu_copy_to(dpu, "first_vertex", 0, &first_vertex, sizeof first_vertex));
        DPU_ASSERT(dpu_copy_to(dpu, "vertices", 0, &vertices, sizeof vertices));
        DPU_ASSERT(dpu_copy_to(dpu, "first_edge", 0, first_edge, (share + 2) * sizeof *first_edge));
        if (edges > 0) /* MRAM is written in multiples of 8 bytes: two edges */
            DPU_ASSERT(dpu_copy_to(dpu, "neighbours", 0, graph->neighbours + first,
                                   (edges + 1) / 2 * 2 * sizeof *graph->neighbours));
    }
    free(first_edge);
}

/* Gives the vertices in `maps` that have no level yet this one; they are the next frontier. */
static bool advance(const struct job *job, const uint32_t *maps, int32_t *levels, int32_t level,
                    uint32_t *frontier)
{
    bool any = false;
    memset(frontier, 0, MAP_WORDS * sizeof *frontier);
    for (uint32_t i = 0; i < job->nr_dpus; i++)
        for (uint32_t v = 0; v < job->size; v++)
            if (levels[v] == UNREACHED && is_in(maps + (size_t)i * MAP_WORDS, v)) {
                levels[v] = level;
                frontier[v / 32] |= 1u << v % 32;
                any = true;
            }
    return any;
}

static void search_there(struct job *job, int32_t *levels)
{
    uint32_t frontier[MAP_WORDS] = {1}; /* vertex 0 */
    uint32_t *maps = allocate((size_t)job->nr_dpus * MAP_WORDS, sizeof *maps);
    int32_t level = 0;
    for (levels[0] = 0; level == 0 || advance(job, maps, levels, level, frontier); level++) {
        broadcast(job, "frontier", frontier, sizeof frontier);
        launch(job);
        gather(job, "reached", maps, MAP_WORDS * sizeof *maps);
    }
    printf("%" PRId32 " levels\n", level);
    free(maps);
}

/* With a queue. */
static void search_here(const struct graph *graph, int32_t *levels)
{
    uint32_t *queue = allocate(graph->vertices, sizeof *queue), head = 0, tail = 1;
    for (levels[0] = 0; head < tail; head++)
        for (uint32_t e = graph->first_edge[queue[head]]; e < graph->first_edge[queue[head] + 1];
             e++) {
            uint32_t neighbour = graph->neighbours[e];
            if (levels[neighbour] != UNREACHED)
                continue;
            levels[neighbour] = levels[queue[head]] + 1;
            queue[tail++] = neighbour;
        }
    free(queue);
}

static int32_t *unreached(uint32_t vertices)
{
    int32_t *levels = allocate(vertices, sizeof *levels);
    for (uint32_t v = 0; v < vertices; v++)
        levels[v] = UNREACHED;
    return levels;
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 20011, "VERTICES");
    uint32_t share = share_of(job.size, job.nr_dpus, 2), right = 0;
    if (job.size > MOST_VERTICES) {
        fprintf(stderr, "%" PRIu32 " vertices, at most %d\n", job.size, MOST_VERTICES);
        return 2;
    }
    struct graph graph = make_graph(job.size, share * job.nr_dpus);
    int32_t *got = unreached(job.size), *wanted = unreached(job.size);
    send_graph(&job, &graph, share);
    search_there(&job, got);
    search_here(&graph, wanted);
    for (uint32_t v = 0; v < job.size; v++)
        right += got[v] == wanted[v];
    free(graph.first_edge);
    free(graph.neighbours);
    free(got);
    free(wanted);
    return finish_job(&job, "levels of vertices", right, job.size);
}
